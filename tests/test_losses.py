"""Losses against PyTorch's values (tests/oracles/make_losses.py), central differences, and what they must refuse."""

import copy
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlab.gradcheck import numerical_gradient, relative_error
from nnlab.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy

STORED = json.loads(Path(__file__).with_name("oracles").joinpath("losses.json").read_text())["losses"]
LABELS, SOFT, BINARY = (np.array(STORED[name]) for name in ("labels", "soft", "binary"))
rng = np.random.default_rng(0)

# one row enrols a loss in every property test: the loss, outputs (N, out) and a target
LOSSES = {
    "MeanSquaredError": (MeanSquaredError, rng.normal(size=(5, 3)), rng.normal(size=(5, 3))),
    "MeanSquaredError of steps": (MeanSquaredError, rng.normal(size=(5, 4, 3)), rng.normal(size=(5, 4, 3))),
    "SoftmaxCrossEntropy": (SoftmaxCrossEntropy, rng.normal(size=(5, 4)), LABELS),
    "SoftmaxCrossEntropy soft": (SoftmaxCrossEntropy, rng.normal(size=(5, 4)), SOFT),
    "SoftmaxCrossEntropy of one class": (SoftmaxCrossEntropy, rng.normal(size=(3, 1)), np.zeros(3, int)),
    "BinaryCrossEntropy": (BinaryCrossEntropy, rng.normal(size=(5, 1)), BINARY),
    "BinaryCrossEntropy flat": (BinaryCrossEntropy, rng.normal(size=(5, 1)), BINARY[:, 0].astype(bool)),
}
every_loss = pytest.mark.parametrize(("make", "outputs", "target"), LOSSES.values(), ids=LOSSES.keys())


def wave(*shape, offset=0.0, scale=1.0):
    return np.sin(np.arange(math.prod(shape)) + offset).reshape(shape) * scale


@pytest.mark.parametrize("name", STORED["cases"])
def test_losses_agree_with_pytorch(name):
    kind, *soft, scale = name.split()
    make, outputs, target = {
        "SoftmaxCrossEntropy": (SoftmaxCrossEntropy, wave(5, 4, scale=float(scale)), SOFT if soft else LABELS),
        "BinaryCrossEntropy": (BinaryCrossEntropy, wave(5, 1, offset=0.5, scale=float(scale)), BINARY),
        "MeanSquaredError": (MeanSquaredError, wave(5, 4, scale=float(scale)), wave(5, 4, offset=1.0)),
    }[kind]
    value, gradient = make().value_and_gradient(outputs, target)
    np.testing.assert_allclose(value, STORED["cases"][name]["value"], rtol=1e-13)
    np.testing.assert_allclose(gradient, STORED["cases"][name]["gradient"], rtol=1e-12, atol=1e-15)


@every_loss
@pytest.mark.parametrize("rows", [1, 3])
def test_gradients_agree_with_central_differences(make, outputs, target, rows):
    loss, outputs, target = make(), outputs[:rows].copy(), target[:rows]
    gradient = loss.value_and_gradient(outputs, target)[1].copy()
    numerical = numerical_gradient(lambda z: loss.value_and_gradient(z, target)[0], outputs)
    assert relative_error(gradient, numerical) < 1e-8 or (outputs.shape[1:] == (1,) and np.abs(numerical).max() == 0)


@every_loss
def test_float32_stays_float32(make, outputs, target):
    exact, exact_gradient = make().value_and_gradient(outputs, target)
    value, gradient = make().value_and_gradient(outputs.astype(np.float32), target)
    assert value.dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(value, exact, rtol=1e-5)
    np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-4, atol=1e-6)


@every_loss
def test_arrays_handed_in_are_left_alone_whatever_their_memory_order(make, outputs, target):
    expected, gradient = make().value_and_gradient(outputs, target)
    frozen, frozen_target = outputs.copy(order="F"), target.copy(order="F")
    frozen.flags.writeable = frozen_target.flags.writeable = False
    value, other = make().value_and_gradient(frozen, frozen_target)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    np.testing.assert_allclose(other, gradient, rtol=1e-14)


@every_loss
def test_calls_leave_no_trace_and_reuse_the_gradient_s_array(make, outputs, target):
    loss = make()
    value, gradient = loss.value_and_gradient(outputs, target)
    expected = gradient.copy()
    assert loss.value_and_gradient(-outputs, target)[1] is gradient
    loss.value_and_gradient(outputs[:1].astype(np.float32), target[:1])
    again, gradient = loss.value_and_gradient(outputs, target)
    assert again == value
    np.testing.assert_array_equal(gradient, expected)
    outputs = outputs.copy()
    loss.value_and_gradient(outputs, target)
    outputs *= 2  # the same array with new contents
    assert loss.value_and_gradient(outputs, target)[0] == make().value_and_gradient(outputs, target)[0]


@every_loss
def test_a_mean_over_the_batch_does_not_grow_with_it(make, outputs, target):
    value, gradient = make().value_and_gradient(outputs, target)
    twice, half = make().value_and_gradient(np.concatenate([outputs] * 2), np.concatenate([target] * 2))
    np.testing.assert_allclose(twice, value, rtol=1e-14)
    np.testing.assert_allclose(half[: len(outputs)], gradient / 2, rtol=1e-13)


