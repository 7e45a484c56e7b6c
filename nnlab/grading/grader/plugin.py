"""The grader inside stock nbgrader: preprocessors for ``nbgrader autograde``, formgrader and feedback."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nnlab.grading.course.notebooks import released
from nnlab.grading.grader.assembling import cells_of, complete, released_notebooks
from nnlab.grading.grader.folders import read_folder
from nnlab.grading.grader.grading import put_outputs
from nnlab.grading.grader.judges import Judges
from nnlab.grading.grader.judging import Job
from nnlab.grading.grader.options import Sandbox, course_directory
from nnlab.grading.grader.testcells import HIDDEN
from nnlab.grading.sandbox import SandboxError


class GradeInSandbox(NbGraderPreprocessor):
    """Stands in ``c.Autograde.autograde_preprocessors`` where nbgrader has Execute.

    The student's cells run in a sandbox and the tests outside it; the outputs left in the notebook make nbgrader count
    each test's verdict. Everything around it, from manual grading to feedback, stays nbgrader's own.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names, options = resources["nbgrader"], Sandbox(config=self.config)
        notebooks = released(Path("release") / names["assignment"])
        with Gradebook(names["db_url"]) as gradebook:
            releases = released_notebooks(gradebook, names["assignment"], notebooks)
        release = next(one for one in releases if one.name == names["notebook"])
        complete(nb, release.sources, release.checksums)
        directory = course_directory(Path.cwd(), self.config)
        submitted = directory.format_path(directory.submitted_directory, names["student"], names["assignment"])
        extras = read_folder(Path(submitted), tuple(options.allowed_files)).extras
        if options.kind == "none":
            self.log.warning("c.Sandbox.kind is 'none': the code of %s runs without a sandbox", names["student"])
        limits = options.limits_of(names["assignment"])
        job = Job(cells_of(nb), release.imports, "", options.kind, limits, extras)
        judgement = _judges(tuple(release.imports), options.kind, tuple(sorted(limits.items()))).judge(job)
        put_outputs(nb, judgement)
        if judgement.incidents:
            self.log.warning("%s: %s", names["student"], "; ".join(judgement.incidents))
        return nb, resources


class HideHiddenTests(NbGraderPreprocessor):
    """Stands first in ``c.GenerateFeedback.preprocessors``: feedback shows what hidden tests found, not their text."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        if not Sandbox(config=self.config).show_hidden_tests:
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.source = without_hidden_tests(cell.source)
        return nb, resources


def without_hidden_tests(source: str) -> str:
    """The source with each hidden region replaced by one line that says there is one."""
    kept: list[str] = []
    hidden = False
    for line in source.splitlines():
        if HIDDEN[0] in line:
            hidden = True
            kept.append("# (hidden tests)")
        elif HIDDEN[1] in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


@cache
def _judges(imports: tuple[str, ...], kind: str, limits: tuple[tuple[str, float], ...]) -> Judges:
    """The judges of this nbgrader process, which end with it; raises SandboxError when nothing can run here."""
    judges = Judges(imports)
    try:
        judges.probe(kind, dict(limits))
    except SandboxError:
        judges.close()
        raise
    atexit.register(judges.close)
    return judges
