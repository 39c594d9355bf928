"""Questions to click and predictions to enter, in a notebook and on a page, without a kernel.

What they ask, and what they answer, stands in `questions.json`. The HTML is plain: where no script
runs, questions can be read and their answers unfolded. `quiz.js` answers the choice that was made,
keeps what a reader chose or entered in the browser, and nowhere else, and forgets it on demand.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from bisect import bisect
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from fgnn_lite import checks
from fgnn_lite.book.playground.squeeze import squeeze, squeeze_style

__all__ = ["Card", "ask", "compare", "predict"]

_HERE = files("fgnn_lite.book")
_FILE = json.loads((_HERE / "questions.json").read_text("utf8"))
QUESTIONS: dict[str, list[dict[str, Any]]] = _FILE["questions"]  # of each chapter
PREDICTIONS: dict[str, dict[str, Any]] = _FILE["predictions"]


class Card:
    """What `ask`, `predict` and `compare` return: a notebook shows it as the last value of a cell.

    Args:
        text: what it says, in plain words.
        kind: of which of the three it is.
        body: what stands in it, as HTML.
        attributes: what else the script has to know.

    Attributes:
        html: all of it, style and script included.
    """

    def __init__(self, text: str, kind: str, body: str, **attributes: str) -> None:
        self._text = text
        data = "".join(f' data-{key}="{escape(value)}"' for key, value in attributes.items())
        self.html = (
            f'<div class="fgnn-quiz fq-{kind}"{data}>'
            f"<style>{_style()}</style>{body}<script>{_script()}</script></div>"
        )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self._text


def ask(chapter: str) -> Card:
    """Ask the questions of a chapter, with an answer to each choice.

        quiz.ask("07")

    Each question is about one of the goals that the chapter begins with, and names it.

    Args:
        chapter: its number, with two digits.

    Returns:
        The object that a notebook shows.

    Raises:
        TypeError: the chapter is not text.
        ValueError: it has no questions.
    """
    found = QUESTIONS[checks.one_of("chapter", chapter, QUESTIONS)]
    asked = "".join(_question(k, each) for k, each in enumerate(found, start=1))
    said = [f"{k}. {each['question']}" for k, each in enumerate(found, start=1)]
    note = _off("An answer to each choice is folded under its question.")
    return Card("\n".join(said), "ask", f'<p class="fq-title">Check yourself</p>{note}{asked}')


def predict(name: str) -> Card:
    """Take a reader's prediction, before the result is shown.

        quiz.predict("07-accuracy")

    Args:
        name: of the prediction: the chapter's number, and a word.

    Returns:
        The object that a notebook shows. On its page the prediction is kept, for `compare`.

    Raises:
        TypeError: the name is not text.
        ValueError: there is no such prediction.
    """
    known = PREDICTIONS[checks.one_of("name", name, PREDICTIONS)]
    note = _off("Write your prediction down; where scripts run, it can be entered here.")
    question = escape(known["ask"])
    if "choices" in known:
        fields = "".join(_choice(name, each, escape(each)) for each in known["choices"])
        fields = f'<fieldset aria-label="{question}">{fields}</fieldset>'
    else:
        low, high = known["range"]
        fields = (
            f'<p class="fq-number"><input type="number" step="any" min="{low}" max="{high}" '
            f'aria-label="{question}"> {escape(known["unit"])}</p>'
        )
    body = (
        f'<p class="fq-title">Your prediction</p><p class="fq-asked">{question}</p>{note}'
        f'<script type="text/html">{fields}</script>'
    )
    return Card(f"Your prediction: {known['ask']}", "predict", body, name=name)


def compare(name: str, measured: Any, predicted: Any = None) -> Card:
    """Show a prediction beside what was measured.

        quiz.compare("07-accuracy", scores[-1], my_accuracy)

    Args:
        name: of the prediction, as in `predict`.
        measured: a number, some numbers by name, or, where the prediction was a choice, the right
            one. Numbers are rounded as the prediction says; where its choices are ranges, to the
            range that holds the number. One that is not finite is shown as "none".
        predicted: what a notebook's reader wrote into a cell; `None`: what was entered on the page.

    Returns:
        The object that a notebook shows.

    Raises:
        TypeError: the name is not text, or what was measured is none of these.
        ValueError: there is no such prediction, or no such choice.
    """
    known = PREDICTIONS[checks.one_of("name", name, PREDICTIONS)]
    if isinstance(measured, str):
        lines = {"": checks.one_of("measured", measured, known.get("choices", ()))}
    elif isinstance(measured, Mapping):
        lines = {str(key): _rounded(value, known) for key, value in measured.items()}
    else:
        lines = {"": _rounded(measured, known)}
    own = "" if predicted is None else str(predicted)
    pairs = [f"{key}: {value}" if key else value for key, value in lines.items()]
    text = f"You predicted: {own or 'nothing yet'}. Measured: {', '.join(pairs)}"
    step = known.get("step", 0)
    coarse = f" (to the nearest {step})" if step > 1 and "bounds" not in known else ""
    shown = "".join(
        f"<dd>{f'<span>{escape(key)}</span> ' if key else ''}<b>{escape(value)}</b></dd>"
        for key, value in lines.items()
    )
    body = (
        f'<p class="fq-title">Prediction and result</p><p class="fq-asked">{escape(known["ask"])}'
        f'</p><dl><div><dt>You predicted</dt><dd class="fq-own"><b>{escape(own) or "–"}</b></dd>'
        f"</div><div><dt>Measured{coarse}</dt>{shown}</div></dl>"
    )
    if own:
        return Card(text, "compare", body)
    unit = "" if "choices" in known else known["unit"]
    note = '<p class="fq-none">Nothing was entered under “Your prediction” above.</p>'
    return Card(text, "compare", body + note, name=name, unit=unit)


def _question(number: int, known: Mapping[str, Any]) -> str:
    """One question, its choices, and the answers, folded."""
    choices = [choice for choice, _ in known["choices"]]
    text = "\n".join((known["question"], *choices))
    mark = f"q{hashlib.sha256(text.encode()).hexdigest()[:8]}"  # another question is another key
    asked, told = [], []
    for letter, (choice, answer) in zip("ABCD", known["choices"], strict=False):
        word = "Yes." if letter == known["right"] else "No."
        asked.append(_choice(mark, letter, f"<b>{letter}</b> {escape(choice)}"))
        told.append(f"<li><b>{word}</b> {escape(answer)}</li>")
    return (
        f'<fieldset data-name="{mark}" data-right="{known["right"]}"><legend>{number}. '
        f"{escape(known['question'])} <small>Goal {known['goal']}</small></legend>"
        f"{''.join(asked)}<details><summary>The answers</summary>"
        f'<ol type="A">{"".join(told)}</ol></details></fieldset>'
    )


def _choice(name: str, value: str, html: str) -> str:
    return (
        f'<div><label><input type="radio" name="fq-{name}" value="{escape(value)}">'
        f"<span>{html}</span></label></div>"
    )


def _off(text: str) -> str:
    """A line for where no script runs."""
    return (
        f'<p class="fq-off">{text}<span class="fq-trust"> In Jupyter, run this cell or trust the '
        "notebook: press Ctrl+Shift+C and choose Trust Notebook.</span></p>"
    )


def _rounded(value: Any, known: Mapping[str, Any]) -> str:
    """A number as a reader sees it, with its unit; the range that holds it; or "none"."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"measured must be a number, numbers by name, or one of the choices; got {value!r}"
        ) from None
    if not math.isfinite(number):
        return "none"
    if "bounds" in known:
        return str(known["choices"][bisect(known["bounds"], number)])
    step = known["step"]
    digits = max(0, -math.floor(math.log10(step)))
    number = math.floor(number / step + 0.5) * step + 0.0  # no minus before a zero
    return f"{number:.{digits}f} {known['unit']}".strip()


@functools.cache
def _style() -> str:
    return squeeze_style((_HERE / "quiz.css").read_text("utf8"))


@functools.cache
def _script() -> str:
    """The script, which a page runs once, and which then looks for new cards."""
    code = squeeze((_HERE / "quiz.js").read_text("utf8"))
    name = f"fgnnQuiz{hashlib.sha256(code.encode()).hexdigest()[:8]}"
    return f"(window.{name}??=(function(){{{code}return Quiz}})()).start()"
