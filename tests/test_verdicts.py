"""Ahead, behind, level, open: where the book uses these words of the study, the rule gives them.

Each claim below is a sentence as it stands on a page, and the comparisons that it sums up: two
sides, and the word for each depth. "Level" is easily written for "no difference seen", so wherever
a page says that something is level, one of these sentences must hold it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fgnn_lite.book import judge

ROOT = Path(__file__).parents[1]
ROWS = json.loads((ROOT / "results" / "study.json").read_text(encoding="utf8"))["rows"]
STUDY = [{**row, "test": 100 * row["test"]} for row in ROWS]
LOCAL = [  # one protocol more, in which nothing was chosen
    {**row, "test": 100 * row["test"], "protocol": "local"}
    for row in json.loads((ROOT / "results" / "local.json").read_text(encoding="utf8"))["rows"]
    if row["hidden"] == 128
]
CHOSEN = [*judge.choose(STUDY), *LOCAL]
CORA, CITE = {"graph": "cora-ml"}, {"graph": "citeseer-full"}
PAPER = {"protocol": "paper", "backbone": "gcn"}
FAIR = {"protocol": "fair", "backbone": "gcn"}
HEADS = {"protocol": "local", "backbone": "gcn"}
Side = tuple[str, dict[str, Any]]  # a method, and what differs from the place


def words(first: Side, second: Side, place: dict[str, Any], depths: str, margin: float) -> str:
    """The verdicts at these depths, with a space between."""
    found = []
    for depth in map(int, depths):
        sides = [
            judge.scores(CHOSEN, method=method, **{**place, "depth": depth, **other})
            for method, other in (first, second)
        ]
        found.append(judge.paired(*sides, 20 / 64).verdict(margin))
    return " ".join(found)


CLAIMS: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    (
        "results/README.md",
        "On CiteSeer it is ahead of backpropagation with one layer, open with two and three and"
        " level with four",
        [("sf", "bp", PAPER | CITE, "1234", "ahead open open level")],
    ),
    (
        "results/README.md",
        "behind with two layers, open with three and four",
        [("sf", "bp-l2", PAPER | CITE, "234", "behind open open")],
    ),
    (
        "results/README.md",
        "From two layers on it is open against backpropagation and against single-forward",
        [
            ("ff-la", "bp", PAPER | CITE, "234", "open open open"),
            ("ff-la", "sf", PAPER | CITE, "234", "open open open"),
        ],
    ),
    (
        "results/README.md",
        "On CoraML it is behind both.",
        [
            ("ff-la", "bp", PAPER | CORA, "234", "behind behind behind"),
            ("ff-la", "sf", PAPER | CORA, "234", "behind behind behind"),
        ],
    ),
    (
        "results/README.md",
        "is ahead of GAT with virtual edges both ways up to depth 3",
        [
            (
                "sf-one-way",
                "sf",
                PAPER | CORA | {"backbone": "gat"},
                "1234",
                "ahead ahead ahead open",
            )
        ],
    ),
    (
        "results/README.md",
        "GraphSAGE is ahead on CiteSeer at depth 1 and 2, by 9.7 and 2.2 points, and open"
        " elsewhere",
        [
            (
                "sf-one-way",
                "sf",
                PAPER | CITE | {"backbone": "sage"},
                "1234",
                "ahead ahead open open",
            ),
            (
                "sf-one-way",
                "sf",
                PAPER | CORA | {"backbone": "sage"},
                "1234",
                "open open open open",
            ),
        ],
    ),
    (
        "results/README.md",
        "behind with one layer, open with more",
        [
            (
                ("sf-one-way", {"backbone": "sage"}),
                "sf",
                PAPER | CITE,
                "1234",
                "behind open open open",
            ),
            (
                ("sf-one-way", {"backbone": "sage"}),
                "sf",
                PAPER | CORA,
                "1234",
                "open open open open",
            ),
        ],
    ),
    (
        "results/README.md",
        "**Top-to-loss** on CoraML is level with single-forward at depth 2 and open at depth 3"
        " and 4",
        [("sf-top-to-loss", "sf", PAPER | CORA, "234", "level open open")],
    ),
    (
        "results/README.md",
        "**Top-to-input** is open at every depth",
        [("sf-top-to-input", "sf", PAPER | CORA, "234", "open open open")],
    ),
    (
        "results/README.md",
        "On CiteSeer top-to-input is open at depth 2 and 3, with means 0.5 and 0.3 points higher,"
        " and level at 4; top-to-loss is open at depth 2 and 3 and behind at 4",
        [
            ("sf-top-to-input", "sf", PAPER | CITE, "234", "open open level"),
            ("sf-top-to-loss", "sf", PAPER | CITE, "234", "open open behind"),
        ],
    ),
    (
        "results/README.md",
        "layer-wise cross-entropy is ahead of backpropagation, by 7.6 to 13.6 points, except with"
        " one layer on CiteSeer, which is open",
        [
            ("link-ce", "link-bp", PAPER | CORA, "1234", "ahead ahead ahead ahead"),
            ("link-ce", "link-bp", PAPER | CITE, "1234", "open ahead ahead ahead"),
        ],
    ),
    (
        "results/README.md",
        "comes to within 0.3 (level) and 0.6 points (open) of four layers",
        [
            ("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CORA, "4", "level"),
            ("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CITE, "4", "open"),
        ],
    ),
    (
        "results/README.md",
        "Top-to-input is behind cross-entropy in all twelve comparisons",
        [
            ("link-ce-top-to-input", "link-ce", protocol | graph, "234", "behind behind behind")
            for protocol in (PAPER, FAIR)
            for graph in (CORA, CITE)
        ],
    ),
    (
        "results/README.md",
        "Single-forward against local heads is open in all eight comparisons",
        [
            ("sf", "local-heads", HEADS | CORA, "1234", "open open open open"),
            ("sf", "local-heads", HEADS | CITE, "1234", "open open open open"),
        ],
    ),
    (
        "results/README.md",
        "Local heads are behind one net with the same readouts with two to four layers, by 0.9 to"
        " 1.1 points; on CoraML these comparisons are open.",
        [
            ("local-heads", "bp-heads", HEADS | CITE, "234", "behind behind behind"),
            ("local-heads", "bp-heads", HEADS | CORA, "234", "open open open"),
        ],
    ),
    (
        "notebooks/07_single_forward.ipynb",
        "By this rule it is ahead with one and four layers, and open with two and three.",
        [("sf", "bp", PAPER | CORA, "1234", "ahead open open ahead")],
    ),
    (
        "notebooks/07_single_forward.ipynb",
        "By the rule all three are open.",
        [("sf", "bp-l2", PAPER | CORA, "234", "open open open")],
    ),
    (
        "notebooks/09_top_down.ipynb",
        "only top-to-loss at two layers is level, and the rest are open",
        [
            ("sf-top-to-loss", "sf", PAPER | CORA, "234", "level open open"),
            ("sf-top-to-input", "sf", PAPER | CORA, "234", "open open open"),
        ],
    ),
    (
        "notebooks/10_links.ipynb",
        "By the rule of chapter 11 that is level on CoraML and open on CiteSeer.",
        [
            ("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CORA, "4", "level"),
            ("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CITE, "4", "open"),
        ],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "and there the lead of CE on CiteSeer was open.",
        [("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CITE, "4", "open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "On CiteSeer it is open with two layers, and behind with three and four.",
        [
            ("sf-top-to-loss", "bp", FAIR | CORA, "234", "open open open"),
            ("sf-top-to-loss", "bp", FAIR | CITE, "234", "open behind behind"),
        ],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "and FF-LA is level twice and open once",
        [("ff-la", "bp", FAIR | CITE, "234", "level level open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "With two to four layers it is open, open and level on CoraML",
        [
            ("sf", "bp", FAIR | CORA, "1234", "ahead open open level"),
            ("sf", "bp", FAIR | CITE, "1234", "ahead open open open"),
        ],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "and with four by 1.5 on CoraML. The other five are level or open",
        [
            ("sf", "bp", PAPER | CORA, "1234", "ahead open open ahead"),
            ("sf", "bp", PAPER | CITE, "1234", "ahead open open level"),
        ],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "is ahead of SF in three of twelve comparisons; nine are level or open",
        [
            ("ff-la-mended", "sf", FAIR | CORA, "234", "open open open"),
            ("ff-vn-mended", "sf", FAIR | CORA, "234", "open level ahead"),
            ("ff-la-mended", "sf", FAIR | CITE, "234", "ahead open open"),
            ("ff-vn-mended", "sf", FAIR | CITE, "234", "open ahead level"),
        ],
    ),
    (
        "notebooks/14_other_rules.ipynb",
        "By the rule of chapter 11 all eight comparisons of SF with local heads are open.",
        [
            ("sf", "local-heads", HEADS | CORA, "1234", "open open open open"),
            ("sf", "local-heads", HEADS | CITE, "1234", "open open open open"),
        ],
    ),
    (
        "notebooks/14_other_rules.ipynb",
        "there local heads are behind with two to four layers, by 0.9 to 1.1 points.",
        [("local-heads", "bp-heads", HEADS | CITE, "234", "behind behind behind")],
    ),
    (
        "book/instructor.md",
        "single-forward is level under the paper's protocol, at −0.3, and open on equal terms",
        [
            ("sf", "bp", PAPER | CITE, "4", "level"),
            ("sf", "bp", FAIR | CITE, "4", "open"),
        ],
    ),
    (
        "book/instructor.md",
        "with three points as the margin, single-forward is level with backpropagation from two"
        " layers on, on both graphs and in both protocols, but where it is ahead",
        [
            ("sf", "bp", PAPER | CORA, "234", "level level ahead", 3.0),
            ("sf", "bp", PAPER | CITE, "234", "level level level", 3.0),
            ("sf", "bp", FAIR | CORA, "234", "level level level", 3.0),
            ("sf", "bp", FAIR | CITE, "234", "level level level", 3.0),
        ],
    ),
    (
        "book/instructor.md",
        "by 0.3, which the rule of chapter 11 calls level",
        [("link-ce", ("link-bp-l2", {"depth": 1}), PAPER | CORA, "4", "level")],
    ),
]
PAGES = [
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted((ROOT / "book").glob("*.md")),
    ROOT / "README.md",
    ROOT / "results" / "README.md",
]


def text(path: Path) -> str:
    """A page's prose, on one line."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        return " ".join(" ".join(c.source for c in cells if c.cell_type == "markdown").split())
    return " ".join(path.read_text(encoding="utf8").split())


