"""From a file to a learner, whatever kind it is."""

from __future__ import annotations

from os import PathLike

import torch

from fgnn_lite import checks
from fgnn_lite.learners.base import Learner
from fgnn_lite.learners.cluster import ClusterLearner
from fgnn_lite.learners.files import damaged, read
from fgnn_lite.learners.link import LinkLearner
from fgnn_lite.learners.net import FEATURES, KINDS
from fgnn_lite.learners.whole import GraphLearner

AnyLearner = Learner | LinkLearner | GraphLearner | ClusterLearner


def kind_of(name: str) -> type[AnyLearner]:
    """The class of any learner, Hinton's nets included, by its name."""
    known = {n: kind for n, kind in KINDS.items() if issubclass(kind, AnyLearner)}
    return known[checks.one_of("name", name, known)]


def load_learner(path: str | PathLike[str]) -> AnyLearner:
    """Read a learner that was saved, of any kind; it predicts as before, on the CPU.

    Args:
        path: the file.

    Returns:
        The learner, with its settings and weights and without its history.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if the file is damaged or is something else (its checksum must be right), or if
            another version of this library wrote it, with another format of the file.
    """
    path = checks.path("path", path)
    content = read(path)
    try:
        state = content["state"]
        kind = kind_of(content["learner"])
        learner = kind(**content["settings"])
        classes = (0, 0) if kind.links else (2, checks.WIDEST)
        with torch.inference_mode(False):
            learner._build(
                checks.integer("num_features", content["num_features"], 1),
                checks.integer("num_classes", content["num_classes"], *classes),
                next(iter(state.values())).dtype,
            )
            learner.load_state_dict(state)
        learner.scaling = checks.one_of("scaling", content["scaling"], FEATURES[1:])
        learner.trained_layers = checks.integer(
            "trained_layers", content["trained_layers"], 1, len(learner.layers)
        )
    except Exception as error:
        raise damaged(path, error) from error
    return learner
