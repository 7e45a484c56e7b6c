"""``check`` passes every right answer and fails every wrong one, with a message that says what is wrong."""

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax

from nnlab.grading import CheckFailed, check
from nnlab.grading.arguments import fresh
from nnlab.grading.attempts import Attempts
from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises import exercises
from nnlab.grading.trying import judge

EXERCISES = exercises()
COMPARED = {name: exercise for name, exercise in EXERCISES.items() if not exercise.judge}


def failure(function: Any, name: str, **options: Any) -> str:
    """The message of a check that must fail; every message keeps to twelve lines of eighty columns."""
    with pytest.raises(CheckFailed) as caught:
        check(function, name, **options)
    message = str(caught.value)
    assert len(message.splitlines()) <= 12, message
    assert max(map(len, message.splitlines())) <= 80, message
    return message


@pytest.mark.parametrize("exercise", COMPARED.values(), ids=COMPARED)
def test_one_wrong_entry_fails_the_part_it_belongs_to_and_no_other(exercise: Exercise) -> None:
    """The mutants are the reference with one number off by a hundredth, in every place of every case."""
    for attempt in Attempts(exercise, 0).first(4):
        arguments = attempt.arguments()
        single = attempt.dtype == np.float32
        right = exercise.use(exercise.references, fresh(arguments, dtype=np.float64))
        for part in exercise.parts or [""]:
            mine = exercise.parts.get(part, exercise.results)
            assert judge(as_given(right, single), right, exercise, part, np.float32 if single else np.float64) is None
            for name, wrong in mutants(right, exercise.results):
                found = judge(as_given(wrong, single), right, exercise, part, np.float32 if single else np.float64)
                assert (found is not None) == (not exercise.results or name in mine), (attempt, name)


def as_given(result: Any, single: bool) -> Any:
    return fresh(result, dtype=np.float32 if single else np.float64)


def mutants(result: Any, names: tuple[str, ...], name: str = "") -> list[tuple[str, Any]]:
    """The result with one number changed, for every number in it, with the name of the entry it is in."""
    if isinstance(result, np.ndarray):
        changed = []
        for place in np.ndindex(result.shape):
            copy = result.copy()
            copy[place] += 0.01 * max(1.0, float(np.abs(result).max()))
            changed.append((name, copy))
        return changed
    if isinstance(result, dict):
        return [(name, {**result, key: new}) for key in result for _, new in mutants(result[key], (), name)]
    if isinstance(result, list):
        return [
            (name, [*result[:index], new, *result[index + 1 :]])
            for index, entry in enumerate(result)
            for _, new in mutants(entry, (), name)
        ]
    if isinstance(result, tuple):
        names = names or (name,) * len(result)
        return [
            (names[index], (*result[:index], new, *result[index + 1 :]))
            for index, entry in enumerate(result)
            for _, new in mutants(entry, (), names[index])
        ]
    return [(name, result + 0.01 * max(1.0, abs(result)))]


def test_references_agree_with_scipy() -> None:
    for attempt in Attempts(EXERCISES["ps1.cross_entropy"], 3).first(12):
        logits, labels = attempt.arguments()
        assert np.allclose(EXERCISES["ps1.softmax"].reference(logits), scipy_softmax(logits, axis=1))
        loss, _ = EXERCISES["ps1.cross_entropy"].reference(logits.astype(np.float64), labels)
        assert np.isclose(loss, -log_softmax(logits.astype(np.float64), axis=1)[range(len(labels)), labels].mean())


@pytest.mark.parametrize("name", ["ps1.cross_entropy", "ps1.mean_squared_error", "ps1.mlp_loss_and_gradients"])
def test_reference_gradients_agree_with_differences(name: str) -> None:
    """Along a random direction the loss has the slope that the gradient says."""
    rng = np.random.default_rng(5)
    exercise = EXERCISES[name]
    for _ in range(10):
        first, *others = exercise.draw(rng, 4).arguments.values()
        gradient = exercise.reference(first, *others)[1]
        keys = list(first) if isinstance(first, dict) else [None]
        for key in keys:
            array = first if key is None else first[key]
            step = 1e-6 * rng.normal(size=array.shape)

            def loss(moved: np.ndarray, key: str | None = key, first: Any = first, others: list = others) -> float:
                return exercise.reference(moved if key is None else {**first, key: moved}, *others)[0]

            slope = (loss(array + step) - loss(array - step)) / 2
            assert np.isclose(slope, np.sum((gradient if key is None else gradient[key]) * step), rtol=1e-3, atol=1e-12)


