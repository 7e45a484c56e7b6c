"""What students write, shown in feedback and formgrader so that it is read and never run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbgrader.server_extensions.formgrader as formgrader
from jinja2 import BytecodeCache, Environment, pass_context
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from nnlab.grading.course.formulas import mathml
from nnlab.grading.course.schemes import colours, dark_code

TEMPLATES = [str(Path(__file__).parent / "templates"), str(Path(formgrader.__file__).parent / "templates")]
FONT = re.compile(r"@font-face\s*{[^}]*}")
NO_ALT = re.compile(r"<img(?![^>]*\salt=)")
ALT = '<img alt="a picture made by this cell; its author gave no description"'


class _Reading(IPythonRenderer):
    """Markdown in which HTML is text, links lead where a browser may go, and pictures come from the notebook alone."""

    def block_mermaidjs(self, code: str) -> str:
        return self.block_code(code)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith(("data:image/", "attachment:")):
            return str(super().image(text, url, title))
        # Loading it would tell whoever serves it that, and where, the work is being read.
        return str(self.link(text or "picture", url, title))

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


@pass_context
def markdown_to_read(context: Any, source: str) -> str:
    """nbconvert's filter ``markdown2html`` for text by people who are not trusted (``c.HTMLExporter.filters``)."""
    cell = context.get("cell") or {}
    renderer = _Reading(escape=True, allow_harmful_protocols=False, attachments=cell.get("attachments", {}))
    return str(MarkdownWithMath(renderer=renderer).render(source))


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page as a file that needs no other (``c.GenerateFeedback.exporter_class``).

    It holds no script and forbids any, and asks no server for anything, so it can be read anywhere, also offline, and
    it is light or dark as its reader's system is.
    """

    @property
    def default_config(self) -> Config:
        """nbconvert's own, with this page's template in place of nbgrader's."""
        config = Config({"FeedbackExporter": {"template_name": "nnlab-feedback", "extra_template_basedirs": TEMPLATES}})
        config.merge(super().default_config)
        return config

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **options: Any
    ) -> tuple[str, Any]:
        """The page in English, without the icon font that nbgrader's style sheet names by a path of another place.

        ``HTMLExporter`` reads the finished page again, to describe pictures; that takes as long as all else together.
        """
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
        kinds = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", kinds)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources, **options)
        head, end, body = page.partition("</head>")
        head = FONT.sub("", head).replace("<html>", '<html lang="en">', 1)
        return head + end + NO_ALT.sub(ALT, body), resources

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = COMPILED
        environment.globals |= {"colours": colours, "dark_code": dark_code}
        return environment


class _Compiled(BytecodeCache):
    """Compiled templates, kept for the next page: nbgrader makes a new exporter for each."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what is known."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()
