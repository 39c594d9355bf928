"""Results files: read from the repository, else from its home."""

import functools
import http.server
import json
import threading

import pytest

import fgnn_lite as fgnn
from fgnn_lite import results


@pytest.fixture
def home(tmp_path, monkeypatch):
    """No repository beside the library, and a server in place of the project's home."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    handler = functools.partial(Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(results, "HERE", tmp_path / "nowhere")
        monkeypatch.setattr(results, "THERE", f"http://127.0.0.1:{server.server_port}")
        yield tmp_path
        server.shutdown()


def test_the_files_of_the_repository() -> None:
    for path in results.HERE.glob("*.json"):
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


def test_without_the_repository(home) -> None:
    (home / "x.json").write_text('{"rows": [{"é": 1}]}', encoding="utf8")
    assert fgnn.load_results("x") == {"rows": [{"é": 1}]}
    with pytest.raises(ValueError, match=r"name must be that of a results file; http://127\S+ is"):
        fgnn.load_results("no such/file")


def test_without_a_network(home, monkeypatch) -> None:
    monkeypatch.setattr(results, "THERE", "http://127.0.0.1:9")
    with pytest.raises(ConnectionError, match=r"cannot be reached .*clone of the repository"):
        fgnn.load_results("x")


def test_a_home_that_falls_silent(home, monkeypatch) -> None:
    def silent(*_, **__):
        raise TimeoutError("timed out")  # while reading: urllib leaves it as it is

    monkeypatch.setattr(results, "urlopen", silent)
    with pytest.raises(ConnectionError, match=r"cannot be reached \(timed out\)"):
        fgnn.load_results("x")


def test_a_folder_of_that_name_that_is_another(home) -> None:
    results.HERE.mkdir()  # as beside an installed package
    (home / "x.json").write_text('{"rows": []}')
    assert fgnn.load_results("x") == {"rows": []}


def test_its_home_is_the_projects() -> None:
    assert results.THERE.endswith("/raw/main/results")
