"""scikit-learn's MLPClassifier, a mini-batch at a time by ``partial_fit``.

With two classes it trains one logistic output instead of a softmax of two: the same function, in less work.
"""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.contestants import Train
from benchmarks.problems import LR, Problem


def start(problem: Problem, variant: str) -> Train:
    """The classifier with the problem's weights and a fresh Adam."""
    xs, ys = problem.data
    classifier = MLPClassifier(
        problem.sizes[1:-1], solver="adam", learning_rate_init=LR, alpha=0.0, batch_size=problem.batch, shuffle=False
    )
    classifier.partial_fit(xs[0], ys[0], classes=np.arange(problem.sizes[-1]))
    for (w, b), coefs, intercepts in zip(problem.weights, classifier.coefs_, classifier.intercepts_, strict=True):
        # the logit of class 1 against class 0
        coefs[...] = w if w.shape == coefs.shape else w[:, 1:] - w[:, :1]
        intercepts[...] = b if b.shape == intercepts.shape else b[1:] - b[:1]
    optimizer = classifier._optimizer
    optimizer.t = 0
    for moments in (optimizer.ms, optimizer.vs):
        for moment in moments:
            moment[...] = 0
    done = 0

    def train(steps: int, losses: bool) -> list[float] | None:
        nonlocal done
        record = []
        for _ in range(steps):
            classifier.partial_fit(xs[done % len(xs)], ys[done % len(xs)])
            done += 1
            if losses:
                record.append(float(classifier.loss_))
        return record if losses else None

    return train
