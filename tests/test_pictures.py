"""The pictures of a graph, of goodness and of the tape: every selection is held to the results."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
import sys
from fractions import Fraction
from html import unescape

import browser as checks
import networkx
import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from test_explorer import (
    NASTY,
    ROOT,
    says_the_first_selection,
    script,
    selections,
    soup,
    staged,
    write,
)
from torch_geometric.data import Data
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from toys import path_graph

import fgnn_lite as fgnn
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.book import explore, looks

PARTS = {
    name: sys.modules[f"fgnn_lite.book.explore.{name}"] for name in ("nodes", "histograms", "tape")
}
KINDS = ("rest", "saved", "gradients", "optimiser")
WHEN = {"forward": "forward", "back": "way back", "step": "step"}


def when(row, m):
    """What the phase of a moment is called: what comes after the last step is no pass forwards."""
    return WHEN[row["phases"][m]] if "step" in row["phases"][m:] else "after the step"


COLUMN = {"nodes": "who", "histograms": "who", "tape": "depth"}
SHOWN = ["learner", "layer", "updates"]


@functools.cache
def file(name):
    return json.loads((ROOT / "results" / f"{name}.json").read_text())


@functools.cache
def karate():
    return fgnn.load_graph("karate")


def made():
    """One explorer of each picture, over the results of the repository."""
    club, goodness, tape = file("karate"), file("goodness"), file("tape")
    first = {"layer": 2, "updates": 300}
    places = club["settings"]["places"]
    return {
        "nodes": explore.nodes(karate(), club["rows"], SHOWN, places, start=first, node=8),
        "histograms": explore.histograms(goodness["rows"], SHOWN, goodness["settings"]["edges"]),
        "tape": explore.tape(tape["rows"], ["depth"], start={"depth": 8}),
    }


@pytest.fixture(scope="module")
def pictures():
    return made()


def few_rows(name, who=("a", "b")):
    """Rows small enough to read; `a` has no class nodes, and of the learners `b` starts later."""
    if name == "histograms":
        return [
            {"who": one, "positive": [3 + k, 7 - k], "negative": [6, 2]}
            for k, one in enumerate(who)
        ]
    if name == "nodes":
        scores = [[0.0, 1.0], None, [0.5, 0.504], [1.0, 1.0]]
        return [
            {"who": one, "layer": layer, "goodness": sizes, "scores": scores}
            for one, sizes in zip(who, ([1.0, 2, 3, 4], [1.0, 2, 3, 4, 5, 6]), strict=True)
            for layer in (1, 2)
        ]
    sizes = {"gradients": [0, 5e5, 5e5], "optimiser": [4e5] * 3, "rest": [1e4, 2e4, 3e4]}
    sizes["phases"] = ["forward", "back", "step"]
    return [
        {
            "learner": one,
            "depth": depth,
            "saved": [1e6 / depth, 2e6, 0][k:],
            **{kind: of[k:] for kind, of in sizes.items()},
        }
        for k, one in enumerate(who)
        for depth in (1, 2)
    ]


def few(name, **changes):
    """A small explorer of a picture."""
    if name == "nodes":
        places = [[15 * k, 50] for k in range(6)]
        given = {"data": path_graph(), "controls": ["who", "layer"], "places": places}
    elif name == "histograms":
        given = {"controls": ["who"], "edges": [0, 1.5, 3], "theta": 1.5}
    else:
        given = {"controls": ["depth"]}
    return getattr(explore, name)(**{"rows": few_rows(name), **given, **changes})


def changed(name, values, at=0):
    """The few rows, one of them with other values."""
    rows = few_rows(name)
    rows[at].update(values)
    return rows


def cells(html):
    """The rows of a table."""
    rows = html.split("<tbody>")[1].split("<tr>")[1:]
    return [[unescape(text) for text in re.findall("<td>(.*?)</td>", row)] for row in rows]


def found(pattern, text):
    """What the groups of a pattern say."""
    match = re.search(pattern, text)
    assert match, (pattern, text)
    return match.groups()


def near(texts, values, digits):
    """Numbers are written with so many digits, and rightly rounded."""
    for text, value in zip(texts, values, strict=True):
        assert re.fullmatch(rf"-?\d+\.\d{{{digits}}}", text)
        assert abs(float(text) - value) <= 0.5 * 10**-digits + 1e-9, (text, value)


def said_of(shown, what, picks):
    """What the script says of each of these selections."""
    return script(shown, *((what, [pick]) for pick in picks))


def named(model, pick):
    """What a selection is called."""
    pairs = zip(model["controls"], pick, strict=True)
    return ", ".join(f"{control['label']} {control['names'][k]}" for control, k in pairs)


def chosen(model, pick, rows):
    """The row of the file that a selection stands for, by the names of its controls."""
    pairs = list(zip(model["controls"], pick, strict=True))[:3]
    said = {control["label"]: control["names"][k] for control, k in pairs}
    (row,) = [
        row for row in rows if all(looks.plain(str(row[k])) == text for k, text in said.items())
    ]
    return row


def every(shown, first):
    """All selections of an explorer after its first one."""
    return [pick for k, pick in enumerate(selections(shown.model)) if k % first == 0]


# --- what they show --------------------------------------------------------------------------


def test_they_are_the_same_every_time_and_small(pictures) -> None:
    again = made()
    assert len({soup(shown).div["data-fx"] for shown in pictures.values()}) == len(pictures)
    for name, shown in pictures.items():
        assert shown.html == again[name].html == shown._repr_html_()
        assert len(shown.html.encode()) < 150_000


@pytest.mark.parametrize("name", PARTS)
def test_without_scripts_there_are_words_and_a_table(pictures, name) -> None:
    shown, part = pictures[name], PARTS[name]
    page, picks = soup(shown), shown.model["start"]
    assert len(staged(shown).select(".fx-plot > svg")) == len(part.look(shown.model).panels)
    assert page.select_one(".fx-words").text == part.words(shown.model)
    assert len(page.select("tbody tr")) > 1
    assert page.details.has_attr("open")
    assert not page.select("input, select, svg, [src], [href]")
    assert all(th.text for th in page.select("th"))
    assert page.select_one(".fx-still").text == f"Shown: {named(shown.model, picks[0])}."
    assert shown.alt == " ".join(
        page.select_one(part).text for part in (".fx-title", ".fx-still", ".fx-words")
    ).replace(" Shown", ". Shown", 1)


def test_the_first_selection_is_the_one_that_is_asked_for(pictures) -> None:
    assert named(pictures["nodes"].model, pictures["nodes"].model["start"][0]) == (
        "learner SF, layer 2, updates 300, colour margin, node 8"
    )
    assert "theta 2." in pictures["histograms"].alt
    assert "depth 8, moment 40 %." in pictures["tape"].alt
    assert "node 3." in few("nodes", node=3).alt
    assert "who b, theta 3." in few("histograms", theta=3, start={"who": "b"}).alt
    assert "moment 98 %." in few("tape", moment=98).alt


@functools.cache
def drawn(virtual):
    """Neighbours with GCN's weights, and the graph, with class nodes or without."""
    data = add_virtual_nodes(karate()) if virtual else karate()
    pairs, weights = gcn_norm(data.edge_index, num_nodes=data.num_nodes)
    received = {}
    for (j, i), w in zip(pairs.t().tolist(), weights.tolist(), strict=True):
        received.setdefault(i, {})[j] = w
    return received, networkx.Graph(data.edge_index.t().tolist())


