"""Checks of chapter 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite.book.exercises.answers import Checks, compare, numbers, rows_computed, shaped, within
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners import make_learner
from fgnn_lite.seeds import generator


def _ring(nodes: int, degree: int) -> Tensor:
    """Nodes in a ring, each with edges from the nearest ones on both sides [2, E]."""
    steps = [step for k in range(1, degree // 2 + 1) for step in (k, -k)]
    pairs = [((i + step) % nodes, i) for i in range(nodes) for step in steps]
    return torch.tensor(pairs).t()


def _weights(answer: Callable[[int, int], tuple[float, float]]) -> str | None:
    """Add up the weights of messages on rings, with PyG's normalisation."""
    near = within(1e-6)
    for degree, known in ((2, 0), (6, 2), (10, 10)):
        (source, target), weight = gcn_norm(_ring(25, degree), num_nodes=25, dtype=torch.float64)
        to_0 = target == 0
        own = weight[to_0 & (source == 0)].sum()
        others = weight[to_0 & (source != 0)]
        carried = others[known:].sum()
        expected = (
            "two numbers are asked for: the weight of its own message, and of its neighbours'"
        )
        mine = numbers(answer(degree, known), 2, expected)
        slips = [
            (near(mine[0], torch.tensor(1 / degree)), "how many messages come in? Count its own"),
            (not near(mine[0], own), "all degrees are equal here, and so are all weights. Count"),
            (near(mine[1], others.sum()), "which label is sent by a node whose label is given?"),
            (near(mine[1], own + carried), "its own message is counted twice"),
            (True, "which of its neighbours carry the candidate, and what weight has each?"),
        ]
        if hint := compare(mine, torch.stack([own, carried]), slips, near):
            return f"with {degree} neighbours, {known} of them given: {hint}"
    return None


def _uniform(answer: Callable[[Tensor, Tensor, Tensor], Any]) -> str | None:
    """Subtract what a layer computes without the uniform labels, on a directed graph."""
    random = generator(1, 51)
    a_hat = torch.rand(5, 5, generator=random, dtype=torch.float64)
    w = torch.randn(3, 4, generator=random, dtype=torch.float64)
    unlabelled = torch.tensor([False, True, True, False, True])
    labels = torch.eye(3, dtype=torch.float64)[torch.tensor([0, 0, 0, 2, 0])]
    some, none = labels.clone(), labels.clone()
    some[unlabelled], none[unlabelled] = 1 / 3, 0.0
    wanted = a_hat @ some @ w - a_hat @ none @ w
    weight = unlabelled.double().unsqueeze(1)
    slips = [
        (3 * wanted, "how much of each class does such a node claim?"),
        (weight * w.mean(0), "the label is propagated, too: who are a node's neighbours?"),
        (a_hat.t() @ weight * w.mean(0), "row i of A_hat holds the in-edges of node i"),
        (a_hat.sum(1, keepdim=True) * w.mean(0), "some nodes do carry a label"),
        (a_hat @ (1 - weight) * w.mean(0), "some nodes do carry a label: which ones have 1/C?"),
        (True, "write the label columns of those nodes, send them along A_hat, then through W"),
    ]
    given = answer(a_hat.float(), unlabelled.clone(), w.float())
    mine = shaped(given, wanted.shape, "a row for each node is asked for")
    return compare(mine, wanted, slips)


def _negatives(answer: Callable[[Tensor, int, int, torch.Generator], Any]) -> str | None:
    """Draw for many nodes, and count."""
    count, classes, k = 6000, 5, 3
    labels = torch.randint(classes, (count,), generator=generator(1, 52))
    given = labels.clone()

    def draw(seed: int, negatives: int = k) -> Tensor:
        made = answer(given, classes, negatives, torch.Generator().manual_seed(seed))
        return torch.as_tensor(made).cpu()

    wrong = draw(0)
    if not torch.equal(given, labels):
        return "the labels that you were given have changed: work on a copy"
    shaped(wrong, (k, count), "K rows and a column for each node are asked for")
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
        if float((step[1:] == step[:-1]).double().mean()) > 0.95:
            return "every node should draw for itself; yours draw together"
        for true in range(classes):
            counts = step[labels == true].bincount(minlength=classes)[1:].double()
            mean = float(counts.sum()) / (classes - 1)
            if float((counts - mean).abs().max()) > 6 * mean**0.5:
                return (
                    f"row {row}: some wrong classes come far more often than others. Each should "
                    "be as likely as the next, in every row"
                )
    every = draw(0, classes - 1).sum(dim=0)
    if not torch.equal(every, classes * (classes - 1) // 2 - labels):
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
        wanted = torch.tensor([update, sum(seen)]).double()
        nodes, train = len(data.y), int(data.train_mask.sum())
        given = answer(nodes, train, classes, negatives, depth)
        mine = numbers(given, 2, "two numbers are asked for")
        first, second = mine.tolist()
        slips = [
            (first == negatives * train, "the true labels need a row as well"),
            (first == (1 + negatives) * nodes, "the loss reads training nodes only"),
            (first != update, "for how many labellings is the layer computed, and which nodes?"),
            (second * depth == sum(seen), "how many layers compute each of these rows?"),
            (second == depth * classes * (nodes - train), "the next layer reads given nodes, too"),
            (True, "a prediction computes all nodes, once for each candidate"),
        ]
        if hint := compare(mine, wanted, slips, torch.equal):
            return (
                f"with {nodes} nodes, {train} of them to train with, {classes} classes, "
                f"{negatives} negatives and {depth} layers: {hint}"
            )
    return None


CHECKS: Checks = {
    "05-weights": _weights,
    "05-uniform": _uniform,
    "05-negatives": _negatives,
    "05-rows": _rows,
}
