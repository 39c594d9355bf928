"""The learners: one file each, one interface for all."""

from __future__ import annotations

from typing import Any, TypeVar

from fgnn_lite import checks
from fgnn_lite.learners.base import Learner
from fgnn_lite.learners.bp import BP
from fgnn_lite.learners.cafo import CaFo
from fgnn_lite.learners.ccl import CCL
from fgnn_lite.learners.class_groups import ClassGroups
from fgnn_lite.learners.cluster import ClusterLearner
from fgnn_lite.learners.cluster_dgi import ClusterDGI
from fgnn_lite.learners.cluster_sf import ClusterSF
from fgnn_lite.learners.dagnn import DAGNN
from fgnn_lite.learners.dfa import DFA
from fgnn_lite.learners.dgmlp import DGMLP
from fgnn_lite.learners.ff import FF
from fgnn_lite.learners.ff_graph import GraphFF
from fgnn_lite.learners.ff_la import FFLabels
from fgnn_lite.learners.ff_vn import FFVirtual
from fgnn_lite.learners.in_turn import InTurn
from fgnn_lite.learners.link import LinkLearner
from fgnn_lite.learners.link_bp import LinkBP
from fgnn_lite.learners.link_ce import LinkCE
from fgnn_lite.learners.link_ce_top_to_input import LinkCETopToInput
from fgnn_lite.learners.link_ff import LinkFF
from fgnn_lite.learners.local_heads import LocalHeads
from fgnn_lite.learners.mlp import NodeMLP
from fgnn_lite.learners.net import Net
from fgnn_lite.learners.rows import RowNet
from fgnn_lite.learners.saving import load_learner
from fgnn_lite.learners.sf import SF
from fgnn_lite.learners.sf_top_to_input import SFTopToInput
from fgnn_lite.learners.sf_top_to_loss import SFTopToLoss
from fgnn_lite.learners.sgc import SGC
from fgnn_lite.learners.sign import SIGN
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.learners.whole import GraphLearner, WholeInTurn
from fgnn_lite.learners.whole_bp import WholeBP
from fgnn_lite.learners.whole_class_nodes import WholeClassNodes
from fgnn_lite.learners.whole_ff import WholeFF
from fgnn_lite.learners.whole_local_heads import WholeLocalHeads
from fgnn_lite.learners.whole_prototypes import WholePrototypes
from fgnn_lite.learners.whole_sf import WholeSF

_KNOWN: tuple[type[Learner], ...] = (
    *(BP, FFLabels, FFVirtual, SF, SFTopToInput, SFTopToLoss),  # of the paper
    *(SGC, SIGN, NodeMLP),  # the cheap rivals
    *(DFA, ClassGroups),  # other wishes
    *(LocalHeads, CaFo, CCL),  # readouts of their own
    *(DGMLP, DAGNN),  # many hops
)
_CLASSES: dict[str, type[Learner]] = {each.name: each for each in _KNOWN}
LEARNERS = tuple(_CLASSES)
_OF_LINKS: tuple[type[LinkLearner], ...] = (LinkBP, LinkCE, LinkFF, LinkCETopToInput)
_LINK_CLASSES: dict[str, type[LinkLearner]] = {each.name: each for each in _OF_LINKS}
LINK_LEARNERS = tuple(_LINK_CLASSES)
_OF_GRAPHS: tuple[type[GraphLearner], ...] = (
    WholeBP,
    WholeSF,
    WholePrototypes,
    WholeFF,
    WholeLocalHeads,
)
_GRAPH_CLASSES: dict[str, type[GraphLearner]] = {each.name: each for each in _OF_GRAPHS}
GRAPH_LEARNERS = tuple(_GRAPH_CLASSES)
_OF_CLUSTERS: tuple[type[ClusterLearner], ...] = (ClusterSF, ClusterDGI)
_CLUSTER_CLASSES: dict[str, type[ClusterLearner]] = {each.name: each for each in _OF_CLUSTERS}
CLUSTER_LEARNERS = tuple(_CLUSTER_CLASSES)
_SHARED = ("backbone", "depth", "hidden", "temperature", "seed")  # what all take
N = TypeVar("N", bound=Net)

__all__ = [
    "BP",
    "CCL",
    "CLUSTER_LEARNERS",
    "DAGNN",
    "DFA",
    "DGMLP",
    "FF",
    "GRAPH_LEARNERS",
    "LEARNERS",
    "LINK_LEARNERS",
    "SF",
    "SGC",
    "SIGN",
    "CaFo",
    "ClassGroups",
    "ClusterDGI",
    "ClusterLearner",
    "ClusterSF",
    "FFLabels",
    "FFVirtual",
    "GraphFF",
    "GraphLearner",
    "InTurn",
    "Learner",
    "LinkBP",
    "LinkCE",
    "LinkCETopToInput",
    "LinkFF",
    "LinkLearner",
    "LocalHeads",
    "Net",
    "NodeMLP",
    "RowNet",
    "SFTopToInput",
    "SFTopToLoss",
    "SingleForward",
    "WholeBP",
    "WholeClassNodes",
    "WholeFF",
    "WholeInTurn",
    "WholeLocalHeads",
    "WholePrototypes",
    "WholeSF",
    "load_learner",
    "make_cluster_learner",
    "make_graph_learner",
    "make_learner",
    "make_link_learner",
]