def chosen_node(model, pick):
    """What the file and the graph say of a node: (row, node, its in-edges, what can reach it)."""
    row = chosen(model, pick, file("karate")["rows"])
    node = pick[-1]
    if node >= len(row["goodness"]):
        return row, node, {}, set()
    received, graph = drawn(len(row["goodness"]) > len(row["scores"]))
    reach = networkx.single_source_shortest_path_length(graph, node, cutoff=row["layer"])
    return row, node, received[node], set(reach)


def margins(row):
    """Of each predicted node: its class's score minus the best other one."""
    classes_of = karate().y.tolist()
    return {
        k: scores[classes_of[k]]
        - max(v for label, v in enumerate(scores) if label != classes_of[k])
        for k, scores in enumerate(row["scores"])
        if scores is not None
    }


def test_the_words_and_numbers_of_every_node(pictures) -> None:
    shown, classes_of = pictures["nodes"], karate().y.tolist()
    given, without = karate().train_mask.tolist(), 0
    picks = [pick for pick in selections(shown.model) if pick[-2] == 0]
    said = (said_of(shown, what, picks) for what in ("words", "table"))
    for pick, words, lines in zip(picks, *said, strict=True):
        row, node, received, reach = chosen_node(shown.model, pick)
        margin = margins(row)
        right = sum(value > 0 for value in margin.values())
        assert words.startswith(f"{right} of {len(margin)} predicted nodes have a margin")
        title = f"Class node v{node - len(classes_of)}: "
        if node < len(classes_of):
            label = ", with its label" if given[node] else ""
            title = f"Node {node}, of class {classes_of[node]}{label}: "
        assert title in words
        if not received:
            without += 1
            assert words.endswith("this learner has no class nodes.")
            assert cells(lines) == []
            continue
        near(found(rf"{title}goodness ([\d.]+)[,.] ", words), [row["goodness"][node]], 2)
        if node in margin:
            near(found(r"margin (-?[\d.]+)\. Scores", words), [margin[node]], 2)
            scores = found(r"classes: ([^a-zA-Z]*)\. It receives", words)[0].split(", ")
            assert [score.split(": ")[0] for score in scores] == [str(k) for k in range(4)]
            near([score.split(": ")[1] for score in scores], row["scores"][node], 2)
        else:
            assert "margin -" not in words
            assert "Scores" not in words
        far = f"in {row['layer']} step{'s' * (row['layer'] > 1)} {len(reach)} nodes reach it."
        others = sorted(set(received) - {node})
        short = [f"v{j - len(classes_of)}" if j >= len(classes_of) else str(j) for j in others]
        assert words.endswith(f" It receives messages from itself and {', '.join(short)}; {far}")
        table = cells(lines)
        assert [line[0] for line in table] == ["itself", *short]
        classes = [*classes_of, *range(4)]
        for j, (_, label, *numbers) in zip([node, *others], table, strict=True):
            assert label == str(classes[j])
            near(numbers[:2], [received[j], row["goodness"][j]], 2)
            near([numbers[2]] if numbers[2] else [], [margin[j]] if j in margin else [], 2)
    assert without > 0


def test_the_marks_of_nodes(pictures) -> None:
    shown, classes_of = pictures["nodes"], karate().y.tolist()
    rows = file("karate")["rows"]
    picks = every(shown, 41)
    for pick, marks in zip(picks, said_of(shown, "marks", picks), strict=True):
        row, node, received, reach = chosen_node(shown.model, pick)
        page = BeautifulSoup(marks, "html.parser")
        nodes, count = page.select(".fx-n"), len(row["goodness"])
        assert [int(mark["data-to"]) for mark in nodes] == list(range(count))

        def those(kind, nodes=nodes):
            return {int(mark["data-to"]) for mark in nodes if kind in mark["class"]}

        assert those("fx-chosen") == {node} & set(range(count))
        assert [mark["aria-pressed"] for mark in nodes].count("true") == (node < count)
        assert those("fx-far") == (set(range(count)) - reach if reach else set())
        assert those("fx-given") == set(karate().train_mask.nonzero().flatten().tolist())
        margin, (colour,) = margins(row), pick[-2:-1]
        wrong = {k for k, value in margin.items() if value <= 0}
        assert those("fx-wrong") == (wrong if colour == 0 else set())
        if colour == 0:
            assert those("s1") == wrong
            assert those("s0") == set(margin) - wrong
        edges = drawn(count > len(classes_of))[1].edges
        places = [tuple(f"{v:g}%" for v in spot) for spot in file("karate")["settings"]["places"]]
        lines = {tuple(line[end] for end in ("x1", "y1", "x2", "y2")) for line in page("line")}
        assert lines == {places[max(pair)] + places[min(pair)] for pair in edges}
        assert len(page("line")) == len(edges)
        assert len(page.select(".fx-in")) == max(0, len(received) - 1)
        assert bool(page.select(".fx-virtual")) == (count > len(classes_of))

        own = [other for other in rows if other["learner"] == row["learner"]]
        most = {
            0: max(abs(value) for other in own for value in margins(other).values()),
            1: max(value for other in own for value in other["goodness"]),
        }
        for k, mark in enumerate(nodes):
            size = {0: abs(margin.get(k, 0.0)), 1: row["goodness"][k], 2: 1}[colour]
            shade = float(found(r"fill-opacity:([\d.]+)", str(mark))[0])
            high = most.get(colour, 1)
            low, up = (0.4 * math.sqrt(max(0, size + d) / high) for d in (-0.006, 0.006))
            if colour == 0 and k not in margin:  # not predicted: no colour
                assert shade == 0
                assert not {f"s{s}" for s in range(6)} & set(mark["class"])
            else:  # and a pale one at a margin of 0
                assert low - 0.01 <= shade - 0.15 <= up + 0.01
            x, y = file("karate")["settings"]["places"][k]
            assert (mark["x"], mark["y"]) == (f"{x:g}%", f"{y:g}%")
            assert mark.find("text").text == (
                f"v{k - len(classes_of)}" if k >= len(classes_of) else str(k)
            )


