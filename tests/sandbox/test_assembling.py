"""What is wrong with a submission is said once, in the notebook as in the table of who was flagged."""

import nbformat
import pytest
from attacks.attack import released_notebook

from nnlab.grading.course.notebooks import NOTE, is_note, stand_in
from nnlab.grading.grader.assembling import Assembled, ReleasedNotebook, assemble

RELEASE = ReleasedNotebook("attacked", released_notebook(), {}, {}, {})
WHOLE = nbformat.writes(released_notebook()).encode()


def notes(assembled: Assembled) -> list[str]:
    return [cell.source.removeprefix(NOTE) for cell in assembled.notebook.cells if is_note(cell)]


@pytest.mark.parametrize(
    ("handed_in", "reason"),
    [
        ({"attacked.ipynb": WHOLE[:900]}, "attacked.ipynb cannot be read: The file is not a complete notebook: "),
        ({"final.ipynb": WHOLE[:900]}, "final.ipynb cannot be read: The file is not a complete notebook: "),
        ({"attacked.ipynb": b"\xff"}, "attacked.ipynb cannot be read: The file is not text in UTF-8: "),
        ({"attacked.ipynb": b""}, "attacked.ipynb cannot be read: The file is empty."),
        ({}, "there is no attacked.ipynb"),
        (
            {"attacked.ipynb": nbformat.writes(stand_in("ada.zip cannot be opened.")).encode()},
            "ada.zip cannot be opened. So there was no work to grade.",
        ),
    ],
    ids=["cut off", "cut off and misnamed", "no text", "empty", "nothing", "collected as a stand-in"],
)
def test_one_reason_why_there_was_no_work(handed_in: dict[str, bytes], reason: str) -> None:
    assembled = assemble(RELEASE, handed_in)
    assert len(assembled.repairs) == 1 and assembled.repairs[0].startswith(reason), assembled.repairs
    (note,) = notes(assembled)
    assert note.endswith("So there was no work to grade.")
    assert len(assembled.notebook.cells) == 1 + len(RELEASE.notebook.cells), "every test is there to be lost"


def test_what_was_mended_is_said_of_a_misnamed_notebook_too() -> None:
    notebook = released_notebook()
    del notebook.cells[-1]
    assembled = assemble(RELEASE, {"final.ipynb": nbformat.writes(notebook).encode()})
    name, mended = assembled.repairs
    assert name == "final.ipynb was graded as attacked.ipynb" and "1 of " in mended
    assert notes(assembled) == [f"This notebook was mended before grading: {mended}."]
