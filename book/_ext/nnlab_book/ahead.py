"""Run the cells of all changed pages side by side, a page a core, before Sphinx reads the pages one by one.

What a run gives goes into the cache of executed notebooks, where myst-nb finds it when it reads the page. A page whose
cells fail is left out of the cache: myst-nb runs it again and reports the cell and its error at their place.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
MOST_AT_ONCE = 4  # the longest chapter takes about a quarter of the time of all


def notebooks(env: Any, documents: list[str]) -> Iterator[tuple[Path, NotebookNode]]:
    """The pages that hold code cells, as myst-nb reads them."""
    for name in documents:
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        if any(cell.cell_type == "code" for cell in notebook.cells):
            yield path, notebook


def is_cached(cache: JupyterCacheAbstract, notebook: NotebookNode) -> bool:
    """Whether an earlier build ran exactly these cells."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def execute(notebook: NotebookNode, config: NbParserConfig) -> ExecutionResult:
    """Run one notebook in place, in a folder and a kernel of its own."""
    with TemporaryDirectory() as folder:
        return single_nb_execution(
            notebook,
            cwd=folder,
            timeout=config.execution_timeout,
            allow_errors=config.execution_allow_errors,
            meta_override=True,
        )


def run_ahead(_app: Sphinx, env: BuildEnvironment, documents: list[str]) -> None:
    """Fill the cache for the documents about to be read."""
    config: NbParserConfig = env.mystnb_config  # type: ignore[attr-defined]  # myst-nb's own attribute
    cache = get_cache(config.execution_cache_path)
    waiting = [(path, notebook) for path, notebook in notebooks(env, documents) if not is_cached(cache, notebook)]
    if len(waiting) < 2:
        return
    pool = ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1))
    running = {pool.submit(execute, notebook, config): (path, notebook) for path, notebook in waiting}
    try:
        for done in as_completed(running):
            path, notebook = running[done]
            if done.exception() is not None or done.result().err is not None:
                continue
            seconds = done.result().time
            bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            LOGGER.info("%s: Executed notebook in %.2f seconds", path, seconds)
    finally:
        # After Ctrl-C no further page may start.
        pool.shutdown(wait=False, cancel_futures=True)


def setup(app: Sphinx) -> None:
    app.connect("env-before-read-docs", run_ahead)
