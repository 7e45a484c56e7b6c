"""Calls across the border behave as calls do, and a broken process costs what it must and no more."""

import time
import warnings

import numpy as np
import pytest
from attacks.forging import FIND

from nnlab.grading import CheckFailed, check
from nnlab.grading.sandbox import Limits, RemoteEnded, RemoteError, RemoteFunction, RemoteTimeout, Session

SOFTMAX = """\
import numpy as np
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
"""


def define(session: Session, source: str, name: str = "f") -> RemoteFunction:
    outcome = session.run(1, source)
    assert outcome.error is None, outcome
    session.begin_cell()
    return session.look(name)


def test_results_have_their_types(session: Session) -> None:
    f = define(session, "import numpy as np\ndef f(x): return x, [x * 2], {'k': np.float32(1.5)}, None, True, 1j")
    x = np.arange(6.0).reshape(2, 3)
    first, second, third, *rest = f(x)
    assert np.array_equal(first, x) and np.array_equal(second[0], 2 * x)
    assert type(third["k"]) is np.float32 and rest == [None, True, 1j]


def test_keyword_arguments_and_defaults(session: Session) -> None:
    f = define(session, "def f(a, *, b=2): return a - b")
    assert f(5) == 3 and f(a=5, b=1) == 4


def test_a_changed_argument_is_changed_here_too(session: Session) -> None:
    f = define(session, "def f(x, y, z):\n    x[0] = 9\n    y.append(1)\n    z['a'][1] = 7")
    x, y, z = np.zeros(3), [0], {"a": np.zeros(2), "b": 1}
    inner = z["a"]
    f(x, y, z)
    assert x.tolist() == [9, 0, 0] and y == [0, 1]
    assert z["a"] is inner and inner.tolist() == [0, 7]


def test_arguments_left_alone_stay_the_same_objects(session: Session) -> None:
    f = define(session, "def f(x): return x + 1")
    x = np.asfortranarray(np.ones((2, 3)))
    x.flags.writeable = False
    assert f(x).tolist() == [[2, 2, 2]] * 2
    assert x.flags.f_contiguous and not x.flags.writeable


def test_memory_layouts_reach_the_student(session: Session) -> None:
    f = define(session, "def f(x): return x.flags.c_contiguous, x.flags.f_contiguous, x.flags.writeable")
    x = np.zeros((4, 6))
    frozen = x.copy()
    frozen.flags.writeable = False
    assert f(x) == (True, False, True)
    assert f(np.asfortranarray(x)) == (False, True, True)
    assert f(x[::2, ::2]) == (False, False, True)
    assert f(frozen) == (True, False, False)


def test_a_function_passed_in_is_called_back(session: Session) -> None:
    f = define(session, "def f(g, x): return g(x) + g(x + 1)")
    seen = []
    assert f(lambda value: seen.append(value) or 10 * value, 1) == 30
    assert seen == [1, 2]


def test_an_error_in_a_function_passed_in_reaches_the_student(session: Session) -> None:
    f = define(session, "def f(g):\n    try: g(1)\n    except ValueError as error: return str(error)")

    def g(value: int) -> None:
        raise ValueError("too small")

    assert f(g) == "too small"


def test_students_functions_can_be_passed_to_students_functions(session: Session) -> None:
    f = define(session, "def g(x): return 2 * x\ndef f(h, x): return h(h(x))")
    assert f(session.look("g"), 3) == 12
    assert f(lambda x: session.look("g")(x) + 1, 3) == 15


def test_objects_stay_there_and_can_be_passed_back(session: Session) -> None:
    source = "class Model:\n    w = 3\n    def __eq__(self, other): return True\n"
    f = define(session, source + "def f(): return Model()\ndef predict(model, x): return model.w * x")
    model = f()
    assert model != 0 and repr(model) == "<Model object>"
    assert session.look("predict")(model, 2) == 6


def test_forgotten_objects_are_let_go(session: Session) -> None:
    source = "import weakref, gc\nalive = weakref.WeakSet()\nclass Model: pass\n"
    source += "def f():\n    m = Model()\n    alive.add(m)\n    return m\n"
    source += "def count():\n    gc.collect()\n    return len(alive)"
    f = define(session, source)
    kept = f()
    for _ in range(5):
        f()
    assert session.look("count")() <= 2 and kept is not None


def test_exceptions_come_back_by_name_with_the_line(session: Session) -> None:
    f = define(session, "def f(x):\n    return 1 / x")
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        f(0)
    assert (caught.traceback[-1].path, caught.traceback[-1].lineno + 1) == ("<cell 1>", 2)


