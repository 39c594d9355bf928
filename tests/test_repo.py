"""The repository itself: addresses, licences, pins, stored notebooks, and the tools in book/."""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
import torch
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import scripts

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TEXT = {".md", ".py", ".toml", ".yml", ".yaml", ".cff", ".txt", ".json", ".ipynb", ".bib"}
TEXT |= {".css", ".js", ".svg", ".sh", ".cfg", ""}


address = scripts.load("tools/address")
execute = scripts.load("tools/execute")


def project_files() -> list[Path]:
    """Return the project's own files: what git tracks, or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if listed.returncode == 0:
            paths = [ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name]
            return [path for path in paths if path.is_file()]
    hidden = {".venv", "_build", "__pycache__", "build", "dist"}
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(
            part in hidden or part.endswith(("_cache", ".egg-info"))
            for part in path.relative_to(ROOT).parts
        )
    )


FILES = [path for path in project_files() if path.suffix in TEXT]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- what may not be said --------------------------------------------------------------------

# put together from parts, so that this file does not break its own rule
PRIVATE = re.compile("|".join([r"(?<![\w.~-])/" + "work/", "/" + "root/", "/" + r"home/\w+"]))
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(com|org)"])
)


def private_parts(text: str) -> list[str]:
    return PRIVATE.findall(text)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_private_path_and_no_registry(path):
    text = path.read_text(encoding="utf8")
    assert private_parts(text) == []
    assert not REGISTRIES.search(text)


@pytest.mark.parametrize(
    "text", ["open('/" + "work/x')", "/" + "root/.cache", "see /" + "home/ada/x", "/" + "work/"]
)
def test_private_paths_are_seen(text):
    assert private_parts(text)


@pytest.mark.parametrize("text", ["network/layer", "a/work/b", "the root/leaf", "homework/"])
def test_harmless_words_are_not(text):
    assert not private_parts(text)


def test_no_file_is_large_or_foreign():
    for path in project_files():
        assert path.stat().st_size < 1_000_000, path
        assert path.suffix not in {".npz", ".pt", ".woff", ".woff2", ".whl", ".zip", ".gz"}, path


# --- pins, licences, citation ----------------------------------------------------------------


def test_requirements_are_exact_pins():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf8").splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert pins
    for line in pins:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_package_has_lower_bounds_only():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    for line in (line for group in groups for line in group):
        assert re.fullmatch(r"[A-Za-z0-9._-]+>=[0-9.]+", line), line


def test_every_package_is_installed():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["tool"]
    found = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for file in (ROOT / "fgnn_lite").rglob("__init__.py")
    }
    assert set(setuptools["setuptools"]["packages"]) == found


def test_gpu_check_says_so_where_there_is_no_gpu():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here: run make gpu-check itself")
    done = subprocess.run(["make", "gpu-check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "There is no GPU here" in done.stdout


def test_the_tables_of_the_results_are_filled_from_the_files(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    summary = importlib.import_module("summary")
    page = (ROOT / "results" / "README.md").read_text(encoding="utf8")
    assert summary.filled(page) == page
    with pytest.raises(ValueError, match="one table"):
        summary.filled(page.replace("<!-- table: speed -->", ""))


@pytest.mark.parametrize("path", sorted((ROOT / "results").glob("*.json")), ids=lambda p: p.stem)
def test_results_say_where_they_come_from(path):
    content = json.loads(path.read_text(encoding="utf8"))
    assert content["about"]
    assert {"date", "python", "torch", "torch_geometric", "machine"} <= set(content["provenance"])
    assert content["rows"]
    names = ["graph", "backbone", "method", "change", "depth", "nodes", "split", "round"]
    names += ["learner", "temperature", "seed", "layer", "theta", "protocol", "lr"]
    names += ["above", "budget", "predicts"]  # of top-down.json
    names += ["chapter"]  # of variations.json
    names += ["updates"] * ("layer" in content["rows"][0])  # elsewhere it was measured
    names += ["goodness"] * ("theta" in content["rows"][0])  # elsewhere, too
    keys = [tuple(row.get(name) for name in names) for row in content["rows"]]
    assert len(set(keys)) == len(keys), "a run is there twice"


def test_pins_satisfy_the_lower_bounds():
    from packaging.requirements import Requirement

    lines = (ROOT / "requirements.txt").read_text(encoding="utf8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    for requirement in (Requirement(line) for group in groups for line in group):
        assert requirement.specifier.contains(pinned[requirement.name]), requirement


def test_licences():
    code = (ROOT / "LICENSE").read_text(encoding="utf8")
    assert code.startswith("MIT License")
    assert "Copyright (c)" in code
    assert "WITHOUT WARRANTY OF ANY KIND" in code
    text = (ROOT / "LICENSE-text.md").read_text(encoding="utf8")
    assert "CC BY 4.0" in text
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in text


def test_citation():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    assert {"cff-version", "message", "title", "authors", "repository-code"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert f"[{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf8")


# --- the address -----------------------------------------------------------------------------


def repository_links(text: str) -> set[str]:
    """Return the owner/name of every link to this project, on GitHub and on Colab."""
    name = address.read_address().rsplit("/", 1)[1]
    links = re.findall(r"(?:github\.com|google\.com/github)/([\w.-]+/[\w-]+)", text)
    return {slug for slug in links if slug.endswith("/" + name) or slug.startswith("OWNER/")}


def test_every_link_follows_the_configuration():
    slug = address.read_address().removeprefix("https://github.com/")
    seen = set()
    for path in FILES:
        if path.is_relative_to(ROOT / "tests"):
            continue
        links = repository_links(path.read_text(encoding="utf8"))
        assert links <= {slug}, path
        seen |= {name_of(path)} if links else set()
    assert {"_config.yml", "README.md", "CITATION.cff", "book/intro.md"} <= seen


def test_colab_links_lead_to_notebooks():
    for path in FILES:
        text = path.read_text(encoding="utf8") if path.suffix == ".md" else ""
        for name in re.findall(re.escape(address.COLAB) + r"\S+?/([\w-]+\.ipynb)", text):
            link = address.colab_link(address.read_address(), name)
            assert link in text, f"{path}: {name}"
            assert (ROOT / "notebooks" / name).is_file() or not NOTEBOOKS, f"{path}: {name}"


def dead_ends(page: Path) -> list[str]:
    """Return the relative links and images of a Markdown page that lead to no file."""
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text(encoding="utf8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    return [link for link in local if not (page.parent / link).exists()]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=name_of)
def test_relative_links(path):
    assert dead_ends(path) == []


def test_dead_ends_are_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("[a](a.md#top) ![b](b.png) [c](https://x.org/) [d](d/)", encoding="utf8")
    assert dead_ends(page) == ["b.png", "d/"]


def copy_project(target: Path) -> Path:
    for path in FILES:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    cell = "%pip install -q 'fgnn-lite[book] @ git+" + address.read_address() + "'"
    link = address.colab_link(address.read_address(), "99_x.ipynb")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(link), nbformat.v4.new_code_cell(cell)]
    )
    (target / "notebooks").mkdir(exist_ok=True)
    nbformat.write(notebook, target / "notebooks" / "99_x.ipynb")
    return target


def test_address_command_changes_every_place(tmp_path):
    root, old = copy_project(tmp_path), address.read_address()
    new = "https://github.com/some-one/another.book"
    changed = address.set_address(new + ".git", root)
    assert address.read_address(root) == new
    assert {"_config.yml", "README.md", "CITATION.cff", "99_x.ipynb"} <= {p.name for p in changed}
    old_slug = old.removeprefix("https://github.com/")
    for path in (p for p in root.rglob("*") if p.is_file() and "tests" not in p.parts):
        assert old_slug not in path.read_text(encoding="utf8"), path
    notebook = nbformat.read(root / "notebooks" / "99_x.ipynb", as_version=4)
    assert notebook.cells[0].source == address.colab_link(new, "99_x.ipynb")
    assert f"git+{new}'" in notebook.cells[1].source
    address.set_address(old, root)  # and back: nothing else was touched
    for path in FILES:
        assert (root / path.relative_to(ROOT)).read_bytes() == path.read_bytes(), path


@pytest.mark.parametrize(
    "wrong",
    ["", "github.com/a/b", "http://github.com/a/b", "https://github.com/a", "https://x.y/a/b"],
)
def test_address_command_refuses_other_forms(tmp_path, wrong):
    shutil.copyfile(ROOT / "_config.yml", tmp_path / "_config.yml")
    with pytest.raises(ValueError, match="owner/name"):
        address.set_address(wrong, tmp_path)
    assert (tmp_path / "_config.yml").read_bytes() == (ROOT / "_config.yml").read_bytes()


def test_address_leaves_names_that_begin_alike():
    old, new = "https://github.com/a/book", "https://github.com/b/text"
    text = "https://github.com/a/book-two https://github.com/a/book.git https://github.com/a/book."
    assert address.replace(text, old, new) == (
        "https://github.com/a/book-two https://github.com/b/text.git https://github.com/b/text."
    )


# --- the environment -------------------------------------------------------------------------


def set_up(root: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run environment.sh on a copy that has its own requirements."""
    tools = root / "book" / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "book" / "tools" / "environment.sh", tools)
    (root / "requirements.txt").touch()
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHON", "TORCH_INDEX"}}
    return subprocess.run(
        ["bash", "book/tools/environment.sh"],
        cwd=root,
        env={**clean, **variables},
        capture_output=True,
        text=True,
    )


