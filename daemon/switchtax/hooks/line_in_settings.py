"""Our status line in an agent's settings, `"statusLine": {"type": "command", "command": ...}`."""

from __future__ import annotations

from switchtax.hooks import json_text
from switchtax.hooks.commands import is_ours, previous_line

__all__ = ["without_line"]


def without_line(text: str) -> str:
    """The settings with the line that ours goes after, or with none; anybody else's stays."""
    line = json_text.find(text, ("statusLine",))
    if not isinstance(line, dict) or not is_ours(line.get("command")):
        return text
    previous = previous_line(line["command"])
    if previous:
        return json_text.replace(text, ("statusLine", "command"), previous)
    return json_text.drop(text, ("statusLine",))
