"""Single-forward with a top-down signal in the input: a layer gets the state above it, too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import label_features
from fgnn_lite.layers import BACKBONES, normalise
from fgnn_lite.learners.base import add_votes, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.learners.top_down import (
    SETTLING,
    UPDATES,
    TopDownInput,
    moves,
    order,
    settled_votes,
    with_above,
)
from fgnn_lite.objectives import margins, sf_logits

ABOVE = ("all", "states", "labels", "nothing")


class SFTopToInput(SingleForward):
    """All layers learn at once; each one gets the states below and above it as its input.

        s_l = norm(Z_l), detached;   Z_l = f_l([s_{l-1} | s_{l+1}], E')
        s_0 = norm(X');   s_{L+1} = norm(Y'): one-hot on training and class nodes, else 1/C
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train)
        prediction = arg max_c sum_l sum_t softmax(Z_l(t) Z_virtual(t)^T / tau)_c

    It starts with a pass from the bottom, with zeros in place of what is above. Then every step
    updates each layer once. To predict, the same pass is followed by steps without learning, and
    the votes of all but the first two are counted. All layers are alive at once, so memory grows
    with depth.

    Args:
        updates: `"alternating"`: in each step layers 1, 3, 5, ... move first, and 2, 4, ... get
            their new states; `"simultaneous"`: all get the states of the step before.
        steps: steps of inference, at least 3.
        above: what layers get from above: `"all"`, the upper layers' `"states"` alone, the
            `"labels"` alone or `"nothing"`; the rest is zeros.
        **shared: as for `SingleForward`.

    Source: Park et al. (2024), section 3.3; `above` is this library's own. Chapter 9.
    """

    name = "sf-top-to-input"

    def __init__(
        self, updates: str = "alternating", steps: int = 10, above: str = "all", **shared: Any
    ) -> None:
        super().__init__(**shared)
        self.updates = checks.one_of("updates", updates, UPDATES)
        self.steps = checks.integer("steps", steps, SETTLING + 1)
        self.above = checks.one_of("above", above, ABOVE)

    def class_scores(self, data: Data, above: str | None = None) -> list[Tensor]:
        """As `Learner.class_scores`; prediction may leave out more than training did.

        Args:
            data: as for `Learner.predict`.
            above: what layers get from above, as for the constructor; `None` for what they got in
                training.

        Returns:
            Scores [N, C] using layers 1..l, for l = 1..L, on the CPU.
        """
        above = checks.one_of("above", self.above if above is None else above, ABOVE)
        return self._predicted(data, lambda there: self._votes(self._constants(there, above)))

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return with_above(super()._layer_sizes(), self.num_classes)

    def _train(self, run: Run, data: Data) -> None:
        x = self._constants(data, self.above)  # [N + C, F + H]
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        last = order(self.updates, self.depth)[-1][-1]
        optimizers = [run.optimizer(layer) for layer in self._net()]
        with torch.no_grad():
            states = self._start(x)  # L x [N + C, H]
        validate = validation(lambda: self._votes(x)[-1][val], data.y, val)

        for _ in run.epochs(self.layers, number=None):
            for k, before in moves(self.updates, states):
                z = self._net()[k](x.of(k, before))  # [N + C, H]
                nodes, virtual = self._split(z)  # [N, H], [C, H]
                logits = sf_logits(nodes[train], virtual, self.temperature)  # [T, C]
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizers[k], loss)  # inside this layer, and nowhere else
                states[k] = normalise(z.detach())
                judge = validate if k == last else None
                margin = margins(logits.detach(), data.y[train])
                run.report(loss, margin, judge, layer=k + 1)
                if run.stopped:
                    break

    def _constants(self, data: Data, above: str) -> TopDownInput:
        """The input below, the labels above, the edges, and what of it layers get."""
        n, c = len(data.x), self.num_classes
        edges, virtual = self._augmented(data)
        matrix = BACKBONES[self.backbone].compressed(edges)
        bottom = self._input(data, (n + c) * BACKBONES[self.backbone].kept)
        train = nodes_in(data, "train_mask")
        labels = torch.cat([data.y[train], torch.arange(c, device=data.y.device)])
        top = label_features(labels, torch.cat([train, virtual]), n + c, c, data.x.dtype)
        sees_states, sees_labels = (above in ("all", kind) for kind in ABOVE[1:3])
        return TopDownInput(bottom, matrix, normalise(top), sees_states, sees_labels)

    def _start(self, x: TopDownInput) -> list[Tensor]:
        zeros = [self.class_nodes.new_zeros(x.matrix.size[0], self.hidden) for _ in self.layers]
        return x.start(self._net(), zeros)

    def _votes(self, x: TopDownInput) -> list[Tensor]:  # L x [N, C]
        layers = self._net()
        each = settled_votes(
            lambda k, before: layers[k](x.of(k, before)),
            self._vote,
            self._start(x),
            self.steps,
            self.updates,
        )
        return add_votes(self.accumulate, each)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return self._votes(self._constants(data, self.above))
