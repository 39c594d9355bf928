"""Does the probe count what is held? Its peak against the peak of PyTorch's profiler.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/count.py

The profiler sees what the allocator gives out, tensors included that a kernel makes for itself.
`counted_bytes` is the probe's peak, `held_bytes` the profiler's. `at_first_bytes` is what the
profiler finds where sparse matrices are multiplied as in the first edition of the book, by `@`:
that makes a matrix of zeros of the size of the result, which the probe cannot see. Two updates per
layer (or per net) with validation, H = 128.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, product
from typing import Any
from unittest.mock import patch

import torch
from provenance import RESULTS, write
from torch.profiler import ProfilerActivity, profile
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite import matrices

METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "sf": ("sf", {}),
    "bp edges": ("bp", {}),
    "bp sparse": ("bp", {"adjacency": "sparse"}),
}
GRAPHS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("digits", {}),
    ("cora-ml", {}),
    ("sbm", {"nodes": 8000, "edges": 80_000, "features": 64}),
)
DEPTHS = (2, 16)


def at_first(csr: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """The product of the first edition."""
    return csr @ h.contiguous()


def profiled_peak(run: Callable[[], object]) -> int:
    """The most that PyTorch's allocator gave out, tensors below the dispatcher included."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        run()
    assert found.profiler is not None
    events = found.profiler.kineto_results.events()
    return max(accumulate(event.nbytes() for event in events if event.name() == "[memory]"))


def held(learner: fgnn.Learner, data: Data) -> int:
    """The profiler's peak of two updates per layer, after a run that makes what stays."""

    def train() -> None:
        type(learner)(**learner.settings).fit(data, epochs=2, device="cpu")

    train()
    return profiled_peak(train)


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    rows = []
    for (graph, options), (method, (name, made)), depth in product(GRAPHS, METHODS.items(), DEPTHS):
        data = fgnn.load_graph(graph, **options)
        learner = fgnn.make_learner(name, depth=depth, **made)
        row: dict[str, Any] = {"graph": graph, "method": method, "depth": depth}
        row["counted_bytes"] = fgnn.probe_memory(learner, data, 2, "cpu").peak_bytes
        row["held_bytes"] = held(learner, data)
        with patch.object(matrices, "_product", at_first):
            row["at_first_bytes"] = held(learner, data)
        rows.append(row)
        print(*row.values(), f"{row['at_first_bytes'] / row['counted_bytes']:.2f}", flush=True)
    settings = {"backbone": "gcn", "hidden": 128, "steps": 2, "sbm": GRAPHS[-1][1]}
    write(RESULTS / "count.json", __doc__.splitlines()[0], settings, rows)


if __name__ == "__main__":
    main()
