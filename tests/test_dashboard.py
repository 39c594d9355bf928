"""The dashboard: every control trains anew, stop stops, and errors are said in words."""

import contextlib
import html
import io
import re
import sys
import time

import ipywidgets
import pytest
import torch
from patience import patience

import fgnn_lite as fgnn
from fgnn_lite.book import plots
from fgnn_lite.book.explore import dashboard
from fgnn_lite.book.explore.dashboard import SETTINGS, Dashboard, _progress

VIEW = "application/vnd.jupyter.widget-view+json"
WAIT = patience(5)
SMALL = {"depth": 2, "hidden": 16, "epochs": 6}


@pytest.fixture(scope="module")
def karate():
    return fgnn.load_graph("karate")


@pytest.fixture(scope="module")
def links():
    return fgnn.load_links("karate")


@pytest.fixture
def board(karate):
    made = dashboard(karate, **SMALL)
    yield made
    made.stop.click()
    made.wait(WAIT)


def said(board: Dashboard) -> str:
    return html.unescape(re.sub("<[^>]*>", "", board.status.value))


def train(board: Dashboard, **values) -> None:
    for name, value in values.items():
        board.controls[name].value = value
        board.wait(WAIT)


def wait_until(true) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def start_a_long_run(board: Dashboard) -> None:
    board._quiet = True
    board.controls["epochs"].value = 100_000
    board._quiet = False
    board.train.click()
    wait_until(lambda: "epoch" in said(board))


def test_it_shows_a_result_from_the_start(board) -> None:
    assert board.trained.name == "sf"
    assert board.history.layers == [1, 2]
    assert len(board.memory) == len(board.history) == 12
    assert board.picture.alt.startswith("12 updates")
    assert html.escape(board.picture.alt) in board._image.value
    assert said(board) == board.summary()
    assert board.stop.disabled
    assert not board.train.disabled
    assert board._numbers.value.count("<tr>") == 3
    assert "exact count" in board.picture.figure.axes[-1].get_ylabel()


def test_the_table_says_what_each_layer_reached(karate) -> None:
    board = dashboard(karate, **SMALL | {"hidden": 128})
    rows = re.findall("<tr>(.*?)</tr>", board._numbers.value)[1:]
    pairs = list(zip(board.history, board.memory, strict=True))
    assert rows[0].split("<td")[-1] != rows[1].split("<td")[-1]  # their peaks
    for layer, row in enumerate(rows, start=1):
        own = [(record, size) for record, size in pairs if record.layer == layer]
        best = max(r.val_accuracy for r, _ in own if r.val_accuracy is not None)
        assert re.findall(">([^<]+)<", row) == [
            f"layers 1 to {layer}",
            "6",
            f"{100 * best:.1f}",
            f"{100 * board._result.scores[layer - 1]:.1f}",
            f"{own[-1][0].margin:.2f}",
            f"{max(size for _, size in own) / 1e6:.2f}",
        ]


@pytest.mark.parametrize(
    ("learner", "layer", "words"),
    [
        ("sf", 3, "layer 3 of 4, epoch 10 of 20, at most 6 s left"),  # 50 of 80 took 10 s
        ("sf-top-to-loss", 2, "epoch 10 of 20, at most 10 s left"),
        ("bp", None, "epoch 10 of 20, at most 10 s left"),
    ],
)
def test_where_training_stands(learner, layer, words) -> None:
    record = fgnn.Record(layer, 9, 1.0, None, None, None, 0.1, 0.0)
    made = fgnn.make_learner(learner, depth=4)
    assert f"training: {words} (" in _progress(made, 20, record, 10.0)


def test_a_kernel_gets_the_widget_and_a_page_the_picture(board) -> None:
    data, metadata = board._repr_mimebundle_()
    assert data[VIEW]["model_id"] == board.widget.model_id
    assert data["text/plain"] == metadata["image/png"]["alt"] == board.picture.alt
    assert data["image/png"]


CHANGES = [
    ("depth", 3, {}),
    ("temperature", 0.25, {}),
    ("backbone", "gat", {}),
    ("backbone", "sage", {}),
    ("hidden", 12, {}),
    ("seed", 1, {}),
    ("theta", 1.5, {"learner": "ff-la"}),
    ("goodness", "sum-abs", {"learner": "ff-vn"}),
    ("loss", "symba", {"learner": "ff-vn"}),
    ("hypotheses", "single", {"learner": "ff-la"}),
    ("adjacency", "sparse", {"learner": "bp"}),
    ("checkpoint", True, {"learner": "bp"}),
    *[("learner", name, {}) for name in fgnn.LEARNERS if name != "sf"],
]


