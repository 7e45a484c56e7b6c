"""Other right answers to problem set 4, as students write them."""

LOOPS = {
    "sgd_step": """
def sgd_step(w, grad, state, lr):
    new = w.copy()
    for place in np.ndindex(w.shape):
        new[place] = w[place] - lr * grad[place]
    return new, state
""",
    "momentum_step": """
def momentum_step(w, grad, state, lr, momentum):
    if not state:
        state = {"velocity": np.zeros_like(w)}
    new, velocity = np.empty_like(w), np.empty_like(w)
    for i in np.ndindex(*w.shape):
        velocity[i] = momentum * state["velocity"][i] + grad[i]
        new[i] = w[i] - lr * velocity[i]
    return new, {"velocity": velocity}
""",
    "nesterov_step": """
def nesterov_step(w, grad, state, lr, momentum):
    old = state["velocity"] if "velocity" in state else np.zeros(w.shape, w.dtype)
    new, velocity = w.copy(), old.copy()
    for i in np.ndindex(*w.shape):
        velocity[i] = momentum * old[i] + grad[i]
        new[i] -= lr * grad[i]
        new[i] -= lr * momentum * velocity[i]
    return new, {"velocity": velocity}
""",
    "adagrad_step": """
import math

def adagrad_step(w, grad, state, lr, eps):
    squares = list(state.get("squares", [0.0] * w.size))
    new = w.copy()
    for k, i in enumerate(np.ndindex(*w.shape)):
        squares[k] += float(grad[i]) ** 2
        new[i] = w[i] - lr * float(grad[i]) / (math.sqrt(squares[k]) + eps)
    return new, {"squares": squares}
""",
    "rmsprop_step": """
import math

def rmsprop_step(w, grad, state, lr, decay, eps):
    s = state["s"].copy() if state else np.zeros(w.shape)
    new = np.zeros_like(w)
    for i in np.ndindex(*w.shape):
        s[i] = s[i] * decay + float(grad[i]) * float(grad[i]) * (1 - decay)
        new[i] = w[i] - lr * float(grad[i]) / (math.sqrt(s[i]) + eps)
    return new, {"s": s}
""",
    "adam_step": """
import math

def adam_step(w, grad, state, lr, beta1, beta2, eps):
    if state == {}:
        state = {"t": 0, "m": np.zeros(w.shape).tolist(), "v": np.zeros(w.shape).tolist()}
    t = state["t"] + 1
    m, v = np.array(state["m"]), np.array(state["v"])
    new = w.copy()
    for i in np.ndindex(*w.shape):
        g = float(grad[i])
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        new[i] = w[i] - lr * (m[i] / (1 - beta1**t)) / (math.sqrt(v[i] / (1 - beta2**t)) + eps)
    return new, {"t": t, "m": m.tolist(), "v": v.tolist()}
""",
    "adamw_step": """
import math

def adamw_step(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    t = state.get("t", 0) + 1
    m = np.array(state.get("m", np.zeros_like(w)))
    v = np.array(state.get("v", np.zeros_like(w)))
    new = np.zeros_like(w)
    for i in np.ndindex(*w.shape):
        m[i] = beta1 * m[i] + (1 - beta1) * grad[i]
        v[i] = beta2 * v[i] + (1 - beta2) * grad[i] ** 2
        m_hat, v_hat = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
        new[i] = w[i] - lr * (m_hat / (math.sqrt(v_hat) + eps) + weight_decay * w[i])
    return new, {"t": t, "m": m, "v": v}
""",
    "lars_step": """
import math

def lars_step(w, grad, state, lr, momentum, weight_decay, trust):
    w_norm = g_norm = 0.0
    for i in np.ndindex(*w.shape):
        w_norm += float(w[i]) ** 2
        g_norm += float(grad[i]) ** 2
    w_norm, g_norm = math.sqrt(w_norm), math.sqrt(g_norm)
    if w_norm == 0 or g_norm + weight_decay * w_norm == 0:
        local = 1
    else:
        local = trust * w_norm / (g_norm + weight_decay * w_norm)
    old = state.get("v")
    new, v = w.copy(), np.zeros_like(w)
    for i in np.ndindex(*w.shape):
        v[i] = lr * local * (grad[i] + weight_decay * w[i])
        if old is not None:
            v[i] += momentum * old[i]
        new[i] = w[i] - v[i]
    return new, {"v": v}
""",
}

