"""Single-forward as one would first write it: nothing cached, nothing sparse, all rows computed.

Built on PyG's layers and PyTorch's plain Adam, from `add_virtual_nodes`; the oracle of the fast
learner.
"""

import torch
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.augment import add_virtual_nodes, virtual_features
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


def naive_ff(
    data: Data,
    name: str,
    backbone: str,
    depth: int,
    epochs: int,
    negatives: torch.Tensor,
    hidden: int = 16,
    seed: int = 0,
    features: str = "none",
    theta: float = 2.0,
    virtual_edges: str = "both",
) -> tuple[list[Layer], list[list[float]], torch.Tensor]:
    """Forward-forward with label appending or virtual nodes, one full pass for each negative.

    `negatives` [K, T] are the wrong labels. Returns layers, losses, and the goodness [N, C] that
    each node has as a member of each class; training nodes keep their label throughout.
    """
    n, c, train = len(data.x), data.num_classes, data.train_mask
    x = scaled(data.x, features)

    def world(mask: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features and edges with these labels on the masked nodes."""
        if name == "ff-vn":
            virtual, nodes = virtual_features(c, x.shape[1], seed), mask.nonzero().flatten()
            to_virtual = torch.stack([nodes, n + labels])
            ties = [to_virtual, to_virtual.flip(0)] if virtual_edges == "both" else [to_virtual]
            return torch.cat([x, virtual]), torch.cat([data.edge_index, *ties], dim=1)
        part = torch.full((n, c), 1.0 / c)
        part[mask] = functional.one_hot(labels, c).float()
        return torch.cat([x, part], dim=1), data.edge_index

    worlds = [world(train, row) for row in [data.y[train], *negatives]]
    everyone = torch.ones(n, dtype=torch.bool)
    candidates = []
    for k in range(c):
        labels = torch.full((n,), k)
        labels[train] = data.y[train]
        candidates.append(world(everyone, labels))
    layers, losses, scores = [], [], torch.zeros(n, c)
    for number in range(1, depth + 1):
        with default_generator(seed, number):
            layer = Layer(backbone, worlds[0][0].shape[1], hidden)

        def norm(h: torch.Tensor) -> torch.Tensor:
            return (h / (h.norm(dim=1, keepdim=True) + 1e-8)).detach()

        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses.append([])
        for _ in range(epochs):
            g = [layer.conv(norm(h), e).relu()[:n][train].square().sum(1) for h, e in worlds]
            bce = functional.binary_cross_entropy_with_logits
            loss = bce(g[0] - theta, torch.ones_like(g[0]))
            for negative in g[1:]:
                loss = loss + bce(negative - theta, torch.zeros_like(negative)) / len(negatives)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        with torch.no_grad():
            outs = [layer.conv(norm(h), e).relu() for h, e in worlds]
            if name == "ff-vn":
                outs = [outs[0]] * len(outs)
            worlds = [(h, e) for h, (_, e) in zip(outs, worlds, strict=True)]
            candidates = [(layer.conv(norm(h), e).relu(), e) for h, e in candidates]
            scores += torch.stack([h[:n].square().sum(1) for h, _ in candidates], dim=1)
        layers.append(layer)
    return layers, losses, scores


def naive_top_down(
    data: Data,
    name: str,
    backbone: str,
    depth: int,
    epochs: int,
    hidden: int = 16,
    seed: int = 0,
    features: str = "none",
    temperature: float = 1.0,
    updates: str = "alternating",
) -> tuple[list[Layer], list[float], torch.Tensor]:
    """Layers, the mean loss of each step, and the votes [N, C], for both top-down learners."""
    n, c, train = len(data.x), data.num_classes, data.train_mask
    graph = add_virtual_nodes(data, seed=seed)
    edges, total = graph.edge_index, n + c

    def norm(h: torch.Tensor) -> torch.Tensor:
        return (h / (h.norm(dim=1, keepdim=True) + 1e-8)).detach()

    bottom = norm(torch.cat([scaled(data.x, features), graph.x[n:]]))
    top = torch.full_like(bottom[:, :c], 1.0 / c)
    top[:n][train] = functional.one_hot(data.y[train], c).to(top.dtype)
    top[n:] = torch.eye(c)
    top = norm(top)
    to_input = name == "sf-top-to-input"
    layers = []
    for k in range(depth):
        inputs = bottom.shape[1] if k == 0 else hidden
        inputs += (c if k == depth - 1 else hidden) if to_input else 0
        with default_generator(seed, k + 1):
            layers.append(Layer(backbone, inputs, hidden).to(bottom.dtype))
    optimizers = [
        torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4) for layer in layers
    ]

    def out(k: int, states: list[torch.Tensor], above: torch.Tensor) -> torch.Tensor:
        heard = bottom if k == 0 else states[k - 1]
        heard = (
            torch.cat([heard, states[k + 1] if k + 1 < depth else above], 1) if to_input else heard
        )
        return layers[k].conv(heard, edges).relu()

    def start() -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        states, outs = [bottom.new_zeros(total, hidden) for _ in range(depth)], []
        for k in range(depth):
            outs.append(out(k, states, torch.zeros_like(top)))
            states[k] = norm(outs[-1])
        return states, outs

    def judged(z: torch.Tensor, k: int, states: list[torch.Tensor]) -> torch.Tensor:
        return z if to_input else torch.stack([z, *states[k + 1 :]]).mean(0)

    orders = [list(range(depth))]
    if to_input and updates == "alternating":
        orders = [list(range(0, depth, 2)), list(range(1, depth, 2))]
    states, losses = start()[0], []
    for _ in range(epochs):
        step = []
        for order in orders:
            before = list(states)
            for k in order:
                z = out(k, before, top)
                v = judged(z, k, before)
                logits = v[:n][train] @ v[n:].t() / temperature
                loss = functional.cross_entropy(logits, data.y[train])
                optimizers[k].zero_grad()
                loss.backward()
                if not to_input:
                    torch.nn.utils.clip_grad_norm_(layers[k].parameters(), 1.0)
                optimizers[k].step()
                states[k] = norm(z)
                step.append(loss.item())
        losses.append(sum(step) / depth)

    votes = bottom.new_zeros(n, c)
    with torch.no_grad():
        states, outs = start()
        for t in range(10 if to_input else 1):
            for order in orders:
                before = list(states)
                for k in order:
                    z = out(k, before, top) if to_input else outs[k]
                    v = judged(z, k, before)
                    states[k] = norm(z)
                    if not to_input or t >= 2:
                        votes += (v[:n] @ v[n:].t() / temperature).softmax(-1)
    return layers, losses, votes
