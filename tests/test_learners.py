"""The interface that every learner shares: budget, stopping, restoring, saving, bad input."""

import copy
import itertools
import math
import random
import re
import sys
import weakref
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch_geometric.data import Data
from toys import everything, odd_graph, val_of

import fgnn_lite as fgnn
from fgnn_lite.layers import Layer
from fgnn_lite.learners.base import ACCUMULATE, resolve_device
from fgnn_lite.learners.ff import FF
from fgnn_lite.learners.files import FORMAT, checksum
from fgnn_lite.learners.net import KINDS
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import margins

ALL = list(fgnn.LEARNERS)
KNOWN = [(name, backbone) for name in ALL for backbone in KINDS[name].backbones]


@pytest.fixture(scope="module")
def karate() -> Data:
    return fgnn.load_graph("karate")


def make(name: str, **options) -> fgnn.Learner:  # type: ignore[no-untyped-def]
    steps = {"readout": "cross-entropy"} if name == "cafo" else {}  # ridge has one update
    return fgnn.make_learner(name, **{"hidden": 16, **steps, **options})


@pytest.mark.parametrize("name", ALL)
def test_same_seed_same_numbers(name: str, karate: Data) -> None:
    scores = []
    for seed in (1, 1, 2):
        learner = make(name, seed=seed)
        learner.fit(karate, epochs=20)
        scores.append(learner.class_scores(karate)[-1])
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


@pytest.mark.parametrize("name", ALL)
def test_fit_starts_anew_and_leaves_global_state_alone(name: str, karate: Data) -> None:
    before = {key: value.clone() for key, value in karate.items() if torch.is_tensor(value)}
    keys = set(karate.keys())
    state = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    threads = torch.get_num_threads()
    learner = make(name)
    learner.fit(karate, epochs=10)
    first = learner.class_scores(karate)[-1]
    learner.fit(karate, epochs=10)
    assert torch.equal(first, learner.class_scores(karate)[-1])
    assert torch.equal(state[0], torch.get_rng_state())
    assert (state[1] == np.random.get_state()[1]).all()  # noqa: NPY002
    assert state[2] == random.getstate()
    assert threads == torch.get_num_threads()
    assert set(karate.keys()) == keys
    assert all(torch.equal(karate[key], value) for key, value in before.items())


@pytest.mark.parametrize("name", ALL)
def test_what_fit_reports(name: str, karate: Data) -> None:
    learner = make(name, depth=2)
    told = []
    history = learner.fit(karate, epochs=7, val_every=3, on_epoch=told.append)
    assert told == history.records
    layers = [1, 2] if learner.local else [None]
    assert history.layers == layers
    for layer in layers:
        records = history.of(layer)
        assert [r.epoch for r in records] == list(range(7))
        validated = [r.epoch for r in records if r.val_accuracy is not None]
        judged = learner.layer_wise or layer == layers[-1]
        assert validated == ([2, 5, 6] if judged else [])  # every third update, and the last
        assert all(math.isfinite(r.margin) for r in records)
        assert all(r.seconds > 0 for r in records)
    assert history.stopped == "finished"
    assert history.seconds == pytest.approx(sum(r.seconds for r in history))
    assert history.curve("val_accuracy", layers[-1])[0] == [2, 5, 6]


@pytest.mark.parametrize("name", ALL)
def test_the_best_is_restored_and_it_is_the_first(name: str, karate: Data) -> None:
    learner = make(name, depth=1)
    history = learner.fit(karate, epochs=200, patience=3, lr=0.05)
    validated = [r for r in history if r.val_accuracy is not None]
    best = max(r.val_accuracy for r in validated)
    first = next(r for r in validated if r.val_accuracy == best)
    assert (history.best[0].epoch, history.best[0].val_accuracy) == (first.epoch, best)
    assert learner.score(karate, "val") == best
    assert len(validated) == validated.index(first) + 1 + 3 or len(history) == 200  # patience
    again = make(name, depth=1)  # the state is the one after that very update
    again.fit(karate, epochs=first.epoch + 1, lr=0.05, restore_best=False)
    for one, two in zip(learner.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


LAYER_WISE = [
    *((name, {"accumulate": how}) for name in ("sf", "ff-la", "ff-vn") for how in ACCUMULATE),
    ("sf", {"batch_size": 7}),
    ("ff-la", {"hypotheses": "single"}),
    ("ff-vn", {"hypotheses": "single"}),
    *((n, {"accumulate": how}) for n in ("class-groups", "local-heads") for how in ACCUMULATE),
    *(("cafo", {"readout": readout}) for readout in ("ridge", "cross-entropy")),
]


@pytest.mark.parametrize(("name", "options"), LAYER_WISE)
def test_early_stopping_gets_the_finished_layers(name: str, options: dict) -> None:
    """What a layer is stopped by, and restored to, is the vote of all layers up to it."""
    data = fgnn.load_graph("sbm")
    data.x = data.x.double()
    learner = make(name, depth=3, **options)
    history = learner.fit(data, epochs=12, lr=0.02)
    scored = learner.layer_scores(data, "val")
    assert [val_of(best) for best in history.best] == scored
    learner.accumulate = "last"
    alone = learner.layer_scores(data, "val")
    assert (alone == scored) == (options.get("accumulate") == "last")  # the case tells them apart


@pytest.mark.parametrize(
    "name",
    ["bp", "dfa", "ccl", "sf-top-to-input", "sf-top-to-loss", "link-bp", "link-ce-top-to-input"],
)
def test_what_stops_a_whole_net_is_what_it_predicts(name: str) -> None:
    if name in fgnn.LINK_LEARNERS:
        train, val, test = fgnn.load_links("sbm", nodes=120, edges=400)
        learner = fgnn.make_link_learner(name, depth=3, hidden=16)
        history = learner.fit(train, val, epochs=12, lr=0.02)
        scores, other = learner.layer_scores(val), learner.score(test)
    else:
        data = fgnn.load_graph("sbm", nodes=1000, edges=3000, homophily=0.6)
        learner = make(name, depth=3)
        history = learner.fit(data, epochs=12, lr=0.02)
        scores, other = learner.layer_scores(data, "val"), learner.score(data, "train")
    assert val_of(history.best[-1]) == pytest.approx(scores[-1], abs=1e-6)
    apart = [*scores[:-1], other]  # the case tells them apart: lower layers, other nodes
    assert all(score != pytest.approx(scores[-1], abs=1e-3) for score in apart)


@pytest.mark.parametrize(
    ("values", "every", "patience", "updates", "best"),
    [
        ([0.5, 0.4, 0.4, 0.6, 0.6, 0.5, 0.6, 0.9], 1, 3, 7, 3),  # an equal is no gain
        ([0.5, 0.4, 0.6, 0.5, 0.4, 0.9], 1, 2, 5, 2),  # a gain forgets what was waited
        ([0.0, 0.3, 0.2, 0.3, 0.9], 1, 2, 4, 1),  # nothing right is a result, too
        ([0.5, 0.0, 0.0], 1, 1, 2, 0),
        ([0.1, 0.2, 0.3, 0.4], 1, 1, 4, 3),
        ([0.9, 0.5, 0.9, 0.4, 0.9, 0.4, 0.9, 0.6], 2, 2, 6, 1),  # every second one is validated
        ([0.9, 0.5, 0.9, 0.9, 0.6], 3, 9, 5, 2),  # the third one, and the last
    ],
)
@pytest.mark.parametrize("name", ["sf", "link-ce", "sf-top-to-loss"])
def test_when_training_stops_and_what_it_keeps(
    name: str, values: list[float], every: int, patience: int, updates: int, best: int,
    karate: Data, monkeypatch,
) -> None:  # fmt: skip
    """Validation gives these values, in each layer anew."""
    real, asked = Run.report, []

    def report(run: Run, loss, margin, validate, *rest, **more) -> None:
        def answer() -> float:
            asked.append(run._epoch)
            return values[run._epoch]

        real(run, loss, margin, validate and answer, *rest, **more)

    links = name in fgnn.LINK_LEARNERS
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    one, two = (
        (fgnn.make_link_learner if links else fgnn.make_learner)(name, depth=2, hidden=16)
        for _ in range(2)
    )
    monkeypatch.setattr(Run, "report", report)
    history = one.fit(*data, epochs=len(values), patience=patience, val_every=every)
    monkeypatch.undo()
    assert [len(history.of(layer)) for layer in (1, 2)] == [updates, updates]
    times = 2 if one.layer_wise else 1
    due = [k for k in range(updates) if (k + 1) % every == 0 or k + 1 == len(values)]
    assert asked == due * times
    assert [(each.epoch, val_of(each)) for each in history.best] == [(best, values[best])] * times
    two.fit(*data, epochs=best + 1, restore_best=False)
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", [*ALL, *fgnn.LINK_LEARNERS])
def test_without_restoring_the_last_state_stays(name: str, karate: Data) -> None:
    """However bad it is; and what is said of it is what it scores."""
    links = name in fgnn.LINK_LEARNERS
    learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, depth=2, hidden=16)
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    history = learner.fit(*data, epochs=30, patience=5, lr=0.1, restore_best=False)
    last = history.records[-1]
    score = learner.score(data[-1]) if links else learner.score(karate, "val")
    assert (history.best[-1].epoch, val_of(history.best[-1])) == (last.epoch, val_of(last))
    assert val_of(last) == pytest.approx(score, abs=1e-6)
    assert len(history.best) == (2 if learner.layer_wise else 1)


