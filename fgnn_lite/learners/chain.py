"""Processes in a row: each one sends to the next, or all of them add something up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from fgnn_lite import checks


class Chain:
    """This process's place in the row, and what it sends its two neighbours.

    `torchrun` says in the environment which process this is, and of how many; without it there is
    one. They talk by NCCL if each has a GPU of its own, else by gloo, and run on the CPU.

    Args:
        wait: seconds after which a neighbour that sends nothing is given up.

    Attributes:
        rank: from 0, the lowest.
        size: the number of processes.
        device: where this one runs.
        idle_seconds: waited for a neighbour so far.
        sent_bytes: sent to the process above, and given to sums of all, so far.

    Raises:
        ValueError: if `wait` is out of range.
    """

    def __init__(self, wait: float = 600.0) -> None:
        seconds = checks.number("wait", wait, 0.0, 86_400.0, open_low=True)
        self.rank = int(os.environ.get("RANK", 0))
        self.size = int(os.environ.get("WORLD_SIZE", 1))
        here = int(os.environ.get("LOCAL_WORLD_SIZE", self.size))
        own_gpu = torch.cuda.is_available() and torch.cuda.device_count() >= here
        place = f"cuda:{os.environ.get('LOCAL_RANK', self.rank)}" if own_gpu else "cpu"
        self.device = torch.device(place)
        self.idle_seconds, self.sent_bytes = 0.0, 0
        self._saved = "none"
        self._sending: tuple[dist.Work | None, Tensor] | None = None
        self._coming: dist.Work | None = None
        if self.size > 1:
            limit = timedelta(seconds=seconds)
            self._store = next(rendezvous("env://", timeout=limit))[0]
            dist.init_process_group(
                "nccl" if own_gpu else "gloo",
                store=self._store,
                rank=self.rank,
                world_size=self.size,
                timeout=limit,
            )

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *_: object) -> None:
        if self.size > 1:
            dist.destroy_process_group()

    @property
    def is_top(self) -> bool:
        """Whether no process is above this one."""
        return self.rank == self.size - 1

    def send(self, h: Tensor) -> None:
        """Begin to send to the process above, once what was sent before has arrived.

        Args:
            h: a tensor of any shape, which must not change until it has arrived.
        """
        if self.is_top:
            return
        self.arrived()
        with self._talking(self.rank + 1):
            self._sending = dist.isend(h, self.rank + 1), h
        self.sent_bytes += h.numel() * h.element_size()

    def arrived(self) -> None:
        """Wait until what was sent has arrived."""
        if self._sending is not None:
            work, _ = self._sending
            assert work is not None
            with self._talking(self.rank + 1):
                work.wait()
            self._sending = None

    def expect(self, h: Tensor) -> None:
        """Begin to receive what the process below sends next.

        Args:
            h: where it is written.
        """
        if self.rank:
            with self._talking(self.rank - 1):
                self._coming = dist.irecv(h, self.rank - 1)

    def received(self) -> None:
        """Wait until what was expected is there."""
        if self._coming is not None:
            with self._talking(self.rank - 1):
                self._coming.wait()
            self._coming = None

    def add_up(self, h: Tensor) -> Tensor:
        """Write over a tensor its sum over all processes, to the same bits in each; return it.

        Args:
            h: of any shape, the same in every process.
        """
        if self.size > 1:
            with self._talking(None):
                dist.all_reduce(h)
            self.sent_bytes += h.numel() * h.element_size()
        return h

    def saved(self, what: str) -> None:
        """Tell all processes what would be left if one of them died now.

        Args:
            what: a file, and of when it is.
        """
        self._saved = what
        if self.size > 1:
            self._store.set("saved", what)

    @contextmanager
    def _talking(self, rank: int | None) -> Iterator[None]:
        """Time what is waited for a neighbour, or for all; say which process went first."""
        start = time.perf_counter()
        try:
            yield
        except RuntimeError as error:
            lost, saved = self._last_words(rank)
            raise ConnectionError(
                f"{lost} (of {self.size}, from 0) has died or sends nothing, so process "
                f"{self.rank} ends, too; the last saved state: {saved}"
            ) from error
        finally:
            self.idle_seconds += time.perf_counter() - start

    def _last_words(self, rank: int | None) -> tuple[str, str]:
        """The process that was missed first, and what was saved last."""
        missed = "another process" if rank is None else f"process {rank}"
        try:
            lost = self._store.compare_set("lost", "", missed).decode()
            saved = self._store.get("saved").decode() if self._store.check(["saved"]) else "none"
        except RuntimeError:  # the store went with the process that held it
            return missed, self._saved
        return lost, saved
