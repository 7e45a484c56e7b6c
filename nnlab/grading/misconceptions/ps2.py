"""Known mistakes of problem set 2, gradient descent."""

from __future__ import annotations

import numpy as np

from nnlab.grading.misconceptions.library import misconception

RULE = "gradient-descent#the-rule"
STEP = "gradient-descent#how-large-a-step"
BATCHES = "gradient-descent#batch-stochastic-mini-batch"
NOISE = "gradient-descent#right-on-average"
SHARDS = "scaling-out#shards"


def right_gradient(w, X, y):
    """What the mistakes below have right."""
    return 2 / len(y) * (X.T @ (X @ w - y))


def _path(grad, w0, lr, steps, step=lambda w, g, lr, t: w - lr * g):
    path = [w0.copy()]
    for t in range(steps):
        path.append(step(path[-1], grad(path[-1]), lr, t))
    return np.array(path)


@misconception("ps2.gradient_descent", RULE)
def ascends(grad, w0, lr, steps):
    """You added the gradient. It points uphill; a step goes against it: w − lr · gradient."""
    return _path(grad, w0, lr, steps, lambda w, g, lr, t: w + lr * g)


@misconception("ps2.gradient_descent", RULE)
def start_left_out(grad, w0, lr, steps):
    """You returned the points after the steps alone. The path begins with w0, so it has steps + 1 rows."""
    return _path(grad, w0, lr, steps)[1:]


@misconception("ps2.gradient_descent", RULE)
def one_step_too_few(grad, w0, lr, steps):
    """You took one step too few. After w0 the path has one row for each of the steps, steps + 1 in all."""
    return _path(grad, w0, lr, max(steps - 1, 0))


@misconception("ps2.gradient_descent", RULE)
def one_step_too_many(grad, w0, lr, steps):
    """You took one step too many. After w0 the path has one row for each of the steps, steps + 1 in all."""
    return _path(grad, w0, lr, steps + 1)


@misconception("ps2.gradient_descent", RULE)
def gradient_of_the_start(grad, w0, lr, steps):
    """You used the gradient at w0 for every step. The slope changes on the way: ask for it anew at each point."""
    first = grad(w0)
    return _path(grad, w0, lr, steps, lambda w, g, lr, t: w - lr * first)


@misconception("ps2.gradient_descent", RULE)
def one_array_in_every_row(grad, w0, lr, steps):
    """You put the same array into the list each time and changed it in place, so every row shows the last point. Put a
    copy into the list, or make a new array with w = w − lr · gradient."""
    return np.repeat(_path(grad, w0, lr, steps)[-1:], steps + 1, axis=0)


@misconception("ps2.gradient_descent", RULE)
def gradient_of_length_one(grad, w0, lr, steps):
    """You scaled the gradient to length 1. In gradient descent a step is lr times the whole gradient, so that steps
    become shorter where the ground is flat."""
    return _path(grad, w0, lr, steps, lambda w, g, lr, t: w - lr * g / max(np.linalg.norm(g), 1e-12))


@misconception("ps2.gradient_descent", RULE)
def rate_that_shrinks(grad, w0, lr, steps):
    """You divided the learning rate by the number of the step. Here it stays the same for all steps."""
    return _path(grad, w0, lr, steps, lambda w, g, lr, t: w - lr * g / (t + 1))


@misconception("ps2.gradient_descent", RULE)
def sign_of_the_gradient(grad, w0, lr, steps):
    """You stepped by lr in the gradient's sign. A step is lr times the gradient itself, large where it is steep."""
    return _path(grad, w0, lr, steps, lambda w, g, lr, t: w - lr * np.sign(g))


@misconception("ps2.gradient_descent", RULE)
def last_point_alone(grad, w0, lr, steps):
    """You returned the last point. Asked for is the path, one row for w0 and one for each step."""
    return _path(grad, w0, lr, steps)[-1]


@misconception("ps2.gradient_descent", RULE)
def start_changed_in_place(grad, w0, lr, steps):
    """You changed w0 itself, with -= or through an array that shares its memory. Start from w0.copy()."""
    path = _path(grad, w0, lr, steps)
    w0[...] = path[-1]
    return path


def _curvatures(A):
    return np.linalg.eigvalsh(A)


@misconception("ps2.largest_stable_lr", STEP)
def one_over_curvature(A):
    """You returned 1/λ_max, which brings the steepest direction to 0 in one step. It is stable up to twice that."""
    return 1 / _curvatures(A)[-1]


@misconception("ps2.largest_stable_lr", STEP)
def flattest_direction(A):
    """You used the smallest eigenvalue. The steepest direction diverges first, so the largest one sets the bound."""
    return 2 / _curvatures(A)[0]


