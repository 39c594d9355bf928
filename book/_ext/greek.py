r"""The search knows Greek letters: τ is found as itself, by its name, and as a formula's `\tau`.

Sphinx indexes the TeX of a formula: `tau` is a word there, τ is none, and neither leads to the
other. Here each of them stands for both, and the other commands of TeX are no words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx

COMMAND = re.compile(r"\\([A-Za-z]+)")
LETTERS = {
    unicodedata.name(letter).rpartition(" ")[2].lower().replace("lamda", "lambda"): letter
    for letter in map(chr, range(ord("α"), ord("ω") + 1))
    if letter != "ς"  # sigma at the end of a word
}
NAMES = {letter: name for name, letter in LETTERS.items()}


class English(SearchEnglish):
    """English, with the letters of formulas."""

    def split(self, input: str) -> list[str]:
        """Return the words of a text; a Greek letter or its name counts as both."""
        plain = COMMAND.sub(lambda found: f" {LETTERS.get(found[1].lower(), '')} ", input)
        words = super().split(unicodedata.normalize("NFKC", plain))
        both = (LETTERS.get(word.lower()) or NAMES.get(word.lower()) for word in words)
        return words + [other for other in both if other]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension: in the place of Sphinx's English."""
    app.add_search_language(English)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
