"""The built book, page by page, in a headless browser with all other hosts blocked."""

from __future__ import annotations

import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks
import scripts
from test_reference import PUBLIC

import fgnn_lite as fgnn
from fgnn_lite.book.exercises import EXERCISES
from fgnn_lite.objectives import GOODNESS

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
PAGES = [str(page.relative_to(HTML)) for page in checks.pages_of(HTML)]
LIBRARY = [page for page in PAGES if page.startswith("book/api")]
NOTEBOOKS = [page for page in PAGES if page.startswith("notebooks/")]

pytestmark = pytest.mark.browser
address = scripts.load("tools/address")


def give_up(reason: str) -> None:
    """Fail where the browser tests must run, else skip."""
    (pytest.fail if checks.browser_required() else pytest.skip)(reason)


@pytest.fixture(scope="module")
def html() -> Path:
    if not (HTML / "index.html").is_file():
        give_up("the book is not built: run `make book` first")
    return HTML


@pytest.fixture(scope="module")
def http_base(html):
    with checks.server(html) as base:
        yield base


@pytest.fixture
def context(chromium):
    context = chromium.new_context(viewport=checks.DESKTOP, color_scheme="light")
    yield context
    context.close()


@pytest.fixture
def base(request, html, http_base) -> str:
    return html.as_uri() if request.param == "file" else http_base


both = pytest.mark.parametrize("base", ["file", "http"], indirect=True)


# --- the book --------------------------------------------------------------------------------


def test_the_book_has_pages(html):
    assert PAGES, "collected before the book was built: run again"
    assert {"index.html", "search.html", "genindex.html", "book/intro.html"} <= set(PAGES)
    sources = {p.stem for p in scripts.files("notebooks/*.ipynb")}
    assert {Path(page).stem for page in NOTEBOOKS} == sources


@pytest.mark.parametrize("name", PAGES)
def test_links_and_resources(html, name):
    assert checks.static_broken_links(html / name, html) == []
    assert checks.static_foreign_resources(html / name) == []


@pytest.mark.parametrize("name", PAGES)
def test_page(context, http_base, name):
    page, watch = checks.open_page(context, http_base, f"{http_base}/{name}")
    assert checks.inspect(page, watch, axe=True) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_from_disk(context, html, name):
    """It is the same page: what may differ is what is loaded and what scripts may do."""
    page, watch = checks.open_page(context, html.as_uri(), f"{html.as_uri()}/{name}")
    assert checks.inspect(page, watch, checks.LOOKS[-1:]) == []


def test_theme_of_the_reader_is_kept(context, http_base):
    context.add_init_script("localStorage.setItem('mode', 'dark')")
    context.add_init_script("localStorage.setItem('theme', 'dark')")
    page, watch = checks.open_page(context, http_base, f"{http_base}/book/intro.html")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert checks.low_contrast(page) == []
    assert watch.problems() == []


def test_theme_button(context, http_base):
    page, _ = checks.open_page(context, http_base, f"{http_base}/book/intro.html")
    themes = set()
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        themes.add(page.evaluate("() => document.documentElement.dataset.theme"))
    assert themes == {"light", "dark"}


@both
def test_search(context, base):
    page, watch = checks.open_page(context, base, f"{base}/search.html")
    found = checks.search_results(page, "temperature")
    assert any("Notation" in title for title in found), found
    assert checks.search_results(page, "zyzzyva") == []
    assert watch.problems() == []


@pytest.mark.parametrize("word", ["τ", "tau", "Δ"])
def test_search_for_a_greek_letter(context, http_base, word):
    page, _ = checks.open_page(context, http_base, f"{http_base}/search.html")
    found = checks.search_results(page, word)
    assert any("Notation" in title for title in found), found
    excerpts = page.locator("#search-results li p.context")
    excerpts.nth(len(found) - 1).wait_for()
    text = " ".join(excerpts.all_inner_texts())
    assert not re.search(r"\\[(\[a-zA-Z]", text), text
    if len(word) == 1:
        assert word in text


