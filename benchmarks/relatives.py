"""Relatives of single-forward, and deep rivals whose layers do not get more.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/relatives.py --workers 1

Rows of length 1 and H = 64 for all; Adam with a step of 0.01 and at most 300 updates of a layer or
net, stopped after 50 validations, 100 updates, without a gain. Four parts:

- "labels", on CoraML, CiteSeer (full) and the digits, depth 1 to 4: class nodes ("sf"), trained
  readouts ("local-heads"), a label net ("ccl") and one that stays as it was drawn ("ccl-fixed").
- "ahead", on CoraML, depth 3 and, but for "man", 16: heads with further layers in them. "auglocal"
  has graph convolutions there, "auglocal-mlp" linear layers; "extra" is how many. "man" has an
  averaged copy of the next layer and a twin. "heads-together" has a linear head and nothing else.
  Of all four the last head answers, and all modules learn at once. "sf", "local-heads" and "bp" are
  the library's; "local-heads-last" lets the last head answer, too.
- "pepita", on CoraML, depth 3: plain steps with momentum, four sizes of steps; "scale" is that of
  the feedback as its authors draw it. At 0 hidden layers do not move. "bp-momentum" takes the same
  steps along the gradient.
- "hops", on CoraML: 2 to 16 hops of "sgc", "dgmlp" and "dagnn", and as many layers of "bp"; the two
  linear classifiers have a tenth of the weight decay, about what SGC chose in results/tuned.json.

Five splits, weights of seed 0; three splits for "pepita", "hops" and depth 16. The digits have one
split: five seeds instead. Finished runs are kept in results/relatives.json; graphs whose files are
not there are left out.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from itertools import pairwise, product
from typing import Any, NamedTuple

import torch
from protocol import rows_of, run_missing, there, workers
from provenance import RESULTS
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES, Layer, input_scale, normalise
from fgnn_lite.learners.bp import through
from fgnn_lite.matrices import Features, SparseMatrix
from fgnn_lite.objectives import accuracy
from fgnn_lite.seeds import default_generator, generator

PATH = RESULTS / "relatives.json"
SPLITS, FEW, HIDDEN = range(5), range(3), 64
FIT = {"epochs": 300, "patience": 50, "val_every": 2, "lr": 0.01}
DECAY = 5e-4
HOPS = (2, 4, 8, 16)
LINEAR = ("sgc", "dgmlp")  # with a tenth of the weight decay
KEEPS = 0.995  # of an average, in a step
STEPS, MOMENTUM = (0.1, 1.0, 10.0, 100.0), 0.9
SCALES = (0, 1)
NAMES = {  # in the library
    "bp": ("bp", {"adjacency": "sparse"}),
    "ccl-fixed": ("ccl", {"label_net": "fixed"}),
    "local-heads-last": ("local-heads", {"accumulate": "last"}),
}
OWN = ("heads-together", "auglocal", "auglocal-mlp", "man")
METHODS = {
    "labels": ("sf", "local-heads", "ccl", "ccl-fixed"),
    "ahead": ("bp", "sf", "local-heads", "local-heads-last", *OWN),
    "pepita": ("pepita", "bp-momentum"),
    "hops": ("sgc", "dgmlp", "dagnn", "bp"),
}
GRAPHS = ("cora-ml", "citeseer-full", "digits")


class Job(NamedTuple):
    """One run."""

    part: str
    graph: str
    method: str
    depth: int
    split: int
    weight_decay: float = DECAY
    extra: int = 0
    lr: float = FIT["lr"]
    scale: float = 0


def jobs() -> list[Job]:
    """All runs; a layer-wise one gives all depths at once."""
    found: list[Job] = []
    for split, graph, method in product(SPLITS, GRAPHS, METHODS["labels"]):
        depths = {"ccl": (1, 2, 3, 4), "ccl-fixed": (1, 4)}.get(method, (4,))
        found += [Job("labels", graph, method, depth, split) for depth in depths]
    found += [_ahead(3, method, split) for split, method in product(SPLITS, METHODS["ahead"])]
    for split, step in product(FEW, STEPS):
        plain = partial(Job, "pepita", "cora-ml", depth=3, split=split, weight_decay=0.0, lr=step)
        found += [plain("pepita", scale=scale) for scale in SCALES]
        found.append(plain("bp-momentum"))
    for split in FEW:
        for method, depth in product(METHODS["hops"], HOPS):
            decay = DECAY / 10 if method in LINEAR else DECAY
            found.append(Job("hops", "cora-ml", method, depth, split, decay))
        for method in METHODS["ahead"][1:-1]:  # "bp" is among the hops
            found.append(_ahead(16, method, split, extra=4))
    return [job for job in found if there(job.graph)]


def _ahead(depth: int, method: str, split: int, extra: int = 1) -> Job:
    return Job("ahead", "cora-ml", method, depth, split, extra=extra if "aug" in method else 0)


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each depth that it gives."""
    digits = job.graph == "digits"
    data = fgnn.load_graph(job.graph, split=0 if digits else job.split)
    seed = job.split if digits else 0
    if job.part == "pepita":
        exact = job.method == "bp-momentum"
        scores, updates = fit_by_steps(data, job.depth, job.lr, job.scale, seed, exact)
    elif job.method in OWN:
        scores, updates = fit_modules(data, modules(data, job.method, job.depth, job.extra, seed))
    else:
        name, options = NAMES.get(job.method, (job.method, {}))
        learner = fgnn.make_learner(
            name, depth=job.depth, hidden=HIDDEN, features="l2", seed=seed, **options
        )
        history = learner.fit(data, device="cpu", weight_decay=job.weight_decay, **FIT)
        fields = {key: value for key, value in job._asdict().items() if key != "depth"}
        rows = rows_of(learner, history, (data, "test"), (data, "val"), **fields)
        if job.part == "ahead":  # what other jobs have
            rows = [row for row in rows if row["depth"] in (HOPS if job.depth > 3 else (3,))]
        return [
            {key: row[key] for key in row if key not in ("backbone", "seconds")} for row in rows
        ]
    val, test = (round(score, 4) for score in scores)
    return [job._asdict() | {"seed": seed, "test": test, "val": val, "updates": updates}]


