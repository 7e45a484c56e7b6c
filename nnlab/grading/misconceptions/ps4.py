"""Known mistakes of problem set 4, optimizers."""

from __future__ import annotations

import math

import numpy as np

from nnlab.grading.misconceptions.library import misconception

SGD = "gradient-descent#the-rule"
MOMENTUM = "optimizers#momentum-a-memory-for-the-direction"
NESTEROV = "optimizers#nesterov-look-first"
ADAGRAD = "optimizers#adagrad"
RMSPROP = "optimizers#rmsprop"
ADAM = "optimizers#adam"
ADAMW = "optimizers#weight-decay-coupled-and-not"
LARS = "optimizers#a-rate-for-each-layer"


@misconception("ps4.sgd_step", SGD)
def climbs(w, grad, state, lr):
    """You added the gradient, so the loss grows. The gradient points uphill: subtract lr times it."""
    return w + lr * grad, {}


@misconception("ps4.sgd_step", SGD)
def learning_rate_left_out(w, grad, state, lr):
    """You subtracted the whole gradient. Multiply it by lr first, the lr that this step is given."""
    return w - grad, {}


@misconception("ps4.sgd_step", SGD)
def averaged_over_entries(w, grad, state, lr):
    """You divided the gradient by its number of entries. It has one entry a weight, and each moves its own weight in
    full; the mean over examples is already in it."""
    return w - lr * grad / grad.size, {}


@misconception("ps4.sgd_step", SGD)
def gradient_normalized(w, grad, state, lr):
    """You divided the gradient by its norm. Its length counts: where the slope is steep the step is long."""
    length = np.linalg.norm(grad)
    return w - lr * grad / (length if length else 1), {}


@misconception("ps4.sgd_step", SGD)
def sign_only(w, grad, state, lr):
    """You used the gradient's sign alone. Its size counts: the step is lr times the gradient itself."""
    return w - lr * np.sign(grad), {}


@misconception("ps4.sgd_step", SGD)
def step_returned(w, grad, state, lr):
    """You returned the step, −lr·g, not the place it leads to. Return w − lr·g."""
    return -lr * grad, {}


@misconception("ps4.sgd_step", SGD)
def gradients_pile_up(w, grad, state, lr):
    """You stepped along the sum of all gradients so far. Plain descent forgets the old ones: w − lr·g."""
    total = state.get("total", 0) + grad
    return w - lr * total, {"total": total}


@misconception("ps4.sgd_step", SGD)
def learning_rate_fades(w, grad, state, lr):
    """You divided lr by the number of the step. A schedule is the caller's business: use the lr you are given."""
    t = state.get("t", 0) + 1
    return w - lr / t * grad, {"t": t}


@misconception("ps4.momentum_step", MOMENTUM)
def averaged_velocity(w, grad, state, lr, momentum):
    """You weighted the new gradient by 1 − momentum. Here the velocity is a sum, momentum·v + g, not an average."""
    v = momentum * state.get("v", 0) + (1 - momentum) * grad
    return w - lr * v, {"v": v}


@misconception("ps4.momentum_step", MOMENTUM)
def learning_rate_inside_velocity(w, grad, state, lr, momentum):
    """You put lr into the velocity. That agrees only while lr stays the same: keep v ← momentum·v + g free of it, and
    multiply by lr in the step."""
    v = momentum * state.get("v", 0) + lr * grad
    return w - v, {"v": v}


@misconception("ps4.momentum_step", MOMENTUM)
def nesterov_instead(w, grad, state, lr, momentum):
    """You looked ahead, as Nesterov does. Plain momentum steps along the velocity itself: w − lr·v."""
    v = momentum * state.get("v", 0) + grad
    return w - lr * (grad + momentum * v), {"v": v}


@misconception("ps4.momentum_step", MOMENTUM)
def velocity_not_kept(w, grad, state, lr, momentum):
    """Your velocity starts at 0 in every step, so this is plain gradient descent. Return the new velocity in the state,
    and read it from there in the next step."""
    return w - lr * grad, {}


