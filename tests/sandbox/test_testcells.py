"""A test cell's verdict, as nbgrader will count it."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.utils import determine_grade

from nnlab.grading.grader.testcells import TestNamespace, imports_of, run_test
from nnlab.grading.sandbox import Session


def verdict(session: Session, test: str, student: str = "", points: float = 4.0, imports: tuple[str, ...] = ()):
    session.run(1, student)
    session.begin_cell()
    return run_test(test, "t", points, TestNamespace(session, list(imports)))


def counted(found) -> float:
    """What nbgrader makes of the outputs."""
    settings = {"grade": True, "solution": False, "locked": True, "points": found.points, "grade_id": "t"}
    cell = new_code_cell("", metadata={"nbgrader": settings}, outputs=list(map(nbformat.from_dict, found.outputs())))
    return determine_grade(cell)[0]


@pytest.mark.parametrize(
    ("test", "status", "score"),
    [
        ("assert f(2) == 4", "passed", 4),
        ("assert f(2) == 5", "failed", 0),
        ("assert f(2) == 4\n2.5", "partial", 2.5),
        ("0", "partial", 0),
        ("4", "passed", 4),
        ("f(2)", "passed", 4),
        ("f(3)", "failed", 0),
        ("-1", "failed", 0),
        ("float('nan')", "failed", 0),
        ("'text'", "passed", 4),
        ("True", "passed", 4),
        ("1 / 0", "failed", 0),
        ("raise SystemExit", "failed", 0),
        ("def f(:", "failed", 0),
        ("missing(1)", "failed", 0),
        ("import sys; print('careful', file=sys.stderr)", "passed", 4),
        ("import warnings; warnings.warn('careful')", "passed", 4),
    ],
)
def test_verdicts(session: Session, test: str, status: str, score: float) -> None:
    found = verdict(session, test, "def f(x): return 2 * x")
    assert (found.status, found.score) == (status, score)
    assert counted(found) == score


def test_a_score_that_a_student_returned_counts_only_within_bounds(session: Session) -> None:
    """Stock nbgrader stops the whole round at a score above the maximum."""
    found = verdict(session, "f()", "def f(): return 1e9")
    assert (found.status, counted(found)) == ("failed", 0)


def test_the_students_name_never_hides_one_of_the_tests(session: Session) -> None:
    student = "def check(*a): pass\nnp = None\ndef helper(x): return 'mine'\ndef abs(x): return 0"
    setup = "import numpy as np\ndef helper(x): return x + 1"
    session.run(1, student)
    session.begin_cell()
    namespace = TestNamespace(session, ["from nnlab.grading import check", *setup.splitlines()])
    assert run_test("assert helper(1) == 2 and abs(-3) == 3 and np.pi > 3\ncheck", "t", 1, namespace).status == "passed"


def test_a_module_that_the_student_imported_is_ours(session: Session) -> None:
    assert verdict(session, "assert xp.sqrt(4) == 2", "import numpy as xp").status == "passed"
    assert verdict(session, "system.path", "import os as system").kind == "NameError"


def test_names_work_inside_functions_of_the_test(session: Session) -> None:
    test = "def both(x): return [f(v) for v in (x, x + 1)]\nassert both(1) == [2, 4]"
    assert verdict(session, test, "def f(x): return 2 * x").status == "passed"


def test_hidden_lines_are_not_quoted(session: Session) -> None:
    test = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2) == 7\n### END HIDDEN TESTS\nassert f(3) == 7"
    assert verdict(session, test, "def f(x): return x").explanation == ["AssertionError", "in a hidden test"]
    assert "assert f(3) == 7" in verdict(session, test, "def f(x): return 7 - 3 * (x == 3)").explanation[-1]


def test_students_text_is_cleaned(session: Session) -> None:
    student = "def f():\n    raise ValueError('a\\x00b\\x1b[31mred\\u202e\\ud800' + 'x' * 10**6)"
    found = verdict(session, "f()", student)
    text = "\n".join(found.outputs()[-1]["traceback"])
    assert text.startswith("ValueError: abred?xxx") and len(text) < 5000
    text.encode()


def test_imports_are_found_wherever_the_release_has_them() -> None:
    sources = ["import numpy as np\nx = 1", "from math import pi, e\nif x:\n    import os", "def broken(:"]
    assert imports_of(sources) == ["import numpy as np", "from math import pi, e"]


MSE = """\
calls = 0
def mean_squared_error(pred, target):
    global calls
    calls += 1
    e = pred - target
    return (e**2).mean(), 2 * e / e.size
"""


def test_calls_are_made_once_for_all_checks_of_an_exercise(session: Session) -> None:
    imports = ["from nnlab.grading import check"]
    first, second = (f'check(mean_squared_error, "ps1.mean_squared_error.{part}")' for part in ("loss", "gradient"))
    assert verdict(session, first, MSE, imports=imports).status == "passed"
    made = session.look("calls")
    assert made > 12
    for test in (second, f'{first}\ncheck(mean_squared_error, "ps1.mean_squared_error.gradient")'):
        assert run_test(test, "t", 4.0, TestNamespace(session, imports)).status == "passed"
        assert session.look("calls") == made
    more = 'check(mean_squared_error, "ps1.mean_squared_error.loss", draws=20)'
    assert run_test(more, "t", 4.0, TestNamespace(session, imports)).status == "passed"
    assert session.look("calls") == made + 8


@pytest.mark.parametrize("change", ["def mean_squared_error(pred, target): return 0.0, pred", "helper = -1", "put"])
def test_a_check_remembers_nothing_of_other_functions(session: Session, change: str) -> None:
    """A later cell may define the function anew, or what it calls; a test may do so too."""
    student = "helper = 2\n" + MSE.replace("2 * e", "helper * e")
    test, imports = 'check(mean_squared_error, "ps1.mean_squared_error")', ["from nnlab.grading import check"]
    assert verdict(session, test, student, imports=imports).status == "passed"
    if change == "put":
        session.put("helper", -1)
        assert run_test(test, "t", 4.0, TestNamespace(session, imports)).status == "failed"
    else:
        assert verdict(session, test, change, imports=imports).status == "failed"
