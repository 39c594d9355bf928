"""A dashboard: choose a learner, its depth and temperature, and watch the layers learn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from html import escape
from typing import Any

import ipywidgets as widgets
import torch
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.book.looks import plain
from fgnn_lite.book.plots import MB, Live, Picture, projector_zoom
from fgnn_lite.graphs import EMBEDDED, load_graph
from fgnn_lite.history import History, Record
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners import (
    LEARNERS,
    LINK_LEARNERS,
    Learner,
    LinkLearner,
    make_learner,
    make_link_learner,
)
from fgnn_lite.learners.bp import ADJACENCIES
from fgnn_lite.learners.ff import LOSSES
from fgnn_lite.learners.ff_graph import HYPOTHESES
from fgnn_lite.learners.saving import kind_of
from fgnn_lite.links import load_links
from fgnn_lite.objectives import GOODNESS
from fgnn_lite.probes import MemoryMeter

Links = tuple[Data, Data, Data]
_PATIENCE = 0.2  # seconds that an update may go on after "stop" before it is cut short


@dataclass(frozen=True)
class _Setting:
    """What can be set: by a control that is shown, or by keyword.

    Args:
        default: its value, if none is given.
        check: takes name and value; gives the value, or raises what the house raises.
        widget: makes the control from the value.
    """

    default: Any
    check: Callable[[str, Any], Any]
    widget: Callable[[Any], widgets.Widget]


def _choice(default: str, names: Iterable[str]) -> _Setting:
    names = tuple(names)
    check = partial(_one_of, names)
    offered = [(plain(name), name) for name in names]
    return _Setting(default, check, lambda now: widgets.Dropdown(options=offered, value=now))


def _one_of(names: tuple[str, ...], name: str, value: Any) -> str:
    return checks.one_of(name, value, names)


def _whole(default: int, low: int, high: int) -> _Setting:
    def make(now: int) -> widgets.Widget:
        return widgets.BoundedIntText(value=now, min=low, max=max(high, now))

    return _Setting(default, lambda name, value: checks.integer(name, value, low), make)


def _log(default: float, base: int, ends: tuple[int, int], step: float, most: float) -> _Setting:
    def make(now: float) -> widgets.Widget:
        low, high = (
            next(e for e in range(end, 1100 * way, way) if (now - float(base) ** e) * way <= 0)
            for end, way in zip(ends, (-1, 1), strict=True)
        )
        return widgets.FloatLogSlider(
            value=now,
            base=base,
            min=low,
            max=high,
            step=step,
            readout_format=".3g",
            continuous_update=False,
        )

    return _Setting(
        default, lambda name, value: checks.number(name, value, 0.0, most, open_low=True), make
    )


def _depth(now: int, deepest: int = 16) -> widgets.Widget:
    return widgets.IntSlider(
        value=now, min=1, max=max(deepest, now), step=1, continuous_update=False
    )


def _theta(now: float) -> widgets.Widget:
    ends = {"min": min(-5.0, now), "max": max(10.0, now), "step": 0.05}
    return widgets.FloatSlider(value=now, **ends, continuous_update=False)


SETTINGS: dict[str, _Setting] = {
    "learner": _choice("sf", LEARNERS),
    "graph": _choice("digits", EMBEDDED),
    "backbone": _choice("gcn", BACKBONES),
    "depth": _Setting(4, lambda name, value: checks.integer(name, value, 1, 1024), _depth),
    "temperature": _log(1.0, 2, (-4, 4), 0.5, 1e6),
    "theta": _Setting(0.5, checks.number, _theta),
    "goodness": _choice("sum-squares", GOODNESS),
    "loss": _choice("ff", LOSSES),
    "hypotheses": _choice("joint", HYPOTHESES),
    "adjacency": _choice("edges", ADJACENCIES),
    "checkpoint": _Setting(False, checks.flag, lambda now: widgets.Checkbox(value=now)),
    "hidden": _whole(64, 1, checks.WIDEST),
    "lr": _log(0.01, 10, (-4, 0), 0.25, 1e3),
    "epochs": _whole(100, 1, 100_000),
    "seed": _whole(0, 0, 2**31 - 1),
}
_BUDGET = ("epochs", "lr")
_NOT_THE_NET = ("learner", "graph", *_BUDGET)


def dashboard(
    data: Data | Links | None = None,
    show: Sequence[str] | None = None,
    compare: Mapping[str, Any] | None = None,
    max_depth: int | None = None,
    **settings: Any,
) -> Dashboard:
    """Controls that train a learner anew whenever one of them is moved.

        dashboard(digits, show=["depth", "temperature", "backbone"], learner="sf", depth=4)

    It trains once when it is made, so that it shows a result from the start, and a page without
    a kernel keeps that picture. Afterwards training runs beside the notebook, and the picture
    redraws while it trains. Moving a control trains at once; while it trains, that ends the run and
    begins again. "Train" runs once more, "Stop" ends a run and keeps what it learned, "Reset" goes
    back to what was there at the start. The run before stays in grey on the same axes. What goes
    wrong is said under the controls.

    Args:
        data: the graph to train on, or (train, val, test) from `load_links`; `None` lets `graph`
            choose among those that are embedded.
        show: the names of the controls to be seen; `None` shows all that apply. All others stay at
            the value that is given here.
        compare: settings of a run to be made first and drawn in grey, for instance
            `{"learner": "bp"}`; the others are as in the first run.
        max_depth: where the slider for the depth ends; `None` is 16, or the depth if that is more.
        **settings: where to begin: `learner`, `graph` ("digits"), `backbone` ("gcn"), `depth` (4),
            `temperature` (1), `hidden` (64), `lr` (0.01), `epochs` (100), `seed` (0); for learners
            that know them `theta` (0.5), `goodness`, `loss`, `hypotheses`, `adjacency`,
            `checkpoint`. With links the learner is one of `LINK_LEARNERS`, by default "link-ce".

    Returns:
        A `Dashboard`, to be the last line of a cell.

    Raises:
        ValueError: if a value is out of range or does not apply, or the graph cannot be trained on.
        TypeError: if there is no such setting, or a value is of another kind.

    Chapters 1 and 7.
    """
    return Dashboard(data, show, compare, max_depth, settings)


@dataclass
class _Order:
    """A run that was asked for: its settings, and whether it is still wanted."""

    settings: dict[str, Any]
    stopped_at: float | None = None
    dropped: bool = False  # another one takes its place: what it learned is not kept

    def stop(self, drop: bool = False) -> None:
        self.dropped = self.dropped or drop
        if self.stopped_at is None:
            self.stopped_at = time.monotonic()


class _Meter(MemoryMeter):
    """Counts, and cuts an update short that goes on too long after "stop"."""

    def __init__(self, order: _Order) -> None:
        super().__init__()
        self._order = order
        self.cuts = True

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        since = self._order.stopped_at
        if since is not None and self.cuts and time.monotonic() - since > _PATIENCE:
            self.cuts = False  # once: what follows keeps what was learned
            raise KeyboardInterrupt
        return super().__torch_dispatch__(func, types, args, kwargs)


@dataclass(frozen=True)
class _Result:
    """A run that has ended."""

    settings: dict[str, Any]
    trained: Learner | LinkLearner
    history: History
    live: Live
    scores: list[float] = field(default_factory=list)


_Start = tuple[_Result | None, _Result | None, Picture | None]


class Dashboard:
    """What `dashboard` makes; see there.

    Args:
        data: as for `dashboard`.
        show: as for `dashboard`.
        compare: as for `dashboard`.
        max_depth: as for `dashboard`.
        settings: as for `dashboard`, in a mapping.

    Attributes:
        controls: those that are shown, by name; setting a `value` in code trains, too.
        train: the button; so are `stop` and `reset`.
        trained: the last learner whose training has ended.
        history: its history.
        memory: bytes at the peak of each of its updates.
        picture: the last drawing.
        code: the last run as a program.
        widget: all of it, as one widget.
    """

    def __init__(
        self,
        data: Data | Links | None,
        show: Sequence[str] | None,
        compare: Mapping[str, Any] | None,
        max_depth: int | None,
        settings: dict[str, Any],
    ) -> None:
        links = isinstance(data, tuple | list) or (
            data is None and settings.get("learner") in LINK_LEARNERS
        )
        if isinstance(data, tuple | list):
            if len(data) != 3:
                raise ValueError(f"data must be (train, val, test) of links; got {len(data)} parts")
            for name, part in zip(("train", "val", "test"), data, strict=True):
                checks.links(name, part)
        elif data is not None:
            checks.graph(data, masks=("train_mask", "val_mask", "test_mask"))
        self._links = links
        self._given: tuple[Data, ...] | None = None
        if data is not None:
            self._given = tuple(data) if isinstance(data, tuple | list) else (data,)
        self._offered = dict(SETTINGS)
        if links:
            self._offered["learner"] = _choice("link-ce", LINK_LEARNERS)
        if data is not None:
            del self._offered["graph"]
        if max_depth is not None:
            checks.integer("max_depth", max_depth, 1, 1024)
            checks.integer("depth", settings.get("depth", 1), 1, max_depth)
        shown = list(self._offered) if show is None else self._shown(show)
        self._values = {name: each.default for name, each in self._offered.items()}
        if max_depth is not None:
            self._values["depth"] = min(self._values["depth"], max_depth)
        self._values |= self._checked("dashboard()", settings)
        asked = [*settings, *(show or ())]
        known = self._offered["learner"].check
        names = (LINK_LEARNERS if links else LEARNERS) if "learner" in shown else ()
        self._must_apply(asked, names or (known("learner", self._values["learner"]),))
        if not isinstance(compare, Mapping | None):
            raise TypeError(f"compare must map settings to values; got {compare!r:.60}")
        rival = self._checked("compare", compare or {})
        self._must_apply(rival, (rival.get("learner", self._values["learner"]),))

        self._order = _Order({})
        self._thread: threading.Thread | None = None
        self._result: _Result | None = None
        self._before: _Result | None = None
        self._error: Exception | None = None
        self._quiet = False
        self.picture: Picture | None = None
        self._load = cache(self._load)  # type: ignore[method-assign]
        self._make_widgets(shown, max_depth)

        for chosen in ([self._values | rival] if compare else []) + [dict(self._values)]:
            self._order = _Order(chosen)
            self._train(self._order)
            if self._error is not None:  # a wrong argument is an error here, not a line of text
                raise self._error
        if self._result is None:
            raise KeyboardInterrupt  # before the first update
        self._first: _Start = self._result, self._before, self.picture
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self.train.on_click(self._begin)
        self.stop.on_click(self._halt)
        self.reset.on_click(self._back)

    # What is set, and whether it may be

    def _shown(self, show: Sequence[str]) -> list[str]:
        if isinstance(show, str) or not isinstance(show, Sequence):
            raise TypeError(f"show must be a list of names of controls; got {show!r}")
        return list(dict.fromkeys(checks.one_of("show", name, self._offered) for name in show))

    def _checked(self, where: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        checks.options(where, settings, self._offered)
        return {name: self._offered[name].check(name, value) for name, value in settings.items()}

    def _must_apply(self, asked: Iterable[str], learners: Sequence[str]) -> None:
        for name in asked:
            if not any(name in _known_to(learner) for learner in learners):
                known = " or ".join(repr(learner) for learner in learners)
                raise ValueError(f"{name} must be a setting of {known}; it is none")

    def _chosen(self) -> dict[str, Any]:
        return self._values | {name: each.value for name, each in self.controls.items()}

    # What is seen

    def _make_widgets(self, shown: Sequence[str], max_depth: int | None) -> None:
        self.controls: dict[str, Any] = {}
        for name in shown:
            make = self._offered[name].widget
            if name == "depth" and max_depth is not None:
                make = partial(_depth, deepest=max_depth)
            control = self.controls[name] = make(self._values[name])
            control.description = name
            control.style.description_width = "6.5em"
            control.layout.width = "22em"
        self.train = widgets.Button(description="Train", icon="play")
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.reset = widgets.Button(description="Reset", icon="undo")
        self.status = widgets.HTML()
        self._image, self._numbers = widgets.HTML(), widgets.HTML()
        for button in (self.train, self.stop, self.reset):
            button.layout.width = "6.5em"
        wrap = widgets.Layout(flex_flow="row wrap")
        controls = widgets.HBox(list(self.controls.values()), layout=wrap)
        buttons = widgets.HBox([self.train, self.stop, self.reset], layout=wrap)
        self.widget: widgets.VBox = widgets.VBox(
            [controls, buttons, self.status, self._image, self._numbers],
            layout=widgets.Layout(max_width=f"{780 * projector_zoom():.0f}px"),
        )
        self._fit_controls()

    def _fit_controls(self) -> None:
        """Hide the controls that the chosen learner does not have."""
        known = _known_to(self._chosen()["learner"])
        for name, control in self.controls.items():
            control.layout.display = None if name in known else "none"

    def _draw(self, order: _Order, picture: Picture) -> None:
        if not order.dropped:
            self.picture = picture
            self._image.value = picture.html()

    def _say(self, words: str, aloud: bool = True) -> None:
        live = "polite" if aloud else "off"  # a screen reader need not count epochs
        self.status.value = f'<span role="status" aria-live="{live}">{escape(words)}</span>'

    # What happens

    def _moved(self, _: Any) -> None:
        if not self._quiet:
            self._fit_controls()
            self._begin()

    def _begin(self, _: Any = None) -> None:
        """Train with the controls as they stand; a run in progress ends."""
        order = _Order(self._chosen())
        self._follow(order, lambda: self._train(order))

    def _back(self, _: Any) -> None:
        """Go back to the start: end what is running, put the controls and the first result back."""
        self._quiet = True
        for name, control in self.controls.items():
            control.value = self._values[name]
        self._quiet = False
        self._fit_controls()
        self._follow(_Order(dict(self._values)), self._restore)

    def _restore(self) -> None:
        self._result, self._before, self.picture = self._first
        assert self.picture is not None
        self._image.value = self.picture.html()
        self._conclude()

    def _follow(self, order: _Order, work: Callable[[], None]) -> None:
        """End the run in progress and do this next; the notebook does not wait."""
        running, self._order, ended = self._order, order, self._thread
        if ended is not None and ended.is_alive():
            running.stop(drop=True)
            self._say("ends this run and begins again ...")

        def follow() -> None:
            if ended is not None:
                ended.join()
            if not order.dropped:
                work()

        self._thread = threading.Thread(target=follow, daemon=True)
        self._thread.start()

    def _halt(self, _: Any) -> None:
        self._order.stop()
        if self._thread is not None and self._thread.is_alive():  # else all is said already
            self._say("stops ...")

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

    def _train(self, order: _Order) -> None:
        self._error = None
        self.train.disabled, self.stop.disabled = True, False
        self._say("training ...")
        try:
            result = self._run(order)
            if order.dropped:
                return
            if not len(result.history):
                self._say("stopped before the first update: nothing was learned")
                return
            old = self._result
            if old is not None and old.settings != result.settings:
                self._before = old
            self._result = result
            self._conclude()
        except Exception as error:
            self._error = error
            if not order.dropped:
                known = isinstance(error, ValueError | TypeError | FloatingPointError)
                kind = "" if known else f"{type(error).__name__}: "
                self._say(f"this did not work: {kind}{str(error).strip().splitlines()[0]}")
        finally:
            self.train.disabled, self.stop.disabled = False, True

    def _run(self, order: _Order) -> _Result:
        """Train as ordered, drawing all the while."""
        settings = order.settings
        old = self._result
        if old is not None and old.settings == settings:
            old = self._before
        make = make_link_learner if self._links else make_learner
        known = _known_to(settings["learner"])
        options = {k: v for k, v in settings.items() if k in known and k not in _NOT_THE_NET}
        learner = make(settings["learner"], **options)
        parts, meter, told = self._parts(settings), _Meter(order), 0.0
        live = Live(
            partial(self._draw, order),
            meter=meter,
            before=None if old is None else old.live,
            names=("now", "before") if old is None else _difference(settings, old.settings),
            score="validation ROC-AUC" if self._links else "validation accuracy",
        )
        started = time.monotonic()

        def listen(record: Record) -> bool:
            nonlocal told
            now = time.monotonic()
            if now - told > 0.2 and order.stopped_at is None:
                told = now
                words = _progress(learner, settings["epochs"], record, now - started)
                self._say(words, aloud=False)
            if order.stopped_at is None:
                live(record)
                return True
            live.note(record)
            meter.cuts = False
            return False

        with live:
            budget: dict[str, Any] = {name: settings[name] for name in _BUDGET}
            try:
                history = learner.fit(*parts[:2], **budget, on_epoch=listen)  # type: ignore[misc]
            except KeyboardInterrupt:  # cut short before training began
                history = History(stopped="interrupted")
            if order.stopped_at is not None and not order.dropped:
                self._say(f"stopped after {len(history)} updates ...")
        done = len(history) and not order.dropped
        scores = learner.layer_scores(parts[-1]) if done else []
        return _Result(settings, learner, history, live, scores)

    def _parts(self, settings: dict[str, Any]) -> tuple[Data, ...]:
        """What `fit` is given and, last, what the result is scored on."""
        return self._given or self._load(settings["graph"])

    def _load(self, name: str) -> tuple[Data, ...]:
        return load_links(name) if self._links else (load_graph(name),)

    # What is left of it

    @property
    def trained(self) -> Learner | LinkLearner:
        """The last learner whose training has ended."""
        return self._last.trained

    @property
    def history(self) -> History:
        """The history of the last run that has ended."""
        return self._last.history

    @property
    def memory(self) -> list[int]:
        """Bytes at the peak of each of its updates."""
        return self._last.live.memory

    @property
    def _last(self) -> _Result:
        assert self._result is not None
        return self._result

    @property
    def code(self) -> str:
        """The last run as a program of its own; it ends by printing the score."""
        settings = self._last.settings
        known = _known_to(settings["learner"])
        default = {k: each.default for k, each in SETTINGS.items() if k not in ("theta", "hidden")}
        always = ("backbone", "depth", "hidden", "temperature", "seed")
        net = [
            f"{k}={_written(v)}"
            for k, v in settings.items()
            if k in known and k not in _NOT_THE_NET and (k in always or v != default.get(k))
        ]
        make, load = (
            ("learner", "load_graph") if not self._links else ("link_learner", "load_links")
        )
        names = ("train, val, test", "train, val", "test")
        names = names if self._links else ("data", "data", 'data, "test"')
        source = settings.get("graph") or self._name_of_given()
        known_data = f'{names[0]} = fgnn.{load}("{source}")'
        return "\n".join(
            [
                "import fgnn_lite as fgnn",
                "",
                known_data if source else f"# {names[0]}: what this dashboard was given",
                f"learner = fgnn.make_{make}({_written(settings['learner'])}, {', '.join(net)})",
                f"learner.fit({names[1]}, epochs={settings['epochs']}, lr={settings['lr']!r})",
                f"print(learner.score({names[2]}))",
            ]
        )

    def _name_of_given(self) -> str | None:
        """The embedded graph that `data` is, if it is one."""
        assert self._given is not None
        name = self._given[0].name if "name" in self._given[0] else None
        if name not in EMBEDDED:
            return None
        pairs = zip(self._given, self._load(name), strict=True)
        return name if all(_same(a, b) for a, b in pairs) else None

    def summary(self) -> str:
        """What the last run reached, in one line: the score on the test set, layer by layer."""
        result = self._last
        listed = " / ".join(f"{100 * score:.0f}" for score in result.scores)
        what = "with layers 1 to l" if len(result.scores) > 1 else "of the whole net"
        if len(result.scores) == 1 and result.trained.local:
            what = "with layer 1"
        kind = "ROC-AUC" if self._links else "accuracy"
        ended = "" if result.history.stopped == "finished" else " (stopped)"
        return f"test {kind} {what}: {listed} %{ended}"

    def _conclude(self) -> None:
        """Say the result, and write its numbers and its code under the picture."""
        self._numbers.value = self._table() + self._listing()
        self._say(self.summary())

    def _table(self) -> str:
        result = self._last
        kind = "ROC-AUC" if self._links else "accuracy"
        heads = [
            "part",
            "updates",
            f"validation {kind}, %",
            f"test {kind}, %",
            "margin",
            "peak, MB",
        ]
        rows = [heads]
        layers = result.history.layers
        for k, layer in enumerate(layers):
            records = result.history.of(layer)
            found = [r.val_score for r in records if r.val_score is not None]
            pairs = zip(result.history, result.live.memory, strict=False)
            peak = max(bytes_ for record, bytes_ in pairs if record.layer == layer)
            rows.append(
                [
                    "whole net" if layer is None else f"layers 1 to {layer}",
                    str(len(records)),
                    f"{100 * max(found):.1f}" if found else "",
                    f"{100 * result.scores[k]:.1f}",
                    f"{records[-1].margin:.2f}",
                    f"{peak / MB:.2f}",
                ]
            )
        cells = [
            "".join(f'<{tag} style="padding:0 .8em;text-align:right">{c}</{tag}>' for c in row)
            for row, tag in zip(rows, ["th", *["td"] * len(layers)], strict=True)
        ]
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"

    def _listing(self) -> str:
        note = ""
        if self.history.stopped != "finished":
            note = "<p>This run was stopped; the code trains to the end.</p>"
        return (
            '<details data-lm-suppress-shortcuts="true"><summary>The code for this run</summary>'
            f'{note}<pre style="user-select:all;white-space:pre-wrap">{escape(self.code)}</pre>'
            "</details>"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget where there is a kernel, the last picture everywhere else."""
        assert self.picture is not None
        data, metadata = self.picture._repr_mimebundle_()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {**data, "application/vnd.jupyter.widget-view+json": view}, metadata


