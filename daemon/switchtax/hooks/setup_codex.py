"""Hooks in Codex's `hooks.json`: put in, and taken out again.

Codex runs a new or changed hook only once the user has reviewed it. What says so (`trusted_hash` in
`config.toml`) is the user's to write, through Codex's own `/hooks`, never ours.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError
from switchtax.hooks import settings_file
from switchtax.hooks.codex import EVENTS
from switchtax.hooks.hook_lists import check_hooks, mentions_us, with_hook, without_hooks
from switchtax.hooks.settings_file import Plan, as_bytes, base_of, contents, settings_text
from switchtax.wording.setup import AT_THE_PICK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.commands import Commands
    from switchtax.hooks.setups import Wanted

__all__ = ["AFTERWARDS", "SCOPES", "Trust", "codex_home", "installing", "plans", "trust_in"]

SCOPES = ("user",)
AFTERWARDS = (
    "Codex skips new hooks until you have reviewed them: type /hooks in Codex\n"
    "and trust the four that name switchtax. `switchtax doctor` says if it is done.\n"
    f"{AT_THE_PICK}"
)


def codex_home(env: Mapping[str, str], home: Path) -> Path:
    """CODEX_HOME with links resolved, as Codex does it, else `~/.codex`."""
    named = env.get("CODEX_HOME")
    return Path(named).expanduser().resolve() if named else home / ".codex"


def plans(wanted: Wanted) -> list[Plan]:
    """The one file; see `setups.Setup`."""
    folder = codex_home(wanted.env, wanted.home)
    path = folder / "hooks.json"
    if wanted.undo:
        said = "hooks of switchtax go"
        return [settings_file.removing(path, wanted.state, _strip(path), said)]
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder. Start Codex once, then run this again.")
    return [installing(path, wanted.commands, wanted.state)]


def installing(path: Path, commands: Commands, journal: Path) -> Plan:
    """Plan to put our hooks in.

    Args:
        path: `hooks.json`, which need not exist.
        commands: what to put in.
        journal: the state folder.

    Raises:
        SettingsError: the file is broken; nothing may be written.
    """
    before = contents(path)
    text = settings_text(path, before)
    check_hooks(path, text, EVENTS)
    changes: list[str] = []
    for event in EVENTS:
        text = with_hook(text, event, commands.hook(event, "codex"), changes)
    notes = ["hooks are off in config.toml: none will run"] if trust_in(path).off else []
    after = as_bytes(before, text) if changes else before
    base = base_of(path, before, journal, _strip(path))
    return Plan(path, before, after, base, tuple(changes), tuple(notes))


def _strip(path: Path) -> Callable[[bytes], bytes]:
    def strip(raw: bytes) -> bytes:
        if not mentions_us(raw):
            return raw
        return as_bytes(raw, without_hooks(settings_text(path, raw)))

    return strip


# -- what the user has trusted ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trust:
    """What `config.toml` says of hooks."""

    off: bool = False
    """They are turned off."""
    reviewed: frozenset[str] = frozenset()
    """Keys of hooks that were reviewed: `FILE:event_in_small_letters:GROUP:HOOK`."""


def trust_in(path: Path) -> Trust:
    """What the `config.toml` beside a `hooks.json` says; never raises.

    Whether a reviewed hook has changed since is not told: Codex does not publish how it
    makes the hash.
    """
    try:
        found = tomllib.loads((path.parent / "config.toml").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return Trust()
    features, hooks = found.get("features"), found.get("hooks")
    names = ("hooks", "codex_hooks")
    off = isinstance(features, dict) and any(features.get(name) is False for name in names)
    state = hooks.get("state") if isinstance(hooks, dict) else None
    kept: dict[str, Any] = state if isinstance(state, dict) else {}
    reviewed = [key for key, one in kept.items() if isinstance(one, dict) and "trusted_hash" in one]
    return Trust(off, frozenset(reviewed))
