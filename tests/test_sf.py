"""Single-forward: exact, local, without leaks."""

import copy
import math
import time

import pytest
import torch
from naive import naive_sf
from torch.utils.data import DataLoader
from torch_geometric.data import Data
from toys import odd_graph, path_graph, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES, GraphView, Layer, PropagatedInput, output
from fgnn_lite.learners.feeders import Batches, RowBatches
from fgnn_lite.learners.sf import SF
from fgnn_lite.matrices import Edges, Features
from fgnn_lite.objectives import accuracy, margins, sf_logits, sf_loss
from fgnn_lite.seeds import derive


def weights(learner: fgnn.Learner) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in learner.state_dict().items()}


def test_preparation_is_timed_apart_from_updates(monkeypatch) -> None:
    """Before the first update of each layer: the graph once, and every layer's input."""
    pause, prepare, augment = 0.05, Layer.prepare, SF._augmented

    def slow(self: SF, data: Data) -> object:
        time.sleep(pause)
        return augment(self, data)

    def slow_too(self: Layer, *inputs: object) -> object:
        time.sleep(pause)
        return prepare(self, *inputs)

    learner = fgnn.make_learner("sf", depth=3, hidden=8)
    data = fgnn.load_graph("karate")
    learner.fit(data, epochs=2)  # whatever is made once
    monkeypatch.setattr(SF, "_augmented", slow)
    monkeypatch.setattr(Layer, "prepare", slow_too)
    start = time.perf_counter()
    history = learner.fit(data, epochs=2)
    wall = time.perf_counter() - start
    pauses = (1 + 3 * 2) * pause  # of each layer training and validation nodes are prepared
    assert history.preparation_seconds >= pauses
    assert history.seconds + history.preparation_seconds < wall
    assert history.seconds < wall - pauses


def test_loss_by_hand() -> None:
    nodes = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    representatives = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    logits = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    torch.testing.assert_close(sf_logits(nodes, representatives), logits)
    torch.testing.assert_close(sf_logits(nodes, representatives, 0.5), 2 * logits)
    right, wrong = torch.tensor([0, 1]), torch.tensor([1, 0])
    assert sf_loss(nodes, representatives, right).item() == pytest.approx(
        math.log(1 + math.exp(-2)), abs=1e-6
    )
    assert sf_loss(nodes, representatives, wrong, 4.0).item() == pytest.approx(
        math.log(1 + math.exp(0.5)), abs=1e-6
    )


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("name", ["karate", "digits"])
def test_fast_is_naive(backbone: str, name: str) -> None:
    """Loss and weights within 1e-5 after 20 epochs, whatever is cached, sparse or left out."""
    data = fgnn.load_graph(name)
    settings = {"backbone": backbone, "depth": 2, "hidden": 16, "seed": 3, "temperature": 0.7}
    learner = fgnn.make_learner("sf", features="l2", **settings)
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    layers, losses, predicted = naive_sf(data, epochs=20, features="l2", **settings)
    for number, (fast, slow) in enumerate(zip(learner.layers, layers, strict=True), start=1):
        assert history.curve("loss", number)[1] == pytest.approx(losses[number - 1], abs=1e-5)
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=0)
    assert torch.equal(learner.predict(data), predicted)


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("direction", ["both", "to-virtual"])
def test_sparse_input_is_naive_too(backbone: str, direction: str) -> None:
    """A wide and mostly empty X takes the compressed path, an odd graph takes every turn."""
    data = odd_graph()
    mask = torch.rand(40, 300, generator=torch.Generator().manual_seed(2)) > 0.97
    data.x = torch.cat([data.x, mask.float()], dim=1)
    data.x[::7] = 0.0
    settings = {
        "backbone": backbone, "depth": 3, "hidden": 16, "features": "sum",
        "virtual_edges": direction,
    }  # fmt: skip
    learner = fgnn.make_learner("sf", **settings)
    assert learner._build(306, 3, torch.float32) is None
    learner.scaling = "sum"
    assert learner._input(data, 15).is_sparse
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    layers, losses, predicted = naive_sf(data, epochs=20, **settings)
    for number, (fast, slow) in enumerate(zip(learner.layers, layers, strict=True), start=1):
        assert history.curve("loss", number)[1] == pytest.approx(losses[number - 1], abs=1e-5)
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=2e-5, rtol=0)
    assert torch.equal(learner.predict(data), predicted)


