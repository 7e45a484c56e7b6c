"""Run the cells of a notebook as IPython would: one namespace, the value of a last expression, figures."""

from __future__ import annotations

import ast
import io
import linecache
import re
import sys
import traceback
import types
from dataclasses import dataclass, field
from typing import Any

from .printing import kept, valid

MAGIC = re.compile(r"^\s*(%|!|\?)|\?\s*$")
TEXT = 2_000
TRACEBACK_LINES = 40


@dataclass
class Outcome:
    """What a cell did. error: (type, message, traceback lines), or None."""

    printed: str = ""
    result: str | None = None
    error: tuple[str, str, list[str]] | None = None
    figures: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def as_list(self) -> list[Any]:
        """Plain data, for a message."""
        return [self.printed, self.result, self.error, self.figures, self.remarks]


class Cells:
    """The namespace of one notebook, and how its cells run in it."""

    def __init__(self, output_characters: int, figures: int, figure_bytes: int) -> None:
        self.output_characters, self.figures, self.figure_bytes = output_characters, figures, figure_bytes
        main = types.ModuleType("__main__")
        main.__dict__["display"] = _display
        sys.modules["__main__"] = main
        self.namespace = main.__dict__

    def run(self, number: int, source: str) -> Outcome:
        """Run one cell; whatever it raises is part of the outcome."""
        outcome = Outcome()
        with kept(self.output_characters) as printed:
            try:
                body, last = _compile(source, f"<cell {number}>", outcome.remarks)
                exec(body, self.namespace)
                if last is not None:
                    value = eval(last, self.namespace)
                    outcome.result = None if value is None else valid(repr(value))[:TEXT]
            except BaseException as error:
                outcome.error = describe(error)
            try:
                outcome.figures = self._drawn(outcome.remarks)
            except BaseException as error:
                outcome.remarks.append(f"its figures cannot be shown: {describe(error)[1]}")
        outcome.printed = printed.text
        if printed.left <= 0:
            outcome.remarks.append("what it printed was cut off")
        return outcome

    def _drawn(self, remarks: list[str]) -> list[bytes]:
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return []
        images = []
        for number in pyplot.get_fignums()[: self.figures]:
            file = io.BytesIO()
            pyplot.figure(number).savefig(file, format="png", dpi=80)
            if len(file.getvalue()) <= self.figure_bytes:
                images.append(file.getvalue())
            else:
                remarks.append("a figure was too large to be kept")
        pyplot.close("all")
        return images


def describe(error: BaseException) -> tuple[str, str, list[str]]:
    """The type, the message and a short traceback that begins in the student's cells."""
    kind = type(error).__name__
    try:
        message = valid(str(error))[:TEXT]
    except BaseException:
        message = "(its message cannot be shown)"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<cell ")]
    lines = []
    for frame in own[:10] + own[10:][-10:]:
        lines += [f"{frame.filename}, line {frame.lineno}, in {frame.name}", f"    {(frame.line or '').strip()[:200]}"]
    if isinstance(error, SyntaxError) and error.lineno:
        lines += [f"line {error.lineno}", f"    {(error.text or '').strip()[:200]}"]
    return kind, message, [valid(line) for line in lines[:TRACEBACK_LINES]] + [f"{kind}: {message}"]


def place(error: BaseException) -> tuple[str, int, str] | None:
    """The last line of the student's cells that the error came through, as (cell, line, function)."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<cell ")]
    return (own[-1].filename, own[-1].lineno or 1, own[-1].name) if own else None


def _compile(source: str, filename: str, remarks: list[str]) -> tuple[types.CodeType, types.CodeType | None]:
    """The cell's statements and, when it ends in one, its last expression.

    IPython's magics are no Python. A cell that cannot be read with them is read without them, and a remark says so.
    """
    try:
        tree = ast.parse(source, filename)
    except SyntaxError:
        plain = _without_magics(source)
        if plain == source:
            raise
        tree, source = ast.parse(plain, filename), plain
        remarks.append("its magics (%, !, ?) were left out")
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = compile(ast.Expression(tree.body.pop().value), filename, "eval")  # type: ignore[attr-defined]
    return compile(tree, filename, "exec"), last


def _without_magics(source: str) -> str:
    lines = source.splitlines()
    if lines and lines[0].startswith("%%"):
        # %%time and %%timeit hold Python; the others hold HTML, shell and the like.
        return "\n".join(["", *lines[1:]]) if lines[0].startswith("%%time") else ""
    return "\n".join(re.sub(r"\S.*", "pass", line) if MAGIC.search(line) else line for line in lines)


def _display(*values: Any, **_: Any) -> None:
    """IPython's display, in text."""
    for value in values:
        print(repr(value)[:TEXT])