# --- heads with layers in them --------------------------------------------------------------------


class Module(nn.Module):
    """Layers that learn together, and a head above them that may have layers of its own.

        Z = f_members(norm(Z_below)),   P = head(f_ahead(Z)) [N, C]

    Args:
        members: layers of the net.
        ahead: further layers of the head, one above the other.
        head: H -> C.
    """

    def __init__(self, members: Sequence[Layer], ahead: Sequence[Layer], head: nn.Module) -> None:
        super().__init__()
        self.members, self.ahead = nn.ModuleList(members), nn.ModuleList(ahead)
        self.head = head

    def output(self, h: Tensor | Features, matrix: SparseMatrix) -> Tensor:
        """What the next module gets, before it is normalised [N, H]."""
        return through(list(self.members), h, matrix)

    def logits(self, z: Tensor, matrix: SparseMatrix) -> Tensor:
        """What the head says of an output [N, C]."""
        return self.head(through(list(self.ahead), z, matrix) if self.ahead else z)

    def follow(self, above: Module) -> None:
        """After each step: what the module above has become."""


class AveragedModule(Module):
    """MAN: the head has an averaged copy of the layer above, and a twin of it that learns.

        P = head(f(Z; average) + f(Z; twin)),   average <- mu average + (1 - mu) W_above

    Source: Su et al., *MAN* (ECCV 2024).
    """

    def __init__(self, member: Layer, above: Layer, twin: Layer, head: nn.Module) -> None:
        super().__init__([member], [], head)
        self.average = copy.deepcopy(above).requires_grad_(False)
        self.twin, self.keeps = twin, KEEPS

    def logits(self, z: Tensor, matrix: SparseMatrix) -> Tensor:
        """The gradient passes through the average, which it does not move."""
        return self.head(through([self.average], z, matrix) + through([self.twin], z, matrix))

    @torch.no_grad()
    def follow(self, above: Module) -> None:
        """A step of the average towards the layer above."""
        pairs = zip(self.average.parameters(), above.members[0].parameters(), strict=True)
        for mean, now in pairs:
            mean.lerp_(now, 1 - self.keeps)