@cache
def _known_to(learner: str) -> frozenset[str]:
    """The settings that this learner has."""
    kind = kind_of(learner)
    fixed = ("backbone",) if len(kind.backbones) == 1 else ()  # nothing to choose
    return frozenset([*_NOT_THE_NET, *kind.setting_names()]) - frozenset(fixed)


def _difference(now: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, str]:
    """What two runs are called: the settings in which they differ, of those that apply."""
    names = [k for k in now if now[k] != before[k]]

    def called(settings: Mapping[str, Any]) -> str:
        mine = [k for k in names if k in _known_to(settings["learner"])]
        shown = [
            f"{settings[k]:.3g}" if isinstance(settings[k], float) else plain(str(settings[k]))
            for k in mine
        ]
        return ", ".join(
            v if k == "learner" else f"{k} {v}" for k, v in zip(mine, shown, strict=True)
        )

    return f"now: {called(now)}", f"before: {called(before)}"


def _written(value: Any) -> str:
    """The value as it stands in a program."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _progress(learner: Learner | LinkLearner, epochs: int, record: Record, seconds: float) -> str:
    """Where training stands: layer, epoch, seconds left if nothing stops early."""
    done, total = record.epoch + 1, epochs
    where = ""
    if learner.layer_wise and record.layer is not None:
        where = f"layer {record.layer} of {learner.depth}, "
        done, total = done + (record.layer - 1) * epochs, epochs * learner.depth
    left = seconds * (total - done) / done
    return (
        f"training: {where}epoch {record.epoch + 1} of {epochs}, at most {left:.0f} s left "
        "(moving a control ends this run and begins again)"
    )


def _same(a: Data, b: Data) -> bool:
    keys = [key for key in b.keys() if isinstance(b[key], torch.Tensor)]  # noqa: SIM118
    return all(key in a and torch.equal(a[key], b[key]) for key in keys)
