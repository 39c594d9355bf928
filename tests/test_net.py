"""What every learner keeps, of nodes, links and images: its state, its numbers, its files."""

import contextlib
import copy
import enum
import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from test_seeds import SWITCHES
from torch_geometric.data import Data
from toys import everything, odd_graph

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.learners import LinkLearner, Net
from fgnn_lite.learners.net import _TRAINING, KINDS
from fgnn_lite.learners.saving import kind_of
from fgnn_lite.seeds import derive

IMAGES = tuple(net.name for net in (hinton.SupervisedFF, hinton.UnsupervisedFF, hinton.RecurrentFF))
GRAPHS = (*fgnn.LEARNERS, *fgnn.LINK_LEARNERS)  # learners that look at edges
EVERY = (*GRAPHS, *IMAGES)
CLASS_NODES = ("ff-vn", "sf", "sf-top-to-input", "sf-top-to-loss")


def make(name: str, **options: Any) -> Any:
    steps = {"readout": "cross-entropy"} if name == "cafo" else {}  # ridge has one update
    return kind_of(name)(**{"hidden": 8, "depth": 2, **steps, **options})


def odd_links() -> Data:
    """Of the odd graph's edges some are to be predicted, and no message goes along them."""
    data = odd_graph()
    number = data.edge_index.sort(dim=0).values.mul(torch.tensor([[40], [1]])).sum(dim=0)
    asked = number.unique()[::4]
    pairs = torch.stack([asked // 40, asked % 40])
    others = torch.tensor([[37, 38, 1, 37], [38, 39, 39, 2]])  # the last three have no edges
    label = torch.cat([torch.ones(len(asked)), torch.zeros(4)])
    return Data(
        x=data.x,
        edge_index=data.edge_index[:, ~torch.isin(number, asked)],
        edge_label_index=torch.cat([pairs, others], dim=1),
        edge_label=label,
    )


def halves(data: Data) -> tuple[Data, Data]:
    """Every second pair to learn from, and the others to validate with."""
    parts = []
    for start in (0, 1):
        part = copy.copy(data)
        part.edge_label_index = data.edge_label_index[:, start::2]
        part.edge_label = data.edge_label[start::2]
        parts.append(part)
    return parts[0], parts[1]


def few_images() -> Data:
    whole = hinton.load_images()
    chosen = torch.arange(120)
    fields = ("x", "y", "train_mask", "val_mask", "test_mask")
    few = Data(edge_index=whole.edge_index, num_classes=10)
    for field in fields:
        few[field] = whole[field][chosen]
    return few


def graph_for(name: str) -> Data:
    if name in IMAGES:
        return few_images()
    return odd_links() if name in fgnn.LINK_LEARNERS else odd_graph()


def trained(name: str, data: Data, epochs: int = 3, **options: Any) -> Any:
    learner = make(name)
    fit(learner, data, epochs=epochs, **options)
    return learner


def fit(learner: Net, data: Data, **options: Any) -> fgnn.History:
    both = halves(data) if isinstance(learner, LinkLearner) else (data,)
    return learner.fit(*both, **{"device": "cpu", **options})


def answers(learner: Any, data: Data) -> list[torch.Tensor]:
    """All that it says of a graph."""
    scores = torch.tensor(learner.layer_scores(data), dtype=torch.float64, device="cpu")
    if isinstance(learner, LinkLearner):
        return [learner.predict(data), scores]
    return [*learner.class_scores(data), scores]


def same(one: list[torch.Tensor], two: list[torch.Tensor]) -> bool:
    pairs = zip(one, two, strict=True)
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


def numbers(learner: Net) -> list[torch.Tensor]:
    return [parameter.detach() for parameter in learner.parameters()]


# --- what fit decides is kept -----------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("fitted", ["cora", "karate", None])
def test_a_graphs_name_counts_in_fit_alone(name: str, fitted: str | None, tmp_path: Path) -> None:
    data, others = graph_for(name), [graph_for(name) for _ in range(3)]
    data.x = data.x + 0.5  # where scaling shows
    for other, title in zip(others, ("cora", "karate", None), strict=True):
        other.x, other.name = data.x, title
    data.name = fitted
    learner = trained(name, data)
    scaled = "l2" if name in ("sgc", "dgmlp") else "sum"
    assert learner.scaling == (scaled if fitted == "cora" else "none")
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert loaded.scaling == learner.scaling
    said = answers(learner, data)
    for other in others:
        assert same(answers(learner, other), said)
        assert same(answers(loaded, other), said)


@pytest.mark.parametrize("name", fgnn.LINK_LEARNERS)
def test_the_validation_graphs_name_counts_nowhere(name: str) -> None:
    train, val = halves(odd_links())
    train.x = val.x = train.x + 0.5
    one, two = make(name), make(name)
    histories = []
    for learner, title in ((one, "cora"), (two, "karate")):
        val.name = title
        histories.append(learner.fit(train, val, epochs=5, val_every=1))
    scored = [[record.val_accuracy for record in history] for history in histories]
    assert scored[0] == scored[1]
    assert same(numbers(one), numbers(two))


@pytest.mark.parametrize("name", CLASS_NODES)
def test_class_nodes_are_kept_and_saved(name: str, tmp_path: Path) -> None:
    data = odd_graph()
    learner = trained(name, data)
    said = answers(learner, data)
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    for each in (learner, loaded):
        each.seed += 1  # of the next fit
        assert each.class_nodes.shape == (3, 6)
        assert same(answers(each, data), said)
    loaded.class_nodes.neg_()
    assert not same(answers(loaded, data), said)


@pytest.mark.parametrize("name", EVERY)
def test_a_failed_fit_leaves_all_that_was_decided(name: str) -> None:
    data = graph_for(name)
    data.name = "cora"
    learner = trained(name, data)
    before, said = everything(learner), answers(learner, data)
    wider = data.clone()
    wider.x, wider.name = torch.cat([data.x, data.x], dim=1), "karate"
    if name == "hinton-unsupervised":
        wider.x = data.x

    def broken(record: fgnn.Record) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit(learner, wider, epochs=2, on_epoch=broken)
    assert everything(learner) == before
    assert same(answers(learner, data), said)


# --- nothing that is switched on outside counts -----------------------------------------------

OUTSIDE = {
    **SWITCHES,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}
del OUTSIDE["nothing"]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("switch", OUTSIDE)
def test_what_is_switched_on_outside_does_not_count(name: str, switch: str, tmp_path: Path) -> None:
    data = graph_for(name)
    before = trained(name, data)
    said = answers(before, data)
    before.save(tmp_path / "net.pt")
    with OUTSIDE[switch]():
        inside = graph_for(name) if switch == "inference_mode" else data
        learner, loaded = trained(name, inside), fgnn.load_learner(tmp_path / "net.pt")
        for each in (before, learner, loaded):
            assert same(answers(each, inside), said)
    for each in (learner, loaded):
        assert same(numbers(each), numbers(before))
        assert same(answers(each, inside), said)
    fit(loaded, inside, epochs=3)  # what was made inside can be trained outside
    assert same(numbers(loaded), numbers(before))


@pytest.mark.parametrize("backbone", ["sage", "gat"])
@pytest.mark.parametrize("switch", OUTSIDE)
@pytest.mark.parametrize("name", ["bp", "sf", "ff-la", "link-ce"])
def test_the_other_backbones_neither(name: str, backbone: str, switch: str) -> None:
    data, both = graph_for(name), []
    for outside in (contextlib.nullcontext, OUTSIDE[switch]):
        with outside():
            learner = make(name, backbone=backbone)
            fit(learner, data, epochs=2)
            both.append(numbers(learner) + answers(learner, data))
    assert same(*both)


OPTIONS = [
    ("bp", {"adjacency": "sparse"}),
    ("bp", {"checkpoint": True, "depth": 4}),
    ("sf", {"batch_size": 4}),
    ("sf", {"batch_size": 4, "backbone": "sage"}),
    ("ff-vn", {"hypotheses": "single"}),
    ("ff-la", {"hypotheses": "single", "label_layers": "all"}),
    ("ff-la", {"goodness": lambda h: h.square().sum(-1)}),
]


@pytest.mark.parametrize("switch", OUTSIDE)
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_nor_with_options(name: str, options: dict, switch: str) -> None:
    data, both = odd_graph(), []
    for outside in (contextlib.nullcontext, OUTSIDE[switch]):
        with outside():
            learner = make(name, **options)
            fit(learner, data, epochs=2)
            both.append(numbers(learner) + answers(learner, data))
    assert same(*both)


@pytest.mark.parametrize("switch", OUTSIDE)
@pytest.mark.parametrize("name", ["bp", "sf", "ff-vn", "link-bp", "hinton-supervised"])
def test_nor_for_the_probes(name: str, switch: str) -> None:
    data, reports, tapes = graph_for(name), [], []
    for outside in (contextlib.nullcontext, OUTSIDE[switch]):
        with outside():
            reports.append(fgnn.probe_memory(make(name), data, steps=2, device="cpu"))
            if name not in fgnn.LINK_LEARNERS:
                tapes.append(fgnn.record_tape(make(name), data, device="cpu"))
    assert reports[0] == reports[1]
    assert tapes[1:] == tapes[:1]


@pytest.mark.parametrize("switch", OUTSIDE)
def test_nor_for_the_data(switch: str) -> None:
    def load() -> list[Data]:
        found = [fgnn.load_graph(name) for name in ("karate", "sbm")]
        return [
            *found,
            fgnn.graphs.rewire(found[1], 0.5),
            *fgnn.load_links("karate", split=2),
            hinton.load_images(),
        ]

    with OUTSIDE[switch]():
        inside = load()
    for one, two in zip(load(), inside, strict=True):
        assert list(one.keys()) == list(two.keys())
        tensors = [key for key, value in one.items() if torch.is_tensor(value)]
        assert same([one[key] for key in tensors], [two[key] for key in tensors])


# --- random numbers are the learner's own -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [*((name, {}) for name in EVERY), ("bp", {"checkpoint": True}), ("sf", {"batch_size": 4})],
)
def test_the_global_generators_are_never_lent(name: str, options: dict, monkeypatch) -> None:
    """Not for a moment: whoever draws from another thread gets the numbers that are due."""
    data = graph_for(name)
    state, python = torch.get_rng_state(), random.getstate()
    looks = 0

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal looks
            looks += 1
            assert torch.equal(torch.default_generator.get_state(), state)
            assert random.getstate() == python
            out = function(*args, **kwargs)
            assert torch.equal(torch.default_generator.get_state(), state)
            return out

        return call

    def lent(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the global generator was set")

    for where in ("torch.nn.Module.__init__", "torch.Tensor.uniform_", "torch.Tensor.backward"):
        module, _, attribute = where.rpartition(".")
        owner = {"torch.nn.Module": torch.nn.Module, "torch.Tensor": torch.Tensor}[module]
        monkeypatch.setattr(owner, attribute, watched(getattr(owner, attribute)))
    monkeypatch.setattr(torch, "set_rng_state", lent)
    fit(make(name, depth=4, **options), data, epochs=2)
    assert looks > 0


def test_fits_in_threads_are_the_fits_alone() -> None:
    karate = fgnn.load_graph("karate")

    def work(k: int) -> list[torch.Tensor]:
        learner = make("sf", hidden=64, depth=8, seed=k)
        fit(learner, karate, epochs=1)
        parts = fgnn.load_links("karate", split=k % 5)
        return numbers(learner) + [part.edge_label_index for part in parts]

    with torch.random.fork_rng():
        torch.manual_seed(5)
        state, python = torch.get_rng_state(), random.getstate()
        alone = [work(k) for k in range(8)]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(work, range(8)))
        assert torch.equal(state, torch.get_rng_state())
        assert python == random.getstate()
    assert all(same(one, two) for one, two in zip(alone, together, strict=True))


def pygs(conv: Any) -> Any:
    """The same layer, made as everybody makes it."""
    if isinstance(conv, torch.nn.Linear):
        return torch.nn.Linear(conv.in_features, conv.out_features)
    options = {"heads": conv.heads, "concat": conv.concat} if hasattr(conv, "heads") else {}
    return type(conv)(conv.in_channels, conv.out_channels, **options)


@pytest.mark.parametrize(
    ("name", "backbone"),
    [(name, backbone) for name in EVERY for backbone in kind_of(name).backbones],
)
def test_the_first_weights_are_pygs(name: str, backbone: str) -> None:
    """From PyTorch's global generator, seeded for each layer, as they have always been."""
    learner = make(name, backbone=backbone, depth=3, seed=5)
    learner._build(64, 0 if name in fgnn.LINK_LEARNERS else 3, torch.float32)
    assert len(learner.layers) >= {"sgc": 1, "dgmlp": 1, "sign": 2, "dagnn": 2}.get(name, 3)
    for number, layer in enumerate(learner.layers, start=1):
        with torch.random.fork_rng():
            torch.manual_seed(derive(5, number))
            conv = pygs(layer.conv)
        assert same(numbers(layer.conv), numbers(conv))


def test_batches_come_in_the_order_of_pytorchs_loader() -> None:
    from torch.utils.data import DataLoader

    from fgnn_lite.layers import PropagatedInput
    from fgnn_lite.learners.feeders import Batches

    x, labels = PropagatedInput(torch.arange(13.0).view(13, 1)), torch.arange(10)
    batches = Batches(x, labels, 3, 4, torch.Generator().manual_seed(2))
    loader = DataLoader(labels, 4, shuffle=True, generator=torch.Generator().manual_seed(2))
    orders = []
    for _ in range(3):
        ours = list(batches)
        assert [part.tolist() for _, part in ours] == [part.tolist() for part in loader]
        for part, nodes in ours:
            assert part.aggregated.flatten().tolist() == [*nodes.tolist(), 10, 11, 12]
        orders.append([part.tolist() for _, part in ours])
    assert orders[0] != orders[1] != orders[2]


# --- the caller's gradients -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "backbone"),
    [(name, backbone) for name in EVERY for backbone in kind_of(name).backbones],
)
def test_the_callers_gradients_are_left_alone(name: str, backbone: str) -> None:
    plain, wanted = graph_for(name), graph_for(name)
    wanted.x = torch.nn.Parameter(plain.x.clone())
    wanted.noise = torch.ones(4, requires_grad=True)
    learners = [make(name, backbone=backbone) for _ in range(2)]
    histories = [fit(*pair, epochs=3) for pair in zip(learners, (plain, wanted), strict=True)]
    assert [r.loss for r in histories[0]] == [r.loss for r in histories[1]]
    for each in (wanted.x, wanted.noise):
        assert each.requires_grad
        assert each.is_leaf
        assert each.grad is None
    said = answers(learners[1], wanted)
    assert same(answers(learners[0], plain), said)
    assert not any(each.requires_grad for each in said)


