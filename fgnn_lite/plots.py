"""Every figure of the book. Each function returns a `Picture`: a figure, and the same in words.

Bytes are shown in MB (10^6 bytes). Colours keep their order in grey, lines carry their names.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from types import TracebackType
from typing import Any

import networkx as nx
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite.history import Record
from fgnn_lite.probes import MemoryMeter, MemoryReport

MB = 1e6
_INK, _FAINT = "#26323b", "#d5dadd"
_COLOURS = ("#0b5fa5", "#d55e00", "#00876c", "#8a4fa3", "#7a6a00", "#26323b")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_DPI, _WIDTH = 140, 6.6


class Picture:
    """A figure and what it shows, in words; a notebook shows the one and stores both.

    Args:
        figure: a matplotlib figure that no window manager holds.
        alt: the alternative text, made from the numbers in the figure.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure, self.alt = figure, alt

    def png(self) -> bytes:
        """The figure as a PNG file."""
        buffer, small = io.BytesIO(), io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=_DPI)
        Image.open(buffer).convert("RGB").quantize(128).save(small, format="png", optimize=True)
        return small.getvalue()

    def html(self) -> str:
        """The figure as an `<img>` of its own, no wider than the place it is put."""
        data = base64.b64encode(self.png()).decode()
        style = "width:100%;max-width:760px;height:auto"
        return f'<img style="{style}" alt="{escape(self.alt)}" src="data:image/png;base64,{data}">'

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        return bundle, {"image/png": {"alt": self.alt}}

    def __repr__(self) -> str:
        return self.alt


def _canvas(height: float = 3.0, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of the page's width and its axes, side by side."""
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="white")
    axes = [figure.add_subplot(1, columns, k + 1) for k in range(columns)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(_INK)
        axis.tick_params(colors=_INK, labelsize=9)
        axis.grid(axis="y", color=_FAINT, linewidth=0.8)
        axis.set_axisbelow(True)
    return figure, axes


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=10, loc="left", color=_INK)
    axis.set_xlabel(x, fontsize=9, color=_INK)
    axis.set_ylabel(y, fontsize=9, color=_INK)


def _layer_colours(count: int) -> list[Any]:
    """Dark to light, so that the order of layers survives in grey."""
    return [colormaps["viridis"](0.85 * k / max(count - 1, 1)) for k in range(count)]


# --- data ------------------------------------------------------------------------------------


def digits_with_neighbours(data: Data, nodes: Sequence[int]) -> Picture:
    """Some nodes of the digits graph, each with the images that it hears.

    Args:
        data: the digits graph; x [N, 64] are images of 8 by 8 pixels.
        nodes: the nodes to show, one row each.
    """
    figure = Figure(figsize=(_WIDTH, 0.95 * len(nodes)), layout="constrained", facecolor="white")
    words = []
    grid = figure.subplots(len(nodes), 9, squeeze=False)
    for row, node in zip(grid, nodes, strict=True):
        heard = data.edge_index[0, data.edge_index[1] == node][:8].tolist()
        for axis, i in zip(row, [node, *heard], strict=False):
            axis.imshow(data.x[i].reshape(8, 8).numpy(), cmap="Greys")
            axis.set_xlabel(f"{int(data.y[i])}", fontsize=8, color=_INK)
        for axis in row:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        row[0].spines[:].set(visible=True, color=_COLOURS[1], linewidth=2)
        words.append(f"a {int(data.y[node])} hears {[int(data.y[i]) for i in heard]}")
    return Picture(figure, f"Handwritten digits, each with up to 8 neighbours: {'; '.join(words)}.")


