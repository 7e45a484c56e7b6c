"""Right answers in forms that few would think of: recursion, callables, lists, generators, masked arrays."""

UNUSUAL: dict[str, list[str]] = {
    "ps1.graph_gradients": [
        """
class Graph:
    def __call__(self, x, y, z):
        q = x + y
        return (q * z, *(z,) * 2, q)

graph_gradients = Graph()
""",
        "graph_gradients = lambda x, y, z: [x * z + y * z, z, z, x + y]",
    ],
    "ps1.softmax": [
        """
import math

def softmax(logits):
    def row(z):
        powers = [math.exp(float(v - max(z))) for v in z]
        return [power / math.fsum(powers) for power in powers]
    return np.array(list(map(row, logits)), dtype=logits.dtype)
""",
        """
def softmax(logits):
    with np.errstate(over="ignore"):
        return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=2)
""",
    ],
    "ps1.cross_entropy": [
        """
from functools import reduce

def cross_entropy(logits, labels):
    total = reduce(np.logaddexp, [logits[:, j] for j in range(logits.shape[1])])
    loss = (total - np.take_along_axis(logits, labels[:, None].astype(int), 1)[:, 0]).mean()
    d = np.exp(logits - total[:, None])
    np.subtract.at(d, (np.arange(len(logits)), labels), 1)
    return np.asarray(loss), d / len(logits)
""",
    ],
    "ps1.dense_forward": [
        """
def dense_forward(x, W, b):
    return np.hstack([x, np.ones((len(x), 1), x.dtype)]) @ np.vstack([W, b])
""",
    ],
    "ps1.dense_backward": [
        """
def dense_backward(dout, x, W):
    def outer_products():
        for row, slope in zip(x, dout):
            yield np.outer(row, slope)
    return (W @ dout.T).T, sum(outer_products()), np.ones(len(x), x.dtype) @ dout
""",
    ],
    "ps1.relu_backward": [
        "relu_backward = lambda dout, x: np.ma.masked_array(dout, mask=x <= 0).filled(0)",
        "relu_backward = lambda dout, x: np.heaviside(x, 0) * dout",
    ],
    "ps1.mlp_loss_and_gradients": [
        """
def mlp_loss_and_gradients(params, x, labels):
    one = np.ones((len(x), 1), x.dtype)
    A, B = np.vstack([params["W1"], params["b1"]]), np.vstack([params["W2"], params["b2"]])
    X = np.hstack([x, one])
    H = X @ A
    Y = np.hstack([H * (H > 0), one])
    Z = Y @ B
    m = Z.max(1, keepdims=True)
    lse = m + np.log(np.exp(Z - m).sum(1, keepdims=True))
    D = (np.exp(Z - lse) - (labels[:, None] == np.arange(Z.shape[1]))) / x.dtype.type(len(x))
    gB, gA = Y.T @ D, X.T @ ((D @ B[:-1].T) * (H > 0))
    loss = np.mean(lse[:, 0] - Z[np.arange(len(x)), labels])
    return loss, dict(W1=gA[:-1], b1=gA[-1], W2=gB[:-1], b2=gB[-1])
""",
        """
class Layer:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b

    def back(self, d):
        return self.x.T @ d, d.sum(0), d @ self.W.T

def mlp_loss_and_gradients(params, x, labels):
    one, two = Layer(params["W1"], params["b1"]), Layer(params["W2"], params["b2"])
    a = one(x)
    loss, d = cross_entropy(two(a.clip(0)), labels)
    W2, b2, dh = two.back(d)
    W1, b1, _ = one.back(np.where(a > 0, dh, 0))
    return loss, {"b2": b2, "W2": W2, "b1": b1, "W1": W1}
""",
    ],
    "ps1.numerical_gradient": [
        """
def numerical_gradient(f, x, h=1e-5):
    g = np.empty(x.shape, x.dtype)
    with np.nditer(x, flags=["multi_index"], op_flags=["readwrite"]) as it:
        for v in it:
            old = v.copy()
            v[...] = old + h
            up = f(x)
            v[...] = old - h
            down = f(x)
            v[...] = old
            g[it.multi_index] = (up - down) / 2 / h
    return g
""",
        """
def numerical_gradient(f, x, h=1e-5):
    ways = np.eye(x.size).reshape((x.size, *x.shape))
    slopes = np.fromiter(((f(x + h * way) - f(x - h * way)) / 2 / h for way in ways), float, x.size)
    return slopes.reshape(x.shape).astype(x.dtype)
""",
    ],
    "ps2.gradient_descent": [
        """
from itertools import accumulate
def gradient_descent(grad, w0, lr, steps):
    return np.vstack(list(accumulate(range(steps), lambda w, _: w - lr * grad(w), initial=w0)))
""",
        """
def gradient_descent(grad, w0, lr, steps):
    def walk(w, left):
        return [w] + (walk(w - lr * grad(w), left - 1) if left else [])
    return np.stack(walk(w0, steps))
""",
    ],
    "ps2.largest_stable_lr": [
        """
def largest_stable_lr(A):
    B = A / np.trace(A)
    for _ in range(60):
        B = B @ B
        B /= np.trace(B)
    v = B @ (1 + 0.37 * np.arange(len(A)))
    return float(2 * (v @ v) / (v @ A @ v))
""",
        "largest_stable_lr = lambda A: 2 * np.linalg.eigvalsh(np.linalg.inv(A))[0]",
    ],
    "ps2.minibatches": [
        "minibatches = lambda n, size, rng: np.split(np.argsort(rng.random(n)), range(size, n, size))",
    ],
    "ps2.sgd_epoch": [
        """
from functools import reduce

def sgd_epoch(w, X, y, lr, batch_size, rng):
    step = lambda v, b: v - lr * linear_gradient(v, X[b], y[b])
    return reduce(step, minibatches(len(X), batch_size, rng), w)
""",
    ],
    "ps2.gradient_variance": [
        """
def gradient_variance(w, X, y, batch_size, trials, rng):
    rows = 2 * X * (X @ w - y)[:, None]
    chosen = np.argsort(rng.random((trials, len(X))), axis=1)[:, :batch_size]
    return np.trace(np.atleast_2d(np.cov(rows[chosen].mean(axis=1).T, bias=True)))
""",
    ],
    "ps2.average_gradients": [
        """
def average_gradients(gradients, sizes):
    share = np.array(sizes, gradients[0].dtype) / sum(sizes)
    return np.tensordot(share, np.array(gradients), axes=1)
""",
        """
def average_gradients(gradients, sizes):
    mean, seen = 0, 0
    for gradient, size in zip(gradients, sizes):
        seen += size
        mean = mean + (gradient - mean) * (size / seen)
    return mean
""",
    ],
    "ps3.he_normal": [
        """
def he_normal(rng, fan_in, fan_out):
    u, v = 1 - rng.random((2, fan_in, fan_out))
    return np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v) * np.sqrt(2 / fan_in)
""",
    ],
    "ps3.activation_statistics": [
        """
def activation_statistics(x, weights, activation):
    def layers():
        a = x
        for W in weights:
            a = activation(np.dot(a, W))
            yield a
    return [[a.mean(), np.sqrt(np.mean(np.square(a - a.mean())))] for a in layers()]
""",
    ],
    "ps3.rnn_gradient_norms": [
        """
from itertools import accumulate

def rnn_gradient_norms(W_rec, steps):
    powers = accumulate([W_rec] * steps, np.matmul)
    return np.array([np.sqrt(np.linalg.eigvalsh(P.T @ P)[-1].clip(0)) for P in powers])
""",
    ],
    "ps3.batchnorm_backward": [
        """
class Cache:
    pass

def batchnorm_forward(x, gamma, beta, eps):
    cache = Cache()
    cache.x, cache.gamma, cache.eps = x.copy(), gamma.copy(), eps
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta, cache

def batchnorm_backward(dout, cache):
    centred, deviation = cache.x - cache.x.mean(0), np.sqrt(cache.x.var(0) + cache.eps)
    d = dout * cache.gamma
    dvar = (d * centred * -0.5 / deviation**3).sum(0)
    dmean = (-d / deviation).sum(0)
    dx = d / deviation + (dvar * 2 * centred + dmean) / len(d)
    return dx, (dout * centred / deviation).sum(0), dout.sum(0)
""",
    ],
    "ps4.momentum_step": [
        """
def momentum_step(w, grad, state, lr, momentum):
    past = [*state.get("past", []), grad.copy()]
    v = sum(momentum**age * g for age, g in enumerate(reversed(past)))
    return w - lr * v, {"past": past}
""",
    ],
    "ps4.adagrad_step": [
        """
def adagrad_step(w, grad, state, lr, eps):
    root = np.hypot(state.get("root", np.zeros_like(w)), grad)
    return w - lr * grad / (root + eps), {"root": root}
""",
    ],
    "ps4.adam_step": [
        """
def adam_step(w, grad, state, lr, beta1, beta2, eps):
    g = np.stack([*state.get("g", []), grad])
    age = np.arange(len(g))[::-1].reshape(-1, *[1] * grad.ndim)
    a, b = [(beta ** age).astype(w.dtype) for beta in (beta1, beta2)]
    m, v = (a * g).sum(0) / a.sum(), (b * g**2).sum(0) / b.sum()
    return w - lr * m / (np.sqrt(v) + eps), {"g": list(g)}
""",
        """
def adam_step(w, grad, state, lr, beta1, beta2, eps):
    m, v, b1, b2 = state.get("all", (0 * w, 0 * w, 1.0, 1.0))
    m, v, b1, b2 = m + (1 - beta1) * (grad - m), v + (1 - beta2) * (grad**2 - v), b1 * beta1, b2 * beta2
    root = float(np.sqrt(1 - b2))
    return w - lr * root / (1 - b1) * m / (np.sqrt(v) + eps * root), {"all": (m, v, b1, b2)}
""",
    ],
    "ps5.dropout_forward": [
        """
def dropout_forward(x, p, rng, training):
    if not training:
        return x, np.ones_like(x)
    mask = rng.choice([0, 1 / (1 - p)], size=x.shape, p=[p, 1 - p]).astype(x.dtype)
    return x * mask, mask
""",
    ],
    "ps5.dropout_backward": ["dropout_backward = np.multiply"],
    "ps5.early_stopping": [
        """
def early_stopping(val_losses, patience, min_delta=0.0):
    losses = list(map(float, val_losses))
    best = waited = epoch = 0
    while epoch + 1 < len(losses) and waited < patience:
        epoch += 1
        if losses[best] - losses[epoch] > min_delta:
            best, waited = epoch, 0
        else:
            waited += 1
    return np.int64(epoch), np.int64(best)
""",
        """
def early_stopping(val_losses, patience, min_delta=0.0):
    def go(epoch, best, at):
        if epoch == len(val_losses):
            return epoch - 1, at
        if val_losses[epoch] < best - min_delta:
            return go(epoch + 1, val_losses[epoch], epoch)
        return (epoch, at) if epoch - at >= patience else go(epoch + 1, best, at)
    return go(1, val_losses[0], 0)
""",
    ],
    "ps5.k_fold_indices": [
        """
def k_fold_indices(n, k, rng):
    fold = rng.permuted(np.resize(np.arange(k), n))
    return tuple((np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k))
""",
        """
def k_fold_indices(n, k, rng):
    order = rng.permutation(n).tolist()
    return [[np.array(sorted({*order} - {*order[i::k]}), int), np.array(order[i::k], int)] for i in range(k)]
""",
    ],
    "ps5.shift_images": [
        """
def shift_images(images, dx, dy):
    n, h, w = images.shape
    big = np.pad(images, ((0, 0), (h + abs(dy),) * 2, (w + abs(dx),) * 2))
    return big[:, h + abs(dy) - dy:2 * h + abs(dy) - dy, w + abs(dx) - dx:2 * w + abs(dx) - dx].copy()
""",
        """
def shift_images(images, dx, dy):
    height, width = images.shape[1:]
    down, right = np.eye(height, k=-dy, dtype=images.dtype), np.eye(width, k=dx, dtype=images.dtype)
    return np.einsum("ab,nbc,cd->nad", down, images, right)
""",
    ],
    "ps5.choose_width": [
        """
import statistics

def choose_width(errors_by_width):
    rows = []
    for width, errors in sorted(errors_by_width.items()):
        errors = list(map(float, errors))
        rows.append((width, statistics.fmean(errors), statistics.stdev(errors) / len(errors) ** 0.5))
    _, lowest, allowed = min(rows, key=lambda row: row[1])
    return next(width for width, mean, _ in rows if mean <= lowest + allowed)
""",
    ],
    "ps3.standardize": [
        """
def standardize(train, test):
    train_, test_ = np.zeros_like(train), np.zeros_like(test)
    for j in range(train.shape[1]):
        column = np.sort(train[:, j])
        if column[0] < column[-1]:
            m = np.mean(train[:, j])
            s = np.sqrt(np.mean((train[:, j] - m) ** 2))
            train_[:, j] = (train[:, j] - m) / s
            test_[:, j] = (test[:, j] - m) / s
    return train_, test_
""",
    ],
    "ps3.clip_by_norm": [
        """
from functools import reduce
def clip_by_norm(grads, max_norm):
    n = reduce(np.hypot, [v for g in grads for v in g.ravel().tolist()], 0.0)
    return [g / max(1.0, float(n) / max_norm) for g in grads]
""",
    ],
    "ps4.lars_step": [
        """
def lars_step(w, grad, state, lr, momentum, weight_decay, trust):
    flat = w.ravel()
    size = float(flat @ flat) ** 0.5
    below = float(grad.ravel() @ grad.ravel()) ** 0.5 + weight_decay * size
    local = trust * size / below if size * below > 0 else 1
    old = state.get("u", [0.0] * w.size)
    u = [momentum * o - lr * local * (g + weight_decay * p) for o, g, p in zip(old, grad.ravel(), flat)]
    u = np.array(u, w.dtype)
    return w + u.reshape(w.shape), {"u": u}
""",
    ],
}
