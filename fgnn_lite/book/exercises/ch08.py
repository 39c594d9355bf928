"""Checks of chapter 8."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.book.exercises.answers import Checks, compare
from fgnn_lite.graphs import load_graph
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners import make_learner
from fgnn_lite.probes import probe_memory
from fgnn_lite.seeds import generator

_BUDGET = 50_000  # bytes
_LIMITS = {
    "nodes": (100, 2000),
    "edges": (0, 20_000),
    "features": (1, 1000),
    "hidden": (4, 128),
    "depth": (1, 16),
}


def _multiply_adds(left: Tensor, right: Tensor) -> int:
    """What the product costs where zeros of the left side cost nothing: counted, entry by entry."""
    return int(((left != 0).double() @ torch.ones_like(right).double()).sum())


def _work(answer: Callable[..., float]) -> str | None:
    """Count the multiply-adds of products of random matrices."""
    random = generator(1, 8)
    for n, read, inputs, hidden, updates in ((30, 7, 5, 4, 11), (12, 12, 40, 2, 1)):
        a = (torch.rand(n, n, generator=random) < 0.3).float().fill_diagonal_(1)
        x, w = torch.ones(n, inputs), torch.ones(inputs, hidden)
        rows, xw = a[:read], torch.ones(n, hidden)
        product, sums = _multiply_adds(x, w), _multiply_adds(a, xw)
        once, each = _multiply_adds(rows, x), _multiply_adds(x[:read], w)
        sizes = (n, read, inputs, hidden, int(a.sum()), int(rows.sum()), updates)
        again = updates * (product + sums)
        wanted = again - once - updates * each
        all_rows = wanted + once - _multiply_adds(a, x)
        outputs = wanted + once - _multiply_adds(rows, xw)
        slips = [
            (-wanted, "almost: which side is subtracted from which?"),
            (again, "that is what computing everything again costs. What is left to do?"),
            (wanted + once, "adding up the neighbours once is not free, either"),
            (again - once, "the product with the weights remains, in every update"),
            (wanted + once - updates * once, "the neighbours are added up once, not each time"),
            (product + sums - once - each, "almost: of how many updates?"),
            (all_rows, "once, too, only the rows that are read"),
            (outputs, "what is added up beforehand are rows of the input: how wide are they?"),
            (
                True,
                f"not for N, R, F, H, E, E_read, updates = {sizes}. Take the two products one by "
                "one: which is done in each update, for how many rows, and how wide are they?",
            ),
        ]
        if hint := compare(float(answer(*sizes)), wanted, slips, torch.equal):
            return hint
    return None


def _batch(answer: Any) -> str | None:
    """Measure what an update keeps with this batch size, and with one node more."""
    if callable(answer):
        answer = answer()
    if isinstance(answer, Tensor):
        answer = answer.item()
    if isinstance(answer, str):
        raise TypeError(f"a number of nodes, not {answer!r}")
    if float(answer) != int(answer) or not 1 <= answer <= 200:
        return f"{float(answer):g} is not a batch of the 200 training nodes: whole, and from 1 on"

    def kept(size: int) -> int:
        learner = make_learner("sf", "sage", depth=1, hidden=64, batch_size=size)
        return probe_memory(learner, load_graph("digits"), steps=1, device="cpu").saved_bytes

    size = int(answer)
    if kept(size) > _BUDGET:
        return (
            f"an update of {size} nodes keeps {kept(size)} bytes, more than {_BUDGET}. How many "
            "constant inputs does a layer of GraphSAGE have, and who is in every batch?"
        )
    if size < 200 and kept(size + 1) <= _BUDGET:
        return f"an update of {size} nodes keeps {kept(size)} bytes: there is room for more"
    return None


def _loses(answer: Any) -> str | None:
    """Measure single-forward against backpropagation with a sparse matrix."""
    if callable(answer):
        answer = answer()
    if not isinstance(answer, Mapping):
        raise TypeError(f"a dict of settings, not {type(answer).__name__}")
    case = dict(answer)
    backbone = checks.one_of("backbone", case.pop("backbone", "gcn"), BACKBONES)
    if set(case) != set(_LIMITS):
        return f"the settings are {', '.join(_LIMITS)} and backbone; yours: {', '.join(case)}"
    for name, (low, high) in _LIMITS.items():
        value = case[name].item() if isinstance(case[name], Tensor) else case[name]
        case[name] = checks.integer(name, value, low, high)
    depth, hidden = case.pop("depth"), case.pop("hidden")
    if depth < 4:
        return f"{depth} layers are too few to be interesting: find one with at least four"
    data = load_graph("sbm", classes=4, **case)

    def peak(name: str, **settings: Any) -> int:
        learner = make_learner(name, backbone, depth=depth, hidden=hidden, **settings)
        return probe_memory(learner, data, steps=1, device="cpu").working_bytes

    sf, bp = peak("sf"), peak("bp", adjacency="sparse")
    if sf > bp:
        return None
    return (
        f"here SF takes {sf} bytes and BP {bp}. What grows with SF's rows of constant input, and "
        "what with BP's outputs?"
    )


CHECKS: Checks = {
    "08-work": _work,
    "08-batch": _batch,
    "08-loses": _loses,
}
