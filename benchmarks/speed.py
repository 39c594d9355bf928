"""Time of training: SF, an SF that computes everything anew, BP in three forms, and FF.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/speed.py

GCN, depth 4, H = 128. All sides run in turn, several times, on one thread. Updates: medians over
all but the first five, without validation. Whole runs, four layers with a validation every second
epoch: SF against one that does as the released code does (Park et al., 2024): dense, all nodes in
every update, and all layers up to the one in training in every validation. "silent" is SF without
its reports: no record, no margin, no callback. "in turn" is FF with one pass for each negative.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any
from unittest import mock

import torch
from provenance import RESULTS, write
from torch.nn import functional
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.layers import Layer, normalise
from fgnn_lite.learners import sf
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import accuracy

DEPTH, HIDDEN = 4, 128
BP = {
    "bp edges": {},
    "bp sparse": {"adjacency": "sparse"},
    "bp checkpoint": {"checkpoint": True},
}


def updates(
    name: str,
    data: Data,
    epochs: int,
    depth: int = DEPTH,
    skip: int = 5,
    device: str = "cpu",
    **options: object,
) -> dict[int | None, float]:
    """Median seconds of an update, by layer; the first ones are skipped."""
    learner = fgnn.make_learner(name, depth=depth, hidden=HIDDEN, **options)
    history = learner.fit(data, epochs=epochs, restore_best=False, device=device)
    return {
        layer: statistics.median(record.seconds for record in history.of(layer)[skip:])
        for layer in history.layers
    }


def run_fast(data: Data, epochs: int) -> float:
    """Seconds of a run of SF, validation included; every record goes to a callback."""
    learner = fgnn.make_learner("sf", depth=DEPTH, hidden=HIDDEN)
    records: list[fgnn.Record] = []
    start = time.perf_counter()
    learner.fit(data, epochs=epochs, patience=epochs, device="cpu", on_epoch=records.append)
    return time.perf_counter() - start


def run_silent(data: Data, epochs: int) -> float:
    """Seconds of the same run where nothing is reported: only validation and early stopping."""

    def validate_only(run: Run, loss: object, margin: object, validate: Any, *_: object) -> None:
        if validate is not None and (run._epoch + 1) % run.budget.val_every == 0:
            with torch.no_grad():
                run._compare(validate())

    with (
        mock.patch.object(Run, "report", validate_only),
        mock.patch.object(sf, "margins", lambda logits, labels: logits[:, 0]),
    ):
        return run_fast(data, epochs)


def ff_updates(name: str, data: Data, epochs: int) -> tuple[float, float]:
    """Median seconds of an update of FF's second layer: all views at once, and one by one."""
    learner = fgnn.make_learner(name, depth=2, hidden=HIDDEN, seed=0)
    learner.fit(data, epochs=1, restore_best=False, device="cpu")
    batch = learner._positive_and_negative_views(data, data.train_mask.nonzero().squeeze(-1))
    with torch.no_grad():
        batch = learner._next_inputs(learner.layers[0], batch)
    layer = learner.layers[1]
    optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, fused=True)
    whole = [layer.prepare(*batch)]
    each = [layer.prepare([view], batch.rows) for view in batch.views]
    medians = []
    for inputs in (whole, each):
        seconds = []
        for _ in range(epochs):
            start = time.perf_counter()
            g = torch.cat([learner._goodness(layer(x)) for x in inputs]).view(len(batch.views), -1)
            learner._objective(g[0], g[1:]).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            seconds.append(time.perf_counter() - start)
        medians.append(statistics.median(seconds[5:]))
    return medians[0], medians[1]


def run_recomputing(data: Data, epochs: int) -> float:
    """Seconds of the same run where nothing is kept."""
    start = time.perf_counter()
    n = len(data.x)
    graph = add_virtual_nodes(data)
    x = torch.cat([data.x / data.x.sum(1, keepdim=True).clamp_min(1e-12), graph.x[n:]])
    train, edges, y = data.train_mask, graph.edge_index, data.y
    layers: list[Layer] = []
    for number in range(1, DEPTH + 1):
        layers.append(Layer("gcn", x.shape[1] if number == 1 else HIDDEN, HIDDEN))
        budget = {"lr": 1e-3, "weight_decay": 5e-4, "fused": True}
        optimizer = torch.optim.Adam(layers[-1].parameters(), **budget)
        h = x
        with torch.no_grad():
            for layer in layers[:-1]:
                h = layer.conv(normalise(h), edges).relu()
        for epoch in range(epochs):
            z = layers[-1].conv(normalise(h), edges).relu()
            loss = functional.cross_entropy(z[:n][train] @ z[n:].t(), y[train])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if epoch % 2:
                with torch.no_grad():
                    above, votes = x, torch.zeros(n, data.num_classes)
                    for layer in layers:
                        above = layer.conv(normalise(above), edges).relu()
                        votes += (above[:n] @ above[n:].t()).softmax(-1)
                    accuracy(votes[data.val_mask], y[data.val_mask])
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn, write, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", default="cora-ml")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = fgnn.load_graph(options.graph)
    rows = []
    for turn in range(options.rounds):
        layers = updates("sf", data, options.epochs)
        row: dict[str, object] = {"graph": options.graph, "round": turn, "sf layer 1": layers[1]}
        row["sf layer above"] = statistics.mean(layers[number] for number in (2, 3, 4))
        row["sf four layers"] = sum(layers.values())
        row["sf run"] = run_fast(data, options.epochs)
        row["silent sf run"] = run_silent(data, options.epochs)
        row["recomputing sf run"] = run_recomputing(data, options.epochs)
        for name in ("ff-la", "ff-vn"):
            row[name], row[f"{name} in turn"] = ff_updates(name, data, options.epochs)
        for method, settings in BP.items():
            row[method] = updates("bp", data, options.epochs, **settings)[None]
        rows.append({k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()})
        print(rows[-1], flush=True)

    def median(key: str) -> float:
        return statistics.median(row[key] for row in rows)

    print("\nmilliseconds for one update, or for one run; medians of the rounds")
    for key in list(rows[0])[2:]:
        print(f"{key:28}{1000 * median(key):9.2f}")
    print("\nratios")
    runs = [row["recomputing sf run"] / row["sf run"] for row in rows]
    print(f"re-computing SF / SF, a whole run: {statistics.median(runs):.1f}")
    told = [row["sf run"] / row["silent sf run"] - 1 for row in rows]
    print(f"what reporting adds to a run:      {100 * statistics.median(told):.1f} %")
    for name in ("ff-la", "ff-vn"):
        turns = [row[f"{name} in turn"] / row[name] for row in rows]
        print(f"{name}, negatives in turn / at once: {statistics.median(turns):.2f}")
    for method in BP:
        above, four = median("sf layer above"), median("sf four layers")
        print(f"{method} / one SF layer above the first: {median(method) / above:.1f}")
        print(f"{method} / all four SF layers:           {median(method) / four:.1f}")
    about = "Seconds of one update, or of a run, all sides in turn; " + __doc__.splitlines()[0]
    settings = {"depth": DEPTH, "hidden": HIDDEN, "epochs": options.epochs}
    write(RESULTS / f"speed-{options.graph}.json", about, settings, rows)


if __name__ == "__main__":
    main()
