"""Students' functions, objects and names as the trusted side sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any

from nnlab.grading.sandbox.cleaning import clean

if TYPE_CHECKING:
    from nnlab.grading.sandbox.session import Session


class Handle:
    """Something in the student's process: it can be passed back there, and nothing else.

    Comparing, hashing, printing and testing it never leave this process.
    """

    def __init__(self, session: Session, generation: int, number: int, description: str) -> None:
        self._session, self._generation, self._number = session, generation, number
        self._description = clean(description, 80)

    def __repr__(self) -> str:
        return f"<{self._description} object>"


class RemoteFunction(Handle):
    """A student's function; calling it sends the arguments and waits for the result.

    What it prints, it prints here; what it warns of, it warns of here; what it raises is raised here under the same
    name; and arguments that it changed are changed here.
    """

    isolated = True

    def __init__(self, session: Session, generation: int, number: int, description: str, name: str = "") -> None:
        super().__init__(session, generation, number, description)
        self._name = name
        self.__name__ = name or self._description

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.call(self, args, kwargs)

    def call_ahead(self, calls: Sequence[Sequence[Any]], seconds: float) -> None:
        """Make these calls in one message; each answer waits until its call is made with those very arguments.

        A check makes dozens of calls, and one message costs as much as another. Where the calls cannot be made
        together, because one of them ends the process, say, or they take longer than ``seconds``, nothing waits and
        each is made by itself.
        """
        self._session.call_ahead(self, [tuple(args) for args in calls], seconds)

    @property
    def memory(self) -> dict[Any, Any] | None:
        """Where checks may keep what the student's functions did, for as long as these are the same; None without a
        name of the student's to know this function by."""
        return self._session.memory if self._name else None

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    @property
    def __code__(self) -> CodeType:
        """Code whose file is the cell that the last error came from, so that messages can quote the line."""
        return compile("", self._session.last_place, "exec")

    @property
    def __globals__(self) -> Scope:
        """The student's names."""
        return Scope(self._session)


class Scope(Mapping[str, Any]):
    """The student's names, read and written across the border; a function written there is lent, not copied."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getitem__(self, name: str) -> Any:
        return self._session.look(name)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the student's names can be asked for one by one, not listed")

    def __len__(self) -> int:
        raise TypeError("the student's names can be asked for one by one, not counted")

    def update(self, values: Mapping[str, Any]) -> None:
        """Give names values, as for a dict."""
        for name, value in values.items():
            self._session.put(name, value)


class RemoteModule:
    """A module that the student's code imported under some name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<module {self.name}>"
