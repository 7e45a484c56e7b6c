"""Processes of one thread each, for grids: side by side, threads of NumPy would only stand in each other's way."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def cores() -> int:
    """How many processes run side by side on this machine."""
    return os.cpu_count() or 1


@contextmanager
def pool(size: int) -> Iterator[ProcessPoolExecutor]:
    """``size`` fresh processes, whose NumPy starts no threads of its own; what waits is dropped when one task fails."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        with ProcessPoolExecutor(size, mp_context=multiprocessing.get_context("spawn")) as executor:
            try:
                yield executor
            except BaseException:
                executor.shutdown(cancel_futures=True)
                raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
