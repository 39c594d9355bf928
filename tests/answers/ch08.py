"""Answers to the exercises of chapter 8: right ones, and wrong ones with their hints."""

import numpy as np
import torch


def work(n, r, f, h, e, e_read, updates, once=True, each=True):
    """Multiply-adds that caching saves, with slips if wanted."""
    left = (e_read * f if once else 0) + (updates * r * f * h if each else 0)
    return updates * (n * f * h + e * h) - left


CASE = {"nodes": 1000, "edges": 3000, "features": 500, "hidden": 8, "depth": 4, "backbone": "gcn"}

RIGHT = [
    ("08-work", lambda *sizes: torch.tensor(work(*sizes))),
    ("08-work", lambda *sizes: float(work(*sizes))),
    ("08-batch", 51),
    ("08-batch", 51.0),
    ("08-batch", np.int64(51)),
    ("08-batch", torch.tensor(51)),
    ("08-batch", lambda: 51),
    ("08-loses", {name: value for name, value in CASE.items() if name != "backbone"}),
    ("08-loses", CASE | {"backbone": "sage", "nodes": torch.tensor(900)}),
    ("08-loses", CASE | {"features": np.int64(600), "depth": 6}),
]

WRONG = [
    ("08-work", lambda *sizes: -work(*sizes), "which side"),
    ("08-work", lambda *sizes: work(*sizes, once=False, each=False), "What is left to do"),
    ("08-work", lambda *sizes: work(*sizes, once=False), "not free"),
    ("08-work", lambda *sizes: work(*sizes, each=False), "remains, in every update"),
    ("08-work", lambda *sizes: work(*sizes[:-1], 1), "how many updates"),
    (
        "08-work",
        lambda n, r, f, h, e, e_read, u: work(n, r, f, h, e, u * e_read, u),
        "once, not each time",
    ),
    ("08-work", lambda n, r, f, h, e, e_read, u: work(n, r, f, h, e, e, u), "rows that are read"),
    (
        "08-work",
        lambda n, r, f, h, e, e_read, u: work(n, r, f, h, e, 0, u) - e_read * h,
        "rows of the input",
    ),
    ("08-work", lambda *sizes: 1, "one by one"),
    ("08-batch", 80, "who is in every batch"),
    ("08-batch", 52, "more than 50000"),
    ("08-batch", 50, "room for more"),
    ("08-batch", 0, "whole, and from 1 on"),
    ("08-batch", 54.5, "whole, and from 1 on"),
    ("08-batch", "54", "does not run: TypeError"),
    ("08-loses", CASE | {"depth": 3}, "at least four"),
    ("08-loses", CASE | {"hidden": 128}, "here SF takes"),
    ("08-loses", CASE | {"features": 5000}, "features must be"),
    ("08-loses", {"nodes": 500}, "the settings are"),
    ("08-loses", CASE | {"backbone": "mlp"}, "backbone must be"),
    ("08-loses", 4, "does not run: TypeError"),
]