WRONG: dict[str, tuple[str, Any, str]] = {
    "none": ("ps1.softmax", lambda z: None, "The result is None. Does every path through the function end in a `ret"),
    "a list": ("ps1.softmax", lambda z: [[0.5, 0.5]], "The result must be a NumPy array; it is a list."),
    "objects": ("ps1.softmax", lambda z: z.astype(object), "The result must hold floats; its dtype is object."),
    "masked": ("ps1.softmax", lambda z: np.ma.masked_all(z.shape), "must be a NumPy array; it is a MaskedArray"),
    "matrix": ("ps1.dense_forward", lambda x, W, b: np.asmatrix(x @ W + b), "must be a NumPy array; it is a matrix"),
    "shape": ("ps1.softmax", lambda z: z[0], "The result has the shape (2,); it must be (1, 2)."),
    "broadcastable": ("ps1.softmax", lambda z: np.full((1, 1), 0.5), "has the shape (1, 1); it must be (1, 2)."),
    "nan": ("ps1.softmax", lambda z: z * np.nan, "The result holds nan, first at [0, 0]."),
    "integers": ("ps1.relu_backward", lambda d, x: (d * (x > 0)).astype(int), "must hold floats; its dtype is int64"),
    "exit": ("ps1.softmax", lambda z: exit_now(), "softmax called exit."),
    "raises": ("ps1.softmax", lambda z: 1 / 0, "softmax raised ZeroDivisionError."),
    "arguments": ("ps1.softmax", lambda: None, "softmax raised TypeError."),
    "not a function": ("ps1.softmax", 3.5, "softmax is 3.5, not a function."),
    "one thing": ("ps1.cross_entropy", lambda z, y: 0.7, "It must return 2 things, (loss, dlogits); it returned a fl"),
    "three things": ("ps1.cross_entropy", lambda z, y: (1, 2, 3), "it returned 3."),
    "array for a number": ("ps1.cross_entropy.loss", lambda z, y: (z, z), "loss must be a single number; it is an arr"),
    "one number in an array": ("ps1.cross_entropy.loss", lambda z, y: (np.array([0.6931]), z), "array of shape (1,)"),
    "yes": ("ps1.graph_gradients.forward", lambda x, y, z: (True, 0, 0, 0), "f must be a single number; it is a bool"),
    "infinite": ("ps1.cross_entropy.loss", lambda z, y: (np.inf, z), "loss is inf, not a finite number."),
    "no dict": ("ps1.mlp_loss_and_gradients.gradients", lambda p, x, y: (1, [1]), "grads must be a dict with the keys"),
    "keys": ("ps1.mlp_loss_and_gradients.gradients", lambda p, x, y: (1, {"W1": 0}), "it has 'W1'."),
    "float64 out": (
        "ps1.relu_backward",
        lambda d, x: (d * (x > 0)).astype(np.float64),
        "The result has the dtype float64: float32 in must give float32 out.",
    ),
    "flood": ("ps1.softmax", lambda z: print("x" * 1_000_000), "printed more than 100,000 characters in one call"),
}


def exit_now() -> None:
    raise SystemExit(0)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str) -> None:
    name, function, words = WRONG[case]
    assert words in " ".join(failure(function, name).split())


def test_an_error_shows_the_line_it_came_from(notebook: Callable[..., dict]) -> None:
    wrong = "def softmax(logits):\n    total = 0\n    return logits / total.sum()\n"
    message = failure(notebook(softmax=wrong)["softmax"], "ps1.softmax")
    assert "'int' object has no attribute 'sum'" in message and "in line 3 of its cell" in message


