"""Every chapter holds what the course promises of it: each subject is found in its prose or cells."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"

SUBJECTS = {
    "forward-pass": [
        "neuron", "net input", "activation", "layer", "mean squared error", "cross-entropy", "softmax",
        "maximum likelihood", "log-likelihood", "training_loop",
    ],
    "backpropagation": [
        "chain rule", "local", "upstream", "x = -2", "sigmoid neuron", "dense layer", "two forward passes",
        "gradient_check", "clinic",
    ],
    "gradient-descent": [
        "learning rate", r"2/\\lambda", "diverge", "stochastic", "mini-batch", "variance", "updates", "memory", "escap",
        "lake", "ravine", "saddle", "plateau",
    ],
    "initialization": [
        "symmetr", "too small", "too large", "Xavier", "He", "LeCun", "orthogonal", "standard deviation", "bias",
        "xavier_uniform", "he_normal",
    ],
    "gradient-flow": [
        "vanish", "explod", "spectral radius", "recurrent", "saturat", "dead", "BatchNorm", "LayerNorm", "skip", "clip",
    ],
    "optimizers": [
        "momentum", "momentum_phase", "Nesterov", "AdaGrad", "RMSProp", "Adam", "bias correction", "AdamW", "LARS",
        "LAMB", "Lion", "Muon", "schedule", "warm-up", "state_bytes_per_parameter", "tunables",
    ],
    "regularization": [
        "over-parameteri[sz]", "over-fit", "augmentation", "L1", "sparse|sparsity", "L2", "weight decay", "dropout",
        "0.2", "inverted", "ensemble", "early stopping", "double descent",
    ],
    "capacity": [
        "universal approximation", "depth", "width", "cross-validat", "linear model|nearly linear", "saturat",
        "compact",
    ],
    "breakthroughs": [
        "label", "slow|compute", "initial", "restricted Boltzmann", "contrastive divergence", "pre-train",
        "deep belief", "2006", "2010", "2015",
    ],
    "scaling-out": [
        "shard", "all-reduce", "Amdahl", "large batch", "linear rule|learning-rate scaling", "LARS", "BatchNorm",
        "mpiexec", "cuda|GPU",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_subject_is_there(name: str) -> None:
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    plain = re.sub(r"\{term\}`([^`<]*?)(?: <[^>]*>)?`", r"\1", text)
    assert [subject for subject in SUBJECTS[name] if not re.search(subject, plain, flags=re.IGNORECASE)] == []