@both
def test_formulas_are_drawn_in_the_font_of_the_book(context, base):
    page, _ = checks.open_page(context, base, f"{base}/book/notation.html")
    assert page.locator("math").count() > 20
    assert page.locator("math", has_text="𝑯").count() > 0
    assert page.evaluate("() => [...document.fonts].filter(f => f.status === 'loaded')"
                         ".map(f => f.family)").count("Formulas") == 1  # fmt: skip
    assert page.evaluate("() => getComputedStyle(document.querySelector('math')).fontFamily"
                         ).startswith("Formulas")  # fmt: skip


# --- for everyone ----------------------------------------------------------------------------


IDLE = """() => [...document.querySelectorAll('article :is(.highlight pre, .math)')].filter(box =>
    box.tabIndex === 0 && box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight
).map(box => box.innerText)"""


@pytest.mark.parametrize("chapter", ["05_label_appending", "06_virtual_nodes"])
def test_what_scrolls_is_a_tab_stop_at_once(chromium, http_base, chapter):
    """Also what is unfolded: of that the theme asks nothing; and after each change of the width."""
    context = chromium.new_context(viewport=checks.PHONE)
    address = f"{http_base}/notebooks/{chapter}.html"
    page, _ = checks.open_page(context, http_base, address)
    checks.unfold(page)
    counts = []
    for size in (checks.PHONE, checks.DESKTOP, checks.PHONE):
        checks.resize(page, size)
        counts.append(len(checks.scrolling(page)))
        assert checks.out_of_reach(page) == page.evaluate(IDLE) == []
    assert counts[0] == counts[2] > counts[1]
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["book/notation.html", "notebooks/01_backprop_memory.html"])
def test_keyboard_focus_is_seen_on_every_control(context, http_base, name, theme):
    page, _ = checks.open_page(context, http_base, f"{http_base}/{name}")
    checks.set_theme(page, theme)
    assert checks.unseen_focus(page) == []
    assert checks.tab_stops(page) > 30
    assert page.evaluate("() => ![...window.visited].some(node => node.closest('.math'))")


@pytest.mark.parametrize("name", ["notebooks/01_backprop_memory.html"])
def test_keyboard_focus_changes_pixels(context, http_base, name):
    """Nothing covers the outline or cuts it off, on the theme's own controls."""
    page, _ = checks.open_page(context, http_base, f"{http_base}/{name}")
    page.keyboard.press("Tab")  # from here on focus is that of a keyboard
    for control in page.locator("button:visible, .bd-sidebar-primary a:visible").all():
        box = control.bounding_box()
        if box["y"] + box["height"] + 6 > checks.DESKTOP["height"]:
            continue
        clip = {"x": max(box["x"] - 6, 0), "y": max(box["y"] - 6, 0),
                "width": box["width"] + 12, "height": box["height"] + 12}  # fmt: skip
        without = page.screenshot(clip=clip)
        control.focus()
        checks.painted(page)
        assert page.screenshot(clip=clip) != without, control.evaluate("node => node.outerHTML")
        control.blur()


# --- what a page weighs ----------------------------------------------------------------------


def test_pages_are_light(chromium, html, http_base):
    """Uncompressed bytes and requests; `benchmarks/page_weight.py` measures time as well."""
    weigh = scripts.benchmark("page_weight").weigh
    landing = weigh(chromium, http_base, "book/intro.html", checks.DESKTOP)
    assert landing["bytes"] < 300_000 + 120_000  # the second is the playground
    assert landing["requests"] <= 20
    for name in NOTEBOOKS:
        chapter = weigh(chromium, http_base, name, checks.DESKTOP)
        assert chapter["bytes"] < 1_000_000, name
        assert "other" not in chapter, name


def test_every_character_of_a_formula_is_in_the_font(html):
    font = TTFont(html / "_static" / "fonts" / "formulas.woff")
    missing = {
        letter
        for page in PAGES
        for math in checks.parse(html / page).find_all("math")
        for letter in math.get_text()
        if ord(letter) not in font.getBestCmap() and not letter.isspace()
    }
    assert missing <= {"\u2061", "\ufe00"}  # "of", and which of two forms: read and not seen
    assert ord("𝜏") in font.getBestCmap()  # what a browser makes of τ
    assert ord("√") in font.getBestCmap()  # a browser draws it for <msqrt>


