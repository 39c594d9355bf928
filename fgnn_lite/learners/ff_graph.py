"""Forward-forward on a graph: candidate labels are written into views of the graph.

Label appending and virtual nodes differ only in how a label is written (`_views`).
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import add_probes
from fgnn_lite.layers import BACKBONES, GraphView, Layer, next_input, output
from fgnn_lite.learners.base import add_vote, nodes_in, validation
from fgnn_lite.learners.ff import FF
from fgnn_lite.learners.run import Run

GIVEN = ("none", "train", "train+val")
HYPOTHESES = ("joint", "single")


class ViewBatch(NamedTuple):
    """Views of one graph, each with other labels; what `Layer.prepare` takes.

    Attributes:
        views: W of them.
        rows: the nodes that are judged in each [R].
        common: they have the same features, but for extra columns.
    """

    views: list[GraphView]
    rows: Tensor
    common: bool

    def next_inputs(self, layer: Layer) -> ViewBatch:
        """The views of the next layer: what this finished one computes in each."""
        return self._replace(
            views=[next_input(output(layer, view), view) for view in self.views], common=False
        )


class GraphFF(FF):
    """Layers that are trained one after the other to tell true labels from false ones.

        prediction = arg max_c sum_l g(layer l's output if the label were c)

    A positive is a training node with its true label, a negative one with a wrong label; wrong
    labels are drawn once, without replacement. Nodes whose label is given are predicted to have it.

    Args:
        given: whose labels prediction is given: `"none"`, those of the training nodes (`"train"`),
            or `"train+val"`, also those of the validation nodes, as the code released with the
            paper does. Validation itself is given those of the training nodes, or none.
        hypotheses: `"joint"`, as in the paper: in each view all nodes carry the same candidate, so
            that neighbours carry the same hypothesis. `"single"`: a hypothesis per node, carried by
            a probe copy without out-edges (see `augment.add_probes`), while no other node carries a
            label; what is given then decides a node's own label and adds nothing to its neighbours.
        **shared: as for `FF`.

    Source: Park et al. (2024), section 3; `"single"` is this library's own. Chapter 5.
    """

    def __init__(self, given: str = "train", hypotheses: str = "joint", **shared: Any) -> None:
        super().__init__(**shared)
        self.given = checks.one_of("given", given, GIVEN)
        self.hypotheses = checks.one_of("hypotheses", hypotheses, HYPOTHESES)

    @property
    def _given_masks(self) -> tuple[str, ...]:
        return {"none": (), "train": ("train_mask",), "train+val": ("train_mask", "val_mask")}[
            self.given
        ]

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    @abstractmethod
    def _views(self, data: Data, nodes: Tensor, labels: Tensor, rows: Tensor) -> ViewBatch:
        """The graph with labels [W, P] written on `nodes` [P], once for each of the W rows.

        In each view `rows` [R] are going to be computed together.
        """

    def _next_inputs(self, layer: Layer, batch: ViewBatch) -> ViewBatch:
        """The training views of the next layer."""
        return batch.next_inputs(layer)

    def _train(self, run: Run, data: Data) -> None:
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        batch = self._positive_and_negative_views(data, train)
        given = train[:0] if self.given == "none" else train
        candidates = self._candidate_views(data, given, val)
        total: Tensor | None = None  # the votes of the finished layers [V, C]

        for number, layer in enumerate(self._net(), start=1):
            x = layer.prepare(*batch)  # [(1 + K) T, F], detached
            x_val = layer.prepare(*candidates)  # [C V, F]
            votes = partial(self._votes, number, layer, x_val, total)
            validate = validation(votes, data.y[val])

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                g = self._goodness(layer(x)).view(-1, len(train))  # [1 + K, T]
                loss = self._objective(g[0], g[1:])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, g[0] - g[1:], validate, (g[0], g[1:]))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                total = votes()
                batch = self._next_inputs(layer, batch)
                candidates = candidates.next_inputs(layer)

    def _positive_and_negative_views(self, data: Data, train: Tensor) -> ViewBatch:
        """A view with the true labels and K with wrong ones."""
        labels = self._positive_and_negatives(data.y[train])  # [1 + K, T]
        if self.hypotheses == "single":
            return self._probe_views(data, train, labels)
        return self._views(data, train, labels, train)

    def _candidate_views(self, data: Data, given: Tensor, rows: Tensor) -> ViewBatch:
        """A view for each class, written on all nodes whose label is not given."""
        n, device = len(data.x), data.x.device
        classes = torch.arange(self.num_classes, device=device).unsqueeze(1)
        if self.hypotheses == "single":
            return self._probe_views(data, rows, classes.expand(-1, len(rows)))
        labels = classes.repeat(1, n)  # [C, N]
        if len(given):
            labels[:, given] = data.y[given]
        return self._views(data, torch.arange(n, device=device), labels, rows)

    def _probe_views(self, data: Data, nodes: Tensor, labels: Tensor) -> ViewBatch:
        """Views in which probe copies of `nodes`, and they alone, carry `labels` [W, P]."""
        n = len(data.x)
        probes = torch.arange(n, n + len(nodes), device=nodes.device)
        return self._views(add_probes(data, nodes), probes, labels, probes)

    def _class_scores(self, data: Data) -> list[Tensor]:
        mask = torch.zeros(len(data.x), dtype=torch.bool, device=data.x.device)
        for field in self._given_masks:
            mask |= data[field]
        given = mask.nonzero().squeeze(-1)
        known = data.x.new_zeros(len(data.x), self.num_classes)
        if len(given):
            known[given] = functional.one_hot(data.y[given], self.num_classes).to(known.dtype)
        everyone = torch.arange(len(data.x), device=data.x.device)
        batch = self._candidate_views(data, given, everyone)
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            outputs = [output(layer, view) for view in batch.views]  # C x [N, H]
            vote = torch.stack([self._goodness(h[batch.rows]) for h in outputs], dim=1)  # [N, C]
            scores.append(add_vote(self.accumulate, scores[-1] if scores else None, vote, number))
            pairs = zip(outputs, batch.views, strict=True)
            batch = batch._replace(views=[next_input(h, view) for h, view in pairs])
        return [torch.where(mask.unsqueeze(1), known, score) for score in scores]

    def _least_bytes(self, data: Data, negatives: int) -> int:
        views, size = 1 + negatives + checks.num_classes(data), data.x.element_size()
        above = len(data.x) * self.hidden * size if self.depth > 1 else 0  # the next layer's input
        least = views * (above + self._bytes_of_a_view(data))
        if BACKBONES[self.backbone].caches:
            return least
        targets, messages = data.edge_index[1].long(), []  # made and weighed for every edge in use
        for mask, times in (("train_mask", 1 + negatives), ("val_mask", checks.num_classes(data))):
            edges = data[mask][targets].sum() + data[mask].sum() if mask in data else 0
            messages.append(2 * times * int(edges) * self.hidden * size)
        return least + max(messages)

    @abstractmethod
    def _bytes_of_a_view(self, data: Data) -> int:
        """What a view does not share with the others takes, at least."""
