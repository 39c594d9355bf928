"""Explorers of the built book: every control of every page, and the numbers in results/."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
import statistics
import sys
from collections import defaultdict
from fractions import Fraction
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import torch

import fgnn_lite as fgnn
from fgnn_lite.book import judge
from fgnn_lite.book.looks import plain

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
PAGES = [
    str(page.relative_to(HTML))
    for page in checks.pages_of(HTML)
    if 'class="fgnn-explorer' in page.read_text(encoding="utf8")
]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("oracles")]


# --- what must be shown, from the results themselves -----------------------------------------


@functools.cache
def results(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "results" / f"{name}.json").read_text())


def written(value: Any, column: str = "") -> str:
    """As a page writes it: temperatures, powers of two, are fractions where they are below 1."""
    if isinstance(value, str):
        return re.sub(r"\btau\b", "τ", plain(value))
    powers = ("temperature", "theta")  # of two
    return str(Fraction(value)) if column in powers else f"{value:g}"


def chart(rows, x, y, series=None, seeds=None, digits=1, **controls):
    """An oracle of a chart: from a selection to the lines of its table.

    Args:
        rows: of the results file.
        x: the column on the axis.
        y: from a row to the number that is drawn.
        series: the column that tells lines apart.
        seeds: the column that tells repetitions apart.
        digits: decimals.
        **controls: the name of a control on the page -> column; `_` stands for a space.
    """

    def lines(chosen: dict[str, str]) -> list[list[str]]:
        found = defaultdict(list)
        for row in rows:
            pairs = [
                (chosen[name.replace("_", " ")], row[key], key) for name, key in controls.items()
            ]
            if all(value is None or written(value, key) == name for name, value, key in pairs):
                place = written(row[series], series) if series else "", written(row[x], x)
                found[place].append(y(row))
        out = []
        for (name, place), values in found.items():
            numbers = [statistics.fmean(values), min(values), max(values)]
            cells = [f"{round(value, digits):.{digits}f}" for value in numbers]
            several = [*cells, str(len(values))] if seeds else cells[:1]
            out.append([*([name] if series else []), place, *several])
        return sorted(out)

    return lines


def club(chosen: dict[str, str]) -> list[list[str]]:
    """From whom a member receives messages, and the numbers of each."""
    data = fgnn.load_graph("karate")
    row = next(
        row
        for row in results("karate")["rows"]
        if [written(row["learner"]), str(row["layer"]), str(row["updates"])]
        == [chosen["learner"], chosen["layer"], chosen["updates"]]
    )
    names = [*map(str, range(34)), *(f"v{c}" for c in range(4))]
    graph = nx.Graph(data.edge_index.t().tolist())
    if len(row["goodness"]) > 34:
        train = data.train_mask.nonzero().flatten().tolist()
        graph.add_edges_from((i, 34 + int(data.y[i])) for i in train)
    asked = names.index(chosen["node"])
    out = []
    for k in [asked, *graph[asked]] if asked in graph else []:
        scores = row["scores"][k] if k < 34 else None
        margin = ""
        if scores is not None:
            own = scores[int(data.y[k])]
            best = max(s for label, s in enumerate(scores) if label != int(data.y[k]))
            margin = f"{round(1000 * (own - best)) / 1000:.3f}"
        weight = ((1 + graph.degree[asked]) * (1 + graph.degree[k])) ** -0.5
        label = int(data.y[k]) if k < 34 else k - 34
        own_name = "itself" if k == asked else names[k]
        goodness = f"{round(1000 * row['goodness'][k]) / 1000:.3f}"
        out.append([own_name, str(label), f"{weight:.2f}", goodness, margin])
    return sorted(out)


def goodness(chosen: dict[str, str]) -> list[list[str]]:
    """Counts of positives and negatives, bin by bin."""
    file = results("goodness")
    row = next(
        row
        for row in file["rows"]
        if [written(row["learner"]), str(row["layer"]), str(row["updates"])]
        == [chosen["learner"], chosen["layer"], chosen["updates"]]
    )
    edges = [written(edge) for edge in file["settings"]["edges"]]
    counts = zip(row["positive"], row["negative"], strict=True)
    return sorted([edges[k], edges[k + 1], str(p), str(n)] for k, (p, n) in enumerate(counts))


def tapes(rows: list[dict[str, Any]]):
    """What learners hold at a moment, kind by kind."""
    kinds = ("rest", "saved", "gradients", "optimiser")
    said = {"forward": "forward", "back": "way back", "step": "step"}

    def called(phases: list[str], now: int) -> str:
        return said[phases[now]] if "step" in phases[now:] else "after the step"

    def lines(chosen: dict[str, str]) -> list[list[str]]:
        out = []
        for row in rows:
            if str(row["depth"]) != chosen["depth"]:
                continue
            count = len(row["phases"])
            now = min(count - 1, int(chosen["moment"].removesuffix(" %")) * count // 100)
            pile = [sum(row[kind][now] for kind in kinds[k:]) for k in range(4)]  # heights, bytes
            units = [round(height / 1e4) for height in [*pile, 0]]
            numbers = [units[0], *(a - b for a, b in pairwise(units)), round(row["highest"] / 1e4)]
            cells = [f"{number / 100:.2f}" for number in numbers]
            out.append([written(row["learner"]), called(row["phases"], now), *cells])
        return sorted(out)

    return lines


def tapes_of_chapter_1() -> list[dict[str, Any]]:
    """Recorded again, as the cell of chapter 1 does."""
    data = fgnn.load_graph("digits")
    methods = {
        "edge list": {},
        "sparse matrix": {"adjacency": "sparse"},
        "checkpointed": {"checkpoint": True},
    }
    return [
        fgnn.record_tape(
            fgnn.make_learner("bp", "gcn", depth, hidden=64, **options), data, "cpu"
        ).row(learner=name, depth=depth)
        for name, options in methods.items()
        for depth in (1, 2, 4, 8, 16)
    ]


def goodness_of_images(step: float, **shape: Any):
    """Counted again, with numpy: test images by goodness, as in chapters 2 and 3."""
    data = fgnn.hinton.load_images()
    edges = [step * k for k in range(40)] + [math.inf]
    labels = data.y[data.test_mask]

    @functools.cache
    def lines(layer: str, updates: str, norm: str) -> list[list[str]]:
        own = {"depth": int(layer), "hidden": 64, "accumulate": "last", "norm": norm == "with"}
        net = fgnn.hinton.SupervisedFF(**own, **shape)
        budget = {"epochs": int(updates), "patience": 100, "lr": 0.01, "device": "cpu"}
        net.fit(data, **budget, restore_best=False)
        found = net.class_scores(data)[-1][data.test_mask].double().numpy()
        claims = np.eye(10, dtype=bool)[labels]
        sides = [np.histogram(found[mask], edges)[0] for mask in (claims, ~claims)]
        names = [f"{round(step * k, 2):g}" for k in range(41)]
        return sorted(
            [names[k], names[k + 1], str(up), str(down)]
            for k, (up, down) in enumerate(zip(*sides, strict=True))
        )

    return lambda chosen: lines(chosen["layer"], chosen["updates"], chosen.get("norm", "with"))


@functools.cache
def trial_of_chapter_5() -> list[dict[str, Any]]:
    """Trained again, as the cell of chapter 5 does; images are propagated by a dense matrix."""
    digits = fgnn.load_graph("digits")
    a = torch.eye(len(digits.x), dtype=torch.float64)
    a[digits.edge_index[1], digits.edge_index[0]] = 1
    a /= (a.sum(1, keepdim=True) * a.sum(1)).sqrt()
    propagated = digits.clone()
    propagated.x = (a @ digits.x.double()).float()
    propagated.edge_index = digits.edge_index[:, :0]
    changes = {
        "nothing": (digits, {}),
        "probes": (digits, {"hypotheses": "single"}),
        "lower theta": (digits, {"theta": 0.5}),
        "no theta": (digits, {"loss": "symba"}),
        "labels not propagated": (propagated, {}),
    }
    rows = []
    for change, (graph, options) in changes.items():
        for negatives, seed in itertools.product((1, 3, 9), range(3)):
            shape = {"depth": 1, "hidden": 64, "negatives": negatives, "seed": seed}
            learner = fgnn.make_learner("ff-la", **shape, **options)
            learner.fit(graph, epochs=100, lr=0.01, device="cpu")
            score = 100 * learner.score(graph, "test")
            rows.append({"changed": change, "K": negatives, "seed": seed, "test": score})
    return rows


def times_single_forward() -> list[dict[str, Any]]:
    """What the others take, by four counts, divided by what single-forward takes."""
    times = {
        (row["graph"], row["depth"], row["method"]): row["update_seconds"]
        for row in results("time-by-depth")["rows"]
    }
    rows = [
        {**row, "update_seconds": times[row["graph"], row["depth"], row["method"]]}
        for row in results("memory-by-depth")["rows"]
    ]
    out = []
    for row in rows:
        (sf,) = (
            other
            for other in rows
            if [other[k] for k in ("graph", "depth", "method")]
            == [row["graph"], row["depth"], "sf"]
        )
        for count in ("working_bytes", "peak_bytes", "saved_bytes", "update_seconds"):
            if row["method"] != "sf":
                out.append({**row, "counted": count, "factor": row[count] / sf[count]})
    return out


@functools.cache
def runs_of_chapter_4() -> list[dict[str, Any]]:
    """Trained again, as the cell of chapter 4 does."""
    digits = fgnn.load_graph("digits")
    graphs = {share: fgnn.graphs.rewire(digits, share) for share in (0, 0.5, 1)}
    options = {"bp": {"adjacency": "sparse"}, "sf": {"virtual_edges": "to-virtual"}}
    rows = []
    for name, backbone, seed in itertools.product(options, fgnn.BACKBONES, (0, 1, 2)):
        for share, rewired in graphs.items():
            net = fgnn.make_learner(name, backbone, 2, 32, seed=seed, **options[name])
            net.fit(rewired, epochs=50, lr=0.01, device="cpu")
            row = {"learner": name, "backbone": backbone, "share": share, "seed": seed}
            rows.append(row | {"test": 100 * net.score(rewired, "test")})
    return rows


def runs_of_chapter_13() -> list[dict[str, Any]]:
    """Whole nets and rivals, fold by fold, means over seeds, at the temperature that was chosen."""
    rows = [row for row in results("graphs")["rows"] if row["depth"] in (None, 2)]
    found = []
    for graph, method in dict.fromkeys((row["graph"], row["method"]) for row in rows):
        here = [row for row in rows if (row["graph"], row["method"]) == (graph, method)]
        val = {}
        for row in here:
            if row["fold"] < 3 and not row["seed"]:
                val.setdefault(row["temperature"], []).append(row["val"])
        tau = max(val, key=lambda t: (statistics.fmean(val[t]), t))
        for fold in range(10):
            runs = [r["test"] for r in here if (r["fold"], r["temperature"]) == (fold, tau)]
            found.append(
                {"graph": graph, "method": method, "split": fold, "test": sum(runs) / len(runs)}
            )
    return found


def runs_of_chapter_11() -> list[dict[str, Any]]:
    """The study's runs on nodes with GCN, each at the step size with the best validation."""
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in results("study")["rows"]:
        if row["backbone"] == "gcn" and not row["method"].startswith("link"):
            place = tuple(row[k] for k in ("protocol", "graph", "method", "depth", "split"))
            best[place] = max(best.get(place, row), row, key=lambda r: r["val"])
    return list(best.values())


