"""Hooks in a settings file of Cursor's shape: each event has a plain list of commands.

`{"version": 1, "hooks": {EVENT: [{"command": ...}]}}`, edited as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.hooks import json_text
from switchtax.hooks.commands import is_ours
from switchtax.hooks.hook_lists import added, renewed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.hooks.hook_lists import Place

__all__ = ["with_entry", "without_entries"]


def with_entry(text: str, event: str, entry: Mapping[str, Any], changes: list[str]) -> str:
    """The settings with our entry of an event, once; what changed is added to `changes`.

    Of an entry of ours that is there already only the command is renewed.
    """
    places = [place for place in _our_places(text) if place[1] == event]
    if places:
        return renewed(text, places, entry["command"], _without, changes)
    return added(text, event, entry, changes)


def without_entries(text: str) -> str:
    """The settings without our entries and the lists that they leave empty.

    "hooks" itself stays: Cursor takes a file without it for a broken one.
    """
    for place in _our_places(text):
        text = _without(text, place)
    return text


def _our_places(text: str) -> list[Place]:
    """Where our entries stand, last ones first, so that they can be dropped in this order."""
    hooks = json_text.find(text, ("hooks",))
    places: list[Place] = []
    for event, entries in hooks.items() if isinstance(hooks, dict) else ():
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and is_ours(entry.get("command")):
                places.append(("hooks", event, number))
    return places[::-1]


def _without(text: str, place: Place) -> str:
    """Drop an entry, and its list if that is empty then."""
    text = json_text.drop(text, place)
    return text if json_text.find(text, place[:2]) else json_text.drop(text, place[:2])