@pytest.mark.parametrize(
    "name", ["sf", "class-groups", "local-heads", "ff-la", "ff-vn", "link-ce", "link-ff"]
)
def test_a_net_of_which_a_part_was_trained_is_saved_as_that(name, karate: Data, tmp_path) -> None:
    links = name in fgnn.LINK_LEARNERS
    learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, depth=3, hidden=16)
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    learner.fit(*data, epochs=5, on_epoch=lambda record: record.layer < 2)
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert loaded.trained_layers == learner.trained_layers == 2
    assert torch.equal(loaded.predict(data[-1]), learner.predict(data[-1]))
    assert loaded.layer_scores(data[-1]) == learner.layer_scores(data[-1])
    assert len(loaded.layer_scores(data[-1])) == 2


@pytest.mark.parametrize(
    "name", [*[n for n in ALL if n not in ("sgc", "dgmlp", "cafo")], *fgnn.LINK_LEARNERS]
)
def test_step_size_and_weight_decay_are_adams(name: str, karate: Data) -> None:
    """Adam's first step goes lr far along the sign of the gradient, decay included."""
    links = name in fgnn.LINK_LEARNERS
    data = fgnn.load_links("karate")[0] if links else karate
    data = data.clone()
    data.x = data.x.double()

    def first(lr: float, decay: float) -> list[torch.Tensor]:
        learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, hidden=16)
        learner.fit(data, epochs=1, lr=lr, weight_decay=decay, restore_best=False)
        return [p.detach().clone() for p in learner.layers[0].parameters()]

    start = first(1e-12, 0.0)
    short, long = ([b - a for a, b in zip(start, first(lr, 0.0), strict=True)] for lr in (0.1, 0.3))
    assert any(bool((moved.abs() > 0.09).any()) for moved in short)
    for one, three in zip(short, long, strict=True):
        torch.testing.assert_close(3 * one, three, atol=1e-6, rtol=0)
    for before, after in zip(start, first(0.01, 1e6), strict=True):  # decay is all there is
        moved, far = before - after, before.abs() > 1e-3
        torch.testing.assert_close(moved[far], 0.01 * before.sign()[far], atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(
            (n, {})
            for n in (
                "bp",
                "dfa",
                "class-groups",
                "local-heads",
                "sf",
                "sf-top-to-input",
                "sf-top-to-loss",
            )
        ),
        ("sf", {"batch_size": 3}),  # of four training nodes
    ],
)
def test_the_margin_is_the_mean_over_the_training_nodes(name, options, karate: Data) -> None:
    """The step is too small to change what is predicted; a softmax only shifts logits."""
    learner = make(name, depth=1, temperature=0.5, **options)
    record = learner.fit(karate, epochs=1, lr=1e-12, restore_best=False).records[0]
    scores = learner.class_scores(karate)[-1][karate.train_mask]
    logits = scores / 0.5 if name in ("bp", "dfa") else scores.log()
    wanted = margins(logits, karate.y[karate.train_mask])
    assert wanted.std() > 1e-3
    assert record.margin == pytest.approx(float(wanted.mean()), abs=1e-5)


@pytest.mark.parametrize("name", ["link-bp", "link-ce", "link-ff", "link-ce-top-to-input"])
def test_the_margin_of_links_is_the_gap_between_the_means(name: str) -> None:
    train = fgnn.load_links("karate")[0]
    learner = fgnn.make_link_learner(name, depth=1, hidden=16, temperature=0.5)
    record = learner.fit(train, epochs=1, lr=1e-12, restore_best=False).records[0]
    logits = learner.predict(train).double().logit()
    link = train.edge_label == 1
    gap = float(logits[link].mean() - logits[~link].mean())
    assert abs(gap) > 1e-3
    assert record.margin == pytest.approx(gap, abs=1e-4)


