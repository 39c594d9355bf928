"""Answers to the exercises of chapter 5: right ones, and wrong ones with their hints."""

import numpy as np
import torch


def draw(labels, classes, k, generator, known=-1.0):
    """Wrong labels, in the order of random numbers; the true one comes last."""
    order = torch.rand(len(labels), classes, generator=generator)
    order[torch.arange(len(labels)), labels] = known
    return order.argsort(dim=1, descending=True)[:, :k].t()


def shift(labels, classes, k, generator):
    """All nodes take the same steps away from their label."""
    steps = 1 + torch.randperm(classes - 1, generator=generator)[:k]
    return (labels + steps[:, None]) % classes


def with_replacement(labels, classes, k, generator):
    """Each negative is drawn as if there were no other."""
    steps = torch.randint(1, classes, (k, len(labels)), generator=generator)
    return (labels + steps) % classes


def rising(labels, classes, k, generator):
    """A right choice of wrong labels, always from the smallest to the largest."""
    return draw(labels, classes, k, generator).sort(dim=0).values


def some(rule, every):
    """The rule for all nodes but one of so many, which are drawn as they should be."""

    def answer(labels, classes, k, generator):
        wrong = draw(labels, classes, k, generator)
        ruled = rule(labels, classes, k, generator)
        return torch.where(torch.arange(len(labels)) % every == 0, wrong, ruled)

    return answer


def short_of_one(labels, classes, k, generator):
    """Right, but for as many negatives as there are wrong classes."""
    return draw(labels, classes, k, generator, 2.0 if k == classes - 1 else -1.0)


def uniform(a, unlabelled, w):
    """What the uniform labels add."""
    return a[:, unlabelled].sum(1, keepdim=True) * w.mean(0)


RIGHT = [
    ("05-weights", lambda d, known: [torch.tensor(1 / (1 + d)), np.float32((d - known) / (1 + d))]),
    ("05-uniform", lambda a, unlabelled, w: uniform(a, unlabelled, w).double()),
    ("05-uniform", lambda a, u, w: a @ (u[:, None] / len(w) * torch.ones(1, len(w))) @ w),
    ("05-uniform", lambda a, u, w: a @ u.float()[:, None] * w.mean(0)),
    ("05-uniform", lambda a, u, w: uniform(a, u, w).numpy()),
    ("05-uniform", lambda a, u, w: list(uniform(a, u, w).numpy())),
    ("05-uniform", lambda a, u, w: uniform(a, u, w).tolist()),
    ("05-negatives", lambda *given: draw(*given).int()),
    ("05-negatives", lambda *given: draw(*given).numpy()),
    ("05-negatives", lambda *given: draw(*given).tolist()),
    ("05-rows", lambda n, t, c, k, depth: [float(t + t * k), torch.tensor(depth * c * n)]),
]

WRONG = [
    ("05-weights", lambda d, known: (1 / d, (d - known) / d), "Count its own"),
    ("05-weights", lambda d, known: (0.3, 0.5), "all degrees are equal"),
    ("05-weights", lambda d, known: (1 / (1 + d), d / (1 + d)), "whose label is given"),
    ("05-weights", lambda d, known: (1 / (1 + d), (1 + d - known) / (1 + d)), "counted twice"),
    ("05-weights", lambda d, known: (1 / (1 + d), 0.0), "what weight has each"),
    ("05-weights", lambda d, known: [1 / (1 + d)], "two numbers"),
    ("05-uniform", lambda a, u, w: 3 * uniform(a, u, w), "how much of each class"),
    ("05-uniform", lambda a, u, w: u[:, None] * w.mean(0), "propagated"),
    ("05-uniform", lambda a, u, w: uniform(a.T, u, w), "row i of A_hat"),
    ("05-uniform", lambda a, u, w: uniform(a, u | ~u, w), "do carry a label"),
    ("05-uniform", lambda a, u, w: uniform(a, ~u, w), "which ones"),
    ("05-uniform", lambda a, u, w: torch.zeros(5, 4), "write the label columns"),
    ("05-uniform", lambda a, u, w: w.mean(0), "yours: (4,)"),
    ("05-uniform", lambda a, u, w: "each says 1/C", "yours: no array of numbers"),
    ("05-negatives", lambda *given: draw(*given, known=2.0), "the true label"),
    ("05-negatives", with_replacement, "twice"),
    ("05-negatives", shift, "draw together"),
    ("05-negatives", some(shift, 80), "draw together"),
    ("05-negatives", rising, "far more often"),
    ("05-negatives", some(rising, 2), "far more often"),
    ("05-negatives", short_of_one, "turn up once"),
    ("05-negatives", lambda y, c, k, _: (y + torch.arange(1, k + 1)[:, None]) % c, "nothing was"),
    ("05-negatives", lambda y, c, k, _: draw(y, c, k, None), "the one you are given"),
    ("05-negatives", lambda *given: draw(*given).t(), "a column for each node"),
    ("05-negatives", lambda *given: draw(*given) + 0.0, "whole numbers"),
    ("05-rows", lambda n, t, c, k, depth: (k * t, depth * c * n), "true labels"),
    ("05-rows", lambda n, t, c, k, depth: ((1 + k) * n, depth * c * n), "training nodes only"),
    ("05-rows", lambda n, t, c, k, depth: (c * t, depth * c * n), "how many labellings"),
    ("05-rows", lambda n, t, c, k, depth: ((1 + k) * t, c * n), "how many layers"),
    ("05-rows", lambda n, t, c, k, depth: ((1 + k) * t, depth * c * (n - t)), "reads given nodes"),
    ("05-rows", lambda n, t, c, k, depth: ((1 + k) * t, depth * n), "for each candidate"),
    ("05-rows", lambda *_: (1, 2, 3), "two numbers"),
    (
        "05-rows",
        lambda n, t, c, k, depth: (t * (1 + k) + 0.9, depth * c * n),
        "how many labellings",
    ),
]
