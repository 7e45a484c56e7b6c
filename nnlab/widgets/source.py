"""The source behind an explorer: shown to the reader, and hashed so that a change computes its states anew."""

from __future__ import annotations

import ast
import copy
import hashlib
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import nnlab
from nnlab.widgets.imports import Package

_ROOT = Path(nnlab.__file__).parent


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
def _package() -> Package:
    return Package(_ROOT)


def _is_framework(module: str) -> bool:
    """Whether a module of nnlab.widgets belongs to no chapter: it draws and packs what others compute."""
    _, *inside = module.split(".")
    return inside[:1] == ["widgets"] and (len(inside) == 1 or (_ROOT / "widgets" / f"{inside[1]}.py").is_file())


def _code(module: ast.Module, *, in_explorers: bool) -> str:
    """A module as code alone: no comments, no docstrings, and of an explorer only its function."""
    module = copy.deepcopy(module)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and in_explorers:
            node.decorator_list = [d for d in node.decorator_list if not _declares(d)]
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            del body[0]
    return ast.dump(module)


def _declares(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", None) == "explorer"


@cache
def _code_of(module: str) -> str:
    return _code(_package().tree(module), in_explorers=module.startswith("nnlab.widgets."))


def depends_on(function: Callable) -> list[str]:
    """The modules of nnlab whose code a ``compute`` may run, beside its own."""
    own = ast.parse(Path(inspect.getfile(function)).read_bytes())
    return [name for name in _package().reached(own, function.__module__, _is_framework) if name != function.__module__]


def compute_hash(function: Callable) -> str:
    """A hash of all the code a ``compute`` may run: its module, what that imports of nnlab, and NumPy's version."""
    own = ast.parse(Path(inspect.getfile(function)).read_bytes())
    digest = hashlib.sha256(np.__version__.encode())
    for text in (_code(own, in_explorers=True), *(f"{name} {_code_of(name)}" for name in depends_on(function))):
        digest.update(text.encode() + b"\0")
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
