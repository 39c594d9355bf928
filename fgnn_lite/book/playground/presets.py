"""The experiments that have a name, and the settings that a playground begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from fgnn_lite import checks
from fgnn_lite.learners import make_learner

_FILE = json.loads((files(__package__) / "presets.json").read_text("utf8"))
SIDE: dict[str, Any] = _FILE["side"]  # the settings of a net, where nothing else is said
SBM: dict[str, Any] = _FILE["sbm"]  # of a block model
KARATE: list[list[float]] = _FILE["karate"]  # where the club stands, class nodes last, per cents
_ALL: dict[str, dict[str, Any]] = {each["name"]: each for each in _FILE["presets"]}
PRESETS = tuple(_ALL)
_FF = ("theta", "loss", "goodness", "hypotheses")


def preset(name: str) -> dict[str, Any]:
    """An experiment: its name, question, answer, the answer's conditions, and its state.

    Settings that are those of `SIDE` or `SBM` are left out of the state; `whole` adds them.
    """
    return _ALL[checks.one_of("preset", name, _ALL)]


def whole(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state with all settings."""
    out = dict(state)
    for key in ("left", "right"):
        out[key] = SIDE | state[key] if state.get(key) is not None else None
    if state["graph"]["kind"] == "sbm":
        out["graph"] = {"kind": "sbm"} | SBM | state["graph"]
    return out


def side(argument: str, given: str | Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a net, from a learner's name or some of them, checked.

    Args:
        argument: its name, for the message.
        given: a learner's name, or a mapping of settings.

    Raises:
        TypeError: it is neither, or a setting does not exist or is of another kind.
        ValueError: a value is not allowed.
    """
    if isinstance(given, str):
        given = {"learner": given}
    if not isinstance(given, Mapping):
        raise TypeError(f"{argument} must be a learner's name or a mapping; got {given!r}")
    checks.options(f"{argument}", given, SIDE)
    out = SIDE | dict(given)
    own = {key: out[key] for key in ("backbone", "depth", "hidden", "temperature", "seed")}
    own["features"] = out["features"]
    if str(out["learner"]).startswith("ff-"):
        own |= {key: out[key] for key in _FF}
    if out["learner"] == "sf-top-to-input":
        own["above"] = out["above"]
    if str(out["learner"]).startswith("sf") or out["learner"] == "ff-vn":
        both = checks.flag(f"{argument}'s both_ways", out["both_ways"])
        own["virtual_edges"] = "both" if both else "to-virtual"
    make_learner(out["learner"], **own)  # refuses what no learner allows
    for key, low, high in (("depth", 1, 16), ("hidden", 1, 128), ("epochs", 1, 2000)):
        checks.integer(f"{argument}'s {key}", out[key], low, high)
    checks.integer(f"{argument}'s negatives", out["negatives"], 0, 20)
    checks.number(f"{argument}'s lr", out["lr"], 0, 10)
    checks.number(f"{argument}'s weight_decay", out["weight_decay"], 0, 10)
    return out