@pytest.mark.parametrize("batch_size", [None, 100])
def test_weighted_edges_are_naive_too(batch_size: int | None) -> None:
    data = weighted_graph()
    settings = {"backbone": "gcn", "depth": 3, "hidden": 16, "features": "sum"}
    learner = fgnn.make_learner("sf", batch_size=batch_size, **settings)
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    layers, losses, predicted = naive_sf(data, epochs=20, **settings)
    for number, (fast, slow) in enumerate(zip(learner.layers, layers, strict=True), start=1):
        assert history.curve("loss", number)[1] == pytest.approx(losses[number - 1], abs=1e-5)
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=2e-5, rtol=0)
    assert torch.equal(learner.predict(data), predicted)


def test_one_layer_is_cross_entropy_on_class_representatives() -> None:
    """On the four-node path, one-layer SF is softmax regression against the class nodes' rows."""
    data = path_graph()
    learner = fgnn.make_learner("sf", depth=1, hidden=4)
    first = learner.fit(data, epochs=1, restore_best=False, device="cpu").records[0]
    _, losses, _ = naive_sf(data, "gcn", 1, 1, hidden=4)
    assert first.loss == pytest.approx(losses[0][0], abs=1e-6)
    assert first.layer == 1
    assert first.epoch == 0
    assert first.goodness_pos is None


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_a_deeper_net_begins_like_a_shallower_one(backbone: str) -> None:
    data = fgnn.load_graph("karate")
    shallow = fgnn.make_learner("sf", backbone, depth=2, hidden=16)
    deep = fgnn.make_learner("sf", backbone, depth=4, hidden=16)
    shallow.fit(data, epochs=30)
    deep.fit(data, epochs=30)
    for name, value in weights(shallow).items():
        assert torch.equal(value, weights(deep)[name]), name
    assert shallow.layer_scores(data) == deep.layer_scores(data)[:2]


