"""The map: all methods below each other, each a row of a table with a small picture."""

from __future__ import annotations

import csv
from html import escape
from importlib.resources import files

from fgnn_lite.book.diagrams.marks import arrow, back, kept, layer, stopped, svg

WAYS = {  # how the small pictures differ, in words
    "tape": "outputs are kept; one gradient runs through all layers",
    "checkpoint": "one output is kept; one gradient runs through all layers",
    "in turn": "bars between layers; one layer at a time is in memory and has a gradient",
    "together": "bars between layers; all layers are in memory, each with a gradient of its own",
    "once": "a constant, then one layer with a gradient",
}


def rows() -> list[dict[str, str]]:
    """What stands in `map.csv`, row by row."""
    text = (files(__package__) / "map.csv").read_text("utf8")
    return list(csv.DictReader(text.splitlines()))


def alt() -> str:
    """The small pictures in words; the table says the rest."""
    told = "; ".join(f"{row['method']}: {WAYS[row['way']]}" for row in rows())
    return f"A table of all methods, with a small picture of layers in each row. {told}."


def table() -> str:
    """The rows as HTML; on a phone a row becomes a list."""
    heads = "".join(f'<th scope="col">{each}</th>' for each in rows()[0] if each != "way")
    body = []
    for row in rows():
        name, way = row.pop("method"), row.pop("way")
        drawn = svg(_picture(way), name, WAYS[way], high=40, wide=120)
        told = "".join(f"<td>{escape(cell)}</td>" for cell in row.values())
        body.append(f'<tr><th scope="row">{name}{drawn}</th>{told}</tr>')
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _picture(way: str) -> list[str]:
    """Three layers from left to right, what of them is in memory, and where gradients run."""
    places = (18, 60, 102)
    if way == "once":
        parts = [kept(18, 15, "", 22, 16), arrow((30, 15), (48, 15)), layer(60, 15, "", 22, 16)]
        return [*parts, arrow((72, 15), (96, 15)), back((72, 32), (48, 32))]
    learning = {"in turn": places[1:2], "together": places}.get(way, ())
    parts = [kept(x, 15, "", 34, 26) for x in learning]
    parts += [layer(x, 15, "", 22, 16) for x in places]
    parts += [(stopped if learning else arrow)((x - 30, 15), (x - 12, 15)) for x in places[1:]]
    stay = {"tape": (37, 79), "checkpoint": (79,)}.get(way, ())
    parts += [kept(x, 15, "", 7, 18) for x in stay]
    ways = [(x + 11, x - 11) for x in learning] or [(113, 7)]
    return parts + [back((start, 34), (end, 34)) for start, end in ways]
