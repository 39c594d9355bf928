"""Forward-forward on graphs: exact, local, without leaks."""

import copy
import math
import warnings

import pytest
import torch
from naive import naive_ff
from torch_geometric.data import Data
from toys import odd_graph, path_graph, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.augment import add_probes, append_labels, label_features, wrong_labels
from fgnn_lite.layers import BACKBONES
from fgnn_lite.matrices import Features
from fgnn_lite.objectives import (
    GOODNESS,
    ff_loss,
    mean_squares,
    negative_entropy,
    sum_abs,
    sum_squares,
    symba_loss,
)

FF = ("ff-la", "ff-vn")


# --- objectives ------------------------------------------------------------------------------


def test_goodness_by_hand() -> None:
    h = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert sum_squares(h).tolist() == [25.0, 0.0]
    assert mean_squares(h).tolist() == [12.5, 0.0]
    assert sum_abs(h).tolist() == [7.0, 0.0]
    signed = torch.tensor([[-3.0, 4.0], [-1.0, -2.0]])  # no ReLU before it
    assert sum_abs(signed).tolist() == [7.0, 3.0]
    assert sum_squares(signed).tolist() == [25.0, 5.0]
    p = 1 / (1 + math.exp(-1))
    wanted = [p * math.log(p) + (1 - p) * math.log(1 - p), -math.log(2)]
    assert negative_entropy(h).tolist() == pytest.approx(wanted, abs=1e-6)


def test_the_gradient_of_goodness_is_its_closed_form() -> None:
    """d loss / d W for h = relu(W x): 2 (p - 1) h x^T for a positive, 2 p h x^T for a negative."""
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(5, 3, generator=random, dtype=torch.float64, requires_grad=True)
    x, y = torch.randn(2, 3, generator=random, dtype=torch.float64)
    theta = 0.7
    h, n = (weight @ x).relu(), (weight @ y).relu()
    loss = ff_loss(sum_squares(h[None]), sum_squares(n[None])[None], theta)
    loss.backward()
    p = torch.sigmoid(h.square().sum() - theta).detach()
    q = torch.sigmoid(n.square().sum() - theta).detach()
    closed = 2 * (p - 1) * torch.outer(h, x) + 2 * q * torch.outer(n, y)
    torch.testing.assert_close(weight.grad, closed.detach())


def test_losses_by_hand() -> None:
    positive, negative = torch.tensor([3.0, 2.0]), torch.tensor([[1.0, 2.0], [2.0, 4.0]])

    def softplus(z: float) -> float:
        return math.log(1 + math.exp(z))

    wanted = (softplus(-1) + softplus(0)) / 2
    wanted += (softplus(-1) + softplus(0) + softplus(0) + softplus(2)) / 4
    assert ff_loss(positive, negative, 2.0).item() == pytest.approx(wanted, abs=1e-6)
    low = (softplus(-2) + softplus(0)) / 2
    low += (softplus(-2) + softplus(0) + softplus(0) + softplus(4)) / 4
    assert ff_loss(positive, negative, 2.0, 0.5).item() == pytest.approx(low, abs=1e-6)
    pairs = (softplus(-8) + softplus(0) + softplus(-4) + softplus(8)) / 4
    assert symba_loss(positive, negative).item() == pytest.approx(pairs, abs=1e-5)


# --- labels in the graph ---------------------------------------------------------------------


def test_labels_beside_the_features_by_hand() -> None:
    data = path_graph()
    half = [0.5, 0.5]
    wanted = [[1.0, 0.0], half, half, [0.0, 1.0]]
    assert append_labels(data).x[:, 2:].tolist() == wanted
    assert torch.equal(append_labels(data).x[:, :2], data.x)
    other = append_labels(data, torch.tensor([1, 1])).x[:, 2:]
    assert other.tolist() == [[0.0, 1.0], half, half, [0.0, 1.0]]
    part = label_features(torch.tensor([1]), torch.tensor([2]), 4, 2)
    assert part.tolist() == [half, half, [0.0, 1.0], half]
    assert data.x.shape == (4, 2)  # as it was


