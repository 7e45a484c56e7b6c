"""Say that a test found no function of the name it needs, and which of the notebook's functions may be meant."""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

from nnlab.grading.exercises import asked_for
from nnlab.grading.wording import COLUMNS

# By pattern, not by parsing: a cell with a syntax error or a magic command holds definitions all the same.
FUNCTION = re.compile(r"^(?:(?:async +)?(?:def|class) +(\w+)|(\w+) *= *lambda\b)", re.MULTILINE)
NEAR = 0.7
RULE = "The name must be the one the statement asks for."


def not_defined(name: str, sources: Iterable[str], *, running: bool = False) -> str:
    """The message of a test that needs ``name``, which none of the cells with these sources has defined.

    A function that an exercise asks for is never taken for a misspelling of another one.
    running: whether it is a notebook at work, of which some cells may not have been run.
    """
    text = "\n".join(sources)
    if re.search(rf"^(?:(?:async +)?(?:def|class) +{name}\b|{name} *=(?!=))", text, re.MULTILINE):
        return f"{name} is not defined: the cell that defines it stopped with an error. Mend that one first."
    if re.search(rf"^[ \t]+def +{name}\b", text, re.MULTILINE):
        return f"{name} is defined only inside of something else. Its `def` must stand at the beginning of a line."
    what = f"function {name}" if name in asked_for() else name
    first = f"There is no {what} in this notebook."
    if running:
        first = f"There is no {what} yet. Run the cell that defines it."
    written = {one or other for one, other in FUNCTION.findall(text)} - asked_for()
    known = {_plain(other): other for other in sorted(written)}
    near = difflib.get_close_matches(_plain(name), known, n=1, cutoff=NEAR)
    return " ".join([first, *(f"There is {known[one]}: is that it?" for one in near), RULE])


def explain_in_notebooks() -> None:
    """In a Jupyter kernel, add this message to the NameError of a function that an exercise asks for.

    There the error comes up before ``check`` is called. It goes to standard error, which ``nbgrader validate`` shows.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return

    def explain(result: Any) -> None:
        error = result.error_in_exec
        if isinstance(error, NameError) and error.name in asked_for():
            words = not_defined(error.name, shell.user_ns.get("In", []), running=True)
            print(textwrap.fill(words, COLUMNS), file=sys.stderr)

    shell.events.register("post_run_cell", explain)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
