"""Other right answers to problem set 5, as students write them."""

LOOPS = {
    "l2_penalty": """
def l2_penalty(w, lam):
    total, gradient = 0.0, np.zeros(w.shape, w.dtype)
    for i in np.ndindex(*w.shape):
        total += float(w[i]) ** 2
        gradient[i] = 2 * lam * w[i]
    return lam * total, gradient
""",
    "l1_penalty": """
def l1_penalty(w, lam):
    total, gradient = 0.0, np.zeros_like(w)
    for i in np.ndindex(*w.shape):
        total += abs(float(w[i]))
        if w[i] > 0:
            gradient[i] = lam
        elif w[i] < 0:
            gradient[i] = -lam
    return lam * total, gradient
""",
    "dropout_forward": """
def dropout_forward(x, p, rng, training):
    out, mask = np.zeros_like(x), np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        if not training:
            mask[i] = 1
        elif rng.random() >= p:
            mask[i] = 1 / (1 - p)
        out[i] = x[i] * mask[i]
    return out, mask
""",
    "dropout_backward": """
def dropout_backward(dout, mask):
    dx = np.empty_like(dout)
    for i in np.ndindex(*dout.shape):
        dx[i] = mask[i] * dout[i]
    return dx
""",
    "early_stopping": """
def early_stopping(val_losses, patience, min_delta=0.0):
    best, best_epoch, waited, epoch = float("inf"), -1, 0, -1
    for loss in val_losses:
        epoch += 1
        if best - loss > min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited >= patience:
                break
    return epoch, best_epoch
""",
    "k_fold_indices": """
def k_fold_indices(n, k, rng):
    indices = list(range(n))
    rng.shuffle(indices)
    folds = [[] for _ in range(k)]
    for place, index in enumerate(indices):
        folds[place % k].append(index)
    result = []
    for fold in folds:
        train = [index for index in indices if index not in fold]
        result.append((np.array(train), np.array(fold)))
    return result
""",
    "shift_images": """
def shift_images(images, dx, dy):
    N, H, W = images.shape
    out = np.zeros((N, H, W), dtype=images.dtype)
    for n in range(N):
        for r in range(H):
            for c in range(W):
                if r + dy in range(H) and c + dx in range(W):
                    out[n, r + dy, c + dx] = images[n, r, c]
    return out
""",
    "choose_width": """
import math

def choose_width(errors_by_width):
    widths = sorted(errors_by_width)
    best, best_mean = None, math.inf
    means = []
    for width in widths:
        errors = [float(error) for error in errors_by_width[width]]
        mean = sum(errors) / len(errors)
        means.append(mean)
        if mean < best_mean:
            best, best_mean = errors, mean
    variance = sum((error - best_mean) ** 2 for error in best) / (len(best) - 1)
    limit = best_mean + math.sqrt(variance / len(best))
    for width, mean in zip(widths, means):
        if mean <= limit:
            return width
""",
}

VECTORS = {
    "l2_penalty": """
def l2_penalty(w, lam):
    return float(np.vdot(w, w)) * lam, np.multiply(w, 2.0 * lam, order="F")
""",
    "l1_penalty": """
def l1_penalty(w, lam):
    positive, negative = w > 0, w < 0
    penalty = lam * (w[positive].sum() - w[negative].sum())
    return penalty, (lam * (positive.astype(w.dtype) - negative.astype(w.dtype)))
""",
    "dropout_forward": """
def dropout_forward(x, p, rng, training):
    mask = np.ones(x.shape)
    if training:
        mask = rng.binomial(1, 1 - p, size=x.shape) / (1 - p)
    return (x * mask).astype(x.dtype), mask
""",
    "dropout_backward": """
def dropout_backward(dout, mask):
    return np.einsum("...,...->...", dout, mask)
""",
    "early_stopping": """
def early_stopping(val_losses, patience, min_delta=0.0):
    best = 0
    while True:
        better = np.flatnonzero(val_losses[best + 1 : best + 1 + patience] + min_delta < val_losses[best])
        if len(better) == 0:
            return min(best + patience, len(val_losses) - 1), best
        best = best + 1 + int(better[0])
""",
    "k_fold_indices": """
def k_fold_indices(n, k, rng):
    fold = np.arange(n) % k
    rng.shuffle(fold)
    return [(np.where(fold != i)[0], np.where(fold == i)[0]) for i in range(k)]
""",
    "shift_images": """
def shift_images(images, dx, dy):
    _, height, width = images.shape
    padded = np.pad(images, ((0, 0), (abs(dy), abs(dy)), (abs(dx), abs(dx))))
    top, left = abs(dy) - dy, abs(dx) - dx
    return padded[:, top : top + height, left : left + width]
""",
    "choose_width": """
def choose_width(errors_by_width):
    widths = np.array(sorted(errors_by_width))
    table = np.stack([errors_by_width[int(width)] for width in widths]).astype(float)
    means = table.mean(axis=1)
    lowest = means.argmin()
    error = table[lowest].std(ddof=1) * table.shape[1] ** -0.5
    return widths[means - error <= means[lowest]].min()
""",
}

