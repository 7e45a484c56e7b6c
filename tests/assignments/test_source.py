"""The source notebooks are in the form they are kept in, and hold what an assignment must."""

import re
from pathlib import Path

import nbformat
import pytest
from classroom import COURSE, grade_id, run
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from nnlab.grading.course.tidying import tidied
from nnlab.grading.exercises import SETS, find

NOTEBOOKS = sorted(COURSE.glob("source/*/*.ipynb"))
CAPSTONE = "ps6"  # judged by what its model can do, not exercise by exercise


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.parent.name)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def notebook(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def test_there_is_a_notebook_for_every_problem_set() -> None:
    assert {path.parent.name for path in NOTEBOOKS} == {*SETS, CAPSTONE}


def test_it_is_tidy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == tidied(text), f"run: python -m nnlab.grading tidy --course assignments  (changes {path.name})"


def test_tidying_takes_out_what_an_editor_leaves(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    cell = notebook.cells[1]
    cell.id, cell.execution_count, cell.metadata["collapsed"] = "abc", 3, True
    cell.outputs = [nbformat.v4.new_output("stream", text="leak")]
    cell.metadata.nbgrader.checksum = "0" * 32
    notebook.metadata["kernelspec"]["name"] = "my-own"
    copied = tmp_path / "source" / "ps1" / path.name
    copied.parent.mkdir(parents=True)
    copied.write_text(nbformat.writes(notebook), encoding="utf-8")
    said = run(tmp_path, "nnlab.grading", "tidy")
    assert said.returncode == 0 and f"Tidied {Path('source/ps1') / path.name}" in said.stdout
    assert copied.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
    assert run(tmp_path, "nnlab.grading", "tidy").stdout == ""


def test_it_is_valid_and_ids_are_unique(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    assert all(grade_id(cell) for cell in notebook.cells), "a cell is unknown to nbgrader; a student could delete it"


def test_points_sum_to_100_with_one_written_question(notebook: NotebookNode) -> None:
    graded = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == 100
    written = [cell for cell in graded if cell.cell_type == "markdown"]
    assert len(written) == 1 and written[0].metadata.nbgrader.solution
    rubric = re.findall(r"^\| (\d+) \|", "\n".join(cell.source for cell in notebook.cells), flags=re.MULTILINE)
    assert sum(map(int, rubric)) == written[0].metadata.nbgrader.points


def test_every_cell_is_locked_except_where_students_write(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        own = cell.metadata.nbgrader
        assert own.locked != own.solution, f"{own.grade_id} must be locked, or a solution, and not both"
        assert own.solution == ("BEGIN SOLUTION" in cell.source), own.grade_id
        tests = own.grade and cell.cell_type == "code"
        assert tests == ("BEGIN HIDDEN TESTS" in cell.source), own.grade_id


def test_points_in_words_are_the_points(notebook: NotebookNode) -> None:
    """Each exercise's heading and each test cell's first line promise what nbgrader gives."""
    promised, given = 0, 0
    for cell in notebook.cells:
        heading = re.search(r"^## .*\((\d+) points\)", cell.source)
        if heading:
            assert promised == given, f"the exercise before {grade_id(cell)} promises {promised} and gives {given}"
            promised, given = int(heading[1]), 0
        if cell.metadata.nbgrader.grade:
            points = cell.metadata.nbgrader.points
            given += points
            if cell.cell_type == "code":
                assert cell.source.startswith(f"# {points} points"), grade_id(cell)
    assert promised == given > 0


def test_visible_tests_call_check_first_and_name_real_exercises(notebook: NotebookNode, path: Path) -> None:
    if path.parent.name == CAPSTONE:
        pytest.skip("the capstone has no exercises")
    checked = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade:
            visible, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
            first = re.match(r'# \d+ points.*\ncheck\((\w+|\([\w, ]+\)), "([\w.]+)"\)\n', visible)
            assert first, f"{grade_id(cell)} does not begin with its points and a check"
            exercise, part = find(first[2])
            assert exercise.called == first[1]
            assert f'check({first[1]}, "{first[2]}", draws=' in hidden, f"{grade_id(cell)} hides no further draws"
            checked.add((exercise.name, part))
    for exercise in SETS[path.parent.name]:
        wanted = {(exercise.name, part) for part in exercise.parts} or {(exercise.name, "")}
        assert wanted <= checked, f"{exercise.name} is graded without {wanted - checked}"


def test_asserts_in_tests_say_what_is_wrong(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade:
            for line in cell.source.splitlines():
                if line.strip().startswith("assert "):
                    assert re.search(r', f?"[^"]{20,}"$', line), f"{grade_id(cell)}: no message: {line}"


def test_statements_have_a_formula_an_example_and_a_chapter(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if re.match(r"## \d+\..*points\)", cell.source):
            assert "$$" in cell.source or "rubric" in cell.source or "| points |" in cell.source, grade_id(cell)
            assert "**Example.**" in cell.source or "| points |" in cell.source, grade_id(cell)
            assert "](book:" in cell.source, grade_id(cell)


def test_stubs_say_what_to_return(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("def "):
            stub = cell.source.partition("### BEGIN SOLUTION")[0]
            assert '"""' in stub and "Returns" in stub, grade_id(cell)
