"""Layers that train at the same time, in one process and in two: epochs a second, idle time, bytes.

    torchrun --standalone --nproc-per-node 2 benchmarks/side_by_side.py --graph karate  # one run
    FGNN_LITE_DATA=... .venv/bin/python benchmarks/side_by_side.py                      # the study

The first line trains single-forward with two layers in each process, saves it where `--save` says,
and prints what each process did. Kill one of the processes, and the others end with the name of it
and of the file.

The study: GCN, four layers, H = 128, on CoraML (the paper's splits) and on the block model of
scale.py with 50,000 nodes. A round has a split, or a seed of graph and net, of its own; in each,
one process and two take turns, each with one thread, with activities that go up in every epoch, or
in every tenth; and single-forward as `SF.fit` trains it, one layer after the other for as many
epochs, without validation, in one process. An epoch is an update of every layer. A round also
measures the costs, the least seconds of each: what an epoch of a layer takes in one process, the
first with a new state, one of the others, and the last, which gives a state; backprop's forward and
backward pass in the same layer; and a send. What the least of all rounds give for more processes,
each with a core of its own and no transfer hidden behind work, is computed; with eight processes
there are eight layers, the new ones as costly as the second and the third are on average. Backprop
is a pipeline (GPipe; Huang et al., 2019): in one part, as a whole graph allows, or in eight equal
parts, as if it could be cut at no cost.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import torch
from provenance import RESULTS, load_rows, write
from scale import GRAPH
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.layers import GraphInput
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.side_by_side import fit_side_by_side
from fgnn_lite.matrices import Features

DEPTH, HIDDEN, PARTS = 4, 128, 8
KIND = ("processes", "send_every")
KEYS = ("graph", "schedule", "round", *KIND)
NODES = 50_000


class Task(NamedTuple):
    """What one graph is trained with."""

    epochs: int
    temperature: float
    rounds: int


TASKS = {"cora-ml": Task(150, 1.0, 5), "sbm": Task(40, 0.1, 3)}


def made(graph: str, number: int) -> tuple[Data, fgnn.Learner]:
    """A graph and an untrained net for one round."""
    if graph == "sbm":
        data = fgnn.load_graph("sbm", nodes=NODES, edges=10 * NODES, seed=number, **GRAPH)
    elif graph == "karate":
        data = fgnn.load_graph(graph)
    else:
        data = fgnn.load_graph(graph, split=number)
    temperature = TASKS[graph].temperature if graph in TASKS else 1.0
    return data, fgnn.make_learner(
        "sf", depth=DEPTH, hidden=HIDDEN, temperature=temperature, seed=number
    )


def work(options: argparse.Namespace) -> None:
    """Train in this process, one of those that torchrun has started, and print what it did."""
    torch.set_num_threads(1)
    data, learner = made(options.graph, options.round)
    with Chain() as row:
        share = fit_side_by_side(
            learner, data, row, options.epochs, 0.01, 5e-4, options.send_every, options.save
        )
    done: dict[str, Any] = {"rank": row.rank, "layers": share.layers}
    done |= {
        "seconds": share.seconds,
        "processor_seconds": share.processor_seconds,
        "idle_seconds": share.idle_seconds,
        "sent_bytes": share.sent_bytes,
    }
    if row.is_top:
        done["test"] = learner.score(data)
    print(json.dumps(done), flush=True)


def launched(graph: str, number: int, processes: int, every: int) -> dict[str, Any]:
    """One run of some processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(processes), __file__, "--graph", graph]
    command += ["--round", str(number), "--send-every", str(every)]
    command += ["--epochs", str(TASKS[graph].epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    shares = sorted(map(json.loads, lines), key=lambda share: share["rank"])
    seconds, epochs = max(share["seconds"] for share in shares), TASKS[graph].epochs
    idle = sum(share["idle_seconds"] for share in shares)
    return {
        "epochs_per_second": round(epochs / seconds, 3),
        "processor_seconds": round(sum(s["processor_seconds"] for s in shares) / epochs, 5),
        "idle": round(idle / sum(share["seconds"] for share in shares), 3),
        "sent_bytes": sum(share["sent_bytes"] for share in shares) // epochs,
        "test": round(shares[-1]["test"], 4),
    }


def in_turn(graph: str, number: int) -> dict[str, Any]:
    """Single-forward, one layer after the other, for as many epochs."""
    data, learner = made(graph, number)
    epochs = TASKS[graph].epochs
    start, busy = time.perf_counter(), time.process_time()
    del data.val_mask  # nothing is validated
    learner.fit(data, epochs, lr=0.01, restore_best=False, device="cpu")
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return {
        "epochs_per_second": round(epochs / seconds, 3),
        "processor_seconds": round(busy / epochs, 5),
        "test": round(learner.score(data), 4),
    }


def alone(graph: str, number: int, cycles: int = 8, every: int = 5) -> dict[str, Any]:
    """The least seconds of each layer in one process, in epochs of three kinds."""
    data, learner = made(graph, number)
    history = fit_side_by_side(learner, data, Chain(), cycles * every, send_every=every).history
    found: dict[str, list[float]] = {"first_seconds": [], "update_seconds": [], "last_seconds": []}
    for layer in history.layers:
        seconds = [record.seconds for record in history.of(layer)]
        cycle = [round(min(seconds[k::every]), 6) for k in range(every)]
        for name, kind in zip(found, (cycle[:1], cycle[1:-1], cycle[-1:]), strict=True):
            found[name].append(min(kind))
    return found


def backprop(graph: str, number: int, repeats: int = 10) -> dict[str, Any]:
    """The least seconds of each layer of backprop, forward and backward."""
    data, _ = made(graph, number)
    net = fgnn.make_learner("bp", depth=DEPTH, hidden=HIDDEN, adjacency="sparse")
    net.fit(data, epochs=1, device="cpu")
    view = net._view(data)
    features, forward, backward = view.features, [], []
    for layer in net.layers:
        there, back = [], []
        for _ in range(repeats):
            start = time.perf_counter()
            out = layer(GraphInput(features, view.edges))
            there.append(time.perf_counter() - start)
            gradient = torch.ones_like(out)
            start = time.perf_counter()
            out.backward(gradient)
            back.append(time.perf_counter() - start)
        forward.append(round(min(there), 6))
        backward.append(round(min(back), 6))
        features = Features([out.detach().requires_grad_()])
    return {"forward_seconds": forward, "backward_seconds": backward}


def transfer(nodes: int) -> float:
    """The least seconds in which a state [nodes, H] goes from one process to another."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", __file__, "--transfer", str(nodes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def send(nodes: int) -> None:
    """One of two processes of which the lower one sends."""
    state, took = torch.zeros(nodes, HIDDEN), []
    with Chain() as row:
        for _ in range(20):
            start = time.perf_counter()
            row.expect(state)
            row.received()
            row.send(state)
            row.arrived()
            took.append(time.perf_counter() - start)
    if row.is_top:
        print(round(min(took), 6), flush=True)


def computed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the measured costs of one graph give for more processes, each with a core of its own."""
    costs = [row for row in rows if row["schedule"] == "costs"]
    (moved,), sent = least(costs, "transfer_seconds"), costs[0]["state_bytes"]
    there, back = least(costs, "forward_seconds"), least(costs, "backward_seconds")
    backprop = [a + b for a, b in zip(there, back, strict=True)]
    first, update, last = (least(costs, f"{k}_seconds") for k in ("first", "update", "last"))
    made = []

    def add(
        count: int, schedule: str, seconds: float, busy: float, sends: float, **of: int
    ) -> None:
        row = {"graph": rows[0]["graph"], "schedule": schedule, "depth": max(DEPTH, count)}
        row |= {"processes": count, **of}
        row |= {"epochs_per_second": round(1 / seconds, 3)}
        row |= {"idle": round(1 - busy / (count * seconds), 3), "sent_bytes": int(sends * sent)}
        made.append(row)

    for count in (1, 2, 4, 8):
        gaps = count - 1
        for every in (1, 10):
            each = zip(first, update, last, strict=True)
            shares = blocks([b + (a - b + c - b) / every for a, b, c in each], count)
            seconds = max(shares) + (gaps > 0) * moved / every
            sends = gaps / every
            add(count, "side by side, computed", seconds, sum(shares), sends, send_every=every)
        shares = blocks(backprop, count)
        add(count, "backprop, 1 part", sum(shares) + 2 * gaps * moved, sum(shares), 2 * gaps)
        stage = (max(shares) + (gaps > 0) * 2 * moved) / PARTS
        seconds = (PARTS + gaps) * stage  # the last part leaves when it has passed all others
        add(count, f"backprop, {PARTS} parts", seconds, sum(shares), 2 * gaps)
    return made


def least(rows: list[dict[str, Any]], column: str) -> list[float]:
    """Of a number, or of each of some, over the rounds."""
    found = [row[column] if isinstance(row[column], list) else [row[column]] for row in rows]
    return [min(each) for each in zip(*found, strict=True)]


def blocks(costs: list[float], count: int) -> list[float]:
    """The cost of each process's layers; more layers are as costly as those in the middle."""
    first, *middle, last = costs
    each = [first, *middle, *[statistics.mean(middle)] * (count - DEPTH), last]
    ends = [len(each) * k // count for k in range(count + 1)]
    return [sum(each[a:b]) for a, b in pairwise(ends)]


def study() -> None:
    """Measure in turn what is missing, and write."""
    torch.set_num_threads(1)
    path, about = RESULTS / "side-by-side.json", __doc__.splitlines()[0]
    settings = {"depth": DEPTH, "hidden": HIDDEN, "lr": 0.01, "parts": PARTS, "block": GRAPH}
    settings |= {"nodes": NODES} | {graph: task._asdict() for graph, task in TASKS.items()}
    rows = [row for row in load_rows(path) if "round" in row]  # the others are computed from them
    done = {tuple(row.get(key) for key in KEYS) for row in rows}

    def add(measure: Callable[..., dict[str, Any]], **place: Any) -> None:
        if tuple(place.get(key) for key in KEYS) in done:
            return
        load = round(os.getloadavg()[0], 1)
        kind = [place[key] for key in KIND if key in place]
        rows.append(place | measure(place["graph"], place["round"], *kind) | {"load": load})
        costs = {row["graph"] for row in rows if row["schedule"] == "costs"}
        made = [
            computed([row for row in rows if row["graph"] == graph])
            for graph in TASKS
            if graph in costs
        ]
        write(path, about, settings, [*rows, *chain.from_iterable(made)])
        print(rows[-1], flush=True)

    for graph, task in TASKS.items():
        for number in range(task.rounds):
            place = {"graph": graph, "depth": DEPTH, "round": number}
            for every, processes in product((1, 10), (1, 2)):
                kind = dict(zip(KIND, (processes, every), strict=True))
                add(launched, schedule="side by side", **place, **kind)
            add(in_turn, schedule="in turn", **place)
            add(costs_of, schedule="costs", **place)


def costs_of(graph: str, number: int) -> dict[str, Any]:
    """What a layer takes, and a send."""
    data, _ = made(graph, number)
    nodes = len(data.x) + int(data.y.max()) + 1
    found = {"transfer_seconds": transfer(nodes), "state_bytes": nodes * HIDDEN * 4}
    return found | alone(graph, number) | backprop(graph, number)


def main() -> None:
    """One of torchrun's processes, or all of the study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", default="karate")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--send-every", type=int, default=1)
    parser.add_argument("--save", type=Path, help="the file that the topmost process writes")
    parser.add_argument("--round", type=int, default=0, help="the split and the seed")
    parser.add_argument("--transfer", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if "RANK" not in os.environ:
        study()
    elif options.transfer:
        send(options.transfer)
    else:
        signal.signal(signal.SIGTERM, lambda *_: signal.alarm(3))  # time for a last word
        try:
            work(options)
        except ConnectionError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
