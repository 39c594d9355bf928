"""Results files: with the repository, and with a wheel that is all there is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import scripts

import fgnn_lite as fgnn
from fgnn_lite.book import results

ROOT = Path(__file__).resolve().parents[1]
FILES = [path.stem for path in scripts.files("results/*.json")]
LOAD = """
import json, sys

def offline(event, _):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError("somebody wants the network")

sys.addaudithook(offline)
import fgnn_lite as fgnn
from fgnn_lite.book import results
names = sorted(path.stem for path in results.HERE.iterdir())
print(json.dumps([fgnn.__file__, str(results.HERE), names]))
print(json.dumps({name: fgnn.load_results(name) for name in sys.argv[1:]}))
"""


def test_the_files_of_the_repository() -> None:
    assert results.HERE == ROOT / "results"
    for path in scripts.files("results/*.json"):
        found = fgnn.load_results(path.stem)
        assert found == json.loads(path.read_text())
        assert found["rows"]
        assert {"about", "provenance", "settings"} <= set(found)
        assert found["provenance"]["torch"]


def test_another_name_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"name must be one of .*'sweep'.*got 'sweeep'.*'sweep'"):
        fgnn.load_results("sweeep")
    with pytest.raises(TypeError, match="name must be a string; got 3"):
        fgnn.load_results(3)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_wheel_brings_the_results(tmp_path) -> None:
    wheel = scripts.load("_ext/home").build_wheel(tmp_path)
    there = tmp_path / "there"
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    # as beside other packages: a folder "results" that is not ours
    (there / "results").mkdir(parents=True)
    (there / "results" / "sweep.json").write_text('{"rows": "of another"}')
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    subprocess.run([*pip, "--target", there, wheel], check=True, env=environment)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *FILES],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(there)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (module, folder, names), loaded = map(json.loads, done.stdout.splitlines())
    assert Path(module).is_relative_to(there)
    assert Path(folder) == there / "fgnn_lite" / "_results"
    assert names == sorted(path.stem for path in (ROOT / "results").glob("*.json"))
    assert loaded == {
        name: json.loads((ROOT / f"results/{name}.json").read_text()) for name in FILES
    }
