"""Hinton's own forward-forward nets, on images without a graph.

    from fgnn_lite import hinton

    data = hinton.load_images()
    net = hinton.SupervisedFF(depth=3)
    history = net.fit(data)
    print(net.score(data, "test"))

The nets are learners like any other; the edges of the data are not looked at.
"""

from fgnn_lite.hinton.images import hybrid_images, load_images, write_labels
from fgnn_lite.hinton.net import ImageFF
from fgnn_lite.hinton.questions import (
    VariedFF,
    detectors_violators,
    fast_weights,
    minus_squares,
    t_activation,
)
from fgnn_lite.hinton.recurrent import RecurrentFF
from fgnn_lite.hinton.supervised import SupervisedFF
from fgnn_lite.hinton.unsupervised import UnsupervisedFF

__all__ = [
    "ImageFF",
    "RecurrentFF",
    "SupervisedFF",
    "UnsupervisedFF",
    "VariedFF",
    "detectors_violators",
    "fast_weights",
    "hybrid_images",
    "load_images",
    "minus_squares",
    "t_activation",
    "write_labels",
]
