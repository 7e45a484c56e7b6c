"""Submissions are found, read and restored whatever form they arrive in, and nothing outside them is touched."""

import copy
import io
import json
import stat
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from classroom import cell_of, text, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.nbgraderformat import MetadataValidator

from nnlab.grading.course import archives
from nnlab.grading.course.archives import look_into
from nnlab.grading.course.collecting import student_of
from nnlab.grading.course.misnamed import adopt_misnamed, choose
from nnlab.grading.course.notebooks import Unreadable, decode, grade_id, grade_ids, read
from nnlab.grading.course.recovering import restore


def released(*names: str) -> NotebookNode:
    """A small release: a text, then a solution and its test for each name."""
    cells = [new_markdown_cell("Read this.", metadata=known("intro", locked=True))]
    for name in names:
        cells.append(new_code_cell(f"def {name}(): ...", metadata=known(name, solution=True)))
        cells.append(new_code_cell(f"check({name})", metadata=known(f"test_{name}", grade=True, locked=True, points=5)))
    return new_notebook(cells=cells)


def known(name: str, grade: bool = False, solution: bool = False, locked: bool = False, points: int = 0) -> dict:
    own = {"grade_id": name, "grade": grade, "solution": solution, "locked": locked, "schema_version": 3, "task": False}
    return {"nbgrader": {**own, "points": points} if grade else own}


RELEASE = released("softmax", "relu", "dense")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada.zip", "ada"),
        ("ada_ps1.zip", "ada"),
        ("ps1_ada.tar.gz", "ada"),
        ("ada_lovelace.zip", "ada_lovelace"),
        ("ada.ipynb", "ada"),
        ("ada_backpropagation.ipynb", "ada"),
        ("ada_lovelace_backpropagation.ipynb", "ada"),
        ("ada_final version (2).ipynb", "ada"),
        ("lovelaceada_1234_5678_backpropagation.ipynb", "lovelaceada"),
        ("lovelaceada_LATE_1234_5678_ps1-1.zip", "lovelaceada"),
        ("Ada Lovelace_90210_assignsubmission_file_", "Ada Lovelace"),
        ("backpropagation.ipynb", None),
        ("ps1.zip", None),
    ],
)
def test_whose_a_file_is(name: str, student: str | None) -> None:
    assert student_of(Path(name), "ps1", ["backpropagation"]) == student


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada_data.csv", "ada"),
        ("lovelaceada_1234_5678_data.csv", "lovelaceada"),
        ("Ada Lovelace_90210_assignsubmission_file_data.csv", "Ada Lovelace"),
        ("data.csv", None),
        ("_data.csv", None),
    ],
)
def test_whose_an_allowed_file_is(name: str, student: str | None) -> None:
    assert student_of(Path(name), "ps1", ["backpropagation"], ["*.csv"]) == student