def test_a_small_graph_by_hand() -> None:
    """Node 1 has no scores; margins: -1, none, 0.004 and 0; a draw is not right."""
    shown = few("nodes", node=2)
    assert shown.alt == (
        "What each node has learned. Shown: who a, layer 1, colour margin, node 2. "
        "1 of 3 predicted nodes have a margin above 0. "
        "Node 2, of class 1: goodness 3.00, margin 0.00. Scores of the classes: 0: 0.50, 1: 0.50. "
        "It receives messages from itself and 1, 3; in 1 step 3 nodes reach it."
    )
    third = round(1 / 3, 2)
    rows = cells(PARTS["nodes"].table(shown.model))
    assert rows == [
        ["itself", "1", f"{third}", "3.00", "0.00"],
        ["1", "0", f"{third}", "2.00", ""],
        ["3", "1", f"{1 / math.sqrt(6):.2f}", "4.00", "0.00"],
    ]


def test_loops_and_lone_nodes() -> None:
    data = path_graph()
    data.edge_index = torch.tensor([[0, 1, 2, 0, 0], [1, 0, 2, 1, 0]])  # and 0 -> 1 twice
    words = few("nodes", data=data, node=2).alt
    assert words.endswith("It receives messages from itself alone.")
    assert few("nodes", data=data).alt.endswith(
        "It receives messages from itself and 1; in 1 step 2 nodes reach it."
    )


def test_the_words_of_every_threshold(pictures) -> None:
    shown, picks = pictures["histograms"], selections(pictures["histograms"].model)
    edges = [float(name) for name in shown.model["edges"]]
    said = (said_of(shown, what, picks) for what in ("words", "table"))
    for pick, words, table in zip(picks, *said, strict=True):
        row, at = chosen(shown.model, pick, file("goodness")["rows"]), pick[-1]
        up, down = row["positive"], row["negative"]
        shares = [
            (Fraction(100 * sum(up[k:]), sum(up)), Fraction(100 * sum(down[:k]), sum(down)))
            for k in range(len(edges))
        ]
        numbers = found(
            r"^([\d.]+) % of the positives have a goodness of at least theta, ([\d.]+) % of the "
            r"negatives one below: ([\d.]+) % on average. The best theta would be ([\d.]+), with "
            r"([\d.]+) %\.$",
            words,
        )
        best = max(sum(pair) for pair in shares)
        wanted = [*shares[at], sum(shares[at]) / 2, best / 2]
        near([*numbers[:3], numbers[4]], [float(value) for value in wanted], 1)
        assert sum(shares[edges.index(float(numbers[3]))]) == best
        if at == 0:
            assert [[float(a), float(b), int(u), int(d)] for a, b, u, d in cells(table)] == [
                list(line) for line in zip(edges, edges[1:], up, down, strict=False)
            ]
            assert sum(up[len(edges) - 1 :]) == sum(down[len(edges) - 1 :]) == 0


def test_the_marks_of_goodness(pictures) -> None:
    shown = pictures["histograms"]
    edges = [float(name) for name in shown.model["edges"]]
    picks = every(shown, 37)
    for pick, marks in zip(picks, said_of(shown, "marks", picks), strict=True):
        row, at = chosen(shown.model, pick, file("goodness")["rows"]), pick[-1]
        page = BeautifulSoup(marks, "html.parser")
        bars = {mark["aria-label"]: mark for mark in page.select(".fx-m")}
        wanted, tallest = 0, 0.0
        levels = page.select(".fx-frame > text")
        top = float(levels[0].text)  # its ends, in %
        assert [(text["y"], float(text.text)) for text in levels] == [
            (f"{100 - 25 * k}%", top * abs(1 - k / 2)) for k in range(5)
        ]
        below = [
            (float(tick["x"][:-1]), float(tick.text)) for tick in page.select(".fx-frame > svg")
        ]
        assert len(below) > 5
        assert all(abs(at - 100 * edge / edges[-1]) <= 0.01 for at, edge in below)
        assert below == sorted(below)
        for s, side in enumerate(("positive", "negative")):
            whole = sum(row[side])
            for k, count in enumerate(row[side]):
                if not count:
                    continue
                wanted += 1
                ends = f"{edges[k]:g} to {edges[k + 1]:g}"
                mark = bars[f"{side}s with goodness {ends}: {count} of {whole}"]
                right = edges[k] >= edges[at] if side == "positive" else edges[k] < edges[at]
                assert ("fx-pale" in mark["class"]) != right
                assert f"s{s}" in mark["class"]
                high, y, x = (float(mark.rect[name][:-1]) for name in ("height", "y", "x"))
                assert abs(high - 5000 * count / whole / top) <= 0.01
                assert y == 50 if s else abs(y + high - 50) <= 0.01
                assert abs(x - 100 * edges[k] / edges[-1]) <= 0.01
                tallest = max(tallest, high)
        assert len(bars) == wanted
        theta = page.select_one(".fx-theta")
        assert theta.find("text").text == f"θ = {edges[at]:g}"
        assert abs(float(theta["x"][:-1]) - 100 * edges[at] / edges[-1]) <= 0.01
        assert 50 - 250 / top - 0.01 <= tallest <= 50  # the axis ends less than 5 % above its bars


def test_an_axis_of_goodness_ends_with_the_last_bar() -> None:
    """Bins that are empty whatever is selected are left out; the threshold is not."""
    rows = [{"who": one, "positive": [3, 7, 0, 0, 0], "negative": [6, 2, 0, 0, 0]} for one in "ab"]
    edges = [0, 1, 2, 3, 4, 5]
    assert few("histograms", rows=rows, edges=edges, theta=1).model["edges"] == ["0", "1", "2"]
    assert few("histograms", rows=rows, edges=edges, theta=4).model["edges"][-1] == "4"


