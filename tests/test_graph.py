"""The scalar graph against hand-worked numbers, finite differences and a real XML parser."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlab.graph import Value

small = st.floats(-3, 3, allow_nan=False)


def lecture_graph():
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    q.label = "q"
    f = q * z
    f.label = "f"
    return x, y, z, q, f


def test_lecture_example_by_hand():
    x, y, z, q, f = lecture_graph()
    f.backward()
    assert (q.data, f.data) == (3.0, -12.0)
    assert (f.grad, q.grad, z.grad, x.grad, y.grad) == (1.0, -4.0, 3.0, -4.0, -4.0)
    assert f.parents == (q, z) and f.local_gradients == (-4.0, 3.0) and f.operation == "×"


OPERATIONS = {
    "add": (lambda a, b: a + b, lambda a, b: a + b),
    "subtract": (lambda a, b: a - b, lambda a, b: a - b),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b),
    "divide": (lambda a, b: a / (b + 5), lambda a, b: a / (b + 5)),
    "reflected": (lambda a, b: 2 - a + 3 * b + 1 / (a + 7), lambda a, b: 2 - a + 3 * b + 1 / (a + 7)),
    "cube": (lambda a, b: (a - b) ** 3, lambda a, b: (a - b) ** 3),
    "negate": (lambda a, b: -a * b, lambda a, b: -a * b),
    "exp": (lambda a, b: (a * b).exp(), lambda a, b: math.exp(a * b)),
    "log": (lambda a, b: (a * a + b * b + 1).log(), lambda a, b: math.log(a * a + b * b + 1)),
    "tanh": (lambda a, b: (a + b).tanh(), lambda a, b: math.tanh(a + b)),
    "sigmoid": (lambda a, b: (a - 2 * b).sigmoid(), lambda a, b: 1 / (1 + math.exp(2 * b - a))),
    "shared": (lambda a, b: (a * b + a) * (a * b), lambda a, b: (a * b + a) * (a * b)),
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(a=small, b=small)
def test_gradients_agree_with_central_differences(name, a, b):
    build, plain = OPERATIONS[name]
    x, y = Value(a), Value(b)
    result = build(x, y)
    result.backward()
    h = 1e-5
    assert result.data == pytest.approx(plain(a, b), rel=1e-12, abs=1e-12)
    numerical = ((plain(a + h, b) - plain(a - h, b)) / (2 * h), (plain(a, b + h) - plain(a, b - h)) / (2 * h))
    assert (x.grad, y.grad) == pytest.approx(numerical, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("at", "slope"), [(-1.5, 0.0), (0.0, 0.0), (2.0, 1.0)])
def test_relu_slope(at, slope):
    x = Value(at)
    y = x.relu()
    y.backward()
    assert (y.data, x.grad) == (max(at, 0.0), slope)


def test_a_value_used_twice_adds_its_contributions():
    x = Value(3.0)
    y = x * x + x
    y.backward()
    assert x.grad == 7.0


def test_backward_twice_gives_the_same_gradients():
    x, *_, f = lecture_graph()
    f.backward()
    f.backward()
    assert x.grad == -4.0


def test_chain_of_ten_thousand_values_needs_no_recursion():
    value = first = Value(1.0)
    for _ in range(10_000):
        value = value + 1
    value.backward()
    assert first.grad == 1.0 and len(value.topological_order()) == 20_001


def test_order_puts_parents_first():
    *_, f = lecture_graph()
    order = f.topological_order()
    assert all(order.index(parent) < order.index(value) for value in order for parent in value.parents)


@pytest.mark.parametrize("at", [-800.0, 800.0])
def test_sigmoid_saturates_without_overflow(at):
    x = Value(at)
    y = x.sigmoid()
    y.backward()
    assert y.data == (at > 0) and x.grad == 0.0


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: Value("2"), TypeError, "data must be a real number, got '2'"),
        (lambda: Value(math.nan), ValueError, "data must be finite, got nan"),
        (lambda: Value(1.0) + "a", TypeError, "got 'a'"),
        (lambda: Value(-1.0).log(), ValueError, "log needs a positive number"),
        (lambda: Value(1.0) / 0, ValueError, "by zero"),
        (lambda: Value(-1.0) ** 0.5, ValueError, "no real number"),
        (lambda: Value(0.0) ** 0.5, ValueError, "finite derivative"),
    ],
)
def test_bad_input_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_power_zero_is_constant():
    x = Value(0.0)
    y = x**0
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.0)


def test_drawing_is_svg_that_shows_every_number():
    *_, f = lecture_graph()
    f.backward()
    svg = ElementTree.fromstring(f.draw())
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert len([e for e in svg.iter() if e.tag.endswith("circle")]) == 5
    assert len([e for e in svg.iter() if e.tag.endswith("path")]) == 4
    assert {"q = 3", "f = −12", "−2", "5", "−4", "1"} <= set(texts)
    assert "f = −12, gradient 1" in svg.find("{http://www.w3.org/2000/svg}title").text


def test_drawing_escapes_labels_and_keeps_nodes_apart():
    values = [Value(float(i), f"<{i}>") for i in range(6)]
    total = values[0]
    for value in values[1:]:
        total = total + value * value
    svg = ElementTree.fromstring(total.draw())
    places = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter("{http://www.w3.org/2000/svg}circle")]
    assert min(math.dist(p, q) for i, p in enumerate(places) for q in places[:i]) >= 88
    _, _, width, height = map(float, svg.get("viewBox").split())
    assert all(40 < x < width - 40 and 40 < y < height - 40 for x, y in places)