@pytest.mark.parametrize("name", ["ff-la", "ff-vn"])
def test_goodness_is_the_mean_and_the_margin_the_gap(name: str, karate: Data) -> None:
    history = make(name, negatives=2, theta=0.5).fit(karate, epochs=30, lr=0.02)
    for record in history:
        gap = record.goodness_pos - record.goodness_neg
        assert record.margin == pytest.approx(gap, abs=1e-5)
    assert history.of(1)[-1].margin > history.of(1)[0].margin + 0.1


def test_a_history_leaves_out_what_was_not_measured_and_nothing_else() -> None:
    def record(layer: int | None, epoch: int, value: float | None) -> fgnn.Record:
        return fgnn.Record(layer, epoch, 0.5 * epoch, value, value, value, 1.0, 0.0)

    values = [0.0, None, 0.5]
    records = [record(layer, k, value) for layer in (2, 1) for k, value in enumerate(values)]
    history = fgnn.History(records)
    assert history.layers == [1, 2]
    assert history.curve("goodness_pos", 1) == ([0, 2], [0.0, 0.5])
    assert history.curve("loss", 2) == ([0, 1, 2], [0.0, 0.5, 1.0])
    assert history.of(None) == []
    assert history.seconds == 6.0


BAGS_OF_WORDS = ("cora", "citeseer", "pubmed", "cora-ml", "citeseer-full", "pubmed-full", "photo")


@pytest.mark.parametrize("graph", fgnn.GRAPHS)
def test_features_are_scaled_by_themselves_on_bags_of_words(graph: str) -> None:
    data = odd_graph()
    data.name = graph
    auto, wanted, other = (
        make("bp", features=how)
        for how in ("auto", *(("sum", "none") if graph in BAGS_OF_WORDS else ("none", "sum")))
    )
    for learner in (auto, wanted, other):
        learner.fit(data, epochs=3)
    scores = [each.class_scores(data)[-1] for each in (auto, wanted, other)]
    assert torch.equal(scores[0], scores[1])
    assert not torch.allclose(scores[0], scores[2])


@pytest.mark.parametrize(
    ("name", "options"),
    [*((name, {}) for name in ALL), ("ff-la", {"hypotheses": "single"}), ("sf", {"batch_size": 7})],
)
def test_every_learner_scales_its_features(name: str, options: dict) -> None:
    """By itself on a bag of words as on request; and the scale is that of the rows."""
    data = odd_graph()
    data.x, data.name = data.x.double(), "cora"
    data.x[1] *= 1e-8  # what is added to a length must not count in it
    told = "l2" if name in ("sgc", "dgmlp") else "sum"
    auto, wanted, plain = (make(name, features=how, **options) for how in ("auto", told, "none"))
    auto.fit(data, epochs=3)
    wanted.fit(data, epochs=3)
    by_hand = copy.copy(data)
    length = data.x.norm(dim=1, keepdim=True) if told == "l2" else data.x.sum(1, keepdim=True)
    by_hand.x = data.x / length.clamp(min=1e-12)
    plain.fit(by_hand, epochs=3)
    scores = wanted.class_scores(data)[-1]
    assert torch.equal(auto.class_scores(data)[-1], scores)
    torch.testing.assert_close(plain.class_scores(by_hand)[-1], scores, atol=1e-6, rtol=0)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("name", [*ALL, *fgnn.LINK_LEARNERS])
def test_the_clock_stands_still_outside_of_updates(name: str, karate: Data, monkeypatch) -> None:
    """A second passes in each update, a day in each validation and in each callback."""
    clock, validated = Clock(), []
    monkeypatch.setattr("fgnn_lite.learners.run.time.perf_counter", clock)
    real_step, real_report = Run.step, Run.report

    def step(*args, **more) -> None:
        clock.now += 1.0
        real_step(*args, **more)

    def report(run: Run, loss, margin, validate, *rest, **more) -> None:
        def slow() -> float:
            clock.now += 86_400.0
            validated.append(clock.now)
            return validate()

        real_report(run, loss, margin, validate and slow, *rest, **more)

    def note(record: fgnn.Record) -> None:
        clock.now += 86_400.0

    monkeypatch.setattr(Run, "step", step)
    monkeypatch.setattr(Run, "report", report)
    links = name in fgnn.LINK_LEARNERS
    learner = fgnn.make_link_learner(name, hidden=16) if links else make(name, depth=2)
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    history = learner.fit(*data, epochs=4, on_epoch=note)
    assert validated
    assert [record.seconds for record in history] == [1.0] * len(history)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in ("sf", "ff-la", "ff-vn", "class-groups", "local-heads")),
        *((name, {}) for name in ("link-ce", "link-ff", "hinton-supervised")),
        ("sf", {"batch_size": 3}),
    ],
)
def test_a_finished_layer_keeps_no_optimiser_and_the_last_one_makes_no_input(
    name: str, options: dict, karate: Data, monkeypatch
) -> None:
    """Between two layers nothing of the lower one's training is alive; after the last all ends."""
    alive: weakref.WeakSet[torch.optim.Optimizer] = weakref.WeakSet()
    between, computed = False, 0
    optimizer, settle, forward = Run.optimizer, Run.settle, Layer.forward

    def begin(run: Run, module: torch.nn.Module) -> torch.optim.Optimizer:
        nonlocal between
        between, made = False, optimizer(run, module)
        alive.add(made)
        return made

    def finish(run: Run) -> None:
        nonlocal between, computed
        settle(run)
        between, computed = True, 0

    def compute(layer: Layer, x) -> torch.Tensor:  # type: ignore[no-untyped-def]
        nonlocal computed
        assert not (between and len(alive))
        computed += 1
        return forward(layer, x)

    monkeypatch.setattr(Run, "optimizer", begin)
    monkeypatch.setattr(Run, "settle", finish)
    monkeypatch.setattr(Layer, "forward", compute)
    learner = KINDS[name](depth=2, hidden=16, **options)
    data = fgnn.load_links("karate")[:2] if learner.links else (karate,)
    assert learner.fit(*data, epochs=2).layers == [1, 2]
    assert computed == 0


