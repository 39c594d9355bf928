"""The playground in a browser, over http and from a file: every control, held to the engine."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fgnn_lite.book.playground import page as made
from fgnn_lite.book.playground import playground, presets

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"{html}><head><meta charset="utf-8"><title>t</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Playground</h1>{parts}</main></body></html>"""
SIDE = {**presets.SIDE, "depth": 2}
CLUB = {"right": {"learner": "bp", "depth": 2}, "left": {"depth": 2}}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Pages, and their addresses: `site("club", "http")`."""
    folder = tmp_path_factory.mktemp("site")
    parts = {
        "club": [playground("karate", **CLUB)],
        "heat": [playground(preset="Too hot")],
        "two": [playground("karate", **CLUB), playground("karate", left="bp", name="other")],
        "all": [playground(preset="all")],
        "still": [playground("karate", left={"depth": 1, "epochs": 1})],
    }
    for name, objects in parts.items():
        text = "".join(one.html for one in objects)
        (folder / f"{name}.html").write_text(PAGE.format(parts=text, html=""), encoding="utf8")
    with checks.server(folder) as base:
        yield lambda name, how: f"{base if how == 'http' else f'file://{folder}'}/{name}.html"


@pytest.fixture(scope="module")
def chromium():
    if checks.find_browser() is None and not checks.browser_required():
        pytest.skip("no browser is installed")
    with checks.chromium() as browser:
        yield browser


@pytest.fixture
def tab(chromium, site):
    """Open a page and wait for its playgrounds; nothing may go wrong on it."""
    contexts, watches = [], []

    def opened(name, how="http", hash="", **options):
        context = chromium.new_context(**{"viewport": checks.DESKTOP, **options})
        contexts.append(context)
        address = site(name, how)
        page, watch = checks.open_page(context, address.rpartition("/")[0], address + hash)
        watches.append(watch)
        checks.playgrounds_ready(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    for watch in watches:
        assert watch.problems() == []


def big(page):
    """The accuracies that the page says, in per cent."""
    return page.locator(".fp-side:not([hidden]) .fp-big").all_inner_texts()


def count(page):
    return int(page.locator(".fp-count").first.inner_text().split()[0])


ENGINE = """({ script, graph, sides, to, edits }) => {
    const { engineOf, hostOf } = new Function(script + '; return { engineOf, hostOf };')();
    const settings = sides.map(each => ({ ...each, patience: each.epochs, restore_best: false }));
    const host = hostOf()(engineOf());
    const { frame } = host.open({ spec: graph, settings, list: edits, to });
    return frame.sides.map(side => `${(100 * side.accuracy.test).toFixed(1)} %`);
}"""


def engine(page, to, edits=(), sides=(SIDE, {**SIDE, "learner": "bp"}), graph=None):
    """What the engine itself says after so many updates."""
    what = {"graph": graph or {"kind": "karate"}, "sides": list(sides), "edits": list(edits)}
    return page.evaluate(ENGINE, {"script": made.script(), "to": to, **what})


@pytest.mark.parametrize("how", ["http", "file"])
def test_it_trains_until_it_is_paused_and_says_what_the_engine_says(tab, how) -> None:
    page = tab("club", how)
    workers = page.workers
    assert len(workers) == 1  # from a file, too
    first = big(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "([a, b]) => [...document.querySelectorAll('.fp-big')].every((node, k) =>"
        " node.textContent !== [a, b][k])",
        arg=first,
    )
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    assert big(page) == engine(page, count(page)) != first


def test_no_task_of_the_page_is_long_while_it_trains(tab) -> None:
    page = tab("club")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(300)
    worst = [  # a machine that is busy with something else makes tasks long, but not always
        page.evaluate(
            """() => new Promise(done => {
                const long = [0];
                const watch = new PerformanceObserver(
                    list => long.push(...list.getEntries().map(entry => entry.duration)));
                watch.observe({ type: 'longtask' });
                setTimeout(() => done(Math.max(...long)), 600);
            })"""
        )
        for _ in range(3)
    ]
    assert count(page) > 10
    assert min(worst) <= 50


def test_one_update_one_layer_and_again(tab) -> None:
    page = tab("club")
    update, layer = (page.get_by_role("button", name=f"One {what}") for what in ("update", "layer"))
    update.click()
    page.wait_for_function("() => document.querySelector('.fp-count').textContent.startsWith('1 ')")
    assert big(page) == engine(page, 1)
    layer.click()
    page.wait_for_function("() => document.querySelector('.fp-count').textContent.includes('2 le')")
    assert count(page) == 101
    assert big(page) == engine(page, 101)
    page.get_by_role("button", name="Start again").click()
    page.wait_for_function("() => document.querySelector('.fp-count').textContent.startsWith('0 ')")
    assert big(page) == engine(page, 0)


def test_labels_and_edges_change_what_is_learned_and_the_address_brings_it_back(tab) -> None:
    page = tab("club")
    update = page.get_by_role("button", name="One update")
    page.get_by_role("button", name="node 33").first.click()
    page.wait_for_function("() => document.querySelector('.fp-messages li')")
    assert "17 neighbours" in page.locator(".fp-what").inner_text()
    label = page.get_by_label("Label", exact=True)
    label.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):  # past others, which are not given
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert label.input_value() == "0"
    assert page.locator(".fp-given").count() == 8
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.fp-given').length === 10")
    page.get_by_label("Edge to node").fill("9")
    page.get_by_role("button", name="Cut").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("() => /16 nei/.test(document.querySelector('.fp-what').textContent)")
    update.click()
    edits = [[0, "l", 33, 0], [0, "c", 33, 9]]
    page.wait_for_function("() => document.querySelector('.fp-count').textContent.startsWith('1 ')")
    assert big(page) == engine(page, 1, edits)
    label.select_option("-1")
    page.wait_for_function("() => document.querySelectorAll('.fp-given').length === 8")
    page.get_by_role("button", name="One layer").click()
    page.wait_for_function("() => document.querySelector('.fp-count').textContent.includes('2 le')")
    edits.append([1, "l", 33, -1])
    assert big(page) == engine(page, count(page), edits)
    page.wait_for_function("t => location.hash.includes(`t:${t}`)", arg=count(page))
    before = (big(page), count(page), page.locator(".fp-told").first.inner_text())
    page.reload()
    checks.playgrounds_ready(page)
    assert (big(page), count(page), page.locator(".fp-told").first.inner_text()) == before
    assert page.get_by_label("Node", exact=True).input_value() == "33"
    course = page.locator(".fp-course .fp-line").first.get_attribute("d")
    assert course.count("L") > 40  # all the way from the first update


def test_a_node_is_dragged_by_mouse_and_by_keys(tab) -> None:
    page = tab("club")
    node = page.get_by_role("button", name="node 16").first
    box = node.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 40, steps=4)
    page.mouse.up()
    moved = node.bounding_box()
    assert moved["x"] - box["x"] > 30
    assert page.locator(".fp-chosen").count() == 0  # a drag is no click
    page.mouse.move(moved["x"] + moved["width"] / 2, moved["y"] + moved["height"] / 2)
    assert re.fullmatch(
        r"node 16: \d, \d+\.\d %", page.locator(".fp-picture").first.get_attribute("title")
    )
    node.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert node.bounding_box()["x"] > moved["x"]
    picture = page.locator(".fp-picture svg").first.bounding_box()
    across = (box["x"] + 60 - picture["x"]) / picture["width"] + 1 / 50  # the drag, then the key
    page.wait_for_function(  # the address is written a moment later
        "x => Math.abs(Number(/m:16\\.(\\d+)\\./.exec(location.hash)?.[1]) - x) < 3",
        arg=1000 * across,
    )
    there = node.bounding_box()
    page.reload()
    checks.playgrounds_ready(page)
    assert node.bounding_box() == pytest.approx(there, abs=0.2)
    node.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") != "node 16"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.fp-chosen').length === 2")


def test_two_at_once_can_be_switched_off_and_on(tab) -> None:
    page = tab("club")
    page.locator("select[data-key=learner]").last.select_option("ff-vn")
    page.wait_for_function(
        "() => /^Training starts anew.*FF-VN/.test("
        "document.querySelector('[role=status]').innerText)"
    )
    page.get_by_role("checkbox", name="two at once").uncheck()
    page.wait_for_function("() => document.querySelectorAll('.fp-side[hidden]').length === 1")
    assert len(big(page)) == 1
    page.locator("select[data-key=depth]").first.select_option("5")
    page.wait_for_function("() => document.querySelectorAll('.fp-layers li').length >= 5")
    page.get_by_role("checkbox", name="two at once").check()
    page.wait_for_function("() => !document.querySelector('.fp-side[hidden]')")
    assert page.locator(".fp-method").all_inner_texts()[1].startswith("FF-VN")
    page.wait_for_function("() => location.hash.includes('l.depth:5')")


def test_an_experiment_asks_first_and_answers_at_its_end(tab) -> None:
    page = tab("heat")
    found = presets.preset("Too hot")
    assert page.locator(".fp-body-all .fp-question").inner_text() == found["question"]
    answer = page.locator(".fp-body-all .fp-answer")
    assert not answer.is_visible()
    page.get_by_role("slider", name="Speed").press("End")
    for _ in range(3):
        page.get_by_role("slider", name="Speed").press("ArrowRight")
    page.get_by_role("button", name="Play").click()
    answer.wait_for(state="visible")
    assert answer.inner_text() == f"What happened. {found['answer']}"
    page.get_by_text("Confusion matrix").click()
    page.wait_for_function("() => document.querySelectorAll('.fp-confusion td').length === 32")
    cells = [int(text) for text in page.locator(".fp-confusion td").all_inner_texts()]
    assert sum(cells[:16]) == sum(cells[16:]) == 96
    assert big(page)[0] == f"{100 * sum(cells[:16:5]) / 96:.1f} %"


def test_a_changed_experiment_is_the_readers_own_until_it_is_chosen_again(tab) -> None:
    page = tab("all")
    question, menu = (
        page.locator(".fp-body-all .fp-question"),
        page.get_by_label("Experiment", exact=True),
    )
    name, asked = menu.locator("option:checked").inner_text(), question.inner_text()
    assert asked == presets.preset(name)["question"]
    page.locator("select[data-key=learner]").first.select_option("local-heads")
    expect(question).to_have_text(f"Your own experiment, begun from “{name}”.")
    expect(menu.locator("option:checked")).to_have_text("your own")
    menu.select_option(name)
    expect(question).to_have_text(asked)
    assert menu.locator("option:checked").inner_text() == name
    page.get_by_label("Node", exact=True).fill("5")
    page.keyboard.press("Enter")
    page.get_by_label("Label", exact=True).select_option("3")
    expect(question).to_have_text(f"Your own experiment, begun from “{name}”.")
    expect(page.locator(".fgnn-play")).to_have_attribute("aria-label", question.inner_text())


def test_what_compares_has_no_threshold(tab) -> None:
    page = tab("all")
    page.get_by_label("Experiment", exact=True).select_option("Labels that travel")
    left, right = page.locator(".fp-foot").all()
    expect(left).to_contain_text("line: θ = 2.")
    expect(right).to_contain_text("Line: the margin")
    for summary in page.get_by_text("More settings").all():
        summary.click()
    for key, shown in (("theta", [True, False]), ("loss", [True, True])):
        fields = page.locator(f".fp-moreset [data-key={key}]").all()
        assert [field.is_visible() for field in fields] == shown
    page.get_by_role("button", name="One layer").click()
    lines = page.locator(".fp-layers").last.locator(".fp-margin")
    expect(lines.last).to_have_attribute("d", re.compile("^M"))


def test_a_variant_is_dotted_and_guessing_is_named(tab) -> None:
    page = tab("club")
    looks = page.locator(".fp-method").evaluate_all(
        "all => all.map(node => getComputedStyle(node, '::before').borderTopStyle)")  # fmt: skip
    assert looks == ["none", "none"]
    page.locator("select[data-key=learner]").last.select_option("local-heads")
    expect(page.locator(".fp-method").last).to_contain_text("local heads")
    page.get_by_role("button", name="One layer").click()
    line = page.locator(".fp-course .fp-b.fp-v")
    expect(line).to_have_attribute("d", re.compile("^M"))
    assert line.evaluate("node => getComputedStyle(node).strokeDasharray").count(",") == 3
    assert page.locator(".fp-method").last.evaluate(
        "node => getComputedStyle(node, '::before').borderTopStyle") == "dotted"  # fmt: skip
    assert "guessing gives 25.0 %" in page.locator(".fp-course figcaption").inner_text()


def test_all_experiments_are_offered_and_a_link_opens_one(tab) -> None:
    page = tab("all", hash="#playground=p:A%20stale%20signal;t:3")
    assert page.locator(".fp-count").inner_text().startswith("3 of 160 updates")
    menu = page.get_by_label("Experiment", exact=True)
    assert menu.locator("option:checked").inner_text() == "A stale signal"
    menu.select_option("No way back")
    page.wait_for_function(
        "() => document.querySelector('.fp-count').textContent.includes('of 200')"
    )
    page.get_by_label("Graph", exact=True).select_option("digits")
    page.wait_for_function("() => document.querySelectorAll('.fp-many').length === 2")
    page.get_by_label("Node", exact=True).fill("8")
    page.get_by_label("Node", exact=True).press("Enter")
    page.wait_for_selector(".fp-image svg")
    assert page.locator(".fp-image rect").count() == 64
    node = page.locator(".fp-picture").first.get_by_role("button")
    node.focus()
    assert node.get_attribute("aria-label").startswith("node 8: ")
    page.keyboard.press("ArrowRight")
    other = node.get_attribute("data-i")
    assert other != "8"
    page.keyboard.press("Enter")
    page.wait_for_function("i => document.querySelector('.fp-about input').value === i", arg=other)
    assert node.get_attribute("aria-pressed") == "true"


def test_a_graph_of_ones_own_is_pasted_or_refused_in_words(tab) -> None:
    page = tab("club")
    menu, area = page.get_by_label("Graph", exact=True), page.locator("textarea")
    use = page.get_by_role("button", name="Use this graph")
    menu.select_option("paste")
    area.fill("")
    area.evaluate(
        """(area, text) => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            const how = { clipboardData: data, cancelable: true };
            area.dispatchEvent(new ClipboardEvent('paste', how));
        }""",
        "\n".join(f"n{i} n{i + 1}" for i in range(10_000)),
    )
    use.click()
    page.wait_for_function(
        "() => /up to 600 nodes/.test(document.querySelector('dialog').innerText)"
    )
    area.fill(
        "<img/src=x/onerror=window.hit=1> b\n<img/src=x/onerror=window.hit=1>: <b>x</b>\nb: 2"
    )
    use.click()
    page.wait_for_function("() => document.querySelectorAll('.fp-side .fp-n').length > 4")
    page.get_by_role("button", name="node b").first.click()
    page.wait_for_function("() => document.querySelector('.fp-messages li')")
    page.get_by_label("Edge to node").fill("<img/src=x/onerror=window.hit=1>")
    page.get_by_role("button", name="Cut").click()  # the name that the page shows is enough
    page.wait_for_function("() => /0 nei/.test(document.querySelector('.fp-what').textContent)")
    page.get_by_label("Node", exact=True).fill("nobody")
    page.get_by_label("Node", exact=True).press("Enter")
    page.wait_for_function(
        "() => /there is no node nobody/.test(document.querySelector('.fp-wrong').innerText)"
    )
    assert page.evaluate("() => window.hit") is None
    assert page.locator("main img, main .fp-legend b").count() == 0
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l.depth:99", "depth must be a whole number from 1 to 16"),
        ("e:0l99.1", "there is no node 99"),
        ("m:38.500.500", "there is no node 38"),
        ("%%;<b>", "is broken"),
        ("g.kind:digits", 'this page has no graph "digits"'),
    ],
)
def test_a_broken_link_is_named_and_the_start_is_shown(tab, text, words) -> None:
    page = tab("club", hash=f"#karate={text}")
    assert words in page.locator(".fp-wrong").first.inner_text()
    assert big(page) == engine(page, 0)


def test_several_on_a_page_do_not_disturb_each_other(tab) -> None:
    page = tab("two", hash="#other=l.depth:3;t:2&karate=t:4")
    clocks = page.locator(".fp-count").all_inner_texts()
    assert [text.split()[0] for text in clocks] == ["4", "2"]
    page.get_by_role("button", name="One update").nth(1).click()
    page.wait_for_function("() => location.hash === '#karate=t:4&other=l.depth:3;t:3'")
    assert page.locator(".fp-count").first.inner_text() == clocks[0]


def test_the_python_and_the_links_can_be_copied(tab) -> None:
    page = tab("club", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Copy and share").click()
    page.get_by_role("button", name="Copy as Python").click()
    page.wait_for_selector(".fp-share pre")
    code = page.evaluate("() => navigator.clipboard.readText()")
    assert code.splitlines()[:3] == [
        "import fgnn_lite as fgnn",
        'data = fgnn.load_graph("karate")',
        'learner = fgnn.make_learner("sf", depth=2, hidden=32)',
    ]
    for name in ("memory", "graph"):
        page.get_by_label(name, exact=True).last.check()
    page.get_by_role("button", name="Copy for a class").click()
    page.wait_for_function("() => /hide/.test(document.querySelector('.fp-share pre').innerText)")
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    checks.playgrounds_ready(page)
    assert page.locator(".fp-bill").first.is_hidden()
    assert page.locator(".fp-graphset").is_hidden()
    assert page.locator(".fp-clock").is_visible()


def test_it_pauses_off_screen_and_moves_little_for_those_who_ask(tab) -> None:
    page = tab("club", reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    frames = page.evaluate(
        """() => new Promise(done => {
            let frames = 0;
            new MutationObserver(() => frames++).observe(
                document.querySelector('.fp-count'), { childList: true, subtree: true });
            setTimeout(() => done(frames), 2000);
        })"""
    )
    assert 2 <= frames <= 5
    page.evaluate("() => { document.body.style.paddingTop = '4000px'; scrollTo(0, 0); }")
    page.wait_for_timeout(900)
    before = count(page)
    page.wait_for_timeout(1300)
    assert count(page) == before
    page.evaluate("() => { document.body.style.paddingTop = ''; }")
    page.wait_for_function(
        "t => Number.parseInt(document.querySelector('.fp-count').innerText) > t", arg=before
    )


@pytest.mark.parametrize(("theme", "size"), [("light", "desk"), ("dark", "phone")])
def test_everybody_can_use_it(tab, theme, size) -> None:
    page = tab(
        "heat", color_scheme=theme, viewport=checks.PHONE if size == "phone" else checks.DESKTOP
    )
    page.get_by_role("button", name="One layer").click()
    page.get_by_label("Node", exact=True).fill("3")
    page.get_by_label("Node", exact=True).press("Enter")
    page.wait_for_selector(".fp-messages li")
    for part in page.locator("summary").all():
        part.click()
    page.wait_for_selector(".fp-confusion td")
    assert checks.axe_violations(page) == []
    assert checks.low_contrast(page) == []
    assert checks.overflow(page) == []
    page.reload()
    checks.playgrounds_ready(page)
    assert checks.unseen_focus(page) == []
    assert checks.tab_stops(page) > 15


def test_colours_of_the_system_and_paper(tab) -> None:
    page = tab("still", forced_colors="active")
    assert page.locator(".fp-play").is_visible()
    page.emulate_media(media="print", forced_colors="none")
    assert page.locator(".fp-still svg").is_visible()
    assert not page.locator(".fp-clock").is_visible()


def test_without_scripts_there_is_a_picture_and_a_sentence(chromium, site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site("heat", "http"))
    assert page.locator(".fp-still svg").is_visible()
    assert "needs scripts" in page.locator(".fp-off").inner_text()
    context.close()


CELL = """from fgnn_lite.book.playground import playground
playground("karate", left={"depth": 2}, right={"learner": "bp", "depth": 2})"""


def test_it_trains_in_jupyterlab(chromium, tmp_path) -> None:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [{**cell, "source": CELL, "outputs": []}]
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "play.ipynb").write_text(json.dumps(book))
    with checks.jupyterlab(tmp_path, {}) as lab, chromium.new_page() as page:
        page.goto(f"{lab}/lab/tree/play.ipynb")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=300_000)
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.keyboard.press("Shift+Enter")
        page.locator(".fgnn-play[data-live=ready]").wait_for(timeout=300_000)
        address, first = page.url, big(page)
        page.get_by_role("button", name="One layer").click()
        page.wait_for_function(
            "() => document.querySelector('.fp-count').textContent.startsWith('101 ')"
        )
        assert big(page) == engine(page, 101) != first
        page.locator("select[data-key=depth]").first.select_option("5")
        page.wait_for_function("() => document.querySelectorAll('.fp-layers li').length === 7")
        node = page.get_by_role("button", name="node 16").first
        node.focus()
        page.keyboard.press("Enter")  # the playground's, not JupyterLab's
        page.wait_for_function("() => document.querySelector('.fp-messages li')")
        assert page.locator(".jp-Cell").count() == 2
        assert page.url == address


def test_without_a_worker_it_trains_in_slices(chromium, site) -> None:
    context = chromium.new_context()
    context.add_init_script("delete window.Worker")
    page = context.new_page()
    page.goto(site("club", "http"))
    checks.playgrounds_ready(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "() => Number.parseInt(document.querySelector('.fp-count').innerText) > 20"
    )
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(200)
    assert big(page) == engine(page, count(page))
    context.close()
