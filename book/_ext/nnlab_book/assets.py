"""Write all pages anew when a stylesheet or script has changed: they name these files with a sum of their contents.

Sphinx by itself copies static files only when it has a page to write.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config


def fingerprint(folders: Iterable[Path]) -> str:
    """A hash of all files of the folders, by name and content."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def note_static_files(app: Sphinx, config: Config) -> None:
    config["nnlab_static_files"] = fingerprint(Path(app.srcdir) / entry for entry in config.html_static_path)


def setup(app: Sphinx) -> None:
    app.add_config_value("nnlab_static_files", "", "html", str)
    app.connect("config-inited", note_static_files, priority=900)
