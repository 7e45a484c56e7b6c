"""Notice a solution that lets nnlab do the work: nnlab is what solutions are checked against."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import nnlab

_ROOT = Path(nnlab.__file__).parent.parent
_PACKAGE = f"{_ROOT / 'nnlab'}{os.sep}"
_CHECKS = f"{_ROOT / 'nnlab' / 'grading'}{os.sep}"


@contextmanager
def watched(references: Sequence[Callable[..., Any]]) -> Iterator[list[str]]:
    """Gathers the names of the references and of nnlab's other functions, its checks left out, that run meanwhile."""
    found: list[str] = []
    own = {reference.__code__ for reference in references if hasattr(reference, "__code__")}

    def see(frame: FrameType, event: str, argument: Any) -> None:
        file = frame.f_code.co_filename
        inside = file.startswith(_PACKAGE) and not file.startswith(_CHECKS)
        if event == "call" and (inside or frame.f_code in own):
            module = ".".join(Path(file).relative_to(_ROOT).with_suffix("").parts)
            found.append(f"{module}.{frame.f_code.co_qualname}".removesuffix(".__init__"))

    before: Callable[..., Any] | None = sys.getprofile()
    sys.setprofile(see)
    try:
        yield found
    finally:
        sys.setprofile(before)


def unwatched(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, for those whom the checks themselves lend it."""

    def lent(*arguments: Any) -> Any:
        before = sys.getprofile()
        sys.setprofile(None)
        try:
            return function(*arguments)
        finally:
            sys.setprofile(before)

    return lent
