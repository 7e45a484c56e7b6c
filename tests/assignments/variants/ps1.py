"""Other right answers to problem set 1, as students write them, and one wrong softmax."""

LOOPS = {
    "graph_gradients": """
def graph_gradients(x, y, z):
    return x * z + y * z, z, z, x + y
""",
    "softmax": """
import math

def softmax(logits):
    out = np.empty_like(logits)
    for n in range(len(logits)):
        top = max(logits[n])
        total = sum(math.exp(z - top) for z in logits[n])
        for c in range(logits.shape[1]):
            out[n, c] = math.exp(logits[n, c] - top) / total
    return out
""",
    "cross_entropy": """
def cross_entropy(logits, labels):
    N, C = logits.shape
    total, grad = 0.0, np.zeros((N, C), dtype=logits.dtype)
    for n in range(N):
        top = float(max(logits[n]))
        log_sum = top + math.log(sum(math.exp(float(z) - top) for z in logits[n]))
        total += log_sum - float(logits[n, labels[n]])
        for c in range(C):
            grad[n, c] = (math.exp(float(logits[n, c]) - log_sum) - (c == labels[n])) / N
    return total / N, grad
""",
    "mean_squared_error": """
def mean_squared_error(pred, target):
    total = 0.0
    grad = np.zeros(pred.shape, pred.dtype)
    for place in np.ndindex(*pred.shape):
        total += float(pred[place] - target[place]) ** 2
        grad[place] = 2 * (pred[place] - target[place]) / pred.size
    return total / pred.size, grad
""",
    "dense_forward": """
def dense_forward(x, W, b):
    out = np.zeros((x.shape[0], W.shape[1]), dtype=x.dtype)
    for n in range(x.shape[0]):
        for j in range(W.shape[1]):
            out[n, j] = b[j] + sum(x[n, i] * W[i, j] for i in range(W.shape[0]))
    return out
""",
    "dense_backward": """
def dense_backward(dout, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1], dtype=W.dtype)
    for n in range(x.shape[0]):
        for j in range(W.shape[1]):
            db[j] += dout[n, j]
            for i in range(W.shape[0]):
                dW[i, j] += x[n, i] * dout[n, j]
                dx[n, i] += W[i, j] * dout[n, j]
    return dx, dW, db
""",
    "relu_backward": """
def relu_backward(dout, x):
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx
""",
    "mlp_loss_and_gradients": """
def mlp_loss_and_gradients(params, x, labels):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    h = dense_forward(x, W1, b1)
    a = h * (h > 0)
    loss, dz = cross_entropy(dense_forward(a, W2, b2), labels)
    da, dW2, db2 = dense_backward(dz, a, W2)
    dx, dW1, db1 = dense_backward(relu_backward(da, h), x, W1)
    grads = {}
    grads["b2"], grads["W2"], grads["b1"], grads["W1"] = db2, dW2, db1, dW1
    return loss, grads
""",
    "numerical_gradient": """
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape, x.dtype)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        i = it.multi_index
        old = x[i].copy()
        x[i] = old + h
        plus = f(x)
        x[i] = old - h
        minus = f(x)
        x[i] = old
        grad[i] = (plus - minus) / 2 / h
        it.iternext()
    return grad
""",
}

EINSUM = {
    "graph_gradients": """
def graph_gradients(x, y, z):
    f = np.float64(x + y) * np.float64(z)
    return [f, np.float32(1) * np.float64(z), z, np.array(x + y)]
""",
    "softmax": """
def softmax(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True))
""",
    "cross_entropy": """
def cross_entropy(logits, labels):
    n, c = logits.shape
    onehot = (labels[:, None] == np.arange(c)).astype(logits.dtype)
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    loss = -np.einsum("nc,nc->", onehot, log_p) / n
    return np.array(loss), np.asfortranarray((np.exp(log_p) - onehot) / n)
""",
    "mean_squared_error": """
def mean_squared_error(pred, target):
    d = (pred - target).ravel()
    return float(d @ d) / d.size, (d * (2.0 / d.size)).reshape(pred.shape)
""",
    "dense_forward": """
def dense_forward(x, W, b):
    return np.einsum("ni,io->no", x, W) + b[np.newaxis, :]
""",
    "dense_backward": """
def dense_backward(dout, x, W):
    return np.einsum("no,io->ni", dout, W), np.einsum("ni,no->io", x, dout), np.einsum("no->o", dout)
""",
    "relu_backward": """
def relu_backward(dout, x):
    return np.where(np.greater(x, 0), dout, np.zeros_like(dout))
""",
    "mlp_loss_and_gradients": """
def mlp_loss_and_gradients(params, x, labels):
    n = len(x)
    h = np.maximum(x @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    d = np.exp(log_p)
    d[np.arange(n), labels] -= 1
    d /= n
    dh = d @ params["W2"].T * np.sign(h)
    grads = dict(W1=x.T @ dh, b1=dh.sum(0), W2=h.T @ d, b2=d.sum(0))
    return -log_p[range(n), labels].sum() / n, grads
""",
    "numerical_gradient": """
def numerical_gradient(f, x, h=1e-5):
    def slope(i):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        return (f(x + step) - f(x - step)) / (2 * h)
    return np.array([slope(i) for i in range(x.size)]).reshape(x.shape).astype(x.dtype)
""",
}

