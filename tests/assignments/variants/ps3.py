"""Other right answers to problem set 3, as students write them."""

LOOPS = {
    "xavier_uniform": """
import math

def xavier_uniform(rng, fan_in, fan_out):
    limit = math.sqrt(6) / math.sqrt(fan_in + fan_out)
    W = np.empty((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            W[i, j] = (2 * rng.random() - 1) * limit
    return W
""",
    "he_normal": """
import math

def he_normal(rng, fan_in, fan_out):
    W = np.zeros((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            W[i, j] = rng.normal() * math.sqrt(2 / fan_in)
    return W
""",
    "standardize": """
def standardize(train, test):
    new_train, new_test = np.zeros_like(train), np.zeros_like(test)
    for j in range(train.shape[1]):
        column = [float(value) for value in train[:, j]]
        if min(column) == max(column):
            continue
        mean = sum(column) / len(column)
        std = (sum((value - mean) ** 2 for value in column) / len(column)) ** 0.5
        for i in range(len(train)):
            new_train[i, j] = (train[i, j] - mean) / std
        for i in range(len(test)):
            new_test[i, j] = (test[i, j] - mean) / std
    return new_train, new_test
""",
    "activation_statistics": """
def activation_statistics(x, weights, activation):
    result = []
    signal = x
    for W in weights:
        rows = []
        for row in signal:
            rows.append(activation(np.array([row]) @ W)[0])
        signal = np.array(rows)
        mean = sum(sum(row) for row in signal) / signal.size
        result.append([mean, (sum(sum((row - mean) ** 2) for row in signal) / signal.size) ** 0.5])
    return result
""",
    "rnn_gradient_norms": """
def rnn_gradient_norms(W_rec, steps):
    norms = np.zeros(steps, dtype=W_rec.dtype)
    power = W_rec
    for t in range(steps):
        norms[t] = np.sqrt(max(np.linalg.eigvalsh(power.T @ power)[-1], 0))
        power = power @ W_rec
    return norms
""",
    "batchnorm_forward": """
def batchnorm_forward(x, gamma, beta, eps):
    N, D = x.shape
    out, xhat, root = np.zeros_like(x), np.zeros_like(x), np.zeros_like(gamma)
    for j in range(D):
        mu = sum(x[:, j]) / N
        var = sum((x[n, j] - mu) ** 2 for n in range(N)) / N
        root[j] = (var + eps) ** 0.5
        for n in range(N):
            xhat[n, j] = (x[n, j] - mu) / root[j]
            out[n, j] = gamma[j] * xhat[n, j] + beta[j]
    cache = {"xhat": xhat, "gamma": gamma.copy(), "root": root}
    return out, cache
""",
    "batchnorm_backward": """
def batchnorm_backward(dout, cache):
    xhat, gamma, root = cache["xhat"], cache["gamma"], cache["root"]
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros_like(dout), np.zeros_like(gamma), np.zeros_like(gamma)
    for n in range(N):
        for j in range(D):
            dbeta[j] += dout[n, j]
            dgamma[j] += dout[n, j] * xhat[n, j]
    for n in range(N):
        for j in range(D):
            dx[n, j] = gamma[j] / (N * root[j]) * (N * dout[n, j] - dbeta[j] - xhat[n, j] * dgamma[j])
    return dx, dgamma, dbeta
""",
    "clip_by_norm": """
def clip_by_norm(grads, max_norm):
    total = 0.0
    for g in grads:
        for value in g.ravel():
            total += float(value) ** 2
    norm = total ** 0.5
    if norm <= max_norm:
        return [g.copy() for g in grads]
    return [g * (max_norm / norm) for g in grads]
""",
}