def test_the_stub_and_a_function_that_calls_a_stub_are_told_apart(notebook: Callable[..., dict]) -> None:
    stub = "def cross_entropy(logits, labels):\n    raise NotImplementedError()\n"
    assert "cross_entropy is not written yet." in failure(
        notebook(cross_entropy=stub)["cross_entropy"], "ps1.cross_entropy"
    )

    def helper() -> None:
        raise NotImplementedError

    def softmax(z: np.ndarray) -> None:
        helper()

    assert "softmax calls helper, which is not written yet." in failure(softmax, "ps1.softmax")


def test_a_loop_without_end_is_stopped_even_when_it_catches_everything() -> None:
    def softmax(z: np.ndarray) -> None:
        while True:
            try:
                while True:
                    pass
            except Exception:
                pass

    start = time.monotonic()
    assert "softmax was still running after 5 seconds." in failure(softmax, "ps1.softmax")
    assert time.monotonic() - start < 15


def test_changed_arguments_are_noticed(notebook: Callable[..., dict]) -> None:
    right = notebook()["softmax"]

    def softmax(z: np.ndarray) -> np.ndarray:
        z -= z.max(axis=1, keepdims=True)
        return right(z)

    message = failure(softmax, "ps1.softmax")
    assert "softmax changed its argument logits." in message
    assert "logits must be the same after the call as before it." in message

    def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
        slope = notebook()["numerical_gradient"](f, x, h)
        x.flat[0] += h
        return slope

    assert "numerical_gradient changed its argument x." in failure(numerical_gradient, "ps1.numerical_gradient")

    def mlp_loss_and_gradients(params: dict, x: np.ndarray, labels: np.ndarray) -> tuple:
        result = notebook()["mlp_loss_and_gradients"](params, x, labels)
        params["cache"] = x
        return result

    message = failure(mlp_loss_and_gradients, "ps1.mlp_loss_and_gradients")
    assert "changed its argument params." in message and "got       'W1', 'b1', 'W2', 'b2', 'cache'" in message


def test_every_memory_layout_is_tried() -> None:
    """reshape(-1) is a view of a contiguous array and a copy of others: moving it then moves nothing."""

    def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
        slope, flat = np.zeros_like(x, order="C"), x.reshape(-1)
        for i, value in enumerate(flat.copy()):
            flat[i] = value + h
            above = f(x)
            flat[i] = value - h
            slope.flat[i] = (above - f(x)) / (2 * h)
            flat[i] = value
        return slope

    assert "Here each array is" in failure(numerical_gradient, "ps1.numerical_gradient")

    def relu_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
        assert x.flags.forc, "only whole arrays"
        return dout * (x > 0)

    message = failure(relu_backward, "ps1.relu_backward")
    assert "Here each array is a slice of a larger array." in message and "only whole arrays" in message


def test_a_reused_result_and_a_memory_of_earlier_calls_are_noticed(notebook: Callable[..., dict]) -> None:
    right, buffer = notebook()["softmax"], np.empty((1, 2))

    def reuses(z: np.ndarray) -> np.ndarray:
        if z.shape != buffer.shape:
            return right(z)
        buffer[...] = right(z)
        buffer.flat[0] += 1e-12 * np.random.default_rng().normal()
        return buffer

    assert "A second call of softmax changes what the first one returned." in failure(reuses, "ps1.softmax")
    calls = []

    def remembers(z: np.ndarray) -> np.ndarray:
        calls.append(z)
        return right(z) if len(calls) == 1 else right(z) * len(calls)

    assert "softmax is right at first, and wrong when it is called again." in failure(remembers, "ps1.softmax")


def test_the_last_line_of_a_message_repeats_it() -> None:
    def relu_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
        return dout * (x > 0) if x.shape[0] < 5 else dout

    for draws in (12, 40):
        message = failure(relu_backward, "ps1.relu_backward", seed=7, draws=draws)
        again = re.search(r"again +(check\(.*\))$", message)
        assert again
        with pytest.raises(CheckFailed) as caught:
            eval(again[1], {"check": check, "relu_backward": relu_backward})
        assert str(caught.value) == message


