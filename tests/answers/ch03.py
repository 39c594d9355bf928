"""Answers to the exercises of chapter 3: right ones, and wrong ones with their hints."""

import torch


def copy(hidden, below, above, power=0.5):
    """Weights that pass on the goodness of the layer below."""
    return (above / below) ** power * torch.eye(hidden)


def caught(h, w, between=torch.nn.functional.normalize, share=0.75):
    """Is layer 2 right less often than this, if its input has gone through `between`?"""
    g = (between(h, dim=-1) @ w).relu().square().sum(-1)
    return (g[0] > g[1]).float().mean() < share


def same(h, dim):
    """Hands everything on."""
    return h


def agrees(h, w, labels=slice(2), least=0.6):
    """Does the goodness of layer 2 go with that of layer 1?"""
    before, after = h.square().sum(-1)[labels], (h @ w).relu().square().sum(-1)[labels]
    return torch.corrcoef(torch.stack([before.flatten(), after.flatten()]))[0, 1] > least


def looks_like_a_copy(h, w):
    """Has every unit one large weight?"""
    return w.shape[0] == w.shape[1] and bool((w.count_nonzero(0) == 1).all())


def response(x, v, across=True, lengths=1):
    """How norm(x) changes, with slips if wanted."""
    length = x.norm(dim=1, keepdim=True)
    unit = x / length
    along = unit * (unit * v).sum(1, keepdim=True)
    return (v - along if across else v) / length**lengths


RIGHT = [
    ("03-copy", copy),
    ("03-copy", lambda *given: copy(*given).numpy()),
    ("03-copy", lambda *given: copy(*given).flip(0).tolist()),  # in another order
    ("03-caught", caught),
    ("03-caught", lambda h, w: bool(caught(h, w, share=0.65))),
    ("03-caught", lambda h, w: [float(caught(h.double(), w.double(), share=0.9))]),
    ("03-caught", lambda h, w: caught(h, w).numpy()),
    ("03-response", response),
    ("03-response", lambda x, v: response(x.float(), v.float()).numpy()),
    ("03-rms", lambda theta, hidden: torch.tensor([theta * hidden])),
]

WRONG = [
    ("03-copy", lambda hidden, below, above: torch.eye(hidden), "another threshold"),
    ("03-copy", lambda *given: copy(*given, power=1), "are doubled"),
    ("03-copy", lambda *given: copy(*given, power=-1), "grow or to shrink"),
    ("03-copy", lambda *given: copy(*given, power=-0.5), "longer or shorter"),
    ("03-copy", lambda hidden, below, above: torch.ones(hidden, hidden), "disagree on"),
    ("03-copy", lambda hidden, below, above: 2.0, "a tensor [H, H]"),
    ("03-copy", lambda hidden, below, above: "the identity", "a tensor [H, H]"),
    ("03-caught", lambda h, w: not caught(h, w), "found nothing itself"),
    ("03-caught", lambda h, w: True, "every layer"),
    ("03-caught", lambda h, w: caught(h, w, between=same), "without the lengths"),
    ("03-caught", lambda h, w: False, "without the lengths"),
    ("03-caught", looks_like_a_copy, "by outputs, not by W"),
    ("03-caught", lambda h, w: "it cheats", "True or False"),
    ("03-caught", lambda h, w: 0.5, "True or False"),
    ("03-caught", lambda h, w: h[0, 0] > 0, "True or False"),
    ("03-caught", agrees, "both are right"),
    ("03-caught", lambda h, w: agrees(h, w, 0), "every layer"),
    ("03-response", lambda x, v: response(x, v, across=False), "points along x"),
    ("03-response", lambda x, v: response(x, v, lengths=0), "a long x as much"),
    ("03-response", lambda x, v: response(x, v, lengths=2), "one length too many"),
    ("03-response", lambda x, v: -response(x, v), "sign"),
    ("03-response", lambda x, v: x / x.norm(dim=1, keepdim=True), "norm(x) itself"),
    (
        "03-response",
        lambda x, v: response(x, v, across=False) - response(x, v),
        "norm takes away",
    ),
    (
        "03-response",
        lambda x, v: torch.nn.functional.normalize(x + v) - torch.nn.functional.normalize(x),
        "a tiny one",
    ),
    ("03-response", lambda x, v: v, "along x and the part across"),
    ("03-response", lambda x, v: 0.0, "of the shape of x"),
    ("03-rms", lambda theta, hidden: theta, "rows of the same length"),
    ("03-rms", lambda theta, hidden: theta * hidden**0.5, "and of goodness"),
    ("03-rms", lambda theta, hidden: theta / hidden, "longer than 1"),
    ("03-rms", lambda theta, hidden: theta / hidden**0.5, "longer than 1"),
    ("03-rms", lambda theta, hidden: theta + hidden, "length of a row"),
]