@both
def test_a_formula_of_its_own_stands_in_the_middle_or_begins_at_the_left(context, base):
    """On a phone one that is too wide shows its beginning."""
    for width in (1280, 390):
        page = context.new_page()
        checks.resize(page, {"width": width, "height": 800})
        page.goto(f"{base}/notebooks/05_label_appending.html")
        places = page.evaluate(
            """() => [...document.querySelectorAll("article div.math")].map(box => {
                const [outer, inner] = [box, box.querySelector("math")].map(
                    node => node.getBoundingClientRect());
                const all = document.createRange();
                all.selectNodeContents(box.querySelector("math"));
                const drawn = all.getBoundingClientRect();
                return [drawn.left - outer.left, outer.right - drawn.right];
            })"""
        )
        assert places
        for left, right in places:
            assert left >= -1
            assert right < 0 or abs(left - right) < 12
        page.close()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_colab_link(html, name):
    home = address.read_address()
    expected = {address.colab_link(home, Path(name).stem + ".ipynb")} if home else set()
    links = {
        tag["href"]
        for tag in checks.parse(html / name).find_all("a", href=True)
        if "colab.research.google.com" in tag["href"]
    }
    assert links == expected


def test_every_page_leads_to_the_repository_or_none_does(html):
    """Its buttons, and whatever else is a link."""
    home = address.read_address()
    for page in checks.pages_of(html):
        links = {tag["href"] for tag in checks.parse(page).find_all("a", href=True)}
        led = {link for link in links if re.search(r"github\.com|google\.com/github/", link)}
        if not home:
            assert led == set(), page
        elif page.parent != html:  # not the search page, nor the index
            assert {home, f"{home}/issues/new"} <= {link.partition("?")[0] for link in led}, page
    sources = [checks.parse(html / page).select(".viewcode-link") for page in LIBRARY]
    assert bool(sum(map(len, sources))) == bool(home)


def test_the_book_brings_the_library(html):
    (wheel,) = html.glob("*.whl")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    assert wheel.name == f"fgnn_lite-{project['version']}-py3-none-any.whl"
    links = checks.parse(html / "book/how_to_use.html").select("a[download]")
    assert {link["href"] for link in links} == {f"../{wheel.name}"}
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    own = [*scripts.files("fgnn_lite/**/*.py"), *scripts.files("fgnn_lite/**/*.js")]
    assert {path.relative_to(ROOT).as_posix() for path in own} <= names
    for path in scripts.files("results/*.json"):
        assert f"fgnn_lite/_results/{path.name}" in names


# --- the pages around the chapters -----------------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_is_on_a_page_of_the_library(html, name):
    assert sum(name in checks.targets_of(html / page) for page in LIBRARY) == 1


def test_values_of_the_library_are_all_listed(html):
    for names, where in ((fgnn.GRAPHS, "GRAPHS"), (fgnn.LEARNERS, "LEARNERS"),
                         (fgnn.LINK_LEARNERS, "LINK_LEARNERS"), (fgnn.BACKBONES, "BACKBONES"),
                         (fgnn.GRAPH_SETS, "GRAPH_SETS"), (fgnn.GRAPH_LEARNERS, "GRAPH_LEARNERS"),
                         (fgnn.CLUSTER_LEARNERS, "CLUSTER_LEARNERS"),
                         (GOODNESS, "objectives.GOODNESS")):  # fmt: skip
        pages = [checks.parse(html / page) for page in LIBRARY]
        (entry,) = [e for page in pages for e in page.find_all(id=f"fgnn_lite.{where}")]
        listed = re.findall(r'"([\w-]+)"', entry.find_next_sibling("dd").get_text())
        assert listed == list(names)


def test_no_docstring_shows_its_markup(html):
    for page in LIBRARY:
        article = checks.parse(html / page).find("article")
        assert not article.find_all(class_="problematic")
        assert not re.search(r"``|:py:|:cite:|\bArgs:", article.get_text())


@pytest.mark.parametrize("name", LIBRARY)
def test_pages_of_the_library_are_light(html, name):
    assert (html / name).stat().st_size < 250_000


def test_exercises_are_listed_and_led_to(html):
    page = checks.parse(html / "book" / "solutions.html")
    terms = page.select("dl.exercises > dt")
    assert [term.find("code").get_text() for term in terms] == list(EXERCISES)
    for term in terms:
        name, (chapter, place) = term.find("code").get_text(), term.find("a")["href"].split("#")
        section = checks.parse((html / "book" / chapter).resolve()).find(id=place)
        assert name in section.get_text()
        assert section.find("details").find("summary").get_text() == "Solution"
        (listed,) = term.find_next_sibling("dd").find_all("p")
        assert listed.get_text() == section.find("p").get_text()  # all that asks


