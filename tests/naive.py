"""Single-forward as one would first write it: nothing cached, nothing sparse, all rows computed.

Built on PyG's layers and PyTorch's plain Adam, from `add_virtual_nodes`; the oracle of the fast
learner.
"""

import torch
from torch.nn import functional
from torch_geometric.data import Data
from toys import edges_of

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
            z = layer.conv(x, *edges_of(graph)).relu()
            loss = functional.cross_entropy(z[:n][train] @ z[n:].t() / temperature, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        with torch.no_grad():
            x = layer.conv(x, *edges_of(graph)).relu()
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
    hypotheses: str = "joint",
    label_layers: str = "first",
) -> tuple[list[Layer], list[list[float]], torch.Tensor]:
    """Forward-forward with label appending or virtual nodes, one full pass for each negative.

    `negatives` [K, T] are the wrong labels. Returns layers, losses, and the goodness [N, C] that
    each node has as a member of each class; training nodes keep their label in joint hypotheses.
    """
    n, c = len(data.x), data.num_classes
    train = data.train_mask.nonzero().flatten()
    everyone = torch.arange(n)
    x, edges = scaled(data.x, features), edges_of(data)

    def view(nodes: torch.Tensor, labels: torch.Tensor, x: torch.Tensor, edges):
        """Features, edges and label columns with these labels on these nodes."""
        if name == "ff-vn":
            virtual = virtual_features(c, x.shape[1], seed)
            up = torch.stack([nodes, len(x) + labels])
            links = {"both": [up, up.flip(0)], "to-virtual": [up]}[virtual_edges]
            links = [up.flip(0)] if hypotheses == "single" else links
            more = (torch.cat([edges[0], *links], dim=1),)
            if len(edges) == 2:  # a virtual edge weighs 1
                more = (*more, torch.cat([edges[1], torch.ones(sum(t.shape[1] for t in links))]))
            return torch.cat([x, virtual]), more, None
        part = torch.full((len(x), c), 1.0 / c)
        part[nodes] = functional.one_hot(labels, c).float()
        return torch.cat([x, part], dim=1), edges, part if label_layers == "all" else None

    def with_probes(nodes: torch.Tensor):
        """The graph with a probe for each of these nodes, edge by edge; and the probes."""
        more, copied, pairs = [], [], edges[0].t().tolist()
        for probe, node in enumerate(nodes.tolist(), start=n):
            copied += [k for k, (_, t) in enumerate(pairs) if t == node]
            more += [(probe if s == node else s, probe) for s, t in pairs if t == node]
        order = torch.tensor(more, dtype=torch.long).view(-1, 2).t()
        both = (torch.cat([edges[0], order], dim=1),)
        both += tuple(torch.cat([weight, weight[copied]]) for weight in edges[1:])
        return torch.arange(n, n + len(nodes)), torch.cat([x, x[nodes]]), both

    if hypotheses == "single":
        rows, copied_x, more = with_probes(train)
        views = [view(rows, row, copied_x, more) for row in [data.y[train], *negatives]]
        judged, copied_x, more = with_probes(everyone)
        candidates = [view(judged, torch.full((n,), k), copied_x, more) for k in range(c)]
    else:
        rows, judged = train, everyone
        views = [view(train, row, x, edges) for row in [data.y[train], *negatives]]
        claims = [torch.full((n,), k).index_copy(0, train, data.y[train]) for k in range(c)]
        candidates = [view(everyone, claim, x, edges) for claim in claims]
    layers, losses, scores = [], [], torch.zeros(n, c)
    for number in range(1, depth + 1):
        with default_generator(seed, number):
            layer = Layer(backbone, views[0][0].shape[1], hidden)

        def norm(h: torch.Tensor) -> torch.Tensor:
            return (h / (h.norm(dim=1, keepdim=True) + 1e-8)).detach()

        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses.append([])
        for _ in range(epochs):
            g = [layer.conv(norm(h), *e).relu()[rows].square().sum(1) for h, e, _ in views]
            bce = functional.binary_cross_entropy_with_logits
            loss = bce(g[0] - theta, torch.ones_like(g[0]))
            for negative in g[1:]:
                loss = loss + bce(negative - theta, torch.zeros_like(negative)) / len(negatives)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        with torch.no_grad():
            outs = [layer.conv(norm(h), *e).relu() for h, e, _ in views]
            if name == "ff-vn" and hypotheses == "joint":
                outs = [outs[0]] * len(outs)
            claims = [layer.conv(norm(h), *e).relu() for h, e, _ in candidates]
            scores += torch.stack([h[judged].square().sum(1) for h in claims], dim=1)

            def next_input(h: torch.Tensor, view):
                _, e, part = view
                return (h if part is None else torch.cat([norm(h), part], dim=1)), e, part

            views = [next_input(h, view) for h, view in zip(outs, views, strict=True)]
            candidates = [next_input(h, view) for h, view in zip(claims, candidates, strict=True)]
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
    steps: int = 10,
    accumulate: str = "all",
    above: str = "all",
) -> tuple[list[Layer], list[float], torch.Tensor]:
    """Layers, the mean loss of each step, and the votes [N, C], for both top-down learners."""
    voters = {"all": range(depth), "skip-first": range(1, depth), "last": [depth - 1]}[accumulate]
    n, c, train = len(data.x), data.num_classes, data.train_mask
    graph = add_virtual_nodes(data, seed=seed)
    edges, total = edges_of(graph), n + c

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

    def out(k: int, states: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        below = bottom if k == 0 else states[k - 1]
        if to_input:
            upper, kind = (states[k + 1], "states") if k + 1 < depth else (labels, "labels")
            below = torch.cat([below, upper * (above in ("all", kind))], 1)
        return layers[k].conv(below, *edges).relu()

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
        for t in range(steps if to_input else 1):
            for order in orders:
                before = list(states)
                for k in order:
                    z = out(k, before, top) if to_input else outs[k]
                    v = judged(z, k, before)
                    states[k] = norm(z)
                    if k in voters and (not to_input or t >= 2):
                        votes += (v[:n] @ v[n:].t() / temperature).softmax(-1)
    return layers, losses, votes