def test_a_few_bins_by_hand() -> None:
    """At 1.5: 7 of 10 and 6 of 8, 72.5 % on average, which is the best; at 0: 100 and 0 %."""
    shown = few("histograms")
    rest = "The best theta would be 1.5, with 72.5 %."
    assert shown.alt == (
        "Goodness of positives and negatives. Shown: who a, theta 1.5. "
        "70.0 % of the positives have a goodness of at least theta, 75.0 % of "
        f"the negatives one below: 72.5 % on average. {rest}"
    )
    assert "100.0 % of the pos" in few("histograms", theta=0).alt
    assert "below: 50.0 % on average" in few("histograms", theta=0).alt
    assert (
        f"100.0 % of the negatives one below: 50.0 % on average. {rest}"
        in few("histograms", theta=3).alt
    )
    assert shown.model["points"]["top"] == [0.75, 0.75]  # no more than the highest share needs


def tape_rows(model, pick):
    """The rows of a selection, learner by learner, and which moment of each is chosen."""
    depth = model["controls"][0]["names"][pick[0]]
    for row in file("tape")["rows"]:
        if str(row["depth"]) == depth:
            count = len(row["phases"])
            yield row, min(count - 1, math.floor(Fraction(2 * pick[1], 100) * count))


def test_the_words_and_numbers_of_every_moment(pictures) -> None:
    shown, picks = pictures["tape"], selections(pictures["tape"].model)
    said = (said_of(shown, what, picks) for what in ("words", "table"))
    for pick, words, table in zip(picks, *said, strict=True):
        texts = words.removesuffix(".").split("; ")
        rows = tape_rows(shown.model, pick)
        for (row, m), text, line in zip(rows, texts, cells(table), strict=True):
            total = sum(row[kind][m] for kind in KINDS) / 1e6
            start = f"{row['learner']}: "
            assert text.startswith(start)
            held, phase, most = found(
                r"^(.*) MB \((.*)\), highest (.*) MB$", text.removeprefix(start)
            )
            near([held, most], [total, row["highest"] / 1e6], 2)
            assert phase == when(row, m)
            assert line[:3] + line[-1:] == [row["learner"], phase, held, most]
            parts = [float(number) for number in line[3:-1]]
            assert all(
                abs(p - row[kind][m] / 1e6) < 0.01 for p, kind in zip(parts, KINDS, strict=True)
            )
            assert f"{sum(parts):.2f}" == held


def test_the_marks_of_the_tape(pictures) -> None:
    shown = pictures["tape"]
    unit = shown.model["high"] / 1e4  # MB of one per cent
    assert unit * 100 >= max(row["highest"] for row in file("tape")["rows"]) / 1e6
    picks, panels = every(shown, 7), range(len(shown.model["series"]))
    drawn = iter(script(shown, *(("marks", [pick], s) for pick in picks for s in panels)))
    for pick in picks:
        for row, m in tape_rows(shown.model, pick):
            page = BeautifulSoup(next(drawn), "html.parser")
            count = len(row["phases"])
            for k, path in enumerate(page.select("path[class^=k]")):
                steps = re.findall(r"V([\d.]+)H([\d.]+)", path["d"])
                assert len(steps) == count
                for i, (y, x) in enumerate(steps):
                    size = sum(row[kind][i] for kind in KINDS[k:]) / 1e6
                    assert abs((100 - float(y)) * unit - size) <= 0.005 + 0.01 * unit
                    assert abs(float(x) - 100 * (i + 1) / count) <= 0.01
            ends = [i for i in range(1, count) if row["phases"][i] != row["phases"][i - 1]]
            lines = [float(line["x1"][:-1]) for line in page.select(".fx-phase")]
            assert lines == pytest.approx([100 * i / count for i in ends], abs=0.01)
            levels = {float(text.text): float(text["y"][:-1]) for text in page.select("text.end")}
            assert levels == {mb: pytest.approx(100 - mb / unit, abs=0.01) for mb in levels}
            assert len(levels) > 3
            (mark,) = page.select(".fx-m")
            assert mark["x"] == page.select_one(".fx-now")["x1"] == f"{2 * pick[1]}%"
            total = sum(row[kind][m] for kind in KINDS) / 1e6
            assert abs((100 - float(mark["y"][:-1])) * unit - total) <= 0.005 + 0.01 * unit
            start = f"{row['learner']}, {when(row, m)}: "
            assert mark["aria-label"].startswith(start)
            near([mark["aria-label"].removeprefix(start).removesuffix(" MB")], [total], 2)


def test_a_short_tape_by_hand() -> None:
    """40 % of three moments is the second of them; of two, the first."""
    assert few("tape").alt == (
        "What is alive during one update. Shown: depth 1, moment 40 %. "
        "a: 2.92 MB (way back), highest 2.92 MB; "
        "b: 2.92 MB (way back), highest 2.92 MB."
    )
    assert few("tape", moment=100, digits=1).alt == (
        "What is alive during one update. Shown: depth 1, moment 100 %. "
        "a: 0.9 MB (step), highest 2.9 MB; b: 0.9 MB (step), highest 2.9 MB."
    )
    late = changed("tape", {"phases": ["forward", "step", "forward"]})
    assert (
        "a: 0.93 MB (after the step), highest 2.92 MB; b" in few("tape", rows=late, moment=100).alt
    )
    assert "a: 2.92 MB (step), highest" in few("tape", rows=late).alt
    never = changed("tape", {"phases": ["forward", "back", "forward"]})
    assert "a: 0.93 MB (forward), highest" in few("tape", rows=never, moment=100).alt
    nothing = few_rows("tape")
    for row in nothing:
        row.update({kind: [0] * len(row["phases"]) for kind in KINDS})
    assert few("tape", rows=nothing, digits=0).alt.count(": 0 MB (way back), highest 0 MB") == 2


def test_totals_are_not_sums_of_what_was_rounded() -> None:
    sizes = {"saved": [4000.0] * 3, "rest": [4000.0] * 3, "gradients": [0] * 3}
    shown = few("tape", rows=changed("tape", {**sizes, "optimiser": [4000.0] * 3}))
    assert "a: 0.01 MB (way back), highest 0.01 MB" in shown.alt  # 0.012, not 0.00


@pytest.mark.parametrize("name", PARTS)
def test_the_script_begins_with_what_python_says(pictures, name) -> None:
    for shown in (pictures[name], few(name), nasty(name)):
        says_the_first_selection(shown)


# --- what they refuse ------------------------------------------------------------------------


def nasty(name):
    """An explorer with names that are HTML and script; places with many digits."""
    rows, first = few_rows(name, (NASTY, "plain")), "learner" if name == "tape" else "who"
    rows = [{NASTY if key == first else key: value for key, value in row.items()} for row in rows]
    extra = {"labels": {NASTY: NASTY}, "controls": [NASTY]}
    if name == "nodes":
        places = [[100 / 7 * k, 1e-5 * k] for k in range(6)]
        extra |= {"controls": [NASTY, "layer"], "places": places}
    if name == "tape":
        extra = {"series": NASTY, "controls": ["depth"], "labels": {"depth": NASTY}}
    return few(name, rows=rows, title=NASTY, **extra)


