"""Keep out of the pages what only works with other hosts.

Jupyter Book always loads ``sphinx_thebe`` (live code on a Binder server). It is switched off in
``_config.yml``, but still puts the address of its script on every page, and puts it there twice,
which is an error in the browser's console. Its handlers are taken out before they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def remove_thebe(app: Sphinx, config: Config) -> None:
    """Take back every handler and style sheet that ``sphinx_thebe`` has registered."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__module__", "").split(".")[0] == "sphinx_thebe":
                listeners.remove(listener)
    sheets = app.registry.css_files
    sheets[:] = [sheet for sheet in sheets if sheet[0] != "sphinx-thebe.css"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", remove_thebe, priority=900)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
