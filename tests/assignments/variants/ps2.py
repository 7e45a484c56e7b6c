"""Other right answers to problem set 2, as students write them."""

LOOPS = {
    "gradient_descent": """
def gradient_descent(grad, w0, lr, steps):
    path = np.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    path[0] = w0
    for t in range(steps):
        g = grad(path[t].copy())
        for i in range(len(w0)):
            path[t + 1, i] = path[t, i] - lr * g[i]
    return path
""",
    "largest_stable_lr": """
def largest_stable_lr(A):
    v = np.random.default_rng(0).normal(size=len(A))
    for _ in range(500):
        v = A @ v
        v = v / np.sqrt(sum(entry * entry for entry in v))
    return 2 / float(v @ A @ v)
""",
    "minibatches": """
def minibatches(n, batch_size, rng):
    rows = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(rng.integers(0, i + 1))
        rows[i], rows[j] = rows[j], rows[i]
    batches = []
    while rows:
        batches.append(np.array(rows[:batch_size]))
        rows = rows[batch_size:]
    return batches
""",
    "linear_gradient": """
def linear_gradient(w, X, y):
    g = np.zeros_like(w)
    for n in range(X.shape[0]):
        error = -y[n]
        for i in range(X.shape[1]):
            error += X[n, i] * w[i]
        for i in range(X.shape[1]):
            g[i] += 2 * error * X[n, i] / X.shape[0]
    return g
""",
    "sgd_epoch": """
def sgd_epoch(w, X, y, lr, batch_size, rng):
    w = w.copy()
    order = rng.permutation(len(y))
    start = 0
    while start < len(y):
        rows = order[start:start + batch_size]
        step = np.zeros_like(w)
        for n in rows:
            error = X[n] @ w - y[n]
            step += 2 * error * X[n]
        w -= lr * step / len(rows)
        start += batch_size
    return w
""",
    "gradient_variance": """
def gradient_variance(w, X, y, batch_size, trials, rng):
    total, squares = np.zeros(len(w)), np.zeros(len(w))
    rows = np.arange(len(X))
    center = linear_gradient(w, X, y)
    for t in range(trials):
        rng.shuffle(rows)
        batch = rows[:batch_size]
        g = 2 * X[batch].T @ (X[batch] @ w - y[batch]) / batch_size - center
        total += g
        squares += g * g
    mean = total / trials
    return float(np.sum(squares / trials - mean * mean))
""",
    "average_gradients": """
def average_gradients(gradients, sizes):
    total = np.zeros_like(gradients[0])
    for g, n in zip(gradients, sizes):
        total += n * g
    return total / sum(sizes)
""",
}

EINSUM = {
    "gradient_descent": """
import itertools

def gradient_descent(grad, w0, lr, steps):
    points = itertools.accumulate(range(steps), lambda w, _: w - lr * grad(w), initial=w0.copy())
    return np.vstack(list(points))
""",
    "largest_stable_lr": """
def largest_stable_lr(A):
    return np.divide(2.0, np.linalg.svd(A, compute_uv=False)[0])
""",
    "minibatches": """
def minibatches(n, batch_size, rng):
    order = np.argsort(rng.random(n))
    return np.split(order, range(batch_size, n, batch_size))
""",
    "linear_gradient": """
def linear_gradient(w, X, y):
    residual = np.einsum("ni,i->n", X, w) - y
    return 2 * np.einsum("ni,n->i", X, residual) / y.size
""",
    "sgd_epoch": """
def sgd_epoch(w, X, y, lr, batch_size, rng):
    order = np.argsort(rng.random(len(X)))
    Xs, ys = X[order], y[order]
    for s in range(0, len(Xs), batch_size):
        a, b = Xs[s:s + batch_size], ys[s:s + batch_size]
        w = w - lr * (2 * np.einsum("ni,n->i", a, np.einsum("ni,i->n", a, w) - b) / len(a))
    return w
""",
    "gradient_variance": """
def gradient_variance(w, X, y, batch_size, trials, rng):
    # all trials at once: the first batch_size places of a random order, as a table of weights
    ranks = np.argsort(np.argsort(rng.random((trials, len(X))), axis=1), axis=1)
    weights = (ranks < batch_size) * (2 / batch_size)
    gradients = np.einsum("tn,n,ni->ti", weights, X @ w - y, X)
    return np.einsum("ti,ti->", gradients - gradients.mean(0), gradients - gradients.mean(0)) / trials
""",
    "average_gradients": """
def average_gradients(gradients, sizes):
    share = (np.array(sizes) / np.sum(sizes)).astype(gradients[0].dtype)
    return np.einsum("k,k...->...", share, np.array(gradients))
""",
}

OTHER = {
    "gradient_descent": """
def gradient_descent(grad, w0, lr, steps):
    if steps == 0:
        return w0[np.newaxis, :]
    before = gradient_descent(grad, w0, lr, steps - 1)
    w = before[-1]
    return np.concatenate([before, (w - lr * np.asarray(grad(w)))[None]])
""",
    "largest_stable_lr": """
def largest_stable_lr(A):
    return 2.0 * min(np.real(np.linalg.eigvals(np.linalg.inv(A))))
""",
    "minibatches": """
def minibatches(n, batch_size, rng):
    left = np.arange(n, dtype=np.int32)
    batches = []
    while left.size > 0:
        batch = rng.choice(left, min(batch_size, left.size), replace=False)
        left = np.setdiff1d(left, batch)
        batches.append(np.sort(batch))
    return tuple(batches)
""",
    "linear_gradient": """
def linear_gradient(w, X, y):
    gram, target = X.T @ X, X.T @ y
    return (gram @ w - target) * (2.0 / X.shape[0])
""",
    "sgd_epoch": """
def sgd_epoch(w, X, y, lr, batch_size, rng):
    together = np.column_stack([X, y])
    rng.shuffle(together, axis=0)
    for part in np.split(together, np.arange(batch_size, len(X), batch_size)):
        features, target = part[:, :-1], part[:, -1]
        w = w - lr * np.mean(2 * (features @ w - target)[:, None] * features, axis=0)
    return w
""",
    "gradient_variance": """
def gradient_variance(w, X, y, batch_size, trials, rng):
    rows = 2 * (X @ w - y)[:, None] * X
    sample = np.array([rows[rng.permutation(len(X))[:batch_size]].mean(0) for _ in range(trials)])
    return sum(np.var(sample[:, i], ddof=1) for i in range(sample.shape[1]))
""",
    "average_gradients": """
def average_gradients(gradients, sizes):
    result, seen = np.zeros_like(gradients[0]), 0
    for g, n in zip(gradients, sizes):
        if n:
            seen += n
            result = result + (g - result) * (n / seen)
    return result
""",
}

VARIANTS: dict[str, dict[str, str]] = {"loops": LOOPS, "einsum": EINSUM, "other": OTHER}
