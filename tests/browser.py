"""Checks of built pages, as plain functions that return the defects they find.

`static_*` read the HTML; the others look at a page that is open in a headless Chromium.
`test_book.py` runs them over the book, and over broken pages that each of them must refuse.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup
from patience import patience
from playwright.sync_api import expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without the last two each window makes two more pages, for a list of addresses that nobody sees:
# half of the processor's time. The others are Playwright's own, which this switch would replace.
SWITCHED_OFF = """AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose
    HttpsUpgrades HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter PaintHolding AimEnabled
    ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect NetworkTimeServiceQuerying
    OptimizationHints PreconnectToSearch WebUIOmniboxPopup WebUIOmniboxAimPopup"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    f"--disable-features={','.join(SWITCHED_OFF.split())}",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LIMIT = 1000 * patience(15)  # milliseconds that one step in a browser may take
expect.set_options(timeout=LIMIT)


def find_browser() -> str | None:
    """Return the path of an installed browser."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def browser_required() -> bool:
    """Say whether a missing browser is a failure, as it is in CI, or a reason to skip."""
    return os.environ.get("FGNN_LITE_REQUIRE_BROWSER") == "1"


@contextlib.contextmanager
def jupyterlab(root: Path, settings: dict[str, Any]) -> Iterator[str]:
    """Run a JupyterLab over a folder, with settings of its extensions by path; give its address."""
    for name, values in settings.items():
        path = root / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    variables = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(root / "config"),
        "IPYTHONDIR": str(root / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    command += [f"--notebook-dir={root}", "--IdentityProvider.token=", "--ip=127.0.0.1"]
    path = root / "log"
    with path.open("w") as log:
        environment = {**os.environ, **variables}
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + patience(10)
            while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/lab", path.read_text())):
                assert process.poll() is None, path.read_text()
                assert time.monotonic() < deadline, path.read_text()
                time.sleep(0.2)
            yield found.group(1)
        finally:
            process.terminate()
            process.wait(patience(5))


# --- pages on disk ---------------------------------------------------------------------------


def pages_of(root: Path) -> list[Path]:
    """Return every page of a built book: not the theme's fragments, nor slides, nor worksheets."""
    other = {"_static", "slides", "worksheets"}
    return sorted(p for p in root.rglob("*.html") if not other & {*p.relative_to(root).parts})


@functools.lru_cache(maxsize=256)
def parse(path: Path) -> BeautifulSoup:
    """Parse a page, once."""
    return BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")


@functools.lru_cache(maxsize=256)
def targets_of(path: Path) -> frozenset[str]:
    """Return all fragments that a page can be entered at."""
    soup = parse(path)
    names = {tag["id"] for tag in soup.find_all(id=True)}
    return frozenset(names | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})})


def static_broken_links(page: Path, root: Path) -> list[str]:
    """Return the internal links of a page that lead nowhere, fragments included."""
    broken = []
    for tag in parse(page).find_all(["a", "link"], href=True):
        href = tag["href"]
        path, fragment = urldefrag(href)
        if urlsplit(href).scheme or href.startswith("//") or href == "#":
            continue
        path = unquote(path.split("?")[0])
        target = (page.parent / path).resolve() if path else page.resolve()
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file():
            broken.append(f"{href}: no such file")
        elif not target.is_relative_to(root.resolve()):
            broken.append(f"{href}: outside the book")
        elif fragment and target.suffix == ".html" and unquote(fragment) not in targets_of(target):
            broken.append(f"{href}: no such place in {target.name}")
    for tag in parse(page).find_all("meta", attrs={"http-equiv": "Refresh"}):
        path = tag["content"].split("url=")[-1]
        if not (page.parent / path).is_file():
            broken.append(f"{path}: redirect to no file")
    return broken


def static_foreign_resources(page: Path) -> list[str]:
    """Return what a page would load, or prepare to load, from another host."""
    found = []
    loading = {"stylesheet", "preconnect", "dns-prefetch", "preload", "modulepreload", "icon"}
    for tag in parse(page).find_all(True):
        addresses = [tag.get("src"), tag.get("srcset"), tag.get("poster"), tag.get("data")]
        if tag.name == "link" and loading & set(tag.get("rel") or []):
            addresses.append(tag.get("href"))
        found += [
            f"<{tag.name}> {address}"
            for address in addresses
            if address and address.strip().startswith(("http:", "https:", "//"))
        ]
    return found


# --- pages in a browser ----------------------------------------------------------------------


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser, and end it."""
    with sync_playwright() as playwright:
        options = {"executable_path": find_browser(), "args": ARGUMENTS, "timeout": LIMIT}
        browser = playwright.chromium.launch(**options)
        browser.on("context", lambda context: context.set_default_timeout(LIMIT))
        try:
            yield browser
        finally:
            browser.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def server(root: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine; give its address."""
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_address[1]}"
        finally:
            httpd.shutdown()
            thread.join()


