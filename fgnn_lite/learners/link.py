"""The interface of the learners that predict links."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.layers import GraphView, direction_scale, input_scale
from fgnn_lite.learners.base import moved, resolve_device
from fgnn_lite.learners.net import Net
from fgnn_lite.learners.run import Budget, OnEpoch, Run
from fgnn_lite.matrices import Features


class Pairs(NamedTuple):
    """The pairs of nodes to judge."""

    ends: Tensor  # [2, P]
    label: Tensor  # [P], 0.0 or 1.0

    def multiplied(self, z: Tensor) -> Tensor:
        """The two ends of each pair, multiplied entry by entry: [N, H] -> [P, H]."""
        return z.index_select(0, self.ends[0]) * z.index_select(0, self.ends[1])

    def margin(self, logits: Tensor) -> Tensor:
        """The mean logit of links minus that of other pairs: logits [P] -> a scalar."""
        link = self.label > 0
        return logits.detach()[link].mean() - logits.detach()[~link].mean()


class LinkLearner(Net):
    """A way to train a graph neural network to tell which pairs of nodes are linked.

    Args:
        **shared: the settings of a `Net`; the temperature divides the logit of a pair.

    Raises:
        ValueError: if a value is out of range.
        TypeError: if it is of another kind.
    """

    links = True

    def fit(  # noqa: D417 (what it shares with `Learner.fit` is explained there)
        self,
        train: Data,
        val: Data | None = None,
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
            train: as from `load_links`: x [N, F], edge_index [2, E], edge_label_index [2, P],
                edge_label [P], and weights of edges as for `Learner.fit`. Its links may be among
                its edges.
            val: the same; it chooses the epoch. Its links may be neither among its edges nor among
                the edges and links of `train`, in either direction. `None` needs
                `restore_best=False`.
            epochs, patience, val_every, lr, weight_decay, on_epoch, progress, device, restore_best:
                as for `Learner.fit`.

        Returns:
            The history; its records have a `val_auc`, the ROC-AUC on the validation pairs, and no
            `val_accuracy`.

        Raises:
            ValueError: if an argument is out of range or the data cannot be trained on.
            FloatingPointError, RuntimeError: as `Learner.fit`.
        """
        budget = Budget(
            epochs, patience, val_every, lr, weight_decay, on_epoch, progress, restore_best
        )
        checks.links("train", train)
        self._check_edges("train", train)
        if val is not None:
            checks.links("val", val)
            self._check_edges("val", val)
            self._check_like("val", val, train.x.shape[1], train.x.dtype)
            if len(val.x) != len(train.x):
                raise ValueError(
                    f"val must have the {len(train.x)} nodes of train, for a split divides the "
                    f"links of one graph; got {len(val.x)}"
                )
            links = train.edge_label_index[:, train.edge_label > 0]
            learned = [("train.edge_index", train.edge_index), ("train.edge_label_index", links)]
            checks.apart("val", val, [("val.edge_index", val.edge_index), *learned])
        elif restore_best:
            raise ValueError("val must be given to restore the best; or pass restore_best=False")
        where = resolve_device(device)
        return self._run(
            budget,
            where,
            train,
            0,
            lambda run: self._train(
                run, moved(train, where), None if val is None else moved(val, where)
            ),
        )

    def predict(self, data: Data) -> Tensor:
        """How likely each pair of `data.edge_label_index` is a link.

        Args:
            data: x [N, F], edge_index [2, E] (and edge_weight, as for `fit`) and edge_label_index
                [2, P], which may hold any pairs.

        Returns:
            Probabilities [P] on the CPU; with layers, the mean of theirs.

        Raises:
            NotFittedError: before `fit` (a ValueError).
            ValueError: if the data do not fit the net.
        """
        return self._probabilities(data, labels=False)[-1]

    def score(self, data: Data) -> float:
        """The area under the ROC curve over the pairs of `data`, in [0, 1]: ROC-AUC.

        It is the share of all couples, a link and a pair that is none, in which the link gets the
        higher probability; a tie counts one half.

        Args:
            data: as for `predict`, and edge_label [P]: 1 for a link, 0 for none. No link may be
                among the edges, in either direction: messages along it would give it away.

        Raises:
            ValueError: as `predict`; or if there are no links, or nothing but links, or links that
                are edges.
        """
        return self.layer_scores(data)[-1]

    def layer_scores(self, data: Data) -> list[float]:
        """The ROC-AUC using layers 1..l, for l = 1..L; one number for a net trained as a whole.

        Args:
            data: as for `score`.

        Raises:
            ValueError: as `score`.
        """
        return [roc_auc(each, data.edge_label) for each in self._probabilities(data, labels=True)]

    @abstractmethod
    def _train(self, run: Run, train: Data, val: Data | None) -> None:
        """The algorithm."""

    @abstractmethod
    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        """Probabilities [P] using layers 1..l, for each trained l."""

    def _logits(self, z: Tensor, pairs: Pairs) -> Tensor:
        """How much the two ends of each pair agree: z_i . z_j / tau [P]."""
        return pairs.multiplied(z).sum(dim=-1) / self.temperature

    def _view(self, data: Data, normalised: bool) -> GraphView:
        """The scaled input, its rows of unit length or not, and the adjacency."""
        x = data.x
        scale = input_scale(x, self.scaling)
        if normalised:
            scale = direction_scale(x, scale)
        return GraphView(Features.smallest(x, scale, len(x)), self._adjacency(data))

    def _pairs(self, data: Data) -> Pairs:
        return Pairs(data.edge_label_index, data.edge_label.to(data.x.dtype))

    def _probabilities(self, data: Data, labels: bool) -> list[Tensor]:
        self._check_fitted()
        checks.links("data", data, labels)
        self._check_edges("data", data)
        if labels:
            checks.apart("data", data)
        weight = next(self.parameters())
        self._check_like("data", data, self.num_features, weight.dtype)
        kind = weight.device.type
        with torch.inference_mode(False), torch.no_grad(), torch.autocast(kind, enabled=False):
            there = moved(data, weight.device)
            ends = there.edge_label_index
            pairs = Pairs(ends, there.x.new_zeros(ends.shape[1]))  # labels are not asked for
            return [each.cpu() for each in self._pair_scores(there, pairs)]


def roc_auc(scores: Tensor, labels: Tensor) -> float:
    """The area under the ROC curve: scikit-learn's."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels.cpu().numpy(), scores.detach().cpu().numpy()))
