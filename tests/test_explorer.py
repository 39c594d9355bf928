"""Explorers: what they refuse, what they show without scripts, and every control in a browser."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
import shutil
import statistics
import subprocess
import sys
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import playwright
import pytest
from bs4 import BeautifulSoup

import fgnn_lite
from fgnn_lite.book import looks
from fgnn_lite.book.explore import explorer, page

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks

ROOT = Path(__file__).parents[1]
NASTY = '</script><img src=x onerror=broken=1> "it\'s" & <b> ü 図 \u2028 $&'
EXPLORE = Path(fgnn_lite.__file__).parent / "book" / "explore"
ROWS = [
    {"depth": depth, "learner": name, "seed": seed, "accuracy": 0.5 + 0.1 * depth + 0.01 * seed}
    for depth in (1, 2, 4)
    for name in ("bp", "sf")
    for seed in (0, 1)
]


def results(name, **only):
    rows = json.loads((ROOT / "results" / f"{name}.json").read_text())["rows"]
    return [row for row in rows if all(row[key] == value for key, value in only.items())]


def nodes(**only):
    """Of the study: nodes of cora-ml under the paper's protocol."""
    rows = results("study", protocol="paper", graph="cora-ml", **only)
    return [row for row in rows if not row["method"].startswith("link")]


def small(rows=ROWS, **changes):
    given = {"x": "depth", "y": "accuracy", "controls": ["learner"], "seeds": "seed", **changes}
    return explorer(rows, **given)


def memory():
    rows = [{**row, "mb": row["working_bytes"] / 1e6} for row in results("memory-by-depth")]
    keep = ("sf", "bp edges", "bp sparse", "bp sparse checkpoint")
    return [row for row in rows if row["method"] in keep]


def everything():
    """One explorer of each kind, over results of the repository."""
    protocol = nodes(backbone="gcn")
    accuracy = {"test": "test accuracy"}
    return {
        "lines": explorer(
            memory(),
            "depth",
            "mb",
            ["graph"],
            series="method",
            log="xy",
            digits=1,
            labels={"mb": "memory (MB)"},
            title="What training keeps",
        ),
        "bars": explorer(
            protocol, "method", "test", ["depth"], seeds="split", chart="bar", labels=accuracy
        ),
        "pair": explorer(
            results("ff-repair"),
            "change",
            "test",
            ["depth", "method"],
            seeds="split",
            chart="bar",
            labels=accuracy,
            start={"depth": 2},
            compare={"method": "ff-vn"},
        ),
        "points": explorer(
            protocol,
            "seconds",
            "test",
            ["depth", "method"],
            seeds="split",
            chart="scatter",
            log="x",
        ),
        "panels": explorer(
            nodes(method="sf"),
            "depth",
            "test",
            series="backbone",
            seeds="split",
            chart="multiples",
        ),
        "signs": explorer(
            [{"who": who, "k": k, "y": y * k} for who, y in (("a", -2), ("b", 1)) for k in (1, 2)],
            "who",
            "y",
            ["k"],
            chart="bar",
        ),
        "few": small(),
        "costs": explorer(
            [{**row, "times": row["mb"] / 10} for row in memory()],
            "depth",
            "times",
            ["graph"],
            series="method",
            log="xy",
            line=1,
            axis_by="graph",
        ),
    }


@pytest.fixture(scope="module")
def all_kinds():
    return everything()


def soup(shown):
    """What stands on the page by itself."""
    return BeautifulSoup(shown.html, "html.parser")


def staged(shown):
    """What the script puts in: controls and picture."""
    parts = soup(shown).select('script[type="text/html"]')
    return BeautifulSoup("".join(part.text for part in parts), "html.parser")


def node() -> str:
    """Node: what is on PATH, else the one that comes with Playwright."""
    return shutil.which("node") or str(Path(playwright.__file__).parent / "driver" / "node")


SAY = """
const [folder, model, asked] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const own = ["nodes", "histograms", "tape"].includes(model.chart) ? model.chart : "chart";
const picture = require(`${folder}/${own}.js`);
console.log(JSON.stringify(asked.map(([what, ...given]) => picture[what](model, ...given))));
"""


