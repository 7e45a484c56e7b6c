"""Remove what earlier builds left in the site: pages no longer in the table of contents, packs of older results."""

from pathlib import Path

from sphinx.application import Sphinx

from nnlab_book import paths

OWN_PAGES = {"search.html", "genindex.html", "py-modindex.html", "index.html"}


def leftovers(site: Path, documents: set[str], extra: Path) -> list[Path]:
    """Files of the site that neither a document nor the folder of extra files accounts for."""
    pages = {f"{name}.html" for name in documents} | OWN_PAGES
    stale = [path for path in site.rglob("*.html") if path.relative_to(site).as_posix() not in pages]
    for folder in (path for path in extra.iterdir() if path.is_dir()):
        copied = site / folder.name
        files = (path for path in copied.rglob("*") if path.is_file())
        stale += [path for path in files if not (extra / path.relative_to(site)).exists()]
    return stale


def remove(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    for path in leftovers(Path(app.outdir), set(app.env.found_docs), paths.extra_files(Path(app.srcdir))):
        path.unlink()


def setup(app: Sphinx) -> None:
    app.connect("build-finished", remove)
