"""A grader that can be killed again and again, and looked after."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil


class Mortal:
    """A grader in a process that can be killed again and again; see dying.py."""

    def __init__(self, course: Path, folder: Path) -> None:
        self.folder, self.log = folder, folder / "kept"
        self.log.touch()
        # a folder of its own, with a path short enough for sockets, shows what a killed grader leaves
        self.temporary = Path(tempfile.mkdtemp(prefix="nnlab-mortal-"))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dying.py")), str(course), str(self.log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            text=True,
        )

    def run(self, **moments: float) -> int:
        """Grade until the moment comes, or to the end; the exit status."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(moments) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def left_behind(self) -> list[str]:
        """What still runs of graders that were killed."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != self._process.pid and str(self.temporary) in "".join(process.environ().values()):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def close(self) -> None:
        self._process.communicate()
        shutil.rmtree(self.temporary, ignore_errors=True)