def script(shown, *asked):
    """What an explorer's script says: each of ("marks", picks, panel), ("words", picks), ..."""
    data = soup(shown).select_one('script[type="application/json"]').text
    given = json.dumps([str(EXPLORE), json.loads(data), asked])
    done = subprocess.run([node(), "-e", SAY], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def marks_of(shown, *picks, panel=None):
    """What the script draws of a selection, or of two."""
    return BeautifulSoup(script(shown, ("marks", picks, panel))[0], "html.parser")


def selections(model):
    return [
        list(p) for p in itertools.product(*(range(len(c["names"])) for c in model["controls"]))
    ]


# --- what it shows ---------------------------------------------------------------------------


def test_it_is_the_same_every_time(all_kinds) -> None:
    again = everything()
    marks = [soup(shown).div["data-fx"] for shown in all_kinds.values()]
    assert len(set(marks)) == len(marks)
    for name, shown in all_kinds.items():
        assert shown.html == again[name].html == shown._repr_html_()
        assert repr(shown) == shown.alt


def test_pages_stay_small(all_kinds) -> None:
    assert len(small().html) < 30_000
    assert all(len(shown.html) < 60_000 for shown in all_kinds.values())


def plain_html(html):
    """What a sanitiser leaves of it, as JupyterLab's does of an untrusted output."""
    found = BeautifulSoup(html, "html.parser")
    for part in found.select("script, style, svg"):
        part.decompose()
    return found


def test_without_scripts_there_are_words_and_a_table(all_kinds) -> None:
    for shown in all_kinds.values():
        found, model, later = soup(shown), shown.model, staged(shown)
        picks = model["start"]
        count = sum(len(page.select(model, pick)) for pick in picks)
        assert len(found.select("tbody tr")) == count > 0
        assert all(th.text for th in found.select("th"))
        assert found.details.has_attr("open")
        still = found.select_one(".fx-still")
        said = [f"{model['title']}.", *([still.text] if still else [])]
        assert shown.alt == " ".join([*said, found.select_one(".fx-words").text])
        assert not found.select("input, select, button, svg, fieldset")
        assert not found.select("[src], [href]")
        assert not later.select("[src], [href]")


def test_an_untrusted_notebook_says_how_to_trust_it(all_kinds) -> None:
    for shown in all_kinds.values():
        found = plain_html(shown.html)
        (line,) = found.select(".fx-off")
        assert "Trust Notebook" in line.text
        texts = [line.text, shown.model["title"], "The numbers as a table"]
        texts += [part.text for part in found.select(".fx-still, .fx-words")]
        said = found.get_text()
        for text in [*texts, *(cell.text for cell in found.select("th, td"))]:
            said = said.replace(text, "", 1)
        assert not said.strip()  # no stray ticks, names or numbers


def test_means_and_ranges_are_those_of_the_rows() -> None:
    rows = nodes(backbone="gcn", depth=3)
    shown = explorer(rows, "method", "test", [], seeds="split", chart="bar")
    lines = [[cell.text for cell in line("td")] for line in soup(shown).select("tbody tr")]
    assert len(lines) == len({row["method"] for row in rows})
    for name, *numbers in lines:
        values = [row["test"] for row in rows if looks.plain(row["method"]) == name]
        wanted = [statistics.fmean(values), min(values), max(values)]
        assert numbers == [*(f"{round(value, 3):.3f}" for value in wanted), str(len(values))]
    assert "Means over 5 splits" in shown.html


def test_words_say_what_is_selected_and_the_result(all_kinds) -> None:
    assert small().alt == (
        "accuracy by depth. Shown: learner BP. "
        "accuracy: highest 0.905 (depth 4), lowest 0.605 (depth 1)."
    )
    shown = all_kinds["pair"]
    assert "Shown: A: depth 2, method FF-LA; B: depth 2, method FF-VN. " in shown.alt
    ends = []
    for tag, method in (("A", "ff-la"), ("B", "ff-vn")):
        found = expected(results("ff-repair"), "change", "test", 3, depth=2, method=method)
        high, low = (end(found, key=lambda k: float(found[k][0])) for end in (max, min))
        ends.append(f"{tag} highest {found[high][0]} ({high}), lowest {found[low][0]} ({low})")
    assert shown.alt.endswith(f" test accuracy: {'; '.join(ends)}.")
    rows = [{"s": s, "x": k, "y": abs(k - 4.0)} for k in range(20) for s in "ab"]
    assert explorer(rows, "x", "y", series="s", digits=0).alt == (
        "y by x. y: highest 15 (a, x 19), lowest 0 (a, x 4)."
    )
    assert explorer(rows[:1], "x", "y", ["s"], digits=0).alt == "y by x. Shown: s a. y: 4 (x 0)."


def test_controls_are_what_their_columns_are() -> None:
    shown = staged(small(controls=["learner", "depth"], x="seed", seeds=None))
    fields = shown.select("fieldset.fx-A label")
    assert [field.select_one("select, input")["aria-label"] for field in fields] == [
        "learner",
        "depth",
    ]
    assert [option.text for option in fields[0]("option")] == ["BP", "SF"]
    slider = fields[1].input
    assert (slider["max"], slider["aria-valuetext"], fields[1].b.text) == ("2", "1", "1")
    for field in shown.select("select, input[type=range]"):
        assert field["data-lm-suppress-shortcuts"] == "true"


def test_a_control_that_does_not_apply() -> None:
    rows = [{"t": t, "x": x, "who": "sf", "y": t * x} for t in (1, 2) for x in (1, 2)]
    rows += [{"t": None, "x": x, "who": "bp", "y": 3} for x in (1, 2)]
    shown = explorer(rows, "x", "y", ["t"], series="who", digits=0, start={"t": 2})
    assert shown.alt == "y by x. Shown: t 2. y: highest 4 (SF, x 2), lowest 2 (SF, x 1)."
    lines = [[cell.text for cell in line("td")] for line in soup(shown).select("tbody tr")]
    assert lines == [["SF", "1", "2"], ["SF", "2", "4"], ["BP", "1", "3"], ["BP", "2", "3"]]
    with pytest.raises(ValueError, match="both None and a value in a control; at x=1"):
        explorer([*rows, {"t": 1, "x": 1, "who": "bp", "y": 4}], "x", "y", ["t"], series="who")


def test_a_selection_without_results_says_so() -> None:
    rows = [row for row in ROWS if (row["learner"], row["depth"]) != ("sf", 4)]
    shown = small(rows, x="seed", seeds=None, controls=["depth", "learner"])
    assert script(shown, ("words", [[2, 1]])) == ["accuracy: no results."]
    assert not marks_of(shown, [2, 1]).select(".fx-m")
    assert small(
        rows,
        x="seed",
        seeds=None,
        controls=["depth", "learner"],
        start={"depth": 4, "learner": "sf"},
    ).alt.endswith("accuracy: no results.")


def test_one_value_and_constant_values() -> None:
    shown = explorer([{"x": 1_000_000, "y": -0.2}], "x", "y", digits=0)
    assert shown.alt == "y by x. y: 0 (x 1000000)."
    (mark,) = marks_of(shown, []).select(".fx-m")
    assert mark["x"] == "50%"
    explorer([{"x": "a", "y": -2.0}, {"x": "b", "y": 0}], "x", "y", chart="bar")
    explorer([{"x": 1, "y": 1e-7}, {"x": 2, "y": 1e9}], "x", "y", log="xy", digits=10)


def test_nothing_breaks_out_of_the_page() -> None:
    rows = [{NASTY: name, "x": x, "y": 1.0} for name in (NASTY, "plain") for x in (1, 2)]
    for given in ({"controls": [NASTY]}, {"series": NASTY}):
        shown = explorer(rows, "x", "y", title=NASTY, labels={"x": NASTY, "y": NASTY}, **given)
        found = soup(shown)
        assert not found("img")
        assert shown.html.count("</script>") == len(found("script")) == 4
        assert not staged(shown)("img")
        data = found.select_one('script[type="application/json"]').text
        assert not set("<>&\u2028\u2029") & set(data)
        assert json.loads(data)["title"] == NASTY
        assert found.select_one(".fx-title").text == NASTY


# --- what it refuses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "changes", "error", "message"),
    [
        ([], {}, ValueError, "rows must hold at least one measurement"),
        ({"rows": ROWS}, {}, TypeError, r"rows must be a list of mappings; got a dict \(pass its"),
        ([1], {}, TypeError, r"rows\[0\] must be a mapping; got 1"),
        (ROWS, {"x": "dept"}, ValueError, "x must be one of 'depth'.*Did you mean 'depth'"),
        (ROWS, {"controls": ["learners"]}, ValueError, "controls must be one of .*'learner'"),
        (ROWS, {"controls": "learner"}, TypeError, "controls must be a list of columns"),
        (ROWS, {"series": "learner"}, ValueError, "series must be a column of its own"),
        (ROWS, {"chart": "pie"}, ValueError, "chart must be one of"),
        (ROWS, {"chart": "multiples"}, ValueError, "series must name a column"),
        (ROWS, {"chart": "bar", "log": "y"}, ValueError, "log must be one of ''"),
        (ROWS, {"labels": {"accurracy": "a"}}, ValueError, "labels' columns.*mean 'accuracy'"),
        (ROWS, {"digits": -1}, ValueError, "digits must be"),
        ([*ROWS, {"depth": 8}], {}, ValueError, r"rows\[12\] must have the column 'accuracy'"),
        (ROWS, {"x": "learner", "controls": []}, TypeError, r"rows\[0\]\['learner'\] must be a"),
        (ROWS, {"seeds": None}, ValueError, r"rows\[0\] and rows\[1\].*they differ in 'seed'"),
        ([*ROWS, ROWS[3]], {}, ValueError, r"rows\[3\] and rows\[12\] are both at depth=1, lea"),
        (ROWS, {"start": {"learner": "ff"}}, ValueError, r"start\['learner'\] must be one of"),
        (ROWS, {"compare": {"learn": "sf"}}, ValueError, "compare's columns must be one of"),
        (
            [{**row, "learner": None} for row in ROWS],
            {},
            ValueError,
            "'learner' has nothing but None .leave it out",
        ),
        (ROWS, {"title": None}, TypeError, "title must be a string; got None"),
        (ROWS, {"labels": {"depth": 3}}, TypeError, r"labels\['depth'\] must be a string; got 3"),
        (ROWS, {"labels": ["depth"]}, TypeError, "labels must map columns"),
        (ROWS, {"start": {"learner": np.ones(2)}}, ValueError, r"start\['learner'\] must be one"),
        (ROWS[:2], {"controls": [], "compare": {}}, ValueError, "compare must be None where"),
    ],
)
def test_what_cannot_be_drawn(rows, changes, error, message) -> None:
    with pytest.raises(error, match=message):
        small(rows, **changes)


