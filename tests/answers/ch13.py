"""Answers to the exercises of chapter 13: right ones, and wrong ones with their hints."""

import math

import numpy as np
import torch

LADDER = [(0, 1), (0, 2), (2, 3), (3, 1), (0, 4), (4, 5), (5, 1)]
HOUSE = [(0, 1), (0, 2), (2, 1), (0, 3), (3, 4), (4, 5), (5, 1)]
TWIN = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]


def pool(rows, graph, count):
    """The mean of each graph's rows."""
    sums = rows.new_zeros(count, rows.shape[1]).index_add_(0, graph, rows)
    return sums / torch.bincount(graph, minlength=count).unsqueeze(1)


def in_order(rows, graph, count):
    """Right if the graphs stand one after the other."""
    sizes = torch.bincount(graph, minlength=count).tolist()
    return torch.stack([part.mean(0) for part in rows.split(sizes)])


def others(r, y, own=0.0, left=1):
    """The mean of the others of its class, with slips if wanted."""
    sums = r.new_zeros(int(y.max()) + 1, r.shape[1]).index_add_(0, y, r)
    count = torch.bincount(y)[y].unsqueeze(1)
    return (sums[y] - (1 - own) * r) / (count - left)


def all_others(r, y):
    """The mean of the others of all classes."""
    return (r.sum(0) - r) / (len(r) - 1)


RIGHT = [
    ("13-pool", pool),
    ("13-pool", lambda rows, graph, count: pool(rows, graph, count).numpy()),
    ("13-pool", lambda rows, graph, count: pool(rows, graph, count).tolist()),
    ("13-twin", TWIN),
    ("13-twin", np.array(TWIN)),
    ("13-twin", torch.tensor(TWIN)),
    ("13-twin", [(5 - a, 5 - b) for a, b in TWIN]),
    ("13-blind", lambda same, classes: same / classes * math.log(same)),
    ("13-blind", lambda same, classes: torch.tensor(same / classes * math.log(same))),
    ("13-others", others),
    ("13-others", lambda r, y: others(r, y).float()),
]

WRONG = [
    ("13-pool", lambda rows, g, n: rows.new_zeros(n, 3).index_add_(0, g, rows), "a sum grows"),
    ("13-pool", lambda rows, g, n: rows.new_zeros(n, 3).index_add_(0, g, rows) / 10, "*it*"),
    ("13-pool", lambda rows, g, n: rows.mean(0).expand(n, 3), "nodes of all graphs"),
    (
        "13-pool",
        lambda rows, g, n: torch.stack([rows[g == k].amax(0) for k in range(n)]),
        "the mean is asked",
    ),
    ("13-pool", in_order, "Which graph is each node of"),
    ("13-pool", lambda rows, g, n: 1.01 * pool(rows, g, n), "add up the rows"),
    ("13-pool", lambda rows, g, n: rows, "one row for each graph, (4, 3)"),
    ("13-twin", LADDER, "that is the ladder"),
    ("13-twin", [(5 - a, 5 - b) for a, b in LADDER], "that is the ladder"),
    ("13-twin", HOUSE, "one layer sees"),
    ("13-twin", TWIN[:-1], "seven edges"),
    ("13-twin", [*TWIN[:-1], (0, 0)], "joined to itself"),
    ("13-twin", [*TWIN[:-1], (1, 0)], "twice"),
    ("13-twin", [*TWIN[:-1], (0, 6)], "0 to 5"),
    ("13-twin", [(0, k) for k in range(1, 6)] + [(1, 2), (3, 4)], "two nodes have three"),
    ("13-twin", 3, "does not run: TypeError"),
    ("13-blind", lambda same, classes: math.log(same), "And the other graphs"),
    ("13-blind", lambda same, classes: math.log(classes), "guessing among all"),
    ("13-blind", lambda same, classes: same / classes, "loss of one such graph"),
    ("13-blind", lambda same, classes: same / classes * math.log2(same), "in nats"),
    ("13-blind", lambda same, classes: 0.1, "which probability"),
    ("13-others", lambda r, y: others(r, y, own=1.0, left=0), "in its own mean"),
    (
        "13-others",
        lambda r, y: others(r, y) * (torch.bincount(y)[y] - 1).unsqueeze(1),
        "not a sum",
    ),
    ("13-others", lambda r, y: others(r, y, left=0), "how many graphs are left"),
    ("13-others", all_others, "same class"),
    ("13-others", lambda r, y: 1.01 * others(r, y), "less its own row"),
    ("13-others", lambda r, y: r[:3], "one row for each graph, (10, 3)"),
]
