"""Measurements that several chapters make in one line: what is kept, read off, scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch_geometric.data import Data

from fgnn_lite.book.explore import goodness_rows
from fgnn_lite.learners import Learner, make_learner
from fgnn_lite.probes import probe_memory, record_tape

__all__ = [
    "Kept",
    "goodness_by_updates",
    "memory_by_depth",
    "read_off",
    "score_by_setting",
    "score_by_value",
    "tapes_by_depth",
]


class Kept:
    """Watches what autograd keeps for the backward pass of what is computed under `with`.

        with Kept() as kept:
            loss = (A @ H @ W).square().sum()
        print(kept.names(A=A, H=H, W=W))

    Tensors that share their memory count as one.

    Chapter 1.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Tensor] = {}  # by address; held, so that no address is used twice
        self._hooks = saved_tensors_hooks(self._note, lambda tensor: tensor)

    def _note(self, tensor: Tensor) -> Tensor:
        self._kept[tensor.data_ptr()] = tensor.detach()
        return tensor

    def __enter__(self) -> Kept:
        self._hooks.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._hooks.__exit__(*error)

    def names(self, **tensors: Tensor) -> str:
        """Which of these tensors are kept.

        Args:
            **tensors: name -> tensor.

        Returns:
            Their names, with commas between, and how many others are kept, if any.
        """
        found = [name for name, tensor in tensors.items() if tensor.data_ptr() in self._kept]
        others = set(self._kept) - {tensor.data_ptr() for tensor in tensors.values()}
        return ", ".join([*found, *([f"{len(others)} more"] if others else [])])


def memory_by_depth(
    data: Data,
    methods: Mapping[str, Mapping[str, Any]],
    depths: Iterable[int],
    steps: int = 2,
    **shared: Any,
) -> dict[str, dict[int, float]]:
    """Count the working memory of learners at several depths.

    The count is made on the CPU, the same to the byte from run to run.

    Args:
        data: the graph.
        methods: name -> arguments of `make_learner`.
        depths: the numbers of layers.
        steps: as for `probe_memory`.
        **shared: arguments for all of them.

    Returns:
        Name -> depth -> the most that training adds to the model, in MB (10^6 bytes).

    Chapter 1.
    """
    depths = list(depths)
    return {
        name: {
            depth: probe_memory(_made(options, depth, shared), data, steps, "cpu").working_bytes
            / 1e6
            for depth in depths
        }
        for name, options in methods.items()
    }


def tapes_by_depth(
    data: Data, methods: Mapping[str, Mapping[str, Any]], depths: Iterable[int], **shared: Any
) -> list[dict[str, Any]]:
    """Record one update of learners at several depths, for `explore.tape`.

    Args:
        data: the graph.
        methods: name -> arguments of `make_learner`.
        depths: the numbers of layers.
        **shared: arguments for all of them.

    Returns:
        A row for each method and depth, with both in its columns `learner` and `depth`.

    Chapter 1.
    """
    depths = list(depths)
    return [
        record_tape(_made(options, depth, shared), data, "cpu").row(learner=name, depth=depth)
        for name, options in methods.items()
        for depth in depths
    ]


def _made(options: Mapping[str, Any], depth: int, shared: Mapping[str, Any]) -> Learner:
    return make_learner(**{**shared, **options, "depth": depth})


def score_by_value(
    make: Callable[[Any, int], Learner],
    values: Iterable[Any],
    seeds: Iterable[int],
    data: Data,
    **budget: Any,
) -> tuple[dict[Any, list[float]], dict[Any, list[float]]]:
    """Train a learner for each value of a setting and each seed.

    Args:
        make: gives a learner for a value and a seed.
        values: to try.
        seeds: to try each of them with.
        data: the graph, with nodes in `val_mask` and `test_mask`.
        **budget: arguments of `fit`.

    Returns:
        Accuracies in % on the validation and on the test nodes: value -> a number for each seed.

    Chapter 2.
    """
    val: dict[Any, list[float]] = {}
    test: dict[Any, list[float]] = {}
    seeds = list(seeds)
    for value in values:
        nets = [make(value, seed) for seed in seeds]
        for net in nets:
            net.fit(data, **budget)
        val[value] = [100 * net.score(data, "val") for net in nets]
        test[value] = [100 * net.score(data, "test") for net in nets]
    return val, test


Scores = dict[str, dict[Any, list[float]]]  # method -> value -> a number for each seed


def score_by_setting(
    data: Data,
    methods: Mapping[str, Mapping[str, Any]],
    setting: str,
    values: Sequence[Any],
    seeds: Sequence[int],
    budget: Mapping[str, Any],
    **shared: Any,
) -> tuple[Scores, Scores]:
    """Train several methods for each value of one setting and each seed.

    Args:
        data: the graph, with nodes in `val_mask` and `test_mask`.
        methods: name -> arguments of `make_learner`.
        setting: the argument that changes.
        values: what it is set to.
        seeds: to try each value with.
        budget: arguments of `fit`.
        **shared: arguments of `make_learner` for all methods.

    Returns:
        Accuracies in % on the validation and on the test nodes: name -> value -> a number for
        each seed.

    Chapter 7.
    """
    val: Scores = {}
    test: Scores = {}
    for name, options in methods.items():

        def make(value: Any, seed: int, options: Mapping[str, Any] = options) -> Learner:
            return make_learner(**{**shared, **options, setting: value, "seed": seed})

        val[name], test[name] = score_by_value(make, values, seeds, data, **budget)
    return val, test


def read_off(features: Tensor, data: Data) -> float:
    """How well a linear classifier, the read-out, tells classes apart by these features.

    It is a logistic regression, trained on the rows in `train_mask`.

    Args:
        features: one row for each node [N, F].
        data: with `y`, `train_mask` and `test_mask`.

    Returns:
        Its accuracy on the rows in `test_mask`, from 0 to 1.

    Chapter 2.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = features.detach().cpu().numpy(), data.y.cpu().numpy()
    train, test = data.train_mask.cpu().numpy(), data.test_mask.cpu().numpy()
    readout = LogisticRegression(C=100, max_iter=5000).fit(x[train], y[train])
    return float(readout.score(x[test], y[test]))


def goodness_by_updates(
    make: Callable[[], Learner],
    updates: Iterable[int],
    data: Data,
    edges: Sequence[float],
    budget: Mapping[str, Any],
    **columns: Any,
) -> list[dict[str, Any]]:
    """Count inputs by goodness after several numbers of updates, for `explore.histograms`.

    For each number a net is trained from the start, and keeps its last weights.

    Args:
        make: gives a forward-forward learner, made with `accumulate="all"`.
        updates: of each layer; each number once, in rising order.
        data: as for `explore.goodness_rows`.
        edges: of the bins, rising.
        budget: arguments of `fit`.
        **columns: what tells these rows from others.

    Returns:
        Rows as `explore.goodness_rows` gives them, with a column `updates`.

    Chapters 2 and 3.
    """
    rows = []
    for count in sorted(set(updates)):
        net = make()
        net.fit(data, **{**budget, "epochs": count, "patience": count, "restore_best": False})
        rows += goodness_rows(net, data, edges, **columns, updates=count)
    return rows