@misconception("ps2.largest_stable_lr", STEP)
def best_rate(A):
    """You returned 2/(λ_min + λ_max), the rate that converges fastest. The bound of what is stable is 2/λ_max."""
    return 2 / (_curvatures(A)[0] + _curvatures(A)[-1])


@misconception("ps2.largest_stable_lr", STEP)
def largest_entry(A):
    """You took the largest entry of A for its largest eigenvalue. They agree only where the axes do not mix; use
    np.linalg.eigvalsh."""
    return 2 / A.max()


@misconception("ps2.largest_stable_lr", STEP)
def trace_for_eigenvalue(A):
    """You divided by the trace, which is the sum of all eigenvalues. The largest of them alone sets the bound."""
    return 2 / np.trace(A)


@misconception("ps2.largest_stable_lr", STEP)
def frobenius_norm(A):
    """You divided by np.linalg.norm(A), which by default is the root of the sum of squares. The largest eigenvalue is
    np.linalg.norm(A, 2)."""
    return 2 / np.linalg.norm(A)


@misconception("ps2.largest_stable_lr", STEP)
def row_sums(A):
    """You divided by the largest row sum, a bound on the eigenvalues that can be too large. Compute the largest
    eigenvalue itself."""
    return 2 / np.abs(A).sum(axis=1).max()


@misconception("ps2.largest_stable_lr", STEP)
def curvature_itself(A):
    """You returned the largest eigenvalue. The bound is 2 over it: the steeper the wall, the smaller the step."""
    return float(_curvatures(A)[-1])


@misconception("ps2.largest_stable_lr", STEP)
def mean_curvature(A):
    """You used the mean of the eigenvalues. On average is not enough: the steepest direction alone can diverge."""
    return 2 / _curvatures(A).mean()


@misconception("ps2.largest_stable_lr", STEP)
def curvature_squared(A):
    """You divided by the largest eigenvalue of AᵀA, which is λ_max². Take its root, or the eigenvalues of A."""
    return 2 / _curvatures(A.T @ A)[-1]


