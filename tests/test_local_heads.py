"""Local heads and random layers: naive twins, scikit-learn, locality, memory, what is kept."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data
from toys import edges_of, odd_graph, watch_locality, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import Layer
from fgnn_lite.learners import bp
from fgnn_lite.learners.local_heads import HeadedLayer
from fgnn_lite.objectives import margins, sf_logits
from fgnn_lite.seeds import default_generator

OPTIONS = [("local-heads", {}), ("cafo", {}), ("cafo", {"readout": "cross-entropy"})]


def double(data: Data) -> Data:
    return data.apply(lambda t: t.double() if t.is_floating_point() else t)


def fresh(backbone: str, number: int, inputs: int, hidden: int = 16) -> HeadedLayer:
    """A layer of three classes as a learner of seed 0 draws it."""
    with default_generator(0, number):
        return HeadedLayer(backbone, inputs, hidden, 3).double()


def unit(x: Tensor) -> Tensor:
    return x / (x.norm(dim=1, keepdim=True) + 1e-8)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("graph", [odd_graph, weighted_graph])
def test_it_is_single_forward_with_free_vectors_for_class_nodes(backbone: str, graph) -> None:  # type: ignore[no-untyped-def]
    """PyG's layers, all rows computed, SF's logits, plain Adam: same losses, same votes."""
    if graph is weighted_graph and backbone != "gcn":
        pytest.skip("only GCN weighs edges")
    data = double(graph())
    learner = fgnn.make_learner("local-heads", backbone, depth=3, hidden=16, temperature=0.5)
    history = learner.fit(data, epochs=15, lr=0.01, restore_best=False, device="cpu")
    x, votes = data.x, torch.zeros(40, 3, dtype=torch.float64)
    for number in (1, 2, 3):
        layer = fresh(backbone, number, x.shape[1])
        free = nn.Parameter(layer.head.weight.detach().clone())  # [C, H]
        x = unit(x).detach()
        parameters = [*layer.conv.parameters(), free]
        optimizer = torch.optim.Adam(parameters, lr=0.01, weight_decay=5e-4)
        losses = []
        for _ in range(15):
            z = layer.conv(x, *edges_of(data)).relu()
            logits = sf_logits(z[data.train_mask], free, 0.5)
            loss = functional.cross_entropy(logits, data.y[data.train_mask])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[0] - losses[-1] > 1e-3
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-9)
        with torch.no_grad():
            x = layer.conv(x, *edges_of(data)).relu()
            votes += sf_logits(x, free, 0.5).softmax(-1)
    torch.testing.assert_close(learner.class_scores(data)[-1], votes, atol=1e-8, rtol=0)


def test_one_linear_layer_is_logistic_regression(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Without its ReLU a layer of depth 1 and its head are one matrix on M X."""

    def linear(layer, x):  # type: ignore[no-untyped-def]
        return x.aggregate(layer.conv.lin.weight, torch.zeros_like(layer.conv.bias))

    monkeypatch.setattr(Layer, "forward", linear)
    data = double(odd_graph())
    learner = fgnn.make_learner("local-heads", depth=1, hidden=16)
    learner.fit(data, 4000, lr=0.02, weight_decay=0.0, restore_best=False, device="cpu")
    rows = (learner._adjacency(data).sparse() @ unit(data.x)).numpy()  # M X
    train = data.train_mask.numpy()
    exact = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=10_000)
    exact.fit(rows[train], data.y.numpy()[train])
    wanted = exact.predict_proba(rows)
    found = learner.class_scores(data)[-1].numpy()
    assert np.abs(wanted - 1 / 3).max() > 0.2
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_deep_supervision_cut_is_local_heads_at_once(backbone: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """With inputs detached and of length 1; the first layer is then that of local heads itself."""
    data = double(odd_graph())
    real, data.x = bp.through, unit(data.x)

    def cut(layers, h, matrix):  # type: ignore[no-untyped-def]
        return real(layers, unit(h).detach() if isinstance(h, Tensor) else h, matrix)

    once = {"epochs": 15, "lr": 0.01, "restore_best": False, "device": "cpu"}
    whole = fgnn.make_learner("bp", backbone, depth=3, hidden=16, head="every")
    free = whole.fit(data, **once).curve("loss")[1]
    monkeypatch.setattr(bp, "through", cut)
    losses = whole.fit(data, **once).curve("loss")[1]
    alone = fgnn.make_learner("local-heads", backbone, depth=1, hidden=16)
    alone.fit(data, **once)
    for one, two in zip(whole.layers[0].parameters(), alone.layers[0].parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-8, rtol=0)

    layers = [fresh(backbone, number, 6 if number == 1 else 16) for number in (1, 2, 3)]
    steps = [torch.optim.Adam(layer.parameters(), lr=0.01, weight_decay=5e-4) for layer in layers]
    for wanted in losses:
        h, total = data.x, 0.0
        for layer, optimizer in zip(layers, steps, strict=True):
            z = layer.conv(unit(h).detach(), *edges_of(data)).relu()
            said = layer.head(z)[data.train_mask]
            loss = functional.cross_entropy(said, data.y[data.train_mask])
            optimizer.zero_grad()
            loss.backward()
            h, total = z, total + loss.item()
        for optimizer in steps:
            optimizer.step()
        assert wanted == pytest.approx(total, abs=1e-7)
    assert abs(free[-1] - losses[-1]) > 1e-3


def test_a_head_on_every_layer_is_the_sum_of_their_losses() -> None:
    """Plain PyG layers, nothing detached."""
    data = double(odd_graph())
    learner = fgnn.make_learner("bp", depth=3, hidden=16, head="every", temperature=0.5)
    record = learner.fit(data, epochs=1, lr=1e-12, restore_best=False, device="cpu").records[0]
    layers = [fresh("gcn", number, 6 if number == 1 else 16) for number in (1, 2, 3)]
    h, said = data.x, []
    for layer in layers:
        h = layer.conv(h, data.edge_index).relu()
        said.append(layer.head(h) / 0.5)
    train = data.train_mask
    losses = [functional.cross_entropy(z[train], data.y[train]).item() for z in said]
    assert record.loss == pytest.approx(sum(losses), abs=1e-9)
    lead = margins(said[-1][train], data.y[train]).mean().item()
    assert record.margin == pytest.approx(lead, abs=1e-9)
    votes = sum(z.softmax(-1) for z in said)
    torch.testing.assert_close(learner.class_scores(data)[-1], votes, atol=1e-9, rtol=0)
    with pytest.raises(ValueError, match="checkpoint must be False with head='every'"):
        fgnn.make_learner("bp", head="every", checkpoint=True)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("readout", ["ridge", "cross-entropy"])
def test_random_layers_are_scikit_learns_regressions(backbone: str, readout: str) -> None:
    data = double(odd_graph())
    learner = fgnn.make_learner("cafo", backbone, depth=3, hidden=16, readout=readout, penalty=0.3)
    history = learner.fit(data, 500, weight_decay=0.01, restore_best=False, device="cpu")
    train, y = data.train_mask.numpy(), data.y.numpy()
    x, votes = data.x, np.zeros((40, 3))
    for number in (1, 2, 3):
        layer = fresh(backbone, number, x.shape[1])
        with torch.no_grad():
            x = layer.conv(unit(x), *edges_of(data)).relu()
        z = x.numpy()
        if readout == "ridge":
            exact = Ridge(alpha=0.3, fit_intercept=False).fit(z[train], np.eye(3)[y[train]])
            votes += torch.from_numpy(exact.predict(z)).softmax(-1).numpy()
            gaps = exact.predict(z[train]) - np.eye(3)[y[train]]
            assert history.of(number)[0].loss == pytest.approx(np.square(gaps).sum(1).mean())
        else:  # its penalty is ||M||^2 / 2 beside C times the sum of T losses
            inverse = 1 / (0.01 * train.sum())
            exact = LogisticRegression(
                C=inverse, fit_intercept=False, tol=1e-12, max_iter=10_000
            ).fit(z[train], y[train])
            votes += exact.predict_proba(z)
    scores = learner.class_scores(data)[-1].numpy()
    assert np.abs(votes - 1).max() > 0.01
    np.testing.assert_allclose(scores, votes, atol=1e-6)


def test_ridge_is_solved_in_double_precision() -> None:
    """More units than rows and hardly a penalty: float32 would have three digits of the answer."""
    learner = fgnn.make_learner("cafo", hidden=16)  # its own penalty
    learner._build(6, 3, torch.float32)
    z, y = torch.rand(15, 16, generator=torch.Generator().manual_seed(0)), torch.arange(15) % 3
    weight = torch.zeros(3, 16)
    learner._solve(z, y, weight)
    exact = Ridge(alpha=1e-3, fit_intercept=False, solver="svd").fit(z.double(), np.eye(3)[y])
    np.testing.assert_allclose(weight.numpy(), exact.coef_, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("readout", "updates"), [("ridge", 3), ("cross-entropy", 60)])
def test_random_layers_stay_as_they_were_drawn(readout: str, updates: int) -> None:
    data = double(odd_graph())
    learner = fgnn.make_learner("cafo", depth=3, hidden=16, readout=readout)
    history = learner.fit(data, epochs=20, device="cpu")
    for number, layer in enumerate(learner.layers, start=1):
        drawn = fresh("gcn", number, 6 if number == 1 else 16)
        for name, value in drawn.conv.state_dict().items():
            assert torch.equal(value, layer.conv.state_dict()[name])
        assert not torch.equal(drawn.head.weight, layer.head.weight)
    assert len(history) == updates


def test_what_is_done_after_one_update_is_validated_and_has_no_tape() -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("cafo", depth=2, hidden=16)
    history = learner.fit(data, epochs=20, val_every=5)
    assert [best.val_accuracy for best in history.best] == learner.layer_scores(data, "val")
    with pytest.raises(ValueError, match="learner must make two updates; 'cafo' is done"):
        fgnn.record_tape(learner, data)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_a_penalty_is_positive(value: float) -> None:
    with pytest.raises(ValueError, match="penalty"):
        fgnn.make_learner("cafo", penalty=value)


def test_an_unknown_readout_is_refused() -> None:
    with pytest.raises(ValueError, match="readout must be one of"):
        fgnn.make_learner("cafo", readout="mse")


@pytest.mark.parametrize("name", ["local-heads", "class-groups"])
@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_no_gradient_in_any_other_layer(name: str, backbone: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    learner = fgnn.make_learner(name, backbone, depth=3, hidden=16)
    steps = watch_locality(monkeypatch, learner)
    learner.fit(fgnn.load_graph("karate"), epochs=2)
    assert len(steps) == 6


@pytest.mark.parametrize(("name", "options"), [*OPTIONS, ("class-groups", {})])
@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_memory_is_flat_in_depth(name: str, options: dict, backbone: str) -> None:
    data = fgnn.load_graph("digits")
    low, high = (
        fgnn.probe_memory(
            fgnn.make_learner(name, backbone, depth=depth, hidden=32, **options), data, 1, "cpu"
        ).working_bytes
        for depth in (4, 16)
    )
    assert low == high


@pytest.mark.parametrize(("name", "options"), OPTIONS)
@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_what_is_saved_predicts_the_same(name: str, options: dict, backbone: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner(name, backbone, depth=2, hidden=16, **options)
    learner.fit(data, epochs=10)
    learner.save(tmp_path / "net.pt")
    again = fgnn.load_learner(tmp_path / "net.pt")
    assert again.settings == learner.settings
    for one, two in zip(again.class_scores(data), learner.class_scores(data), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_it_learns_the_digits(name: str, options: dict) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner(name, depth=2, hidden=64, **options)
    learner.fit(data, epochs=200, lr=0.01)
    assert learner.score(data) > 0.8
