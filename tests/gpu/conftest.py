"""Tests that need an NVIDIA GPU and CuPy: skipped, with the reason, where either is missing."""

import pytest

from nnlab.backend import array_module


@pytest.fixture(scope="session")
def cupy():
    """CuPy, or a skipped test."""
    try:
        return array_module("cuda")
    except RuntimeError as error:
        pytest.skip(str(error))