@pytest.mark.parametrize(
    ("column", "value", "error", "message"),
    [
        ("accuracy", float("nan"), ValueError, r"rows\[1\]\['accuracy'\] must be a finite number"),
        ("accuracy", float("inf"), ValueError, "finite number"),
        ("accuracy", None, TypeError, "finite number; got None"),
        ("accuracy", "0.5", TypeError, "finite number; got '0.5'"),
        ("depth", float("nan"), ValueError, r"rows\[1\]\['depth'\] must be a finite number"),
        ("learner", 3, TypeError, "numbers or names in the column 'learner', not both; got 3 and"),
        ("learner", ["bp"], TypeError, r"rows\[1\]\['learner'\] must be a finite number"),
        ("learner", " ", ValueError, r"rows\[1\]\['learner'\] must be a name; got ' '"),
        ("accuracy", 1e300, ValueError, r"rows\[1\]\['accuracy'\] must lie within 1e\+15 of 0"),
        ("depth", -1e16, ValueError, r"rows\[1\]\['depth'\] must lie within 1e\+15 of 0"),
    ],
)
def test_values_that_cannot_be_drawn(column, value, error, message) -> None:
    rows = [dict(row) for row in ROWS]
    rows[1][column] = value
    with pytest.raises(error, match=message):
        small(rows)


def test_odd_kinds_of_what_is_right() -> None:
    """An iterator is read once, NumPy's numbers are numbers, and its flags are flags."""
    assert small(iter(ROWS), controls=iter(["learner"])).html == small().html
    numbers = [{k: v if k == "learner" else np.float64(v) for k, v in r.items()} for r in ROWS]
    assert small(numbers, digits=np.int64(3)).html == small().html
    for flag in (bool, np.bool_):
        rows = [{"x": x, "f": flag(x), "y": x} for x in (0, 1)]
        for start, word in ((True, "yes"), (np.False_, "no")):
            assert f"Shown: f {word}. " in explorer(rows, "x", "y", ["f"], start={"f": start}).alt


def test_close_values_keep_their_names() -> None:
    values = (1234567.25, 1234567.5, 2.0)
    rows = [{"c": c, "x": x, "y": 1} for c in values for x in (1.0, 1 + 1e-10)]
    model = explorer(rows, "x", "y", ["c"]).model
    assert model["controls"][0]["names"] == ["2", "1234567.25", "1234567.5"]
    assert model["x"]["names"] == ["1", "1.0000000001"]
    assert explorer(rows, "x", "y", series="c").model["series"][1:] == ["1234567.25", "1234567.5"]


def test_the_axes_by_hand() -> None:
    """From 0 unless all values are above half of the highest; x from 3 to 97 per cent."""
    for low, end in ((0.4, 0.0), (0.65, 0.6)):
        rows = [{"x": x, "y": y} for x, y in ((1, low), (2, 0.8), (3, 1.0))]
        model = explorer(rows, "x", "y").model
        (axis,) = model["y"]["axes"]
        assert (axis["low"], axis["high"]) == pytest.approx((end, 1.0))
        assert model["x"]["at"] == [3, 50, 97]


def test_an_axis_is_as_long_as_its_data_and_has_a_line() -> None:
    """A cost chart: ratios, with a line at 1, and an axis for each thing that is counted."""
    sizes = {"a": (0.2, 3.0), "b": (40.0, 900.0)}
    rows = [
        {"what": what, "x": x, "y": y}
        for what, pair in sizes.items()
        for x, y in zip((1, 2), pair, strict=True)
    ]
    plain = explorer(rows, "x", "y", ["what"], log="y").model["y"]
    own = explorer(rows, "x", "y", ["what"], log="y", line=1, axis_by="what").model["y"]
    assert len(plain["axes"]) == 1
    for axis, (low, high) in zip(
        [*plain["axes"], *own["axes"]], [(0.2, 900), (0.2, 900), (0.2, 3), (1, 900)], strict=True
    ):
        room = (high / low) ** 0.03
        assert (axis["low"], axis["high"]) == pytest.approx((low / room, high * room))
        ticks = [tick for tick, _ in axis["ticks"]]
        assert len(ticks) >= 2
        assert all(axis["low"] <= tick <= axis["high"] for tick in ticks)
    assert all([1, "1"] in map(list, axis["ticks"]) for axis in own["axes"])

    shown = explorer(rows, "x", "y", ["what"], log="y", line=1, axis_by="what")
    for k in (0, 1):
        (line,) = marks_of(shown, [k]).select(".fx-line")
        axis = own["axes"][1 + k]
        share = math.log(1 / axis["low"]) / math.log(axis["high"] / axis["low"])
        assert float(line["y1"][:-1]) == pytest.approx(100 - 100 * share, abs=0.01)
    assert len(marks_of(shown, [0], [1]).select(".fx-line")) == 1  # both on the shared axis
    with pytest.raises(ValueError, match="axis_by must be one of 'what'"):
        explorer(rows, "x", "y", ["what"], axis_by="x")
    with pytest.raises(ValueError, match="line must be above 0 on a logarithmic axis; got -1"):
        explorer(rows, "x", "y", ["what"], log="y", line=-1)
    with pytest.raises(TypeError, match="line must be"):
        explorer(rows, "x", "y", ["what"], line="1")


