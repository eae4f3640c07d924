"""Hooks in Gemini CLI's settings: put in, and taken out again. It has no status line for others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.errors import SettingsError
from switchtax.hooks import json_text, settings_file
from switchtax.hooks.gemini_cli import EVENTS
from switchtax.hooks.hook_lists import check_hooks, mentions_us, with_hook, without_hooks
from switchtax.hooks.settings_file import Plan, as_bytes, base_of, contents, settings_text
from switchtax.wording.setup import AT_THE_PICK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.setups import Wanted

__all__ = ["AFTERWARDS", "AGENT", "EVENTS", "NAME", "SCOPES", "plans", "settings_path"]

AGENT = "gemini-cli"
SCOPES = ("user", "project")
AFTERWARDS = f"Gemini CLI takes it up when it is started next.\n{AT_THE_PICK}"
NAME = "switchtax"
"""What Gemini CLI shows beside a hook's words; without it, the whole command."""


def settings_path(scope: str, env: Mapping[str, str], home: Path, project: Path) -> Path:
    """The file of a scope. A project's is shared with all who work there."""
    if scope == "project":
        return project / ".gemini" / "settings.json"
    moved = env.get("GEMINI_CLI_HOME", "").strip()
    return (Path(moved).expanduser() if moved else home) / ".gemini" / "settings.json"


def plans(wanted: Wanted) -> list[Plan]:
    """The settings file of the scope; see `setups.Setup`."""
    path = settings_path(wanted.scope, wanted.env, wanted.home, wanted.project)
    if wanted.undo:
        said = "hooks of switchtax go"
        return [settings_file.removing(path, wanted.state, _strip(path), said)]
    if wanted.commands.windows:
        raise SettingsError("Gemini CLI's hooks need a POSIX shell: install switchtax inside WSL.")
    before = contents(path)
    text = settings_text(path, before)
    check_hooks(path, text, EVENTS)
    changes: list[str] = []
    for event in EVENTS:
        text = with_hook(text, event, wanted.commands.hook(event, AGENT), changes, name=NAME)
    after = as_bytes(before, text) if changes else before
    base = base_of(path, before, wanted.state, _strip(path))
    return [Plan(path, before, after, base, tuple(changes), tuple(_obstacles(wanted, text)))]


def _obstacles(wanted: Wanted, text: str) -> list[str]:
    notes = []
    if json_text.find(text, ("hooksConfig", "enabled")) is False:
        notes.append('"hooksConfig"."enabled" is false here: no hook will run')
    off = json_text.find(text, ("hooksConfig", "disabled"))
    if isinstance(off, list) and NAME in off:
        notes.append(f'"hooksConfig"."disabled" names {NAME}: `/hooks enable {NAME}` lets it run')
    if wanted.scope == "project":
        notes.append(
            "this file is shared, with paths of this machine, and Gemini CLI asks whether to "
            "trust its hooks"
        )
    return notes


def _strip(path: Path) -> Callable[[bytes], bytes]:
    def strip(raw: bytes) -> bytes:
        if not mentions_us(raw):
            return raw
        return as_bytes(raw, without_hooks(settings_text(path, raw)))

    return strip
