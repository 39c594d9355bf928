"""The learners: one file each, one interface for all."""

from __future__ import annotations

from typing import Any

from fgnn_lite import checks
from fgnn_lite.learners.base import Learner, load_learner
from fgnn_lite.learners.bp import BP
from fgnn_lite.learners.ff_la import FFLabels
from fgnn_lite.learners.ff_vn import FFVirtual
from fgnn_lite.learners.sf import SF
from fgnn_lite.learners.sf_top_to_input import SFTopToInput
from fgnn_lite.learners.sf_top_to_loss import SFTopToLoss

_KNOWN: tuple[type[Learner], ...] = (BP, FFLabels, FFVirtual, SF, SFTopToInput, SFTopToLoss)
_CLASSES: dict[str, type[Learner]] = {each.name: each for each in _KNOWN}
LEARNERS = tuple(_CLASSES)

__all__ = [
    "BP",
    "LEARNERS",
    "SF",
    "FFLabels",
    "FFVirtual",
    "Learner",
    "SFTopToInput",
    "SFTopToLoss",
    "load_learner",
    "make_learner",
]


def make_learner(
    name: str,
    backbone: str = "gcn",
    depth: int = 2,
    hidden: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> Learner:
    """Make a learner by name.

    Args:
        name: one of `LEARNERS`.
        backbone: `"gcn"`, `"sage"` or `"gat"`.
        depth: L, the number of convolutions.
        hidden: H, the width of a layer; a multiple of 4 for GAT.
        temperature: tau > 0; the logits are divided by it before the softmax.
        seed: what all random numbers of the net are derived from.
        **options: what else this learner knows; see its class.

    Returns:
        A learner that has learned nothing yet.

    Raises:
        ValueError: if a value is not allowed; an unknown name lists what exists.
        TypeError: if an option does not exist, or a value is of another kind.
    """
    learner = _CLASSES[checks.one_of("name", name, LEARNERS)]
    shared: dict[str, Any] = {
        "backbone": backbone,
        "depth": depth,
        "hidden": hidden,
        "temperature": temperature,
        "seed": seed,
    }
    known = [option for option in learner().settings if option not in shared]
    checks.options(f"make_learner({name!r})", options, known)
    return learner(**shared, **options)