@misconception("ps4.momentum_step", MOMENTUM)
def old_velocity_used(w, grad, state, lr, momentum):
    """You stepped along the velocity from before this gradient. Update the velocity first, then step along it."""
    v = state.get("v", np.zeros_like(w))
    return w - lr * v, {"v": momentum * v + grad}


@misconception("ps4.momentum_step", MOMENTUM)
def new_gradient_shrunk_too(w, grad, state, lr, momentum):
    """You multiplied the new gradient by momentum as well. Only the old velocity fades: v ← momentum·v + g."""
    v = momentum * (state.get("v", 0) + grad)
    return w - lr * v, {"v": v}


@misconception("ps4.momentum_step", MOMENTUM)
def first_gradient_twice(w, grad, state, lr, momentum):
    """You started the velocity at the first gradient and then added that gradient again. It starts at 0."""
    v = momentum * state.get("v", grad) + grad
    return w - lr * v, {"v": v}


@misconception("ps4.momentum_step", MOMENTUM)
def uphill_velocity(w, grad, state, lr, momentum):
    """You stepped uphill: one minus is missing, or one too many. The velocity adds gradients, and w loses lr·v."""
    v = momentum * state.get("v", 0) + grad
    return w + lr * v, {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def plain_momentum(w, grad, state, lr, momentum):
    """You stepped along the velocity, as plain momentum does; g + momentum·v with the old v is just that. Look ahead
    along the new velocity: w − lr·(g + momentum·v)."""
    v = momentum * state.get("v", 0) + grad
    return w - lr * v, {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def gradient_left_out(w, grad, state, lr, momentum):
    """You stepped by momentum·v alone. The gradient itself is added once more: g + momentum·v."""
    v = momentum * state.get("v", 0) + grad
    return w - lr * momentum * v, {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def velocity_instead_of_gradient(w, grad, state, lr, momentum):
    """You stepped by v + momentum·v. The first of the two is the new gradient: g + momentum·v."""
    v = momentum * state.get("v", 0) + grad
    return w - lr * (v + momentum * v), {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def averaged_nesterov_velocity(w, grad, state, lr, momentum):
    """You weighted the new gradient by 1 − momentum. Here the velocity is a sum, momentum·v + g, not an average."""
    v = momentum * state.get("v", 0) + (1 - momentum) * grad
    return w - lr * (grad + momentum * v), {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def learning_rate_inside_nesterov_velocity(w, grad, state, lr, momentum):
    """You put lr into the velocity. That agrees only while lr stays the same: keep v ← momentum·v + g free of it, and
    multiply by lr in the step."""
    v = momentum * state.get("v", 0) + lr * grad
    return w - lr * grad - momentum * v, {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def looks_ahead_twice(w, grad, state, lr, momentum):
    """You applied momentum twice to the velocity of the step. Once is enough: g + momentum·v with the new v."""
    v = momentum * state.get("v", 0) + grad
    return w - lr * (grad + momentum**2 * v), {"v": v}


@misconception("ps4.nesterov_step", NESTEROV)
def nesterov_velocity_not_kept(w, grad, state, lr, momentum):
    """Your velocity starts at 0 in every step. Return the new velocity in the state, and read it from there in the next
    step."""
    return w - lr * (grad + momentum * grad), {}


@misconception("ps4.nesterov_step", NESTEROV)
def look_ahead_kept_as_velocity(w, grad, state, lr, momentum):
    """You kept g + momentum·v as the new velocity. Keep v itself; the sum is only what this step walks along."""
    v = momentum * state.get("v", 0) + grad
    ahead = grad + momentum * v
    return w - lr * ahead, {"v": ahead}


@misconception("ps4.adagrad_step", ADAGRAD)
def adagrad_eps_inside_root(w, grad, state, lr, eps):
    """You put eps inside the square root. Here it is added to the root: g/(√s + eps)."""
    s = state.get("s", 0) + grad**2
    return w - lr * grad / np.sqrt(s + eps), {"s": s}


@misconception("ps4.adagrad_step", ADAGRAD)
def adagrad_root_forgotten(w, grad, state, lr, eps):
    """You divided by s, a sum of squares. Divide by its root, which is as long as a gradient: √s + eps."""
    s = state.get("s", 0) + grad**2
    return w - lr * grad / (s + eps), {"s": s}


@misconception("ps4.adagrad_step", ADAGRAD)
def squares_not_kept(w, grad, state, lr, eps):
    """Your sum starts at 0 in every step, so only the sign of the gradient is left. Return s in the state and add the
    next g² to it."""
    return w - lr * grad / (np.abs(grad) + eps), {}


@misconception("ps4.adagrad_step", ADAGRAD)
def sizes_summed(w, grad, state, lr, eps):
    """You added up |g|, not its square. The scale is the root of the sum of squares: s ← s + g²."""
    s = state.get("s", 0) + np.abs(grad)
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.adagrad_step", ADAGRAD)
def newest_square_left_out(w, grad, state, lr, eps):
    """You divided by the root of s from before this gradient; at the first step that is 0. Add g² first."""
    s = state.get("s", np.zeros_like(w))
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s + grad**2}


@misconception("ps4.adagrad_step", ADAGRAD)
def one_scale_for_all_weights(w, grad, state, lr, eps):
    """You added up the squares over all weights. Each weight has an s of its own, an array shaped like w."""
    s = state.get("s", 0.0) + float((grad**2).sum())
    return w - lr * grad / (math.sqrt(s) + eps), {"s": s}


@misconception("ps4.adagrad_step", ADAGRAD)
def mean_of_squares(w, grad, state, lr, eps):
    """You took the mean of the squares, so the steps never shrink. AdaGrad divides by the root of their sum."""
    s, t = state.get("s", 0) + grad**2, state.get("t", 0) + 1
    return w - lr * grad / (np.sqrt(s / t) + eps), {"s": s, "t": t}


@misconception("ps4.adagrad_step", ADAGRAD)
def adagrad_climbs(w, grad, state, lr, eps):
    """You added the scaled gradient, so the loss grows. Subtract it: w − lr·g/(√s + eps)."""
    s = state.get("s", 0) + grad**2
    return w + lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def rmsprop_eps_inside_root(w, grad, state, lr, decay, eps):
    """You put eps inside the square root. Here it is added to the root: g/(√s + eps)."""
    s = decay * state.get("s", 0) + (1 - decay) * grad**2
    return w - lr * grad / np.sqrt(s + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def decay_swapped(w, grad, state, lr, decay, eps):
    """You gave decay to the new square and 1 − decay to the old mean. The old mean keeps the share decay."""
    s = (1 - decay) * state.get("s", 0) + decay * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def new_square_not_weighted(w, grad, state, lr, decay, eps):
    """You added the new square in full. A mean weights it: decay·s + (1 − decay)·g²."""
    s = decay * state.get("s", 0) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def adagrad_instead(w, grad, state, lr, decay, eps):
    """You added the squares up without letting the old ones fade, which is AdaGrad. Multiply the old mean by decay."""
    s = state.get("s", 0) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def rmsprop_bias_corrected(w, grad, state, lr, decay, eps):
    """You divided s by 1 − decayᵗ, as Adam does. RMSProp leaves s as it is, so its first steps are longer."""
    s, t = decay * state.get("s", 0) + (1 - decay) * grad**2, state.get("t", 0) + 1
    return w - lr * grad / (np.sqrt(s / (1 - decay**t)) + eps), {"s": s, "t": t}


@misconception("ps4.rmsprop_step", RMSPROP)
def rmsprop_root_forgotten(w, grad, state, lr, decay, eps):
    """You divided by s, a mean of squares. Divide by its root, which is as long as a gradient: √s + eps."""
    s = decay * state.get("s", 0) + (1 - decay) * grad**2
    return w - lr * grad / (s + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def rmsprop_newest_square_left_out(w, grad, state, lr, decay, eps):
    """You divided by the root of s from before this gradient; at the first step that is 0. Update s first."""
    s = state.get("s", np.zeros_like(w))
    return w - lr * grad / (np.sqrt(s) + eps), {"s": decay * s + (1 - decay) * grad**2}


@misconception("ps4.rmsprop_step", RMSPROP)
def started_at_first_square(w, grad, state, lr, decay, eps):
    """You started s at the first g². It starts at 0, so the first s is (1 − decay)·g²."""
    s = decay * state.get("s", grad**2) + (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@misconception("ps4.rmsprop_step", RMSPROP)
def one_mean_for_all_weights(w, grad, state, lr, decay, eps):
    """You averaged the squares over all weights. Each weight has an s of its own, an array shaped like w."""
    s = decay * state.get("s", 0.0) + (1 - decay) * float((grad**2).mean())
    return w - lr * grad / (math.sqrt(s) + eps), {"s": s}


def moments(grad, state, beta1, beta2):
    """m, v and t as they should be."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0) + (1 - beta2) * grad**2
    return m, v, t


def corrected(m, v, t, beta1, beta2):
    """m̂ and v̂ as they should be."""
    return m / (1 - beta1**t), v / (1 - beta2**t)


@misconception("ps4.adam_step", ADAM)
def no_bias_correction(w, grad, state, lr, beta1, beta2, eps):
    """You used the raw averages, which start at 0 and are too small at first. Divide m by 1 − beta1ᵗ and v by
    1 − beta2ᵗ."""
    m, v, t = moments(grad, state, beta1, beta2)
    return w - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def adam_eps_inside_root(w, grad, state, lr, beta1, beta2, eps):
    """You put eps inside the square root. Here it is added to the root: m̂/(√v̂ + eps)."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * m_hat / np.sqrt(v_hat + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def eps_before_correction(w, grad, state, lr, beta1, beta2, eps):
    """You added eps to √v and corrected the whole step afterwards, so eps was scaled too. Correct v first, then add eps
    to √v̂."""
    m, v, t = moments(grad, state, beta1, beta2)
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def betas_swapped(w, grad, state, lr, beta1, beta2, eps):
    """You averaged the gradient with beta2 and its square with beta1. The first belongs to m, the second to v."""
    m, v, t = moments(grad, state, beta2, beta1)
    m_hat, v_hat = corrected(m, v, t, beta2, beta1)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def only_m_corrected(w, grad, state, lr, beta1, beta2, eps):
    """You corrected m and left v as it was. Both start at 0: divide v by 1 − beta2ᵗ too."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, _ = corrected(m, v, t, beta1, beta2)
    return w - lr * m_hat / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def only_v_corrected(w, grad, state, lr, beta1, beta2, eps):
    """You corrected v and left m as it was. Both start at 0: divide m by 1 − beta1ᵗ too."""
    m, v, t = moments(grad, state, beta1, beta2)
    _, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * m / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def corrected_averages_kept(w, grad, state, lr, beta1, beta2, eps):
    """You stored m̂ and v̂ and averaged on from them. Keep the raw m and v in the state, and correct them anew each
    step."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m_hat, "v": v_hat, "t": t}


@misconception("ps4.adam_step", ADAM)
def counts_one_too_many(w, grad, state, lr, beta1, beta2, eps):
    """Your t is 2 at the first step. Count the steps so that t is 1 there, and 1 − betaᵗ is 1 − beta."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t + 1, beta1, beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def steps_not_counted(w, grad, state, lr, beta1, beta2, eps):
    """Your t is 1 in every step. Keep it in the state and count on, so that the correction fades."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, 1, beta1, beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def adam_root_forgotten(w, grad, state, lr, beta1, beta2, eps):
    """You divided by v̂, a mean of squares. Divide by its root, which is as long as a gradient: √v̂ + eps."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * m_hat / (v_hat + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def average_squared(w, grad, state, lr, beta1, beta2, eps):
    """You averaged the square of m. The scale v averages g², the square of each gradient by itself."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0) + (1 - beta2) * m**2
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adam_step", ADAM)
def gradient_over_root(w, grad, state, lr, beta1, beta2, eps):
    """You stepped along the gradient itself and m went unused. The direction is m̂, the average of the gradients."""
    m, v, t = moments(grad, state, beta1, beta2)
    _, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * grad / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


def adam_direction(grad, state, beta1, beta2, eps):
    """Adam's step for lr = 1, and the new state."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adamw_step", ADAMW)
def decay_in_gradient(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You added the decay to the gradient, and so it went through m and v. Take it from w directly:
    lr·weight_decay·w."""
    direction, state = adam_direction(grad + weight_decay * w, state, beta1, beta2, eps)
    return w - lr * direction, state


@misconception("ps4.adamw_step", ADAMW)
def decay_without_learning_rate(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You decayed by weight_decay·w. Here the decay is multiplied by lr as well: lr·weight_decay·w."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return w - lr * direction - weight_decay * w, state


@misconception("ps4.adamw_step", ADAMW)
def decay_of_moved_weights(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You decayed the weights after Adam's step had moved them. Both parts start from the old w."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return (w - lr * direction) * (1 - lr * weight_decay), state


@misconception("ps4.adamw_step", ADAMW)
def decay_left_out(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You took Adam's step and no decay. Subtract lr·weight_decay·w as well."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return w - lr * direction, state


@misconception("ps4.adamw_step", ADAMW)
def decay_over_root(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You divided the decay by √v̂ + eps along with m̂. The decay is decoupled: it is lr·weight_decay·w, undivided."""
    m, v, t = moments(grad, state, beta1, beta2)
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return w - lr * (m_hat + weight_decay * w) / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adamw_step", ADAMW)
def weights_grow(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You added the decay, so the weights grow. Subtract it: w shrinks by lr·weight_decay·w."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return w - lr * direction + lr * weight_decay * w, state


@misconception("ps4.adamw_step", ADAMW)
def decay_doubled(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You decayed by 2·lr·weight_decay·w, the gradient of a squared penalty. Decoupled decay has no 2."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return w - lr * direction - 2 * lr * weight_decay * w, state


@misconception("ps4.adamw_step", ADAMW)
def adamw_without_bias_correction(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You used the raw averages, which start at 0 and are too small at first. Divide m by 1 − beta1ᵗ and v by
    1 − beta2ᵗ, as in Adam."""
    m, v, t = moments(grad, state, beta1, beta2)
    return w - lr * weight_decay * w - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v, "t": t}


@misconception("ps4.adamw_step", ADAMW)
def decay_by_size_alone(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    """You took the same amount from every weight, by its sign. Decay is in proportion to it: lr·weight_decay·w."""
    direction, state = adam_direction(grad, state, beta1, beta2, eps)
    return w - lr * direction - lr * weight_decay * np.sign(w), state


def local_rate(w_norm, below, trust):
    """LARS's local rate as it should be."""
    return trust * w_norm / below if w_norm > 0 and below > 0 else 1.0


def norms(w, grad):
    """‖w‖ and ‖g‖ as Python floats."""
    return float(np.linalg.norm(w)), float(np.linalg.norm(grad))


@misconception("ps4.lars_step", LARS)
def learning_rate_outside_velocity(w, grad, state, lr, momentum, weight_decay, trust):
    """You kept lr out of the velocity, as in momentum_step. In LARS it is inside: a new lr acts on new gradients
    only."""
    w_norm, g_norm = norms(w, grad)
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, trust)
    v = momentum * state.get("v", 0) + local * (grad + weight_decay * w)
    return w - lr * v, {"v": v}


@misconception("ps4.lars_step", LARS)
def decay_missing_from_direction(w, grad, state, lr, momentum, weight_decay, trust):
    """You used the decay in the ratio alone. It is part of the direction too: g + weight_decay·w."""
    w_norm, g_norm = norms(w, grad)
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, trust)
    v = momentum * state.get("v", 0) + lr * local * grad
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def decay_missing_from_ratio(w, grad, state, lr, momentum, weight_decay, trust):
    """You divided by ‖g‖ alone. The direction holds the decay too, so divide by ‖g‖ + weight_decay·‖w‖."""
    w_norm, g_norm = norms(w, grad)
    v = momentum * state.get("v", 0) + lr * local_rate(w_norm, g_norm, trust) * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def norm_of_the_sum(w, grad, state, lr, momentum, weight_decay, trust):
    """You divided by ‖g + weight_decay·w‖. LARS adds the norms: ‖g‖ + weight_decay·‖w‖."""
    direction = grad + weight_decay * w
    w_norm, below = norms(w, direction)
    v = momentum * state.get("v", 0) + lr * local_rate(w_norm, below, trust) * direction
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def stuck_at_zero(w, grad, state, lr, momentum, weight_decay, trust):
    """Where ‖w‖ is 0 your local rate is 0, and such weights can never move. There the rate is 1."""
    w_norm, g_norm = norms(w, grad)
    below = g_norm + weight_decay * w_norm
    local = trust * w_norm / below if below else 1.0
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def trust_at_zero(w, grad, state, lr, momentum, weight_decay, trust):
    """Where ‖w‖ is 0 your local rate is trust. There the whole rate is 1, trust included."""
    w_norm, g_norm = norms(w, grad)
    below = g_norm + weight_decay * w_norm
    local = local_rate(w_norm, below, trust) if w_norm and below else trust
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def ratio_upside_down(w, grad, state, lr, momentum, weight_decay, trust):
    """You divided the gradient's norm by the weights'. It is the other way round: large weights take large steps."""
    w_norm, g_norm = norms(w, grad)
    below = g_norm + weight_decay * w_norm
    local = trust * below / w_norm if w_norm and below else 1.0
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def ratio_for_every_weight(w, grad, state, lr, momentum, weight_decay, trust):
    """You took a ratio for every single weight. One array has one ratio, of the norms over all its entries."""
    below = np.abs(grad) + weight_decay * np.abs(w)
    usable = (w != 0) & (below > 0)
    local = np.where(usable, trust * np.abs(w) / np.where(usable, below, 1), 1)
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def norms_squared(w, grad, state, lr, momentum, weight_decay, trust):
    """You used the squares of the norms. A norm is the root of the sum of squares."""
    w_norm, g_norm = (norm**2 for norm in norms(w, grad))
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, trust)
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def trust_left_out(w, grad, state, lr, momentum, weight_decay, trust):
    """You left trust out of the ratio. Multiply by it: it says which share of ‖w‖ a step may be long."""
    w_norm, g_norm = norms(w, grad)
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, 1.0)
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}


@misconception("ps4.lars_step", LARS)
def decay_decoupled(w, grad, state, lr, momentum, weight_decay, trust):
    """You took the decay from w directly, as AdamW does. In LARS it is part of the direction, g + weight_decay·w, and
    goes through the ratio and the velocity."""
    w_norm, g_norm = norms(w, grad)
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, trust)
    v = momentum * state.get("v", 0) + lr * local * grad
    return w - v - lr * weight_decay * w, {"v": v}


@misconception("ps4.lars_step", LARS)
def spectral_norm(w, grad, state, lr, momentum, weight_decay, trust):
    """Of a matrix you took the spectral norm (np.linalg.norm with ord=2). The norm here is the root of the sum of all
    squared entries."""
    w_norm, g_norm = (float(np.linalg.norm(array, 2)) for array in (w, grad))
    local = local_rate(w_norm, g_norm + weight_decay * w_norm, trust)
    v = momentum * state.get("v", 0) + lr * local * (grad + weight_decay * w)
    return w - v, {"v": v}