@pytest.mark.parametrize("name", PARTS)
def test_nothing_breaks_out_of_the_page(name) -> None:
    shown = nasty(name)
    page = soup(shown)
    assert not page("img")
    assert shown.html.count("</script>") == len(page("script")) == 4
    assert not staged(shown)("img")
    data = page.select_one('script[type="application/json"]').text
    assert not set("<>&\u2028\u2029") & set(data)
    assert json.loads(data)["title"] == page.select_one(".fx-title").text == NASTY
    assert NASTY in page.select_one(".fx-still").text
    if name == "tape":
        assert staged(shown).select_one(".fx-name").text == page.select_one("td").text == NASTY


NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "changes", "error", "message"),
    [
        ("nodes", {"rows": few_rows("nodes")[:-1]}, ValueError, "every combination"),
        ("tape", {"rows": few_rows("tape")[:-1]}, ValueError, "every combination"),
        *(
            (name, changes, error, message)
            for name in PARTS
            for changes, error, message in [
                ({"rows": []}, ValueError, "rows must hold at least one measurement"),
                ({"rows": {"rows": [1]}}, TypeError, r"rows must be a list of mappings; got a di"),
                ({"rows": [1]}, TypeError, r"rows\[0\] must be a mapping; got 1"),
                ({"rows": [*few_rows(name), few_rows(name)[0]]}, ValueError, "are both at .*'?a?"),
                ({"controls": "who"}, TypeError, "controls must be a list of columns; got 'who'"),
                ({"controls": None}, TypeError, "controls must be a list of columns; got None"),
                ({"controls": ["whom"]}, ValueError, "controls must be one of .*got 'whom'"),
                ({"start": {"whom": "a"}}, ValueError, "start's columns must be .* got 'whom'"),
                ({"start": "a"}, TypeError, "start must map columns; got 'a'"),
                ({"start": {COLUMN[name]: 7}}, ValueError, r"start\['.*'\] must be .*; got 7"),
                ({"labels": ["a"]}, TypeError, r"labels must map columns; got \['a'\]"),
                ({"title": None}, TypeError, "title must be a string; got None"),
                ({"labels": {"rest": "a"}}, ValueError, "labels' columns must .* got 'rest'"),
            ]
        ),
        ("nodes", {"data": None}, TypeError, "data must be"),
        ("nodes", {"data": Data(x=torch.ones(3, 1))}, ValueError, "data"),
        ("nodes", {"digits": 7}, ValueError, "digits must be .* got 7"),
        ("nodes", {"node": 4}, ValueError, "node must be an integer from 0 to 3; got 4"),
        ("nodes", {"node": "0"}, TypeError, "node must be .* got '0'"),
        ("nodes", {"hops": "depth"}, ValueError, "hops must be one of .* got 'depth'"),
        ("nodes", {"hops": "who"}, TypeError, r"hops' values \(of 'who'\) must .* got 'a'"),
        ("nodes", {"controls": []}, ValueError, "rows must differ in controls; .* no controls"),
        ("nodes", {"goodness": "good"}, ValueError, "goodness must be one of .* got 'good'"),
        ("nodes", {"scores": "goodness"}, ValueError, "scores must be a column of its own"),
        ("nodes", {"places": None}, TypeError, "places must be a list of pairs; got None"),
        ("nodes", {"places": [1] * 6}, TypeError, r"places\[0\] must be a list .* got 1"),
        ("nodes", {"places": [[1, 1]] * 4}, ValueError, "places must hold 6 pairs.* got 4"),
        ("nodes", {"places": [[1, 1, 1]] * 6}, ValueError, r"places\[0\] must be a pair.* got 3"),
        ("nodes", {"places": [[1, 101]] * 6}, ValueError, r"places\[0\] must be .* got 101"),
        ("nodes", {"places": [[1, NAN]] * 6}, ValueError, r"places\[0\] must be .* got nan"),
        ("histograms", {"positive": "pos"}, ValueError, "positive must be one of .* got 'pos'"),
        ("histograms", {"negative": "positive"}, ValueError, "negative must be a column of its"),
        ("histograms", {"edges": None}, TypeError, "edges must be a list of numbers; got None"),
        ("histograms", {"edges": [0, 1]}, ValueError, "edges' number of bins must .* got 1"),
        ("histograms", {"edges": range(102)}, ValueError, "edges' number of bins must .* got 101"),
        ("histograms", {"edges": [0, NAN, 2]}, ValueError, "edges must be .* got nan"),
        ("histograms", {"edges": [0, 2, 2]}, ValueError, "edges must rise .* got 2 after 2"),
        ("histograms", {"edges": [0, "1", 2]}, TypeError, "edges must be .* got '1'"),
        ("histograms", {"edges": [0, 1.5, 3, 4]}, ValueError, "must hold 3 counts.* got 2"),
        ("histograms", {"theta": 1}, ValueError, r"theta must be .* got 1(.0)? \(try 1.5\)"),
        ("histograms", {"theta": "2"}, TypeError, "theta must be a finite number; got '2'"),
        ("histograms", {"theta": NAN}, ValueError, "theta must be a finite number; got nan"),
        ("tape", {"moment": 41}, ValueError, "moment must be even; got 41"),
        ("tape", {"moment": 102}, ValueError, "moment must be an integer from 0 to 100; got 102"),
        ("tape", {"moment": 4.0}, TypeError, "moment must be .* got 4.0"),
        ("tape", {"digits": -1}, ValueError, "digits must be .* got -1"),
        ("tape", {"series": "who"}, ValueError, "series must be one of .* got 'who'"),
        ("tape", {"series": "depth"}, ValueError, "controls must be a column of its own; 'depth'"),
        ("tape", {"rows": few_rows("tape")[:2]}, ValueError, "series' number of values .* got 1"),
    ],
)
def test_what_cannot_be_drawn(name, changes, error, message) -> None:
    with pytest.raises(error, match=message):
        few(name, **changes)


def test_graphs_that_cannot_be_drawn() -> None:
    data = path_graph()
    data.edge_index = data.edge_index[:, 1:]
    with pytest.raises(ValueError, match=r"data.edge_index must .* both ways; got 1 -> 0 alone"):
        few("nodes", data=data)
    with pytest.raises(ValueError, match=r"data's number of nodes must be .* to 60; got 1797"):
        few("nodes", data=fgnn.load_graph("digits"))
    with pytest.raises(ValueError, match=r"hops' values .* must be an integer .* got 0"):
        few("nodes", rows=[{**row, "layer": row["layer"] - 1} for row in few_rows("nodes")])
    with pytest.raises(TypeError, match=r"hops' values .* must be an integer .* got 1.5"):
        few("nodes", rows=[{**row, "layer": row["layer"] * 1.5} for row in few_rows("nodes")])