EINSUM = {
    "xavier_uniform": """
def xavier_uniform(rng, fan_in, fan_out):
    deviation = np.sqrt(2 / (fan_in + fan_out))
    return np.sqrt(3) * deviation * np.where(rng.random((fan_in, fan_out)) < 0.5, -1, 1) * rng.random((fan_in, fan_out))
""",
    "he_normal": """
def he_normal(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)).T * (2 / fan_in) ** 0.5
""",
    "standardize": """
def standardize(train, test):
    ones = np.full(len(train), 1 / len(train), train.dtype)
    centre = np.einsum("n,nd->d", ones, train)
    spread = np.sqrt(np.einsum("n,nd->d", ones, (train - centre) ** 2))
    varied = np.ptp(train, axis=0) > 0
    factor = np.divide(1, spread, out=np.zeros_like(spread), where=varied)
    return np.einsum("nd,d->nd", train - centre, factor), np.einsum("nd,d->nd", test - centre, factor)
""",
    "activation_statistics": """
import functools
import itertools

def activation_statistics(x, weights, activation):
    layers = itertools.accumulate(weights, lambda h, W: activation(np.einsum("ni,io->no", h, W)), initial=x)
    return [(np.mean(h), np.sqrt(np.mean((h - np.mean(h)) ** 2))) for h in list(layers)[1:]]
""",
    "rnn_gradient_norms": """
def rnn_gradient_norms(W_rec, steps):
    powers = np.stack([np.linalg.matrix_power(W_rec, t + 1) for t in range(steps)])
    return np.linalg.svd(powers, compute_uv=False).max(axis=1)
""",
    "batchnorm_forward": """
class Cache:
    pass

def batchnorm_forward(x, gamma, beta, eps):
    cache = Cache()
    mu = np.einsum("nd->d", x) / len(x)
    cache.centred = x - mu
    cache.var = np.einsum("nd,nd->d", cache.centred, cache.centred) / len(x)
    cache.gamma, cache.eps = gamma, eps
    return np.einsum("d,nd,d->nd", gamma, cache.centred, (cache.var + eps) ** -0.5) + beta, cache
""",
    "batchnorm_backward": """
def batchnorm_backward(dout, cache):
    # step by step: to x-hat, to the variance, to the mean, to x
    N = dout.shape[0]
    inverse = (cache.var + cache.eps) ** -0.5
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd,d->d", dout, cache.centred, inverse)
    dxhat = dout * cache.gamma
    dvar = np.einsum("nd,nd,d->d", dxhat, cache.centred, -0.5 * inverse**3)
    dmu = -np.einsum("nd,d->d", dxhat, inverse) - 2 * dvar * cache.centred.mean(axis=0)
    dx = dxhat * inverse + 2 * dvar * cache.centred / N + dmu / N
    return dx, dgamma, dbeta
""",
    "clip_by_norm": """
def clip_by_norm(grads, max_norm):
    norm = float(np.linalg.norm(np.concatenate([g.ravel() for g in grads])))
    return [g * min(1.0, max_norm / (norm + 1e-6)) for g in grads]
""",
}

OTHER = {
    "xavier_uniform": """
def xavier_uniform(rng, fan_in, fan_out):
    high = (6 / (fan_in + fan_out)) ** 0.5
    return rng.uniform(low=-high, high=high, size=fan_in * fan_out).reshape(fan_in, fan_out)
""",
    "he_normal": """
def he_normal(rng, fan_in, fan_out):
    # Box and Muller's transform of uniform numbers
    radius = np.sqrt(-2 * np.log(1 - rng.random((fan_in, fan_out))))
    return radius * np.cos(2 * np.pi * rng.random((fan_in, fan_out))) * np.sqrt(2.0) / np.sqrt(fan_in)
""",
    "standardize": """
def standardize(train, test):
    mean, std = np.mean(train, axis=0), np.std(train, axis=0)
    same = np.all(train == train[:1], axis=0)
    safe = np.where(same, 1, std)
    new = [np.where(same, 0, (data - mean) / safe).astype(data.dtype) for data in (train, test)]
    return new
""",
    "activation_statistics": """
def activation_statistics(x, weights, activation):
    if len(weights) == 0:
        return []
    out = activation(np.dot(x, weights[0]))
    variance = np.mean(np.square(out)) - np.mean(out) ** 2
    here = (float(np.mean(out)), float(np.sqrt(max(variance, 0))))
    return [here] + activation_statistics(out, weights[1:], activation)
""",
    "rnn_gradient_norms": """
def rnn_gradient_norms(W_rec, steps):
    # the transposed product has the same singular values
    back, norms = np.eye(W_rec.shape[0]), []
    for _ in range(steps):
        back = W_rec.T @ back
        norms.append(np.linalg.norm(back, ord=2))
    return np.asarray(norms, dtype=W_rec.dtype)
""",
    "batchnorm_forward": """
def batchnorm_forward(x, gamma, beta, eps):
    mean, var = x.mean(0), (x * x).mean(0) - x.mean(0) ** 2
    root = np.sqrt(var + eps)
    slope = gamma / root

    def backward(dout):
        # the Jacobian of each column's normalization, as a matrix
        N = len(dout)
        dx = np.empty_like(dout)
        normal = (x - mean) / root
        for j in range(dout.shape[1]):
            jacobian = np.eye(N) - 1 / N - np.outer(normal[:, j], normal[:, j]) / N
            dx[:, j] = slope[j] * (jacobian @ dout[:, j])
        return [dx, np.sum(dout * normal, 0), np.sum(dout, 0)]

    return slope * x + (beta - slope * mean), backward
""",
    "batchnorm_backward": """
def batchnorm_backward(dout, backward):
    return backward(dout)
""",
    "clip_by_norm": """
def clip_by_norm(grads, max_norm):
    norm = np.sqrt(sum(np.vdot(g, g) for g in grads))
    if norm > max_norm:
        grads = [(max_norm * (g / norm)).astype(g.dtype) for g in grads]
    return list(grads)
""",
}

VARIANTS: dict[str, dict[str, str]] = {"loops": LOOPS, "einsum": EINSUM, "other": OTHER}
