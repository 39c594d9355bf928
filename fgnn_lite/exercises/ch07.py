"""Checks of chapter 7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.graphs import load_graph
from fgnn_lite.objectives import sf_loss
from fgnn_lite.seeds import generator


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


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "07-ties": _ties,
    "07-scale": _scale,
    "07-vote": _vote,
}
