"""Learning on graphs without backpropagation: small, complete and measured.

    import fgnn_lite as fgnn

    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("sf", backbone="gcn", depth=4)
    history = learner.fit(data)
    print(learner.score(data, "test"))

Everything that is listed in `__all__`, here and in the modules below, is on the page "The library".
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from fgnn_lite import hinton
from fgnn_lite.graph_sets import GRAPH_SETS, load_graphs
from fgnn_lite.graphs import GRAPHS, load_graph
from fgnn_lite.history import History, Record
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners import (
    CLUSTER_LEARNERS,
    GRAPH_LEARNERS,
    LEARNERS,
    LINK_LEARNERS,
    ClusterLearner,
    GraphLearner,
    Learner,
    LinkLearner,
    load_learner,
    make_cluster_learner,
    make_graph_learner,
    make_learner,
    make_link_learner,
)
from fgnn_lite.links import load_links
from fgnn_lite.probes import MemoryMeter, MemoryReport, Tape, probe_memory, record_tape

check: Callable[[str, Any], Any]  # these three are imported when they are first asked for
load_results: Callable[[str], dict[str, Any]]
watch_settings: Callable[[], None]

__version__ = "0.1.0"

__all__ = [
    "BACKBONES",
    "CLUSTER_LEARNERS",
    "GRAPHS",
    "GRAPH_LEARNERS",
    "GRAPH_SETS",
    "LEARNERS",
    "LINK_LEARNERS",
    "ClusterLearner",
    "GraphLearner",
    "History",
    "Learner",
    "LinkLearner",
    "MemoryMeter",
    "MemoryReport",
    "Record",
    "Tape",
    "check",
    "hinton",
    "load_graph",
    "load_graphs",
    "load_learner",
    "load_links",
    "load_results",
    "make_cluster_learner",
    "make_graph_learner",
    "make_learner",
    "make_link_learner",
    "probe_memory",
    "record_tape",
    "watch_settings",
]

_OF_THE_BOOK = {
    "check": "fgnn_lite.book.exercises",
    "load_results": "fgnn_lite.book.results",
    "watch_settings": "fgnn_lite.book.settings",
}


def __getattr__(name: str) -> Any:
    """What only the book needs."""
    if name not in _OF_THE_BOOK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_OF_THE_BOOK[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
