"""Work arrays that live as long as their owner, so that a training step allocates nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.backend import Array


class Workspace:
    """An object with array module ``xp`` and named work arrays of its own."""

    xp: Any = np

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """The work array ``name``: the same one as long as shape and dtype stay the same."""
        buffers = self.__dict__.setdefault("_buffers", {})
        array = buffers.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = buffers[name] = self.xp.empty(shape, dtype)
        return array
