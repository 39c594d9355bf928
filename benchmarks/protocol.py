"""The paper's protocol, the rows that a run leaves, and a pool that does what is still missing.

Source of the protocol: Park et al. (2024), section 4.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import torch
from provenance import load_rows, write
from tqdm import tqdm

import fgnn_lite as fgnn

PROTOCOL = {"epochs": 1000, "patience": 100, "val_every": 2, "lr": 1e-3, "weight_decay": 5e-4}
SETTINGS = {**PROTOCOL, "hidden": 128, "temperature": 1.0}
DEPTHS = (1, 2, 3, 4)


def rows_of(
    learner: fgnn.Learner | fgnn.LinkLearner,
    history: fgnn.History,
    test: tuple[Any, ...],
    val: tuple[Any, ...],
    /,
    **fields: Any,
) -> list[dict[str, Any]]:
    """One row for each depth that a run gives: all of them where it is layer-wise, else one.

    Args:
        learner: trained.
        history: of that training.
        test: what `layer_scores` of this learner takes, for the test part.
        val: the same for the validation part.
        **fields: what else tells this run from others.
    """
    rows = []
    tests, vals = (learner.layer_scores(*part) for part in (test, val))
    for number, (right, right_val) in enumerate(zip(tests, vals, strict=True), start=1):
        if not learner.layer_wise and number < len(tests):
            continue
        records = [r for r in history if r.layer is None or r.layer <= number]
        rows.append(
            {
                **fields,
                "backbone": learner.backbone,
                "depth": number if learner.layer_wise else learner.depth,
                "seed": learner.seed,
                "test": round(right, 4),
                "val": round(right_val, 4),
                "updates": len(records),
                "seconds": round(sum(r.seconds for r in records), 2),
            }
        )
    return rows


@cache
def there(graph: str) -> bool:
    """Whether a graph can be loaded; says so, if not."""
    try:
        fgnn.load_graph(graph)
    except FileNotFoundError as error:
        print(f"{graph} is left out: {error}")
        return False
    return True


def workers(about: str) -> int:
    """The one option of a long script: how many processes share the work."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8))
    return parser.parse_args().workers


def run_missing(
    jobs: Sequence[Any],
    train: Callable[[Any], list[dict[str, Any]]],
    path: Path,
    about: str,
    settings: dict[str, Any],
    order: Callable[[dict[str, Any]], Any],
    processes: int,
) -> list[dict[str, Any]]:
    """Do the jobs of which a results file holds nothing yet; each that ends is written at once.

    Args:
        jobs: what there is to do. A row of the file has a job's fields; a layer-wise run leaves
            a row for each depth, so its job is done where its own depth is.
        train: does one of them, in a process with one thread, and returns its rows.
        path: of the results file.
        about: its description.
        settings: its settings.
        order: a row's place in it.
        processes: how many jobs at a time.

    Returns:
        All rows.
    """
    rows = load_rows(path)
    done = {tuple(row.get(name) for name in jobs[0]._fields) for row in rows}
    missing = [job for job in jobs if tuple(job) not in done]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin) as pool:
        waiting = [pool.submit(train, job) for job in missing]
        try:
            for finished in tqdm(as_completed(waiting), total=len(waiting), unit="run"):
                rows += finished.result()
                rows.sort(key=order)
                write(path, about, settings, rows)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise SystemExit(
                "stopped: what has ended is kept, a second call does the rest"
            ) from None
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return rows


def _begin() -> None:
    """A worker: on one thread; Ctrl-C ends it, where `fit` would give back half a run."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