def fake_python(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf8")
    path.chmod(0o755)
    return path


def test_environment_is_made_once_and_again_when_needed(tmp_path):
    first = set_up(tmp_path, PYTHON=sys.executable)
    assert first.returncode == 0, first.stderr
    assert "Making .venv" in first.stdout
    again = set_up(tmp_path, PYTHON=sys.executable)
    assert (again.returncode, again.stdout) == (0, "")
    # other pins: installed on top
    (tmp_path / "requirements.txt").write_text("# changed\n", encoding="utf8")
    changed = set_up(tmp_path, PYTHON=sys.executable)
    assert "Installing" in changed.stdout
    assert "Making" not in changed.stdout
    assert len(list((tmp_path / ".venv").glob(".installed-*"))) == 1
    # an install that was cut short: from the beginning
    (tmp_path / ".venv" / ".unfinished").touch()
    assert "Making .venv" in set_up(tmp_path, PYTHON=sys.executable).stdout
    # an environment whose interpreter has gone
    (tmp_path / ".venv" / "bin" / "python").unlink()
    assert "Making .venv" in set_up(tmp_path, PYTHON=sys.executable).stdout


def test_failed_install_is_not_taken_for_a_finished_one(tmp_path):
    (tmp_path / "requirements.txt").write_text("-r gone.txt\n", encoding="utf8")
    assert set_up(tmp_path, PYTHON=sys.executable).returncode != 0
    assert not list((tmp_path / ".venv").glob(".installed-*"))
    assert (tmp_path / ".venv" / ".unfinished").exists()


def write_wheel(folder: Path, name: str, requires: str = "") -> None:
    """A package of one empty module, as pip installs it."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


@pytest.fixture
def project(tmp_path) -> tuple[Path, dict[str, str]]:
    """A folder whose one requirement needs another, and where pip finds both."""
    root = tmp_path / "project"
    root.mkdir()
    write_wheel(tmp_path / "wheels", "toy", requires="part")
    write_wheel(tmp_path / "wheels", "part")
    (root / "requirements.txt").write_text("# pins\ntoy==1.0\n", encoding="utf8")
    found = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels")}
    return root, {"PYTHON": sys.executable, **found}


def installed(root: Path) -> set[str]:
    return {path.stem for path in root.glob(".venv/lib/python3.*/site-packages/*.py")}


def test_the_environment_is_whole_whatever_is_set(project, tmp_path):
    root, variables = project
    other = tmp_path / "other"
    with zipfile.ZipFile(tmp_path / "wheels" / "toy-1.0-py3-none-any.whl") as wheel:
        wheel.extractall(other)  # what pip would take for installed
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nuser = true\n", encoding="utf8")
    variables |= {"PYTHONPATH": str(other), "PIP_USER": "1", "PIP_TARGET": str(tmp_path / "target")}
    made = set_up(root, **variables, PIP_CONFIG_FILE=str(config))
    assert made.returncode == 0, made.stderr
    assert installed(root) == {"toy", "part"}


def test_an_environment_that_lacks_something_is_not_called_complete(project, tmp_path):
    root, variables = project
    config = tmp_path / "pip.conf"
    config.write_text("[install]\nno-deps = true\n", encoding="utf8")
    made = set_up(root, **variables, PIP_CONFIG_FILE=str(config))
    assert made.returncode != 0
    assert re.search(r"has not installed all .*requires part", made.stderr, re.DOTALL)
    assert not list((root / ".venv").glob(".installed-*"))
    config.write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n", encoding="utf8")
    (root / ".venv" / ".unfinished").unlink()  # not from the beginning, which takes long
    (root / "requirements.txt").write_text("part==1.0\n", encoding="utf8")
    made = set_up(root, **variables, PIP_CONFIG_FILE=str(config))
    assert made.returncode != 0
    assert re.search(r"has not installed all .*\npart\n", made.stderr, re.DOTALL)
    assert not list((root / ".venv").glob(".installed-*"))


def test_of_two_at_once_the_second_waits_and_uses_what_the_first_made(tmp_path):
    assert set_up(tmp_path, PYTHON=sys.executable).returncode == 0
    unfinished = tmp_path / ".venv" / ".unfinished"
    unfinished.touch()  # as while another is at work
    script = tmp_path / "book" / "tools" / "environment.sh"
    with script.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        second = subprocess.Popen(["bash", script], stdout=subprocess.PIPE, text=True)
        assert "waits" in second.stdout.readline()
        assert second.poll() is None
        (tmp_path / ".venv" / "mine").touch()
        unfinished.unlink()
    said, _ = second.communicate(timeout=60)
    assert (second.returncode, said) == (0, "")
    assert (tmp_path / ".venv" / "mine").exists()


def test_shims_that_fail_and_wrong_versions_are_passed_over(tmp_path):
    fake_python(tmp_path / "a", "python3.11", "echo 'command not found' >&2; exit 127")
    fake_python(tmp_path / "b", "python3.11", "exit 1")
    fake_python(tmp_path / "c", "python3", f'exec {sys.executable} "$@"')
    folders = ":".join(str(tmp_path / name) for name in "abc")
    needed = tmp_path / "needed"
    needed.mkdir()
    for tool in ("bash", "dirname", "cksum", "tr", "rm", "touch", "cat", "grep"):
        (needed / tool).symlink_to(shutil.which(tool))
    result = set_up(tmp_path, PATH=f"{folders}:{needed}")
    assert result.returncode == 0, result.stderr
    assert f"({tmp_path / 'c' / 'python3'})" in result.stdout


@pytest.mark.parametrize("chosen", ["", "wrong"])
def test_no_fitting_python_is_said_clearly(tmp_path, chosen):
    needed = tmp_path / "needed"
    wrong = fake_python(needed, "python3", "exit 1")
    for tool in ("bash", "dirname", "cksum", "tr", "rm", "touch", "cat", "grep"):
        (needed / tool).symlink_to(shutil.which(tool))
    result = set_up(tmp_path, PATH=str(needed), PYTHON=str(wrong) if chosen else "")
    assert result.returncode != 0
    assert "3.11, 3.12 or 3.13" in result.stderr
    assert not (tmp_path / ".venv").exists()


# --- execute.py ------------------------------------------------------------------------------

FIGURE = """
class Figure:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": b"png", "text/plain": ALT}, {"image/png": {"alt": ALT}}
"""


def store(folder: Path, *cells: str, tags: tuple[str, ...] = ()) -> Path:
    path = folder / "01_x.ipynb"
    made = [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in cells]
    for index, cell in enumerate(made):
        cell["id"] = f"cell-{index}"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def test_execute_stores_clean_outputs_and_alt_text(tmp_path):
    path = store(
        tmp_path,
        "import os, sys\nprint('a')\nsys.stdout.flush()\nprint('b')",
        "ALT = 'A line\\nthat rises.'" + FIGURE + "Figure()",
        "",
        "os.getcwd() == " + repr(str(tmp_path)),
    )
    assert execute.main([str(path), "--folder", str(tmp_path)]) == 0
    first = path.read_text(encoding="utf8")
    notebook = nbformat.reads(first, as_version=4)
    nbformat.validate(notebook)
    assert [o.text for o in notebook.cells[0].outputs] == ["a\nb\n"]
    assert notebook.cells[1].metadata["mystnb"]["image"]["alt"] == "A line that rises."
    assert [c.execution_count for c in notebook.cells] == [1, 2, None, 3]
    assert notebook.cells[3].outputs[0].data["text/plain"] == "True"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all("execution" not in cell.metadata for cell in notebook.cells)
    assert first.endswith("}\n")
    assert json.loads(first)
    assert execute.main(["01", "--folder", str(tmp_path)]) == 0
    assert path.read_text(encoding="utf8") == first


def test_execute_uses_this_interpreter(tmp_path):
    path = store(tmp_path, f"import sys\nprint(sys.executable == {sys.executable!r})")
    execute.execute(path)
    assert nbformat.read(path, as_version=4).cells[0].outputs[0].text == "True\n"


def test_execute_names_the_failing_cell_and_keeps_the_file(tmp_path, capsys):
    path = store(tmp_path, "x = 1", "x / 0")
    before = path.read_bytes()
    assert execute.main(["--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "cell 2" in said
    assert "ZeroDivisionError" in said
    assert path.read_bytes() == before


WIDGET = "import ipywidgets\nfrom IPython.display import display\ndisplay(ipywidgets.IntSlider())"


def test_execute_drops_widgets(tmp_path):
    path = store(tmp_path, WIDGET + "\nprint('at 0')", tags=("nbval-ignore-output",))
    execute.execute(path)
    text = path.read_text(encoding="utf8")
    assert "widget-view" not in text
    assert "widget-state" not in text
    outputs = nbformat.reads(text, as_version=4).cells[0].outputs
    assert [o.output_type for o in outputs] == ["stream"]


def test_execute_refuses_an_untagged_widget_and_two_alt_texts(tmp_path):
    with pytest.raises(execute.NotebookError, match="cell 1 shows a widget"):
        execute.execute(store(tmp_path, WIDGET))
    two = f"ALT = 'one.'{FIGURE}display(Figure())\nALT = 'two.'\ndisplay(Figure())"
    with pytest.raises(execute.NotebookError, match="one figure a cell"):
        execute.execute(store(tmp_path, two))


def test_execute_knows_its_notebooks(tmp_path, capsys):
    assert execute.main(["--folder", str(tmp_path)]) == 1
    store(tmp_path, "1")
    assert execute.main(["02", "--folder", str(tmp_path)]) == 1
    assert "01_x" in capsys.readouterr().err


# --- the stored notebooks --------------------------------------------------------------------


def test_contents_list_every_notebook():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf8")
    listed = set(re.findall(r"file: notebooks/(\S+)", toc))
    assert {path.stem for path in NOTEBOOKS} == listed


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def notebook_defects(path: Path) -> list[str]:
    """Return what is wrong with a stored notebook."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"not valid: {error}"]
    defects = []
    repository = address.read_address()
    cells = code_cells(notebook)
    if path.stat().st_size >= 400_000:
        defects.append("400 KB or more")
    if "widgets" in notebook.metadata:
        defects.append("widget state")
    if address.colab_link(repository, path.name) not in notebook.cells[0].source:
        defects.append("no Colab link in the first cell")
    if len(cells) < 2:
        return [*defects, "fewer than two code cells"]
    if "import fgnn_lite" not in cells[0].source or f"git+{repository}" not in cells[0].source:
        defects.append("the first code cell is not the set-up cell")
    if cells[0].outputs:
        defects.append("the set-up cell prints")
    if "parameters" not in cells[1].metadata.get("tags", []):
        defects.append("the second code cell is not tagged 'parameters'")
    if not any(cell.outputs for cell in cells):
        defects.append("no stored outputs")
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        if len(cell.source.splitlines()) > 25:
            defects.append(f"cell {number}: more than 25 lines")
        if cell.source.strip() and cell.execution_count is None:
            defects.append(f"cell {number}: was not run")
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "error":
                defects.append(f"cell {number}: an error is stored")
            if execute.WIDGET_VIEW in data:
                defects.append(f"cell {number}: a widget is stored")
            if any(mime.startswith("image/") for mime in data) and len(alt) < 10:
                defects.append(f"cell {number}: a figure without alt text")
    counts = [cell.execution_count for cell in cells if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        defects.append("execution counts are not 1, 2, 3, ...")
    return defects


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_notebook(path):
    assert notebook_defects(path) == []


def sound_notebook():
    link = address.colab_link(address.read_address(), "01_x.ipynb")
    setup = f"import fgnn_lite  # pip install git+{address.read_address()}"
    image = nbformat.v4.new_output("display_data", {"image/png": "aGk="})
    cells = [
        nbformat.v4.new_markdown_cell(f"# Title\n\n[Colab]({link})"),
        nbformat.v4.new_code_cell(setup, execution_count=1),
        nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}, execution_count=2),
        nbformat.v4.new_code_cell("x", execution_count=3, outputs=[image]),
    ]
    cells[3].metadata["mystnb"] = {"image": {"alt": "A figure with a line."}}
    return nbformat.v4.new_notebook(cells=cells)


