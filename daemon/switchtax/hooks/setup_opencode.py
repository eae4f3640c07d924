"""Our plugin in OpenCode's folder of plugins: put in, and taken away again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.hooks.plugin_files import plan_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.hooks.settings_file import Plan
    from switchtax.hooks.setups import Wanted

__all__ = ["AFTERWARDS", "SCOPES", "has_package", "plans", "plugin_path"]

SCOPES = ("user",)
AFTERWARDS = "OpenCode takes it up when it is started next."
_FETCHES = (
    "OpenCode fetches its package @opencode-ai/plugin (63 MB) at the next start, as for any "
    "plugin, and waits for it: start it once while online. Without a network it waits two to three "
    "minutes at every start"
)


def plugin_path(env: Mapping[str, str], home: Path) -> Path:
    """Where the plugin stands; as OpenCode's, the folder follows XDG on every system."""
    return _settings(env, home) / "plugin" / "switchtax.js"


def has_package(env: Mapping[str, str], home: Path) -> bool:
    """Whether what OpenCode fetches for any plugin is there already."""
    return (_settings(env, home) / "node_modules" / "@opencode-ai" / "plugin").exists()


def plans(wanted: Wanted) -> list[Plan]:
    """The one file; see `setups.Setup`."""
    plan = plan_for(plugin_path(wanted.env, wanted.home), "opencode", wanted)
    if wanted.undo or has_package(wanted.env, wanted.home):
        return [plan]
    return [replace(plan, notes=(_FETCHES,))]


def _settings(env: Mapping[str, str], home: Path) -> Path:
    named = env.get("XDG_CONFIG_HOME")
    return (Path(named) if named else home / ".config") / "opencode"
