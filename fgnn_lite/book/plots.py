"""Every figure of the book. Each function returns a `Picture`: a figure, and the same in words.

Bytes are shown in MB (10^6 bytes), accuracies in %. Methods look as `book.looks` says. Figures
are as narrow as a phone allows with letters that can be read, and sharp on a screen of double
density. A style of the user's own does not reach them.
"""

from __future__ import annotations

import base64
import copy
import io
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from html import escape
from types import TracebackType
from typing import Any

import networkx as nx
import numpy as np
import torch
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.book.looks import DASHES, DAY, MARKERS, looks_of, plain
from fgnn_lite.history import Record
from fgnn_lite.learners.base import resolve_device
from fgnn_lite.probes import MemoryMeter, MemoryReport

__all__ = [
    "MB",
    "Live",
    "Picture",
    "bars",
    "digits_with_neighbours",
    "graph",
    "images",
    "intervals",
    "layout",
    "lines",
    "matrices",
    "projector",
    "projector_zoom",
    "saved_by_layer",
    "small_graphs",
    "split",
    "timeline",
    "training",
]

MB = 1e6
_INK, _GREY, _FAINT = "#26323b", "#9aa5ac", "#d5dadd"
_DPI, _WIDTH = 192, 4.8  # twice the dots of a page; inches, as wide as a page shows it
_SMALL, _PLAIN = 9, 10  # points: letters in a drawing, and at its axes
_KEPT, _SAVED, _GRADIENTS, _OPTIMISER, _REST = DAY[5], DAY[1], DAY[2], DAY[0], _FAINT  # of memory
_POINTS = 500  # of a curve that grows while it is watched; with more, drawing would hold it up
_zoom = 1.0  # how much larger fonts and lines are, for a projector
_one_at_a_time = threading.RLock()


@contextmanager
def _own_style() -> Iterator[None]:
    """Draw as if the user had set nothing: neither `text.usetex` nor a dark style reaches us."""
    with _one_at_a_time, style.context("default", after_reset=True):
        yield


def projector(zoom: float = 1.4) -> ExitStack:
    """Make fonts and lines fit a projector, in every picture that is made from now on.

        plots.projector()            # for the rest of the notebook; plots.projector(1) ends it
        with plots.projector(): ...  # or for a block

    Args:
        zoom: how much larger than on a page, from 1 to 2.

    Returns:
        A context that puts back what was, at the end of its block.

    Raises:
        ValueError: if `zoom` is out of range.
    """
    global _zoom
    before, _zoom = _zoom, checks.number("zoom", zoom, 1, 2)
    context = ExitStack()
    context.callback(lambda: globals().update(_zoom=before))
    return context


def projector_zoom() -> float:
    """How much larger fonts and lines are now."""
    return _zoom


