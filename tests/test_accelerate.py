"""Compiled kernels against the plain methods: equal bits for layers and Adam, equal up to rounding for the loss."""

import copy
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import Network, fit
from nnlab.layers import Dense, ReLU, Residual, Tanh
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy
from nnlab.optimizers import SGD, Adam, AdamW

njit = pytest.importorskip("numba", reason='Numba is not installed: pip install "nnlab[fast]"').njit
from nnlab.accelerate import accelerate, kernels  # noqa: E402

DTYPES = ("float32", "float64")
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40, 3e38, -3e38]


def pair(layers, loss=SoftmaxCrossEntropy, dtype="float64"):
    """Two equal networks, the second accelerated."""
    plain, fast = (Network(layers(), loss=loss(), seed=3, dtype=dtype) for _ in range(2))
    accelerate(fast)
    return plain, fast


def arrays(shape, dtype, seed=0):
    """Random entries with infinities, NaN, zeros of both signs and numbers that underflow among them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape) * 10.0 ** rng.integers(-6, 6, shape)
    special = rng.random(shape) < 0.2
    x[special] = rng.choice(SPECIAL, special.sum())
    with np.errstate(over="ignore"):
        return x.astype(dtype)


def assert_same_bits(got, expected):
    """Equal numbers; one NaN is as good as another, and the sign of a zero is the processor's choice in a maximum."""
    np.testing.assert_array_equal(got, expected, strict=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (64, 64), (33, 130)])
@pytest.mark.parametrize("layer", [lambda out: ReLU(), lambda out: Dense(out, 5, bias=0.3)], ids=["ReLU", "Dense"])
def test_layers_compute_the_same_bits(layer, shape, dtype):
    plain, fast = pair(lambda: [layer(shape[1])], MeanSquaredError, dtype)
    x = arrays(shape, dtype)
    out, fast_out = (net.layers[0].forward(x, True) for net in (plain, fast))
    assert_same_bits(fast_out, out)
    dout = arrays(out.shape, dtype, seed=1)
    dx, fast_dx = (net.layers[0].backward(dout) for net in (plain, fast))
    assert_same_bits(fast_dx, dx)
    assert_same_bits(fast.flat_gradients, plain.flat_gradients)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("settings", [{}, {"beta1": 0.0, "beta2": 0.0}, {"eps": 10.0}, {"lr": 0.0}])
def test_adam_computes_the_same_bits(settings, dtype):
    settings = {"lr": 0.1} | settings
    plain, fast = Adam(**settings), Adam(**settings)
    networks = [Network([Dense(50, 41)], loss=MeanSquaredError(), dtype=dtype) for _ in range(2)]
    accelerate(networks[1], fast)
    for step in range(20):
        gradient = arrays(networks[0].flat_gradients.shape, dtype, seed=step)
        gradient[: 50 * 40] = np.random.default_rng(step).normal(size=50 * 40)  # most weights stay finite
        for network, optimizer in zip(networks, (plain, fast), strict=True):
            network.flat_gradients[:] = gradient
            optimizer.lr = settings["lr"] / (1 + step)
            optimizer.step(network.parameters, network.gradients)
    assert np.isfinite(networks[0].flat_parameters).mean() > 0.9
    assert_same_bits(networks[1].flat_parameters, networks[0].flat_parameters)
    for slot in ("m", "v"):
        assert_same_bits(fast.state[slot].flat, plain.state[slot].flat)


def test_adam_of_arrays_that_are_no_flat_vector():
    w, w_fast = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3)
    plain, fast = Adam(0.1), Adam(0.1)
    accelerate(Network([ReLU()], loss=MeanSquaredError()), fast)
    for _ in range(3):
        plain.step([w], [w.copy()])
        fast.step([w_fast], [w_fast.copy()])
    np.testing.assert_array_equal(w_fast, w)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 40),
    classes=st.integers(1, 70),
    scale=st.sampled_from([0.0, 1.0, 1e3]),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 99),
)
def test_softmax_cross_entropy_is_the_same_up_to_rounding(rows, classes, scale, dtype, seed):
    plain, fast = pair(lambda: [ReLU()], SoftmaxCrossEntropy, dtype)
    rng = np.random.default_rng(seed)
    logits, labels = (scale * rng.normal(size=(rows, classes))).astype(dtype), rng.integers(0, classes, rows)
    loss, gradient = plain.loss.compute(logits, labels)
    fast_loss, fast_gradient = fast.loss.compute(logits, labels)
    eps = np.finfo(dtype).eps
    assert fast_loss.dtype == dtype
    np.testing.assert_allclose(fast_loss, loss, rtol=20 * eps, atol=20 * eps)
    np.testing.assert_allclose(fast_gradient, gradient, rtol=20 * eps, atol=4 * eps / rows)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("place, value", [((0, 0), np.nan), ((1, 2), np.nan), ((1, 1), np.inf), ((1, 1), -np.inf)])
