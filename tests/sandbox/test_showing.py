"""What a student writes does nothing in the instructor's browser, and a feedback page needs no server."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from attacks.attack import HONEST, Attack
from bs4 import BeautifulSoup
from contrast import hard_to_read
from course import Course
from matplotlib.figure import Figure
from nbconvert.exporters import HTMLExporter
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from playwright.sync_api import Browser, Page

from nnlab import cli
from nnlab.grading.course.formulas import mathml
from nnlab.grading.course.showing import TEMPLATES, FeedbackExporter, markdown_to_read
from nnlab.grading.grader.options import course_config

ROOT = Path(__file__).resolve().parents[2]
DO = "document.title = 'hacked'"
HOSTILE = [
    f"<script>{DO}</script>",
    f'text <img src="x" onerror="{DO}"> text',
    f'<svg onload="{DO}"></svg>',
    f'<iframe srcdoc="<script>parent.{DO}</script>"></iframe>',
    "<style>body { display: none }</style>",
    "<meta http-equiv='refresh' content='0; url=http://tracker.example/'>",
    "![picture](http://tracker.example/picture.png)",
    f"[click here](javascript:{DO.replace(' ', '')})",
    f'$\\text{{<img src=x onerror="{DO}">}}$',
    "```mermaid\ngraph TD\n```",
    f"# title <img src=x onerror={DO.replace(' ', '')}>",
]
CODE = f"""\
from IPython.display import HTML, display
class Page:
    def _repr_html_(self): return "<script>{DO}</script>"
    def __repr__(self): return "<script>{DO}</script>"
display(HTML("<script>{DO}</script>"), Page())
print("<script>{DO}</script>")
Page()"""
COLOURED = """\
# a comment
@decorator
class Layer(Exception):
    '''Words.'''
    def forward(self, x: int = 0x1F) -> bool:
        if x is None and not False:
            raise ValueError(f"wrong {x!r}\\n")
        return len(self.x) % 2 == 3.5
%magic
$"""
FORMULA = "The loss is $L = \\frac{1}{N}\\sum_i \\ell_i$ and\n\n$$\\Big\\|\\nabla L\\Big\\|_2 < \\text{max\\_norm}.$$"

LONG = f"$$x = {' + '.join(f'a_{{{index}}}' for index in range(99))}$$"


def mangle(notebook: NotebookNode) -> None:
    notebook.cells += [new_markdown_cell(source) for source in [*HOSTILE, FORMULA, LONG]]
    notebook.cells += [new_code_cell(CODE), new_code_cell(f'raise ValueError("<script>{DO}</script>")')]


@pytest.fixture(scope="module")
def graded(warm: str, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course.generate(tmp_path_factory.mktemp("showing") / "course")
    course.submit("mallory", Attack("hostile", "scripts", HONEST, mangle=mangle, lost=frozenset()).notebook())
    assert cli.main(["grade", "set", "--course", str(course.root), "--jobs", "1"]) == 0
    answer = course.api.generate_feedback("set", "mallory")
    assert answer["success"], answer["log"]
    return course


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose requests are written down in ``page.asked`` and, unless for a file, refused."""
    opened = browser.new_page()
    opened.asked = []  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.asked.append(request.url))  # type: ignore[attr-defined]
    opened.route(re.compile("^(?!file:)"), lambda route: route.abort())
    yield opened
    opened.close()


def submitted(course: Course) -> NotebookNode:
    return nbformat.read(course.root / "autograded" / "mallory" / "set" / "attacked.ipynb", as_version=4)


def render(course: Course, **changes: object) -> str:
    """The submission as formgrader renders it, with the course's configuration."""
    config = course_config(course.root)
    config.merge(FormgradeExtension().build_extra_config())
    config.HTMLExporter.update(changes)
    resources = {"base_url": "/", "notebook_path": "x", "student": "mallory", "index": 0, "total": 1}
    return HTMLExporter(config=config).from_notebook_node(submitted(course), resources=resources)[0]