@dataclass
class Watch:
    """What went wrong on a page while it was open."""

    foreign: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Return all of it, each with its kind."""
        kinds = {"asks another host": self.foreign, "console": self.console, "load": self.failed}
        return [f"{kind}: {text}" for kind, texts in kinds.items() for text in texts]


def open_page(context: Any, base: str, address: str) -> tuple[Any, Watch]:
    """Open a page with all hosts but `base` blocked, wait until it is done; give page and watch."""
    page, watch = context.new_page(), Watch()

    def guard(route: Any) -> None:
        url = route.request.url
        if url.startswith((base, "data:", "blob:")):
            route.continue_()
        else:
            watch.foreign.append(url)
            route.abort()

    def missing(response: Any) -> None:
        if response.status >= 400:
            watch.failed.append(f"{response.status} {response.url}")

    page.route("**/*", guard)
    page.on("console", lambda m: m.type == "error" and watch.console.append(m.text))
    page.on("pageerror", lambda e: watch.console.append(str(e)))
    page.on("requestfailed", lambda r: watch.failed.append(r.url))
    page.on("response", missing)
    page.goto(address, wait_until="load")
    # A page that sends the reader on is not the one to look at: wait for the other.
    page.wait_for_function(
        """() => document.readyState === 'complete' && document.body
            && !document.querySelector('meta[http-equiv=Refresh i]')"""
    )
    settle(page)
    return page, watch


def settle(page: Any) -> None:
    """Wait for fonts and images; go on without them if they do not come."""
    page.evaluate(
        """async limit => {
            const late = new Promise(done => setTimeout(done, limit));
            const images = [...document.images].map(image => {
                image.loading = 'eager';
                return image.decode().catch(() => null);
            });
            await Promise.race([Promise.all([...images, document.fonts.ready]), late]);
        }""",
        LIMIT,
    )


def playgrounds_ready(page: Any) -> None:
    """Wait until every playground of a page has its controls."""
    page.wait_for_function("() => !document.querySelector('.fgnn-play:not([data-live=ready])')")


def painted(page: Any) -> None:
    """Wait until what a page's own scripts make of a change, of sizes or of a theme, is drawn."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def resize(page: Any, size: dict[str, int]) -> None:
    """Give the window another size, and wait until the page has followed."""
    page.set_viewport_size(size)
    page.wait_for_function("size => innerWidth === size.width", arg=size)
    painted(page)


def emulate(page: Any, **media: str) -> None:
    """Let the system, or a printer, ask for another look, and wait until the page has followed."""
    page.emulate_media(**media)
    painted(page)


BODY = "document.querySelector('article') || document.querySelector('main') || document.body"


def unrendered_maths(page: Any) -> list[str]:
    """Return formulas that stand on the page as TeX, and what is no MathML that can be drawn."""
    return page.evaluate(
        """() => {
            const found = [], body = BODY;
            const skip = 'pre, code, script, style, textarea, noscript, svg, kbd';
            const raw = /\\$\\$|\\$[^$\\n]{1,200}\\$|\\\\\\(|\\\\\\[|\\\\begin\\{/;
            const walk = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const node = walk.currentNode;
                if (node.parentElement.closest(skip)) continue;
                if (raw.test(node.data)) found.push('raw: ' + node.data.trim().slice(0, 80));
            }
            for (const node of body.querySelectorAll('.math'))
                if (!node.querySelector('math'))
                    found.push('no formula in: ' + node.textContent.trim().slice(0, 80));
            for (const node of document.querySelectorAll('math')) {
                const box = node.getBoundingClientRect();
                const seen = node.checkVisibility() && !node.closest('details:not([open])');
                if (node.querySelector('merror, parsererror') || seen && !(box.width && box.height))
                    found.push('error: ' + node.textContent.trim().slice(0, 80));
            }
            return found;
        }""".replace("BODY", BODY)
    )


