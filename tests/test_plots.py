"""Figures say in words what they draw, and the live plot draws what was recorded."""

import io
import itertools
import json

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.text import Text
from PIL import Image

import fgnn_lite as fgnn
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.book import plots
from fgnn_lite.graph_sets import MOTIFS


@pytest.fixture(scope="module")
def karate():
    return fgnn.load_graph("karate")


@pytest.fixture(scope="module")
def reports(karate):
    return {
        "backprop": fgnn.probe_memory(fgnn.make_learner("bp", depth=3, hidden=16), karate),
        "single-forward": fgnn.probe_memory(fgnn.make_learner("sf", depth=3, hidden=16), karate),
    }


def drawn(picture: plots.Picture) -> Image.Image:
    """The picture as a notebook would show it: a PNG that is not blank, with its words."""
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == repr(picture)
    assert len(picture.alt) > 20
    image = Image.open(io.BytesIO(picture.png()))
    assert image.format == "PNG"
    assert image.width > 800
    assert len(picture.png()) < 60_000
    width, height = picture.size
    assert abs(image.width - 2 * width) <= 1  # sharp on a screen of double density
    assert abs(image.height - 2 * height) <= 1
    shown = {key: metadata["image/png"][key] for key in ("width", "height")}
    assert shown == {"width": width, "height": height}
    assert f'width="{width}" height="{height}"' in picture.html()
    assert len(set(image.convert("L").tobytes())) > 10
    json.dumps(data)
    return image


def test_a_picture_is_an_image_with_its_words(karate) -> None:
    picture = plots.Picture(plots.graph(karate).figure, 'a "quoted" <word>')
    html = picture.html()
    assert "a &quot;quoted&quot; &lt;word&gt;" in html
    assert 'src="data:image/png;base64,' in html


def test_the_graph_and_its_class_nodes(karate) -> None:
    plain = plots.graph(karate)
    drawn(plain)
    assert plain.alt == "A graph of 34 nodes, 4 of them with a training label."
    virtual = plots.graph(add_virtual_nodes(karate))
    drawn(virtual)
    assert "4 class nodes, drawn as squares, with 4 virtual edges, dashed" in virtual.alt
    labels = {text.get_text() for text in virtual.figure.axes[0].texts}
    assert labels == {str(i) for i in range(34)} | {"v0", "v1", "v2", "v3"}


def test_matrices_say_every_row() -> None:
    picture = plots.matrices({"mean": torch.tensor([[0, 1.0], [0.5, 0.5]]), "sum": torch.eye(2)})
    drawn(picture)
    assert "mean: 0: 0.00 1.00; 1: 0.50 0.50. sum: 0: 1.00 0.00; 1: 0.00 1.00." in picture.alt
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    assert texts == ["", "1.00", "0.50", "0.50"]
    assert "b: 0.00 1.00" in plots.matrices({"sum": torch.eye(2)}, ["a", "b"]).alt


def test_digits_and_their_neighbours() -> None:
    data = fgnn.load_graph("digits")
    picture = plots.digits_with_neighbours(data, [3, 700])
    drawn(picture)
    sources = data.y[data.edge_index[0, data.edge_index[1] == 3]][:8].tolist()
    assert f"a {int(data.y[3])} has neighbours {sources}" in picture.alt


def test_memory_figures_show_the_report(reports) -> None:
    report = reports["backprop"]
    saved = plots.saved_by_layer(report)
    drawn(saved)
    heights = [bar.get_height() for bar in saved.figure.axes[0].patches]
    assert heights == pytest.approx([size / 1e6 for size in report.saved_by_layer])

    split = plots.split(reports)
    drawn(split)
    widths = [bar.get_width() for bar in split.figure.axes[0].patches]
    total = sum(r.peak_bytes for r in reports.values()) / 1e6
    assert sum(widths) == pytest.approx(total)

    drawn(plots.timeline(reports))
    assert f"BP peaks at {report.working_bytes / 1e6:.1f} MB" in plots.timeline(reports).alt


@pytest.mark.parametrize("log", ["", "x", "xy"])
def test_lines(log: str) -> None:
    picture = plots.lines({"a": {1: 2.0, 4: [3.0, 5.0]}, "b": {1: 1.0, 4: 1.0}}, "x", "y", 1, log)
    drawn(picture)
    assert picture.alt == "Lines of y by x. a 1: 2.0, 4: 4.0; b 1: 1.0, 4: 1.0."
    axis = picture.figure.axes[0]
    assert axis.get_xscale() == ("log" if "x" in log else "linear")
    assert axis.get_yscale() == ("log" if "y" in log else "linear")


