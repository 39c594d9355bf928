"""What training reports, update by update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Best", "History", "Record"]


@dataclass(frozen=True)
class Record:
    """One update of one layer (or of the whole net, by backprop). Chapter 1.

    Where `SF` trains in batches of rows, it is one epoch: its mean loss, the time of its updates.

    Attributes:
        layer: the layer that was updated, from 1; `None` where the whole net makes one update.
        epoch: the update's number within that layer, from 0.
        loss: the objective before the update, in nats.
        goodness_pos: mean goodness of the positive inputs; `None` where there are none.
        goodness_neg: mean goodness of the negative inputs; `None` where there are none.
        val_accuracy: accuracy on the validation nodes after the update, in [0, 1], with all layers
            trained so far; `None` where this update was not followed by a validation, and for
            links. Where all layers learn at once, the last one to move in a step carries it.
        seconds: wall time of that update alone, validation excluded.
        margin: how far the true answer leads, on average: the goodness of positives above that
            of negatives; the logit of the true class above the best wrong one; for links, the logit
            of a link above that of another pair.
        val_auc: for links, the ROC-AUC on the validation pairs, in the same way; `None` otherwise.
    """

    layer: int | None
    epoch: int
    loss: float
    goodness_pos: float | None
    goodness_neg: float | None
    val_accuracy: float | None
    seconds: float
    margin: float
    val_auc: float | None = None

    @property
    def val_score(self) -> float | None:
        """The result of the validation, `val_accuracy` or, for links, `val_auc`."""
        return self.val_auc if self.val_accuracy is None else self.val_accuracy


@dataclass(frozen=True)
class Best:
    """The state that a layer (or the whole net) was left in.

    Attributes:
        layer: from 1; `None` for the whole net.
        epoch: the update that it stems from.
        val_accuracy: its accuracy on the validation nodes; `None` if none was measured.
        val_auc: for links, its ROC-AUC on the validation pairs; `None` otherwise.
    """

    layer: int | None
    epoch: int
    val_accuracy: float | None
    val_auc: float | None = None


@dataclass
class History:
    """All updates of one call of `fit`.

    Attributes:
        records: one `Record` per update, in the order in which they happened.
        best: for each trained layer (or for the net), the update whose weights were kept.
        preparation_seconds: wall time before the first update of the net, and of each layer: the
            graph with its class nodes, the input of a layer, the votes of the one below. Neither
            updates nor validations are in it.
        stopped: why training ended: `"finished"` (all layers used their epochs or their patience),
            `"callback"` (`on_epoch` returned False) or `"interrupted"` (Ctrl-C).
    """

    records: list[Record] = field(default_factory=list)
    best: list[Best] = field(default_factory=list)
    preparation_seconds: float = 0.0
    stopped: str = "finished"

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    @property
    def layers(self) -> list[int | None]:
        """The layers that were updated, from the bottom; `[None]` for a net moved as a whole."""
        return sorted(dict.fromkeys(record.layer for record in self.records), key=lambda n: n or 0)

    @property
    def seconds(self) -> float:
        """Wall time of all updates, preparation and validations excluded."""
        return sum(record.seconds for record in self.records)

    def of(self, layer: int | None) -> list[Record]:
        """The records of one layer.

        Args:
            layer: from 1; `None` for a whole net.
        """
        return [record for record in self.records if record.layer == layer]

    def curve(self, name: str, layer: int | None = None) -> tuple[list[int], list[float]]:
        """Epochs and values of one quantity in one layer, where it was measured.

        Args:
            name: an attribute of `Record`, for instance `"loss"`, `"val_accuracy"` or, for
                links, `"val_auc"`.
            layer: from 1; `None` for a whole net.

        Returns:
            Two lists of equal length: epochs, values.
        """
        pairs = [(r.epoch, getattr(r, name)) for r in self.of(layer)]
        kept = [(epoch, value) for epoch, value in pairs if value is not None]
        return [epoch for epoch, _ in kept], [value for _, value in kept]

    def __repr__(self) -> str:
        layers = [layer for layer in self.layers if layer is not None]
        what = f"{len(layers)} layer(s)" if layers else "the whole net"
        return (
            f"History({len(self.records)} updates of {what}, {self.seconds:.2f} s, {self.stopped})"
        )
