"""What every optimizer is: an in-place update of parameters from gradients, with its own state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from nnlab.backend import Array, module_of
from nnlab.flat import FlatArrays
from nnlab.validation import float_arrays, real


class Optimizer:
    """An update rule: ``step(parameters, gradients)`` changes the parameters in place.

    A rule names its state arrays in ``slots`` (each the size of the parameters, starting at 0) and defines
    ``update(w, g, *slots, *work)``. An ``elementwise`` rule treats every entry alike, so a network's parameters are
    updated as one flat vector; the others see one array at a time.

    ``tunables`` are all the numbers a user may set, lr included; ``state_bytes_per_parameter`` counts float32 state.
    Work arrays hold nothing from one step to the next, so they are no state.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    tunables: ClassVar[tuple[str, ...]] = ("lr",)
    elementwise: ClassVar[bool] = True
    work_arrays: ClassVar[int] = 1

    def __init__(self, lr: float) -> None:
        self.lr = lr
        self.steps = 0
        self._layout: list[tuple[tuple[int, ...], Any]] | None = None
        self._arrays: list[Sequence[Array]] = []  # a list of arrays for each slot, then for each work array
        self._last: tuple[Any, Any] = (None, None)
        self._calls: list[tuple[Array, ...]] = []

    @property
    def lr(self) -> float:
        """The learning rate; may be set between steps."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = real("lr", value, low=0)

    @property
    def state_bytes_per_parameter(self) -> int:
        """Bytes of state the rule keeps for one float32 parameter."""
        return 4 * len(self.slots)

    @property
    def state(self) -> dict[str, Sequence[Array]]:
        """The state arrays by slot, each list in the order of the parameters; empty before the first step."""
        return dict(zip(self.slots, self._arrays, strict=False))

    def step(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        """Change each parameter array in place by the rule, given its gradient array.

        Raises TypeError for what is no list of float arrays, ValueError for lists that do not fit each other or the
        lists of earlier steps, or that cannot be written to. Nothing is changed when it raises.
        """
        # the lists of a network keep their arrays, so what held for them in the last step still holds
        if parameters is not self._last[0] or gradients is not self._last[1]:
            self._check(parameters, gradients)
            self._calls = self._arguments(parameters, gradients)
            flat = isinstance(parameters, FlatArrays) and isinstance(gradients, FlatArrays)
            self._last = (parameters, gradients) if flat else (None, None)
        self.steps += 1
        self.begin_step()
        for arrays in self._calls:
            self.update(*arrays)

    def begin_step(self) -> None:
        """Work that is the same for all arrays of a step; ``self.steps`` already counts this one."""

    def update(self, w: Array, g: Array, *state: Array) -> None:
        """Apply the rule to one array ``w`` with gradient ``g``; ``state`` is its slots, then its work arrays.

        A rule never writes to ``g``, and writes to ``w`` only after its last use of ``g``: the two may be one array.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update(w, g, *state)")

    def _arguments(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> list[tuple[Array, ...]]:
        """What ``update`` is called with, call by call: one call for flat vectors, else one an array."""
        lists = (parameters, gradients, *self._arrays)
        if self.elementwise and all(isinstance(arrays, FlatArrays) for arrays in lists):
            return [tuple(arrays.flat for arrays in lists)]  # type: ignore[attr-defined]
        return list(zip(*lists, strict=True))

    def _check(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        float_arrays("parameters", parameters)
        float_arrays("gradients", gradients)
        layout = [(w.shape, w.dtype) for w in parameters]
        shapes = [w.shape for w in parameters]
        if [g.shape for g in gradients] != shapes:
            raise ValueError(f"gradients must have the parameters' shapes {shapes}, got {[g.shape for g in gradients]}")
        for i, w in enumerate(parameters):
            if not getattr(getattr(w, "flags", None), "writeable", True):
                raise ValueError(f"parameters[{i}] must be writeable, got a read-only array; pass a copy of it")
        if self._layout is None:
            self._layout = layout
            self._arrays = [_zeros_like(parameters) for _ in range(len(self.slots) + self.work_arrays)]
        elif self._layout != layout:
            raise ValueError(
                f"parameters must keep the shapes and dtypes of the first step, {_described(self._layout)}, "
                f"got {_described(layout)}; use a new {type(self).__name__} for other parameters"
            )

    def __getstate__(self) -> dict[str, Any]:
        # a copy or a pickle takes the rule's state with it, not the network's arrays
        return self.__dict__ | {"_last": (None, None), "_calls": []}

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name):g}" for name in self.tunables)
        return f"{type(self).__name__}({settings})"


def epsilon(value: float) -> float:
    """``value`` as the eps that keeps a denominator from 0: at least 1e-30, so that float32 does not round it to 0."""
    return real("eps", value, low=1e-30)


def _described(layout: Iterable[tuple[tuple[int, ...], Any]]) -> str:
    return "[" + ", ".join(f"{dtype}{list(shape)}" for shape, dtype in layout) + "]"


def _zeros_like(arrays: Sequence[Array]) -> Sequence[Array]:
    if isinstance(arrays, FlatArrays):
        return FlatArrays(module_of(arrays.flat).zeros_like(arrays.flat), [w.shape for w in arrays])
    return [module_of(w).zeros_like(w) for w in arrays]