def settings_tried(method: str, series: str, **controls: str):
    """The grid of settings of one method: the error of two layers, by step size."""
    rows = [r for r in results("sensitivity")["rows"] if (r["method"], r["depth"]) == (method, 2)]
    controls |= {"graph": "graph", "weight_decay": "weight_decay", "width_H": "hidden"}
    return chart(rows, "lr", lambda r: 100 * (1 - r["test"]), series, **controls)


@pytest.fixture(scope="module")
def oracles():
    torch.set_num_threads(1)  # as in the chapters, some of whose runs are made again
    sweep = results("sweep")["rows"]
    return {
        "Test error by depth": chart(
            sweep,
            "depth",
            lambda r: 100 * (1 - r["test"]),
            "learner",
            "seed",
            backbone="backbone",
            τ="temperature",
        ),
        "Test error by temperature": chart(
            [row for row in sweep if row["temperature"]],
            "temperature",
            lambda r: 100 * (1 - r["test"]),
            "learner",
            "seed",
            backbone="backbone",
            depth_L="depth",
        ),
        "Single-forward's settings": settings_tried("sf", "temperature"),
        "Forward-forward's settings": settings_tried("ff-la", "theta", negatives="negatives"),
        "Working memory by depth": chart(
            results("memory-by-depth")["rows"],
            "depth",
            lambda r: r["working_bytes"] / 1e6,
            "method",
            graph="graph",
        ),
        "Accuracy on CoraML": chart(
            [
                row
                for row in results("study")["rows"]
                if (row["protocol"], row["graph"]) == ("paper", "cora-ml")
                and not row["method"].startswith("link")
            ],
            "method",
            lambda r: 100 * r["test"],
            seeds="split",
            depth_L="depth",
            backbone="backbone",
        ),
        "The karate club, and what its members have learned": club,
        "Goodness of test digits with true and with wrong labels": goodness,
        "What is alive during one update": tapes(results("tape")["rows"]),
        "01": tapes(tapes_of_chapter_1()),
        "02": goodness_of_images(0.2),
        "03": goodness_of_images(0.25, theta=0.5),
        "test accuracy, % by what was changed": lambda chosen: chart(
            trial_of_chapter_5(), "changed", lambda r: r["test"], None, "seed", K="K"
        )(chosen),
        "04": lambda chosen: chart(
            runs_of_chapter_4(),
            "share",
            lambda r: r["test"],
            "learner",
            "seed",
            backbone="backbone",
        )(chosen),
        "08": chart(
            times_single_forward(),
            "depth",
            lambda r: r["factor"],
            "method",
            digits=2,
            graph="graph",
            counted="counted",
        ),
        "09": chart(
            results("top-down")["rows"],
            "depth",
            lambda r: r["error"],
            "net",
            "seed",
            1,
            run="run",
            predicts="predicts",
        ),
        "10": chart(
            [
                row
                for row in results("study")["rows"]
                if row["protocol"] == "paper" and row["method"].startswith("link")
            ]
            + [
                row
                for row in results("link-rivals")["rows"]
                if row["method"] == "link-cosine" and row["depth"] and row["graph"] != "digits"
            ],
            "depth",
            lambda r: 100 * r["test"],
            "method",
            "split",
            graph="graph",
        ),
        "11": lambda chosen: chart(
            runs_of_chapter_11(),
            "depth",
            lambda r: 100 - 100 * r["test"],
            seeds="split",
            learner="method",
            protocol="protocol",
            graph="graph",
        )(chosen),
        "12": chart(
            [row for row in results("goodness-choice")["rows"] if row["chosen"]],
            "graph",
            lambda r: 100 * r["test"],
            "backbone",
            "seed",
            goodness="goodness",
        ),
        "13": chart(
            runs_of_chapter_13(),
            "graph",
            lambda r: 100 * r["test"],
            None,
            "split",
            method="method",
        ),
        "14": chart(
            [row for row in results("angle")["rows"] if row["layer"] < 3],
            "updates",
            lambda r: r["angle"],
            "layer",
            "seed",
            0,
            graph="graph",
            method="method",
        ),
        "15": chart(
            judge.clusters(results("clusters")["rows"]),
            "graph",
            lambda r: r["NMI"],
            None,
            "seed",
            method="method",
            depth="depth",
        ),
    }


