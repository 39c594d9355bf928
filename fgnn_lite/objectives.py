"""What a layer tries to achieve: pure functions on tensors.

Shapes: T training nodes, C classes, H hidden units.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def goodness(h: Tensor) -> Tensor:
    """Hinton's goodness, the squared length of each row.

        g(h) = sum_j h_j^2

    Args:
        h: activities [N, H].

    Returns:
        Goodness [N].

    Source: Hinton (2022), section 2.
    """
    return h.square().sum(dim=-1)


def sf_logits(nodes: Tensor, representatives: Tensor, temperature: float = 1.0) -> Tensor:
    """How well each node agrees with each class node.

        logits = Z_nodes Z_virtual^T / tau

    Args:
        nodes: activities of the nodes [T, H].
        representatives: activities of the class nodes [C, H].
        temperature: tau > 0; small values sharpen the softmax that follows.

    Returns:
        Logits [T, C].

    Source: Park et al. (2024), section 3.3. Chapter 7.
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

    Source: Park et al. (2024), section 3.3. Chapter 7.
    """
    return functional.cross_entropy(sf_logits(nodes, representatives, temperature), labels)


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """The share of rows of scores [T, C] whose largest entry is at labels [T], in [0, 1]."""
    return float((scores.argmax(dim=-1) == labels).to(torch.float64).mean())
