"""Every method looks the same, and is called the same, wherever it is drawn."""

import itertools
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.colors import to_hex

import fgnn_lite as fgnn
from fgnn_lite.book import looks, plots
from fgnn_lite.book.explore import explorer, tape
from fgnn_lite.book.explore.dashboard import SETTINGS

ROOT = Path(__file__).parents[1]
EXPLORE = ROOT / "fgnn_lite" / "book" / "explore"
PLAIN = {
    "bp": "BP",
    "sf": "SF",
    "ff-la": "FF-LA",
    "ff-vn": "FF-VN",
    "sf-top-to-input": "top-to-input",
    "sf-top-to-loss": "top-to-loss",
}
RIVALS = {"sgc": "SGC", "sign": "SIGN", "mlp": "MLP", "label-propagation": "label propagation"}
METHODS = {  # the columns of results/ that hold methods
    "study": "method",
    "tuned": "method",
    "memory-by-depth": "method",
    "time-by-depth": "method",
    "ff-repair": "method",
    "scale": "method",
    "sweep": "learner",
    "karate": "learner",
    "goodness": "learner",
    "tape": "learner",
    "top-down": "net",
    "alignment": "method",
    "angle": "method",
    "graphs": "method",
    "clusters": "method",
    "relatives": "method",
}


def stored(name):
    return json.loads((ROOT / "results" / f"{name}.json").read_text())["rows"]


# --- the table -------------------------------------------------------------------------------


def test_each_method_has_a_name_a_colour_and_a_marker_of_its_own() -> None:
    names = PLAIN | RIVALS
    assert {name: looks.plain(name) for name in names} == names
    found = [looks.look(name) for name in fgnn.LEARNERS]  # the rivals share one hue
    assert len({(each.hue, each.dash) for each in found}) == len(found)
    assert {each.hue for each in found} == set(range(len(looks.DAY)))
    for each in (looks.DAY, looks.NIGHT, looks.MARKERS, looks.SHAPES):
        assert len(set(each)) == len(looks.DAY)


def test_what_has_a_look_has_it_by_every_name() -> None:
    for name, each in looks._LOOKS.items():
        assert looks.look(each.name).hue == each.hue, name
        assert looks.plain(each.name) == each.name, name
    for name, other in looks._ALSO.items():
        assert looks.look(name) == looks.look(other)
    for name in (*fgnn.LEARNERS, *fgnn.LINK_LEARNERS, *fgnn.CLUSTER_LEARNERS, *stored_methods()):
        assert looks.look(name), name


def stored_methods():
    return {row[column] for file, column in METHODS.items() for row in stored(file)}


def test_variants_keep_the_hue_and_change_the_dash() -> None:
    variants = ["bp", "bp sparse", "bp checkpoint", "bp sparse checkpoint"]
    found = looks.looks_of(variants)
    assert {each.hue for each in found} == {looks.look("bp").hue}
    assert [each.dash for each in found] == [0, 1, 2, 3]
    assert len(set(looks.DASHES)) == len(looks.DASHES) == 4


def test_what_is_no_method_takes_what_is_free() -> None:
    found = looks.looks_of(["train", "sf", "test"])
    assert [each.name for each in found] == ["train", "SF", "test"]
    assert len({each.hue for each in found}) == 3
    assert [each.hue for each in looks.looks_of("abcdefgh")] == [0, 1, 2, 3, 4, 5, 6, 0]


