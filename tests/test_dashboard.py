"""The dashboard: every control trains anew, stop stops, and errors are said in words."""

import time

import pytest

import fgnn_lite as fgnn
from fgnn_lite.explore import Dashboard

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def dashboard():
    made = Dashboard(fgnn.load_graph("karate"), depth=2, hidden=16, epochs=10)
    yield made
    made.stop.click()
    made.wait(60)


def test_it_shows_a_result_from_the_start(dashboard) -> None:
    assert dashboard.trained.name == "sf"
    assert dashboard.history.layers == [1, 2]
    assert len(dashboard.memory) == len(dashboard.history) == 20
    assert dashboard.picture.alt.startswith("20 updates")
    assert dashboard.picture.alt in dashboard._image.value
    assert dashboard.summary() in dashboard.status.value
    assert dashboard.stop.disabled


def test_a_kernel_gets_the_widget_and_a_page_the_picture(dashboard) -> None:
    data, metadata = dashboard._repr_mimebundle_()
    assert data[VIEW]["model_id"] == dashboard.widget.model_id
    assert data["text/plain"] == metadata["image/png"]["alt"] == dashboard.picture.alt
    assert data["image/png"]


@pytest.mark.parametrize(
    ("control", "value", "attribute", "expected"),
    [
        ("depth", 3, "depth", 3),
        ("temperature", 0.25, "temperature", 0.25),
        ("backbone", "gat", "backbone", "gat"),
        ("backbone", "sage", "backbone", "sage"),
        ("learner", "backprop", "name", "bp"),
        ("learner", "forward-forward, labels", "name", "ff-la"),
        ("learner", "forward-forward, virtual", "name", "ff-vn"),
        ("learner", "backprop, checkpointed", "checkpoint", True),
    ],
)
def test_every_control_trains_anew(dashboard, control, value, attribute, expected) -> None:
    before, picture = dashboard.trained, dashboard._image.value
    getattr(dashboard, control).value = value
    dashboard.wait(60)
    assert dashboard.trained is not before
    assert getattr(dashboard.trained, attribute) == expected
    if (control, value) != ("temperature", 0.25):  # too little for another rounded figure
        assert dashboard._image.value != picture


@pytest.mark.parametrize(
    ("depth", "temperature", "deepest", "exponents"),
    [(16, 1.0, 16, (-4, 4)), (20, 1 / 64, 20, (-6, 4)), (1, 100.0, 16, (-4, 7))],
)
def test_the_sliders_reach_as_far_as_the_settings(depth, temperature, deepest, exponents) -> None:
    data = fgnn.load_graph("karate")
    made = Dashboard(data, depth=depth, temperature=temperature, hidden=8, epochs=1)
    assert (made.depth.value, made.depth.max) == (depth, deepest)
    assert made.temperature.value == temperature
    assert (made.temperature.min, made.temperature.max) == exponents
    assert (made.trained.depth, made.trained.temperature) == (depth, temperature)


def test_stop_keeps_what_was_learned() -> None:
    dashboard = Dashboard(fgnn.load_graph("karate"), depth=1, hidden=16, epochs=1)
    dashboard._budget["epochs"] = 1_000_000
    dashboard.depth.value = 2
    deadline = time.monotonic() + 60
    while "training" not in dashboard.status.value or dashboard.stop.disabled:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(TimeoutError):
        dashboard.wait(0.01)
    dashboard.stop.click()
    dashboard.wait(60)
    assert "(stopped)" in dashboard.status.value
    assert dashboard.history.stopped == "callback"
    assert dashboard.stop.disabled


def test_a_moved_control_ends_the_current_run() -> None:
    dashboard = Dashboard(fgnn.load_graph("karate"), depth=1, hidden=16, epochs=1)
    dashboard._budget["epochs"] = 1_000_000
    dashboard.depth.value = 3
    dashboard._budget["epochs"] = 4
    dashboard.backbone.value = "sage"
    dashboard.wait(60)
    assert (dashboard.trained.backbone, dashboard.trained.depth) == ("sage", 3)
    assert len(dashboard.history) == 12


def test_what_goes_wrong_is_said_under_the_controls(dashboard) -> None:
    good = dashboard.trained
    dashboard._fixed["hidden"] = 18  # not divisible by the heads of GAT
    dashboard.backbone.value = "gat"
    dashboard.wait(60)
    assert "this did not work: hidden must be divisible" in dashboard.status.value
    assert dashboard.trained is good
    assert dashboard.stop.disabled
    dashboard.backbone.value = "gcn"  # and it goes on
    dashboard.wait(60)
    assert "test accuracy" in dashboard.status.value


def test_a_wrong_argument_is_an_error_at_the_door() -> None:
    data = fgnn.load_graph("karate")
    for wrong in (
        {"hidden": 0},
        {"epochs": 0},
        {"backbone": "magic"},
        {"learner": "single"},
        {"depth": 0},
        {"max_depth": 0},
        {"depth": 17, "max_depth": 16},
        {"temperature": 0.0},
        {"temperature": -1.0},
        {"temperature": float("inf")},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Dashboard(data, **wrong)
