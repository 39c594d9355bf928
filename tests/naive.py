"""Single-forward as one would first write it: nothing cached, nothing sparse, all rows computed.

Built on PyG's layers and PyTorch's plain Adam, from `add_virtual_nodes`; the oracle of the fast
learner.
"""

import torch
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.layers import Layer
from fgnn_lite.seeds import default_generator


def scaled(x: torch.Tensor, features: str) -> torch.Tensor:
    if features == "none":
        return x
    length = x.norm(p={"sum": 1, "l2": 2}[features], dim=1, keepdim=True)
    return torch.where(length > 0, x / length, torch.zeros_like(x))


def naive_sf(
    data: Data,
    backbone: str,
    depth: int,
    epochs: int,
    hidden: int = 16,
    temperature: float = 1.0,
    seed: int = 0,
    features: str = "none",
    virtual_edges: str = "both",
) -> tuple[list[Layer], list[list[float]], torch.Tensor]:
    """Layers, their losses, and the predicted class of every node."""
    n, c = len(data.x), data.num_classes
    graph = add_virtual_nodes(data, virtual_edges, seed)
    x = torch.cat([scaled(data.x, features), graph.x[n:]])
    train, y = data.train_mask, data.y[data.train_mask]
    layers, losses, votes = [], [], torch.zeros(n, c)
    for number in range(1, depth + 1):
        with default_generator(seed, number):
            layer = Layer(backbone, x.shape[1], hidden)
        x = (x / (x.norm(dim=1, keepdim=True) + 1e-8)).detach()
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses.append([])
        for _ in range(epochs):
            z = layer.conv(x, graph.edge_index).relu()
            loss = functional.cross_entropy(z[:n][train] @ z[n:].t() / temperature, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        with torch.no_grad():
            x = layer.conv(x, graph.edge_index).relu()
            votes += (x[:n] @ x[n:].t() / temperature).softmax(-1)
        layers.append(layer)
    return layers, losses, votes.argmax(-1)
