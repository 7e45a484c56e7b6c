"""A scalar computational graph: every operation stands beside its local derivatives."""

from __future__ import annotations

import math
from numbers import Real

from nnlab.validation import real


class Value:
    """A number that remembers how it was computed.

    Arithmetic on values builds a graph. For each value, ``parents`` are the values it was computed from,
    ``local_gradients`` the partial derivatives with respect to them, and ``operation`` the sign that is drawn. After
    ``f.backward()``, ``grad`` holds ∂f/∂(value) for every value that f depends on.

    >>> x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> f.data, x.grad, y.grad, z.grad
    (-12.0, -4.0, -4.0, 3.0)

    Raises TypeError for data that is no real number; operations raise ValueError outside their domain.
    """

    def __init__(self, data: float, label: str = "") -> None:
        self.data = real("data", data)
        self.label = label
        self.grad = 0.0
        self.parents: tuple[Value, ...] = ()
        self.local_gradients: tuple[float, ...] = ()
        self.operation = ""

    def __add__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("+", self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("×", self.data * other.data, (self, other.data), (other, self.data))

    def __sub__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("−", self.data - other.data, (self, 1.0), (other, -1.0))

    def __truediv__(self, other: Value | float) -> Value:
        other = _value(other)
        if other.data == 0:
            raise ValueError(f"cannot divide {self!r} by zero")
        quotient = self.data / other.data
        return _result("÷", quotient, (self, 1 / other.data), (other, -quotient / other.data))

    def __pow__(self, exponent: float) -> Value:
        """x ** n for a plain number n; the derivative is n·xⁿ⁻¹."""
        n = real("exponent", exponent)
        if (self.data < 0 and n != int(n)) or (self.data == 0 and n < 1 and n != 0):
            raise ValueError(f"{self!r} ** {n:g} is no real number with a finite derivative")
        slope = n * self.data ** (n - 1) if n else 0.0
        return _result(f"^{n:g}", self.data**n, (self, slope))

    def __neg__(self) -> Value:
        return _result("neg", -self.data, (self, -1.0))

    def __radd__(self, other: float) -> Value:
        return _value(other) + self

    def __rmul__(self, other: float) -> Value:
        return _value(other) * self

    def __rsub__(self, other: float) -> Value:
        return _value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _value(other) / self

    def exp(self) -> Value:
        """eˣ; its derivative is itself."""
        power = math.exp(self.data)
        return _result("exp", power, (self, power))

    def log(self) -> Value:
        """The natural logarithm; its derivative is 1/x. Raises ValueError unless x > 0."""
        if self.data <= 0:
            raise ValueError(f"log needs a positive number, got {self!r}")
        return _result("log", math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> Value:
        """tanh(x); its derivative is 1 − tanh²(x)."""
        t = math.tanh(self.data)
        return _result("tanh", t, (self, 1 - t * t))

    def sigmoid(self) -> Value:
        """σ(x) = 1/(1 + e⁻ˣ); its derivative is σ(1 − σ)."""
        power = math.exp(-abs(self.data))
        s = (1 if self.data >= 0 else power) / (1 + power)
        return _result("σ", s, (self, power / (1 + power) ** 2))

    def relu(self) -> Value:
        """max(0, x); its derivative is 1 where x > 0 and 0 elsewhere."""
        return _result("ReLU", max(0.0, self.data), (self, float(self.data > 0)))

    def topological_order(self) -> list[Value]:
        """Every value this one depends on, and itself: parents before the values computed from them."""
        order: list[Value] = []
        visited: set[int] = set()
        pending: list[tuple[Value, bool]] = [(self, False)]
        while pending:
            value, parents_done = pending.pop()
            if parents_done:
                order.append(value)
            elif id(value) not in visited:
                visited.add(id(value))
                pending.append((value, True))
                pending.extend((parent, False) for parent in reversed(value.parents))
        return order

    def backward(self) -> None:
        """Set ``grad`` of every value in the graph to the derivative of this one with respect to it.

        In reverse order each value hands local × upstream to its parents; where paths meet, contributions add.
        """
        order = self.topological_order()
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for parent, local in zip(value.parents, value.local_gradients, strict=True):
                parent.grad += local * value.grad

    def draw(self) -> str:
        """The graph as SVG text: data above each edge's start, gradients below; inputs at the left."""
        from nnlab.graph_drawing import draw

        return draw(self)

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        return f"Value({self.data:g}{name})"


def _value(number: Value | float) -> Value:
    if isinstance(number, Value):
        return number
    if not isinstance(number, Real):
        raise TypeError(f"a Value combines with Values and real numbers, got {number!r} ({type(number).__name__})")
    return Value(float(number))


def _result(operation: str, data: float, *terms: tuple[Value, float]) -> Value:
    value = Value(data)
    value.operation = operation
    value.parents = tuple(parent for parent, _ in terms)
    value.local_gradients = tuple(local for _, local in terms)
    return value
