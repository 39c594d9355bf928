"""What must hold on CUDA: learners agree with the CPU, and the memory count with the allocator.

    make gpu-check

Needs a GPU, PyTorch and PyG, and what `import fgnn_lite` needs; no `.venv` and no pytest. It checks
every learner (of nodes, links, whole graphs and clusters) on every backbone, compares the exact
count of a CPU with the CUDA allocator, studies memory by depth up to 64, trains on a block model of
a million nodes, draws one run with the curve of the allocator, and writes results/*-cuda.json. The
exercises' solutions answer their checks on CUDA, and where nbclient and ipykernel are installed
every chapter runs there, too. Without a GPU it says so and exits 0.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    import torch
except ImportError:
    if shutil.which("nvidia-smi"):
        raise
    print("There is no GPU here (and no PyTorch): nothing was checked.")
    sys.exit(0)

if not torch.cuda.is_available():
    print("There is no GPU here: nothing was checked.")
    sys.exit(0)

import time_by_depth
from memory_by_depth import METHODS as by_name
from memory_by_depth import study
from on_device import check_solutions, of_clusters, of_graphs
from provenance import RESULTS, ROOT, write
from scale import METHODS, block_model

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.book import plots
from fgnn_lite.book.exercises import EXERCISES

AGREEMENT = 0.10  # of the count and the allocator, on dense nets above 50 MB
DENSE = {"nodes": 20_000, "edges": 100_000, "features": 256}
DENSE_NETS = (("sf", 2), ("sf", 8), ("bp", 2), ("bp", 8))  # of GCN with messages, H = 256
SPARSE_NETS = (("bp sparse", 8), ("bp checkpoint", 8))  # as memory_by_depth.py calls them


def check_learners() -> None:
    """Every learner learns the same on CUDA as on a CPU, up to rounding, and comes back."""
    data = fgnn.load_graph("digits")
    for name in fgnn.LEARNERS:
        for backbone in fgnn.make_learner(name).backbones:
            losses, scores = [], []
            for device in ("cpu", "cuda"):
                learner = fgnn.make_learner(name, backbone, depth=2, hidden=32)
                history = learner.fit(data, epochs=30, lr=0.01, device=device)
                losses.append([record.loss for record in history][:10])
                scores.append(learner.score(data))
            gap = max(abs(a - b) for a, b in zip(*losses, strict=True))
            assert gap < 1e-3, f"{name}, {backbone}: first losses differ by {gap}"
            learnt = not name.startswith("ff")  # untuned FF is near chance, where rounding decides
            assert not learnt or abs(scores[0] - scores[1]) < 0.05, f"{name}, {backbone}: {scores}"
            predicted = learner.predict(data)
            assert predicted.device.type == "cpu"
            with tempfile.TemporaryDirectory() as folder:
                learner.save(Path(folder) / "net.pt")
                loaded = fgnn.load_learner(Path(folder) / "net.pt")
            same = (loaded.predict(data) == predicted).double().mean()
            assert same > 0.99, f"{name}, {backbone}: the CPU predicts otherwise on {1 - same:.1%}"
            print(f"  {name:16} {backbone:5} accuracy {scores[0]:.3f} (CPU) {scores[1]:.3f} (CUDA)")


def check_links() -> None:
    """The same for links."""
    train, val, test = fgnn.load_links("digits")
    for name in fgnn.LINK_LEARNERS:
        scores = []
        for device in ("cpu", "cuda"):
            learner = fgnn.make_link_learner(name, depth=2, hidden=32)
            learner.fit(train, val, epochs=30, lr=0.01, device=device)
            scores.append(learner.score(test))
        assert abs(scores[0] - scores[1]) < 0.05, f"{name}: ROC-AUC {scores}"
        print(f"  {name:22} ROC-AUC {scores[0]:.3f} (CPU) {scores[1]:.3f} (CUDA)")


def check_graphs_and_clusters() -> None:
    """Learners of whole graphs, and those without labels: losses, and what they say once loaded."""
    for each in (*of_graphs("cuda"), *of_clusters("cuda")):
        words = f"{each.name:18} {each.backbone:5}"
        print(f"  {words} losses differ by {each.losses:.1e}, loaded by {each.loaded:.1e}")
        assert each.losses < 1e-3, f"{words}: first losses differ by {each.losses}"
        assert each.loaded < 1e-2, f"{words}: the CPU says something else, by {each.loaded}"


def check_images() -> None:
    """The same for Hinton's nets."""
    data = hinton.load_images()
    for kind in (hinton.SupervisedFF, hinton.UnsupervisedFF, hinton.RecurrentFF):
        scores = []
        for device in ("cpu", "cuda"):
            net = kind(depth=2, hidden=64, loss="symba")
            net.fit(data, epochs=40, lr=0.01, device=device)
            scores.append(net.score(data))
        assert abs(scores[0] - scores[1]) < 0.08, f"{net.name}: accuracy {scores}"
        print(f"  {net.name:22} accuracy {scores[0]:.3f} (CPU) {scores[1]:.3f} (CUDA)")


