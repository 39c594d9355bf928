"""Answers to the exercises of chapter 9: right ones, and wrong ones with their hints."""

import torch


def order(depth, updates, fresh="fresh", first="stale"):
    """The moves of one step, with the ages of what even layers read and of what odd ones read."""
    odd, even = list(range(1, depth + 1, 2)), list(range(2, depth + 1, 2))
    alternating = updates == "alternating"

    def ages(layer):
        age = fresh if alternating and layer % 2 == 0 else first
        return layer, None if layer == 1 else age, None if layer == depth else age

    return [ages(layer) for layer in (odd + even if alternating else range(1, depth + 1))]


def gradient(z, above, y, tau, mean=True, power=1, rows="all", temper=1):
    """The gradient, or one with a slip."""
    v = torch.stack([z, *above]).mean(0)
    nodes, classes = v[: len(y)], v[len(y) :]
    wrong = (nodes @ classes.T / tau).softmax(-1) - torch.eye(len(classes)).to(z)[y]
    wrong = wrong / tau**temper / (len(y) if mean else 1)
    back = torch.cat([wrong @ classes, wrong.T @ nodes]) / (1 + len(above)) ** power
    if rows == "nodes":
        back[len(y) :] = 0
    if rows == "classes":
        back[: len(y)] = 0
    return back


def labels(A, y, train, C, unknown=None, length=True):
    """What is received from above, or something else."""
    top = torch.full((len(y), C), 1 / C if unknown is None else unknown)
    top[train] = torch.eye(C)[y[train]]
    return A @ (top / top.norm(dim=1, keepdim=True) if length else top)


def alone(z, above, y, tau):
    return gradient(z, [], y, tau) / (1 + len(above))


def torch_layers(moves):
    return tuple((torch.tensor(layer), below, above) for layer, below, above in moves)


def in_turn(depth, updates):
    """Simultaneous, but each layer reads what the one below has just become."""
    moves = order(depth, updates)
    if updates == "alternating":
        return moves
    return [(layer, below and "fresh", above) for layer, below, above in moves]


RIGHT = [
    ("09-order", order),
    ("09-order", lambda depth, updates: [list(move) for move in order(depth, updates)]),
    ("09-order", lambda depth, updates: torch_layers(order(depth, updates))),
    ("09-order", lambda *given: order(*given)[:: -1 if given[1] == "simultaneous" else 1]),
    ("09-gradient", gradient),
    ("09-gradient", lambda z, above, y, tau: gradient(z, above, y, tau).float()),
    ("09-gradient", lambda *args: gradient(*args).numpy()),
    ("09-gradient", lambda *args: gradient(*args).tolist()),
    ("09-labels", labels),
    ("09-labels", lambda A, y, train, C: labels(A, y, train, C).double()),
    ("09-labels", lambda A, y, train, C: labels(A, y, train, C).numpy()),
    ("09-labels", lambda A, y, train, C: labels(A, y, train, C).tolist()),
]

WRONG = [
    ("09-order", lambda *given: sorted(order(*given), key=lambda m: m[0]), "in this order"),
    ("09-order", lambda depth, updates: order(depth, "alternating"), "of the step before"),
    ("09-order", lambda depth, updates: order(depth, updates)[:-1], "moves once in a step"),
    (
        "09-order",
        lambda depth, updates: [(k - 1, b, a) for k, b, a in order(depth, updates)],
        "from 1 on",
    ),
    ("09-order", lambda depth, updates: order(depth, updates, first="old"), "ages are"),
    ("09-order", lambda depth, updates: order(depth, updates, fresh="stale"), "look at layer 2"),
    ("09-order", lambda depth, updates: order(depth, updates, first="fresh"), "look at layer 1"),
    ("09-order", in_turn, "of the step before"),
    (
        "09-order",
        lambda depth, updates: [(k, b or "stale", a) for k, b, a in order(depth, updates)],
        "the input, and the labels",
    ),
    ("09-gradient", lambda *args: gradient(*args, power=0), "if Z moves by 1"),
    ("09-gradient", lambda *args: gradient(*args, power=2), "once too often"),
    ("09-gradient", lambda *args: -gradient(*args), "downhill"),
    ("09-gradient", lambda *args: gradient(*args, mean=False), "a mean over the training"),
    ("09-gradient", lambda *args: gradient(*args, temper=0), "temperature"),
    ("09-gradient", lambda *args: gradient(*args, rows="nodes"), "class nodes are rows"),
    ("09-gradient", lambda *args: gradient(*args, rows="classes"), "of the other rows"),
    ("09-gradient", lambda *args: gradient(*args, temper=-1), "temperature"),
    ("09-gradient", alone, "the layer alone"),
    ("09-gradient", lambda z, above, y, tau: gradient(z, [], y, tau), "the layer alone"),
    ("09-gradient", lambda z, above, y, tau: z, "three steps back"),
    ("09-gradient", lambda z, above, y, tau: z[: len(y)], "the shape of Z"),
    ("09-gradient", lambda *args: "steep", "the shape of Z"),
    ("09-labels", lambda A, y, train, C: A @ torch.eye(C)[y], "it is to predict"),
    ("09-labels", lambda A, y, train, C: labels(A, y, train, C, 0.0, False), "is not known"),
    (
        "09-labels",
        lambda A, y, train, C: labels(A, y, train, C, length=False),
        "normalised before they are sent",
    ),
    (
        "09-labels",
        lambda A, y, train, C: torch.nn.functional.normalize(labels(A, y, train, C)),
        "normalise what is sent",
    ),
    ("09-labels", lambda A, y, train, C: labels(torch.eye(len(y)), y, train, C), "its neighbours"),
    ("09-labels", lambda A, y, train, C: labels(A.T, y, train, C), "the in-edges of node i"),
    ("09-labels", lambda A, y, train, C: labels(A, y, train, C, 0.5, False), "first what stands"),
    ("09-labels", lambda A, y, train, C: A, "a row for each node"),
    ("09-labels", lambda A, y, train, C: "ones", "a row for each node"),
    ("09-labels", lambda A, y, train, C: 0 * labels(A, y, train, C), "first what stands above"),
]
