"""Collect from an exchange folder without following a link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from nnlab.grading.grader.folders import read_folder
from nnlab.grading.grader.options import Sandbox
from nnlab.grading.grader.store import write_whole


class CollectPlainFiles(ExchangeCollect):
    """nbgrader's ``collect`` (``c.ExchangeFactory.collect``): copies notebooks, the timestamp and allowed files alone.

    Students own what lies in an exchange folder. Stock nbgrader copies what links in it lead to, with the rights of the
    instructor.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission."""
        found = read_folder(Path(src), tuple(Sandbox(config=self.config).allowed_files))
        for remark in found.remarks:
            self.log.warning("%s: %s", src, remark)
        Path(dest).mkdir(parents=True)
        times = {"timestamp.txt": found.timestamp.encode()} if found.timestamp else {}
        for name, data in {**found.notebooks, **found.extras, **times}.items():
            write_whole(Path(dest, name), data)
