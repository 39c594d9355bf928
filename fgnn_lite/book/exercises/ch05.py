"""Checks of chapter 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of, rows_computed
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners import make_learner
from fgnn_lite.seeds import generator


def _ring(nodes: int, hears: int) -> Tensor:
    """Nodes in a ring, each of which hears the nearest ones on both sides [2, E]."""
    steps = [step for k in range(1, hears // 2 + 1) for step in (k, -k)]
    pairs = [((i + step) % nodes, i) for i in range(nodes) for step in steps]
    return torch.tensor(pairs).t()


def _heard(answer: Callable[[int, int], tuple[float, float]]) -> str | None:
    """Weigh the voices on rings, with PyG's weights."""
    for hears, known in ((2, 0), (6, 2), (10, 10)):
        (source, target), weight = gcn_norm(_ring(25, hears), num_nodes=25, dtype=torch.float64)
        to_0 = target == 0
        own = float(weight[to_0 & (source == 0)].sum())
        others = weight[to_0 & (source != 0)]
        vouched = float(others[known:].sum())
        mine = [float(value) for value in answer(hears, known)]
        if len(mine) != 2:
            return "two numbers are asked for: what it says itself, and what is vouched for"
        near = [abs(a - b) < 1e-6 for a, b in zip(mine, (own, vouched), strict=True)]
        if all(near):
            continue
        where = f"with {hears} neighbours, {known} of them given: "
        if abs(mine[0] - 1 / hears) < 1e-6:
            return where + "how many voices does a node of a GCN hear? Count its own"
        if not near[0]:
            return where + "all voices weigh the same here, as all degrees are equal. Count them"
        if abs(mine[1] - float(others.sum())) < 1e-6:
            return where + "what does a node whose label is given say in the world of c?"
        if abs(mine[1] - own - vouched) < 1e-6:
            return where + "its own voice is counted twice"
        return where + "which of its neighbours carry the candidate, and how loud is each?"
    return None


def _uniform(answer: Callable[[Tensor, Tensor, Tensor], Any]) -> str | None:
    """Subtract what a layer computes without the uniform labels, where hearing is not mutual."""
    random = generator(1, 51)
    a_hat = torch.rand(5, 5, generator=random, dtype=torch.float64)
    w = torch.randn(3, 4, generator=random, dtype=torch.float64)
    unlabelled = torch.tensor([False, True, True, False, True])
    labels = torch.eye(3, dtype=torch.float64)[torch.tensor([0, 0, 0, 2, 0])]
    some, none = labels.clone(), labels.clone()
    some[unlabelled], none[unlabelled] = 1 / 3, 0.0
    wanted = a_hat @ some @ w - a_hat @ none @ w
    given = answer(a_hat.float(), unlabelled.clone(), w.float())
    mine = as_tensor(given)
    if mine is None or mine.shape != wanted.shape:
        shape = type(given).__name__ if mine is None else tuple(mine.shape)
        return f"a row for each node is asked for, {tuple(wanted.shape)}; yours: {shape}"
    if close(mine, wanted):
        return None
    weight = unlabelled.double().unsqueeze(1)
    slips = [
        (3 * wanted, "how much of each class does such a node claim?"),
        (weight * w.mean(0), "the label is propagated, too: whom does a node hear?"),
        (a_hat.t() @ weight * w.mean(0), "row i of A_hat says whom node i hears"),
        (a_hat.sum(1, keepdim=True) * w.mean(0), "some nodes do carry a label"),
        (a_hat @ (1 - weight) * w.mean(0), "some nodes do carry a label: which ones say 1/C?"),
    ]
    last = "write the label columns of those nodes, send them along A_hat, then through W"
    return hint_of(mine, slips) or last


def _draw(answer: Callable[[Tensor, int, int, torch.Generator], Any]) -> str | None:
    """Draw for many nodes, and count."""
    count, classes, k = 6000, 5, 3
    labels = torch.randint(classes, (count,), generator=generator(1, 52))
    asked = labels.clone()

    def draw(seed: int, negatives: int = k) -> Tensor:
        made = answer(asked, classes, negatives, torch.Generator().manual_seed(seed))
        return torch.as_tensor(made).cpu()

    wrong = draw(0)
    if not torch.equal(asked, labels):
        return "the labels that you were given have changed: work on a copy"
    if wrong.shape != (k, count):
        return f"K rows and a column for each node are asked for, {(k, count)}; yours: " + str(
            tuple(wrong.shape)
        )
    if wrong.is_floating_point() or int(wrong.min()) < 0 or int(wrong.max()) >= classes:
        return f"classes are whole numbers from 0 to {classes - 1}"
    if bool((wrong == labels).any()):
        return "some negatives carry the true label"
    ordered = wrong.sort(dim=0).values
    if bool((ordered[1:] == ordered[:-1]).any()):
        return "some nodes got the same wrong label twice"
    if not torch.equal(draw(0), wrong):
        return "the same generator state must give the same labels: draw from the one you are given"
    if torch.equal(draw(1), wrong):
        return "another generator state gives the same labels: nothing was drawn"
    steps = (wrong - labels) % classes  # 1..C-1, evenly, however the node is labelled
    for row, step in enumerate(steps):
        same = float((step[1:] == step[:-1]).double().mean())
        if same > 0.95:
            return "every node should draw for itself; yours draw together"
        for true in range(classes):
            counts = step[labels == true].bincount(minlength=classes)[1:].double()
            mean = float(counts.sum()) / (classes - 1)
            if float((counts - mean).abs().max()) > 6 * mean**0.5:
                return (
                    f"row {row}: some wrong classes come far more often than others. Each should "
                    "be as likely as the next, in every row"
                )
    if not torch.equal(
        draw(0, classes - 1).sort(dim=0).values.sum(dim=0), classes * (classes - 1) // 2 - labels
    ):
        return "with K = C - 1 every wrong class has to turn up once"
    return None


def _rows(answer: Callable[[int, int, int, int, int], tuple[int, int]]) -> str | None:
    """Count the rows that layers compute, in one update and in one prediction."""
    for classes, negatives, depth in ((4, 3, 2), (5, 2, 3)):
        data = load_graph("sbm", nodes=100, edges=300, classes=classes, features=8)
        learner = make_learner("ff-la", depth=depth, hidden=8, negatives=negatives)
        with rows_computed() as seen:
            learner.fit(data, epochs=1, device="cpu")
            update = seen[0]
            seen.clear()
            learner.predict(data)
            predict = sum(seen)
        nodes, train = len(data.y), int(data.train_mask.sum())
        mine = tuple(float(value) for value in answer(nodes, train, classes, negatives, depth))
        if mine == (update, predict):
            continue
        where = (
            f"with {nodes} nodes, {train} of them to train with, {classes} classes, {negatives} "
            f"negatives and {depth} layers: "
        )
        if len(mine) != 2:
            return "two numbers are asked for"
        if mine[0] == negatives * train:
            return where + "the true labels need a row as well"
        if mine[0] == (1 + negatives) * nodes:
            return where + "the loss reads training nodes only, and so only they are computed"
        if mine[0] != update:
            return where + "in how many worlds is the layer computed, and for which nodes?"
        if mine[1] * depth == predict:
            return where + "how many layers does each of these worlds pass through?"
        if mine[1] == depth * classes * (nodes - train):
            return where + "a node with a given label is no question, but the next layer hears it"
        return where + "a prediction computes all nodes, in a world for each candidate"
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "05-heard": _heard,
    "05-uniform": _uniform,
    "05-negatives": _draw,
    "05-rows": _rows,
}
