"""One call of `fit`: its budget, its clock, its early stopping and its reports.

A learner writes its own loop; this keeps the books:

    optimizer = run.optimizer(layer)
    for _ in run.epochs(layer, number=1):
        loss = ...                              # the algorithm
        run.step(optimizer, loss)               # one local update
        run.report(loss, margin, validate)      # clock, validation, patience, callback
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fgnn_lite import checks
from fgnn_lite.history import Best, History, Record

OnEpoch = Callable[[Record], object]


@dataclass(frozen=True)
class Budget:
    """How long and how fast to train, and what is called back; see `Learner.fit`."""

    epochs: int
    patience: int
    val_every: int
    lr: float
    weight_decay: float
    on_epoch: OnEpoch | None
    progress: bool
    restore_best: bool

    def __post_init__(self) -> None:
        plain = {
            name: checks.integer(name, getattr(self, name), 1)
            for name in ("epochs", "patience", "val_every")
        }
        rates = {
            "lr": checks.number("lr", self.lr, 0.0, 1e3, open_low=True),
            "weight_decay": checks.number("weight_decay", self.weight_decay, 0.0),
        }
        if self.on_epoch is not None and not callable(self.on_epoch):
            kind = type(self.on_epoch).__name__
            raise TypeError(f"on_epoch must be callable or None; got {kind}")
        flags = {
            name: checks.flag(name, getattr(self, name)) for name in ("progress", "restore_best")
        }
        for name, value in (plain | rates | flags).items():
            object.__setattr__(self, name, value)  # a number of PyTorch's or NumPy's is plain now


class Run:
    """The books of one training run, whatever the algorithm.

    Args:
        budget: how long and how fast, and what is called back.
        device: where it runs; the clock waits for it.
        total: the number of updates if nothing stops early, for the progress bar.
        count: called with the history after every update, before `on_epoch` is.
        links: what is validated is a ROC-AUC, no accuracy.
    """

    def __init__(
        self,
        budget: Budget,
        device: torch.device,
        total: int,
        count: Callable[[History], None],
        links: bool = False,
    ) -> None:
        self.budget = budget
        self.device = device
        self.links = links
        self.history = History()
        self._counted = count
        self._bar = _bar(total) if budget.progress else None
        self._module: nn.Module | None = None
        self._number: int | None = None
        self._best: Best | None = None
        self._best_score = 0.0
        self._best_state: dict[str, Tensor] | None = None
        self._started = self._now()
        self.stopped = False
        self.converged = False  # what is trained is where it will stay

    def optimizer(self, module: nn.Module) -> torch.optim.Optimizer:
        """Adam for one module alone. Source: Kingma & Ba (2015)."""
        return torch.optim.Adam(
            module.parameters(),
            lr=self.budget.lr,
            weight_decay=self.budget.weight_decay,
            fused=True,
        )

    def epochs(self, module: nn.Module, number: int | None) -> Iterator[int]:
        """Count the updates of one module, until its epochs or its patience are used up.

        Afterwards the module holds its best state (or its last, without `restore_best`) and no
        gradient. Every update must end with `report`.

        Args:
            module: what is trained: a layer, or all layers.
            number: the layer's number from 1, or `None` for all layers.
        """
        self._before = len(self.history)
        self._best, self._best_state, self._waited = None, None, 0
        self._module, self._number, self.converged = module, number, False
        self.history.preparation_seconds += self._now() - self._started
        for epoch in range(self.budget.epochs):
            self._epoch, self._started = epoch, self._now()
            yield epoch
            if self.stopped or self.converged or self._waited >= self.budget.patience:
                break
        if self._bar is not None:
            each = (len(self.history) - self._before) // (self._epoch + 1)
            self._bar.update(each * (self.budget.epochs - 1 - self._epoch))
        self.settle()

    def step(
        self, optimizer: torch.optim.Optimizer, loss: Tensor, clip: float | None = None
    ) -> None:
        """One local update: differentiate this loss, move, and forget the gradients.

        Args:
            optimizer: of what is trained.
            loss: a scalar.
            clip: the length to which a longer gradient is cut; `None` leaves it.
        """
        loss.backward()
        if clip is not None:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def report(
        self,
        loss: Tensor,
        margin: Tensor,
        validate: Callable[[], float] | None,
        goodness: tuple[Tensor, Tensor] | None = None,
        layer: int | None = None,
    ) -> None:
        """Close an update: stop its clock, validate if it is time, call `on_epoch`.

        Args:
            loss: the objective, a scalar.
            margin: of the true answers, any shape; see `Record`.
            validate: gives the accuracy on the validation nodes, or the ROC-AUC on the validation
                pairs; `None` where there are none.
            goodness: of the positives and of the negatives, any shape.
            layer: which one moved, from 1, where all learn at once.
        """
        value, lead = float(loss.detach()), float(margin.detach().mean())
        checks.loss(value)
        positive, negative = [float(g.detach().mean()) for g in goodness or ()] or (None, None)
        seconds = self._now() - self._started
        last = self.converged or self._epoch + 1 == self.budget.epochs
        due = last or (self._epoch + 1) % self.budget.val_every == 0
        score = None
        if validate is not None and due:
            with torch.no_grad():
                score = validate()
            self._compare(score)
        number = self._number if layer is None else layer
        accuracy, auc = self._named(score)
        record = Record(
            number, self._epoch, value, positive, negative, accuracy, seconds, lead, auc
        )
        self.history.records.append(record)
        self._counted(self.history)
        if self._bar is not None:
            self._bar.set_postfix(layer=number, loss=f"{value:.3f}", refresh=False)
            self._bar.update()
        if self.budget.on_epoch is not None and _says_stop(self.budget.on_epoch(record)):
            self.stopped, self.history.stopped = True, "callback"
        self._started = self._now()  # of the next update, or of the next layer's preparation

    def settle(self) -> None:
        """Leave the module in training in its best state so far, without gradients."""
        if self._module is None:
            return
        if self._best_state is not None:
            self._module.load_state_dict(self._best_state)
        for parameter in self._module.parameters():
            parameter.grad = None  # an interrupted update may have left one
        if len(self.history) > self._before:
            score = self.history.records[-1].val_score
            last = Best(self._number, self._epoch, *self._named(score))
            kept = self._best if self.budget.restore_best and self._best is not None else last
            self.history.best.append(kept)
        self._module, self._best_state = None, None

    def interrupt(self) -> None:
        """Ctrl-C: keep what was learned so far."""
        self.stopped, self.history.stopped = True, "interrupted"
        self.settle()

    def close(self) -> None:
        """Take the progress bar down."""
        if self._bar is not None:
            self._bar.close()

    def _named(self, score: float | None) -> tuple[float | None, float | None]:
        """The score as accuracy and as ROC-AUC: it is one of the two."""
        return (None, score) if self.links else (score, None)

    def _compare(self, score: float) -> None:
        """Early stopping: a strict gain is kept (the first best wins), anything else is waited."""
        assert self._module is not None
        if self._best is not None and score <= self._best_score:
            self._waited += 1
            return
        self._waited = 0
        self._best, self._best_score = Best(self._number, self._epoch, *self._named(score)), score
        if not self.budget.restore_best:
            return
        state = self._module.state_dict()
        if self._best_state is None:
            self._best_state = {name: value.clone() for name, value in state.items()}
        else:
            for name, value in state.items():
                self._best_state[name].copy_(value)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


def _says_stop(answer: object) -> bool:
    """Whether a callback's answer is False: Python's, or a NumPy array or tensor of one boolean."""
    if isinstance(answer, np.generic | np.ndarray | Tensor) and np.prod(answer.shape) == 1:
        answer = answer.item()
    return answer is False


def _bar(total: int):  # type: ignore[no-untyped-def]
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="update")
