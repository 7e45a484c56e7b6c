"""The ``question`` directive: a self-test that answers with reasons, in a page that has no server and no kernel.

    ::::{question}
    In $f = (x + y)z$ with $z = -4$, what is $∂f/∂x$?

    - (x) $-4$

      Right: the sum passes on what reaches it, and $z$ reaches it.
    - ( ) $3$

      That is $x + y$, the gradient of $z$: the two factors are swapped.
    ::::

Each item of the last list is an answer: ``(x)`` right, ``( )`` wrong, then its reason in a paragraph of its own. One
answer is right. With ``:kind: number`` the reader types a number; items then hold numbers, matched within
``:tolerance:`` (a share of the answer, 0.01 when not given), and a last item ``( ) otherwise`` speaks to all others.

Without JavaScript a choice shows its reason when chosen (CSS alone) and a number question opens its answer as
``<details>``; with it, a button checks the answer and a status region says the result aloud.
"""

import math
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
MARKS = {"(x) ": True, "( ) ": False}


class question(nodes.General, nodes.Element):
    """One question: the text, then ``answer`` nodes."""


class answer(nodes.General, nodes.Element):
    """One answer: a paragraph with its words, then its reason."""


class Question(SphinxDirective):
    """Read a question, its answers and their reasons."""

    has_content = True
    option_spec: ClassVar = {
        "kind": lambda text: directives.choice(text, ("choice", "number")),
        "tolerance": float,
    }

    def run(self) -> list[nodes.Node]:
        kind = self.options.get("kind", "choice")
        number = self.env.new_serialno("question") + 1
        block = question(kind=kind, number=number, tolerance=self.options.get("tolerance", 0.01))
        self.set_source_info(block)
        self.state.nested_parse(self.content, self.content_offset, block)
        if not isinstance(block.children[-1] if block.children else None, nodes.bullet_list):
            raise self.error(f"question {number} must end with a list of answers")
        items = block.children[-1]
        block.remove(items)
        block.extend(self._answer(item, kind) for item in items.children)
        answers = list(block.findall(answer))
        right = sum(node["right"] for node in answers)
        if right != 1:
            raise self.error(f"question {number} needs one right answer, marked (x); it has {right}")
        if kind == "number" and not answers[-1]["otherwise"]:
            raise self.error(f"question {number} asks for a number; its last item must be '( ) otherwise'")
        return [block]

    def _answer(self, item: nodes.Element, kind: str) -> answer:
        words = item.children[0]
        start = words.astext()[:4]
        if start not in MARKS:
            raise self.error(f"an answer must begin with '(x) ' or '( ) ', got {words.astext()!r}")
        if len(item.children) < 2:
            raise self.error(f"answer {words.astext()!r} needs its reason, as a paragraph of its own below it")
        first = next(iter(words.findall(nodes.Text)))
        first.parent.replace(first, nodes.Text(first[4:]))
        node = answer(right=MARKS[start], otherwise=words.astext() == "otherwise", value=None)
        if kind == "number" and not node["otherwise"]:
            try:
                node["value"] = float(words.astext().replace("−", "-"))
            except ValueError:
                raise self.error(f"a number question's answers are numbers, got {words.astext()!r}") from None
            if not math.isfinite(node["value"]):
                raise self.error(f"a number question's answers are finite, got {words.astext()!r}")
        node += item.children
        return node


def visit_question(writer: HTML5Translator, node: question) -> None:
    name = f"question-{node['number']}"
    attributes = {"data-kind": node["kind"], "data-tolerance": str(node["tolerance"]), "role": "group"}
    attributes["aria-labelledby"] = f"{name}-text"
    writer.body.append(writer.starttag(node, "div", CLASS="quiz-question", ids=[name], **attributes))
    writer.body.append(f'<div class="quiz-text" id="{name}-text">')
    writer.body.append(f'<p class="quiz-number">Question {node["number"]}</p>\n')
    first = node.first_child_matching_class(answer)
    for child in node.children[:first]:
        child.walkabout(writer)
    writer.body.append("</div>\n")
    answers = node.children[first:]
    if node["kind"] == "choice":
        for place, child in enumerate(answers):
            _choice(writer, child, name, place)
    else:
        _number(writer, answers, name)
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def _choice(writer: HTML5Translator, node: answer, name: str, place: int) -> None:
    words, *reason = node.children
    # A browser leaves formulas out when it reads a label for a screen reader; their source is named instead.
    formula = next(iter(words.findall(nodes.math)), None)
    named = f' aria-label="{writer.attval(words.astext())}"' if formula is not None else ""
    writer.body.append(
        f'<div class="quiz-answer" data-right="{str(node["right"]).lower()}">'
        f'<input type="radio" name="{name}" id="{name}-{place}"{named}><label for="{name}-{place}">'
    )
    for child in words.children:
        child.walkabout(writer)
    writer.body.append("</label>")
    _reason(writer, node, reason)
    writer.body.append("</div>\n")


def _number(writer: HTML5Translator, answers: list[answer], name: str) -> None:
    writer.body.append(
        f'<div class="quiz-entry"><label for="{name}-entry">Your number</label> '
        f'<input type="text" inputmode="decimal" autocomplete="off" id="{name}-entry"></div>\n'
        "<details><summary>Show the answer</summary>\n"
    )
    for node in answers:
        words, *reason = node.children
        value = "" if node["value"] is None else f' data-value="{node["value"]!r}"'
        writer.body.append(
            f'<div class="quiz-answer" data-right="{str(node["right"]).lower()}"{value}><p class="quiz-case">'
        )
        writer.body.append("Any other number" if node["otherwise"] else writer.encode(words.astext()))
        writer.body.append("</p>")
        _reason(writer, node, reason)
        writer.body.append("</div>\n")
    writer.body.append("</details>\n")


def _reason(writer: HTML5Translator, node: answer, reason: list[nodes.Node]) -> None:
    verdict = "Right." if node["right"] else "Not this."
    writer.body.append(f'<div class="quiz-reason"><p class="quiz-verdict">{verdict}</p>')
    for child in reason:
        child.walkabout(writer)
    writer.body.append("</div>")


def pass_through(writer: Any, node: nodes.Element) -> None:
    """Paper and plain text show every answer with its reason, in order."""


def add_assets(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is not None and next(iter(doctree.findall(question)), None) is not None:
        app.add_js_file("quiz.js", loading_method="defer")
        app.add_css_file("quiz.css")


def setup(app: Sphinx) -> dict[str, Any]:
    printed = {builder: (pass_through, pass_through) for builder in ("latex", "text", "man", "texinfo")}
    app.add_node(question, html=(visit_question, None), **printed)
    app.add_node(answer, html=(pass_through, pass_through), **printed)
    app.add_directive("question", Question)
    app.connect("builder-inited", lambda app: app.config.html_static_path.append(str(HERE / "static")))
    app.connect("html-page-context", add_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
