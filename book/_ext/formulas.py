r"""Formulas are made when the book is built, as MathML: no page loads a script to draw them.

Browsers lay MathML out themselves, screen readers read it, and what is searched and quoted is
text. The package `math-core` makes it from TeX; a formula that it refuses is a warning. The font
comes with `finish.py`.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html import HTML5Translator

logger = logging.getLogger(__name__)
converter = LatexToMathML(fancy_error=False)
PRIMED = re.compile(r"<msup>((?:(?!<msup>).)*?)<mo>′</mo></msup>")
ACCENTED = re.compile(r"(?<=<msup>|ubsup>)<mover[^>]*>.*?</mover>")


def mathml(node: nodes.math | nodes.math_block, display: bool) -> str:
    """Return a formula as MathML, or its TeX with a warning."""
    tex = node.astext().strip()
    try:
        made = converter.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        logger.warning("no formula can be made of %r: %s", tex, error, location=node)
        return f"<code>{escape(tex)}</code>"
    # A prime is raised by the font, and nothing is raised by what the letter below wears.
    made = PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">′</mo></mrow>', made)
    return ACCENTED.sub(r'<mpadded height="0.7em">\g<0></mpadded>', made)


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(mathml(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula of its own, with its number."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(mathml(node, display=True) + "</div>\n")
    raise nodes.SkipNode


def choose(app: Sphinx, config: Config) -> None:
    """Draw formulas so, whatever other extensions have chosen."""
    config.html_math_renderer = "mathml"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", choose, priority=900)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
