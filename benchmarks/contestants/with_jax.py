"""JAX: one jitted function a step, Adam by optax, old buffers donated to new ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from benchmarks.contestants import Train
from benchmarks.problems import LR, Problem


def start(problem: Problem, variant: str) -> Train:
    """The network as a pure function of its parameters."""
    optimizer = optax.adam(LR)

    def loss_of(parameters: list, x: jax.Array, y: jax.Array) -> jax.Array:
        for w, b in parameters[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = parameters[-1]
        return optax.softmax_cross_entropy_with_integer_labels(x @ w + b, y).mean()

    def step(parameters: list, state: optax.OptState, x: jax.Array, y: jax.Array) -> tuple:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(parameters, updates), state, loss

    step = jax.jit(step, donate_argnums=(0, 1))
    parameters = [(jnp.array(w), jnp.array(b)) for w, b in problem.weights]
    state = optimizer.init(parameters)
    batches = [(jnp.asarray(x), jnp.asarray(y)) for x, y in zip(*problem.data, strict=True)]
    done = 0

    def train(steps: int, losses: bool) -> list[float] | None:
        nonlocal done, parameters, state
        record = []
        for _ in range(steps):
            parameters, state, loss = step(parameters, state, *batches[done % len(batches)])
            done += 1
            if losses:
                record.append(float(loss))
        jax.block_until_ready(parameters)
        return record if losses else None

    return train
