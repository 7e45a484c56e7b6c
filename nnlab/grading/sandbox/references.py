"""What stands for something on the other side of the border: students' objects here, lent functions there."""

from __future__ import annotations

import secrets
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnlab.grading.exercises.drawing import Formula
from nnlab.grading.sandbox.cleaning import clean
from nnlab.grading.sandbox.inside.forms import CodecError, Portable, Reference
from nnlab.grading.sandbox.remote import Handle, RemoteFunction, RemoteModule

if TYPE_CHECKING:
    from nnlab.grading.sandbox.session import Session


class References:
    """The references of one process of a submission.

    lent: functions of this side that the student's code may call now, by number. dropped: numbers of the student's
    objects that nothing here holds any more.
    """

    def __init__(self, owner: Session, generation: int) -> None:
        self._owner, self._generation = owner, generation
        self.lent: dict[int, Callable[..., Any]] = {}
        self.dropped: list[int] = []

    def take_dropped(self) -> list[int]:
        """The numbers that were dropped since this was last asked."""
        dropped = self.dropped[:]
        del self.dropped[: len(dropped)]
        return dropped

    def refer(self, value: Any) -> Reference | Portable:
        """What stands for a value of this side that is no plain data; raises CodecError when nothing can."""
        if isinstance(value, Handle):
            if value._session is not self._owner or value._generation != self._generation:
                raise CodecError(f"{value!r} belonged to a process that has ended")
            return Reference("yours", value._number, "")
        if isinstance(value, Formula):
            return Portable(*value.portable)
        if callable(value):
            number = secrets.randbits(62)
            self.lent[number] = value
            return Reference("lent", number, getattr(value, "__name__", "f"))
        raise CodecError(f"{type(value).__name__} is no plain data")

    def resolve(self, reference: Reference) -> Any:
        """What a reference from the student's side becomes here; raises CodecError when it leads nowhere."""
        if reference.kind == "function":
            return self._handle(RemoteFunction, reference)
        if reference.kind == "object":
            # Messages name an object by its type, so its type has that name here too.
            return self._handle(type(clean(reference.name, 60) or "object", (Handle,), {}), reference)
        if reference.kind == "module":
            return RemoteModule(clean(reference.name, 80))
        if reference.kind == "yours" and reference.number in self.lent:
            return self.lent[reference.number]
        raise CodecError("a reference leads nowhere")

    def _handle(self, kind: type[Handle], reference: Reference) -> Handle:
        handle = kind(self._owner, self._generation, reference.number, reference.name)
        weakref.finalize(handle, self.dropped.append, reference.number)
        return handle