@pytest.mark.parametrize("name", ALL)
def test_a_callback_stops(name: str, karate: Data) -> None:
    learner = make(name, depth=3)
    told: list[fgnn.Record] = []

    def fifteen(record: fgnn.Record) -> bool:
        told.append(record)
        return len(told) < 15

    history = learner.fit(karate, epochs=10 if learner.layer_wise else 30, on_epoch=fifteen)
    assert len(history) == 15
    assert history.stopped == "callback"
    assert history.layers == (
        [1, 2] if learner.layer_wise else [1, 2, 3] if learner.local else [None]
    )
    layers = 2 if learner.layer_wise else 3  # the third had not begun
    assert len(learner.layer_scores(karate)) == (layers if learner.local else 1)


@pytest.mark.parametrize("name", ALL)
def test_ctrl_c_keeps_what_was_learned(name: str, karate: Data) -> None:
    last = 5 if name in ("cafo", "dgmlp") else 41  # what is convex converges early

    def press(record: fgnn.Record) -> None:
        if (record.layer or 1) == 1 and record.epoch == last:
            raise KeyboardInterrupt

    learner = make(name, depth=2)
    history = learner.fit(karate, epochs=100, patience=50, on_epoch=press, lr=0.01)
    assert history.stopped == "interrupted"
    assert len(history.of(history.layers[0])) == last + 1
    assert history.best[0].val_accuracy == max(
        r.val_accuracy for r in history if r.val_accuracy is not None
    )
    assert learner.score(karate, "val") == history.best[0].val_accuracy
    assert all(p.grad is None for p in learner.parameters())


@pytest.mark.parametrize("name", ["sf", "bp", "sf-top-to-input"])
def test_an_interrupted_update_leaves_no_gradient(name: str, karate: Data, monkeypatch) -> None:
    real, steps = torch.optim.Adam.step, itertools.count()

    def press(optimizer, *rest):  # type: ignore[no-untyped-def]
        if next(steps) == 4:
            raise KeyboardInterrupt
        return real(optimizer, *rest)

    monkeypatch.setattr(torch.optim.Adam, "step", press)
    learner = make(name, depth=2)
    history = learner.fit(karate, epochs=10)
    assert (history.stopped, len(history)) == ("interrupted", 4)
    assert all(p.grad is None for p in learner.parameters())


@pytest.mark.parametrize("name", ["sf", "link-bp"])
def test_ctrl_c_never_escapes(name: str, karate: Data) -> None:
    """It is pressed as each of our functions is entered: Python looks for it there."""
    links = name in fgnn.LINK_LEARNERS
    learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, hidden=4, depth=1)
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    generator, lengths = torch.get_rng_state(), []
    for moment in itertools.count(1):
        entered = 0

        def press(frame: FrameType, event: str, _: object, moment: int = moment) -> None:
            nonlocal entered
            ours = "fgnn_lite" in frame.f_code.co_filename and frame.f_code.co_name != "<genexpr>"
            if event == "call" and ours and (entered or frame.f_code.co_name == "_run"):
                entered += 1
                if entered == moment + 1:
                    sys.setprofile(None)
                    raise KeyboardInterrupt

        sys.setprofile(press)
        try:
            history = learner.fit(*data, epochs=1)
        finally:
            sys.setprofile(None)
        if entered <= moment:  # training has fewer calls
            break
        assert history.stopped == "interrupted"
        assert learner.trained_layers == len(history)
        lengths.append(len(history))
    assert history.stopped == "finished"
    assert lengths == sorted(lengths)
    assert set(lengths) == {0, 1}
    assert torch.equal(generator, torch.get_rng_state())


def test_numbers_of_other_libraries_are_plain_in_fit(karate: Data) -> None:
    """A progress bar and Adam would choke on them, or keep them."""
    plain, other = make("sf"), make("sf")
    plain.fit(karate, epochs=3, lr=0.25, val_every=2)
    history = other.fit(
        karate,
        epochs=torch.tensor(3),
        lr=torch.tensor(0.25),
        val_every=np.int64(2),
        progress=np.bool_(True),
    )
    assert len(history) == 3 * other.depth
    assert everything(other) == everything(plain)


def test_ctrl_c_while_the_progress_bar_is_made(karate: Data, monkeypatch) -> None:
    def press(total: int) -> None:
        raise KeyboardInterrupt

    learner = make("sf")
    learner.fit(karate, epochs=2)
    monkeypatch.setattr("fgnn_lite.learners.run._bar", press)
    before = everything(learner)
    history = learner.fit(karate, epochs=2, lr=0.1, progress=True)
    assert (history.stopped, len(history)) == ("interrupted", 0)
    assert everything(learner) == before  # what it had learned is not lost


@pytest.mark.parametrize("name", ALL)
def test_an_error_in_the_callback_is_not_swallowed(name: str, karate: Data) -> None:
    def broken(record: fgnn.Record) -> None:
        raise ZeroDivisionError

    learner = make(name)
    learner.fit(karate, epochs=2)
    before = everything(learner)
    with pytest.raises(ZeroDivisionError):
        learner.fit(karate, epochs=3, on_epoch=broken)
    assert everything(learner) == before


@pytest.mark.parametrize("name", [*ALL, *fgnn.LINK_LEARNERS])
def test_a_loss_that_is_not_finite_ends_training(name: str, karate: Data) -> None:
    """It says what to lower, and leaves the learner as it was: fitted, or not."""
    links = name in fgnn.LINK_LEARNERS
    learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, hidden=16)
    data = fgnn.load_links("karate")[:2] if links else (karate,)
    told: list[fgnn.Record] = []

    def diverge(record: fgnn.Record) -> None:
        told.append(record)
        for parameter in learner.parameters():
            parameter.data.fill_(float("nan"))

    def broken() -> None:
        with pytest.raises(FloatingPointError, match=r"got nan: .*lower lr.*temperature"):
            learner.fit(*data, epochs=9, on_epoch=diverge)

    broken()
    assert len(told) == 1
    with pytest.raises(NotFittedError):
        learner.predict(data[-1])
    learner.fit(*data, epochs=2)
    before = everything(learner)
    broken()
    assert everything(learner) == before


@pytest.mark.parametrize(("name", "backbone"), KNOWN)
def test_save_and_load(name: str, backbone: str, karate: Data, tmp_path) -> None:  # type: ignore[no-untyped-def]
    learner = make(name, backbone=backbone, depth=2, temperature=0.5, features="l2")
    with pytest.raises(NotFittedError):
        learner.save(tmp_path / "early.pt")
    learner.fit(karate, epochs=5)
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert loaded.settings == learner.settings
    assert torch.equal(loaded.predict(karate), learner.predict(karate))
    assert torch.equal(loaded.class_scores(karate)[-1], learner.class_scores(karate)[-1])


