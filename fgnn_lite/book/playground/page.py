"""The playground as one object: style, a still, data and script, the same in a notebook and a page.

The engine and the view are plain scripts in `engine/` and `view/`, in the order of their
`order.json`; they lie in one scope, and a page with several playgrounds runs them once.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.book.playground import presets
from fgnn_lite.book.playground.presets import KARATE, PRESETS, SBM, SIDE, side
from fgnn_lite.book.playground.squeeze import squeeze, squeeze_style
from fgnn_lite.book.playground.still import still
from fgnn_lite.graphs import load_graph

GRAPHS = ("karate", "sbm", "digits")
CONTROLS = ("clock", "setup", "graph", "edit", "layers", "bill", "node", "share")
MOST_NODES, MOST_CLASSES, MOST_NUMBERS = 600, 20, 200_000


class Playground:
    """What `playground` returns: a notebook shows it as the last value of a cell.

    Args:
        config: what the script is given: graph, settings, question.
        picture: the still, for readers without scripts: an SVG.

    Attributes:
        name: what its part of the address is called.
        config: what the script is given: graph, settings, question.
        html: all of it.
    """

    def __init__(self, config: dict[str, Any], picture: str) -> None:
        self.name = config["name"]
        self.config = config
        self.html = _html(config, picture)

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        if "presets" in self.config:
            return f"Playground {self.name!r}: {self.config['presets'][0]['question']}"
        state = self.config["state"]
        nets = [state[key]["learner"] for key in ("left", "right") if state[key]]
        return f"Playground {self.name!r}: {' and '.join(nets)} on {state['graph']['kind']}"


def playground(
    data: Data | str | None = None,
    left: str | Mapping[str, Any] = "sf",
    right: str | Mapping[str, Any] | None = None,
    preset: str | None = None,
    controls: Sequence[str] | None = None,
    title: str = "",
    name: str = "",
    start: str = "",
) -> Playground:
    """Train nets in the page: watch, stop and step; touch the graph, and see training answer.

        playground("karate", left="sf", right="bp")
        playground(preset="Too hot")
        playground(data, left={"learner": "ff-vn", "depth": 2, "theta": 0.5})

    The net is trained by a script in the page, which needs no kernel and gives `fgnn_lite`'s
    numbers. The state of an experiment stands in the page's address.

    Args:
        data: `"karate"`, `"sbm"`, `"digits"`, or a graph of at most 600 nodes with x [N, F],
            y [N], train_mask [N]; val_mask and test_mask [N] may be missing. Edges go both ways.
            `None`: the karate club, or the graph of the preset.
        left: the first net: a learner's name, or a mapping of settings: learner, backbone, depth
            (at most 16), hidden (at most 128), temperature, theta, loss, goodness, hypotheses,
            negatives (0: all), above, both_ways, features, epochs, lr, weight_decay, seed.
        right: a second net beside it, or `None`.
        preset: an experiment with a name, one of `PRESETS`, in place of `data`, `left` and `right`;
            `"all"` offers all of them.
        controls: what the reader sees of clock, setup, graph, edit, layers, bill, node and share;
            `None`: everything.
        title: stands above it; a preset has its question there.
        name: of its part of the address, letters and digits; several on a page need several names.
            By default that of the preset or of the graph.
        start: where it begins, as "Copy for start=" in the playground of a notebook gives it.

    Returns:
        The object that a notebook shows.

    Raises:
        TypeError: an argument is of another kind, or a setting does not exist.
        ValueError: a value is not allowed, or the graph is too large.
    """
    config: dict[str, Any] = {"side": SIDE, "sbm": {"kind": "sbm"} | SBM, "karate": KARATE}
    if preset is None:
        state: dict[str, Any] = {
            "left": side("left", left),
            "right": side("right", right) if right else None,
        }
        graph = checks.one_of("data", data, GRAPHS) if isinstance(data, str) else None
        if data is None or graph:
            graph = graph or "karate"
            state["graph"] = {"kind": "sbm"} | SBM if graph == "sbm" else {"kind": graph}
        else:
            config["data"] = _packed(data)
            graph, state["graph"] = "data", {"kind": "data"}
        offered = name or graph
    else:
        if data is not None or left != "sf" or right is not None:
            raise ValueError("data, left and right must be left out where there is a preset")
        found = presets.preset(PRESETS[0] if preset == "all" else preset)
        state = presets.whole(found["state"])
        data = state["graph"]["kind"]
        names = PRESETS if preset == "all" else (preset,)
        config["presets"] = [_told(presets.preset(each)) for each in names]
        offered = name or ("playground" if preset == "all" else preset)
    if data == "digits" or preset == "all":
        config["digits"] = _digits()
    hidden = [] if controls is None else _hidden(controls)
    for argument, text in (("title", title), ("name", name), ("start", start)):
        if not isinstance(text, str):
            raise TypeError(f"{argument} must be text; got {text!r}")
    config |= {
        "name": _plain(offered),
        "title": title or "Train it here",
        "start": start,
        "hide": hidden,
    }
    if "presets" not in config:
        config["state"] = state
    return Playground(config, still(_graph_of(data, state["graph"]), state, KARATE))


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("name", "question", "answer", "expect", "state")}


def _plain(name: str) -> str:
    """A name that may stand in an address."""
    out = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in name.lower())
    if not out.strip("-"):
        raise ValueError(f"name must have a letter or a digit; got {name!r}")
    return out.strip("-")


def _hidden(controls: Sequence[str]) -> list[str]:
    if isinstance(controls, str):
        raise TypeError(f"controls must be a list of names; got {controls!r}")
    shown = [checks.one_of("controls", each, CONTROLS) for each in controls]
    return [each for each in CONTROLS if each not in shown]


def _graph_of(data: Any, spec: Mapping[str, Any]) -> Data:
    if isinstance(data, Data):
        return data
    if spec["kind"] == "sbm":
        edges = round(spec["nodes"] * spec["degree"] / 2)
        known = {key: spec[key] for key in ("nodes", "classes", "features", "homophily", "seed")}
        return load_graph("sbm", edges=edges, **known)
    return load_graph(spec["kind"])


def _packed(data: Data) -> dict[str, Any]:
    """A graph as the script reads it."""
    checks.graph(data, masks=("train_mask",), optional=("val_mask", "test_mask"))
    checks.disjoint(data)
    n, f, classes = len(data.x), data.x.size(1), checks.num_classes(data)
    checks.integer("data's number of nodes", n, 2, MOST_NODES)
    checks.integer("data's number of classes", classes, 2, MOST_CLASSES)
    checks.integer("data's numbers in x, nodes times features", n * f, 1, MOST_NUMBERS)
    if checks.edge_weight(data) is not None:
        raise ValueError("data must have no edge weights: here every edge weighs 1")
    pairs = {(i, j) for i, j in data.edge_index.t().tolist() if i != j}
    for i, j in sorted(pairs):
        if (j, i) not in pairs:
            raise ValueError(
                f"data.edge_index must hold every edge both ways; got {i} -> {j} alone"
            )
    masks = {}
    for part in ("train", "val", "test"):
        field = f"{part}_mask"
        mask = data[field] if field in data else np.zeros(n, dtype=bool)
        masks[part] = _base64(np.asarray(mask, dtype=np.uint8))
    return {
        "name": str(data["name"]) if "name" in data else "graph",
        **{"n": n, "f": f, "classes": classes, "y": data.y.tolist(), **masks},
        "edges": sorted(pair for pair in pairs if pair[0] < pair[1]),
        "x": _base64(_array(data.x)),
    }


def _array(x: Tensor) -> np.ndarray:
    return x.detach().cpu().numpy().astype("<f4")


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()


@functools.cache
def _digits() -> dict[str, str]:
    """The digits' pixels of 0 to 16 as letters, a run of zeros as a capital; and their classes."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    text = "".join(chr(97 + int(value)) for value in pixels.ravel())
    rolled = re.sub("a{1,26}", lambda run: chr(64 + len(run.group())), text)
    return {"pixels": rolled, "labels": "".join(map(str, labels))}


