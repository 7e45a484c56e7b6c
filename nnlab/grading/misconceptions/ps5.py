"""Known mistakes of problem set 5, regularization."""

from __future__ import annotations

import math

import numpy as np

from nnlab.grading.misconceptions.library import misconception

L2 = "regularization#l2-shrink-everything"
L1 = "regularization#l1-make-it-zero"
DROPOUT = "regularization#dropout"
STOPPING = "regularization#early-stopping"
AUGMENTATION = "regularization#more-data-smaller-networks"
VALIDATION = "capacity#too-few-too-many-choosing-by-cross-validation"


@misconception("ps5.l2_penalty", L2)
def two_left_out(w, lam):
    """Your penalty is lam·Σw², and its derivative is 2·lam·w. You left out the 2."""
    return lam * np.sum(w**2), lam * w


@misconception("ps5.l2_penalty", L2)
def half_of_the_squares(w, lam):
    """You put ½ before the sum, as some books do. Here the penalty is lam·Σw² and its gradient 2·lam·w."""
    return lam * np.sum(w**2) / 2, lam * w


@misconception("ps5.l2_penalty", L2)
def norm_not_squared(w, lam):
    """You took the norm, the root of the sum. The penalty is lam times the sum of squares itself."""
    norm = float(np.sqrt(np.sum(w**2)))
    return lam * norm, lam * w / (norm or 1.0)


@misconception("ps5.l2_penalty", L2)
def mean_of_the_squares(w, lam):
    """You took the mean of the squares. The penalty is a sum: it does not shrink when there are more weights."""
    return lam * np.mean(w**2), 2 * lam * w / w.size


@misconception("ps5.l2_penalty", L2)
def lam_missing_from_gradient(w, lam):
    """Your gradient is 2w. The penalty holds the factor lam, and so does its gradient: 2·lam·w."""
    return lam * np.sum(w**2), 2 * w


@misconception("ps5.l2_penalty", L2)
def gradient_points_down(w, lam):
    """Your gradient has the wrong sign. It points to where the penalty grows; the optimizer brings the minus."""
    return lam * np.sum(w**2), -2 * lam * w


@misconception("ps5.l2_penalty", L2)
def squared_sum(w, lam):
    """You squared the sum of the weights. Square each weight first, then add up: Σw²."""
    total = float(np.sum(w))
    return lam * total**2, np.full_like(w, 2 * lam * total)


@misconception("ps5.l2_penalty", L2)
def sizes_instead_of_squares(w, lam):
    """You added up |w|, which is the L1 penalty. L2 adds up the squares."""
    return lam * np.sum(np.abs(w)), lam * np.sign(w)


@misconception("ps5.l1_penalty", L1)
def pull_in_proportion(w, lam):
    """Your gradient is lam·w, in proportion to the weight. The slope of |w| is 1 or −1, however large w is."""
    return lam * np.sum(np.abs(w)), lam * w


@misconception("ps5.l1_penalty", L1)
def sign_left_out(w, lam):
    """Your gradient is lam everywhere. Below 0 |w| falls, so the slope has w's sign: lam·sign(w)."""
    return lam * np.sum(np.abs(w)), np.where(w == 0, 0, lam).astype(w.dtype)


@misconception("ps5.l1_penalty", L1)
def slope_at_zero(w, lam):
    """At w = 0 your gradient is lam. There is a kink there, and by convention its subgradient is 0."""
    return lam * np.sum(np.abs(w)), np.where(w >= 0, lam, -lam).astype(w.dtype)


@misconception("ps5.l1_penalty", L1)
def negative_slope_at_zero(w, lam):
    """At w = 0 your gradient is −lam. There is a kink there, and by convention its subgradient is 0."""
    return lam * np.sum(np.abs(w)), np.where(w > 0, lam, -lam).astype(w.dtype)


@misconception("ps5.l1_penalty", L1)
def divided_by_size(w, lam):
    """You computed the sign as w/|w|, which is 0/0 where w is 0. Use np.sign: it is 0 there."""
    return lam * np.sum(np.abs(w)), lam * w / np.abs(w)


@misconception("ps5.l1_penalty", L1)
def signs_not_dropped(w, lam):
    """You added up the weights with their signs, so that they cancel. Add up their sizes, |w|."""
    return lam * np.sum(w), lam * np.sign(w)


