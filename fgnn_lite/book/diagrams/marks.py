"""What every schematic is drawn with: a few marks that mean the same in all of them.

Places are in a view box `WIDE` units wide, and are the middles of what is drawn. `diagrams.css`
says how each class looks; letters are 13 units high, 11 px or more on the narrowest phone.
"""

from __future__ import annotations

import math
import re
from html import escape

WIDE = 330
LEGEND = (  # class -> its sample, and what it means
    ("fd-n", '<circle class="fd-n" cx="14" cy="8" r="6"/>', "node"),
    ("fd-v", '<path class="fd-v" d="M8 2h12v12h-12z"/>', "class node"),
    ("fd-l", '<path class="fd-l" d="M2 2h24v12h-24z"/>', "layer"),
    ("fd-o", '<rect class="fd-o" x="2" y="2" width="24" height="12" rx="6"/>', "loss"),
    ("fd-a", '<path class="fd-a" d="M1 8h25m-5-4 5 4-5 4"/>', "activities"),
    ("fd-d", '<path class="fd-d" d="M1 8h26"/>', "virtual edge"),
    ("fd-b", '<path class="fd-b" d="M27 8h-25m5-4-5 4 5 4"/>', "gradient"),
    ("fd-s", '<path class="fd-a" d="M1 8h26"/><path class="fd-s" d="M14 1v14"/>', "it stops here"),
    ("fd-k", '<path class="fd-k" d="M2 2h24v12h-24z"/>', "stays in memory"),
)


def label(x: float, y: float, text: str, at: str = "middle", kind: str = "") -> str:
    """Words, in the middle of a place or beginning (`start`) or ending (`end`) there."""
    side = "" if at == "middle" else f' style="text-anchor:{at}"'
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x:g}" y="{y:g}"{side}>{escape(text)}</text>'


def head(x: float, y: float, text: str, at: str = "middle") -> str:
    """Words above a part of the picture."""
    return label(x, y, text, at, "fd-h")


def note(x: float, y: float, text: str, at: str = "middle") -> str:
    """Words beside a mark."""
    return label(x, y, text, at, "fd-t")


def node(x: float, y: float, text: str = "") -> str:
    """A node of the graph: a circle."""
    return f'<circle class="fd-n" cx="{x:g}" cy="{y:g}" r="10"/>{_inside(x, y, text)}'


def class_node(x: float, y: float, text: str = "") -> str:
    """The virtual node of a class: a square."""
    return _rect("fd-v", x, y, 22, 22) + _inside(x, y, text)


def layer(x: float, y: float, text: str, wide: float = 100, high: float = 28) -> str:
    """A layer with weights of its own: a box; several make a stack."""
    return _rect("fd-l", x, y, wide, high, 4) + _inside(x, y, text)


def loss(x: float, y: float, text: str, wide: float = 100) -> str:
    """What is differentiated: a box with round ends."""
    return _rect("fd-o", x, y, wide, 26, 13) + _inside(x, y, text)


def kept(x: float, y: float, text: str = "", wide: float = 60, high: float = 24) -> str:
    """What stays in memory while something learns: a shaded box."""
    return _rect("fd-k", x, y, wide, high) + _inside(x, y, text)


def tag(x: float, y: float, text: str, wide: float = 18) -> str:
    """What is no mark of its own, columns of features for instance: a box with a thin line."""
    return _rect("fd-f", x, y, wide, 18 if wide == 18 else 24) + _inside(x, y, text)


def frame(x: float, y: float, wide: float, high: float) -> str:
    """A thin line around things that belong together."""
    return _rect("fd-f", x, y, wide, high, 6)


def edge(x1: float, y1: float, x2: float, y2: float) -> str:
    """An edge of the graph."""
    return _line("fd-e", (x1, y1), (x2, y2))


def guide(path: str) -> str:
    """A line to compare with: dotted, no mark of the grammar."""
    return f'<path class="fd-g" d="{path}"/>'


def virtual_edge(x1: float, y1: float, x2: float, y2: float) -> str:
    """An edge to or from a class node: dashed."""
    return _line("fd-d", (x1, y1), (x2, y2))


def arrow(*points: tuple[float, float], kind: str = "fd-a") -> str:
    """Activities that go on, by way of some points: a solid arrow."""
    (x, y), (x2, y2) = points[-2:]
    turn = math.atan2(y2 - y, x2 - x)
    ends = [(x2 - 7 * math.cos(turn + s), y2 - 7 * math.sin(turn + s)) for s in (0.55, -0.55)]
    wings = f"M{_at(ends[0])}L{_at((x2, y2))} {_at(ends[1])}"
    return f'<path class="{kind}" d="M{" ".join(map(_at, points))}{wings}"/>'


def back(*points: tuple[float, float]) -> str:
    """What flows backwards, the gradient: a red arrow."""
    return arrow(*points, kind="fd-b")


def stopped(start: tuple[float, float], end: tuple[float, float], where: float = 0.45) -> str:
    """Activities that are detached: a bar across the arrow, where the gradient is stopped."""
    (x1, y1), (x2, y2) = start, end
    x, y, long = x1 + where * (x2 - x1), y1 + where * (y2 - y1), math.hypot(x2 - x1, y2 - y1)
    dx, dy = 8 * (y1 - y2) / long, 8 * (x2 - x1) / long
    return arrow(start, end) + _line("fd-s", (x - dx, y - dy), (x + dx, y + dy))


def svg(parts: list[str], title: str, alt: str, high: float, wide: float = WIDE) -> str:
    """A picture of some marks, with its name and its words.

    Lines of a kind become one path: edges below everything, arrows above.
    """
    lines: dict[str, list[str]] = {}
    rest = []
    for part in parts:
        for mark in re.split(r"(?<=>)(?=<path)", part):
            plain = re.fullmatch(r'<path class="(fd-[adebs])" d="([^"]*)"/>', mark)
            if plain:
                lines.setdefault(plain[1], []).append(plain[2])
            else:
                rest.append(mark)
    drawn = {kind: f'<path class="{kind}" d="{"".join(way)}"/>' for kind, way in lines.items()}
    below = [drawn.pop(kind, "") for kind in ("fd-e", "fd-d")]
    return (
        f'<svg viewBox="0 0 {wide:g} {high:g}" role="img" aria-label="{escape(alt)}">'
        f"<title>{escape(title)}</title>{''.join([*below, *rest, *drawn.values()])}</svg>"
    )


def _inside(x: float, y: float, text: str) -> str:
    return label(x, y, text) if text else ""


def _rect(kind: str, x: float, y: float, wide: float, high: float, round: float = 0) -> str:
    corner = f' rx="{round:g}"' if round else ""
    place = f'x="{x - wide / 2:g}" y="{y - high / 2:g}" width="{wide:g}" height="{high:g}"'
    return f'<rect class="{kind}" {place}{corner}/>'


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    return f'<path class="{kind}" d="M{_at(start)}L{_at(end)}"/>'


def _at(point: tuple[float, float]) -> str:
    return f"{round(point[0], 1):g} {round(point[1], 1):g}"
