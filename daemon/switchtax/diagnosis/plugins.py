"""Whether agents that take a plugin of ours have it, whole, of this installation."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.hooks import setup_copilot_cli, setup_opencode, setup_pi
from switchtax.hooks.plugin_files import plugin_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

__all__ = ["look_at_plugins"]

_TOPIC = "hooks"
_PLACES: dict[str, Callable[[Mapping[str, str], Path], Path]] = {
    "copilot-cli": setup_copilot_cli.plugin_path,
    "opencode": setup_opencode.plugin_path,
    "pi": setup_pi.plugin_path,
}
_PYTHON = re.compile(r'^const PYTHON = ("(?:[^"\\]|\\.)*")$', re.MULTILINE)


def look_at_plugins(
    env: Mapping[str, str], home: Path, used: Collection[object], python: str
) -> Iterator[Finding]:
    """One row for each agent in use, and what OpenCode and Copilot CLI will do about any plugin.

    Args:
        env: the environment that moves agents' folders.
        home: the user's home.
        used: the agents that are on this machine.
        python: the interpreter of this installation.
    """
    for agent, place in _PLACES.items():
        if agent not in used:
            continue
        path = place(env, home)
        if agent == "copilot-cli" and not path.exists():
            if setup_copilot_cli.hooks_path(env, home).exists():  # else it is not set up at all
                yield note(_TOPIC, "plugin-unset", agent=agent)
            continue
        yield _state_of(agent, path, python)
        if agent == "opencode" and path.exists() and not setup_opencode.has_package(env, home):
            yield note(_TOPIC, "plugin-fetches", path=str(path))
        if agent == "copilot-cli" and not setup_copilot_cli.is_loaded(env, home):
            yield note(_TOPIC, "plugin-experimental", path=str(path))


def _state_of(agent: str, path: Path, python: str) -> Finding:
    where = {"agent": agent, "path": str(path)}
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return note(_TOPIC, "plugin-missing", **where)
    except (OSError, ValueError) as error:
        return trouble(_TOPIC, "plugin-unreadable", **where, reason=type(error).__name__)
    found = _PYTHON.search(text)
    named = json.loads(found[1]) if found else ""
    if text == plugin_text(agent, python):
        return good(_TOPIC, "plugin-installed", **where)
    if text == plugin_text(agent, named):
        return trouble(_TOPIC, "plugin-elsewhere", **where, python=named)
    return trouble(_TOPIC, "plugin-old", **where)