@pytest.mark.parametrize(
    ("name", "column", "value", "error", "message"),
    [
        ("nodes", "goodness", [1, 2, 3], ValueError, "4 or 6 values of goodness .* got 3 and 4"),
        ("nodes", "goodness", None, TypeError, "must be a list of numbers; got None"),
        ("nodes", "goodness", [1, 2, 3, NAN], ValueError, "must be a finite number.* got nan"),
        ("nodes", "goodness", [1, 2, 3, -1], ValueError, "at least 0.* got -1"),
        ("nodes", "goodness", [1, 2, 3, 1e300], ValueError, r"at most 1e\+09; got 1e\+300"),
        ("nodes", "goodness", [1, 2, 3, "4"], TypeError, "must be a finite number.* got '4'"),
        ("nodes", "scores", [None] * 3, ValueError, "and 4 scores; got 4 and 3"),
        ("nodes", "scores", 1, TypeError, "must be a list of numbers for each node.* got 1"),
        ("nodes", "scores", [1] * 4, TypeError, r"\[0\] must be a list of numbers; got 1"),
        ("nodes", "scores", [[1, 2, 3], [1], [1, 2], None], ValueError, r"\[0\] must .* got 3"),
        ("nodes", "scores", [None, [1, None], None, None], TypeError, r"\[1\] must .* got None"),
        ("nodes", "scores", [None, [1, NAN], None, None], ValueError, r"\[1\] must .* got nan"),
        ("histograms", "positive", [-1, 2], ValueError, "must be an .* at least 0; got -1"),
        ("histograms", "positive", [1.0, 2], TypeError, "must be an integer.* got 1.0"),
        ("histograms", "positive", [1], ValueError, "must hold 2 counts.* got 1 with a sum of 1"),
        ("histograms", "negative", [0, 0], ValueError, "must hold 2 counts, not all .* sum of 0"),
        ("histograms", "negative", 8, TypeError, "must be a list of counts; got 8"),
        ("tape", "phases", [], ValueError, "must hold at least one moment; it is empty"),
        ("tape", "phases", None, TypeError, "must be a list of names; got None"),
        ("tape", "phases", ["forward", "back", "up"], ValueError, "must be one of .* got 'up'"),
        ("tape", "phases", ["forward"], ValueError, "each of the 1 phases; got 3"),
        ("tape", "saved", [1, 2], ValueError, "each of the 3 phases; got 2"),
        ("tape", "rest", [1, 2, NAN], ValueError, "must be a finite number.* got nan"),
        ("tape", "optimiser", [1, 2, -3], ValueError, "at least 0.* got -3"),
        ("tape", "gradients", 4, TypeError, "must be a list of numbers; got 4"),
    ],
)
def test_rows_that_cannot_be_drawn(name, column, value, error, message) -> None:
    with pytest.raises(error, match=message) as caught:
        few(name, rows=changed(name, {column: value}))
    assert str(caught.value).startswith("rows[0]")
    assert column in str(caught.value)


def test_odd_kinds_of_what_is_right() -> None:
    controls = {"nodes": ["who", "layer"], "histograms": ["who"], "tape": ["depth"]}
    whole = {
        "nodes": {"node": 2, "digits": 1},
        "histograms": {},
        "tape": {"moment": 6, "digits": 1},
    }
    for name in PARTS:
        odd = {key: np.int64(value) for key, value in whole[name].items()}
        given = {"rows": iter(few_rows(name)), "controls": iter(controls[name])}
        assert few(name, **given, **odd).html == few(name, **whole[name]).html


@pytest.mark.parametrize("value", ["a", 1])
def test_a_control_of_one_value_is_a_drop_down(value) -> None:
    """So settings may leave one layer, or one depth: the page still says which it is."""
    shown = few("histograms", rows=[{**few_rows("histograms")[0], "who": value}])
    assert [option.text for option in staged(shown).select("select > option")] == [str(value)]
    assert f"Shown: who {value}, theta 1.5. " in shown.alt


def test_a_page_that_gets_too_large() -> None:
    rows = [{**row, "phases": ["forward"] * 9999} for row in few_rows("tape")]
    rows = [{**row, **{kind: [1e9 / 3] * 9999 for kind in KINDS}} for row in rows]
    with pytest.raises(ValueError, match="at most 1 MB of HTML; they make"):
        few("tape", rows=rows)


# --- in a browser ----------------------------------------------------------------------------

LOOK = """root => {
    const bare = group => {
        for (const mark of group.querySelectorAll('.fx-m')) {
            mark.removeAttribute('tabindex');
            mark.classList.remove('fx-on');
        }
        return group.innerHTML;
    };
    const [words, shown] = ['.fx-words', '.fx-still'].map(p => root.querySelector(p).textContent);
    const fields = [...root.querySelectorAll('.fx-controls :is(select, input)')];
    return {
        words,
        shown,
        alts: [...root.querySelectorAll('.fx-marks')].every(
            s => s.ariaLabel.endsWith(`${shown} ${words}`)),
        marks: [...root.querySelectorAll('.fx-marks')].map(group => bare(group.cloneNode(true))),
        rows: [...root.querySelectorAll('tbody tr')].map(
            tr => [...tr.cells].map(cell => cell.textContent)),
        pick: fields.map(field => field.selectedIndex ?? Number(field.value)),
    };
}"""


