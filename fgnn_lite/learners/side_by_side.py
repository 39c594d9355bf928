"""Single-forward whose layers all learn at the same time, in one process or in a row of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from os import PathLike

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History
from fgnn_lite.layers import BACKBONES, GraphView, Layer, LayerInput, PropagatedInput, normalise
from fgnn_lite.learners.base import moved, nodes_in
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.files import place_of
from fgnn_lite.learners.run import Budget, Run
from fgnn_lite.learners.sf import SF
from fgnn_lite.objectives import margins


@dataclass(frozen=True)
class Share:
    """What one process did.

    Attributes:
        layers: the numbers of its layers, from 1.
        history: one record for each update of these.
        seconds: of all epochs, preparation left out.
        processor_seconds: meanwhile, of all threads of the process.
        idle_seconds: of the seconds, waited for a neighbour.
        sent_bytes: sent meanwhile to the process above.
    """

    layers: list[int]
    history: History
    seconds: float
    processor_seconds: float
    idle_seconds: float
    sent_bytes: int


def fit_side_by_side(
    learner: SF,
    data: Data,
    chain: Chain,
    epochs: int = 300,
    lr: float = 1e-3,
    weight_decay: float = 5e-4,
    send_every: int = 1,
    path: str | PathLike[str] | None = None,
    save_every: int = 50,
) -> Share:
    """Train all layers at once, each on what the layer below gave before.

        Z_l = ReLU(conv_l(s_{l-1}, E')),   s_{l-1}: norm(Z_{l-1}) of the time before, detached
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train), as `SF`

    This is not the schedule of `SF.fit`, where a layer is finished before the next one begins: here
    the input of every layer but the first changes whenever the layer below has sent. No layer waits
    for another one of the same epoch, so each process of a chain can have some of them, the lowest
    process the lowest layers. Activities go up every so many epochs, weights where the net is saved
    and after the last epoch; nothing comes down, and so nothing is validated and nothing stops
    early. However many processes there are, the numbers are the same but for rounding.

    Args:
        learner: GCN or GraphSAGE, without row batches. Afterwards it predicts with all layers up
            to those of this process: in the topmost process with the whole net.
        data: as for `Learner.fit`; each process needs all of it.
        chain: the processes.
        epochs: updates of every layer.
        lr: Adam's step size, up to 1000.
        weight_decay: Adam's weight decay.
        send_every: epochs between two sends. A send costs a layer a pass over all nodes, an epoch
            only one over training and class nodes.
        path: where the topmost process saves the learner, for `load_learner`; `None`: nowhere.
        save_every: epochs between two saves; the last epoch is always followed by one.

    Returns:
        What this process did.

    Raises:
        ValueError: if an argument is out of range, or the graph cannot be trained on.
        TypeError: if one is of another kind.
        FileNotFoundError: if the folder of `path` does not exist.
        FloatingPointError: if the loss becomes NaN or infinite.
        ConnectionError: if another process has died, or sends nothing for too long. Then the
            learner is as it was; the error says which process it was, and what has been saved.

    Source: the idea is that of Belilovsky et al. (2020), the loss that of Park et al. (2024),
    section 3.2. Chapter 8.
    """
    budget = Budget(epochs, epochs, epochs, lr, weight_decay, None, False, False)
    send_every = checks.integer("send_every", send_every, 1)
    save_every = checks.integer("save_every", save_every, 1)
    file = None if path is None else place_of("path", path)
    if not isinstance(learner, SF):
        raise TypeError(f"learner must be an SF; got a {type(learner).__name__}")
    if not BACKBONES[learner.backbone].caches or learner.batch_size is not None:
        raise ValueError(
            "learner must be of 'gcn' or 'sage', with batch_size None; got "
            f"{learner.backbone!r}, {learner.batch_size}"
        )
    if chain.size > learner.depth:
        raise ValueError(
            f"chain must have no more processes than there are layers, {learner.depth}; "
            f"got {chain.size}"
        )
    learner._check_trainable(data, ("train_mask",))
    own = range(*(learner.depth * k // chain.size for k in (chain.rank, chain.rank + 1)))
    spent = [0.0] * 4

    def now() -> list[float]:
        return [time.perf_counter(), time.process_time(), chain.idle_seconds, chain.sent_bytes]

    def train(run: Run) -> None:
        graph = moved(data, chain.device)
        stages, labels = _prepared(learner, graph, own), graph.y[graph.train_mask]
        optimizers = [run.optimizer(stage.layer) for stage in stages]
        states = _first_states(stages, learner.hidden, own, chain)
        fresh, start = states, now()
        for epoch in run.epochs(learner.layers, number=None):
            done = epoch + 1
            sends = done % send_every == 0 or done == epochs
            if epoch % send_every == 0:
                states, fresh = fresh, list(fresh)  # what is below each layer, now and afterwards
                if own.start:
                    fresh[0] = torch.empty_like(states[0])
                    chain.expect(fresh[0])
            for k in reversed(range(len(own))):  # what goes up is on its way while the rest learns
                stage = stages[k]
                if epoch % send_every == 0:
                    stage.take(states[k])
                logits = learner._logits(stage.layer(stage.taught))  # [T + C, H] -> [T, C]
                loss = functional.cross_entropy(logits, labels)
                run.step(optimizers[k], loss)  # inside this layer, and nowhere else
                if sends and not stage.top:
                    fresh[k + 1] = stage.state()  # [N + C, H], detached
                    if k + 1 == len(own):
                        chain.send(fresh[-1])
                run.report(loss, margins(logits.detach(), labels), None, layer=own[k] + 1)
            if sends:
                chain.received()
            if done == epochs:
                chain.arrived()
                spent[:] = [after - before for before, after in zip(start, now(), strict=True)]
            if done == epochs or (file is not None and done % save_every == 0):
                _pass_weights_up(learner, own, chain)
                if file is not None and chain.is_top:
                    learner.save(file)
                    chain.saved(f"{file}, of epoch {done}")

    history = learner._run(budget, chain.device, data, checks.num_classes(data), train)
    seconds, processor, idle, sent = spent
    return Share([k + 1 for k in own], history, seconds, processor, idle, int(sent))


class Stage:
    """A layer while all learn at once, and its input.

    Args:
        layer: the layer.
        view: the graph with its class nodes, as the first layer gets it.
        rows: those that the loss reads, training and class nodes [T + C].
        lowest: whether the layer is the first one, whose input never changes.
        top: whether it is the last one, whose state no other layer asks for.

    Attributes:
        taught: what the rows of the loss are computed from.
    """

    taught: LayerInput

    def __init__(
        self, layer: Layer, view: GraphView, rows: Tensor, lowest: bool, top: bool
    ) -> None:
        self.layer, self.rows, self.lowest, self.top = layer, rows, lowest, top
        self.roots = BACKBONES[layer.backbone].kept > 1
        self.matrix = view.edges.rows(rows).sparse() if top else view.edges  # of what is computed
        self.everyone: LayerInput | None = None
        if lowest:
            nodes = torch.arange(view.edges.size[0], device=rows.device)
            self.everyone = None if top else layer.prepare([view], nodes)
            self.taught = layer.prepare([view], rows)

    def take(self, below: Tensor) -> None:
        """Propagate the state of the layer below [N + C, H], if there is one."""
        if self.lowest:
            return
        aggregated = self.matrix @ below
        if self.top:
            self.taught = PropagatedInput(aggregated, below[self.rows] if self.roots else None)
            return
        self.everyone = PropagatedInput(aggregated, below if self.roots else None)
        self.taught = self.everyone.rows(self.rows)

    def state(self) -> Tensor:
        """What the layer gives for all nodes, normalised and detached [N + C, H]."""
        assert self.everyone is not None
        with torch.no_grad():
            return normalise(self.layer(self.everyone))


def _prepared(learner: SF, data: Data, own: range) -> list[Stage]:
    """The layers of one process, ready to train."""
    edges, virtual = learner._augmented(data)
    kept = edges.size[0] * BACKBONES[learner.backbone].kept
    view = GraphView(learner._input(data, kept), edges.sparse())
    taught = torch.cat([nodes_in(data, "train_mask"), virtual])
    net, last = learner._net(), learner.depth - 1
    return [Stage(net[k], view, taught, lowest=k == 0, top=k == last) for k in own]


def _first_states(stages: list[Stage], hidden: int, own: range, chain: Chain) -> list[Tensor]:
    """One pass from the bottom: what is below each layer, and what the last of them gives."""
    weight = next(stages[0].layer.parameters())
    nodes = stages[0].matrix.size[1]
    states = [weight.new_empty(nodes if own.start else 0, hidden)]
    chain.expect(states[0])
    chain.received()
    for stage in stages:
        if not stage.top:
            stage.take(states[-1])
            states.append(stage.state())
    chain.send(states[-1])
    return states


def _pass_weights_up(learner: SF, own: range, chain: Chain) -> None:
    """Take over the layers below, and send them on with this process's own."""
    for k, layer in enumerate(learner._net()[: own.stop]):
        flat = parameters_to_vector(layer.parameters()).detach()
        if k < own.start:
            chain.expect(flat)
            chain.received()
            vector_to_parameters(flat, layer.parameters())
        chain.send(flat)
    chain.arrived()
    learner.trained_layers = own.stop
