"""The same checks on functions that run in the sandbox: every kind of bad function costs its own exercise, no more."""

import nbformat
import pytest
from classroom import COURSE, filled, grade_id

from nnlab.grading.grader.assembling import cells_of
from nnlab.grading.grader.judging import Job, Judgement, judge
from nnlab.grading.grader.testcells import imports_of

# Of each function: how it is bad, the tests it loses, and what their messages say.
PS1 = {
    "graph_gradients": (
        "",
        {"test_graph_forward", "test_graph_gradients"},
        "There is no function graph_gradients in this notebook. The name must be",
    ),
    "softmax": (
        "def soft_max(logits): return logits",
        {"test_softmax"},
        "There is no function softmax in this notebook. There is soft_max: is that it?",
    ),
    "cross_entropy": (
        "def cross_entropy(logits, labels): print(logits)",
        {"test_cross_entropy_loss", "test_cross_entropy_gradient"},
        "It must return 2 things, (loss, dlogits); it returned None.",
    ),
    "mean_squared_error": (
        "def mean_squared_error(pred, target):\n"
        "    e = pred - target\n"
        "    return (e**2).mean(), (2 * e / e.size).tolist()",
        {"test_mean_squared_error_gradient"},
        "dpred must be a NumPy array; it is a list.",
    ),
    "dense_forward": (
        "def dense_forward(x, W, b): return (x @ W + b).astype(object)",
        {"test_dense_forward"},
        "object",
    ),
    "dense_backward": (
        "def dense_backward(dout, x, W): return dout @ W.T, x.T @ dout * np.nan, dout.sum(axis=0, keepdims=True)",
        {"test_dense_backward_dW", "test_dense_backward_db"},
        "dW holds nan, first at [0, 0].",
    ),
    "relu_backward": (
        "def relu_backward(dout, x):\n    while True: pass",
        {"test_relu_backward"},
        "relu_backward was still running after 5 seconds.",
    ),
    "mlp_loss_and_gradients": (
        "def mlp_loss_and_gradients(params, x, labels): exit()",
        {"test_mlp_loss", "test_mlp_gradients"},
        "mlp_loss_and_gradients called exit.",
    ),
    "numerical_gradient": (
        "def numerical_gradient(f, x, h=1e-5): print('x' * 2_000_000)",
        {"test_numerical_gradient"},
        "printed more than 100,000 characters in one call.",
    ),
}
PS4 = {
    "sgd_step": (
        "def sgd_step(w, grad, state, lr):\n    w -= lr * grad\n    return w, {}",
        {"test_sgd_step"},
        "w must be the same after step 1 as before it",
    ),
    "momentum_step": (
        "def momentum_step(w, grad, state, lr, momentum):\n"
        "    state['v'] = momentum * state.get('v', 0) + grad\n"
        "    return w - lr * state['v'], state",
        {"test_momentum_first", "test_momentum_path"},
        "state must be the same after step 1 as before it",
    ),
}


def judged(warm: str, problem_set: str, name: str, bad: dict[str, tuple[str, set[str], str]]) -> Judgement:
    """The reference with these bad functions, up to the test after the last of them."""
    source = nbformat.read(COURSE / "source" / problem_set / f"{name}.ipynb", as_version=4)
    notebook = filled(source, {cell: own for cell, (own, _, _) in bad.items()})
    names = [grade_id(cell) for cell in notebook.cells]
    last = max(names.index(test) for _, lost, _ in bad.values() for test in lost)
    after = [index for index, test in enumerate(names) if test.startswith("test_") and index > last]
    del notebook.cells[(after[0] if after else last) + 1 :]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code" and grade_id(cell) not in bad]
    return judge(Job(cells_of(notebook), imports_of(code), warm, "bwrap", {}))


@pytest.mark.parametrize(
    ("problem_set", "name", "bad"),
    [("ps1", "backpropagation", PS1), ("ps4", "optimizers", PS4)],
    ids=["ps1", "ps4"],
)
def test_a_bad_function_costs_its_own_exercise_and_says_why(
    warm: str, problem_set: str, name: str, bad: dict[str, tuple[str, set[str], str]]
) -> None:
    verdicts = {verdict.grade_id: verdict for verdict in judged(warm, problem_set, name, bad).verdicts}
    assert {name for name, verdict in verdicts.items() if verdict.score == 0} == set().union(
        *(lost for _, lost, _ in bad.values())
    )
    for function, (_, lost, words) in bad.items():
        said = [verdicts[test].explanation for test in lost]
        assert all(len(lines) <= 12 for lines in said), function
        assert any(words in " ".join(" ".join(lines).split()) for lines in said), (function, said)
