r"""Render every formula with KaTeX while the book is built, so that mathematics shows without JavaScript.

Formulas become HTML for the eye and MathML for screen readers. A formula that KaTeX cannot read is a warning at its
line, which a build with warnings as errors refuses. Macros come from `math_macros` in _config.yml, and `\eqref{label}`
inside a formula links to the equation of that label.
"""

import html
import re
from functools import cache
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from nnlab_book import generated, paths
from nnlab_book.katex import FormulaError, Renderer

LOGGER = logging.getLogger(__name__)
DISTRIBUTION = paths.NODE_MODULES / "katex" / "dist"
EQREF = re.compile(r"\\eqref\{([^}]*)\}")
NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|alignat)\}")


def render(app: Sphinx, latex: str, location: Any, display: bool) -> str:
    """KaTeX's HTML and MathML for one formula; a warning and the formula's source if KaTeX refuses it."""
    options = {
        "displayMode": display,
        "output": "htmlAndMathml",
        "throwOnError": True,
        "strict": "error",
        "trust": "\\href" in latex,
        "macros": dict(app.config.math_macros),
    }
    try:
        return renderer().render(latex, options)
    except FormulaError as error:
        LOGGER.warning("%s in the formula %s", error, latex.strip(), location=location, type="math")
        return f"<code>{html.escape(latex)}</code>"


@cache
def renderer() -> Renderer:
    """The build's one renderer, started by its first formula."""
    return Renderer(DISTRIBUTION / "katex.min.js")


def close(_app: Sphinx, _exception: Exception | None) -> None:
    if renderer.cache_info().currsize:
        renderer().close()
        renderer.cache_clear()


def resolve_references(translator: HTML5Translator, latex: str, location: Any) -> str:
    r"""Turn each \eqref{label} of a formula into a link that shows the equation's number."""
    builder = translator.builder
    here = translator.docnames[0]

    def link(match: re.Match[str]) -> str:
        domain = builder.env.get_domain("math")
        target = domain.resolve_xref(builder.env, here, builder, "eq", match[1], pending_xref(), nodes.Text(""))
        if target is None:
            LOGGER.warning("no equation has the label %r", match[1], location=location, type="math")
            return rf"\text{{{match[1]}}}"
        address = target.get("refuri") or f"#{target['refid']}"
        return rf"\href{{{address}}}{{\text{{{target.astext()}}}}}"

    return EQREF.sub(link, latex)


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    latex = resolve_references(translator, node.astext(), node)
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    translator.body.append(render(translator.builder.app, latex, node, display=False))
    translator.body.append("</span>")
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    # The site numbers equations itself, across the book; KaTeX would number the lines of these environments once more.
    latex = NUMBERED.sub(r"\\\1{\2*}", resolve_references(translator, node.astext(), node))
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    formula = render(translator.builder.app, latex, node, display=True)
    translator.body.append(f'<div class="formula">{formula}</div>')
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def prepare(app: Sphinx, _config: Config) -> None:
    """Serve KaTeX's stylesheet and fonts from the site itself."""
    if not DISTRIBUTION.is_dir():
        raise ExtensionError(f"KaTeX is not in {paths.NODE_MODULES}; run `make site`, which installs it.")
    css = (DISTRIBUTION / "katex.min.css").read_text(encoding="utf-8")
    generated.write(app, "katex/katex.min.css", woff2_only(css))
    for font in DISTRIBUTION.glob("fonts/*.woff2"):
        generated.write(app, f"katex/fonts/{font.name}", font.read_bytes())
    app.add_css_file("katex/katex.min.css", priority=400)


def woff2_only(css: str) -> str:
    """KaTeX's stylesheet with its woff2 fonts alone, which every browser that runs the explorers reads."""
    return re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "", css)


def setup(app: Sphinx) -> None:
    app.add_config_value("math_macros", {}, "html", dict)
    app.add_html_math_renderer("katex", inline_renderers=(visit_inline, None), block_renderers=(visit_block, None))
    app.connect("config-inited", prepare)
    app.connect("build-finished", close)