@pytest.mark.parametrize(("control", "value", "begin"), CHANGES)
@pytest.mark.slow
def test_every_control_trains_anew(karate, control, value, begin) -> None:
    board = dashboard(karate, **SMALL | begin)
    before, losses = board.trained, [record.loss for record in board.history]
    assert board.controls[control].layout.display != "none"
    train(board, **{control: value})
    assert board.trained is not before
    assert getattr(board.trained, "name" if control == "learner" else control) == value
    if control not in ("adjacency", "checkpoint"):  # the same function, at another price
        assert [record.loss for record in board.history] != losses


@pytest.mark.slow
def test_the_other_controls_train_anew_too(karate) -> None:
    board = dashboard(**SMALL, graph="karate")
    losses = [record.loss for record in board.history]
    train(board, lr=0.1)
    assert [record.loss for record in board.history] != losses
    train(board, epochs=3)
    assert len(board.history) == 6
    train(board, graph="sbm", epochs=1)
    assert board.trained.num_features == fgnn.load_graph("sbm").num_features
    assert {change[0] for change in CHANGES} | {"lr", "epochs", "graph"} == set(SETTINGS)


def test_only_what_applies_is_seen(board) -> None:
    assert board.controls["theta"].layout.display == "none"
    assert board.controls["checkpoint"].layout.display == "none"
    train(board, learner="ff-la")
    assert board.controls["theta"].layout.display is None
    train(board, learner="bp")
    assert board.controls["theta"].layout.display == "none"
    assert board.controls["checkpoint"].layout.display is None


def test_what_is_not_shown_is_fixed(karate) -> None:
    board = dashboard(karate, show=["depth", "temperature"], learner="ff-la", theta=1.0, **SMALL)
    assert list(board.controls) == ["depth", "temperature"]
    assert (board.trained.name, board.trained.theta) == ("ff-la", 1.0)
    train(board, depth=3)
    assert (board.trained.depth, board.trained.theta, board.trained.hidden) == (3, 1.0, 16)


@pytest.mark.parametrize(
    ("depth", "temperature", "deepest", "exponents"),
    [(16, 1.0, 16, (-4, 4)), (20, 1 / 64, 20, (-6, 4)), (1, 100.0, 16, (-4, 7))],
)
def test_the_sliders_reach_as_far_as_the_settings(
    karate, depth, temperature, deepest, exponents
) -> None:
    wide = {"theta": -9.0, "lr": 1e-200, "seed": 2**40}
    board = dashboard(karate, depth=depth, temperature=temperature, hidden=8, epochs=1, **wide)
    controls = board.controls
    assert (controls["depth"].value, controls["depth"].max) == (depth, deepest)
    assert controls["temperature"].value == temperature
    assert (controls["temperature"].min, controls["temperature"].max) == exponents
    assert {name: controls[name].value for name in wide} == wide
    assert (board.trained.depth, board.trained.temperature) == (depth, temperature)
    assert board.trained.seed == 2**40


def test_stop_answers_at_once_and_keeps_what_was_learned(board, karate) -> None:
    start_a_long_run(board)
    with pytest.raises(TimeoutError):
        board.wait(0.01)
    assert board.train.disabled
    board.stop.click()
    assert "stops" in said(board)
    wait_until(lambda: "stopped" in said(board))
    board.wait(WAIT)
    assert "(stopped)" in said(board)
    assert board.history.stopped in ("callback", "interrupted")  # as long as its update took
    assert board.trained.score(karate) == pytest.approx(board._result.scores[-1])
    assert board.stop.disabled
    assert "the code trains to the end" in board._numbers.value


def test_stop_cuts_a_long_update_short() -> None:
    board = dashboard(graph="karate", **SMALL)
    slow = {"learner": "ff-vn", "backbone": "gat", "depth": 4, "hidden": 256, "epochs": 1000}
    board.controls.clear()
    board._values |= {"graph": "digits", **slow}  # an update takes seconds
    board.train.click()
    time.sleep(1)
    board.stop.click()
    wait_until(lambda: "stopped" in said(board))
    assert len(board.history) < 1000
    board.wait(WAIT)


def test_a_moved_control_ends_the_current_run(board) -> None:
    kept = board._result
    start_a_long_run(board)
    assert "moving a control ends this run and begins again" in said(board)
    board.controls["epochs"].value = 4
    board.controls["depth"].value = 3
    board.controls["backbone"].value = "sage"
    board.wait(WAIT)
    assert (board.trained.backbone, board.trained.depth) == ("sage", 3)
    assert len(board.history) == 12
    assert board._before is kept  # what was dropped is not compared with


