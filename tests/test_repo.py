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
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
import torch
import yaml
from patience import patience

sys.path.insert(0, str(Path(__file__).parent))
import scripts

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = scripts.files("notebooks/*.ipynb")
TEXT = {".md", ".py", ".toml", ".yml", ".yaml", ".cff", ".txt", ".json", ".ipynb", ".bib"}
TEXT |= {".css", ".js", ".svg", ".sh", ".cfg", ""}


address = scripts.load("tools/address")
execute = scripts.load("tools/execute")
home = scripts.load("_ext/home")


def project_files() -> list[Path]:
    """Return the project's own files: what git tracks, without git what is not hidden."""
    own = scripts.tracked()
    if own is not None:
        return sorted(own)
    built = {"_build", "__pycache__", "build", "dist"}
    ours = {".ci", ".github", ".gitignore", ".gitattributes"}
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(
            part in built or part.endswith(".egg-info") or (part[0] == "." and part not in ours)
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
    if scripts.tracked() is None:
        pytest.skip("without git, nothing says which files are the project's")
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
    assert set(setuptools["setuptools"]["packages"]) == found | {"fgnn_lite._results"}


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


@pytest.mark.parametrize("path", scripts.files("results/*.json"), ids=lambda p: p.stem)
def test_results_say_where_they_come_from(path):
    content = json.loads(path.read_text(encoding="utf8"))
    assert content["about"]
    assert {"date", "python", "torch", "torch_geometric", "machine"} <= set(content["provenance"])
    assert content["rows"]
    names = ["graph", "backbone", "method", "change", "depth", "nodes", "split", "round"]
    names += ["learner", "temperature", "seed", "layer", "theta", "protocol", "lr"]
    names += ["above", "budget", "predicts"]  # of top-down.json
    names += ["chapter", "page"]  # of variations.json, pages.json
    names += ["loss", "trains", "features"]  # of hypotheses.json, attention.json
    names += ["schedule", "processes", "send_every"]  # of side-by-side.json
    names += ["setting"]  # of tuned.json
    names += ["weight_decay", "hidden", "negatives"]  # of sensitivity.json
    names += ["fold"]  # of graphs.json
    names += ["part", "extra", "scale"]  # of relatives.json
    names += ["notebook", "cell"]  # of cells.json
    names += ["data", "question", "hops"]  # of questions.json
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
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert f"[{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf8")


# --- the address -----------------------------------------------------------------------------


