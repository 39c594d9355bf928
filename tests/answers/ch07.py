"""Answers to the exercises of chapter 7: right ones, and wrong ones with their hints."""

import torch

from fgnn_lite.layers import normalise


def vote(layers, raw=False):
    """The sum of what the layers hand in, over layers 1 to l."""
    handed_in = torch.stack([z if raw else z.softmax(-1) for z in layers])
    return handed_in.cumsum(0).argmax(-1)


def prefixes(layers, rule):
    """A rule for layers 1 to l, for all l."""
    return torch.stack([rule(torch.stack(layers[: k + 1])) for k in range(len(layers))])


RIGHT = [
    ("07-vote", vote),
    ("07-vote", lambda z: vote(z).int()),
    ("07-vote", lambda z: prefixes(z, lambda part: part.softmax(-1).mean(0).argmax(-1))),
]

WRONG = [
    ("07-ties", lambda t, direction: t, "'both'"),
    ("07-ties", lambda t, direction: 2 * t, "'to-virtual'"),
    ("07-scale", lambda s, tau: tau / s, "product"),
    ("07-vote", lambda z: torch.stack(z).cumsum(0).argmax(-1), "added the logits"),
    ("07-vote", lambda z: prefixes(z, lambda part: part.mean(0).argmax(-1)), "added the logits"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.log_softmax(-1).sum(0).argmax(-1)),
        "added the",
    ),
    ("07-vote", lambda z: torch.stack(z).argmax(-1), "each layer alone"),
    ("07-vote", lambda z: vote(z)[-1], "a tensor [L, N]"),
    ("07-vote", lambda z: vote(z)[-1].expand(len(z), -1), "the last row is right"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.argmax(-1).mode(0).values),
        "counted heads",
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
    ("07-vote", lambda z: z["x"], "does not run: TypeError"),
]
