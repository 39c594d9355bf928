"""Answers to the exercises of chapter 15: right ones, and wrong ones with their hints."""

from itertools import permutations

import torch


def matched(table):
    """The best of all one-to-one matchings."""
    orders = permutations(range(len(table)))
    return max(sum(table[k, c] for k, c in enumerate(order)) for order in orders) / table.sum()


def greedy(table):
    """The largest entry first."""
    left, found = table.clone(), 0
    for _ in range(len(table)):
        row, column = divmod(int(left.argmax()), len(table))
        found += table[row, column]
        left[row], left[:, column] = -1, -1
    return found / table.sum()


def entropy(counts):
    """In nats; empty parts count as 0."""
    p = counts[counts > 0] / counts.sum()
    return -(p * p.log()).sum()


def parts(table):
    """Entropies of clusters and classes, and what they share."""
    clusters, classes = entropy(table.sum(1)), entropy(table.sum(0))
    return clusters, classes, clusters + classes - entropy(table.flatten())


def nmi(table):
    """Mutual information over the mean of both entropies."""
    clusters, classes, shared = parts(table)
    return 2 * shared / (clusters + classes)


def careless(table):
    """0 log 0 is not a number."""
    p = table.flatten() / table.sum()
    return (p * p.log()).sum()


def gradient(h, h_minus, J, s, one=torch.sigmoid, other=torch.sigmoid):
    """In J, of both means of softplus."""
    pull, push = one(-(h @ J @ s)), other(h_minus @ J @ s)
    return torch.outer(push @ h_minus - pull @ h, s) / len(h)


RIGHT = [
    ("15-matched", matched),
    ("15-matched", lambda table: matched(table).item()),
    ("15-nmi", nmi),
    ("15-nmi", lambda table: float(nmi(table.float()))),
    ("15-gradient", gradient),
    ("15-gradient", lambda *args: gradient(*args).tolist()),
]

WRONG = [
    ("15-matched", lambda table: matched(table) * table.sum(), "which share of all"),
    ("15-matched", lambda table: table.amax(1).sum() / table.sum(), "two clusters share a class"),
    ("15-matched", lambda table: table.amax(0).sum() / table.sum(), "two classes share"),
    ("15-matched", greedy, "largest entry first"),
    ("15-matched", lambda table: table.trace() / table.sum(), "cluster 0 need not be class 0"),
    ("15-matched", lambda table: matched(table) / len(table), "by nothing else"),
    ("15-matched", lambda table: 0.99 * matched(table), "in each one-to-one matching"),
    ("15-matched", lambda table: table[0], "one number is asked for"),
    ("15-nmi", careless, "0 log 0"),
    ("15-nmi", lambda table: nmi(table) / 2, "not their sum"),
    ("15-nmi", lambda table: parts(table)[2], "in nats"),
    ("15-nmi", lambda table: parts(table)[2] / torch.tensor(2.0).log(), "mutual information"),
    ("15-nmi", lambda table: parts(table)[2] / max(parts(table)[:2]), "the mean of the entropies"),
    (
        "15-nmi",
        lambda table: parts(table)[2] / (parts(table)[0] * parts(table)[1]) ** 0.5,
        "arithmetic mean",
    ),
    ("15-nmi", lambda table: 1.01 * nmi(table), "less that of pairs"),
    ("15-nmi", lambda table: table.sum(1), "one number is asked for"),
    ("15-gradient", lambda *args: -gradient(*args), "which sign"),
    ("15-gradient", lambda *args: gradient(*args) * 6, "not sums"),
    ("15-gradient", lambda *args: gradient(*args).T, "columns to units of s"),
    ("15-gradient", lambda *args: gradient(*args, other=lambda g: 0 * g), "rows of the shuffle"),
    ("15-gradient", lambda *args: gradient(*args, one=lambda g: 0 * g), "rows of the graph"),
    ("15-gradient", lambda *args: gradient(*args, one=lambda g: (-g).sigmoid()), "softplus(-g)"),
    ("15-gradient", lambda *args: gradient(*args, other=lambda g: (-g).sigmoid()), "softplus(g)"),
    (
        "15-gradient",
        lambda *args: gradient(*args, one=torch.ones_like, other=torch.ones_like),
        "how far is each row",
    ),
    ("15-gradient", lambda *args: 1.01 * gradient(*args), "a sum over pairs"),
    ("15-gradient", lambda h, h_minus, J, s: s, "has the shape of J, (4, 4)"),
]
