"""Hooks of Cursor, for its editor and its command line, and the latter's status line.

What Cursor makes of a file of hooks is in `cursor_file`: what we write holds neither `//` nor
`/*`, and what Cursor would refuse is said.

Source: the hook engine in npm's @cursor/sdk 1.0.32, read 2026-11-22.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents.cursor_recording import recordings
from switchtax.errors import SettingsError
from switchtax.hooks import json_text, settings_file
from switchtax.hooks.commands import Commands, previous_line
from switchtax.hooks.cursor import EVENTS
from switchtax.hooks.cursor_file import is_json, refusal, without_comments
from switchtax.hooks.flat_lists import with_entry, without_entries
from switchtax.hooks.hook_lists import check_hooks, mentions_us, put
from switchtax.hooks.line_in_settings import without_line
from switchtax.hooks.settings_file import Plan, as_bytes, base_of, contents, settings_text
from switchtax.wording.setup import (
    CURSOR_AFTERWARDS,
    STRANGE_LINE,
    cursor_blind,
    cursor_footer,
    cursor_refuses,
    recordings_stay,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.setups import Wanted

__all__ = [
    "AFTERWARDS",
    "AGENT",
    "EVENTS",
    "SCOPES",
    "cli_config_path",
    "hooks_path",
    "is_here",
    "plans",
]

AGENT = "cursor"
SCOPES = ("user",)
AFTERWARDS = CURSOR_AFTERWARDS
_VERSION = 1
_TIMEOUT_S = 5
"""Cursor goes on without us then; its own default is a minute."""
_PROGRAMS = ("cursor", "cursor-agent")


def hooks_path(home: Path) -> Path:
    """The user's hooks, which editor and command line share; no variable moves them."""
    return home / ".cursor" / "hooks.json"


def cli_config_path(env: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """The settings of the command line, which hold its status line."""
    moved = env.get("CURSOR_CONFIG_DIR", "").strip()
    if moved:
        return Path(moved).expanduser() / "cli-config.json"
    config = env.get("XDG_CONFIG_HOME", "").strip()
    if config and platform == "linux":
        path = Path(config) / "cursor" / "cli-config.json"
        if path.exists():
            return path
    return home / ".cursor" / "cli-config.json"


def is_here(env: Mapping[str, str], home: Path) -> bool:
    """Whether Cursor is on this machine: by its folder, or one of its commands on PATH."""
    if (home / ".cursor").is_dir():
        return True
    return any(shutil.which(program, path=env.get("PATH")) for program in _PROGRAMS)


def plans(wanted: Wanted) -> list[Plan]:
    """Hooks, and the status line of the command line; see `setups.Setup`."""
    hooks = hooks_path(wanted.home)
    config = cli_config_path(wanted.env, wanted.home)
    if wanted.undo:
        journal = wanted.state
        said = "hooks of switchtax go"
        gone = settings_file.removing(hooks, journal, _strip(hooks, without_entries), said)
        kept = recordings(wanted.env, wanted.home)
        out = [replace(gone, notes=(recordings_stay(str(kept)),)) if kept.is_dir() else gone]
        if config.exists():
            said = "status line of switchtax goes"
            out.append(settings_file.removing(config, journal, _strip(config, without_line), said))
        return out
    if wanted.commands.windows:
        raise SettingsError("Cursor's hooks need a POSIX shell: install switchtax inside WSL.")
    return _with_status_line(_hooks(hooks, wanted), config, wanted)


# -- hooks ------------------------------------------------------------------------------


def _hooks(path: Path, wanted: Wanted) -> Plan:
    """Plan to put our hooks in."""
    before = contents(path)
    text = _text(path, before)
    check_hooks(path, text, EVENTS)
    changes: list[str] = []
    if json_text.find(text, ("version",)) is None:
        text = put(text, ("version",), _VERSION)
        if before:
            changes.append('"version", without which Cursor reads none of it')
    commands = _plain(wanted.commands)
    for event in EVENTS:
        text = with_entry(text, event, _entry(commands, event), changes)
    after = as_bytes(before, text) if changes else before
    base = base_of(path, before, wanted.state, _strip(path, without_entries))
    reason = refusal(after or b"")
    notes = [cursor_refuses(path.name, reason)] if reason else []
    return Plan(path, before, after, base, tuple(changes), tuple(notes))


def _text(path: Path, before: bytes | None) -> str:
    """The file's text; comments, which Cursor allows, are a trouble of their own."""
    try:
        return settings_text(path, before)
    except SettingsError:
        raw = (before or b"").decode("utf-8-sig", "replace")
        if not is_json(raw) and is_json(without_comments(raw)):
            raise SettingsError(
                f"{path}: there are comments in it, and only JSON can be edited in place. "
                "Nothing was written: take them out, and run this again."
            ) from None
        raise


def _entry(commands: Commands, event: str) -> dict[str, Any]:
    """What stands in the list of an event."""
    entry = {"command": commands.answering_hook(event, AGENT), "timeout": _TIMEOUT_S}
    # Without it Cursor leaves the hook out once others' hooks have sent it on five times.
    return entry | {"loop_limit": None} if event == "stop" else entry


def _plain(commands: Commands) -> Commands:
    """The same places, spelled so that Cursor sees no comment in them."""
    base, python, folder = (
        re.sub("//+", "/", place)
        for place in (commands.base_python, commands.python, commands.folder)
    )
    if "/*" in base + python + folder:
        raise SettingsError(
            f'{folder}: Cursor takes "/*" for a comment. Nothing was written: install '
            "switchtax in a folder of another name."
        )
    return Commands(base, python, folder)


def _strip(path: Path, ours: Callable[[str], str]) -> Callable[[bytes], bytes]:
    def strip(raw: bytes) -> bytes:
        return as_bytes(raw, ours(_text(path, raw))) if mentions_us(raw) else raw

    return strip


# -- status line ------------------------------------------------------------------------


def _with_status_line(hooks: Plan, path: Path, wanted: Wanted) -> list[Plan]:
    """The plan of the hooks, and that of the status line where the command line was used."""
    before = contents(path)
    if before is None:  # a file without what Cursor itself puts there might be refused
        return [hooks]
    text = settings_text(path, before)
    if wanted.status_line:
        return [hooks, _status_line(path, before, text, wanted)]
    said = "status line of switchtax goes"
    gone = settings_file.removing(path, wanted.state, _strip(path, without_line), said)
    return [hooks, replace(gone, notes=(cursor_blind(),))] if gone.is_needed else [hooks]


def _status_line(path: Path, before: bytes, text: str, wanted: Wanted) -> Plan:
    """Plan to put ours in, after the one there was."""
    found = json_text.find(text, ("statusLine",))
    base = base_of(path, before, wanted.state, _strip(path, without_line))
    command = found.get("command") if isinstance(found, dict) else None
    if found is not None and not isinstance(command, str):
        return Plan(path, before, before, base, (), (STRANGE_LINE,))
    previous = previous_line(command) if isinstance(command, str) else ""
    ours = wanted.commands.shell_status_line(previous)
    if command == ours:
        return Plan(path, before, before, base)
    if found is None:
        text = put(text, ("statusLine",), {"type": "command", "command": ours})
        return Plan(
            path, before, as_bytes(before, text), base, ("status line",), (cursor_footer(),)
        )
    text = json_text.replace(text, ("statusLine", "command"), ours)
    said = "status line" + (", after the one there was" if previous else " renewed")
    return Plan(path, before, as_bytes(before, text), base, (said,))
