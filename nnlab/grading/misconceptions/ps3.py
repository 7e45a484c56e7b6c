"""Known mistakes of problem set 3, initialization and the flow of signals."""

from __future__ import annotations

import numpy as np

from nnlab.grading.misconceptions.library import misconception

XAVIER = "initialization#xavier-both-directions"
HE = "initialization#he-the-relu-s-half"
INPUTS = "initialization#scale-the-inputs"
LAYER = "initialization#the-variance-of-one-layer"
RECURRENT = "gradient-flow#through-time-the-recurrent-network"
BATCHNORM = "gradient-flow#batchnorm"
CLIPPING = "gradient-flow#clipping"


def _uniform(rng, fan_in, fan_out, limit):
    return rng.uniform(-limit, limit, (fan_in, fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def inputs_alone(rng, fan_in, fan_out):
    """You used √(6/fan_in), which is He's limit. Xavier's weighs both directions: √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6 / fan_in))


@misconception("ps3.xavier_uniform", XAVIER)
def units_alone(rng, fan_in, fan_out):
    """You divided by fan_out alone. Xavier's limit weighs both directions: √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6 / fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def lecun_limit(rng, fan_in, fan_out):
    """You used √(3/fan_in), the limit of LeCun's scheme. Xavier's weighs both directions: √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(3 / fan_in))


@misconception("ps3.xavier_uniform", XAVIER)
def variance_as_limit(rng, fan_in, fan_out):
    """You used the variance, 2/(fan_in + fan_out), as the limit. The limit is √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, 2 / (fan_in + fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def deviation_as_limit(rng, fan_in, fan_out):
    """You used the standard deviation as the limit. A uniform distribution on [−a, a] has the deviation a/√3, so the
    limit is √3 times as large: √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(2 / (fan_in + fan_out)))


@misconception("ps3.xavier_uniform", XAVIER)
def root_left_out(rng, fan_in, fan_out):
    """You used 6/(fan_in + fan_out) without the root. The limit is its square root."""
    return _uniform(rng, fan_in, fan_out, 6 / (fan_in + fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def root_of_six_alone(rng, fan_in, fan_out):
    """You took the root of 6 and not of fan_in + fan_out. Both stand under a root: √6/√(fan_in + fan_out)."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6) / (fan_in + fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def positive_weights(rng, fan_in, fan_out):
    """You drew from 0 to the limit. Weights lie to both sides of 0, from −limit to +limit."""
    return np.abs(_uniform(rng, fan_in, fan_out, np.sqrt(6 / (fan_in + fan_out))))


@misconception("ps3.xavier_uniform", XAVIER)
def normal_for_uniform(rng, fan_in, fan_out):
    """You drew normal numbers of the right variance. This scheme is uniform, with no weight beyond the limit."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


@misconception("ps3.xavier_uniform", XAVIER)
def shape_turned_round(rng, fan_in, fan_out):
    """You returned a (fan_out, fan_in) matrix. In this course x @ W has the inputs as rows: (fan_in, fan_out)."""
    return _uniform(rng, fan_out, fan_in, np.sqrt(6 / (fan_in + fan_out)))


@misconception("ps3.xavier_uniform", XAVIER)
def own_uniform_generator(rng, fan_in, fan_out):
    """You made a new generator with a fixed seed, so equal layers get equal weights. Draw from rng, which moves on."""
    return _uniform(np.random.default_rng(0), fan_in, fan_out, np.sqrt(6 / (fan_in + fan_out)))


@misconception("ps3.he_normal", HE)
def variance_as_deviation(rng, fan_in, fan_out):
    """You drew with 2/fan_in as the standard deviation. It is the variance: the standard deviation is its root."""
    return rng.normal(0, 2 / fan_in, (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def units_for_inputs(rng, fan_in, fan_out):
    """You divided by fan_out. A unit adds up its inputs, so fan_in decides how large the sum becomes."""
    return rng.normal(0, np.sqrt(2 / fan_out), (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def both_fans(rng, fan_in, fan_out):
    """You used the variance 2/(fan_in + fan_out), which is Xavier's. He's has the inputs alone: 2/fan_in."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def two_forgotten(rng, fan_in, fan_out):
    """You used the variance 1/fan_in. The ReLU drops half of the mean square, and the 2 makes up for it."""
    return rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def root_of_two_alone(rng, fan_in, fan_out):
    """You took the root of 2 and not of fan_in. The standard deviation is √(2/fan_in), all of it under the root."""
    return rng.normal(0, np.sqrt(2) / fan_in, (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def uniform_for_normal(rng, fan_in, fan_out):
    """You drew uniform numbers of the right variance. Asked for is the normal distribution."""
    return _uniform(rng, fan_in, fan_out, np.sqrt(6 / fan_in))


@misconception("ps3.he_normal", HE)
def not_scaled(rng, fan_in, fan_out):
    """You drew standard normal numbers and did not scale them. Multiply by √(2/fan_in), or the signal grows with every
    layer."""
    return rng.normal(size=(fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def normal_shape_turned_round(rng, fan_in, fan_out):
    """You returned a (fan_out, fan_in) matrix. In this course x @ W has the inputs as rows: (fan_in, fan_out)."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in))


@misconception("ps3.he_normal", HE)
def own_normal_generator(rng, fan_in, fan_out):
    """You made a new generator with a fixed seed, so equal layers get equal weights. Draw from rng, which moves on."""
    return np.random.default_rng(0).normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


@misconception("ps3.he_normal", HE)
def absolute_values(rng, fan_in, fan_out):
    """You made all weights positive. They are normal around 0, half of them negative."""
    return np.abs(rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)))


def _scaled(train, test, mean, std, constant=None):
    constant = np.ptp(train, axis=0) == 0 if constant is None else constant
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple(np.where(constant, 0, (x - mean) / std).astype(x.dtype) for x in (train, test))


@misconception("ps3.standardize", INPUTS)
def test_by_its_own_statistics(train, test):
    """You standardized the test set with its own mean and deviation. Both sets take those of the training set, or the
    network sees them on different scales."""
    right, _ = _scaled(train, test, train.mean(axis=0), train.std(axis=0))
    return right, _scaled(test, test, test.mean(axis=0), test.std(axis=0))[0]


@misconception("ps3.standardize", INPUTS)
def statistics_of_both_sets(train, test):
    """You took mean and deviation of both sets together. That lets the test set leak in: use the training set alone."""
    both = np.concatenate([train, test])
    return _scaled(train, test, both.mean(axis=0), both.std(axis=0))


@misconception("ps3.standardize", INPUTS)
def divided_by_variance(train, test):
    """You divided by the variance. Divide by its root, the standard deviation, so that the result has deviation 1."""
    return _scaled(train, test, train.mean(axis=0), train.var(axis=0))


@misconception("ps3.standardize", INPUTS)
def sample_deviation(train, test):
    """You divided by N − 1 inside the standard deviation. Here it is np.std's default, divided by N."""
    rows = max(len(train), 2)
    return _scaled(train, test, train.mean(axis=0), train.std(axis=0) * np.sqrt(rows / (rows - 1)))


@misconception("ps3.standardize", INPUTS)
def rows_instead_of_columns(train, test):
    """You standardized each row. Each column is a feature with a scale of its own: axis=0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True) for x in (train, test))


@misconception("ps3.standardize", INPUTS)
def one_scale_for_all_columns(train, test):
    """You took one mean and one deviation over the whole set. Each column has its own: axis=0."""
    return _scaled(train, test, train.mean(), train.std())


@misconception("ps3.standardize", INPUTS)
def only_centred(train, test):
    """You subtracted the mean and left the scale as it was. Divide by the standard deviation, too."""
    return _scaled(train, test, train.mean(axis=0), 1.0)


@misconception("ps3.standardize", INPUTS)
def not_centred(train, test):
    """You divided by the standard deviation and left the mean where it was. Subtract the mean first."""
    return _scaled(train, test, 0.0, train.std(axis=0))


@misconception("ps3.standardize", INPUTS)
def from_least_to_largest(train, test):
    """You scaled by the smallest and the largest value, to [0, 1]. Asked for is mean 0 and standard deviation 1."""
    return _scaled(train, test, train.min(axis=0), np.ptp(train, axis=0))


@misconception("ps3.standardize", INPUTS)
def test_left_as_it_was(train, test):
    """You left the test set as it was. The network expects inputs on the scale it was trained on: same mean, same
    deviation."""
    return _scaled(train, test, train.mean(axis=0), train.std(axis=0))[0], test.copy()


@misconception("ps3.standardize", INPUTS)
def constant_columns_moved_alone(train, test):
    """You replaced the deviation of a constant column by 1, so a test value that differs stays. Such a column becomes 0
    in both sets."""
    std = np.where(np.ptp(train, axis=0) == 0, 1, train.std(axis=0))
    mean = np.where(np.ptp(train, axis=0) == 0, train[0], train.mean(axis=0))
    return _scaled(train, test, mean, std, constant=False)


@misconception("ps3.standardize", INPUTS)
def deviation_of_exactly_zero(train, test):
    """You looked for a deviation of exactly 0. Rounding leaves a tiny one in some constant columns: look whether all
    entries are equal."""
    std = train.std(axis=0)
    return _scaled(train, test, train.mean(axis=0), std, constant=std == 0)


@misconception("ps3.standardize", INPUTS)
def small_taken_for_constant(train, test):
    """You took every column with a small deviation for constant. What is small depends on the units: look whether all
    entries are equal."""
    std = train.std(axis=0)
    return _scaled(train, test, train.mean(axis=0), std, constant=std < 1e-8)


def _layers(x, weights, activation):
    outputs = []
    for W in weights:
        x = activation(x @ W)
        outputs.append(x)
    return outputs


def _pairs(outputs):
    return [(float(out.mean()), float(out.std())) for out in outputs]


@misconception("ps3.activation_statistics", LAYER)
def before_the_activation(x, weights, activation):
    """You measured xW, before the activation. Apply the activation first: it is the layer's output that counts."""
    statistics = []
    for W in weights:
        net = x @ W
        statistics.append((float(net.mean()), float(net.std())))
        x = activation(net)
    return statistics


@misconception("ps3.activation_statistics", LAYER)
def activation_left_out(x, weights, activation):
    """You left the activation out. It is applied after every layer."""
    return _pairs(_layers(x, weights, lambda net: net))


@misconception("ps3.activation_statistics", LAYER)
def last_layer_linear(x, weights, activation):
    """You left the activation out after the last layer. Here every layer has one."""
    if not weights:
        return []
    outputs = _layers(x, weights[:-1], activation)
    return _pairs([*outputs, [x, *outputs][-1] @ weights[-1]])


@misconception("ps3.activation_statistics", LAYER)
def activated_for_show(x, weights, activation):
    """You measured after the activation but sent xW on without it. The next layer takes the activated output."""
    return _pairs([activation(net) for net in _layers(x, weights, lambda net: net)])


@misconception("ps3.activation_statistics", LAYER)
def variance_for_deviation(x, weights, activation):
    """You returned variances. Asked for is the standard deviation, their root."""
    return [(float(out.mean()), float(out.var())) for out in _layers(x, weights, activation)]


@misconception("ps3.activation_statistics", LAYER)
def sample_deviation_of_outputs(x, weights, activation):
    """You divided by the number of entries minus 1. Here it is np.std's default, divided by their number."""
    outputs = _layers(x, weights, activation)
    return [(float(out.mean()), float(out.std() * np.sqrt(out.size / max(out.size - 1, 1)))) for out in outputs]


@misconception("ps3.activation_statistics", LAYER)
def input_counted_as_layer(x, weights, activation):
    """You included the input. The list has one pair for each layer's output."""
    return _pairs([x, *_layers(x, weights, activation)])


@misconception("ps3.activation_statistics", LAYER)
def last_output_alone(x, weights, activation):
    """You returned the last layer's statistics alone. Asked for is one pair for each layer."""
    return _pairs(_layers(x, weights, activation)[-1:])


@misconception("ps3.activation_statistics", LAYER)
def deviation_unit_by_unit(x, weights, activation):
    """You took the deviation of each unit by itself and averaged. Take it over all entries, rows and units together."""
    outputs = _layers(x, weights, activation)
    return [(float(out.mean()), float(out.std(axis=0).mean())) for out in outputs]


@misconception("ps3.activation_statistics", LAYER)
def order_of_the_pair(x, weights, activation):
    """You returned (std, mean). Asked for is (mean, std)."""
    return [(std, mean) for mean, std in _pairs(_layers(x, weights, activation))]


@misconception("ps3.activation_statistics", LAYER)
def input_into_every_layer(x, weights, activation):
    """You sent the input through each layer by itself. Each layer takes what the one before it gives."""
    return _pairs([activation(x @ W) for W in weights])


def _norms(W, steps, norm):
    return np.array([norm(np.linalg.matrix_power(W, t)) for t in range(1, steps + 1)])


def _radius(W):
    return np.abs(np.linalg.eigvals(W)).max()


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def eigenvalue_for_norm(W_rec, steps):
    """You took the largest absolute eigenvalue. It tells what happens in the long run; the norm is the largest singular
    value."""
    return _norms(W_rec, steps, _radius)


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def powers_of_the_norm(W_rec, steps):
    """You raised the norm of W to powers. That is an upper bound: the norm of a power can be much smaller."""
    return np.linalg.norm(W_rec, 2) ** np.arange(1.0, steps + 1)


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def frobenius_norms(W_rec, steps):
    """You used np.linalg.norm's default, the root of the sum of squares. The spectral norm is np.linalg.norm(P, 2)."""
    return _norms(W_rec, steps, np.linalg.norm)


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def from_the_power_zero(W_rec, steps):
    """You began with the power 0, the identity. The list begins with W itself and ends with W to the power of steps."""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W_rec, t), 2) for t in range(steps)])


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def entries_raised(W_rec, steps):
    """You raised each entry to the power, as ** does. A matrix power multiplies matrices: W @ W, or
    np.linalg.matrix_power."""
    return np.array([np.linalg.norm(W_rec**t, 2) for t in range(1, steps + 1)])


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def norm_of_one_step(W_rec, steps):
    """You returned the norm of W for every step. After k steps the gradient has met W k times: take W^k."""
    return np.full(steps, np.linalg.norm(W_rec, 2))


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def column_sums(W_rec, steps):
    """You used the norm of order 1, the largest column sum. The spectral norm is of order 2, the largest singular
    value."""
    return _norms(W_rec, steps, lambda power: np.linalg.norm(power, 1))


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def row_sums_as_norm(W_rec, steps):
    """You used the norm of order infinity, the largest row sum. The spectral norm is of order 2, the largest singular
    value."""
    return _norms(W_rec, steps, lambda power: np.linalg.norm(power, np.inf))


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def squared_norms(W_rec, steps):
    """You returned the largest eigenvalue of PᵀP, which is the norm's square. Take its root."""
    return _norms(W_rec, steps, lambda power: np.linalg.norm(power, 2) ** 2)


@misconception("ps3.rnn_gradient_norms", RECURRENT)
def last_norm_alone(W_rec, steps):
    """You returned the norm of the last power alone. Asked for is an array with one norm for each of the steps."""
    return _norms(W_rec, steps, lambda power: np.linalg.norm(power, 2))[-1]


def _normalized(x, eps, axis=0):
    root = np.sqrt(x.var(axis=axis, keepdims=True) + eps)
    return (x - x.mean(axis=axis, keepdims=True)) / root


@misconception("ps3.batchnorm_forward", BATCHNORM)
def sample_variance(x, gamma, beta, eps):
    """You divided by N − 1 in the variance. Batch normalization divides by N."""
    variance = x.var(axis=0) * len(x) / max(len(x) - 1, 1)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(variance + eps) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def eps_outside_the_root(x, gamma, beta, eps):
    """You added eps to the standard deviation. It belongs inside the root, to the variance."""
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + eps) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def eps_left_out(x, gamma, beta, eps):
    """You left eps out. It stands inside the root, with the variance, so that a column without spread is not divided by
    0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return gamma * (x - x.mean(axis=0)) / x.std(axis=0) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def each_row_by_itself(x, gamma, beta, eps):
    """You normalized each row, which is layer normalization. Batch normalization goes down the columns: axis=0."""
    return gamma * _normalized(x, eps, axis=1) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def whole_batch_as_one(x, gamma, beta, eps):
    """You took one mean and one variance over the whole batch. Each column has its own: axis=0."""
    return gamma * _normalized(x, eps, axis=(0, 1)) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def root_forgotten(x, gamma, beta, eps):
    """You divided by the variance. Divide by the square root of variance plus eps."""
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def gamma_and_beta_left_out(x, gamma, beta, eps):
    """You returned the normalized input itself. Stretch it by gamma, then move it by beta."""
    return _normalized(x, eps), None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def gamma_and_beta_exchanged(x, gamma, beta, eps):
    """You exchanged gamma and beta. Gamma multiplies, and beta is added."""
    return beta * _normalized(x, eps) + gamma, None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def moved_before_stretched(x, gamma, beta, eps):
    """You added beta before you multiplied by gamma. Stretch first, then move: γx̂ + β."""
    return gamma * (_normalized(x, eps) + beta), None


@misconception("ps3.batchnorm_forward", BATCHNORM)
def mean_not_subtracted(x, gamma, beta, eps):
    """You divided by the root and did not subtract the mean. Centre each column first."""
    return gamma * x / np.sqrt(x.var(axis=0) + eps) + beta, None


def _right_forward(x, gamma, beta, eps):
    root = np.sqrt(x.var(axis=0) + eps)
    normal = (x - x.mean(axis=0)) / root
    return gamma * normal + beta, (x, normal, gamma, root)


def _right_backward(dout, cache):
    _, normal, gamma, root = cache
    dgamma, dbeta = (dout * normal).sum(axis=0), dout.sum(axis=0)
    return gamma / root * (dout - (dbeta + normal * dgamma) / len(dout)), dgamma, dbeta


def _with_dx(dout, cache, dx):
    return dx, *_right_backward(dout, cache)[1:]


BESIDE = (_right_forward,)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def statistics_as_constants(dout, cache):
    """You treated mean and variance as constants. Both move with x, and each has its own term in dx."""
    _, _, gamma, root = cache
    return _with_dx(dout, cache, gamma / root * dout)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def way_through_variance_forgotten(dout, cache):
    """You left out the way through the variance. Subtract x̂ times the mean of dout·x̂ as well."""
    _, _, gamma, root = cache
    return _with_dx(dout, cache, gamma / root * (dout - dout.mean(axis=0)))


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def way_through_mean_forgotten(dout, cache):
    """You left out the way through the mean. Subtract the mean of dout over the rows as well."""
    _, normal, gamma, root = cache
    return _with_dx(dout, cache, gamma / root * (dout - normal * (dout * normal).mean(axis=0)))


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def sums_for_means_in_dx(dout, cache):
    """You subtracted sums in dx. They are means over the rows: divide both by N."""
    _, normal, gamma, root = cache
    dx = gamma / root * (dout - dout.sum(axis=0) - normal * (dout * normal).sum(axis=0))
    return _with_dx(dout, cache, dx)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def gamma_forgotten_in_dx(dout, cache):
    """You left gamma out of dx. The gradient reaches x̂ stretched by gamma."""
    _, _, gamma, _ = cache
    with np.errstate(divide="ignore", invalid="ignore"):
        return _with_dx(dout, cache, _right_backward(dout, cache)[0] / gamma)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def root_forgotten_in_dx(dout, cache):
    """You did not divide dx by the root. Forward divides by √(σ² + eps), so backward does as well."""
    _, _, _, root = cache
    return _with_dx(dout, cache, _right_backward(dout, cache)[0] * root)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def variance_term_added(dout, cache):
    """You added the term of the variance in dx. It has a minus: a larger variance brings all outputs nearer to the
    mean."""
    _, normal, gamma, root = cache
    dx = gamma / root * (dout - dout.mean(axis=0) + normal * (dout * normal).mean(axis=0))
    return _with_dx(dout, cache, dx)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def input_for_normalized_input(dout, cache):
    """You multiplied dout by x for dgamma. Gamma stretches x̂, the normalized input: sum dout·x̂."""
    x, _, _, _ = cache
    dx, _, dbeta = _right_backward(dout, cache)
    return dx, (dout * x).sum(axis=0), dbeta


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def parameters_averaged(dout, cache):
    """You averaged over the rows for dgamma and dbeta. The loss has divided by N already: add the rows up."""
    dx, dgamma, dbeta = _right_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def parameters_not_summed(dout, cache):
    """You did not add up over the rows for dgamma and dbeta. One gamma and one beta serve all rows of a column."""
    _, normal, _, _ = cache
    return _right_backward(dout, cache)[0], dout * normal, dout.copy()


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def order_of_gradients(dout, cache):
    """You returned dbeta before dgamma. Asked for is (dx, dgamma, dbeta)."""
    dx, dgamma, dbeta = _right_backward(dout, cache)
    return dx, dbeta, dgamma


@misconception("ps3.batchnorm_backward", BATCHNORM, beside=BESIDE)
def gamma_in_its_own_gradient(dout, cache):
    """You multiplied dgamma by gamma. The output is γx̂ + β, so its derivative with respect to γ is x̂ alone."""
    dx, dgamma, dbeta = _right_backward(dout, cache)
    return dx, dgamma * cache[2], dbeta


def _norm(grads):
    return np.sqrt(sum((gradient.astype(np.float64) ** 2).sum() for gradient in grads))


def _shrunk(grads, max_norm, norm):
    factor = max_norm / norm if norm > max_norm else 1.0
    return [(factor * gradient).astype(gradient.dtype) for gradient in grads]


@misconception("ps3.clip_by_norm", CLIPPING)
def each_array_by_itself(grads, max_norm):
    """You clipped each array by its own norm, which turns the direction. There is one norm, over the whole list."""
    return [_shrunk([gradient], max_norm, _norm([gradient]))[0] for gradient in grads]


@misconception("ps3.clip_by_norm", CLIPPING)
def each_entry_by_itself(grads, max_norm):
    """You cut each entry off at ±max_norm, which turns the direction. Multiply all of them by one factor."""
    return [np.clip(gradient, -max_norm, max_norm) for gradient in grads]


@misconception("ps3.clip_by_norm", CLIPPING)
def short_ones_stretched(grads, max_norm):
    """You scaled to max_norm in any case. Gradients that are shorter stay as they are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.float64(max_norm) / _norm(grads)
        return [(factor * gradient).astype(gradient.dtype) for gradient in grads]


@misconception("ps3.clip_by_norm", CLIPPING)
def root_of_squares_forgotten(grads, max_norm):
    """You used the sum of the squares as the norm. The norm is its root."""
    return _shrunk(grads, max_norm, _norm(grads) ** 2)


@misconception("ps3.clip_by_norm", CLIPPING)
def norms_added(grads, max_norm):
    """You added the norms of the arrays up. Add their squares up, and take the root at the end."""
    return _shrunk(grads, max_norm, sum(_norm([gradient]) for gradient in grads))


@misconception("ps3.clip_by_norm", CLIPPING)
def largest_norm(grads, max_norm):
    """You used the largest of the arrays' norms. The whole list is one long vector: add up all squares."""
    return _shrunk(grads, max_norm, max(_norm([gradient]) for gradient in grads))


@misconception("ps3.clip_by_norm", CLIPPING)
def largest_entry_as_norm(grads, max_norm):
    """You used the largest entry as the norm. The norm is the root of the sum of all squares."""
    return _shrunk(grads, max_norm, max(np.abs(gradient).max() for gradient in grads))


@misconception("ps3.clip_by_norm", CLIPPING)
def absolute_values_added(grads, max_norm):
    """You added absolute values up. The norm is the root of the sum of the squares."""
    return _shrunk(grads, max_norm, sum(np.abs(gradient).sum() for gradient in grads))


@misconception("ps3.clip_by_norm", CLIPPING)
def shrunk_to_length_one(grads, max_norm):
    """You divided by the norm and left max_norm out, so long gradients come out with length 1. Multiply by max_norm as
    well."""
    norm = _norm(grads)
    return [gradient / (norm if norm > max_norm else 1.0) for gradient in grads]


@misconception("ps3.clip_by_norm", CLIPPING)
def changed_in_place(grads, max_norm):
    """You changed the given arrays in place. Return new ones: factor * gradient."""
    norm = _norm(grads)
    for gradient in grads:
        gradient *= max_norm / norm if norm > max_norm else 1.0
    return [gradient.copy() for gradient in grads]
