"""Checks of the exercises: they say "right", or what to look at, and never the answer.

Each check works the answer out itself, by measuring, by autograd or by trying all cases, and then
compares. A chapter's folded solutions pass the same checks, and a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners import make_learner
from fgnn_lite.objectives import sf_loss
from fgnn_lite.probes import probe_memory
from fgnn_lite.seeds import generator


@dataclass(frozen=True)
class Verdict:
    """What a check says. It is true if the answer is right, and shows its words."""

    right: bool
    words: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.words


def check(name: str, answer: Any) -> Verdict:
    """Check an answer to an exercise.

    Args:
        name: the exercise, for instance `"01-bytes"`: chapter and topic.
        answer: what the exercise asks for: a number, or a function that the check calls.

    Returns:
        A verdict that says whether it is right, or what to look at.

    Raises:
        ValueError: if there is no such exercise.
    """
    hint = _CHECKS[checks.one_of("name", name, _CHECKS)]
    try:
        found = _EMPTY if answer is None or answer is ... else hint(_filled(answer))
    except _Unanswered:
        found = _EMPTY
    except Exception as error:
        found = f"your answer does not run: {type(error).__name__}: {error}"
    return Verdict(False, f"not yet: {found}") if found else Verdict(True, "right")


_EMPTY = "put your answer where the dots are, and run the cell again"


class _Unanswered(Exception):
    """The dots are still there."""


def _filled(answer: Any) -> Any:
    """A function that complains if it returns what the empty exercise returns."""
    if not callable(answer):
        return answer

    def call(*args: Any) -> Any:
        result = answer(*args)
        if result is None or result is ...:
            raise _Unanswered
        return result

    return call


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


def _first_gradient(answer: Callable[..., Tensor]) -> str | None:
    """Compare with autograd on a random net of two layers."""
    random = generator(1, 1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    a, x, w1, w2, delta = draw(5, 5), draw(5, 3), draw(3, 4), draw(4, 2), draw(5, 2)
    a = (a + a.t()) / 2
    w1.requires_grad_()
    h1 = (a @ x @ w1).relu()
    (a @ h1 @ w2).backward(delta)
    mine = answer(a, x, h1.detach(), w2, delta)
    if not isinstance(mine, Tensor) or mine.shape != w1.shape:
        shape = tuple(mine.shape) if isinstance(mine, Tensor) else type(mine).__name__
        return f"the gradient of W1 has the shape of W1, {tuple(w1.shape)}; yours: {shape}"
    assert w1.grad is not None
    mine = mine.to(torch.float64)
    if torch.allclose(mine, w1.grad):
        return None
    if torch.allclose(mine, (a @ x).t() @ (a.t() @ delta @ w2.t())):
        return "so near: what does the ReLU do to an error on its way back?"
    return "go back layer by layer: through the second one to the error of H1, the ReLU, then W1"


def _segments(answer: int) -> str | None:
    """Try all lengths of a segment."""

    def kept(length: int) -> int:  # inputs of all segments, and the inside of the open one
        return -(-64 // length) + length

    checks.integer("the length", answer, 1, 64)
    best = min(kept(length) for length in range(1, 65))
    if kept(answer) == best:
        return None
    side = "inputs of segments" if -(-64 // answer) > answer else "layers inside the open segment"
    return f"{answer} keeps {kept(answer)} outputs, and fewer will do. Most of them are {side}"


def _ties(answer: Callable[[int, str], int]) -> str | None:
    """Count the columns that the virtual nodes add to the digits graph."""
    data = load_graph("digits")
    for direction in ("both", "to-virtual"):
        wider = add_virtual_nodes(data, direction)
        added = wider.edge_index.shape[1] - data.edge_index.shape[1]
        if answer(int(data.train_mask.sum()), direction) != added:
            return (
                f"not for direction {direction!r}. One column of edge_index is one direction of "
                "one tie; which nodes are tied?"
            )
    return None


def _scale(answer: Callable[[float, float], float]) -> str | None:
    """Compare the loss of longer activities with that of another temperature."""
    random = generator(1, 2)
    z = torch.rand(6, 4, generator=random, dtype=torch.float64)
    v = torch.rand(3, 4, generator=random, dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 0, 1, 2])
    for factor, tau in ((2.0, 1.0), (0.5, 0.3)):
        wanted = sf_loss(factor * z, factor * v, y, tau)
        if not torch.isclose(wanted, sf_loss(z, v, y, float(answer(factor, tau)))):
            return (
                f"for s = {factor} and tau = {tau} the two losses differ. Nodes and class nodes "
                "both grow by s: what happens to their product?"
            )
    return None


def _vote(answer: Callable[[list[Tensor]], Tensor]) -> str | None:
    """Three nodes, three layers: each time one layer is loud, and the two others outvote it."""
    first = torch.tensor([[0.0, 4, 0], [4, 0, 0], [30, 0, 0]])
    second = torch.tensor([[30.0, 0, 0], [4, 0, 0], [0, 4, 0]])
    third = torch.tensor([[0.0, 4, 0], [0, 0, 30], [0, 4, 0]])
    layers = [first, second, third]
    wanted = torch.stack([z.softmax(-1) for z in layers]).sum(0).argmax(-1)
    mine = answer(layers)
    if not isinstance(mine, Tensor) or mine.shape != wanted.shape:
        return "one class for every row is asked for: a tensor [N]"
    if torch.equal(mine, wanted):
        return None
    if torch.equal(mine, torch.stack(layers).sum(0).argmax(-1)):
        return "you added the logits. Then the layer with the longest activities decides alone"
    if torch.equal(mine, third.argmax(-1)):
        return "you asked the last layer only"
    return "every layer hands in its softmax, and the sum decides"


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "01-bytes": _bytes_kept,
    "01-gradient": _first_gradient,
    "01-segments": _segments,
    "07-ties": _ties,
    "07-scale": _scale,
    "07-vote": _vote,
}
EXERCISES = tuple(_CHECKS)