def test_what_goes_wrong_is_said_under_the_controls(board, capfd) -> None:
    train(board, hidden=130)
    good, picture = board.trained, board._image.value
    train(board, backbone="gat")
    assert "this did not work: hidden must be divisible by GAT's 4 heads" in said(board)
    assert "Traceback" not in said(board) + "".join(capfd.readouterr())
    assert board.trained is good
    assert board._image.value == picture
    assert board.stop.disabled
    train(board, hidden=32)  # and it goes on
    assert "test accuracy" in said(board)


def test_an_error_of_another_kind_is_said_too(board, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory\nand a long tail")

    module = sys.modules[
        "fgnn_lite.book.explore.dashboard"
    ]  # the package has a function of that name
    monkeypatch.setattr(module, "make_learner", fail)
    board.train.click()
    board.wait(WAIT)
    assert said(board) == "this did not work: RuntimeError: out of memory"


def test_the_run_before_stays_in_grey(board) -> None:
    assert "In grey" not in board.picture.alt
    train(board, learner="bp")
    assert "In grey, before: SF: 12 updates" in board.picture.alt
    legend = board.picture.figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["now: BP", "before: SF"]
    board.train.click()  # the same again: compared with what was different
    board.wait(WAIT)
    assert "In grey, before: SF: 12 updates" in board.picture.alt
    train(board, depth=3)
    assert "In grey, before: depth 2: 6 updates" in board.picture.alt


def test_two_runs_from_the_start_and_back_to_it(karate) -> None:
    board = dashboard(karate, compare={"learner": "bp"}, **SMALL)
    first, alt = board.trained, board.picture.alt
    assert first.name == "sf"
    assert "In grey, before: BP: 6 updates" in alt
    train(board, depth=3, learner="ff-la")
    board.reset.click()
    board.wait(WAIT)
    assert board.trained is first
    assert board.picture.alt == alt
    assert html.escape(alt) in board._image.value
    assert (board.controls["depth"].value, board.controls["learner"].value) == (2, "sf")
    assert said(board) == board.summary()


def test_a_late_stop_says_nothing(board) -> None:
    """A click that was on its way when the run ended."""
    train(board, depth=1)
    board.stop.click()
    assert said(board) == board.summary()


def test_reset_ends_a_run(board) -> None:
    first = board.trained
    start_a_long_run(board)
    board.reset.click()
    board.wait(WAIT)
    assert board.trained is first


def run_code(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue().strip()


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 2**-2.5, "seed": 3},
        {"learner": "ff-la", "theta": 2.0, "goodness": "mean-squares", "hypotheses": "single"},
        {"learner": "ff-vn", "loss": "symba"},
        {"learner": "bp", "checkpoint": True, "lr": 0.1},
        {"learner": "sf-top-to-loss", "backbone": "gat"},
        {"learner": "link-ff", "theta": 1.5},
        {"learner": "link-bp"},
    ],
)
def test_the_code_gives_the_same(settings) -> None:
    board = dashboard(graph="karate", **SMALL | settings)
    assert len(board.code.splitlines()) == 6
    assert run_code(board.code) == str(board._result.scores[-1])
    assert html.escape(board.code) in board._numbers.value


@pytest.mark.slow
def test_the_code_of_a_graph_that_was_given(karate, links) -> None:
    assert 'data = fgnn.load_graph("karate")' in dashboard(karate, show=[], **SMALL).code
    assert '= fgnn.load_links("karate")' in dashboard(links, show=[], **SMALL).code
    other = fgnn.load_graph("karate", seed=1)
    code = dashboard(other, show=[], **SMALL).code
    assert "# data: what this dashboard was given" in code
    compile(code, "code", "exec")


@pytest.mark.slow
def test_links(links) -> None:
    board = dashboard(links, **SMALL)
    assert board.trained.name == "link-ce"
    options = dict(board.controls["learner"].options)  # what is shown -> what is made
    assert tuple(options.values()) == fgnn.LINK_LEARNERS
    assert tuple(options) == ("BP", "CE", "FF", "CE, top-to-input")
    assert "graph" not in board.controls
    for name in fgnn.LINK_LEARNERS:
        train(board, learner=name)
        assert board.trained.name == name
        assert "test ROC-AUC" in said(board)
        assert "ROC-AUC" in board.picture.alt
        assert (board.controls["theta"].layout.display is None) == (name == "link-ff")
    assert dashboard(learner="link-bp", graph="karate", **SMALL).trained.name == "link-bp"