@pytest.mark.parametrize("name", EVERY)
def test_what_depends_on_a_parameter_is_left_alone(name: str) -> None:
    """It can be differentiated afterwards, once, as if nothing had happened."""
    data = graph_for(name)
    weight = torch.ones((), requires_grad=True)
    data.x = data.x * weight
    fit(make(name), data, epochs=2)
    assert weight.grad is None
    data.x.sum().backward()
    assert weight.grad is not None


@pytest.mark.parametrize("name", EVERY)
def test_what_was_made_in_inference_mode_can_be_trained_on(name: str) -> None:
    with torch.inference_mode():
        data = graph_for(name)
        data.x = data.x + 0.0
    assert data.x.is_inference()
    learner, other = trained(name, data), trained(name, graph_for(name))
    assert same(numbers(learner), numbers(other))
    assert data.x.is_inference()


# --- files ------------------------------------------------------------------------------------


class Word(enum.StrEnum):
    """What some write for an option."""

    GCN = "gcn"
    MLP = "mlp"
    L2 = "l2"
    NONE = "none"


class Text(str):
    """Another kind of string."""


LOOK_ALIKES = [
    {"backbone": np.str_, "hidden": np.int64, "temperature": np.float32, "features": np.str_},
    {"backbone": Text, "hidden": torch.tensor, "temperature": torch.tensor, "features": Text},
    {"backbone": Word, "hidden": np.array, "temperature": np.array, "features": Word},
]


