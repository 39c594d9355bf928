"""The interface of the learners that classify graphs as a whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import global_mean_pool

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.layers import (
    GraphView,
    Layer,
    LayerInput,
    direction_scale,
    input_scale,
    next_input,
    output,
)
from fgnn_lite.learners.base import ACCUMULATE, add_vote, moved, resolve_device, validation
from fgnn_lite.learners.net import Net
from fgnn_lite.learners.run import Budget, OnEpoch, Run
from fgnn_lite.matrices import Features
from fgnn_lite.objectives import accuracy
from fgnn_lite.seeds import generator

_BATCHES = 1_000_009  # the purpose of this generator


class Graphs(NamedTuple):
    """Some graphs side by side, as one layer gets them: one graph without edges between its parts.

    Attributes:
        views: W versions of them, each of N nodes.
        graph: which graph each node is of [N].
        y: the class of each graph [G].
    """

    views: list[GraphView]
    graph: Tensor
    y: Tensor

    def prepare(self, layer: Layer) -> LayerInput:
        """What a layer computes all nodes of all versions from."""
        return layer.prepare(self.views, torch.arange(len(self.graph), device=self.graph.device))

    def pooled(self, h: Tensor) -> Tensor:
        """The mean over the nodes of each graph: [N, H] -> [G, H]."""
        return global_mean_pool(h, self.graph, len(self.y))

    def above(self, layer: Layer) -> Graphs:
        """The same graphs as the next layer gets them from this finished one."""
        return self._replace(views=[next_input(output(layer, each), each) for each in self.views])


class Update(NamedTuple):
    """What one batch of G graphs says of a net."""

    loss: Tensor
    margin: Tensor  # [G], or [K, G]
    goodness: tuple[Tensor, Tensor] | None = None  # [G] and [K, G]

    def noted(self) -> Update:
        """Its figures, without what computed them."""
        pair = self.goodness
        if pair is not None:
            pair = (pair[0].detach(), pair[1].detach())
        return Update(self.loss.detach(), self.margin.detach(), pair)


class GraphLearner(Net):
    """A way to train a graph neural network to classify graphs as a whole.

        r = mean over a graph's nodes of h   [G, H]   (the pooled row)

    Args:
        batch_size: graphs per update; an epoch, and its record, is then a pass over all of them.
            They are dealt to batches once. `None` makes one update an epoch, of all graphs.
        **shared: the settings of a `Net`; there is no class node.

    Raises:
        ValueError: if a value is out of range.
        TypeError: if it is of another kind.
    """

    def __init__(self, batch_size: int | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.batch_size = None
        if batch_size is not None:
            self.batch_size = checks.integer("batch_size", batch_size, 1)

    def fit(  # noqa: D417 (what it shares with `Learner.fit` is explained there)
        self,
        train: Iterable[Data],
        val: Iterable[Data] | None = None,
        epochs: int = 300,
        patience: int = 100,
        val_every: int = 2,
        lr: float = 1e-3,
        weight_decay: float = 5e-4,
        on_epoch: OnEpoch | None = None,
        progress: bool = False,
        device: str | torch.device = "auto",
        restore_best: bool = True,
    ) -> History:
        """Train from scratch; what `Learner.fit` promises holds here, too.

        Args:
            train: G graphs, as from `load_graphs`: x [N, F], edge_index [2, E], y [1], and weights
                of edges as for `Learner.fit`. One of every class 0..C-1 is needed, and one graph
                of a class is enough.
            val: the same; it chooses the epoch, and shares no graph with `train`. `None` needs
                `restore_best=False`.
            epochs, patience, val_every, lr, weight_decay, on_epoch, progress, device, restore_best:
                as for `Learner.fit`.

        Returns:
            The history: one record per epoch.

        Raises:
            TypeError: if `train` or `val` is no list of graphs.
            ValueError: if an argument is out of range, a list is empty, a graph has no nodes or
                other features than the rest, or a class has no graph in `train`.
            FloatingPointError, RuntimeError: as `Learner.fit`.
        """
        budget = Budget(
            epochs, patience, val_every, lr, weight_decay, on_epoch, progress, restore_best
        )
        train, labels = self._checked("train", train)
        classes = checks.classes_of_graphs("train", labels)
        held: list[Data] = []
        if val is not None:
            held, others = self._checked("val", val, train[0])
            checks.known_classes("val", others, classes)
            checks.no_graph_in_both("train", train, "val", held)
        elif restore_best:
            raise ValueError("val must be given to restore the best; or pass restore_best=False")
        where = resolve_device(device)
        return self._run(
            budget,
            where,
            train[0],
            classes,
            lambda run: self._train(
                run, self._batches(train, where, deal=True), self._batches(held, where)
            ),
        )

    def predict(self, graphs: Iterable[Data]) -> Tensor:
        """The most likely class of every graph.

        Args:
            graphs: G graphs with the F features of those that `fit` saw; no label is read, and no
                training graph is needed.

        Returns:
            Classes [G], int64, on the CPU.

        Raises:
            NotFittedError: before `fit` (a ValueError).
            TypeError, ValueError: if the graphs do not fit the net.
        """
        return self.class_scores(graphs)[-1].argmax(dim=-1)

    def class_scores(self, graphs: Iterable[Data]) -> list[Tensor]:
        """A score for every graph and class, using layers 1..l, for l = 1..L; one for a whole net.

        Args:
            graphs: as for `predict`.

        Returns:
            Scores [G, C] for each l, on the CPU.

        Raises:
            NotFittedError, TypeError, ValueError: as `predict`.
        """
        return self._scores_of(graphs, labels=False)[0]

    def score(self, graphs: Iterable[Data]) -> float:
        """The share of graphs whose class is predicted, in [0, 1].

        Args:
            graphs: as for `predict`, each with its y [1].

        Raises:
            TypeError, ValueError: as `predict`; or if a graph has no label, or one that `fit` did
                not see.
        """
        return self.layer_scores(graphs)[-1]

    def layer_scores(self, graphs: Iterable[Data]) -> list[float]:
        """The accuracy using layers 1..l, for l = 1..L; one number for a net trained as a whole.

        Args:
            graphs: as for `score`.

        Raises:
            TypeError, ValueError: as `score`.
        """
        scores, labels = self._scores_of(graphs, labels=True)
        checks.known_classes("graphs", labels, self.num_classes)
        return [accuracy(each, labels) for each in scores]

    @abstractmethod
    def _train(self, run: Run, train: list[Data], val: list[Data]) -> None:
        """The algorithm, on batches of graphs."""

    @abstractmethod
    def _batch_scores(self, batch: Data) -> list[Tensor]:
        """A score for every graph of a batch and class [G, C], using layers 1..l."""

    def _learn(
        self,
        run: Run,
        module: nn.Module,
        number: int | None,
        updates: Sequence[Callable[[], Update]],
        validate: Callable[[], float] | None,
    ) -> None:
        """Train a layer, or all of them, one update a batch."""
        optimizer = run.optimizer(module)
        for _ in run.epochs(module, number):
            seen = []
            for update in updates:
                found = update()
                run.step(optimizer, found.loss)  # inside this module, and nowhere else
                seen.append(found.noted())
            losses = torch.stack([each.loss for each in seen])
            sizes = losses.new_tensor([each.margin.shape[-1] for each in seen])
            loss = losses @ (sizes / sizes.sum())
            margin = torch.cat([each.margin.flatten() for each in seen])
            pairs = [each.goodness for each in seen if each.goodness]
            goodness = None
            if pairs:
                positive, negative = (torch.cat(each, dim=-1) for each in zip(*pairs, strict=True))
                goodness = (positive, negative)
            run.report(loss, margin, validate, goodness)

    def _view(self, batch: Data, normalised: bool) -> GraphView:
        """The scaled input, its rows of unit length or not, and the adjacency of a batch."""
        scale = input_scale(batch.x, self.scaling)
        if normalised:
            scale = direction_scale(batch.x, scale)
        return GraphView(Features([batch.x], [scale]), self._adjacency(batch))

    def _batches(self, graphs: list[Data], device: torch.device, deal: bool = False) -> list[Data]:
        """PyG's batches of so many graphs, in order or dealt out; no global generator is read."""
        size = min(self.batch_size or len(graphs), len(graphs))
        order = list(range(len(graphs)))
        if deal and size < len(graphs):
            random = generator(self.seed, _BATCHES)
            order = torch.randperm(len(graphs), generator=random, device="cpu").tolist()
        weighed = any(checks.weight_field(each) for each in graphs)
        plain = [_plain(graphs[k], weighed) for k in order]
        starts = range(0, len(plain), size or 1)
        return [moved(Batch.from_data_list(plain[k : k + size]), device) for k in starts]

    def _checked(
        self, argument: str, graphs: Iterable[Data], like: Data | None = None, labels: bool = True
    ) -> tuple[list[Data], Tensor]:
        """The graphs, and their labels [G] where they are needed."""
        found = checks.graph_list(argument, graphs, labels)
        for k, each in enumerate(found):
            self._check_edges(f"{argument}[{k}]", each)
            checks.same_features(f"{argument}[{k}]", each, found[0] if like is None else like)
        if not labels:
            return found, torch.zeros(0, dtype=torch.long)
        return found, torch.tensor([int(each.y) for each in found])

    def _scores_of(self, graphs: Iterable[Data], labels: bool) -> tuple[list[Tensor], Tensor]:
        self._check_fitted()
        weight = next(self.parameters())
        like = Data(x=torch.zeros(1, self.num_features, dtype=weight.dtype))
        found, y = self._checked("graphs", graphs, like, labels)
        kind = weight.device.type
        with torch.inference_mode(False), torch.no_grad(), torch.autocast(kind, enabled=False):
            parts = [self._batch_scores(each) for each in self._batches(found, weight.device)]
            return [torch.cat(each).cpu() for each in zip(*parts, strict=True)], y