@pytest.fixture
def saved(karate: Data, tmp_path: Path) -> Path:
    learner = make("sf")
    learner.fit(karate, epochs=2)
    learner.save(tmp_path / "net.pt")
    return tmp_path / "net.pt"


def test_damaged_files_say_so(saved: Path) -> None:
    whole = saved.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no net at all"):
        saved.write_bytes(content)
        with pytest.raises(ValueError, match=r"net\.pt is damaged"):
            fgnn.load_learner(saved)
    torch.save([1, 2], saved)
    with pytest.raises(ValueError, match=r"net\.pt is damaged"):
        fgnn.load_learner(saved)


@pytest.mark.filterwarnings("ignore:TypedStorage")
def test_no_bit_of_a_file_changes_a_learner(saved: Path) -> None:
    """Wherever it is flipped: the file is refused, or what is loaded is the same."""
    whole, same, rng = saved.read_bytes(), everything(fgnn.load_learner(saved)), random.Random(0)
    refused = 0
    for end in [len(whole)] * 200 + [2500] * 200:  # the settings come first
        flipped = bytearray(whole)
        flipped[rng.randrange(end)] ^= 1 << rng.randrange(8)
        saved.write_bytes(flipped)
        try:
            assert everything(fgnn.load_learner(saved)) == same
        except ValueError:
            refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learner": "magic"}, "name must be one of"),
        ({"learner": "link-ce", "settings": {}}, "num_classes must be 0; got 4"),
        ({"settings": {"depth": 3}}, "state_dict"),
        ({"num_features": 5}, "size mismatch"),
        ({"num_features": -5}, "num_features must be an integer of at least 1"),
        ({"num_classes": -7}, "num_classes must be an integer from 2 to 65536; got -7"),
        ({"num_classes": 10**12}, "num_classes must be an integer from 2 to 65536"),
        ({"num_classes": 4.0}, "num_classes must be an integer"),
        ({"trained_layers": 3}, "trained_layers must be an integer from 1 to 2"),
        ({"scaling": "auto"}, "scaling must be one of 'sum', 'l2', 'none'"),
        ({"state": {}}, "StopIteration"),
    ],
)
def test_what_a_file_must_hold(changes: dict, message: str, saved: Path) -> None:
    content = {**torch.load(saved), **changes}
    torch.save(content, saved)  # the checksum is that of another content
    with pytest.raises(ValueError, match=r"net\.pt is damaged.*checksum"):
        fgnn.load_learner(saved)
    del content["sha256"]
    torch.save({**content, "sha256": checksum(content)}, saved)
    with pytest.raises(ValueError, match=rf"(?s)net\.pt is damaged.*{message}"):
        fgnn.load_learner(saved)


def test_the_checksum_covers_everything(saved: Path) -> None:
    content = torch.load(saved)
    assert content["format"] == FORMAT
    assert content.pop("sha256") == checksum(content)
    state, name = content["state"], "layers.0.conv.lin.weight"
    other = state[name].clone()
    other[0, 0].nextafter_(torch.tensor(9.0))
    tensors = state[name].flatten(), state[name].view(torch.int32), other
    states = [{**state, name: tensor} for tensor in tensors]
    states.append({key.upper(): value for key, value in state.items()})
    changed = [{**content, "state": state} for state in states]
    changed += [{**content, key: 7} for key in content if key != "state"]
    sums = [checksum(each) for each in (content, *changed)]
    assert len(set(sums)) == len(sums)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_neither_saved_nor_loaded(
    value: float, saved: Path
) -> None:
    whole, learner, content = saved.read_bytes(), fgnn.load_learner(saved), torch.load(saved)
    for weights in (list(learner.parameters())[-1], list(content["state"].values())[-1]):
        weights.data[0] = value
    with pytest.raises(ValueError, match=r"weights must be finite; layers\.1"):
        learner.save(saved)
    assert saved.read_bytes() == whole
    torch.save(content, saved)
    with pytest.raises(ValueError, match=r"net\.pt is damaged.*must be finite; layers\.1"):
        fgnn.load_learner(saved)


def test_paths_that_lead_nowhere(saved: Path) -> None:
    learner = fgnn.load_learner(saved)
    with pytest.raises(FileNotFoundError, match=r"path must name .* no file .*none\.pt"):
        fgnn.load_learner(saved.parent / "none.pt")
    with pytest.raises(FileNotFoundError, match=r"path must lie in a folder.* no .*nope$"):
        learner.save(saved.parent / "nope" / "net.pt")
    for call in (learner.save, fgnn.load_learner):
        with pytest.raises(TypeError, match="path must be the path of a file; got None"):
            call(None)