class Driven:
    """An explorer in a browser; in the end, what was shown is held to what its script says."""

    def __init__(self, view, root, shown) -> None:
        self.view, self.root, self.shown, self.model = view, root, shown, shown.model
        self.pick = list(shown.model["start"][0])
        self.fields = root.locator(".fx-controls select, .fx-controls input").all()
        self.seen = []
        self.last = self.is_right()

    def agrees(self):
        """Words, table and marks of all that was shown are those of the script."""
        asked = [
            [("words", [pick]), ("table", [pick])]
            + [("marks", [pick], s) for s in range(len(shown["marks"]))]
            for pick, shown in self.seen
        ]
        said = iter(script(self.shown, *itertools.chain(*asked)))
        for pick, shown in self.seen:
            assert shown["words"] == next(said), pick
            assert shown["rows"] == cells(next(said)), pick
            for marks in shown["marks"]:
                drawn, wanted = (BeautifulSoup(text, "html.parser") for text in (marks, next(said)))
                assert str(drawn) == str(wanted), pick

    def is_right(self):
        """What is shown is the selection."""
        shown = self.root.evaluate(LOOK)
        assert shown["pick"] == self.pick
        assert shown["shown"] == f"Shown: {named(self.model, self.pick)}."
        assert shown["alts"]
        self.seen.append((list(self.pick), shown))
        return shown

    def moved(self, control, k):
        """A control now has its value k, and all that follows has followed."""
        before, was = self.last, self.pick[control]
        self.pick[control] = k
        self.last = self.is_right()
        if was != k:
            assert self.last["marks"] != before["marks"]

    def through(self, control):
        """All values of a drop-down; a slider by value and by keys."""
        field, names = self.fields[control], self.model["controls"][control]["names"]
        if not self.model["controls"][control]["slider"]:
            for k, name in enumerate(names):
                field.select_option(name)
                self.moved(control, k)
            return
        for k in range(0, len(names), max(1, len(names) // 6)):
            field.fill(str(k))
            self.moved(control, k)
        field.focus()
        last = len(names) - 1
        for key, k in (("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("End", last)):
            self.view.keyboard.press(key)
            self.moved(control, k)
            assert field.get_attribute("aria-valuetext") == names[k]

    def spot(self, selector):
        """Where the middle of something is, in the window."""
        part = self.root.locator(selector).first
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def drive():
    """Drive explorers; when the test is over, look at all that they have shown."""
    driven = []

    def start(*given):
        driven.append(Driven(*given))
        return driven[-1]

    yield start
    for each in driven:
        each.agrees()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("way", "screen", "scheme"),
    [
        ("file", "DESKTOP", "light"),
        ("http", "DESKTOP", "dark"),
        ("file", "PHONE", "dark"),
        ("http", "PHONE", "light"),
    ],
)
def test_every_control(opened, drive, pictures, tmp_path, way, screen, scheme) -> None:
    path = write(tmp_path, *(shown.html for shown in pictures.values()))
    settings = {"viewport": getattr(checks, screen), "color_scheme": scheme}
    with checks.server(tmp_path) as base:
        view, watch = opened(path, base if way == "http" else None, **settings)
        roots = view.locator(".fgnn-explorer").all()
        for root, shown in zip(roots, pictures.values(), strict=True):
            driven = drive(view, root, shown)
            for control in reversed(range(len(driven.fields))):
                driven.through(control)
        assert checks.overflow(view) == []
        assert checks.low_contrast(view) == []
        assert watch.problems() == []


@pytest.mark.browser
def test_only_the_keys_of_the_chosen_colour_are_shown(opened, pictures, tmp_path) -> None:
    view, _ = opened(write(tmp_path, pictures["nodes"].html))
    classes = [f"class {k}" for k in range(4)]
    keys = (["margin above 0: right", "below 0: wrong"], ["goodness"], classes)
    for colour, expected in zip(("margin", "goodness", "class"), keys, strict=True):
        view.get_by_label("colour", exact=True).select_option(colour)
        shown = view.locator(".fx-legend > span").filter(visible=True)
        assert shown.all_text_contents() == expected


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
def test_a_node_is_chosen_by_click_tap_and_key(opened, drive, pictures, tmp_path, screen) -> None:
    shown, touch = pictures["nodes"], screen == "PHONE"
    settings = {"viewport": getattr(checks, screen), "has_touch": touch}
    view, watch = opened(write(tmp_path, shown.html), **settings)
    driven = drive(view, view.locator(".fgnn-explorer"), shown)
    node = len(driven.pick) - 1
    for k in (0, 33, 14, 35, 35, 8):
        where = driven.spot(f'[data-to="{k}"] circle, [data-to="{k}"] rect')
        view.touchscreen.tap(*where) if touch else view.mouse.click(*where)
        driven.moved(node, k)
    focused = "() => document.activeElement.dataset.to"
    for k, key in ((5, "Enter"), (36, " "), (20, "Enter")):
        driven.root.locator(f'[data-to="{k}"]').focus()
        view.keyboard.press(key)
        driven.moved(node, k)
        assert view.evaluate(focused) == str(k)
    view.keyboard.press("ArrowRight")  # to look at another is not to ask it
    assert view.evaluate(focused) == "21"
    driven.moved(node, 20)
    view.keyboard.press(" ")
    driven.moved(node, 21)
    assert watch.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("name", ["histograms", "tape"])
def test_dragging_moves_the_slider(opened, drive, pictures, tmp_path, name, touch) -> None:
    shown = pictures[name]
    size = checks.PHONE if touch else checks.DESKTOP
    view, watch = opened(write(tmp_path, shown.html), viewport=size, has_touch=touch)
    driven = drive(view, view.locator(".fgnn-explorer"), shown)
    stops, control = shown.model["stops"], len(driven.pick) - 1
    client = view.context.new_cdp_session(view)
    x, y = driven.spot(".fx-theta > line, .fx-now")
    box = driven.root.locator(".fx-plot").first.bounding_box()

    def act(kind, x):
        if touch:
            points = [] if kind == "up" else [{"x": x, "y": y}]
            name = {"down": "touchStart", "move": "touchMove", "up": "touchEnd"}[kind]
            client.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": points})
            checks.painted(view)
        elif kind == "move":
            view.mouse.move(x, y)
        else:
            getattr(view.mouse, kind)()

    def across(k):
        return box["x"] + box["width"] * stops[k] / 100

    if not touch:
        view.mouse.move(x, y)
    act("down", x)
    driven.moved(control, driven.pick[-1])
    if touch:  # a drag begins after a horizontal move
        act("move", x + 4)
        driven.moved(control, driven.pick[-1])
    for k in (len(stops) // 2, len(stops) - 2, 1):
        for part in (0.5, 1.0):
            act("move", x + part * (across(k) - x))
        driven.moved(control, k)
        x = across(k)
    act("move", box["x"] - 5)
    driven.moved(control, 0)
    act("up", box["x"])
    if not touch:
        view.mouse.move(across(3), y)  # the button is up
    driven.moved(control, 0)
    assert watch.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["histograms", "tape"])
def test_a_swipe_scrolls_and_a_tap_selects(opened, drive, pictures, tmp_path, name) -> None:
    """A finger that comes down on a picture and moves up or down scrolls the page, and no more."""
    shown = pictures[name]
    path = write(
        tmp_path,
        "<div style='height:300px'></div>",
        shown.html,
        "<div style='height:2000px'></div>",
    )
    view, watch = opened(path, viewport=checks.PHONE, has_touch=True, is_mobile=True)
    driven = drive(view, view.locator(".fgnn-explorer"), shown)
    control, stops = len(driven.pick) - 1, shown.model["stops"]
    driven.root.locator(".fx-plot").first.scroll_into_view_if_needed()
    box = driven.root.locator(".fx-plot").first.bounding_box()
    x, y, before = box["x"] + 0.8 * box["width"], box["y"] + 60, view.evaluate("scrollY")
    client = view.context.new_cdp_session(view)
    steps = [("touchStart", 0), *(("touchMove", 15 * k) for k in range(1, 11)), ("touchEnd", None)]
    for kind, up in steps:
        points = [] if up is None else [{"x": x + 0.1 * up, "y": y - up}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        checks.painted(view)
    view.wait_for_function("before => scrollY > before + 50", arg=before)
    checks.painted(view)
    driven.moved(control, driven.pick[-1])
    assert driven.root.locator(".fx-tip:not([hidden])").count() == 0

    driven.root.locator(".fx-plot").first.scroll_into_view_if_needed()
    box = driven.root.locator(".fx-plot").first.bounding_box()
    k = len(stops) // 4
    view.touchscreen.tap(box["x"] + box["width"] * stops[k] / 100, box["y"] + 60)
    driven.moved(control, k)
    assert watch.problems() == []


@pytest.mark.browser
def test_what_is_said_of_a_node_leaves_its_neighbours_free(opened, pictures, tmp_path) -> None:
    for size in (checks.DESKTOP, checks.PHONE):
        view, _ = opened(write(tmp_path, pictures["nodes"].html), viewport=size)
        root = view.locator(".fgnn-explorer")
        marks = root.locator(".fx-marks .fx-n")
        count = marks.count()
        for k in range(count):
            root.locator(f'[data-to="{k}"]').focus()
            near = drawn(count > 34)[0][k]
            covered = root.evaluate(
                """(root, near) => {
                    const tip = root.querySelector('.fx-tip:not([hidden])').getBoundingClientRect();
                    return near.filter(k => {
                        const mark = root.querySelector(`[data-to="${k}"]`);
                        const box = mark.firstChild.getBoundingClientRect();
                        return box.left < tip.right && box.right > tip.left
                            && box.top < tip.bottom && box.bottom > tip.top;
                    });
                }""",
                sorted(near),
            )
            assert covered == [], (size, k)


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
def test_nothing_below_moves_when_something_is_chosen(opened, pictures, tmp_path, screen) -> None:
    parts = [shown.html for shown in pictures.values()]
    view, _ = opened(write(tmp_path, *parts), viewport=getattr(checks, screen))
    for root, shown in zip(view.locator(".fgnn-explorer").all(), pictures.values(), strict=True):
        where = "root => root.querySelector('summary').getBoundingClientRect().top + scrollY"
        before = root.evaluate(where)
        fields = root.locator(".fx-controls select, .fx-controls input").all()
        for field, control in zip(fields, shown.model["controls"], strict=True):
            for k, name in enumerate(control["names"]):
                field.fill(str(k)) if control["slider"] else field.select_option(name)
                assert abs(root.evaluate(where) - before) <= 1, (control["label"], name)


@pytest.mark.browser
def test_hostile_names_are_shown_as_they_are(opened, drive, tmp_path) -> None:
    view, watch = opened(write(tmp_path, *(nasty(name).html for name in PARTS)))
    for root, name in zip(view.locator(".fgnn-explorer").all(), PARTS, strict=True):
        driven = drive(view, root, nasty(name))
        for control in range(len(driven.fields)):
            driven.through(control)
    assert view.evaluate("() => [typeof broken, document.images.length]") == ["undefined", 0]
    assert watch.problems() == []


@pytest.mark.browser
def test_scripts_off(opened, pictures, tmp_path) -> None:
    path = write(tmp_path, *(shown.html for shown in pictures.values()))
    view, _ = opened(path, java_script_enabled=False)
    for root in view.locator(".fgnn-explorer").all():
        assert root.locator("input, select, svg").count() == 0
        assert root.locator("table").is_visible()
        assert root.locator(".fx-words").is_visible()
        assert root.locator(".fx-off").is_visible()


@pytest.mark.browser
def test_a_drag_is_told_once(opened, pictures, tmp_path) -> None:
    """What follows a slider is announced when it has come to rest, not at every step."""
    view, _ = opened(write(tmp_path, pictures["tape"].html))
    root = view.locator(".fgnn-explorer")
    told = root.get_by_role("status")
    root.evaluate(
        """root => {
            window.told = [];
            const status = root.querySelector('[role=status]');
            const note = () => status.textContent && window.told.push(status.textContent);
            new MutationObserver(note).observe(status, { childList: true });
        }"""
    )
    root.locator("input[type=range]").last.focus()
    for _ in range(5):
        view.keyboard.press("ArrowRight")
    view.wait_for_function("() => window.told.length")
    assert view.evaluate("() => window.told") == [root.locator(".fx-words").inner_text()]
    assert told.count() == 1


@pytest.mark.browser
def test_paper_is_light(opened, pictures, tmp_path) -> None:
    """A dark page is printed on white paper: lines, rims and letters are dark there."""
    parts = [shown.html for shown in pictures.values()]
    path = write(tmp_path, *parts, html='data-theme="dark"')
    view, _ = opened(path, color_scheme="dark")
    ink = "root => getComputedStyle(root).getPropertyValue('--ink')"
    for root in view.locator(".fgnn-explorer").all():
        checks.emulate(view, media="screen")
        dark = root.evaluate(ink)
        checks.emulate(view, media="print")
        assert (dark, root.evaluate(ink)) == ("#e3e8ec", "#26323b")


@pytest.mark.browser
@pytest.mark.parametrize("name", ["nodes", "histograms", "tape"])
def test_the_mark_in_focus_stands_out(opened, pictures, tmp_path, name) -> None:
    view, _ = opened(write(tmp_path, pictures[name].html))
    mark = view.locator(".fgnn-explorer .fx-marks .fx-m[tabindex='0']").first
    look = "m => { const s = getComputedStyle(m.lastElementChild.matches('text') ? "
    look += "m.children[1] : m.lastElementChild); return [s.stroke, s.fill, s.strokeWidth]; }"
    before = mark.evaluate(look)
    mark.focus()
    stroke, fill, width = mark.evaluate(look)
    assert float(width.removesuffix("px")) >= 3
    assert stroke not in (before[0], fill)