def graph(data: Data, virtual_mask: Tensor | None = None) -> Picture:
    """A small graph: colours are classes, filled circles have a label for training, squares are
    class nodes and their edges are dashed.

    Args:
        data: a graph with y [N] and train_mask [N].
        virtual_mask: which nodes are class nodes [N]; `data.virtual_mask` if there is one.
    """
    if virtual_mask is None and "virtual_mask" in data:
        virtual_mask = data.virtual_mask
    count = len(data.y)
    virtual = [bool(virtual_mask[i]) for i in range(count)] if virtual_mask is not None else []
    virtual = virtual or [False] * count
    pairs = {tuple(sorted(pair)) for pair in data.edge_index.t().tolist()}
    whole = nx.Graph(pairs)
    whole.add_nodes_from(range(count))
    real = whole.subgraph(i for i in range(count) if not virtual[i])
    place = nx.spring_layout(real, seed=4, iterations=200)
    if any(virtual):  # the class nodes find a place around the others, which stay where they are
        place = nx.spring_layout(whole, pos=place, fixed=list(real), k=0.2, seed=1)

    figure, (axis,) = _canvas(height=4.6)
    axis.axis("off")
    for a, b in sorted(pairs):
        tie = virtual[a] or virtual[b]
        ends = np.stack([place[a], place[b]]).T
        if tie:
            axis.plot(*ends, color=_INK, linewidth=1.2, linestyle="--")
        else:
            axis.plot(*ends, color="#9aa5ac", linewidth=0.8, zorder=0)
    for i in range(count):
        colour = _COLOURS[int(data.y[i]) % len(_COLOURS)]
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
        axis.annotate(name, (x, y), ha="center", va="center", fontsize=8, color=ink)
    trained = int(data.train_mask.sum())
    words = f"A graph of {count - sum(virtual)} nodes, {trained} of them with a training label"
    if any(virtual):
        ties = [pair for pair in pairs if virtual[pair[0]] or virtual[pair[1]]]
        words += f", and {sum(virtual)} class nodes, drawn as squares, with {len(ties)} dashed ties"
    return Picture(figure, words + ".")


# --- memory ----------------------------------------------------------------------------------


def saved_by_layer(report: MemoryReport) -> Picture:
    """What one update keeps for its backward pass, layer by layer."""
    values = [size / MB for size in report.saved_by_layer]
    figure, (axis,) = _canvas(height=2.6)
    numbers = range(1, len(values) + 1)
    axis.bar(numbers, values, color=_COLOURS[0], width=0.7)
    for number, value in zip(numbers, values, strict=True):
        axis.annotate(f"{value:.2f}", (number, value), ha="center", va="bottom", fontsize=8)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label(axis, "kept for the way back", "layer", "MB")
    listed = ", ".join(f"{value:.2f}" for value in values)
    return Picture(
        figure, f"Bars: MB saved for the way back in layers 1 to {len(values)}: {listed}."
    )


def timeline(reports: Mapping[str, MemoryReport]) -> Picture:
    """What training adds to the model, from one tensor's birth or death to the next."""
    figure, axes = _canvas(height=2.8, columns=len(reports))
    words = []
    top = max(report.working_bytes for report in reports.values()) / MB
    for axis, (name, report), colour in zip(axes, reports.items(), _COLOURS, strict=False):
        axis.fill_between(
            range(len(report.timeline)),
            np.array(report.timeline) / MB,
            color=colour,
            alpha=0.85,
            linewidth=0,
            step="post",
        )
        axis.set_ylim(0, 1.08 * top)
        _label(axis, name, "births and deaths of tensors", "MB alive")
        words.append(f"{name} peaks at {report.working_bytes / MB:.1f} MB")
    return Picture(figure, f"Memory alive during training, tensor by tensor: {'; '.join(words)}.")


def split(reports: Mapping[str, MemoryReport]) -> Picture:
    """What the peak consists of, method by method."""
    figure, (axis,) = _canvas(height=0.9 + 0.5 * len(reports))
    axis.grid(visible=False)
    names, words = list(reports), []
    left = np.zeros(len(names))
    shades = ("#26323b", "#0b5fa5", "#00876c", "#d55e00", "#d5dadd")
    for kind, shade in zip(reports[names[0]].peak_split, shades, strict=True):
        widths = np.array([reports[name].peak_split[kind] / MB for name in names])
        axis.barh(names, widths, left=left, color=shade, label=kind, height=0.6)
        left += widths
    for name in names:
        parts = ", ".join(f"{k} {v / MB:.2f}" for k, v in reports[name].peak_split.items())
        words.append(f"{name}: {parts}")
    axis.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=5, fontsize=8, frameon=False)
    _label(axis, "the peak, by kind", "MB", "")
    return Picture(figure, f"Stacked bars of MB at the peak. {'; '.join(words)}.")


# --- curves ----------------------------------------------------------------------------------


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
    figure, (axis,) = _canvas()
    words = []
    for k, (name, curve) in enumerate(curves.items()):
        places = list(curve)
        values = [np.atleast_1d(np.asarray(curve[p], dtype=float)) for p in places]
        means = np.array([v.mean() for v in values])
        colour, marker = _COLOURS[k % len(_COLOURS)], _MARKERS[k % len(_MARKERS)]
        axis.plot(places, means, color=colour, marker=marker, markersize=5, label=name)
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
    figure.legend(loc="outside upper center", ncols=4, fontsize=9, frameon=False)
    return Picture(figure, f"Lines of {y} by {x}. {'; '.join(words)}.")


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
        colours = [_COLOURS[k % len(_COLOURS)] for k in range(len(values))]
        axis.bar(list(names), list(values), color=colours, width=0.7)
        axis.set_ylim(0, 1.05 * max(max(v) for v in groups.values()))
        _label(axis, title, "", y if axis is axes[0] else "")
        words.append(f"{title}: " + ", ".join(f"{v:.2f}" for v in values))
    return Picture(figure, f"Bars of {y} for {', '.join(names)}. {'; '.join(words)}.")