# --- in the browser --------------------------------------------------------------------------


def test_there_are_pages_with_explorers() -> None:
    if not PAGES:
        reason = "the book is not built: run `make book` first"
        (pytest.fail if checks.browser_required() else pytest.skip)(reason)
    chapters = {Path(name).stem[:2] for name in PAGES}
    without = {"06", "07"}  # they have live pictures and playgrounds
    assert {f"{n:02}" for n in range(1, 16)} - without | {"a1", "a2"} <= chapters


STATE = """root => ({
    chosen: Object.fromEntries([...root.querySelectorAll('fieldset.fx-A :is(input, select)')].map(
        f => [f.ariaLabel, f.matches('select') ? f.value : f.getAttribute('aria-valuetext')])),
    marks: [...root.querySelectorAll('.fx-marks')].map(g => g.innerHTML).join(''),
    said: [...root.querySelectorAll('.fx-marks .fx-m')].map(m => m.ariaLabel),
    alts: [...root.querySelectorAll('.fx-marks')].map(s => s.ariaLabel),
    words: root.querySelector('.fx-words').textContent,
    shown: root.querySelector('.fx-still').textContent,
    rows: [...root.querySelectorAll('tbody tr')].map(
        tr => [...tr.cells].map(cell => cell.textContent)),
})"""
# Put a control on each of its values in turn, as a hand would, and note what is shown.
EVERY_VALUE = f"""(root, k) => {{
    const state = {STATE};
    const field = root.querySelectorAll('fieldset.fx-A :is(input, select)')[k];
    const select = field.matches('select');
    const count = select ? field.options.length : 1 + Number(field.max);
    const first = select ? field.selectedIndex : Number(field.value), found = [];
    const go = value => {{
        if (select) field.selectedIndex = value;
        else field.value = value;
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }};
    for (let value = 0; value < count; value += 1) {{ go(value); found.push(state(root)); }}
    go(first);
    return found;
}}"""


