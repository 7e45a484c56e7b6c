"""Every chapter has the course's frame: headings in order, length, questions, corrections, short code."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from pybtex.database import parse_file

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
CHAPTERS = [
    "forward-pass",
    "backpropagation",
    "gradient-descent",
    "initialization",
    "gradient-flow",
    "optimizers",
    "regularization",
    "capacity",
    "breakthroughs",
    "scaling-out",
]
WRITTEN = [name for name in CHAPTERS if (BOOK / f"{name}.md").exists()]

OPENING = ["What you will learn", "Before you start"]
CLOSING = ["Common misconceptions", "Check yourself", "Exercises", "In short", "中文小结", "References"]
WORDS = (2500, 5000)
LINES = 20
WIDTH = 72  # what a code cell shows on a wide page without scrolling

CORRECTIONS = {
    "backpropagation": {
        "backpropagation is an optimization algorithm": "it computes gradients. an optimizer",
        "a saturated unit is linear": "a saturated unit is nearly constant",
    },
    "gradient-descent": {
        "gradient descent finds the minima of convex and concave functions": "stationary point",
        "batch gradient descent will surely find the deepest point": "not the whole surface",
    },
    "initialization": {
        "bad initialization means stuck in local minima": "plateaus",
        "as the standard deviation": "is the variance",
    },
    "optimizers": {
        "adamw needs more memory than adam": "8 bytes",
        "adam has three tunables": "counted the same way",
        "adam over-fits": "depends on tuning",
        "lars is slow because its gradients cost more": "two norms a layer",
    },
    "regularization": {
        "over-parameterized means over-fitted": "double descent",
        "weight decay are the same": "plain gradient descent",
    },
    "capacity": {
        "a single-layer network approximates anything": "one hidden layer",
        "a saturated unit is linear": "nearly constant",
        "a relu network whose units are on is linear": "piecewise linear",
    },
}


@dataclass(frozen=True)
class Chapter:
    """A chapter's source and what is found in it."""

    name: str

    @cached_property
    def text(self) -> str:
        return (BOOK / f"{self.name}.md").read_text(encoding="utf-8")

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        return read_myst_markdown_notebook(self.text, MdParserConfig(), code_directive="{code-cell}")

    @cached_property
    def prose(self) -> str:
        return "\n\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")

    @cached_property
    def headings(self) -> list[str]:
        return re.findall(r"^## (.+)$", self.prose, flags=re.MULTILINE)

    @cached_property
    def questions(self) -> list[str]:
        return re.findall(r"^::::\{question\}\n(.*?)^::::$", self.prose, flags=re.MULTILINE | re.DOTALL)

    def section(self, heading: str) -> str:
        found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", self.prose, flags=re.MULTILINE | re.DOTALL)
        assert found, f"{self.name} has no section {heading!r}"
        return found[1]

    @cached_property
    def visible_cells(self) -> list[str]:
        hidden = {"remove-cell", "remove-input"}
        cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        return [cell.source for cell in cells if not hidden & set(cell.metadata.get("tags", []))]


@pytest.fixture(params=WRITTEN, scope="module")
def chapter(request: pytest.FixtureRequest) -> Chapter:
    return Chapter(request.param)


def words(prose: str) -> int:
    """English words a reader reads: without formulas, directives' fences and options, roles' names, links."""
    prose = re.sub(r"\$\$.*?\$\$( \([\w-]+\))?", " ", prose, flags=re.DOTALL)
    prose = re.sub(r"\$[^$\n]+\$", " x ", prose)
    prose = re.sub(r"^(:{3,}|`{3,}).*$|^:[\w-]+:.*$", " ", prose, flags=re.MULTILINE)
    prose = re.sub(r"\{[\w:]+\}`[^`]*`", " x ", prose)
    return len(re.findall(r"[A-Za-z][A-Za-z’'-]*", prose))


def test_chapters_written_are_in_the_table_of_contents() -> None:
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert WRITTEN
    assert [name for name in WRITTEN if f"book/{name}\n" not in contents] == []


def test_frame(chapter: Chapter) -> None:
    assert chapter.headings[:2] == OPENING
    assert chapter.headings[-len(CLOSING) :] == CLOSING


def test_length(chapter: Chapter) -> None:
    english = chapter.prose.replace(chapter.section("中文小结"), "")
    assert WORDS[0] <= words(english) <= WORDS[1]


def test_before_you_start_says_how_long_it_takes(chapter: Chapter) -> None:
    assert re.search(r"\d+ minutes", chapter.section("Before you start"))


