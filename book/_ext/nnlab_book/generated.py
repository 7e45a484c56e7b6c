"""Static files that the build makes: written only when they change, then copied into the site by Sphinx."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config


def folder(app: Sphinx) -> Path:
    """The folder of generated static files, enrolled in html_static_path on first use.

    It comes after the theme's own static files, so a file of the same name replaces the theme's.
    """
    path = Path(app.srcdir) / "_build" / ".static"
    config: Config = app.config
    if str(path) not in config.html_static_path:
        path.mkdir(parents=True, exist_ok=True)
        config.html_static_path.append(str(path))
    return path


def write(app: Sphinx, name: str, content: str | bytes) -> None:
    """Write one generated file, leaving an identical one untouched."""
    data = content.encode() if isinstance(content, str) else content
    path = folder(app) / name
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
