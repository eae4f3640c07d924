"""Our extension in pi's folder of extensions: put in, and taken away again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.hooks.plugin_files import plan_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.hooks.settings_file import Plan
    from switchtax.hooks.setups import Wanted

__all__ = ["AFTERWARDS", "SCOPES", "plans", "plugin_path"]

SCOPES = ("user",)
AFTERWARDS = "pi takes it up when it is started next, or at /reload."


def plugin_path(env: Mapping[str, str], home: Path) -> Path:
    """Where the extension stands; `PI_CODING_AGENT_DIR` moves pi's folder."""
    named = env.get("PI_CODING_AGENT_DIR", "").strip()
    if named == "~" or named.startswith("~/"):
        root = home / named[2:]
    else:
        root = Path(named) if named else home / ".pi" / "agent"
    return root / "extensions" / "switchtax.js"


def plans(wanted: Wanted) -> list[Plan]:
    """The one file; see `setups.Setup`."""
    return [plan_for(plugin_path(wanted.env, wanted.home), "pi", wanted)]
