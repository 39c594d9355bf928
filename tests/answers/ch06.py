"""Answers to the exercises of chapter 6: right ones, and wrong ones with their hints."""

import math

import numpy as np
import torch


def leak(augmenter, data, hidden="~train", how="zero", parts=("edge_index", "x")):
    """Change labels, and see what else changes; with slips if wanted."""
    mask = ~data.train_mask if hidden == "~train" else data[hidden]
    other = data.clone()
    if how == "zero":
        other.y[mask] = 0
    elif how == "turn":
        other.y[mask] = (data.y[mask] + 1) % data.num_classes
    else:
        other.y[mask] = data.y[mask].flip(0)
    before, after = augmenter(data), augmenter(other)
    for part in parts:
        if not torch.equal(before[part], after[part]):
            return part
    return "nothing"


def in_place(augmenter, data):
    """Looks at what it changes."""
    before = augmenter(data)
    data.y[~data.train_mask] = 0
    return "nothing" if torch.equal(before.x, augmenter(data).x) else "x"


def only_counts(augmenter, data):
    """Counts edges, and does not compare them."""
    before = augmenter(data)
    other = data.clone()
    other.y[~data.train_mask] = 0
    after = augmenter(other)
    if before.edge_index.shape != after.edge_index.shape:
        return "edge_index"
    return "nothing" if torch.equal(before.x, after.x) else "x"


def everything(augmenter, data):
    """Takes training labels away, too."""
    other = data.clone()
    other.y = (data.y + 1) % data.num_classes
    before, after = augmenter(data), augmenter(other)
    return "nothing" if torch.equal(before.edge_index, after.edge_index) else "edge_index"


RIGHT = [
    ("06-leak", lambda augmenter, data: leak(augmenter, data, parts=("x", "edge_index"))),
    ("06-weight", lambda d, members: torch.tensor(1 / math.sqrt((d + 2) * (members + 1)))),
    ("06-weight", lambda d, members: np.float32(1 / math.sqrt((d + 2) * (members + 1)))),
    ("06-far", lambda steps, way: torch.tensor(steps + 1 if way == "both" else math.inf)),
    ("06-far", lambda steps, way: np.inf if way == "to-virtual" else float(steps + 1)),
]

WRONG = [
    ("06-leak", lambda augmenter, data: "nothing", "two that differ"),
    ("06-leak", lambda augmenter, data: augmenter(data) and "nothing", "two that differ"),
    ("06-leak", lambda augmenter, data: "y", "'edge_index', 'x' or 'nothing'"),
    ("06-leak", lambda *given: leak(*given, parts=("y",)) and "x", "false alarm"),
    ("06-leak", everything, "false alarm"),
    ("06-leak", lambda *given: leak(*given, hidden="test_mask"), "validation labels"),
    ("06-leak", lambda *given: leak(*given, how="swap"), "swaps do not show it"),
    ("06-leak", lambda *given: leak(*given, how="turn"), "which neighbours agree"),
    ("06-leak", lambda *given: leak(*given, parts=("x",)), "links nodes"),
    ("06-leak", lambda *given: leak(*given, parts=("edge_index",)), "features of class nodes"),
    ("06-leak", only_counts, "links nodes"),
    ("06-leak", in_place, "work on a clone"),
    (
        "06-weight",
        lambda d, members: ((1 + d) * (1 + members)) ** -0.5,
        "the virtual edge is an edge",
    ),
    ("06-weight", lambda d, members: ((1 + d) * members) ** -0.5, "each end has an edge to itself"),
    (
        "06-weight",
        lambda d, members: ((2 + d) * members) ** -0.5,
        "the class node has an edge to itself",
    ),
    ("06-weight", lambda d, members: 1 / ((2 + d) * (1 + members)), "takes a root"),
    ("06-weight", lambda d, members: 1 / (2 + d), "mean"),
    ("06-weight", lambda d, members: 1.0, "both ends"),
    ("06-weight", lambda d, members: -1.0, "both ends"),
    ("06-far", lambda steps, way: steps, "starts at the class node"),
    ("06-far", lambda steps, way: steps + 1, "which direction"),
    ("06-far", lambda steps, way: 1, "along one edge"),
]
