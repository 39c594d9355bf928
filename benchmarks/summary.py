"""Fill the tables of results/README.md from the results files.

    .venv/bin/python benchmarks/summary.py

Each table stands between two comments that name it; the text around them is written by hand.
"""

from __future__ import annotations

import json
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import graphs
from provenance import RESULTS

from fgnn_lite.book import judge


def rows_of(name: str) -> list[dict[str, Any]]:
    """The rows of a results file."""
    return json.loads((RESULTS / f"{name}.json").read_text())["rows"]


def markdown(head: Iterable[object], body: Iterable[Iterable[object]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(list(head)), *body]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def by_depth(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    """Mean and standard deviation over splits, in %, for each depth; where all splits were run."""
    found: dict[tuple[str, ...], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[tuple(row[key] for key in keys)][row["depth"]].append(row["test"])
    depths = sorted({row["depth"] for row in rows})
    splits = max(len(runs) for scores in found.values() for runs in scores.values())
    body = []
    for names, scores in found.items():
        body.append([*names, *(spread(scores.get(d, []), splits) for d in depths)])
    return markdown([*keys, *(f"depth {d}" for d in depths)], body)


def accuracy() -> str:
    """Node classification."""
    return by_depth(study(links=False), ("protocol", "graph", "backbone", "method"))


def tuned() -> str:
    """Every learner and its rivals, twelve tries each: the paper's setting, and the one chosen."""
    rows = rows_of("tuned")
    paper = [row for row in rows if row["split"] != 5 and row["setting"] == 0]
    body = []
    for key in judge.settings(rows):
        for term, runs in {"paper's": paper, "tuned": judge.tuned(rows)}.items():
            by: dict[int, list[Any]] = defaultdict(list)
            for row in runs:
                if (row["graph"], row["backbone"], row["method"]) == key:
                    by[row["depth"]].append(row)
            cells = [spread([row["test"] for row in by[depth]]) for depth in (1, 2, 3, 4)]
            whole = [row for each in by.values() for row in each if len(each) == 5]
            free = judge.choose(whole, ("split",))
            if free:
                body.append([*key, term, *cells, spread([row["test"] for row in free])])
    depths = [f"depth {depth}" for depth in (1, 2, 3, 4)]
    return markdown(["graph", "backbone", "method", "setting", *depths, "depth chosen"], body)


def spread(scores: list[float], runs: int = 5) -> str:
    """Mean and standard deviation of so many splits, in %; nothing where some are missing."""
    if len(scores) != runs:
        return ""
    each = [100 * score for score in scores]
    return f"{statistics.mean(each):.1f} ± {statistics.stdev(each):.1f}"


def links() -> str:
    """ROC-AUC."""
    return by_depth(study(links=True), ("protocol", "graph", "method"))


def links_again() -> str:
    """ROC-AUC without weight decay or early stopping, beside the study's with both."""
    paper = [row for row in rows_of("study") if row["protocol"] == "paper"]
    rows = [row | {"weight decay": "0.0005", "early stopping": "yes"} for row in paper]
    for row in rows_of("links"):
        stops = "yes" if row["patience"] < 1000 else "no"
        rows.append(row | {"weight decay": f"{row['weight_decay']:g}", "early stopping": stops})
    keys = ("graph", "method", "weight decay", "early stopping")
    names = ("link-ce", "link-ce-top-to-input", "link-bp-l2")
    rows = [row for row in rows if row["method"] in names]
    return by_depth(sorted(rows, key=lambda row: [row[key] for key in keys]), keys)


def links_untrained() -> str:
    """ROC-AUC of what nobody trains; depth is the number of propagations."""
    return by_depth(rows_of("link-rivals"), ("graph", "method"))


def local() -> str:
    """A readout on every layer, trained or solved, against class nodes and backpropagation."""
    return by_depth(rows_of("local"), ("graph", "method", "hidden"))


def hops() -> str:
    """Hops against layers, on CoraML."""
    return by_depth([row for row in rows_of("relatives") if row["part"] == "hops"], ("method",))


def label_nets() -> str:
    """Class nodes, readouts and label nets."""
    rows = [row for row in rows_of("relatives") if row["part"] == "labels"]
    return by_depth(rows, ("graph", "method"))


def ahead() -> str:
    """Heads with layers in them, on CoraML."""
    found: dict[tuple[Any, ...], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows_of("relatives"):
        if row["part"] == "ahead" and row["depth"] in (3, 16):
            found[row["method"], row["extra"]][row["depth"]].append(row["test"])
    body = [[*key, spread(runs[3]), spread(runs[16], 3)] for key, runs in sorted(found.items())]
    return markdown(["method", "extra", "depth 3", "depth 16"], body)


def plain_steps() -> str:
    """PEPITA and the gradient, by the size of a step, on CoraML."""
    rows = [row for row in rows_of("relatives") if row["part"] == "pepita"]
    steps = sorted({row["lr"] for row in rows})
    found: dict[tuple[Any, ...], dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row["method"], row["scale"]][row["lr"]].append(row["test"])
    body = [[*key, *(spread(runs[lr], 3) for lr in steps)] for key, runs in found.items()]
    return markdown(["method", "scale", *(f"step {lr:g}" for lr in steps)], body)


def clusters() -> str:
    """Clusters and labels, and the probe: mean and deviation over seeds, in %."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of("clusters"):
        found[row["graph"], row["method"], row["depth"]].append(row)
    columns = {"nmi": "NMI", "matched": "matched accuracy", "test": "linear probe"}
    body = [
        [*key, *(spread([row[name] for row in runs]) for name in columns)]
        for key, runs in found.items()
    ]
    return markdown(["graph", "method", "depth", *columns.values()], body)


def questions() -> str:
    """Hinton's questions: each goodness at its best threshold, then propagated rows."""
    found: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows_of("questions"):
        if row["chosen"]:
            tried = "" if row["theta"] is None else f"{row['theta']:g}"
            hops = "" if row["hops"] is None else row["hops"]
            found[row["data"], row["question"], tried, hops].append(row["test"])
    body = [[*key, spread(scores, len(scores)), len(scores)] for key, scores in found.items()]
    return markdown(["data", "question", "theta", "hops", "test accuracy", "runs"], body)


def whole_graphs() -> str:
    """Whole graphs: mean and deviation over folds of the mean over seeds, chosen temperature."""
    found: dict[tuple[Any, ...], dict[int, list[float]]] = {}
    for row in judge.whole(rows_of("graphs")):
        layers = row["temperature"] is not None
        key = (
            row["graph"],
            row["method"],
            *(row[k] if layers else "" for k in ("temperature", "seeds")),
        )
        found.setdefault(key, {}).setdefault(row["depth"], []).append(row["test"])
    body = [
        [*key, *(spread(depths.get(d, []), graphs.FOLDS) for d in (0, 1, 2))]
        for key, depths in found.items()
    ]
    head = ["graphs", "method", "temperature", "seeds", "no layer", "depth 1", "depth 2"]
    return markdown(head, body)


def sensitivity() -> str:
    """Test errors over all settings that have a value, in %: lowest, median and highest."""
    found: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    names = ("temperature", "theta", "lr", "weight_decay", "hidden", "negatives")
    for row in rows_of("sensitivity"):
        for name in names:
            if row["depth"] == 2 and row[name] is not None:
                found[row["graph"], row["method"], name, row[name]].append(100 - 100 * row["test"])
    body = [
        [*key, len(each), *(f"{f(each):.1f}" for f in (min, statistics.median, max))]
        for key, each in sorted(found.items())
    ]
    head = ["graph", "method", "setting", "value", "runs", "lowest", "median", "highest"]
    return markdown(head, body)


def study(links: bool) -> list[dict[str, Any]]:
    """Rows of the study, on nodes or on links; of several learning rates the best by validation."""
    chosen = judge.choose(rows_of("study"))
    return [dict(row) for row in chosen if row["method"].startswith("link") == links]


def work() -> str:
    """Updates of the runs on equal terms, at the step size that was chosen."""
    found: dict[tuple[str, ...], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = [row for row in judge.choose(rows_of("study")) if row["protocol"] == "fair"]
    for row in rows:
        spent = found[tuple(row[key] for key in ("graph", "backbone", "method"))]
        spent[row["depth"]].append(row["updates"])
    depths = sorted({row["depth"] for row in rows})
    body = []
    for names, spent in found.items():
        cells = [f"{statistics.fmean(spent[d]):.0f}" if d in spent else "" for d in depths]
        body.append([*names, *cells])
    return markdown(["graph", "backbone", "method", *(f"depth {d}" for d in depths)], body)


def top_down() -> str:
    """What a layer receives from above, on and off."""
    rows = [{**row, "predicts": row["predicts"] or ""} for row in rows_of("top-down")]
    return by_depth(rows, ("run", "net", "predicts"))


def forward_forward() -> str:
    """FF, one change at a time."""
    return by_depth(rows_of("ff-repair"), ("method", "change"))


def hypotheses() -> str:
    """FF-LA, trained in two ways; each net predicts in three."""
    found: dict[tuple[str, ...], dict[tuple[str, str], list[float]]]
    found = defaultdict(lambda: defaultdict(list))
    for row in rows_of("hypotheses"):
        runs = found[row["graph"], row["backbone"], row["loss"]]
        runs[row["trains"], row["predicts"]].append(row["test"])
    ways = list(next(iter(found.values())))
    head = [f"{trains}: {predicts}" for trains, predicts in ways]
    body = [[*place, *(spread(runs[way]) for way in ways)] for place, runs in found.items()]
    return markdown(["graph", "backbone", "loss", *head], body)


def upper_input() -> str:
    """FF-VN with two layers: what layer 2 predicts from."""
    found: dict[str, dict[tuple[int, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows_of("upper-input"):
        found[row["graph"]][row["layer"], row["predicts"]].append(row["test"])
    ways = list(next(iter(found.values())))
    head = [f"layer {layer}: {way}" for layer, way in ways]
    return markdown(
        ["graph", *head], [[g, *(spread(r[w]) for w in ways)] for g, r in found.items()]
    )


def attention() -> str:
    """Accuracy, and the weight that a node gives itself in either layer."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of("attention"):
        if row["method"] == "trained":
            found[row["graph"], row["backbone"]].append(row)
    body = []
    for place, runs in found.items():
        own = [[row[key] for row in runs if key in row] for key in ("own_1", "own_2")]
        cells = [f"{statistics.fmean(each):.2f}" if each else "" for each in own]
        even = f"{statistics.fmean(row['even'] for row in runs):.2f}"
        body.append([*place, spread([row["test"] for row in runs], len(runs)), *cells, even])
    own_words = ["own weight, layer 1", "layer 2", "all alike"]
    return markdown(["graph", "backbone", "test accuracy", *own_words], body)


def own_weight() -> str:
    """The highest mean weight for itself that training for nothing else found."""
    found: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows_of("attention"):
        if row["method"] == "optimised":
            found[row["graph"], row["features"]][row["backbone"]].append(row["own_1"])
    nets = list(next(iter(found.values())))
    body = [[*place, *(f"{max(best[net]):.2f}" for net in nets)] for place, best in found.items()]
    return markdown(["graph", "features", *nets], body)


def heads() -> str:
    """Layers with heads, and heads on random layers, by updates."""
    found: dict[str, dict[int | None, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows_of("heads"):
        found[row["method"]][row["budget"]].append(row["test"])
    budgets = [100, 400, 1000, 3000, None]
    body = [[name, *(spread(runs.get(b, [])) for b in budgets)] for name, runs in found.items()]
    return markdown(["method", *(b or "converged" for b in budgets)], body)


def alignment() -> str:
    """Feedback alignment and class groups: of each split the try that validation chooses."""
    rows = judge.choose(rows_of("alignment"), ("graph", "method", "depth", "split"))
    return by_depth([dict(row) for row in rows], ("graph", "method"))


def angle() -> str:
    """Degrees to the true gradient, mean of the seeds, of the two layers that are not the top."""
    found: dict[tuple[str, str, int], dict[int, list[float]]]
    found = defaultdict(lambda: defaultdict(list))
    rows = rows_of("angle")
    for row in rows:
        found[row["graph"], row["method"], row["layer"]][row["updates"]].append(row["angle"])
    top = max(row["layer"] for row in rows)
    moments = (1, 10, 20, 30, 50, 100)
    body = [
        [*place, *(f"{statistics.fmean(by[n]):.0f}" for n in moments)]
        for place, by in found.items()
        if place[2] < top
    ]
    return markdown(["graph", "method", "layer", *moments], body)


def sweep() -> str:
    """The digits: mean of the seeds at tau = 1, and at the temperature that validation chooses."""
    found: dict[tuple[str, str], dict[tuple[int, float | None], list[tuple[float, float]]]]
    found = defaultdict(lambda: defaultdict(list))
    for row in rows_of("sweep"):
        place = found[row["learner"], row["backbone"]][row["depth"], row["temperature"]]
        place.append((100 * row["val"], 100 * row["test"]))
    body = []
    for names, places in found.items():
        means = {
            place: tuple(statistics.fmean(column) for column in zip(*runs, strict=True))
            for place, runs in places.items()
        }
        cells = []
        for depth in (1, 2, 4, 8):
            mean = means.get((depth, 1.0)) or means.get((depth, None))
            cells.append(f"{mean[1]:.1f}" if mean else "")
        best = max((place for place in means if place[0] == 4), key=lambda place: means[place][0])
        chosen = "" if best[1] is None else f"{means[best][1]:.1f} ({best[1]:g})"
        body.append([*names, *cells, chosen, max(len(runs) for runs in places.values())])
    depths = [f"depth {depth}" for depth in (1, 2, 4, 8)]
    return markdown(["learner", "backbone", *depths, "depth 4, best tau", "seeds"], body)


def tape() -> str:
    """The highest moment of one update."""
    rows = rows_of("tape")
    depths = sorted({row["depth"] for row in rows})
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["learner"]].append(f"{row['highest'] / 1e6:.1f}")
    return markdown(["learner", *depths], [[name, *found[name]] for name in found])


def memory() -> str:
    """Working memory in MB."""
    return cost_by_depth("memory-by-depth", "working_bytes", 1e-6)


def time() -> str:
    """Milliseconds of one update of every layer."""
    return cost_by_depth("time-by-depth", "update_seconds", 1e3)


def cost_by_depth(name: str, column: str, unit: float) -> str:
    """One column of a results file, for each graph and method, by depth."""
    rows = rows_of(name)
    depths = sorted({row["depth"] for row in rows})
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        found[row["graph"], row["method"]].append(f"{row[column] * unit:.1f}")
    return markdown(["graph", "method", *depths], [[*key, *found[key]] for key in found])


def scale() -> str:
    """A million nodes, and a hundred thousand."""
    body = []
    for row in sorted(rows_of("scale"), key=lambda row: -row["nodes"]):
        cells: list[object] = [f"{row['nodes']:,}", row["method"], row["depth"]]
        if row["fits"]:
            counted = f"{row['counted_bytes'] / 1e9:.2f}" if "counted_bytes" in row else ""
            right = "" if row["test"] is None else f"{100 * row['test']:.1f}"
            times = [row[key] for key in ("seconds_per_epoch", "preparation_seconds", "seconds")]
            cells += [right, f"{row['process_bytes'] / 1e9:.2f}", counted, *times]
        else:
            cells += ["", f"over {row['limit_gb']:g}", "", "", "", ""]
        body.append(cells)
    head = ["nodes", "method", "depth", "accuracy, %", "process, GB", "counted, GB"]
    return markdown([*head, "seconds an epoch", "preparation", "seconds in all"], body)


def on_gpu() -> str:
    """The million nodes on a GPU: the allocator's peak, the graph left out."""
    body = []
    for row in rows_of("scale-cuda"):
        right = "" if row["test"] is None else f"{100 * row['test']:.1f}"
        place = row["method"], row["depth"], right, f"{row['peak_bytes'] / 1e9:.2f}"
        body.append([*place, row["seconds_per_epoch"], row["seconds"]])
    head = ["method", "depth", "accuracy, %", "GB", "seconds an epoch", "seconds in all"]
    return markdown(head, body)


def live_on_gpu() -> str:
    """What an update of eight layers takes of the allocator, first, most and last, in MB."""
    body = []
    for row in rows_of("live-cuda"):
        sizes = row["bytes"][0], max(row["bytes"]), row["bytes"][-1]
        body.append([row["method"], *(f"{size / 1e6:.1f}" for size in sizes)])
    return markdown(["method", "first", "most", "last"], body)


def chapters_on_gpu() -> str:
    """What each chapter took on a GPU, and how many lines it prints otherwise there."""
    body = []
    for row in rows_of("chapters-cuda"):
        lines = sum(map(len, row["printed"].values()))
        body.append([row["chapter"], row["cpu"], f"{row['cuda_bytes'] / 1e6:.0f}", lines])
    return markdown(["chapter", "seconds", "MB of the GPU, at most", "other lines"], body)


def time_on_gpu() -> str:
    """Milliseconds of one update of every layer, on a GPU."""
    return cost_by_depth("time-by-depth-cuda", "update_seconds", 1e3)


def memory_on_gpu() -> str:
    """Working memory in MB, read from the CUDA allocator."""
    return cost_by_depth("memory-by-depth-cuda", "working_bytes", 1e-6)


def count() -> str:
    """What is counted, what is held, and what was held by the first edition's product, in MB."""
    body = [
        [row["graph"], row["method"], row["depth"], *(f"{row[k] / 1e6:.2f}" for k in COUNTED)]
        for row in rows_of("count")
    ]
    return markdown(["graph", "method", "depth", "counted", "held", "held at first"], body)


def edge_index() -> str:
    """One product and its gradient with a constant sparse matrix: ms, and MB."""
    body = [
        [row["graph"], row["method"], f"{row['seconds'] * 1e3:.1f}"]
        + [f"{row[k] / 1e6:.2f}" for k in ("kept_bytes", "counted_bytes", "profiler_bytes")]
        for row in rows_of("edge-index")
    ]
    return markdown(["graph", "method", "ms", "kept", "counted", "held"], body)


def speed() -> str:
    """Medians of the rounds, in milliseconds."""
    rows = rows_of("speed-cora-ml")
    names = [key for key in rows[0] if key not in ("graph", "round")]
    medians = [[n, f"{1000 * statistics.median(row[n] for row in rows):.1f}"] for n in names]
    return markdown(["what", "milliseconds"], medians)


def side_by_side() -> str:
    """Layers that learn at once: medians of the rounds, and what the costs give."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of("side-by-side"):
        if row["schedule"] != "costs":
            place = [row.get(key, "") for key in ("depth", "processes", "send_every")]
            found[row["graph"], row["schedule"], *place].append(row)
    body = []
    for key, rows in found.items():
        middle = {
            name: statistics.median(row[name] for row in rows) if name in rows[0] else None
            for name in ("epochs_per_second", "processor_seconds", "idle", "sent_bytes")
        }
        speed, busy, idle, sent = middle.values()
        scores = [100 * row["test"] for row in rows if "test" in row]
        body.append(
            [
                *key,
                f"{speed:.1f}",
                "" if busy is None else f"{1e3 * busy:.0f}",
                "" if idle is None else f"{100 * idle:.0f}",
                "" if sent is None else f"{sent / 1e6:.2f}",
                f"{statistics.mean(scores):.1f} ± {statistics.stdev(scores):.1f}" if scores else "",
            ]
        )
    head = ["graph", "schedule", "layers", "processes", "a send every", "epochs a second"]
    return markdown([*head, "processor, ms", "idle, %", "MB an epoch", "test accuracy"], body)


def data_parallel() -> str:
    """Batches of rows that processes share: each round, side by side."""
    body = [
        [
            row["round"],
            row["processes"],
            f"{row['seconds']:.2f}",
            f"{100 * row['idle']:.0f}",
            f"{row['sent_bytes'] / 1e6:.2f}",
            f"{100 * row['test']:.1f}",
        ]
        for row in rows_of("data-parallel")
    ]
    head = ["round", "processes", "seconds", "idle, %", "MB a pass", "test accuracy"]
    return markdown(head, body)


COUNTED = ("counted_bytes", "held_bytes", "at_first_bytes")


def pages() -> str:
    """What a page weighs, in kB, and its longest task."""
    body = [
        [row["page"], f"{row['bytes'] / 1e3:.0f}", row["requests"], row["longest_task_ms"]]
        for row in rows_of("pages")
    ]
    return markdown(["page", "kB", "requests", "longest task, ms"], body)


def cells() -> str:
    """How long a notebook takes, and its slowest cells."""
    body = []
    for name, rows in groupby(rows_of("cells"), key=lambda row: row["notebook"]):
        whole, *each = sorted(rows, key=lambda row: (row["cell"] is not None, -row["seconds"]))
        slowest = ", ".join(f"`{row['cell']}` {row['seconds']}" for row in each[:3])
        body.append([name, whole["seconds"], slowest])
    return markdown(["notebook", "seconds", "its slowest cells"], body)


def in_page() -> str:
    """How fast the page's engine trains: seconds of a run, milliseconds of an update."""
    names = ["graph", "learner", "hidden", "updates", "seconds", "cpu_seconds", "update_ms"]
    body = [
        [*(row[name] for name in names), f"{100 * row['test_accuracy']:.1f}"]
        for row in rows_of("in-page")
    ]
    head = ["graph", "learner", "H", "updates", "seconds", "of the processor", "ms an update"]
    return markdown([*head, "test accuracy"], body)


# Quoted, on CoraML, by backbone and method: by depth, the paper's Table 3e (GCN, mean ± standard
# deviation of five splits), and what the code that its authors released gave us on splits 1 and 2.
PAPERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("gcn", "bp"): ("31.7 ± 4.8", "86.8 ± 1.0", "88.7 ± 1.4", "86.6 ± 2.3"),
    ("gcn", "sf"): ("87.8 ± 1.4", "88.0 ± 1.4", "88.2 ± 1.5", "88.5 ± 1.2"),
}
RELEASED: dict[tuple[str, str], tuple[str, ...]] = {
    ("gcn", "bp"): ("30.7, 29.4", "85.0, 87.3", "86.6, 90.0", "83.5, 88.7"),
    ("gcn", "bp-l2"): ("77.3, 81.0", "87.7, 89.8", "", "86.6, 89.5"),
    ("gcn", "sf"): ("86.0, 89.3", "86.3, 89.8", "86.6, 89.5", "86.6, 89.8"),
    ("gcn", "sf-one-way"): ("85.3, 88.1", "86.6, 89.6", "86.8, 89.8", "86.8, 90.0"),
    ("gcn", "sf-top-to-input"): ("", "", "85.1, 88.5", ""),
    ("gcn", "sf-top-to-loss"): ("", "", "84.3, 86.5", ""),
    ("gcn", "ff-la"): ("78.5, 83.5", "62.1, 63.3", "61.1, 62.3", "60.8, 63.1"),
    ("gcn", "ff-vn"): ("29.0, 27.5", "32.7, 27.5", "32.9, 26.7", "32.6, 26.0"),
    ("sage", "bp"): ("", "87.8, 91.0", "", ""),
    ("sage", "sf"): ("82.6, 87.0", "85.8, 88.7", "85.5, 88.7", "85.6, 88.8"),
    ("gat", "bp"): ("", "79.3, 77.3", "", ""),
    ("gat", "sf"): ("69.3, 74.6", "78.5, 81.0", "80.6, 83.3", "82.0, 86.0"),
    ("gcn", "link-ce"): ("91.6", "93.1", "93.2", "93.3"),
    ("gcn", "link-bp"): ("", "81.0", "", ""),
    ("gcn", "link-bp-l2"): ("93.2", "", "", ""),
}


def released() -> str:
    """The paper's figures, those of its released code, and ours on the same splits."""
    place = {"protocol": "paper", "graph": "cora-ml"}
    rows = [row for row in rows_of("study") if place.items() <= row.items() and row["split"] < 2]
    body: list[list[Any]] = []
    for (backbone, method), figures in RELEASED.items():
        mine: dict[int, list[float]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row["split"]):
            if (row["backbone"], row["method"]) == (backbone, method):
                mine[row["depth"]].append(100 * row["test"])
        if quoted := PAPERS.get((backbone, method)):
            body.append([backbone, method, "paper", *quoted])
        body.append([backbone, method, "released code", *figures])
        ours = (", ".join(f"{score:.1f}" for score in mine[depth]) for depth in (1, 2, 3, 4))
        body.append([backbone, method, "ours", *ours])
    return markdown(["backbone", "method", "whose", *(f"depth {k}" for k in (1, 2, 3, 4))], body)


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": accuracy,
    "sweep": sweep,
    "top-down": top_down,
    "released": released,
    "links": links,
    "links-again": links_again,
    "links-untrained": links_untrained,
    "local": local,
    "sensitivity": sensitivity,
    "tuned": tuned,
    "work": work,
    "forward-forward": forward_forward,
    "hypotheses": hypotheses,
    "upper-input": upper_input,
    "attention": attention,
    "own-weight": own_weight,
    "heads": heads,
    "graphs": whole_graphs,
    "clusters": clusters,
    "hops": hops,
    "label-nets": label_nets,
    "ahead": ahead,
    "plain-steps": plain_steps,
    "questions": questions,
    "alignment": alignment,
    "angle": angle,
    "memory": memory,
    "time": time,
    "tape": tape,
    "count": count,
    "edge-index": edge_index,
    "memory-gpu": memory_on_gpu,
    "scale": scale,
    "scale-gpu": on_gpu,
    "live-gpu": live_on_gpu,
    "chapters-gpu": chapters_on_gpu,
    "time-gpu": time_on_gpu,
    "side-by-side": side_by_side,
    "data-parallel": data_parallel,
    "speed": speed,
    "pages": pages,
    "cells": cells,
    "in-page": in_page,
}


def filled(text: str) -> str:
    """The text with every table made anew."""
    for name, table in TABLES.items():
        begin, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        made = f"{begin}\n{table()}\n\n{end}"
        text, count = re.subn(pattern, lambda _, made=made: made, text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"results/README.md must hold one table {name!r}; it holds {count}")
    return text


if __name__ == "__main__":
    page = RESULTS / "README.md"
    page.write_text(filled(page.read_text(encoding="utf8")), encoding="utf8")
