"""Hooks in a settings file of the shape that Claude Code, Codex and Gemini CLI share.

`{"hooks": {EVENT: [{"hooks": [{"type": "command", "command": ...}]}]}}`, edited as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError
from switchtax.hooks import json_text
from switchtax.hooks.commands import OURS, is_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    Place = tuple[str | int, ...]
    """The way to a hook in the file."""

__all__ = ["added", "check_hooks", "mentions_us", "put", "renewed", "with_hook", "without_hooks"]


def check_hooks(path: Path, text: str, events: Iterable[str]) -> None:
    """See that hooks can be put in.

    Raises:
        SettingsError: what is there under "hooks" has another shape.
    """
    hooks = json_text.find(text, ("hooks",))
    wrong = ""
    if hooks is not None and not isinstance(hooks, dict):
        wrong = '"hooks" is not an object'
    for event in events if isinstance(hooks, dict) else ():
        if hooks.get(event) is not None and not isinstance(hooks[event], list):
            wrong = f'"hooks"."{event}" is not a list'
    if wrong:
        raise SettingsError(f"{path}: {wrong}. Nothing was written: mend it, and run this again.")


def _our_places(text: str) -> list[Place]:
    """Where our hooks stand, last ones first, so that they can be dropped in this order."""
    hooks = json_text.find(text, ("hooks",))
    places: list[Place] = []
    for event, groups in hooks.items() if isinstance(hooks, dict) else ():
        for number, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = group.get("hooks") if isinstance(group, dict) else None
            for index, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                if isinstance(handler, dict) and is_ours(handler.get("command")):
                    places.append(("hooks", event, number, "hooks", index))
    return places[::-1]


def with_hook(text: str, event: str, command: str, changes: list[str], **more: str) -> str:
    """The settings with our hook of an event, once; what changed is added to `changes`.

    `more` stands beside a new hook's command: the name that an agent shows for it.
    """
    places = [place for place in _our_places(text) if place[1] == event]
    if places:
        return renewed(text, places, command, _without, changes)
    group = {"hooks": [{"type": "command", "command": command, **more}]}
    return added(text, event, group, changes)


def renewed(
    text: str,
    places: Sequence[Place],
    command: str,
    without: Callable[[str, Place], str],
    changes: list[str],
) -> str:
    """Of our hooks of one event the first, with this command; the others go.

    Args:
        text: the settings.
        places: where ours of that event stand, last ones first.
        command: as it should be.
        without: drops the hook at a place.
        changes: what changed is added to these.
    """
    event, at = places[-1][1], (*places[-1], "command")
    for place in places[:-1]:
        text = without(text, place)
        changes.append(f"a second hook of {event} goes")
    if json_text.find(text, at) != command:
        text = json_text.replace(text, at, command)
        changes.append(f"hook {event} renewed")
    return text


def added(text: str, event: str, entry: Mapping[str, Any], changes: list[str]) -> str:
    """The settings with one more entry in the list of an event, which may have none yet."""
    if json_text.find(text, ("hooks",)) is None:
        text = put(text, ("hooks",), {event: [entry]})
    elif json_text.find(text, ("hooks", event)) is None:
        text = put(text, ("hooks", event), [entry])
    else:
        text = json_text.add(text, ("hooks", event, -1), entry)
    changes.append(f"hook {event}")
    return text


def put(text: str, path: Place, value: Any) -> str:
    """Add a member, or replace a null."""
    try:
        return json_text.replace(text, path, value)
    except KeyError:
        return json_text.add(text, path, value)


def without_hooks(text: str) -> str:
    """The settings without our hooks, and without what they leave empty."""
    for place in _our_places(text):
        text = _without(text, place)
    return text


def _without(text: str, place: Place) -> str:
    """Drop a handler, and what it leaves empty above it."""
    text = json_text.drop(text, place)
    for held, gone in ((4, 3), (2, 2), (1, 1)):  # its list and group; the event; all hooks
        if json_text.find(text, place[:held]):
            return text
        text = json_text.drop(text, place[:gone])
    return text


def mentions_us(raw: bytes) -> bool:
    """For a first look: whether a command of ours may be in a file, escapes undone."""
    text = raw.decode("utf-8", "replace").replace("\\\\", "\\").replace("\\/", "/")
    return bool(OURS.search(text))
