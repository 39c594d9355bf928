"""What the top-down learners share: states that move in turn, and settle before they vote.

A state is a layer's output, normalised and detached. Layers are counted from 0 here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from fgnn_lite.layers import GraphInput, Layer, normalise
from fgnn_lite.matrices import Features, Matrix

UPDATES = ("alternating", "simultaneous")
SETTLING = 2  # steps of inference whose votes are not counted


@dataclass(frozen=True)
class TopDownInput:
    """What stays the same while states change.

    Attributes:
        bottom: the input below the first layer [S, F].
        matrix: the adjacency [S, S].
        top: the state above the last layer [S, C], or `None`.
        sees_states: layers get the state above them; else zeros in its place.
        sees_top: the last layer gets `top`; else zeros in its place.
    """

    bottom: Features
    matrix: Matrix
    top: Tensor | None = None
    sees_states: bool = True
    sees_top: bool = True

    def of(self, k: int, states: list[Tensor], sees_top: bool = True) -> GraphInput:
        """[s_{k-1} | s_{k+1}]: the state below layer k and, beside it, the one above."""
        below = Features([states[k - 1]]) if k else self.bottom
        inner = k + 1 < len(states)
        above = states[k + 1] if inner else self.top
        if above is not None and not (self.sees_states if inner else self.sees_top and sees_top):
            above = torch.zeros_like(above)
        return GraphInput(below.with_extra(above), self.matrix)

    def start(self, layers: list[Layer], zeros: list[Tensor]) -> list[Tensor]:
        """One pass from the bottom, with zeros above: states L x [S, H], in place of `zeros`."""
        for k, layer in enumerate(layers):
            zeros[k] = normalise(layer(self.of(k, zeros, sees_top=False)))
        return zeros


def with_above(sizes: list[tuple[int, int]], top: int) -> list[tuple[int, int]]:
    """(inputs, outputs) of layers that get the state above them, too.

    Args:
        sizes: without it.
        top: the columns above the last layer.
    """
    above = [*(out for _, out in sizes[1:]), top]
    return [(below + more, out) for (below, out), more in zip(sizes, above, strict=True)]


def order(updates: str, depth: int) -> list[list[int]]:
    """The layers of one step, in groups that see the same states."""
    if updates == "simultaneous":
        return [list(range(depth))]
    return [list(range(0, depth, 2)), list(range(1, depth, 2))][:depth]


def moves(updates: str, states: list[Tensor]) -> Iterator[tuple[int, list[Tensor]]]:
    """The layers of one step, in the order in which they move, each with the states that it sees.

    Args:
        updates: one of `UPDATES`.
        states: L x [S, H]; they change while the step is made.
    """
    for group in order(updates, len(states)):
        before = list(states)
        for k in group:
            yield k, before


def settled_votes(
    output: Callable[[int, list[Tensor]], Tensor],
    vote: Callable[[Tensor], Tensor],
    states: list[Tensor],
    steps: int,
    updates: str = "simultaneous",
    settling: int = SETTLING,
) -> list[Tensor]:
    """The votes of each layer, summed over the steps that count, while states move unlearned.

    Args:
        output: of a layer [S, H], from the states that it sees.
        vote: what a layer's output [S, H] says.
        states: where they start, L x [S, H].
        steps: how many are made.
        updates: one of `UPDATES`.
        settling: of the steps, those that come first and do not count.
    """
    votes: dict[int, Tensor] = {}
    for step in range(steps):
        for k, before in moves(updates, states):
            z = output(k, before)
            states[k] = normalise(z)
            if step >= settling:
                votes[k] = votes[k] + vote(z) if k in votes else vote(z)
    return [votes[k] for k in range(len(states))]
