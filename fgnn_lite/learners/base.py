"""The interface that all learners share: fit, predict, score, save."""

from __future__ import annotations

import copy
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.learners.net import Net
from fgnn_lite.learners.run import Budget, OnEpoch, Run
from fgnn_lite.objectives import accuracy

ACCUMULATE = ("all", "skip-first", "last")


class Learner(Net):
    """A way to train a graph neural network to classify nodes.

    Args:
        **shared: the settings of a `Net`.

    Raises:
        ValueError: if a value is out of range.
        TypeError: if it is of another kind.
    """

    def fit(
        self,
        data: Data,
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
        """Train from scratch.

        The same seed on the same CPU gives the same numbers, bit for bit, for one number of
        threads: sums that are shared among more of them are added up in another order. On CUDA
        sums over edges are added up in no fixed order, so two runs agree to rounding only.

        Nothing that is switched on outside counts: autocast, inference mode, `no_grad`, PyTorch's
        default type and device. Random numbers come from generators of the learner's own; the
        global ones are neither read nor changed, and nor are `data` and its gradients.

        Ctrl-C ends training, keeps the best state so far and returns the history; before the first
        update that is empty, and the learner stays as it was, as it does after an error.

        Args:
            data: x [N, F], y [N], edge_index [2, E], train_mask [N], val_mask [N]; for GCN also
                edge_weight [E], or an edge_attr [E], which is taken as that. A label that is not
                known may be -1 outside of the two masks. No node may be in two of the masks.
            epochs: updates at most: per layer for the layer-wise learners, for the net otherwise.
            patience: validations without a gain before a layer (or the net) stops.
            val_every: updates between validations; the last update is always validated.
            lr: Adam's step size, up to 1000.
            weight_decay: Adam's weight decay (added to the gradient).
            on_epoch: called with a `Record` after every update; answering `False` stops (Python's,
                or an array or tensor of one boolean; any other answer, `None`, 0 and "" included,
                goes on). It may score and save the learner, see `save`, and not fit it again.
            progress: show a progress bar.
            device: `"auto"` takes CUDA where there is one; else `"cpu"`, `"cuda"` or `"cuda:0"`.
            restore_best: leave each layer (or the net) in the state of its best validation, the
                first of equals. Needs a validation node.

        Returns:
            The history: one record per update.

        Raises:
            ValueError: if an argument is out of range or the graph cannot be trained on.
            FloatingPointError: if the loss becomes NaN or infinite.
            RuntimeError: if this learner is in training already.
        """
        budget = Budget(
            epochs, patience, val_every, lr, weight_decay, on_epoch, progress, restore_best
        )
        needed = ("train_mask", "val_mask") if restore_best else ("train_mask",)
        self._check_trainable(data, needed)
        for message in self._warnings(data):
            warnings.warn(message, stacklevel=2)
        where = resolve_device(device)

        return self._run(
            budget,
            where,
            data,
            checks.num_classes(data),
            lambda run: self._train(run, moved(data, where)),
        )

    def predict(self, data: Data) -> Tensor:
        """The most likely class of every node.

        Args:
            data: a graph with the F features of the one that `fit` saw; its edges and their
                weights are used. What predicts with training labels (single-forward, with its class
                nodes, and forward-forward, by `given`) needs its train_mask and their y, too, and
                reads no other label; backpropagation needs neither.

        Returns:
            Classes [N], int64, on the CPU.

        Raises:
            NotFittedError: before `fit` (a ValueError).
            ValueError: if the graph does not fit the net.
        """
        return self.class_scores(data)[-1].argmax(dim=-1)

    def class_scores(self, data: Data) -> list[Tensor]:
        """A score for every node and class, using layers 1..l, for l = 1..L; one for a whole net.

        Of the single-forward learners it is the sum of the layers' votes, of forward-forward the
        sum of their goodness (and 0 or 1 for a node whose label prediction is given), of
        backpropagation the logits. The highest one is predicted.

        Args:
            data: as for `predict`.

        Returns:
            Scores [N, C] for each l, on the CPU.

        Raises:
            NotFittedError, ValueError: as `predict`.
        """
        return self._predicted(data, self._class_scores)

    def _predicted(self, data: Data, scores: Callable[[Data], list[Tensor]]) -> list[Tensor]:
        """What `scores` gives for a graph that was checked, on the CPU."""
        self._check_fitted()
        self._check_classes(data)
        masks = self._given_masks
        checks.graph(data, masks=masks, labels=bool(masks), classes=self.num_classes)
        self._check_edges("data", data)
        weight = next(self.parameters())
        self._check_like("data", data, self.num_features, weight.dtype)
        kind = weight.device.type
        with torch.inference_mode(False), torch.no_grad(), torch.autocast(kind, enabled=False):
            return [each.cpu() for each in scores(moved(data, weight.device))]

    def score(self, data: Data, mask: str | Tensor = "test") -> float:
        """The share of nodes whose class is predicted, in [0, 1].

        Args:
            data: as for `predict`.
            mask: `"train"`, `"val"`, `"test"`, or a boolean tensor [N], which is taken as it is.

        Returns:
            Right ones among the nodes of the mask, divided by their number.

        Raises:
            ValueError: as `predict`; or if the mask is missing, empty or of another shape; if one
                of its nodes has no label; if the validation mask shares nodes with the training
                mask, or the test mask with one of the two.
        """
        return self._accuracies(data, mask)[-1]

    def layer_scores(self, data: Data, mask: str | Tensor = "test") -> list[float]:
        """The accuracy using layers 1..l, for l = 1..L; one number for a net trained as a whole.

        Args:
            data: as for `predict`.
            mask: as for `score`.

        Returns:
            Accuracies in [0, 1], from the bottom up; the last one is what `score` gives.

        Raises:
            ValueError: as `score`.
        """
        return self._accuracies(data, mask)

    def _check_trainable(self, data: Data, needed: tuple[str, ...]) -> None:
        """That this learner can be trained on a graph with these masks."""
        checks.graph(data, masks=needed, optional=("val_mask", "test_mask"))
        checks.disjoint(data)
        self._check_edges("data", data)
        self._check_graph(data)

    def _check_graph(self, data: Data) -> None:
        """What this learner demands of a graph beyond what all do."""

    def _warnings(self, data: Data) -> list[str]:
        """What a user should know before training on a graph that was checked."""
        return []

    @abstractmethod
    def _train(self, run: Run, data: Data) -> None:
        """The algorithm."""

    @abstractmethod
    def _class_scores(self, data: Data) -> list[Tensor]:
        """A score for every node and class [N, C], using layers 1..l, for each trained l."""

    @property
    def _given_masks(self) -> tuple[str, ...]:
        """The masks of the nodes whose labels prediction is given."""
        return ()

    def _check_classes(self, data: Data) -> None:
        """That the graph has as many classes as were fitted, if it says how many it has."""
        if isinstance(data, Data) and "num_classes" in data:
            got = checks.num_classes(data)
            if got != self.num_classes:
                raise ValueError(
                    f"data must have the {self.num_classes} classes that the learner was fitted "
                    f"with; got {got}"
                )

    def _accuracies(self, data: Data, mask: str | Tensor) -> list[float]:
        self._check_fitted()
        chosen = checks.mask(data, mask)
        labels = checks.labelled(data, chosen, self.num_classes).cpu()
        scores = self.class_scores(data)
        return [accuracy(score[chosen.cpu()], labels) for score in scores]


def nodes_in(data: Data, mask: str) -> Tensor:
    """The nodes of a mask [M], in order; none where there is no such mask."""
    if mask not in data:
        return torch.zeros(0, dtype=torch.long, device=data.x.device)
    return data[mask].nonzero().squeeze(-1)


def validation(
    scores: Callable[[], Tensor], labels: Tensor, nodes: Tensor | slice = slice(None)
) -> Callable[[], float] | None:
    """The accuracy of scores, made when it is read; `None` where no node is judged.

    Args:
        scores: gives [V, C].
        labels: of all nodes [N].
        nodes: those that are judged [V]; all, by default.
    """
    return (lambda: accuracy(scores(), labels[nodes])) if len(labels[nodes]) else None


def add_vote(how: str, total: Tensor | None, vote: Tensor, number: int) -> Tensor:
    """The votes of layers 1..number, from those of the layers below and this layer's own.

    Args:
        how: `"all"` adds them up, `"skip-first"` leaves layer 1 out where there is another, as
            Hinton does, `"last"` takes the highest layer only.
        total: the votes so far [N, C]; `None` for the first layer.
        vote: this layer's [N, C].
        number: this layer's, from 1.
    """
    first = 2 if how == "skip-first" else number if how == "last" else 1
    return vote if total is None or number <= first else total + vote


def add_votes(how: str, each: Iterable[Tensor]) -> list[Tensor]:
    """The votes of layers 1..l, for l = 1..L, from each layer's own [N, C]; see `add_vote`."""
    votes: list[Tensor] = []
    for number, vote in enumerate(each, start=1):
        votes.append(add_vote(how, votes[-1] if votes else None, vote, number))
    return votes


def moved(data: Data, device: torch.device) -> Data:
    """The same graph on a device, its integers as int64; the caller's own stays as it is.

    What the caller wants gradients of is detached, and what was made in inference mode is copied,
    for autograd refuses it.
    """
    out = copy.copy(data)
    for field in data.keys():  # noqa: SIM118 (a Data gives pairs)
        value = data[field]
        if not isinstance(value, Tensor):
            continue
        if value.is_inference():
            with torch.inference_mode(False):
                value = value.clone()
        if value.requires_grad:
            value = value.detach()
        if field in ("y", "edge_index", "edge_label_index"):
            value = value.long()
        out[field] = value
    return out.to(device)


def resolve_device(device: str | torch.device) -> torch.device:
    """The device that `"auto"` or a name stands for, if it exists here."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cuda = ["cuda", *(f"cuda:{k}" for k in range(count))] if count else []
    name = checks.one_of("device", str(device), ["auto", "cpu", *cuda])
    if name == "auto":
        name = "cuda" if cuda else "cpu"
    return torch.device(name)
