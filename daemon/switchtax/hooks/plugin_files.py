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
_COMMON = "// editors/common/daemon.js\n"
"""The line of each plugin for which the way to the daemon is put."""


def plugin_text(agent: str, python: str) -> str:
    """A plugin as it is put in place: one file, with all that it needs.

    Args:
        agent: the agent's name.
        python: the interpreter that has switchtax, which starts the daemon.

    Raises:
        SettingsError: this installation has no such file.
    """
    own = _read(f"{agent}.js", f"{agent}/switchtax.js")
    _, _, common = _read("daemon.js", "common/daemon.js").partition("\n\n")
    named = common.replace(_PYTHON, f"const PYTHON = {json.dumps(python)}\n", 1)
    return own.replace(_COMMON, named, 1)


def _read(packaged: str, in_checkout: str) -> str:
    """A file of the package; where that is a checkout, as it stands there."""
    for path in (_HERE / "plugins" / packaged, _HERE.parents[2] / "editors" / in_checkout):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise SettingsError(f"{_HERE / 'plugins' / packaged}: not there. Install switchtax anew.")


def plan_for(path: Path, agent: str, wanted: Wanted) -> Plan:
    """Plan to put an agent's plugin at a path, or to take it away.

    Raises:
        SettingsError: another's file stands there.
    """
    if wanted.undo:
        return own_file(path, None, MARK, "the plugin goes")
    return own_file(path, plugin_text(agent, wanted.commands.python), MARK, "the plugin")
