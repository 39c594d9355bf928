"""Answers to the exercises of chapter 12: right ones, and wrong ones with their hints."""

import torch


def gradient(x, w, gate=True, whole=True, sign=1.0, mean=False, plus=0.0):
    """The gradient of the summed negative entropy, with slips if wanted."""
    h = (x @ w).relu()
    p = h.softmax(1)
    g = (p * p.log()).sum(1, keepdim=True)
    pull = p * (p.log() + plus - (g if whole else 0))
    return sign * x.T @ (pull * (h > 0 if gate else 1)) / (len(x) if mean else 1)


def excess(share, degree, classes, node=1, mean=1):
    """By how much the own class outweighs one other, with slips if wanted."""
    own, other = node + degree * share, degree * (1 - share) / (classes - 1)
    return (own - other) / (degree + mean)


RIGHT = [
    ("12-entropy", gradient),
    ("12-entropy", lambda x, w: gradient(x.float(), w.float())),
    ("12-entropy", lambda x, w: gradient(x, w).numpy()),
    ("12-entropy", lambda x, w: gradient(x, w).tolist()),
    ("12-blur", excess),
    ("12-blur", lambda share, d, c: torch.tensor(excess(share, d, c))),
    ("12-stale", lambda layer, t: torch.tensor(t - layer)),
    ("12-stale", lambda layer, t: float(t - layer)),
]

WRONG = [
    ("12-entropy", lambda x, w: gradient(x, w, gate=False), "closed"),
    ("12-entropy", lambda x, w: gradient(x, w, whole=False), "p is a softmax"),
    ("12-entropy", lambda x, w: gradient(x, w, whole=False, plus=1.0), "p is a softmax"),
    ("12-entropy", lambda x, w: gradient(x, w, sign=-1.0), "which sign"),
    ("12-entropy", lambda x, w: gradient(x, w, mean=True), "not averaged"),
    ("12-entropy", lambda x, w: torch.ones(4, 5), "three factors"),
    ("12-entropy", lambda x, w: 1.01 * gradient(x, w), "three factors"),
    ("12-entropy", lambda x, w: 1.0, "shape of W, (4, 5)"),
    ("12-blur", lambda share, d, c: excess(share, d, c, node=0), "the node itself"),
    ("12-blur", lambda share, d, c: excess(share, d, c, node=0, mean=0), "the node itself"),
    ("12-blur", lambda share, d, c: (d + 1) * excess(share, d, c), "by how many nodes"),
    ("12-blur", lambda share, d, c: excess(share, d, c, mean=0), "over how many nodes"),
    ("12-blur", lambda share, d, c: excess(share, d, 2), "not by all of them"),
    ("12-blur", lambda share, d, c: -excess(share, d, c), "which sign"),
    ("12-blur", lambda share, d, c: share - 1 / c, "How many of the nodes"),
    ("12-stale", lambda layer, t: t - 1, "whole net within one step"),
    ("12-stale", lambda layer, t: t - layer + 1, "one update too many"),
    ("12-stale", lambda layer, t: t - layer + (layer > 3), "one update too many"),
    ("12-stale", lambda layer, t: t - 2, "not for layer 3 in step 3"),
    ("12-stale", lambda layer, t: t, "Follow one signal"),
]
