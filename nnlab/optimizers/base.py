"""What every optimizer is: an in-place update of parameters from gradients, with its own state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nnlab.backend import Array, module_of
from nnlab.flat import FlatArrays
from nnlab.validation import real


class Optimizer:
    """An update rule: ``step(parameters, gradients)`` changes the parameters in place.

    A rule names its state arrays in ``slots`` (each the size of the parameters, starting at 0) and defines
    ``update(w, g, *slots, *work)``. An ``elementwise`` rule treats every entry alike, so a network's parameters are
    updated as one flat vector; the others see one array at a time.

    ``tunables`` are all the numbers a user may set, lr included; ``state_bytes_per_parameter`` counts float32 state.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    tunables: ClassVar[tuple[str, ...]] = ("lr",)
    elementwise: ClassVar[bool] = True
    work_arrays: ClassVar[int] = 1

    def __init__(self, lr: float) -> None:
        self.lr = lr
        self.steps = 0
        self._shapes: list[tuple[int, ...]] | None = None
        self._state: list[Sequence[Array]] = []
        self._parameters: Sequence[Array] | None = None
        self._gradients: Sequence[Array] | None = None

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

    def step(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        """Change each parameter array in place by the rule, given its gradient array.

        Raises TypeError for arrays that are not floating point, ValueError for lists that do not fit each other or
        the lists of earlier steps. Nothing is changed when it raises.
        """
        self._check(parameters, gradients)
        self.steps += 1
        self.begin_step()
        if self.elementwise and all(isinstance(list_, FlatArrays) for list_ in (parameters, gradients, *self._state)):
            self.update(parameters.flat, gradients.flat, *(arrays.flat for arrays in self._state))  # type: ignore[attr-defined]
        else:
            for w, g, *state in zip(parameters, gradients, *self._state, strict=True):
                self.update(w, g, *state)

    def begin_step(self) -> None:
        """Work that is the same for all arrays of a step; ``self.steps`` already counts this one."""

    def update(self, w: Array, g: Array, *state: Array) -> None:
        """Apply the rule to one array ``w`` with gradient ``g``; ``state`` is its slots, then its work arrays."""
        raise NotImplementedError(f"{type(self).__name__} must define update(w, g, *state)")

    def _check(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        if parameters is self._parameters and gradients is self._gradients:
            return
        shapes = [w.shape for w in parameters]
        if [g.shape for g in gradients] != shapes:
            raise ValueError(f"gradients must have the parameters' shapes {shapes}, got {[g.shape for g in gradients]}")
        for name, arrays in (("parameters", parameters), ("gradients", gradients)):
            for array in arrays:
                if array.dtype.kind != "f":
                    raise TypeError(f"{name} must be arrays of floats, got dtype {array.dtype}")
        if self._shapes is None:
            self._shapes = shapes
            self._state = [_zeros_like(parameters) for _ in range(len(self.slots) + self.work_arrays)]
        elif self._shapes != shapes:
            raise ValueError(
                f"parameters must keep the shapes of the first step, {self._shapes}, got {shapes}; "
                f"use a new {type(self).__name__} for other parameters"
            )
        if isinstance(parameters, FlatArrays) and isinstance(gradients, FlatArrays):
            self._parameters, self._gradients = parameters, gradients

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name):g}" for name in self.tunables)
        return f"{type(self).__name__}({settings})"


def _zeros_like(arrays: Sequence[Array]) -> Sequence[Array]:
    if isinstance(arrays, FlatArrays):
        return FlatArrays(module_of(arrays.flat).zeros_like(arrays.flat), [w.shape for w in arrays])
    return [module_of(w).zeros_like(w) for w in arrays]
