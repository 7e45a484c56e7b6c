"""A submission's folder is read without following a link, opening a device, or waiting for a pipe."""

import os
from pathlib import Path

import pytest

from nnlab.grading.grader import folders
from nnlab.grading.grader.folders import read_folder


def test_plain_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "ps1.ipynb").write_bytes(b"{}")
    (tmp_path / "data.csv").write_bytes(b"1,2")
    (tmp_path / "virus.exe").write_bytes(b"x")
    (tmp_path / "timestamp.txt").write_text("2025-01-01 00:00:00 UTC\n")
    folder = read_folder(tmp_path, ("*.csv",))
    assert folder.notebooks == {"ps1.ipynb": b"{}"} and folder.extras == {"data.csv": b"1,2"}
    assert folder.timestamp == "2025-01-01 00:00:00 UTC"
    assert folder.remarks == ["'virus.exe' was left out"]


@pytest.mark.timeout(20)
def test_links_pipes_and_folders_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the gradebook")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.ipynb").symlink_to(secret)
    (home / "loop.ipynb").symlink_to("loop.ipynb")
    os.mkfifo(home / "pipe.ipynb")
    (home / "folder.ipynb").mkdir()
    folder = read_folder(home)
    assert folder.notebooks == {}
    assert folder.remarks == [
        "'folder.ipynb' is no plain file",
        "'link.ipynb' is a link, which grading does not follow",
        "'loop.ipynb' is a link, which grading does not follow",
        "'pipe.ipynb' is no plain file",
    ]


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "ps1.ipynb").write_bytes(b"{}")
    (tmp_path / "link").symlink_to(real)
    folder = read_folder(tmp_path / "link")
    assert folder.notebooks == {} and "cannot be read" in folder.remarks[0]


def test_sizes_are_bounded_before_memory_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(tmp_path / "huge.ipynb", "wb") as file:
        file.truncate(1 << 40)
    assert "is too large: 1,099,511,627,776 bytes" in read_folder(tmp_path).remarks[0]
    for number in range(30):
        (tmp_path / f"{number}.ipynb").write_bytes(b"{}")
    monkeypatch.setattr(folders, "ENTRIES", 10)
    folder = read_folder(tmp_path)
    assert len(folder.notebooks) <= 10 and "more than 10 files" in folder.remarks[0]


def test_many_large_files_are_bounded_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "TOTAL_BYTES", 2500)
    for number in range(5):
        (tmp_path / f"{number}.ipynb").write_bytes(b"x" * 1000)
    folder = read_folder(tmp_path)
    assert list(folder.notebooks) == ["0.ipynb", "1.ipynb"]
    assert len(folder.remarks) == 3 and "is too large" in folder.remarks[0]


def test_names_are_made_printable(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J\n.txt").write_bytes(b"")
    open(os.fsencode(tmp_path) + b"/\xff.txt", "wb").close()
    remarks = read_folder(tmp_path).remarks
    assert len(remarks) == 2 and all(remark.isprintable() for remark in remarks)