def lengths(depth: int, extra: int) -> list[int]:
    """AugLocal's pyramid: how many further layers the heads have, from the bottom up.

        d_l = max(1, round(d (1 - l / 2 (K - 2)) + l / 2 (K - 2))),   K = L - d modules

    The last module has none: it is the top d + 1 layers, which learn together.

    Args:
        depth: L.
        extra: d; 0 gives each layer a module and no head a layer.
    """
    count = depth - extra
    found = []
    for k in range(count - 1):
        part = 0.5 * k / (count - 2) if count > 2 else 0.0
        found.append(max(1, round(extra * (1 - part) + part)) if extra else 0)
    return [*found, 0]


def modules(data: Data, method: str, depth: int, extra: int, seed: int) -> list[Module]:
    """A net of `depth` layers, cut into modules that learn alone.

    Source of "auglocal": Ma et al., *Scaling supervised local learning with augmented auxiliary
    networks* (ICLR 2024). All layers but the first have one shape, so that it does not matter
    which of the layers above those of a head take theirs from.
    """
    dtype, main, heads = data.x.dtype, [], []
    for number in range(1, depth + 1):
        with default_generator(seed, number):  # as those of local heads
            main.append(Layer("gcn", data.num_features if number == 1 else HIDDEN, HIDDEN))
            heads.append(nn.Linear(HIDDEN, data.num_classes, bias=False))
    found: list[Module] = []
    kind = "mlp" if method == "auglocal-mlp" else "gcn"
    plan = lengths(depth, extra)
    for k, further in enumerate(plan):
        members = main[k:] if k == len(plan) - 1 else [main[k]]
        with default_generator(seed, 1000 + k):
            ahead = [Layer(kind, HIDDEN, HIDDEN) for _ in range(further)]
            twin = Layer("gcn", HIDDEN, HIDDEN)
        if method == "man" and k < depth - 1:
            found.append(AveragedModule(main[k], main[k + 1], twin, heads[k]))
        else:
            found.append(Module(members, ahead, heads[k + len(members) - 1]))
    return [module.to(dtype) for module in found]


def constants(data: Data) -> tuple[Features, SparseMatrix]:
    """Rows of length 1, and S."""
    edges = BACKBONES["gcn"].edges(data.edge_index, data.num_nodes, data.x.dtype)
    return Features.smallest(data.x, input_scale(data.x, "l2"), len(data.x)), edges.sparse()


def update(
    net: list[Module],
    optimizers: list[torch.optim.Optimizer],
    x: Features,
    matrix: SparseMatrix,
    data: Data,
) -> None:
    """One pass; every module makes one step of its own."""
    h: Tensor | Features = x
    for module, optimizer in zip(net, optimizers, strict=True):
        z = module.output(h, matrix)
        said = module.logits(z, matrix)[data.train_mask]
        loss = functional.cross_entropy(said, data.y[data.train_mask])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        h = normalise(z.detach())
    for below, above in pairwise(net):
        below.follow(above)


@torch.no_grad()
def answers(net: list[Module], x: Features, matrix: SparseMatrix) -> Tensor:
    """What the last head says [N, C]."""
    h: Tensor | Features = x
    for module in net:
        z = module.output(h, matrix)
        h = normalise(z)
    return net[-1].logits(z, matrix)


def fit_modules(data: Data, net: list[Module]) -> tuple[tuple[float, float], int]:
    """Train; validation and test accuracy of the best state, and the number of updates."""
    x, matrix = constants(data)
    optimizers = [
        torch.optim.Adam(
            [p for p in m.parameters() if p.requires_grad], FIT["lr"], weight_decay=DECAY
        )
        for m in net
    ]
    step = partial(update, net, optimizers, x, matrix, data)
    return best_of(data, step, partial(answers, net, x, matrix))


def best_of(data: Data, step: Any, said: Any) -> tuple[tuple[float, float], int]:
    """Steps until nothing is gained: scores of the first best state, and how many were made."""
    best, waited = (-1.0, 0.0), 0
    for epoch in range(1, FIT["epochs"] + 1):
        step()
        if epoch % FIT["val_every"]:
            continue
        scores = said()
        val, test = (
            accuracy(scores[mask], data.y[mask]) for mask in (data.val_mask, data.test_mask)
        )
        waited = 0 if val > best[0] else waited + 1
        best = (val, test) if val > best[0] else best
        if waited >= FIT["patience"]:
            break
    return best, epoch


# --- PEPITA ---------------------------------------------------------------------------------------