def test_wrong_labels_beside_the_features() -> None:
    data = path_graph()
    for wrong in (torch.tensor([0]), torch.tensor([0, 2]), torch.tensor([-1, 0])):
        with pytest.raises(ValueError, match="labels"):
            append_labels(data, wrong)
    with pytest.raises(TypeError, match="labels"):
        append_labels(data, torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"labels": [0, 2]}, TypeError, "labels must be an integer tensor .2."),
        ({"labels": torch.tensor([0.0, 2.0])}, TypeError, "labels must be an integer tensor"),
        ({"labels": torch.tensor([[0, 2]])}, ValueError, r"labels must have the shape \[1\]"),
        ({"labels": torch.tensor([0, 3])}, ValueError, "labels must lie in 0..2"),
        ({"num_classes": 1}, ValueError, "num_classes must be an integer from 2"),
        ({"negatives": 3}, ValueError, "negatives must be an integer from 1 to 2; got 3"),
        ({"negatives": 0}, ValueError, "negatives must be an integer from 1 to 2; got 0"),
        ({"seed": -1}, ValueError, "seed must be an integer of at least 0"),
    ],
)
def test_what_is_no_lie_is_refused(changes, error, message) -> None:
    """With as many negatives as classes the true one would be among them."""
    with pytest.raises(error, match=message):
        wrong_labels(**{"labels": torch.tensor([0, 2]), "num_classes": 3, **changes})


@pytest.mark.parametrize("k", [1, 2, None])
def test_negatives_are_wrong_and_differ(k: int | None) -> None:
    data = odd_graph()
    learner = fgnn.make_learner("ff-la", negatives=k, seed=7)
    learner.num_classes = 3
    y = data.y[data.train_mask]
    labels = learner._positive_and_negatives(y)
    assert torch.equal(labels[0], y)
    assert torch.equal(labels[1:], wrong_labels(y, 3, k, learner.seed))
    assert labels.shape == (1 + (k or 2), len(y))
    assert not (labels[1:] == y).any()
    assert all(len(set(column.tolist())) == len(labels) for column in labels.t())


def test_every_lie_is_told_as_often_and_the_seed_draws_them() -> None:
    labels = torch.zeros(3000, dtype=torch.long)
    wrong = wrong_labels(labels, 4)
    for row in (*wrong, wrong_labels(labels, 4, negatives=1)[0]):
        counts = torch.bincount(row, minlength=4)
        assert counts[0] == 0
        assert (counts[1:] - 1000).abs().max() < 120
    assert torch.equal(wrong, wrong_labels(labels, 4, seed=0))
    assert not torch.equal(wrong, wrong_labels(labels, 4, seed=1))
    assert torch.equal(wrong[:2], wrong_labels(labels, 4, negatives=2))


def test_a_copied_edge_weighs_what_it_weighed() -> None:
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 1, 1]])
    data = Data(x=torch.eye(3), edge_index=edges, edge_attr=torch.tensor([0.5, 2.0, 3.0, 4.0]))
    out = add_probes(data, torch.tensor([1]))
    assert out.edge_index[:, 4:].tolist() == [[0, 3, 2], [3, 3, 3]]
    assert out.edge_weight.tolist() == [0.5, 2, 3, 4, 0.5, 3, 4]