# --- the page --------------------------------------------------------------------------------


@functools.cache
def script() -> str:
    """All scripts in one scope: the engine, what runs in the worker, and the view."""
    here = files(__package__)

    def joined(folder: str, names: Sequence[str]) -> str:
        texts = [(here / folder / name).read_text("utf8") for name in names]
        return squeeze("".join(texts))

    order = json.loads((here / "view" / "order.json").read_text("utf8"))
    engine = joined("engine", json.loads((here / "engine" / "order.json").read_text("utf8")))
    return (
        f"function engineOf() {{\n{engine}return Engine;\n}}\n"
        f"function hostOf() {{\n{joined('view', order['host'])}return Host;\n}}\n"
        f"{joined('view', order['view'])}"
    )


@functools.cache
def style() -> str:
    """The style sheet."""
    text = (files(__package__) / "view" / "playground.css").read_text("utf8")
    return squeeze_style(text)


OFF = (
    '<p class="fp-off">The playground trains in the page, and needs scripts for that.'
    '<span class="fp-trust"> In Jupyter it appears when this cell is run, or the notebook is '
    "trusted: press Ctrl+Shift+C and choose Trust Notebook.</span></p>"
)


def _html(config: Mapping[str, Any], picture: str) -> str:
    data = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # nothing in a name may end the script
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    known = next(iter(config.get("presets", [])), None)
    title = known["question"] if known else config["title"]
    told = f'<p class="fp-answer">{escape(known["answer"])}</p>' if known else ""
    code = script()
    kind = f"fgnnPlay{hashlib.sha256(code.encode()).hexdigest()[:12]}"
    whole = (style() + data + code + picture).encode()
    mark = f"fp-{hashlib.sha256(whole).hexdigest()[:12]}"
    return (
        f'<div class="fgnn-play" data-fp="{mark}" role="group" aria-label="{escape(title)}" '
        f'data-lm-suppress-shortcuts="true"><style>{style()}</style>'
        f'<div class="fp-still"><p class="fp-question">{escape(title)}</p>{picture}{told}{OFF}'
        "</div>"
        f'<script type="application/json">{data}</script>'
        f'<script>window.{kind}??=(function () {{\n"use strict";\n{code}return Playground;\n}})();'
        f'</script><script>window.{kind}.start("{mark}");</script></div>'
    )
