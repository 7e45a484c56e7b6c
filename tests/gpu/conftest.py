"""Every test here runs twice: with CuPy on an NVIDIA GPU, skipped where there is none, and with a stand-in for it."""

import sys

import pytest
import stand_in

from nnlab.backend import array_module


@pytest.fixture(params=[pytest.param("CuPy", marks=pytest.mark.gpu), "stand-in"])
def cupy(request, monkeypatch):
    """CuPy, or a skipped test; or the module that stands in for it."""
    if request.param == "stand-in":
        for name, module in stand_in.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
    try:
        return array_module("cuda")
    except RuntimeError as error:
        pytest.skip(str(error))
