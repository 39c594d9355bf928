"""Hinton's open questions: each function against its definition, the net against its layers."""

import pytest
import torch
from torch.nn import functional
from torch_geometric.data import Data
from toys import every

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.objectives import ff_loss, sum_squares
from fgnn_lite.seeds import default_generator


def rows(count: int = 6, width: int = 5) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def images():
    """A tenth of the digits, so that every test is quick."""
    return every(10)


def test_to_minimise_is_to_exchange_positives_and_negatives() -> None:
    positive, negative = rows(6), rows(8)
    for theta in (0.5, 2.0):
        minimised = ff_loss(hinton.minus_squares(positive), hinton.minus_squares(negative), -theta)
        exchanged = ff_loss(sum_squares(negative), sum_squares(positive), theta)
        assert minimised == exchanged  # to the bit


@pytest.mark.parametrize("width", [4, 5])
def test_detectors_count_for_a_row_and_violators_against_it(width: int) -> None:
    h = rows(3, width)
    for row, g in zip(h.tolist(), hinton.detectors_violators(h), strict=True):
        signs = [1 if j < width // 2 else -1 for j in range(width)]
        assert g.item() == pytest.approx(sum(s * v * v for s, v in zip(signs, row, strict=True)))


def test_a_t_of_many_degrees_of_freedom_is_half_the_square() -> None:
    z = rows().double()
    torch.testing.assert_close(hinton.t_activation(z, 1e8), z.square() / 2, atol=1e-6, rtol=0)
    torch.testing.assert_close(hinton.t_activation(z), (1 + z.square()).log())


def test_no_unit_of_a_t_grows_without_bound() -> None:
    """The slope of log(1 + z^2) is 2z / (1 + z^2): at most 1, and falling beyond 1."""
    z = torch.tensor([0.0, 0.5, 1.0, 10.0, 1000.0], requires_grad=True)
    hinton.t_activation(z).sum().backward()
    torch.testing.assert_close(z.grad, torch.tensor([0.0, 0.8, 1.0, 20 / 101, 2e-3]))


@pytest.mark.parametrize("nu", [0.0, -1.0, float("nan"), float("inf")])
def test_degrees_of_freedom_are_positive(nu: float) -> None:
    with pytest.raises(ValueError, match=r"^nu must be"):
        hinton.t_activation(rows(), nu)


def test_fast_weights_are_weights() -> None:
    """Each node has its own matrix: the identity and an outer product for each in-neighbour."""
    h, edges = rows(5, 4).double(), torch.tensor([[0, 1, 1, 3, 3], [1, 0, 2, 2, 2]])
    made = hinton.fast_weights(Data(x=h, edge_index=edges))
    for node in range(5):
        weights = torch.eye(4, dtype=torch.float64)
        for source, target in edges.t().tolist():
            if target == node:
                weights += torch.outer(h[source], h[source])
        torch.testing.assert_close(made[node], weights @ h[node])
    assert torch.equal(made[4], h[4])  # no neighbour, no change


def test_fast_weights_are_attention_without_a_softmax() -> None:
    h, edges = rows(5, 4).double(), torch.tensor([[0, 1, 4, 3], [1, 0, 2, 2]])
    adjacency = torch.zeros(5, 5, dtype=torch.float64)
    adjacency[edges[1], edges[0]] = 1
    torch.testing.assert_close(
        hinton.fast_weights(Data(x=h, edge_index=edges)), h + (h @ h.t() * adjacency) @ h
    )


def test_fast_weights_ask_for_a_graph() -> None:
    x, edges = rows(3), torch.tensor([[0, 3], [1, 1]])
    with pytest.raises(ValueError, match=r"^data\.edge_index"):
        hinton.fast_weights(Data(x=x, edge_index=edges))
    with pytest.raises(TypeError, match="Data"):
        hinton.fast_weights(x)
    x[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"^data\.x"):
        hinton.fast_weights(Data(x=x, edge_index=edges[:, :0]))


@pytest.mark.parametrize("between", ["length", "layer"])
@pytest.mark.parametrize("activation", ["relu", "t"])
def test_the_net_is_what_it_says(images, activation: str, between: str) -> None:
    net = hinton.VariedFF(
        activation, between, depth=2, hidden=16, seed=3, negatives=2, goodness="sum-abs", theta=1.0
    )
    history = net.fit(images, epochs=5, restore_best=False, device="cpu")
    x, train = images.x, images.train_mask
    labels = net._positive_and_negatives(images.y[train])
    written = [hinton.write_labels(x[train], row, 10, x[train].max()) for row in labels]
    inputs = [functional.normalize(h) for h in written]
    for number in (1, 2):
        with default_generator(3, number):
            layer = torch.nn.Linear(64 if number == 1 else 16, 16)

        def active(h: torch.Tensor, layer: torch.nn.Linear = layer) -> torch.Tensor:
            z = layer(h)
            return z.relu() if activation == "relu" else (1 + z.square()).log()

        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses = []
        for _ in range(5):
            g = torch.stack([active(h).sum(1) for h in inputs]) - 1.0
            loss = functional.softplus(-g[0]).mean() + functional.softplus(g[1:]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-5)
        outs = [active(h).detach() for h in inputs]
        if between == "length":
            inputs = [functional.normalize(h) for h in outs]
        else:
            inputs = [(h - h.mean(1, True)) / (h.var(1, False, True) + 1e-5).sqrt() for h in outs]
    assert len(history.curve("loss", 2)[1]) == 5


def test_as_it_is_made_it_is_the_supervised_net(images) -> None:
    nets = [kind(depth=2, hidden=16) for kind in (hinton.SupervisedFF, hinton.VariedFF)]
    for net in nets:
        net.fit(images, epochs=5, device="cpu")
    first, second = (net.class_scores(images)[-1] for net in nets)
    assert torch.equal(first, second)


def test_without_norm_there_is_none(images) -> None:
    nets = [hinton.VariedFF(between=b, norm=False, depth=2, hidden=16) for b in ("length", "layer")]
    for net in nets:
        net.fit(images, epochs=3, device="cpu")
    first, second = (net.class_scores(images)[-1] for net in nets)
    assert torch.equal(first, second)


def test_it_is_saved_and_read_again(images, tmp_path) -> None:
    net = hinton.VariedFF("t", "layer", depth=2, hidden=16)
    net.fit(images, epochs=3, device="cpu")
    net.save(tmp_path / "net.pt")
    again = fgnn.load_learner(tmp_path / "net.pt")
    assert again.settings == net.settings
    assert torch.equal(again.class_scores(images)[-1], net.class_scores(images)[-1])


@pytest.mark.parametrize(
    ("setting", "value"), [("activation", "tanh"), ("between", "batch"), ("activation", None)]
)
def test_bad_settings_are_named(setting: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError), match=rf"^{setting} must be"):
        hinton.VariedFF(**{setting: value})
