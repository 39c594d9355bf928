"""Links by forward-forward: high goodness for a pair that is linked, low for another."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.learners.link import Pairs
from fgnn_lite.learners.link_ce import LinkCE
from fgnn_lite.objectives import sum_squares


class LinkFF(LinkCE):
    """As `LinkCE`, with the goodness of the two ends' product in place of its sum.

        g_ij = sum_h (z_ih z_jh)^2;   loss_l = binary cross-entropy of sigmoid((g_ij - theta) / tau)

    Args:
        theta: the goodness that separates links from other pairs.
        **shared: as for every learner of links, see `LinkLearner`.

    Source: Park et al. (2024), section 3.4 (ForwardGNN-FF). Chapter 10.
    """

    name = "link-ff"

    def __init__(self, theta: float = 2.0, **shared: Any) -> None:
        super().__init__(**shared)
        self.theta = checks.number("theta", theta)

    def _logits(self, z: Tensor, pairs: Pairs) -> Tensor:
        return (sum_squares(pairs.multiplied(z)) - self.theta) / self.temperature

    def _goodness(self, logits: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        g = logits.detach() * self.temperature + self.theta
        return g[pairs.label > 0], g[pairs.label == 0]