@every_loss
def test_copies_compute_the_same(make, outputs, target):
    loss = make()
    value, gradient = loss.value_and_gradient(outputs, target)
    for twin in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        again, other = twin.value_and_gradient(outputs, target)
        assert again == value and other is not gradient
        np.testing.assert_array_equal(other, gradient)


def test_a_copy_keeps_what_the_loss_was_given_but_not_the_last_batch():
    loss = MeanSquaredError()
    loss.first, loss.weight = 1, 2
    loss.value_and_gradient(np.ones((1000, 2)), np.ones((1000, 2)))
    twin = copy.deepcopy(loss)
    assert (twin.first, twin.weight) == (1, 2)
    assert len(pickle.dumps(loss)) < 1000


@every_loss
def test_nan_outputs_give_a_nan_loss(make, outputs, target):
    outputs = outputs.copy()
    outputs[-1] = np.nan
    assert np.isnan(make().value_and_gradient(outputs, target)[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_give_finite_losses(dtype):
    logits = np.array([[3e4, -3e4, 0], [-3e4, 3e4, 3e4]], dtype)
    value, gradient = SoftmaxCrossEntropy().value_and_gradient(logits, np.array([1, 2]))
    np.testing.assert_allclose(value, (6e4 + math.log(2)) / 2, rtol=1e-6)
    np.testing.assert_allclose(gradient, [[0.5, -0.5, 0], [0, 0.25, -0.25]], atol=1e-7)
    value, gradient = BinaryCrossEntropy().value_and_gradient(np.array([[3e4], [-3e4]], dtype), [0, 0])
    np.testing.assert_allclose(value, 1.5e4, rtol=1e-6)
    np.testing.assert_array_equal(gradient, [[0.5], [0]])


def test_tiny_losses_keep_their_precision():
    value, _ = BinaryCrossEntropy().value_and_gradient(np.array([[40.0]]), [1])
    np.testing.assert_allclose(value, math.exp(-40), rtol=1e-12)
    value, _ = SoftmaxCrossEntropy().value_and_gradient(np.array([[30.0, 0.0]]), [0])
    np.testing.assert_allclose(value, math.log1p(math.exp(-30)), rtol=1e-2)


def test_predictions():
    logits = np.array([[0.1, 2.0, -1.0], [5.0, 4.0, 3.0]])
    assert SoftmaxCrossEntropy().predict(logits).tolist() == [1, 0]
    assert BinaryCrossEntropy().predict(np.array([[0.1], [0.0], [-2.0]])).tolist() == [1, 0, 0]
    assert MeanSquaredError().predict(logits) is logits


def test_how_many_are_right():
    logits = np.array([[0.1, 2.0, -1.0], [5.0, 4.0, 3.0], [0.0, 0.0, 1.0]])
    loss = SoftmaxCrossEntropy()
    assert loss.correct(logits, np.array([1, 1, 2])) == 2
    assert loss.correct(logits, np.array([[0, 0.6, 0.4], [1, 0, 0], [1, 0, 0]])) == 2
    assert BinaryCrossEntropy().correct(np.array([[0.1], [0.0], [-2.0]]), np.array([[1.0], [1.0], [0.0]])) == 2
    assert math.isnan(MeanSquaredError().correct(logits, logits))
    assert (SoftmaxCrossEntropy.classifies, BinaryCrossEntropy.classifies, MeanSquaredError.classifies) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("make", "shape", "target", "error", "message"),
    [
        (MeanSquaredError, (2, 1), [1.0, 2.0], ValueError, r"y must have .* outputs, \(2, 1\), got \(2,\)"),
        (MeanSquaredError, (2, 1), [[1.0], [math.nan]], ValueError, r"y must be finite, got nan at index \(1, 0\)"),
        (MeanSquaredError, (2, 1), [["a"], ["b"]], TypeError, "y must be an array of real numbers, got dtype <U1"),
        (MeanSquaredError, (2, 1), [[1.0], [2.0, 3.0]], ValueError, "y must be an array, got nested lists"),
        (MeanSquaredError, (2, 1), [[1j], [2]], TypeError, "y must be an array of real numbers, got dtype complex128"),
        (SoftmaxCrossEntropy, (2, 3), [0, 3], ValueError, "y must hold labels from 0 to 2, got 3"),
        (SoftmaxCrossEntropy, (2, 4), [0, 7], ValueError, "y must hold labels from 0 to 3, got 7"),
        (SoftmaxCrossEntropy, (5, 3), [0, 1, 4, 2, 0], ValueError, "y must hold labels from 0 to 2, got 4"),
        (SoftmaxCrossEntropy, (2, 3), [0], ValueError, r"shape \(2,\).* got int64 of shape \(1,\)"),
        (SoftmaxCrossEntropy, (2,), [0, 1], ValueError, r"needs outputs of shape \(N, classes\), got \(2,\)"),
        (SoftmaxCrossEntropy, (2, 2), np.full((3, 2), 0.5), ValueError, r"float64 of shape \(3, 2\)"),
        (MeanSquaredError, (2, 1), [[1.0, 2.0], [3.0, 4.0]], ValueError, r"\(2, 1\), got \(2, 2\)"),
        (SoftmaxCrossEntropy, (2, 3), [0, -1], ValueError, "y must hold labels from 0 to 2, got -1"),
        (SoftmaxCrossEntropy, (2, 3), [0.0, 1.0], TypeError, "y must hold integer class labels, got dtype float64"),
        (SoftmaxCrossEntropy, (2, 3), [True, False], TypeError, "y must hold integer class labels, got dtype bool"),
        (SoftmaxCrossEntropy, (2, 3), [[0], [1]], ValueError, r"one label an example, shape \(2,\).* got int64 of"),
        (SoftmaxCrossEntropy, (2, 3), [0, 1, 2], ValueError, r"shape \(2,\).* got int64 of shape \(3,\)"),
        (SoftmaxCrossEntropy, (2, 3), [[0, 1], [2]], ValueError, "y must be an array, got nested lists"),
        (SoftmaxCrossEntropy, (2, 3, 4), [0, 1], ValueError, r"needs outputs of shape \(N, classes\), got \(2, 3, 4\)"),
        (SoftmaxCrossEntropy, (1, 2), [[0.7, 0.2]], ValueError, "summing to 1 .* sums from 0.9 to 0.9"),
        (SoftmaxCrossEntropy, (1, 2), [[1.5, -0.5]], ValueError, "at least 0 .* entries from -0.5"),
        (SoftmaxCrossEntropy, (1, 2), [[math.nan, 1]], ValueError, "y must be finite"),
        (BinaryCrossEntropy, (2, 2), [0, 1], ValueError, r"needs outputs of shape \(N, 1\), got \(2, 2\)"),
        (BinaryCrossEntropy, (3, 1), [0, 2, 3], ValueError, "y must hold labels 0 and 1, got 2"),
        (BinaryCrossEntropy, (2, 1), [0, math.nan], ValueError, "y must hold labels 0 and 1, got nan"),
        (BinaryCrossEntropy, (2, 1), [0.5, 1], ValueError, "y must hold labels 0 and 1, got 0.5"),
        (BinaryCrossEntropy, (2, 1), ["0", "1"], TypeError, "y must hold labels 0 and 1, got dtype <U1"),
        (BinaryCrossEntropy, (2, 1), [0, 1, 1], ValueError, r"shape \(2,\) or \(2, 1\), got \(3,\)"),
    ],
)
def test_targets_are_checked(make, shape, target, error, message):
    with pytest.raises(error, match=message):
        make().target(target, shape, np.float64)


@every_loss
def test_outputs_are_checked(make, outputs, target):
    for wrong in (outputs.tolist(), None, outputs.astype(int), outputs.astype(np.float16), outputs.astype(object)):
        with pytest.raises(TypeError, match="outputs must be a numpy array of float32 or float64, got"):
            make().value_and_gradient(wrong, target)
    for wrong in (outputs[0].reshape(-1), outputs[:0], np.array(1.0)):
        with pytest.raises(ValueError, match="outputs"):
            make().value_and_gradient(wrong, target)


def test_outputs_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"outputs must have shape \(N, out\) with N > 0, got \(3,\)"):
        MeanSquaredError().value_and_gradient(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match=r"outputs of shape \(N, classes\), got \(2, 2, 2\)"):
        SoftmaxCrossEntropy().value_and_gradient(np.ones((2, 2, 2)), [0, 1])
    with pytest.raises(ValueError, match=r"outputs of shape \(N, 1\), got \(2, 2\)"):
        BinaryCrossEntropy().value_and_gradient(np.ones((2, 2)), [0, 1])


def test_a_loss_of_one_s_own_says_what_it_lacks():
    class Mine(Loss):
        pass

    with pytest.raises(NotImplementedError, match=r"Mine must define target\(y, shape, dtype, name\)"):
        Mine().target([1], (1, 1), float)
    with pytest.raises(NotImplementedError, match=r"Mine must define compute\(outputs, target\)"):
        Mine().compute(np.ones((1, 1)), np.ones((1, 1)))
    assert repr(Mine()) == "Mine()"


anything = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, object, np.uint8]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    elements=st.sampled_from([0, 1]),
) | hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))


@settings(max_examples=150, deadline=None)
@given(
    outputs=anything, target=anything, make=st.sampled_from([MeanSquaredError, SoftmaxCrossEntropy, BinaryCrossEntropy])
)
def test_anything_else_is_refused_with_a_documented_error_or_answered(outputs, target, make):
    with np.errstate(all="ignore"):
        try:
            value, gradient = make().value_and_gradient(outputs, target)
        except (TypeError, ValueError) as error:
            assert "outputs" in str(error) or "target" in str(error)
            return
    assert gradient.shape == outputs.shape and gradient.dtype == outputs.dtype and np.ndim(value) == 0