REARRANGED = {
    "sgd_step": """
def sgd_step(w, grad, state, lr):
    return np.add(w, np.multiply(grad, -lr)), dict(state)
""",
    "momentum_step": """
def momentum_step(w, grad, state, lr, momentum):
    v = state.get("v", np.zeros_like(w)) * momentum - grad
    return w + lr * v, {"v": v}
""",
    "nesterov_step": """
def nesterov_step(w, grad, state, lr, momentum):
    v = state.get("v", np.zeros_like(w))
    return w - lr * ((1 + momentum) * grad + momentum**2 * v), {"v": grad + momentum * v}
""",
    "adagrad_step": """
def adagrad_step(w, grad, state, lr, eps):
    s = state.get("s", np.zeros(w.shape, w.dtype)) + np.square(grad)
    return w - grad * (lr / (s**0.5 + eps)), dict(s=s)
""",
    "rmsprop_step": """
def rmsprop_step(w, grad, state, lr, decay, eps):
    s = state.get("s", np.zeros_like(w))
    s = s + (1 - decay) * (grad * grad - s)
    return w - grad / (np.sqrt(s) + eps) * lr, {"s": s}
""",
    "adam_step": """
import math

def adam_step(w, grad, state, lr, beta1, beta2, eps):
    t, m, v = state.get("step", 0) + 1, state.get("m", np.zeros_like(w)), state.get("v", np.zeros_like(w))
    m = m + (1 - beta1) * (grad - m)
    v = v + (1 - beta2) * (grad * grad - v)
    root = math.sqrt(1 - beta2**t)
    return w - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), {"step": t, "m": m, "v": v}
""",
    "adamw_step": """
def adamw_step(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    shrunk = w * (1 - lr * weight_decay)
    return adam_step(shrunk, grad, state, lr, beta1, beta2, eps)
""",
    "lars_step": """
def lars_step(w, grad, state, lr, momentum, weight_decay, trust):
    a, b = np.sqrt(np.sum(w * w)), np.sqrt(np.sum(grad * grad))
    local = trust / (b / a + weight_decay) if a and (b or weight_decay) else 1.0
    u = state.get("u", np.zeros_like(w)) * momentum - (lr * local) * grad - (lr * local * weight_decay) * w
    return w + u, {"u": u}
""",
}

KEPT_OTHERWISE = {
    "sgd_step": """
def sgd_step(w, grad, state, lr):
    w = np.array(w, order="F")
    w -= lr * grad
    return w, {"step": state.get("step", 0) + 1, "rule": "gradient descent"}
""",
    "momentum_step": """
def momentum_step(w, grad, state, lr, momentum):
    past = state.get("gradients", []) + [grad.copy()]
    v = sum(momentum**age * g for age, g in enumerate(reversed(past)))
    return w - lr * v, {"gradients": past}
""",
    "nesterov_step": """
def nesterov_step(w, grad, state, lr, momentum):
    past = [*state.get("gradients", ()), grad]
    v = np.zeros_like(w)
    for g in past:
        v = momentum * v + g
    return w - lr * (grad + momentum * v), {"gradients": tuple(past)}
""",
    "adagrad_step": """
def adagrad_step(w, grad, state, lr, eps):
    past = np.concatenate([state["all"], grad[None]]) if state else grad[None].copy()
    return w - lr * grad / (np.linalg.norm(past, axis=0) + eps), {"all": past}
""",
    "rmsprop_step": """
def rmsprop_step(w, grad, state, lr, decay, eps):
    rms = np.sqrt(decay * state.get("rms", np.zeros_like(w)) ** 2 + (1 - decay) * grad**2)
    return w - lr * grad / (rms + eps), {"rms": rms}
""",
    "adam_step": """
def adam_step(w, grad, state, lr, beta1, beta2, eps):
    grads = state.get("grads", []) + [grad]
    m_weights = np.array([beta1**age for age in range(len(grads))])
    v_weights = np.array([beta2**age for age in range(len(grads))])
    m_hat = sum(a * g for a, g in zip(m_weights / m_weights.sum(), grads[::-1]))
    v_hat = sum(a * g**2 for a, g in zip(v_weights / v_weights.sum(), grads[::-1]))
    step = lr * m_hat / (np.sqrt(v_hat) + eps)
    return (w - step).astype(w.dtype), {"grads": grads}
""",
    "adamw_step": """
def adamw_step(w, grad, state, lr, beta1, beta2, eps, weight_decay):
    m, v, power1, power2 = state.get("kept", [np.zeros_like(w), np.zeros_like(w), 1.0, 1.0])
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    power1, power2 = power1 * beta1, power2 * beta2
    scale = np.sqrt(v / (1 - power2)) + eps
    new = np.copy(w)
    new -= lr * weight_decay * w
    new -= lr / (1 - power1) * m / scale
    return new, {"kept": [m, v, power1, power2]}
""",
    "lars_step": """
def lars_step(w, grad, state, lr, momentum, weight_decay, trust):
    below = np.linalg.norm(grad) + weight_decay * np.linalg.norm(w)
    rate = float(trust * np.linalg.norm(w) / below) if below > 0 and np.any(w) else 1.0
    moved, inner = momentum_step(w, lr * rate * (grad + weight_decay * w), state.get("inner", {}), 1.0, momentum)
    return moved, {"inner": inner, "last": [rate]}
""",
}

VARIANTS = {"loops": LOOPS, "rearranged": REARRANGED, "kept otherwise": KEPT_OTHERWISE}
