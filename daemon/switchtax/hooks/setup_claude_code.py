"""Hooks and status line in Claude Code's settings: put in, and taken out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError
from switchtax.hooks import json_text, settings_file
from switchtax.hooks.claude_code import EVENTS
from switchtax.hooks.commands import is_ours, previous_line
from switchtax.hooks.hook_lists import check_hooks, mentions_us, put, with_hook, without_hooks
from switchtax.hooks.line_in_settings import without_line
from switchtax.hooks.settings_file import Plan, as_bytes, base_of, contents, settings_text
from switchtax.wording.setup import HOOKS_OFF, STRANGE_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.commands import Commands
    from switchtax.hooks.setups import Wanted

__all__ = ["AFTERWARDS", "SCOPES", "installing", "plans", "removing", "settings_path"]

SCOPES = ("user", "project")
AFTERWARDS = "Sessions that run already take it up by themselves."

_REDRAW_S = 30
"""The cache clock runs out while nothing else happens."""


def settings_path(scope: str, env: Mapping[str, str], home: Path, project: Path) -> Path:
    """The file of a scope. A project's is its local one: paths of a machine are not shared."""
    if scope == "project":
        return project / ".claude" / "settings.local.json"
    root = env.get("CLAUDE_CONFIG_DIR")
    return (Path(root).expanduser() if root else home / ".claude") / "settings.json"


def plans(wanted: Wanted) -> list[Plan]:
    """The settings file of the scope; see `setups.Setup`."""
    env, home, project = wanted.env, wanted.home, wanted.project
    path = settings_path(wanted.scope, env, home, project)
    if wanted.undo:
        return [removing(path, wanted.state)]
    shared, user = project / ".claude" / "settings.json", settings_path("user", env, home, project)
    others = (shared, user) if wanted.scope == "project" else ()
    return [installing(path, wanted.commands, wanted.state, others)]


# -- planning ---------------------------------------------------------------------------


def installing(path: Path, commands: Commands, journal: Path, others: tuple[Path, ...]) -> Plan:
    """Plan to put hooks and status line in.

    Args:
        path: the settings file, which need not exist.
        commands: what to put in.
        journal: the state folder.
        others: settings that hold where this file names no status line, first one first.

    Raises:
        SettingsError: the file is broken; nothing may be written.
    """
    before = contents(path)
    text = settings_text(path, before)
    check_hooks(path, text, EVENTS)
    changes: list[str] = []
    for event in EVENTS:
        text = with_hook(text, event, commands.hook(event), changes)
    text, notes = _with_status_line(text, commands, others, changes)
    notes += _obstacles(text)
    after = as_bytes(before, text) if changes else before
    return Plan(
        path,
        before,
        after,
        base_of(path, before, journal, _strip(path)),
        tuple(changes),
        tuple(notes),
    )


def _with_status_line(
    text: str, commands: Commands, others: tuple[Path, ...], changes: list[str]
) -> tuple[str, list[str]]:
    if commands.windows:
        return text, ["the status line needs a POSIX shell: left as it is"]
    found = json_text.find(text, ("statusLine",))
    inherited = found if found is not None else _inherited(others)
    command = inherited.get("command") if isinstance(inherited, dict) else None
    if inherited is not None and not isinstance(command, str):
        return text, [STRANGE_LINE]
    if found is None and is_ours(command):
        return text, []
    previous = previous_line(command) if isinstance(command, str) else ""
    ours = commands.status_line(previous)
    if found is None:
        own = {"type": "command", "command": ours, "refreshInterval": _REDRAW_S}
        text = put(text, ("statusLine",), {**own, **(inherited or {}), "command": ours})
    elif command != ours:
        text = json_text.replace(text, ("statusLine", "command"), ours)
    else:
        return text, []
    changes.append("status line" + (", after the one there was" if previous else ""))
    return text, []


def _inherited(others: tuple[Path, ...]) -> Any:
    for path in others:
        try:
            found = json_text.find(settings_text(path, contents(path)), ("statusLine",))
        except SettingsError:
            continue
        if found is not None:
            return found
    return None


def _obstacles(text: str) -> list[str]:
    notes = []
    if json_text.find(text, ("disableAllHooks",)) is True:
        notes.append(HOOKS_OFF)
    plugins = json_text.find(text, ("enabledPlugins",))
    if isinstance(plugins, dict) and any(
        name.startswith("switchtax@") and on for name, on in plugins.items()
    ):
        notes.append("the plugin is installed too: both together act once")
    return notes


def removing(path: Path, journal: Path) -> Plan:
    """Plan to take ours out: byte for byte what was, where only we have written since."""
    said = "hooks and status line of switchtax go"
    return settings_file.removing(path, journal, _strip(path), said)


def _strip(path: Path) -> Callable[[bytes], bytes]:
    def strip(raw: bytes) -> bytes:
        if not mentions_us(raw):
            return raw
        return as_bytes(raw, without_line(without_hooks(settings_text(path, raw))))

    return strip
