"""Checks of the exercises: they say "right", or what to look at, and never the answer.

Each check works the answer out itself, by measuring, by autograd or by trying all cases, and then
compares. A chapter's folded solutions pass the same checks, and a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.modules.module import register_module_forward_hook

from fgnn_lite import checks
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.graphs import load_graph
from fgnn_lite.hinton import SupervisedFF, load_images
from fgnn_lite.layers import Layer
from fgnn_lite.learners import make_learner
from fgnn_lite.objectives import GOODNESS, ff_loss, sf_loss, sum_squares
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
    mine = answer(a, x, h1, h2, w2, w3, delta)
    if not isinstance(mine, Tensor) or mine.shape != w1.shape:
        shape = tuple(mine.shape) if isinstance(mine, Tensor) else type(mine).__name__
        return f"the gradient of W1 has the shape of W1, {tuple(w1.shape)}; yours: {shape}"
    mine = mine.to(torch.float64)
    if torch.allclose(mine, w1.grad, rtol=1e-4, atol=1e-6):
        return None
    for slip, question in slips:
        if torch.allclose(mine, slip, rtol=1e-4, atol=1e-6):
            return f"so near: {question}"
    return "go back layer by layer: from the error of one output to the error of the one below it"


def _segments(answer: Any) -> str | None:
    """Try all lengths of a segment."""

    def kept(length: int) -> int:  # inputs of all segments, and the inside of the open one
        return -(-64 // length) + length

    if isinstance(answer, Tensor | np.generic):
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


def _goodness_gradient(answer: Callable[..., Tensor]) -> str | None:
    """Compare with autograd on random positives and negatives of different number."""
    random = generator(1, 4)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    positive, negative, w = draw(5, 4), draw(7, 4), draw(4, 6).requires_grad_()
    theta = 1.5
    goodness = [sum_squares((x @ w).relu()) for x in (positive, negative)]
    ff_loss(goodness[0], goodness[1].unsqueeze(0), theta).backward()
    assert w.grad is not None
    mine = answer(positive, negative, w.detach(), theta)
    if not isinstance(mine, Tensor) or mine.shape != w.shape:
        shape = tuple(mine.shape) if isinstance(mine, Tensor) else type(mine).__name__
        return f"the gradient of W has the shape of W, {tuple(w.shape)}; yours: {shape}"
    mine = mine.to(torch.float64).cpu()
    if torch.allclose(mine, w.grad, rtol=1e-4, atol=1e-6):
        return None

    def gradient(pull: float, push: float, two: float = 2.0, linear: bool = False) -> Tensor:
        total = torch.zeros_like(w.grad if w.grad is not None else w)
        for x, g, weight in zip((positive, negative), goodness, (pull, push), strict=True):
            sign = -1 if x is positive else 1
            force = sign * torch.sigmoid(sign * (g.detach() - theta)) * weight / len(x)
            h = (x @ w.detach()) if linear else (x @ w.detach()).relu()
            total = total + two * x.t() @ (force.unsqueeze(1) * h)
        return total

    slips = [
        (-gradient(1, 1), "so near: which way is downhill?"),
        (gradient(1, 1, two=1.0), "so near: what is the derivative of a square?"),
        (gradient(1, 1, linear=True), "so near: what does a unit that is closed contribute?"),
        (gradient(5, 7), "the loss is a mean over the positives, and one over the negatives"),
        (gradient(1, 0), "the negatives pull, too"),
        (gradient(0, 1), "the positives pull, too"),
    ]
    for slip, hint in slips:
        if torch.allclose(mine, slip, rtol=1e-4, atol=1e-6):
            return hint
    return "three factors: how wrong the layer is, how goodness follows activity, and the input"


def _passes(answer: Callable[[int, int, int], tuple[int, int]]) -> str | None:
    """Count the rows that a first layer computes, in one update and in one prediction."""
    everything = load_images()
    for classes, negatives in ((10, 9), (4, 1)):
        data = everything.subgraph(everything.y < classes)
        data.num_classes, images = classes, int(data.train_mask.sum())
        net = SupervisedFF(depth=1, hidden=8, negatives=negatives)
        rows: list[int] = []
        with _watched(rows):
            net.fit(data, epochs=1, device="cpu", restore_best=False)
            net.class_scores(data)
        mine = tuple(int(count) for count in answer(images, classes, negatives))
        if mine != (rows[0], rows[-1] // len(data.y)):
            return (
                f"not with {images} images, {classes} classes and {negatives} negatives each. "
                "Count the true label too; and of how many labels does prediction ask?"
            )
    return None


@contextmanager
def _watched(rows: list[int]) -> Iterator[None]:
    """Note how many rows every layer computes."""
    hook = register_module_forward_hook(
        lambda module, _, out: rows.append(len(out)) if isinstance(module, Layer) else None
    )
    try:
        yield
    finally:
        hook.remove()


def _copies(answer: Callable[[float, int, str], float]) -> str | None:
    """Make copies of every unit, and look for the threshold that parts the same inputs."""
    random = generator(1, 5)
    h = torch.rand(200, 6, generator=random, dtype=torch.float64)
    for theta, copies, name in ((1.9, 3, "sum-squares"), (0.3, 4, "mean-squares")):
        before = GOODNESS[name](h) > theta
        after = GOODNESS[name](h.repeat(1, copies)) > float(answer(theta, copies, name))
        if not torch.equal(before, after):
            return (
                f"for {copies} copies and {name} other inputs are above it. What does a copy add?"
            )
    return None


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
    """Four layers, some loud and some lukewarm, vote on nodes that are not close calls."""
    random = generator(1, 3)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    logits = draw(4, 400, 3) * (2 * draw(4, 400, 1)).exp()  # [L, N, C], each row as loud as it is
    sums = logits.softmax(-1).cumsum(0)
    best, second = sums.topk(2, dim=-1).values.unbind(-1)
    clear = (best - second).min(0).values > 0.05
    logits, wanted = logits[:, clear], sums[:, clear].argmax(-1)
    mine = answer(list(logits.clone()))
    if not isinstance(mine, Tensor) or mine.shape != wanted.shape:
        return "one class for every number of layers and every node is asked for: a tensor [L, N]"
    mine = mine.long()
    if torch.equal(mine, wanted):
        return None
    if torch.equal(mine, logits.argmax(-1)):
        return "you asked each layer alone. Row l is for layers 1 to l together"
    if torch.equal(mine, logits.cumsum(0).argmax(-1)):
        return "you added the logits. Then the layer with the longest activities decides alone"
    if torch.equal(mine[-1], wanted[-1]):
        return "the last row is right, where all layers vote. Whom do the rows above it ask?"
    ballots = torch.stack([logits[: k + 1].argmax(-1).mode(0).values for k in range(len(logits))])
    if torch.equal(mine, ballots):
        return "you counted heads. Is a layer that hardly cares worth as much as one that is sure?"
    if torch.equal(mine, logits.softmax(1).cumsum(0).argmax(-1)):
        return "the answer for a node must not depend on the other nodes: along which dimension?"
    return "look at how much each layer can contribute to one row"


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "01-bytes": _bytes_kept,
    "01-gradient": _first_gradient,
    "01-segments": _segments,
    "02-gradient": _goodness_gradient,
    "02-passes": _passes,
    "02-copies": _copies,
    "07-ties": _ties,
    "07-scale": _scale,
    "07-vote": _vote,
}
EXERCISES = tuple(_CHECKS)