@pytest.mark.parametrize("kinds", LOOK_ALIKES)
@pytest.mark.parametrize("name", EVERY)
def test_settings_are_plain(name: str, kinds: dict, tmp_path: Path) -> None:
    values = {"hidden": 8, "temperature": 0.5, "features": "l2"}
    values["backbone"] = KINDS[name].backbones[0]
    if name in IMAGES:
        values["features"] = "none"
    seed = np.uint8(3)
    learner = make(name, seed=seed, **{key: kinds[key](value) for key, value in values.items()})
    plain = make(name, seed=3, **values)
    assert learner.settings == plain.settings
    kind = {key: type(value) for key, value in plain.settings.items()}
    assert {key: type(value) for key, value in learner.settings.items()} == kind
    assert set(kind.values()) <= {str, int, float, bool, type(None)}
    data = graph_for(name)
    fit(learner, data, epochs=2)
    learner.features = np.str_(values["features"])  # afterwards, too
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert loaded.settings == plain.settings
    assert same(answers(loaded, data), answers(learner, data))


def test_options_are_plain(tmp_path: Path) -> None:
    for one, two in (
        (make("bp", checkpoint=np.True_), make("bp", checkpoint=True)),
        (make("bp", checkpoint=torch.tensor(False)), make("bp", checkpoint=False)),
        (make("sf", batch_size=np.int32(4)), make("sf", batch_size=4)),
        (make("ff-la", theta=np.float64(1), negatives=torch.tensor(2)), None),
        (make("link-ff", theta=torch.tensor(1)), make("link-ff", theta=1.0)),
    ):
        other = two or make("ff-la", theta=1.0, negatives=2)
        assert repr(one.settings) == repr(other.settings)
    with pytest.raises(TypeError, match="depth must be an integer"):
        make("sf", depth=torch.tensor(True))
    with pytest.raises(TypeError, match="depth must be an integer"):
        make("sf", depth=np.ones(1, dtype=int))
    learner = trained("sf", odd_graph())
    learner.virtual_edges = "none"
    with pytest.raises(ValueError, match="virtual_edges must be one of"):
        learner.save(tmp_path / "net.pt")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    trained("sf", odd_graph()).save(tmp_path / "net.pt")
    return tmp_path / "net.pt"