@misconception("ps5.l1_penalty", L1)
def size_as_gradient(w, lam):
    """Your gradient is lam·|w|. The derivative of |w| is its slope, 1 or −1: lam·sign(w)."""
    return lam * np.sum(np.abs(w)), lam * np.abs(w)


@misconception("ps5.l1_penalty", L1)
def mean_of_sizes(w, lam):
    """You took the mean of |w|. The penalty is a sum: it does not shrink when there are more weights."""
    return lam * np.mean(np.abs(w)), lam * np.sign(w) / w.size


@misconception("ps5.l1_penalty", L1)
def squares_instead_of_sizes(w, lam):
    """You added up the squares, which is the L2 penalty. L1 adds up |w|."""
    return lam * np.sum(w**2), 2 * lam * w


@misconception("ps5.l1_penalty", L1)
def lam_missing_from_subgradient(w, lam):
    """Your gradient is sign(w). The penalty holds the factor lam, and so does its gradient: lam·sign(w)."""
    return lam * np.sum(np.abs(w)), np.sign(w)


@misconception("ps5.dropout_forward", DROPOUT)
def not_rescaled(x, p, rng, training):
    """You kept entries at their own size, so the output is smaller on average. Multiply what is kept by 1/(1 − p)."""
    mask = (rng.random(x.shape) >= p).astype(x.dtype) if training else np.ones_like(x)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def rescaled_at_test_time(x, p, rng, training):
    """You multiplied by 1 − p when not training. Inverted dropout rescales in training, and then leaves x as it is."""
    mask = (rng.random(x.shape) >= p).astype(x.dtype) if training else np.full_like(x, 1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def dropped_at_test_time(x, p, rng, training):
    """You dropped entries although training is False. Then nothing is dropped: out is x, the mask all ones."""
    mask = (rng.random(x.shape) >= p).astype(x.dtype) / (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def p_kept(x, p, rng, training):
    """You kept entries with probability p. Here p is the chance to drop: keep with probability 1 − p."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (rng.random(x.shape) < p) / np.asarray(p, x.dtype)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def comparison_turned_round(x, p, rng, training):
    """You dropped where the random number is above p, so a share of 1 − p is lost. Drop where it is below p."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (rng.random(x.shape) < p).astype(x.dtype) / (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def divided_by_drop_chance(x, p, rng, training):
    """You divided what is kept by p. Divide by the share that is kept, 1 − p."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (rng.random(x.shape) >= p) / np.asarray(p, x.dtype)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def shrunk_instead_of_grown(x, p, rng, training):
    """You multiplied what is kept by 1 − p. Divide by it: what is kept has to make up for what is not."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (rng.random(x.shape) >= p).astype(x.dtype) * (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def whole_columns(x, p, rng, training):
    """You drew one number a column, so all examples lose the same units. Draw for every entry: rng.random(x.shape)."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = np.ones_like(x) * (rng.random(x.shape[-1]) >= p).astype(x.dtype) / (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def whole_rows(x, p, rng, training):
    """You drew one number a row, so whole examples are lost. Draw for every entry: rng.random(x.shape)."""
    if not training:
        return x.copy(), np.ones_like(x)
    drawn = rng.random(x.shape[0]).reshape(-1, *[1] * (x.ndim - 1))
    mask = np.ones_like(x) * (drawn >= p).astype(x.dtype) / (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def same_mask_every_time(x, p, rng, training):
    """You made a generator of your own with a fixed seed, so every batch loses the same entries. Draw from rng."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (np.random.default_rng(0).random(x.shape) >= p).astype(x.dtype) / (1 - p)
    return x * mask, mask


@misconception("ps5.dropout_forward", DROPOUT)
def mask_without_scale(x, p, rng, training):
    """Your output is right and your mask holds ones. Give the mask its factor 1/(1 − p): the backward pass needs it."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (rng.random(x.shape) >= p).astype(x.dtype)
    return x * mask / (1 - p), mask


@misconception("ps5.dropout_forward", DROPOUT)
def exact_share_dropped(x, p, rng, training):
    """You dropped exactly the share p. Each entry is dropped by chance on its own, so the number varies."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = np.full(x.size, 1 / (1 - p), x.dtype)
    mask[rng.permutation(x.size)[: round(p * x.size)]] = 0
    mask = mask.reshape(x.shape)
    return x * mask, mask


@misconception("ps5.dropout_backward", DROPOUT)
def scale_forgotten_backward(dout, mask):
    """You used the mask as yes or no. Forward, what was kept was multiplied by the mask's number, so backward it is
    too."""
    return dout * (mask > 0)


@misconception("ps5.dropout_backward", DROPOUT)
def everything_passed_back(dout, mask):
    """You passed the whole gradient back. An entry that was dropped had no effect, so its gradient is 0."""
    return dout.copy()


@misconception("ps5.dropout_backward", DROPOUT)
def scaled_twice(dout, mask):
    """You multiplied by the mask twice. It holds the factor already: once is enough."""
    return dout * mask * mask


@misconception("ps5.dropout_backward", DROPOUT)
def divided_by_mask(dout, mask):
    """You divided by the mask. The derivative of mask·x is the mask: multiply."""
    return np.where(mask > 0, dout / np.where(mask > 0, mask, 1), 0).astype(dout.dtype)


@misconception("ps5.dropout_backward", DROPOUT)
def kept_where_mask_is_one(dout, mask):
    """You let the gradient through where the mask is 1. What is kept has 1/(1 − p) there: multiply by the mask."""
    return dout * (mask == 1)


@misconception("ps5.dropout_backward", DROPOUT)
def gradient_of_the_dropped(dout, mask):
    """You kept the gradient where entries were dropped. It is the other way round: a dropped entry has gradient 0."""
    return dout * (mask == 0)


@misconception("ps5.dropout_backward", DROPOUT)
def mask_alone(dout, mask):
    """You returned the mask, which is ∂out/∂x. The chain rule multiplies it by what arrives, dout."""
    return mask.copy()


@misconception("ps5.dropout_backward", DROPOUT)
def rescaled_to_the_same_sum(dout, mask):
    """You divided by the mean of the mask. Forward nothing was divided by it: the gradient is dout·mask."""
    mean = float(mask.mean())
    return dout * mask / (mean or 1.0)


def stopped(val_losses, patience, improves):
    """(stop_epoch, best_epoch) where ``improves(loss, best)`` says what an improvement is."""
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if epoch and improves(loss, val_losses[best_epoch]):
            best_epoch = epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def right_stop(val_losses, patience, min_delta):
    """What the wrong ones below are right in."""
    return stopped(val_losses, patience, lambda loss, best: loss < best - min_delta)


@misconception("ps5.early_stopping", STOPPING)
def one_epoch_too_late(val_losses, patience, min_delta=0.0):
    """You stopped patience + 1 epochs after the last improvement. Stop as soon as patience epochs have passed: use ≥,
    not >."""
    return right_stop(val_losses, patience + 1, min_delta)


@misconception("ps5.early_stopping", STOPPING)
def one_epoch_too_early(val_losses, patience, min_delta=0.0):
    """You stopped patience − 1 epochs after the last improvement. The best epoch itself does not count as a wait."""
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if epoch and loss < val_losses[best_epoch] - min_delta:
            best_epoch = epoch
        if epoch and epoch - best_epoch >= patience - 1:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@misconception("ps5.early_stopping", STOPPING)
def compared_with_previous_epoch(val_losses, patience, min_delta=0.0):
    """You compared each loss with the one before it. An improvement is below the best so far."""
    best_epoch = last = 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[epoch - 1] - min_delta:
            last = epoch
        if val_losses[epoch] < val_losses[best_epoch] - min_delta:
            best_epoch = epoch
        if epoch - last >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@misconception("ps5.early_stopping", STOPPING)
def count_never_reset(val_losses, patience, min_delta=0.0):
    """You counted all epochs without improvement. The count starts anew at every improvement."""
    best_epoch = waited = 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch] - min_delta:
            best_epoch = epoch
        else:
            waited += 1
        if waited >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@misconception("ps5.early_stopping", STOPPING)
def min_delta_ignored(val_losses, patience, min_delta=0.0):
    """You counted every gain as an improvement, however small. It has to be larger than min_delta."""
    return right_stop(val_losses, patience, 0.0)


@misconception("ps5.early_stopping", STOPPING)
def lowest_loss_is_best(val_losses, patience, min_delta=0.0):
    """Your best epoch is the one with the lowest loss seen. It is the last one that improved by more than min_delta."""
    stop, _ = right_stop(val_losses, patience, min_delta)
    return stop, int(np.argmin(val_losses[: stop + 1]))


@misconception("ps5.early_stopping", STOPPING)
def best_of_all_epochs(val_losses, patience, min_delta=0.0):
    """You looked for the best epoch in the whole list. After stop_epoch nothing is known: those epochs are never
    run."""
    stop, _ = right_stop(val_losses, patience, min_delta)
    return stop, int(np.argmin(val_losses))


@misconception("ps5.early_stopping", STOPPING)
def stop_after_the_end(val_losses, patience, min_delta=0.0):
    """You returned best_epoch + patience even where the list is over before. Then the last epoch is the stop."""
    _, best_epoch = right_stop(val_losses, patience, min_delta)
    return best_epoch + patience, best_epoch


@misconception("ps5.early_stopping", STOPPING)
def small_gains_move_the_best(val_losses, patience, min_delta=0.0):
    """You lowered the best loss on gains that are too small to count, so small gains never add up. Leave it where it
    was until one counts."""
    best, best_epoch = math.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best_epoch = epoch
        best = min(best, loss)
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@misconception("ps5.early_stopping", STOPPING)
def equal_counts_as_better(val_losses, patience, min_delta=0.0):
    """You counted a gain of exactly min_delta, so an equal loss, as an improvement. It has to be more than that."""
    return stopped(val_losses, patience, lambda loss, best: loss <= best - min_delta)


@misconception("ps5.early_stopping", STOPPING)
def min_delta_as_a_share(val_losses, patience, min_delta=0.0):
    """You took min_delta as a share of the best loss. It is a difference of losses: best − min_delta."""
    return stopped(val_losses, patience, lambda loss, best: loss < best * (1 - min_delta))


@misconception("ps5.early_stopping", STOPPING)
def counted_from_one(val_losses, patience, min_delta=0.0):
    """You numbered the epochs from 1. Here the first epoch is 0."""
    stop, best_epoch = right_stop(val_losses, patience, min_delta)
    return stop + 1, best_epoch + 1


@misconception("ps5.early_stopping", STOPPING)
def gain_added(val_losses, patience, min_delta=0.0):
    """You let a loss pass that is up to min_delta above the best. It has to be below the best by more than that."""
    return stopped(val_losses, patience, lambda loss, best: loss < best + min_delta)


def folded(folds):
    """Pairs (train, validation) of these validation parts."""
    return [(np.concatenate([part for j, part in enumerate(folds) if j != i]), fold) for i, fold in enumerate(folds)]


@misconception("ps5.k_fold_indices", VALIDATION)
def not_shuffled(n, k, rng):
    """You cut the examples in their own order. Files are often sorted by class: shuffle the indices with rng first."""
    return folded(np.array_split(np.arange(n), k))


@misconception("ps5.k_fold_indices", VALIDATION)
def rest_in_last_fold(n, k, rng):
    """You put what is left over into the last fold. Spread it, one more in each of the first folds, so that sizes
    differ by one at most."""
    order, size = rng.permutation(n), n // k
    return folded([*(order[i * size : (i + 1) * size] for i in range(k - 1)), order[(k - 1) * size :]])


@misconception("ps5.k_fold_indices", VALIDATION)
def rest_never_validates(n, k, rng):
    """You left out what is over when k does not divide n. Every example validates once: make some folds one larger."""
    order, size = rng.permutation(n), n // k
    pairs = []
    for i in range(k):
        fold = order[i * size : (i + 1) * size]
        pairs.append((np.setdiff1d(order, fold), fold))
    return pairs


@misconception("ps5.k_fold_indices", VALIDATION)
def pair_swapped(n, k, rng):
    """You returned (validation, train). The large part comes first: (train, validation)."""
    return [(fold, train) for train, fold in folded(np.array_split(rng.permutation(n), k))]


@misconception("ps5.k_fold_indices", VALIDATION)
def validation_in_training(n, k, rng):
    """You train on all examples, those of the fold too, so the error says nothing about new data. Take the fold out."""
    order = rng.permutation(n)
    return [(order.copy(), fold) for fold in np.array_split(order, k)]


@misconception("ps5.k_fold_indices", VALIDATION)
def shuffled_anew_for_each_fold(n, k, rng):
    """You shuffled again for every fold, so some examples validate twice and others never. Shuffle once, then cut."""
    pairs = []
    for i in range(k):
        pairs.append(folded(np.array_split(rng.permutation(n), k))[i])
    return pairs


@misconception("ps5.k_fold_indices", VALIDATION)
def same_folds_every_time(n, k, rng):
    """You shuffled with a fixed seed of your own, so every split is the same. Shuffle with the rng you are given."""
    return folded(np.array_split(np.random.default_rng(0).permutation(n), k))


@misconception("ps5.k_fold_indices", VALIDATION)
def last_fold_short(n, k, rng):
    """You rounded the size of a fold up, so the last one is left short or empty. Sizes may differ by one at most."""
    order, size = rng.permutation(n), math.ceil(n / k)
    return folded([order[i * size : (i + 1) * size] for i in range(k)])


@misconception("ps5.k_fold_indices", VALIDATION)
def drawn_with_replacement(n, k, rng):
    """You drew the indices with replacement. Folds are a partition: permute 0 … n − 1, then cut."""
    return folded(np.array_split(rng.integers(0, n, n), k))


@misconception("ps5.k_fold_indices", VALIDATION)
def one_fold_repeated(n, k, rng):
    """You returned the same fold k times. Each pair has a fold of its own for validation."""
    return folded(np.array_split(rng.permutation(n), k))[:1] * k


def moved(images, dx, dy):
    """What the wrong ones below are right in."""
    shifted = np.zeros_like(images)
    _, height, width = images.shape
    for row in range(max(dy, 0), min(height, height + dy)):
        for column in range(max(dx, 0), min(width, width + dx)):
            shifted[:, row, column] = images[:, row - dy, column - dx]
    return shifted


@misconception("ps5.shift_images", AUGMENTATION)
def wrapped_around(images, dx, dy):
    """What leaves on one side comes back on the other, as np.roll does it. Zeros move in instead."""
    return np.roll(images, (dy, dx), axis=(1, 2))


@misconception("ps5.shift_images", AUGMENTATION)
def axes_swapped(images, dx, dy):
    """You moved rows by dx and columns by dy. To the right, along the last axis, it is dx; down, along axis 1, dy."""
    return moved(images, dy, dx)


@misconception("ps5.shift_images", AUGMENTATION)
def left_instead_of_right(images, dx, dy):
    """You moved to the left for dx > 0. To the right means that column 0 goes to column dx."""
    return moved(images, -dx, dy)


@misconception("ps5.shift_images", AUGMENTATION)
def up_instead_of_down(images, dx, dy):
    """You moved up for dy > 0. Rows count from the top, so down means that row 0 goes to row dy."""
    return moved(images, dx, -dy)


@misconception("ps5.shift_images", AUGMENTATION)
def both_turned_round(images, dx, dy):
    """You moved to the left and up. A pixel at (row, column) goes to (row + dy, column + dx)."""
    return moved(images, -dx, -dy)


@misconception("ps5.shift_images", AUGMENTATION)
def edge_repeated(images, dx, dy):
    """You filled the new pixels with copies of the edge. Zeros move in."""
    _, height, width = images.shape
    rows = np.clip(np.arange(height) - dy, 0, height - 1)
    columns = np.clip(np.arange(width) - dx, 0, width - 1)
    return images[:, rows][:, :, columns]


@misconception("ps5.shift_images", AUGMENTATION)
def old_pixels_left(images, dx, dy):
    """You moved the pixels within a copy of the images, and the old ones show at the edge. Start from zeros."""
    shifted, (_, height, width) = images.copy(), images.shape
    for row in range(max(dy, 0), min(height, height + dy)):
        for column in range(max(dx, 0), min(width, width + dx)):
            shifted[:, row, column] = images[:, row - dy, column - dx]
    return shifted


@misconception("ps5.shift_images", AUGMENTATION)
def negative_shift_ignored(images, dx, dy):
    """You moved nothing where dx or dy is negative. Negative means to the left, and up."""
    return moved(images, max(dx, 0), max(dy, 0))


@misconception("ps5.shift_images", AUGMENTATION)
def direction_ignored(images, dx, dy):
    """You moved to the right and down whatever the sign. Negative means to the left, and up."""
    return moved(images, abs(dx), abs(dy))


@misconception("ps5.shift_images", AUGMENTATION)
def batch_moved(images, dx, dy):
    """You moved along the axis of the images, so pictures wander within the batch. The rows are axis 1, the columns
    axis 2."""
    return moved(images.transpose(2, 0, 1), dx, dy).transpose(1, 2, 0).copy()


@misconception("ps5.shift_images", AUGMENTATION)
def sliced_to_minus_zero(images, dx, dy):
    """You sliced up to -dx, and for dx = 0 that slice is empty. Slice from the side of the array instead, or treat 0 by
    itself."""
    shifted = np.zeros_like(images)
    to_row, from_row = (slice(dy, None), slice(None, -dy)) if dy >= 0 else (slice(None, dy), slice(-dy, None))
    to_column, from_column = (slice(dx, None), slice(None, -dx)) if dx >= 0 else (slice(None, dx), slice(-dx, None))
    shifted[:, to_row, to_column] = images[:, from_row, from_column]
    return shifted


def narrowest(errors_by_width, mean=np.mean, above=lambda best, errors: 0.0):
    """The narrowest width whose mean is at most the lowest one plus ``above`` (the best width, all errors)."""
    means = {width: float(mean(errors)) for width, errors in errors_by_width.items()}
    best = min(means, key=means.__getitem__)
    limit = means[best] + float(above(best, errors_by_width))
    return min((width for width in means if means[width] <= limit), default=best)


def standard_error(best, errors_by_width):
    """One standard error of the best width's mean."""
    errors = errors_by_width[best]
    return np.std(errors, ddof=1) / math.sqrt(len(errors))


@misconception("ps5.choose_width", VALIDATION)
def lowest_mean(errors_by_width):
    """You took the width with the lowest mean. Take the narrowest one that is within a standard error of it: the data
    cannot tell the two apart."""
    return min(errors_by_width, key=lambda width: float(np.mean(errors_by_width[width])))


@misconception("ps5.choose_width", VALIDATION)
def deviation_instead_of_error(errors_by_width):
    """You used the standard deviation of the folds. The standard error of their mean is that divided by √k."""
    return narrowest(errors_by_width, above=lambda best, errors: np.std(errors[best], ddof=1))


@misconception("ps5.choose_width", VALIDATION)
def population_deviation(errors_by_width):
    """You divided by k in the standard deviation, NumPy's default. A sample's has k − 1 there: np.std(…, ddof=1)."""
    return narrowest(errors_by_width, above=lambda best, errors: np.std(errors[best]) / math.sqrt(len(errors[best])))


@misconception("ps5.choose_width", VALIDATION)
def divided_by_k(errors_by_width):
    """You divided the standard deviation by k. The standard error of a mean of k folds has the root: √k."""
    return narrowest(errors_by_width, above=lambda best, errors: np.std(errors[best], ddof=1) / len(errors[best]))


@misconception("ps5.choose_width", VALIDATION)
def own_standard_error(errors_by_width):
    """You allowed each width its own standard error. One limit holds for all: that of the lowest mean's width."""
    lowest = min(float(np.mean(errors)) for errors in errors_by_width.values())
    within = [
        width
        for width, errors in errors_by_width.items()
        if float(np.mean(errors)) - standard_error(width, errors_by_width) <= lowest
    ]
    return min(within)


@misconception("ps5.choose_width", VALIDATION)
def two_standard_errors(errors_by_width):
    """You allowed two standard errors. The rule allows one."""
    return narrowest(errors_by_width, above=lambda best, errors: 2 * standard_error(best, errors))


@misconception("ps5.choose_width", VALIDATION)
def widest_within(errors_by_width):
    """You took the widest width within the limit. Of those that the data cannot tell apart take the narrowest."""
    means = {width: float(np.mean(errors)) for width, errors in errors_by_width.items()}
    best = min(means, key=means.__getitem__)
    return max(width for width in means if means[width] <= means[best] + standard_error(best, errors_by_width))


@misconception("ps5.choose_width", VALIDATION)
def first_within(errors_by_width):
    """You took the first width in the dict that is within the limit. Dicts come in any order: take the smallest one."""
    means = {width: float(np.mean(errors)) for width, errors in errors_by_width.items()}
    best = min(means, key=means.__getitem__)
    limit = means[best] + standard_error(best, errors_by_width)
    return next(width for width in means if means[width] <= limit)


@misconception("ps5.choose_width", VALIDATION)
def best_single_fold(errors_by_width):
    """You took the width with the lowest error in any one fold, which is luck. Compare the means over the folds."""
    return min(errors_by_width, key=lambda width: float(np.min(errors_by_width[width])))


@misconception("ps5.choose_width", VALIDATION)
def median_compared(errors_by_width):
    """You compared medians. The rule compares means over the folds."""
    return narrowest(errors_by_width, mean=np.median, above=standard_error)


@misconception("ps5.choose_width", VALIDATION)
def error_returned(errors_by_width):
    """You returned the mean error of the choice. Return the width itself, a key of the dict."""
    width = narrowest(errors_by_width, above=standard_error)
    return float(np.mean(errors_by_width[width]))