class Picture:
    """A figure and what it shows, in words; a notebook shows the one and stores both.

    Args:
        figure: a matplotlib figure that no window manager holds.
        alt: the alternative text, made from the numbers in the figure.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure, self.alt, self._zoom = figure, alt, _zoom
        if (
            _zoom > 1
        ):  # fonts and lines keep their size, and the paper shrinks; a bit less in height
            width, height = figure.get_size_inches()
            figure.set_size_inches(width / _zoom, height / _zoom**0.5)

    def png(self) -> bytes:
        """The figure as a PNG file."""
        buffer, small = io.BytesIO(), io.BytesIO()
        with _own_style():
            self.figure.savefig(buffer, format="png", dpi=_DPI * self._zoom**2)
        Image.open(buffer).convert("RGB").quantize(128).save(small, format="png", optimize=True)
        return small.getvalue()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of a page, half of what the file has."""
        dots = _DPI * self._zoom**2 / 2
        width, height = (round(side * dots) for side in self.figure.get_size_inches())
        return width, height

    def html(self) -> str:
        """The figure as an `<img>` of its own, no wider than the place it is put."""
        data, (width, height) = base64.b64encode(self.png()).decode(), self.size
        return (
            f'<img style="max-width:100%;height:auto" width="{width}" height="{height}" '
            f'alt="{escape(self.alt)}" src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        width, height = self.size
        return bundle, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def __repr__(self) -> str:
        return self.alt


def _canvas(height: float = 3.0, columns: int = 1, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of the page's width and its axes, row by row."""
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="white")
    axes = [figure.add_subplot(rows, columns, k + 1) for k in range(rows * columns)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(_INK)
        axis.tick_params(colors=_INK, labelsize=_SMALL)
        axis.grid(axis="y", color=_FAINT, linewidth=0.8)
        axis.set_axisbelow(True)
    return figure, axes


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=_PLAIN, loc="left", color=_INK)
    axis.set_xlabel(x, fontsize=_PLAIN, color=_INK)
    axis.set_ylabel(y, fontsize=_PLAIN, color=_INK)


def _layer_colours(count: int) -> list[Any]:
    """Dark to light, so that the order of layers survives in grey."""
    return [colormaps["viridis"](0.85 * k / max(count - 1, 1)) for k in range(count)]


# --- data ------------------------------------------------------------------------------------


@_own_style()
def digits_with_neighbours(data: Data, nodes: Sequence[int]) -> Picture:
    """Some nodes of the digits graph, each with images that it has an edge from.

    Args:
        data: the digits graph; x [N, 64] are images of 8 by 8 pixels.
        nodes: the nodes to show, one row each.

    Chapter 1.
    """
    figure = Figure(figsize=(_WIDTH, 0.95 * len(nodes)), layout="constrained", facecolor="white")
    words = []
    grid = figure.subplots(len(nodes), 9, squeeze=False)
    for row, node in zip(grid, nodes, strict=True):
        sources = data.edge_index[0, data.edge_index[1] == node][:8].tolist()
        for axis, i in zip(row, [node, *sources], strict=False):
            axis.imshow(data.x[i].reshape(8, 8).numpy(), cmap="Greys")
            axis.set_xlabel(f"{int(data.y[i])}", fontsize=_SMALL, color=_INK)
        for axis in row:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        row[0].spines[:].set(visible=True, color=DAY[1], linewidth=2)
        words.append(f"a {int(data.y[node])} has neighbours {[int(data.y[i]) for i in sources]}")
    return Picture(figure, f"Handwritten digits, each with up to 8 neighbours: {'; '.join(words)}.")


@_own_style()
def images(x: Tensor, names: Sequence[str]) -> Picture:
    """Square images beside each other, dark on light, each with its name.

    Args:
        x: pixels from 0 to 1 [images, side * side].
        names: what stands above each.

    Raises:
        ValueError: if an image is not square, or there are not as many names as images.
    """
    side = math.isqrt(x.shape[1])
    if side * side != x.shape[1] or not 1 <= len(x) == len(names) <= 8:
        raise ValueError(
            f"x must hold one to eight square images and names as many; got {tuple(x.shape)} and "
            f"{len(names)} names"
        )
    figure, axes = _canvas(height=_WIDTH / len(names) + 0.3, columns=len(names))
    for axis, image, name in zip(axes, x.cpu(), names, strict=True):
        axis.imshow(image.view(side, side), cmap="gray_r", vmin=0, vmax=1)
        axis.spines[:].set(visible=True, color=_GREY)  # a frame that is not part of the image
        axis.set_title(name, fontsize=_SMALL)
        axis.set_xticks([])
        axis.set_yticks([])
    return Picture(figure, f"{len(names)} small images: {', '.join(names)}.")


def layout(
    pairs: Iterable[tuple[int, ...]],
    virtual: Sequence[bool],
    known: Mapping[int, Any] | None = None,
) -> dict[int, Any]:
    """Where each node of a small graph stands; friends stand together, and no two touch.

    Explorers and figures draw a graph with the same places.

    Args:
        pairs: edges.
        virtual: which nodes are class nodes: they find a place around the others.
        known: where the others stand; `None` finds them a place.

    Returns:
        Node -> (x, y), in per cent from the left and from the top.
    """
    whole = nx.Graph(pairs)
    whole.add_nodes_from(range(len(virtual)))
    real = whole.subgraph(i for i in whole if not virtual[i])
    if known is not None:
        place = {i: (np.array(known[i]) - 50) / 50 for i in real}
    else:
        place = nx.spring_layout(real, seed=4, iterations=200)
    if any(virtual):
        place = nx.spring_layout(whole, pos=place, fixed=list(real), k=0.2, seed=1)
    spots = np.array([place[i] for i in range(len(virtual))], dtype=float)
    people = ~np.array(virtual, dtype=bool)
    screen = np.array([300.0, 430.0])  # a phone's, in pixels
    if known is None:
        low, high = spots[people].min(0), spots[people].max(0)
        spots = (0.06 + 0.88 * (spots - low) / np.maximum(high - low, 1e-9)) * screen
    else:
        spots = (50 * spots + 46) / 92 * screen
    spots = spots.clip(0, screen)  # class nodes at the rim
    for turn in range(500):  # two that are closer than 27 pixels push each other away
        gap = spots[:, None] - spots[None]
        angles = np.arange(len(spots)) + turn  # and two in one place go somewhere, not both out
        aside = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        gap = np.where((gap == 0).all(2)[..., None], aside[:, None] - aside[None], gap)
        away = np.maximum(np.linalg.norm(gap, axis=2), 1e-6)
        push = (27 - away).clip(0) / 4
        np.fill_diagonal(push, 0)
        step = (gap / away[..., None] * push[..., None]).sum(1)
        if known is not None:
            step[people] = 0
        spots = (spots + step).clip(0, screen)
    found = (4 + 92 * spots / screen).round(1)
    return {i: (float(x), float(y)) for i, (x, y) in enumerate(found)}


def _pairs(data: Data) -> set[tuple[int, ...]]:
    """The edges, each once."""
    return {tuple(sorted(pair)) for pair in data.edge_index.t().tolist()}


@_own_style()
def graph(data: Data, virtual_mask: Tensor | None = None, like: Data | None = None) -> Picture:
    """A small graph: colours are classes, filled circles have a label for training, squares are
    class nodes and their edges are dashed.

    Args:
        data: a graph with y [N] and train_mask [N].
        virtual_mask: which nodes are class nodes [N]; `data.virtual_mask` if there is one.
        like: a graph of the same nodes, to draw them where its picture has them.

    Chapter 7.
    """
    if virtual_mask is None and "virtual_mask" in data:
        virtual_mask = data.virtual_mask
    count = len(data.y)
    virtual = [bool(virtual_mask[i]) for i in range(count)] if virtual_mask is not None else []
    virtual = virtual or [False] * count
    pairs = _pairs(data)
    place = layout(pairs, virtual, None if like is None else layout(_pairs(like), virtual))

    figure, (axis,) = _canvas(height=4.6)
    axis.axis("off")
    axis.set(xlim=(0, 100), ylim=(100, 0))
    for a, b in sorted(pairs):
        dashed = virtual[a] or virtual[b]
        ends = np.stack([place[a], place[b]]).T
        if dashed:
            axis.plot(*ends, color=_INK, linewidth=1.2, linestyle="--")
        else:
            axis.plot(*ends, color=_GREY, linewidth=0.8, zorder=0)
    for i in range(count):
        colour = DAY[int(data.y[i]) % len(DAY)]
        filled = virtual[i] or bool(data.train_mask[i])
        face, ink = (colour, "white") if filled else ("white", colour)
        x, y = (float(value) for value in place[i])
        axis.plot(
            [x],
            [y],
            marker="s" if virtual[i] else "o",
            markersize=19 if virtual[i] else 15,
            color=face,
            markeredgecolor=colour,
            markeredgewidth=1.6,
        )
        name = f"v{int(data.y[i])}" if virtual[i] else str(i)
        axis.annotate(name, (x, y), ha="center", va="center", fontsize=_SMALL, color=ink)
    trained = int(data.train_mask.sum())
    words = f"A graph of {count - sum(virtual)} nodes, {trained} of them with a training label"
    if any(virtual):
        added = [pair for pair in pairs if virtual[pair[0]] or virtual[pair[1]]]
        words += f", and {sum(virtual)} class nodes, drawn as squares, with {len(added)} virtual"
        words += " edges, dashed"
    return Picture(figure, words + ".")


@_own_style()
def small_graphs(panels: Mapping[str, Sequence[tuple[int, int]]]) -> Picture:
    """A few graphs side by side; in each node stands how many neighbours it has.

    Args:
        panels: title of each -> its edges, as pairs of nodes.

    Chapter 13.
    """
    figure, axes = _canvas(height=2.2, columns=len(panels))
    words = []
    for axis, (title, pairs) in zip(axes, panels.items(), strict=True):
        whole = nx.Graph(pairs)
        place = nx.kamada_kawai_layout(whole, pos=nx.planar_layout(whole))
        axis.axis("off")
        axis.set_aspect("equal")
        axis.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
        for a, b in whole.edges:
            axis.plot(*np.stack([place[a], place[b]]).T, color=_GREY, linewidth=1.2, zorder=0)
        for i, (x, y) in place.items():
            axis.plot([x], [y], marker="o", markersize=15, color="white", markeredgecolor=_INK)
            axis.annotate(str(whole.degree[i]), (x, y), ha="center", va="center", fontsize=_SMALL)
        axis.set_title(title, fontsize=_PLAIN, color=_INK)
        words.append(f"{title}: edges {', '.join(f'{a}-{b}' for a, b in pairs)}")
    return Picture(figure, f"{len(panels)} small graphs. {'; '.join(words)}.")


@_own_style()
def matrices(panels: Mapping[str, Tensor], names: Sequence[str] = ()) -> Picture:
    """Small matrices beside each other, for instance the weights of messages.

    Args:
        panels: title -> matrix [N, N]: a row for each node that receives; 0 is left empty.
        names: of the nodes; by default their numbers.

    Returns:
        The picture; its words give every row.
    """
    figure, axes = _canvas(height=0.7 + _WIDTH / len(panels), columns=len(panels))
    top = max(float(matrix.abs().max()) for matrix in panels.values()) or 1.0
    words = []
    for axis, (title, matrix) in zip(axes, panels.items(), strict=True):
        values = matrix.detach().cpu().tolist()
        ticks = list(names) or [str(i) for i in range(len(values))]
        axis.imshow(values, cmap="Blues", vmin=0, vmax=2.2 * top)
        axis.grid(visible=False)
        axis.set_xticks(range(len(ticks)), ticks)
        axis.set_yticks(range(len(ticks)), ticks)
        for i, row in enumerate(values):
            for j, value in enumerate(row):
                text = f"{value:.2f}" if value else ""
                axis.annotate(text, (j, i), ha="center", va="center", fontsize=_SMALL, color=_INK)
        _label(axis, title, "receives from", "node" if axis is axes[0] else "")
        rows = [" ".join(f"{value:.2f}" for value in row) for row in values]
        listed = "; ".join(f"{name}: {row}" for name, row in zip(ticks, rows, strict=True))
        words.append(f"{title}: {listed}")
    return Picture(figure, f"Matrices, a row for each node that receives. {'. '.join(words)}.")


# --- memory ----------------------------------------------------------------------------------


@_own_style()
def saved_by_layer(report: MemoryReport) -> Picture:
    """What one update keeps for its backward pass, layer by layer.

    Args:
        report: from `probe_memory`.

    Chapter 1.
    """
    values = [size / MB for size in report.saved_by_layer]
    figure, (axis,) = _canvas(height=2.6)
    numbers = range(1, len(values) + 1)
    axis.bar(numbers, values, color=_SAVED, width=0.7)
    for number, value in zip(numbers, values, strict=True):
        axis.annotate(f"{value:.2f}", (number, value), ha="center", va="bottom", fontsize=_SMALL)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label(axis, "kept for the way back", "layer", "MB")
    listed = ", ".join(f"{value:.2f}" for value in values)
    return Picture(
        figure, f"Bars: MB saved for the way back in layers 1 to {len(values)}: {listed}."
    )


@_own_style()
def timeline(reports: Mapping[str, MemoryReport]) -> Picture:
    """What training adds to the model, from one tensor's birth or death to the next.

    Args:
        reports: title of each panel -> what `probe_memory` gave.
    """
    figure, axes = _canvas(height=0.8 + 2 * len(reports), rows=len(reports))
    words = []
    top = max(report.working_bytes for report in reports.values()) / MB
    looks = looks_of(reports)
    for axis, report, (name, hue, _) in zip(axes, reports.values(), looks, strict=True):
        axis.fill_between(
            range(len(report.timeline)),
            np.array(report.timeline) / MB,
            color=DAY[hue],
            alpha=0.85,
            linewidth=0,
            step="post",
        )
        axis.set_ylim(0, 1.08 * top)
        _label(axis, name, "births and deaths of tensors", "MB alive")
        words.append(f"{name} peaks at {report.working_bytes / MB:.1f} MB")
    return Picture(figure, f"Memory alive during training, tensor by tensor: {'; '.join(words)}.")


@_own_style()
def split(reports: Mapping[str, MemoryReport]) -> Picture:
    """What the peak consists of, method by method.

    Args:
        reports: name of each bar -> what `probe_memory` gave.

    Chapter 1.
    """
    figure, (axis,) = _canvas(height=0.9 + 0.5 * len(reports))
    axis.grid(visible=False)
    names, words = list(reports), []
    left = np.zeros(len(names))
    shades = (_KEPT, _GRADIENTS, _OPTIMISER, _SAVED, _REST)
    for kind, shade in zip(reports[names[0]].peak_split, shades, strict=True):
        widths = np.array([reports[name].peak_split[kind] / MB for name in names])
        axis.barh(
            [plain(name) for name in names], widths, left=left, color=shade, label=kind, height=0.6
        )
        left += widths
    for name in names:
        parts = ", ".join(f"{k} {v / MB:.2f}" for k, v in reports[name].peak_split.items())
        words.append(f"{plain(name)}: {parts}")
    axis.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=3, fontsize=_SMALL, frameon=False)
    _label(axis, "the peak, by kind", "MB", "")
    return Picture(figure, f"Stacked bars of MB at the peak. {'; '.join(words)}.")


