"""Images for nets without a graph: where they come from, and how negatives are made of them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.graphs import load_graph
from fgnn_lite.seeds import generator

SIDE = 8  # of scikit-learn's digits, in pixels
_BLURS = 2
_SPLIT = 1_000_006  # the purpose of this generator


def load_images(seed: int = 0) -> Data:
    """scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, without a graph.

    Args:
        seed: of the split: 60 % for training, 20 % for validation, 20 % for testing.

    Returns:
        A Data: x [N, 64] from 0 to 1, y [N], no edges, and train_mask, val_mask, test_mask [N].

    Source: Alpaydin & Kaynak (1998). Chapter 2.
    """
    checks.integer("seed", seed, 0)
    graph = load_graph("digits")
    n = len(graph.y)
    data = Data(x=graph.x, y=graph.y, edge_index=graph.edge_index[:, :0], num_classes=10)
    order = torch.randperm(n, generator=generator(seed, _SPLIT), device="cpu")
    parts = order.split([n - 2 * (n // 5), n // 5, n // 5])
    for name, part in zip(("train_mask", "val_mask", "test_mask"), parts, strict=True):
        data[name] = torch.zeros_like(graph.train_mask).index_fill_(0, part, True)
    return data


def write_labels(x: Tensor, labels: Tensor, num_classes: int, size: float | Tensor = 1.0) -> Tensor:
    """Images whose first C pixels say, one-hot, what they are claimed to be.

    Args:
        x: images [T, F], F >= C.
        labels: the claims [T].
        num_classes: C.
        size: what stands in the pixel of the claim: as much as in the brightest of an image, or
            the claim is not seen.

    Returns:
        Images [T, F].

    Source: Hinton (2022), section 3.3. Chapter 2.
    """
    claims = functional.one_hot(labels, num_classes).to(x.dtype) * size
    return torch.cat([claims, x[:, num_classes:]], 1)


def hybrid_images(x: Tensor, random: torch.Generator) -> Tensor:
    """Negatives without labels: each image with large patches of another one in it.

        hybrid = mask * x + (1 - mask) * other

    A mask is made of random bits, blurred with [1/4, 1/2, 1/4] along both axes, and cut at one
    half: patches are as large as strokes, so that only the long-range structure is wrong.

    Args:
        x: images [T, 64].
        random: draws masks and partners, on the CPU.

    Returns:
        Images [T, 64].

    Source: Hinton (2022), section 3.2. Chapter 2.
    """
    step = int(torch.randint(1, len(x), (1,), generator=random, device="cpu"))
    other = x.roll(-step, dims=0)
    size = (len(x), 1, SIDE, SIDE)
    mask = torch.rand(size, generator=random, dtype=torch.float32, device="cpu").to(x)
    for _ in range(_BLURS):
        mask = _blurred(_blurred(functional.pad(mask, (1, 1, 1, 1), "replicate"), 2), 3)
    keep = (mask > 0.5).flatten(1)
    return torch.where(keep, x, other)


def _blurred(mask: Tensor, dim: int) -> Tensor:
    """[1/4, 1/2, 1/4] along one axis, which gets shorter by two."""
    left, middle, right = (mask.narrow(dim, start, SIDE) for start in range(3))
    return left / 4 + middle / 2 + right / 4
