"""A drawn figure that shows itself: inline SVG that follows the page's colours, or PNG where there is no page."""

import base64
import hashlib
import io
import re
from typing import Any
from xml.etree import ElementTree

import matplotlib
from matplotlib.figure import Figure as Canvas

from nnlab.plots.style import palette, settings

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
SCREEN_PIXELS_PER_POINT = 1.6
ElementTree.register_namespace("", SVG)


class Figure:
    """A finished Matplotlib figure and ``alt``, the words that say what it shows.

    Jupyter and the book display it as SVG whose colours are the page's CSS variables ``--nnlab-*``, so that it follows
    the light and the dark theme; ``image/png`` serves where there is no HTML. Raises ValueError when ``alt`` is empty.
    """

    def __init__(self, canvas: Canvas, alt: str) -> None:
        if not alt.strip():
            raise ValueError("alt is empty; a figure needs words that say what is seen in it")
        with matplotlib.rc_context(settings()):
            canvas.draw_without_rendering()
        canvas.set_layout_engine("none")  # or each drawing would move the axes a little
        self.canvas = canvas
        self.alt = " ".join(alt.split())

    @property
    def svg(self) -> str:
        """The figure as one ``<svg>`` element to put into an HTML page; the same text whenever it is drawn."""
        with matplotlib.rc_context(settings()), io.StringIO() as out:
            self.canvas.savefig(out, format="svg", metadata={"Date": None})
            text = out.getvalue()
        return _for_a_page(text, self.alt)

    @property
    def png(self) -> bytes:
        """The figure as PNG at 200 dots an inch, in the light colours."""
        with matplotlib.rc_context(settings()), io.BytesIO() as out:
            self.canvas.savefig(out, format="png", dpi=200, facecolor=palette()["surface"], metadata={"Software": None})
            return out.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        picture = base64.b64encode(self.png).decode("ascii")
        return {"text/html": self.svg, "image/png": picture, "text/plain": f"Figure: {self.alt}"}


def _for_a_page(text: str, alt: str) -> str:
    root = ElementTree.fromstring(text.encode("utf-8"))
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    for child in [*root.findall(f"{{{SVG}}}metadata"), *root.findall(f".//{{{SVG}}}style")]:
        _remove(root, child)
    _rename_ids(root, "f" + hashlib.sha256((alt + text).encode("utf-8")).hexdigest()[:8])
    root.attrib = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "role": "img",
        "aria-label": alt,
        "class": "nnlab-figure",
        # Matplotlib states these two in a style sheet that would reach every drawing of the page.
        "style": f"display: block; margin: 0 auto; width: 100%; max-width: {width * SCREEN_PIXELS_PER_POINT:.0f}px; "
        "height: auto; overflow: visible; stroke-linejoin: round; stroke-linecap: butt; "
        f"background: {_variable('surface')}",
    }
    return _with_page_colours(ElementTree.tostring(root, encoding="unicode"))


def _remove(root: ElementTree.Element, element: ElementTree.Element) -> None:
    for parent in root.iter():
        if element in parent:
            parent.remove(element)
            return


def _rename_ids(root: ElementTree.Element, prefix: str) -> None:
    """Ids of two figures on one page must differ: keep those that are referred to, and prefix them."""
    names: dict[str, str] = {}
    reference = re.compile(r"url\(#([^)]+)\)")

    def new(name: str) -> str:
        return names.setdefault(name, f"{prefix}-{len(names)}")

    for element in root.iter():
        if link := element.attrib.pop(f"{XLINK}href", None):
            element.attrib["href"] = "#" + new(link.removeprefix("#"))
        for key, value in element.attrib.items():
            element.attrib[key] = reference.sub(lambda match: f"url(#{new(match[1])})", value)
    for element in root.iter():
        if (name := element.attrib.pop("id", None)) in names:
            element.attrib["id"] = names[name]


def _variable(name: str) -> str:
    return f"var(--nnlab-{name}, {palette()[name]})"


def _with_page_colours(svg: str) -> str:
    names = {colour: name for name, colour in palette().items()}
    if len(names) < len(palette()):
        raise ValueError("palette.json gives two names one light colour, so a figure cannot tell them apart")
    svg = re.sub(
        r"(?<=: )#[0-9a-f]{6}", lambda match: _variable(names[match[0]]) if match[0] in names else match[0], svg
    )
    return re.sub(r"font-family: [^;\"]+", f"font-family: {FONTS}", svg)
