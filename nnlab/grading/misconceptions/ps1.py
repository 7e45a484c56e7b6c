"""Known mistakes of problem set 1, backpropagation."""

from __future__ import annotations

import numpy as np

from nnlab.grading.misconceptions.library import misconception

GRAPH = "backpropagation#a-graph-you-can-do-by-hand"
GATES = "backpropagation#three-gates"
SOFTMAX = "backpropagation#softmax-and-cross-entropy-p-y"
DENSE = "backpropagation#a-dense-layer-all-at-once"
NETWORK = "backpropagation#the-whole-network-backwards"
CHECKING = "backpropagation#checking-a-gradient"


def right_dense_backward(dout, x, W):
    """What the wrong ones below are right in."""
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def right_cross_entropy(logits, labels):
    """What the wrong ones below are right in."""
    rows, shifted = np.arange(len(labels)), logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(labels)


@misconception("ps1.graph_gradients", GRAPH)
def upstream_left_out(x, y, z):
    """Your ∂f/∂x and ∂f/∂y are the sum's own derivative, 1. Multiply it by what arrives from above: ∂f/∂q = z."""
    return (x + y) * z, 1.0, 1.0, x + y


@misconception("ps1.graph_gradients", GATES)
def product_not_swapped(x, y, z):
    """You gave each input of the product its own value as gradient. A product swaps: ∂f/∂q is z, and ∂f/∂z is q."""
    q = x + y
    return q * z, q, q, z


@misconception("ps1.graph_gradients", GATES)
def sum_split_in_halves(x, y, z):
    """You divided the gradient between x and y. A sum hands the whole of it to each of its inputs."""
    return (x + y) * z, z / 2, z / 2, x + y


@misconception("ps1.graph_gradients", GATES)
def sum_scales_by_inputs(x, y, z):
    """You multiplied the gradient of the sum by x and by y. A sum's local derivative is 1, whatever its inputs are."""
    return (x + y) * z, x * z, y * z, x + y


@misconception("ps1.graph_gradients", GRAPH)
def brackets_ignored(x, y, z):
    """You computed x + y·z. The sum stands in brackets: first q = x + y, then f = q·z."""
    return x + y * z, 1.0, z, y


@misconception("ps1.graph_gradients", GRAPH)
def gradient_of_z_taken_at_x(x, y, z):
    """Your ∂f/∂z is x alone. The product's other factor is the whole sum, so ∂f/∂z = x + y."""
    return (x + y) * z, z, z, x


@misconception("ps1.graph_gradients", GRAPH)
def descent_sign(x, y, z):
    """Your gradients have the wrong sign. It points uphill; the minus belongs to the update rule that uses it."""
    return (x + y) * z, -z, -z, -(x + y)


