"""Return something that is not the answer and claims to be."""

from attacks.attack import Attack


def _returns(name: str, tries: str, source: str, says: str = "", **more: object) -> Attack:
    return Attack(name, tries, {"triple": source}, says=says, **more)  # type: ignore[arg-type]


ATTACKS = [
    _returns(
        "equal_to_all",
        "an object whose comparisons all hold",
        """\
class Yes:
    shape = (5,)
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    def __sub__(self, other): return self
    def __array__(self, *a, **k): return np.zeros(5)
    def __iter__(self): return iter([0] * 5)
    def __len__(self): return 5
    def __abs__(self): return self
    def max(self): return self
def triple(x): return Yes()""",
        says="shape",
    ),
    _returns(
        "array_subclass",
        "a subclass of ndarray whose comparisons all hold",
        """\
class Yes(np.ndarray):
    def __lt__(self, other): return np.True_
    def __sub__(self, other): return self
    def __abs__(self): return self
    def max(self): return self
def triple(x): return np.zeros(5).view(Yes)""",
    ),
    _returns(
        "numpy_protocols",
        "an object that answers NumPy's own functions",
        """\
class Yes:
    shape = (5,)
    def __array_function__(self, *a, **k): return (5,)
    def __array_ufunc__(self, *a, **k): return np.zeros(5)
    def __array_interface__(self): raise MemoryError
    def __radd__(self, other): return other
    __rsub__ = __radd__
def triple(x): return Yes()""",
        says="shape",
    ),
    _returns(
        "own_tuple",
        "a tuple of a type of its own whose entries are not what they seem",
        """\
from collections import namedtuple
class Yes(namedtuple('Yes', 'a b c d e')):
    def __len__(self): return 5
    def __getitem__(self, at): return 0.0
    def __iter__(self): return iter([0.0] * 5)
    def __rsub__(self, other): return 0.0
def triple(x): return Yes(1.0, 2.0, 3.0, 4.0, 5.0)""",
    ),
    _returns(
        "datetime", "dates, whose differences are no numbers", "def triple(x): return np.zeros(5, 'M8[s]')", "shape"
    ),
    _returns("infinite", "infinities, whose difference is NaN", "def triple(x): return x * np.inf", "not 3x"),
    _returns("complex", "complex numbers whose real parts fit", "def triple(x): return 3 * x + 1j", "not 3x"),
    _returns("nothing", "return None", "def triple(x): return None", says="shape"),
    _returns("empty", "an empty array, for which every statement holds", "def triple(x): return np.zeros(0)", "shape"),
    _returns("broadcast", "an array that broadcasts", "def triple(x): return np.zeros((1, 5))", "shape"),
    _returns("nan", "NaN, which is not larger than any tolerance", "def triple(x): return x * np.nan", "not 3x"),
    _returns("masked", "an array whose entries are all masked", "def triple(x): return np.ma.masked_all(5)", "shape"),
    _returns("objects", "an array of objects", "def triple(x): return np.array([None] * 5, dtype=object)", "shape"),
    _returns(
        "zero_strides",
        "an array of a petabyte in eight bytes",
        "def triple(x): return np.broadcast_to(np.float64(0), (1 << 24, 1 << 24))",
        says="too large",
    ),
    _returns("huge_integer", "an integer of a million bits", "def triple(x): return [1 << 1_000_000] * 5", says="bits"),
    _returns(
        "shared_lists",
        "lists that share lists, 10**9 entries in all",
        "def triple(x):\n    y = [0.0]\n    for _ in range(9): y = [y] * 10\n    return y",
        says="too many",
    ),
    _returns(
        "cycle", "a list that holds itself", "def triple(x):\n    y = []\n    y.append(y)\n    return y", "deeply"
    ),
    _returns(
        "message_dict",
        "a dict that looks like a message of the protocol",
        "def triple(x): return {'kind': 'done', 'verdict': 'passed', 0: 'done'}",
        says="shape",
    ),
    _returns("lone_surrogate", "text that is no Unicode", "def triple(x): return '\\ud800\\0' * 5", says="Unicode"),
    _returns(
        "stop_iteration",
        "end the loops of a test early by raising StopIteration",
        "def triple(x): raise StopIteration",
        says="StopIteration",
    ),
    _returns("fake_check_failed", "raise what a check raises", "def triple(x): raise SystemExit(0)", says="SystemExit"),
    _returns(
        "bad_message",
        "raise an exception whose message fails",
        "class E(Exception):\n    def __str__(self): raise MemoryError\ndef triple(x): raise E",
        says="cannot be shown",
    ),
    _returns(
        "changed_input",
        "change the input so that the answer fits it",
        "def triple(x):\n    x[:] = 0\n    return 3 * x",
        says="not 3x",
    ),
    _returns(
        "memorized",
        "repeat answers seen before",
        "seen = []\ndef triple(x):\n    seen.append(x)\n    return 3 * seen[0] if len(seen) > 1 else 0 * x",
    ),
    _returns(
        "hard_coded",
        "answer the examples alone",
        "def triple(x): return np.array([3.0, 6.0, 9.0, 12.0, 15.0])",
        says="not 3x",
    ),
    _returns("generator", "a generator", "def triple(x): return (3 * v for v in x)", says="shape"),
    Attack(
        "partial_credit",
        "return a number that would count as a score",
        {"triple": "def triple(x): return 1e9"},
        says="shape",
    ),
]