@pytest.mark.parametrize("name", ALL)
def test_class_scores_are_what_is_predicted(name: str, karate: Data) -> None:
    learner = make(name, depth=3)
    with pytest.raises(NotFittedError, match="call fit"):
        learner.class_scores(karate)
    learner.fit(karate, epochs=5)
    scores = learner.class_scores(karate)
    assert len(scores) == (3 if learner.local else 1)
    assert {tuple(score.shape) for score in scores} == {(34, 4)}
    assert {score.device.type for score in scores} == {"cpu"}
    assert not any(score.requires_grad for score in scores)
    assert torch.equal(scores[-1].argmax(dim=1), learner.predict(karate))
    labels = karate.y[karate.test_mask]
    right = [(s.argmax(1)[karate.test_mask] == labels).double().mean().item() for s in scores]
    assert right == pytest.approx(learner.layer_scores(karate), abs=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_predict_before_fit(name: str, karate: Data) -> None:
    for call in (learner := make(name)).predict, learner.score, learner.layer_scores:
        with pytest.raises(NotFittedError, match="call fit"):
            call(karate)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "fs"}, r"name must be one of 'bp', .*'sf', .*Did you mean 'sf'"),
        ({"name": "backprop"}, "Did you mean 'bp'"),
        ({"backbone": "GCN"}, "Did you mean 'gcn'"),
        ({"backbone": "gin"}, r"backbone must be one of 'gcn', 'sage', 'gat'.*'gin'"),
        ({"depth": 0}, "depth"),
        ({"depth": -1}, "depth"),
        ({"hidden": 0}, "hidden"),
        ({"backbone": "gat", "hidden": 130}, r"GAT's 4 heads; got 130 \(try 128 or 132\)"),
        ({"backbone": "gat", "hidden": 3}, r"hidden must be divisible .*; got 3 \(try 4\)"),
        ({"hidden": 10**12}, "hidden must be an integer from 1 to 65536; got 1000000000000"),
        (
            {"temperature": 0.0},
            r"temperature must be a .* at least 1e-06 and at most 1e\+06; got 0",
        ),
        ({"temperature": 1e-40}, "temperature"),
        ({"temperature": 1e7}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"seed": -1}, "seed"),
        ({"features": "max"}, "features"),
        ({"virtual_edges": "none"}, "virtual_edges"),
        ({"name": "bp", "adjacency": "dense"}, "adjacency"),
    ],
)
def test_settings_out_of_range(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fgnn.make_learner(**{"name": "sf", **settings})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 2.5}, "depth"),
        ({"hidden": "128"}, "hidden"),
        ({"temperatur": 2.0}, r"no option 'temperatur'"),
        ({"adjacency": "sparse"}, r"make_learner\('sf'\) has no option 'adjacency'"),
        ({"name": "bp", "checkpoint": 1}, "checkpoint"),
        ({"name": 3}, "name"),
    ],
)
def test_settings_of_another_kind(settings: dict, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fgnn.make_learner(**{"name": "sf", **settings})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs"),
        ({"epochs": 1.5}, TypeError, "epochs"),
        ({"patience": 0}, ValueError, "patience"),
        ({"val_every": 0}, ValueError, "val_every"),
        ({"lr": 0.0}, ValueError, "lr"),
        ({"lr": -1.0}, ValueError, "lr"),
        ({"lr": float("nan")}, ValueError, "lr"),
        ({"lr": 1e30}, ValueError, r"lr must be a .* above 0 and at most 1000; got 1e\+30"),
        ({"weight_decay": -1e-4}, ValueError, "weight_decay"),
        ({"device": "cuda:99"}, ValueError, "device must be one of 'auto', 'cpu'"),
        ({"device": "toaster"}, ValueError, "device must be one of 'auto', 'cpu'"),
        ({"device": "mps"}, ValueError, "device"),
        ({"device": "meta"}, ValueError, "device"),
        ({"device": torch.device("meta")}, ValueError, "device"),
        ({"device": None}, ValueError, "device"),
        ({"on_epoch": 3}, TypeError, "on_epoch"),
        ({"progress": "yes"}, TypeError, "progress"),
        ({"restore_best": None}, TypeError, "restore_best"),
    ],
)
@pytest.mark.parametrize("name", ALL)
def test_a_bad_fit_changes_nothing(name, arguments, error, message, karate) -> None:  # type: ignore[no-untyped-def]
    learner = make(name)
    learner.fit(karate, epochs=3)
    before = everything(learner)
    with pytest.raises(error, match=message):
        learner.fit(karate, **{"epochs": 3, **arguments})
    assert everything(learner) == before