def test_a_seed_makes_it_repeatable(karate) -> None:
    first, second = (dashboard(karate, show=[], seed=5, **SMALL) for _ in range(2))
    assert [r.loss for r in first.history] == [r.loss for r in second.history]
    assert first.memory == second.memory
    assert first.picture.png() == second.picture.png()
    assert first.summary() == second.summary()


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        ({"hidden": 0}, ValueError, "hidden"),
        ({"hidden": 130, "backbone": "gat"}, ValueError, "hidden"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"epochs": 2.5}, TypeError, "epochs"),
        ({"lr": -1.0}, ValueError, "lr"),
        ({"seed": -1}, ValueError, "seed"),
        ({"backbone": "magic"}, ValueError, "backbone"),
        ({"learner": "single-forward"}, ValueError, "Did you mean 'sf'"),
        ({"learner": "link-ce"}, ValueError, "learner"),
        ({"graph": "karate"}, TypeError, "no option 'graph'"),
        ({"dept": 3}, TypeError, "Did you mean 'depth'"),
        ({"show": ["tau"]}, ValueError, "show"),
        ({"show": ["graph"]}, ValueError, "show"),
        ({"show": "depth"}, TypeError, "show"),
        ({"show": ["theta"]}, ValueError, "theta must be a setting of 'sf'"),
        ({"show": [], "theta": 2.0}, ValueError, "theta must be a setting of 'sf'"),
        ({"theta": "2"}, TypeError, "theta"),
        ({"goodness": "magic"}, ValueError, "goodness"),
        ({"checkpoint": 1}, TypeError, "checkpoint"),
        ({"compare": {"learner": "magic"}}, ValueError, "learner"),
        ({"compare": {"magic": 1}}, TypeError, "compare"),
        ({"compare": "bp"}, TypeError, "compare must map settings to values; got 'bp'"),
        ({"compare": 1}, TypeError, "compare must map"),
        ({"compare": {"theta": 1.0}}, ValueError, "theta must be a setting of 'sf'"),
        ({"show": [["depth"]]}, TypeError, "show must be one of"),
        ({"depth": 0}, ValueError, "depth"),
        ({"max_depth": 0}, ValueError, "max_depth"),
        ({"depth": 17, "max_depth": 16}, ValueError, "depth"),
        ({"temperature": 0.0}, ValueError, "temperature"),
        ({"temperature": -1.0}, ValueError, "temperature"),
        ({"temperature": 1e-9}, ValueError, "temperature"),
        ({"temperature": 1e-300}, ValueError, "temperature"),
        ({"temperature": float("inf")}, ValueError, "temperature"),
    ],
)
def test_a_wrong_argument_is_an_error_at_the_door(karate, wrong, error, match) -> None:
    with pytest.raises(error, match=match):
        dashboard(karate, **{"epochs": 1} | wrong)


@pytest.mark.parametrize("data", [(1, 2), "karate", (None, None, None), 3])
def test_what_is_no_graph_is_an_error_at_the_door(data) -> None:
    with pytest.raises((TypeError, ValueError), match="data"):
        dashboard(data)


OF_7 = {  # what the widgets of ipywidgets 7.7 know, of what could be asked of them
    "value", "min", "max", "step", "base", "options", "description", "icon", "disabled", "layout",
    "style", "continuous_update", "readout_format", "children", "index", "_options_labels",
}  # fmt: skip


def test_nothing_is_asked_that_only_ipywidgets_8_knows(karate, monkeypatch) -> None:
    """Colab has 7.7.1."""
    asked: set[str] = set()
    begin = ipywidgets.Widget.__init__

    def listen(self, **settings) -> None:
        if not isinstance(self, ipywidgets.Layout | ipywidgets.Style):
            asked.update(settings)
        begin(self, **settings)

    monkeypatch.setattr(ipywidgets.Widget, "__init__", listen)
    dashboard(karate, **SMALL)
    assert asked
    assert asked <= OF_7


def test_on_a_projector(karate) -> None:
    with plots.projector(1.5):
        board = dashboard(karate, show=[], **SMALL)
    assert board.widget.layout.max_width == "1170px"
    assert 'width="691"' in board._image.value


def test_it_leaves_the_thread_count(board) -> None:
    threads = torch.get_num_threads()
    train(board, depth=1)
    assert torch.get_num_threads() == threads
