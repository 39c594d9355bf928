"""The field's words: no private one in a chapter, on a page, in the library, in a script.

A word of the left column has no meaning outside this book; the right column is what the field says.
A hit is a whole word, also as a part of a name such as `hand_on`. Where the same letters are
ordinary English, `ALLOWED` lists the phrase, the files and the reason.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch

import pytest
import scripts

PRIVATE = {
    r"(?:un|over)?hear[sd]?|hearing|ears?|deaf": "aggregate, receive messages from",
    r"listen(?:s|ed|ing|ers?)?": "aggregate, receive messages from",
    r"loud\w*|whisper\w*|voices?|shout\w*": "weight of a message, scale, norm",
    r"truths?|worlds?": "the true class; positive and negative graphs, or inputs",
    r"(?:an?|the|one|of|and|few|single|with|no|first|two|their) lies?|lies of": "wrong label",
    r"ties?|tied": "virtual edge",
    r"vouch\w*|crowd\w*": "neighbours carry the same hypothesis",
    r"acquit\w*|guilty|convict\w*|suspects?": "cause",
    r"ask(?:s|ed)? (?:alone|one by one)": "per-node hypothesis",
    r"doubles|a double of": "probe copies; in double precision",
    r"names? (?:an |the |most )?images?|named (?:right|wrong)(?:ly)?": "classifies",
    r"images (?:are )?named": "classifies",
    r"(?<!one-)(?<!one_)hot(?:ter|test)?|cold(?:er|est)?": "high, low temperature",
    r"tak(?:e|es|ing) (?:away )?(?:its|the|their) length|length is taken": "normalise",
    r"without (?:its|their) length": "normalised to unit length",
    r"fences?": "the loss at the threshold",
    r"hand_on|heard": "next_input; LayerInput",
}
LETTER = "[A-Za-z]"  # what may not stand beside a word; "_" and "-" may
WORDS = {
    re.compile(rf"(?<!{LETTER})(?:{word})(?!{LETTER})", re.I): instead
    for word, instead in PRIVATE.items()
}
OLD_NAMES = re.compile(r"\b(?:World|Heard|Propagated|Stacked)\b(?=[(\[:`])")

# files, the phrase, why it may stand there
ALLOWED = [
    ("*.js", r"(?:add|remove)EventListener|listeners as functions", "the browser's word"),
    ("fgnn_lite/book/explore/dashboard.py", r"\blisten\b", "a function that is called back"),
    ("fgnn_lite/learners/chain.py", r"\b(?:LOCAL_)?WORLD_SIZE|world_size", "torchrun's word"),
    ("fgnn_lite/graphs.py", r"\bties (?:go|by)\b", "equal distances in a sort"),
    ("*/engine/graph.js", r"\bties go\b", "equal distances in a sort"),
    ("fgnn_lite/learners/link.py", r"\ba tie counts\b", "equal scores in ROC-AUC"),
    ("*/exercises/ch10.py", r"\bties\b", "equal scores in ROC-AUC"),
    ("*/exercises/ch03.py", r"\bno ties\b", "equal correlations in a sort"),
    ("*", r"Too hot", "the name of a preset of the playground"),
]
FILES = (
    "notebooks/*.ipynb",
    "README.md",
    "CONTRIBUTING.md",
    "book/*.md",
    "book/slides/*.md",
    "book/teaching/*.md",
    "book/worksheets/*.md",
    "results/README.md",
    "fgnn_lite/**/*.py",
    "fgnn_lite/**/*.js",
    "fgnn_lite/**/*.css",
    "fgnn_lite/book/**/*.json",
    "benchmarks/*.py",
    "benchmarks/*.js",
)


def source(name: str, text: str) -> str:
    """What is linted: of a notebook its cells, of a page all but quoted headings."""
    if name.endswith(".ipynb"):
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    if name.endswith(".md"):  # a heading is quoted as it stands in its chapter, which is linted
        text = re.sub(r"\{section\}`[^`]*`|(?m:^### Chapter \d+: .*$)", " ", text)
        text = re.sub(r"\[[^\]]*\]\([^)]*notebooks/[^)]*\)", " ", text)
    return text


def private(name: str, text: str) -> list[str]:
    """Every private word of a file: its line, the word, and what the field says."""
    found = []
    for number, line in enumerate(source(name, text).split("\n"), 1):
        for files, phrase, _ in ALLOWED:
            if fnmatch(name, files):
                line = re.sub(phrase, " ", line)
        for word, instead in [*WORDS.items(), (OLD_NAMES, "the name in fgnn_lite.layers")]:
            found += [f"{name}:{number}: {hit[0]!r}, not: {instead}" for hit in word.finditer(line)]
    return found


NAMES = [
    str(path.relative_to(scripts.ROOT)) for pattern in FILES for path in scripts.files(pattern)
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_in_the_words_of_the_field(name: str) -> None:
    found = private(name, (scripts.ROOT / name).read_text(encoding="utf8"))
    assert not found, "\n".join(found)


def test_files_are_found() -> None:
    for pattern in FILES:
        assert scripts.files(pattern), pattern


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A node hears its neighbours; unheard of, it learned by heart.", ["hears", "unheard"]),
        ("The loudest voice: a lie, or the truth?", ["loudest", "voice", "truth", "a lie"]),
        ("Labels must lie in 0..2, one-hot; a cold net, and a hot one.", ["cold", "hot"]),
        ("def hand_on(world): look = 'fx-tie'", ["world", "tie", "hand_on"]),
        ("Each double is asked alone and names an image.", ["asked alone", "names an image"]),
        ("`World` gives a `Heard`; Propagated or not. Stacked bars.", ["World", "Heard"]),
        ("Hypotheses are tied, the suspect is guilty.", ["tied", "guilty", "suspect"]),
        ("It takes the length away from a layer on the fence.", ["takes the length", "fence"]),
    ],
)
@pytest.mark.parametrize("name", ["book/page.md", "fgnn_lite/planted.py", "notebooks/01_x.ipynb"])
def test_a_planted_word_is_seen(name: str, line: str, words: list[str]) -> None:
    text = line
    if name.endswith(".ipynb"):
        text = json.dumps({"cells": [{"source": ["# Clean\n", line]}]})
    found = [re.search(r"\d: '(.*)', not: ", hit)[1] for hit in private(name, text)]
    assert sorted(set(found)) == sorted(words)


@pytest.mark.parametrize(("files", "phrase", "reason"), ALLOWED)
def test_an_allowed_phrase_is_still_needed(files: str, phrase: str, reason: str) -> None:
    texts = [
        source(name, (scripts.ROOT / name).read_text(encoding="utf8"))
        for name in NAMES
        if fnmatch(name, files)
    ]
    assert any(re.search(phrase, text) for text in texts), reason


def test_a_quoted_heading_is_its_chapters() -> None:
    page = "See {section}`4 Who hears whom`.\n\n### Chapter 4: how does a node listen?\n\nHear."
    assert [hit.split(":")[1] for hit in private("book/page.md", page)] == ["5"]
