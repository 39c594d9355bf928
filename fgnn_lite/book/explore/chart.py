"""A chart of results: its legend and panels, its words and its table; `chart.js` draws it."""

from __future__ import annotations

from fgnn_lite.book.explore.page import Look, Model, rows_as_table, select
from fgnn_lite.book.looks import SHAPES

CHARTS = ("line", "bar", "scatter", "multiples")
BAR, GAP = 24, 26  # height of a series' bars, and of a name above them, in pixels: as in chart.js


def look(model: Model) -> Look:
    """What stays as it is whatever is selected."""
    bar, series = model["chart"] == "bar", model["series"]
    legend, note = [], ""
    panels: list[tuple[int | None, str, int]] = [(None, "", 300)]
    if model["chart"] == "multiples":
        panels = [(s, name, 170) for s, name in enumerate(series)]
    elif len(series) > 1:
        drawn = "" if bar or model["chart"] == "scatter" else " fx-l"
        looks = zip(model["looks"], series, strict=True)
        legend = [(f"s{hue} d{dash}{drawn}", SHAPES[hue], name) for (hue, dash), name in looks]
    if bar:
        panels = [(None, "", len(model["x"]["names"]) * (GAP + BAR * len(series)) + 4)]
    if model["seeds"]:
        counts = model["points"]["n"]
        most = f"{'up to ' if min(counts) < max(counts) else ''}{max(counts)} {model['seeds']}"
        reach = "whiskers" if bar else "whiskers and bands"
        note = f"Means over {most}; {reach} reach from the lowest to the highest."
    ticks = [text for axis in model["y"]["axes"] for _, text in axis["ticks"]]
    left = 0 if bar else 16 + 7 * max(map(len, ticks))
    axes = model["y"]["label"], model["x"]["label"]
    above, below = reversed(axes) if bar else axes
    return Look(panels, left, above, below, legend, note)


def words(model: Model) -> str:
    """The highest and the lowest value of the first selection, and where they are."""
    points, said = model["points"], []
    for tag, pick in zip("AB", model["start"], strict=False):
        found = select(model, pick)
        text = "no results"
        if found:
            best, worst = (pick_of(found, key=points["m"].__getitem__) for pick_of in (max, min))
            ends = [(f"{kind} ", i) for kind, i in (("highest", best), ("lowest", worst))]
            ends = ends if len(found) > 1 else [("", best)]
            text = ", ".join(
                f"{kind}{_number(model, 'm', i)} ({_where(model, i)})" for kind, i in ends
            )
        said.append(f"{tag} {text}" if len(model["start"]) > 1 else text)
    return f"{model['y']['label']}: {'; '.join(said)}."


def table(model: Model) -> str:
    """The first selection as a table: what stands within `<table>`."""
    points, two, many = model["points"], len(model["start"]) > 1, len(model["series"]) > 1
    heads = ["selection"] * two + ["series"] * many + [model["x"]["label"], model["y"]["label"]]
    heads += ["lowest", "highest", model["seeds"]] if model["seeds"] else []
    rows = []
    for tag, pick in zip("AB", model["start"], strict=False):
        for i in select(model, pick):
            cells = [tag] * two + [model["series"][points["s"][i]]] * many
            cells.append(model["x"]["names"][points["x"][i]])
            kinds = ("m", "lo", "hi") if model["seeds"] else ("m",)
            cells += [_number(model, kind, i) for kind in kinds]
            rows.append(cells + ([str(points["n"][i])] if model["seeds"] else []))
    return rows_as_table(heads, rows)


def _number(model: Model, kind: str, i: int) -> str:
    return f"{model['points'][kind][i]:.{model['digits']}f}"


def _where(model: Model, i: int) -> str:
    """The series and the place of a point."""
    place = model["x"]["names"][model["points"]["x"][i]]
    if model["chart"] != "bar":
        place = f"{model['x']['label']} {place}"
    name = model["series"][model["points"]["s"][i]]
    return f"{name}, {place}" if name else place
