"""Checks of chapter 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of, misshapen
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners import make_learner
from fgnn_lite.probes import probe_memory
from fgnn_lite.seeds import generator


def _bytes_kept(answer: Callable[[int, int, int, int], int]) -> str | None:
    """Measure what GCNs save below their last layer, on two graphs."""
    for nodes, hidden, depth in ((50, 16, 2), (80, 24, 5)):
        data = load_graph("sbm", nodes=nodes, edges=3 * nodes, classes=2, features=8)
        learner = make_learner("bp", depth=depth, hidden=hidden)
        report = probe_memory(learner, data, steps=1, device="cpu")
        measured = sum(report.saved_by_layer[:-1])
        mine = answer(nodes, data.num_edges, hidden, depth)
        if mine != measured:
            return (
                f"{depth} layers of width {hidden} on {nodes} nodes and {data.num_edges} edges "
                f"keep {'more' if measured > mine else 'fewer'} than {mine} bytes. Which layers "
                "keep their output? And how often is the list of edges kept?"
            )
    return None


def _first_gradient(answer: Callable[..., Any]) -> str | None:
    """Compare with autograd on a random net of three layers, where hearing is not mutual."""
    random = generator(1, 1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    a, x, delta = draw(6, 6), draw(6, 3), draw(6, 2)
    w1, w2, w3 = draw(3, 4).requires_grad_(), draw(4, 5), draw(5, 2)
    h1 = (a @ (x @ w1)).relu()
    h2 = (a @ (h1 @ w2)).relu()
    (a @ (h2 @ w3)).backward(delta)
    assert w1.grad is not None
    h1, h2 = h1.detach(), h2.detach()

    def way_back(back: Tensor, open_1: Tensor, open_2: Tensor) -> Tensor:
        delta_2 = (back @ delta @ w3.t()) * open_2
        delta_1 = (back @ delta_2 @ w2.t()) * open_1
        return x.t() @ (back @ delta_1)

    everywhere = torch.ones(())
    slips = [
        (way_back(a, h1 > 0, h2 > 0), "A says who hears whom. Which way does an error take?"),
        *(
            (way_back(a.t(), *gates), "what does a ReLU do to an error on its way back?")
            for gates in ((everywhere, h2 > 0), (h1 > 0, everywhere), (everywhere, everywhere))
        ),
    ]
    mine = as_tensor(answer(a, x, h1, h2, w2, w3, delta))
    if mine is None or mine.shape != w1.shape:
        return misshapen(mine, w1, "W1")
    if close(mine, w1.grad):
        return None
    if question := hint_of(mine, slips):
        return f"so near: {question}"
    return "go back layer by layer: from the error of one output to the error of the one below it"


def _segments(answer: Any) -> str | None:
    """Try all lengths of a segment."""

    def kept(length: int) -> int:  # inputs of all segments, and the inside of the open one
        return -(-64 // length) + length

    if isinstance(answer, Tensor | np.ndarray | np.generic):
        answer = answer.item()
    if isinstance(answer, float) and answer.is_integer():
        answer = int(answer)
    if isinstance(answer, float) or (isinstance(answer, int) and not 1 <= answer <= 64):
        return f"{answer:g} is not a number of layers: whole, and from 1 to 64"
    checks.integer("the length", answer, 1, 64)
    best = min(kept(length) for length in range(1, 65))
    if kept(answer) == best:
        return None
    side = "inputs of segments" if -(-64 // answer) > answer else "layers inside the open segment"
    return f"{answer} keeps {kept(answer)} outputs, and fewer will do. Most of them are {side}"


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "01-bytes": _bytes_kept,
    "01-gradient": _first_gradient,
    "01-segments": _segments,
}
