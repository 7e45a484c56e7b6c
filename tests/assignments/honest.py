"""Honest submissions of problem set 1, each in a style of its own, drawn from a seed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from classroom import cell_of, filled, grade_id
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from variants import variants

# What students leave unfinished or get wrong, and the tests that it costs. No other function leans on these.
UNFINISHED = {
    "graph_gradients": [
        ("raise NotImplementedError()", {"test_graph_forward", "test_graph_gradients"}),
        ("def graph_gradients(x, y, z):\n    return (x + y) * z, 0, 0, 0", {"test_graph_gradients"}),
    ],
    "mean_squared_error": [
        ("# ran out of time\npass", {"test_mean_squared_error_loss", "test_mean_squared_error_gradient"}),
        (
            "def mean_squared_error(pred, target):\n    d = pred - target\n    return (d * d).mean(), d / d.size",
            {"test_mean_squared_error_gradient"},
        ),
        ("def mean_squared_error(pred, target:", {"test_mean_squared_error_loss", "test_mean_squared_error_gradient"}),
    ],
    "numerical_gradient": [
        ("def numerical_gradient(f, x, h=1e-5):\n    return None", {"test_numerical_gradient"}),
    ],
}
NAMES = ("tmp", "result", "value", "结果", "é", "_", "aux", "X1", "somethingRatherLongThatSaysNothing")
SCRATCH = [
    "%matplotlib inline",
    "%%time\nsum(range(10))",
    "!pip list",
    "np.random.seed(0)\nnp.random.rand(2, 2)",
    "print('形状', np.zeros(3).shape)\nprint('x' * 5000)",
    "np.log(np.zeros(2))",
    "undefined_name + 1",
    "1 / 0",
    "import warnings\nwarnings.warn('careful')",
    "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\nPoint(1, 2)",
    "import matplotlib.pyplot as plt\nplt.plot(np.arange(3))\nplt.title('损失')\nplt.show()",
    "plt = None",
    "import time\nstart = time.time()\nfor _ in range(200): np.ones((8, 8)) @ np.eye(8)\nprint(time.time() - start)",
    "def check_shapes(a, b):\n    assert a.shape == b.shape\ncheck_shapes(np.ones(2), np.zeros(2))",
    "class Layer:\n    def __init__(self, n): self.W = n\n    def __call__(self, x): return x * self.W\nLayer(2)",
    "x = y = z = W = b = f = logits = labels = loss = 7",
    "display(np.eye(2))\n_ = 3",
    "import sys, os\nos.getcwd(), sys.version_info[:2]",
    "with open('notes.txt', 'w') as file:\n    file.write('my notes')",
]
NOTES = [
    "# 我的笔记\n这里推导了梯度：$\\partial L/\\partial z = p - y$。",
    "I was not sure here.",
    "<b>TODO</b>",
    "",
    "* a\n* b",
]


@dataclass(frozen=True)
class Submission:
    """A notebook, and the tests that it must fail; it must pass every other."""

    notebook: NotebookNode
    lost: frozenset[str]


def submission(seed: int, release: NotebookNode, solutions: Mapping[str, str]) -> Submission:
    """The submission of one student: the same for the same seed."""
    rng = np.random.default_rng(seed)
    every = [solutions, *variants("ps1").values()]
    functions = [name for name, source in solutions.items() if f"def {name}(" in source]
    sources, helpers = dict(solutions), dict[str, str]()
    for name in functions:
        style = every[rng.integers(len(every))]
        helpers[name], sources[name] = _dressed(rng, name, style.get(name, solutions[name]))
    lost: set[str] = set()
    for name in rng.permutation(sorted(UNFINISHED))[: rng.choice([0, 0, 1, 2])]:
        choices = UNFINISHED[name]
        sources[name], costs = choices[rng.integers(len(choices))]
        lost |= costs
    notebook = filled(release, sources)
    for name in functions:
        place = notebook.cells.index(cell_of(notebook, name))
        if helpers[name]:
            notebook.cells.insert(place, new_code_cell(helpers[name]))
    _scatter(rng, notebook)
    notebook.cells.insert(0, new_code_cell("import math\nimport numpy as np"))
    for cell in notebook.cells:
        if cell.cell_type == "code" and rng.random() < 0.3:
            cell.execution_count, cell.metadata["tags"] = int(rng.integers(99)), ["mine"]
    return Submission(notebook, frozenset(lost))


def _dressed(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    """(source of a helper's cell, or "", and of the answer's): the same function, written another way."""
    if rng.random() < 0.6:
        source = _renamed(rng, source)
    styles: list[Callable[[np.random.Generator, str, str], tuple[str, str]]] = [
        lambda rng, name, source: ("", source),
        _commented,
        _talking,
        _in_a_helper,
        _in_a_class,
        _decorated,
        _as_a_lambda,
    ]
    return styles[rng.integers(len(styles))](rng, name, source)


def _renamed(rng: np.random.Generator, source: str) -> str:
    """With other names for local variables."""
    tree = ast.parse(source)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        nodes = list(ast.walk(function))
        taken = {node.arg for node in nodes if isinstance(node, ast.arg)}
        own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} - taken
        new = {name: f"{NAMES[rng.integers(len(NAMES))]}{at}" for at, name in enumerate(sorted(own))}
        for node in nodes:
            if isinstance(node, ast.Name) and node.id in new:
                node.id = new[node.id]
    return ast.unparse(tree)


def _commented(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    return "", f"# 第一次尝试 – first try\n# YOUR CODE HERE\n\n\n{source}\n\n# raise NotImplementedError()\n"


def _talking(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    """It prints and warns while it works."""
    lines = source.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith(f"def {name}("))
    said = ["    import warnings", f"    print('in {name}', '✓')", "    warnings.warn('is this stable?')"]
    return "", "\n".join(lines[: at + 1] + said + lines[at + 1 :])


def _in_a_helper(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    return _moved(source, name), f"def {name}(*args, **kwargs):\n    return _my_{name}(*args, **kwargs)"


def _in_a_class(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    body = f"class Mine:\n    def answer(self, *args, **more):\n        return _my_{name}(*args, **more)\n"
    return _moved(source, name), body + f"{name} = Mine().answer"


def _decorated(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    timed = """\
import functools, time
def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            wrapper.seconds = time.perf_counter() - start
    return wrapper"""
    return timed, source.replace(f"def {name}(", f"@timed\ndef {name}(")


def _as_a_lambda(rng: np.random.Generator, name: str, source: str) -> tuple[str, str]:
    return _moved(source, name), f"{name} = lambda *args, **more: _my_{name}(*args, **more)"


def _moved(source: str, name: str) -> str:
    """Under another name."""
    return source.replace(f"def {name}(", f"def _my_{name}(")


def _scatter(rng: np.random.Generator, notebook: NotebookNode) -> None:
    """Cells of the student's own, after the first."""
    for _ in range(rng.integers(6)):
        place = int(rng.integers(1, len(notebook.cells) + 1))
        if rng.random() < 0.6:
            notebook.cells.insert(place, new_code_cell(SCRATCH[rng.integers(len(SCRATCH))]))
        else:
            notebook.cells.insert(place, new_markdown_cell(NOTES[rng.integers(len(NOTES))]))


def shuffled_metadata(notebook: NotebookNode) -> NotebookNode:
    """As another editor saves it: other metadata, and the same ids."""
    changed = copy.deepcopy(notebook)
    changed.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    for cell in changed.cells:
        if not grade_id(cell):
            cell.metadata["collapsed"] = True
    return changed
