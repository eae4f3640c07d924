"""Plugins of one file that `switchtax setup` puts into an agent's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.errors import SettingsError
from switchtax.hooks.settings_file import Plan, own_file

if TYPE_CHECKING:
    from switchtax.hooks.setups import Wanted

__all__ = ["MARK", "plan_for", "plugin_text"]

MARK = "switchtax for "
"""What the first line of each plugin holds, and no other file there."""
_HERE = Path(__file__).parent
_PYTHON = 'const PYTHON = ""\n'


def plugin_text(agent: str, python: str) -> str:
    """A plugin as it is put in place.

    Args:
        agent: the agent's name.
        python: the interpreter that has switchtax, which starts the daemon.

    Raises:
        SettingsError: this installation has no such file.
    """
    name = f"{agent}.js"
    checkout = _HERE.parents[2] / "editors" / agent / "switchtax.js"
    for path in (_HERE / "plugins" / name, checkout):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            return text.replace(_PYTHON, f"const PYTHON = {json.dumps(python)}\n", 1)
    raise SettingsError(f"{_HERE / 'plugins' / name}: not there. Install switchtax anew.")


def plan_for(path: Path, agent: str, wanted: Wanted) -> Plan:
    """Plan to put an agent's plugin at a path, or to take it away.

    Raises:
        SettingsError: another's file stands there.
    """
    if wanted.undo:
        return own_file(path, None, MARK, "the plugin goes")
    return own_file(path, plugin_text(agent, wanted.commands.python), MARK, "the plugin")
