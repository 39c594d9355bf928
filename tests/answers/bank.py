"""Figures in the keys of the bank, worked out anew: by the library where it can, else by hand.

`FIGURES` has, for each question with figures of its own, a function that returns them as the key
writes them. `test_teaching.py` looks for each in the key, and for no others.
"""

import math
from itertools import product
from statistics import fmean

import torch
from torch.nn.functional import cross_entropy, softplus
from torch_geometric.nn import GCNConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm

import fgnn_lite as fgnn
from fgnn_lite import clusters, objectives
from fgnn_lite.book import judge
from fgnn_lite.book.exercises import check

T = torch.tensor
MINUS = "\N{MINUS SIGN}"


def number(value, digits=0):
    """A number as a key writes it."""
    value = value.item() if isinstance(value, torch.Tensor) else float(value)
    text = f"{value:,.{digits}f}"
    return text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")


def row(values, digits=0):
    return f"({', '.join(number(value, digits) for value in values)})"


def three_nodes():
    A = T([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    X, Y = T([[1.0], [-2], [3]]), T([[4.0], [5], [8]])
    w1, w2 = T([[1.0]], requires_grad=True), T([[2.0]], requires_grad=True)
    H1 = (A @ X @ w1).relu()
    out = A @ H1 @ w2
    out.retain_grad()
    (0.5 * (out - Y).square().sum()).backward()
    shown = [row(v.flatten().tolist()) for v in (A @ X, H1, out, out.grad, A.T @ out.grad)]
    delta_1 = (A.T @ out.grad * w2.detach()) * (H1 > 0)
    slip = X.T @ A.T @ (A.T @ out.grad * w2.detach())
    shown += [row(v.flatten().tolist()) for v in (delta_1, A.T @ delta_1)]
    return [*shown, f"$w_2$ is {number(w2.grad)}", f"$w_1$ is {number(w1.grad)}", number(slip)]


def another_eight_layers():
    file = fgnn.load_graph("digits")
    output = 4 * file.num_nodes * 64
    net = {"backbone": "gcn", "hidden": 64}
    options = {"edge list": {}, "sparse": {"adjacency": "sparse"}}
    mb = {
        (name, L): fgnn.probe_memory(
            fgnn.make_learner("bp", depth=L, **net, **kind), file, 2, "cpu"
        ).working_bytes
        / 1e6
        for (name, kind), L in product(options.items(), (2, 8, 16))
    }
    grown = {number(mb[name, 16] - mb[name, 8], 1) for name in options}
    assert len(grown) == 1
    ends = [number(mb[name, L], 1) for name in options for L in (2, 16)]
    return [f"{grown.pop()} MB", f"{number(8 * output / 1e6, 1)} MB", *ends]


def segments():
    alive = {s: math.ceil(36 / s) + s for s in (4, 6)}
    assert alive[6] == min(math.ceil(36 / s) + s for s in range(1, 37))
    return [f"{alive[4]} with segments of 4", f"{alive[6]} with segments of 6", number(2 * 36)]


def one_update():
    W = T([[1.0, -1], [1, 2]], requires_grad=True)
    positive, negative = T([[1.0, 1]]), T([[1.0, 0]])
    h = [(x @ W).relu() for x in (positive, negative)]
    g = [objectives.sum_squares(each) for each in h]
    loss = objectives.ff_loss(g[0], g[1][None], theta=3.0)
    loss.backward()
    shown = [f"goodness {number(g[0])}", f"goodness {number(g[1])}", number(loss, 2)]
    errors = [number(torch.sigmoid(T(v)) - is_one, 2) for v, is_one in ((2.0, 1), (-2.0, 0))]
    return [*shown, *errors, *(row(each, 2) for each in W.grad.tolist())]


GOODNESS = T([[3.0, 2.5, 2.2], [0.9, 1.2, 0.4], [2.0, 2.4, 2.6]])


def no_threshold():
    true = torch.eye(3).bool()
    right = int((GOODNESS.argmax(dim=1) == T([0, 1, 2])).sum())
    lowest, highest = GOODNESS[true].min(), GOODNESS[~true].max()
    assert lowest < highest
    return [f"{right} of 3", number(lowest, 1), number(highest, 1)]


def never_trained():
    h = T([[0.9, 1.2], [0.3, 0.4]])
    shown = []
    for rows in (h, h / h.norm(dim=1, keepdim=True)):
        g = objectives.sum_squares((rows @ (2 * torch.eye(2))).relu())
        loss = objectives.ff_loss(g[:1], g[1:], theta=1.0)
        shown += [f"goodness {number(g[0])} and {number(g[1])}", number(loss, 2)]
    (unit,) = {row(each.tolist(), 1) for each in h / h.norm(dim=1, keepdim=True)}
    return [*shown, unit, number(2 * math.log(2), 2)]


def unseen():
    shown = []
    for x, v in product(([3.0, 4], [6.0, 8]), ([0.6, 0.8], [1.0, 0])):
        norm = lambda t: t / t.norm()  # noqa: E731
        _, rate = torch.autograd.functional.jvp(norm, T(x), T(v))
        shown.append(row(rate.tolist(), 3) if rate.norm() > 1e-6 else "(0, 0)")
    along = T([0.6, 0.8]) * 0.6  # the part of (1, 0) along the row
    return [*shown, row(along.tolist(), 2), row((T([1.0, 0]) - along).tolist(), 2)]


def one_step():
    edges = T([[0, 1, 1, 2], [1, 0, 2, 1]])
    x = T([[6.0], [0], [3]])
    index, weight = gcn_norm(edges, num_nodes=3)
    gcn = torch.zeros(3).index_add(0, index[1], weight * x[index[0], 0])
    mean = T([0.0, 4.5, 0.0])
    assert torch.equal(mean, T([x[1, 0], (x[0, 0] + x[2, 0]) / 2, x[1, 0]]))
    less = (mean - x[:, 0]).tolist()
    sage = T(less).relu()
    gat = []
    for mine in ([0, 1], [0, 1, 2], [1, 2]):
        scores = (x[mine, 0] * math.log(2) / 3).softmax(0)
        gat.append((scores * x[mine, 0]).sum())
    shown = [row(v.tolist(), 2) for v in (gcn, sage, T(gat))]
    return [*shown, f"{number(less[0])}, {number(less[1], 1)} and {number(less[2])}"]


def random_neighbours():
    return [number(93 - 78), number(87 - 78), number(94 - 78)]


def triangle():
    M, y = torch.full((3, 3), 1 / 3), T([0, 0, 1])

    def received(train, labels):
        Q = torch.full((3, 2), 0.5)
        Q[train] = torch.eye(2)[labels[train]]
        return M @ Q

    first = [received([0, 2], labels) for labels in (y, 1 - y)]
    assert torch.allclose(*first)
    second = [received([0, 1], labels)[0] for labels in (y, 1 - y)]
    assert math.isclose(second[0][0] - second[1][0], 2 / 3, rel_tol=1e-5)
    return [row(first[0][0].tolist(), 1), *(row(v.tolist(), 2) for v in second), "2/3"]


def rows_of_ff_la():
    rows = lambda N, T, C, K, depth: ((1 + K) * T, depth * C * N)  # noqa: E731
    assert check("05-rows", rows)
    return [number(n) for n in rows(2000, 200, 5, 4, 3)]


def two_graphs():
    s = 6**0.5
    x = T([[3.0, 3], [0, s], [s, 0], [0, -s]])  # nodes 0 and 1, v0, v1
    layer, shown, g = GCNConv(2, 2), [], []
    layer.lin.weight.data = torch.eye(2)
    for v in (2, 3):
        edges = T([[0, 1, 0, v], [1, 0, v, 0]])
        h = layer(x, edges)[0].relu()
        g.append(objectives.sum_squares(h[None]))
        shown.append(f"{row(h.tolist())}, goodness {number(g[-1])}")
    loss = objectives.ff_loss(g[0], g[1][None], theta=5.0)
    index, weight = gcn_norm(T([[0, 1, 0, 2], [1, 0, 2, 0]]), num_nodes=3)
    into = {int(j): w for j, i, w in zip(*index, weight, strict=True) if i == 0}
    assert math.isclose(into[1], into[2])
    assert math.isclose(into[0], 1 / 3, rel_tol=1e-6)
    messages = [row((into[j] * x[v]).tolist()) for j, v in ((0, 0), (1, 1), (2, 2), (2, 3))]
    return [*shown, *messages, number(loss, 2), number(into[1], 2)]


def virtual_edges():
    def weight(members, back=True):
        d = 8
        members = members if back else 1
        N = 1 + d + 1 + members  # the node, its neighbours, the class node, other members
        edges = [(j, 0) for j in range(1, d + 1)] + [(0, j) for j in range(1, d + 1)]
        others = [0, *range(d + 2, d + 1 + members)]
        for m in others:
            edges += [(d + 1, m)] + [(m, d + 1)] * back
        index, weights = gcn_norm(T(edges).T, num_nodes=N)
        return next(w for j, i, w in zip(*index, weights, strict=True) if (j, i) == (d + 1, 0))

    a, b, c = weight(24), weight(99), weight(24, back=False)
    return [number(a, 3), number(b, 3), number(c, 3), f"{number(c / a)} times", number(a**-2)]


def one_node():
    z, virtual = T([[1.0, 2]]), T([[2.0, 0], [0, 1], [1, 1]])
    logits = (z @ virtual.T).requires_grad_()
    losses = [objectives.sf_loss(z, virtual, T([1]), tau) for tau in (1.0, 2.0)]
    cross_entropy(logits, T([1])).backward()
    far = objectives.sf_loss(z, virtual, T([1]), 1e6)
    shown = [row(logits[0].tolist()), number(losses[0], 2), row(logits.grad[0].tolist(), 2)]
    assert math.isclose(far, math.log(3), rel_tol=1e-4)
    return [*shown, number(losses[1], 2), number(far, 2)]


def added_up_once():
    again = lambda N, R, F, H, E, E_read, updates: updates * (N * F * H + E * H)  # noqa: E731
    once = lambda N, R, F, H, E, E_read, updates: E_read * F + updates * R * F * H  # noqa: E731
    assert check("08-work", lambda *given: again(*given) - once(*given))
    given = 1000, 100, 50, 20, 5000, 500, 10
    return [number(again(*given)), number(once(*given))]


def to_the_byte():
    graph = fgnn.load_graph("sbm", nodes=1000, edges=3000, classes=10, features=50)
    assert int(graph.train_mask.sum()) == 100
    sf = fgnn.probe_memory(fgnn.make_learner("sf", "gcn", 5, 20), graph, 2, "cpu")
    bp = fgnn.make_learner("bp", "gcn", 5, 20, adjacency="sparse")
    hidden = fgnn.probe_memory(bp, graph, 2, "cpu").saved_by_layer[:-1]
    rows = int((graph.train_mask.sum() + graph.num_classes).item())
    parts = 4 * rows * 50, 4 * rows * 20, 4 * 100 * 10, 8 * 100 + 4
    assert sum(parts) == sf.saved_by_layer[0]
    return [f"{rows} rows", *(number(p) for p in (*parts, sum(parts), hidden[0], sum(hidden)))]


def three_statements():
    return [f"{number(75.1 / 7.2, 1)} times", f"{number(12.0 / 7.2, 1)} times"]


def travels():
    def steps(alternating):
        reached, t = {6}, 0  # 6 are the labels; the states of layers 1 to 5 are not reached
        while True:
            t += 1
            before = set(reached)
            for layers in ((1, 3, 5), (2, 4)) if alternating else ((1, 2, 3, 4, 5),):
                seen = set(reached) if alternating else before
                for layer in layers:
                    if layer + 1 in seen:
                        if layer == 1:
                            return t
                        reached.add(layer)

    return [f"step {steps(True)}", f"step {steps(False)}"]


def mean_of_three():
    z = T([[3.0, 0], [4, 0], [0, 4]], requires_grad=True)
    above = T([[0.0, 1], [1, 0], [0, 1]])
    v = (z + 2 * above) / 3
    logits = (v[0] @ v[1:].T).tolist()
    loss = objectives.sf_loss(v[:1], v[1:], T([0]))
    loss.backward()
    alone = objectives.sf_loss(z[:1], z[1:], T([0]))
    assert 0 < alone < 1e-5
    means = [row(v[0].tolist(), 2), row(v[1].tolist()), row(v[2].tolist())]
    wrong = torch.sigmoid(T(logits[1] - logits[0]))
    shown = [f"{number(logits[0])} and {number(logits[1], 2)}", number(loss, 2), number(wrong, 2)]
    return [*means, *shown, row(z.grad[0].tolist(), 2)]


def two_losses():
    z_i = T([[1.0, 2]], requires_grad=True)
    others, y = T([[1.0, 0], [0, 1]]), T([1.0, 0])
    ce, ff = (z_i * others).sum(1), (z_i * others).square().sum(1) - 1
    shown = []
    for a in (ce, ff):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(a, y, reduction="none")
        shown += [
            f"{number(a[0])} and {number(a[1])}",
            f"{number(loss[0], 2)} and {number(loss[1], 2)}",
        ]
    (grad,) = torch.autograd.grad(loss[0], z_i)
    return [*shown, number(torch.sigmoid(ff[0]), 1), row(grad[0].tolist())]


def relu():
    bound = lambda links, others: others * math.log(2) / (links + others)  # noqa: E731
    assert check("10-bound", bound)
    smallest = torch.sigmoid(T(-2.0))
    return [
        number(bound(300, 300), 2),
        number(bound(100, 900), 2),
        f"of {MINUS}2",
        number(smallest, 2),
    ]


def counted():
    from fgnn_lite.learners.link import roc_auc

    scores, labels = T([0.9, 0.6, 0.6, 0.7, 0.6, 0.5]), T([1, 1, 1, 0, 0, 0])
    auc = roc_auc(scores, labels)
    assert math.isclose(auc, roc_auc(scores**2, labels))
    right = ((scores >= 0.5) == labels.bool()).float().mean()
    after = ((scores**2 >= 0.5) == labels.bool()).float().mean()
    shown = [f"{number(100 * auc)} %", f"accuracy is {number(100 * right)} %"]
    return [*shown, f"to {number(100 * after)} %", number((scores**2).max(), 2)]


def differences():
    a = [2.0, 1, 3, 0, 4]
    usual, corrected = (judge.paired(a, [0.0] * 5, ratio) for ratio in (0.0, 20 / 64))
    assert corrected.verdict(1.0) == "open"
    ends = [f"{number(f.low, 2)} to {number(f.high, 2)}" for f in (usual, corrected)]
    return [*ends, number(torch.tensor(a).std(), 2)]


def four_intervals():
    ends = (0.2, 0.6), (-2.1, -0.4), (-0.4, 0.8), (-4.0, 5.0)
    words = [
        [judge.Difference((low + high) / 2, low, high, 0, 5).verdict(margin) for low, high in ends]
        for margin in (1.0, 6.0)
    ]
    assert words[0][:3] == words[1][:3]
    assert words[1][3] == "level"
    return [", ".join(words[0])]


ROWS = [
    {"split": s, "lr": lr, "val": v, "test": t}
    for s, lr, v, t in (
        (1, 0.001, 80, 82),
        (1, 0.01, 82, 80),
        (2, 0.001, 84, 85),
        (2, 0.01, 83, 86),
    )
]


def chosen():
    means = [fmean(r["test"] for r in ROWS if r["lr"] == lr) for lr in (0.001, 0.01)]
    right = fmean(r["test"] for r in judge.choose(ROWS, same=("split",)))
    return [f"{number(means[0], 1)} for 0.001 and {number(means[1])} for 0.01", number(right, 1)]


def two_heads():
    w1, u1, w2, u2 = (T(v, requires_grad=True) for v in (1.0, 1.0, 0.5, 2.0))

    def loss(local):
        h1 = (w1 * 3).relu()
        h2 = (w2 * (h1.detach() if local else h1)).relu()
        return 0.5 * (u1 * h1 - 1) ** 2 + 0.5 * (u2 * h2 - 1) ** 2

    grads = torch.autograd.grad(loss(True), (w1, u1, w2, u2))
    (whole,) = torch.autograd.grad(loss(False), w1)
    names = ("w_1", "u_1", "w_2", "u_2")
    shown = [f"${name}$: {number(g)}" for name, g in zip(names, grads, strict=True)]
    h2 = (w2 * w1 * 3).relu()
    return [*shown, number(h2, 1), f"adds {number(whole - grads[0])}"]


def four_kinds():
    h = T([[1.0, 0], [0.6, 0.8]])
    names = "sum-squares", "mean-squares", "sum-abs", "negative-entropy"
    assert set(names) == set(objectives.GOODNESS)
    both = [objectives.GOODNESS[name](h) for name in names]
    return [f"{number(a, 2)} and {number(b, 2)}" for a, b in both]


def two_graphs_as_one():
    A = torch.block_diag(torch.ones(2, 2), T([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    sums = A @ T([1.0, 3, 2, 0, 4])
    made = (3 - sums).relu()
    first, second = ([each[:2].mean(), each[2:].mean()] for each in (sums, made))
    assert first[0] == first[1]
    told = f"{number(second[0])} and {number(second[1], 2)}"
    return [
        "4 and 4; 2, 6 and 4",
        f"Both pooled rows are {number(first[0])}",
        f"The pooled rows are {told}",
        f"ReLU of {number(3 - first[0])}",
        *(number(value) for value in (*sums, *made)),
    ]


def without_its_own():
    r = T([[4.0, 0], [1, 1], [1, 2]])
    whole, others = r.mean(0), r[1:].mean(0)
    a, b = (f"({each[0]:g}, {each[1]:g})" for each in (whole, others))
    return [f"mean is {a}, the product {r[0] @ whole:g}", f"is {b}, the product {r[0] @ others:g}"]


def at_random():
    x, W1, W2 = T([[1.0, 2]]), T([[1.0, 1], [1, -1]]), T([[1.0, 0], [1, 2]])
    error, B = T([[0.5, -0.5]]), T([[1.0, -2], [-1, 1]])

    def rows(values):
        return [
            f"({', '.join(f'{n:g}' for n in each)})".replace("-", MINUS)
            for each in (values + 0.0).tolist()
        ]

    h = (x @ W1).relu()
    shown = [*rows(h), *rows(h.T @ error)]
    for back in (B, W2.T):
        shown += [*rows(error @ back), *rows(x.T @ (error @ back * (h > 0)))]
    return shown


def two_groups():
    h = T([1.0, 1, 2, 0], requires_grad=True)
    g = objectives.group_goodness(h[None], 2)
    loss = cross_entropy(g, T([0]))
    loss.backward()
    p = g.softmax(1)[0]
    told = f"goodness is {number(g[0, 0])} and {number(g[0, 1])}"
    both = f"{number(p[0], 2)} and {number(p[1], 2)}"
    units = [number(n, 2) if n else "0" for n in h.grad]
    return [told, both, f"loss is {number(loss, 2)}", f"({', '.join(units)})"]


def two_measures():
    def bits(counts):
        p = counts[counts > 0] / counts.sum()
        return -(p * p.log2()).sum()

    said = []
    for table in (T([[2.0, 0], [2, 2], [0, 2]]), T([[4.0, 2], [0, 2]])):
        found, labels = (
            torch.cat([T([place[k]] * int(n)) for *place, n in entries(table)]).long()
            for k in (0, 1)
        )
        both, shared = [bits(table.sum(1)), bits(table.sum(0))], -bits(table.flatten())
        shared = sum(both, shared)
        score = 2 * shared / sum(both)
        assert abs(clusters.nmi(found, labels) - score) < 1e-6
        said.append([clusters.matched_accuracy(found, labels), *both, shared, score])
    first, second = ([number(value, 2) for value in each] for each in said)
    half = number(sum(map(float, first[1:3])) / 2, 2)
    return [
        f"right at best, {first[0]}",
        f"have {first[1]} bits, the classes {first[2]}",
        f"mutual information is {first[3]}. NMI is {first[3]} over {half}, that is {first[4]}",
        f"accuracy is {second[0]}. The mutual information is {second[3]}, the entropies "
        f"{second[1]} and {second[2]}, so NMI is {second[4]}",
    ]


def entries(table):
    return [(k, c, n) for k, row in enumerate(table.tolist()) for c, n in enumerate(row) if n]


def one_unit():
    h, other = T([2.0, 0]), T([1.0, 1])
    s, J = torch.sigmoid(h.mean()), T(1.0, requires_grad=True)
    up, down = softplus(-h * J * s).mean(), softplus(other * J * s).mean()
    (slope,) = torch.autograd.grad(up + down, J)
    g = [number(value, 2) if value else "0" for value in (*(h * s), *(other * s))]
    return [
        f"summary is {number(s, 2)}. The goodnesses are {g[0]} and {g[1]} in the graph, "
        f"{g[2]} and {g[3]} in the shuffle",
        f"{number(up, 2)} + {number(down, 2)} = {number(up + down, 2)}",
        f"(b): {number(slope, 2)},",
        f"(c): {number(2 * math.log(2), 2)},",
        f"(d): {number(2 * math.log(2), 2)}.",
    ]


FIGURES = {
    "1.1": three_nodes,
    "1.2": another_eight_layers,
    "1.3": segments,
    "2.1": one_update,
    "2.3": no_threshold,
    "3.1": never_trained,
    "3.3": unseen,
    "4.1": one_step,
    "4.3": random_neighbours,
    "5.1": triangle,
    "5.2": rows_of_ff_la,
    "6.1": two_graphs,
    "6.2": virtual_edges,
    "7.1": one_node,
    "7.4": lambda: [number(55.1 - 7.5, 1)],
    "8.1": added_up_once,
    "8.2": to_the_byte,
    "8.3": three_statements,
    "9.1": travels,
    "9.2": mean_of_three,
    "10.2": two_losses,
    "10.3": relu,
    "10.4": counted,
    "11.1": differences,
    "11.2": four_intervals,
    "11.3": chosen,
    "12.1": two_heads,
    "12.3": four_kinds,
    "12.4": lambda: [number(100 / 4)],
    "13.1": two_graphs_as_one,
    "13.3": without_its_own,
    "13.4": list,
    "14.1": at_random,
    "14.3": two_groups,
    "15.1": two_measures,
    "15.3": one_unit,
}


def sheet_1():
    A = T([[1.0, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]])
    X, Y = T([[1.0], [0], [0], [-1]]), T([[1.0], [1], [0], [0]])
    H1 = (A @ X * 2).relu()
    out = A @ H1 * 0.5
    back = A.T @ (out - Y)
    delta_1 = back * 0.5 * (H1 > 0)
    flat = lambda v: ", ".join(f"{n:g}" for n in v.flatten().tolist())  # noqa: E731
    shown = [f"({flat(v)})" for v in (H1, out, out - Y, back, delta_1, A.T @ delta_1)]
    kept = [64 // s + s for s in (2, 4, 8, 16, 32)]
    grads = f"{(H1.T @ back).item():g} in $w_2$ and {(X.T @ A.T @ delta_1).item():g} in $w_1$"
    return [*shown, grads, f"{4 * 1797 * 64:,}", ", ".join(map(str, kept))]


def sheet_2():
    x, W = T([[1.0, 0], [0, 1]]), T([[1.0, 1], [1, -1]])
    h = (x @ W).relu()
    p = torch.sigmoid(objectives.sum_squares(h) - 2)
    errors = p - T([1.0, 0])
    grad = x.T @ (errors[:, None] * 2 * h)
    found = [
        f"({h[k, 0]:g}, {h[k, 1]:g}), goodness {objectives.sum_squares(h)[k]:g}" for k in (0, 1)
    ]
    found += [f"error {number(errors[0], 1)}", f"error {number(errors[1], 2)}"]
    upper = f"{number(grad[0, 0])} and {number(grad[0, 1])} for input 1"
    return [*found, f"{upper}, {number(grad[1, 0], 2)} and 0", number(2 * math.log(2), 2)]


def sheet_3():
    p = T([2.0, 1, 0]).softmax(0)[0]
    assert number(p, 2) == "0.67"
    return ["(−1, 1) and (1, −1)"] if check("04-disagree", ([[-1.0, 1]], [[1.0, -1]])) else []


def sheet_4():
    a, b = [81, 85, 80, 87, 82], [80, 84, 78, 86, 82]
    usual, corrected = (judge.paired(a, b, ratio) for ratio in (0.0, 20 / 64))
    return [f"from {number(f.low, 2)} to {number(f.high, 2)}" for f in (usual, corrected)]


SHEETS = {
    "backprop-and-memory": sheet_1,
    "forward-forward": sheet_2,
    "graphs": sheet_3,
    "judging-a-paper": sheet_4,
}