@misconception("ps1.softmax", SOFTMAX)
def columns_instead_of_rows(logits):
    """You normalized each column. One example is one row, so the sums go along axis 1."""
    powers = np.exp(logits - logits.max(axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


@misconception("ps1.softmax", SOFTMAX)
def one_sum_for_all(logits):
    """You divided by the sum over the whole array. Each row is a distribution of its own, with a sum of 1."""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@misconception("ps1.softmax", SOFTMAX)
def maximum_not_subtracted(logits):
    """You exponentiated the logits as they came, and exp overflows from about 710 on. Subtract each row's maximum
    first: the result is the same."""
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


@misconception("ps1.softmax", SOFTMAX)
def not_normalized(logits):
    """You stopped at the exponentials. Divide each row by its sum, so that it sums to 1."""
    return np.exp(logits - logits.max(axis=1, keepdims=True))


@misconception("ps1.softmax", SOFTMAX)
def sigmoid_instead(logits):
    """You squashed each logit by itself with a sigmoid. Softmax makes the classes compete: each row shares out 1."""
    return 1 / (1 + np.exp(-np.clip(logits, -700, 700)))


@misconception("ps1.softmax", SOFTMAX)
def ratio_without_exponential(logits):
    """You divided the logits by their sum without exponentiating. They may be negative; exp makes them positive
    first."""
    return logits / logits.sum(axis=1, keepdims=True)


@misconception("ps1.softmax", SOFTMAX)
def logarithm_returned(logits):
    """You returned the logarithm of the probabilities. Return the probabilities: exponentiate and divide."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@misconception("ps1.cross_entropy", SOFTMAX)
def gradient_not_averaged(logits, labels):
    """Your loss is a mean and your gradient is that of the sum. Divide the gradient by N as well."""
    loss, dlogits = right_cross_entropy(logits, labels)
    return loss, dlogits * len(labels)


@misconception("ps1.cross_entropy", SOFTMAX)
def summed_not_averaged(logits, labels):
    """You added the losses of the examples up. The loss is their mean: divide it, and the gradient, by N."""
    loss, dlogits = right_cross_entropy(logits, labels)
    return loss * len(labels), dlogits * len(labels)


@misconception("ps1.cross_entropy", SOFTMAX)
def averaged_over_classes_too(logits, labels):
    """You divided by the number of all entries, N·C. The mean is over the N examples alone."""
    loss, dlogits = right_cross_entropy(logits, labels)
    return loss / logits.shape[1], dlogits / logits.shape[1]


@misconception("ps1.cross_entropy", SOFTMAX)
def one_not_subtracted(logits, labels):
    """Your gradient is p. It is p − y: subtract 1 at each example's label before you divide by N."""
    loss, _ = right_cross_entropy(logits, labels)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return loss, powers / powers.sum(axis=1, keepdims=True) / len(labels)


@misconception("ps1.cross_entropy", SOFTMAX)
def gradient_turned_round(logits, labels):
    """Your gradient is y − p, which points downhill. The gradient is p − y; the update rule brings the minus."""
    loss, dlogits = right_cross_entropy(logits, labels)
    return loss, -dlogits


@misconception("ps1.cross_entropy", SOFTMAX)
def loss_without_minus(logits, labels):
    """Your loss is the mean logarithm itself, and so it is negative. Cross-entropy is minus that mean."""
    loss, dlogits = right_cross_entropy(logits, labels)
    return -loss, dlogits


@misconception("ps1.cross_entropy", SOFTMAX)
def logarithm_of_underflow(logits, labels):
    """You took the logarithm of the softmax, which is 0 for a class far below the largest. Subtract the maximum and
    write log p as the logit minus the logarithm of the sum."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    return loss, p / len(labels)


@misconception("ps1.cross_entropy", SOFTMAX)
def gradient_by_probabilities(logits, labels):
    """You differentiated with respect to the probabilities, −y/p. Asked for is the gradient with respect to the logits:
    through softmax it becomes p − y."""
    loss, _ = right_cross_entropy(logits, labels)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    rows, gradient = np.arange(len(labels)), np.zeros_like(p)
    gradient[rows, labels] = -1 / p[rows, labels] / len(labels)
    return loss, gradient


@misconception("ps1.mean_squared_error", "forward-pass")
def summed_squares(pred, target):
    """You added the squares up. The loss is their mean over all entries, and so is the gradient."""
    error = pred - target
    return (error**2).sum(), 2 * error


@misconception("ps1.mean_squared_error", "forward-pass")
def mean_over_rows_alone(pred, target):
    """You divided by the number of rows. Mean over all entries: divide by pred.size."""
    error = pred - target
    rows = pred.shape[0] if pred.ndim else 1
    return (error**2).sum() / rows, 2 * error / rows


@misconception("ps1.mean_squared_error", "forward-pass")
def two_left_out(pred, target):
    """Your gradient lacks the factor 2, which the square brings down. It would be right for half the squared error."""
    error = pred - target
    return (error**2).mean(), error / error.size


@misconception("ps1.mean_squared_error", "forward-pass")
def half_in_loss(pred, target):
    """You halved the squared error. The loss is the plain mean of the squares, its gradient 2(pred − target)/size."""
    error = pred - target
    return (error**2).mean() / 2, error / error.size


@misconception("ps1.mean_squared_error", "forward-pass")
def gradient_of_sum(pred, target):
    """Your loss is a mean and your gradient is that of the sum. Divide the gradient by pred.size as well."""
    error = pred - target
    return (error**2).mean(), 2 * error


@misconception("ps1.mean_squared_error", "forward-pass")
def by_the_target(pred, target):
    """Your gradient is the one for the target. With respect to pred it is 2(pred − target)/size."""
    error = target - pred
    return (error**2).mean(), 2 * error / error.size


@misconception("ps1.mean_squared_error", "forward-pass")
def absolute_error(pred, target):
    """You took the absolute error. The squared error grows with the square, and its slope with the error."""
    error = pred - target
    return np.abs(error).mean(), np.sign(error) / error.size


@misconception("ps1.mean_squared_error", "forward-pass")
def root_taken(pred, target):
    """You took the root of the mean. The mean squared error has no root, and the gradient none either."""
    error = pred - target
    return np.sqrt((error**2).mean()), 2 * error / error.size


@misconception("ps1.dense_forward", DENSE)
def weights_transposed(x, W, b):
    """You multiplied by W transposed. W has the shape (in, out), so x @ W already pairs inputs with columns."""
    return x @ W.T + b


@misconception("ps1.dense_forward", DENSE)
def bias_left_out(x, W, b):
    """You left the bias out. Every row gets b added after the product."""
    return x @ W


@misconception("ps1.dense_forward", DENSE)
def bias_subtracted(x, W, b):
    """You subtracted the bias. In this course the net input is xW + b."""
    return x @ W - b


@misconception("ps1.dense_forward", DENSE)
def activation_included(x, W, b):
    """You applied a ReLU as well. A dense layer is xW + b alone; the activation is a layer of its own."""
    return np.maximum(x @ W + b, 0)


@misconception("ps1.dense_forward", DENSE)
def bias_before_product(x, W, b):
    """You added the bias before the product. The bias belongs to the outputs: xW + b."""
    return (x + b) @ W


@misconception("ps1.dense_forward", DENSE)
def bias_once_for_all(x, W, b):
    """You added the sum of the biases to every unit. Each output unit has its own bias."""
    return x @ W + b.sum()


@misconception("ps1.dense_forward", DENSE)
def averaged_over_inputs(x, W, b):
    """You divided the weighted sum by the number of inputs. The net input is the plain sum, plus the bias."""
    return x @ W / x.shape[1] + b


@misconception("ps1.dense_backward", DENSE)
def bias_gradient_averaged(dout, x, W):
    """You averaged dout for db. The loss has divided by N already: sum over the rows."""
    dx, dW, _ = right_dense_backward(dout, x, W)
    return dx, dW, dout.mean(axis=0)


@misconception("ps1.dense_backward", DENSE)
def bias_gradient_not_summed(dout, x, W):
    """You returned dout itself for db. One bias serves every row, so its gradient is the sum over the rows."""
    dx, dW, _ = right_dense_backward(dout, x, W)
    return dx, dW, dout


@misconception("ps1.dense_backward", DENSE)
def bias_gradient_over_units(dout, x, W):
    """You summed dout over the units for db. Sum over the rows, axis 0: one number a unit stays."""
    dx, dW, _ = right_dense_backward(dout, x, W)
    return dx, dW, dout.sum(axis=1)


@misconception("ps1.dense_backward", DENSE)
def weight_gradient_averaged(dout, x, W):
    """You divided by N. The loss's mean has put the 1/N into dout already; here gradients add up."""
    return dout @ W.T, x.T @ dout / len(x), dout.sum(axis=0) / len(x)


@misconception("ps1.dense_backward", DENSE)
def weight_gradient_transposed(dout, x, W):
    """Your dW is transposed. It has the shape of W, (in, out), which is x.T @ dout."""
    dx, dW, db = right_dense_backward(dout, x, W)
    return dx, dW.T, db


@misconception("ps1.dense_backward", DENSE)
def input_gradient_untransposed(dout, x, W):
    """You used W as it is for dx. Going backward the product turns round: dout @ W.T."""
    _, dW, db = right_dense_backward(dout, x, W)
    return dout @ W, dW, db


@misconception("ps1.dense_backward", DENSE)
def order_of_results(dout, x, W):
    """You returned the three in another order. Asked for is (dx, dW, db)."""
    dx, dW, db = right_dense_backward(dout, x, W)
    return dW, db, dx


@misconception("ps1.relu_backward", GATES)
def gradient_at_zero_is_one(dout, x):
    """You let the gradient through where x is exactly 0. This course takes 0 there: compare with x > 0."""
    return dout * (x >= 0)


@misconception("ps1.relu_backward", GATES)
def relu_of_the_gradient(dout, x):
    """You applied ReLU to dout. The sign of x decides what passes, whatever the sign of the gradient."""
    return np.maximum(dout, 0)


@misconception("ps1.relu_backward", GATES)
def gate_from_gradient(dout, x):
    """You let pass where dout is positive as well as x. Negative gradients pass too, wherever x is positive."""
    return dout * ((x > 0) & (dout > 0))


@misconception("ps1.relu_backward", GATES)
def multiplied_by_output(dout, x):
    """You multiplied by max(x, 0). The slope of ReLU is 1 where it is on, not x."""
    return dout * np.maximum(x, 0)


@misconception("ps1.relu_backward", GATES)
def slope_without_upstream(dout, x):
    """You returned ReLU's own slope. Multiply it by dout, the gradient that arrives."""
    return (x > 0).astype(dout.dtype)


@misconception("ps1.relu_backward", GATES)
def sign_instead_of_step(dout, x):
    """You multiplied by the sign of x. Where x is negative ReLU is flat, so nothing passes: 0, not −1."""
    return dout * np.sign(x)


@misconception("ps1.relu_backward", GATES)
def passes_everything(dout, x):
    """You let the whole gradient through. Where x was negative the output did not move with it: set 0 there."""
    return dout.copy()


@misconception("ps1.relu_backward", GATES)
def passes_where_negative(dout, x):
    """You let pass where x is negative. It is the other way round: ReLU is on where x > 0."""
    return dout * (x < 0)


def _network(params, x, labels, gate=lambda hidden, active: hidden > 0, into_second=None, scale=1.0):
    """The right passes, with one part exchanged."""
    hidden = x @ params["W1"] + params["b1"]
    active = np.maximum(hidden, 0)
    loss, dlogits = right_cross_entropy(active @ params["W2"] + params["b2"], labels)
    dlogits = dlogits * scale
    dhidden = (dlogits @ params["W2"].T) * gate(hidden, active)
    source = active if into_second is None else into_second(hidden)
    grads = {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0), "W2": source.T @ dlogits, "b2": dlogits.sum(axis=0)}
    return loss, grads


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def relu_forgotten_backward(params, x, labels):
    """You sent the gradient past the ReLU as if it were not there. Multiply by 1 where the hidden unit was on, by 0
    where it was off."""
    return _network(params, x, labels, gate=lambda hidden, active: 1.0)


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def net_input_into_second_layer(params, x, labels):
    """You used the hidden units' net inputs for dW2. The second layer saw their activations, after the ReLU."""
    return _network(params, x, labels, into_second=lambda hidden: hidden)


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def relu_forgotten_forward(params, x, labels):
    """You left the ReLU out. Two dense layers without it are one dense layer."""
    hidden = x @ params["W1"] + params["b1"]
    loss, dlogits = right_cross_entropy(hidden @ params["W2"] + params["b2"], labels)
    dhidden = dlogits @ params["W2"].T
    grads = {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0), "W2": hidden.T @ dlogits, "b2": dlogits.sum(axis=0)}
    return loss, grads


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def gradients_of_summed_loss(params, x, labels):
    """Your loss is a mean and your gradients are those of the sum. Every gradient is N times too large."""
    return _network(params, x, labels, scale=len(labels))


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def divided_twice(params, x, labels):
    """You divided by N twice. The cross-entropy's gradient holds the 1/N; the layers only add up."""
    return _network(params, x, labels, scale=1 / len(labels))


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def gate_is_the_activation(params, x, labels):
    """You multiplied the gradient by the activation itself. ReLU's slope is 1 where the unit is on."""
    return _network(params, x, labels, gate=lambda hidden, active: active)


