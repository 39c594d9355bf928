"""A dashboard: choose depth, temperature and backbone, and watch the layers learn."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.history import History, Record
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners import Learner, make_learner
from fgnn_lite.plots import Live, Picture

LEARNERS: Mapping[str, dict[str, Any]] = {
    "single-forward": {"name": "sf"},
    "forward-forward, labels": {"name": "ff-la", "theta": 0.5},
    "forward-forward, virtual": {"name": "ff-vn", "theta": 0.5},
    "backprop": {"name": "bp"},
    "backprop, checkpointed": {"name": "bp", "checkpoint": True},
}


class Dashboard:
    """Controls that train a learner anew whenever one of them is moved.

        dashboard = explore.Dashboard(data, learner="single-forward", depth=4)
        dashboard

    It trains once when it is made, so that it shows a result from the start, and a page without
    a kernel keeps that picture. Afterwards training runs beside the notebook: the picture redraws
    while it trains, "stop" ends a run and keeps what it learned, and moving a control ends the
    current run and begins another. What goes wrong is said under the controls.

    Args:
        data: the graph to train on.
        learner: one of `LEARNERS` of this module: how to train.
        backbone: `"gcn"`, `"sage"` or `"gat"`.
        depth: L, from 1 to `max_depth`.
        temperature: tau > 0. The slider goes from 1/16 to 16, further if tau lies outside.
        hidden: H.
        epochs: updates at most, per layer or per net.
        lr: Adam's step size.
        seed: of the net.
        max_depth: where the slider for the depth ends; `None` is 16, or `depth` if that is more.

    Raises:
        ValueError: if a value is out of range, or the graph cannot be trained on.

    Attributes:
        trained: the last learner whose training has ended.
        history: its history.
        memory: bytes at the peak of each of its updates.
        picture: the last drawing.

    Chapters 1 and 7.
    """

    def __init__(
        self,
        data: Data,
        learner: str = "single-forward",
        backbone: str = "gcn",
        depth: int = 4,
        temperature: float = 1.0,
        hidden: int = 64,
        epochs: int = 100,
        lr: float = 0.01,
        seed: int = 0,
        max_depth: int | None = None,
    ) -> None:
        checks.one_of("learner", learner, LEARNERS)
        checks.one_of("backbone", backbone, BACKBONES)
        if max_depth is not None:
            checks.integer("max_depth", max_depth, 1)
        checks.integer("depth", depth, 1, max_depth)
        exponent = math.log2(checks.number("temperature", temperature, 0.0, open_low=True))
        self._data = data
        self._fixed: dict[str, Any] = {"hidden": hidden, "seed": seed}
        self._budget: dict[str, Any] = {"epochs": epochs, "lr": lr}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.trained: Learner | None = None
        self.history = History()
        self.memory: list[int] = []
        self.picture: Picture | None = None

        wide = {"style": {"description_width": "6.5em"}, "layout": {"width": "22em"}}
        choice: dict[str, Any] = {**wide, "options": list(LEARNERS)}
        self.learner = widgets.Dropdown(value=learner, description="learner", **choice)
        choice = {**wide, "options": list(BACKBONES)}
        self.backbone = widgets.Dropdown(value=backbone, description="backbone", **choice)
        self.depth = widgets.IntSlider(
            depth,
            1,
            max_depth or max(16, depth),
            description="depth",
            continuous_update=False,
            **wide,
        )
        self.temperature = widgets.FloatLogSlider(
            temperature,
            base=2,
            min=min(-4, math.floor(exponent)),
            max=max(4, math.ceil(exponent)),
            step=0.5,
            readout_format=".3g",
            description="temperature",
            continuous_update=False,
            **wide,
        )
        self.stop = widgets.Button(description="stop", icon="stop", disabled=True)
        self.status = widgets.HTML()
        self._image = widgets.HTML()
        self._controls = (self.learner, self.backbone, self.depth, self.temperature)

        self._train(self._chosen())
        if self.trained is None:  # a wrong argument is an error here, not a line under a control
            raise self._error
        for control in self._controls:
            control.observe(self._restart, "value")
        self.stop.on_click(lambda _: self._stop.set())
        left, right = widgets.VBox(self._controls[:2]), widgets.VBox(self._controls[2:])
        flow = widgets.Layout(flex_flow="row wrap")
        under = widgets.HBox([self.stop, self.status], layout=flow)
        self.widget: widgets.VBox = widgets.VBox(
            [widgets.HBox([left, right], layout=flow), under, self._image],
            layout=widgets.Layout(max_width="780px"),
        )

    def wait(self, seconds: float | None = None) -> None:
        """Wait until training has ended.

        Args:
            seconds: at most; `None` waits as long as it takes.

        Raises:
            TimeoutError: if it has not ended by then.
        """
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                raise TimeoutError(f"training has not ended after {seconds} seconds")

    def _chosen(self) -> dict[str, Any]:
        return {
            **LEARNERS[self.learner.value],
            **self._fixed,
            "backbone": self.backbone.value,
            "depth": self.depth.value,
            "temperature": self.temperature.value,
        }

    def _restart(self, _: Any) -> None:
        """A control was moved: end the current run, begin another."""
        self._stop.set()
        self.wait()
        self._thread = threading.Thread(target=self._train, args=(self._chosen(),), daemon=True)
        self._thread.start()

    def _train(self, settings: dict[str, Any]) -> None:
        self._stop.clear()
        self.stop.disabled = False
        self._say("training ...")
        try:
            learner = make_learner(**settings)
            with Live(self._draw) as live:

                def listen(record: Record) -> bool:
                    live(record)
                    return not self._stop.is_set()

                history = learner.fit(self._data, on_epoch=listen, **self._budget)
            self.trained, self.history, self.memory = learner, history, live.memory
            self._say(self.summary())
        except Exception as error:
            self._error = error
            self._say(f"this did not work: {error}")
        finally:
            self.stop.disabled = True

    def summary(self) -> str:
        """What the last run reached, in one line: accuracy on the test nodes, and memory."""
        assert self.trained is not None
        assert self.picture is not None
        scores = self.trained.layer_scores(self._data)
        listed = " / ".join(f"{score:.2f}" for score in scores)
        what = "with layers 1 to l" if len(scores) > 1 else "of the whole net"
        ended = {"finished": "", "callback": " (stopped)", "interrupted": " (interrupted)"}
        return f"test accuracy {what}: {listed}{ended[self.history.stopped]}"

    def _draw(self, picture: Picture) -> None:
        self.picture = picture
        self._image.value = picture.html()

    def _say(self, words: str) -> None:
        self.status.value = f'<span role="status">{escape(words)}</span>'

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget where there is a kernel, the last picture everywhere else."""
        assert self.picture is not None
        data, metadata = self.picture._repr_mimebundle_()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {**data, "application/vnd.jupyter.widget-view+json": view}, metadata
