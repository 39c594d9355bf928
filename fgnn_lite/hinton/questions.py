"""Hinton's open questions: other goodnesses, another activation, another norm, fast weights.

The goodnesses are given to a forward-forward learner as they are: `goodness=hinton.minus_squares`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.hinton.supervised import SupervisedFF
from fgnn_lite.layers import Layer, LayerInput
from fgnn_lite.matrices import Edges

ACTIVATIONS = ("relu", "t")
NORMS = ("length", "layer")


def minus_squares(h: Tensor) -> Tensor:
    """The goodness of a layer that is to be silent for positives.

        g(h) = -sum_j h_j^2

    With the threshold -theta, the loss is the usual one with positives and negatives exchanged.

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Source: Hinton (2022), among the open questions at its end.
    """
    return -h.square().sum(dim=-1)


def detectors_violators(h: Tensor) -> Tensor:
    """Half of the units should be active for positives, the other half for negatives.

        g(h) = sum over the first H/2 units of h_j^2 - sum over the others of h_j^2

    Args:
        h: activities [N, H]; of an odd H the second half is the larger one.

    Returns:
        Goodness [N], for which 0 is a natural threshold.

    Source: Hinton (2022), among the open questions at its end.
    """
    detectors, violators = h.tensor_split([h.shape[-1] // 2], dim=-1)
    return detectors.square().sum(dim=-1) - violators.square().sum(dim=-1)


def t_activation(z: Tensor, nu: float = 1.0) -> Tensor:
    """The negative logarithm of a t-distribution's density, without its constant.

        a(z) = (nu + 1) / 2 log(1 + z^2 / nu)

    It is z^2 / 2 for large nu; its slope is bounded for small ones, so that no unit can make a
    row good alone.

    Args:
        z: what a layer computes, before its activation [N, H].
        nu: degrees of freedom, above 0.

    Returns:
        Activities [N, H], none below 0.

    Raises:
        ValueError: if `nu` is not above 0.

    Source: Hinton (2022), among the open questions at its end.
    """
    nu = checks.number("nu", nu, 1e-6, 1e9)
    return (nu + 1) / 2 * torch.log1p(z.square() / nu)


def fast_weights(data: Data) -> Tensor:
    """What a node computes if its neighbours' features are added to its weights for a moment.

        W_i = I + sum over neighbours j of x_j x_j^T
        out_i = W_i x_i = x_i + sum over neighbours j of (x_j . x_i) x_j

    The second form is attention without a softmax: x_j . x_i says how much neighbour j weighs. No
    F x F matrix is made.

    Args:
        data: a graph with x [N, F] and edge_index [2, E]; weights of edges are not looked at.

    Returns:
        Features [N, F]; those of a node without in-neighbours are its own.

    Raises:
        ValueError: if the graph has not what it needs.

    Source: Hinton (2022), among the open questions at its end.
    """
    checks.graph(data, masks=(), labels=False)
    x, (source, target) = data.x.detach(), data.edge_index.long()
    weight = (x[source] * x[target]).sum(dim=-1)  # [E]
    return x + Edges(target, source, weight, (len(x), len(x))).sparse() @ x


class TLayer(Layer):
    """A layer whose activation is that of a t-distribution, in place of ReLU."""

    def forward(self, x: LayerInput) -> Tensor:  # -> [R, H]
        """log(1 + z^2): activities for the rows that `x` was prepared for.

        Args:
            x: from `prepare`.
        """
        return t_activation(x.aggregate(self.conv.weight, self.conv.bias))


class VariedFF(SupervisedFF):
    """Hinton's supervised net with another activation, or another norm between its layers.

        h_l = a(W_l norm(h_{l-1}) + b_l)

    Args:
        activation: `"relu"`, or `"t"`, which is log(1 + z^2): see `t_activation`.
        between: the norm between layers: `"length"` makes the length of a row 1 and takes from it
            the sum of squares; `"layer"` makes its mean 0 and its variance 1, and takes from it
            the sum as well.
        **shared: as for `SupervisedFF`; with `norm=False` there is none.

    Source: Hinton (2022), among the open questions at its end.
    """

    name = "hinton-varied"

    def __init__(self, activation: str = "relu", between: str = "length", **shared: Any) -> None:
        super().__init__(**shared)
        self.activation = checks.one_of("activation", activation, ACTIVATIONS)
        self.between = checks.one_of("between", between, NORMS)

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        make = TLayer if self.activation == "t" else Layer
        return make(self.backbone, inputs, outputs)

    def _next_input(self, h: Tensor) -> Tensor:
        if self.norm and self.between == "layer":
            return functional.layer_norm(h, h.shape[-1:])
        return super()._next_input(h)