@misconception("ps1.mlp_loss_and_gradients", NETWORK)
def relu_after_the_output(params, x, labels):
    """You applied ReLU to the logits as well. The last layer is linear: softmax needs negative logits too."""
    hidden = x @ params["W1"] + params["b1"]
    active = np.maximum(hidden, 0)
    logits = active @ params["W2"] + params["b2"]
    loss, dlogits = right_cross_entropy(np.maximum(logits, 0), labels)
    dlogits = dlogits * (logits > 0)
    dhidden = (dlogits @ params["W2"].T) * (hidden > 0)
    grads = {"W1": x.T @ dhidden, "b1": dhidden.sum(axis=0), "W2": active.T @ dlogits, "b2": dlogits.sum(axis=0)}
    return loss, grads


def _differences(f, x, h, above, below, width, one=True):
    gradient, moved = np.zeros_like(x), x.copy()
    for place in np.ndindex(x.shape):
        moved[place] = x[place] + above * h
        high = f(moved)
        moved[place] = x[place] - below * h
        low = f(moved)
        if one:
            moved[place] = x[place]
        gradient[place] = (high - low) / (width * h)
    return gradient


@misconception("ps1.numerical_gradient", CHECKING)
def forward_differences(f, x, h=1e-5):
    """You stepped to one side only. Central differences step h to each side; their error shrinks with h², not h."""
    return _differences(f, x, h, 1, 0, 1)


