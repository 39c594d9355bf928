"""Answers to the exercises of chapter 2: right ones, and wrong ones with their hints."""

import numpy as np
import torch


def gradient(positive, negative, w, theta, relu=True, mean=True, sides=(1, 1)):
    """The gradient of the forward-forward loss, with slips if wanted."""
    total = 0
    for rows, target, side in ((positive, 1.0, sides[0]), (negative, 0.0, sides[1])):
        h = (rows @ w).relu() if relu else rows @ w
        wrong = torch.sigmoid((rows @ w).relu().square().sum(1) - theta) - target
        total = total + side * rows.T @ (2 * h * wrong[:, None]) / (len(rows) if mean else 1)
    return total


RIGHT = [
    ("02-gradient", gradient),
    ("02-gradient", lambda *given: gradient(*(v.float() for v in given[:3]), given[3])),
    ("02-gradient", lambda *given: gradient(*given).numpy()),
    ("02-gradient", lambda *given: gradient(*given).tolist()),
    ("02-gradient", lambda *given: list(gradient(*given).requires_grad_())),
    ("02-passes", lambda t, c, k: [t + t * k, float(c)]),
    ("02-passes", lambda t, c, k: np.array([t + t * k, c])),
    ("02-passes", lambda t, c, k: (np.int64(t + t * k), torch.tensor(c))),
    ("02-copies", lambda theta, n, name: torch.tensor(theta * (n if "sum" in name else 1))),
]

WRONG = [
    ("02-gradient", lambda *given: -gradient(*given), "downhill"),
    ("02-gradient", lambda *given: gradient(*given) / 2, "derivative of a square"),
    ("02-gradient", lambda *given: gradient(*given, relu=False), "closed"),
    ("02-gradient", lambda *given: gradient(*given, mean=False), "a mean over the positives"),
    ("02-gradient", lambda *given: gradient(*given, sides=(1, 0)), "negatives pull"),
    ("02-gradient", lambda *given: gradient(*given, sides=(0, 1)), "positives pull"),
    ("02-gradient", lambda *given: torch.ones(4, 6), "three factors"),
    ("02-gradient", lambda *given: 1.0, "shape of W, (4, 6)"),
    ("02-gradient", lambda *given: gradient(*given).T.numpy(), "(4, 6); yours: (6, 4)"),
    ("02-gradient", lambda *_: [[1.0], [2.0, 3.0]], "(4, 6); yours: no array of numbers"),
    ("02-gradient", lambda *given: (gradient(*given) / 2).tolist(), "derivative of a square"),
    (
        "02-passes",
        lambda t, c, k: (t * k, c),
        "not in an update, with T = 1079, C = 10 and K = 9",
    ),
    ("02-passes", lambda t, c, k: (t * (1 + k), c - 1), "What has to be tried"),
    ("02-passes", lambda t, c, k: (t * (1 + k) + 0.9, c), "not in an update"),
    ("02-passes", lambda t, c, k: (t * (1 + k), c + 0.5), "right in an update"),
    ("02-passes", lambda t, c, k: t * (1 + k), "two numbers"),
    ("02-passes", lambda t, c, k: (t * c, c), "K = 1"),
    ("02-passes", lambda t, c, k: (t * (1 + k), 1 + k), "right in an update"),
    ("02-copies", lambda theta, n, name: theta * n, "mean-squares"),
    ("02-copies", lambda theta, n, name: theta, "sum-squares"),
]
