"""MNIST: 70,000 handwritten digits, downloaded once."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from nnlab.data.digits import Split
from nnlab.data.download import cache_folder, fetch

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

FILES = {  # name: (SHA-256, bytes)
    "train-images-idx3-ubyte.gz": ("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9_912_422),
    "train-labels-idx1-ubyte.gz": ("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28_881),
    "t10k-images-idx3-ubyte.gz": ("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1_648_877),
    "t10k-labels-idx1-ubyte.gz": ("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4_542),
}


def mnist(folder: str | os.PathLike[str] | None = None) -> tuple[Split, Split]:
    """60,000 and 10,000 handwritten digits of 28 × 28 pixels, as ``(x_train, y_train), (x_test, y_test)``.

    x: (N, 784) float32 in [0, 1], a row an image, top row first. y: (N,) int64 labels 0 to 9.

    The first call downloads 12 MB into ``folder``: by default ``$NNLAB_CACHE/mnist``, or mnist in nnlab's folder among
    the system's caches. Later calls read from there. A download that broke off is resumed, and every file's SHA-256 is
    checked. Raises ConnectionError when the files are not there and cannot be had; ``data.digits()`` needs no network.

    Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", 1998.
    """
    place = cache_folder() / "mnist" if folder is None else Path(folder)
    try:
        paths = [fetch(name, MIRRORS, sha256, size, place) for name, (sha256, size) in FILES.items()]
    except ConnectionError as error:
        names = "\n  ".join(FILES)
        raise ConnectionError(
            f"MNIST is not in {place} and could not be downloaded:\n{error}\n"
            "What you can do: use data.digits(), 1,797 digits of 8 × 8 pixels that come with nnlab; or call mnist() "
            f"again when you are online, it goes on where it stopped; or put these files there yourself:\n  {names}"
        ) from None
    x_train, y_train, x_test, y_test = (_read(path) for path in paths)
    return (_pixels(x_train), y_train.astype(np.int64)), (_pixels(x_test), y_test.astype(np.int64))


def _read(path: Path) -> np.ndarray:
    """The array in an IDX file: two zero bytes, the type (8: bytes), the number of axes, their lengths, the data."""
    import gzip

    with gzip.open(path) as file:
        content = file.read()
    axes = content[3]
    lengths = [int(n) for n in np.frombuffer(content, ">u4", axes, offset=4)]
    start = 4 + 4 * axes
    if content[:3] != b"\x00\x00\x08" or len(content) - start != math.prod(lengths):
        raise ValueError(f"{path} is no IDX file of bytes")
    return np.frombuffer(content, np.uint8, offset=start).reshape(lengths)


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