def dead_ends(page: Path) -> list[str]:
    """Return the relative links and images of a Markdown page that lead to no file."""
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text(encoding="utf8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    return [link for link in local if not (page.parent / link).exists()]


@pytest.mark.parametrize("path", scripts.files("*.md"), ids=name_of)
def test_relative_links(path):
    assert dead_ends(path) == []


def test_dead_ends_are_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("[a](a.md#top) ![b](b.png) [c](https://x.org/) [d](d/)", encoding="utf8")
    assert dead_ends(page) == ["b.png", "d/"]


RUFF = Path(sys.executable).with_name("ruff")
FORK = "https://github.com/some-one/another.book"
# a link to a repository, this or another, but not the form of an address
LEADS = re.compile(r"github\.com/(?!owner/name)[\w.-]+/[\w.-]+|google\.com/github/|git\+http|OWNER")


def copy_project(target: Path) -> Path:
    """The project, and what a reader may have beside its notebooks."""
    for path in FILES:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    (target / "notebooks" / "Untitled.ipynb").write_text("{}", encoding="utf8")
    return target


def leads(root: Path) -> dict[str, set[str]]:
    """The files that lead to a repository, and where they lead."""
    found = {}
    for path in sorted(root / path.relative_to(ROOT) for path in FILES):
        if "tests" not in path.relative_to(root).parts:
            links = set(LEADS.findall(path.read_text(encoding="utf8")))
            found |= {path.relative_to(root).as_posix(): links} if links else {}
    found.pop("book/tools/address.py", None)  # which makes them
    return found


def buttons(root: Path) -> list[bool]:
    """Whether the pages have the buttons that lead to the repository, and to Colab."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf8"))
    html = config["html"]
    return [html["use_repository_button"], html["use_issues_button"],
            bool(config["launch_buttons"]["colab_url"])]  # fmt: skip


def test_without_an_address_nothing_leads_to_a_repository(tmp_path):
    root = copy_project(tmp_path)
    address.set_address(FORK, root)
    address.set_address("none", root)
    assert address.read_address(root) == ""
    assert leads(root) == {}
    assert buttons(root) == [False] * 3
    assert "`fgnn_lite-*.whl`" in (root / "README.md").read_text(encoding="utf8")
    assert "pip install .  #" in (root / "README.md").read_text(encoding="utf8")
    assert "urls" not in tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    assert "repository-code" not in yaml.safe_load((root / "CITATION.cff").read_text("utf8"))
    assert [path.name for path in NOTEBOOKS if notebook_defects(root / "notebooks" / path.name, "")
            ] == []  # fmt: skip


def test_with_an_address_all_leads_there(tmp_path):
    root = copy_project(tmp_path)
    address.set_address(FORK + ".git", root)
    assert address.read_address(root) == FORK
    assert buttons(root) == [True] * 3
    slug = FORK.removeprefix("https://")
    names = {"_config.yml", "README.md", "CITATION.cff", "pyproject.toml"}
    assert set(leads(root)) == names | {f"notebooks/{path.name}" for path in NOTEBOOKS}
    for name, links in leads(root).items():
        assert all(link in (slug, "google.com/github/", "git+http") for link in links), name
    readme = (root / "README.md").read_text(encoding="utf8")
    for path in NOTEBOOKS:
        title = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].lstrip("# ")
        assert f"- [{title}]({address.colab_link(FORK, path.name)})\n" in readme
        assert notebook_defects(root / "notebooks" / path.name, FORK) == []
    assert f'pip install "fgnn-lite @ git+{FORK}"' in readme
    project = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    assert project["urls"] == {"Repository": FORK}
    assert yaml.safe_load((root / "CITATION.cff").read_text("utf8"))["repository-code"] == FORK
    address.set_address(address.read_address() or "none", root)  # and back
    for path in FILES:
        assert (root / path.relative_to(ROOT)).read_bytes() == path.read_bytes(), path


def test_the_project_is_as_the_address_command_leaves_it(tmp_path):
    root = copy_project(tmp_path)
    assert address.set_address(address.read_address() or "none", root) == []


@pytest.mark.parametrize(
    "wrong",
    ["", "github.com/a/b", "http://github.com/a/b", "https://github.com/a", "https://x.y/a/b"],
)
def test_address_command_refuses_other_forms(tmp_path, wrong):
    shutil.copyfile(ROOT / "_config.yml", tmp_path / "_config.yml")
    with pytest.raises(ValueError, match="owner/name"):
        address.set_address(wrong, tmp_path)
    assert (tmp_path / "_config.yml").read_bytes() == (ROOT / "_config.yml").read_bytes()


def test_pages_offer_the_repository_of_a_fork_by_its_own_name():
    offered = home.offers(FORK, "x-1.whl")
    assert offered["clone"] == f"```bash\ngit clone {FORK}\ncd another.book\nmake lab\n```"
    assert offered["repository"] == f"[repository]({FORK})"
    assert home.offers("", "x-1.whl") == {
        "wheel": '<a href="../x-1.whl" download>x-1.whl</a>', "repository": "", "clone": ""
    }  # fmt: skip


def test_the_workflow_tests_and_publishes_under_the_address_that_it_runs_in():
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf8"))
    runs = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    assert runs == ['make address REPO="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"', ".ci/run"]
    (upload,) = (s for s in workflow["jobs"]["test"]["steps"] if "pages" in s.get("uses", ""))
    assert upload["with"] == {"path": "_build/html"}
    assert workflow["jobs"]["publish"]["needs"] == "test"
    for job in (upload, workflow["jobs"]["publish"]):
        assert job["if"].startswith("github.ref == 'refs/heads/main'")


def test_at_night_runs_what_takes_long():
    workflow = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text(encoding="utf8"))
    (runs,) = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    assert runs == "make nightly"


@pytest.mark.skipif(scripts.tracked() is None, reason="this is no clone")
def test_a_clone_with_other_line_endings_has_ours(tmp_path):
    """As Git for Windows is set up: bash and make read no CRLF."""
    clone = ["git", "clone", "--quiet", "--depth=1", "-c", "core.autocrlf=true", ROOT.as_uri()]
    subprocess.run([*clone, tmp_path / "clone"], check=True)
    for path in (tmp_path / "clone").rglob("*"):
        if path.is_file() and ".git" not in path.parts and path.suffix in TEXT:
            assert b"\r" not in path.read_bytes(), path


# --- the set-up cell -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """The Python of another place: it has all that the library needs, but not the library."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3.*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf8")
    return folder / "bin" / "python"


