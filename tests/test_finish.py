"""The last step of the build, and what else the book's extensions make of formulas and words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
import accessible
import finish
import formulas
import greek


def purged(css: str, *used: str) -> str:
    return "".join("\n".join(finish.purge(css, set(used))).split())


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("p{a:b}", "p{a:b}"),
        (".used{a:b}.gone{a:b}", ".used{a:b}"),
        (".used,.gone{a:b}", ".used{a:b}"),
        (".used .gone,#gone{a:b}", ""),
        (".used:not(.gone){a:b}", ".used:not(.gone){a:b}"),
        (":is(.used,.gone) p{a:b}", ":is(.used,.gone)p{a:b}"),
        ("[data-x='.gone']{a:b}", "[data-x='.gone']{a:b}"),
        ("@media print{.gone{a:b}}", ""),
        ("@media print{.gone{a:b}.used{a:b}}.gone{a:b}", "@mediaprint{.used{a:b}}"),
        ("@font-face{src:url(a.woff)}", "@font-face{src:url(a.woff)}"),
        ('@charset "x;y";@import "a.css";.gone{a:b}', '@charset"x;y";@import"a.css";'),
        ("/*! by @us, 2020 */.gone{a:b}p{a:b}", "/*!by@us,2020*/p{a:b}"),
        ("/* { */p{a:b}", "p{a:b}"),
        ('.used:before{content:"}.gone{"}', '.used:before{content:"}.gone{"}'),
        ('.used{b:url("data:,)}{")}.gone{a:b}', '.used{b:url("data:,)}{")}'),
        (r".sm\:used{a:b}.used\}{a:b}", ""),
    ],
)
def test_rules_that_can_match_stay(css, left):
    assert purged(css, "used") == left


def test_several_playgrounds_share_their_script():
    parts = "<style>s</style><script>all</script><script>start({})</script>"
    data = '<script type="application/json">1</script>'
    shown = "".join(f'<div class="fgnn-play">{parts.format(k)}{data}</div>' for k in (1, 2))
    page = BeautifulSoup(shown + "<script>all</script>", "html.parser")
    finish.share(page)
    assert [tag.string for tag in page("script")] == [
        "all",
        "start(1)",
        "1",
        "start(2)",
        "1",
        "all",
    ]
    assert len(page("style")) == 1


def test_several_schematics_share_their_style():
    shown = "".join(
        f'<div class="fgnn-diagram"><style>{style}</style><script>{k}</script></div>'
        for k, style in enumerate(("s", "s", "t"))
    )
    page = BeautifulSoup(shown + "<style>s</style>", "html.parser")
    finish.share(page)
    assert [tag.string for tag in page("style")] == ["s", "t", "s"]
    assert [tag.string for tag in page("script")] == ["0", "1", "2"]


def test_scripts_stay_where_there_is_a_use_for_them():
    names = ("scripts/fontawesome.js", "copybutton.js", "searchtools.js", "own.js")
    scripts = "".join(f'<script src="../_static/{name}?v=1"></script>' for name in names)

    def left(body: str) -> list[str]:
        page = BeautifulSoup(scripts + body, "html.parser")
        finish.drop(page)
        return [tag["src"].split("/")[-1].split(".")[0] for tag in page("script")]

    assert left("<p>text</p>") == ["own"]
    assert left('<div class="highlight"></div>') == ["copybutton", "own"]
    assert left('<div id="search-results"></div>') == ["searchtools", "own"]


def test_a_font_keeps_what_is_shown(tmp_path):
    source = finish.package("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
    finish.write_font(source, tmp_path / "a.woff", set("τ⏟"), "woff")
    assert set(TTFont(tmp_path / "a.woff").getBestCmap()) == {ord("τ"), ord("⏟")}
    assert "MATH" in TTFont(tmp_path / "a.woff")
    assert (tmp_path / "a.woff").stat().st_size < source.stat().st_size / 20


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<th><p></p></th>", "<td><p></p></td>"),
        ('<a href="1.ipynb" target="_blank">1</a>', '<a download="" href="1.ipynb">1</a>'),
        ("<th>name</th>", "<th>name</th>"),
        (
            '<dt class="sig">f(<dl><dd>x</dd></dl>)</dt>',
            '<dt class="sig">f(<div class="sig-lines"><div>x</div></div>)</dt>',
        ),
        ('<i class="fas fa-file"></i>', '<i aria-hidden="true" class="fas fa-file"></i>'),
        (
            "<nav><li><a>Part</a><details><summary></summary></details></li></nav>",
            '<nav><li><a>Part</a><details><summary aria-label="Pages of: Part"></summary>'
            "</details></li></nav>",
        ),
    ],
)
def test_markup_is_mended_once(before, after):
    page = BeautifulSoup(before, "html.parser")
    for _ in range(2):
        accessible.mend(page)
        assert page == BeautifulSoup(after, "html.parser")


def drawn(tex: str, display: bool = False) -> str:
    return formulas.mathml(nodes.math("", tex), display)


def test_formulas():
    assert drawn(r"\tau") == "<math><mi>τ</mi></math>"
    assert 'display="block"' in drawn(r"\tau", display=True)
    rows = BeautifulSoup(drawn(r"\begin{aligned} a &= b \\ c &= d \end{aligned}"), "html.parser")
    assert [row.get_text() for row in rows("mtr")] == ["a=b", "c=d"]
    assert "𝑯" in drawn(r"\boldsymbol{H}")
    assert "<msup>" not in drawn("X'")
    assert '<mpadded height="0.7em"><mover' in drawn(r"\tilde{D}^{-1}")
    assert "mpadded" not in drawn(r"\tilde{D} x^{-1}")


def test_a_formula_that_cannot_be_made_is_a_warning(caplog):
    warned = []
    formulas.logger.warning, before = lambda *a, **k: warned.append(a), formulas.logger.warning
    try:
        assert drawn(r"\nosuch{<x>}") == r"<code>\nosuch{&lt;x&gt;}</code>"
    finally:
        formulas.logger.warning = before
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the τ of", ["the", "τ", "of", "tau"]),
        (r"\tau_l", ["_l", "τ", "tau"]),
        ("tau", ["tau", "τ"]),
        (r"\boldsymbol{z} / \Delta", ["z", "δ", "delta"]),
        ("𝜏", ["τ", "tau"]),
    ],
)
def test_words_of_the_search(text, words):
    assert sorted(greek.English({}).split(text)) == sorted(words)


def test_all_letters_have_a_name():
    assert len(greek.LETTERS) == 24
    assert greek.LETTERS["lambda"] == "λ"