def test_a_probe_carries_its_hypothesis_alone() -> None:
    """One layer on probes is the layer on the graph in which that one node carries a label."""
    data = odd_graph()
    learner = fgnn.make_learner("ff-la", depth=1, hidden=16, hypotheses="single", given="none")
    learner.fit(data, epochs=5)
    scores = learner.class_scores(data)[-1]
    conv = learner.layers[0].conv
    for node in (0, 3, 20, 39):
        for c in range(3):
            part = label_features(torch.tensor([c]), torch.tensor([node]), 40, 3)
            x = torch.cat([data.x, part], dim=1)
            with torch.no_grad():
                h = conv(x / (x.norm(dim=1, keepdim=True) + 1e-8), data.edge_index).relu()
            torch.testing.assert_close(scores[node, c], sum_squares(h[node]), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", FF)
def test_no_probe_receives_another_label(name: str) -> None:
    """In single hypotheses a node's scores do not depend on anybody's label, given or not."""
    data = odd_graph()
    learner = fgnn.make_learner(name, depth=3, hidden=16, hypotheses="single", given="none")
    learner.fit(data, epochs=10)
    other = copy.copy(data)
    other.y = data.y.roll(1)
    assert torch.equal(learner.class_scores(data)[-1], learner.class_scores(other)[-1])
    joint = fgnn.make_learner(name, depth=3, hidden=16)
    joint.fit(data, epochs=10)
    test = data.test_mask
    assert not torch.equal(joint.class_scores(data)[-1][test], joint.class_scores(other)[-1][test])


# --- the fast form is the naive form ---------------------------------------------------------


def assert_fast_is_naive(data, name: str, backbone: str, features: str, **options) -> None:
    settings = {"depth": 2, "hidden": 16, "seed": 3, "features": features, **options}
    learner = fgnn.make_learner(name, backbone, negatives=2, **settings)
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    negatives = learner._positive_and_negatives(data.y[data.train_mask])[1:]
    layers, losses, scores = naive_ff(
        data, name, backbone, 2, 20, negatives, seed=3, features=features, **options
    )
    for number, (fast, slow) in enumerate(zip(learner.layers, layers, strict=True), start=1):
        assert history.curve("loss", number)[1] == pytest.approx(losses[number - 1], abs=1e-5)
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=0)
    rest = ~data.train_mask
    torch.testing.assert_close(
        learner.class_scores(data)[-1][rest], scores[rest], atol=1e-4, rtol=1e-4
    )
    assert torch.equal(learner.predict(data)[data.train_mask], data.y[data.train_mask])


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("graph", ["karate", "digits"])
def test_fast_is_naive(name: str, backbone: str, graph: str) -> None:
    assert_fast_is_naive(fgnn.load_graph(graph), name, backbone, "l2")


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_sparse_input_is_naive_too(name: str, backbone: str) -> None:
    data = odd_graph()
    mask = torch.rand(40, 300, generator=torch.Generator().manual_seed(2)) > 0.97
    data.x = torch.cat([data.x, mask.float()], dim=1)
    data.x[::7] = 0.0
    assert_fast_is_naive(data, name, backbone, "sum", theta=0.5)


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_one_way_virtual_edges_are_naive_too(backbone: str) -> None:
    assert_fast_is_naive(odd_graph(), "ff-vn", backbone, "none", virtual_edges="to-virtual")


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_single_hypotheses_are_naive_too(name: str, backbone: str) -> None:
    assert_fast_is_naive(odd_graph(), name, backbone, "l2", hypotheses="single")


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("hypotheses", ["joint", "single"])
def test_weighted_edges_are_naive_too(name: str, hypotheses: str) -> None:
    """Virtual edges weigh 1, and a probe's edges what its node's weigh."""
    assert_fast_is_naive(weighted_graph(), name, "gcn", "l2", hypotheses=hypotheses)


@pytest.mark.parametrize("hypotheses", ["joint", "single"])
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_labels_beside_every_layer_are_naive_too(backbone: str, hypotheses: str) -> None:
    options = {"label_layers": "all", "hypotheses": hypotheses}
    assert_fast_is_naive(fgnn.load_graph("karate"), "ff-la", backbone, "none", **options)


# --- local, and without leaks ----------------------------------------------------------------


