"""Whether Gemini CLI, Copilot CLI and Cursor run our hooks; and which agents take none.

Claude Code and Codex have more that may be amiss, and modules of their own.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.hooks import cursor_file, setup_copilot_cli, setup_cursor, setup_gemini_cli
from switchtax.hooks.commands import is_ours
from switchtax.hooks.installed import words_of
from switchtax.hooks.setups import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

__all__ = ["look_at_agent_hooks", "look_at_fired"]

_TOPIC = "hooks"
_OFF_GEMINI = 'turn hooks on in "hooksConfig" of {path}'
_OFF_COPILOT = 'take "disableAllHooks" out of {path}'


@dataclass(frozen=True, slots=True)
class _Place:
    """Files of one agent in which hooks of ours may stand, and what may keep them from running."""

    events: Sequence[str]
    files: Sequence[Path]
    settings: Path
    is_off: Callable[[dict[str, Any]], bool]
    way_out: str
    has_status_line: bool = False
    without_comments: Callable[[str], str] = str
    """What the agent reads as JSON, where it allows comments in its files."""
    refusal: Callable[[bytes], str] = lambda _: ""
    """Why the agent would not read a file that we can read; "" where it would."""


@dataclass(frozen=True, slots=True)
class _Look:
    """One file."""

    value: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    """Why it cannot be read."""
    raw: bytes = b""

    def commands(self) -> dict[str, list[str]]:
        """Ours, by event."""
        hooks = self.value.get("hooks")
        found = hooks.items() if isinstance(hooks, dict) else ()
        return {event: ours for event, one in found if (ours := list(_ours_in(one)))}


def look_at_agent_hooks(
    env: Mapping[str, str], home: Path, here: Path, folder: Path, used: Collection[object]
) -> Iterator[Finding]:
    """One row for each agent in use, and what keeps its hooks from running.

    Args:
        env: the environment that moves agents' folders.
        home: the user's home.
        here: the current folder, which may have settings of its own.
        folder: where this installation's hook client lies.
        used: the agents that are on this machine.
    """
    for agent, place in _places(env, home, here).items():
        if agent in used:
            yield from _one(agent, place, folder)
    for agent in READ_ONLY:
        if agent in used:
            yield good(_TOPIC, "agent-read-only", agent=agent)


def look_at_fired(
    fired: Mapping[tuple[str, str], float], agents: Collection[str], used: Collection[object]
) -> Iterator[Finding]:
    """When each agent's hooks were last seen.

    Args:
        fired: when each hook last arrived, by agent and event.
        agents: the agents to look for.
        used: the agents that are on this machine.
    """
    for agent in agents:
        seen = {event: at for (whose, event), at in fired.items() if whose == agent}
        if seen and agent in used:
            newest = max(seen, key=lambda event: seen[event])
            at = seen[newest]
            facts = {"agent": agent, "event": newest, "fired_at": at, "events": seen}
            yield good(_TOPIC, "agent-hooks-fired", **facts)


def _places(env: Mapping[str, str], home: Path, here: Path) -> dict[str, _Place]:
    user = setup_gemini_cli.settings_path("user", env, home, here)
    project = setup_gemini_cli.settings_path("project", env, home, here)
    settings = setup_copilot_cli.settings_path(env, home)
    cursor = setup_cursor.cli_config_path(env, home)
    return {
        "copilot-cli": _Place(
            setup_copilot_cli.EVENTS,
            [setup_copilot_cli.hooks_path(env, home)],
            settings,
            lambda value: value.get("disableAllHooks") is True,
            _OFF_COPILOT,
            has_status_line=True,
        ),
        "cursor": _Place(
            setup_cursor.EVENTS,
            [setup_cursor.hooks_path(home)],
            cursor,
            lambda _: False,
            "",
            has_status_line=cursor.exists(),
            without_comments=cursor_file.without_comments,
            refusal=cursor_file.refusal,
        ),
        "gemini-cli": _Place(
            setup_gemini_cli.EVENTS,
            list(dict.fromkeys((user, project))),
            user,
            _gemini_is_off,
            _OFF_GEMINI,
        ),
    }


def _gemini_is_off(value: dict[str, Any]) -> bool:
    config = value.get("hooksConfig")
    if not isinstance(config, dict):
        return False
    off = config.get("disabled")
    named = isinstance(off, list) and setup_gemini_cli.NAME in off
    return named or config.get("enabled") is False


def _one(agent: str, place: _Place, folder: Path) -> Iterator[Finding]:
    looks = {
        path: _read(path, place.without_comments)
        for path in dict.fromkeys((*place.files, place.settings))
    }
    broken = {path: look.reason for path, look in looks.items() if look.reason}
    for path, reason in broken.items():
        yield trouble(_TOPIC, "hooks-unreadable", path=str(path), reason=reason)
    found = {path: ours for path in place.files if (ours := looks[path].commands())}
    if not found:
        if not broken:
            if agent == setup_cursor.AGENT:  # its hooks are all that it tells
                yield note(_TOPIC, "agent-unrecorded", agent=agent)
            else:
                yield note(_TOPIC, "agent-hooks-missing", agent=agent)
        return
    for path in found:
        if reason := place.refusal(looks[path].raw):
            yield trouble(_TOPIC, "agent-hooks-refused", agent=agent, path=str(path), reason=reason)
    settings = looks[place.settings].value
    if place.is_off(settings):
        facts = {"path": str(place.settings), "way_out": place.way_out.format(path=place.settings)}
        yield trouble(_TOPIC, "agent-hooks-off", agent=agent, **facts)
    for path, ours in found.items():
        yield _state_of(agent, path, ours, place.events, folder)
    if place.has_status_line and not _has_line(settings):
        yield note(_TOPIC, "agent-no-status-line", agent=agent, path=str(place.settings))


def _state_of(
    agent: str, path: Path, ours: dict[str, list[str]], events: Sequence[str], folder: Path
) -> Finding:
    where = {"agent": agent, "path": str(path)}
    missing = [event for event in events if event not in ours]
    if missing:
        return trouble(_TOPIC, "agent-hooks-part", **where, missing=missing)
    words = [_named(command) for commands in ours.values() for command in commands]
    gone = sorted({w for one in words for w in one if not Path(w).exists()})
    if gone or not all(words):
        return trouble(_TOPIC, "agent-hooks-stale", **where, gone=gone)
    other = next((one[1] for one in words if Path(one[1]).parent.resolve() != folder.resolve()), "")
    if other:
        return trouble(_TOPIC, "agent-hooks-other", **where, folder=str(Path(other).parent))
    return good(_TOPIC, "agent-hooks-installed", **where, count=len(ours))


def _named(command: str) -> list[str]:
    """The interpreter and the client that a command names; [] if it is strange."""
    words = words_of(command)
    return [words[0], words[-1]] if words else []


def _ours_in(value: Any) -> Iterator[str]:
    """Commands of ours anywhere in a value."""
    if is_ours(value):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _ours_in(each)


def _has_line(settings: dict[str, Any]) -> bool:
    line = settings.get("statusLine")
    return isinstance(line, dict) and is_ours(line.get("command"))


def _value(*texts: str) -> Any:
    """The first of these that is JSON.

    Raises:
        ValueError: none is.
    """
    with contextlib.suppress(ValueError):
        return json.loads(texts[0])
    return json.loads(texts[-1])


def _read(path: Path, without_comments: Callable[[str], str]) -> _Look:
    """What a file holds; nothing where there is none. Never raises."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig") or "{}"
        value = _value(text, without_comments(text))
    except FileNotFoundError:
        return _Look()
    except OSError as error:
        return _Look(reason=error.strerror or "cannot be opened")
    except json.JSONDecodeError as error:
        return _Look(reason=f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError) as error:
        return _Look(reason=type(error).__name__)
    if not isinstance(value, dict):
        return _Look(reason="line 1: not an object")
    return _Look(value, raw=raw)