def test_no_gradient_reaches_another_layer() -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("sf", depth=3, hidden=16)
    seen = []

    class Spy(torch.optim.Adam):
        def step(self, closure=None):  # type: ignore[no-untyped-def]
            seen.append([p.grad is not None for p in learner.parameters()])
            return super().step(closure)

    run_adam, torch.optim.Adam = torch.optim.Adam, Spy  # type: ignore[misc]
    try:
        learner.fit(data, epochs=2)
    finally:
        torch.optim.Adam = run_adam  # type: ignore[misc]
    per_layer = len(list(learner.layers[0].parameters()))
    expected = [[k // per_layer == step // 2 for k in range(3 * per_layer)] for step in range(6)]
    assert seen == expected
    assert all(p.grad is None for p in learner.parameters())


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_no_test_label_is_reachable(backbone: str) -> None:
    """Shuffled test labels change nothing at all: no weight, no score of any node."""
    data = fgnn.load_graph("karate")
    other = copy.copy(data)
    other.y = data.y.clone()
    test = data.test_mask.nonzero().squeeze(-1)
    other.y[test] = data.y[test].roll(3)
    assert not torch.equal(other.y, data.y)
    one, two = (fgnn.make_learner("sf", backbone, hidden=16) for _ in range(2))
    one.fit(data, epochs=30)
    two.fit(other, epochs=30)
    for name, value in weights(one).items():
        assert torch.equal(value, weights(two)[name])
    for a, b in zip(one.class_scores(data), one.class_scores(other), strict=True):
        assert torch.equal(a, b)


def test_validation_labels_choose_the_epoch_and_nothing_else() -> None:
    data = fgnn.load_graph("karate")
    other = copy.copy(data)
    other.y = data.y.clone()
    other.y[data.val_mask] = (data.y[data.val_mask] + 1) % 4
    one, two = (fgnn.make_learner("sf", hidden=16) for _ in range(2))
    one.fit(data, epochs=30, restore_best=False)
    two.fit(other, epochs=30, restore_best=False)
    for name, value in weights(one).items():
        assert torch.equal(value, weights(two)[name])


def test_one_way_edges_leave_the_real_nodes_as_they_were() -> None:
    data = path_graph()
    graph = fgnn.augment.add_virtual_nodes(data, "to-virtual")
    into_real = graph.edge_index[:, graph.edge_index[1] < 4]
    assert torch.equal(into_real, data.edge_index)


def test_training_nodes_alone_are_tied_to_their_class() -> None:
    data = path_graph()
    graph = fgnn.augment.add_virtual_nodes(data)
    new = graph.edge_index[:, 6:]
    assert sorted(map(tuple, new.t().tolist())) == [(0, 4), (3, 5), (4, 0), (5, 3)]
    assert graph.x.shape == (6, 2)
    assert torch.equal(graph.x[:4], data.x)
    assert graph.y.tolist() == [0, 0, 1, 1, 0, 1]
    assert graph.virtual_mask.tolist() == [False] * 4 + [True] * 2
    assert graph.train_mask.tolist() == [True, False, False, True, False, False]
    assert graph.val_mask.tolist() == [False, True, False, False, False, False]
    assert graph.test_mask.tolist() == [False, False, True, False, False, False]


def test_class_nodes_are_drawn_from_the_seed() -> None:
    data = fgnn.load_graph("karate")
    one, again, two = (fgnn.augment.add_virtual_nodes(data, seed=seed).x[34:] for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.isclose(one, two).any()
    assert torch.equal(one, fgnn.augment.virtual_features(4, 34, seed=1))
    many = fgnn.augment.virtual_features(10, 1000)  # N(0, 1)
    assert many.mean().item() == pytest.approx(0.0, abs=0.05)
    assert many.std().item() == pytest.approx(1.0, abs=0.05)


def test_every_layer_and_every_purpose_has_random_numbers_of_its_own() -> None:
    from fgnn_lite import augment, graphs
    from fgnn_lite.hinton import images, unsupervised
    from fgnn_lite.learners import dfa, feeders

    purposes = [
        *range(1, 1025),  # the layers
        *(augment._VIRTUAL, augment._NEGATIVES, feeders._BATCHES),
        *(images._SPLIT, unsupervised._HYBRIDS, graphs._REWIRED, dfa._FEEDBACK),
    ]
    seeds = {derive(seed, purpose) for seed in range(3) for purpose in purposes}
    assert len(seeds) == 3 * len(purposes)


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_node_order_does_not_matter(backbone: str) -> None:
    data = fgnn.load_graph("karate")
    order = torch.randperm(34, generator=torch.Generator().manual_seed(0))
    place = torch.empty_like(order)
    place[order] = torch.arange(34)
    other = copy.copy(data)
    for key in ("x", "y", "train_mask", "val_mask", "test_mask"):
        other[key] = data[key][order]
    other.edge_index = place[data.edge_index]
    one, two = (fgnn.make_learner("sf", backbone, hidden=16) for _ in range(2))
    one.fit(data, epochs=30, restore_best=False)
    two.fit(other, epochs=30, restore_best=False)
    torch.testing.assert_close(
        one.class_scores(data)[-1][order], two.class_scores(other)[-1], atol=1e-4, rtol=0
    )


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_odd_graphs_train(backbone: str) -> None:
    data = odd_graph()
    learner = fgnn.make_learner("sf", backbone, hidden=16)
    history = learner.fit(data, epochs=40)
    assert all(math.isfinite(record.loss) for record in history)
    assert learner.score(data, "train") > 0.34
    data.edge_index = data.edge_index[:, :0]  # no edges at all
    assert len(learner.fit(data, epochs=2)) == 4


@pytest.mark.parametrize("batch_size", [None, 7])
def test_finished_layers_vote_in_validation(batch_size: int | None) -> None:
    """What a layer is restored by is the score of all layers up to it, as prediction gives it."""
    data = odd_graph()
    learner = fgnn.make_learner("sf", depth=3, hidden=16, batch_size=batch_size)
    history = learner.fit(data, epochs=20, lr=0.02, device="cpu")
    found = learner.layer_scores(data, "val")
    assert [best.val_accuracy for best in history.best] == found
    scores, labels = learner.class_scores(data), data.y[data.val_mask]
    alone = [scores[k] - scores[k - 1] for k in (1, 2)]
    assert [accuracy(vote[data.val_mask], labels) for vote in alone] != found[1:]


def test_a_net_stopped_in_its_second_layer_has_two() -> None:
    data = odd_graph()
    learner = fgnn.make_learner("sf", depth=3, hidden=16)
    history = learner.fit(data, epochs=5, on_epoch=lambda record: record.layer != 2)
    assert history.layers == [1, 2]
    assert len(history.of(2)) == 1
    assert len(learner.class_scores(data)) == 2


def test_it_learns_the_digits() -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("sf", depth=2)
    learner.fit(data)
    assert learner.score(data, "test") > 0.93
    scores = learner.layer_scores(data, "test")
    assert len(scores) == 2
    assert scores[-1] == learner.score(data)


# --- batches of rows -------------------------------------------------------------------------


@pytest.mark.parametrize("backbone", ["gcn", "sage"])
def test_one_batch_of_all_is_the_whole(backbone: str, monkeypatch) -> None:
    """A batch that holds every training node is the full update; propagation in chunks is exact."""
    monkeypatch.setattr(fgnn.layers, "_ROWS_AT_ONCE", 7)
    data = odd_graph()
    settings = {"depth": 3, "hidden": 16, "features": "l2"}
    whole, rows = (
        fgnn.make_learner("sf", backbone, batch_size=size, **settings) for size in (None, 1000)
    )
    one, two = (learner.fit(data, epochs=20) for learner in (whole, rows))
    assert [r.loss for r in one] == pytest.approx([r.loss for r in two], abs=1e-5)
    assert [r.margin for r in one] == pytest.approx([r.margin for r in two], abs=1e-5)
    for a, b in zip(whole.parameters(), rows.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        whole.class_scores(data)[-1], rows.class_scores(data)[-1], atol=1e-5, rtol=0
    )


def test_batches_cover_every_training_node_once_an_epoch(monkeypatch) -> None:
    data = fgnn.load_graph("digits")
    seen: list[list[int]] = []
    real = Batches.__getitem__

    def watch(self, batch):
        seen.append(batch.tolist())
        return real(self, batch)

    monkeypatch.setattr(Batches, "__getitem__", watch)
    state = torch.get_rng_state()
    learner = fgnn.make_learner("sf", depth=1, hidden=16, batch_size=64)
    learner.fit(data, epochs=2)
    assert torch.equal(state, torch.get_rng_state())
    assert [len(batch) for batch in seen] == [64, 64, 64, 8] * 2
    first, second = ([row for batch in part for row in batch] for part in (seen[:4], seen[4:]))
    assert sorted(first) == sorted(second) == list(range(200))
    assert first != second


def test_every_layer_and_every_seed_has_batches_of_its_own(monkeypatch) -> None:
    data = fgnn.load_graph("digits")
    orders: list[list[int]] = []
    real = Batches.__getitem__

    def watch(self, batch):
        orders.append(batch.tolist())
        return real(self, batch)

    monkeypatch.setattr(Batches, "__getitem__", watch)
    for seed in (0, 0, 1):
        fgnn.make_learner("sf", depth=2, hidden=8, batch_size=200, seed=seed).fit(data, epochs=1)
    first, second, again, _, other, _ = orders
    assert first == again
    assert first != second
    assert first != other


def test_batches_come_in_the_order_of_pytorchs_dataloader() -> None:
    """The same generator gives the same batches as `DataLoader` does, epoch after epoch."""
    one, two = (torch.Generator().manual_seed(5) for _ in range(2))
    y = torch.arange(10)
    x = PropagatedInput(torch.arange(13.0).unsqueeze(1))  # three class nodes below
    batches = Batches(x, y, num_classes=3, size=4, random=one)
    loader = DataLoader(y, batch_size=4, shuffle=True, generator=two)
    for _ in range(3):
        wanted = [batch.tolist() for batch in loader]
        got = list(batches)
        assert [labels.tolist() for _, labels in got] == wanted
        assert [part.aggregated.flatten().tolist() for part, _ in got] == [
            [*nodes, 10, 11, 12] for nodes in wanted
        ]


def test_the_record_of_an_epoch_is_the_mean_over_its_nodes() -> None:
    """Steps that move nothing: batches of 4, 4, 4 and 3 nodes tell what all 15 at once do."""
    data = odd_graph()
    whole, rows = (
        fgnn.make_learner("sf", hidden=16, batch_size=size).fit(data, epochs=2, lr=1e-9)
        for size in (None, 4)
    )
    assert [r.loss for r in rows] == pytest.approx([r.loss for r in whole], abs=1e-5)
    assert [r.margin for r in rows] == pytest.approx([r.margin for r in whole], abs=1e-5)


def test_validation_goes_through_batches_too() -> None:
    """All nodes in order, no more of them at a time than in a batch, each above the class nodes."""
    x = PropagatedInput(torch.arange(13.0).unsqueeze(1))  # three class nodes below
    parts = RowBatches(4, num_classes=3, seed=0).parts(x, torch.zeros(10))
    assert [part.aggregated.flatten().tolist() for part in parts] == [
        [*nodes, 10, 11, 12] for nodes in ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9])
    ]


@pytest.mark.parametrize("backbone", ["gcn", "sage"])
def test_a_constant_input_needs_no_messages(backbone: str, monkeypatch) -> None:
    """Edges are compressed before they are multiplied, and before they are cut into batches."""

    def refuse(self: Edges, other: torch.Tensor) -> None:
        raise AssertionError("a message for every edge, or a look at every edge")

    data = odd_graph()
    monkeypatch.setattr(Edges, "__matmul__", refuse)
    whole, rows = (fgnn.make_learner("sf", backbone, batch_size=size) for size in (None, 4))
    whole.fit(data, epochs=2)
    whole.predict(data)
    monkeypatch.setattr(Edges, "rows", refuse)
    rows.fit(data, epochs=2)
    rows.predict(data)


def test_batches_are_as_good_as_the_whole() -> None:
    data = fgnn.load_graph("digits")
    whole = fgnn.make_learner("sf", depth=2)
    rows = fgnn.make_learner("sf", depth=2, batch_size=50)
    whole.fit(data, epochs=200, lr=0.01)
    rows.fit(data, epochs=50, lr=0.01)
    assert rows.score(data) == pytest.approx(whole.score(data), abs=0.02)
    assert rows.score(data) > 0.94


def test_a_deeper_net_in_batches_begins_like_a_shallower_one() -> None:
    data = fgnn.load_graph("karate")
    shallow, deep = (fgnn.make_learner("sf", depth=d, hidden=16, batch_size=2) for d in (1, 3))
    shallow.fit(data, epochs=10)
    deep.fit(data, epochs=10)
    for name, value in weights(shallow).items():
        assert torch.equal(value, weights(deep)[name]), name


def test_batches_do_not_grow_with_depth_or_with_the_edges() -> None:
    """What training keeps above the stored features is the batch's."""
    data = fgnn.load_graph("sbm", nodes=4000, edges=20000, features=32)
    peaks = []
    for depth in (3, 8):
        learner = fgnn.make_learner("sf", depth=depth, hidden=32, batch_size=64)
        peaks.append(fgnn.probe_memory(learner, data, steps=1, device="cpu").working_bytes)
    assert peaks[1] <= 1.02 * peaks[0]


@pytest.mark.parametrize(
    ("backbone", "blocks", "over"), [("gcn", 1, True), ("gcn", 2, False), ("sage", 1, False)]
)
def test_batches_write_an_output_over_what_a_layer_made(
    backbone: str, blocks: int, over: bool
) -> None:
    """Not over the two blocks of the first input, nor where a node's own row is read, too."""
    data, h = odd_graph(), torch.rand(40, 8)
    layer = Layer(backbone, 8, 8)
    edges = BACKBONES[backbone].edges(data.edge_index, 40, h.dtype).sparse()
    view = GraphView(Features(h.split(40 // blocks)), edges)
    with torch.no_grad():
        wanted = output(layer, view)
        found = RowBatches(7, 3, seed=0).output(layer, view)
    torch.testing.assert_close(found, wanted)
    assert (found.data_ptr() == h.data_ptr()) == over


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"batch_size": 0}, ValueError),
        ({"batch_size": -1}, ValueError),
        ({"batch_size": 2.5}, TypeError),
        ({"batch_size": True}, TypeError),
        ({"batch_size": 8, "backbone": "gat"}, ValueError),
    ],
)
def test_bad_batches(options: dict, error: type[Exception]) -> None:
    with pytest.raises(error, match="batch_size"):
        fgnn.make_learner("sf", **options)
    with pytest.raises(TypeError, match="batch_size"):
        fgnn.make_learner("sf-top-to-loss", batch_size=8)


def test_margins_by_hand() -> None:
    logits = torch.tensor([[1.0, 3.0, 2.0], [5.0, 1.0, 0.0], [0.0, 0.0, 4.0]])
    assert margins(logits, torch.tensor([1, 2, 2])).tolist() == [1.0, -5.0, 4.0]
    assert margins(logits - 6, torch.tensor([1, 2, 2])).tolist() == [1.0, -5.0, 4.0]


def test_accuracy_by_hand() -> None:
    """Exact in double precision; of equal scores the first counts."""
    logits = torch.tensor([[1.0, 3.0, 2.0], [5.0, 1.0, 0.0], [0.0, 4.0, 4.0]])
    assert accuracy(logits, torch.tensor([1, 2, 2])) == 1 / 3
    assert accuracy(logits, torch.tensor([1, 2, 1])) == 2 / 3
