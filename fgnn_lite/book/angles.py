"""How local a rule is: the angle between what a layer does and what backpropagation would do."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import Record
from fgnn_lite.layers import BACKBONES, GraphInput, normalise
from fgnn_lite.learners import DFA, SF, ClassGroups, Learner
from fgnn_lite.learners.base import moved, nodes_in
from fgnn_lite.matrices import Features

__all__ = ["along", "angles", "between"]


def between(one: Iterable[Tensor], other: Iterable[Tensor]) -> float:
    """The angle between two directions, each a list of tensors read as one long vector.

        angle = arccos(u . v / (||u|| ||v||))

    Args:
        one: u, in parts of any shape.
        other: v, in parts of the same shapes.

    Returns:
        Degrees, from 0 to 180; 90 where they have nothing in common; NaN if one of them is 0.

    Chapter 14.
    """
    u, v = (torch.cat([part.detach().double().flatten() for part in each]) for each in (one, other))
    cosine = float(u @ v / (u.norm() * v.norm()))
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine)))) if cosine == cosine else cosine


def angles(learner: Learner, data: Data) -> list[float]:
    """How far each layer's own direction is from the true gradient, at the weights of now.

        angle_l = arccos(u_l . v_l / (||u_l|| ||v_l||))

    u_l is what the layer's optimiser is given, without weight decay. v_l is the gradient of one
    cross-entropy on the training nodes through all layers: of DFA that of its logits, which it is
    meant to lower; of SF and class groups, which have no output layer, the loss of the top layer,
    with its norms and nothing detached. In the top layer the two are one.

    Args:
        learner: a `DFA`, `SF` or `ClassGroups` that has learned something; `on_epoch` may ask, too.
            It is not touched.
        data: the graph that it was trained on.

    Returns:
        Degrees [L], from the bottom up.

    Raises:
        TypeError: if it is another kind of learner.
        NotFittedError: before `fit` (a ValueError).

    Source: Lillicrap et al., *Random synaptic feedback weights support error backpropagation for
    deep learning* (2016). Chapter 14.
    """
    if not isinstance(learner, DFA | SF | ClassGroups):
        raise TypeError(f"learner must be a DFA, SF or ClassGroups; got {type(learner).__name__}")
    learner._check_fitted()
    net = copy.deepcopy(learner)
    data = moved(data, next(net.parameters()).device)
    with torch.inference_mode(False), torch.enable_grad():
        if isinstance(net, DFA):
            own, true = _of_dfa(net, data)
        else:
            own, true = (_of_layers(net, data, cut) for cut in (True, False))
    return [between(u, v) for u, v in zip(own, true, strict=True)]


def along(
    learner: Learner, data: Data, every: int = 20, epochs: int = 200, **fit: Any
) -> dict[int, list[float]]:
    """Train, and ask for the angles on the way: after update 1, every so many, and the last one.

    Args:
        learner: one whose layers move at once, as those of `DFA`; it is trained.
        data: the graph to train on.
        every: so many updates lie between two looks.
        epochs: how many updates.
        **fit: as for `Learner.fit`, but for `on_epoch`.

    Returns:
        updates -> degrees [L], as `angles` gives them.

    Raises:
        TypeError: if `angles` does not know the learner.
        ValueError: if it trains layer by layer: the layers above have learned nothing then.

    Chapter 14.
    """
    if learner.layer_wise:
        raise ValueError(f"learner must move all layers at once; {learner.name!r} does not")
    every = checks.integer("every", every, 1)
    found: dict[int, list[float]] = {}

    def look(record: Record) -> None:
        updates = record.epoch + 1
        if updates in (1, epochs) or updates % every == 0:
            found[updates] = angles(learner, data)

    learner.fit(data, epochs=epochs, on_epoch=look, **fit)
    return found


def _of_dfa(net: DFA, data: Data) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
    """Both directions of each layer."""
    (view, paths), train = net._view(data), nodes_in(data, "train_mask")
    _, top, _ = net._feed_back(view, paths, data.y[train], train)
    top.backward()
    own = _taken(net)
    logits = net._logits(view)[train] / net.temperature
    functional.cross_entropy(logits, data.y[train]).backward()
    return own, _taken(net)


def _of_layers(net: SF | ClassGroups, data: Data, cut: bool) -> list[list[Tensor]]:
    """The gradient of each layer's own loss, or, if layers are not cut off, of the top one's."""
    train = nodes_in(data, "train_mask")
    if isinstance(net, SF):
        view, virtual = net._view(data, net._feeder())
        rows = torch.cat([train, virtual])
    else:
        view, rows = net._view(data, len(data.x)), train
    features = view.features
    matrix = BACKBONES[net.backbone].compressed(view.edges)
    loss = data.x.new_zeros(())
    for layer in net._net():
        z = layer(GraphInput(features, matrix))
        said = net._logits(z[rows]) if isinstance(net, SF) else net._logits(layer, z[rows])
        own = functional.cross_entropy(said, data.y[train])
        loss = loss + own if cut else own
        features = Features([normalise(z.detach() if cut else z)])
    loss.backward()
    return _taken(net)


def _taken(net: Learner) -> list[list[Tensor]]:
    """The gradients of each layer, which are gone then."""
    found = []
    for layer in net.layers:
        found.append([p.grad for p in layer.parameters() if p.grad is not None])
        layer.zero_grad(set_to_none=True)
    return found
