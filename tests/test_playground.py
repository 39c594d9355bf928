"""The playground in Python: what it refuses, what stands in the page; and its script in Node."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from bs4 import BeautifulSoup
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.book.playground import PRESETS, page, playground, presets
from fgnn_lite.book.playground.squeeze import squeeze, squeeze_style

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 120_000  # of script, style and data, without the digits


def toy(**changes) -> Data:
    """Four nodes in a row, two classes."""
    fields = {
        "x": torch.eye(4),
        "y": torch.tensor([0, 0, 1, 1]),
        "edge_index": torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]]),
        "train_mask": torch.tensor([True, False, False, True]),
    }
    return Data(**(fields | changes))


def config_of(one) -> dict:
    soup = BeautifulSoup(one.html, "html.parser")
    return json.loads(soup.select_one('script[type="application/json"]').text)


# --- what comes in ---------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_page_and_others_another() -> None:
    pages = [playground("karate"), playground("karate"), playground("karate", left="bp")]
    marks = [re.search(r'data-fp="(fp-\w{12})"', one.html)[1] for one in pages]
    assert marks[0] == marks[1] != marks[2]
    assert pages[0].html == pages[0]._repr_html_() == pages[1].html
    assert repr(pages[2]) == "Playground 'karate': bp on karate"


def test_a_graph_of_ones_own_arrives_whole() -> None:
    data = config_of(playground(toy(), left={"learner": "bp", "depth": 3}))
    assert data["state"]["left"] == presets.SIDE | {"learner": "bp", "depth": 3}
    given = data["data"]
    assert [given[key] for key in ("n", "f", "classes")] == [4, 4, 2]
    assert given["edges"] == [[0, 1], [1, 2], [2, 3]]
    assert given["y"] == [0, 0, 1, 1]
    assert given["train"] == "AQAAAQ=="  # bytes 1, 0, 0, 1
    assert given["val"] == given["test"] == "AAAAAA=="


def test_controls_that_are_not_named_are_hidden() -> None:
    assert config_of(playground(controls=["clock"]))["hide"] == list(page.CONTROLS[1:])
    assert config_of(playground())["hide"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "cora"}, "data must be one of 'karate', 'sbm', 'digits'"),
        ({"left": "adam"}, "'adam'"),
        ({"left": {"depth": 17}}, "left's depth must be .* from 1 to 16"),
        ({"left": {"temperature": 0}}, "temperature must be"),
        ({"left": {"learner": "ff-la", "loss": "x"}}, "loss must be one of"),
        ({"left": {"backbone": "gat", "hidden": 6}}, "hidden must be"),
        ({"right": {"epochs": 0}}, "right's epochs must be"),
        ({"right": {"lr": -1}}, "right's lr must be"),
        ({"preset": "none"}, "preset must be one of"),
        ({"preset": "Too hot", "left": "bp"}, "must be left out where there is a preset"),
        ({"controls": ["clocks"]}, "controls must be one of"),
        ({"name": "--"}, "name must have a letter or a digit"),
        ({"data": toy(edge_weight=torch.ones(6))}, "no edge weights"),
        ({"data": toy(edge_index=torch.tensor([[0], [1]]))}, "every edge both ways; got 0 -> 1"),
        ({"data": toy(train_mask=torch.tensor([True, False, False, False]))}, "none of class 1"),
    ],
)
def test_a_wrong_value_is_refused_in_words(arguments, words) -> None:
    with pytest.raises(ValueError, match=words):
        playground(**arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": 5}, "data must be"),
        ({"left": {"dept": 3}}, "left has no option 'dept'.*Did you mean 'depth'"),
        ({"left": 5}, "left must be a learner's name or a mapping"),
        ({"left": {"both_ways": "yes"}}, "left's both_ways must be True or False"),
        ({"controls": "clock"}, "controls must be a list"),
        ({"title": 5}, "title must be text"),
    ],
)
def test_a_wrong_kind_is_refused_in_words(arguments, words) -> None:
    with pytest.raises(TypeError, match=words):
        playground(**arguments)


def test_a_large_graph_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"number of nodes must be .* from 2 to 600; got 700"):
        playground(fgnn.load_graph("sbm", nodes=700))
    with pytest.raises(ValueError, match="nodes times features"):
        playground(fgnn.load_graph("sbm", features=1000))


# --- what stands in the page -----------------------------------------------------------------


def test_markup_in_a_name_does_not_leave_its_place() -> None:
    hostile = "</script><script>window.hit=1</script>\u2028"
    data = toy()
    data.name = hostile
    one = playground(data, title=hostile, start=hostile)
    soup = BeautifulSoup(one.html, "html.parser")
    kinds = [script.get("type") for script in soup.find_all("script")]
    assert kinds == ["application/json", None, None]
    assert config_of(one)["title"] == config_of(one)["data"]["name"] == hostile
    assert not any("hit=1" in script.text for script in soup.find_all("script")[1:])


@pytest.mark.parametrize("name", [*PRESETS, "all"])
def test_an_experiment_fits_its_page_and_can_be_read_without_scripts(name) -> None:
    one = playground(preset=name)
    known = {key: value for key, value in config_of(one).items() if key != "digits"}
    data = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    size = sum(len(text.encode()) for text in (page.script(), page.style(), data))
    assert size <= MOST_BYTES
    soup = BeautifulSoup(one.html, "html.parser")
    still = soup.select_one(".fp-still")
    found = presets.preset(PRESETS[0] if name == "all" else name)
    assert found["question"] in still.text
    assert found["answer"] in still.text
    nodes = {"karate": 34}.get(found["state"]["graph"]["kind"])
    nodes = nodes or found["state"]["graph"].get("nodes", presets.SBM["nodes"])
    assert f"A graph of {nodes} nodes" in still.select_one("svg")["aria-label"]
    drawn = "".join(path["d"] for path in still.select(".fp-dot"))
    assert drawn.count("M") == nodes
    assert len(still.select("circle.fp-ring")) == (4 if nodes == 34 else nodes // 10)


def test_the_still_of_the_digits_says_that_edges_are_left_out() -> None:
    soup = BeautifulSoup(playground("digits").html, "html.parser")
    assert soup.select_one(".fp-still .fp-e")["d"] == ""
    assert soup.select_one(".fp-still svg")["aria-label"].endswith("edges are left out.")


def test_the_club_stands_where_the_explorer_has_it() -> None:
    assert fgnn.load_results("karate")["settings"]["places"] == presets.KARATE


def test_the_digits_arrive_whole() -> None:
    digits = page._digits()
    pixels = [
        value
        for sign in digits["pixels"]
        for value in ([ord(sign) - 97] if sign > "Z" else [0] * (ord(sign) - 64))
    ]
    data = fgnn.load_graph("digits")
    assert pixels == (16 * data.x).long().flatten().tolist()
    assert digits["labels"] == "".join(map(str, data.y.tolist()))


# --- squeezing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("const value = 1; // one\nuse(value + +value);", "const a=1;use(a+ +a);"),
        (
            "const MANY = 0.5; const f = x => { const half = MANY; };\nuse(f); const last = 0.25;",
            "const a=.5,f=x=>{const b=a};use(f);const c=.25;",
        ),
        ("const one = `${x => { let i; }}`; const Kind = one;", "const a=`${x=>{let i}}`,Kind=a;"),
        ("const { left, right: far } = made;", "const{left:b,right:a}=made;\n"),
        ("const name = x => ({ name, own: x.name });", "const a=x=>({name:a,own:x.name});"),
        ("const text = `a ${text ? `${text} b` : {}} // c`;", "const a=`a ${a?`${a} b`:{}} // c`;"),
        ("let a\nlet b = /[/'\"`]/g.test(a)\n", "let a\nlet b=/[/'\"`]/g.test(a)"),
        (
            "class Kind { take(some) { return some / 2 / some; } }",
            "class Kind{take(some){return some/2/some}}",
        ),
        ("const f = (one, { two = 3, ...rest }) => { two; };", "const f=(b,{two:a=3,...c})=>{a};"),
        (
            "/* x */ return\nfunction* steps(many) { yield many; }",
            "return\nfunction*b(a){yield a}",
        ),
    ],
)
def test_scripts_get_short_and_stay_what_they_are(code, short) -> None:
    assert squeeze(code).strip() == short.strip()


def test_styles_get_short() -> None:
    sheet = "/* x */ .a > .b:is(.c, .d) { margin: 0.5rem 0; }\n& .e { color: red; }"
    assert squeeze_style(sheet) == ".a>.b:is(.c,.d){margin:.5rem 0}& .e{color:red}"


# --- the script in Node ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def codes(tmp_path_factory) -> list[dict]:
    """Run the script's own tests; what they leave: of each experiment its Python, and its end."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on PATH: the script is tested in the browser only")
    folder = tmp_path_factory.mktemp("playground")
    cases = {
        "script": page.script(),
        "side": presets.SIDE,
        "sbm": presets.SBM,
        "presets": [presets.preset(name) for name in PRESETS],
        "codes": str(folder / "codes.json"),
    }
    (folder / "cases.json").write_text(json.dumps(cases))
    done = subprocess.run(
        [node, "--test", str(ROOT / "tests" / "playground.test.js")],
        env={**os.environ, "PLAYGROUND_CASES": str(folder / "cases.json")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"# skipped 0\b", done.stdout), done.stdout
    return json.loads((folder / "codes.json").read_text())


def printed(code: str) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {})
    return [float(line) for line in out.getvalue().split()]


def test_the_python_of_every_experiment_runs(codes) -> None:
    assert [each["name"] for each in codes] == list(PRESETS)
    for each in codes:
        lines = re.sub(r"(epochs|patience)=\d+", r"\1=2", each["code"])
        assert len(printed(lines)) == len(each["ends"]), each["name"]


@pytest.mark.parametrize(
    "name", ["No way back", "Labels that travel", "One message among many", "A stale signal"]
)
def test_python_ends_where_the_page_ends(codes, name) -> None:
    each = next(each for each in codes if each["name"] == name)
    assert printed(each["code"]) == pytest.approx(each["ends"], abs=0.021)
