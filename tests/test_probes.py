"""The memory probe, worked out by hand and held to itself."""

import threading

import pytest
import torch
from torch_geometric.data import Data
from toys import path_graph

import fgnn_lite as fgnn
from fgnn_lite.probes import MemoryMeter

FLOAT = 4


def test_the_meter_counts_births_and_deaths() -> None:
    given = torch.zeros(1000)
    with MemoryMeter() as meter:
        view = given[10:]  # what was there is not counted
        assert meter.live_bytes == 0
        a = torch.ones(100)
        assert meter.live_bytes == 400
        b = a.view(10, 10)[2:]  # a view shares its storage
        b.add_(1)
        assert meter.live_bytes == 400
        c = view * 2.0
        assert meter.live_bytes == 400 + 990 * 4
        del c
        assert meter.live_bytes == 400
        del a
        assert meter.live_bytes == 400  # b still needs it
        del b
        assert meter.live_bytes == 0
        assert meter.peak_bytes == 400 + 990 * 4
        meter.reset_peak()
        assert meter.peak_bytes == 0
    torch.ones(5)
    assert meter.live_bytes == 0
    assert meter.timeline() == [0, 400, 4360, 400, 0]


def test_the_meter_counts_compressed_matrices() -> None:
    with MemoryMeter() as meter:
        matrix = fgnn.matrices.SparseMatrix.from_dense(torch.eye(6))
        live = meter.live_bytes
    assert live == 7 * 4 + 6 * 4 + 6 * 4  # starts, columns, values
    del matrix


def test_one_tiny_net_by_hand() -> None:
    """BP on the four-node path: GCN 2 -> 3 -> 2, compressed adjacency, one training step.

    The adjacency is a constant that saves nothing and X was given. So layer 1 saves its output
    [4, 3] alone, which the ReLU and the next product share; layer 2 saves what the loss needs: the
    indices of the 2 training rows, log-softmax [2, 2], the 2 labels and the total weight.
    """
    data = path_graph()
    learner = fgnn.make_learner("bp", depth=2, hidden=3, adjacency="sparse")
    report = fgnn.probe_memory(learner, data, steps=1, device="cpu")
    weights = (3 * 2 + 3) + (2 * 3 + 2)
    assert report.parameter_bytes == weights * FLOAT
    assert report.gradient_bytes == weights * FLOAT
    # Adam: two moments per weight, and a step count per tensor
    assert report.optimizer_bytes == (2 * weights + 4) * FLOAT
    hidden = 4 * 3 * FLOAT
    loss = 2 * 8 + (2 * 2) * FLOAT + 2 * 8 + FLOAT
    assert report.saved_by_layer == (hidden, loss)
    assert report.saved_bytes == hidden + loss


def test_the_peak_is_split_by_hand() -> None:
    """Three tensors at the peak: a weight (parameter), its gradient, and what exp saved."""
    given = torch.ones(7)
    with MemoryMeter() as meter:
        weight = torch.zeros(7).requires_grad_()
        optimizer = torch.optim.SGD([weight], momentum=0.5)
        (given * weight).exp().sum().backward()
        optimizer.step()
        big = torch.ones(1000)
        split = meter.peak_split([weight])
    # given * weight saves the given vector, which does not count; exp's output is dead by then
    assert split == {
        "parameters": 28,
        "gradients": 28,
        "optimiser": 28,  # the momentum
        "saved": 0,
        "rest": len(big) * FLOAT,
    }


@pytest.mark.parametrize("name", list(fgnn.LEARNERS))
def test_the_split_adds_up_to_the_peak(name: str) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner(name, depth=3, hidden=64)
    report = fgnn.probe_memory(learner, data, device="cpu")
    split = report.peak_split
    assert sum(split.values()) == report.peak_bytes
    assert split["parameters"] == report.parameter_bytes
    assert split["gradients"] <= report.gradient_bytes
    assert split["optimiser"] <= report.optimizer_bytes
    assert split["saved"] > 0


