"""Answers to the exercises of chapter 7: right ones, and wrong ones with their hints."""

import math

import numpy as np
import torch

from fgnn_lite.layers import normalise


def vote(layers, raw=False):
    """The sum of what the layers hand in, over layers 1 to l."""
    handed_in = torch.stack([z if raw else z.softmax(-1) for z in layers])
    return handed_in.cumsum(0).argmax(-1)


def prefixes(layers, rule):
    """A rule for layers 1 to l, for all l."""
    return torch.stack([rule(torch.stack(layers[: k + 1])) for k in range(len(layers))])


def limits(logits, y, rival=False, up=1.0):
    """The four limits in closed form, with slips if wanted."""
    own = torch.eye(len(logits))[y]
    among = logits - 100 * own if rival else logits
    low = among.max() - logits[y], up * (torch.eye(len(logits))[among.argmax()] - own)
    return *low, math.log(len(logits)), up * (1 / len(logits) - own)


def instead(part, wrong):
    """The right limits, but for one."""

    def answer(logits, y):
        parts = list(limits(logits, y))
        parts[part] = wrong(logits, y)
        return parts

    return answer


def at_one(logits, y):
    """The gradient at tau = 1."""
    return logits.softmax(0) - torch.eye(len(logits))[y]


RIGHT = [
    ("07-limits", limits),
    ("07-limits", lambda z, y: [np.asarray(part) for part in limits(z, y)]),
    ("07-limits", lambda z, y: tuple(torch.as_tensor(p).tolist() for p in limits(z, y))),
    ("07-limits", lambda z, y: limits(z.double(), torch.tensor(y))),
    ("07-scale", lambda s, tau: np.float32(tau / s**2)),
    ("07-scale", lambda s, tau: torch.tensor([tau / s**2])),
    ("07-vote", vote),
    ("07-vote", lambda z: vote(z).int()),
    ("07-vote", lambda z: vote([p.half().float() for p in z])),
    ("07-vote", lambda z: vote(z).numpy()),
    ("07-vote", lambda z: vote(z).tolist()),
    ("07-vote", lambda z: list(vote(z))),
    ("07-vote", lambda z: [row.numpy() for row in vote(z)]),
    ("07-vote", lambda z: prefixes(z, lambda part: part.softmax(-1).mean(0).argmax(-1))),
]

WRONG = [
    ("07-limits", lambda z, y: limits(z, y)[:2], "four limits"),
    ("07-limits", lambda z, y: 0.0, "four limits"),
    ("07-limits", instead(0, lambda z, y: z), "a number is asked for"),
    ("07-limits", instead(1, lambda z, y: 0.0), "one number for each class"),
    ("07-limits", instead(3, lambda z, y: "none"), "one number for each class"),
    ("07-limits", instead(0, lambda z, y: z.max()), "the label has a logit"),
    ("07-limits", instead(0, lambda z, y: z[y] - z.max()), "no loss is below 0"),
    ("07-limits", instead(0, lambda z, y: 0), "not all are right"),
    ("07-limits", lambda z, y: limits(z, y, rival=True), "what is left to lose"),
    ("07-limits", instead(0, lambda z, y: math.inf), "softmax first"),
    ("07-limits", instead(1, lambda z, y: limits(z, y, rival=True)[1]), "what is left to learn"),
    ("07-limits", lambda z, y: limits(z, y, up=-1.0), "which way does the loss rise"),
    ("07-limits", instead(1, lambda z, y: torch.eye(len(z))[z.argmax()]), "the softmax"),
    ("07-limits", instead(1, lambda z, y: 0 * z), "not all are right"),
    ("07-limits", instead(1, at_one), "at tau = 1"),
    ("07-limits", instead(1, lambda z, y: z), "softmax first"),
    ("07-limits", instead(2, lambda z, y: 0), "cannot tell the classes apart"),
    ("07-limits", instead(2, lambda z, y: math.log2(len(z))), "nats"),
    ("07-limits", instead(2, lambda z, y: z.logsumexp(0) - z[y]), "at tau = 1"),
    ("07-limits", instead(3, lambda z, y: -limits(z, y)[3]), "which way does the loss rise"),
    ("07-limits", instead(3, lambda z, y: 0 * z), "vanishes"),
    ("07-limits", instead(3, lambda z, y: torch.full_like(z, 1 / len(z))), "the softmax"),
    ("07-limits", instead(3, at_one), "at tau = 1"),
    ("07-scale", lambda s, tau: tau / s, "product"),
    ("07-vote", lambda z: torch.stack(z).cumsum(0).argmax(-1), "added the logits"),
    ("07-vote", lambda z: prefixes(z, lambda part: part.mean(0).argmax(-1)), "added the logits"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.log_softmax(-1).sum(0).argmax(-1)),
        "added the",
    ),
    ("07-vote", lambda z: torch.stack(z).argmax(-1), "each layer votes alone"),
    ("07-vote", lambda z: vote(z)[-1], "a tensor [L, N]"),
    ("07-vote", lambda z: vote(z)[-1].expand(len(z), -1), "the last row is right"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.argmax(-1).mode(0).values),
        "counted votes",
    ),
    ("07-vote", lambda z: torch.stack(z).softmax(1).cumsum(0).argmax(-1), "other nodes"),
    ("07-vote", lambda z: torch.stack(z).softmax(0).cumsum(0).argmax(-1), "contribute"),
    ("07-vote", lambda z: vote([normalise(part) for part in z], raw=True), "contribute"),
    ("07-vote", lambda z: vote([p / p.abs().amax(-1, True) for p in z], raw=True), "contribute"),
    ("07-vote", lambda z: vote([part.sigmoid() for part in z], raw=True), "contribute"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.softmax(-1).amax(0).argmax(-1)),
        "contribute",
    ),
    ("07-vote", lambda z: prefixes(z, lambda part: part.amax(0).argmax(-1)), "contribute"),
    ("07-vote", lambda z: vote([4 * part for part in z]), "contribute"),
    ("07-vote", lambda z: 3, "a tensor"),
    ("07-vote", lambda z: "all", "a tensor"),
    ("07-vote", lambda z: z["x"], "does not run: TypeError"),
]