def agrees(state: dict[str, Any], oracle) -> None:
    """Table, marks and words are what the results say of this selection."""
    wanted = oracle(state["chosen"])
    if "theta" in state["chosen"]:  # bins above all that are ever used are left out
        empty = [row for row in wanted if row not in state["rows"]]
        assert all(row[2:] == ["0", "0"] for row in empty)
        wanted = [row for row in wanted if row not in empty]
    assert sorted(state["rows"]) == wanted, state["chosen"]
    assert all(alt.endswith(f"{state['shown']} {state['words']}") for alt in state["alts"])
    chosen = ", ".join(f"{name} {value}" for name, value in state["chosen"].items())
    assert state["shown"] == f"Shown: {chosen}."
    if not wanted:
        assert "no results" in state["words"] or "no class nodes" in state["words"]


def through(explorer) -> list[list[dict[str, Any]]]:
    """What an explorer shows as it stands, and then with every value of each of its controls."""
    before = explorer.evaluate(STATE)
    assert before["chosen"]
    found = [explorer.evaluate(EVERY_VALUE, k) for k in range(len(before["chosen"]))]
    assert explorer.evaluate(STATE) == before
    return [[before], *found]


@pytest.mark.parametrize("name", PAGES)
def test_every_control_on_every_page(chromium, oracles, name) -> None:
    """What a page shows at a desk is held to the results; on a phone, dark, it is the same."""
    context = chromium.new_context(viewport=checks.DESKTOP, color_scheme="light")
    with checks.server(HTML) as base:
        page, watch = checks.open_page(context, base, f"{base}/{name}")
        explorers = page.locator(".fgnn-explorer").all()
        for box in page.locator(".fgnn-explorer").get_by_role("checkbox").all():
            box.uncheck()  # the comparison: its B would be in the table, too
        shown = [through(explorer) for explorer in explorers]
        for explorer, ([before], *every) in zip(explorers, shown, strict=True):
            chapter = Path(name).stem[:2]
            oracle = oracles.get(chapter) or oracles[explorer.get_attribute("aria-label")]
            agrees(before, oracle)
            for label, states in zip(before["chosen"], every, strict=True):
                for state in states:
                    agrees(state, oracle)
                assert len({state["chosen"][label] for state in states}) == len(states) > 1
                assert len({state["shown"] for state in states}) == len(states)
                assert len({state["marks"] for state in states}) > 1, label  # none is dead
        assert checks.overflow(page) == []
        assert checks.set_theme(page, "dark") == "dark"
        assert [[explorer.evaluate(STATE)] for explorer in explorers] == [each[0] for each in shown]
        assert checks.overflow(page) == []
        checks.resize(page, checks.PHONE)
        assert [through(explorer) for explorer in explorers] == shown
        assert checks.overflow(page) == []
        assert watch.problems() == []
    context.close()