def check_batches() -> None:
    """Batches of rows work where the graph lies on the GPU."""
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("sf", depth=2, hidden=32, batch_size=64)
    learner.fit(data, epochs=30, lr=0.01, device="cuda")
    score = learner.score(data)
    assert score > 0.9, f"accuracy {score}"
    print(f"  sf in batches of rows   accuracy {score:.3f}")


def check_memory() -> None:
    """The exact count on a CPU and the CUDA allocator agree, above 50 MB and without cuSPARSE."""
    data = fgnn.load_graph("sbm", **DENSE)
    rows = []
    for method, depth in (*DENSE_NETS, *SPARSE_NETS):
        name, options = by_name.get(method, (method, {}))
        learner = fgnn.make_learner(name, depth=depth, hidden=256, **options)
        count, asked = (
            fgnn.probe_memory(learner, data, steps=2, device=device) for device in ("cpu", "cuda")
        )
        off = asked.peak_bytes / count.peak_bytes - 1
        held = (method, depth) in DENSE_NETS and count.peak_bytes > 50e6
        words = f"{method} depth {depth}"
        sizes = f"{count.peak_bytes / 1e6:8.1f} MB counted, {asked.peak_bytes / 1e6:8.1f} MB asked"
        print(f"  {words:44}{sizes} ({off:+.1%}){'' if held else ', reported only'}")
        rows.append(
            {
                "method": method,
                "depth": depth,
                "counted_bytes": count.peak_bytes,
                "allocator_bytes": asked.peak_bytes,
                "held_to_agree": held,
                "how": asked.method,
            }
        )
    about = "Peak bytes of training: counted on a CPU, and asked of the CUDA allocator"
    write(RESULTS / "memory-agreement-cuda.json", about, {**DENSE, "hidden": 256}, rows)
    wrong = [row for row in rows if row["held_to_agree"]
             and abs(row["allocator_bytes"] / row["counted_bytes"] - 1) > AGREEMENT]  # fmt: skip
    assert not wrong, f"the count and the allocator differ by more than {AGREEMENT:.0%}: {wrong}"


def study_depth() -> None:
    """Memory by depth, from the allocator; and the time of an update."""
    graphs = ["digits", *(["cora-ml"] if os.environ.get("FGNN_LITE_DATA") else [])]
    rows = study(graphs, "cuda")
    about = "Bytes that training makes, by method and depth, from the CUDA allocator"
    write(RESULTS / "memory-by-depth-cuda.json", about, {"hidden": 128, "steps": 2}, rows)
    for graph in graphs:
        flat = [r for r in rows if (r["graph"], r["method"]) == (graph, "sf") and r["depth"] >= 4]
        bytes_ = [row["working_bytes"] for row in flat]
        assert max(bytes_) <= 1.05 * min(bytes_), f"SF is not flat in depth on {graph}: {bytes_}"
    took = time_by_depth.study(graphs, "cuda", epochs=8, rounds=1)
    settings = {"hidden": 128, "updates": 8, "rounds": 1}
    write(RESULTS / "time-by-depth-cuda.json", time_by_depth.ABOUT, settings, took)


