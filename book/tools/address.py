"""Give the project its home: write the repository's address where it is needed, or take it away.

``make address REPO=https://github.com/owner/name`` sets it, ``make address REPO=none`` takes it
away. It stands in ``_config.yml``; what follows from it is made here: buttons of the pages, parts
of README, citation file and package metadata, each notebook's link to Colab and its set-up cell.
Pages in ``book/`` follow when they are built. Without an address nothing leads to a repository.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r"https://github\.com/([A-Za-z0-9][A-Za-z0-9_-]*)/([A-Za-z0-9._-]+)")
NONE = "none"
LINE = re.compile(r"^(  url: )(\S+)$", re.MULTILINE)
COLAB = "https://colab.research.google.com"
NAME = re.compile(r"(\d\d|a\d)_\w+\.ipynb")  # of a notebook of the book, and no other
LINK = re.compile(r"\[Open this (?:chapter|page) on Google Colab\]\([^)]*\)\n\n")
PART = re.compile(r"(<!-- address: (\w+) -->\n).*?(?=<!-- end -->)", re.DOTALL)

SETUP = """\
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("fgnn_lite") is None:
    wheels = sorted(Path().glob("fgnn_lite-*.whl"))
    if Path("../fgnn_lite/__init__.py").is_file():  # a clone
        sys.path.insert(0, str(Path("..").resolve()))
{otherwise}
import fgnn_lite as fgnn

fgnn.watch_settings()"""
WITH_ADDRESS = """\
    else:
        home = "git+{address}"
        what = f"{{wheels[-1]}}[book]" if wheels else f"fgnn-lite[book] @ {{home}}"
        pip = [sys.executable, "-m", "pip", "install", "-qq", what]
        subprocess.run(pip, check=True)"""
WITHOUT_ADDRESS = """\
    elif wheels:
        pip = [sys.executable, "-m", "pip", "install", "-qq"]
        subprocess.run([*pip, f"{wheels[-1]}[book]"], check=True)
    else:
        what = "the wheel that the page 'How to use this book' offers"
        raise ImportError(f"put {what} into {Path.cwd()}, then run this again")"""


def normalise(address: str) -> str:
    """Return the address without a trailing slash or ``.git``, and "" for none; refuse the rest."""
    address = address.strip().rstrip("/").removesuffix(".git")
    if address == NONE:
        return ""
    if not FORM.fullmatch(address):
        raise ValueError(f"{address!r} is neither like https://github.com/owner/name nor none")
    return address


def read_address(root: Path = ROOT) -> str:
    """Return the repository's address as ``_config.yml`` has it, "" if there is none."""
    found = LINE.findall((root / "_config.yml").read_text(encoding="utf8"))
    if len(found) != 1:
        raise ValueError(f"_config.yml has {len(found)} lines '  url: ...', one is expected")
    return normalise(found[0][1].strip("\"'") or NONE)


def colab_link(address: str, notebook: str) -> str:
    """Return the link that opens ``notebooks/<notebook>`` on Colab."""
    slug = address.removeprefix("https://github.com/")
    return f"{COLAB}/github/{slug}/blob/main/notebooks/{notebook}"


def set_up(address: str) -> str:
    """Return the set-up cell: the first code cell of every notebook."""
    otherwise = WITH_ADDRESS.format(address=address) if address else WITHOUT_ADDRESS
    return SETUP.replace("{otherwise}", otherwise)


def config(text: str, address: str) -> str:
    """Return ``_config.yml``: an address, and buttons that lead there."""
    button = "true" if address else "false"
    for pattern, value in (
        (LINE.pattern, address or '""'),
        (r"^(  colab_url: )(.*)$", COLAB if address else '""'),
        (r"^(  use_repository_button: )(.*)$", button),
        (r"^(  use_issues_button: )(.*)$", button),
    ):
        text, count = re.subn(pattern, lambda m, v=value: m[1] + v, text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"_config.yml has {count} lines like {pattern}, one is expected")
    return text


