"""Answers to the exercises of chapter 10: right ones, and wrong ones with their hints."""

import math

import torch


def pairs(edges, both=True):
    """The pairs that are edges; with `both`, whatever their direction."""
    found = [tuple(edge) for edge in edges.T.tolist()]
    return {(min(edge), max(edge)) if both else edge for edge in found}


def leaks(seen, positive, negative, edges, both=True, links=True, others=True):
    heard, real = pairs(seen, both), pairs(edges, both)

    def inside(asked, known):
        ordered = [(min(p), max(p)) if both else tuple(p) for p in asked.T.tolist()]
        return sum(pair in known for pair in ordered)

    return links * inside(positive, heard) + others * inside(negative, real)


def in_one_direction(seen, positive, negative, edges):
    """Finds what is called no link in either direction, links in one only."""
    some = leaks(seen, positive, negative, edges, both=False, others=False)
    return some + leaks(seen, positive, negative, edges, links=False)


def bound(links, others):
    return others * math.log(2) / (links + others)


def auc(scores, labels, ties=0.5, least=None):
    link, other = scores[labels > 0][:, None], scores[labels == 0]
    return ((link > other) + ties * (link == other).double()).mean()


def gradient(z_i, z_j, theta, linked, two=2.0, power=2, pull=True):
    p = torch.sigmoid(((z_i * z_j) ** 2).sum() - theta)
    return (p - float(linked) if pull else 1.0) * two * z_i * z_j**power


RIGHT = [
    ("10-leaks", leaks),
    ("10-leaks", lambda *given: torch.tensor(leaks(*given))),
    ("10-bound", bound),
    ("10-bound", lambda links, others: torch.tensor(bound(links, others))),
    ("10-auc", auc),
    ("10-auc", lambda scores, labels: float(auc(scores.float(), labels))),
    ("10-gradient", gradient),
    (
        "10-gradient",
        lambda a, b, theta, y: 2 * a * b**2 * (((a * b) ** 2).sum().sub(theta).sigmoid() - y),
    ),
    ("10-gradient", lambda *given: gradient(*given).float()),
]

WRONG = [
    ("10-leaks", lambda seen, positive, negative, edges: 1, "clean"),
    ("10-leaks", lambda *given: 0, "among the messages"),
    ("10-leaks", lambda *given: 2 * leaks(*given), "count each of them once"),
    ("10-leaks", in_one_direction, "in the other direction, either"),
    ("10-leaks", lambda *given: leaks(*given, others=False), "that nobody hears"),
    (
        "10-leaks",
        lambda seen, positive, negative, edges: leaks(seen, positive, negative, seen),
        "that nobody hears",
    ),
    (
        "10-leaks",
        lambda *given: max(leaks(*given, others=False), leaks(*given, links=False)),
        "of both kinds",
    ),
    ("10-bound", lambda links, others: math.log(2), "the links can cost less"),
    ("10-bound", lambda links, others: others * math.log(2), "a mean over all pairs"),
    ("10-bound", lambda links, others: others / (links + others), "nats"),
    ("10-bound", lambda links, others: 0.0, "if no product is negative"),
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
    ("10-gradient", lambda *given: gradient(*given, pull=False), "the loss of the goodness"),
    ("10-gradient", lambda z_i, z_j, theta, linked: z_j, "how wrong the layer is"),
    ("10-gradient", lambda z_i, z_j, theta, linked: z_j[:2], "the shape of z_i"),
]
