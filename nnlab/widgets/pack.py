"""The pack: every state of an explorer in one compressed file that a page reads without a kernel.

Layout, inside gzip: the letters NNX1, the header's length (uint32, little-endian), the header (JSON: the declaration,
and for each array how it is encoded), then the columns of bytes. frontend/src/data/pack.ts reads it.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
from typing import Any

import numpy as np

from nnlab.widgets.encoding import Body, Precision, add_codes, add_numbers, add_text, smallest
from nnlab.widgets.explorer import Explorer
from nnlab.widgets.grid import Column, Table, states

MAGIC = b"NNX1"


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def vary(column: Column, sizes: list[int]) -> tuple[list[int], Column]:
    """The grid's axes along which a result changes, and the result on those alone."""
    if (column.shapes != column.shapes[0]).any():
        return list(range(len(sizes))), column
    shape = tuple(int(n) for n in column.shapes[0])
    values = column.values.reshape(*sizes, -1)
    dims = []
    for axis in range(len(sizes)):
        first = values.take([0], axis=axis)
        if _same(values, np.broadcast_to(first, values.shape)):
            values = first
        else:
            dims.append(axis)
    count = int(np.prod([sizes[d] for d in dims], dtype=np.int64))
    return dims, Column(values.reshape(-1), np.tile(np.array(shape, np.int64), (count, 1)).reshape(count, len(shape)))


def _add(body: Body, column: Column, sizes: list[int], precision: Precision) -> dict[str, Any]:
    dims, kept = vary(column, sizes)
    counts = kept.shapes.prod(axis=1, dtype=np.int64)
    shapes, which = np.unique(kept.shapes, axis=0, return_inverse=True)
    entry: dict[str, Any] = {"dims": dims, "shapes": shapes.tolist(), "which": None}
    if len(shapes) > 1:
        entry["which"] = add_codes(body, smallest(which.astype(np.uint32)), np.array([len(which)]))
    if kept.values.dtype == object:
        return entry | add_text(body, kept.values, counts)
    return entry | add_numbers(body, kept.values, counts, precision)


def needed(explorer: Explorer, texts: np.ndarray, name: str) -> Precision | None:
    """How finely a result has to be known; None when nothing shows it."""
    found = [use for use in explorer.uses if use.name == name]
    said = any(re.search(rf"\{{\s*{name}\b", text) for text in texts)
    if not found and not said:
        return None
    spans = [use.span for use in found]
    shortest = None if None in spans else min((span for span in spans if span is not None), default=None)
    return Precision(said or any(use.exact for use in found), shortest, all(use.ratio for use in found))


def make_pack(explorer: Explorer, table: Table) -> bytes:
    """The explorer's pack, compressed. The same table gives the same bytes."""
    sizes = [len(explorer.controls[name].values) for name in explorer.grid]
    grid = states(explorer)
    words = np.empty(len(grid), dtype=object)
    for i, state in enumerate(grid):
        words[i] = explorer.words({name: column.at(i) for name, column in table.items()}, **state)
    text = {str(t) for column in table.values() if column.values.dtype == object for t in column.values}
    spoken = np.array([*set(words), *text], dtype=object)
    body = Body()
    arrays = {}
    for name, column in table.items():
        precision = needed(explorer, spoken, name)
        if precision is not None:
            arrays[name] = _add(body, column, sizes, precision)
    said = _add(body, Column(words, np.zeros((len(grid), 0), np.int64)), sizes, Precision(exact=True))
    header = {"spec": explorer.to_json(), "grid": explorer.grid, "arrays": arrays, "words": said}
    text_header = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    plain = MAGIC + struct.pack("<I", len(text_header)) + text_header + b"".join(body.parts)
    return gzip.compress(plain, compresslevel=9, mtime=0)
