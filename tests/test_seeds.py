"""Random numbers of one's own: PyG's first weights, without PyTorch's global generator."""

import contextlib
import random
from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch_geometric.nn import GATConv, GCNConv, SAGEConv

import fgnn_lite as fgnn
from fgnn_lite import seeds
from fgnn_lite.augment import virtual_features, wrong_labels
from fgnn_lite.graphs import rewire
from fgnn_lite.layers import Layer
from fgnn_lite.seeds import default_generator, derive, generator


@contextlib.contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """As everybody seeds PyTorch."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


LAYERS = {
    "gcn": lambda: GCNConv(7, 8),
    "sage": lambda: SAGEConv(7, 8),
    "gat": lambda: GATConv(7, 2, heads=4),
    "gat, last": lambda: GATConv(7, 8, heads=4, concat=False),
    "mlp": lambda: nn.Linear(7, 8),
}


@contextlib.contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


SWITCHES = {
    "nothing": contextlib.nullcontext,
    "default device": lambda: torch.device("meta"),
    "default dtype": lambda: default_dtype(torch.float64),
    "no_grad": torch.no_grad,
}


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("which", LAYERS)
def test_layers_begin_as_pygs_do(which: str, switch: str) -> None:
    with global_seed(derive(3, 2)):
        theirs, next_of_all = LAYERS[which](), torch.rand(3)
    state = torch.get_rng_state()
    backbone, _, last = which.partition(", ")
    with SWITCHES[switch](), default_generator(3, 2):
        ours, next_of_ours = Layer(backbone, 7, 8, last=bool(last)), torch.rand(3, device="cpu")
    assert torch.equal(state, torch.get_rng_state())
    assert ours.conv.state_dict().keys() == theirs.state_dict().keys()
    for name, value in theirs.state_dict().items():
        mine = ours.conv.state_dict()[name]
        assert (mine.dtype, mine.device) == (value.dtype, value.device)
        assert torch.equal(mine, value), name
    if switch == "nothing":
        assert torch.equal(next_of_ours, next_of_all)  # as many were drawn


def test_what_others_draw_in_between_is_theirs() -> None:
    """Another thread, or another library, reads the global generator while ours is lent."""
    with global_seed(1):
        alone = torch.rand(2), torch.rand(2)
    with global_seed(1):
        first = torch.rand(2)
        with default_generator(3, 2):
            torch.rand(5), torch.randint(9, (4,)), torch.randperm(4), torch.randn(3)
            state = torch.default_generator.get_state()
        assert torch.equal(state, torch.default_generator.get_state())
        assert torch.equal(first, alone[0])
        assert torch.equal(torch.rand(2), alone[1])


def test_a_generator_is_of_the_cpu_and_of_its_purpose() -> None:
    state = random.getstate()
    with torch.device("meta"):
        one, two, other = generator(1, 2), generator(1, 2), generator(1, 3)
    draws = [torch.rand(4, generator=each).tolist() for each in (one, two, other)]
    assert draws[0] == draws[1] != draws[2]
    assert state == random.getstate()


def test_what_is_drawn_for_one_purpose_is_drawn_for_no_other(monkeypatch) -> None:
    purposes: list[tuple[int, ...]] = []
    real = seeds.derive

    def watch(seed: int, *purpose: int) -> int:
        purposes.append(purpose)
        return real(seed, *purpose)

    monkeypatch.setattr(seeds, "derive", watch)
    images, karate = fgnn.hinton.load_images(), fgnn.load_graph("karate")
    virtual_features(2, 3)
    wrong_labels(torch.tensor([0, 1]), 2)
    rewire(karate, 0.5)
    for name, options in (("dfa", {}), ("sf", {"batch_size": 2})):
        fgnn.make_learner(name, hidden=4, **options).fit(karate, epochs=1)
    fgnn.hinton.UnsupervisedFF(hidden=4).fit(images, epochs=1)
    kinds = {purpose[0] for purpose in purposes if purpose[0] > 1024}  # others are layers
    assert len(kinds) == 7