def broken_images(page: Any) -> list[str]:
    """Return the images that did not load."""
    return page.evaluate(
        "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    )


def missing_alt(page: Any) -> list[str]:
    """Return the article's images without alt text; a file name is none."""
    return page.evaluate(
        """() => [...(BODY).querySelectorAll('img')].filter(image => {
            const alt = (image.getAttribute('alt') || '').trim();
            return alt.length < 5 || /^\\S+\\.(png|svg|jpe?g|gif|webp)$/i.test(alt);
        }).map(image => image.getAttribute('src').slice(-60))""".replace("BODY", BODY)
    )


def overflow(page: Any) -> list[str]:
    """Return what makes the page scroll sideways, or what is cut off at its edge."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth, found = [], body = BODY;
            const total = document.documentElement.scrollWidth;
            if (total > width + 1) found.push(`the page is ${total} wide on a screen of ${width}`);
            const held = node => {
                for (let up = node.parentElement; up && up !== document.body; up = up.parentElement)
                    if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
                return false;
            };
            for (const node of body.querySelectorAll('*')) {
                if (node.closest('.visually-hidden, .sr-only, svg *')) continue;
                const box = node.getBoundingClientRect();
                if (!box.width || !box.height || box.right <= width + 1) continue;
                if (getComputedStyle(node).visibility === 'hidden' || held(node)) continue;
                const kind = `<${node.localName} class="${node.getAttribute('class') || ''}">`;
                found.push(`${kind} ends at ${Math.round(box.right)}`);
            }
            return found.slice(0, 5);
        }""".replace("BODY", BODY)
    )


def scrolling(page: Any, whose: str = "*") -> list[str]:
    """Return what scrolls by itself, in the article."""
    return page.evaluate(
        """whose => [...(BODY).querySelectorAll(whose)].filter(box => {
            const { overflowX, overflowY } = getComputedStyle(box);
            return /auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth
                || /auto|scroll/.test(overflowY) && box.scrollHeight > box.clientHeight;
        }).map(box => `<${box.localName} class="${box.className}"> ${box.innerText.slice(0, 40)}`)
        """.replace("BODY", BODY),
        whose,
    )


STOP = ':is([tabindex="0"], a[href], button, input, select, textarea, summary)'


def out_of_reach(page: Any) -> list[str]:
    """Return what scrolls, and can be scrolled by no key: neither it nor a part is a tab stop."""
    return scrolling(page, f"*:not({STOP}, :has({STOP}))")


def unfold(page: Any) -> None:
    """Open all that is folded."""
    page.evaluate("() => document.querySelectorAll('details').forEach(part => part.open = true)")
    painted(page)


def cut_off(page: Any) -> list[str]:
    """Return tables and printed text that are wider than their place: they would have to scroll."""
    return page.evaluate(
        """() => {
            const found = [], body = BODY;
            const said = node => node.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40);
            for (const table of body.querySelectorAll('table:not(details table)')) {
                const [own, place] = [table.offsetWidth, table.parentElement.clientWidth];
                if (own > place + 2) found.push(`table of ${own} in ${place}: ${said(table)}`);
            }
            for (const text of body.querySelectorAll('.cell_output pre')) {
                const [own, place] = [text.scrollWidth, text.clientWidth];
                if (own > place + 2) found.push(`text of ${own} in ${place}: ${said(text)}`);
            }
            return found;
        }""".replace("BODY", BODY)
    )


def low_contrast(page: Any, least: float = 4.5) -> list[str]:
    """Return text of the article and the side bar whose contrast with its ground is too low."""
    return page.evaluate(
        """least => {
            const canvas = document.createElement('canvas').getContext('2d', {
                willReadFrequently: true });
            const cache = new Map();
            const rgba = colour => {
                if (!cache.has(colour)) {
                    canvas.clearRect(0, 0, 1, 1);
                    canvas.fillStyle = colour;
                    canvas.fillRect(0, 0, 1, 1);
                    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
                    cache.set(colour, [r, g, b, a / 255]);
                }
                return cache.get(colour);
            };
            const over = (top, under) => top.slice(0, 3).map((v, i) =>
                v * top[3] + under[i] * (1 - top[3])).concat(1);
            const ground = node => {
                const stack = [];
                for (let up = node; up; up = up.parentElement)
                    stack.push(rgba(getComputedStyle(up).backgroundColor));
                return stack.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
            };
            const light = colour => {
                const [r, g, b] = colour.slice(0, 3).map(v => {
                    v /= 255;
                    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const found = new Set();
            const parts = document.querySelectorAll('article, .bd-sidebar-primary nav');
            for (const part of parts.length ? parts : [document.body]) {
                const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
                while (walk.nextNode()) {
                    const node = walk.currentNode.parentElement;
                    if (!walk.currentNode.data.trim()) continue;
                    if (node.closest('svg, script, style, noscript, .headerlink'))
                        continue;
                    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
                        continue;
                    const under = ground(node);
                    const text = over(rgba(getComputedStyle(node).color), under);
                    const [a, b] = [light(text), light(under)];
                    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                    if (ratio < least)
                        found.add(`${ratio.toFixed(2)} <${node.localName} class="`
                                  + `${node.className}"> ${text} on ${under} "`
                                  + walk.currentNode.data.trim().slice(0, 30) + '"');
                }
            }
            return [...found].slice(0, 8);
        }""",
        least,
    )


