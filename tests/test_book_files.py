"""The book as a zip and as a PDF: whole, the same each time, and readable without a network."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks
import scripts

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("files")]


epub = scripts.load("tools/epub")
pack = scripts.load("tools/pack")
pdf = scripts.load("tools/pdf")


@pytest.fixture(scope="module")
def html() -> Path:
    if not (HTML / "index.html").is_file():
        give_up = pytest.fail if checks.browser_required() else pytest.skip
        give_up("the book is not built: run `make book` first")
    return HTML


# --- the zip ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zipped(html, tmp_path_factory) -> Path:
    return pack.pack(html, tmp_path_factory.mktemp("zip") / "book.zip")


@pytest.fixture(scope="module")
def unpacked(zipped) -> Path:
    folder = zipped.parent / "somewhere else"
    with zipfile.ZipFile(zipped) as file:
        file.extractall(folder)
    return folder / pack.NAME


def test_the_zip_is_the_same_each_time(html, zipped, tmp_path):
    again = pack.pack(html, tmp_path / "again.zip")
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (zipped, again)]
    assert digests[0] == digests[1]
    with zipfile.ZipFile(zipped) as file:
        names = file.namelist()
        assert {entry.date_time for entry in file.infolist()} == {pack.DATE}
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names} == {pack.NAME}
    assert len([name for name in names if name.endswith(".whl")]) == 1
    assert not [name for name in names if re.search(r"doctree|\.map$|\.buildinfo", name)]
    assert zipped.stat().st_size < 15e6


def test_links_of_the_unpacked_book(unpacked):
    pages = checks.pages_of(unpacked)
    assert len(pages) == len(checks.pages_of(HTML))
    for page in pages:
        assert checks.static_broken_links(page, unpacked) == []


@pytest.mark.parametrize(
    "name", ["index", "book/notation", "notebooks/07_single_forward", "search"]
)
def test_the_unpacked_book_opens_from_disk(chromium, unpacked, name):
    context = chromium.new_context(viewport=checks.DESKTOP)
    page, watch = checks.open_page(context, unpacked.as_uri(), f"{unpacked.as_uri()}/{name}.html")
    assert checks.unrendered_maths(page) == []
    assert checks.broken_images(page) == []
    assert watch.problems() == []
    context.close()


def test_an_explorer_moves_in_the_unpacked_book(chromium, unpacked):
    context = chromium.new_context(viewport=checks.DESKTOP)
    address = f"{unpacked.as_uri()}/notebooks/a1_every_run.html"
    page, watch = checks.open_page(context, unpacked.as_uri(), address)
    explorer = page.locator(".fgnn-explorer").first
    before = explorer.locator(".fx-marks").first.inner_html()
    explorer.locator("select").first.select_option(index=1)
    assert explorer.locator(".fx-marks").first.inner_html() != before
    assert checks.unrendered_maths(page) == []
    assert watch.problems() == []
    context.close()


# --- on paper --------------------------------------------------------------------------------


def printed(page) -> None:
    """Turn an open page into what a printer gets."""
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    checks.emulate(page, media="print")


@pytest.mark.parametrize("name", ["notebooks/07_single_forward", "book/api"])
def test_a_page_on_paper(chromium, html, name):
    context = chromium.new_context(viewport={"width": 680, "height": 960}, color_scheme="dark")
    page, _ = checks.open_page(context, html.as_uri(), f"{html.as_uri()}/{name}.html")
    checks.playgrounds_ready(page)
    folded = page.locator("article details:not([open])").count()
    printed(page)
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".fx-controls",
                 ".headerlink", ".copybtn", ".bd-sidebar-secondary"):  # fmt: skip
        for node in page.locator(gone).all():
            assert not node.is_visible(), gone
    assert page.evaluate("() => document.documentElement.dataset.theme") == "light"
    assert page.locator("article details:not([open])").count() == 0
    assert checks.overflow(page) == []
    assert checks.low_contrast(page) == []
    checks.emulate(page, media="screen")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("article details:not([open])").count() == folded
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    context.close()


def test_paper_says_what_an_explorer_shows(chromium, html):
    context = chromium.new_context(viewport=checks.DESKTOP)
    address = f"{html.as_uri()}/notebooks/a1_every_run.html"
    page, _ = checks.open_page(context, html.as_uri(), address)
    explorer = page.locator(".fgnn-explorer").first
    explorer.locator("select").first.select_option("GAT")
    printed(page)
    assert explorer.locator(".fx-still").is_visible()
    assert "backbone GAT" in explorer.locator(".fx-still").inner_text()
    context.close()


@pytest.fixture(scope="module")
def one(html, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "whole.html"
    path.write_text(pdf.whole(html), encoding="utf8")
    return path


def test_the_printed_book_has_all_pages_once(html, one):
    soup = checks.parse(one)
    pages = [page for _, each in pdf.order() for page in each]
    built = {
        path.relative_to(html).with_suffix("").as_posix()
        for path in checks.pages_of(html)
        if path.parent != html
    }
    assert set(pages) == built
    assert [body["id"] for body in soup.find_all("article")] == [pdf.place(p, "") for p in pages]
    names = [node["id"] for node in soup.find_all(id=True)]
    assert len(set(names)) == len(names)
    inside = [link["href"][1:] for link in soup.select('article a[href^="#"], nav a[href^="#"]')]
    assert len(inside) > 100
    assert set(inside) <= set(names)
    outside = {link["href"] for link in soup.select("article a[href]")} - {f"#{n}" for n in inside}
    assert all(re.match(r"https?:", href) for href in outside), outside
    assert soup.select(".fgnn-explorer > script")  # they draw the pictures
    assert not soup.select(".viewcode-link")
    assert checks.static_foreign_resources(one) == []
    loaded = {Path(link["href"]).name for link in soup.select('link[rel="stylesheet"]')}
    for path in checks.pages_of(html):  # each page leaves out what it has no use for itself
        links = checks.parse(path).select('link[rel="stylesheet"]')
        assert {Path(link["href"].split("?")[0]).name for link in links} <= loaded, path


def test_the_book_becomes_a_pdf(chromium, html, one):
    context = chromium.new_context()
    page, watch = context.new_page(), []
    page.on("request", lambda r: watch.append(r.url) if not r.url.startswith("file:") else None)
    page.on("console", lambda m: m.type == "error" and watch.append(m.text))
    target = one.with_suffix(".pdf")
    pdf.print_page(page, one.as_uri(), target)
    assert checks.unrendered_maths(page) == []
    assert checks.broken_images(page) == []
    assert [url for url in watch if not str(url).startswith("data:")] == []
    content = target.read_bytes()
    assert content.startswith(b"%PDF-")
    counts = [int(n) for n in re.findall(rb"/Type /Pages\s*/Count (\d+)", content)]
    assert 60 < max(counts) < 600
    assert b"/Outlines" in content
    assert len(content) < 30e6
    context.close()


def test_a_browser_that_fails_leaves_the_pdf_as_it_was(html, tmp_path):
    browser, old = tmp_path / "bin" / "chromium", tmp_path / "to" / "book.pdf"
    for path in (browser, old):
        path.parent.mkdir()
    browser.write_text("#!/bin/sh\necho no display >&2\nexit 1\n", encoding="utf8")
    browser.chmod(0o755)
    old.write_text("from before", encoding="utf8")
    done = subprocess.run(
        [sys.executable, pdf.__file__, "--html", html, "--to", old],
        env={**os.environ, "PATH": f"{browser.parent}:{os.environ['PATH']}"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("The browser did not print the book")
    assert "Traceback" not in done.stderr
    assert "no display" in done.stderr
    assert old.read_text(encoding="utf8") == "from before"
    assert list(old.parent.iterdir()) == [old]


# --- the ePub --------------------------------------------------------------------------------


def test_a_page_of_the_epub_is_mended_to_xml():
    forgiven = "<p>a&nbsp;b &lt; c<br>d <img src='e'></p><style>p { & b {} }</style>"
    forgiven += '<a href="../slides/f.html">g</a>'
    page = epub.mend(f"<body>{forgiven}<script>if (a < b && c) {{}}</script></body>")
    assert page == "<body><p>a\xa0b &lt; c<br/>d <img src='e'/></p>g</body>"
    epub.check("page", page)
    with pytest.raises(ValueError, match=r"page is not XML: .*near '<p>a<b>c"):
        epub.check("page", "<p>a<b>c</p>")


def test_the_epub_has_every_page_and_its_pictures(html, tmp_path):
    shutil.copytree(html.parent / ".doctrees", tmp_path / "_build" / ".doctrees")  # pages, as read
    command = [sys.executable, str(Path(sys.executable).with_name("jupyter-book")), "build", "."]
    command += ["--path-output", str(tmp_path), "--builder", "custom", "--custom-builder", "epub"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = tmp_path.glob("_build/epub/*.epub")
    epub.rewrite(made)
    with zipfile.ZipFile(made) as file:
        names = file.namelist()
        chapters = [f"notebooks/{path.stem}.xhtml" for path in scripts.files("notebooks/*.ipynb")]
        assert set(chapters) <= set(names)
        first = file.read(chapters[0]).decode()
        guide = file.read("book/instructor.xhtml").decode()
    assert "<script" not in first
    assert not [name for name in names if "teaching" in name]
    assert ">Worksheet<" not in guide
    assert "Worksheet" in guide
    pictures = re.findall(r'<img[^>]* src="\.\./(_images/[^"]+)"', first)
    assert pictures
    assert set(pictures) <= set(names)
