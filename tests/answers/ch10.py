"""Answers to the exercises of chapter 10: right ones, and wrong ones with their hints."""

import math
from itertools import combinations
from random import Random

import torch


def split(edges, k, both=True, kept=None, known=True, twice=False, extra=0, own=False):
    """Hides k links, and makes the mistake that is asked for."""
    random = Random(k)
    links = sorted({(min(a, b), max(a, b)) for a, b in edges.T.tolist()})
    random.shuffle(links)
    held, rest = links[: k + extra], links[k + extra :] if kept is None else links[kept:]
    nodes = range(int(edges.max()) + 1)
    taken = set(links) if known else set(rest)
    others = [pair for pair in combinations(nodes, 2) if pair not in taken]
    negative = held[:2] + others[: k - 2] if not known else random.sample(others, k)
    seen = rest + [(b, a) for a, b in rest] * both
    held = held + [(b, a) for a, b in held] * twice
    negative = [(0, 0), *negative[1:]] if own else negative
    return [torch.tensor(pairs).T for pairs in (seen, held, negative)]


def of_columns(edges, k):
    """Cuts the columns, in which each link stands twice."""
    seen, positive, negative = split(edges, k)
    return [torch.cat([seen, positive.flip(0)], dim=1), positive, negative]


def changed(part, change):
    def answer(edges, k):
        parts = split(edges, k)
        parts[part] = change(parts[part])
        return parts

    return answer


def bound(links, others):
    return others * math.log(2) / (links + others)


def auc(scores, labels, ties=0.5, least=None):
    link, other = scores[labels > 0][:, None], scores[labels == 0]
    return ((link > other) + ties * (link == other).double()).mean()


def gradient(z_i, z_j, theta, linked, two=2.0, power=2, pull=True):
    p = torch.sigmoid(((z_i * z_j) ** 2).sum() - theta)
    return (p - float(linked) if pull else 1.0) * two * z_i * z_j**power


RIGHT = [
    ("10-split", split),
    ("10-split", lambda *given: tuple(part.int() for part in split(*given))),
    ("10-split", lambda *given: [part.numpy() for part in split(*given)]),
    ("10-split", lambda *given: [part.tolist() for part in split(*given)]),
    ("10-split", changed(1, lambda positive: positive.flip(0))),
    ("10-split", changed(2, lambda negative: negative.flip(0))),
    ("10-bound", bound),
    ("10-bound", lambda links, others: torch.tensor(bound(links, others))),
    ("10-bound", lambda links, others: 0.693 * others / (links + others)),
    ("10-auc", auc),
    ("10-auc", lambda scores, labels: float(auc(scores.float(), labels))),
    ("10-gradient", gradient),
    (
        "10-gradient",
        lambda a, b, theta, y: 2 * a * b**2 * (((a * b) ** 2).sum().sub(theta).sigmoid() - y),
    ),
    ("10-gradient", lambda *given: gradient(*given).float()),
    ("10-gradient", lambda *given: gradient(*given).numpy()),
    ("10-gradient", lambda *given: gradient(*given).tolist()),
]

WRONG = [
    ("10-split", lambda edges, k: edges, "three things"),
    ("10-split", lambda edges, k: [edges, edges, k], "negative must be columns"),
    ("10-split", changed(1, lambda part: part.fill_(0)), "no link of the graph"),
    ("10-split", lambda *given: split(*given, twice=True), "either way round"),
    ("10-split", lambda *given: split(*given, extra=1), "you hid 16"),
    ("10-split", lambda *given: split(*given, kept=0), "15 hidden links are in seen"),
    ("10-split", of_columns, "In how many columns"),
    ("10-split", changed(0, lambda part: part.new_tensor([[0], [9]])), "has no link"),
    ("10-split", lambda *given: split(*given, kept=20), "some are lost"),
    ("10-split", lambda *given: split(*given, both=False), "both ways"),
    ("10-split", lambda *given: split(*given, known=False), "of your negatives are links"),
    ("10-split", lambda *given: split(*given, own=True), "a node and itself"),
    ("10-split", changed(2, lambda part: part[:, :9]), "you have 9"),
    ("10-split", changed(2, lambda part: part[:, :1].repeat(1, part.shape[1])), "you have 1"),
    ("10-split", changed(2, lambda p: torch.cat([p, p[:, :1].flip(0)], 1)), "15 different"),
    ("10-bound", lambda links, others: math.log(2), "the links can cost less"),
    ("10-bound", lambda links, others: others * math.log(2), "a mean over all pairs"),
    ("10-bound", lambda links, others: others / (links + others), "nats"),
    ("10-bound", lambda links, others: 0.0, "if no product is negative"),
    ("10-bound", lambda links, others: 1.02 * bound(links, others), "if no product is negative"),
    ("10-auc", lambda scores, labels: auc(scores, labels, ties=0.0), "half right"),
    ("10-auc", lambda scores, labels: auc(scores, labels, ties=1.0), "half right"),
    ("10-auc", lambda scores, labels: 1 - auc(scores, labels), "wrong order"),
    (
        "10-auc",
        lambda scores, labels: ((scores > 0.5) == (labels > 0)).double().mean(),
        "at one threshold",
    ),
    ("10-auc", lambda scores, labels: auc(scores, labels) * 45, "share of all"),
    ("10-auc", lambda scores, labels: 0.5, "compare every link"),
    ("10-gradient", lambda *given: -gradient(*given), "downhill"),
    ("10-gradient", lambda *given: gradient(*given, two=1.0), "a square"),
    ("10-gradient", lambda *given: gradient(*given, power=0), "How often does z_j"),
    ("10-gradient", lambda *given: gradient(*given, power=1), "How often does z_j"),
    ("10-gradient", lambda *given: gradient(*given, pull=False), "the loss of the goodness"),
    ("10-gradient", lambda z_i, z_j, theta, linked: z_j, "how wrong the layer is"),
    ("10-gradient", lambda z_i, z_j, theta, linked: z_j[:2], "the shape of z_i"),
    ("10-gradient", lambda z_i, z_j, theta, linked: "downhill", "the shape of z_i"),
]
