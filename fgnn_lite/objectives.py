"""What a layer tries to achieve: pure functions on tensors.

Shapes: T training nodes, K negatives, C classes, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "GOODNESS",
    "accuracy",
    "ff_loss",
    "group_goodness",
    "margins",
    "mean_squares",
    "negative_entropy",
    "sf_logits",
    "sf_loss",
    "sum_abs",
    "sum_squares",
    "symba_loss",
]


def sum_squares(h: Tensor) -> Tensor:
    """Hinton's goodness, the squared length of each row.

        g(h) = sum_j h_j^2

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Source: Hinton (2022), section 2. Chapter 2.
    """
    return h.square().sum(dim=-1)


def mean_squares(h: Tensor) -> Tensor:
    """The goodness that does not grow with the width.

        g(h) = 1/H sum_j h_j^2

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Chapter 2.
    """
    return h.square().mean(dim=-1)


def sum_abs(h: Tensor) -> Tensor:
    """The unsquared sum.

        g(h) = sum_j |h_j|

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Source: Hinton (2022), among the open questions at its end.
    """
    return h.abs().sum(dim=-1)


def negative_entropy(h: Tensor) -> Tensor:
    """How concentrated a row is.

        g(h) = sum_j p_j log p_j,   p = softmax(h)

    Between -log H, where all activities are equal, and 0, where one stands out.

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Source: this library's own.
    """
    log_p = torch.log_softmax(h, dim=-1)
    return (log_p.exp() * log_p).sum(dim=-1)


GOODNESS: dict[str, Callable[[Tensor], Tensor]] = {
    "sum-squares": sum_squares,
    "mean-squares": mean_squares,
    "sum-abs": sum_abs,
    "negative-entropy": negative_entropy,
}


def group_goodness(h: Tensor, groups: int) -> Tensor:
    """The mean square of each group of units, which lie side by side.

        g_c(h) = mean over the units j of group c of h_j^2

    Args:
        h: activities [N, H].
        groups: C, from 1 to H; unit j belongs to group floor(j C / H), so that no group has more
            than one unit more than another.

    Returns:
        Goodness [N, C]; of one group it is `mean_squares`.

    Raises:
        ValueError: if there are more groups than units.

    Source: Papachristodoulou et al., *Convolutional channel-wise competitive learning for the
    forward-forward algorithm* (2024). Chapter 14.
    """
    units = h.shape[-1]
    if not 1 <= groups <= units:
        raise ValueError(f"groups must be from 1 to the {units} units of a row; got {groups}")
    group = torch.arange(units, device=h.device) * groups // units  # [H]
    of = functional.one_hot(group, groups).to(h.dtype)  # [H, C]
    return h.square() @ (of / of.sum(dim=0))


def ff_loss(
    positive: Tensor, negative: Tensor, theta: float = 2.0, temperature: float = 1.0
) -> Tensor:
    """Forward-forward: the goodness of positives above theta, that of negatives below.

        p(positive) = sigmoid((g - theta) / tau)
        loss = mean_i softplus(-(g_i - theta) / tau) + mean_ki softplus((g_ki - theta) / tau)

    Args:
        positive: goodness of the positives [T].
        negative: goodness of their negatives [K, T].
        theta: the threshold.
        temperature: tau > 0.

    Returns:
        A scalar in nats.

    Source: Hinton (2022), section 2; Park et al. (2024), section 3. Chapter 2.
    """
    above, below = (positive - theta) / temperature, (negative - theta) / temperature
    return functional.softplus(-above).mean() + functional.softplus(below).mean()


def symba_loss(positive: Tensor, negative: Tensor, alpha: float = 4.0) -> Tensor:
    """SymBa: each positive against its own negatives, without a threshold.

        loss = mean_ki softplus(-alpha (g_i - g_ki))

    Args:
        positive: goodness of the positives [T].
        negative: goodness of their negatives [K, T].
        alpha: how steep.

    Returns:
        A scalar in nats.

    Source: Lee & Song (2023), SymBa.
    """
    return functional.softplus(-alpha * (positive - negative)).mean()


def sf_logits(nodes: Tensor, representatives: Tensor, temperature: float = 1.0) -> Tensor:
    """How well each node agrees with each class node.

        logits = Z_nodes Z_virtual^T / tau

    Args:
        nodes: activities of the nodes [T, H].
        representatives: activities of the class nodes [C, H].
        temperature: tau > 0; small values sharpen the softmax that follows.

    Returns:
        Logits [T, C].

    Source: Park et al. (2024), section 3.2. Chapter 7.
    """
    return nodes @ representatives.t() / temperature


def sf_loss(
    nodes: Tensor, representatives: Tensor, labels: Tensor, temperature: float = 1.0
) -> Tensor:
    """Single-forward: each training node should agree most with the node of its own class.

        loss = -1/T sum_i log softmax(z_i Z_virtual^T / tau)[y_i]

    No negative sample is drawn: the other classes' nodes are the negatives.

    Args:
        nodes: activities of the training nodes [T, H].
        representatives: activities of the class nodes [C, H].
        labels: classes of the training nodes [T].
        temperature: tau > 0.

    Returns:
        The mean cross-entropy, a scalar in nats.

    Source: Park et al. (2024), section 3.2. Chapter 7.
    """
    return functional.cross_entropy(sf_logits(nodes, representatives, temperature), labels)


def margins(logits: Tensor, labels: Tensor) -> Tensor:
    """The logit of the true class minus the best wrong one.

        margin_i = logits_i[y_i] - max over c != y_i of logits_i[c]

    Args:
        logits: of the nodes [T, C].
        labels: the true classes [T].

    Returns:
        Differences [T]; a node is classified rightly where it is positive.
    """
    true = logits.gather(1, labels.unsqueeze(1))
    wrong = logits.scatter(1, labels.unsqueeze(1), float("-inf")).amax(dim=1)
    return true.squeeze(1) - wrong


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """The share of rows whose largest entry is at the label, in [0, 1].

    Args:
        scores: of the nodes [T, C].
        labels: the true classes [T].

    Returns:
        Right rows, divided by all; of equal scores the first one counts as the largest.
    """
    return float((scores.argmax(dim=-1) == labels).to(torch.float64).mean())
