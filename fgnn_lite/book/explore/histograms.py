"""Goodness of positives and negatives while a layer learns, and a threshold to drag across them.

`histograms.js` draws it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.book.explore.page import Explorer, Look, Model, per_cent, rows_as_table, select
from fgnn_lite.book.explore.rows import (
    grid,
    listed,
    names_of,
    numbers,
    offered,
    written,
)
from fgnn_lite.book.looks import SHAPES
from fgnn_lite.learners import Learner

MOST_BINS = 100


def histograms(
    rows: Iterable[Mapping[str, Any]],
    controls: Sequence[str],
    edges: Sequence[float],
    theta: float = 2.0,
    positive: str = "positive",
    negative: str = "negative",
    title: str = "",
    labels: Mapping[str, str] | None = None,
    start: Mapping[str, Any] | None = None,
) -> Explorer:
    """Draw how many inputs have which goodness; drag theta to tell positives from negatives.

        file = fgnn.load_results("goodness")
        histograms(file["rows"], ["learner", "layer", "updates"], file["settings"]["edges"])

    A layer is right about a positive whose goodness is at least theta, and about a negative whose
    goodness is below. Theta moves from edge to edge, so that all shares are exact.

    Args:
        rows: for each combination of the controls' values a mapping with `positive` and `negative`:
            counts in each bin. What lies beyond the last edge is counted in the last bin.
        controls: the columns to choose from.
        edges: of the bins, rising: one more than there are bins.
        theta: one of the edges; where the threshold stands at first.
        positive: the column of that name.
        negative: the column of that name.
        title: stands above the picture.
        labels: column -> what the page calls it.
        start: column -> value, the first selection.

    Returns:
        What a notebook shows as the last value of a cell.

    Raises:
        TypeError: a value is of another kind.
        ValueError: a value is out of range, or a combination is missing.
    """
    table, options = grid(rows, controls, [("positive", positive), ("negative", negative)])
    ends = numbers("edges", edges)
    checks.integer("edges' number of bins", len(ends) - 1, 2, MOST_BINS)
    for a, b in pairwise(ends):
        if a >= b:
            raise ValueError(f"edges must rise from one to the next; got {b:g} after {a:g}")
    theta = checks.number("theta", theta)
    if theta not in ends:
        near = min(ends, key=lambda edge: abs(edge - theta))
        raise ValueError(f"theta must be one of the edges; got {theta} (try {near:g})")
    sides: dict[str, list[list[int]]] = {positive: [], negative: []}
    for i, row in enumerate(table):
        for side, counts in sides.items():
            place = f"rows[{i}][{side!r}]"
            found = [checks.integer(place, k, 0) for k in listed(place, row[side], "counts")]
            if len(found) != len(ends) - 1 or not sum(found):
                raise ValueError(
                    f"{place} must hold {len(ends) - 1} counts, not all of them 0; got "
                    f"{len(found)} with a sum of {sum(found)}"
                )
            counts.append(found)
    used = max(k for side in sides.values() for row in side for k, count in enumerate(row) if count)
    bins = max(used + 1, ends.index(theta), 2)  # what lies above is empty, whatever is selected
    ends = ends[: bins + 1]
    sides = {side: [row[:bins] for row in counts] for side, counts in sides.items()}
    known, first = offered(options, labels, start)
    names = names_of(ends)
    shares = [[max(row) / sum(row) for row in pair] for pair in zip(*sides.values(), strict=True)]
    model: Model = {
        "chart": "histograms",
        "title": written("title", title) or "Goodness of positives and negatives",
        "two": False,
        "edges": names,
        "stops": [per_cent(100 * (end - ends[0]) / (ends[-1] - ends[0])) for end in ends],
        "points": {
            "c": [at for _, at in options.values()],
            "p": sides[positive],
            "n": sides[negative],
            "top": [math.ceil(20 * max(pair) - 1e-9) / 20 for pair in shares],
        },
        "controls": [
            *known,
            {"label": "theta", "names": names, "slider": True},
        ],
        "drag": len(known),
        "start": [[*first, ends.index(theta)]],
    }
    return Explorer(model, sys.modules[__name__])


def goodness_rows(
    learner: Learner, data: Data, edges: Sequence[float], /, mask: str = "test", **columns: Any
) -> list[dict[str, Any]]:
    """Count a forward-forward learner's inputs by goodness, for `histograms`: a row for each layer.

    A positive is a node (or image) with its true label, a negative with a wrong one.

    Args:
        learner: trained, with the votes of all its layers added up (`accumulate="all"`).
        data: as for `class_scores`.
        edges: of the bins, rising; what lies beyond is counted in the first or the last bin.
        mask: `"train"`, `"val"` or `"test"`: the nodes to count. Nodes whose label is given
            in prediction are left out.
        **columns: for instance `updates=100`.

    Returns:
        Rows of `columns`, `layer`, `positive` and `negative`.

    Raises:
        ValueError: if the learner's votes are not those of all layers.
    """
    if getattr(learner, "accumulate", None) != "all":
        raise ValueError('learner must have goodness, and be made with accumulate="all"')
    chosen = checks.mask(data, mask)
    count = checks.num_classes(data)
    positive = functional.one_hot(checks.labelled(data, chosen, count), count).bool().cpu()
    bounds = torch.tensor(numbers("edges", edges)[1:-1])
    rows, below = [], torch.zeros(())
    for number, total in enumerate(learner.class_scores(data), start=1):
        bins = torch.bucketize((total - below)[chosen.cpu()], bounds, right=True)
        row: dict[str, Any] = {**columns, "layer": number}
        for side, which in (("positive", positive), ("negative", ~positive)):
            row[side] = bins[which].bincount(minlength=len(bounds) + 1).tolist()
        rows.append(row)
        below = total
    return rows


# --- what the page says ----------------------------------------------------------------------


def look(model: Model) -> Look:
    """What stays as it is whatever is selected."""
    legend = [
        ("s0", SHAPES[0], "positives (upwards)"),
        ("s1", SHAPES[1], "negatives (downwards)"),
    ]
    note = (
        "Strong: on the right side of theta. Pale: on the wrong side. The last bin holds all that "
        "lies above it. The axis of shares fits the bars that are shown; that of goodness is the "
        "same for all selections. Drag the line, or move the slider."
    )
    return Look([(None, "", 300)], 44, "share of the inputs in a bin, %", "goodness", legend, note)


def words(model: Model) -> str:
    """How well the first selection's threshold tells the two apart."""
    (pick,) = model["start"]
    i, at = select(model, pick)[0], pick[-1]
    up, down = model["points"]["p"][i], model["points"]["n"][i]
    above, below = _share(sum(up[at:]), sum(up)), _share(sum(down[:at]), sum(down))
    both = [sum(up[k:]) / sum(up) + sum(down[:k]) / sum(down) for k in range(len(model["edges"]))]
    best = both.index(max(both))
    return (
        f"{above:.1f} % of the positives have a goodness of at least theta, {below:.1f} % of the "
        f"negatives one below: {_share(both[at], 2):.1f} % on average. "
        f"The best theta would be {model['edges'][best]}, with {_share(both[best], 2):.1f} %."
    )


def _share(part: float, whole: int) -> float:
    """In per cent, to one decimal, rounded as the script rounds."""
    return math.floor(1000 * part / whole + 0.5) / 10


def table(model: Model) -> str:
    """The first selection, bin by bin."""
    (pick,) = model["start"]
    i, edges = select(model, pick)[0], model["edges"]
    pairs = zip(model["points"]["p"][i], model["points"]["n"][i], strict=True)
    rows = [[edges[k], edges[k + 1], str(up), str(down)] for k, (up, down) in enumerate(pairs)]
    return rows_as_table(["goodness from", "to", "positives", "negatives"], rows)
