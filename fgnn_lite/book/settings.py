"""Settings cells: what their comments state is checked when they are run.

    SHARES = (0, 0.5, 1)  # of edges replaced by random ones, each from 0 to 1

A comment says what its setting may be in one or more of these forms:

    "gcn", "sage" or "gat"         one of these names
    two names of `fgnn.LEARNERS`   a name of that tuple
    a GPU if there is one          "auto", or CUDA where there is one
    1, 2, 4, 8 or 16               one of these numbers
    at least 1, from 1 to 4        a whole number
    above 0, from 0 to 1           any number; so are ranges with a fraction in them
    a multiple of 4, a power of 4  beside a range; "for GAT": where `BACKBONE` is that
    EDGES <= NODES**2/20           beside a range

A tuple is asked for by "each" before a range, by "one or more", "rising" or "compared". Two
settings on one line have the same range, or two ranges with ", and" between them.
"""

from __future__ import annotations

import ast
import io
import math
import numbers
import re
import sys
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import fgnn_lite
from fgnn_lite import checks
from fgnn_lite.learners.base import resolve_device

NUMBER = r"\d+(?:\.\d+|/[1-9]\d*)?"
RANGE = re.compile(rf"at least ({NUMBER})|above ({NUMBER})|from ({NUMBER}) to ({NUMBER})")
LIST = re.compile(rf"(?<![\w./]){NUMBER}(?:, {NUMBER})* or {NUMBER}")
STEP = re.compile(rf"a (multiple|power) of ({NUMBER})(?:,? (for GAT))?")
MOST = re.compile(r"([A-Z]+) <= (([A-Z]+)\*\*(\d)/([1-9]\d*))")
SEVERAL = re.compile(r"\beach (?:at|above|from) |\bone or more\b|\brising\b|\bcompared?\b")
CALL = "__import__({!r}, fromlist=['']).check_settings({!r}, globals())"


@dataclass(frozen=True)
class Rule:
    """What a comment states of one setting."""

    words: str = ""  # which numbers are allowed
    names: tuple[str, ...] = ()  # the only ones allowed
    device: bool = False  # where there is CUDA, its names, too
    choices: tuple[Fraction, ...] = ()  # the only numbers allowed
    low: Fraction | None = None
    above: Fraction | None = None
    high: Fraction | None = None
    step: tuple[str, Fraction] | None = None  # "multiple" or "power", and of what
    for_gat: bool = False  # the step
    most: tuple[str, int, int] | None = None  # another setting, its exponent, a divisor
    whole: bool = False  # no fractions
    several: bool = False  # a tuple
    rising: bool = False

    def wrong(self, name: str, value: Any, others: Mapping[str, Any]) -> str:
        """Say in one line what is wrong with a value, or nothing.

        Args:
            name: the setting.
            value: what it is.
            others: all settings by name, for a rule that reads another one.

        Returns:
            A sentence that begins with the name and ends with the value; "" if it is allowed.
        """
        if self.names:
            return self._wrong_name(name, value)
        words, got = self.words, value
        if not self.several:
            fits = self._fits(value, others)
        elif isinstance(value, tuple) and value:
            bad = [each for each in value if not self._fits(each, others)]
            fits, got = not bad, bad[0] if bad else value
            if self.rising and fits:
                fits = all(a < b for a, b in pairwise(value))
        else:
            fits = False
            one = _shown(value) if self._fits(value, others) else self._example()
            words = words.replace(",", " in parentheses,", 1) + f", for instance ({one},)"
        return "" if fits else f"{name} must be {words}; got {_shown(got)}"

    def _wrong_name(self, name: str, value: Any) -> str:
        """What is wrong with a name, in the library's words."""
        try:
            if self.device and str(value).startswith("cuda"):
                resolve_device(value)
            else:
                checks.one_of(name, value, self.names)
        except (TypeError, ValueError) as error:
            return re.sub(r"^device\b", name, str(error))
        return ""

    def _fits(self, value: Any, others: Mapping[str, Any]) -> bool:
        """Whether it is one number, and an allowed one."""
        if not _is_number(value, self.whole):
            return False
        if self.choices:
            return value in self.choices
        low, above, high = self.low, self.above, self.high
        if (low is not None and value < low) or (above is not None and value <= above):
            return False
        if high is not None and value > high:
            return False
        if self.most:
            other, exponent, divisor = self.most
            limit: Any = others.get(other)
            if _is_number(limit, whole=True) and value * divisor > limit**exponent:
                return False
        if not self.step or (self.for_gat and others.get("BACKBONE", "gat") != "gat"):
            return True
        form, of = self.step
        if form == "power" and value <= 0:
            return False
        steps = value / of if form == "multiple" else math.log(value, of)
        return abs(steps - round(steps)) < 1e-9

    def _example(self) -> str:
        """A number that is allowed."""
        if self.choices:
            return str(self.choices[0])
        return str(math.floor(self.above or 0) + 1 if self.low is None else self.low)