def test_grading_draws_anew_each_time_and_practice_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"function": lambda z: z, "name": "ps1.softmax"}
    assert "seed=0)" in failure(**wrong)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert "seed=0)" in failure(**wrong)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert len({failure(**wrong).splitlines()[-1] for _ in range(5)}) == 5


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no exercise 'ps1.sotfmax'; did you mean 'ps1.softmax'"):
        check(print, "ps1.sotfmax")
    with pytest.raises(KeyError, match=r"ps1\.cross_entropy\.lost"):
        check(print, "ps1.cross_entropy.lost")


WRONG_SOFTMAX = "def softmax(logits):\n    return np.ones_like(logits)\n"
CALLS_SOFTMAX = """
def cross_entropy(logits, labels):
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    d = softmax(logits)
    d[np.arange(len(labels)), labels] -= 1
    return -log_p[np.arange(len(labels)), labels].mean(), d / len(labels)
"""


def test_an_error_in_an_earlier_function_is_paid_for_once(
    notebook: Callable[..., dict], capsys: pytest.CaptureFixture
) -> None:
    scope = notebook(softmax=WRONG_SOFTMAX, cross_entropy=CALLS_SOFTMAX)
    own = scope["softmax"]
    failure(own, "ps1.softmax")
    check(scope["cross_entropy"], "ps1.cross_entropy.gradient")
    assert "it is right, and fails only because of softmax: mend those." in capsys.readouterr().out
    check(scope["mlp_loss_and_gradients"], "ps1.mlp_loss_and_gradients")
    assert scope["softmax"] is own


def test_an_error_of_its_own_is_not_forgiven(notebook: Callable[..., dict]) -> None:
    wrong = CALLS_SOFTMAX.replace("/ len(labels)", "")
    scope = notebook(softmax=WRONG_SOFTMAX, cross_entropy=wrong)
    failure(scope["cross_entropy"], "ps1.cross_entropy.gradient")


def test_warnings_and_prints_are_remarks_on_a_right_answer(
    notebook: Callable[..., dict], capfd: pytest.CaptureFixture
) -> None:
    from variants import ps1 as variants

    check(notebook(**variants.NOISY)["softmax"], "ps1.softmax")
    said = capfd.readouterr()
    assert said.err == ""
    assert "Remark on softmax: a warning was raised: divide by zero encountered in log." in said.out
    assert "Remark on softmax: it prints; the check hides what it prints." in said.out
    assert "softmax is called" not in said.out


DROPOUT = """
def dropout_forward(x, p, rng, training):
    if not training:
        {test_time}
    mask = (rng.random(x.shape) >= p).astype(x.dtype) / (1 - p)
    {training}
"""
RIGHT_DROPOUT = {"test_time": "return x.copy(), np.ones_like(x)", "training": "return x * mask, mask"}
HALF_RIGHT_DROPOUT = {
    "nothing for test time": ({"test_time": "raise ValueError"}, {"test_time", "mask"}),
    "scaled at test time": ({"test_time": "return x * (1 - p), np.ones_like(x)"}, {"test_time"}),
    "zeros as mask at test time": ({"test_time": "return x.copy(), np.zeros_like(x)"}, {"mask"}),
    "mask of ones and zeros": ({"training": "return x * mask, (mask > 0).astype(x.dtype)"}, {"mask"}),
    "another mask": ({"training": "return x * mask, np.ascontiguousarray(mask[..., ::-1])"}, {"mask"}),
    "output not scaled": ({"training": "return x * (mask > 0), mask"}, {"training"}),
    "output as it was": ({"training": "return x.copy(), mask"}, {"training", "mask"}),
}


@pytest.mark.parametrize("case", HALF_RIGHT_DROPOUT)
def test_the_parts_of_dropout_are_judged_each_by_itself(notebook: Callable[..., dict], case: str) -> None:
    changes, lost = HALF_RIGHT_DROPOUT[case]
    function = notebook("reference", "ps5", dropout_forward=DROPOUT.format(**RIGHT_DROPOUT | changes))[
        "dropout_forward"
    ]
    for part in ("training", "test_time", "mask"):
        if part in lost:
            failure(function, f"ps5.dropout_forward.{part}")
        else:
            check(function, f"ps5.dropout_forward.{part}", draws=30)


