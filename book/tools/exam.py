"""Put chosen questions of the bank on a page to print, for a class or, with keys, for a teacher.

python book/tools/exam.py 1.1 4.1 7.3
python book/tools/exam.py 1.1 4.1 7.3 --keys --to _build/keys.html
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import worksheets

BANK = ROOT / "book" / "teaching"
LINES = 1.2  # to write on, for each minute


def entries(name: str) -> dict[str, str]:
    """What stands under each heading of the third level, its title included, by number."""
    text = (BANK / f"{name}.md").read_text(encoding="utf8")
    found = re.split(r"^### ", re.sub(r"^## .*$", "", text, flags=re.M), flags=re.M)[1:]
    return {each.split(maxsplit=1)[0]: each.strip() for each in found}


def paper(chosen: list[str], keys: bool = False) -> str:
    """The page.

    Raises:
        ValueError: no question has that number.
    """
    questions, answers = entries("questions"), entries("keys")
    boxes, points, minutes = [], 0, 0
    for name in chosen:
        if name not in questions:
            raise ValueError(f"question must be one of {', '.join(questions)}; got {name!r}")
        title, about, asked = re.split(r"\n+", questions[name], maxsplit=2)
        worth, time = map(int, re.search(r"(\d+) points · (\d+) minutes", about).groups())
        points, minutes = points + worth, minutes + time
        below = answers[name].partition("\n")[2] if keys else f"space: {round(LINES * time)}"
        boxes.append(f"## {title} · {worth} points, {time} minutes\n\n{asked}\n\n{below}\n")
    head = f"# Examination · name:\n\n{points} points, {minutes} minutes\n"
    return worksheets.sheet("\n---\n".join([head, *boxes]))


def main(arguments: list[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("questions", nargs="+", help="their numbers, for instance 1.1")
    parser.add_argument("--keys", action="store_true", help="with the keys, for the teacher")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "exam.html")
    given = parser.parse_args(arguments)
    try:
        page = paper(given.questions, given.keys)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    given.to.parent.mkdir(exist_ok=True)
    given.to.write_text(page, encoding="utf8")
    print(f"The questions are in {given.to}. Open it in a browser, and print it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
