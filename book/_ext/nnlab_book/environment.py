"""Run the chapters in this environment's own Python kernel, whatever else the machine has installed or configured."""

import os
from pathlib import Path

from sphinx.application import Sphinx

from nnlab_book import paths

# Pages run side by side, so each keeps to one thread; the last digits of a sum then depend on no machine's core count.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FOREIGN = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "MPLBACKEND", "PYTHONSTARTUP")


def isolate(cache: Path = paths.CACHE) -> None:
    """Point Jupyter, IPython and matplotlib at folders under `cache`: nothing in the home folder is read or written.

    A kernelspec called `python3` in JUPYTER_PATH would otherwise win over the one installed beside the package, and
    start-up files in ~/.ipython would run in front of every chapter.
    """
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    for name, folder in {
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }.items():
        path = cache / folder
        path.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(path)


def prepare(app: Sphinx) -> None:
    """Isolate the kernels and tell explorers in them that they are drawn for the book."""
    isolate()
    os.environ |= dict.fromkeys(THREADS, "1")
    os.environ["NNLAB_BOOK"] = str(paths.explorers(Path(app.srcdir)))


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", prepare)