@pytest.mark.parametrize("name", FF)
def test_no_gradient_in_any_other_layer(name: str, monkeypatch) -> None:
    from fgnn_lite.learners.run import Run

    learner = fgnn.make_learner(name, depth=3, hidden=16)
    seen = []

    def step(run: Run, optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
        loss.backward()
        trained = [any(p.grad is not None for p in layer.parameters()) for layer in learner.layers]
        seen.append(trained)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    monkeypatch.setattr(Run, "step", step)
    learner.fit(fgnn.load_graph("karate"), epochs=2)
    assert seen == [[k == n for k in range(3)] for n in (0, 0, 1, 1, 2, 2)]


@pytest.mark.parametrize("name", FF)
def test_lower_layers_do_not_know_how_deep_the_net_is(name: str) -> None:
    data = fgnn.load_graph("karate")
    shallow, deep = (fgnn.make_learner(name, depth=n, hidden=16) for n in (2, 3))
    shallow.fit(data, epochs=10)
    deep.fit(data, epochs=10)
    for one, two in zip(shallow.layers, deep.layers, strict=False):
        for a, b in zip(one.parameters(), two.parameters(), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("name", FF)
def test_given_labels(name: str) -> None:
    """With `given="train+val"` prediction may use validation labels; training never does."""
    data = fgnn.load_graph("digits")
    plain, given = (
        fgnn.make_learner(name, hidden=16, given=which) for which in ("train", "train+val")
    )
    for learner in (plain, given):
        learner.fit(data, epochs=10)
    for one, two in zip(plain.parameters(), given.parameters(), strict=True):
        assert torch.equal(one, two)
    assert given.score(data, "val") == 1.0
    assert plain.score(data, "val") < 1.0
    assert not torch.equal(plain.class_scores(data)[-1], given.class_scores(data)[-1])
    del data.val_mask
    with pytest.raises(ValueError, match="val_mask"):
        given.predict(data)


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("hypotheses", ["joint", "single"])
@pytest.mark.parametrize("given", ["none", "train"])
def test_validation_is_given_what_prediction_is(name: str, hypotheses: str, given: str) -> None:
    """The accuracy that chooses the epoch is the one that the finished net has."""
    data = fgnn.load_graph("digits")
    few = torch.arange(data.num_nodes) % 3 == 0
    data.val_mask &= few
    settings = {"depth": 2, "hidden": 16, "given": given, "hypotheses": hypotheses}
    learner = fgnn.make_learner(name, **settings)
    history = learner.fit(data, epochs=12, lr=0.02)
    best = [each.val_accuracy for each in history.best]
    assert learner.layer_scores(data, "val") == best
    other = fgnn.make_learner(
        name, **{**settings, "given": "none" if given == "train" else "train"}
    )
    told = [r.val_accuracy for r in other.fit(data, epochs=12, lr=0.02)]
    if hypotheses == "joint":  # a probe gets no other's label
        assert told != [r.val_accuracy for r in history]


@pytest.mark.parametrize(("name", "above", "sources"), [("ff-la", 4, 4 * 34), ("ff-vn", 1, 34 + 4)])
def test_what_views_share_is_multiplied_once(
    name: str, above: int, sources: int, monkeypatch
) -> None:
    """Four views share their features in layer 1; virtual nodes also in the layers above."""
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner(name, "gat", depth=2, hidden=8)
    learner.fit(data, epochs=1, device="cpu")
    batch = learner._positive_and_negative_views(data, data.train_mask.nonzero().flatten())
    real, products = Features.times_blocks, []

    def watch(features: Features, weight: torch.Tensor) -> torch.Tensor:
        products.append(features)
        return real(features, weight)

    for layer, wanted in zip(learner.layers, (1, above), strict=True):
        monkeypatch.setattr(Features, "times_blocks", watch)
        x = layer.prepare(*batch)
        assert layer(x).shape == (4 * len(batch.rows), 8)
        assert x.matrix.size[1] == sources  # rows of W X that are kept
        monkeypatch.undo()
        assert len(products) == wanted
        products.clear()
        batch = learner._next_inputs(layer, batch)


@pytest.mark.parametrize(("loss", "exponents"), [("ff", [-2.0, 1.0]), ("symba", [-4.0])])
def test_theta_and_temperature_reach_the_loss(loss: str, exponents: list[float]) -> None:
    """Goodness 0.5 of a positive, 0.4 of a negative, a threshold of 0.3, in units of 0.1."""
    learner = fgnn.make_learner("ff-vn", loss=loss, theta=0.3, temperature=0.1)
    found = learner._objective(torch.tensor([0.5]), torch.tensor([[0.4]]))
    wanted = sum(math.log(1 + math.exp(each)) for each in exponents)
    assert found.item() == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", FF)
def test_the_margin_is_of_positives_above_negatives(name: str) -> None:
    history = fgnn.make_learner(name, hidden=8).fit(fgnn.load_graph("karate"), epochs=3)
    for record in history:
        assert record.goodness_pos is not None
        apart = record.goodness_pos - record.goodness_neg
        assert record.margin == pytest.approx(apart, abs=1e-5)
        assert abs(apart) > 1e-4


def many_classes(classes: int, nodes: int) -> Data:
    y = torch.arange(nodes) % classes
    edges = torch.randint(nodes, (2, 4 * nodes), generator=torch.Generator().manual_seed(0))
    x = torch.rand(nodes, 8, generator=torch.Generator().manual_seed(0))
    parts = torch.arange(nodes) * 3 // nodes
    masks = {f"{name}_mask": parts == k for k, name in enumerate(("train", "val", "test"))}
    return Data(x=x, y=y, edge_index=edges, **masks)


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("backbone", ["gcn", "gat"])
def test_the_memory_of_many_classes_is_estimated(name: str, backbone: str) -> None:
    """What is said is a lower bound, and no mean one, of what the probe finds."""
    data = many_classes(40, 120)
    for negatives in (None, 1):
        learner = fgnn.make_learner(name, backbone, hidden=16, negatives=negatives)
        peak = fgnn.probe_memory(learner, data, steps=1).peak_bytes
        least = learner._least_bytes(data, negatives or 39)
        assert peak / 2.5 < least < peak


@pytest.mark.parametrize("name", FF)
def test_many_classes_are_warned_of(name: str, monkeypatch) -> None:
    data = many_classes(40, 120)
    learner = fgnn.make_learner(name, hidden=16, negatives=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learner.fit(data, epochs=1)  # not for little
    monkeypatch.setattr("fgnn_lite.learners.ff._MUCH", 10**6)
    learner = fgnn.make_learner(name, hidden=16)
    size = learner._least_bytes(data, 39) / 1e9
    words = f"40 classes and negatives=None will take {size:.2g} GB or more.*square.*negatives=1"
    with pytest.warns(UserWarning, match=words) as told:
        learner.fit(data, epochs=1)
    assert [each.filename for each in told] == [__file__]  # the line that calls fit is shown
    monkeypatch.setattr("fgnn_lite.learners.ff._MUCH", 10**5)
    with pytest.warns(UserWarning, match="negatives=1 will take") as told:
        fgnn.make_learner(name, hidden=16, negatives=1).fit(data, epochs=1)
    assert "negatives=1 takes" not in str(told[0].message)


@pytest.mark.parametrize("name", FF)
def test_what_250_classes_take_is_said(name: str) -> None:
    """More than 256 MiB, without having to run out of memory first."""
    data = many_classes(250, 3000)
    learner = fgnn.make_learner(name)
    (said,) = learner._warnings(data)
    assert f"{name!r} with 250 classes" in said


def test_features_that_drown_the_label_are_warned_of() -> None:
    """From rows of length 10 on, as they are scaled; the digits' are 3.9 long, the karate's 1."""
    data = fgnn.load_graph("digits")
    data.x = data.x / data.x.norm(dim=1, keepdim=True) * 10.1
    fit = {"epochs": 1, "device": "cpu", "restore_best": False}
    with pytest.warns(UserWarning, match=r"longer than 10\.1.*features=\"l2\"") as told:
        fgnn.make_learner("ff-la", hidden=8).fit(data, **fit)
    assert [each.filename for each in told] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, features in (("ff-la", "l2"), ("ff-la", "sum"), ("ff-vn", "none")):
            fgnn.make_learner(name, hidden=8, features=features).fit(data, **fit)
        data.x = data.x * 0.99 / 1.01
        data.x[:800] *= 2  # fewer than half are long
        fgnn.make_learner("ff-la", hidden=8).fit(data, **fit)


@pytest.mark.parametrize("name", FF)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_odd_graphs_train(name: str, backbone: str) -> None:
    data = odd_graph()
    learner = fgnn.make_learner(name, backbone, depth=3, hidden=16)
    history = learner.fit(data, epochs=10)
    assert all(math.isfinite(record.loss) for record in history)
    assert learner.predict(data).shape == (40,)


@pytest.mark.parametrize("name", FF)
def test_without_a_validation_node(name: str) -> None:
    data = fgnn.load_graph("karate")
    del data.val_mask
    learner = fgnn.make_learner(name, hidden=16)
    history = learner.fit(data, epochs=5, restore_best=False)
    assert all(record.val_accuracy is None for record in history)


# --- options ---------------------------------------------------------------------------------


@pytest.mark.parametrize("goodness", [*GOODNESS, lambda h: h.amax(dim=-1)])
@pytest.mark.parametrize("loss", ["ff", "symba"])
def test_every_goodness_trains(goodness, loss: str) -> None:
    data = fgnn.load_graph("karate")
    theta = -2.0 if goodness == "negative-entropy" else 0.5
    learner = fgnn.make_learner("ff-vn", hidden=16, goodness=goodness, loss=loss, theta=theta)
    losses = learner.fit(data, epochs=60, lr=0.01, restore_best=False).curve("loss", 1)[1]
    assert losses[-1] < losses[0]


def test_records_hold_goodness() -> None:
    data = fgnn.load_graph("karate")
    history = fgnn.make_learner("ff-vn", depth=1, hidden=16, theta=0.5).fit(
        data, epochs=200, lr=0.01, restore_best=False
    )
    first, last = history.records[0], history.records[-1]
    assert first.goodness_pos == pytest.approx(first.goodness_neg, abs=0.5)
    assert last.goodness_pos > 0.5 > last.goodness_neg
    assert last.goodness_pos > 2 * last.goodness_neg


@pytest.mark.parametrize("name", ["sf", *FF])
def test_accumulation(name: str) -> None:
    data = fgnn.load_graph("karate")
    scores = {}
    for how in ("all", "skip-first", "last"):
        learner = fgnn.make_learner(name, depth=3, hidden=16, accumulate=how)
        learner.fit(data, epochs=5, restore_best=False)
        scores[how] = [score[data.test_mask] for score in learner.class_scores(data)]
    last = scores["last"]
    for k in range(3):
        torch.testing.assert_close(scores["all"][k], sum(last[: k + 1]))
        skipped = last[0] if k == 0 else sum(last[1 : k + 1])
        torch.testing.assert_close(scores["skip-first"][k], skipped)


def test_a_goodness_of_ones_own_is_not_saved(tmp_path) -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("ff-la", hidden=16, goodness=lambda h: h.sum(-1))
    learner.fit(data, epochs=2)
    with pytest.raises(ValueError, match="goodness"):
        learner.save(tmp_path / "net.pt")
    assert not (tmp_path / "net.pt").exists()
    named = fgnn.make_learner("ff-la", hidden=16, goodness="sum-abs", theta=0.5, given="train+val")
    named.fit(data, epochs=2)
    named.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert loaded.settings == named.settings
    assert torch.equal(loaded.predict(data), named.predict(data))


BAD = [
    ({"theta": math.nan}, ValueError, "theta"),
    ({"theta": "2"}, TypeError, "theta"),
    ({"negatives": 0}, ValueError, "negatives"),
    ({"negatives": 1.5}, TypeError, "negatives"),
    ({"goodness": "sum-square"}, ValueError, "sum-squares"),
    ({"goodness": 3}, TypeError, "goodness"),
    ({"goodness": lambda h: h.square()}, ValueError, r"goodness must turn activities"),
    ({"goodness": lambda h: 1.0}, ValueError, r"goodness must turn activities"),
    ({"goodness": lambda h: h.sum(0)}, ValueError, r"it gave the shape \[128\]"),
    ({"goodness": lambda h: h.sum(-1)[:129]}, ValueError, r"it gave the shape \[129\]"),
    ({"goodness": lambda h: h.sum(5)}, ValueError, "failed with IndexError"),
    ({"goodness": lambda h: (h > 0).sum(-1)}, ValueError, "without a gradient"),
    ({"goodness": lambda h: h.detach().sum(-1)}, ValueError, "without a gradient"),
    ({"loss": "hinge"}, ValueError, "loss"),
    ({"given": "test"}, ValueError, "given"),
    ({"hypotheses": "double"}, ValueError, "single"),
    ({"accumulate": "mean"}, ValueError, "accumulate"),
]


@pytest.mark.parametrize(("option", "error", "words"), BAD)
@pytest.mark.parametrize("name", FF)
def test_bad_options(name: str, option: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fgnn.make_learner(name, **option)


def test_bad_options_of_one() -> None:
    with pytest.raises(ValueError, match="label_layers"):
        fgnn.make_learner("ff-la", label_layers="last")
    with pytest.raises(ValueError, match="virtual_edges must be 'both'"):
        fgnn.make_learner("ff-vn", hypotheses="single", virtual_edges="to-virtual")
    with pytest.raises(TypeError, match="label_layers"):
        fgnn.make_learner("ff-vn", label_layers="all")


@pytest.mark.parametrize("name", FF)
def test_bad_graphs(name: str) -> None:
    learner = fgnn.make_learner(name, hidden=16, negatives=4)
    with pytest.raises(ValueError, match="negatives must be an integer from 1 to 3"):
        learner.fit(fgnn.load_graph("karate"))
    assert len(learner.layers) == 0
    one = path_graph()
    one.y = torch.zeros(4, dtype=torch.long)
    one.num_classes = 1
    with pytest.raises(ValueError, match=r"data\.num_classes must be an integer from 2"):
        fgnn.make_learner(name, hidden=16).fit(one)
