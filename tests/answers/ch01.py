"""Answers to the exercises of chapter 1: right ones, and wrong ones with their hints."""

import numpy as np
import torch


def way_back(a, x, h1, h2, w2, w3, delta, transpose=True, gates=(True, True)):
    """The gradient of the first of three layers, with slips if wanted."""
    back = a.T if transpose else a
    delta_2 = (back @ delta @ w3.T) * (h2 > 0 if gates[1] else 1)
    delta_1 = (back @ delta_2 @ w2.T) * (h1 > 0 if gates[0] else 1)
    return (back.T @ x).T @ delta_1


RIGHT = [
    ("01-gradient", lambda *given: way_back(*(value.float() for value in given))),
    ("01-gradient", lambda *given: way_back(*given).numpy()),
    ("01-gradient", lambda *given: way_back(*given).tolist()),
    ("01-gradient", lambda *given: list(way_back(*given).requires_grad_())),
    ("01-segments", 8.0),
    ("01-segments", np.array(8)),
    ("01-segments", np.array(8.0)),
    ("01-segments", np.float32(8)),
    ("01-segments", np.int64(8)),
    ("01-segments", torch.tensor(8)),
    ("01-segments", torch.tensor(8.0)),
    ("01-segments", 64**0.5),
]

WRONG = [
    ("01-bytes", lambda n, e, h, d: d * 4 * n * h + 20 * (e + n), "keep fewer"),
    ("01-bytes", lambda n, e, h, d: (d - 1) * 4 * n * h, "keep more"),
    ("01-gradient", lambda *given: way_back(*given, transpose=False), "Which way"),
    ("01-gradient", lambda *given: way_back(*given, gates=(False, True)), "ReLU"),
    ("01-gradient", lambda *given: way_back(*given, gates=(True, False)), "ReLU"),
    ("01-gradient", lambda *given: way_back(*given, gates=(False, False)), "ReLU"),
    ("01-gradient", lambda *_: torch.zeros(3, 4), "one output"),
    ("01-gradient", lambda *_: 1.0, "shape of W1"),
    ("01-gradient", lambda *given: way_back(*given).T.numpy(), "(3, 4); yours: (4, 3)"),
    ("01-gradient", lambda *_: "W1", "(3, 4); yours: no array of numbers"),
    ("01-gradient", lambda *given: way_back(*given, transpose=False).tolist(), "Which way"),
    ("01-segments", 4, "inputs of segments"),
    ("01-segments", 32.0, "layers inside"),
    ("01-segments", np.array(4), "inputs of segments"),
    ("01-segments", 2.5, "2.5 is not a number of layers"),
    ("01-segments", float("nan"), "nan is not a number of layers"),
    ("01-segments", 0, "whole, and from 1 to 64"),
    ("01-segments", "8", "does not run: TypeError"),
]