def test_devices_that_exist(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for device in ("cpu", "cuda", "cuda:0", "cuda:1"):
        assert (
            resolve_device(device) == resolve_device(torch.device(device)) == torch.device(device)
        )
    assert resolve_device("auto") == torch.device("cuda")
    with pytest.raises(ValueError, match=r"device must be .*'cuda', .*'cuda:1'; got"):
        resolve_device("cuda:2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto") == torch.device("cpu")
    with pytest.raises(ValueError, match="device must be one of 'auto', 'cpu'; got 'cuda'"):
        resolve_device("cuda")


def spoil(data: Data, **changes) -> Data:  # type: ignore[no-untyped-def]
    out = copy.copy(data)
    for key, value in changes.items():
        if value is None:
            del out[key]
        else:
            out[key] = value
    return out


@pytest.mark.parametrize("name", ALL)
def test_bad_graphs(name: str, karate: Data) -> None:
    nan, far = karate.x.clone(), karate.edge_index.clone()
    nan[5, 3], far[1, 7] = float("nan"), 34
    empty = torch.zeros(34, dtype=torch.bool)
    one_class = karate.train_mask & (karate.y == 0)
    cases = [
        (spoil(karate, x=None), "'x'"),
        (spoil(karate, y=None), "'y'"),
        (spoil(karate, train_mask=None), "'train_mask'"),
        (spoil(karate, val_mask=None), "'val_mask'"),
        (spoil(karate, train_mask=empty), "train_mask"),
        (spoil(karate, val_mask=empty), "val_mask"),
        (spoil(karate, train_mask=one_class), "class 1, 2, 3"),
        (spoil(karate, y=karate.y + 1), "data.y"),
        (spoil(karate, y=karate.y - 1), "data.y"),
        (spoil(karate, x=nan), "row 5"),
        (spoil(karate, edge_index=far), "34"),
        (spoil(karate, edge_index=-far), "edge_index"),
        (spoil(karate, x=karate.x[:, :0]), "data.x"),
        (spoil(karate, x=karate.x.long()), "data.x"),
        (spoil(karate, x=karate.x.half()), "data.x must be torch.float32 or torch.float64; got"),
        (spoil(karate, x=karate.x.bfloat16()), "data.x"),
        (spoil(karate, num_classes=10**12), "data.num_classes"),
    ]
    learner = make(name)
    learner.fit(karate, epochs=1)
    before = everything(learner)
    for data, message in cases:
        with pytest.raises(ValueError, match=message):
            learner.fit(data, epochs=2)
        assert everything(learner) == before
    with pytest.raises(TypeError, match="data must be"):
        learner.fit("karate", epochs=2)  # type: ignore[arg-type]
    assert everything(learner) == before


@pytest.mark.parametrize("name", ALL)
def test_no_validation_nodes_are_needed_without_restoring(name: str, karate: Data) -> None:
    learner = make(name)
    data = spoil(karate, val_mask=None)
    history = learner.fit(data, epochs=4, restore_best=False)
    assert all(record.val_accuracy is None for record in history)
    assert 0.0 <= learner.score(data, "test") <= 1.0


NO_MASKS = {
    "places": lambda mask: mask.nonzero().squeeze(-1),
    "bytes": lambda mask: mask.byte(),
    "too short": lambda mask: mask[:-1],
    "many splits": lambda mask: mask.unsqueeze(1).repeat(1, 10),
    "a list": lambda mask: mask.tolist(),
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", NO_MASKS)
def test_every_mask_that_is_read_is_checked(name: str, kind: str, karate: Data) -> None:
    """Whether it is needed or not: what is no mask would be read as something else."""
    learner = make(name)
    learner.fit(karate, epochs=1)
    before = everything(learner)
    for field in ("train_mask", "val_mask", "test_mask"):
        data = spoil(karate, **{field: NO_MASKS[kind](karate[field])})
        for restore_best in (True, False):
            with pytest.raises(ValueError, match=f"data.{field} must be"):
                learner.fit(data, epochs=1, restore_best=restore_best)
        for call in (learner.score, learner.layer_scores):
            with pytest.raises(ValueError, match=f"data.{field} must be"):
                call(data, field.removesuffix("_mask"))
    assert everything(learner) == before


@pytest.mark.parametrize("name", ALL)
def test_masks_that_overlap_are_refused(name: str, karate: Data) -> None:
    learner = make(name)
    learner.fit(karate, epochs=1)
    before = everything(learner)
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        count = int(karate[f"{one}_mask"].sum())
        both = karate[f"{one}_mask"] | karate[f"{other}_mask"]
        data = spoil(karate, **{f"{other}_mask": both})
        message = f"{one}_mask and data.{other}_mask must share no node; {count} of 34 nodes are"
        for restore_best in (True, False):
            with pytest.raises(ValueError, match=message):
                learner.fit(data, epochs=1, restore_best=restore_best)
        for call in (learner.score, learner.layer_scores):
            with pytest.raises(ValueError, match=message):
                call(data, other)
        assert 0.0 <= learner.score(data, both) <= 1.0  # a mask of one's own is one's own choice
    assert everything(learner) == before


@pytest.mark.parametrize("name", ALL)
def test_labels_are_read_where_they_are_needed_only(name: str, karate: Data) -> None:
    learner = make(name)
    learner.fit(karate, epochs=5)
    wanted = learner.class_scores(karate)[-1]
    seen = karate.train_mask | karate.val_mask
    hidden = spoil(karate, y=torch.where(karate.train_mask, karate.y, -1))
    uncounted = spoil(hidden, num_classes=None, val_mask=None, test_mask=None)
    for data in (hidden, uncounted):
        assert torch.equal(learner.class_scores(data)[-1], wanted)
        assert torch.equal(learner.predict(data), wanted.argmax(dim=1))
    bare = Data(x=karate.x, edge_index=karate.edge_index)
    if not learner._given_masks:
        assert torch.equal(learner.class_scores(bare)[-1], wanted)
        nonsense = spoil(karate, y=karate.y.float() / 3, train_mask=None)
        assert torch.equal(learner.class_scores(nonsense)[-1], wanted)
    else:  # class nodes, or what prediction is given
        with pytest.raises(ValueError, match=r"data has no '(y|train_mask)'"):
            learner.predict(bare)
        with pytest.raises(ValueError, match="data has no 'y'"):
            learner.predict(spoil(karate, y=None, num_classes=None))
        fewer = spoil(karate, y=torch.where(karate.y == 2, -1, karate.y))
        with pytest.raises(ValueError, match=r"label for every node of data\.train_mask; 1 of 4"):
            learner.predict(fewer)
    for data in (hidden, spoil(karate, y=torch.where(seen, karate.y, -1))):
        nodes = int(data.test_mask.sum())
        for call in (learner.score, learner.layer_scores):
            with pytest.raises(ValueError, match=f"label for every node .*; {nodes} of {nodes} h"):
                call(data, "test")
    with pytest.raises(ValueError, match="data has no 'y'"):
        learner.score(spoil(karate, y=None), "test")
    again = make(name)  # a label of validation is read as soon as there is such a node
    for restore_best in (True, False):
        with pytest.raises(ValueError, match=r"label for every node of data\.val_mask; 10 of 10"):
            again.fit(hidden, epochs=5, restore_best=restore_best)
    again.fit(spoil(karate, y=torch.where(seen, karate.y, -1)), epochs=5)
    assert torch.equal(again.class_scores(karate)[-1], wanted)


@pytest.mark.parametrize("name", ["ff-la", "ff-vn"])
@pytest.mark.parametrize("hypotheses", ["joint", "single"])
def test_what_is_given_no_label_needs_none(name: str, hypotheses: str, karate: Data) -> None:
    learner = make(name, given="none", hypotheses=hypotheses)
    learner.fit(karate, epochs=5)
    bare = Data(x=karate.x, edge_index=karate.edge_index)
    assert torch.equal(learner.class_scores(bare)[-1], learner.class_scores(karate)[-1])


def weighted(data: Data) -> Data:
    """Each edge with a weight of its own, the same both ways."""
    source, target = data.edge_index
    return spoil(data, edge_weight=((source + 1) * (target + 1) % 7 / 3.0))


@pytest.mark.parametrize("name", [name for name in ALL if name != "mlp"])
def test_edges_weigh_what_they_are_told(name: str, karate: Data) -> None:
    """That it is what PyG makes of them is in the tests of each learner."""
    plain, told = make(name), make(name)
    data = weighted(karate)
    plain.fit(karate, epochs=5)
    told.fit(data, epochs=5)
    assert not torch.allclose(plain.class_scores(karate)[-1], told.class_scores(data)[-1])
    assert not torch.allclose(told.class_scores(karate)[-1], told.class_scores(data)[-1])
    attr = spoil(data, edge_weight=None, edge_attr=data.edge_weight.double())
    assert torch.equal(told.class_scores(attr)[-1], told.class_scores(data)[-1])
    ones = spoil(karate, edge_weight=torch.ones(karate.num_edges))
    torch.testing.assert_close(plain.class_scores(ones)[-1], plain.class_scores(karate)[-1])
    assert fgnn.probe_memory(told, data, steps=1).peak_bytes > 0
    assert len(fgnn.record_tape(told, data).phases) > 0


@pytest.mark.parametrize(
    ("name", "backbone"),
    [
        (name, backbone)
        for name in (*ALL, *fgnn.LINK_LEARNERS)
        for backbone in KINDS[name].backbones
        if backbone in ("sage", "gat")
    ],
)
@pytest.mark.parametrize("field", ["edge_weight", "edge_attr"])
def test_weights_that_cannot_be_used_are_refused(
    name: str, backbone: str, field: str, karate: Data
) -> None:
    links = name in fgnn.LINK_LEARNERS
    learner = (fgnn.make_link_learner if links else fgnn.make_learner)(name, backbone, hidden=16)
    parts = list(fgnn.load_links("karate")) if links else [karate]
    told = [spoil(part, **{field: torch.ones(part.num_edges)}) for part in parts]
    learner.fit(*parts[:2], epochs=1)
    before = everything(learner)
    message = f"^backbone '{backbone}' cannot use {{}}.{field}: only 'gcn'"
    with pytest.raises(ValueError, match=message.format("train" if links else "data")):
        learner.fit(*told[:2], epochs=1)
    if links:
        with pytest.raises(ValueError, match=message.format("val")):
            learner.fit(parts[0], told[1], epochs=1)
    for call in (learner.predict, learner.score, learner.layer_scores):
        with pytest.raises(ValueError, match=message.format("data")):
            call(told[-1])
    for probe in (fgnn.probe_memory, fgnn.record_tape):
        with pytest.raises(ValueError, match=message.format("(data|train)")):
            probe(learner, told[0])
    assert everything(learner) == before


@pytest.mark.parametrize("name", [*ALL, *fgnn.LINK_LEARNERS])
def test_what_edges_carry_is_used_or_refused(name: str, karate: Data) -> None:
    links = name in fgnn.LINK_LEARNERS
    learner = fgnn.make_link_learner(name, hidden=16) if links else make(name)
    parts = list(fgnn.load_links("karate")) if links else [karate]
    learner.fit(*parts[:2], epochs=1)
    edges = parts[-1].num_edges
    for change, words in (
        ({"edge_attr": torch.ones(edges, 2)}, "edge_attr must be one floating weight"),
        ({"edge_weight": -torch.ones(edges)}, "edge_weight must hold finite weights from 0"),
        ({"edge_weight": torch.ones(edges), "edge_attr": torch.ones(edges)}, "has both"),
    ):
        bad = spoil(parts[-1], **change)
        with pytest.raises(ValueError, match=words):
            learner.predict(bad)
        with pytest.raises(ValueError, match=words):
            learner.fit(*[*parts[:2], bad][-2 if links else -1 :], epochs=1)


@pytest.mark.parametrize("name", [*ALL, *fgnn.LINK_LEARNERS])
def test_features_without_a_length_are_refused(name: str, karate: Data) -> None:
    """Finite as they are: squares that overflow, or vanish, would make chance of them."""
    links = name in fgnn.LINK_LEARNERS
    learner = fgnn.make_link_learner(name, hidden=16) if links else make(name)
    parts = list(fgnn.load_links("karate")) if links else [karate]
    learner.fit(*parts[:2], epochs=1)
    for size in (1e20, 1e-9):
        bad = [spoil(part, x=part.x * size) for part in parts]
        message = rf"x must have a largest value .* it is {re.escape(f'{size:g}')} "
        with pytest.raises(ValueError, match=message):
            learner.fit(*bad[:2], epochs=1)
        with pytest.raises(ValueError, match=message):
            learner.predict(bad[-1])


@pytest.mark.parametrize("size", [2.0**-10, 2.0**40])
@pytest.mark.parametrize(
    "name", ["sf", "class-groups", "sf-top-to-input", "sf-top-to-loss", "ff-vn"]
)
def test_the_size_of_the_features_does_not_matter(name: str, size: float) -> None:
    """Where rows lose their length first, a net learns the same up to the largest that is taken."""
    data = odd_graph()
    scores = []
    for x in (data.x, data.x * size):
        learner = make(name)
        graph = spoil(data, x=x)
        learner.fit(graph, epochs=10, restore_best=False)
        scores.append(learner.class_scores(graph)[-1])
    torch.testing.assert_close(*scores, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_predicting_on_another_kind_of_graph(name: str, karate: Data) -> None:
    learner = make(name)
    learner.fit(karate, epochs=2)
    with pytest.raises(ValueError, match="34 features"):
        learner.predict(spoil(karate, x=karate.x[:, :5]))
    with pytest.raises(ValueError, match="4 classes"):
        learner.predict(spoil(karate, num_classes=2, y=karate.y % 2))
    with pytest.raises(ValueError, match="float32"):
        learner.predict(spoil(karate, x=karate.x.double()))
    with pytest.raises(ValueError, match="at least one node"):
        learner.score(karate, torch.zeros(34, dtype=torch.bool))
    for call in (learner.score, learner.layer_scores):
        with pytest.raises(ValueError, match="mask must be one of 'train', 'val', 'test'"):
            call(karate, "tset")
    fewer = spoil(karate, edge_index=karate.edge_index[:, :20])
    assert learner.predict(fewer).shape == (34,)
    assert learner.predict(fewer).dtype == torch.long


@pytest.mark.parametrize("name", ALL)
def test_double_precision_is_kept(name: str) -> None:
    data = odd_graph()
    data.x = data.x.double()
    learner = make(name)
    learner.fit(data, epochs=3)
    assert next(learner.parameters()).dtype == torch.float64
    assert learner.class_scores(data)[-1].dtype == torch.float64


def test_the_progress_bar_counts_updates(karate: Data, capsys) -> None:  # type: ignore[no-untyped-def]
    make("sf", depth=2).fit(karate, epochs=4, progress=True)
    assert "8/8" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sf", "sf-top-to-loss", "bp"])
def test_the_progress_bar_ends_full_when_training_stops_early(name: str, karate, capsys) -> None:
    learner = make(name, depth=3)
    history = learner.fit(karate, epochs=40, patience=1, val_every=1, progress=True, lr=0.01)
    total = 40 * (3 if learner.local else 1)
    assert len(history) < total
    last = capsys.readouterr().err.split("\r")[-1]
    assert f"{total}/{total} " in last


@pytest.mark.parametrize(("name", "backbone"), KNOWN)
def test_the_order_of_the_nodes_does_not_matter(
    name: str, backbone: str, karate: Data, monkeypatch
) -> None:
    """Negatives are drawn node by node, in order; here each node's depend on its label alone."""

    def turned(learner: FF, labels: torch.Tensor) -> torch.Tensor:
        return torch.stack([(labels + k) % learner.num_classes for k in range(4)])

    monkeypatch.setattr(FF, "_positive_and_negatives", turned)
    order = torch.randperm(34, generator=torch.Generator().manual_seed(0))
    place = torch.empty_like(order)
    place[order] = torch.arange(34)
    data = karate.clone()
    data.x = karate.x.double()
    other = data.clone()
    for field in ("x", "y", "train_mask", "val_mask", "test_mask"):
        other[field] = data[field][order]
    other.edge_index = place[data.edge_index]
    one, two = (make(name, backbone=backbone, depth=3) for _ in range(2))
    one.fit(data, epochs=10, restore_best=False)
    two.fit(other, epochs=10, restore_best=False)
    for a, b in zip(one.class_scores(data), two.class_scores(other), strict=True):
        torch.testing.assert_close(a[order], b, atol=1e-6, rtol=0)