OTHER_WAYS = {
    "l2_penalty": """
def l2_penalty(w, lam):
    norm = np.linalg.norm(w.ravel())
    return lam * norm**2, lam * w + lam * w
""",
    "l1_penalty": """
def l1_penalty(w, lam):
    gradient = np.divide(w, np.abs(w), out=np.zeros_like(w), where=w != 0) * lam
    return np.array((gradient * w).sum()), gradient
""",
    "dropout_forward": """
def dropout_forward(x, p, rng, training):
    if training is False:
        return x, np.full(x.shape, 1.0, dtype=x.dtype)
    kept = rng.uniform(0, 1, x.size).reshape(x.shape) < 1 - p
    mask = np.where(kept, 1 / (1 - p), 0.0).astype(x.dtype)
    return np.where(kept, x / (1 - p), 0).astype(x.dtype), mask
""",
    "dropout_backward": """
def dropout_backward(dout, mask):
    dx = np.zeros(dout.shape, dout.dtype)
    kept = mask != 0
    dx[kept] = dout[kept] * mask[kept]
    return dx
""",
    "early_stopping": """
def early_stopping(val_losses, patience, min_delta=0.0):
    losses, improved = [float(loss) for loss in val_losses], [0]
    for epoch in range(1, len(losses)):
        if epoch > improved[-1] + patience:
            break
        if losses[epoch] < losses[improved[-1]] - min_delta:
            improved.append(epoch)
    return [np.int64(min(improved[-1] + patience, len(losses) - 1)), float(improved[-1])]
""",
    "k_fold_indices": """
def k_fold_indices(n, k, rng):
    order = [int(i) for i in np.argsort(rng.random(n))]
    small, large = n // k, n % k
    pairs, start = [], 0
    for i in range(k):
        stop = start + small + (1 if i >= k - large else 0)
        pairs.append([order[:start] + order[stop:], tuple(order[start:stop])])
        start = stop
    return tuple(pairs)
""",
    "shift_images": """
def shift_images(images, dx, dy):
    n, h, w = images.shape
    out = np.roll(images, shift=(dy, dx), axis=(1, 2))
    if dy >= 0:
        out[:, :dy] = 0
    else:
        out[:, max(h + dy, 0):] = 0
    if dx >= 0:
        out[:, :, :dx] = 0
    else:
        out[:, :, max(w + dx, 0):] = 0
    return out
""",
    "choose_width": """
def choose_width(errors_by_width):
    ranked = sorted((np.mean(errors), width) for width, errors in errors_by_width.items())
    lowest, best = ranked[0]
    k = len(errors_by_width[best])
    squares = np.sum((errors_by_width[best] - lowest) ** 2)
    limit = lowest + np.sqrt(squares / (k * (k - 1)))
    return sorted(width for mean, width in ranked if not mean > limit)[0]
""",
}

VARIANTS = {"loops": LOOPS, "vectors": VECTORS, "other ways": OTHER_WAYS}
