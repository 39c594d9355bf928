"""What a page's markup lacks for those who do not see it, or use no mouse.

The theme, autodoc and docutils write it; here it is mended in the finished page.
`tests/test_book.py` holds every page to axe-core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup


def mend(page: BeautifulSoup) -> None:
    """Mend a page in place; to mend it twice changes nothing."""
    landmarks(page)
    names(page)
    lists(page)
    for link in page.select('a[href$=".ipynb"][target]'):  # a notebook is saved, not shown
        link["download"] = ""
        del link["target"]
    for cell in page.select("th"):  # the corner of a table
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"


def landmarks(page: BeautifulSoup) -> None:
    """Let all that is shown belong to a part of the page that has a name."""
    for bar in page.select("#pst-primary-sidebar"):
        bar["role"], bar["aria-label"] = "navigation", "Book"


def names(page: BeautifulSoup) -> None:
    """Let every control say what is written on it; icons say nothing."""
    for icon in page.select('[class*="fa-"]:is(i, span)'):
        icon["aria-hidden"] = "true"
    for summary in page.select("nav summary"):
        above = summary.find_parent("li")
        summary["aria-label"] = f"Pages of: {above.find('a').get_text(strip=True)}"
    for button in page.select("button.search-button-field[aria-label]"):
        del button["aria-label"]  # it has words, and the keys that open it


def lists(page: BeautifulSoup) -> None:
    """Let lists hold what lists may: parameters are none, entries of the bibliography are."""
    for parameters in page.select("dt.sig > dl"):
        parameters.name, parameters["class"] = "div", ["sig-lines"]
        for line in parameters.find_all("dd", recursive=False):
            line.name = "div"
    for entry in page.select('[role="doc-biblioentry"]'):
        entry["role"] = "listitem"