EYES = {  # Machado, Oliveira, Fernandes (2009): what is seen without one kind of cone
    "all": np.eye(3),
    "no long": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998]],
    "no middle": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                  [-0.011820, 0.042940, 0.968881]],
    "no short": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                 [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
          [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eye) -> np.ndarray:
    """Lightness and the two axes of colour: in CIELAB, 2 are just about told apart."""
    x = np.array(TO_XYZ) @ np.clip(np.array(eye) @ linear(colour), 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(x > 0.008856, np.cbrt(x), (903.3 * x + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("colours", "paper"), [(looks.DAY, "#ffffff"), (looks.NIGHT, "#14181e")])
def test_colours_are_told_apart_by_every_eye_and_from_the_paper(colours, paper) -> None:
    light = {colour: float(np.array(TO_XYZ)[1] @ linear(colour)) for colour in (*colours, paper)}
    for colour in colours:
        low, high = sorted([light[colour], light[paper]])
        assert (high + 0.05) / (low + 0.05) >= 3, colour
    for (name, eye), (a, b) in itertools.product(EYES.items(), itertools.combinations(colours, 2)):
        assert np.linalg.norm(lab(a, eye) - lab(b, eye)) >= 10, (name, a, b)


# --- figures ---------------------------------------------------------------------------------


def line_of(axis, label):
    (line,) = [line for line in axis.lines if line.get_label() == label]
    return line


@pytest.mark.parametrize("names", [list(PLAIN), list(reversed(PLAIN)), ["ff-vn", "sf"]])
def test_lines_and_intervals_hold_to_the_table(names) -> None:
    (axis,) = plots.lines({name: {1: 1.0, 2: 2.0} for name in names}, "x", "y").figure.axes
    ends = dict.fromkeys(names, (1.0, 0.0, 2.0))
    (other,) = plots.intervals({"a": ends}, "x").figure.axes
    dots = [line for line in other.lines if line.get_marker() in looks.MARKERS]
    for name, dot, label in zip(names, dots, other.get_yticklabels(), strict=True):
        own = looks.look(name)
        line = line_of(axis, PLAIN[name])
        for drawn in (line, dot):
            assert to_hex(drawn.get_color()) == looks.DAY[own.hue]
            assert drawn.get_marker() == looks.MARKERS[own.hue]
        assert line.get_linestyle() == "-"
        assert label.get_text() == PLAIN[name]


def test_a_variant_is_dashed() -> None:
    curves = {name: {1: 1.0, 2: 2.0} for name in ("bp edges", "bp sparse", "checkpointed")}
    (axis,) = plots.lines(curves, "x", "y").figure.axes
    lines = [line_of(axis, looks.plain(name)) for name in curves]
    assert {to_hex(line.get_color()) for line in lines} == {looks.DAY[looks.look("bp").hue]}
    assert len({line._dash_pattern for line in [*map(patterned, lines)]}) == 3


def patterned(line):
    line._dash_pattern = (line._dash_pattern[0], tuple(line._dash_pattern[1] or ()))
    return line


def test_a_timeline_has_the_colour_of_its_method() -> None:
    digits = fgnn.load_graph("digits")
    reports = {
        name: fgnn.probe_memory(fgnn.make_learner(learner, depth=1, hidden=8), digits)
        for name, learner in (("single-forward", "sf"), ("backprop", "bp"))
    }
    for axis, name in zip(plots.timeline(reports).figure.axes, ("sf", "bp"), strict=True):
        assert axis.get_title(loc="left") == PLAIN[name]
        colour = to_hex(axis.collections[0].get_facecolor()[0][:3])
        assert colour == looks.DAY[looks.look(name).hue]


# --- explorers -------------------------------------------------------------------------------


def drawn(html: str) -> tuple[dict, BeautifulSoup]:
    """What an explorer knows, and what its script puts in around the drawing."""
    found = BeautifulSoup(html, "html.parser")
    parts = "".join(part.text for part in found.select('script[type="text/html"]'))
    model = json.loads(found.select_one('script[type="application/json"]').text)
    return model, BeautifulSoup(parts, "html.parser")


def holds(model: dict, legend: BeautifulSoup) -> int:
    """Every method of an explorer has its hue and dash; says how many there are."""
    count = 0
    if model["chart"] not in ("nodes", "histograms", "tape"):
        tint = model["tint"]
        pairs = list(zip(model["series"], model["looks"], strict=True))
        if tint:
            names = model["x"] if tint["by"] < 0 else model["controls"][tint["by"]]
            pairs += zip(names["names"], tint["looks"], strict=True)
        for name, (hue, dash) in pairs:
            own = looks.look(name)
            if own:
                count += 1
                assert (own.name, own.hue, own.dash) == (name, hue, dash)
        assert model["shapes"] == list(looks.SHAPES)
    for key in legend.select(".fx-legend > span"):
        own = looks.look(key.text)
        if own:
            assert f"s{own.hue}" in key.svg["class"]
            assert f"d{own.dash}" in key.svg["class"]
            assert key.select("path")[-1]["d"] == looks.SHAPES[own.hue]
    return count


@pytest.mark.parametrize("chart", ["line", "bar", "scatter", "multiples"])
def test_explorers_hold_to_the_table(chart) -> None:
    for names in (list(PLAIN), ["ff-vn", "sf"], ["bp sparse", "bp edges", "sf"]):
        rows = [{"m": name, "x": x, "g": g, "y": 1.0} for name in names for x in "12" for g in "ab"]
        rows = [row | {"x": row["x"] if chart == "bar" else int(row["x"])} for row in rows]
        assert holds(*drawn(explorer(rows, "x", "y", ["g"], "m", chart=chart).html)) == len(names)
        if chart != "multiples":
            assert holds(*drawn(explorer(rows, "x", "y", ["m", "g"], chart=chart).html)) == len(
                names
            )
    rows = [{"m": name, "y": 1.0} for name in PLAIN]
    assert holds(*drawn(explorer(rows, "m", "y", chart="bar").html)) == len(PLAIN)


INTERNAL = re.compile(  # what is written in code, and by no reader
    r"\b(bp|sf|ff-la|ff-vn|sf-[a-z-]+|bp-l2|bp (edges|sparse|checkpoint)|link-[a-z-]+|\w+_bytes|"
    r"update_seconds|cora-ml|citeseer-full|gcn|sage|gat)\b"
)


def shown_to_readers(html: str) -> str:
    model, parts = drawn(html)
    page = BeautifulSoup(html, "html.parser")
    for part in page.select("script, style"):
        part.decompose()
    names = [name for control in model["controls"] for name in control["names"]]
    return " ".join([page.get_text(" "), parts.get_text(" "), *names, *model.get("series", [])])


def test_internal_names_are_not_shown() -> None:
    rows = [
        {**row, "counted": count, "y": row[count]}
        for row in stored("memory-by-depth")
        for count in ("working_bytes", "peak_bytes", "saved_bytes")
    ]
    nodes = [row for row in stored("study") if "link" not in row["method"]]
    by = ["protocol", "graph", "method", "backbone", "depth", "lr"]
    made = [
        explorer(rows, "depth", "y", ["graph", "counted"], "method"),
        explorer(nodes, "seconds", "test", by, seeds="split", chart="scatter"),
        explorer(stored("sweep"), "depth", "test", ["backbone", "temperature"], "learner", "seed"),
        tape(stored("tape"), ["depth"]),
    ]
    for shown in made:
        assert not INTERNAL.search(shown_to_readers(shown.html))
    assert "working memory" in shown_to_readers(made[0].html)


def test_explorers_and_dashboards_have_names_from_the_table_alone() -> None:
    names = {each.name for each in looks._LOOKS.values()} - {"no graph"}
    written = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    paths = [path for kind in ("py", "js") for path in EXPLORE.glob(f"*.{kind}")]
    assert len(paths) > 10
    for path in paths:
        assert not written.search(path.read_text()), path.name
    for setting, offered in (("learner", fgnn.LEARNERS), ("backbone", fgnn.BACKBONES)):
        drop = SETTINGS[setting].widget(next(iter(offered)))
        assert list(drop.options) == [(looks.plain(name), name) for name in offered]


# --- the notebooks as they are stored --------------------------------------------------------


def outputs():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                yield path.stem, output.get("data", {})


def test_the_explorers_of_the_notebooks_hold_to_the_table() -> None:
    count = 0
    for name, data in outputs():
        html = data.get("text/html", "")
        if 'class="fgnn-explorer' in html:
            count += holds(*drawn(html))
            assert not INTERNAL.search(shown_to_readers(html)), name
    assert count > 30


def test_the_figures_of_the_notebooks_name_methods_plainly() -> None:
    """Their colours are those of the functions that drew them: see above."""
    found = [(name, data["text/plain"]) for name, data in outputs() if "image/png" in data]
    assert len(found) > 20
    for name, alt in found:
        assert not INTERNAL.search(alt), (name, alt)
        assert not re.search(r"accuracy 0\.\d|AUC 0\.\d", alt), (name, alt)