def test_predictions_come_before_what_they_ask_about(chapter: Chapter) -> None:
    """Before each explorer stands a prediction, and no other explorer between the two."""
    marks = re.findall(r"\{admonition\} Predict|^explore\.\w+$", chapter.text, flags=re.MULTILINE)
    explorers = [i for i, mark in enumerate(marks) if mark.startswith("explore.")]
    assert explorers, "no explorer"
    assert [marks[i] for i in explorers if i == 0 or marks[i - 1].startswith("explore.")] == []


def test_text_follows_every_explorer(chapter: Chapter) -> None:
    cells = chapter.notebook.cells
    places = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and "explore." in cell.source]
    shown = [i for i in places if cells[i].source.startswith("explore.")]
    assert shown
    assert [cells[i].source for i in shown if cells[i + 1].cell_type != "markdown"] == []


def test_questions(chapter: Chapter) -> None:
    assert len(chapter.questions) >= 5
    kinds = {"number" if ":kind: number" in question else "choice" for question in chapter.questions}
    assert kinds == {"choice", "number"}
    assert [question for question in chapter.questions if question not in chapter.section("Check yourself")] == []


def test_right_answers_do_not_always_stand_in_one_place(chapter: Chapter) -> None:
    choices = [question for question in chapter.questions if ":kind: number" not in question]
    places = [re.findall(r"^- \((x| )\)", question, flags=re.MULTILINE).index("x") for question in choices]
    assert len(set(places)) >= 3


def test_exercises_name_the_problem_set(chapter: Chapter) -> None:
    assert re.search(r"`ps\d`", chapter.section("Exercises"))


def test_corrections(chapter: Chapter) -> None:
    rows = [row.lower() for row in chapter.section("Common misconceptions").splitlines() if row.startswith("|")]
    for heard, correct in CORRECTIONS.get(chapter.name, {}).items():
        assert any(heard in row and correct in row for row in rows), f"no row corrects {heard!r}"


def test_chinese_summary_is_half_a_page_of_chinese(chapter: Chapter) -> None:
    summary = chapter.section("中文小结")
    assert 400 <= len(re.findall(r"[\u4e00-\u9fff]", summary)) <= 1200
    assert '<div lang="zh-Hans">' in summary


def test_sources_are_cited_and_can_be_found(chapter: Chapter) -> None:
    entries = parse_file(str(BOOK / "references.bib")).entries
    keys = [key for group in re.findall(r"\{cite:\w+\}`([^`]+)`", chapter.text) for key in group.split(",")]
    (prefix,) = re.findall(r"^:keyprefix: (.+)$", chapter.section("References"), flags=re.MULTILINE)
    assert len(set(keys)) >= 3
    for key in keys:
        fields = entries[key.strip().removeprefix(prefix)].fields
        assert "doi" in fields or "eprint" in fields, f"{key} has neither DOI nor arXiv number"


def test_equations_are_numbered_and_referred_to(chapter: Chapter) -> None:
    labels = re.findall(r"^\$\$ \(([\w-]+)\)$", chapter.text, flags=re.MULTILINE)
    assert len(labels) >= 5
    assert sum(f"{{eq}}`{label}`" in chapter.text for label in labels) >= 5


def test_figures_that_are_named_have_captions(chapter: Chapter) -> None:
    figures = [cell.metadata["mystnb"]["figure"] for cell in chapter.notebook.cells if "mystnb" in cell.metadata]
    assert figures
    assert all(figure.get("caption", "").strip() and figure.get("name") for figure in figures)


def test_code_is_short_enough_to_read(chapter: Chapter) -> None:
    assert [cell for cell in chapter.visible_cells if len(cell.splitlines()) > LINES] == []
    assert [line for cell in chapter.visible_cells for line in cell.splitlines() if len(line) > WIDTH] == []


def test_glued_numbers_are_made_and_used(chapter: Chapter) -> None:
    made = set(re.findall(r'^ *glue\("([\w-]+)"', chapter.text, flags=re.MULTILINE))
    used = set(re.findall(r"\{glue:text\}`([\w-]+)", chapter.text))
    assert made == used


def test_no_sentence_is_said_twice(chapter: Chapter) -> None:
    plain = re.sub(r"\$\$.*?\$\$", " ", chapter.prose, flags=re.DOTALL)
    sentences = [" ".join(part.split()) for part in re.split(r"(?<=[.?!])\s+", plain)]
    long = [sentence for sentence in sentences if len(sentence.split()) >= 6]
    assert [sentence for sentence in set(long) if long.count(sentence) > 1] == []