def test_small_graphs_stand_side_by_side_with_their_degrees() -> None:
    picture = plots.small_graphs({"path": [(0, 1), (1, 2)], "ring": [(0, 1), (1, 2), (2, 0)]})
    drawn(picture)
    assert "path: edges 0-1, 1-2; ring: edges 0-1, 1-2, 2-0" in picture.alt
    words = [[text.get_text() for text in axis.texts] for axis in picture.figure.axes]
    assert words == [["1", "2", "1"], ["2", "2", "2"]]


def test_bars() -> None:
    picture = plots.bars({"low": [0.9, 0.1], "high": [0.5, 0.5]}, ["v0", "v1"], "probability")
    drawn(picture)
    assert "low: 0.90, 0.10; high: 0.50, 0.50" in picture.alt


@pytest.mark.parametrize("name", list(fgnn.LEARNERS))
@pytest.mark.slow
def test_live_draws_what_was_recorded(karate, name: str) -> None:
    shown: list[plots.Picture] = []
    learner = fgnn.make_learner(name, depth=2, hidden=16)
    with plots.Live(shown.append, interval=0.0) as live:
        history = learner.fit(karate, epochs=6, on_epoch=live)
    assert live.records == history.records
    assert len(live.memory) == len(history)
    assert min(live.memory) > 0
    assert 1 <= len(shown) <= len(history) + 1
    drawn(shown[-1])
    assert shown[-1].alt.startswith(f"{len(history)} updates")
    count = 2 if learner.layer_wise else 1
    assert sum("best validation accuracy" in part for part in shown[-1].alt.split(";")) == count
    margin = f"margin {history.records[-1].margin:.1f}"
    assert margin in shown[-1].alt
    assert len(shown[-1].figure.axes) == (4 if name.startswith("ff") else 3)


def test_live_draws_seldom_and_last(karate) -> None:
    shown: list[plots.Picture] = []
    learner = fgnn.make_learner("sf", depth=1, hidden=16)
    with plots.Live(shown.append, interval=1000.0) as live:
        learner.fit(karate, epochs=20, on_epoch=live)
    assert [picture.alt.split(".")[0] for picture in shown] == ["1 updates", "20 updates"]


def test_live_draws_after_an_error(karate) -> None:
    shown: list[plots.Picture] = []
    learner = fgnn.make_learner("sf", depth=1, hidden=16)

    def fail(record: fgnn.Record) -> None:
        live(record)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"), plots.Live(shown.append) as live:
        learner.fit(karate, epochs=20, on_epoch=fail)
    assert len(shown) == 2


def test_live_keeps_the_run_before_in_grey(karate) -> None:
    runs, earlier = [], None
    for name in ("ff-vn", "bp", "sf"):
        learner = fgnn.make_learner(name, depth=2, hidden=16)
        shown: list[plots.Picture] = []
        with plots.Live(shown.append, before=earlier, names=("this", "that")) as live:
            learner.fit(karate, epochs=4, on_epoch=live)
        runs.append(shown[-1])
        earlier = live
    assert "In grey" not in runs[0].alt
    assert "In grey, that: 8 updates" in runs[1].alt
    assert "In grey, that: 4 updates" in runs[2].alt
    assert [len(run.figure.axes) for run in runs] == [4, 4, 3]
    drawn(runs[1])
    assert earlier._before._before is None  # and no chain of all runs


def test_a_long_curve_is_drawn_with_few_points() -> None:
    record = fgnn.Record(1, 0, 1.0, None, None, 0.5, 0.1, 1.0)
    picture = plots.training([record] * 20_000, [1] * 20_000)
    assert max(len(line.get_xdata()) for line in picture.figure.axes[1].lines) < 1000


def test_without_a_validation_the_loss_is_drawn() -> None:
    records = [
        fgnn.Record(layer, epoch, 2.0 / (1 + epoch), None, None, None, 0.1, 1.0)
        for layer in (1, 2)
        for epoch in range(4)
    ]
    picture = plots.training(records, [10**6] * len(records), score="loss")
    axis = picture.figure.axes[0]
    assert axis.get_title("left") == "loss"
    assert picture.figure.axes[1].get_title("left") == "margin"
    ends = [list(line.get_ydata())[-1] for line in axis.lines if len(line.get_ydata())]
    assert ends == [0.5, 0.5]
    assert [text.get_text() for text in axis.texts] == ["1", "2"]
    assert "layer 2: peak 1.0 MB, last loss 0.50, margin 1.0" in picture.alt