def test_a_control_of_methods_gives_marks_the_look_of_what_is_chosen() -> None:
    shown = small(compare={"learner": "sf"})
    marks = marks_of(shown, *shown.model["start"])
    for tag, name in enumerate(("bp", "sf")):
        own = marks.select(f".fx-m.t{tag}")
        hue = looks.look(name).hue
        assert len(own) == 3
        assert all(f"s{hue}" in mark["class"] for mark in own)
        assert {mark.path["d"] for mark in own} == {looks.SHAPES[hue]}


def test_its_mark_follows_what_is_not_yet_shown() -> None:
    """Two that differ in another selection alone are two, else one would get the other's script."""
    rows = [dict(row) for row in ROWS]
    rows[2]["accuracy"] += 0.001  # of "sf", while "bp" is shown
    one, other = small(), small(rows)
    assert one.alt == other.alt
    assert soup(one).div["data-fx"] != soup(other).div["data-fx"]


def test_six_series_and_no_more() -> None:
    rows = [{"s": str(k), "x": 1, "y": k} for k in range(7)]
    assert len(explorer(rows[:6], "x", "y", series="s").model["series"]) == 6
    with pytest.raises(ValueError, match="series must have at most 6 values; 's' has 7"):
        explorer(rows, "x", "y", series="s")


def test_seeds_that_equal_nothing() -> None:
    rows = [{"x": 1, "y": 1, "s": seed} for seed in (float("nan"), float("nan"))]
    with pytest.raises(ValueError, match=r"rows\[0\] and rows\[1\] are both at x=1, s=nan"):
        explorer(rows, "x", "y", seeds="s")


def test_a_logarithm_of_what_was_rounded() -> None:
    with pytest.raises(ValueError, match="digits must be more than 3: log needs y above 0"):
        explorer([{"x": 1, "y": 1e-4}, {"x": 2, "y": 1}], "x", "y", log="y")


def test_too_many_values() -> None:
    rows = [{"t": k / 7, "s": str(k), "x": 1, "y": 1} for k in range(41)]
    for name in "ts":
        with pytest.raises(ValueError, match=f"at most 40 values; '{name}' has 41 .round them"):
            explorer(rows, "x", "y", [name])
    with pytest.raises(ValueError, match="series must have at most 6 values; 's' has 41"):
        explorer(rows, "x", "y", series="s")
    rows = [{"x": k, "y": k + 1 / 3} for k in range(30_000)]
    with pytest.raises(ValueError, match="at most 1 MB of HTML; they make"):
        explorer(rows, "x", "y", digits=9)


@pytest.mark.parametrize(("log", "name"), [("x", "x"), ("y", "y"), ("xy", "x")])
def test_no_logarithm_of_zero(log, name) -> None:
    with pytest.raises(ValueError, match=f"log must not name {name}, which has the value 0"):
        explorer([{"x": 0, "y": 0}], "x", "y", log=log)


# --- script and style ------------------------------------------------------------------------


