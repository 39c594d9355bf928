"""SGC, SIGN, an MLP and backpropagation with a head: what a practitioner would try first."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import LabelSpreading
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.nn import LabelPropagation
from torch_geometric.transforms import SIGN as Hops
from torch_geometric.utils import to_dense_adj

import fgnn_lite as fgnn
from fgnn_lite.learners.feeders import Batches
from fgnn_lite.objectives import margins

RIVALS = ("sgc", "sign", "mlp")


@pytest.fixture(scope="module")
def sbm() -> Data:
    return fgnn.load_graph("sbm", nodes=200, edges=800, features=6)


def propagated(data: Data, hops: int) -> Tensor:
    """(D^-1/2 (A + I) D^-1/2)^K X, with dense matrices."""
    dense = to_dense_adj(data.edge_index, max_num_nodes=data.num_nodes)[0].to(data.x.dtype)
    dense += torch.eye(data.num_nodes, dtype=data.x.dtype)
    scale = dense.sum(0).rsqrt()
    matrix = scale[:, None] * dense * scale[None, :]
    return torch.linalg.matrix_power(matrix, hops) @ data.x


@pytest.mark.parametrize("hops", [1, 3])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_sgc_is_logistic_regression_on_propagated_features(
    sbm: Data, hops: int, temperature: float
) -> None:
    data = sbm.clone()
    data.x = data.x.double()
    learner = fgnn.make_learner("sgc", depth=hops, temperature=temperature)
    budget = {"epochs": 200, "patience": 200, "weight_decay": 1e-2, "restore_best": False}
    learner.fit(data, device="cpu", **budget)

    x = torch.cat([propagated(data, hops), torch.ones(data.num_nodes, 1)], dim=1) / temperature
    train = data.train_mask
    inverse = int(train.sum()) * 1e-2  # scikit-learn weighs the sum of losses by C
    oracle = LogisticRegression(
        C=1 / inverse, fit_intercept=False, solver="newton-cg", tol=1e-10, max_iter=1000
    )
    oracle.fit(x[train], data.y[train])
    logits = learner.class_scores(data)[-1] / temperature
    assert np.abs(logits.softmax(-1).numpy() - oracle.predict_proba(x)).max() < 1e-6


def test_sgc_ends_where_nothing_is_gained(sbm: Data) -> None:
    history = fgnn.make_learner("sgc").fit(sbm, epochs=1000, patience=1000, device="cpu")
    assert 5 < len(history) < 200
    assert abs(history.records[-1].loss - history.records[-2].loss) < 1e-5


def test_sgcs_step_has_its_length_whatever_lr(sbm: Data) -> None:
    losses = [
        [record.loss for record in fgnn.make_learner("sgc").fit(sbm, epochs=5, lr=lr, device="cpu")]
        for lr in (1e-3, 1.0)
    ]
    assert losses[0] == losses[1]


def test_sgc_scales_bags_of_words_to_length_one(sbm: Data) -> None:
    data = sbm.clone()
    data.x, data.name = data.x.abs(), "cora-ml"
    learner = fgnn.make_learner("sgc")
    learner.fit(data, epochs=2, device="cpu")
    assert learner.scaling == "l2"
    told = fgnn.make_learner("sgc", features="sum")
    told.fit(data, epochs=2, device="cpu")
    assert told.scaling == "sum"


def test_signs_rows_are_those_of_pygs_transform(sbm: Data) -> None:
    learner = fgnn.make_learner("sign", depth=3, hidden=8)
    learner.fit(sbm, epochs=3, device="cpu")
    hops = Hops(3)(sbm.clone())
    row = torch.cat([hops.x, hops.x1, hops.x2, hops.x3], dim=1)
    first, second = learner.layers
    h = functional.linear(row, first.conv.weight, first.conv.bias).relu()
    expected = functional.linear(h, second.conv.weight, second.conv.bias)
    torch.testing.assert_close(learner.class_scores(sbm)[-1], expected)


def test_an_mlp_sees_no_edge(sbm: Data) -> None:
    learner = fgnn.make_learner("mlp", depth=3, hidden=8)
    learner.fit(sbm, epochs=3, device="cpu")
    assert learner.backbone == "mlp"
    h = sbm.x
    for number, layer in enumerate(learner.layers, start=1):
        h = functional.linear(h, layer.conv.weight, layer.conv.bias)
        h = h.relu() if number < 3 else h
    torch.testing.assert_close(learner.class_scores(sbm)[-1], h)
    alone = sbm.clone()
    alone.edge_index = alone.edge_index[:, :0]
    assert torch.equal(learner.class_scores(alone)[-1], learner.class_scores(sbm)[-1])


def test_batches_of_rows_are_each_an_update(sbm: Data) -> None:
    weights = []
    for size in (None, 1000, 8):
        learner = fgnn.make_learner("sign", hidden=8, batch_size=size)
        history = learner.fit(sbm, epochs=1, device="cpu")
        assert len(history) == 1
        weights.append(learner.layers[0].conv.weight.detach())
    start = fgnn.make_learner("sign", hidden=8)
    start._build(6, 4, torch.float32)
    moved = [(w - start.layers[0].conv.weight).abs().max() for w in weights]
    torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=1e-6)  # one batch, reordered
    assert moved[0] < 1.01e-3 < 2e-3 < moved[2]  # Adam moves a weight by lr at most, the first time


@pytest.mark.parametrize("size", [None, 7])
def test_signs_loss_is_the_mean_over_the_training_nodes(sbm: Data, size: int | None) -> None:
    learner = fgnn.make_learner("sign", hidden=8, temperature=0.5, batch_size=size)
    (record,) = learner.fit(sbm, epochs=1, lr=1e-12, restore_best=False, device="cpu")
    logits, y = learner.class_scores(sbm)[-1][sbm.train_mask] / 0.5, sbm.y[sbm.train_mask]
    assert record.loss == pytest.approx(functional.cross_entropy(logits, y).item(), abs=1e-6)
    assert record.margin == pytest.approx(margins(logits, y).mean().item(), abs=1e-6)


def test_signs_batches_are_drawn_from_its_seed(sbm: Data, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    orders: list[list[int]] = []
    real = Batches.__getitem__

    def watch(batches: Batches, nodes: Tensor) -> tuple:
        orders.append(nodes.tolist())
        return real(batches, nodes)

    monkeypatch.setattr(Batches, "__getitem__", watch)
    for seed in (0, 0, 1):
        fgnn.make_learner("sign", hidden=8, batch_size=20, seed=seed).fit(sbm, epochs=1)
    first, again, other = orders
    assert first == again
    assert first != other


@pytest.mark.parametrize("size", [0, -1, 2.5, "all", True])
def test_a_batch_size_that_is_none(size: object) -> None:
    with pytest.raises((ValueError, TypeError), match="batch_size"):
        fgnn.make_learner("sign", batch_size=size)


@pytest.mark.parametrize("name", RIVALS)
@pytest.mark.parametrize("backbone", ["gat", "sage", "transformer"])
def test_a_backbone_that_a_rival_does_not_know(name: str, backbone: str) -> None:
    with pytest.raises(ValueError, match="backbone must be"):
        fgnn.make_learner(name, backbone)


def test_sgcs_memory_does_not_grow_with_the_hops() -> None:
    data = fgnn.load_graph("sbm", nodes=2000, edges=8000, features=32)
    few, many = (
        fgnn.probe_memory(fgnn.make_learner("sgc", depth=k), data, steps=2, device="cpu")
        for k in (2, 16)
    )
    assert many.peak_bytes == few.peak_bytes


def test_bp_with_a_head(sbm: Data) -> None:
    """All convolutions have H units and a ReLU; a linear layer of each node answers."""
    for adjacency, checkpoint in (("edges", False), ("sparse", False), ("edges", True)):
        learner = fgnn.make_learner(
            "bp", depth=2, hidden=8, head="linear", adjacency=adjacency, checkpoint=checkpoint
        )
        learner.fit(sbm, epochs=3, device="cpu")
        *convolutions, head = learner.layers
        assert head.conv.weight.shape == (4, 8)
        h = sbm.x
        with torch.no_grad():
            for layer in convolutions:
                h = layer.conv(h, sbm.edge_index).relu()
            expected = functional.linear(h, head.conv.weight, head.conv.bias)
        torch.testing.assert_close(learner.class_scores(sbm)[-1], expected)


@pytest.mark.parametrize("head", ["linear", "only"])
def test_what_learns_under_a_head(sbm: Data, head: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    learner = fgnn.make_learner("bp", depth=2, hidden=8, head=head)
    learner.fit(sbm, epochs=5, restore_best=False, device="cpu")
    start = fgnn.make_learner("bp", depth=2, hidden=8, head=head)
    start._build(6, 4, torch.float32)
    moved = [
        any(not torch.equal(a, b) for a, b in zip(x.parameters(), y.parameters(), strict=True))
        for x, y in zip(learner.layers, start.layers, strict=True)
    ]
    assert moved == [head == "linear", head == "linear", True]
    learner.save(tmp_path / "net.pt")
    again = fgnn.load_learner(tmp_path / "net.pt")
    assert torch.equal(again.class_scores(sbm)[-1], learner.class_scores(sbm)[-1])


def test_random_convolutions_keep_nothing_for_the_way_back(sbm: Data) -> None:
    saved = {
        (head, depth): fgnn.probe_memory(
            fgnn.make_learner("bp", depth=depth, hidden=8, head=head), sbm, steps=2, device="cpu"
        ).saved_bytes
        for head in ("linear", "only")
        for depth in (2, 8)
    }
    assert saved["only", 2] == saved["only", 8]
    assert saved["linear", 8] >= saved["linear", 2] + 6 * 200 * 8 * 4  # an activity a layer


def test_a_head_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="head must be one of"):
        fgnn.make_learner("bp", head="mlp")


def test_pygs_label_propagation_is_scikit_learns(sbm: Data) -> None:
    dense = to_dense_adj(sbm.edge_index, max_num_nodes=sbm.num_nodes)[0].double().numpy()
    known = np.where(sbm.train_mask, sbm.y, -1)
    oracle = LabelSpreading(kernel=lambda x, _: dense, alpha=0.9, max_iter=50, tol=0)
    oracle.fit(np.zeros((sbm.num_nodes, 1)), known)
    scores = LabelPropagation(50, 0.9)(sbm.y, sbm.edge_index, mask=sbm.train_mask)
    shares = scores / scores.sum(1, keepdim=True)
    reached = scores.sum(1) > 0
    assert reached.sum() > 190
    found = oracle.label_distributions_[reached]
    assert np.abs(shares[reached].numpy() - found).max() < 1e-4
