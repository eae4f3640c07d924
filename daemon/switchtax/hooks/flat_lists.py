"""Hooks in a settings file of Cursor's shape: each event has a plain list of commands.

`{"version": 1, "hooks": {EVENT: [{"command": ...}]}}`, edited as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.hooks import json_text
from switchtax.hooks.commands import is_ours
from switchtax.hooks.hook_lists import put

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["with_entry", "without_entries"]


def with_entry(text: str, event: str, entry: Mapping[str, Any], changes: list[str]) -> str:
    """The settings with our entry of an event, once; what changed is added to `changes`.

    Of an entry of ours that is there already only the command is renewed.
    """
    places = [place for place in _our_places(text) if place[1] == event]
    for place in places[:-1]:  # the first stays
        text = _without(text, place)
        changes.append(f"a second hook of {event} goes")
    if places:
        at = (*places[-1], "command")
        if json_text.find(text, at) != entry["command"]:
            text = json_text.replace(text, at, entry["command"])
            changes.append(f"hook {event} renewed")
        return text
    if json_text.find(text, ("hooks",)) is None:
        text = put(text, ("hooks",), {event: [entry]})
    elif json_text.find(text, ("hooks", event)) is None:
        text = put(text, ("hooks", event), [entry])
    else:
        text = json_text.add(text, ("hooks", event, -1), entry)
    changes.append(f"hook {event}")
    return text


def without_entries(text: str) -> str:
    """The settings without our entries and the lists that they leave empty.

    "hooks" itself stays: Cursor takes a file without it for a broken one.
    """
    for place in _our_places(text):
        text = _without(text, place)
    return text


def _our_places(text: str) -> list[tuple[str | int, ...]]:
    """Where our entries stand, last ones first, so that they can be dropped in this order."""
    hooks = json_text.find(text, ("hooks",))
    places: list[tuple[str | int, ...]] = []
    for event, entries in hooks.items() if isinstance(hooks, dict) else ():
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and is_ours(entry.get("command")):
                places.append(("hooks", event, number))
    return places[::-1]


def _without(text: str, place: tuple[str | int, ...]) -> str:
    """Drop an entry, and its list if that is empty then."""
    text = json_text.drop(text, place)
    return text if json_text.find(text, place[:2]) else json_text.drop(text, place[:2])
