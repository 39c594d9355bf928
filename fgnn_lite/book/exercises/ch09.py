"""Checks of chapter 9."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module, functional
from torch.nn.modules.module import register_module_forward_hook

from fgnn_lite.augment import label_features
from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of, misshapen
from fgnn_lite.graphs import load_graph
from fgnn_lite.layers import GraphInput, Layer, normalise
from fgnn_lite.learners.sf_top_to_input import SFTopToInput
from fgnn_lite.learners.top_down import UPDATES
from fgnn_lite.matrices import Features
from fgnn_lite.seeds import generator

_AGES = ("fresh", "stale", None)
Move = tuple[int, str | None, str | None]  # a layer, and the age of what it hears


def _order(answer: Callable[[int, str], Sequence[Move]]) -> str | None:
    """Listen at every layer's door while the library trains, and see whose states come in."""
    for depth in (3, 1, 2, 5, 6):
        for updates in UPDATES:
            moves = []
            for layer, below, above in answer(depth, updates):
                moves.append((int(layer), below, above))
            wanted = _overheard(depth, updates)
            words = f"for depth {depth}, {updates!r}: "
            if not {age for move in moves for age in move[1:]} <= set(_AGES):
                return words + "ages are 'fresh', 'stale' or None"
            if sorted(m[0] for m in moves) != list(range(1, depth + 1)):
                return words + "each layer, counted from 1, moves once in a step"
            if updates == "simultaneous":  # there is no order among them
                moves.sort(key=lambda move: move[0])
            if [m[0] for m in moves] != [m[0] for m in wanted]:
                return words + "the layers do not move in this order"
            if [[age is None for age in move] for move in moves] != [
                [age is None for age in move] for move in wanted
            ]:
                return words + "None is for what is no layer's state: the input, and the labels"
            if moves != wanted:
                wrong = next(m[0] for m, w in zip(moves, wanted, strict=True) if m != w)
                if updates == "simultaneous" and any("fresh" in move for move in moves):
                    return words + "all layers hear the states of the step before"
                return words + f"look at layer {wrong}: have its neighbours moved in this step?"
    return None


def _overheard(depth: int, updates: str) -> list[Move]:
    """One step of the library, in order: each layer, and whether what it heard was fresh."""
    learner = SFTopToInput(updates, depth=depth, hidden=8, seed=1)
    data = load_graph("karate")
    made: dict[int, list[Tensor]] = {k: [] for k in range(depth)}  # states, newest last
    moves: list[Move] = []

    def age(heard: Tensor | None, k: int, step: int) -> str | None:
        if heard is None or not 0 <= k < depth:
            return None
        fresh = len(made[k]) > step and torch.equal(heard, made[k][step])
        return "fresh" if fresh else "stale"

    def note(module: Module, args: tuple[GraphInput], z: Tensor) -> None:
        if not isinstance(module, Layer):
            return
        step, k = 2, list(learner.layers).index(module)  # step 0 is the pass from the bottom
        if len(made[k]) == step:
            features = args[0].features
            assert isinstance(features, Features)
            below = features.blocks[-1]
            heard = below if isinstance(below, Tensor) else None, features.extra
            moves.append((k + 1, age(heard[0], k - 1, step), age(heard[1], k + 1, step)))
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
        logits = v[:nodes] @ v[nodes:].t() / tau
        functional.cross_entropy(logits, y).backward()
        wanted = z.grad
        assert wanted is not None
        mine = as_tensor(answer(z.detach().clone(), [state.clone() for state in above], y, tau))
        if mine is None or mine.shape != z.shape:
            return misshapen(mine, z, "Z")
        if close(mine, wanted):
            continue
        if others and close(mine, (1 + others) * wanted):
            return "so near: by how much does the mean move if Z moves by 1?"
        if others and close(mine, wanted / (1 + others)):
            return "so near: you divided by the number of terms once too often"
        if close(mine, -wanted):
            return "so near: which way is downhill?"
        if close(mine, nodes * wanted):
            return "so near: the loss is a mean over the training nodes"
        if close(mine, tau * wanted) or close(mine, tau**2 * wanted):
            return "so near: what does the temperature do to the gradient?"
        if close(mine[:nodes], wanted[:nodes]):
            return "right for the nodes. The class nodes are rows of Z, too, and they move"
        if close(mine[nodes:], wanted[nodes:]):
            return "right for the class nodes. What does the loss want of the other rows?"
        with torch.no_grad():
            alone = torch.softmax(z[:nodes] @ z[nodes:].t() / tau, dim=-1)
            alone = (alone - functional.one_hot(y, classes)) / nodes / tau
            own = torch.cat([alone @ z[nodes:], alone.t() @ z[:nodes]])
        if others and (close(mine, own) or close(mine, own / (1 + others))):
            return "you asked the layer alone: the probabilities are those of the mean"
        return "three steps back: from the loss to the logits, to the mean, to Z"
    return None


def _labels(answer: Callable[..., Tensor]) -> str | None:
    """What comes down from the labels, on a graph in which hearing is not mutual."""
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
    mine = as_tensor(answer(a.float(), y.clone(), train.clone(), classes))
    if mine is None or mine.shape != wanted.shape:
        return f"a row for each node and a column for each class: {tuple(wanted.shape)}"
    if close(mine, wanted):
        return None
    truth = functional.one_hot(y, classes).to(torch.float64)
    slips = [
        (a @ truth, "you told the net the labels that it is to predict"),
        (a @ (truth * train.unsqueeze(1)), "what stands above a node whose label is not known?"),
        (a @ y_top, "so near: like every state, the labels are normalised before they are heard"),
        (normalise(a @ y_top), "normalise what is said, not what is heard"),
        (normalise(wanted), "normalise what is said, not what is heard"),
        (top, "that stands above each node. What comes to it from its neighbours?"),
        (a.t() @ top, "row i of the matrix says whom node i hears"),
    ]
    last = "first what stands above each node, then what each node hears of it"
    return hint_of(mine, slips) or last


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "09-order": _order,
    "09-gradient": _mean_gradient,
    "09-labels": _labels,
}
