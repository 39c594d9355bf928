"""The picture for readers without scripts, and for paper: the graph and its true classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch_geometric.data import Data

WIDE, HIGH = 640, 400
NAMED = 60  # more nodes have no number in the picture
MOST_EDGES = 1500  # more are not drawn


def still(data: Data, state: Mapping[str, Any], club: Sequence[Sequence[float]]) -> str:
    """Draw a graph: circles for nodes, numbered and coloured by class; rings for given labels.

    Args:
        data: a graph with y [N] and train_mask [N].
        state: the graph's kind, and the nets.
        club: the places of the karate club, per cents.
    """
    labels, given = data.y.tolist(), data.train_mask.tolist()
    if state["graph"]["kind"] == "karate":
        places = [(x / 100, y / 100) for x, y in club]
    else:
        places = by_class(labels)
    spots = [(round(20 + (WIDE - 40) * x, 1), round(20 + (HIGH - 40) * y, 1)) for x, y in places]
    pairs = sorted({(i, j) for i, j in data.edge_index.t().tolist() if i < j})
    drawn = pairs if len(pairs) <= MOST_EDGES else []
    lines = "".join(f"M{_at(spots[i])}L{_at(spots[j])}" for i, j in drawn)
    classes = sorted(set(labels) - {-1})
    dots = "".join(
        f'<path class="fp-dot" data-c="{c % 10}" d="'
        + "".join(f"M{_at(spots[i])}h0" for i, label in enumerate(labels) if label == c)
        + '"/>'
        for c in classes
    )
    rings = "".join(
        f'<circle class="fp-ring" cx="{x:g}" cy="{y:g}" r="{_radius(labels) + 3}"/>'
        for (x, y), flag in zip(spots, given, strict=False)
        if flag
    )
    names = "".join(
        f'<text x="{x:g}" y="{y:g}" dy=".36em">{label}</text>'
        for (x, y), label in zip(spots, labels, strict=False)
        if len(labels) <= NAMED and label >= 0
    )
    said = (
        f"A graph of {len(labels)} nodes and {len(pairs)} edges; a node's colour and number are "
        f"its class, one of {len(classes)}; {sum(given)} nodes, ringed, have a label"
        f"{'' if drawn else '; edges are left out'}."
    )
    return (
        f'<svg class="fp-graph" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{said}" '
        f'style="--dot:{2 * _radius(labels)}px"><path class="fp-e" d="{lines}"/>'
        f"{dots}{rings}{names}</svg>"
    )


def by_class(labels: Sequence[int]) -> list[tuple[float, float]]:
    """A disc for each class, the discs around the middle: places from 0 to 1."""
    classes = sorted(set(labels))
    seen = dict.fromkeys(classes, 0)
    out = []
    for label in labels:
        k, turn = seen[label], 2 * math.pi * classes.index(label) / len(classes)
        seen[label] += 1
        far = 0.13 * math.sqrt((k + 0.5) / max(1, labels.count(label)))
        angle = k * math.pi * (3 - math.sqrt(5))  # as in a sunflower
        x = 0.5 + 0.35 * math.cos(turn) + far * math.cos(angle) * min(1.0, 6 / len(classes))
        y = 0.5 + 0.35 * math.sin(turn) + 1.3 * far * math.sin(angle) * min(1.0, 6 / len(classes))
        out.append((x, y))
    return out


def _radius(labels: Sequence[int]) -> float:
    return 10 if len(labels) <= NAMED else 5 if len(labels) <= 400 else 2


def _at(spot: tuple[float, float]) -> str:
    return f"{spot[0]:g} {spot[1]:g}"