def spoil(notebook, defect: str) -> None:
    cell = notebook.cells[3]
    if defect == "widget state":
        notebook.metadata["widgets"] = {}
    elif defect == "no Colab link":
        notebook.cells[0].source = "# Title"
    elif defect == "not the set-up cell":
        notebook.cells[1].source = "import fgnn_lite"
    elif defect == "set-up cell prints":
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hi")]
    elif defect == "'parameters'":
        notebook.cells[2].metadata["tags"] = []
    elif defect == "no stored outputs":
        cell.outputs = []
    elif defect == "more than 25":
        cell.source = "x\n" * 26
    elif defect == "was not run":
        cell.execution_count = None
    elif defect == "an error":
        cell.outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))
    elif defect == "a widget":
        cell.outputs[0].data[execute.WIDGET_VIEW] = {}
    elif defect == "without alt":
        del cell.metadata["mystnb"]
    elif defect == "400 KB":
        cell.outputs[0].data["image/png"] = "a" * 400_000
    elif defect == "execution counts":
        cell.execution_count = 9


def test_sound_notebook_passes(tmp_path):
    nbformat.write(sound_notebook(), tmp_path / "01_x.ipynb")
    assert notebook_defects(tmp_path / "01_x.ipynb") == []


@pytest.mark.parametrize(
    "defect",
    [
        "widget state",
        "no Colab link",
        "not the set-up cell",
        "set-up cell prints",
        "'parameters'",
        "no stored outputs",
        "more than 25",
        "was not run",
        "an error",
        "a widget",
        "without alt",
        "400 KB",
        "execution counts",
    ],
)
def test_notebook_defect_is_seen(tmp_path, defect):
    notebook = sound_notebook()
    spoil(notebook, defect)
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    assert any(defect in found for found in notebook_defects(tmp_path / "01_x.ipynb"))
