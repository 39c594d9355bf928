"""Checks of chapter 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.book.exercises.answers import Checks, compare, gradient_of, normals
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners import make_learner
from fgnn_lite.probes import probe_memory


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
    """Compare with autograd on a random net of three layers with a directed graph."""
    draw = normals(1)
    a, x, delta = draw(6, 6), draw(6, 3), draw(6, 2)
    w1, w2, w3 = draw(3, 4).requires_grad_(), draw(4, 5), draw(5, 2)
    h1 = (a @ (x @ w1)).relu()
    h2 = (a @ (h1 @ w2)).relu()
    (wanted,) = torch.autograd.grad(a @ (h2 @ w3), w1, delta)
    h1, h2 = h1.detach(), h2.detach()

    def backward(back: Tensor, gate_1: Tensor, gate_2: Tensor) -> Tensor:
        delta_2 = (back @ delta @ w3.t()) * gate_2
        return x.t() @ (back @ ((back @ delta_2 @ w2.t()) * gate_1))

    gate_1, gate_2, every = h1 > 0, h2 > 0, torch.ones(())
    way = "almost: row i of A holds the in-edges of node i. Which way does an error take?"
    relu = "almost: what does a ReLU do to an error on its way back?"
    slips = [
        (backward(a, gate_1, gate_2), way),
        (backward(a.t(), every, gate_2), relu),
        (backward(a.t(), gate_1, every), relu),
        (backward(a.t(), every, every), relu),
        (True, "go back layer by layer: from the error of one output to that of the one below it"),
    ]
    mine = gradient_of("W1", w1, answer(a, x, h1, h2, w2, w3, delta))
    return compare(mine, wanted, slips)


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


CHECKS: Checks = {
    "01-bytes": _bytes_kept,
    "01-gradient": _first_gradient,
    "01-segments": _segments,
}
