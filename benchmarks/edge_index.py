"""Our constant sparse matrix against PyG's `EdgeIndex`: time and memory of M h and its gradient.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/edge_index.py

M is GCN's normalised adjacency, h has 128 columns, one thread. `EdgeIndex` has both orders of its
edges in its cache (`fill_cache_`), with numbers of 8 bytes, its default, or of 4, as ours.
`seconds` is the median of a product and its gradient, the methods taking turns. `kept_bytes` is
what stands after the first one, the matrix with all that it caches; `counted_bytes` and
`profiler_bytes` are what one more makes at its highest point, by the probe and by PyTorch's
profiler, result and gradient included. `difference` is the largest between a result, or a
gradient, and ours; `repeats`: a second matrix gives the same bits.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from count import profiled_peak
from provenance import RESULTS, write
from torch import Tensor
from torch_geometric import EdgeIndex
from torch_geometric.nn.conv.gcn_conv import gcn_norm

import fgnn_lite as fgnn
from fgnn_lite.matrices import SparseMatrix

GRAPHS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cora-ml", {}),
    ("digits", {}),
    ("sbm", {"nodes": 100_000, "edges": 1_000_000, "features": 2}),
)
HIDDEN = 128
ROUNDS = 15
Product = Callable[[Tensor], Tensor]


def ours(edges: Tensor, weight: Tensor, nodes: int) -> Product:
    """The library's matrix."""
    matrix = SparseMatrix(edges[1], edges[0], weight, (nodes, nodes))
    return lambda h: matrix @ h


def pygs(edges: Tensor, weight: Tensor, nodes: int) -> Product:
    """PyG's, with all that it can cache."""
    index = EdgeIndex(edges.flip(0), sparse_size=(nodes, nodes))
    index, order = index.sort_by("row", stable=True)
    value = weight[order]
    index.fill_cache_()
    return lambda h: index.matmul(h, value)


def pygs_int32(edges: Tensor, weight: Tensor, nodes: int) -> Product:
    """PyG's with small numbers."""
    return pygs(edges.int(), weight, nodes)


METHODS = {"ours": ours, "EdgeIndex": pygs, "EdgeIndex, int32": pygs_int32}


class Meter(fgnn.MemoryMeter):
    """The probe. It would save a detached `EdgeIndex`, which is a plain tensor: backward fails."""

    def _pack(self, tensor: Tensor) -> Tensor:
        return tensor


def step(product: Product, h: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """M h [N, H] and M^T gradient [N, H]."""
    result = product(h)
    (of_h,) = torch.autograd.grad(result, h, gradient)
    return result.detach(), of_h


def measure(graph: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each method."""
    data = fgnn.load_graph(graph, **options)
    nodes = data.num_nodes
    edges, weight = gcn_norm(data.edge_index, num_nodes=nodes)
    random = torch.Generator().manual_seed(0)
    h, gradient = torch.randn(2, nodes, HIDDEN, generator=random)
    h.requires_grad_()
    products, rows, seconds = {}, {}, {method: [] for method in METHODS}
    for method, make in METHODS.items():
        with Meter() as meter:
            products[method] = product = make(edges, weight, nodes)
            first = step(product, h, gradient)
            kept = meter.live_bytes - 2 * first[0].nbytes
            meter.reset_peak()
            before = meter.live_bytes
            again = step(product, h, gradient)
            counted = meter.peak_bytes - before
            del again
        expected = first if method == "ours" else step(products["ours"], h, gradient)
        repeated = step(make(edges, weight, nodes), h, gradient)
        rows[method] = {
            "kept_bytes": kept,
            "counted_bytes": counted,
            "profiler_bytes": profiled_peak(partial(step, product, h, gradient)),
            "difference": max(
                float((a - b).abs().max()) for a, b in zip(first, expected, strict=True)
            ),
            "repeats": all(map(torch.equal, first, repeated)),
        }
    for _ in range(ROUNDS):
        for method, product in products.items():
            start = time.perf_counter()
            step(product, h, gradient)
            seconds[method].append(time.perf_counter() - start)
    return [
        {"graph": graph, "method": method, "entries": edges.shape[1]}
        | {"seconds": round(statistics.median(seconds[method]), 5)}
        | rows[method]
        for method in METHODS
    ]


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", UserWarning)  # PyTorch's, of its compressed layout
    rows = []
    for graph, options in GRAPHS:
        rows += measure(graph, options)
        for row in rows[-len(METHODS) :]:
            print(*row.values(), flush=True)
    settings = {"hidden": HIDDEN, "rounds": ROUNDS, "sbm": GRAPHS[-1][1]}
    write(RESULTS / "edge-index.json", __doc__.splitlines()[0], settings, rows)


if __name__ == "__main__":
    main()