def test_archives_are_read_without_writing_anything(tmp_path: Path) -> None:
    outside = tmp_path / "course"
    outside.mkdir()
    inner = zipped({"deep/backpropagation.ipynb": b"{}"})
    names = ["../../evil.ipynb", "/etc/evil.ipynb", "__MACOSX/._x.ipynb", ".ipynb_checkpoints/x.ipynb", "notes.txt"]
    (outside / "ada.zip").write_bytes(zipped({**dict.fromkeys(names, b"x"), "inner.zip": inner}))
    before = sorted(tmp_path.rglob("*"))
    contents = look_into(outside / "ada.zip")
    assert set(contents.notebooks) == {"../../evil.ipynb", "/etc/evil.ipynb", "deep/backpropagation.ipynb"}
    assert contents.others == ["notes.txt"]
    assert sorted(tmp_path.rglob("*")) == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(b"secret")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "backpropagation.ipynb").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    assert look_into(folder).notebooks == {}
    assert look_into(tmp_path / "ada" / "backpropagation.ipynb").problems == ["backpropagation.ipynb is a link"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("backpropagation.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
    (tmp_path / "link.zip").write_bytes(packed.getvalue())
    assert look_into(tmp_path / "link.zip").notebooks == {}
    with tarfile.open(tmp_path / "link.tar.gz", "w:gz") as archive:
        archive.add(folder / "backpropagation.ipynb", "backpropagation.ipynb")
    assert look_into(tmp_path / "link.tar.gz").notebooks == {}


def test_tar_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "own.ipynb").write_bytes(b"{}")
    with tarfile.open(tmp_path / "ada.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "own.ipynb", "ps1/backpropagation.ipynb")
    assert look_into(tmp_path / "ada.tar.gz").notebooks == {"ps1/backpropagation.ipynb": b"{}"}


def test_the_time_is_what_stands_beside_the_work_and_not_what_the_student_packed(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    early, late = b"2026-01-01 00:00:00 UTC", b"2026-01-02 10:00:00 +02:00\n"
    (folder / "zip.zip").write_bytes(zipped({"backpropagation.ipynb": b"{}", "timestamp.txt": early}))
    assert look_into(folder).timestamp == look_into(folder / "zip.zip").timestamp == ""
    (folder / "timestamp.txt").write_bytes(late)
    assert look_into(folder).timestamp == late.decode().strip()
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").symlink_to("/etc/hostname")
    assert look_into(folder).timestamp == ""


def test_what_is_too_large_is_a_problem_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_NOTEBOOK", 1_000_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("backpropagation.ipynb", b"0" * 50_000_000)
    (tmp_path / "bomb.zip").write_bytes(packed.getvalue())
    contents = look_into(tmp_path / "bomb.zip")
    assert contents.notebooks == {}
    assert contents.problems == ["backpropagation.ipynb in bomb.zip is larger than 1 MB"]
    (tmp_path / "many.zip").write_bytes(zipped({f"{i}.txt": b"" for i in range(9)}))
    assert look_into(tmp_path / "many.zip").problems == ["many.zip holds more than 5 files"]
    (tmp_path / "large.ipynb").write_bytes(b"0" * 2_000_000)
    assert look_into(tmp_path / "large.ipynb").problems == ["large.ipynb is larger than 1 MB"]


def test_only_allowed_files_are_taken_and_none_under_a_name_that_leads_elsewhere(tmp_path: Path) -> None:
    names = ["a/data.csv", "data.CSV.exe", "timestamp.txt", "Timestamp.txt", ".hidden.txt", "..\\evil.txt", "c:x.txt"]
    names += ["n\new.txt", f"{'x' * 250}.txt", "__MACOSX/._a.txt"]
    (tmp_path / "ada.zip").write_bytes(zipped(dict.fromkeys(names, b"1")))
    with tarfile.open(tmp_path / "ada.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "ada.zip", "b/data.csv")
    assert look_into(tmp_path / "ada.zip").extras == {}
    assert look_into(tmp_path / "ada.zip", ("*.csv", "*.txt")).extras == {"a/data.csv": b"1"}
    packed = (tmp_path / "ada.zip").read_bytes()
    assert look_into(tmp_path / "ada.tar.gz", ("*.csv",)).extras == {"b/data.csv": packed}


def test_all_that_is_taken_together_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 2_500_000)
    (tmp_path / "ada.zip").write_bytes(zipped({f"{i}.csv": b"0" * 1_000_000 for i in range(4)} | {"ps.ipynb": b"{}"}))
    contents = look_into(tmp_path / "ada.zip", ("*.csv",))
    assert set(contents.extras) == {"0.csv", "1.csv"} and set(contents.notebooks) == {"ps.ipynb"}
    assert contents.problems == [f"{i}.csv was left out: all files hold more than 2 MB" for i in (2, 3)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 but no zip file", b"Rar!\x1a\x07\x00"])
def test_what_is_no_archive_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ada.zip").write_bytes(content)
    (problem,) = look_into(tmp_path / "ada.zip").problems
    assert problem.startswith("ada.zip cannot be opened")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b" \n", "The file is empty."),
        (b"{", "The file is not a complete notebook"),
        (text(RELEASE)[:200], "The file is not a complete notebook"),
        (b"[" * 100_000, "The file is not a complete notebook"),
        (b"[]", "The file holds JSON, but no notebook."),
        (b"{}", "it has no list of cells"),
        (b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "it has no list of cells"),
        (b'{"cells": "\xff"}', "The file is not text in UTF-8"),
    ],
)
def test_unreadable_files_say_why(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(decode(content))


def test_usable_cells_of_a_damaged_notebook_are_kept() -> None:
    raw = json.loads(text(RELEASE))
    good = len(raw["cells"])
    raw["cells"] += [3, None, {"cell_type": "code"}, {"source": 5}, {"source": "nul \0"}]
    raw["cells"][1].update(metadata=None, outputs="none", source=["def softmax():", "\n    ..."])
    raw["nbformat"] = 4.9
    found = read(json.dumps(raw))
    assert len(found.cells) == good
    assert found.cells[1].source == "def softmax():\n    ..."
    nbformat.validate(found)


def test_a_byte_order_mark_and_an_old_format_are_read() -> None:
    assert grade_ids(read(decode(b"\xef\xbb\xbf" + text(RELEASE)))) == grade_ids(RELEASE)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [], "metadata": {}}]}
    old["worksheets"][0]["cells"] = [{"cell_type": "code", "language": "python", "input": "x = 1", "outputs": []}]
    assert [cell.source for cell in read(json.dumps(old)).cells] == ["x = 1"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, len(RELEASE.cells) - 1), max_size=20), st.data())
