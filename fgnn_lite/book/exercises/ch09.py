"""Checks of chapter 9."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import Module, functional
from torch.nn.modules.module import register_module_forward_hook

from fgnn_lite.augment import label_features
from fgnn_lite.book.exercises.answers import Checks, close, compare, gradient_of, hint_of, shaped
from fgnn_lite.graphs import load_graph
from fgnn_lite.layers import GraphInput, Layer, normalise
from fgnn_lite.learners.sf_top_to_input import SFTopToInput
from fgnn_lite.learners.top_down import UPDATES
from fgnn_lite.matrices import Features
from fgnn_lite.seeds import generator

Move = tuple[int, str | None, str | None]  # a layer, and the ages of its inputs


def _order(answer: Callable[[int, str], Sequence[Move]]) -> str | None:
    """Look at every layer's input while the library trains, and see whose states they are."""
    for depth in (3, 1, 2, 5, 6):
        for updates in UPDATES:
            moves = [(int(k), below, above) for k, below, above in answer(depth, updates)]
            wanted = _observed(depth, updates)
            if updates == "simultaneous":  # there is no order among them
                moves.sort(key=lambda move: move[0])
            if moves == wanted:
                continue
            layers, states = _split(moves)
            right, known = _split(wanted)
            ages = {age for _, *both in moves for age in both}
            at_once = updates == "simultaneous" and any("fresh" in move for move in moves)
            wrong = next((m[0] for m, w in zip(moves, wanted, strict=False) if m != w), 0)
            slips = [
                (not ages <= {"fresh", "stale", None}, "ages are 'fresh', 'stale' or None"),
                (sorted(layers) != sorted(right), "each layer, from 1 on, moves once in a step"),
                (layers != right, "the layers do not move in this order"),
                (states != known, "None is for what is no layer's: the input, and the labels"),
                (at_once, "all layers read the states of the step before"),
                (True, f"look at layer {wrong}: have its neighbours moved in this step?"),
            ]
            return f"for depth {depth}, {updates!r}: {hint_of(slips)}"
    return None


def _split(moves: Sequence[Move]) -> tuple[list[int], list[list[bool]]]:
    """The layers, in order, and which of their inputs are states of a layer."""
    return [move[0] for move in moves], [[age is not None for age in move[1:]] for move in moves]


def _observed(depth: int, updates: str) -> list[Move]:
    """One step of the library, in order: each layer, and whether its inputs were fresh."""
    learner = SFTopToInput(updates, depth=depth, hidden=8, seed=1)
    data = load_graph("karate")
    made: dict[int, list[Tensor]] = {k: [] for k in range(depth)}  # states, newest last
    moves: list[Move] = []

    def age(state: Tensor | None, k: int, step: int) -> str | None:
        if state is None or not 0 <= k < depth:
            return None
        fresh = len(made[k]) > step and torch.equal(state, made[k][step])
        return "fresh" if fresh else "stale"

    def note(module: Module, args: tuple[GraphInput], z: Tensor) -> None:
        if not isinstance(module, Layer):
            return
        step, k = 2, list(learner.layers).index(module)  # step 0 is the pass from the bottom
        if len(made[k]) == step:
            features = args[0].features
            assert isinstance(features, Features)
            below = features.blocks[-1]
            state = below if isinstance(below, Tensor) else None
            ages = age(state, k - 1, step), age(features.extra, k + 1, step)
            moves.append((k + 1, *ages))
        made[k].append(normalise(z.detach()))

    watch = register_module_forward_hook(note)
    try:
        learner.fit(data, epochs=2, lr=0.1, device="cpu", restore_best=False, val_every=9)
    finally:
        watch.remove()
    return moves


def _mean_gradient(answer: Callable[..., Tensor]) -> str | None:
    """Compare with autograd on a random layer under two others."""
    random = generator(1, 9)
    nodes, classes, hidden, tau = 7, 3, 5, 0.5
    y = torch.tensor([0, 1, 2, 2, 1, 0, 2])

    def draw() -> Tensor:
        return torch.rand(nodes + classes, hidden, generator=random, dtype=torch.float64)

    for others in (2, 0, 1):
        z, above = draw().requires_grad_(), [draw() for _ in range(others)]
        v = sum(above, start=z) / (1 + others)
        loss = functional.cross_entropy(v[:nodes] @ v[nodes:].t() / tau, y)
        (wanted,) = torch.autograd.grad(loss, z)
        z = z.detach()
        given = answer(z.clone(), [state.clone() for state in above], y, tau)
        mine = gradient_of("Z", z, given)
        probability = torch.softmax(z[:nodes] @ z[nodes:].t() / tau, dim=-1)
        error = (probability - functional.one_hot(y, classes)) / nodes / tau
        alone = torch.cat([error @ z[nodes:], error.t() @ z[:nodes]])
        tempered = "almost: what does the temperature do to the gradient?"
        of_layer = "that is the layer alone: the probabilities are those of the mean"
        upper = close(mine[:nodes], wanted[:nodes])
        lower = close(mine[nodes:], wanted[nodes:])
        slips = [
            ((1 + others) * wanted, "almost: by how much does the mean move if Z moves by 1?"),
            (wanted / (1 + others), "almost: you divided by the number of terms once too often"),
            (-wanted, "almost: which way is downhill?"),
            (nodes * wanted, "almost: the loss is a mean over the training nodes"),
            (tau * wanted, tempered),
            (tau**2 * wanted, tempered),
            (upper, "right for the nodes. The class nodes are rows of Z, too, and they move"),
            (lower, "right for the class nodes. What does the loss want of the other rows?"),
            (alone, of_layer),
            (alone / (1 + others), of_layer),
            (True, "three steps back: from the loss to the logits, to the mean, to Z"),
        ]
        if hint := compare(mine, wanted, slips):
            return hint
    return None


def _labels(answer: Callable[..., Tensor]) -> str | None:
    """What comes down from the labels, on a directed graph."""
    random = generator(1, 10)
    nodes, classes = 9, 5
    a = torch.rand(nodes, nodes, generator=random, dtype=torch.float64)
    a = a * (torch.rand(nodes, nodes, generator=random) > 0.5)
    y = torch.arange(nodes) % classes
    train = torch.arange(nodes) % 2 == 0
    known = train.nonzero().squeeze(-1)
    y_top = label_features(y[known], known, nodes, classes, torch.float64)
    top = normalise(y_top)
    wanted = a @ top
    every = functional.one_hot(y, classes).to(torch.float64)
    slips = [
        (a @ every, "you told the net the labels that it is to predict"),
        (a @ (every * train.unsqueeze(1)), "what stands above a node whose label is not known?"),
        (a @ y_top, "almost: like every state, the labels are normalised before they are sent"),
        (normalise(a @ y_top), "normalise what is sent, not what is received"),
        (normalise(wanted), "normalise what is sent, not what is received"),
        (top, "that stands above each node. What comes to it from its neighbours?"),
        (a.t() @ top, "row i of the matrix holds the in-edges of node i"),
        (True, "first what stands above each node, then what each node receives of it"),
    ]
    given = answer(a.float(), y.clone(), train.clone(), classes)
    mine = shaped(given, wanted.shape, "a row for each node and a column for each class")
    return compare(mine, wanted, slips)


CHECKS: Checks = {
    "09-order": _order,
    "09-gradient": _mean_gradient,
    "09-labels": _labels,
}
