"""A graph whose nodes can be chosen: what a layer gives each, and what reached it.

`nodes.js` draws it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.book.explore.page import Explorer, Look, Model, per_cent, rows_as_table, select
from fgnn_lite.book.explore.rows import grid, listed, numbers, offered, written
from fgnn_lite.book.looks import SHAPES

COLOURS = ("margin", "goodness", "class")
MOST_NODES = 60


def nodes(
    data: Data,
    rows: Iterable[Mapping[str, Any]],
    controls: Sequence[str],
    places: Sequence[Sequence[float]],
    hops: str = "layer",
    goodness: str = "goodness",
    scores: str = "scores",
    title: str = "",
    labels: Mapping[str, str] | None = None,
    digits: int = 2,
    start: Mapping[str, Any] | None = None,
    node: int = 0,
) -> Explorer:
    """Draw a small graph and what its nodes have learned; click a node to see what reached it.

        file = fgnn.load_results("karate")
        nodes(fgnn.load_graph("karate"), file["rows"], ["learner", "layer", "updates"],
              file["settings"]["places"])

    The *margin* of a node is the score of its true class minus that of the best wrong one: above 0
    it is classified rightly. Its neighbours' messages are weighed as a GCN does, by
    1 / sqrt((1 + d_i) (1 + d_j)).

    Args:
        data: a graph with y [N], train_mask [N] and at most 60 nodes; edges go both ways.
        rows: for each combination of the controls' values a mapping with `goodness`, a list of N
            numbers from 0, or of N + C with those of the class nodes, which are drawn then; and
            with `scores`, a list of N lists of C numbers, or `None` for a node whose label is
            given in prediction.
        controls: the columns to choose from.
        places: where each node stands, the class nodes last: N + C pairs of per cents, from the
            left and from the top.
        hops: the control that says how many edges a message has travelled.
        goodness: the column of that name.
        scores: the column of that name.
        title: stands above the picture.
        labels: column -> what the page calls it.
        digits: decimals of goodness and margin.
        start: column -> value, the first selection.
        node: the one that is chosen first.

    Returns:
        What a notebook shows as the last value of a cell.

    Raises:
        TypeError: a value is of another kind.
        ValueError: a value is out of range, or a combination is missing.
    """
    checks.graph(data, masks=("train_mask",))
    n, c = len(data.y), checks.num_classes(data)
    if checks.edge_weight(data) is not None:
        raise ValueError("data must have no edge weights: here every edge weighs 1")
    checks.integer("data's number of nodes", n, 2, MOST_NODES)
    pairs = {(source, target) for source, target in data.edge_index.t().tolist()}
    for source, target in sorted(pairs):
        if (target, source) not in pairs:
            raise ValueError(
                f"data.edge_index must hold every edge both ways; got {source} -> {target} alone"
            )
    digits = checks.integer("digits", digits, 0, 6)
    node = checks.integer("node", node, 0, n - 1)
    table, options = grid(rows, controls, [("goodness", goodness), ("scores", scores)])
    steps = [
        checks.integer(f"hops' values (of {hops!r})", _whole(value), 1, MOST_NODES)
        for value in options[checks.one_of("hops", hops, options)][0]
    ]
    spots = [
        [per_cent(v) for v in numbers(f"places[{i}]", pair, 0, 100)]
        for i, pair in enumerate(listed("places", places, "pairs"))
    ]
    if len(spots) != n + c:
        raise ValueError(
            f"places must hold {n + c} pairs, of nodes and class nodes; got {len(spots)}"
        )
    for i, spot in enumerate(spots):
        if len(spot) != 2:
            raise ValueError(f"places[{i}] must be a pair of numbers; got {len(spot)}")

    unit = 10**digits
    classes = data.y.tolist()
    known: dict[str, list[list[Any]]] = {name: [] for name in "gpmr"}  # in units of the last digit
    for i, row in enumerate(table):
        own = numbers(f"rows[{i}][{goodness!r}]", row[goodness], 0)
        given = listed(f"rows[{i}][{scores!r}]", row[scores], "numbers for each node, or None")
        if len(own) not in (n, n + c) or len(given) != n:
            raise ValueError(
                f"rows[{i}] must have {n} or {n + c} values of goodness and {n} scores; got "
                f"{len(own)} and {len(given)}"
            )
        flat: list[float | None] = []
        for k, found in enumerate(given):
            place = f"rows[{i}][{scores!r}][{k}]"
            flat += [None] * c if found is None else numbers(place, found)
            if len(flat) != (k + 1) * c:
                raise ValueError(f"{place} must hold {c} numbers, or be None; got {len(found)}")
        margins = _margins(flat, classes)
        for name, values in (("g", own), ("p", flat), ("m", margins)):
            known[name].append([None if v is None else round(v * unit) for v in values])
        known["r"].append([int(v is not None and v > 0) for v in margins])  # before it is rounded
    model: Model = {
        "chart": "nodes",
        "title": written("title", title) or "What each node has learned",
        "two": False,
        "digits": digits,
        "classes": classes,
        "given": [int(flag) for flag in data.train_mask],
        "places": spots,
        "in_edges": [
            _in_edges(data.edge_index, n),
            _in_edges(add_virtual_nodes(data).edge_index, n + c),
        ],
        "hops": steps,
        "by": list(options).index(hops),
        "points": {
            "c": [at for _, at in options.values()],
            **known,
        },
    }
    model["points"]["most"] = _scales(model, options)
    offer, first = offered(options, labels, start)
    names = [_short(model, k) for k in range(n + c)]
    model["controls"] = [
        *offer,
        {"label": "colour", "names": list(COLOURS), "slider": False},
        {"label": "node", "names": names, "slider": False},
    ]
    model["click"] = len(offer) + 1
    model["start"] = [[*first, 0, node]]
    return Explorer(model, sys.modules[__name__])


def _whole(value: Any) -> Any:
    """A number of a column as an integer, if it is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _margins(flat: Sequence[float | None], classes: Sequence[int]) -> list[float | None]:
    """Of each node the score of its class minus the best other one; None if it has no scores."""
    c = len(flat) // len(classes)
    found: list[float | None] = []
    for k, y in enumerate(classes):
        own = [score for score in flat[k * c : (k + 1) * c] if score is not None]
        found.append(own.pop(y) - max(own) if own else None)
    return found


