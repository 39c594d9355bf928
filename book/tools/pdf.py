"""Print the built book into one PDF: all its pages, in their order, by a headless browser.

The pages of ``_build/html`` are put one after another on a single page, which is then printed:
links between them lead within the PDF, explorers show their first selection, and what is folded is
open. The file has an outline, made from the headings. Scripts other than explorers' are left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HTML = Path("_build") / "html"
NAME = "forward-learning-on-graphs"
GONE = "script:not(.fgnn-explorer script), .headerlink, .copybtn, a:has(.viewcode-link)"
FILES = 'a[download], a.image-reference, a[href^="../slides/"], a[href^="../worksheets/"]'
LIMIT = 600_000  # milliseconds that loading may take: a busy machine is slow, not broken
FOOTER = (
    '<div style="font: 8px sans-serif; color: #555; width: 100%; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
STYLE = """
body { margin: 0; }
article.bd-article { break-before: page; }
.front { height: 80vh; display: flex; flex-direction: column; justify-content: center; }
.front .title { font-size: 30pt; font-weight: 700; margin: 0 0 1rem; }
nav.all { break-before: page; }
nav.all li { margin: 0.2rem 0; }
article.bd-article h1 { margin-top: 0; }
"""


def order(root: Path = ROOT) -> list[tuple[str, list[str]]]:
    """Return the parts of the book and their pages, as the table of contents has them."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8"))

    def pages(entries: list[dict[str, Any]]) -> list[str]:
        return [page for e in entries for page in (e["file"], *pages(e.get("sections", [])))]

    parts = [(part["caption"], pages(part["chapters"])) for part in toc["parts"]]
    return [("", [toc["root"]]), *parts]


def article(html: Path, page: str, known: set[str]) -> Tag:
    """Return the text of a page: still, open, and with links that lead within one file."""
    path = html / f"{page}.html"
    soup = BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
    body = soup.select_one("article.bd-article")
    if body is None:
        raise ValueError(f"{path} has no article")
    for node in body.select(GONE):
        node.decompose()
    for folded in body.select("details"):
        folded["open"] = ""
    for node in body.find_all(id=True):
        node["id"] = place(page, node["id"])
    for node in body.find_all("a", attrs={"name": True}):
        node["name"] = place(page, node["name"])
    for link in body.find_all("a", href=True):
        link["href"] = target(link["href"], html, page, known)
    for link in body.select(FILES):  # paper has none to open
        link.unwrap()
    for image in body.find_all("img", src=True):
        if not urlsplit(image["src"]).scheme:
            image["src"] = (path.parent / image["src"]).resolve().as_uri()
        image["loading"] = "eager"
    body["id"] = place(page, "")
    return body


def place(page: str, fragment: str) -> str:
    """Return the name of a place in the one file."""
    return "--".join([page.replace("/", "-"), *([fragment] if fragment else [])])


def target(href: str, html: Path, page: str, known: set[str]) -> str:
    """Return where a link leads in the one file; what leads out of the book is left."""
    if urlsplit(href).scheme:
        return href
    path, fragment = urldefrag(href)
    file = (html / f"{page}.html").parent / unquote(path) if path else html / f"{page}.html"
    name = file.resolve().relative_to(html.resolve()).with_suffix("").as_posix()
    return f"#{place(name, fragment)}" if name in known else href


def sheets(html: Path, pages: set[str]) -> list[str]:
    """Return the style sheets of the page that has most of them: the others have some of these."""
    links = SoupStrainer("link", rel="stylesheet")
    found = []
    for page in sorted(pages):
        path = html / f"{page}.html"
        soup = BeautifulSoup(path.read_text("utf8"), "html.parser", parse_only=links)
        names = [link["href"].split("?")[0] for link in soup.find_all("link")]
        found.append([(path.parent / name).resolve().as_uri() for name in names])
    return max(found, key=len)


def whole(html: Path, root: Path = ROOT) -> str:
    """Return the book as one page."""
    parts = order(root)
    known = {page for _, pages in parts for page in pages}
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf8"))
    home = config["repository"]["url"]
    head = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets(html, known))
    articles, listed = [], []
    for caption, pages in parts:
        names = []
        for page in pages:
            text = article(html, page, known)
            title = text.find("h1").get_text().strip()
            names.append(f'<li><a href="#{place(page, "")}">{title}</a></li>')
            articles.append(str(text))
        listed.append(
            f"<p><strong>{caption}</strong></p>" * bool(caption) + f"<ul>{''.join(names)}</ul>"
        )
    return (
        f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{config['title']}</title>{head}<style>{STYLE}</style>"
        f'</head><body><main class="bd-content">'
        f'<div class="front"><p class="title">{config["title"]}</p><p>{config["author"]}, '
        f"{config['copyright']}</p>{home and f'<p>{home}</p>'}"
        f"<p>{config['html']['extra_footer']}</p></div>"
        f'<nav class="all"><h2>Contents</h2>{"".join(listed)}</nav>{"".join(articles)}'
        "</main></body></html>"
    )


def print_page(page: Any, address: str, pdf: Path) -> None:
    """Open the one page in a browser and print it, once all fonts and images are there."""
    page.goto(address, wait_until="load", timeout=LIMIT)
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            await Promise.all([...document.images].map(image => image.decode()));
        }"""
    )
    page.pdf(
        path=str(pdf), format="A4", display_header_footer=True, header_template="<div></div>",
        footer_template=FOOTER, print_background=True, outline=True, tagged=True,
        prefer_css_page_size=False,
        margin={"top": "16mm", "bottom": "18mm", "left": "15mm", "right": "15mm"},
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print the book."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--html", type=Path, default=ROOT / HTML, help="the built book")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / f"{NAME}.pdf")
    given = parser.parse_args(arguments)
    if not (given.html / "index.html").is_file():
        print("There is no book yet: run 'make book' first.", file=sys.stderr)
        return 1
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        print(f"No browser is on PATH; looked for {', '.join(BROWSERS)}.", file=sys.stderr)
        return 1
    from playwright.sync_api import Error, sync_playwright

    with tempfile.TemporaryDirectory(dir=given.to.parent) as folder:
        one, made = Path(folder, "whole.html"), Path(folder, given.to.name)
        one.write_text(whole(given.html), encoding="utf8")
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=browser, args=options, timeout=LIMIT
                )
                print_page(chromium.new_page(), one.resolve().as_uri(), made)
                chromium.close()
        except Error as error:
            print(f"The browser did not print the book ({browser}):\n{error}", file=sys.stderr)
            return 1
        os.replace(made, given.to)
    print(f"The book is in {given.to} ({given.to.stat().st_size / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