def numbers_of(label: str) -> list[str]:
    return unescape(label).rpartition(": ")[2].split()


@pytest.mark.parametrize("name", PAGES)
def test_keys_and_marks(chromium, name) -> None:
    """From disk: arrow keys move sliders; what a mark says is in the table, and where it stands."""
    context = chromium.new_context(viewport=checks.DESKTOP)
    page, watch = checks.open_page(context, HTML.as_uri(), f"{HTML.as_uri()}/{name}")
    for explorer in page.locator(".fgnn-explorer").all():
        for slider in explorer.locator("fieldset.fx-A input[type=range]").all():
            before = explorer.evaluate(STATE)
            slider.focus()
            at_end = slider.input_value() == slider.get_attribute("max")
            page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
            after = explorer.evaluate(STATE)
            assert after["shown"] != before["shown"]
            page.keyboard.press("ArrowRight" if at_end else "ArrowLeft")
            assert explorer.evaluate(STATE) == before
        state = explorer.evaluate(STATE)
        shown = {cell for row in state["rows"] for cell in row}
        if "fx-nodes" in explorer.get_attribute("class"):
            state["said"] = []  # a table of one node's neighbours only: see the oracle
        for label in state["said"]:
            assert numbers_of(label)[0] in shown, label
    assert watch.problems() == []
    context.close()


def test_pages_stay_light(chromium) -> None:
    """The data of all explorers of a page, and of each with its script, is under 150 KB."""
    for name in PAGES:
        soup = checks.parse(HTML / name)
        data = [s.string for s in soup.select('.fgnn-explorer > script[type="application/json"]')]
        assert data
        assert sum(len(text.encode()) for text in data) < 150_000, name
