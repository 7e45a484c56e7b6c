"""What is particular to one update rule: the size of its first step, its limits, its special cases."""

import math

import numpy as np
import pytest

from nnlab.optimizers import LAMB, LARS, SGD, AdaGrad, Adam, AdamW, Lion, Momentum, Muon, Nesterov, Optimizer, RMSProp
from nnlab.optimizers.muon import orthogonalize

SHAPES = [(6, 4), (4,)]


def draw(seed: int, scale: float = 1.0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [scale * rng.normal(size=shape) for shape in SHAPES]


def moves(optimizer: Optimizer, gradients: list[list[np.ndarray]], start: list[np.ndarray]) -> list[list[np.ndarray]]:
    """w before − w after, step by step."""
    weights, found = [w.copy() for w in start], []
    for g in gradients:
        before = [w.copy() for w in weights]
        optimizer.step(weights, g)
        found.append([b - w for b, w in zip(before, weights, strict=True)])
    return found


def first_move(optimizer: Optimizer, start: list[np.ndarray], gradients: list[np.ndarray]) -> list[np.ndarray]:
    return moves(optimizer, [gradients], start)[0]


def assert_close(left: list[np.ndarray], right: list[np.ndarray], rtol: float = 1e-12) -> None:
    for a, b in zip(left, right, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-15)


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
def test_without_momentum_it_is_gradient_descent(rule: type[Optimizer]) -> None:
    gradients = [draw(seed) for seed in range(1, 4)]
    for left, right in zip(
        moves(rule(0.1, momentum=0.0), gradients, draw(0)), moves(SGD(0.1), gradients, draw(0)), strict=True
    ):
        assert_close(left, right)


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
def test_a_constant_gradient_speeds_momentum_up_to_1_over_1_minus_momentum(rule: type[Optimizer]) -> None:
    last = moves(rule(0.1, momentum=0.8), [draw(1)] * 200, draw(0))[-1]
    assert_close(last, [0.1 / (1 - 0.8) * g for g in draw(1)], rtol=1e-9)


def test_a_new_lr_acts_on_all_of_the_velocity_of_momentum_but_on_none_of_that_of_lars() -> None:
    zero = [np.zeros(shape) for shape in SHAPES]
    for optimizer, factor in ((Momentum(0.1), 0.5), (Nesterov(0.1), 0.5), (LARS(0.1), 1.0)):
        weights = draw(0)
        optimizer.step(weights, draw(1))
        velocity = [v.copy() for v in optimizer.state["velocity"]]
        optimizer.lr = 0.05
        before = [w.copy() for w in weights]
        optimizer.step(weights, zero)
        unit = 0.1 if factor != 1.0 else 1.0
        power = 2 if isinstance(optimizer, Nesterov) else 1
        expected = [unit * factor * 0.9**power * v for v in velocity]
        assert_close([b - w for b, w in zip(before, weights, strict=True)], expected, rtol=1e-9)


def test_nesterov_takes_the_gradient_at_the_point_ahead() -> None:
    """Its weights are θ − lr · momentum · v of the textbook's θ, whose gradient is taken at that very point."""
    curvature, lr, momentum = np.array([1.0, 0.2, 3.0]), 0.1, 0.9
    theta, v = np.array([1.0, -2.0, 0.5]), np.zeros(3)
    optimizer, weights = Nesterov(lr, momentum), [np.array([1.0, -2.0, 0.5])]
    for _ in range(30):
        ahead = theta - lr * momentum * v
        np.testing.assert_allclose(weights[0], ahead, rtol=1e-10, atol=1e-12)
        v = momentum * v + curvature * ahead
        theta = theta - lr * v
        optimizer.step(weights, [curvature * weights[0]])


def test_the_rate_of_adagrad_falls_like_1_over_the_root_of_the_step() -> None:
    found = moves(AdaGrad(0.1), [draw(1)] * 9, draw(0))
    for step, move in enumerate(found, start=1):
        assert_close(move, [0.1 / math.sqrt(step) * np.sign(g) for g in draw(1)], rtol=1e-6)


def test_the_first_steps_of_rmsprop_are_longer() -> None:
    assert_close(
        first_move(RMSProp(0.1, decay=0.96, eps=1e-12), draw(0), draw(1)),
        [0.1 / math.sqrt(1 - 0.96) * np.sign(g) for g in draw(1)],
        rtol=1e-6,
    )


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("rule", [Adam, AdamW])
def test_the_first_step_of_adam_is_lr_whatever_the_gradients_size(rule: type[Optimizer], scale: float) -> None:
    gradients = draw(1, scale)
    kept = 1 - 0.1 * 0.01 if rule is AdamW else 1
    expected = [w * (1 - kept) + 0.1 * np.sign(g) for w, g in zip(draw(0), gradients, strict=True)]
    assert_close(first_move(rule(0.1, eps=1e-30), draw(0), gradients), expected, rtol=1e-9)


def test_eps_of_adam_is_outside_the_root_of_the_corrected_second_moment() -> None:
    """With a constant gradient m̂ = g and v̂ = g² at every step, so the move is lr · g/(|g| + eps) at every step."""
    for move in moves(Adam(0.1, eps=3.0), [draw(1)] * 5, draw(0)):
        assert_close(move, [0.1 * g / (np.abs(g) + 3.0) for g in draw(1)], rtol=1e-9)


def test_adamw_without_decay_is_adam() -> None:
    gradients = [draw(seed) for seed in range(1, 5)]
    for left, right in zip(
        moves(AdamW(0.1, weight_decay=0.0), gradients, draw(0)), moves(Adam(0.1), gradients, draw(0)), strict=True
    ):
        assert_close(left, right, rtol=1e-15)


def test_the_decay_of_adamw_stays_out_of_its_moments() -> None:
    decaying, plain = AdamW(0.1, weight_decay=0.5), Adam(0.1)
    for optimizer in (decaying, plain):
        optimizer.step(draw(0), draw(1))
    for slot in ("m", "v"):
        assert_close(list(decaying.state[slot]), list(plain.state[slot]))


class TestLARS:
    def test_the_first_step_is_a_fixed_share_of_the_weights(self) -> None:
        for move, w in zip(first_move(LARS(2.0, trust=0.01), draw(0), draw(1, 1e5)), draw(0), strict=True):
            assert np.linalg.norm(move) == pytest.approx(2.0 * 0.01 * np.linalg.norm(w), rel=1e-12)

    @pytest.mark.parametrize("weight_decay", [0.0, 0.1])
    def test_zero_weights_move_as_with_momentum(self, weight_decay: float) -> None:
        zero = [np.zeros(shape) for shape in SHAPES]
        assert_close(
            first_move(LARS(0.3, weight_decay=weight_decay), zero, draw(1)), first_move(Momentum(0.3), zero, draw(1))
        )

    def test_a_zero_gradient_without_decay_leaves_the_velocity_to_coast(self) -> None:
        zero = [np.zeros(shape) for shape in SHAPES]
        first, second = moves(LARS(0.3, momentum=0.7), [draw(1), zero], draw(0))
        assert_close(second, [0.7 * move for move in first], rtol=1e-9)

    def test_a_zero_gradient_with_decay_shrinks_the_weights(self) -> None:
        zero = [np.zeros(shape) for shape in SHAPES]
        assert_close(
            first_move(LARS(0.3, weight_decay=0.1, trust=0.02), draw(0), zero), [0.3 * 0.02 * w for w in draw(0)]
        )


class TestLAMB:
    def test_every_step_is_lr_times_the_norm_of_the_weights(self) -> None:
        weights, optimizer = draw(0), LAMB(0.05)
        for seed in range(1, 5):
            before = [w.copy() for w in weights]
            optimizer.step(weights, draw(seed, 10.0**seed))
            for b, w in zip(before, weights, strict=True):
                assert np.linalg.norm(b - w) == pytest.approx(0.05 * np.linalg.norm(b), rel=1e-12)

    def test_zero_weights_move_as_with_adam(self) -> None:
        zero = [np.zeros(shape) for shape in SHAPES]
        assert_close(first_move(LAMB(0.3), zero, draw(1)), first_move(Adam(0.3, eps=1e-6), zero, draw(1)))


class TestLion:
    def test_every_weight_moves_by_lr(self) -> None:
        for move in moves(Lion(0.25), [draw(seed) for seed in range(1, 5)], [np.zeros(shape) for shape in SHAPES]):
            for entry in move:
                np.testing.assert_allclose(np.abs(entry), 0.25, rtol=1e-12)

    def test_beta1_weighs_the_step_and_beta2_the_memory(self) -> None:
        one = [np.ones(1)]
        optimizer = Lion(1.0, beta1=0.5, beta2=0.75)
        # m = 0.25 after a gradient of 1; then 0.5 · 0.25 + 0.5 · g changes sign at g = −0.25
        for g, direction in ((-0.24, 1.0), (-0.26, -1.0)):
            _, second = moves(Lion(1.0, beta1=0.5, beta2=0.75), [one, [np.full(1, g)]], [np.zeros(1)])
            assert second[0] == direction
        optimizer.step([np.zeros(1)], one)
        assert optimizer.state["m"][0] == 0.25

    def test_the_decay_is_multiplied_by_lr(self) -> None:
        expected = [0.1 * (np.sign(g) + 0.5 * w) for w, g in zip(draw(0), draw(1), strict=True)]
        assert_close(first_move(Lion(0.1, weight_decay=0.5), draw(0), draw(1)), expected)


class TestMuon:
    @pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (1, 5), (5, 1), (1, 1), (40, 60)])
    @pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
    def test_orthogonalize_keeps_singular_vectors_and_brings_singular_values_near_1(self, shape, scale) -> None:
        matrix = np.random.default_rng(0).normal(size=shape) * scale
        u, s, vt = np.linalg.svd(matrix, full_matrices=False)
        result = u.T @ orthogonalize(matrix) @ vt.T
        values = np.diag(result)
        np.testing.assert_allclose(result, np.diag(values), atol=1e-12)
        assert values[s > 0.002 * np.linalg.norm(matrix)].min() > 0.68
        assert values.max() < 1.21
        assert orthogonalize(matrix).shape == shape

    def test_orthogonalize_leaves_a_zero_matrix_and_its_argument(self) -> None:
        zero, matrix = np.zeros((3, 4)), np.arange(6.0).reshape(3, 2)
        np.testing.assert_array_equal(orthogonalize(zero), zero)
        orthogonalize(matrix)
        np.testing.assert_array_equal(matrix, np.arange(6.0).reshape(3, 2))

    @pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
    def test_the_first_step_is_lr_times_the_orthogonal_matrix_and_longer_for_wide_ones(self, shape) -> None:
        gradient = np.random.default_rng(1).normal(size=shape)
        (move,) = first_move(Muon(0.3), [np.zeros(shape)], [gradient])
        scale = math.sqrt(max(1, shape[1] / shape[0]))
        np.testing.assert_allclose(move, 0.3 * scale * orthogonalize(gradient), rtol=0, atol=1e-7)

    def test_a_bias_is_the_matrix_of_one_row(self) -> None:
        gradient = np.random.default_rng(1).normal(size=9)
        (bias,) = first_move(Muon(0.3), [np.zeros(9)], [gradient])
        (row,) = first_move(Muon(0.3), [np.zeros((1, 9))], [gradient[None]])
        np.testing.assert_array_equal(bias, row[0])
        np.testing.assert_allclose(bias, 0.3 * 3 * 0.70 * gradient / np.linalg.norm(gradient), rtol=0.01)

    def test_more_axes_are_the_matrix_with_the_last_axis_as_columns(self) -> None:
        gradient = np.random.default_rng(1).normal(size=(2, 3, 4))
        (move,) = first_move(Muon(0.3), [np.zeros((2, 3, 4))], [gradient])
        (flattened,) = first_move(Muon(0.3), [np.zeros((6, 4))], [gradient.reshape(6, 4)])
        np.testing.assert_array_equal(move, flattened.reshape(2, 3, 4))

    def test_the_step_does_not_depend_on_the_gradients_size(self) -> None:
        large = first_move(Muon(0.3), draw(0), draw(1, 1e6))
        assert_close(first_move(Muon(0.3), draw(0), draw(1)), large, rtol=1e-5)
