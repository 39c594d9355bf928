"""The interface that all learners share: fit, predict, score, save."""

from __future__ import annotations

import copy
import inspect
import pickle
from abc import abstractmethod
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.layers import BACKBONES, HEADS, Layer
from fgnn_lite.learners.run import Budget, OnEpoch, Run
from fgnn_lite.objectives import accuracy
from fgnn_lite.seeds import default_generator

FEATURES = ("auto", "sum", "l2", "none")
ACCUMULATE = ("all", "skip-first", "last")
_BAGS_OF_WORDS = (
    "cora",
    "citeseer",
    "pubmed",
    "cora-ml",
    "citeseer-full",
    "pubmed-full",
    "photo",
)
_FORMAT = 1


class Learner(nn.Module):
    """A way to train a graph neural network, from `fit` to `predict`.

    The net is made by `fit`, which knows the graph's sizes; its layers are in `layers`.

    Args:
        backbone: `"gcn"`, `"sage"` or `"gat"` (four heads).
        depth: L, the number of convolutions.
        hidden: H, the width of a layer.
        temperature: tau > 0; the logits are divided by it before the softmax.
        seed: every random number of the net is derived from it, layer by layer, so that a deeper
            net begins like a shallower one.
        features: how the input rows are scaled: `"sum"` (absolute values add up to 1), `"l2"`
            (length 1) or `"none"`. `"auto"` is `"sum"` on the graphs whose features are bags of
            words, as in the paper, and `"none"` elsewhere.

    Raises:
        ValueError: if a value is out of range.
        TypeError: if it is of another kind.
    """

    name: ClassVar[str]
    classifies: ClassVar[bool] = False  # whether the last layer answers, with a column per class

    def __init__(
        self,
        backbone: str = "gcn",
        depth: int = 2,
        hidden: int = 128,
        temperature: float = 1.0,
        seed: int = 0,
        features: str = "auto",
    ) -> None:
        super().__init__()
        self.backbone = checks.one_of("backbone", backbone, BACKBONES)
        self.depth = checks.integer("depth", depth, 1, 1024)
        self.hidden = checks.integer("hidden", hidden, 1)
        if backbone == "gat" and self.hidden % HEADS:
            raise ValueError(
                f"hidden must be divisible by GAT's {HEADS} heads; got {hidden} "
                f"(try {hidden - hidden % HEADS or HEADS} or {hidden - hidden % HEADS + HEADS})"
            )
        self.temperature = checks.number("temperature", temperature, 0.0, open_low=True)
        self.seed = checks.integer("seed", seed, 0)
        self.features = checks.one_of("features", features, FEATURES)
        self.layers = nn.ModuleList()
        self.num_features = 0
        self.num_classes = 0
        self.trained_layers = 0

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

        The same seed on the same CPU gives the same numbers, bit for bit. On CUDA sums over edges
        are added up in no fixed order, so two runs agree to rounding only. Neither `data` nor the
        global random generators are changed. Ctrl-C ends training, keeps the best state so far and
        returns the history.

        Args:
            data: x [N, F], y [N], edge_index [2, E], train_mask [N], val_mask [N].
            epochs: updates at most: per layer for the layer-wise learners, for the net otherwise.
            patience: validations without a gain before a layer (or the net) stops.
            val_every: updates between validations; the last update is always validated.
            lr: Adam's step size.
            weight_decay: Adam's weight decay (added to the gradient).
            on_epoch: called with a `Record` after every update; returning `False` stops.
            progress: show a progress bar.
            device: `"auto"` takes CUDA where there is one; else a name such as `"cpu"`.
            restore_best: leave each layer (or the net) in the state of its best validation, the
                first of equals. Needs a validation node.

        Returns:
            The history: one record per update.

        Raises:
            ValueError: if an argument is out of range or the graph cannot be trained on.
        """
        budget = Budget(epochs, patience, val_every, lr, weight_decay, restore_best)
        checks.flag("progress", progress)
        if on_epoch is not None and not callable(on_epoch):
            raise TypeError(f"on_epoch must be callable or None; got {type(on_epoch).__name__}")
        checks.graph(data, masks=("train_mask", "val_mask") if restore_best else ("train_mask",))
        self._check_graph(data)
        where = resolve_device(device)

        total = budget.epochs * (self.depth if self.layer_wise else 1)
        run = Run(budget, where, on_epoch, progress, total)
        self._build(data.x.shape[1], checks.num_classes(data), data.x.dtype)
        self.to(where)
        try:
            self._train(run, moved(data, where))
        except KeyboardInterrupt:
            run.interrupt()
        finally:
            run.close()
            layers = run.history.layers
            self.trained_layers = len(layers) if self.layer_wise or not layers else self.depth
        return run.history

    def predict(self, data: Data) -> Tensor:
        """The most likely class of every node.

        Args:
            data: a graph with the F features and C classes of the one that `fit` saw; its edges,
                train_mask and training labels are used, no other label.

        Returns:
            Classes [N], int64, on the CPU.

        Raises:
            NotFittedError: before `fit` (a ValueError).
            ValueError: if the graph does not fit the net.
        """
        return self._scores(data)[-1].argmax(dim=-1).cpu()

    def score(self, data: Data, mask: str | Tensor = "test") -> float:
        """The share of nodes whose class is predicted, in [0, 1].

        Args:
            data: as for `predict`.
            mask: `"train"`, `"val"`, `"test"`, or a boolean tensor [N].

        Raises:
            ValueError: as `predict`; or if the mask is missing, empty or of another shape.
        """
        return self._accuracies(data, mask)[-1]

    def layer_scores(self, data: Data, mask: str | Tensor = "test") -> list[float]:
        """The accuracy using layers 1..l, for l = 1..L; one number for a net trained as a whole.

        Args:
            data: as for `predict`.
            mask: as for `score`.
        """
        return self._accuracies(data, mask)

    def save(self, path: str | PathLike[str]) -> None:
        """Write settings and weights to a file that `load_learner` reads.

        Args:
            path: the file; its folder must exist.

        Raises:
            NotFittedError: before `fit`.
            ValueError: if a setting is a function of one's own.
        """
        self._check_fitted()
        own = [name for name, value in self.settings.items() if callable(value)]
        if own:
            raise ValueError(f"a learner whose {own[0]} is a function of your own cannot be saved")
        content = {
            "format": _FORMAT,
            "learner": self.name,
            "settings": self.settings,
            "num_features": self.num_features,
            "num_classes": self.num_classes,
            "trained_layers": self.trained_layers,
            "state": {name: value.cpu() for name, value in self.state_dict().items()},
        }
        torch.save(content, path)

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments that make this learner."""
        kinds = reversed([kind for kind in type(self).__mro__ if issubclass(kind, Learner)])
        taken = [inspect.signature(kind.__init__).parameters.values() for kind in kinds]
        named = [p.name for each in taken for p in each if p.kind is p.POSITIONAL_OR_KEYWORD]
        return {name: getattr(self, name) for name in dict.fromkeys(named) if name != "self"}

    @property
    def layer_wise(self) -> bool:
        """Whether layers are trained one after the other."""
        return False

    def _check_graph(self, data: Data) -> None:
        """What this learner demands of a graph beyond what all do."""

    @abstractmethod
    def _train(self, run: Run, data: Data) -> None:
        """The algorithm."""

    @abstractmethod
    def _class_scores(self, data: Data) -> list[Tensor]:
        """A score for every node and class [N, C], using layers 1..l, for each trained l."""

    def _net(self) -> list[Layer]:
        """The layers, in order."""
        return cast("list[Layer]", list(self.layers))

    def _layer_sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of each layer: F -> H -> ... -> H (or C)."""
        last = self.num_classes if self.classifies else self.hidden
        return list(pairwise([self.num_features, *[self.hidden] * (self.depth - 1), last]))

    def _build(self, num_features: int, num_classes: int, dtype: torch.dtype) -> None:
        """Make the layers anew, each from a generator of its own."""
        self.num_features, self.num_classes = num_features, num_classes
        self.trained_layers = 0
        self.layers = nn.ModuleList()
        for number, (inputs, outputs) in enumerate(self._layer_sizes(), start=1):
            last = self.classifies and number == self.depth
            with default_generator(self.seed, number):
                self.layers.append(Layer(self.backbone, inputs, outputs, last).to(dtype))

    def _scaling(self, data: Data) -> str:
        """`features`, with `"auto"` resolved for this graph."""
        if self.features != "auto":
            return self.features
        return "sum" if "name" in data and data.name in _BAGS_OF_WORDS else "none"

    def _check_fitted(self) -> None:
        if self.trained_layers == 0:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {self.name!r} learner has learned nothing yet: call fit")

    def _scores(self, data: Data) -> list[Tensor]:
        self._check_fitted()
        checks.graph(data, masks=("train_mask",))
        if data.x.shape[1] != self.num_features:
            raise ValueError(
                f"data must have the {self.num_features} features that the learner was fitted "
                f"with; got {data.x.shape[1]}"
            )
        if checks.num_classes(data) != self.num_classes:
            raise ValueError(
                f"data must have the {self.num_classes} classes that the learner was fitted "
                f"with; got {checks.num_classes(data)}"
            )
        weight = next(self.parameters())
        if data.x.dtype != weight.dtype:
            raise ValueError(
                f"data.x must be {weight.dtype}, as when the learner was fitted; got {data.x.dtype}"
            )
        with torch.no_grad():
            return self._class_scores(moved(data, weight.device))

    def _accuracies(self, data: Data, mask: str | Tensor) -> list[float]:
        scores = self._scores(data)
        chosen = checks.mask(data, mask)
        labels = data.y[chosen].cpu()
        return [accuracy(score.cpu()[chosen.cpu()], labels) for score in scores]


def add_vote(how: str, total: Tensor | None, vote: Tensor, number: int) -> Tensor:
    """The votes of layers 1..number, from those of the layers below and this layer's own.

    Args:
        how: `"all"` adds them up, `"skip-first"` leaves layer 1 out where there is another, as
            Hinton does, `"last"` listens to the highest layer only.
        total: the votes so far [N, C]; `None` for the first layer.
        vote: this layer's [N, C].
        number: this layer's, from 1.
    """
    first = 2 if how == "skip-first" else number if how == "last" else 1
    return vote if total is None or number <= first else total + vote


def load_learner(path: str | PathLike[str]) -> Learner:
    """Read a learner that `Learner.save` wrote; it predicts as before, on the CPU.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if the file is damaged or is something else.
    """
    from fgnn_lite.learners import make_learner

    if not Path(path).is_file():
        raise FileNotFoundError(f"path must name a saved learner; there is no file {path!s}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content["format"] != _FORMAT:
            raise ValueError(f"format {content['format']}")
        state = content["state"]
        learner = make_learner(content["learner"], **content["settings"])
        dtype = next(iter(state.values())).dtype
        learner._build(content["num_features"], content["num_classes"], dtype)
        learner.load_state_dict(state)
        learner.trained_layers = checks.integer(
            "trained_layers", content["trained_layers"], 1, learner.depth
        )
    except (
        pickle.UnpicklingError,
        RuntimeError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        StopIteration,
    ) as error:
        message = f"path must name a file that Learner.save wrote; {path!s} is damaged or another"
        raise ValueError(f"{message} kind of file ({type(error).__name__}: {error})") from error
    return learner


def moved(data: Data, device: torch.device) -> Data:
    """The same graph on another device; the caller's own stays where it is."""
    return data if data.x.device == device else copy.copy(data).to(device)


def resolve_device(device: str | torch.device) -> torch.device:
    """The device that `"auto"` or a name stands for, if it exists here."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        where = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"device must be 'auto', 'cpu', 'cuda' or another PyTorch device; got {device!r}"
        ) from error
    if where.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device must exist here; got {device!r}, but there is no CUDA device")
    return where