@misconception("ps1.numerical_gradient", CHECKING)
def backward_differences(f, x, h=1e-5):
    """You stepped back only. Central differences step h to each side; their error shrinks with h², not h."""
    return _differences(f, x, h, 0, 1, 1)


@misconception("ps1.numerical_gradient", CHECKING)
def divided_by_h(f, x, h=1e-5):
    """You divided by h. The two points are 2h apart."""
    return _differences(f, x, h, 1, 1, 1)


@misconception("ps1.numerical_gradient", CHECKING)
def half_steps(f, x, h=1e-5):
    """You stepped h/2 to each side. Asked for is h to each side, divided by 2h."""
    return _differences(f, x, h, 0.5, 0.5, 1)


@misconception("ps1.numerical_gradient", CHECKING)
def entry_not_put_back(f, x, h=1e-5):
    """You left each entry moved when you went on to the next. Put it back first: only one may be moved at a time."""
    return _differences(f, x, h, 1, 1, 2, one=False)


@misconception("ps1.numerical_gradient", CHECKING)
def own_step(f, x, h=1e-5):
    """You stepped by 1e-5 whatever h was given. Use the argument h."""
    return _differences(f, x, 1e-5, 1, 1, 2)


@misconception("ps1.numerical_gradient", CHECKING)
def all_entries_at_once(f, x, h=1e-5):
    """You moved all entries at once, which gives the slope along the diagonal. Move one entry at a time."""
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


@misconception("ps1.numerical_gradient", CHECKING)
def sign_turned(f, x, h=1e-5):
    """You subtracted the higher point from the lower. The derivative is f(x + h) − f(x − h), over 2h."""
    return _differences(f, x, h, -1, -1, 2)