# --- curves ----------------------------------------------------------------------------------


@_own_style()
def lines(
    curves: Mapping[str, Mapping[float, float | Sequence[float]]],
    x: str,
    y: str,
    digits: int = 1,
    log: str = "",
) -> Picture:
    """One line per method: a value, or the mean and the range over several seeds, for each x.

    Args:
        curves: name -> {x: value or values}.
        x: what is on the horizontal axis.
        y: what is on the vertical axis.
        digits: decimals in the alternative text.
        log: `"x"` or `"xy"` makes those axes logarithmic, to base 2.
    """
    looks, words = looks_of(curves), []
    columns = int(72 * _WIDTH / (52 + 5 * max(len(each.name) for each in looks)))
    figure, (axis,) = _canvas(2.8 + 0.2 * math.ceil(len(looks) / columns))
    for (name, hue, dash), curve in zip(looks, curves.values(), strict=True):
        places = list(curve)
        values = [np.atleast_1d(np.asarray(curve[p], dtype=float)) for p in places]
        means = np.array([v.mean() for v in values])
        colour, marker = DAY[hue], MARKERS[hue]
        kind = (0, DASHES[dash]) if dash else "-"
        axis.plot(
            places, means, color=colour, marker=marker, markersize=5, linestyle=kind, label=name
        )
        if any(len(v) > 1 for v in values):
            low, high = [v.min() for v in values], [v.max() for v in values]
            axis.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
        listed = ", ".join(f"{p:.3g}: {m:.{digits}f}" for p, m in zip(places, means, strict=True))
        words.append(f"{name} {listed}")
    if "x" in log:
        axis.set_xscale("log", base=2)
    ticks = sorted({p for curve in curves.values() for p in curve})
    axis.set_xticks(ticks, [f"{t:.3g}" for t in ticks], minor=False)
    if "y" in log:
        axis.set_yscale("log", base=2)
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        axis.set_ylim(bottom=0 if axis.get_ylim()[0] < 0.5 * axis.get_ylim()[1] else None)
    _label(axis, "", x, y)
    figure.legend(
        loc="outside upper center", ncols=columns, handlelength=3, fontsize=_SMALL, frameon=False
    )
    return Picture(figure, f"Lines of {y} by {x}. {'; '.join(words)}.")