def training(records: Sequence[Record], memory: Sequence[float]) -> Picture:
    """One run of `fit`: validation accuracy and peak memory, update by update, layer by layer.

    Where a learner has a goodness, it is drawn too: solid for positives, dashed for negatives.

    Args:
        records: the updates.
        memory: bytes at the peak of each update.
    """
    scored = any(record.goodness_pos is not None for record in records)
    figure, axes = _canvas(height=2.9, columns=3 if scored else 2)
    left, right = axes[0], axes[-1]
    layers = sorted({record.layer for record in records}, key=lambda number: number or 0)
    together = len(layers) > 1 and records[0].epoch == records[1].epoch  # all learn at once
    words = []
    for layer, colour in zip(layers, _layer_colours(len(layers)), strict=True):
        steps = [k for k, record in enumerate(records) if record.layer == layer]
        name = "whole net" if layer is None else f"layer {layer}"
        found = [(k, records[k].val_accuracy) for k in steps]
        curve = [(k, value) for k, value in found if value is not None]
        if curve:
            left.plot(*zip(*curve, strict=True), color=colour, linewidth=1.8)
            left.annotate(
                "all layers" if together else name,
                curve[-1],
                xytext=(0, -7),
                textcoords="offset points",
                fontsize=8,
                ha="right",
                va="top",
                color=_INK,
            )
        right.plot(steps, [memory[k] / MB for k in steps], color=colour, linewidth=1.8)
        peak = max(memory[k] for k in steps) / MB
        words.append(f"{name}: peak {peak:.1f} MB")
        if curve:
            best = max(value for _, value in curve)
            words[-1] += f", best validation accuracy {best:.2f}"
        if scored:
            positive = [records[k].goodness_pos or 0.0 for k in steps]
            negative = [records[k].goodness_neg or 0.0 for k in steps]
            axes[1].plot(steps, positive, color=colour, linewidth=1.8)
            axes[1].plot(steps, negative, color=colour, linewidth=1.8, linestyle="--")
            margin = positive[-1] - negative[-1]
            words[-1] += f", goodness of positives above negatives by {margin:.1f}"
    if scored:
        _label(axes[1], "goodness (dashed: false)", "update", "")
    left.set_ylim(0, 1)
    right.set_ylim(0, 1.15 * max([*memory, 1.0]) / MB)
    _label(left, "validation accuracy", "update", "")
    _label(right, "memory at the peak", "update", "MB")
    return Picture(figure, f"{len(records)} updates. {'; '.join(words)}.")


class Live:
    """A plot that redraws while `fit` runs: accuracy and memory, layer by layer.

        with plots.Live() as live:
            learner.fit(data, on_epoch=live)

    Memory is counted by a `MemoryMeter` while the block is open, so everything that is made in it
    counts. It redraws at most five times a second, spends at most a quarter of the time on it, and
    draws once more at the end.

    Args:
        show: called with every new `Picture`; by default it is shown in the notebook, in place.
        interval: seconds between two drawings, at least.
    """

    def __init__(
        self, show: Callable[[Picture], None] | None = None, interval: float = 0.2
    ) -> None:
        self._show = show or _InPlace()
        self._interval = interval
        self._next = 0.0
        self.records: list[Record] = []
        self.memory: list[int] = []

    @property
    def picture(self) -> Picture:
        """What has been recorded so far."""
        return training(self.records, self.memory)

    def __enter__(self) -> Live:
        self._meter = MemoryMeter().__enter__()
        return self

    def __call__(self, record: Record) -> None:
        """Take note of an update; redraw if it is time."""
        self.records.append(record)
        self.memory.append(self._meter.peak_bytes)
        self._meter.reset_peak()
        now = time.monotonic()
        if now >= self._next:
            self._show(self.picture)
            took = time.monotonic() - now
            self._next = now + max(self._interval, 4 * took)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._meter.__exit__(kind, error, trace)
        if self.records:
            self._show(self.picture)


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