def test_softmax_cross_entropy_of_nan_and_infinity(place, value):
    plain, fast = pair(lambda: [ReLU()])
    logits = np.arange(6.0).reshape(2, 3)
    logits[place] = value
    loss, gradient = plain.loss.compute(logits, np.array([0, 2]))
    fast_loss, fast_gradient = fast.loss.compute(logits, np.array([0, 2]))
    np.testing.assert_allclose(fast_loss, loss, rtol=1e-14)
    np.testing.assert_allclose(fast_gradient, gradient, rtol=1e-14)


def test_softmax_cross_entropy_of_probabilities_and_labels_in_turn():
    plain, fast = pair(lambda: [ReLU()])
    logits = np.random.default_rng(0).normal(size=(4, 3))
    for target in (np.array([0, 1, 2, 0]), np.full((4, 3), 1 / 3), np.array([2, 2, 2, 2])):
        expected, gradient = plain.loss.compute(logits, target)
        got, fast_gradient = fast.loss.compute(logits, target)
        np.testing.assert_allclose(got, expected, rtol=1e-14)
        np.testing.assert_allclose(fast_gradient, gradient, rtol=1e-13)


@pytest.mark.parametrize("optimizer", [lambda: Adam(0.01), lambda: AdamW(0.01), lambda: SGD(0.1)])
def test_training_is_the_same_up_to_rounding(optimizer):
    def layers():
        return [Dense(6, 20), ReLU(), Residual([Dense(20, 20), ReLU()]), Dense(20, 9), Tanh(), Dense(9, 4)]

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(97, 6)), rng.integers(0, 4, 97)
    networks = [Network(layers(), loss=SoftmaxCrossEntropy(), dtype="float64") for _ in range(2)]
    plain, fast = optimizer(), optimizer()
    accelerate(networks[1], fast)
    assert "forward" in networks[1].layers[2].layers[0].__dict__  # layers within layers are accelerated too
    histories = [
        fit(network, rule, x, y, batch_size=16, epochs=20, validation=(x, y))
        for network, rule in zip(networks, (plain, fast), strict=True)
    ]
    np.testing.assert_allclose(histories[1].step_loss, histories[0].step_loss, rtol=1e-10)
    np.testing.assert_allclose(networks[1].flat_parameters, networks[0].flat_parameters, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(histories[1].validation_loss, histories[0].validation_loss, rtol=1e-10)


def test_subclasses_keep_their_own_methods():
    class Doubled(ReLU):
        def forward(self, x, training=False):
            return 2 * x

    network = Network([Doubled()], loss=MeanSquaredError())
    optimizer = AdamW(0.1)
    accelerate(network, optimizer)
    np.testing.assert_array_equal(network.forward(np.ones((1, 2), np.float32)), [[2, 2]])
    assert "update" not in optimizer.__dict__


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_copies_compute_with_arrays_of_their_own(copied):
    plain, fast = pair(lambda: [Dense(3, 4), ReLU(), Dense(4, 2)])
    x, y = np.random.default_rng(0).normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    twin = copied(fast)
    fast.flat_parameters[:] = 0
    assert twin.loss_and_gradients(x, y) == pytest.approx(plain.loss_and_gradients(x, y), rel=1e-14)
    np.testing.assert_allclose(twin.flat_gradients, plain.flat_gradients, rtol=1e-12)


def test_what_cannot_be_accelerated_is_refused():
    network = Network([ReLU()], loss=MeanSquaredError())
    with pytest.raises(TypeError, match="network must be a Network, got 3"):
        accelerate(3)
    with pytest.raises(TypeError, match=r"optimizer must be an optimizer .* got 'Adam'"):
        accelerate(network, "Adam")
    network.device = "cuda"
    with pytest.raises(ValueError, match=r'must be on device="cpu", got one on device=\'cuda\''):
        accelerate(network)


def test_without_numba_it_says_what_to_install():
    code = "import sys; sys.modules['numba'] = None; import nnlab.accelerate"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'ImportError: nnlab.accelerate needs Numba. Install it with: pip install "nnlab[fast]"' in run.stderr


@pytest.mark.parametrize("kernel", [kernels.adam, kernels.add_bias, kernels.relu, kernels.relu_backward])
def test_kernels_use_vector_instructions(kernel):
    """Entry by entry they would be slower than NumPy; it takes little to rule vectors out, such as an error model."""
    vector, matrix = np.ones(64, np.float32), np.ones((8, 8), np.float32)
    arguments = {
        kernels.adam: (vector, vector, vector.copy(), vector.copy(), *(np.float32(0.5),) * 4),
        kernels.add_bias: (matrix, matrix[0].copy()),
        kernels.relu: (vector, vector.copy()),
        kernels.relu_backward: (vector, vector, vector.copy()),
    }[kernel]
    compiled_here = njit(error_model=kernel.targetoptions["error_model"])(
        kernel.py_func
    )  # from the disk it has no code to read
    compiled_here(*arguments)
    (intermediate_code,) = compiled_here.inspect_llvm().values()
    assert re.search(r"<(4|8|16) x float>", intermediate_code)
