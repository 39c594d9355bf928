"""Scripts and style sheets as they travel: without comments and spaces, with short local names.

No build step and no tool from elsewhere: what this writes is what Node tests and what a page runs.
"""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_PIECE = re.compile(
    r"""
    (?P<gap>(?:\s|//[^\n]*|/\*.*?\*/)+)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>\d[\w.]*|\.\d\w*)
    |(?P<word>[A-Za-z_$][\w$]*)
    |(?P<sign>=>|\.\.\.|\+\+|--|\?\?=?|\?\.(?!\d)|[^\w\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_KEYWORD_LIST = """
async await break case catch class const continue default delete do else extends false finally for
function get if in instanceof let new null of return set static super switch this throw true try
typeof undefined void while yield
"""
_KEYWORDS = frozenset(_KEYWORD_LIST.split())
_GLOBAL_LIST = """
addEventListener atob clearTimeout decodeURIComponent document encodeURIComponent engineOf
getSelection history hostOf location matchMedia module navigator onmessage performance postMessage
requestAnimationFrame setTimeout structuredClone window
"""
_GLOBALS = frozenset(_GLOBAL_LIST.split())  # what a page has; also what other parts call
_VALUES = frozenset({"this", "super", "true", "false", "null"})  # a slash behind these divides
_ON = set("{([,;:?=+-*/%<>&|!~^.")  # behind these a line goes on
_BACK = set("}),;:?=*/%<>&|~^.]")  # before these it does


class Token(NamedTuple):
    """A piece of a script: its kind, its text, and the space before it."""

    kind: str
    text: str
    gap: str


def tokens(code: str) -> Iterator[Token]:
    """The pieces of a script; what stands in a template's braces is code as well."""
    at, gap, last = 0, "", Token("sign", ";", "")
    templates: list[int] = []  # open braces since each template's own
    while at < len(code):
        divides = last.kind in ("number", "text", "end") or last.text in {")", "]", "}"}
        divides |= last.kind == "word" and (last.text not in _KEYWORDS or last.text in _VALUES)
        if code[at] == "`" or (templates and templates[-1] == 0 and code[at] == "}"):
            if code[at] == "}":
                templates.pop()
            end = at + 1
            while code[end] != "`" and not code.startswith("${", end):
                end += 2 if code[end] == "\\" else 1
            opens = code[end] == "$"
            end += 2 if opens else 1
            if opens:
                templates.append(0)
            last = Token("open" if opens else "end", code[at:end], gap)
        elif code[at] == "/" and code[at + 1] not in "/*" and not divides:
            found = _REGEX.match(code, at)
            assert found is not None
            end, last = found.end(), Token("end", found.group(), gap)
        else:
            found = _PIECE.match(code, at)
            assert found is not None
            assert found.lastgroup is not None
            end = found.end()
            if found.lastgroup == "gap":
                at, gap = end, found.group()
                continue
            if templates and found.group() in {"{", "}"}:
                templates[-1] += 1 if found.group() == "{" else -1
            last = Token(found.lastgroup, found.group(), gap)
        yield last
        at, gap = end, ""


def squeeze(code: str) -> str:
    """Take comments and needless spaces out of JavaScript, and give its own names a letter or two.

    What it declares gets one short name everywhere, but where it is a property or a key; `{name}`
    becomes `{name:a}`. Names like Engine stay, and line breaks where they may end a statement. A
    `const` that follows another one goes on with it: `const a=1,b=2`.
    """
    pieces = list(tokens(code))
    short, roles = _short_names(pieces), _roles(pieces)
    out: list[str] = [";"]
    after = [*(piece.text for piece in pieces[1:]), ""]
    conditions: list[bool] = []  # of each open bracket: whether it holds that of `while` or `for`
    needed = False  # whether the last one that was closed did: `while (x);` keeps its semicolon
    constants = [False]  # of each open bracket: whether the statement in it declares constants
    for (kind, text, gap), role, behind in zip(pieces, roles, after, strict=True):
        if text == "(":
            conditions.append(out[-1] in {"while", "for", "if"})
        elif text == ")":
            needed = conditions.pop()
        if text in {"(", "[", "{"} or (kind == "open" and text[0] == "`"):
            constants.append(False)
        elif text in {")", "]", "}"} or (kind == "end" and text[0] == "}"):
            constants.pop()
        elif text == "const" and out[-1] == ",":
            continue
        elif text == "const":
            constants[-1] = True
        elif text == ";" and not (constants[-1] and behind == "const"):
            constants[-1] = False
        elif text == ";":
            text = ","
        elif kind == "number" and text.startswith("0."):
            text = text[1:]
        if behind == "}" and text == ";" and not (needed and out[-1] == ")"):
            continue
        if behind in {"}", "]"} and text == "," and out[-1] not in {",", "["}:
            continue
        if role == "name":
            text = short.get(text, text)
        elif role == "both" and text in short:
            text = f"{text}:{short[text]}"
        last = out[-1][-1]
        if "\n" in gap and last not in _ON and text[0] not in _BACK:
            out.append("\n")
        elif gap and (
            (re.match(r"[\w$]", last) and re.match(r"[\w$]", text[0]))
            or (last in "+-" and text[0] == last)
        ):
            out.append(" ")
        out.append(text)
    return "".join(out[1:]) + "\n"


def _short_names(pieces: Sequence[Token]) -> dict[str, str]:
    counts = Counter(text for kind, text, _ in pieces if kind == "word")
    own = (name for name in _declared(pieces) if len(name) > 1)
    names = [name for name in own if name.isupper() or not name[0].isupper()]
    names.sort(key=lambda name: (-counts[name], name))
    letters = string.ascii_letters
    fresh = (
        "".join(name)
        for name in itertools.chain(itertools.product(letters), itertools.product(letters, letters))
    )
    free = (name for name in fresh if name not in counts and name not in _KEYWORDS)
    return dict(zip(names, free, strict=False))


def _roles(pieces: Sequence[Token]) -> Iterator[str]:
    """Of each piece: a `name`, a key or property, `both` at once, or none of them."""
    texts = [piece.text if piece.kind in ("word", "sign", "number") else "" for piece in pieces]
    inside = ["block"]
    for k, (kind, text, _) in enumerate(pieces):
        before, behind = texts[k - 1] if k else ";", texts[k + 1] if k + 1 < len(texts) else ";"
        role = ""
        if kind == "word" and text not in _KEYWORDS:
            starts = before in {"{", ","} or (
                before in {"get", "set", "async", "*"} and behind == "("
            )
            role = "name"
            if before in {".", "?."} or (inside[-1] == "class" and behind == "("):
                role = "key"
            elif inside[-1] == "object" and starts and behind in {":", "(", ",", "}", "="}:
                role = "key" if behind in {":", "("} else "both"
        elif kind == "open" and not text.startswith("}"):
            inside.append("template")
        elif kind == "end" and text.startswith("}"):
            inside.pop()
        elif text == "{" and kind == "sign":
            named = k > 1 and texts[k - 2] in {"class", "extends"}
            block = before in {")", "=>", "else", "try", "finally", "catch", "do", ";", "}", "{"}
            inside.append("class" if named else "block" if block else "object")
        elif text in {"(", "["} and kind == "sign":
            inside.append("other")
        elif text in {"}", ")", "]"} and kind == "sign":
            inside.pop()
        yield role


def _declared(pieces: Sequence[Token]) -> set[str]:
    """Names that the script itself gives: by `const`, `let`, `function`, or as a parameter."""
    texts = [piece.text if piece.kind in ("word", "sign") else "" for piece in pieces]
    pair, stack = {}, []
    for k, piece in enumerate(pieces):
        if piece.kind == "sign" and piece.text in "([{":
            stack.append(k)
        elif piece.kind == "sign" and piece.text in ")]}":
            pair[k] = stack.pop()
    closes = {start: end for end, start in pair.items()}
    spans = []
    for k, text in enumerate(texts):
        if text in {"const", "let", "function", "class"}:
            k += texts[k + 1] == "*"
            spans.append((k + 1, closes.get(k + 1, k + 1)))
            if text == "function":
                start = k + 1 if texts[k + 1] == "(" else k + 2
                spans.append((start, closes[start]))
        elif text == "=>":
            spans.append((pair.get(k - 1, k - 1), k - 1))
        elif text == "catch" and texts[k + 1] == "(":
            spans.append((k + 1, closes[k + 1]))
        elif text == "=" and texts[k - 2] == ",":
            spans.append((k - 1, k - 1))
    words = (range(start, end + 1) for start, end in spans)
    roles = list(_roles(pieces))
    own = {texts[k] for k in itertools.chain(*words) if roles[k] in {"name", "both"}}
    return own - _GLOBALS


def squeeze_style(sheet: str) -> str:
    """Take comments and needless spaces out of a style sheet."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"\s+", " ", sheet)
    sheet = re.sub(r" ?([{};,>]) ?", r"\1", sheet)
    sheet = re.sub(r"(?<![\d.])0\.(?=\d)", ".", sheet)
    return re.sub(r"(?<=[\w-]): ", ":", sheet).replace(";}", "}").strip()
