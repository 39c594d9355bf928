"""Answers to the exercises of chapter 4: right ones, and wrong ones with their hints."""

import numpy as np
import torch


def reach(edge_index, node, depth, both=False, own=True):
    """How many nodes reach this one, with slips if wanted."""
    found = {node}
    pairs = [(i, j) for j, i in edge_index.t().tolist()]
    pairs = [(j, i) for i, j in pairs] if both else pairs
    for _ in range(depth):
        found |= {j for i, j in pairs if i in found}
    return len(found) - (not own)


def gcn(loops=True, inside=True, power=0.5, weigh="both"):
    """One step on the path, with slips if wanted."""
    a = np.diag(np.ones(3), 1)
    a = a + a.T
    whole = a + np.eye(4)
    d = (whole if inside else a).sum(1)
    shared = {"both": np.outer(d, d) ** power, "row": d[:, None], "none": 1.0}[weigh]
    return (whole if loops else a) / shared @ np.array([2.0, 3, 0, 0])


ABOVE, BELOW = [[1.0, -1.0]], [[-1.0, 1.0]]

RIGHT = [
    ("04-gcn", gcn()),
    ("04-gcn", [2.22, 1.82, 1, 0]),
    ("04-gcn", torch.tensor(gcn()).float().view(4, 1)),
    ("04-disagree", (BELOW, ABOVE)),
    ("04-disagree", [torch.tensor(ABOVE), np.array(BELOW)]),
    ("04-disagree", torch.tensor([ABOVE, BELOW])),
    ("04-disagree", np.array([ABOVE, BELOW])),
    ("04-reach", reach),
    ("04-reach", lambda *given: torch.tensor(float(reach(*given)))),
]

WRONG = [
    ("04-gcn", gcn(weigh="none"), "a plain sum"),
    ("04-gcn", gcn(weigh="row"), "that is a mean"),
    ("04-gcn", gcn(loops=False, inside=False), "an edge to itself"),
    ("04-gcn", gcn(inside=False), "count itself"),
    ("04-gcn", gcn(power=1), "root of what"),
    ("04-gcn", [2.22, 1.82, 1, 1], "node 3"),
    ("04-gcn", [2.22, 1.79, 1, 0], "node 1"),
    ("04-gcn", [1.0, 2.0], "four numbers"),
    ("04-gcn", "1, 2, 3, 4", "four numbers"),
    ("04-disagree", (BELOW, BELOW), "not the difference"),
    ("04-disagree", ([[-1.0, 0]], [[1.0, 0]]), "ReLU drops the other"),
    ("04-disagree", ([[-1.0, -1]], [[1.0, 1]]), "ReLU drops the other"),
    ("04-disagree", ([[1.0, 0]], [[-1.0, 0]]), "ReLU drops the other"),
    ("04-disagree", ([[1.0, 1]], [[-1.0, -1]]), "ReLU drops the other"),
    ("04-disagree", ([[-2.0, 2]], [[2.0, -2]]), "a factor, 2"),
    ("04-disagree", ([[0.0, 0]], [[1.0, -1]]), "lies above its neighbours"),
    ("04-disagree", (BELOW, [1.0, -1.0]), "both matrices are (1, 2)"),
    ("04-disagree", ABOVE, "two matrices"),
    ("04-disagree", 1.0, "two matrices"),
    ("04-reach", lambda *given: reach(*given, own=False), "own features"),
    ("04-reach", lambda *given: reach(*given, both=True), "the other way"),
    ("04-reach", lambda edges, node, depth: 100, "count each once"),
    ("04-reach", lambda *given: reach(*given) + 0.9, "count each once"),
]