# --- the checks themselves: each must see its defect ------------------------------------------


PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf8">
<meta name="viewport" content="width=device-width"><title>t</title>
<style>body {{ color: #222; background: #fff }} {style}</style>{head}</head>
<body><article id="top"><p>Some text.</p>{body}</article></body></html>"""
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def write(folder: Path, body: str = "", head: str = "", style: str = "") -> Path:
    path = folder / "page.html"
    path.write_text(PAGE.format(body=body, head=head, style=style), encoding="utf8")
    return path


@pytest.mark.parametrize(
    ("body", "defects"),
    [
        ('<a href="#top">a</a> <a href="page.html#top">b</a> <a href="https://x.org/">c</a>', 0),
        ('<a href="gone.html">a</a>', 1),
        ('<a href="#gone">a</a>', 1),
        ('<a href="page.html#gone">a</a> <a href="../page.html">b</a>', 2),
    ],
)
def test_link_check(tmp_path, body, defects):
    assert len(checks.static_broken_links(write(tmp_path, body), tmp_path)) == defects


@pytest.mark.parametrize(
    ("head", "defects"),
    [
        ('<link rel="canonical" href="https://x.org/"><script src="a.js"></script>', 0),
        ('<link rel="preconnect" href="https://x.org/">', 1),
        ('<script src="https://x.org/a.js"></script><img src="//x.org/a.png">', 2),
    ],
)
def test_foreign_resource_check(tmp_path, head, defects):
    assert len(checks.static_foreign_resources(write(tmp_path, head=head))) == defects


def look(context, path: Path):
    base = path.parent.as_uri()
    return checks.open_page(context, base, f"{base}/{path.name}")


def test_checks_pass_a_sound_page(context, tmp_path):
    body = f'<img src="{PIXEL}" alt="A white dot."><p>It costs $5.</p><pre>$x$ \\(y\\)</pre>'
    path = write(tmp_path, body, style="@media (prefers-color-scheme: dark) {}")
    page, watch = look(context, path)
    assert watch.problems() == []
    for check in (
        checks.unrendered_maths,
        checks.broken_images,
        checks.missing_alt,
        checks.overflow,
        checks.cut_off,
        checks.low_contrast,
    ):
        assert check(page) == [], check.__name__


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://example.org/a.png" alt="elsewhere">',
        "<script>fetch('https://example.org/data.json').catch(() => null)</script>",
        "<style>@import url('https://example.org/a.css');</style>",
    ],
)
def test_foreign_request_is_seen(context, tmp_path, body):
    _, watch = look(context, write(tmp_path, body))
    assert any("example.org" in url for url in watch.foreign)


@pytest.mark.parametrize("body", ["console.error('bad')", "nothing.here()", "const a=1; const a=2"])
def test_console_error_is_seen(context, tmp_path, body):
    _, watch = look(context, write(tmp_path, f"<script>{body}</script>"))
    assert watch.console


def test_missing_file_is_seen(context, tmp_path):
    path = write(tmp_path, head='<script src="gone.js"></script>')
    assert look(context, path)[1].failed
    with checks.server(tmp_path) as base:
        assert checks.open_page(context, base, f"{base}/page.html")[1].failed


@pytest.mark.parametrize(
    "body",
    [
        "<p>so $x^2$ it is</p>",
        r"<p>so \(x\) it is</p>",
        r'<div class="math">\[x\]</div>',
        '<span class="math">x</span>',
        '<span class="math"><math><merror><mi>x</mi></merror></math></span>',
        '<span class="math"><math></math></span>',
    ],
)
def test_raw_maths_is_seen(context, tmp_path, body):
    assert checks.unrendered_maths(look(context, write(tmp_path, body))[0])


def test_broken_image_is_seen(context, tmp_path):
    page, _ = look(context, write(tmp_path, '<img src="gone.png" alt="A figure." loading="lazy">'))
    assert checks.broken_images(page)


@pytest.mark.parametrize("alt", ["", 'alt=""', 'alt="../_images/0af1.png"'])
def test_missing_alt_is_seen(context, tmp_path, alt):
    page, _ = look(context, write(tmp_path, f'<img src="{PIXEL}" {alt}>'))
    assert checks.missing_alt(page)


@pytest.mark.parametrize(
    ("box", "seen"),
    [
        ('<div style="{}"><p style="width: 900px">wide</p></div>', True),
        ('<div style="{}"><p style="width: 9px">narrow</p></div>', False),
        ('<div style="{}" tabindex="0"><p style="width: 900px">wide</p></div>', False),
        ('<div style="{}"><p style="width: 900px"><a href="#top">wide</a></p></div>', False),
        ('<details><summary>fold</summary><div style="{}"><p style="width: 900px">wide</p></div>'
         "</details>", True),
    ],
)  # fmt: skip
def test_what_scrolls_out_of_reach_is_seen(context, tmp_path, box, seen):
    page, watch = look(context, write(tmp_path, box.format("overflow: auto; width: 300px")))
    found = [problem for problem in checks.inspect(page, watch) if "out of reach" in problem]
    assert bool(found) is seen


@pytest.mark.parametrize(
    ("body", "held"),
    [
        ('<div style="width: 900px">wide</div>', False),
        ('<section style="overflow: hidden"><div style="width: 900px">cut</div></section>', False),
        ('<section style="overflow: auto"><div style="width: 900px">held</div></section>', True),
    ],
)
def test_overflow_is_seen(context, tmp_path, body, held):
    page, _ = look(context, write(tmp_path, body))
    checks.resize(page, checks.PHONE)
    assert (checks.overflow(page) == []) is held


CELL = '<div class="cell_output"><pre style="overflow: auto; white-space: {}">{}</pre></div>'
TABLE = (
    '<div style="overflow: auto"><table><tr><td style="white-space: {}">{}</td></tr></table></div>'
)


@pytest.mark.parametrize("body", [CELL, TABLE])
def test_what_must_be_scrolled_at_a_desk_is_seen(context, tmp_path, body):
    """It overflows its own box only, so that the page as a whole is no wider than the screen."""
    words = "word " * 200
    page, watch = look(context, write(tmp_path, body.format("pre", words)))
    assert len(checks.cut_off(page)) == 1
    assert any("cut off" in problem for problem in checks.inspect(page, watch))
    page, _ = look(context, write(tmp_path, body.format("pre-wrap", words)))
    assert checks.cut_off(page) == []
    folded = f"<details open>{TABLE.format('pre', words)}</details>"
    page, _ = look(context, write(tmp_path, folded))
    assert checks.cut_off(page) == []


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color: #999">pale</p>',
        '<p style="color: rgb(0 0 0 / 40%)">thin</p>',
        '<div style="background: #111"><p>dark on dark</p></div>',
    ],
)
def test_low_contrast_is_seen(context, tmp_path, body):
    assert checks.low_contrast(look(context, write(tmp_path, body))[0])


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<button type="button"></button>', "button-name"),
        ("<dl><dd>alone</dd></dl>", "definition-list"),
        ('<button type="button" aria-label="Other">Search</button>', "label-content-name-mismatch"),
        ("<p>one</p><p>two</p><p style='color: #aaa'>three</p>", "color-contrast"),
        ("<p style='color: #aaa' hidden>one</p><p style='color: #aaa'>two</p>", "color-contrast"),
    ],
)
def test_axe_finds_a_defect(context, tmp_path, body, rule):
    page, _ = look(context, write(tmp_path, body))
    assert rule in {found.split(":")[0] for found in checks.axe_violations(page)}


@pytest.mark.parametrize(
    ("style", "seen"),
    [
        ("", True),
        ("button:focus { outline: none }", False),
        ("button:focus { outline: 1px solid red }", False),
        ("button:focus { outline: 3px solid transparent }", False),
    ],
)
def test_unseen_focus_is_seen(context, tmp_path, style, seen):
    style = f":focus {{ outline: 3px solid blue }} {style}"
    body = '<a href="#top">link</a> <button type="button">press</button>'
    page, _ = look(context, write(tmp_path, body, style=style))
    assert (checks.unseen_focus(page) == []) is seen
    assert checks.tab_stops(page) == 2


def test_stuck_theme_is_seen(context, tmp_path):
    page, watch = look(context, write(tmp_path))
    assert any("dark, theme" in problem for problem in checks.inspect(page, watch))
