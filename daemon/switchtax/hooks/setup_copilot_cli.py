"""Hooks, extension and status line of Copilot CLI: put in, and taken out again.

The hooks are a file of our own in its folder of hooks, and the extension one in a folder of its
own; the status line stands in its settings, around the user's own if there is one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError
from switchtax.hooks import json_text, settings_file
from switchtax.hooks.commands import previous_line
from switchtax.hooks.copilot_cli import EVENTS
from switchtax.hooks.hook_lists import mentions_us, put
from switchtax.hooks.line_in_settings import without_line
from switchtax.hooks.plugin_files import plan_for
from switchtax.hooks.settings_file import (
    Plan,
    as_bytes,
    base_of,
    contents,
    own_file,
    settings_text,
)
from switchtax.wording.setup import HOOKS_OFF, STRANGE_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.commands import Commands
    from switchtax.hooks.setups import Wanted

__all__ = [
    "AFTERWARDS",
    "AGENT",
    "EVENTS",
    "SCOPES",
    "hooks_path",
    "is_loaded",
    "plans",
    "plugin_path",
    "settings_path",
]

AGENT = "copilot-cli"
SCOPES = ("user",)
AFTERWARDS = "Copilot CLI takes it up when it is started next."
_MARK = "switchtax"
_LOADS = ("experimental",)


def _folder(env: Mapping[str, str], home: Path) -> Path:
    moved = env.get("COPILOT_HOME", "").strip()
    return Path(moved).expanduser() if moved else home / ".copilot"


def hooks_path(env: Mapping[str, str], home: Path) -> Path:
    """Our own file among its hooks."""
    return _folder(env, home) / "hooks" / "switchtax.json"


def plugin_path(env: Mapping[str, str], home: Path) -> Path:
    """Our extension, which runs where experimental features are on."""
    return _folder(env, home) / "extensions" / "switchtax" / "extension.mjs"


def is_loaded(env: Mapping[str, str], home: Path) -> bool:
    """Whether the settings turn on what loads extensions; an option may do so, too."""
    try:
        before = contents(settings_path(env, home))
        return json_text.find(settings_text(settings_path(env, home), before), _LOADS) is True
    except SettingsError:
        return False


def settings_path(env: Mapping[str, str], home: Path) -> Path:
    """Its settings, which hold the status line."""
    return _folder(env, home) / "settings.json"


def plans(wanted: Wanted) -> list[Plan]:
    """Its three files; see `setups.Setup`."""
    hooks, settings = hooks_path(wanted.env, wanted.home), settings_path(wanted.env, wanted.home)
    if wanted.undo:
        said = "status line of switchtax goes"
        return [
            own_file(hooks, None, _MARK, "hooks of switchtax go"),
            plan_for(plugin_path(wanted.env, wanted.home), AGENT, wanted),
            settings_file.removing(settings, wanted.state, _strip(settings), said),
        ]
    if wanted.commands.windows:
        raise SettingsError("Copilot CLI's hooks need a POSIX shell: install switchtax inside WSL.")
    text = json.dumps(_hooks(wanted.commands), indent=2) + "\n"
    return [
        own_file(hooks, text, _MARK, ", ".join(f"hook {event}" for event in EVENTS)),
        plan_for(plugin_path(wanted.env, wanted.home), AGENT, wanted),
        _status_line(settings, wanted),
    ]


def _hooks(commands: Commands) -> dict[str, Any]:
    """The hooks in Copilot's own shape."""
    return {
        "version": 1,
        "hooks": {
            event: [{"type": "command", "bash": commands.warning_hook(event, AGENT)}]
            for event in EVENTS
        },
    }


def _status_line(path: Path, wanted: Wanted) -> Plan:
    """Plan to put the status line in, after the one there was."""
    before = contents(path)
    text = settings_text(path, before)
    found = json_text.find(text, ("statusLine",))
    base = base_of(path, before, wanted.state, _strip(path))
    notes = []
    if json_text.find(text, ("disableAllHooks",)) is True:
        notes.append(HOOKS_OFF)
    command = found.get("command") if isinstance(found, dict) else None
    if found is not None and not isinstance(command, str):
        notes.append(STRANGE_LINE)
        return Plan(path, before, before, base, (), tuple(notes))
    previous = previous_line(command) if isinstance(command, str) else ""
    ours = wanted.commands.status_line(previous)
    if command == ours:
        return Plan(path, before, before, base, (), tuple(notes))
    if found is None:
        text = put(text, ("statusLine",), {"type": "command", "command": ours})
    else:
        text = json_text.replace(text, ("statusLine", "command"), ours)
    said = "status line" + (", after the one there was" if previous else "")
    return Plan(path, before, as_bytes(before, text), base, (said,), tuple(notes))


def _strip(path: Path) -> Callable[[bytes], bytes]:
    def strip(raw: bytes) -> bytes:
        if not mentions_us(raw):
            return raw
        return as_bytes(raw, without_line(settings_text(path, raw)))

    return strip