def study_scale(nodes: int) -> None:
    """Training on the large block model: time and the allocator's peak."""
    data = block_model(nodes).to("cuda")
    graph_bytes = torch.cuda.memory_allocated()
    settings = {"hidden": 128, "edges_per_node": 10, "graph_bytes": graph_bytes}
    rows = []
    for method, (name, made, fitted, depths, _) in METHODS.items():
        for depth in depths:
            learner = fgnn.make_learner(name, depth=depth, hidden=128, **made)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            row: dict[str, Any] = {"method": method, "depth": depth, "nodes": nodes, "fits": True}
            start = time.perf_counter()
            try:
                history = learner.fit(data, device="cuda", **fitted)
            except torch.cuda.OutOfMemoryError:
                row["fits"] = False
            else:
                row["seconds"] = round(time.perf_counter() - start, 1)
                row["preparation_seconds"] = round(history.preparation_seconds, 1)
                row["seconds_per_epoch"] = round(history.seconds / len(history), 3)
                row["peak_bytes"] = torch.cuda.max_memory_allocated() - graph_bytes
                row["test"] = None if len(history) <= 2 else round(learner.score(data), 4)
            rows.append(row)
            write(RESULTS / "scale-cuda.json", "Training on a large block model", settings, rows)
            print(f"  {row}", flush=True)
            del learner


def check_live() -> None:
    """A picture that redraws while a net trains has the curve of the allocator."""
    data, rows = fgnn.load_graph("digits"), []
    for name in ("bp", "sf"):
        with plots.Live(show=lambda _: None, device="cuda") as live:
            fgnn.make_learner(name, depth=8).fit(data, epochs=30, device="cuda", on_epoch=live)
        assert len(live.memory) == len(live.records)
        assert min(live.memory) > 0
        layers = [record.layer for record in live.records]
        rows.append({"method": name, "depth": 8, "layers": layers, "bytes": live.memory})
        print(f"  {name}: {live.memory[0] / 1e6:.1f} to {live.memory[-1] / 1e6:.1f} MB")
    about = "Bytes that an update takes of the CUDA allocator, update by update"
    write(RESULTS / "live-cuda.json", about, {"graph": "digits", "hidden": 128}, rows)


def check_chapters() -> None:
    """Every chapter runs on CUDA as it stands; lines that it prints otherwise are kept."""
    if not (find_spec("nbclient") and find_spec("ipykernel")):
        print("  not run: nbclient and ipykernel are not installed")
        return
    from variations import VARIATIONS, measure

    os.environ |= {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "OMP_NUM_THREADS": "1"}
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda chapter: measure(chapter, 'DEVICE = "cuda"'), VARIATIONS))
    write(RESULTS / "chapters-cuda.json", "Chapters that learn on CUDA", {"at a time": 4}, rows)
    for row in rows:
        lines, error = sum(map(len, row["printed"].values())), row["error"] or "no error"
        print(f"  {row['chapter']}: {row['cpu']} s, {lines} lines differ, {error}")
    wrong = [row["chapter"] for row in rows if row["error"] or not row["cuda_bytes"]]
    assert not wrong, f"chapters that stopped, or used no GPU: {wrong}"


def check_exercises() -> None:
    """The folded solutions are right where they compute on CUDA, up to the last digit."""
    wrong = check_solutions("cuda")
    assert not wrong, "; ".join(wrong)
    print(f"  {len(EXERCISES)} solutions")


def main() -> int:
    """Run every check; the number of those that failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=lambda text: int(float(text)), default=1_000_000)
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}")
    checks: list[Callable[[], None]] = [
        check_learners,
        check_links,
        check_graphs_and_clusters,
        check_images,
        check_batches,
        check_memory,
        study_depth,
        lambda: study_scale(options.nodes),
        check_live,
        check_exercises,
        check_chapters,
    ]
    failed = 0
    for check in checks:
        print(check.__doc__ or study_scale.__doc__, flush=True)
        try:
            check()
        except Exception:  # the others are still worth knowing
            traceback.print_exc()
            failed += 1
    print(f"{len(checks) - failed} of {len(checks)} passed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