def test_students_exceptions_are_never_ours(session: Session) -> None:
    source = (
        "class CheckFailed(Exception): pass\nclass KeyError(Exception): pass\ndef f(kind): raise globals()[kind]('x')"
    )
    f = define(session, source)
    for name in ("CheckFailed", "KeyError"):
        with pytest.raises(RemoteError) as caught:
            f(name)
        assert type(caught.value).__name__ == name
        assert not isinstance(caught.value, (CheckFailed, KeyError))


def test_a_loop_over_calls_cannot_be_ended_early(session: Session) -> None:
    f = define(session, "def f(x): raise StopIteration")
    with pytest.raises(RemoteError):
        list(map(f, [1, 2, 3]))


def test_printing_and_warnings_are_mirrored(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    f = define(session, "import warnings\ndef f():\n    print('hello \\x1b[31m')\n    warnings.warn('careful')")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f()
    assert capsys.readouterr().out == "hello \n"
    assert [str(warning.message) for warning in caught] == ["careful"]


def test_a_random_generator_moves_on_but_not_where_the_student_says(session: Session) -> None:
    source = "import numpy as np\ndef f(rng): return rng.normal()\n"
    source += "def g(rng): rng.bit_generator.state = np.random.default_rng(1).bit_generator.state"
    f = define(session, source)
    ours, again = np.random.default_rng(0), np.random.default_rng(0)
    first, second = f(ours), f(ours)
    assert first == np.random.default_rng(0).normal()
    assert first != second and (first, second) == (f(again), f(again))
    session.look("g")(ours)
    assert ours.normal() != np.random.default_rng(1).normal()


def test_a_check_works_on_a_handle(session: Session) -> None:
    check(define(session, SOFTMAX, "softmax"), "ps1.softmax")


def test_a_check_explains_a_handle_as_it_explains_a_function(session: Session) -> None:
    """The same wrong function, here and across the border, gets the same message."""
    for body in ("np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)", "None", "logits[7, 7]", "logits + ''"):
        source = f"import numpy as np\ndef softmax(logits):\n    return {body}"
        namespace: dict = {}
        exec(compile(source, "<cell 1>", "exec"), namespace)
        remote = define(session, source, "softmax")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(CheckFailed) as far:
                check(remote, "ps1.softmax", seed=0)
            with pytest.raises(CheckFailed) as near:
                check(namespace["softmax"], "ps1.softmax", seed=0)
        assert str(far.value) == str(near.value)


def test_an_earlier_function_that_is_wrong_is_lent_and_taken_back(session: Session) -> None:
    source = SOFTMAX.replace("axis=1", "axis=0") + (
        "def cross_entropy(logits, labels):\n"
        "    p = softmax(np.asarray(logits))\n    n = np.arange(len(p))\n"
        "    with np.errstate(divide='ignore'): loss = -np.log(p[n, labels]).mean()\n"
        "    d = p.copy()\n    d[n, labels] -= 1\n    return min(loss, 20000.0), d / len(p)\n"
    )
    define(session, source, "cross_entropy")
    with pytest.raises(CheckFailed):
        check(session.look("softmax"), "ps1.softmax")
    with pytest.raises(CheckFailed):
        check(session.look("cross_entropy"), "ps1.cross_entropy")
    assert np.allclose(session.look("softmax")(np.ones((2, 1))), 0.5), "the student's own softmax is back"


def test_a_reply_under_another_token_is_refused(session: Session) -> None:
    """Also when it is a well-formed reply that says what the real one would."""
    f = define(session, FIND + "def f(x):\n    line.send(reply(b'0' * 16, 2 * x))\n    return 2 * x")
    with pytest.raises(RemoteEnded, match="belongs to no question"):
        f(2)
    assert not session.alive


def test_a_slow_call_ends_with_its_process(session: Session) -> None:
    f = define(session, "def f():\n    while True: pass")
    session._cell_deadline = time.monotonic() + 0.3
    with pytest.raises(RemoteTimeout, match="still running"):
        f()
    assert not session.alive
    with pytest.raises(RemoteEnded, match="ended before"):
        f()


def test_a_crash_costs_one_call_and_earlier_cells_run_again(session: Session) -> None:
    session.run(1, "n = 41")
    session.run(2, "import os\ndef die(): os._exit(3)\ndef f(): return n + 1")
    session.begin_cell()
    f = session.look("f")
    with pytest.raises(RemoteEnded, match="exit status 3"):
        session.look("die")()
    session.begin_cell()
    assert f() == 42, "the handle finds the function of the new process"
    assert session.incidents == ["it ended itself with exit status 3"]


def test_a_cell_that_ends_the_process_is_left_out_of_the_next(session: Session) -> None:
    session.run(1, "n = 1")
    assert session.run(2, "n = 2\nimport os\nos._exit(0)").error
    session.run(3, "m = n")
    session.begin_cell()
    assert session.look("m") == 1


def test_restarts_are_bounded(warm: str) -> None:
    with Session(warm, "bwrap", Limits(restarts=2)) as session:
        for _ in range(3):
            session.run(1, "import os\nos._exit(0)")
        with pytest.raises(RemoteEnded, match="2 times"):
            session.run(1, "1")


def test_cells_behave_as_in_a_notebook(session: Session) -> None:
    outcome = session.run(1, "%matplotlib inline\n!ls\nx = 3\nprint('a')\nx + 1")
    assert (outcome.printed, outcome.result, outcome.error) == ("a\n", "4", None)
    assert "magics" in outcome.remarks[0]
    assert session.run(2, "%%html\n<b>").error is None
    assert session.run(3, "x;").result is None
    assert session.run(4, "def f(:").error[0] == "SyntaxError"
    assert session.run(5, "display(x)\nif __name__ == '__main__': print('main')").printed == "3\nmain\n"


def test_figures_come_back_as_png(session: Session) -> None:
    pytest.importorskip("matplotlib")
    session.limits = session.limits.with_changes(cell_seconds=60)
    outcome = session.run(1, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert outcome.error is None and outcome.printed == ""
    assert [image[:4] for image in outcome.figures] == [b"\x89PNG"]


def test_the_digits_are_there_and_the_answers_are_not(session: Session) -> None:
    outcome = session.run(1, "from nnlab import data\n(x, y), _ = data.digits()\nx.shape, str(x.dtype)")
    assert outcome.result == "((1437, 64), 'float32')"
    for module in ("nnlab.losses", "nnlab.grading.checking", "nbgrader", "sklearn"):
        assert session.run(2, f"import {module}").error[0] == "ModuleNotFoundError"
    assert session.run(3, "data.standardize").error[0] == "AttributeError"


def test_calls_made_together_give_what_single_calls_give(session: Session) -> None:
    """Also where a function returns the same buffer each time, changes an argument, prints, or raises once."""
    source = """\
import numpy as np
buffer = np.zeros(2)
def f(x):
    print("x is", x[0])
    if x[0] == 2: raise ValueError("two")
    buffer[:] = x[0]
    x[1] = -1
    return buffer
"""
    f = define(session, source)
    calls = [[np.array([float(value), 0.0])] for value in range(4)]
    f.call_ahead(calls, 5)
    for value in (0, 1):
        assert f(*calls[value]).tolist() == [value, value]
        assert calls[value][0].tolist() == [value, -1]
    with pytest.raises(ValueError, match="two"):
        f(*calls[2])
    other = np.array([7.0, 0.0])
    assert f(other).tolist() == [7, 7]  # a call that nobody announced
    assert f(*calls[3]).tolist() == [3, 3]
    assert session.incidents == []


def test_a_call_that_ends_the_process_costs_the_calls_before_it_nothing(session: Session) -> None:
    f = define(session, "import os\ndef f(x):\n    if x == 2: os._exit(1)\n    return x")
    f.call_ahead([[0], [1], [2], [3]], 5)
    assert [f(0), f(1)] == [0, 1]
    with pytest.raises(RemoteEnded):
        f(2)
    assert len(session.incidents) == 1


def test_calls_that_take_too_long_together_are_made_one_by_one(session: Session) -> None:
    f = define(session, "import time\ndef f(x):\n    time.sleep(0.3)\n    return x")
    start = time.monotonic()
    f.call_ahead([[n] for n in range(100)], 0.5)
    assert time.monotonic() - start < 5
    assert f(1) == 1 and session.incidents == []


def test_a_named_tuple_is_a_tuple_here_and_itself_there(session: Session) -> None:
    source = """\
from collections import namedtuple
Cache = namedtuple("Cache", "mean parts")
def forward(x): return x + 1, Cache(x, (x, 2))
def backward(cache): return cache.mean * cache.parts[1]
"""
    forward = define(session, source, "forward")
    out, cache = forward(3)
    assert out == 4 and cache == (3, (3, 2)) and isinstance(cache, tuple)
    assert session.look("backward")(cache) == 6
    with pytest.raises(AttributeError):
        session.look("backward")((3, (3, 2)))