NEARLY_RIGHT = {
    "computed in float32": (
        "ps1.dense_forward",
        lambda x, W, b: (x.astype(np.float32) @ W + b).astype(x.dtype),
        "The result",
    ),
    "centred by hand": (
        "ps3.he_normal",
        lambda rng, fan_in, fan_out: centred(rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))),
        "The entries' mean is exactly 0",
    ),
    "wrong where a side is as long as another": (
        "ps1.dense_forward",
        lambda x, W, b: x @ W + (b[:, None] if len(x) == len(b) else b),
        "The result",
    ),
    "a clipped normal": (
        "ps3.he_normal",
        lambda rng, fan_in, fan_out: np.clip(rng.normal(size=(fan_in, fan_out)), -2, 2) * np.sqrt(2 / fan_in),
        "Many entries are equal.",
    ),
    "labels counted twice": (
        "ps1.cross_entropy.gradient",
        lambda logits, labels: counts_twice(logits, labels),
        "dlogits",
    ),
    "stops where the slope is small": (
        "ps2.gradient_descent",
        lambda grad, w0, lr, steps: walk(grad, w0, lr, steps, goes_on=lambda w: np.abs(grad(w)).max() > 1e-6),
        "However small the slope, every step counts.",
    ),
    "stops where it diverges": (
        "ps2.gradient_descent",
        lambda grad, w0, lr, steps: walk(grad, w0, lr, steps, goes_on=lambda w: np.abs(w).max() < 100),
        "The result at",
    ),
    "a spread small beside the mean taken for none": (
        "ps3.standardize",
        lambda train, test: standardized(train, test, lambda mean, std: std <= 1e-4 * np.abs(mean)),
        "train",
    ),
    "a positive number taken for zero": (
        "ps1.relu_backward",
        lambda dout, x: np.where(x > 1e-12, dout, 0),
        "However small, a positive x lets all of dout through.",
    ),
    "a velocity kept in bounds": (
        "ps4.momentum_step",
        lambda w, grad, state, lr, momentum: bounded(w, momentum * state.get("v", 0) + grad, lr),
        "path[1]",
    ),
    "a standard error one percent too large": (
        "ps5.choose_width",
        lambda errors_by_width: within_limit(errors_by_width, 1.01),
        "The result",
    ),
    "a standard error one percent too small": (
        "ps5.choose_width",
        lambda errors_by_width: within_limit(errors_by_width, 0.99),
        "The result",
    ),
}


def walk(grad: Any, w0: np.ndarray, lr: float, steps: int, goes_on: Any) -> np.ndarray:
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - lr * grad(path[-1]) if goes_on(path[-1]) else path[-1])
    return np.array(path)


def standardized(train: np.ndarray, test: np.ndarray, constant: Any) -> tuple[np.ndarray, np.ndarray]:
    mean, std = train.mean(axis=0), train.std(axis=0)
    none = constant(mean, std)
    one, other = ((part - mean) / np.where(none, np.inf, std) for part in (train, test))
    return one.astype(train.dtype), other.astype(test.dtype)


def bounded(w: np.ndarray, v: np.ndarray, lr: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    v = np.clip(v, -10, 10)
    return w - lr * v, {"v": v}


def within_limit(errors_by_width: dict[int, np.ndarray], factor: float) -> int:
    means = {width: float(np.mean(errors)) for width, errors in errors_by_width.items()}
    best = errors_by_width[min(means, key=means.__getitem__)]
    limit = min(means.values()) + factor * float(np.std(best, ddof=1)) / len(best) ** 0.5
    return min(width for width, mean in means.items() if mean <= limit)


def centred(weights: np.ndarray) -> np.ndarray:
    return weights - weights.mean()


def counts_twice(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    log_p = log_softmax(logits, axis=1)
    slope = np.exp(log_p)
    slope[:, labels] -= 1
    return -log_p[np.arange(len(labels)), labels].mean(), slope / len(labels)


@pytest.mark.parametrize("case", NEARLY_RIGHT)
def test_what_is_nearly_right_is_wrong_and_no_known_mistake(case: str) -> None:
    name, function, words = NEARLY_RIGHT[case]
    message = failure(function, name)
    assert words in " ".join(message.split()) and "mistake" not in message