def test_restoring_gives_every_released_cell_back_once(order: list[int], data: st.DataObject) -> None:
    """Whatever was deleted, copied, moved, renamed, retyped or repriced."""
    notebook = new_notebook()
    notebook.cells = [copy.deepcopy(RELEASE.cells[index]) for index in order]
    for cell in notebook.cells:
        spoil = data.draw(st.sampled_from(["", "points", "type", "schema", "junk", "source", "id"]))
        if spoil == "points":
            cell.metadata.nbgrader.points = 1000
        elif spoil == "type":
            cell.cell_type = "raw"
        elif spoil == "schema":
            cell.metadata.nbgrader.schema_version = 1
        elif spoil == "junk":
            cell.metadata.nbgrader = data.draw(st.sampled_from([{}, {"grade_id": "unheard_of"}, {"grade_id": 3}]))
        elif spoil == "source":
            cell.source = "my work"
        elif spoil == "id":
            cell.id = "same"
    work = [cell.source for cell in notebook.cells if cell.source == "my work"]
    notebook = read(json.dumps(notebook))
    restore(notebook, RELEASE)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert sorted(filter(None, map(grade_id, notebook.cells))) == sorted(grade_ids(RELEASE))
    for name in grade_ids(RELEASE):
        own, right = cell_of(notebook, name), cell_of(RELEASE, name)
        assert own.metadata.nbgrader == right.metadata.nbgrader and own.cell_type == right.cell_type
        assert own.source == right.source or not right.metadata.nbgrader.locked
    assert sum(cell.source == "my work" for cell in notebook.cells) <= len(work)


def test_a_whole_submission_is_left_alone() -> None:
    notebook = copy.deepcopy(RELEASE)
    notebook.cells.insert(2, new_code_cell("scratch = 1"))
    cell_of(notebook, "softmax").source = "def softmax(): return 1"
    before = copy.deepcopy(notebook)
    assert restore(notebook, RELEASE) == []
    assert notebook == before


def test_missing_cells_go_back_to_their_places() -> None:
    notebook = copy.deepcopy(RELEASE)
    order = [grade_id(cell) for cell in notebook.cells]
    gone = ("intro", "softmax", "test_softmax", "dense")
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in gone]
    (repair,) = restore(notebook, RELEASE)
    assert repair == f"4 of 7 cells were missing and were put back as released ({', '.join(gone)})"
    assert [grade_id(cell) for cell in notebook.cells] == order
    nothing = new_notebook()
    restore(nothing, RELEASE)
    assert [grade_id(cell) for cell in nothing.cells] == order


def test_choosing_the_notebook() -> None:
    own, other, torn = text(RELEASE), text(new_notebook(cells=[new_code_cell("1")])), b"{"
    files = {"a/b/backpropagation.ipynb": own, "backpropagation.ipynb": own, "old.ipynb": own}
    assert choose("backpropagation", RELEASE, list(files), files) == "backpropagation.ipynb"
    files = {"final.ipynb": own, "other.ipynb": other}
    assert choose("backpropagation", RELEASE, list(files), files) == "final.ipynb"
    files = {"final.ipynb": own, "copy.ipynb": own}
    assert choose("backpropagation", RELEASE, list(files), files) is None
    assert choose("backpropagation", RELEASE, ["torn.ipynb"], {"torn.ipynb": torn}) == "torn.ipynb"
    assert choose("backpropagation", RELEASE, ["other.ipynb"], {"other.ipynb": other}) is None


def test_adopting_leaves_what_was_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("release/ps1", "submitted/ada/ps1", "submitted/bob/ps1"):
        Path(folder).mkdir(parents=True)
    Path("release/ps1/backpropagation.ipynb").write_bytes(text(RELEASE))
    Path("submitted/ada/ps1/mine.ipynb").write_bytes(text(RELEASE))
    Path("submitted/bob/ps1/hello.ipynb").write_bytes(text(new_notebook()))
    ada, bob = ["submitted/ada/ps1/mine.ipynb"], ["submitted/bob/ps1/hello.ipynb"]
    adopt_misnamed("ps1", "*", ada)
    adopt_misnamed("ps1", "*", bob)
    assert ada[1] == "submitted/ada/ps1/backpropagation.ipynb"
    assert Path(ada[1]).read_bytes() == Path(ada[0]).read_bytes() == text(RELEASE)
    assert "Handed in: hello.ipynb." in Path(bob[1]).read_text()
