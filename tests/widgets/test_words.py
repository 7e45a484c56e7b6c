"""Numbers in words: the front end's formats against Python's own, and Python's numbers made printable."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.widgets.words import prettify

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def value_of(text: str) -> float:
    """The number a printed text stands for."""
    text = text.replace("−", "-").replace("∞", "inf").replace(",", "")
    if text.endswith("%"):
        return float(text[:-1]) / 100
    if "10" in text and any(c in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻" for c in text):
        mantissa, _, power = text.rpartition("10")
        sign, mantissa = (-1, mantissa[1:]) if mantissa.startswith("-") else (1, mantissa)
        return sign * float(mantissa.rstrip("×") or 1) * 10.0 ** int(power.translate(RAISED))
    return float(text)


@pytest.mark.parametrize("code", [".3g", ".1f", ".2e", "d", ".1%", "+.2f", ",d", ""])
def test_formats_say_what_python_says(run_typescript: Callable[..., Any], code: str) -> None:
    rng = random.Random(code)
    numbers = [rng.choice([-1, 1]) * 10 ** rng.uniform(-7, 9) for _ in range(200)] + [0.0, 1.0, -1.0, 0.75, 123456.0]
    texts = run_typescript("format_numbers", [[x, code] for x in numbers])
    for x, text in zip(numbers, texts, strict=True):
        if code in ("d", ",d"):
            wanted = float(round(x))
        else:
            python = format(x, code or ".4g")
            wanted = float(python[:-1]) / 100 if python.endswith("%") else float(python.replace(",", ""))
        assert math.isclose(value_of(text), wanted, rel_tol=1e-9, abs_tol=1e-12), (x, code, text)
        assert "-" not in text and "e" not in text


def test_what_is_no_number_is_said(run_typescript: Callable[..., Any]) -> None:
    texts = run_typescript(
        "format_numbers", [["NaN", ".3g"], ["Infinity", ".3g"], ["-Infinity", ".2f"], [-0.001, ".1f"]]
    )
    assert texts == ["not a number", "∞", "−∞", "0.0"]


def test_python_numbers_become_print() -> None:
    assert prettify(f"loss {1e-05:.3g}, slope {-0.25}") == "loss 10⁻⁵, slope −0.25"
    assert prettify(f"{float('nan')} and {-float('inf')} and {2.5e12:.2g}") == "not a number and −∞ and 2.5×10¹²"
    assert prettify("left-hand x-1 {loss[t-1]:.1e}") == "left-hand x-1 {loss[t-1]:.1e}"


INDICES = ["a", "a[0]", "a[t]", "a[1, :t+1]", "a[..., t]", "a[:, 1:3]", "a[-1, 2]", "a[t, :-1]", "a[t+1]", "a[:t]"]


@pytest.mark.parametrize("t", [0, 1, 2])
def test_references_select_as_numpy_does(run_typescript: Callable[..., Any], t: int) -> None:
    a = np.arange(20.0).reshape(4, 5)
    request = {"array": a.ravel().tolist(), "shape": a.shape, "frames": 4, "state": {"t": t}, "references": INDICES}
    for reference, found in zip(INDICES, run_typescript("evaluate_references", request), strict=True):
        wanted = np.asarray(eval(reference, {"a": a, "t": t}))
        assert found["shape"] == list(wanted.shape), reference
        assert found["data"] == wanted.ravel().tolist(), reference


def test_references_that_mean_nothing_say_so(run_typescript: Callable[..., Any]) -> None:
    request = {
        "array": [1, 2],
        "shape": [2],
        "frames": 4,
        "state": {"t": 3},
        "references": ["b", "a[t]", "a[0, 0]", "a b"],
    }
    errors = [found["error"] for found in run_typescript("evaluate_references", request)]
    assert "nothing called b" in errors[0] and "outside 0…1" in errors[1]
    assert "too many indices" in errors[2] and "names no result" in errors[3]