def test_two_threads_do_not_disturb_each_other() -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("sf", depth=2, hidden=16)
    alone = fgnn.probe_memory(learner, data, device="cpu")
    stop = threading.Event()

    def work() -> None:
        other = fgnn.make_learner("bp", depth=3, hidden=64)
        other.fit(data, epochs=10_000, device="cpu", on_epoch=lambda _: not stop.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    beside = fgnn.probe_memory(learner, data, device="cpu")
    stop.set()
    thread.join()
    assert beside == alone


@pytest.mark.parametrize("name", list(fgnn.LEARNERS))
@pytest.mark.parametrize("backbone", list(fgnn.BACKBONES))
def test_the_count_repeats_to_the_byte(name: str, backbone: str) -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner(name, backbone, depth=3, hidden=16)
    one, two = (fgnn.probe_memory(learner, data, device="cpu") for _ in range(2))
    assert one == two
    assert one.timeline == two.timeline
    assert max(one.timeline) == one.working_bytes
    assert one.working_bytes <= one.peak_bytes <= one.working_bytes + one.parameter_bytes
    assert len(one.saved_by_layer) == 3
    assert learner.trained_layers == 0  # the learner that was passed is not touched


@pytest.mark.parametrize("backbone", list(fgnn.BACKBONES))
def test_sf_is_flat_in_depth_and_bp_is_not(backbone: str) -> None:
    data = fgnn.load_graph("digits")

    def working(name: str, depth: int, **options: object) -> int:
        learner = fgnn.make_learner(name, backbone, depth=depth, hidden=32, **options)
        return fgnn.probe_memory(learner, data, steps=1, device="cpu").working_bytes

    assert working("sf", 16) == working("sf", 4)
    assert working("bp", 16) > 1.3 * working("bp", 4)
    assert working("bp", 16, checkpoint=True) < working("bp", 16)


def test_the_bars_on_digits() -> None:
    """Flat from depth 4 to 64, and at least 18 times below backprop there."""
    data = fgnn.load_graph("digits")
    sf = [
        fgnn.probe_memory(fgnn.make_learner("sf", depth=depth), data, device="cpu").working_bytes
        for depth in (4, 64)
    ]
    assert abs(sf[1] - sf[0]) <= 0.05 * sf[0]
    bp = fgnn.probe_memory(fgnn.make_learner("bp", depth=64), data, device="cpu").working_bytes
    assert bp >= 18 * sf[1]


@pytest.mark.realdata
def test_the_bars_on_cora_ml() -> None:
    data = fgnn.load_graph("cora-ml")

    def working(name: str, depth: int, **options: object) -> int:
        learner = fgnn.make_learner(name, depth=depth, **options)
        return fgnn.probe_memory(learner, data, device="cpu").working_bytes

    sf = working("sf", 64)
    assert abs(sf - working("sf", 4)) <= 0.02 * sf
    assert sf <= 14e6
    assert sf < working("bp", 2)
    assert 4 * sf <= working("bp", 16)
    assert 9 * sf <= working("bp", 64)
    assert sf < working("bp", 8, adjacency="sparse")
    assert 6 * sf <= working("bp", 64, adjacency="sparse")


def test_checks_do_not_copy_the_features() -> None:
    data = fgnn.load_graph("digits")
    with MemoryMeter() as meter:
        fgnn.checks.graph(data, masks=("train_mask", "val_mask"))
    assert meter.peak_bytes < 0.1 * data.x.numel() * FLOAT


def test_bad_input() -> None:
    data, learner = path_graph(), fgnn.make_learner("sf")
    with pytest.raises(ValueError, match="steps"):
        fgnn.probe_memory(learner, data, steps=0)
    for wrong, error in ((None, TypeError), ("karate", TypeError), (Data(), ValueError)):
        with pytest.raises(error, match="data"):
            fgnn.probe_memory(fgnn.make_learner("sf"), wrong)
    with pytest.raises(TypeError, match="learner must be a Learner"):
        fgnn.probe_memory("sf", data)  # type: ignore[arg-type]
