"""The source behind an explorer: shown to the reader, and hashed so that a change computes its states anew."""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import nnlab

_CORE = Path(nnlab.__file__).parent
_NOT_CORE = {"widgets", "grading", "plots"}


def _function_text(function: Callable) -> str:
    """The function without its decorator: what computes, not what is drawn."""
    text = textwrap.dedent(inspect.getsource(function)).rstrip()
    if function.__name__ == "<lambda>":
        return text
    first = ast.parse(text).body[0].lineno
    return "\n".join(text.splitlines()[first - 1 :])


def highlighted(function: Callable) -> str:
    """The source of ``compute`` as HTML, in the classes of Pygments."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html = highlight(_function_text(function), PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre tabindex="0">{html}</pre>'


@cache
def core_hash() -> str:
    """A hash of NumPy's version and every file of nnlab that computes."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(_CORE.rglob("*.py")):
        inside = path.relative_to(_CORE)
        if inside.parts[0] not in _NOT_CORE:
            digest.update(str(inside).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _without_decorators(module: ast.Module) -> str:
    """A module as code alone: no comments, no docstrings, and of an explorer only its function."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            del body[0]
    return ast.dump(module)


def _imported(module: ast.Module) -> set[str]:
    """Modules of nnlab.widgets a module imports: helpers its explorer may compute with."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.count(".") >= 2 and name.startswith("nnlab.widgets.")}


def compute_hash(function: Callable) -> str:
    """A hash of all the code a ``compute`` may run: its module, the helpers beside it, and the core of nnlab."""
    digest = hashlib.sha256(core_hash().encode())
    pending, seen = [Path(inspect.getfile(function))], set[Path]()
    while pending:
        path = pending.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        module = ast.parse(path.read_bytes())
        for name in _imported(module):
            inside = Path(*name.split(".")[1:])
            if len(inside.parts) > 2 or not (_CORE / "widgets" / inside.parts[1]).with_suffix(".py").is_file():
                pending.append((_CORE / inside).with_suffix(".py"))
        digest.update(_without_decorators(module).encode())
    digest.update(function.__qualname__.encode())
    return digest.hexdigest()


def module_hash(function: Callable) -> str:
    """A hash of the whole file an explorer stands in: its panels and words as well."""
    return hashlib.sha256(Path(inspect.getfile(function)).read_bytes()).hexdigest()


@cache
def framework_hash() -> str:
    """A hash of the files that turn results into packs."""
    names = (
        "controls",
        "encoding",
        "explorer",
        "grid",
        "marks",
        "pack",
        "panels",
        "prompts",
        "references",
        "source",
        "words",
    )
    return hashlib.sha256(b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in names)).hexdigest()