def test_the_script_in_node() -> None:
    """What `explorer.test.js` holds by hand."""
    done = subprocess.run(
        [node(), "--test", str(ROOT / "tests" / "explorer.test.js")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"# pass [1-9]", done.stdout), done.stdout


def says_the_first_selection(shown):
    """The script begins with the words and the table that Python has put on the page."""
    found, start = soup(shown), shown.model["start"]
    words, table = script(shown, ("words", start), ("table", start))
    assert words == found.select_one(".fx-words").text
    assert BeautifulSoup(table, "html.parser").prettify() == "".join(
        part.prettify() for part in found.table("thead") + found.table("tbody")
    )


def test_the_script_begins_with_what_python_says(all_kinds) -> None:
    for shown in all_kinds.values():
        says_the_first_selection(shown)


def place(axis, value, log):
    """Where a value lies between the ends of an axis, in per cent."""
    low, high, at = (math.log(v) if log else v for v in (axis["low"], axis["high"], value))
    return 100 * (at - low) / (high - low)


def of_mark(mark):
    """What a mark says: series, place and value."""
    who, _, value = mark["aria-label"].rpartition(": ")
    return who, value.split(" ")[0]


@pytest.mark.parametrize("name", ["lines", "few", "costs", "points", "panels"])
def test_marks_stand_where_their_values_are(all_kinds, name) -> None:
    """Of every selection each mark, its whisker and its line, by the numbers of the table."""
    shown = all_kinds[name]
    model = shown.model
    log = name in ("lines", "costs")  # both axes
    at = dict(zip(model["x"]["names"], model["x"]["at"], strict=True))
    if name != "points":  # there the name has the seed in it
        ends = {"low": float(next(iter(at))), "high": float(list(at)[-1])}
        for spot, across in at.items():
            assert across == pytest.approx(3 + 0.94 * place(ends, float(spot), log), abs=0.01)
    panels = range(len(model["series"])) if name == "panels" else [None]
    picks = selections(model)
    asked = [("marks", [pick], panel) for pick in picks for panel in panels]
    tables = script(shown, *(("table", [pick]) for pick in picks))
    assert sum(table.count("<td>") for table in tables) > 6
    for k, text in enumerate(script(shown, *asked)):
        drawn, pick = BeautifulSoup(text, "html.parser"), picks[k // len(panels)]
        by = model["y"]["by"]
        axis = model["y"]["axes"][1 + pick[by] if by >= 0 else 0]
        lines = BeautifulSoup(tables[k // len(panels)], "html.parser").select("tbody tr")
        rows = [[cell.text for cell in line("td")] for line in lines]
        if name == "panels":
            rows = [row for row in rows if row[0] == model["series"][k]]
        marks = drawn.select(".fx-m")
        assert len(marks) == len(rows)
        whiskers, spots = drawn.select(".fx-w"), []
        for mark, row in zip(marks, rows, strict=True):
            series, (spot, *values) = (row[0], row[1:]) if len(model["series"]) > 1 else ("", row)
            who = (
                f"{series}, {model['x']['label']} {spot}"
                if series
                else f"{model['x']['label']} {spot}"
            )
            assert of_mark(mark) == (who, values[0])
            up = 100 - place(axis, float(values[0]), log)
            assert float(mark["x"][:-1]) == at[spot]
            assert float(mark["y"][:-1]) == pytest.approx(up, abs=0.01)
            spots.append((at[spot], up))
            if len(values) > 1 and values[1] != values[2]:
                whisker = whiskers.pop(0)
                ends = [100 - place(axis, float(value), log) for value in values[1:3]]
                assert [float(whisker[end][:-1]) for end in ("y1", "y2")] == pytest.approx(
                    ends, abs=0.01
                )
        assert not whiskers
        paths = [path["d"] for path in drawn.select(".fx-l > path:not(.fx-b)")]
        if name != "points":
            steps = [pair.split() for path in paths for pair in path[1:].split("L")]
            assert [(float(x), float(y)) for x, y in steps] == [
                pytest.approx(spot, abs=0.01) for spot in spots
            ]
        levels = {text.text: float(text["y"][:-1]) for text in drawn.select("text.end")}
        assert levels == {
            text: pytest.approx(100 - place(axis, tick, log), abs=0.01)
            for tick, text in axis["ticks"]
        }
        ticks = [(float(tick["x"][:-1]), tick.text) for tick in drawn.select(".fx-frame > svg")]
        assert ticks == [tuple(tick) for tick in model["ticks"]]
        assert ticks == sorted(ticks)


@pytest.mark.parametrize("name", ["bars", "pair", "signs"])
def test_bars_reach_from_zero_to_their_values(all_kinds, name) -> None:
    shown = all_kinds[name]
    model, (axis,) = shown.model, shown.model["y"]["axes"]
    two = [[pick, other] for pick, other in itertools.pairwise(selections(model))]
    cases = [*([pick] for pick in selections(model)), *two]
    drawn, tables = (
        script(shown, *((what, picks, None) for picks in cases)) for what in ("marks", "table")
    )
    zero = place(axis, 0, False)
    for picks, text, table in zip(cases, drawn, tables, strict=True):
        page_, rows = (BeautifulSoup(each, "html.parser") for each in (text, table))
        names = {text.text: float(text["y"]) for text in page_.select("text.name")}
        assert list(names) == model["x"]["names"]  # from the top
        marks, lines = page_.select(".fx-m"), rows.select("tbody tr")
        assert len(marks) == len(lines) > 0
        for mark, line in zip(marks, lines, strict=True):
            cells = [cell.text for cell in line("td")]
            tag = "AB".index(cells.pop(0)) if len(picks) > 1 else 0
            spot, mean, *_ = cells
            end = place(axis, float(mean), False)
            left, wide = (float(mark.rect[key][:-1]) for key in ("x", "width"))
            assert (left, left + wide) == pytest.approx(sorted([zero, end]), abs=0.02)
            assert mark.find("text").text == mean
            top = float(mark["y"]) - names[spot]  # its name stands above it, A above B
            assert top == (6 + 12 * tag)
            assert float(mark["height"]) == (11 if len(picks) > 1 else 19)
        ticks = [(float(s["x"][:-1]), s.text) for s in page_.select(".fx-frame > svg")]
        assert ticks == [
            (pytest.approx(place(axis, tick, False), abs=0.01), text)
            for tick, text in axis["ticks"]
        ]


def test_temperatures_are_fractions() -> None:
    """Powers of two, some of them below 1; not what merely holds a half."""
    rows = [{"t": t, "x": x, "y": 1} for t in (1 / 64, 1 / 4, 1, 16) for x in (0.5, 1, 3)]
    model = explorer(rows, "x", "y", ["t"], labels={"t": "tau"}).model
    assert model["controls"][0] == {
        "label": "τ",
        "names": ["1/64", "1/4", "1", "16"],
        "slider": True,
    }
    assert [text for _, text in model["ticks"]] == ["0.5", "1", "3"]
    model = explorer(rows, "t", "y", ["x"], log="x", labels={"t": "tau"}).model
    assert [text for _, text in model["ticks"]] == model["x"]["names"] == ["1/64", "1/4", "1", "16"]
    assert model["x"]["label"] == "τ"
    named = explorer([{"run": "tau 1", "x": 1, "y": 1}], "x", "y", ["run"]).model
    assert named["controls"][0]["names"] == ["τ 1"]


def test_the_package_has_script_and_style() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    for name in ("explorer", "chart", "nodes", "histograms", "tape"):
        for kind in ("js", "css"):
            assert (EXPLORE / f"{name}.{kind}").is_file()
            assert f'"book/explore/*.{kind}"' in settings


def test_a_script_has_comments_on_lines_of_their_own() -> None:
    """Only those are left out of pages, and a blank within a name in a style must stay."""
    for path in EXPLORE.glob("*.js"):
        lines = path.read_text().splitlines()
        assert not [line for line in lines if re.search(r"\S.*\s//\s", line)], path.name
        assert "//" not in page._script(path.stem)
    assert '"Segoe UI"' in page._style("explorer")
    assert "& .fx-l path{fill:none;" in page._style("chart")


def light(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    parts = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_colours_can_be_told_from_the_paper() -> None:
    style = (EXPLORE / "explorer.css").read_text()
    blocks = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in style.split("}")]
    day, night, also_night = [block for block in blocks if "s0" in block]
    assert night == also_night
    assert tuple(day[f"s{k}"] for k in range(7)) == looks.DAY
    assert tuple(night[f"s{k}"] for k in range(7)) == looks.NIGHT
    for colours in (day, night):
        paper = light(colours["paper"])
        for name, least in {
            **{f"s{k}": 3 for k in range(7)},
            "edge": 3,
            "ink": 7,
            "soft": 4.5,
        }.items():
            a, b = sorted([light(colours[name]), paper])
            assert (b + 0.05) / (a + 0.05) >= least, (name, colours[name])


# --- in a browser ----------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="en" {html}><head><meta charset="utf8"><title>t</title>
<meta name="viewport" content="width=device-width"><style>{style}</style></head>
<body {body}><div class="bd-content"><article class="bd-article"><h1>Results</h1>{parts}</article>
</div></body></html>"""
CELL = '<div class="cell_output"><div class="output text_html">{}</div></div>'


@functools.cache
def style() -> str:
    """The look of the book: its theme, from the package, and its own style sheet."""
    theme = Path(find_spec("pydata_sphinx_theme").origin).parent / "theme/pydata_sphinx_theme"
    texts = [(theme / "static/styles/pydata-sphinx-theme.css").read_text("utf8")]
    texts.append((ROOT / "book" / "css" / "book.css").read_text("utf8"))
    return re.sub(r"url\([^)]*\)", "none", "".join(texts))


def write(folder: Path, *parts: str, html: str = "", body: str = "") -> Path:
    """A page of the book's look with these explorers."""
    path = folder / "page.html"
    shown = "".join(CELL.format(part) for part in parts)
    path.write_text(PAGE.format(parts=shown, style=style(), html=html, body=body), encoding="utf8")
    return path


def state(root):
    """What an explorer shows: its marks, its words, its table."""
    found = root.evaluate(
        """root => ({
            marks: [...root.querySelectorAll('.fx-marks')].map(g => g.innerHTML).join(''),
            alts: [...root.querySelectorAll('.fx-marks')].map(s => s.ariaLabel),
            words: root.querySelector('.fx-words').textContent,
            shown: root.querySelector('.fx-still')?.textContent ?? '',
            rows: [...root.querySelectorAll('tbody tr')].map(
                tr => [...tr.cells].map(cell => cell.textContent)),
        })"""
    )
    both = f"{found['shown']} {found['words']}".strip()
    assert all(alt.endswith(both) for alt in found["alts"])
    return found


def expected(rows, x, y, digits, **only):
    """Name of each place -> mean, lowest and highest, from the results themselves."""
    found = {}
    for row in rows:
        if all(row[key] == value for key, value in only.items()):
            place = row[x] if isinstance(row[x], str) else str(row[x])
            found.setdefault(looks.plain(place), []).append(row[y])
    return {
        name: [f"{round(v, digits):.{digits}f}" for v in (statistics.fmean(vs), min(vs), max(vs))]
        for name, vs in found.items()
    }


def shows(found, wanted):
    """The words and the table of a selection are these numbers."""
    assert {row[0]: row[1:4] for row in found["rows"]} == wanted
    for kind, end in (("highest", max), ("lowest", min)):
        value = end((numbers[0] for numbers in wanted.values()), key=float)
        assert f"{kind} {value} (" in found["words"]


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
def test_every_control(opened, all_kinds, tmp_path, way, screen, scheme) -> None:
    names = ("lines", "bars", "few", "pair", "points", "panels")
    path = write(tmp_path, *(all_kinds[name].html for name in names))
    settings = {"viewport": getattr(checks, screen), "color_scheme": scheme}
    with checks.server(tmp_path) as base:
        view, watch = opened(path, base if way == "http" else None, **settings)
        roots = dict(zip(names, view.locator(".fgnn-explorer").all(), strict=True))
        before = {name: state(root) for name, root in roots.items()}
        for name, found in before.items():
            said = f"{all_kinds[name].model['title']}. {found['shown']} {found['words']}"
            assert said.replace("  ", " ") == all_kinds[name].alt

        roots["lines"].locator("select").first.select_option("digits")
        found = state(roots["lines"])
        assert found["marks"] != before["lines"]["marks"]
        for method, name in (("sf", "SF"), ("bp edges", "BP, edge list")):
            wanted = expected(memory(), "depth", "mb", 1, graph="digits", method=method)
            shown = {row[1]: row[2] for row in found["rows"] if row[0] == name}
            assert shown == {name: numbers[0] for name, numbers in wanted.items()}
        rows = [row for row in memory() if row["graph"] == "digits"]
        ends = [
            f"{row['mb']:.1f} ({looks.plain(row['method'])}, depth {row['depth']})"
            for row in (end(rows, key=lambda row: row["mb"]) for end in (max, min))
        ]
        assert found["words"] == f"memory (MB): highest {ends[0]}, lowest {ends[1]}."

        rows = nodes(backbone="gcn")
        last = before["bars"]
        for depth in (2, 3, 4, 1):
            roots["bars"].locator("input[type=range]").first.fill(str(depth - 1))
            found = state(roots["bars"])
            assert found["marks"] != last["marks"]
            assert found["shown"] == f"Shown: depth {depth}."
            shows(found, expected(rows, "method", "test", 3, depth=depth))
            last = found

        pair = roots["pair"]
        for k, method in enumerate(("FF-VN", "FF-LA")):  # A, then B
            pair.locator("select").nth(k).select_option(method)
        for k in range(2):
            pair.locator("input[type=range]").nth(k).fill("0")
        found = state(pair)
        for tag, method in (("A", "ff-vn"), ("B", "ff-la")):
            assert f"{tag}: depth 1, method {method.upper()}" in found["shown"]
            own = {**found, "rows": [row[1:] for row in found["rows"] if row[0] == tag]}
            own["words"] = found["words"].split("; ")["AB".index(tag)]
            shows(own, expected(results("ff-repair"), "change", "test", 3, depth=1, method=method))
        pair.get_by_label("compare two selections").uncheck()
        assert "B: " not in state(pair)["shown"]
        assert not pair.locator("fieldset.fx-B").is_visible()

        roots["points"].locator("input[type=range]").first.fill("1")
        roots["points"].locator("select").first.select_option("BP")
        assert {row[1] for row in state(roots["points"])["rows"]} == {
            f"{row['test']:.3f}" for row in rows if (row["depth"], row["method"]) == (2, "bp")
        }
        for name in ("few", "panels"):
            assert state(roots[name]) == before[name]  # the others do not disturb it
        assert checks.overflow(view) == []
        assert checks.low_contrast(view) == []
        assert watch.problems() == []


@pytest.mark.browser
def test_comparing_starts_with_a_difference(opened, tmp_path) -> None:
    view, _ = opened(write(tmp_path, small().html))
    root = view.locator(".fgnn-explorer")
    root.get_by_label("compare two selections").check()
    assert root.locator("fieldset.fx-B select").input_value() == "SF"
    assert state(root)["shown"] == "Shown: A: learner BP; B: learner SF."
    assert [row[0] for row in state(root)["rows"]] == ["A"] * 3 + ["B"] * 3


@pytest.mark.browser
@pytest.mark.parametrize("way", ["file", "http"])
def test_a_link_reopens_what_was_chosen(opened, all_kinds, tmp_path, way) -> None:
    """The address has the selections of all explorers of a page, and each finds its own."""
    path = write(tmp_path, small().html, small().html, all_kinds["bars"].html)
    with checks.server(tmp_path) as base:
        base = base if way == "http" else None
        view, watch = opened(path, base)
        first, second, bars = view.locator(".fgnn-explorer").all()
        plain = view.url
        second.locator("select").first.select_option("SF")
        view.wait_for_function("() => location.hash === '#fx-accuracy-by-depth.2=SF'")
        bars.get_by_label("compare two selections").check()
        bars.locator("fieldset.fx-A input").fill("2")
        view.wait_for_function("() => location.hash.endsWith('&fx-test-accuracy-by-method=3;4')")
        roots, link = (first, second, bars), view.url
        before = [state(root) for root in roots]

        other, watch_other = opened(path.with_name(link.rpartition("/")[2]), base)
        again = other.locator(".fgnn-explorer").all()
        assert [state(root) for root in again] == before
        assert "learner BP" in state(again[0])["shown"]
        assert again[2].locator("fieldset.fx-B").is_visible()
        top = again[1].evaluate("root => root.getBoundingClientRect().top")
        assert -1 <= top < 120  # it begins at the one that was changed first
        assert other.url == link
        other.evaluate("() => (location.hash = '#fx-accuracy-by-depth=SF')")  # a link on the page
        other.wait_for_function("() => document.querySelector('select').selectedIndex === 1")
        assert "learner SF" in state(again[0])["shown"]
        assert state(again[2]) == before[2]

        second.locator("select").first.select_option("BP")  # back at the start: nothing to hold
        view.wait_for_function("() => location.hash === '#fx-test-accuracy-by-method=3;4'")
        bars.locator("fieldset.fx-A input").fill("0")
        bars.get_by_label("compare two selections").uncheck()
        view.wait_for_function("() => !location.hash")
        assert view.url == plain
        assert watch.problems() == watch_other.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "hash", ["#accuracy", "#fx-accuracy-by-depth=%E0%", "#fx-accuracy-by-depth=x"]
)
def test_a_wrong_link_shows_the_first_selection(opened, tmp_path, hash) -> None:
    view, watch = opened(write(tmp_path, small().html).with_name(f"page.html{hash}"))
    root = view.locator(".fgnn-explorer")
    assert "learner BP" in state(root)["shown"]
    root.locator("select").first.select_option("SF")
    view.wait_for_function("() => location.hash === '#fx-accuracy-by-depth=SF'")
    assert watch.problems() == []


@pytest.mark.browser
def test_a_frame_without_an_address_and_a_notebook_keep_none(opened, tmp_path) -> None:
    """A notebook's address is not the explorer's; a frame's may not be changed."""
    path = write(tmp_path, small().html, body='data-jp-theme-light="true"')
    view, watch = opened(path)
    told = ".fgnn-explorer [role=status]"
    view.locator("select").first.select_option("SF")
    view.wait_for_function(f"() => document.querySelector('{told}').textContent")
    assert "#" not in view.url

    page_ = f"<iframe sandbox='allow-scripts' srcdoc='{escape(small().html)}'></iframe>"
    view, watch = opened(write(tmp_path, page_))
    frame = view.frame_locator("iframe").locator(".fgnn-explorer")
    frame.locator("select").first.select_option("SF")
    frame.get_by_role("status").filter(has_text="accuracy").wait_for(state="attached")
    assert "learner SF" in frame.locator(".fx-still").text_content()
    assert "#" not in view.url
    assert watch.problems() == []


WHERE = "root => root.querySelector('.fx-stage').getBoundingClientRect().top + scrollY"


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
@pytest.mark.parametrize("name", ["lines", "bars", "pair", "points"])
def test_nothing_below_moves_when_something_is_chosen(
    opened, all_kinds, tmp_path, name, screen
) -> None:
    """Nor when a second selection is shown, but on a phone: there its controls come below."""
    view, _ = opened(write(tmp_path, all_kinds[name].html), viewport=getattr(checks, screen))
    root, model = view.locator(".fgnn-explorer"), all_kinds[name].model
    box = root.get_by_label("compare two selections")
    for two in (False, True):
        if screen == "DESKTOP":
            before = root.evaluate(WHERE)
        box.set_checked(two)
        if screen == "PHONE":
            before = root.evaluate(WHERE)
        sides = ("A", "B") if two else ("A",)
        for side, (c, control) in itertools.product(sides, enumerate(model["controls"])):
            field = root.locator(f"fieldset.fx-{side} :is(select, input)").nth(c)
            for k, value in enumerate(control["names"]):
                field.fill(str(k)) if control["slider"] else field.select_option(value)
                assert abs(root.evaluate(WHERE) - before) <= 1, (side, control["label"], value)


COVERED = """root => {
    const tip = root.querySelector('.fx-tip:not([hidden])').getBoundingClientRect();
    return [...root.querySelectorAll('.fx-marks .fx-m')].filter(mark =>
        [...mark.querySelectorAll('path, rect, line, text')].some(part => {
            const box = part.getBoundingClientRect();
            return box.left < tip.right && box.right > tip.left
                && box.top < tip.bottom && box.bottom > tip.top;
        })).length;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
@pytest.mark.parametrize("name", ["lines", "bars", "few", "points"])
def test_what_is_said_of_a_mark_leaves_the_others_free(
    opened, all_kinds, tmp_path, name, screen
) -> None:
    view, _ = opened(write(tmp_path, all_kinds[name].html), viewport=getattr(checks, screen))
    root = view.locator(".fgnn-explorer")
    marks = root.locator(".fx-marks .fx-m")
    assert marks.count() > 2
    for k in range(marks.count()):
        marks.nth(k).focus()
        assert root.evaluate(COVERED) == 0, k


@pytest.mark.browser
def test_arrow_keys(opened, all_kinds, tmp_path) -> None:
    view, _ = opened(write(tmp_path, all_kinds["bars"].html))
    root = view.locator(".fgnn-explorer")
    slider = root.get_by_role("slider", name="depth").first
    slider.focus()
    outline = "slider => getComputedStyle(slider).outlineStyle"
    view.keyboard.press("ArrowRight")
    assert slider.evaluate(outline) == "solid"
    for key, depth in (
        ("ArrowUp", 3),
        ("End", 4),
        ("ArrowRight", 4),
        ("ArrowLeft", 3),
        ("Home", 1),
    ):
        view.keyboard.press(key)
        assert slider.get_attribute("aria-valuetext") == str(depth)
        assert root.locator("label b").first.text_content() == str(depth)
        assert state(root)["shown"] == f"Shown: depth {depth}."


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
@pytest.mark.parametrize("name", ["lines", "bars", "points", "panels"])
def test_a_mark_says_its_value(opened, all_kinds, tmp_path, name, screen) -> None:
    size = getattr(checks, screen)
    touch = screen == "PHONE"
    view, _ = opened(write(tmp_path, all_kinds[name].html), viewport=size, has_touch=touch)
    marks = view.locator(".fx-marks .fx-m")
    tips = view.locator(".fx-tip:not([hidden])")
    assert tips.count() == 0
    view.locator("summary").focus()
    view.keyboard.press("Shift+Tab")
    for k in range(3):
        who, _, value = unescape(marks.nth(k).get_attribute("aria-label")).rpartition(": ")
        assert marks.nth(k).evaluate("mark => mark === document.activeElement")
        assert tips.locator("b").text_content() == value
        assert tips.locator("span").text_content() == who
        box = tips.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        view.keyboard.press("ArrowRight")
    view.keyboard.press("End")
    assert tips.locator("b").text_content() in marks.last.get_attribute("aria-label")
    view.keyboard.press("Escape")
    assert tips.count() == 0
    view.keyboard.press("Tab")

    shape = marks.nth(2).locator("path, rect").first
    shape.scroll_into_view_if_needed()
    box = shape.bounding_box()
    spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    view.touchscreen.tap(*spot) if touch else view.mouse.move(*spot)
    label = view.locator(".fx-m.fx-on").get_attribute("aria-label")
    assert label.endswith(": " + tips.locator("b").text_content())
    if not touch:
        view.mouse.move(2, 2)
        assert tips.count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_is_seen(opened, all_kinds, tmp_path, scheme) -> None:
    """Each stop of the tab key changes what is drawn around it."""
    parts = [all_kinds[name].html for name in ("pair", "lines", "bars")]
    view, _ = opened(write(tmp_path, *parts), color_scheme=scheme)
    view.add_style_tag(content=".fx-tip { display: none !important; }")
    view.locator("summary").first.click()  # a table that scrolls is a stop, too
    view.locator("h1").evaluate("h => { h.tabIndex = -1; h.focus(); }")
    kinds = set()
    for _ in range(40):
        view.keyboard.press("Tab")
        kind = view.evaluate(
            "() => document.activeElement.getAttribute('class')?.split(' ')[0] "
            "|| document.activeElement.type || document.activeElement.localName"
        )
        if kind == "body":
            break
        kinds.add(kind)
        box = view.evaluate("""() => {
            const part = document.activeElement;
            const { x, y, width, height } = part.getBoundingClientRect();
            part.scrollIntoView({ block: 'center' });
            const now = part.getBoundingClientRect();
            return { x: now.x - 6, y: now.y - 6, width: width + 12, height: height + 12 };
        }""")
        box["x"], box["y"] = max(0, box["x"]), max(0, box["y"])
        held = view.evaluate_handle("() => document.activeElement")
        with_it = view.screenshot(clip=box)
        held.evaluate("part => part.blur()")
        assert view.screenshot(clip=box) != with_it, kind
        held.evaluate("part => part.focus()")
    assert {"range", "select-one", "checkbox", "summary", "fx-m", "fx-scroll"} <= kinds


@pytest.mark.browser
def test_twice_on_one_page(opened, tmp_path) -> None:
    view, watch = opened(write(tmp_path, small().html, small().html))
    first, second = view.locator(".fgnn-explorer").all()
    first.locator("select").first.select_option("SF")
    assert "learner SF" in state(first)["shown"]
    assert "learner BP" in state(second)["shown"]
    second.locator("select").first.select_option("SF")
    assert state(first) == state(second)
    assert watch.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize("screen", ["DESKTOP", "PHONE"])
def test_what_is_chosen_can_be_read_whole(opened, tmp_path, screen) -> None:
    names = ("temperature 1, 100 updates", "temperature 1/16, 300 updates")
    rows = [
        {"run": run, "for": how, "x": x, "y": 1.0}
        for run in names
        for how in ("all", "one by one")
        for x in (1, 2)
    ]
    shown = explorer(rows, "x", "y", ["run", "for"])
    view, _ = opened(write(tmp_path, shown.html), viewport=getattr(checks, screen))
    for field in view.locator("fieldset.fx-A select").all():
        have, wanted = field.evaluate(
            """field => {
                const have = field.offsetWidth;
                field.style.width = 'max-content';
                field.style.alignSelf = 'start';
                return [have, field.offsetWidth];
            }"""
        )
        assert have >= wanted
    assert checks.overflow(view) == []


@pytest.mark.browser
def test_hostile_names_are_shown_as_they_are(opened, tmp_path) -> None:
    rows = [{NASTY: name, "x": x, "y": 1.0} for name in (NASTY, "b") for x in (1, 2)]
    shown = explorer(rows, "x", "y", [NASTY], title=NASTY, labels={"x": NASTY})
    view, watch = opened(write(tmp_path, shown.html))
    root = view.locator(".fgnn-explorer")
    root.locator("select").first.select_option("b")
    root.get_by_label("compare two selections").check()
    root.locator(".fx-marks .fx-m").first.focus()
    assert root.locator(".fx-tip span").text_content() == f"A, {NASTY} 1"
    assert f"{NASTY} b" in state(root)["shown"]
    assert root.locator("th", has_text="selection").count() == 1
    assert view.evaluate("() => [typeof broken, document.images.length]") == ["undefined", 0]
    assert watch.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("html", "body", "scheme", "dark"),
    [
        ("", "", "light", False),
        ("", "", "dark", True),
        ('data-theme="dark"', "", "light", True),
        ('data-theme="light"', "", "dark", False),
        ("", 'data-jp-theme-light="false"', "light", True),
        ("", 'data-jp-theme-light="true"', "dark", False),
        ('theme="dark"', "", "light", True),
    ],
)
def test_it_follows_the_theme(opened, tmp_path, html, body, scheme, dark) -> None:
    view, _ = opened(write(tmp_path, small().html, html=html, body=body), color_scheme=scheme)
    paper = view.locator(".fgnn-explorer").evaluate("r => getComputedStyle(r).backgroundColor")
    assert paper == ("rgb(20, 24, 30)" if dark else "rgb(255, 255, 255)")
    around = view.locator(".text_html").evaluate("r => getComputedStyle(r).backgroundColor")
    assert around == "rgba(0, 0, 0, 0)"
    assert view.locator("details").evaluate("r => getComputedStyle(r).borderLeftWidth") == "0px"
    assert checks.low_contrast(view) == []


@pytest.mark.browser
def test_scripts_off(opened, all_kinds, tmp_path) -> None:
    path = write(tmp_path, *(shown.html for shown in all_kinds.values()))
    view, _ = opened(path, java_script_enabled=False)
    for root in view.locator(".fgnn-explorer").all():
        assert root.locator("input, select, svg").count() == 0
        assert root.locator("table").is_visible()
        assert root.locator(".fx-off").is_visible()
        assert not root.locator(".fx-trust").is_visible()  # a page is no notebook


@pytest.mark.browser
def test_with_scripts_nothing_is_said_of_trust(opened, all_kinds, tmp_path) -> None:
    view, _ = opened(write(tmp_path, *(shown.html for shown in all_kinds.values())))
    assert view.locator(".fx-off").count() == view.get_by_text("Trust Notebook").count() == 0
    assert view.locator(".fx-controls").first.is_visible()