def first_cell(python: Path, where: Path, source: str) -> tuple[int, str, str]:
    """Run a set-up cell in a folder, without a network; give what it says."""
    told = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(
        [python, "-c", source + "\nopen('module', 'w').write(fgnn.__file__)"],
        cwd=where, env={**told, "PIP_NO_INDEX": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("home_of", ["", FORK])
def test_the_set_up_cell_in_a_clone(elsewhere, tmp_path, home_of):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "fgnn_lite").mkdir()
    (tmp_path / "fgnn_lite" / "__init__.py").write_text("watch_settings = int", encoding="utf8")
    (tmp_path / "notebooks" / "fgnn_lite-0.0-py3-none-any.whl").touch()  # the clone's own is right
    said = first_cell(elsewhere, tmp_path / "notebooks", address.set_up(home_of))
    assert said == (0, "", "")
    module = (tmp_path / "notebooks" / "module").read_text(encoding="utf8")
    assert module == str(tmp_path / "fgnn_lite" / "__init__.py")


@pytest.mark.parametrize("home_of", ["", FORK, f"https://github.com/{'o' * 39}/{'n' * 100}"])
def test_the_set_up_cell_is_short_and_passes_make_lint(tmp_path, home_of):
    """Whatever the address: a fork's tests must not fail for its name."""
    cells = [nbformat.v4.new_code_cell(code) for code in (address.set_up(home_of), "fgnn.GRAPHS")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_x.ipynb")
    for command in (["check"], ["format", "--check"]):
        config = ["--config", ROOT / "notebooks" / "ruff.toml", "--no-cache", tmp_path]
        done = subprocess.run([RUFF, *command, *config], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    assert sum(bool(line.strip()) for line in address.set_up(home_of).splitlines()) <= 16


def test_the_set_up_cell_alone_says_what_to_do(elsewhere, tmp_path):
    code, said, error = first_cell(elsewhere, tmp_path, address.set_up(""))
    assert (code, said) == (1, "")
    assert error.splitlines()[-1] == (
        "ImportError: put the wheel that the page 'How to use this book' offers into "
        f"{tmp_path}, then run this again"
    )


@pytest.mark.parametrize("home_of", ["", FORK])
@pytest.mark.slow
def test_the_set_up_cell_beside_the_wheel(elsewhere, tmp_path, home_of):
    """It installs the library and nothing else: what is there, PyTorch above all, stays."""
    home.build_wheel(tmp_path)
    (packages,) = elsewhere.parents[1].glob("lib/python3.*/site-packages")
    before = {path.name for path in packages.iterdir()}
    assert first_cell(elsewhere, tmp_path, address.set_up(home_of)) == (0, "", "")
    made = {path for path in packages.iterdir() if path.name not in before}
    assert Path((tmp_path / "module").read_text("utf8")).is_relative_to(packages / "fgnn_lite")
    for path in made:
        shutil.rmtree(path)
    assert {path.name.partition("-")[0] for path in made} == {"fgnn_lite"}


def test_the_set_up_cell_with_an_address_asks_the_repository(elsewhere, tmp_path):
    (tmp_path / "pip.py").write_text(
        "import pathlib, sys\n"
        "pathlib.Path('asked').write_text('\\n'.join(sys.argv[1:]))\n"
        "pathlib.Path('fgnn_lite.py').write_text('watch_settings = int')\n",
        encoding="utf8",
    )
    assert first_cell(elsewhere, tmp_path, address.set_up(FORK)) == (0, "", "")
    asked = (tmp_path / "asked").read_text(encoding="utf8").splitlines()
    assert asked == ["install", "-qq", f"fgnn-lite[book] @ git+{FORK}"]


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
    said, _ = second.communicate(timeout=patience(30))
    assert (second.returncode, said) == (0, "")
    assert (tmp_path / ".venv" / "mine").exists()


@pytest.mark.slow
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


# --- make ------------------------------------------------------------------------------------


def told_by_make(tmp_path: Path, target: str, **variables: str) -> str:
    """What a target of the Makefile, or one of ours beside it, would run, or says."""
    more = tmp_path / "more.mk"
    more.write_text("include Makefile\nsay:\n\t@echo $$HOME $${PYTHONPATH-unset}\n")
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", more, *target.split()],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_make_keeps_a_home_that_can_be_written_and_else_has_one(tmp_path):
    assert told_by_make(tmp_path, "say", HOME=str(tmp_path)) == f"{tmp_path} unset"
    (tmp_path / "file").touch()
    found, _ = told_by_make(tmp_path, "say", HOME=str(tmp_path / "file")).split()
    assert Path(found) == ROOT / "_build" / "home"
    assert os.access(found, os.W_OK)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "more.mk"}


def test_every_notebook_is_run_once_and_chapters_on_both_capabilities(tmp_path):
    said = told_by_make(tmp_path, "--dry-run notebooks")
    runs = re.findall(r"ATEN_CPU_CAPABILITY=(\w+) .*?(notebooks/.*)", said)
    assert [name for name, _ in runs] == ["default", "avx2"]
    one, other = [[p.name for each in run.split() for p in ROOT.glob(each)] for _, run in runs]
    assert sorted(one + other) == [path.name for path in scripts.files("notebooks/*.ipynb")]
    assert min(len(one), len(other)) >= 6


def test_make_does_not_look_where_another_python_looks(tmp_path):
    assert told_by_make(tmp_path, "say", PYTHONPATH="/elsewhere").endswith(" unset")


def test_only_root_is_allowed_to_be_root_in_jupyterlab(tmp_path):
    assert ("--allow-root" in told_by_make(tmp_path, "-n lab")) == (os.geteuid() == 0)


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


def notebook_defects(path: Path, repository: str | None = None) -> list[str]:
    """Return what is wrong with a stored notebook, whose home is the project's or another."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"not valid: {error}"]
    defects = []
    repository = address.read_address() if repository is None else repository
    link = f"({address.colab_link(repository, path.name)})"
    cells = code_cells(notebook)
    if path.stat().st_size >= 500_000:
        defects.append("500 KB or more")
    if "widgets" in notebook.metadata:
        defects.append("widget state")
    if repository and link not in notebook.cells[0].source:
        defects.append("no Colab link in the first cell")
    if not repository and "olab" in notebook.cells[0].source:
        defects.append("a dead link to Colab")
    if len(cells) < 2:
        return [*defects, "fewer than two code cells"]
    if cells[0].source != address.set_up(repository):
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


def sound_notebook(repository: str):
    link = f"[Colab]({address.colab_link(repository, '01_x.ipynb')})" if repository else ""
    image = nbformat.v4.new_output("display_data", {"image/png": "aGk="})
    cells = [
        nbformat.v4.new_markdown_cell(f"# Title\n\n{link}"),
        nbformat.v4.new_code_cell(address.set_up(repository), execution_count=1),
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
    elif defect == "a dead link":
        notebook.cells[0].source += f"[Colab]({address.colab_link('OWNER/x', '01_x.ipynb')})"
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
    elif defect == "500 KB":
        cell.outputs[0].data["image/png"] = "a" * 500_000
    elif defect == "execution counts":
        cell.execution_count = 9


@pytest.mark.parametrize("repository", ["", FORK])
def test_sound_notebook_passes(tmp_path, repository):
    nbformat.write(sound_notebook(repository), tmp_path / "01_x.ipynb")
    assert notebook_defects(tmp_path / "01_x.ipynb", repository) == []


@pytest.mark.parametrize(
    "defect",
    [
        "widget state",
        "no Colab link",
        "a dead link",
        "not the set-up cell",
        "set-up cell prints",
        "'parameters'",
        "no stored outputs",
        "more than 25",
        "was not run",
        "an error",
        "a widget",
        "without alt",
        "500 KB",
        "execution counts",
    ],
)
def test_notebook_defect_is_seen(tmp_path, defect):
    repository = "" if defect == "a dead link" else FORK
    notebook = sound_notebook(repository)
    spoil(notebook, defect)
    nbformat.write(notebook, tmp_path / "01_x.ipynb")
    assert any(defect in found for found in notebook_defects(tmp_path / "01_x.ipynb", repository))
