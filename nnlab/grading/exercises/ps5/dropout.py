"""dropout_forward, judged by its masks and by how several of them in a row compare, and dropout_backward."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnlab.grading.comparing import Difference, difference, unpack, wrong_form
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, sides
from nnlab.grading.exercises.judging import CHANCE, dtype_of, same_again, wrong_array
from nnlab.layers import Dropout

CALLS = 8
MANY = 1000  # entries from which on the mask's distribution is judged
KEEP_ERROR = 1e-5  # float32 has 1/(1 − p) to about 1e-7


def dropout_forward(x: np.ndarray, p: float, rng: np.random.Generator, training: bool) -> tuple[np.ndarray, np.ndarray]:
    """(out, mask) by nnlab's Dropout; its output for ones is the mask."""
    layer = Dropout(p)
    layer.initialize(rng)
    mask = layer.forward(np.ones_like(x), training=training).copy()
    return x * mask, mask


def dropout_backward(dout: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """∂L/∂x = mask · ∂L/∂out."""
    return dout * mask


def _in_a_row(
    forward: Callable[..., Any], x: np.ndarray, p: float, rng: np.random.Generator, training: bool
) -> list[Any]:
    return [forward(x, p, rng, training) for _ in range(CALLS)]


def _judge(result: list[Any], arguments: Mapping[str, Any]) -> Difference | None:
    return _judge_outputs(result, arguments) or _judge_masks(result, arguments)


def _judge_outputs(result: list[Any], arguments: Mapping[str, Any]) -> Difference | None:
    """What is wrong with the outputs of several calls, whatever the masks beside them say."""
    outs, flaw = _entries("out", result)
    for out in outs:
        flaw = flaw or _wrong_output(out, arguments)
    # an entry of 0 is 0 whether it is dropped or not
    return flaw or _wrong_choice(outs, np.broadcast_to(arguments["x"] != 0, np.shape(outs)), arguments)


def _judge_masks(result: list[Any], arguments: Mapping[str, Any]) -> Difference | None:
    """What is wrong with the masks: their values, which entries they drop, or that the outputs drop others."""
    outs, flaw = _entries("out", result)
    masks, other = _entries("mask", result)
    flaw = flaw or other
    x = arguments["x"]
    for out, mask in zip(outs, masks, strict=True):
        flaw = flaw or _wrong_mask(mask, arguments)
        if (
            flaw is None
            and type(out) is np.ndarray
            and out.shape == x.shape
            and ((out == 0) != (mask == 0))[x != 0].any()
        ):
            flaw = Difference("mask and out drop different entries: out = mask · x.", mask, "0 where out is 0")
    return flaw or _wrong_choice(masks, np.ones(np.shape(masks), bool), arguments)


def _entries(name: str, result: list[Any]) -> tuple[list[Any], Difference | None]:
    """One of the two things that every call returned, or what is wrong with the pairs' form."""
    found = []
    for returned in result:
        entries, flaw = unpack(returned, ("out", "mask"))
        if flaw:
            return [], flaw
        found.append(entries[name])
    return found, None


def _wrong_output(out: Any, arguments: Mapping[str, Any]) -> Difference | None:
    """What is wrong with one output, whatever was drawn."""
    x, dtype = arguments["x"], dtype_of(arguments)
    tolerance = 1e-4 if dtype == np.float32 else 1e-7
    flaw = wrong_array(out, "out", x.shape, dtype)
    if flaw or not arguments["training"]:
        return flaw or difference(out, x.astype(np.float64), "out, when not training,", dtype, tolerance)
    kept = np.where(out == 0, 0, x / (1 - arguments["p"]))
    return difference(out, kept.astype(np.float64), "out = x · mask", dtype, tolerance)


def _wrong_mask(mask: Any, arguments: Mapping[str, Any]) -> Difference | None:
    """What is wrong with one mask, whatever was drawn."""
    p, training = arguments["p"], arguments["training"]
    flaw = wrong_form(mask, "mask", arguments["x"].shape)
    if flaw:
        return flaw
    keep = 1 / (1 - p) if training else 1.0
    strange = np.abs(mask - keep) > KEEP_ERROR * keep
    allowed = f"1/(1 − p) = {keep:g} where an entry is kept, 0 where it is dropped"
    if training:
        strange &= mask != 0
    else:
        allowed = "all ones when not training"
    if strange.any():
        return Difference(f"The mask holds {mask[strange][0]:g}; it must be {allowed}.", mask, allowed)
    return None


def _wrong_choice(drawn: list[Any], told: np.ndarray, arguments: Mapping[str, Any]) -> Difference | None:
    """Whether entries are dropped too often or too seldom, or not each by itself; ``told`` is where that shows."""
    x, p = arguments["x"], arguments["p"]
    if not arguments["training"] or not told.any():
        return None
    dropped = np.stack(drawn) == 0
    share = float(dropped[told].mean())
    if _unlikely(share, p, int(told.sum())):
        wanted = f"about {p:.1%}" if p else "nothing"
        sentence = f"{share:.1%} of all entries are dropped; with p = {p:g} it should be {wanted}."
        return Difference(sentence, f"{share:.1%} dropped", f"{wanted} dropped")
    return _dependence(dropped, p, drawn[0]) if p and x.size >= MANY else None


def _dependence(dropped: np.ndarray, p: float, mask: np.ndarray) -> Difference | None:
    """Whether entries, or calls, are dropped together instead of each by itself."""
    if any(np.array_equal(dropped[0], other) for other in dropped[1:]):
        return same_again(mask)
    for axis, name in ((2, "row"), (1, "column")):
        shares = dropped.mean(axis=axis)
        worst = float(shares.flat[np.abs(shares - p).argmax()])
        if _unlikely(worst, p, dropped.shape[axis], tests=shares.size):
            sentence = f"In one {name} {worst:.0%} of the entries are dropped. Draw for every entry by itself."
            return Difference(sentence, mask, f"about {p:.0%} in every {name}")
    counts = dropped.sum(axis=(1, 2))
    if len(set(counts.tolist())) == 1:
        sentence = (
            f"Exactly {counts[0]} entries are dropped in every call. Each is dropped by chance, whatever the others do."
        )
        return Difference(sentence, f"{counts[0]} entries, {CALLS} times", "a number that varies")
    return None


def _unlikely(share: float, p: float, n: int, tests: int = 1) -> bool:
    """Whether a share this far from p of n independent entries is less likely than CHANCE in so many tests.

    Chernoff's bound: the chance is at most exp(−n · KL(share‖p)) to each side.
    """
    pairs = ((share, p), (1 - share, 1 - p))
    if any(mine > 0 and likely == 0 for mine, likely in pairs):
        return True
    divergence = sum(mine * math.log(mine / likely) for mine, likely in pairs if mine > 0)
    return n * divergence > math.log(2 * tests / CHANCE)


def _summary(result: list[Any], arguments: Mapping[str, Any]) -> np.ndarray:
    """Of many entries: means of mask and output, and which properties of independent masks there are."""
    x = arguments["x"]
    if x.size < MANY:
        return np.zeros(0)
    outs, masks = (np.stack([pair[index] for pair in result]) for index in (0, 1))
    zero, ratio = outs == 0, outs / x
    spans = [float((zero.mean(axis=axis) % 1 == 0).mean() > 0.9) for axis in (1, 2)]
    same = float(np.array_equal(zero[0], zero[1]))
    steady = float(len(set(zero.sum(axis=(1, 2)).tolist())) == 1)
    return np.array([ratio.mean(), ratio.max(), masks.mean(), masks.max(), (~zero).mean(), *spans, same, steady])


# no entry is 0, so that an output of 0 was dropped
WIDE = np.linspace(-2, 2, 64 * 64).reshape(64, 64)


def _forward_examples() -> Iterator[Case]:
    def case(x: np.ndarray, p: float, training: bool, why: str) -> Case:
        return Case({"x": x, "p": p, "rng": np.random.default_rng(0), "training": training}, why)

    yield case(array([[1, -2, 3, 4]]), 0.5, True, "What is kept is doubled, to make up for the half that is not.")
    yield case(array([[1, -2, 3]]), 0.5, False, "Without training nothing is dropped and nothing rescaled.")
    yield case(array([[1, -2, 3]]), 0.0, True, "With p = 0 nothing is ever dropped.")
    yield case(array([0, 0, 0, 1]), 0.75, True, "The mask is drawn, not read off the output: x may hold zeros.")
    yield case(WIDE, 0.2, True, "p is the chance to drop: about a fifth of the entries.")
    yield case(WIDE, 0.7, True, "Every entry is drawn by itself, and anew in every call.")
    yield case(WIDE, 0.5, False, "Without training nothing is dropped and nothing rescaled.")


def _draw_forward(rng: np.random.Generator, size: int) -> Case:
    x = rng.normal(size=sides(rng, min(size, 8), int(rng.integers(1, 4))))
    p, training = float(rng.choice([0.1, 0.25, 0.5, 0.8])), bool(rng.random() < 0.7)
    own = np.random.default_rng(int(rng.integers(1000)))
    why = "mask: 0 where dropped, 1/(1 − p) where kept; all ones when not training."
    return Case({"x": x, "p": p, "rng": own, "training": training}, why)


DROPOUT_FORWARD = Exercise(
    "ps5.dropout_forward",
    dropout_forward,
    _forward_examples,
    _draw_forward,
    parts={"training": ("out",), "test_time": ("out",), "mask": ("mask",)},
    play=_in_a_row,
    judge=_judge,
    judges={"training": _judge_outputs, "test_time": _judge_outputs, "mask": _judge_masks},
    calls_of={
        "training": lambda arguments: arguments["training"],
        "test_time": lambda arguments: not arguments["training"],
    },
    summary=_summary,
)


def _backward_examples() -> Iterator[Case]:
    yield Case({"dout": array([[3, 5]]), "mask": array([[2, 0]])}, "What was doubled forward is doubled backward.")
    yield Case({"dout": array([[3, -5]]), "mask": array([[1, 1]])}, "Without training the mask is all ones.")
    yield Case({"dout": array([0, 4]), "mask": array([4, 4])}, "The gradient has the shape of dout.")


def _draw_backward(rng: np.random.Generator, size: int) -> Case:
    shape, p = sides(rng, size, 2), float(rng.choice([0.1, 0.25, 0.5, 0.8]))
    mask = (rng.random(shape) >= p) / (1 - p)
    return Case({"dout": rng.normal(size=shape), "mask": mask}, "Each entry of out was mask · x, so ∂out/∂x = mask.")


DROPOUT_BACKWARD = Exercise("ps5.dropout_backward", dropout_backward, _backward_examples, _draw_backward)