FAULTS = ["torch.save", "os.fsync", "pathlib.Path.replace"]


@pytest.mark.parametrize("name", ["bp", "link-ce", "hinton-supervised"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_the_good_file(
    name: str, fault: str, error: BaseException, saved: Path, monkeypatch
) -> None:
    learner, whole = trained(name, graph_for(name)), saved.read_bytes()
    real = torch.save

    def half(content: Any, file: Any) -> None:
        if fault == "torch.save":
            file.write(b"half of it")
            raise error
        real(content, file)

    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(torch, "save", half)
    if fault != "torch.save":
        monkeypatch.setattr(fault, broken)
    for path in (saved, saved.with_name("new.pt")):
        with pytest.raises(type(error)):
            learner.save(path)
    assert [path.name for path in saved.parent.iterdir()] == ["net.pt"]
    assert saved.read_bytes() == whole
    monkeypatch.undo()
    learner.save(saved)
    assert everything(fgnn.load_learner(saved)) == everything(learner)
    assert [path.name for path in saved.parent.iterdir()] == ["net.pt"]


def test_a_saved_file_keeps_its_place_and_its_rights(saved: Path) -> None:
    learner = trained("bp", odd_graph())
    learner.save(saved.with_name("new.pt"))
    beside = saved.with_name("plain.txt")
    beside.write_text("made as files are")
    assert saved.with_name("new.pt").stat().st_mode == beside.stat().st_mode
    saved.chmod(0o640)
    link = saved.with_name("link.pt")
    link.symlink_to(saved)
    learner.save(link)
    assert link.is_symlink()
    assert saved.stat().st_mode & 0o777 == 0o640
    assert fgnn.load_learner(saved).name == "bp"
    with pytest.raises(ValueError, match=r"path must name a file; .* is something else"):
        learner.save(saved.parent)
    longest = saved.with_name("n" * 255)
    learner.save(longest)
    assert longest.is_file()


@pytest.mark.parametrize("version", [1, 2, 4, "3"])
def test_files_of_another_format_say_so(version: Any, saved: Path) -> None:
    content = torch.load(saved)
    assert content["format"] == 3
    torch.save({**content, "format": version}, saved)
    with pytest.raises(ValueError, match=f"format 3; .* has format {version!r}.*save the learner"):
        fgnn.load_learner(saved)


# --- while fit runs ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_a_learner_is_scored_and_saved_from_on_epoch(name: str, tmp_path: Path) -> None:
    data, learner, scored = graph_for(name), make(name, depth=3), []
    path = tmp_path / "checkpoint.pt"

    def note(record: fgnn.Record) -> None:
        learner.save(path)
        loaded = fgnn.load_learner(path)
        assert everything(loaded) == everything(learner)
        whole = {"sgc": 1, "dgmlp": 1, "sign": 2, "dagnn": 2}.get(name, 3)
        assert loaded.trained_layers == (record.layer if learner.layer_wise else whole)
        if name == "hinton-unsupervised" and record.layer <= 3:
            for each in (loaded, learner):
                with pytest.raises(NotFittedError, match="no read-out yet"):
                    each.predict(data)
            return
        said = answers(learner, data)
        assert same(answers(loaded, data), said)
        scored.append(said[-1].tolist())
        if record.val_accuracy is not None and not isinstance(learner, LinkLearner):
            assert learner.score(data, "val") == record.val_accuracy

    history = fit(learner, data, epochs=4, val_every=1, on_epoch=note)
    assert history.stopped == "finished"
    assert len(scored) >= 4
    quiet = make(name, depth=3)
    fit(quiet, data, epochs=4, val_every=1)
    assert everything(quiet) == everything(learner)


@pytest.mark.parametrize("name", EVERY)
def test_a_second_fit_inside_is_refused(name: str) -> None:
    data, learner = graph_for(name), make(name)
    copies = []

    def again(record: fgnn.Record) -> None:
        before = everything(learner)
        with pytest.raises(RuntimeError, match=f"this '{name}' learner is in training"):
            fit(learner, data, epochs=1)
        assert everything(learner) == before
        copies[:] = [copy.deepcopy(learner)]

    history = fit(learner, data, epochs=3, on_epoch=again)
    assert history.stopped == "finished"
    quiet = trained(name, data)
    assert everything(quiet) == everything(learner)
    fit(copies[0], data, epochs=3)  # a copy is another learner
    assert everything(quiet) == everything(copies[0])
    with pytest.raises(RuntimeError, match="in training"):
        fit(learner, data, epochs=3, on_epoch=lambda record: fit(learner, data, epochs=1))
    assert everything(quiet) == everything(learner)
    fit(learner, data, epochs=3)
    assert everything(quiet) == everything(learner)
    assert learner not in _TRAINING


FALSE = [False, np.False_, np.array(False), np.array([False]), torch.tensor(False)]
NOT_FALSE = [None, True, np.True_, torch.tensor(True), 0, 0.0, "", [], np.float64(0), np.int64(0)]
NOT_FALSE += [torch.tensor(0), torch.tensor([False, False]), np.zeros(0, dtype=bool)]


@pytest.mark.parametrize("name", EVERY)
def test_what_on_epoch_answers(name: str) -> None:
    data = graph_for(name)
    for answer in FALSE:
        history = fit(make(name), data, epochs=2, on_epoch=lambda _, answer=answer: answer)
        assert (len(history), history.stopped) == (1, "callback"), repr(answer)
    answers_given = iter(NOT_FALSE * 3)
    history = fit(make(name), data, epochs=7, on_epoch=lambda _: next(answers_given))
    assert history.stopped == "finished"
    assert len(history) >= 7


def test_open_files_are_put_on_the_disk(saved: Path, monkeypatch) -> None:
    """The whole content first, then the move: a power cut leaves one or the other."""
    order: list[str] = []
    sync, move = os.fsync, Path.replace

    def synced(number: int) -> None:
        order.append(f"sync {os.fstat(number).st_size == saved.stat().st_size}")
        sync(number)

    def moved(self: Path, place: Path) -> Path:
        order.append("move")
        return move(self, place)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", moved)
    fgnn.load_learner(saved).save(saved)
    assert order == ["sync True", "move"]
