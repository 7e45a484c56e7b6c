"""Name the language of Chinese headings, terms and paragraphs, so that they are read aloud and drawn as Chinese."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
LANGUAGE = "language-zh-Hans"  # docutils writes a class of this form as the attribute `lang`


class NameLanguage(SphinxPostTransform):
    """Mark each block of text that holds more Chinese characters than Latin letters."""

    default_priority = 910
    formats = ("html",)

    def run(self, **_options: Any) -> None:
        for block in self.document.findall(lambda node: isinstance(node, (nodes.title, nodes.term, nodes.paragraph))):
            text = block.astext()
            if len(HAN.findall(text)) > len(LATIN.findall(text)):
                block["classes"].append(LANGUAGE)


def setup(app: Sphinx) -> None:
    app.add_post_transform(NameLanguage)