def citation(text: str, address: str) -> str:
    """Return ``CITATION.cff``."""
    text = re.sub(r"^repository-code: .*\n", "", text, flags=re.MULTILINE)
    line = f"repository-code: {address}\n" if address else ""
    return text.replace("keywords:\n", f"{line}keywords:\n", 1)


def package(text: str, address: str) -> str:
    """Return ``pyproject.toml``."""
    text = re.sub(r"^\[project\.urls\]\nRepository = .*\n\n", "", text, flags=re.MULTILINE)
    table = f'[project.urls]\nRepository = "{address}"\n\n' if address else ""
    return text.replace("[tool.setuptools]\n", f"{table}[tool.setuptools]\n", 1)


def colab_part(address: str, titles: dict[str, str]) -> str:
    """Return how README leads to Colab: links to all notebooks, or what to upload."""
    if not address:
        return (
            f"Upload a notebook from `notebooks/` to [Google Colab]({COLAB}),\n"
            "and beside it the wheel of the library, `fgnn_lite-*.whl`, which `make book` puts\n"
            "into `_build/html`. The notebook's first cell finds it.\n"
        )
    links = {name: f"- [{titles[name]}]({colab_link(address, name)})\n" for name in sorted(titles)}
    return "".join(
        ["Open a chapter on Google Colab:\n\n"]
        + [link for name, link in links.items() if name[0].isdigit()]
        + ["\nTwo more pages are made of controls that need no kernel:\n\n"]
        + [link for name, link in links.items() if not name[0].isdigit()]
    )


def readme(text: str, address: str, titles: dict[str, str]) -> str:
    """Return ``README.md``: what stands between its marks follows from the address."""
    source = f'"fgnn-lite @ git+{address}"' if address else ".  # in this folder"
    parts = {
        "colab": colab_part(address, titles),
        "install": f"```bash\npip install {source}\n```\n",
    }
    return PART.sub(lambda mark: mark[1] + parts[mark[2]], text)


def notebook(text: str, address: str, name: str) -> str:
    """Return a notebook: the link under its title, and its set-up cell."""
    content = json.loads(text)
    title = content["cells"][0]
    head, _, rest = LINK.sub("", "".join(title["source"])).partition("\n\n")
    kind = "chapter" if name[0].isdigit() else "page"
    link = f"[Open this {kind} on Google Colab]({colab_link(address, name)})\n\n" if address else ""
    title["source"] = f"{head}\n\n{link}{rest}".splitlines(keepends=True)
    first = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    first["source"] = set_up(address).splitlines(keepends=True)
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def set_address(address: str, root: Path = ROOT) -> list[Path]:
    """Write the address, or "none", into all files below `root`; return those that changed."""
    address = normalise(address)
    notebooks = sorted(p for p in (root / "notebooks").iterdir() if NAME.fullmatch(p.name))
    made = {path: notebook(path.read_text("utf8"), address, path.name) for path in notebooks}
    titles = {
        path.name: "".join(json.loads(text)["cells"][0]["source"]).splitlines()[0].lstrip("# ")
        for path, text in made.items()
    }
    for name, change in (("_config.yml", config), ("CITATION.cff", citation),
                         ("pyproject.toml", package)):  # fmt: skip
        made[root / name] = change((root / name).read_text("utf8"), address)
    made[root / "README.md"] = readme((root / "README.md").read_text("utf8"), address, titles)
    changed = [path for path, text in made.items() if path.read_text("utf8") != text]
    for path in changed:
        path.write_text(made[path], encoding="utf8", newline="\n")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Set the repository's address everywhere.")
    parser.add_argument("address", help="https://github.com/owner/name, or none")
    options = parser.parse_args(arguments)
    try:
        changed = set_address(options.address)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The address is {read_address() or NONE}: {len(changed)} files changed.")
    for path in changed:
        print(f"  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
