"""Graphs small enough to work out with a pencil; learners as plain values, and watched."""

from typing import Any

import torch
from torch_geometric.data import Data

from fgnn_lite import hinton
from fgnn_lite.learners import Net
from fgnn_lite.learners.run import Run


def path_graph() -> Data:
    """Four nodes in a row, 0 - 1 - 2 - 3; two classes; both ends are training nodes."""
    edge_index = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])
    x = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 2.0]])
    return Data(
        x=x,
        y=torch.tensor([0, 0, 1, 1]),
        edge_index=edge_index,
        train_mask=torch.tensor([True, False, False, True]),
        val_mask=torch.tensor([False, True, False, False]),
        test_mask=torch.tensor([False, False, True, False]),
        num_classes=2,
    )


def odd_graph(seed: int = 0) -> Data:
    """Self-loops, doubled and one-way edges, isolated nodes, rows of zeros: all allowed."""
    generator = torch.Generator().manual_seed(seed)
    n = 40
    edges = torch.randint(0, n - 3, (2, 120), generator=generator)  # the last three are isolated
    doubled = edges[:, :20]
    loops = torch.arange(5).repeat(2, 1)
    x = torch.rand(n, 6, generator=generator)
    x[::7] = 0.0
    y = torch.arange(n) % 3
    order = torch.randperm(n, generator=generator)
    masks = {}
    for name, nodes in (("train", order[:15]), ("val", order[15:25]), ("test", order[25:])):
        masks[f"{name}_mask"] = torch.zeros(n, dtype=torch.bool)
        masks[f"{name}_mask"][nodes] = True
    return Data(
        x=x, y=y, edge_index=torch.cat([edges, doubled, loops], dim=1), num_classes=3, **masks
    )


def weighted_graph() -> Data:
    """The odd graph with weights from 0 to 2; some edges, loops among them, weigh nothing."""
    data = odd_graph()
    random = torch.Generator().manual_seed(1)
    data.edge_weight = 2 * torch.rand(data.num_edges, generator=random)
    data.edge_weight[::9] = 0.0
    return data


def every(k: int) -> Data:
    """Every k-th of Hinton's images; the others are in no mask."""
    data = hinton.load_images()
    some = torch.arange(len(data.y)) % k == 0
    for mask in ("train_mask", "val_mask", "test_mask"):
        data[mask] &= some
    return data


def edges_of(data: Data) -> tuple[torch.Tensor, ...]:
    """What PyG's layers take of edges: their ends, and their weights if there are some."""
    weight = (data.edge_weight,) if "edge_weight" in data else ()
    return (data.edge_index, *weight)


def everything(learner: Net) -> tuple[Any, ...]:
    """All that a learner is."""
    weights = {name: value.tolist() for name, value in learner.state_dict().items()}
    sizes = learner.num_features, learner.num_classes, learner.trained_layers
    return weights, sizes, learner.scaling, learner.settings


def val_of(record: Any) -> float | None:
    """What validation gave in a record, or for the best one: accuracy, or AUC for links."""
    found = [getattr(record, name, None) for name in ("val_accuracy", "val_auc")]
    return next((value for value in found if value is not None), None)


def watch_locality(monkeypatch: Any, learner: Net) -> list[float | None]:
    """From now on every step of `learner` is held to its own layer; where its gradient was cut."""
    real, clips = Run.step, []

    def step(run: Run, optimizer: Any, loss: torch.Tensor, clip: float | None = None) -> None:
        parameters = list(learner.parameters())
        hit = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        own = {id(p) for group in optimizer.param_groups for p in group["params"]}
        for parameter, gradient in zip(parameters, hit, strict=True):
            assert (gradient is not None) == (id(parameter) in own)
        clips.append(clip)
        real(run, optimizer, loss, clip)

    monkeypatch.setattr(Run, "step", step)
    return clips
