"""Evaluates an explorer over its grid of control values, in parallel, and keeps the results on disk."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import time
from collections.abc import Iterable
from concurrent.futures import as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from nnlab.widgets.controls import Value
from nnlab.widgets.explorer import REGISTRY, Explorer, ExplorerError, Results
from nnlab.widgets.processes import cores, pool
from nnlab.widgets.source import compute_hash

CACHE_FORMAT = 2
WORTH_PROCESSES = 1.0


@dataclass(frozen=True)
class Column:
    """One result over all states: its elements one state after the other, and its shape in each state."""

    values: np.ndarray
    shapes: np.ndarray

    def at(self, state: int) -> np.ndarray:
        """The array of one state."""
        sizes = self.shapes.prod(axis=1, dtype=np.int64)
        start = int(sizes[:state].sum())
        return self.values[start : start + int(sizes[state])].reshape(self.shapes[state])


Table = dict[str, Column]


def states(explorer: Explorer) -> list[dict[str, Value]]:
    """Every combination of the values of the controls that ``compute`` takes; the last control varies fastest."""
    values = [explorer.controls[name].values for name in explorer.grid]
    return [dict(zip(explorer.grid, combination, strict=True)) for combination in itertools.product(*values)]


def grid_key(explorer: Explorer) -> str:
    """What the results depend on: code, grid values, NumPy's version."""
    values = {name: [repr(v) for v in explorer.controls[name].values] for name in explorer.grid}
    text = json.dumps([CACHE_FORMAT, explorer.name, values, compute_hash(explorer.function)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _evaluate(module: str, name: str, batch: list[dict[str, Value]]) -> list[Results]:
    import_module(module)
    return [REGISTRY[name].compute(**state) for state in batch]


def _stack(explorer: Explorer, results: list[Results], grid: list[dict[str, Value]]) -> Table:
    table: Table = {}
    for name, first in results[0].items():
        arrays = []
        for result, state in zip(results, grid, strict=True):
            array = result.get(name)
            if array is None or set(result) != set(results[0]):
                raise ExplorerError(
                    f"explorer {explorer.name!r} at {state}: returned {sorted(result)}, elsewhere {sorted(results[0])}"
                )
            if array.ndim != first.ndim or (array.dtype == object) != (first.dtype == object):
                raise ExplorerError(
                    f"explorer {explorer.name!r} at {state}: {name!r} is {array.dtype} with {array.ndim} axes, "
                    f"elsewhere {first.dtype} with {first.ndim}"
                )
            arrays.append(array)
        shapes = np.array([array.shape for array in arrays], dtype=np.int64).reshape(len(arrays), first.ndim)
        table[name] = Column(np.concatenate([array.ravel() for array in arrays]), shapes)
    return table


def evaluate(explorer: Explorer, *, progress: bool = True, processes: int | None = None) -> Table:
    """Compute all states, in this process when that is quick and in so many (one a core) otherwise.

    Raises ExplorerError naming the explorer and the control values where ``compute`` fails, where results differ in
    name or kind from state to state, and where a panel speaks of a result that is not there.
    """
    grid = states(explorer)
    start = time.perf_counter()
    results = [explorer.compute(**grid[0])]
    explorer.check_names(results[0])
    processes = processes or cores()
    rest = grid[1:]
    with tqdm(total=len(grid), initial=1, desc=explorer.name, unit="state", disable=not progress, leave=False) as bar:
        while rest and (processes == 1 or (time.perf_counter() - start) * len(grid) / len(results) < WORTH_PROCESSES):
            results.append(explorer.compute(**rest.pop(0)))
            bar.update()
        if rest:
            results += _in_processes(explorer, rest, processes, bar)
    return _stack(explorer, results, grid)


def _in_processes(explorer: Explorer, grid: list[dict[str, Value]], processes: int, bar: Any) -> list[Results]:
    size = max(1, math.ceil(len(grid) / (8 * processes)))
    batches = [grid[i : i + size] for i in range(0, len(grid), size)]
    results: list[Results] = []
    with pool(processes) as executor:
        futures = [executor.submit(_evaluate, explorer.function.__module__, explorer.name, batch) for batch in batches]
        for future, batch in zip(futures, batches, strict=True):
            results += future.result()
            bar.update(len(batch))
    return results


def _save(path: Path, table: Table, seconds: float) -> None:
    arrays: dict[str, np.ndarray] = {"seconds": np.array(seconds)}
    for name, column in table.items():
        text = column.values.dtype == object
        arrays[f"{name}/{'text' if text else 'values'}"] = column.values.astype(str) if text else column.values
        arrays[f"{name}/shapes"] = column.shapes
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
    np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def _load(path: Path) -> tuple[Table, float]:
    table: Table = {}
    with np.load(path) as kept:
        for key in kept.files:
            name, _, what = key.rpartition("/")
            if what in ("text", "values"):
                values = kept[key].astype(object) if what == "text" else kept[key]
                table[name] = Column(values, kept[f"{name}/shapes"])
        return table, float(kept["seconds"])


@dataclass(frozen=True)
class Computed:
    """All states of an explorer, the seconds that took, and whether it took them now or in an earlier build.

    One process counts the seconds it computed, several the seconds on the clock.
    """

    table: Table
    seconds: float
    now: bool


def _kept(explorer: Explorer, cache: Path) -> Path:
    return cache / f"{explorer.name}.{grid_key(explorer)}.npz"


def results(explorer: Explorer, cache: Path, *, progress: bool = True, processes: int | None = None) -> Computed:
    """All states, from the cache where nothing they depend on changed, else computed and kept there."""
    path = _kept(explorer, cache)
    if path.is_file():
        return Computed(*_load(path), now=False)
    clock = time.process_time if processes == 1 else time.perf_counter
    start = clock()
    table = evaluate(explorer, progress=progress, processes=processes)
    seconds = clock() - start
    for old in cache.glob(f"{explorer.name}.*.npz"):
        old.unlink(missing_ok=True)
    _save(path, table, seconds)
    return Computed(table, seconds, now=True)


def _compute_alone(module: str, name: str, cache: Path) -> None:
    import_module(module)
    results(REGISTRY[name], cache, progress=False, processes=1)


def compute_missing(explorers: Iterable[Explorer], cache: Path, *, progress: bool = True) -> None:
    """Compute side by side what the cache lacks, each explorer in one process.

    States of one explorer often share trainings, which one process does once. A single explorer is left to
    ``results``, which spreads its states. Raises ExplorerError as ``evaluate`` does.
    """
    missing = [explorer for explorer in explorers if not _kept(explorer, cache).is_file()]
    if len(missing) < 2 or cores() == 1:
        return
    # the fewest states are the longest trainings: begun last, one of them would run on alone
    missing.sort(key=lambda explorer: explorer.state_count)
    with pool(min(cores(), len(missing))) as executor:
        futures = [executor.submit(_compute_alone, e.function.__module__, e.name, cache) for e in missing]
        for future in tqdm(as_completed(futures), total=len(futures), unit="explorer", disable=not progress):
            future.result()