@pytest.mark.parametrize(("score", "corner"), [(0.9, 0.04), (0.2, 0.96)])
def test_the_name_of_the_only_curve_stands_clear_of_it(score: float, corner: float) -> None:
    for layers, name in (((None,), "whole net"), ((1, 2), "all layers")):
        records = [
            fgnn.Record(layer, epoch, 1.0, None, None, val_accuracy=score, seconds=0.1, margin=1.0)
            for epoch in range(3)
            for layer in layers
        ]
        axis = plots.training(records, [1] * len(records)).figure.axes[0]
        assert [(t.get_text(), t.get_position()) for t in axis.texts] == [(name, (0.97, corner))]


def test_on_a_projector_letters_take_more_of_the_picture(karate) -> None:
    plain = plots.graph(karate)
    with plots.projector():
        large = plots.graph(karate)
        drawn(plots.bars({"low": [0.9, 0.1], "high": [0.5, 0.5]}, ["v0", "v1"], "probability"))
    again = plots.graph(karate)
    sizes = [p.figure.get_size_inches()[0] for p in (plain, large, again)]
    assert sizes[0] == sizes[2] == pytest.approx(1.4 * sizes[1])
    width = Image.open(io.BytesIO(large.png())).width
    assert width > Image.open(io.BytesIO(plain.png())).width
    plots.projector(2)
    assert plots.graph(karate).figure.get_size_inches()[0] == pytest.approx(sizes[0] / 2)
    plots.projector(1)
    assert plots.graph(karate).figure.get_size_inches()[0] == sizes[0]
    with pytest.raises(ValueError, match="zoom"):
        plots.projector(9)


def test_live_asks_the_allocator_on_cuda(karate, monkeypatch) -> None:
    peaks = iter([700, 900])
    monkeypatch.setattr(plots, "resolve_device", torch.device)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 100)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: next(peaks))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    learner = fgnn.make_learner("sf", depth=1, hidden=16)
    with plots.Live(lambda _: None, device="cuda") as live:
        learner.fit(karate, epochs=2, on_epoch=live, device="cpu")
    assert live.memory == [600, 800]
    assert live.picture.figure.axes[-1].get_ylabel() == "MB, CUDA allocator"


def test_what_one_panel_of_intervals_lacks_leaves_its_line_empty() -> None:
    panels = {"paper": {"bp": (1.0, 0.5, 1.5)}, "fair": {"sf": (2.0, 1.0, 3.0)}}
    picture = plots.intervals(panels, "lead")
    assert picture.alt == (
        "Intervals of lead. paper: BP +1.0 (+0.5 to +1.5); fair: SF +2.0 (+1.0 to +3.0)."
    )
    left, right = picture.figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["BP", "SF"]
    assert [list(line.get_ydata()) for line in left.get_lines()] == [[0, 0], [0], [0, 1]]
    assert [list(line.get_ydata()) for line in right.get_lines()] == [[1, 1], [1], [0, 1]]


def test_intervals_about_zero_and_a_mean_beyond_the_rim() -> None:
    panels = {
        "paper": {"sf": (1.0, -0.5, 2.5), "ff": (-40.0, -45.0, -35.0)},
        "fair": {"sf": (-0.2, -0.6, 0.2), "ff": (7.0, 5.0, 9.0)},
    }
    picture = plots.intervals(panels, "lead, points")
    drawn(picture)
    assert picture.alt == (
        "Intervals of lead, points. paper: SF +1.0 (-0.5 to +2.5), FF -40.0 (-45.0 to -35.0); "
        "fair: SF -0.2 (-0.6 to +0.2), FF +7.0 (+5.0 to +9.0)."
    )
    left, right = picture.figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["SF", "FF"]
    assert left.get_ylim() == (1.5, -0.5)
    lines = [line.get_xdata() for line in left.get_lines()]
    assert list(lines[0]) == [-0.5, 2.5]
    assert [(t.get_text(), t.get_position()) for t in left.texts] == [
        ("\N{MINUS SIGN}40", (-5.76, 1.0))
    ]
    assert [(t.get_text(), t.get_position()) for t in right.texts] == [("+7", (5.76, 1.0))]


def test_a_graph_can_be_drawn_like_another(karate) -> None:
    """Other virtual edges, same members: they stand where they stood, class nodes need not."""
    positive = add_virtual_nodes(karate)
    negative = karate.clone()
    negative.y = torch.where(karate.train_mask, (karate.y + 1) % 4, karate.y)
    negative = add_virtual_nodes(negative)

    def members(picture: plots.Picture) -> list[list[float]]:
        circles = [line for line in picture.figure.axes[0].lines if line.get_marker() == "o"]
        return [line.get_xydata()[0].tolist() for line in circles]

    assert len(members(plots.graph(negative, like=positive))) == len(karate.y)
    assert members(plots.graph(negative, like=positive)) == members(plots.graph(positive))