def make_learner(
    name: str,
    backbone: str | None = None,
    depth: int = 2,
    hidden: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> Learner:
    """Make a learner by name.

    Args:
        name: one of `LEARNERS`.
        backbone: `"gcn"`, `"sage"` or `"gat"`; `None` takes the learner's own, which is `"gcn"`
            but for the MLP. SGC, SIGN, DGMLP and DAGNN propagate as GCN does and know no other.
        depth: L, the number of convolutions; of SGC, SIGN, DGMLP and DAGNN the number of hops.
        hidden: H, the width of a layer; a multiple of 4 for GAT.
        temperature: tau > 0; the logits are divided by it before the softmax.
        seed: what all random numbers of the net are derived from.
        **options: what else this learner knows; see its class: `BP`, `SF`, `SFTopToInput`,
            `SFTopToLoss`, `FFLabels`, `FFVirtual`, `SGC`, `SIGN`, `NodeMLP`,
            `DFA`, `ClassGroups`, `LocalHeads`, `CaFo`, `CCL`, `DGMLP`, `DAGNN`. All know
            `features`, see `Net`.

    Returns:
        A learner that has learned nothing yet.

    Raises:
        ValueError: if a value is not allowed; an unknown name lists what exists.
        TypeError: if an option does not exist, or a value is of another kind.

    Chapter 1.
    """
    shared = (backbone, depth, hidden, temperature, seed)
    return _make("make_learner", _CLASSES, name, shared, options)


def make_link_learner(  # noqa: D417 (what it shares with `make_learner` is explained there)
    name: str,
    backbone: str = "gcn",
    depth: int = 2,
    hidden: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> LinkLearner:
    """Make a learner of links by name.

    Args:
        name: one of `LINK_LEARNERS`.
        backbone, depth, hidden, temperature, seed: as for `make_learner`; the temperature divides
            the logit of a pair.
        **options: what else this learner knows; see its class: `LinkBP`, `LinkCE`, `LinkFF`,
            `LinkCETopToInput`. All know `features`, see `Net`.

    Returns:
        A learner that has learned nothing yet.

    Raises:
        ValueError, TypeError: as `make_learner`.

    Chapter 10.
    """
    shared = (backbone, depth, hidden, temperature, seed)
    return _make("make_link_learner", _LINK_CLASSES, name, shared, options)


def make_graph_learner(  # noqa: D417 (what it shares with `make_learner` is explained there)
    name: str,
    backbone: str = "gcn",
    depth: int = 2,
    hidden: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> GraphLearner:
    """Make a learner of whole graphs by name.

    Args:
        name: one of `GRAPH_LEARNERS`.
        backbone, depth, hidden, temperature, seed: as for `make_learner`; `"graph-sf"` knows
            `"gcn"` and `"sage"`.
        **options: what else this learner knows; see its class: `WholeBP`, `WholeSF`,
            `WholePrototypes`, `WholeFF`, `WholeLocalHeads`. All know `batch_size`, see
            `GraphLearner`, and `features`, see `Net`.

    Returns:
        A learner that has learned nothing yet.

    Raises:
        ValueError, TypeError: as `make_learner`.

    Chapter 13.
    """
    shared = (backbone, depth, hidden, temperature, seed)
    return _make("make_graph_learner", _GRAPH_CLASSES, name, shared, options)


def make_cluster_learner(  # noqa: D417 (what it shares with `make_learner` is explained there)
    name: str,
    clusters: int,
    backbone: str = "gcn",
    depth: int = 2,
    hidden: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> ClusterLearner:
    """Make a learner that reads no label by name.

    Args:
        name: one of `CLUSTER_LEARNERS`.
        clusters: C, how many clusters of nodes `predict` makes, from 2 to the number of nodes.
        backbone, depth, hidden, temperature, seed: as for `make_learner`.
        **options: what else this learner knows; see its class: `ClusterSF`, `ClusterDGI`. All know
            `features`, see `Net`.

    Returns:
        A learner that has learned nothing yet.

    Raises:
        ValueError, TypeError: as `make_learner`.

    Chapter 15.
    """
    shared = (backbone, depth, hidden, temperature, seed)
    kinds, own = _CLUSTER_CLASSES, {"clusters": clusters, **options}
    return _make("make_cluster_learner", kinds, name, shared, own)


def _make(
    where: str,
    kinds: dict[str, type[N]],
    name: str,
    shared: tuple[Any, ...],
    options: dict[str, Any],
) -> N:
    """The learner of that name: with what all take, and with what it alone takes."""
    kind = kinds[checks.one_of("name", name, kinds)]
    known = [option for option in kind.setting_names() if option not in _SHARED]
    checks.options(f"{where}({name!r})", options, known)
    common = {k: value for k, value in zip(_SHARED, shared, strict=True) if value is not None}
    return kind(**common, **options)
