"""Single-forward in batches of rows that several processes share: one net, the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from os import PathLike
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.layers import next_input
from fgnn_lite.learners.base import moved, nodes_in
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.feeders import RowBatches, with_class_nodes
from fgnn_lite.learners.files import place_of
from fgnn_lite.learners.run import Budget, Run
from fgnn_lite.learners.sf import SF
from fgnn_lite.objectives import margins


def fit_data_parallel(
    learner: SF,
    data: Data,
    chain: Chain,
    epochs: int = 300,
    patience: int = 100,
    val_every: int = 2,
    lr: float = 1e-3,
    weight_decay: float = 5e-4,
    path: str | PathLike[str] | None = None,
) -> History:
    """Train as `SF.fit` does with row batches, each process on its rows of every batch.

        loss_p = 1/B sum over the rows i of process p of cross-entropy(z_i Z_virtual^T / tau, y_i)
        gradient = sum over p of the gradient of loss_p

    Node i of the training nodes, and of the validation nodes, belongs to process i modulo P: it
    keeps the propagated input of these rows and of the C class nodes. Batches are those of `fit`,
    drawn alike everywhere; their gradients are added up before each update, so that all processes
    hold one and the same net, and a batch without a row of a process is none of its business.
    However many processes there are, the numbers are those of `fit` but for rounding. What a layer
    gives to the next one is computed for all nodes in each process.

    Args:
        learner: GCN or GraphSAGE, with row batches. Afterwards it predicts in every process.
        data: as for `Learner.fit`; each process needs all of it.
        chain: the processes.
        epochs: passes over the training nodes, at most, per layer.
        patience: validations without a gain before a layer stops.
        val_every: epochs between validations.
        lr: Adam's step size, up to 1000.
        weight_decay: Adam's weight decay.
        path: where the lowest process saves the learner after each finished layer, for
            `load_learner`; `None`: nowhere.

    Returns:
        The history, the same in each process but for its seconds.

    Raises:
        ValueError: if an argument is out of range, or the graph cannot be trained on.
        TypeError: if one is of another kind.
        FileNotFoundError: if the folder of `path` does not exist.
        FloatingPointError: if the loss becomes NaN or infinite.
        ConnectionError: if another process has died, or sends nothing for too long. Then the
            learner is as it was; the error says what has been saved.

    Source: the loss is that of Park et al. (2024), section 3.2; to add up the gradients of parts of
    a batch is what PyTorch's `DistributedDataParallel` does (Li et al., 2020). Chapter 8.
    """
    budget = Budget(epochs, patience, val_every, lr, weight_decay, None, False, True)
    file = None if path is None else place_of("path", path)
    if not isinstance(learner, SF):
        raise TypeError(f"learner must be an SF; got a {type(learner).__name__}")
    if learner.batch_size is None:
        raise ValueError("learner must have a batch_size, of which each process gets its part")
    learner._check_trainable(data, ("train_mask", "val_mask"))

    def train(run: Run) -> None:
        _train(learner, run, moved(data, chain.device), chain, file)

    return learner._run(budget, chain.device, data, checks.num_classes(data), train)


def _train(learner: SF, run: Run, data: Data, chain: Chain, file: Path | None) -> None:
    """The loop of `SF`, with the rows of one process."""
    c = learner.num_classes
    feeder = RowBatches(learner.batch_size or 0, c, learner.seed)
    view, virtual = learner._view(data, feeder)  # features [N + C, F]
    train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
    own, judged = (nodes[chain.rank :: chain.size] for nodes in (train, val))
    y, y_val = data.y[own], data.y[judged]
    total: Tensor | None = None  # the votes of the finished layers [., C]

    for number, layer in enumerate(learner._net(), start=1):
        x = layer.prepare([view], torch.cat([own, virtual]))  # detached
        x_val = layer.prepare([view], torch.cat([judged, virtual]))
        votes = partial(learner._votes, feeder, number, layer, x_val, y_val, total)
        batches = feeder.batches(x, data.y[train], number)
        optimizer = run.optimizer(layer)
        optimizer.register_step_pre_hook(lambda *_, layer=layer: _add_up(layer, chain))
        validate = partial(_share_right, votes, y_val, len(val), chain)

        for _ in run.epochs(layer, number):
            sums = data.x.new_zeros(2)  # of losses and of margins
            for nodes in batches.nodes():  # of all processes [B]
                mine = nodes[nodes % chain.size == chain.rank] // chain.size
                logits = learner._logits(layer(with_class_nodes(x, mine, len(own), c)))
                loss = functional.cross_entropy(logits, y[mine], reduction="sum")
                run.step(optimizer, loss / len(nodes))  # inside this layer, and nowhere else
                margin = margins(logits.detach(), y[mine]).sum()
                sums += torch.stack([loss.detach(), margin])
            mean, margin = chain.add_up(sums) / len(train)
            run.report(mean, margin, validate)

        if file is not None and chain.rank == 0:
            learner.trained_layers = number
            learner.save(file)
            chain.saved(f"{file}, with {number} of {learner.depth} layers")
        if run.stopped or number == learner.depth:
            return
        with torch.no_grad():
            total = votes()
            view = next_input(feeder.output(layer, view), view)  # [N + C, H]


def _share_right(votes: Callable[[], Tensor], labels: Tensor, count: int, chain: Chain) -> float:
    """The accuracy on the validation nodes of all processes, of which this one has some."""
    right = (votes().argmax(dim=-1) == labels).sum().to(torch.float64)
    return float(chain.add_up(right)) / count


def _add_up(layer: nn.Module, chain: Chain) -> None:
    """Sum the gradients of all processes, in each of them."""
    for parameter in layer.parameters():
        assert parameter.grad is not None  # the loss reads every weight
        chain.add_up(parameter.grad)