PHONE = 350  # pixels that a page leaves for a figure


def every_kind(karate, reports):
    """A picture of each kind, with what methods are called in notebooks and in results."""
    curves = {name: {1: 2.0, 2: 3.0} for name in ("single-forward", "bp sparse", "ff-la")}
    record = fgnn.Record(1, 0, 1.0, 2.0, 1.0, 0.97, 0.1, 1.0)
    ends = {"sf": (1.0, -0.5, 2.5), "sf-top-to-loss": (0.5, 0.0, 1.0)}
    yield plots.digits_with_neighbours(fgnn.load_graph("digits"), [3, 700])
    yield plots.images(torch.rand(4, 64), ["a"] * 4)
    yield plots.graph(add_virtual_nodes(karate))
    yield plots.matrices({name: torch.rand(4, 4) for name in ("GCN", "GraphSAGE", "GAT")})
    yield plots.saved_by_layer(reports["backprop"])
    yield plots.timeline(reports)
    yield plots.split(reports)
    yield plots.lines(curves, "depth $L$", "test accuracy, %")
    yield plots.bars(
        {f"tau = {t}": [0.1, 0.2, 0.3] for t in (0.015625, 1, 64)}, ["v0", "v1", "v2"], "p"
    )
    yield plots.small_graphs(MOTIFS)
    yield plots.intervals({"paper": ends, "fair": ends}, "lead over BP, points")
    yield plots.training([record] * 3, [10**6] * 3)


@pytest.mark.slow
def test_a_style_of_ones_own_changes_nothing(karate, reports) -> None:
    """Neither LaTeX, which may not be there, nor light lines on a dark ground reach a figure."""
    kinds = lambda: [picture.png() for picture in every_kind(karate, reports)]  # noqa: E731
    torch.manual_seed(0)
    wanted = kinds()
    for own in ({"text.usetex": True}, matplotlib.style.library["dark_background"]):
        own = {**own, "font.size": 30, "lines.linewidth": 9}
        with matplotlib.rc_context(own):
            torch.manual_seed(0)
            assert kinds() == wanted
            assert all(matplotlib.rcParams[key] == value for key, value in own.items())


def test_letters_can_be_read_on_a_phone(karate, reports) -> None:
    """All of a figure is seen at once there, and its letters have nine pixels at least."""
    for picture in every_kind(karate, reports):
        width, _ = picture.size
        scale = PHONE / width * 96 / 72  # pixels of a point
        picture.figure.draw_without_rendering()
        texts = [t for t in picture.figure.findobj(Text) if t.get_text() and t.get_visible()]
        assert min((t.get_fontsize() * scale for t in texts), default=9) >= 9, picture.alt
        whole, width = picture.figure.get_tightbbox(), picture.figure.get_size_inches()[0]
        assert whole.x0 >= -0.01, picture.alt
        assert whole.x1 <= width + 0.01, picture.alt


def test_accuracy_is_in_per_cent() -> None:
    record = fgnn.Record(1, 0, 1.0, None, None, 0.975, 0.1, 1.0)
    picture = plots.training([record] * 3, [10**6] * 3)
    assert "best validation accuracy 98 %" in picture.alt
    axis = picture.figure.axes[0]
    assert axis.get_title(loc="left") == "validation accuracy, %"
    assert axis.get_ylim() == (0, 100)
    assert set(axis.lines[0].get_ydata()) == {97.5}


@pytest.mark.parametrize("corner", [(0, 0), (0, 100), (100, 0), (100, 100)])
def test_a_class_node_does_not_stand_on_its_only_member(corner) -> None:
    """Both would end in the same corner, and nothing pushed two apart that had no gap."""
    known = {0: corner, 1: (100 - corner[0], corner[1])}
    places = plots.layout([(0, 2), (1, 3)], [False, False, True, True], known)
    spots = np.array(list(places.values())) / 92 * [300, 430]  # of a phone's screen
    gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(spots, 2)]
    assert min(gaps) > 26


def test_the_club_stands_as_in_its_explorers(karate) -> None:
    places = fgnn.load_results("karate")["settings"]["places"]
    picture = plots.graph(add_virtual_nodes(karate))
    (axis,) = picture.figure.axes
    spots = [line.get_xydata()[0].tolist() for line in axis.lines if line.get_marker() in "os"]
    assert spots == places
    assert axis.get_ylim() == (100, 0)  # from the top, as on a page