def passed(weights: list[Tensor], first: Tensor, matrix: SparseMatrix) -> list[Tensor]:
    """H_1, ..., H_{L-1} and the logits, from X W_1 [N, H]."""
    found = [matrix @ first]
    for weight in weights[1:]:
        found[-1] = found[-1].relu()
        found.append(matrix @ (found[-1] @ weight))
    return found


def error_of(logits: Tensor, data: Data) -> Tensor:
    """softmax - one-hot on training nodes, 0 elsewhere [N, C]."""
    wrong = logits.softmax(-1) - functional.one_hot(data.y, data.num_classes)
    return wrong * data.train_mask.unsqueeze(-1)


def pepita_updates(
    weights: list[Tensor], x: SparseMatrix, matrix: SparseMatrix, feedback: Tensor, data: Data
) -> list[Tensor]:
    """What a second pass, on an input that the error has moved, says of each weight.

        X' = X + e F
        dW_l = (S H'_{l-1})^T (H_l - H'_l) / n for l < L,   dW_L = (S H'_{L-1})^T e' / n

    Rows outside training are left out. X' is never made: X stays sparse, and e F is of rank C.

    Args:
        weights: W_1 [F, H], ..., W_L [H, C].
        x: X [N, F].
        matrix: S [N, N].
        feedback: F [C, F].
        data: whose labels are read.

    Source: Dellaferrera & Kreiman, *Error-driven input modulation* (ICML 2022).
    """
    first = x @ weights[0]
    states = passed(weights, first, matrix)
    error = error_of(states[-1], data)
    moved = passed(weights, first + error @ (feedback @ weights[0]), matrix)
    gaps = [
        (h - other) * data.train_mask.unsqueeze(-1)
        for h, other in zip(states[:-1], moved[:-1], strict=True)
    ]
    back = [matrix.transposed @ gap for gap in [*gaps, error_of(moved[-1], data)]]
    lowest = x.transposed @ back[0] + feedback.t() @ (error.t() @ back[0])
    upper = [h.t() @ gap for h, gap in zip(moved[:-1], back[1:], strict=True)]
    return [each / int(data.train_mask.sum()) for each in (lowest, *upper)]


def gradients(
    weights: list[Tensor], x: SparseMatrix, matrix: SparseMatrix, data: Data
) -> list[Tensor]:
    """What backpropagation says of each weight: the gradient of the cross-entropy."""
    learned = [weight.clone().requires_grad_() for weight in weights]
    logits = passed(learned, x @ learned[0], matrix)[-1]
    loss = functional.cross_entropy(logits[data.train_mask], data.y[data.train_mask])
    return list(torch.autograd.grad(loss, learned))


def fit_by_steps(
    data: Data, depth: int, lr: float, scale: float, seed: int, exact: bool
) -> tuple[tuple[float, float], int]:
    """Train by PEPITA, or by the gradient, with momentum and without biases; as `fit_modules`."""
    random = generator(seed, 0)
    sizes = [data.num_features, *[HIDDEN] * (depth - 1), data.num_classes]
    weights = [
        nn.init.xavier_uniform_(torch.empty(a, b), generator=random) for a, b in pairwise(sizes)
    ]
    bound = 0.05 * (6 / data.num_features) ** 0.5
    feedback = torch.empty(data.num_classes, sizes[0]).uniform_(-bound, bound, generator=random)
    feedback *= scale
    x = SparseMatrix.from_dense(data.x, input_scale(data.x, "l2"))
    matrix = constants(data)[1]
    speeds = [torch.zeros_like(weight) for weight in weights]

    def step() -> None:
        if exact:
            updates = gradients(weights, x, matrix, data)
        else:
            updates = pepita_updates(weights, x, matrix, feedback, data)
        for weight, speed, each in zip(weights, speeds, updates, strict=True):
            speed.mul_(MOMENTUM).add_(each)
            weight.sub_(lr * speed)

    return best_of(data, step, lambda: passed(weights, x @ weights[0], matrix)[-1])


def order(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row's place in the file."""
    part = list(METHODS).index(row["part"])
    method = METHODS[row["part"]].index(row["method"])
    rest = (row[name] for name in ("weight_decay", "extra", "lr", "scale", "depth", "split"))
    return part, row["graph"], method, *rest


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    settings = FIT | {"hidden": HIDDEN, "features": "l2", "weight_decay": DECAY}
    run_missing(jobs(), train, PATH, about, settings, order, workers(__doc__))


if __name__ == "__main__":
    main()