@_own_style()
def bars(groups: Mapping[str, Sequence[float]], names: Sequence[str], y: str) -> Picture:
    """Groups of bars side by side, for instance the softmax of one node at several temperatures.

    Args:
        groups: title of each panel -> its values.
        names: name of each bar.
        y: what is on the vertical axis.
    """
    figure, axes = _canvas(height=2.4, columns=len(groups))
    words = []
    for axis, (title, values) in zip(axes, groups.items(), strict=True):
        looks = looks_of(names)
        colours = [DAY[each.hue] for each in looks]
        axis.bar([each.name for each in looks], list(values), color=colours, width=0.7)
        axis.set_ylim(0, 1.05 * max(max(v) for v in groups.values()))
        _label(axis, title, "", y if axis is axes[0] else "")
        words.append(f"{title}: " + ", ".join(f"{v:.2f}" for v in values))
    return Picture(figure, f"Bars of {y} for {', '.join(names)}. {'; '.join(words)}.")


@_own_style()
def intervals(
    panels: Mapping[str, Mapping[str, Sequence[float]]], x: str, limit: float = 6.0
) -> Picture:
    """Differences with their intervals, one below the other, about a line at zero.

    Args:
        panels: title of each panel -> name -> mean, lower and upper end. A name that a panel
            lacks leaves its line there empty.
        x: what the differences are.
        limit: the axis reaches this far both ways; a mean beyond it is written at the rim.
    """
    names = list(dict.fromkeys(name for found in panels.values() for name in found))
    figure, axes = _canvas(height=0.9 + 0.27 * len(names), columns=len(panels))
    words = []
    for axis, (title, found) in zip(axes, panels.items(), strict=True):
        listed = []
        for k, (key, (name, hue, _)) in enumerate(zip(names, looks_of(names), strict=True)):
            if key not in found:
                continue
            mean, low, high = found[key]
            if abs(mean) > limit:
                rim, way = (0.96, "right") if mean > 0 else (-0.96, "left")  # clear of the ticks
                text = f"{mean:+.0f}".replace("-", "\N{MINUS SIGN}")
                axis.text(rim * limit, k, text, ha=way, va="center", fontsize=_SMALL, color=_INK)
            else:
                ends = [max(low, -limit), min(high, limit)]
                axis.plot(ends, [k, k], color=DAY[hue], linewidth=2)
                axis.plot(mean, k, color=DAY[hue], marker=MARKERS[hue], markersize=6)
            listed.append(f"{name} {mean:+.1f} ({low:+.1f} to {high:+.1f})")
        axis.axvline(0, color=_GREY, linewidth=1)
        shown = [plain(name) for name in names] if axis is axes[0] else [""] * len(names)
        axis.set_yticks(range(len(names)), shown)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set_xlim(-limit, limit)
        _label(axis, title, "", "")
        words.append(f"{title}: {', '.join(listed)}")
    figure.supxlabel(x, fontsize=_PLAIN, color=_INK)  # once: panels are narrow
    return Picture(figure, f"Intervals of {x}. {'; '.join(words)}.")


