"""The handwritten digits that come with nnlab."""

from __future__ import annotations

import numpy as np

Split = tuple[np.ndarray, np.ndarray]


def digits() -> tuple[Split, Split]:
    """1,797 handwritten digits of 8 × 8 pixels, as ``(x_train, y_train), (x_test, y_test)``.

    x: (1437, 64) and (360, 64), float32 in [0, 1], a row an image, top row first. y: int64 labels 0 to 9. The split is
    fixed, shuffled and stratified by label. Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
    Digits", UCI Machine Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0.
    """
    from importlib.resources import files

    with (files("nnlab") / "datasets" / "digits.npz").open("rb") as file, np.load(file) as stored:
        pixels, labels, train = stored["pixels"], stored["labels"], int(stored["train"])
    x, y = pixels.astype(np.float32) / np.float32(16), labels.astype(np.int64)
    return (x[:train], y[:train]), (x[train:], y[train:])
