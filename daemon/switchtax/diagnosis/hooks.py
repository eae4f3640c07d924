"""Whether Claude Code runs our hooks: where they stand, whether they would start, when they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.hooks.claude_code import EVENTS
from switchtax.hooks.installed import Installed, look_into, words_of
from switchtax.hooks.setup_claude_code import settings_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["hook_words", "look_at_hooks", "settings_files"]

_TOPIC = "hooks"
_AGENT = "claude-code"


def settings_files(env: Mapping[str, str], home: Path, here: Path) -> dict[str, Installed]:
    """What each of Claude Code's settings holds of ours, by scope; in a home they are one."""
    paths = {
        "user": settings_path("user", env, home, here),
        "shared": here / ".claude" / "settings.json",
        "project": settings_path("project", env, home, here),
    }
    known: dict[Path, str] = {}
    for scope, path in paths.items():
        known.setdefault(path.resolve(), scope)
    return {scope: look_into(paths[scope]) for scope in known.values()}


def hook_words(files: Mapping[str, Installed]) -> list[str]:
    """The interpreter and client that the settings name, as far as its options; [] if none."""
    commands = [c for file in files.values() for each in file.hooks.values() for c in each]
    return words_of(commands[0]) if commands else []


def look_at_hooks(
    files: Mapping[str, Installed],
    fired: Mapping[tuple[str, str], float],
    folder: Path,
    *,
    used: bool,
) -> Iterator[Finding]:
    """Where the hooks stand and whether they run.

    Args:
        files: see `settings_files`.
        fired: when each hook last arrived, by agent and event.
        folder: where this installation's hook client lies.
        used: whether Claude Code is on this machine.
    """
    if not used:
        return
    ours = {scope: file for scope, file in files.items() if file.hooks}
    plugins = [file for file in files.values() if file.plugin]
    for file in files.values():
        if file.unreadable:
            yield trouble(_TOPIC, "hooks-unreadable", path=str(file.path), reason=file.unreadable)
        if file.disabled:
            yield trouble(_TOPIC, "hooks-disabled", path=str(file.path))
    if not ours and not plugins:
        yield trouble(_TOPIC, "hooks-missing")
        return
    for scope, file in ours.items():
        yield _state_of(file, folder, "" if scope == "user" else " --scope project")
    yield from _twice(ours, plugins)
    yield _seen(fired)


def _state_of(file: Installed, folder: Path, option: str) -> Finding:
    path = str(file.path)
    missing = [event for event in EVENTS if event not in file.hooks]
    if missing:
        return trouble(_TOPIC, "hooks-part", path=path, missing=missing, option=option)
    for commands in file.hooks.values():
        words = words_of(commands[0])
        gone = [w for w in words[:1] + words[-1:] if w.startswith("/") and not Path(w).exists()]
        if gone or not words:
            return trouble(_TOPIC, "hooks-stale", path=path, gone=gone, option=option)
        if Path(words[-1]).parent.resolve() != folder.resolve():
            other = str(Path(words[-1]).parent)
            return trouble(_TOPIC, "hooks-other", path=path, folder=other, option=option)
    if not file.status_line:
        count = len(file.hooks)
        return note(_TOPIC, "hooks-no-status-line", path=path, count=count, option=option)
    return good(_TOPIC, "hooks-installed", path=path, count=len(file.hooks))


def _twice(ours: Mapping[str, Installed], plugins: list[Installed]) -> Iterator[Finding]:
    places = [str(file.path) for file in ours.values()]
    if len(ours) > 1:
        yield trouble(_TOPIC, "hooks-two-scopes", places=places)
    elif any(len(commands) > 1 for file in ours.values() for commands in file.hooks.values()):
        yield trouble(_TOPIC, "hooks-repeated", places=places)
    if ours and plugins:
        yield trouble(_TOPIC, "hooks-and-plugin", plugin=plugins[0].plugin, places=places)
    elif plugins:
        yield good(_TOPIC, "hooks-plugin", plugin=plugins[0].plugin)


def _seen(fired: Mapping[tuple[str, str], float]) -> Finding:
    seen = {event: at for (agent, event), at in fired.items() if agent == _AGENT}
    if not seen:
        return note(_TOPIC, "hooks-never")
    newest = max(seen, key=lambda event: seen[event])
    return good(_TOPIC, "hooks-fired", event=newest, fired_at=seen[newest], events=seen)