@_own_style()
def training(
    records: Sequence[Record],
    memory: Sequence[float],
    before: Live | None = None,
    names: tuple[str, str] = ("now", "before"),
    score: str = "validation accuracy",
    unit: str = "MB, exact count",
) -> Picture:
    """One run of `fit`: accuracy, margin and peak memory, update by update, layer by layer.

    Where a learner has a goodness, it is drawn too: solid for positives, dashed for negatives.
    The margin is what `Record` says: of goodness, or of logits.

    Args:
        records: the updates.
        memory: bytes at the peak of each update.
        before: another run, drawn in grey on the same axes.
        names: what to call this run and the other, in the legend.
        score: what `val_score` is: accuracy, or ROC-AUC for links; `"loss"` draws the loss in
            its place, for a learner that validates nothing.
        unit: of the memory, in words: how it was measured.
    """
    other: Sequence[Record] = before.records if before is not None else ()
    scored = any(record.goodness_pos is not None for record in [*records, *other])
    figure, axes = _canvas(4.6, columns=2, rows=2)
    if not scored:  # three: the first takes the upper row
        axes.pop(1).remove()
        axes[0].set_subplotspec(axes[0].get_subplotspec().get_gridspec()[0, :])  # type: ignore[union-attr]
    left, lead, right = axes[0], axes[1], axes[-1]
    if before is not None and other:
        for numbers in _by_layer(other).values():
            _draw(axes, scored, other, before.memory, numbers, {"color": _GREY, "linewidth": 1.2})
        handles = [Line2D([], [], color=_INK), Line2D([], [], color=_GREY)]
        figure.legend(
            handles, names, loc="outside lower center", ncols=2, fontsize=_SMALL, frameon=False
        )
    layers = _by_layer(records)
    together = len(layers) > 1 and records[0].epoch == records[1].epoch  # all learn at once
    in_turn = len(layers) > 1 and not together
    words = []
    told = score != "loss"
    for (layer, steps), colour in zip(layers.items(), _layer_colours(len(layers)), strict=True):
        name = "whole net" if layer is None else f"layer {layer}"
        curve = _draw(axes, scored, records, memory, steps, {"color": colour, "linewidth": 1.8})
        best = f", best {score} {max(value for _, value in curve):.0f} %" if curve else ""
        if not told:
            curve = [(k, records[k].loss) for k in steps]
            left.plot(*zip(*_thin(curve), strict=True), color=colour, linewidth=1.8)
            best = f", last loss {curve[-1][1]:.2f}"
        if curve and in_turn:  # at the middle of its stretch
            middle = curve[len(curve) // 2]
            below = told and middle[1] > 20
            left.annotate(
                str(layer),
                middle,
                xytext=(0, -6 if below else 6),
                textcoords="offset points",
                fontsize=_SMALL,
                ha="center",
                va="top" if below else "bottom",
                color=_INK,
            )
        words.append(f"{name}: peak {max(memory[k] for k in steps) / MB:.1f} MB{best}")
        words[-1] += f", margin {records[steps[-1]].margin:.1f}"
    scores = [record.val_score for record in records if record.val_score is not None]
    if scores and not in_turn:  # in the corner that its one curve leaves free
        low = scores[-1] > 0.5
        left.text(
            0.97,
            0.04 if low else 0.96,
            "all layers" if together else name,
            transform=left.transAxes,
            fontsize=_SMALL,
            ha="right",
            va="bottom" if low else "top",
            color=_INK,
        )
    if scored:
        _label(axes[2], "goodness (dashed: false)", "update", "")
    left.set_ylim(0, 100 if told else None)
    highest = max([*memory, *(before.memory if before is not None else ()), 1.0])
    right.set_ylim(0, 1.15 * highest / MB)
    _label(
        left,
        f"{score}, %" if told else "loss",
        f"update of layers 1 to {len(layers)}" if in_turn else "update",
        "",
    )
    _label(lead, "margin of the true class" if told else "margin", "update", "")
    _label(right, "peak memory", "update", unit)
    said = f"{len(records)} updates. {'; '.join(words)}."
    if before is not None and other:
        said += f" In grey, {names[1]}: {len(other)} updates"
        found = [record.val_score for record in other if record.val_score is not None]
        said += f", best {score} {100 * max(found):.0f} %" if found else ""
        said += f", peak {max(before.memory) / MB:.1f} MB."
    return Picture(figure, said)


def _by_layer(records: Sequence[Record]) -> dict[int | None, list[int]]:
    """Which of the updates were whose, from the bottom."""
    layers = sorted({record.layer for record in records}, key=lambda number: number or 0)
    return {layer: [k for k, r in enumerate(records) if r.layer == layer] for layer in layers}


def _draw(
    axes: Sequence[Axes],
    scored: bool,
    records: Sequence[Record],
    memory: Sequence[float],
    steps: Sequence[int],
    style: dict[str, Any],
) -> list[tuple[int, float]]:
    """The curves of one layer; returns that of its validations, in %."""
    found = [(k, records[k].val_score) for k in steps]
    curve = [(k, 100 * value) for k, value in found if value is not None]
    seen, steps = _thin(curve), _thin(steps)
    axes[0].plot([k for k, _ in seen], [value for _, value in seen], **style)
    axes[1].plot(steps, [records[k].margin for k in steps], **style)
    if scored and records[steps[0]].goodness_pos is not None:
        positive = [records[k].goodness_pos or 0.0 for k in steps]
        negative = [records[k].goodness_neg or 0.0 for k in steps]
        axes[2].plot(steps, positive, **style)
        axes[2].plot(steps, negative, **style, linestyle="--")
    axes[-1].plot(steps, [memory[k] / MB for k in steps], **style)
    return curve


def _thin(points: Sequence[Any]) -> list[Any]:
    """Some hundreds of the points, evenly, and the last."""
    return [*points[:: 1 + len(points) // _POINTS], *points[-1:]]


class Live:
    """A plot that redraws while `fit` runs: accuracy, margin and memory, layer by layer.

        with plots.Live() as live:
            learner.fit(data, on_epoch=live)

    On a CPU a `MemoryMeter` counts while the block is open, so everything that is made in it
    counts; on CUDA the allocator's figures are shown. It redraws at most five times a second,
    spends at most a quarter of the time on it, and draws once more at the end.

    Args:
        show: called with every new `Picture`; by default it is shown in the notebook, in place.
        interval: seconds between two drawings, at least.
        device: where `fit` runs, as it is told.
        meter: counts instead, on a CPU.
        before: another run, drawn in grey on the same axes.
        names: what to call this run and the other, in the legend.
        score: what `val_score` is: accuracy, or ROC-AUC for links; `"loss"` draws the loss in
            its place, for a learner that validates nothing.

    Attributes:
        records: the updates so far.
        memory: bytes at the peak of each of them.

    Chapter 1.
    """

    def __init__(
        self,
        show: Callable[[Picture], None] | None = None,
        interval: float = 0.2,
        device: str | torch.device = "auto",
        meter: MemoryMeter | None = None,
        before: Live | None = None,
        names: tuple[str, str] = ("now", "before"),
        score: str = "validation accuracy",
    ) -> None:
        self._show = show or _InPlace()
        self._interval = interval
        self._next = 0.0
        cuda = resolve_device(device).type == "cuda"
        self._meter = _Allocator() if cuda else meter or MemoryMeter()
        unit = "MB, CUDA allocator" if cuda else "MB, exact count"
        self._look: dict[str, Any] = {"names": names, "score": score, "unit": unit}
        self._before = copy.copy(before)
        if self._before is not None:
            self._before._before = None  # of the one before that nothing is kept
        self.records: list[Record] = []
        self.memory: list[int] = []

    @property
    def picture(self) -> Picture:
        """What has been recorded so far."""
        return training(self.records, self.memory, self._before, **self._look)

    def __enter__(self) -> Live:
        self._meter.__enter__()
        return self

    def __call__(self, record: Record) -> None:
        """Take note of an update; redraw if it is time."""
        self.note(record)
        now = time.monotonic()
        if now >= self._next:
            self._show(self.picture)
            took = time.monotonic() - now
            self._next = now + max(self._interval, 4 * took)

    def note(self, record: Record) -> None:
        """Take note of an update.

        Args:
            record: the update.
        """
        self.records.append(record)
        self.memory.append(self._meter.peak_bytes)
        self._meter.reset_peak()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._meter.__exit__(kind, error, trace)
        if self.records:
            self._show(self.picture)


class _Allocator:
    """What CUDA's allocator has given out since the block was entered."""

    def __enter__(self) -> None:
        self._start = torch.cuda.memory_allocated()
        self.reset_peak()

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def peak_bytes(self) -> int:
        """The most since `reset_peak`."""
        return torch.cuda.max_memory_allocated() - self._start

    def reset_peak(self) -> None:
        """Forget the highest point so far."""
        torch.cuda.reset_peak_memory_stats()


class _InPlace:
    """Show a picture in the notebook, each in place of the one before."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, picture: Picture) -> None:
        if self._handle is not None:
            self._handle.update(picture)
            return
        from IPython.display import display

        self._handle = display(picture, display_id=True)