# Nine tenths of the time go into one rule, on contrast: it looks at one text of each kind, that is,
# of the same tags, classes and colours all the way up.
AXE = """async () => {
    const ids = new Map(), kinds = new Map([[null, -1]]), seen = new Set();
    const kindOf = node => {
        if (!kinds.has(node)) {
            const { color, backgroundColor } = getComputedStyle(node);
            const own = [node.localName, node.getAttribute('class'), color, backgroundColor];
            const kind = [kindOf(node.parentElement), ...own].join(' ');
            if (!ids.has(kind)) ids.set(kind, ids.size);
            kinds.set(node, ids.get(kind));
        }
        return kinds.get(node);
    };
    for (const node of document.body.querySelectorAll('*')) {
        delete node.dataset.kind;
        const said = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
        if (!said || !node.checkVisibility() || seen.has(kindOf(node))) continue;
        seen.add(kindOf(node));
        node.dataset.kind = kindOf(node);
    }
    axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-kind]' }] });
    const { violations } = await axe.run(document, {
        preload: false, // of style sheets: no rule that runs asks for them
        resultTypes: ['violations'],
        rules: { 'label-content-name-mismatch': { enabled: true } },
    });
    return violations.map(
        rule => ({ id: rule.id, nodes: rule.nodes.map(node => node.target.join(' ')) }));
}"""


def axe_violations(page: Any) -> list[str]:
    """Return what axe-core finds on a page as it stands, each rule with its elements."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_script())
    return [f"{rule['id']}: {', '.join(rule['nodes'])}" for rule in page.evaluate(AXE)]


@functools.cache
def axe_script() -> str:
    """Return axe-core, which comes with the package `axe-playwright-python`."""
    folder = Path(importlib.util.find_spec("axe_playwright_python").origin).parent
    return (folder / "axe.min.js").read_text(encoding="utf8")


def unseen_focus(page: Any, limit: int = 400) -> list[str]:
    """Tab through a page; return the controls that do not show that they have the focus."""
    page.evaluate("() => { window.visited = new Set(); document.activeElement.blur(); }")
    found = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        said = page.evaluate(
            """() => {
                const node = document.activeElement;
                if (node === document.body || window.visited.has(node)) return null;
                window.visited.add(node);
                const flat = node => {
                    const box = node.getBoundingClientRect();
                    return !box.width || !box.height;
                };
                const shown = (flat(node) ? [...node.children] : [node]).some(drawn => {
                    const style = getComputedStyle(drawn);
                    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
                        && !/, 0\\)$|transparent/.test(style.outlineColor) && !flat(drawn);
                });
                return shown ? '' : (`<${node.localName} class="${node.className}"> `
                    + (node.ariaLabel || node.textContent.trim().slice(0, 40)));
            }"""
        )
        if said is None:
            break
        found += [said] if said else []
    return found


def tab_stops(page: Any) -> int:
    """Return how many elements `unseen_focus` has visited."""
    return page.evaluate("() => window.visited.size")


def set_theme(page: Any, theme: str) -> str:
    """Let the system ask for a theme; return the one that the page then has."""
    emulate(page, color_scheme=theme, reduced_motion="reduce")
    page.evaluate("() => document.getAnimations().forEach(animation => animation.finish())")
    return page.evaluate("() => document.documentElement.dataset.theme")


LOOKS = ((DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark"))


def inspect(page: Any, watch: Watch, looks: Any = LOOKS, axe: bool = False) -> list[str]:
    """Run every check on an open page, in each look; axe, if asked, in the first and the last."""
    problems = [f"maths: {text}" for text in unrendered_maths(page)]
    problems += [f"image: {text}" for text in broken_images(page)]
    problems += [f"alt: {text}" for text in missing_alt(page)]
    for size, theme in looks:
        resize(page, size)
        found = {}
        if set_theme(page, theme) != theme:
            found["theme"] = ["the page does not turn"]
        found["width"] = overflow(page)
        found["contrast"] = low_contrast(page)
        if size == DESKTOP:
            found["cut off"] = cut_off(page)
        if axe and (size, theme) in (looks[0], looks[-1]):
            found["axe"] = axe_violations(page)
        where = f"{size['width']}, {theme}"
        problems += [f"{where}, {kind}: {text}" for kind in found for text in found[kind]]
    problems += watch.problems()
    unfold(page)
    return problems + [f"out of reach: {text}" for text in out_of_reach(page)]


def search_results(page: Any, word: str) -> list[str]:
    """Type a word into the search page's own form; return the titles found."""
    form = page.locator("article form.bd-search, main form.bd-search").first
    form.locator("input[name=q]").fill(word)
    form.locator("input[name=q]").press("Enter")
    page.wait_for_load_state("load")
    page.wait_for_function(
        """() => /finished|did not match/.test(
            document.querySelector('.search-summary')?.textContent || '')"""
    )
    return page.locator("#search-results li a").all_inner_texts()