def rules(source: str) -> dict[str, Rule]:
    """Read a settings cell.

    A settings cell has assignments to names in capitals, and nothing else.

    Args:
        source: a cell, with its comments.

    Returns:
        The first rule that a comment states of a name, by name; none if it is another cell.
    """
    try:
        body = ast.parse(source).body
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return {}
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    found: dict[str, Rule] = {}
    for line in body:
        targets = line.targets if isinstance(line, ast.Assign) else []
        names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        if not names or not all(name.isupper() for name in names):
            return {}
        last = line.end_lineno or line.lineno
        spoken = " ".join(comments.get(k, "") for k in range(line.lineno, last + 1))
        parts = spoken.split(", and ")
        if len(parts) != len(names) or not all(map(rule, parts)):
            parts = [spoken] * len(names)
        for name, part in zip(names, parts, strict=True):
            stated = rule(part, name)
            if stated:
                found.setdefault(name, stated)
    return found


def rule(comment: str, name: str = "") -> Rule | None:
    """Read a comment.

    Args:
        comment: what stands beside a setting.
        name: the setting, where a comment is on two of them.

    Returns:
        What it states, or None if it states nothing that can be checked.
    """
    names = re.findall(r'"([\w-]+)"', comment)
    for group in re.findall(r"names? of `fgnn\.([A-Z_]+)`", comment):
        names += getattr(fgnn_lite, group, ())
    if "a GPU if there is one" in comment:
        return Rule(names=("auto", *names), device=True)
    if names:
        return Rule(names=tuple(names))
    several, rising = bool(SEVERAL.search(comment)), bool(re.search(r"\brising\b", comment))
    listed, within, step = (form.search(comment) for form in (LIST, RANGE, STEP))
    if listed:
        choices = tuple(Fraction(n) for n in re.findall(NUMBER, listed[0]))
        return Rule(listed[0], choices=choices, whole=_whole(choices))
    if not within:
        return None
    step = step if step and Fraction(step[2]) not in (0, 1) else None
    least, above, low, high = (Fraction(n) if n else None for n in within.groups())
    low = least if low is None else low
    unit = Fraction(step[2]) if step else None
    share = (low, high) == (0, 1)
    whole = above is None and not share and _whole((low, high, unit))
    kind = "whole number" if whole else "number"
    words = [f"one or more {kind}s" if several else f"a {kind}"]
    words += ["rising"] if rising else []
    words += [step[0].replace(",", "")] if step else []
    words.append("each " * several + within[0])
    most = MOST.search(comment)
    most = most if most and most[1] == name else None
    words += [f"at most {most[2]}"] if most else []
    return Rule(
        words=", ".join(words),
        low=low,
        above=above,
        high=high,
        step=(step[1], Fraction(step[2])) if step else None,
        for_gat=bool(step and step[3]),
        most=(most[3], int(most[4]), int(most[5])) if most else None,
        whole=whole,
        several=several,
        rising=rising,
    )


def check_settings(source: str, values: Mapping[str, Any]) -> None:
    """Check what a settings cell has set against its comments.

    Args:
        source: the cell, with its comments.
        values: its settings by name, and what else there may be.

    Raises:
        ValueError: one of them is not what its comment states. Jupyter shows this as one line.
    """
    for name, stated in rules(source).items():
        message = stated.wrong(name, values[name], values)
        if message:
            error = ValueError(message)
            vars(error)["_render_traceback_"] = [f"ValueError: {message}"].copy  # all it shows
            raise error


class _Watch:
    """What IPython calls for each cell: it adds the check to those that hold settings."""

    source = ""

    def begin(self, info: Any) -> None:
        """Keep the source of the cell that is about to run: its tree has no comments."""
        self.source = info.raw_cell

    def visit(self, node: ast.Module) -> ast.Module:
        """Let the check be the last line of a settings cell."""
        source, self.source = self.source, ""  # what runs silently has not begun
        if rules(source):
            node.body += ast.parse(CALL.format(__name__, source)).body
        return node


def watch_settings() -> None:
    """Check settings from now on, as soon as their cell is run.

    A value that is not what the comment beside it states is an error of the settings cell, in one
    line, so that nothing below it runs with that value. Set-up cells call this; outside Jupyter and
    IPython it does nothing.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell and not any(isinstance(each, _Watch) for each in shell.ast_transformers):
        watch = _Watch()
        shell.events.register("pre_run_cell", watch.begin)
        shell.ast_transformers.append(watch)


def _is_number(value: Any, whole: bool) -> bool:
    """Whether it is a finite number, of the kind that is wanted."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return isinstance(value, numbers.Integral) or (not whole and math.isfinite(value))


def _whole(values: Iterable[Fraction | None]) -> bool:
    """Whether none of the values is a fraction."""
    return all(value is None or value.denominator == 1 for value in values)


def _shown(value: Any) -> str:
    """A value in one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
