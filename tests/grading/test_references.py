"""The references of problem sets 2 and 3 agree with SciPy, with differences and with formulas known by other means."""

from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm, svdvals
from scipy.stats import zscore

from nnlab.grading.attempts import Attempts
from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises import exercises
from nnlab.grading.exercises.ps2.variance import _bounds, _gradients

EXERCISES = exercises()


def cases(name: str, draws: int = 10) -> list[tuple[Exercise, list[Any]]]:
    """The exercise with the arguments of its examples and of some random cases, in float64."""
    exercise = EXERCISES[name]
    tried = Attempts(exercise, 6).first(draws)
    return [(exercise, attempt.arguments()) for attempt in tried if attempt.dtype is None]


def test_descent_on_a_bowl_follows_the_flow() -> None:
    """With many small steps it comes to the solution of dw/dt = −Aw, which is exp(−At)w₀."""
    A, w0 = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -2.0])
    path = EXERCISES["ps2.gradient_descent"].references[0](lambda w: A @ w, w0, 1e-4, 10_000)
    assert path.shape == (10_001, 2)
    assert np.allclose(path[-1], expm(-A) @ w0, atol=1e-3)


def test_the_largest_rate_is_where_steps_stop_shrinking() -> None:
    for exercise, (A,) in cases("ps2.largest_stable_lr"):
        bound = exercise.references[0](A)
        below, above = (np.abs(np.linalg.eigvals(np.eye(len(A)) - f * bound * A)).max() for f in (0.999, 1.001))
        assert below < 1 < above


def test_the_linear_gradient_is_the_slope() -> None:
    rng = np.random.default_rng(2)
    for exercise, (w, X, y) in cases("ps2.linear_gradient"):
        step = rng.normal(size=w.shape)
        above, below = (((X @ (w + h * step) - y) ** 2).mean() for h in (0.5, -0.5))
        assert np.isclose(exercise.references[0](w, X, y) @ step, above - below)


def test_shards_have_the_gradient_of_the_whole() -> None:
    rng, gradient = np.random.default_rng(3), EXERCISES["ps2.linear_gradient"].references[0]
    X, y, w = rng.normal(size=(9, 4)), rng.normal(size=9), rng.normal(size=4)
    parts = [gradient(w, X[rows], y[rows]) for rows in (slice(0, 6), slice(6, 7), slice(7, 9))]
    average = EXERCISES["ps2.average_gradients"].references[0]
    assert np.allclose(average(parts, [6, 1, 2]), gradient(w, X, y))


def test_the_variance_of_batches_is_that_of_sampling_without_replacement() -> None:
    """σ²/b · (N − b)/(N − 1), with σ² of single rows; and right estimates lie within the bounds."""
    for exercise, values in cases("ps2.gradient_variance", draws=6):
        w, X, y, b, trials, rng = values
        rows = 2 * (X @ w - y)[:, None] * X
        n = len(rows)
        right = rows.var(axis=0).sum() / b * (n - b) / max(n - 1, 1)
        arguments = dict(zip(("w", "X", "y", "batch_size"), values, strict=False))
        least, exact, most = _bounds(_gradients(arguments), trials)
        assert np.isclose(exact, right)
        estimates = [exercise.references[0](w, X, y, b, trials, rng) for _ in range(5)]
        assert least - 1e-9 <= min(estimates) and max(estimates) <= most + 1e-9


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_standardize_is_the_z_score() -> None:
    for exercise, (train, test) in cases("ps3.standardize"):
        with np.errstate(invalid="ignore", divide="ignore"):
            right = np.where(np.ptp(train, axis=0) > 0, zscore(train, axis=0), 0)
        got, other = exercise.references[0](train, test)
        assert np.allclose(got, right)
        again, _ = exercise.references[0](train, train)
        assert np.array_equal(got, again) and other.shape == test.shape


def test_norms_of_powers_are_largest_singular_values() -> None:
    for exercise, (W, steps) in cases("ps3.rnn_gradient_norms"):
        power, right = np.eye(len(W)), []
        for _ in range(steps):
            power = power @ W
            right.append(svdvals(power)[0])
        assert np.allclose(exercise.references[0](W, steps), right)


def test_batchnorm_has_the_slopes_of_its_gradients() -> None:
    rng = np.random.default_rng(4)
    for exercise, (dout, x, gamma, eps) in cases("ps3.batchnorm_backward"):
        forward, backward = exercise.references
        values = [x, gamma, rng.normal(size=gamma.shape)]
        steps = [rng.normal(size=value.shape) for value in values]
        gradients = backward(dout, forward(*values, eps)[1])
        for index, (step, gradient) in enumerate(zip(steps, gradients, strict=True)):
            above, below = (
                (forward(*[v + h * step if i == index else v for i, v in enumerate(values)], eps)[0] * dout).sum()
                for h in (1e-5, -1e-5)
            )
            assert np.isclose((above - below) / 2e-5, (gradient * step).sum(), rtol=1e-4, atol=1e-5)


def test_clipped_gradients_keep_their_direction() -> None:
    for exercise, (grads, max_norm) in cases("ps3.clip_by_norm"):
        before = np.concatenate([gradient.ravel() for gradient in grads])
        after = np.concatenate([gradient.ravel() for gradient in exercise.references[0](grads, max_norm)])
        length = np.linalg.norm(before)
        assert np.isclose(np.linalg.norm(after), min(length, max_norm))
        assert np.isclose(before @ after, length * np.linalg.norm(after))


@pytest.mark.parametrize("name", ["ps2.minibatches", "ps2.sgd_epoch", "ps3.xavier_uniform", "ps3.he_normal"])
def test_judges_pass_right_answers_from_any_seed(name: str) -> None:
    exercise = EXERCISES[name]
    assert exercise.judge
    for case in exercise.examples():
        for seed in range(15):
            arguments = {**case.arguments, "rng": np.random.default_rng(seed)}
            result = exercise.use(exercise.references, list(arguments.values()))
            assert exercise.judge(result, arguments) is None, (case, seed)


@pytest.mark.parametrize("factor", [0.94, 1.06])
def test_a_deviation_that_is_six_percent_off_is_noticed(factor: float) -> None:
    for name in ("ps3.xavier_uniform", "ps3.he_normal"):
        exercise = EXERCISES[name]
        (right,) = exercise.references

        def wrong(rng: np.random.Generator, fan_in: int, fan_out: int, right: Any = right) -> np.ndarray:
            return factor * right(rng, fan_in, fan_out)

        flaws = []
        for case in exercise.examples():
            result = exercise.use((wrong,), [np.random.default_rng(1), *list(case.arguments.values())[1:]])
            flaws.append(exercise.judge and exercise.judge(result, case.arguments))
        assert sum(flaw is not None for flaw in flaws) >= 3, name
