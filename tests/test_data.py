"""Data sets, splits and augmentation: what they hold, and what they refuse."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import Network, data, fit
from nnlab.layers import Dense, Tanh
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import Adam


def rng(seed=0):
    return np.random.default_rng(seed)


DRAWN = {
    "two_moons": (data.two_moons, 2),
    "circles": (data.circles, 2),
    "spirals": (data.spirals, 2),
    "noisy_sine": (data.noisy_sine, 1),
    "sparse_features": (data.sparse_features, 100),
}
every_drawn_set = pytest.mark.parametrize(("make", "features"), DRAWN.values(), ids=DRAWN.keys())


def test_digits():
    (x, y), (x_test, y_test) = data.digits()
    assert x.shape == (1437, 64) and x_test.shape == (360, 64) and y.shape == (1437,) and y_test.shape == (360,)
    assert x.dtype == np.float32 and y.dtype == np.int64
    assert x.min() == 0 and x.max() == 1 and set(y) == set(range(10))
    assert np.bincount(y_test).tolist() == [36] * 10
    assert not {row.tobytes() for row in x} & {row.tobytes() for row in x_test}
    x[:] = 0
    assert data.digits()[0][0].max() == 1


@every_drawn_set
def test_drawn_sets_have_the_shape_asked_for_and_repeat(make, features):
    x, y = make(n=37, seed=3)
    assert x.shape == (37, features) and len(y) == 37 and x.dtype == np.float64
    np.testing.assert_array_equal(x, make(n=37, seed=3)[0])
    np.testing.assert_array_equal(x, make(n=37, seed=rng(3))[0])
    assert (x != make(n=37, seed=4)[0]).any()
    assert y.dtype == np.int64 if y.ndim == 1 else y.shape == (37, 1)
    assert make(n=1)[0].shape == (1, features)


@pytest.mark.parametrize("make", [data.two_moons, data.circles, data.spirals])
def test_classes_are_balanced_and_shuffled(make):
    _, y = make(n=101)
    assert sorted(np.bincount(y).tolist()) == [50, 51]
    runs = int((np.diff(y) != 0).sum())
    assert 30 < runs < 70


def test_moons_and_circles_without_noise_lie_on_their_curves():
    x, y = data.two_moons(n=200, noise=0)
    center = np.where(y[:, None] == 0, [0, 0], [1, 0.5])
    np.testing.assert_allclose(np.linalg.norm(x - center, axis=1), 1)
    assert (x[y == 0, 1] >= 0).all() and (x[y == 1, 1] <= 0.5).all()
    x, y = data.circles(n=200, noise=0, factor=0.3)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(y == 0, 1, 0.3))
    angles = np.arctan2(x[:, 1], x[:, 0])
    assert scipy.stats.kstest(angles, scipy.stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > 1e-3


def test_spirals_without_noise_have_the_angle_of_their_radius():
    x, y = data.spirals(n=300, noise=0, classes=3, turns=1.5)
    r = np.linalg.norm(x, axis=1)
    angle = 2 * math.pi * (1.5 * r + y / 3)
    np.testing.assert_allclose(x, np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1), atol=1e-12)
    assert r.min() >= 0.05 and r.max() <= 1 and set(y) == {0, 1, 2}


def test_noise_has_the_standard_deviation_asked_for():
    x, y = data.noisy_sine(n=20_000, noise=0.3, periods=2)
    residual = (y - np.sin(2 * math.pi * x)).ravel()
    assert scipy.stats.kstest(residual, scipy.stats.norm(0, 0.3).cdf).pvalue > 1e-3
    assert scipy.stats.kstest(x.ravel(), scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3
    for make in (data.two_moons, data.circles, data.spirals):
        noisy, clean = make(n=5000, noise=0.2, seed=1)[0], make(n=5000, noise=0, seed=1)[0]
        assert scipy.stats.kstest((noisy - clean).ravel(), scipy.stats.norm(0, 0.2).cdf).pvalue > 1e-3


def test_a_curve_separates_the_moons_where_a_line_does_not():
    x, y = data.two_moons(n=300, noise=0.1)
    straight = Network([Dense(2, 2)], loss=SoftmaxCrossEntropy())
    curved = Network([Dense(2, 16), Tanh(), Dense(16, 2)], loss=SoftmaxCrossEntropy())
    for network in (straight, curved):
        fit(network, Adam(0.05), x, y, batch_size=30, epochs=40)
    assert straight.evaluate(x, y)[1] < 0.93 < 0.98 < curved.evaluate(x, y)[1]


def test_sparse_features_get_rarer_and_all_matter():
    x, y = data.sparse_features(n=20_000, features=50)
    assert set(np.unique(x)) == {0.0, 1.0}
    expected = 0.5 / np.arange(1, 51)
    np.testing.assert_allclose(x.mean(axis=0), expected, atol=4 * np.sqrt(0.25 / 20_000))
    assert 0.3 < y.mean() < 0.7
    # least squares on the labels finds a weight far from 0 for the rarest features as for the commonest
    weights = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0][:50]
    assert np.abs(weights).min() > 0.3 * np.abs(weights).max()


@every_drawn_set
def test_drawn_sets_check_their_arguments(make, features):
    for name, wrong in (("n", 0), ("n", -1), ("n", 2.5), ("n", "3"), ("seed", -1), ("seed", None), ("seed", "x")):
        with pytest.raises((TypeError, ValueError), match=name):
            make(**{name: wrong})
    if make is not data.sparse_features:
        for wrong in (-0.1, math.nan, math.inf, "1", None):
            with pytest.raises((TypeError, ValueError), match="noise"):
                make(noise=wrong)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.circles(factor=0), "factor must be a finite number, greater than 0 and less than 1, got 0"),
        (lambda: data.circles(factor=1), "factor .* got 1"),
        (lambda: data.spirals(classes=1), "classes must be at least 2, got 1"),
        (lambda: data.spirals(turns=0), "turns must be a finite number, greater than 0"),
        (lambda: data.noisy_sine(periods=0), "periods must be a finite number, greater than 0"),
        (lambda: data.sparse_features(features=0), "features must be at least 1, got 0"),
        (lambda: data.sparse_features(exponent=-1), "exponent must be a finite number, at least 0, got -1"),
    ],
)
def test_settings_are_checked(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


@settings(max_examples=50, deadline=None)
@given(n=st.integers(0, 60), batch_size=st.integers(1, 70), seed=st.integers(0, 5))
def test_minibatches_are_a_shuffled_partition(n, batch_size, seed):
    batches = data.minibatches(n, batch_size, rng(seed))
    assert sorted(i for batch in batches for i in batch) == list(range(n))
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert not batches or 1 <= len(batches[-1]) <= batch_size
    again = data.minibatches(n, batch_size, rng(seed))
    assert [batch.tolist() for batch in batches] == [batch.tolist() for batch in again]


def test_minibatches_are_in_uniformly_random_order():
    orders = [tuple(np.concatenate(data.minibatches(3, 2, rng(seed)))) for seed in range(1200)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6 and scipy.stats.chisquare(counts).pvalue > 1e-3


@settings(max_examples=50, deadline=None)
@given(n=st.integers(2, 40), k=st.integers(2, 40), seed=st.integers(0, 5))
def test_k_fold_puts_every_example_in_one_validation_fold(n, k, seed):
    if k > n:
        with pytest.raises(ValueError, match=f"k must be at most n = {n}"):
            data.k_fold(n, k, rng(seed))
        return
    folds = data.k_fold(n, k, rng(seed))
    assert len(folds) == k
    assert sorted(i for _, validation in folds for i in validation) == list(range(n))
    for train, validation in folds:
        assert sorted([*train, *validation]) == list(range(n))
    sizes = [len(validation) for _, validation in folds]
    assert max(sizes) - min(sizes) <= 1


def test_k_fold_is_shuffled():
    first = data.k_fold(100, 2, rng(0))[0][1]
    assert sorted(first) != list(range(50)) and list(first) != sorted(first)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.minibatches(-1, 2, rng()), "n must be at least 0, got -1"),
        (lambda: data.minibatches(3, 0, rng()), "batch_size must be at least 1, got 0"),
        (lambda: data.minibatches(3.0, 2, rng()), "n must be a whole number, got 3.0"),
        (lambda: data.minibatches(3, 2, "rng"), "rng must be a whole number, got 'rng'"),
        (lambda: data.k_fold(1, 2, rng()), "n must be at least 2, got 1"),
        (lambda: data.k_fold(5, 1, rng()), "k must be at least 2, got 1"),
        (lambda: data.k_fold(5, 2.0, rng()), "k must be a whole number"),
    ],
)
def test_sampling_checks_its_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_standardize_uses_the_training_set_s_statistics():
    train, test = rng(0).normal(5, 3, (50, 4)), rng(1).normal(size=(20, 4))
    a, b = data.standardize(train, test)
    np.testing.assert_allclose(a.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(a.std(axis=0), 1, rtol=1e-13)
    np.testing.assert_allclose(b, (test - train.mean(axis=0)) / train.std(axis=0), rtol=1e-12)
    assert len(data.standardize(train)) == 1 and len(data.standardize(train, test, test)) == 3


@pytest.mark.parametrize("value", [0, 0.1, 1e-300, 1e300, -7.3, 12345.6789])
def test_columns_constant_in_train_become_0_everywhere(value):
    train = np.column_stack([np.full(10, value), np.arange(10.0)])
    test = np.column_stack([np.linspace(-1, 1, 5), np.arange(5.0)])
    a, b = data.standardize(train, test)
    assert (a[:, 0] == 0).all() and (b[:, 0] == 0).all()
    assert np.isfinite(a).all() and abs(a[:, 1].std() - 1) < 1e-12


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_standardize_takes_numbers_of_any_size(scale):
    train = rng().normal(size=(30, 2)) * scale
    with np.errstate(all="raise", under="ignore"):
        (a,) = data.standardize(train)
    np.testing.assert_allclose(a.std(axis=0), 1, rtol=1e-12)


def test_standardize_keeps_dtypes_and_arguments():
    train = rng().normal(size=(30, 2)).astype(np.float32)
    ints = np.arange(10).reshape(5, 2)
    before = train.copy()
    a, b = data.standardize(train, ints)
    assert a.dtype == np.float32 and b.dtype == np.float64
    np.testing.assert_array_equal(train, before)
    np.testing.assert_allclose(data.standardize([[1, 2], [3, 5]])[0], [[-1, -1], [1, 1]], rtol=1e-14)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        (([1.0, 2.0],), ValueError, r"train must have shape \(N, features\) with N > 0, got \(2,\)"),
        ((np.ones((0, 2)),), ValueError, "train must have shape"),
        (([[1.0, 2.0]], [[1.0]]), ValueError, r"2 columns as train has, got \(1, 1\)"),
        (([[1.0, 2.0]], [1.0, 2.0]), ValueError, r"2 columns as train has, got \(2,\)"),
        (([[1.0, math.nan]],), ValueError, "train must be finite"),
        (([[1.0]], [[math.inf]]), ValueError, r"others\[0\] must be finite"),
        (([["a"]],), TypeError, "train must be an array of real numbers"),
    ],
)
def test_standardize_checks_its_arguments(arrays, error, message):
    with pytest.raises(error, match=message):
        data.standardize(*arrays)


def test_one_hot():
    np.testing.assert_array_equal(data.one_hot([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
    assert data.one_hot(np.array([], int), 3).shape == (0, 3)
    for labels, classes, message in (
        ([0, 3], 3, "labels must lie in 0 … 2, got 3"),
        ([-1], 3, "got -1"),
        ([0.5], 3, "labels must be integers, got dtype float64"),
        ([[0]], 3, r"labels must have shape \(N,\), got \(1, 1\)"),
        ([0], 0, "classes must be at least 1"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            data.one_hot(labels, classes)


def test_shifts_move_right_and_down_and_fill_with_zeros():
    image = np.arange(1, 10).reshape(1, 3, 3)
    np.testing.assert_array_equal(data.shift_images(image, 1, 0), [[[0, 1, 2], [0, 4, 5], [0, 7, 8]]])
    np.testing.assert_array_equal(data.shift_images(image, 0, 2), [[[0, 0, 0], [0, 0, 0], [1, 2, 3]]])
    np.testing.assert_array_equal(data.shift_images(image, -1, -1), [[[5, 6, 0], [8, 9, 0], [0, 0, 0]]])
    for dx, dy in ((3, 0), (0, -3), (50, 50)):
        assert (data.shift_images(image, dx, dy) == 0).all()
    still = data.shift_images(image, 0, 0)
    np.testing.assert_array_equal(still, image)
    assert still.dtype == image.dtype and not np.shares_memory(still, image)


@settings(max_examples=40, deadline=None)
@given(h=st.integers(1, 5), w=st.integers(1, 5), dx=st.integers(-6, 6), dy=st.integers(-6, 6))
def test_shifts_agree_with_moving_pixel_by_pixel(h, w, dx, dy):
    images = rng().normal(size=(2, h, w))
    expected = np.zeros_like(images)
    for row in range(h):
        for column in range(w):
            if 0 <= row - dy < h and 0 <= column - dx < w:
                expected[:, row, column] = images[:, row - dy, column - dx]
    np.testing.assert_array_equal(data.shift_images(images, dx, dy), expected)


def test_random_shifts_are_uniform_and_an_image_s_own():
    images = np.zeros((9000, 5, 5), np.float32)
    images[:, 2, 2] = 1
    moved = data.random_shifts(images, rng(), most=1)
    assert moved.dtype == np.float32 and (moved.sum(axis=(1, 2)) == 1).all()
    counts = moved.sum(axis=0)[1:4, 1:4].ravel()
    assert counts.sum() == 9000 and scipy.stats.chisquare(counts).pvalue > 1e-3
    np.testing.assert_array_equal(data.random_shifts(images, rng(), most=0), images)
    assert data.random_shifts(images[:0], rng()).shape == (0, 5, 5)


def test_noise_is_added_with_the_standard_deviation_asked_for():
    x = np.full((20_000, 2), 3.0)
    noisy = data.add_noise(x, rng(), std=0.5)
    assert scipy.stats.kstest((noisy - 3).ravel(), scipy.stats.norm(0, 0.5).cdf).pvalue > 1e-3
    assert (x == 3).all()
    assert data.add_noise(x.astype(np.float32), rng()).dtype == np.float32
    assert data.add_noise([[1, 2]], rng(), std=0).tolist() == [[1.0, 2.0]]


def test_mixup_mixes_x_and_y_by_the_same_shares():
    n = 4000
    x = np.arange(n, dtype=float)
    y = np.stack([x, 1 - x], axis=1)
    mixed_x, mixed_y = data.mixup(x[:, None], y, rng(), alpha=0.4)
    np.testing.assert_allclose(mixed_y[:, 0], mixed_x[:, 0], rtol=1e-12)
    np.testing.assert_allclose(mixed_y.sum(axis=1), 1, atol=1e-8)
    images, _ = data.mixup(np.ones((5, 2, 3), np.float32), y[:5], rng())
    assert images.shape == (5, 2, 3) and images.dtype == np.float32
    np.testing.assert_allclose(images, 1, rtol=1e-6)


def test_mixup_draws_its_shares_from_beta():
    n = 20_000
    x = np.where(np.arange(n) % 2, 1.0, 0.0)
    mixed, _ = data.mixup(x[:, None], x[:, None], rng(), alpha=0.5)
    # x is 0 or 1: where the partner is of the other kind, the mixture is the share of the 1, Beta(½, ½) either way
    shares = mixed[(mixed > 0) & (mixed < 1)]
    assert abs(len(shares) / n - 0.5) < 0.02
    assert scipy.stats.kstest(shares, scipy.stats.beta(0.5, 0.5).cdf).pvalue > 1e-3


def test_mixup_trains_a_classifier():
    x, y = data.two_moons(n=300)
    network = Network([Dense(2, 16), Tanh(), Dense(16, 2)], loss=SoftmaxCrossEntropy())
    fit(network, Adam(0.05), *data.mixup(x, data.one_hot(y, 2), rng()), batch_size=30, epochs=30)
    assert network.evaluate(x, y)[1] > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.shift_images(np.ones((2, 2)), 1, 0), r"images must have shape \(N, H, W\), got \(2, 2\)"),
        (lambda: data.shift_images(np.ones((1, 2, 2)), 0.5, 0), "dx must be a whole number, got 0.5"),
        (lambda: data.shift_images(np.ones((1, 2, 2)), 0, "1"), "dy must be a whole number, got '1'"),
        (lambda: data.random_shifts(np.ones((2, 2)), rng()), r"images must have shape \(N, H, W\)"),
        (lambda: data.random_shifts(np.ones((1, 2, 2)), rng(), most=-1), "most must be at least 0, got -1"),
        (lambda: data.add_noise(np.ones((1, 2)), rng(), std=-1), "std must be a finite number, at least 0"),
        (lambda: data.add_noise([["a"]], rng()), "x must be an array of real numbers"),
        (lambda: data.add_noise([[math.nan]], rng()), "x must be finite"),
        (lambda: data.add_noise([[1.0]], None), "rng must be a whole number, got None"),
        (lambda: data.mixup([[1.0]], [0], rng()), r"integer labels; use data.one_hot\(y, classes\)"),
        (lambda: data.mixup([[1.0]], [[0.0], [1.0]], rng()), r"as many rows, got shapes \(1, 1\) and \(2, 1\)"),
        (lambda: data.mixup(1.0, [0.5], rng()), "as many rows"),
        (lambda: data.mixup([[1.0]], [[1.0]], rng(), alpha=0), "alpha must be a finite number, greater than 0"),
        (lambda: data.mixup([[1.0]], [[math.inf]], rng()), "y must be finite"),
    ],
)
def test_augmentation_checks_its_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
