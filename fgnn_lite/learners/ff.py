"""Forward-forward: a layer is excited by what is true and calm about what is false.

What the two learners on graphs, label appending and virtual nodes, have in common: they write
candidate labels into copies of the graph, *worlds*, and differ only in how (`_worlds`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import Heard, Layer, Propagated, World, hand_on, output
from fgnn_lite.learners.base import ACCUMULATE, Learner, add_vote
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import GOODNESS, accuracy, ff_loss, symba_loss
from fgnn_lite.seeds import generator

LOSSES = ("ff", "symba")
GIVEN = ("train", "train+val")
_NEGATIVES = 1_000_004  # the purpose of this generator; layers use their number


class FF(Learner):
    """Layers that are trained one after the other to tell true labels from false ones.

        g(h) = sum_j h_j^2
        loss_l = BCE(g(positive) - theta, 1) + mean_k BCE(g(negative_k) - theta, 0)
        prediction = arg max_c sum_l g(layer l's output if the label were c)

    A positive is a training node with its true label, a negative one with a wrong label; wrong
    labels are drawn once, without replacement. To predict, each class in turn is written on *all*
    nodes whose label is not given, so that neighbours vouch for each other's candidate. Nodes whose
    label is given are predicted to have it.

    Args:
        theta: the goodness that separates positives from negatives; the temperature divides the
            distance to it.
        negatives: K, from 1 to C - 1; `None` takes all C - 1 wrong classes.
        goodness: a name in `objectives.GOODNESS`, or a function from activities [N, H] to [N].
        loss: `"ff"`, or `"symba"`, which compares each positive with its negatives and needs no
            threshold.
        given: whose labels prediction is given: of the training nodes, or `"train+val"`, also of
            the validation nodes, as the code released with the paper does.
        accumulate: the layers whose goodness is added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.

    Source: Hinton (2022), section 2; Park et al. (2024), section 3.
    """

    def __init__(
        self,
        theta: float = 2.0,
        negatives: int | None = None,
        goodness: str | Callable[[Tensor], Tensor] = "sum-squares",
        loss: str = "ff",
        given: str = "train",
        accumulate: str = "all",
        **shared: Any,
    ) -> None:
        super().__init__(**shared)
        self.theta = checks.number("theta", theta)
        self.negatives = None if negatives is None else checks.integer("negatives", negatives, 1)
        self.goodness = checks.goodness(goodness, GOODNESS, self.hidden)
        self.loss = checks.one_of("loss", loss, LOSSES)
        self.given = checks.one_of("given", given, GIVEN)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    @abstractmethod
    def _worlds(self, data: Data, nodes: Tensor, labels: Tensor, rows: int) -> list[World]:
        """The graph with labels [W, P] written on `nodes` [P], once for each of the W rows.

        In each world `rows` nodes are going to be computed together.
        """

    def _dense_bytes(self, x: Tensor, dense_rows: int, sparse_rows: int) -> int:
        """What a dense X takes, propagated, more than a sparse one takes when it is multiplied."""
        return (dense_rows * x.shape[1] - sparse_rows * self.hidden) * x.element_size()

    @abstractmethod
    def _next(self, layer: Layer, worlds: list[World]) -> list[World]:
        """The worlds of the next layer, in training: what each hears of this finished layer."""

    def _check_graph(self, data: Data) -> None:
        if self.negatives is not None:
            checks.integer("negatives", self.negatives, 1, checks.num_classes(data) - 1)

    def _train(self, run: Run, data: Data) -> None:
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        labels = self._positive_and_negatives(data.y[train])
        worlds = self._worlds(data, train, labels, len(train))
        candidates = self._candidates(data, train, len(val))
        votes: Tensor | None = None

        for number, layer in enumerate(self._net(), start=1):
            heard = layer.prepare(worlds, train)
            heard_val = layer.prepare(candidates, val)
            validate = partial(self._accuracy, number, layer, heard_val, votes, data.y[val])

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                g = self._goodness(layer(heard)).view(-1, len(train))  # [1 + K, T]
                loss = self._objective(g[0], g[1:])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, validate if len(val) else None, (g[0], g[1:]))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = add_vote(self.accumulate, votes, self._vote(layer(heard_val)), number)
                worlds = self._next(layer, worlds)
                candidates = [hand_on(output(layer, world), world) for world in candidates]

    def _positive_and_negatives(self, labels: Tensor) -> Tensor:
        """The true label of each node, and below it K wrong ones [1 + K, T]."""
        c = self.num_classes
        order = torch.rand(len(labels), c, generator=generator(self.seed, _NEGATIVES))
        order = order.to(labels.device).scatter_(1, labels.unsqueeze(1), -1.0)  # true: never drawn
        wrong = order.argsort(dim=1, descending=True)[:, : self.negatives or c - 1]
        return torch.cat([labels.unsqueeze(0), wrong.t()])

    def _objective(self, positive: Tensor, negative: Tensor) -> Tensor:
        if self.loss == "symba":
            return symba_loss(positive / self.temperature, negative / self.temperature)
        return ff_loss(positive, negative, self.theta, self.temperature)

    def _goodness(self, h: Tensor) -> Tensor:  # [R, H] -> [R]
        function = GOODNESS[self.goodness] if isinstance(self.goodness, str) else self.goodness
        return function(h)

    def _candidates(self, data: Data, given: Tensor, rows: int) -> list[World]:
        """A world for each class: given labels stay, everyone else is said to be of that class."""
        classes = torch.arange(self.num_classes, device=data.y.device)
        labels = classes.unsqueeze(1).repeat(1, len(data.y))  # [C, N]
        labels[:, given] = data.y[given]
        everyone = torch.arange(len(data.y), device=data.y.device)
        return self._worlds(data, everyone, labels, rows)

    def _vote(self, h: Tensor) -> Tensor:  # [C V, H] -> [V, C]
        g = self._goodness(h)
        return g.view(self.num_classes, len(g) // self.num_classes).t()

    def _accuracy(
        self,
        number: int,
        layer: Layer,
        heard: Heard | Propagated,
        votes: Tensor | None,
        labels: Tensor,
    ) -> float:
        vote = self._vote(layer(heard))
        return accuracy(add_vote(self.accumulate, votes, vote, number), labels)

    def _class_scores(self, data: Data) -> list[Tensor]:
        n = len(data.y)
        mask = data.train_mask
        if self.given == "train+val":
            checks.graph(data, masks=("val_mask",))
            mask = mask | data.val_mask
        given = mask.nonzero().squeeze(-1)
        known = functional.one_hot(data.y, self.num_classes).to(data.x.dtype)
        candidates = self._candidates(data, given, n)
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            outputs = [output(layer, world) for world in candidates]
            vote = torch.stack([self._goodness(h[:n]) for h in outputs], dim=1)  # [N, C]
            scores.append(add_vote(self.accumulate, scores[-1] if scores else None, vote, number))
            pairs = zip(outputs, candidates, strict=True)
            candidates = [hand_on(h, world) for h, world in pairs]
        return [torch.where(mask.unsqueeze(1), known, score) for score in scores]
