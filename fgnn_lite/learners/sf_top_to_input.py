"""Single-forward with a top-down signal in the input: a layer hears the one above it, too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import label_features
from fgnn_lite.layers import Heard, compressed, normalise
from fgnn_lite.learners.base import add_votes
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.matrices import Features
from fgnn_lite.objectives import accuracy, margins, sf_logits

UPDATES = ("alternating", "simultaneous")
ABOVE = ("all", "states", "labels", "nothing")
SETTLING = 2  # steps of inference whose votes are not counted


class SFTopToInput(SingleForward):
    """All layers learn at once; each one hears the layer below and the layer above.

        s_l = norm(Z_l), detached;   Z_l = f_l([s_{l-1} | s_{l+1}], E')
        s_0 = norm(X');   s_{L+1} = norm(Y'): one-hot on training and class nodes, else 1/C
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train)
        prediction = arg max_c sum_l sum_t softmax(Z_l(t) Z_virtual(t)^T / tau)_c

    It starts with a pass from the bottom that hears zeros from above. Then every step updates each
    layer once. To predict, the same pass is followed by steps without learning, and the votes of
    all but the first two are counted. All layers are alive at once, so memory grows with depth.

    Args:
        updates: `"alternating"`: in each step layers 1, 3, 5, ... move first, and 2, 4, ... hear
            what they became; `"simultaneous"`: all hear the states of the step before.
        steps: steps of inference, at least 3.
        above: what is heard from above, in training and in prediction: `"all"`, the upper layers'
            `"states"` alone, the `"labels"` alone or `"nothing"`; the rest is zeros. It may be
            changed after training.
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

    def _layer_sizes(self) -> list[tuple[int, int]]:
        above = [*[self.hidden] * (self.depth - 1), self.num_classes]
        sizes = super()._layer_sizes()
        return [(below + a, out) for (below, out), a in zip(sizes, above, strict=True)]

    def _train(self, run: Run, data: Data) -> None:
        world = _Ends(self, data)
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        optimizers = [run.optimizer(layer) for layer in self._net()]
        with torch.no_grad():
            states = self._start(world)

        def validate() -> float:
            return accuracy(self._votes(world)[-1][val], data.y[val])

        moves = order_of_moves(self.updates, self.depth)
        for _ in run.epochs(self.layers, number=None):
            for k, fresh in moves:
                if fresh:
                    heard = list(states)
                z = self._net()[k](world.heard(k, heard))
                nodes, virtual = self._split(z)
                logits = sf_logits(nodes[train], virtual, self.temperature)
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizers[k], loss)  # inside this layer, and nowhere else
                states[k] = normalise(z.detach())
                ahead = margins(logits.detach(), data.y[train])
                judge = validate if k == moves[-1][0] and len(val) else None
                run.report(loss, ahead, judge, layer=k + 1)
                if run.stopped:
                    break

    def _start(self, world: _Ends) -> list[Tensor]:
        """One pass from the bottom, with zeros from above: states L x [N + C, H]."""
        states = [world.silence(self.hidden) for _ in range(self.depth)]
        for k, layer in enumerate(self._net()):
            states[k] = normalise(layer(world.heard(k, states, labels=False)))
        return states

    def _votes(self, world: _Ends) -> list[Tensor]:
        states = self._start(world)
        each = [world.silence(self.num_classes)[: world.num_nodes] for _ in range(self.depth)]
        for step in range(self.steps):
            for k, fresh in order_of_moves(self.updates, self.depth):
                if fresh:
                    heard = list(states)
                z = self._net()[k](world.heard(k, heard))
                states[k] = normalise(z)
                if step >= SETTLING:
                    each[k] = each[k] + self._vote(z)
        return add_votes(self.accumulate, each)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return self._votes(_Ends(self, data))


def order_of_moves(updates: str, depth: int) -> list[tuple[int, bool]]:
    """The layers of one step, from 0, and whether to look at all states anew before it moves."""
    if updates == "simultaneous":
        return [(k, k == 0) for k in range(depth)]
    return [(k, k < 2) for k in (*range(0, depth, 2), *range(1, depth, 2))]


class _Ends:
    """What stays the same while states change: the input below, the labels above, the edges."""

    def __init__(self, learner: SFTopToInput, data: Data) -> None:
        c, self.num_nodes = learner.num_classes, len(data.x)
        above = checks.one_of("above", learner.above, ABOVE)
        self.hears_states, self.hears_labels = (above in ("all", kind) for kind in ABOVE[1:3])
        edges, virtual = learner._augmented(data)
        self.matrix = compressed(learner.backbone, edges)
        self.bottom = learner._input(data, self.num_nodes + c)
        train = data.train_mask.nonzero().squeeze(-1)
        nodes = torch.cat([train, virtual])
        labels = torch.cat([data.y[train], torch.arange(c, device=data.y.device)])
        self.top = normalise(label_features(labels, nodes, self.num_nodes + c, c, data.x.dtype))

    def silence(self, width: int) -> Tensor:
        """Zeros [N + C, width]."""
        return self.top.new_zeros(len(self.top), width)

    def heard(self, k: int, states: list[Tensor], labels: bool = True) -> Heard:
        """What layer k, from 0, hears: the state below it and, beside that, the one above."""
        below = Features([states[k - 1]]) if k else self.bottom
        inner = k + 1 < len(states)
        above = states[k + 1] if inner else self.top
        if not (self.hears_states if inner else self.hears_labels and labels):
            above = torch.zeros_like(above)
        return Heard(Features(below.blocks, below.scales, above), self.matrix)