def test_a_feedback_page_runs_nothing_and_asks_for_nothing(graded: Course, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    file = graded.root / "feedback" / "mallory" / "set" / "attacked.html"
    page.goto(file.as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    assert page.asked == [file.as_uri()]  # type: ignore[attr-defined]
    assert errors == []
    assert page.title() == "attacked"
    assert page.locator("body").is_visible()
    text = page.inner_text("body")
    assert text.count("<script>") >= 6, "it is there to be read"
    assert page.locator("script, iframe, object, embed, form").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0


def test_a_long_formula_moves_itself_and_not_the_page(graded: Course, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((graded.root / "feedback" / "mallory" / "set" / "attacked.html").as_uri())
    last = page.locator("math mi").last.bounding_box()
    assert last and last["x"] > 390
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_formulas_are_drawn_without_a_script(graded: Course, page: Page) -> None:
    page.goto((graded.root / "feedback" / "mallory" / "set" / "attacked.html").as_uri())
    boxes = [formula.bounding_box() for formula in page.locator("math").all()]
    assert len(boxes) == 4 and all(box and box["height"] > 8 and box["width"] > 8 for box in boxes)
    fraction = page.locator("mfrac").first
    top, bottom = (fraction.locator("> *").nth(at).bounding_box() for at in (0, 1))
    assert top and bottom and top["y"] + top["height"] <= bottom["y"] + 1, "one above the other"
    block = page.locator("math[display=block]").first.text_content() or ""
    assert "‖" in block and "max_norm" in block


@pytest.fixture(scope="module")
def colourful(graded: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feedback page with all that may have a colour: code, a table, a quotation, a figure, words for a terminal."""
    course = graded.copy(tmp_path_factory.mktemp("colours") / "course")
    notebook, path = submitted(course), course.root / "autograded" / "mallory" / "set" / "attacked.ipynb"
    with BytesIO() as file:
        Figure().savefig(file, format="png", transparent=True)
        figure = b64encode(file.getvalue()).decode()
    outputs = [
        new_output("display_data", {"image/png": figure}),
        new_output("stream", name="stdout", text="\x1b[38;2;9;9;9mblack \x1b[38;2;240;240;240mwhite\x1b[0m"),
        new_output("error", ename="CheckFailed", evalue="wrong", traceback=["triple is wrong."]),
    ]
    notebook.cells.append(new_markdown_cell("> said\n\n| layer | `shape` |\n|---|---|\n| [dense](x.html) | (3, 4) |"))
    notebook.cells.append(new_code_cell(COLOURED, outputs=outputs))
    path.unlink()
    nbformat.write(notebook, path)
    answer = course.api.generate_feedback("set", "mallory", force=True)
    assert answer["success"], answer["log"]
    return course.root / "feedback" / "mallory" / "set" / "attacked.html"


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 30)")])
def test_it_is_read_in_the_light_and_in_the_dark(colourful: Path, page: Page, scheme: str, ground: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(colourful.as_uri())
    background = "(element) => getComputedStyle(element).backgroundColor"
    assert page.locator("body").evaluate(background) == ground
    assert hard_to_read(page) == []
    assert page.locator("img").evaluate(background) == "rgb(255, 255, 255)", "figures are drawn for paper"
    colours = page.locator(".highlight span").evaluate_all("(all) => all.map((one) => getComputedStyle(one).color)")
    assert len(set(colours)) > 4, "code is highlighted"
    page.emulate_media(color_scheme=scheme, media="print")
    assert page.locator("body").evaluate("(body) => getComputedStyle(body).color") == "rgb(0, 0, 0)"
    assert (
        page.locator("html").evaluate("(all) => getComputedStyle(all).getPropertyValue('--nnlab-surface')") == "#ffffff"
    )


def test_formgrader_runs_nothing(graded: Course, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(render(graded))
    page.goto(file.as_uri())
    page.wait_for_timeout(300)
    assert page.title() != "hacked"
    assert not [url for url in page.asked if "tracker" in url]  # type: ignore[attr-defined]
    assert page.locator("body").is_visible()


def test_the_page_is_the_one_of_nbconverts_exporter(
    graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the icon font and the words for pictures that have none, also when the templates are compiled already."""
    course, data = graded.copy(tmp_path / "course"), b64encode(b"a picture").decode()
    notebook, path = submitted(course), course.root / "autograded" / "mallory" / "set" / "attacked.ipynb"
    notebook.cells.append(new_code_cell("plot()", outputs=[new_output("display_data", {"image/png": data})]))
    path.unlink()
    nbformat.write(notebook, path)

    def page() -> str:
        answer = course.api.generate_feedback("set", "mallory", force=True)
        assert answer["success"], answer["log"]
        return (course.root / "feedback" / "mallory" / "set" / "attacked.html").read_text()

    pages = [page(), page()]
    assert pages[0] == pages[1]
    with monkeypatch.context() as patch:
        patch.setattr(FeedbackExporter, "from_notebook_node", HTMLExporter.from_notebook_node)
        ours, theirs = (BeautifulSoup(one, "html.parser") for one in (pages[0], page()))
    assert "its author gave no description" in ours.select_one(f"img[src$='{data}']")["alt"]
    assert ours.html["lang"] == "en"
    theirs.html["lang"] = "en"
    for one in (ours, theirs):
        for style in one.select("head style"):
            style.string = re.sub(r"@font-face\s*{[^}]*}", "", style.string or "")
        for image in one.select("img"):
            image["alt"] = ""
    assert str(ours) == str(theirs)


def test_without_this_the_same_page_is_hacked(graded: Course, page: Page, tmp_path: Path) -> None:
    """The attack works on nbgrader's own page, so the tests above do not pass for want of one."""
    file = tmp_path / "page.html"
    file.write_text(render(graded, filters={}, sanitize_html=False))
    with page.expect_request(re.compile("tracker.example")):
        page.goto(file.as_uri(), wait_until="commit")


def test_every_formula_of_the_statements_is_drawn() -> None:
    for path in (ROOT / "assignments" / "source").glob("*/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                shown = markdown_to_read({}, "".join(cell["source"]))
                assert not re.search(r"\$|\\[a-zA-Z|_]", shown), (path.name, shown)
                assert "&lt;" not in re.sub(r"<(math|code|pre)\b.*?</\1>", "", shown, flags=re.DOTALL)


@pytest.mark.parametrize(
    "latex", ["\\frac{1", "{" * 3_000, "x" * 5_000, r"\nosuchcommand{<b>}", r"\href{javascript:x}{y}"]
)
def test_a_formula_that_cannot_be_read_is_text(latex: str) -> None:
    shown = mathml(latex, display=False)
    assert shown.startswith(("<code>", "<math")) and "<b>" not in shown and "javascript" not in shown


def test_the_template_is_part_of_the_package() -> None:
    assert (Path(TEMPLATES[0]) / "nnlab-feedback" / "mathjax.html.j2").is_file()
    assert "grading/course/templates/*/*" in (ROOT / "pyproject.toml").read_text()