def _scales(model: Model, options: Mapping[str, Any]) -> list[list[int]]:
    """The largest goodness and margin of each row's learner, or of what else has a name."""
    named = [at for values, at in options.values() if isinstance(values[0], str)]
    best: dict[tuple[int, ...], list[int]] = {}
    keys = [tuple(at[i] for at in named) for i in range(len(model["points"]["g"]))]
    for i, name in enumerate(keys):
        margins = [abs(margin) for margin in model["points"]["m"][i] if margin is not None]
        pair = best.setdefault(name, [1, 1])
        pair[0] = max(pair[0], *model["points"]["g"][i])
        pair[1] = max(pair[1], *margins)
    return [best[name] for name in keys]


def _in_edges(edge_index: Tensor, count: int) -> list[list[list[int]]]:
    """Each node's in-neighbours, itself first, and their weights in hundredths: [[j, w], ...]."""
    sources: list[set[int]] = [set() for _ in range(count)]
    for source, target in edge_index.t().tolist():
        if source != target:
            sources[target].add(source)
    size = [1 + len(others) for others in sources]
    return [
        [[j, round(100 / math.sqrt(size[i] * size[j]))] for j in (i, *sorted(sources[i]))]
        for i in range(count)
    ]


# --- what the page says ----------------------------------------------------------------------


def look(model: Model) -> Look:
    """What stays as it is whatever is selected; the style shows the keys of the chosen colour."""
    keys = [
        ("s0 fx-margin", "margin above 0: right"),
        ("s1 fx-wrong fx-margin", "below 0: wrong"),
        ("s2 fx-goodness", "goodness"),
    ]
    classes = len(model["places"]) - len(model["classes"])
    keys += [(f"s{k % 6} fx-class", f"class {k}") for k in range(classes)]
    legend = [(kind, SHAPES[0], name) for kind, name in keys]
    note = (
        "The stronger the colour, the larger the number; all layers and updates of a learner share "
        "a scale. No colour: no prediction. Thick rims: training labels. Squares: class nodes. "
        "Click a node: thick lines lead to its neighbours; pale nodes are too far away to have "
        "reached it."
    )
    return Look([(None, "", 460)], 6, "", "", legend, note)


def words(model: Model) -> str:
    """The first selection: all nodes, and the one that is chosen."""
    (pick,), points = model["start"], model["points"]
    i, chosen, n = select(model, pick)[0], pick[-1], len(model["classes"])
    margins, received = points["m"][i], _received(model, i)
    found = [margin for margin in margins if margin is not None]
    said = f"{sum(points['r'][i])} of {len(found)} predicted nodes have a margin above 0. "
    given = ", with its label" if model["given"][chosen] else ""
    said += f"Node {chosen}, of class {model['classes'][chosen]}{given}: "
    said += f"goodness {_number(model, points['g'][i][chosen])}"
    if margins[chosen] is not None:
        c = len(model["places"]) - n
        scores = points["p"][i][chosen * c : (chosen + 1) * c]
        listed = ", ".join(f"{k}: {_number(model, score)}" for k, score in enumerate(scores))
        said += f", margin {_number(model, margins[chosen])}. Scores of the classes: {listed}"
    names = ", ".join(_short(model, j) for j, _ in received[chosen][1:])
    if not names:
        return said + ". It receives messages from itself alone."
    hops = model["hops"][pick[model["by"]]]
    far, step = len(_reach(received, chosen, hops)), "1 step" if hops == 1 else f"{hops} steps"
    return said + (
        f". It receives messages from itself and {names}; in {step} {far} nodes reach it."
    )


def table(model: Model) -> str:
    """From whom the node that is chosen first receives messages, and their numbers."""
    (pick,), points = model["start"], model["points"]
    i, chosen, n, rows = select(model, pick)[0], pick[-1], len(model["classes"]), []
    for j, w in _received(model, i)[chosen]:
        margin = points["m"][i][j] if j < n else None
        rows.append(
            [
                "itself" if j == chosen else _short(model, j),
                str(model["classes"][j] if j < n else j - n),
                f"{w / 100:.2f}",
                _number(model, points["g"][i][j]),
                "" if margin is None else _number(model, margin),
            ]
        )
    return rows_as_table(["receives from", "class", "weight", "goodness", "margin"], rows)


def _received(model: Model, i: int) -> list[list[list[int]]]:
    """In-neighbours and weights, in the graph of a row's learner: with class nodes or without."""
    found: list[list[list[int]]] = model["in_edges"][
        len(model["points"]["g"][i]) > len(model["classes"])
    ]
    return found


def _number(model: Model, units: int) -> str:
    return f"{units / 10 ** model['digits']:.{model['digits']}f}"


def _short(model: Model, k: int) -> str:
    n = len(model["classes"])
    return f"v{k - n}" if k >= n else f"{k}"


def _reach(received: list[list[list[int]]], chosen: int, hops: int) -> set[int]:
    """The nodes whose messages arrive within so many steps."""
    found = {chosen}
    for _ in range(hops):
        found |= {j for k in found for j, _ in received[k]}
    return found