def _cut(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


@misconception("ps2.minibatches", BATCHES)
def short_batch_dropped(n, batch_size, rng):
    """You left the last, short batch out. Its rows belong to the epoch, too."""
    return [batch for batch in _cut(rng.permutation(n), batch_size) if len(batch) == batch_size]


@misconception("ps2.minibatches", BATCHES)
def not_shuffled(n, batch_size, rng):
    """You cut the rows in the order they have. Shuffle them first: data is often sorted."""
    return _cut(np.arange(n), batch_size)


@misconception("ps2.minibatches", BATCHES)
def drawn_with_replacement(n, batch_size, rng):
    """You drew the row numbers with replacement. Some rows then come twice and others never; shuffle all of them and
    cut."""
    return _cut(rng.integers(0, n, n), batch_size)


@misconception("ps2.minibatches", BATCHES)
def each_batch_from_all_rows(n, batch_size, rng):
    """You drew each batch from all rows again. Batches of one epoch share no row: shuffle once, then cut."""
    return [rng.choice(n, len(batch), replace=False) for batch in _cut(np.arange(n), batch_size)]


@misconception("ps2.minibatches", BATCHES)
def order_of_batches_shuffled(n, batch_size, rng):
    """You shuffled the order of the batches and left neighbouring rows together. Shuffle the rows before you cut."""
    batches = _cut(np.arange(n), batch_size)
    if len(batches) < 2:
        return batches
    return [*(batches[i] for i in rng.permutation(len(batches) - 1)), batches[-1]]


@misconception("ps2.minibatches", BATCHES)
def shuffled_within_batches(n, batch_size, rng):
    """You shuffled within each batch, so the same neighbours always meet. Shuffle all rows, then cut."""
    return [rng.permutation(batch) for batch in _cut(np.arange(n), batch_size)]


@misconception("ps2.minibatches", BATCHES)
def evenly_sized(n, batch_size, rng):
    """You made the batches nearly equal, as np.array_split does. All but the last have exactly batch_size rows."""
    return np.array_split(rng.permutation(n), -(-n // batch_size))


@misconception("ps2.minibatches", BATCHES)
def size_taken_for_number(n, batch_size, rng):
    """You made batch_size batches. It is the number of rows in a batch, not the number of batches."""
    return np.array_split(rng.permutation(n), batch_size)


@misconception("ps2.minibatches", BATCHES)
def last_batch_filled_up(n, batch_size, rng):
    """You filled the last batch up with rows from the beginning. Leave it short, so that each row comes once."""
    order = rng.permutation(n)
    return [np.take(order, range(s, s + batch_size), mode="wrap") for s in range(0, n, batch_size)]


@misconception("ps2.minibatches", BATCHES)
def empty_batch_at_the_end(n, batch_size, rng):
    """Where n comes out even you return an empty batch at the end. Stop before n: range(0, n, batch_size)."""
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n + 1, batch_size)]


@misconception("ps2.minibatches", BATCHES)
def counted_from_one(n, batch_size, rng):
    """You counted the rows from 1 to n. NumPy counts from 0 to n − 1."""
    return _cut(rng.permutation(n) + 1, batch_size)


@misconception("ps2.minibatches", BATCHES)
def generator_of_its_own(n, batch_size, rng):
    """You made a new generator with a fixed seed, so all epochs have the same batches. Draw from rng: it moves on."""
    return _cut(np.random.default_rng(0).permutation(n), batch_size)


@misconception("ps2.linear_gradient", BATCHES)
def sum_of_squares(w, X, y):
    """You returned the gradient of the sum of the squares. The loss is their mean: divide by N."""
    return 2 * X.T @ (X @ w - y)


@misconception("ps2.linear_gradient", BATCHES)
def two_left_out(w, X, y):
    """Your gradient lacks the factor 2 that the square brings down. It would be right for half the squared error."""
    return X.T @ (X @ w - y) / len(y)


@misconception("ps2.linear_gradient", BATCHES)
def half_the_sum(w, X, y):
    """You returned the gradient of half the sum of squares. The loss is the mean of the squares: the factor is 2/N."""
    return X.T @ (X @ w - y)


@misconception("ps2.linear_gradient", BATCHES)
def error_turned_round(w, X, y):
    """You took y − Xw for the error, so it points downhill. The error is Xw − y; the update rule brings the minus."""
    return -right_gradient(w, X, y)


@misconception("ps2.linear_gradient", BATCHES)
def divided_by_features(w, X, y):
    """You divided by the number of features. The mean is over the N rows."""
    return 2 * X.T @ (X @ w - y) / len(w)


@misconception("ps2.linear_gradient", BATCHES)
def divided_by_all_entries(w, X, y):
    """You divided by the number of entries of X. There is one error a row, so the mean is over the N rows."""
    return 2 * X.T @ (X @ w - y) / X.size


@misconception("ps2.linear_gradient", BATCHES)
def absolute_errors(w, X, y):
    """You used the sign of the errors, which is the gradient of the mean absolute error. The squared error weighs each
    row by its error itself."""
    return X.T @ np.sign(X @ w - y) / len(y)


@misconception("ps2.linear_gradient", BATCHES)
def targets_left_out(w, X, y):
    """You left y out. The error of a row is what it predicts minus its target: Xw − y."""
    return 2 * X.T @ (X @ w) / len(y)


@misconception("ps2.linear_gradient", BATCHES)
def means_multiplied(w, X, y):
    """You multiplied the mean error by the mean of each column. Multiply row by row, and then take the mean."""
    return 2 * (X @ w - y).mean() * X.mean(axis=0)


@misconception("ps2.linear_gradient", BATCHES)
def column_against_row(w, X, y):
    """You subtracted y from a column, and broadcasting made an (N, N) table of every row against every target. Keep
    both of shape (N,)."""
    return 2 * (X.T @ ((X @ w)[:, None] - y)).mean(axis=1) / len(y)


def _epoch(w, X, y, lr, batches, gradient=right_gradient):
    for batch in batches:
        w = w - lr * gradient(w, X[batch], y[batch])
    return w


def _shuffled(X, batch_size, rng):
    return _cut(rng.permutation(len(X)), batch_size)


@misconception("ps2.sgd_epoch", BATCHES)
def ascends_in_epoch(w, X, y, lr, batch_size, rng):
    """You added the gradient. It points uphill; every step goes against it."""
    return _epoch(w, X, y, -lr, _shuffled(X, batch_size, rng))


@misconception("ps2.sgd_epoch", BATCHES)
def one_step_with_all_rows(w, X, y, lr, batch_size, rng):
    """You took one step with the gradient of all rows. An epoch has one step for each mini-batch."""
    return w - lr * right_gradient(w, X, y)


@misconception("ps2.sgd_epoch", BATCHES)
def all_gradients_at_the_start(w, X, y, lr, batch_size, rng):
    """You computed every mini-batch's gradient at the w you were given. Each one belongs at the w that the step before
    has led to."""
    return w - lr * sum(right_gradient(w, X[batch], y[batch]) for batch in _shuffled(X, batch_size, rng))


@misconception("ps2.sgd_epoch", BATCHES)
def short_batch_skipped(w, X, y, lr, batch_size, rng):
    """You skipped the last, short batch. Its rows make a step, too, also when it is the only one."""
    return _epoch(w, X, y, lr, [batch for batch in _shuffled(X, batch_size, rng) if len(batch) == batch_size])


@misconception("ps2.sgd_epoch", BATCHES)
def rows_in_their_order(w, X, y, lr, batch_size, rng):
    """You took the rows in the order they have. Shuffle them in every epoch, with rng."""
    return _epoch(w, X, y, lr, _cut(np.arange(len(X)), batch_size))


@misconception("ps2.sgd_epoch", BATCHES)
def batches_of_neighbours(w, X, y, lr, batch_size, rng):
    """You shuffled the order of the batches and left neighbouring rows together. Shuffle the rows before you cut."""
    batches = _cut(np.arange(len(X)), batch_size)
    return _epoch(w, X, y, lr, [batches[i] for i in rng.permutation(len(batches))])


@misconception("ps2.sgd_epoch", BATCHES)
def sum_over_the_batch(w, X, y, lr, batch_size, rng):
    """You added the gradients of a batch's rows up. Take their mean, or the step grows with the size of the batch."""
    batches = _shuffled(X, batch_size, rng)
    return _epoch(w, X, y, lr, batches, lambda w, X, y: right_gradient(w, X, y) * len(X))


@misconception("ps2.sgd_epoch", BATCHES)
def divided_by_all_rows(w, X, y, lr, batch_size, rng):
    """You divided each batch's gradient by the number of all rows. Its mean is over the rows of the batch alone."""
    rows, batches = len(X), _shuffled(X, batch_size, rng)
    return _epoch(w, X, y, lr, batches, lambda w, X, y: right_gradient(w, X, y) * len(X) / rows)


@misconception("ps2.sgd_epoch", BATCHES)
def short_batch_divided_by_size(w, X, y, lr, batch_size, rng):
    """You divided by batch_size in the short batch as well. Divide by the number of rows that it really has."""
    batches = _shuffled(X, batch_size, rng)
    return _epoch(w, X, y, lr, batches, lambda w, X, y: right_gradient(w, X, y) * len(X) / batch_size)


@misconception("ps2.sgd_epoch", BATCHES)
def first_batch_alone(w, X, y, lr, batch_size, rng):
    """You returned after the first mini-batch. The return belongs after the loop, when all of them had their step."""
    return _epoch(w, X, y, lr, _shuffled(X, batch_size, rng)[:1])


@misconception("ps2.sgd_epoch", BATCHES)
def rows_parted_from_targets(w, X, y, lr, batch_size, rng):
    """You shuffled X and y apart, so that rows have other rows' targets. Use one order for both."""
    batches = _cut(np.arange(len(X)), batch_size)
    return _epoch(w, rng.permutation(X), rng.permutation(y), lr, batches)


@misconception("ps2.sgd_epoch", BATCHES)
def weights_changed_in_place(w, X, y, lr, batch_size, rng):
    """You changed w in place, with -= on the array you were given. Work on w.copy(), or write w = w − …."""
    w[...] = _epoch(w, X, y, lr, _shuffled(X, batch_size, rng))
    return w.copy()


def _noise(w, X, y, batch_size, trials, rng, *, replace=False, gradient=right_gradient):
    batches = [rng.choice(len(X), batch_size, replace=replace) for _ in range(trials)]
    return np.array([gradient(w, X[batch], y[batch]) for batch in batches])


@misconception("ps2.gradient_variance", NOISE)
def rows_drawn_again(w, X, y, batch_size, trials, rng):
    """You drew rows with replacement, so a batch may hold one twice. A mini-batch has different rows: replace=False."""
    return _noise(w, X, y, batch_size, trials, rng, replace=True).var(axis=0).sum()


@misconception("ps2.gradient_variance", NOISE)
def mean_over_coordinates(w, X, y, batch_size, trials, rng):
    """You averaged the variances of the coordinates. Asked for is their sum."""
    return _noise(w, X, y, batch_size, trials, rng).var(axis=0).mean()


@misconception("ps2.gradient_variance", NOISE)
def deviations_added(w, X, y, batch_size, trials, rng):
    """You added standard deviations up. Variances add, so use np.var."""
    return _noise(w, X, y, batch_size, trials, rng).std(axis=0).sum()


@misconception("ps2.gradient_variance", NOISE)
def all_entries_as_one_sample(w, X, y, batch_size, trials, rng):
    """You took one variance over all coordinates and trials together. Each coordinate varies around its own mean:
    axis=0, then the sum."""
    return _noise(w, X, y, batch_size, trials, rng).var()


@misconception("ps2.gradient_variance", NOISE)
def variance_between_coordinates(w, X, y, batch_size, trials, rng):
    """You took the variance over the coordinates of each gradient. Take it over the trials, for each coordinate."""
    return _noise(w, X, y, batch_size, trials, rng).var(axis=1).sum()


@misconception("ps2.gradient_variance", NOISE)
def sums_over_the_batch(w, X, y, batch_size, trials, rng):
    """You used the sum of the gradients of a batch's rows. Use their mean: that is why larger batches vary less."""
    gradients = _noise(w, X, y, batch_size, trials, rng, gradient=lambda w, X, y: right_gradient(w, X, y) * len(X))
    return gradients.var(axis=0).sum()


@misconception("ps2.gradient_variance", NOISE)
def mean_not_subtracted(w, X, y, batch_size, trials, rng):
    """You took the mean square of the gradients. The variance is around their mean, so subtract it first."""
    return (_noise(w, X, y, batch_size, trials, rng) ** 2).mean(axis=0).sum()


@misconception("ps2.gradient_variance", NOISE)
def variance_of_the_length(w, X, y, batch_size, trials, rng):
    """You took the variance of the gradient's length. Two gradients of the same length can point in opposite ways; add
    up the variances of the coordinates."""
    return np.linalg.norm(_noise(w, X, y, batch_size, trials, rng), axis=1).var()


@misconception("ps2.gradient_variance", NOISE)
def largest_coordinate(w, X, y, batch_size, trials, rng):
    """You returned the largest of the variances. Asked for is the sum over all coordinates."""
    return _noise(w, X, y, batch_size, trials, rng).var(axis=0).max()


@misconception("ps2.gradient_variance", NOISE)
def one_row_whatever_the_size(w, X, y, batch_size, trials, rng):
    """You drew one row a trial whatever batch_size is. Draw batch_size different rows and take their mean gradient."""
    return _noise(w, X, y, 1, trials, rng).var(axis=0).sum()


@misconception("ps2.average_gradients", SHARDS)
def plain_mean(gradients, sizes):
    """You took the plain mean of the shards. A shard counts once for each of its rows."""
    return np.mean(gradients, axis=0)


@misconception("ps2.average_gradients", SHARDS)
def plain_sum(gradients, sizes):
    """You added the gradients up. Each is a mean over its rows: weigh it by their number and divide by all rows."""
    return np.sum(gradients, axis=0)


def _weighted(gradients, sizes):
    return sum(rows * gradient for rows, gradient in zip(sizes, gradients, strict=True))


@misconception("ps2.average_gradients", SHARDS)
def not_divided(gradients, sizes):
    """You added up the gradients times their rows and left it at that. Divide by the number of all rows."""
    return _weighted(gradients, sizes) / 1.0


@misconception("ps2.average_gradients", SHARDS)
def divided_by_shards(gradients, sizes):
    """You divided by the number of shards. The weights are numbers of rows, so divide by the number of all rows."""
    return _weighted(gradients, sizes) / len(sizes)


@misconception("ps2.average_gradients", SHARDS)
def first_shard_alone(gradients, sizes):
    """You returned the first shard's gradient. The others have seen other rows; all of them count."""
    return gradients[0].copy()


@misconception("ps2.average_gradients", SHARDS)
def largest_shard_alone(gradients, sizes):
    """You returned the largest shard's gradient. The smaller ones count, too, each by its rows."""
    return gradients[int(np.argmax(sizes))].copy()


@misconception("ps2.average_gradients", SHARDS)
def smaller_shards_count_more(gradients, sizes):
    """You divided each gradient by its number of rows. They are means already: multiply by the rows, then divide by all
    of them."""
    weights = [1 / max(rows, 1) for rows in sizes]
    return _weighted(gradients, weights) / sum(weights)


@misconception("ps2.average_gradients", SHARDS)
def short_shards_left_out(gradients, sizes):
    """You left out the shards that are shorter than the largest. Their rows belong to the batch, too."""
    full = [gradient for gradient, rows in zip(gradients, sizes, strict=True) if rows == max(sizes)]
    return np.mean(full, axis=0)


@misconception("ps2.average_gradients", SHARDS)
def squared_weights(gradients, sizes):
    """You weighed by the number of rows twice. Once is enough: Σ nₖgₖ / Σ nₖ."""
    squares = [rows**2 for rows in sizes]
    return _weighted(gradients, squares) / sum(squares)
