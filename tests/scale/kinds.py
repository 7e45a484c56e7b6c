"""Forty kinds of submissions: right in many styles, wrong, raising, slow, crashing, damaged; what each must lose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.random import Generator

Notebook = dict[str, Any]
ALL = frozenset({"test_squares", "test_softmax", "test_twice"})

SQUARES = (
    "def squares(x):\n    return np.sum(x ** 2)",
    "def squares(x):\n    return x @ x",
    "def squares(x):\n    return sum(float(v) * float(v) for v in x)",
    "def squares(x):\n    total = 0.0\n    for v in x:\n        total += v * v\n    return total",
    "squares = lambda x: np.einsum('i,i->', x, x)",
    "def squares(x):\n    return np.linalg.norm(x) ** 2",
    "class Squares:\n    def __call__(self, x):\n        return np.square(x).sum()\nsquares = Squares()",
    "from functools import reduce\ndef squares(x):\n    return reduce(lambda a, b: a + b * b, x, 0.0)",
    "def squares(x):\n    return x[0] ** 2 + squares(x[1:]) if len(x) else 0.0",
)
SOFTMAX = (
    "def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n    return e / e.sum(axis=1, keepdims=True)",
    "def softmax(z):\n    e = np.exp((z.T - z.max(axis=1)).T)\n    return (e.T / e.sum(axis=1)).T",
    "def softmax(z):\n"
    "    m = np.max(z, axis=1)[:, None]\n"
    "    return np.exp(z - m - np.log(np.exp(z - m).sum(axis=1))[:, None])",
    "def softmax(z):\n"
    "    p = np.empty_like(z)\n"
    "    for i, row in enumerate(z):\n"
    "        e = np.exp(row - row.max())\n"
    "        p[i] = e / e.sum()\n"
    "    return p",
)
TWICE = (
    "def twice(f, x):\n    return f(f(x))",
    "twice = lambda f, x: f(f(x))",
    "def twice(f, x):\n    for _ in range(2):\n        x = f(x)\n    return x",
)


@dataclass(frozen=True)
class Kind:
    """A kind of submission.

    cells: sources by name, of the cells that are not right; NUMBER in them becomes one of each student's own.
    lost: the tests that must fail. damage: what happened to the notebook, or the bytes of the file instead of one.
    file: its name.
    """

    lost: frozenset[str] = frozenset()
    cells: dict[str, str] = field(default_factory=dict)
    damage: Callable[[Notebook, int], bytes | None] | None = None
    file: str = "tiny.ipynb"

    def write(self, notebook: Notebook, rng: Generator, number: int) -> tuple[str, bytes]:
        """The name and the bytes of the file that student ``number`` hands in."""
        right = {"squares": SQUARES, "softmax": SOFTMAX, "twice": TWICE}
        for name, styles in right.items():
            source = self.cells.get(name, styles[rng.integers(len(styles))]).replace("NUMBER", str(number + 1))
            _cell(notebook, name)["source"] = f"{source}\n# {number}"
        data = self.damage(notebook, number) if self.damage else None
        return self.file, json.dumps(notebook).encode() if data is None else data


def _cell(notebook: Notebook, name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["metadata"]["nbgrader"]["grade_id"] == name)


def _wrong(test: str, source: str) -> Kind:
    return Kind(frozenset({f"test_{test}"}), {test: source})


def _edit_tests(notebook: Notebook, number: int) -> None:
    for name in ALL:
        _cell(notebook, name)["source"] = f"assert True  # {number}"


def _delete_test(notebook: Notebook, number: int) -> None:
    notebook["cells"].remove(_cell(notebook, "test_twice"))


def _duplicate(notebook: Notebook, number: int) -> None:
    notebook["cells"].append(json.loads(json.dumps(_cell(notebook, "test_squares"))))


def _change_points(notebook: Notebook, number: int) -> None:
    _cell(notebook, "test_squares")["metadata"]["nbgrader"]["points"] = number + 100


def _cut(notebook: Notebook, number: int) -> bytes:
    return json.dumps(notebook).encode()[: 300 + number]


RIGHT = [Kind() for _ in range(9)]
WRONG = [
    _wrong("squares", "def squares(x):\n    return np.sum(x) + NUMBER"),
    _wrong("squares", "def squares(x):\n    return None"),
    _wrong("squares", "def squares(x):\n    return 'NUMBER'"),
    _wrong("squares", "def squares(x):\n    return float('nan')"),
    _wrong("squares", "squares = NUMBER"),
    _wrong("softmax", "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()"),
    _wrong("softmax", "def softmax(z):\n    z -= z.max(axis=1, keepdims=True)\n    return np.exp(z) / NUMBER"),
    _wrong("softmax", "def softmax(z):\n    return [[NUMBER]]"),
    _wrong("twice", "def twice(f, x):\n    return f(x) + NUMBER"),
]
RAISING = [
    _wrong("squares", "def squares(x):\n    raise ValueError('NUMBER is \\u202e \\x00 no')"),
    _wrong("squares", "def squares(x):\n    return squares(x)"),
    _wrong("squares", "def squares(x)\n    return NUMBER"),
    _wrong("squares", "raise NotImplementedError()"),
    _wrong("softmax", "def softmax(z):\n    return z / (NUMBER - NUMBER)"),
    _wrong("softmax", "import sys\ndef softmax(z):\n    sys.exit(NUMBER)"),
    _wrong("twice", "def twice(f, x):\n    return undefinedNUMBER(f(f(x)))"),
]
SLOW = [
    Kind(cells={"squares": "def squares(x):\n    for _ in range(9_000 + NUMBER): pass\n    return np.sum(x * x)"}),
    Kind(cells={"twice": "import time\ntime.sleep(0.01)\ndef twice(f, x):\n    return f(f(x))"}),
    Kind(cells={"softmax": f"for i in range(100 + NUMBER):\n    print(i)\n{SOFTMAX[0]}"}),
]
CRASHING = [
    _wrong("squares", "import os\ndef squares(x):\n    os._exit(NUMBER % 100)"),
    _wrong("softmax", "import ctypes\ndef softmax(z):\n    ctypes.string_at(NUMBER % 9)"),
    _wrong("twice", "import os\nos.abort()"),
]
DAMAGED = [
    Kind(damage=_edit_tests),
    Kind(damage=_delete_test),
    Kind(damage=_duplicate),
    Kind(damage=_change_points),
    Kind(file="my solution.ipynb"),
    Kind(ALL, damage=_cut),
    Kind(ALL, damage=lambda notebook, number: b""),
    Kind(ALL, damage=lambda notebook, number: b"%d \xff\xfe" % number),
    Kind(ALL, damage=lambda notebook, number: json.dumps([number]).encode()),
]
KINDS = [*RIGHT, *WRONG, *RAISING, *SLOW, *CRASHING, *DAMAGED]
