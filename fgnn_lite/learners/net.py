"""What every learner is: a stack of layers with settings, that can be made, trained and saved."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from os import PathLike
from typing import Any, ClassVar, cast
from weakref import WeakSet

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import with_edges
from fgnn_lite.history import History
from fgnn_lite.layers import BACKBONES, EVERY_BACKBONE, HEADS, Layer, can_weigh
from fgnn_lite.learners.files import place_of, write
from fgnn_lite.learners.run import Budget, Run
from fgnn_lite.matrices import Edges
from fgnn_lite.seeds import default_generator

FEATURES = ("auto", "sum", "l2", "none")
_BAGS_OF_WORDS = (
    "cora",
    "citeseer",
    "pubmed",
    "cora-ml",
    "citeseer-full",
    "pubmed-full",
    "photo",
)
KINDS: dict[str, type[Net]] = {}  # by name: every learner that has one
_DECIDED = ("layers", "num_features", "num_classes", "trained_layers", "scaling")  # and buffers
_TRAINING: WeakSet[Net] = WeakSet()  # those whose `fit` is running


class Net(nn.Module):
    """A graph neural network and the settings that it is made and trained with.

    The net is made by `fit`, which knows the graph: its layers are in `layers`, how it scales the
    input in `scaling`, and the features of its class nodes, if it has any, in `class_nodes` [C, F].
    Predictions depend on these alone, and they are saved.

    Args:
        backbone: `"gcn"`, `"sage"` or `"gat"` (four heads). `"gcn"` alone uses weights of
            edges; the others refuse a graph with `edge_weight` (or `edge_attr`).
        depth: L, the number of convolutions.
        hidden: H, the width of a layer, up to 65,536; a multiple of 4 for GAT.
        temperature: tau, from 1e-6 to 1e6; the logits are divided by it before the softmax.
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
    backbones: ClassVar[tuple[str, ...]] = tuple(BACKBONES)
    local: ClassVar[bool] = True  # whether each layer has a loss of its own
    links: ClassVar[bool] = False  # whether it judges pairs of nodes, by ROC-AUC
    class_nodes: Tensor | None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" in vars(cls):
            KINDS[cls.name] = cls

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
        self.backbone = checks.one_of("backbone", backbone, self.backbones)
        self.depth = checks.integer("depth", depth, 1, 1024)
        self.hidden = checks.integer("hidden", hidden, 1, checks.WIDEST)
        if self.backbone == "gat" and self.hidden % HEADS:
            below = self.hidden - self.hidden % HEADS
            near = " or ".join(str(width) for width in (below, below + HEADS) if width)
            raise ValueError(
                f"hidden must be divisible by GAT's {HEADS} heads; got {hidden} (try {near})"
            )
        self.temperature = checks.number("temperature", temperature, 1e-6, 1e6)
        self.seed = checks.integer("seed", seed, 0)
        self.features = checks.one_of("features", features, FEATURES)
        self.layers = nn.ModuleList()
        self.num_features = 0
        self.num_classes = 0
        self.trained_layers = 0
        self.scaling = ""  # what fit makes of `features`
        self.register_buffer("class_nodes", None)

    def save(self, path: str | PathLike[str]) -> None:
        """Write settings and weights to a file that `load_learner` reads.

        The file is written beside its place and moved there when it is whole: an error leaves a
        file that was there as it was. While `fit` runs, `on_epoch` may save a checkpoint: the
        weights as the last update left them, not the best so far, without the optimiser's state;
        what it predicts with are the layers trained so far, the one in training included.

        Args:
            path: the file; its folder must exist, and can be written to.

        Raises:
            NotFittedError: before `fit`.
            FileNotFoundError: if there is no such folder.
            ValueError: if a setting is a function of one's own or out of range, a weight is not
                finite, or something that is no file is there already.
        """
        Net._check_fitted(self)  # a net that cannot predict yet is a checkpoint, too
        path = place_of("path", path)
        own = [name for name, value in self.settings.items() if callable(value)]
        if own:
            raise ValueError(f"a learner whose {own[0]} is a function of your own cannot be saved")
        content = {
            "learner": self.name,
            "settings": type(self)(**self.settings).settings,  # checked, and of plain types
            "num_features": self.num_features,
            "num_classes": self.num_classes,
            "trained_layers": self.trained_layers,
            "scaling": self.scaling,
            "state": {name: value.cpu() for name, value in self.state_dict().items()},
        }
        write(content, path)

    @classmethod
    def setting_names(cls) -> list[str]:
        """The keyword arguments that this kind of learner takes: those of all its constructors."""
        kinds = reversed([kind for kind in cls.__mro__ if issubclass(kind, Net)])
        taken = [inspect.signature(kind.__init__).parameters.values() for kind in kinds]
        named = [p.name for each in taken for p in each if p.kind is p.POSITIONAL_OR_KEYWORD]
        return [name for name in dict.fromkeys(named) if name != "self"]

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments that make this learner."""
        return {name: getattr(self, name) for name in self.setting_names()}

    @property
    def layer_wise(self) -> bool:
        """Whether layers are trained one after the other."""
        return False

    def _net(self) -> list[Layer]:
        """The layers, in order."""
        return cast("list[Layer]", list(self.layers))

    def _layer_sizes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of each layer: F -> H -> ... -> H."""
        return list(pairwise([self.num_features, *[self.hidden] * self.depth]))

    def _answers(self, number: int) -> bool:
        """Whether this layer's output is the net's answer, without ReLU."""
        return not self.local and number == self.depth

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        """A new layer; the first one is number 1."""
        return Layer(self.backbone, inputs, outputs, last=self._answers(number))

    def _build(self, num_features: int, num_classes: int, dtype: torch.dtype) -> None:
        """Make the layers anew, each from a generator of its own, and the class nodes."""
        self.trained_layers = 0
        self.num_features, self.num_classes = num_features, num_classes
        self.layers = nn.ModuleList()
        for number, (inputs, outputs) in enumerate(self._layer_sizes(), start=1):
            with default_generator(self.seed, number):
                self.layers.append(self._layer(number, inputs, outputs).to(dtype))
        self.class_nodes = self._class_nodes(dtype)

    def _class_nodes(self, dtype: torch.dtype) -> Tensor | None:
        """The features of the class nodes [C, F], if this net has any."""
        return None

    def _updates(self, budget: Budget) -> int:
        """The number of updates if nothing stops early."""
        return budget.epochs * (self.depth if self.local else 1)

    def _run(
        self,
        budget: Budget,
        device: torch.device,
        data: Data,
        num_classes: int,
        train: Callable[[Run], None],
    ) -> History:
        """Make the layers anew and train them.

        Ctrl-C keeps what was learned so far; an error leaves the learner as it was. What the
        caller has switched on, inference mode, no gradients or autocast, does not count inside.

        Args:
            budget: how long and how fast, and what is called back.
            device: where it is trained.
            data: the graph that decides F, the type of the weights and the input's scaling.
            num_classes: C.
            train: the algorithm.
        """
        if self in _TRAINING:
            raise RuntimeError(
                f"this {self.name!r} learner is in training: its fit has not returned yet, and a "
                "second one would destroy the first; make another learner"
            )
        run: Run | None = None
        before: dict[str, Any] = {}
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast(device.type, enabled=False),
        ):
            try:
                _TRAINING.add(self)
                before = {name: getattr(self, name) for name in (*_DECIDED, *self._buffers)}
                self._build(data.x.shape[1], num_classes, data.x.dtype)
                self.scaling = self._scaling(data)
                with closing(
                    Run(budget, device, self._updates(budget), self._count, self.links)
                ) as run:
                    self.to(device)
                    train(run)
            except KeyboardInterrupt:
                if run is None or not run.history.records:  # nothing was learned
                    for name, value in before.items():
                        setattr(self, name, value)
                    return History(stopped="interrupted")
                run.interrupt()
                self._count(run.history)
            except BaseException:
                for name, value in before.items():
                    setattr(self, name, value)
                raise
            finally:
                _TRAINING.discard(self)
        return run.history

    def _count(self, history: History) -> None:
        """How many layers have learned something, now that these updates are made."""
        self.trained_layers = 0
        for record in history.records[-1:]:  # the layer that moved last is the highest
            self.trained_layers = (self.layer_wise and record.layer) or len(self.layers)

    def _scaling(self, data: Data) -> str:
        """`features`, with `"auto"` resolved for the graph to train on."""
        if self.features != "auto":
            return self.features
        return "sum" if "name" in data and data.name in _BAGS_OF_WORDS else "none"

    def _adjacency(self, data: Data, virtual: Tensor | None = None, more: int = 0) -> Edges:
        """The matrix [N + M, N + M] that layers multiply with, the edges' weights included.

        Args:
            data: a graph that was checked.
            virtual: edges of more nodes [2, E'], or `None`.
            more: M, how many nodes these are.
        """
        edge_index, weight = data.edge_index, checks.edge_weight(data)
        if virtual is not None:
            edge_index, weight = with_edges(data, virtual)
        make = EVERY_BACKBONE[self.backbone].edges
        return make(edge_index, len(data.x) + more, data.x.dtype, weight)

    def _check_edges(self, argument: str, data: Data) -> None:
        """That the backbone can use the weights of the edges, if it looks at edges at all."""
        field = checks.weight_field(data)
        if field and self.backbone in BACKBONES:
            can_weigh(self.backbone, f"{argument}.{field}", data[field])

    def _check_like(self, argument: str, data: Data, features: int, dtype: torch.dtype) -> None:
        """That the features are of the kind that training saw."""
        if (data.x.shape[1], data.x.dtype) != (features, dtype):
            raise ValueError(
                f"{argument}.x must have {features} features of {dtype}, as in training; got "
                f"{data.x.shape[1]} of {data.x.dtype}"
            )

    def _check_fitted(self) -> None:
        if self.trained_layers == 0:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {self.name!r} learner has learned nothing yet: call fit")
