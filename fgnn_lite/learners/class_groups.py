"""Class groups: each class has some of a layer's units, and theirs is the goodness that counts."""

from __future__ import annotations

from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import Layer
from fgnn_lite.learners.in_turn import InTurn
from fgnn_lite.objectives import group_goodness


class ClassGroups(InTurn):
    """Layers trained in turn, so that the units of the right class have the highest goodness.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))
        g_c = mean over the units j of group c of Z_l[:, j]^2   [N, C]
        loss_l = cross-entropy(g_train / tau, y_train)
        prediction = arg max_c sum_l softmax(g / tau)_c

    The H units are cut into C groups of neighbouring units. No label is in the input, no negative
    is made and there is one pass: the other groups are the negatives. Where C does not divide H,
    some groups have one unit more, which the mean does not see. As in `SF`, a layer's input is a
    constant while it trains: it is detached, normalised and, for GCN and GraphSAGE, propagated
    once; memory does not grow with depth.

    Args:
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`; `hidden` must be at least C.

    Source: Hinton (2022), on many local goodness functions, among the open questions;
    Papachristodoulou et al., *Convolutional channel-wise competitive learning for the
    forward-forward algorithm* (2024); on graphs this library's own. Chapter 14.
    """

    name = "class-groups"

    def _check_graph(self, data: Data) -> None:
        classes = checks.num_classes(data)
        if self.hidden < classes:
            raise ValueError(
                f"hidden must be at least the graph's {classes} classes, each of which has a group "
                f"of units; got {self.hidden}"
            )

    def _logits(self, layer: Layer, z: Tensor) -> Tensor:  # [., H] -> [., C]
        return group_goodness(z, self.num_classes) / self.temperature
