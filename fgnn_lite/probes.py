"""What training keeps in memory: counted exactly on a CPU, read from the allocator on CUDA.

`MemoryMeter` watches every tensor that an operator returns, from its birth to the death of its
storage. The count is a count, not a sample: it is the same to the byte from run to run. It does
not see what a kernel takes for itself and gives back before it returns; the kernels that learners
call take next to nothing, and tests hold the count to the peak of PyTorch's own profiler. While it
counts, autograd adds up the gradients of a tensor that is read twice out of place: BP's backward
pass with GraphSAGE is counted one [N, H] too high.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import accumulate
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import Record
from fgnn_lite.layers import Layer
from fgnn_lite.learners import ClusterLearner, GraphLearner, Learner, LinkLearner
from fgnn_lite.learners.base import moved, resolve_device
from fgnn_lite.learners.saving import AnyLearner


@dataclass(frozen=True)
class MemoryReport:
    """What one training run kept in memory, in bytes. Chapter 1.

    Attributes:
        peak_bytes: the most that was alive at one moment, of all that the learner makes; the graph
            it was given is not counted.
        parameter_bytes: the weights of the whole net.
        working_bytes: the maximum over time of live bytes minus live parameter bytes: what
            training adds to the model.
        gradient_bytes: the most that gradients of parameters took.
        optimizer_bytes: the most that the state of all optimisers took together.
        saved_bytes: the most that one update kept for its backward pass, without parameters and
            without the given graph.
        saved_by_layer: for each layer, the most that one update saved in it.
        peak_split: what `peak_bytes` consists of, at that very moment: `"parameters"`,
            `"gradients"`, `"optimiser"`, `"saved"` (what some backward pass reads, even if it is
            kept for another reason, too) and `"rest"` (constants of the graph, the kept best
            state, temporaries). The five add up to `peak_bytes`.
        device: where it ran.
        method: how it was measured.
        timeline: live working bytes after each birth and death of a tensor, as counted.
    """

    peak_bytes: int
    parameter_bytes: int
    working_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    saved_bytes: int
    saved_by_layer: tuple[int, ...]
    peak_split: dict[str, int]
    device: str
    method: str
    timeline: tuple[int, ...] = field(default=(), repr=False)


KINDS = ("parameters", "gradients", "optimiser", "saved", "rest")


@dataclass(frozen=True)
class Tape:
    """What was alive at each moment of one update: from one tensor's birth or death to the next.

    Chapter 1 draws some with `fgnn_lite.book.explore.tape`.

    Attributes:
        phases: what was going on [moments]: `"back"` (within autograd), `"step"` (within the
            optimiser), or else `"forward"`.
        bytes: for each kind of `MemoryReport.peak_split`, what was alive of it [moments].
    """

    phases: tuple[str, ...]
    bytes: dict[str, tuple[int, ...]]

    @property
    def working(self) -> list[int]:
        """All that was alive but the parameters [moments]."""
        kinds = [sizes for kind, sizes in self.bytes.items() if kind != "parameters"]
        return [sum(sizes) for sizes in zip(*kinds, strict=True)]

    def row(self, **columns: Any) -> dict[str, Any]:
        """The moments that can be seen in a picture, with what tells this tape from others.

        A moment is kept if memory moved by at least a fiftieth of the highest point since the last
        one that was kept, if another phase began, or if it is the highest.

        Args:
            **columns: for instance `learner="bp", depth=8`.

        Returns:
            A row for `explore.tape` of the book: the columns, `highest`, `phases` and the bytes of
            each kind but the parameters.
        """
        total = self.working
        most, kept = max(total), [0]
        for i, size in enumerate(total):
            far = abs(size - total[kept[-1]]) >= most / 50
            if far or self.phases[i] != self.phases[kept[-1]] or (size == most and i):
                kept.append(i)
        row = {**columns, "highest": most, "phases": [self.phases[i] for i in kept]}
        kinds = (kind for kind in KINDS if kind != "parameters")
        return row | {kind: [self.bytes[kind][i] for i in kept] for kind in kinds}


def record_tape(
    learner: AnyLearner,
    data: Data | Iterable[Data],
    device: str | torch.device = "auto",
) -> Tape:
    """Follow the second update of a net, or of its last layer where layers train one by one.

    By then the optimiser has its state, and what belongs to finished layers is gone. A fresh
    learner with the same settings is trained; the learner that was passed is not touched.

    Args:
        learner: any learner, fitted or not; only its settings matter.
        data: the graph to train on, as for `probe_memory`.
        device: as for `fit`.

    Returns:
        The tape, exact and the same to the byte from run to run on a CPU; on CUDA it is a count of
        tensors, too, not what the allocator holds.

    Raises:
        ValueError: if the graph cannot be trained on, or the learner is done after one update.

    Chapter 1.
    """
    fresh = type(_a_learner(learner))(**learner.settings)
    ends: dict[int, int] = {}  # of each update

    def note(record: Record) -> None:
        if not fresh.layer_wise or record.layer == fresh.depth:
            ends[record.epoch] = (
                meter.moments
            )  # where all layers learn at once, the last one counts

    options = _validation(fresh, val_every=3, restore_best=False)
    with MemoryMeter() as meter:
        fresh.fit(data, epochs=3, on_epoch=note, device=device, **options)
    if len(ends) < 2:
        raise ValueError(f"learner must make two updates; {fresh.name!r} is done after one")
    return meter.tape(fresh.parameters(), ends[0], ends[1])


def probe_memory(
    learner: AnyLearner,
    data: Data | Iterable[Data],
    steps: int = 3,
    device: str | torch.device = "auto",
) -> MemoryReport:
    """Measure what training this learner on this graph keeps in memory.

    A fresh learner with the same settings is trained for `steps` updates (per layer, for the
    layer-wise learners), with validation and early stopping as `fit` does it; the learner that was
    passed is not touched.

    Args:
        learner: any learner, fitted or not; only its settings matter.
        data: the graph to train on; for a learner of links the training part of `load_links`,
            and for a learner of graphs a list of them, which are trained on without validation.
        steps: updates per layer or per net.
        device: as for `fit`.

    Returns:
        A report, in bytes. On a CPU all figures are exact counts and repeat to the byte. On CUDA
        `peak_bytes` and `working_bytes` come from the allocator, after a warm-up and without the
        libraries' workspaces; the other figures are counted.

    Raises:
        ValueError: if the graph cannot be trained on, or steps is under 1.

    Chapter 1.
    """
    steps = checks.integer("steps", steps, 1)
    where, given = resolve_device(device), data
    if isinstance(_a_learner(learner), GraphLearner):
        given = [moved(each, where) for each in checks.graph_list("data", data)]
    else:
        if isinstance(learner, LinkLearner):
            checks.links("data", data)
        elif isinstance(learner, Learner):
            checks.graph(data)
        else:
            checks.graph(data, masks=(), labels=False, classes_in_training=False)
        given = moved(data, where)
    where = (given[0] if isinstance(given, list) else given).x.device

    def train() -> AnyLearner:
        fresh = type(learner)(**learner.settings)
        options = _validation(fresh, restore_best=isinstance(fresh, Learner))
        fresh.fit(given, epochs=steps, device=where, **options)
        return fresh

    with MemoryMeter() as meter:
        trained = train()
    parameters = list(trained.parameters())
    parameter_bytes = sum(p.numel() * p.element_size() for p in parameters)
    timeline = meter.timeline(without=parameters)
    peak, working, split = meter.peak_bytes, max(timeline), meter.peak_split(parameters)
    method = "exact count of live tensors"
    if where.type == "cuda":
        del trained, parameters
        peak, workspaces = _allocator_peak(train)
        working = peak - parameter_bytes
        split["rest"] += peak - meter.peak_bytes
        method = f"CUDA allocator; {workspaces} bytes of library workspaces subtracted"
    return MemoryReport(
        peak_bytes=peak,
        parameter_bytes=parameter_bytes,
        working_bytes=working,
        gradient_bytes=meter.gradient_bytes,
        optimizer_bytes=meter.optimizer_bytes,
        saved_bytes=meter.saved_bytes,
        saved_by_layer=tuple(meter.saved_by_layer),
        peak_split=split,
        device=str(where),
        method=method,
        timeline=tuple(timeline),
    )


class MemoryMeter(TorchDispatchMode):
    """Count the bytes of all tensors that come and go while it is active.

        with MemoryMeter() as meter:
            learner.fit(data, on_epoch=lambda record: print(meter.live_bytes))

    What was there before is not counted. It counts on the thread that entered it, so two can be
    active on two threads, and it slows small operations down; where none is active, nothing is
    counted and nothing is slower.

    Attributes:
        live_bytes: alive now.
        peak_bytes: the most that was alive at one moment, since the start or `reset_peak`.
        gradient_bytes: the most that gradients took when an optimiser used them.
        optimizer_bytes: the most that the state of all optimisers took together.
        saved_bytes: the most that one update saved for its backward pass, parameters excluded.
        saved_by_layer: for each layer, the most that one update saved in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.live_bytes = self.peak_bytes = 0
        self.gradient_bytes = self.optimizer_bytes = self.saved_bytes = 0
        self.saved_by_layer: list[int] = []
        self._watched: dict[int, weakref.ref[Any]] = {}  # storages that are alive, by address
        self._number: dict[int, int | None] = {}  # their serial number; None if they were there
        self._changes: list[tuple[int, int]] = []  # (serial number, bytes gained or lost)
        self._phases: list[str] = []  # of each change
        self._phase, self._stepping = "forward", False
        self._kind: dict[int, str] = {}  # what the numbered storage turned out to be
        self._births = 0
        self._states = weakref.WeakKeyDictionary[torch.optim.Optimizer, int]()
        self._layers: list[Layer] = []  # in the order in which they were first called
        self._layer = 0
        self._saved: dict[int, tuple[int, int]] = {}  # address -> (bytes, layer), this update

    def reset_peak(self) -> None:
        """Forget the highest point so far."""
        self.peak_bytes = self.live_bytes

    def peak_split(self, parameters: Iterable[Tensor]) -> dict[str, int]:
        """What was alive at the highest point of all time, by kind; see `MemoryReport`.

        Args:
            parameters: of the net that was trained: what is to be called parameters.

        Returns:
            Bytes of each kind of `MemoryReport.peak_split`.
        """
        kinds = dict(self._kind)
        self._call("parameters", parameters, kinds)
        heights = list(accumulate(size for _, size in self._changes))
        until = heights.index(max(heights)) + 1 if heights else 0
        split = dict.fromkeys(KINDS, 0)
        for number, size in self._changes[:until]:
            split[kinds.get(number, "rest")] += size
        return split

    def timeline(self, without: Iterable[Tensor] = ()) -> list[int]:
        """Live bytes after each birth and death of a tensor.

        Args:
            without: tensors that are not counted.

        Returns:
            Bytes, moment by moment; the first is 0.
        """
        ignored = {self._number.get(_address(s)) for t in without for s in _storages(t)}
        sizes = (size for number, size in self._changes if number not in ignored)
        return list(accumulate(sizes, initial=0))

    @property
    def moments(self) -> int:
        """The number of births and deaths so far."""
        return len(self._changes)

    def tape(self, parameters: Iterable[Tensor], start: int = 0, stop: int | None = None) -> Tape:
        """What was alive, kind by kind, from one moment to another; see `moments`.

        Args:
            parameters: of the net that was trained: what is to be called parameters.
            start: the first moment.
            stop: the first moment after the last; `None` goes to the end.

        Returns:
            The tape of these moments.
        """
        kinds = dict(self._kind)
        self._call("parameters", parameters, kinds)
        alive = dict.fromkeys(KINDS, 0)
        heights: dict[str, list[int]] = {kind: [] for kind in KINDS}
        for moment, (number, size) in enumerate(self._changes[:stop]):
            alive[kinds.get(number, "rest")] += size
            if moment >= start:
                for kind in KINDS:
                    heights[kind].append(alive[kind])
        phases = tuple(self._phases[start:stop])
        return Tape(phases, {kind: tuple(sizes) for kind, sizes in heights.items()})

    def __enter__(self) -> MemoryMeter:
        self._thread = get_ident()
        self._hooks = ExitStack()
        for handle in (
            register_optimizer_step_pre_hook(self._before_step),
            register_optimizer_step_post_hook(self._after_step),
            register_module_forward_pre_hook(self._enter_layer),
        ):
            self._hooks.callback(handle.remove)
        self._hooks.enter_context(saved_tensors_hooks(self._pack, lambda tensor: tensor))
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._hooks.close()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operator; what it returns and did not get is new."""
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor):
                for storage in _storages(tensor):
                    self._watch(storage, new=False)
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                for storage in _storages(tensor):
                    self._watch(storage, new=True)
        return out

    def _watch(self, storage: torch.UntypedStorage, new: bool) -> None:
        address = _address(storage)
        if address in self._watched:
            return
        number, size = (self._births, storage.nbytes()) if new else (None, 0)
        self._births += new

        def died(_: Any) -> None:
            del self._watched[address], self._number[address]
            self._change(number, -size)

        self._watched[address] = weakref.ref(storage, died)
        self._number[address] = number
        self._change(number, size)

    def _change(self, number: int | None, size: int) -> None:
        if number is None:
            return
        self._changes.append((number, size))
        if torch._C._current_graph_task_id() != -1:  # autograd is at work
            self._phase = "back"
        elif size > 0 and not self._stepping:  # what dies, dies of what went on before
            self._phase = "forward"
        self._phases.append(self._phase)
        self.live_bytes += size
        self.peak_bytes = max(self.peak_bytes, self.live_bytes)

    def _enter_layer(self, module: nn.Module, _: Any) -> None:
        # a checkpointed layer is called again by autograd, which has threads of its own on CUDA
        if isinstance(module, Layer) and (self._is_mine() or module in self._layers):
            if module not in self._layers:
                self._layers.append(module)
                self.saved_by_layer.append(0)
            self._layer = self._layers.index(module)

    def _pack(self, tensor: Tensor) -> Tensor:
        for storage in _storages(tensor):
            if self._number.get(_address(storage)) is not None:
                self._saved.setdefault(_address(storage), (storage.nbytes(), self._layer))
        self._call("saved", [tensor], self._kind)
        return tensor.detach()  # the tensor itself would hold the graph that holds it

    def _before_step(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if not self._is_mine():
            return
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        gradients = [p.grad for p in parameters if p.grad is not None]
        self.gradient_bytes = max(self.gradient_bytes, _bytes(gradients))
        self._call("parameters", parameters, self._kind)
        self._call("gradients", gradients, self._kind)
        self._phase, self._stepping = "step", True
        for parameter in parameters:
            self._saved.pop(_address(parameter.untyped_storage()), None)
        by_layer = [0] * len(self._layers)
        for size, layer in self._saved.values() if self._layers else ():
            by_layer[layer] += size
        self.saved_bytes = max(self.saved_bytes, sum(size for size, _ in self._saved.values()))
        self._saved.clear()
        self.saved_by_layer = [
            max(pair) for pair in zip(self.saved_by_layer, by_layer, strict=True)
        ]

    def _after_step(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if not self._is_mine():
            return
        self._stepping = False
        state = [value for entry in optimizer.state.values() for value in entry.values()]
        tensors = [value for value in state if isinstance(value, Tensor)]
        self._states[optimizer] = _bytes(tensors)  # forgotten when the optimiser dies
        self.optimizer_bytes = max(self.optimizer_bytes, sum(self._states.values()))
        self._call("optimiser", tensors, self._kind)

    def _is_mine(self) -> bool:
        """Whether this is the thread that is counted; hooks of optimisers see all threads."""
        return get_ident() == self._thread

    def _call(self, kind: str, tensors: Iterable[Tensor], kinds: dict[int, str]) -> None:
        """Remember what these tensors are; a parameter that is saved stays a parameter."""
        for storage in (storage for tensor in tensors for storage in _storages(tensor)):
            number = self._number.get(_address(storage))
            if number is not None and (kind != "saved" or number not in kinds):
                kinds[number] = kind


def _validation(learner: AnyLearner, **options: Any) -> dict[str, Any]:
    """What `fit` is told of validation: nothing, where it never validates."""
    return {} if isinstance(learner, ClusterLearner) else options


def _a_learner(learner: AnyLearner) -> AnyLearner:
    if not isinstance(learner, AnyLearner):
        raise TypeError(f"learner must be a Learner; got {type(learner).__name__}")
    return learner


def _storages(tensor: Tensor) -> list[torch.UntypedStorage]:
    """The storages behind a tensor: one, or three if it is compressed."""
    if tensor.layout == torch.strided:
        return [tensor.untyped_storage()]
    if tensor.layout == torch.sparse_csr:
        parts = (tensor.crow_indices(), tensor.col_indices(), tensor.values())
        return [part.untyped_storage() for part in parts]
    raise NotImplementedError(f"a tensor of layout {tensor.layout} is not counted")


def _address(storage: torch.UntypedStorage) -> int:
    return int(storage._cdata)


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _allocator_peak(train: Callable[[], Any]) -> tuple[int, int]:
    """The allocator's peak in a second run, and what the first one left behind."""
    gc.collect()  # what an earlier run left behind is no workspace
    before = torch.cuda.memory_allocated()
    train()
    gc.collect()
    torch.cuda.synchronize()
    baseline = torch.cuda.memory_allocated()  # now with cuBLAS's and cuSPARSE's workspaces
    torch.cuda.reset_peak_memory_stats()
    train()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - baseline, baseline - before
