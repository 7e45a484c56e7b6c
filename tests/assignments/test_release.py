"""Every problem set through nbgrader: what students get, and whether the reference solution passes in a real kernel."""

import re
from pathlib import Path

import nbformat
import pytest
from classroom import COURSE, copy_course, grade_id, run, solutions
from docutils.nodes import make_id
from nbformat.notebooknode import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from nbgrader.validator import Validator

from nnlab.grading.exercises import SETS
from nnlab.grading.grader.options import course_config

BOOK = COURSE.parent / "book"


@pytest.fixture(scope="module", params=[*SETS, "ps6"])
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook that nbgrader makes for students."""
    course = copy_course(tmp_path_factory.mktemp("release") / "course")
    config = course_config(course)
    config.CourseDirectory.root = str(course)
    answer = NbGraderAPI(config=config).generate_assignment(request.param)
    assert answer["success"], answer["log"]
    (path,) = (course / "release" / request.param).glob("*.ipynb")
    return path


@pytest.fixture
def release(released: Path) -> NotebookNode:
    return nbformat.read(released, as_version=4)


def test_it_holds_no_solutions_no_hidden_tests_and_no_outputs(release: NotebookNode) -> None:
    for cell in release.cells:
        assert "SOLUTION" not in cell.source and "HIDDEN TESTS" not in cell.source, grade_id(cell)
        assert not cell.get("outputs") and cell.get("execution_count") is None, grade_id(cell)
        if cell.metadata.nbgrader.solution:
            stub = "raise NotImplementedError()" if cell.cell_type == "code" else "YOUR ANSWER HERE"
            assert stub in cell.source, grade_id(cell)


def test_nothing_of_a_solution_is_left(released: Path, release: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in release.cells if cell.cell_type == "code")
    for name, source in solutions(released.parent.name, released.stem).items():
        body = re.search(r"### BEGIN SOLUTION\n(.*)### END SOLUTION", source, flags=re.DOTALL)
        assert body
        lines = [line.strip() for line in body[1].splitlines() if len(line.strip()) > 25]
        assert [line for line in lines if line in text] == [], name


def test_links_lead_to_sections_of_the_book(release: NotebookNode) -> None:
    links = [link for cell in release.cells for link in re.findall(r"/book/([\w-]+)\.html(?:#([\w-]+))?", cell.source)]
    assert links
    for page, anchor in links:
        text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
        headings = {make_id(title) for title in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}
        assert not anchor or anchor in headings, f"{page} has no section {anchor}: {sorted(headings)}"


def test_an_instructor_can_give_the_solutions_out(tmp_path: Path) -> None:
    """With what they print and draw, but without hidden tests and without nbgrader's marks."""
    course = copy_course(tmp_path / "course")
    for command in ("generate_assignment", "generate_solution"):
        said = run(course, "nbgrader", command, "ps1")
        assert said.returncode == 0, said.stderr
    notebook = nbformat.read(course / "solution" / "ps1" / "backpropagation.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "return powers / powers.sum" in text and "raise NotImplementedError()" not in text
    assert "BEGIN" not in text and "draws=24" not in text and "](book:" not in text
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.output_type == "error"]


def test_validate_passes_the_reference(released: Path, tmp_path: Path) -> None:
    """With the hidden tests: in the source notebook, as an instructor has it before the release."""
    copied = tmp_path / released.name
    copied.write_bytes((COURSE / "source" / released.parent.name / released.name).read_bytes())
    answer = Validator().validate(str(copied))
    assert answer == {}
