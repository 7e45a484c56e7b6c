"""Other right answers, as students write them: a module a problem set, each with styles in ``VARIANTS``."""

from importlib import import_module
from importlib.util import find_spec


def variants(problem_set: str) -> dict[str, dict[str, str]]:
    """The styles of a problem set: for each style, the source of every function by its name."""
    module = f"{__name__}.{problem_set}"
    return import_module(module).VARIANTS if find_spec(module) else {}