class WholeInTurn(GraphLearner):
    """Layers trained one after the other, each on a loss of its own over whole graphs.

    While layer l trains, its input is a constant: it is detached, normalised and, for GCN and
    GraphSAGE, propagated once. Memory does not grow with depth.

    Args:
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner of graphs, see `GraphLearner`.
    """

    def __init__(self, accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    @abstractmethod
    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        """What computes each batch's loss; the layer's constants are made here."""

    @abstractmethod
    def _voter(self, layer: Layer) -> Callable[[LayerInput, Graphs], Tensor]:
        """What says for a layer how it votes on graphs [G, C]; what they share is computed here."""

    def _learned(self, layer: Layer) -> None:
        """A layer has learned, or was interrupted: nothing more is to be done, if not said here."""

    def _to_learn(self, batches: list[Data]) -> list[Graphs]:
        """Batches as the first layer is trained on them."""
        return [self._to_judge(each) for each in batches]

    def _to_judge(self, batch: Data) -> Graphs:
        """A batch as the first layer predicts from it."""
        return Graphs([self._view(batch, normalised=True)], batch.batch, batch.y)

    def _train(self, run: Run, train: list[Data], val: list[Data]) -> None:
        learned, judged = self._to_learn(train), [self._to_judge(each) for each in val]
        y = torch.cat([train[0].y[:0], *(each.y for each in judged)])  # [V]
        total: Tensor | None = None  # the votes of the finished layers [V, C]

        for number, layer in enumerate(self._net(), start=1):
            updates = self._updates_of(layer, learned)  # of constants, detached
            pairs = [(each.prepare(layer), each) for each in judged]
            votes = partial(self._votes, number, layer, pairs, total)
            try:
                self._learn(run, layer, number, updates, validation(votes, y))
            finally:
                self._learned(layer)
            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                total = votes() if judged else None
                learned = [each.above(layer) for each in learned]
                judged = [each.above(layer) for each in judged]

    def _votes(
        self,
        number: int,
        layer: Layer,
        pairs: list[tuple[LayerInput, Graphs]],
        total: Tensor | None,
    ) -> Tensor:  # [V, C]
        """The votes of layers 1..number, from those of the layers below and this layer's own."""
        voter = self._voter(layer)
        vote = torch.cat([voter(x, graphs) for x, graphs in pairs])
        return add_vote(self.accumulate, total, vote, number)

    def _batch_scores(self, batch: Data) -> list[Tensor]:
        graphs = self._to_judge(batch)
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            vote = self._voter(layer)(graphs.prepare(layer), graphs)  # [G, C]
            scores.append(add_vote(self.accumulate, scores[-1] if scores else None, vote, number))
            if number < self.trained_layers:
                graphs = graphs.above(layer)
        return scores


def _plain(data: Data, weighed: bool) -> Data:
    """What learners read of a graph: features, edges, their weights where any graph has some, y."""
    y = data.y.reshape(1) if "y" in data else torch.zeros(1, dtype=torch.long, device=data.x.device)
    plain = Data(x=data.x, edge_index=data.edge_index, y=y)
    if weighed:
        weight = checks.edge_weight(data)
        plain.edge_weight = data.x.new_ones(data.edge_index.shape[1]) if weight is None else weight
    return plain