@pytest.mark.parametrize(("page", "claim", "facts"), CLAIMS, ids=[c[1][:40] for c in CLAIMS])
def test_a_verdict_is_the_rules(page, claim, facts) -> None:
    assert claim in text(ROOT / page)
    for first, second, place, depths, verdicts, *margin in facts:
        sides = [side if isinstance(side, tuple) else (side, {}) for side in (first, second)]
        assert words(*sides, place, depths, *(margin or [1.0])) == verdicts


IN_PER_CENT = [
    {**row, "test": 100 * row["test"]}
    for row in json.loads((ROOT / "results" / "tuned.json").read_text(encoding="utf8"))["rows"]
]
NO_DEPTH = [column for column in judge.RUN if column != "depth"]
TUNED = judge.tuned(IN_PER_CENT)
GCN = [row for row in TUNED if row["backbone"] not in ("sage", "gat")]
SAGE, GAT = ([row for row in TUNED if row["backbone"] == name] for name in ("sage", "gat"))
OWN_DEPTH = {  # the depth that validation chose, split by split
    "tuned": judge.choose(GCN, ("graph", "method", "split")),
    "tuned sage": judge.choose(SAGE, ("graph", "method", "split")),
    "tuned gat": judge.choose(GAT, ("graph", "method", "split")),
    "tuned, one layer": [row for row in GCN if row["depth"] == 1],
    "tuned, two layers": [row for row in GCN if row["depth"] == 2],
    "study": judge.choose([row for row in STUDY if FAIR.items() <= row.items()], NO_DEPTH),
}
CHOSEN_DEPTH = [  # a sentence, and the words for two sides on CoraML, CiteSeer, Cora, or one more
    (
        "notebooks/12_open.ipynb",
        "By chapter 11's rule all three are open.",
        "tuned",
        [("sf", "local-heads", "open open open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "is behind SGC on CoraML, by 1.2, and behind BP, by 0.8; on CiteSeer both are open.",
        "tuned",
        [("sf", "sgc", "behind open"), ("sf", "bp", "behind open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "FF-LA is behind BP on CoraML, by 1.7, FF-VN on CiteSeer, by 6.1; the other two are open.",
        "tuned",
        [("ff-la", "bp", "behind open"), ("ff-vn", "bp", "open behind")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "tuned, FF-LA on CoraML and FF-VN on CiteSeer",
        "tuned",
        [("ff-la", "bp", "behind open"), ("ff-vn", "bp", "open behind")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "at its chosen depth SF is behind on CoraML, 88.1 % to 88.9, and open on CiteSeer and"
        " Photo",
        "tuned",
        [("sf", "bp", "behind open"), ("sf", "bp", "open", "photo")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "it is open against BP, with the head or without.",
        "tuned, one layer",
        [("sf", "bp-head", "open open"), ("sf", "bp", "open open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "but behind by 1.1 with two on CoraML.",
        "tuned, two layers",
        [("sf", "bp-head", "behind open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "On Photo it is level with SGC and open against BP. One-way, its mean is 0.2 points higher"
        " on CoraML and 0.9 on CiteSeer (open).",
        "tuned",
        [
            ("sf", "sgc", "level", "photo"),
            ("sf", "bp", "open", "photo"),
            ("sf-one-way", "sf", "open open"),
        ],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "SF is behind SGC on CoraML, open on CiteSeer, level on Photo",
        "tuned",
        [("sf", "sgc", "behind open"), ("sf", "sgc", "level", "photo")],
    ),
    (
        "README.md",
        "tuned alike, SGC is ahead of single-forward on CoraML and level with it on Photo",
        "tuned",
        [("sgc", "sf", "ahead"), ("sgc", "sf", "level", "photo")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "**All four comparisons of SF with BP are open**, with means 0.9 to 2.2 points lower.",
        "tuned sage",
        [("sf", "bp", "open open")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "One-way SF comes closer to BP in all, and with GAT on CoraML is ahead of SF, by 1.5.",
        "tuned gat",
        [("sf", "bp", "open open"), ("sf-one-way", "sf", "ahead open")],
    ),
    (
        "results/README.md",
        "It is behind backpropagation on CoraML, by 0.8 points, and open on CiteSeer; against local"
        " heads it is open on both, and on Cora.",
        "tuned",
        [("sf", "bp", "behind open"), ("sf", "local-heads", "open open open")],
    ),
    (
        "results/README.md",
        "Both are open against single-forward; against backpropagation FF-LA is behind and FF-VN"
        " open.",
        "tuned",
        [
            ("ff-la", "sf", "open open"),
            ("ff-vn", "sf", "open behind"),
            ("ff-la", "bp", "behind open"),
            ("ff-vn", "bp", "open behind"),
        ],
    ),
    (
        "results/README.md",
        "it is ahead of single-forward on CoraML, by 1.2 points, and open on CiteSeer, by 1.2 in"
        " the mean; against backpropagation it is level and open.",
        "tuned",
        [("sgc", "sf", "ahead open"), ("sgc", "bp", "level open")],
    ),
    (
        "results/README.md",
        "On Photo it is level with single-forward and open against backpropagation",
        "tuned",
        [("sgc", "sf", "level", "photo"), ("sgc", "bp", "open", "photo")],
    ),
    (
        "results/README.md",
        "is behind SGC on both citation graphs, by 3.2 and 2.9",
        "tuned",
        [("label-propagation", "sgc", "behind behind")],
    ),
    (
        "notebooks/11_judgement.ipynb",
        "**CE, at its chosen depth:** level with BP on CoraML, ahead on CiteSeer, by 1.3",
        "study",
        [("link-ce", "link-bp", "level ahead")],
    ),
]


@pytest.mark.parametrize(("page", "claim", "study", "sides"), CHOSEN_DEPTH)
def test_a_verdict_at_the_chosen_depth_is_the_rules(page, claim, study, sides) -> None:
    assert claim in text(ROOT / page)
    for first, second, expected, *only in sides:
        places = only or ("cora-ml", "citeseer-full", "cora")
        leads = [
            judge.lead(OWN_DEPTH[study], first, second, 20 / 64, graph=graph)
            for graph in places[: len(expected.split())]
        ]
        assert " ".join(found.verdict(1.0) for found in leads) == expected


def called_level(page: str, prose: str) -> list[str]:
    """Places where something is called level, outside the sentences that are held to the rule."""
    for claim in (claim for place, claim, *_ in [*CLAIMS, *CHOSEN_DEPTH] if place == page):
        prose = prose.replace(claim, " ")
    verb = r"(?:is|are|was|were|be|both|it|calls) (?:\*\*)?level\b|\blevel (?:with|on|at|once)\b"
    return [prose[max(0, m.start() - 40) : m.end() + 40] for m in re.finditer(verb, prose)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_nothing_else_is_called_level(path) -> None:
    assert not called_level(str(path.relative_to(ROOT)), text(path))


def test_what_is_called_level_is_seen() -> None:
    prose = "From two layers on it is level with backpropagation. A level one does not grow."
    assert len(called_level("README.md", prose)) == 1
