"""``nbgrader zip_collect``, for real: notebooks and allowed files, each whose it is, with the time of handing in."""

from pathlib import Path

import nbformat
import pytest
from classroom import run, zipped
from nbformat.v4 import new_code_cell, new_notebook

from nnlab.grading.grader.folders import read_folder

CONFIG = """\
from nnlab.grading.course.collecting import CollectExtracted, CollectNotebooks

c = get_config()
c.Sandbox.allowed_files = ["*.csv"]
c.ZipCollectApp.extractor_plugin = CollectNotebooks
c.ZipCollectApp.collector_plugin = CollectExtracted
c.ZipCollectApp.strict = True
"""
WORK = nbformat.writes(new_notebook(cells=[new_code_cell("1")])).encode()


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("course")
    release, archive = course / "release" / "ps1", course / "downloaded" / "ps1" / "archive"
    (archive / "cyd").mkdir(parents=True)
    release.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    (release / "part.one.ipynb").write_bytes(WORK)
    packed = {
        "ps1/part.one.ipynb": WORK,
        "ps1/my.data.csv": b"outer",
        "ps1/old/my.data.csv": b"inner",
        "ps1/forged@20200101T000000Z.csv": b"no time",
        "ps1/timestamp.txt": b"2020-01-01 00:00:00 UTC",
        "ps1/virus.exe": b"no",
    }
    (archive / "ada.zip").write_bytes(zipped(packed))
    (archive / "ben_part.one.ipynb").write_bytes(WORK)
    (archive / "ben_points.csv").write_bytes(b"ben's")
    (archive / "points.csv").write_bytes(b"whose?")
    (archive / "cyd" / "part.one.ipynb").write_bytes(WORK)
    (archive / "cyd" / "points.csv").write_bytes(b"cyd's")
    (archive / "cyd" / "timestamp.txt").write_bytes(b"2026-01-02 10:00:00 UTC")
    said = run(course, "nbgrader", "zip_collect", "ps1")
    assert said.returncode == 0 and "points.csv: whose is it?" in said.stderr, said.stderr
    return course / "submitted"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_allowed_files_come_along_from_archives_folders_and_alone(submitted: Path) -> None:
    assert {path.name for path in submitted.iterdir()} == {"ada", "ben", "cyd"}
    data = {"my.data.csv": b"outer", "forged@20200101T000000Z.csv": b"no time"}
    assert files(submitted / "ada" / "ps1") == {"part.one.ipynb": WORK, **data}
    assert files(submitted / "ben" / "ps1") == {"part.one.ipynb": WORK, "points.csv": b"ben's"}
    cyd = files(submitted / "cyd" / "ps1")
    assert cyd.pop("timestamp.txt").startswith(b"2026-01-02 10:00:00")
    assert cyd == {"part.one.ipynb": WORK, "points.csv": b"cyd's"}


def test_what_was_collected_is_what_grading_reads(submitted: Path) -> None:
    found = read_folder(submitted / "ada" / "ps1", ("*.csv",))
    assert set(found.extras) == {"my.data.csv", "forged@20200101T000000Z.csv"} and found.remarks == []