PIECES = {
    "graph_gradients": """
def graph_gradients(x, y, z):
    W = np.array([[1.0], [1.0]])
    q = (np.array([[x, y]]) @ W).item()
    upstream = np.array([[z]])
    df_dx, df_dy = (upstream @ W.T).ravel()
    return q * z, float(df_dx), float(df_dy), q
""",
    "softmax": """
def softmax(logits):
    differences = logits[:, None, :] - logits[:, :, None]
    with np.errstate(over="ignore"):
        return 1 / np.exp(differences).sum(axis=2)
""",
    "cross_entropy": """
def cross_entropy(logits, labels):
    own = np.take_along_axis(logits, labels[:, None], axis=1)
    top = logits.max(axis=1, keepdims=True)
    powers = np.exp(logits - top)
    total = powers.sum(axis=1, keepdims=True)
    dlogits = powers / total
    np.subtract.at(dlogits, (np.arange(labels.size), labels), 1)
    dlogits /= labels.size
    return np.mean(top + np.log(total) - own), dlogits
""",
    "mean_squared_error": """
def mean_squared_error(pred, target):
    error = np.subtract(pred, target)
    return np.average(np.square(error)), np.multiply(error, 2.0) / error.size
""",
    "dense_forward": """
def dense_forward(x, W, b):
    ones = np.ones((len(x), 1), dtype=x.dtype)
    return np.hstack([x, ones]) @ np.vstack([W, b])
""",
    "dense_backward": """
def dense_backward(dout, x, W):
    dW = sum(np.outer(row, up) for row, up in zip(x, dout))
    dx = np.stack([W @ up for up in dout])
    return [dx, dW, np.ones(len(dout), dtype=dout.dtype) @ dout]
""",
    "relu_backward": """
def relu_backward(dout, x):
    return np.heaviside(x, 0) * dout
""",
    "mlp_loss_and_gradients": """
def mlp_loss_and_gradients(params, x, labels):
    total = 0.0
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for row, label in zip(x, labels):
        h = row @ params["W1"] + params["b1"]
        a = np.where(h > 0, h, 0 * h)
        z = a @ params["W2"] + params["b2"]
        z = z - z.max()
        p = np.exp(z) / np.exp(z).sum()
        total -= z[label] - np.log(np.exp(z).sum())
        p[label] -= 1
        dh = (params["W2"] @ p) * (h > 0)
        grads["W2"] += np.outer(a, p) / len(x)
        grads["b2"] += p / len(x)
        grads["W1"] += np.outer(row, dh) / len(x)
        grads["b1"] += dh / len(x)
    return total / len(x), grads
""",
    "numerical_gradient": """
def numerical_gradient(f, x, h=1e-5):
    grad = np.empty_like(x)
    for i in np.ndindex(*x.shape):
        one = np.zeros_like(x)
        one[i] = 1
        grad[i] = f(x + h * one) / (2 * h) - f(x - h * one) / (2 * h)
    return grad
""",
}

VARIANTS = {"loops": LOOPS, "einsum": EINSUM, "pieces": PIECES}

NOISY = {
    "softmax": """
import sys
import warnings

def softmax(logits):
    print("softmax is called")
    print("on stderr, too", file=sys.stderr)
    warnings.warn("an old function was used", DeprecationWarning)
    np.log(np.zeros(1))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
""",
}

WRONG_AXIS = {
    "softmax": """
def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()
""",
}

CALLS_SOFTMAX = {
    "cross_entropy": """
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    dlogits = softmax(logits)
    dlogits[rows, labels] -= 1
    return -log_p[rows, labels].mean(), dlogits / len(labels)
""",
}
