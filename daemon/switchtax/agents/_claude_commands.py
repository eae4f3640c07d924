"""Slash commands in Claude Code's transcripts, and what they answered: switches stand there.

Source: transcripts of Claude Code 1.0.120 to 2.1.329, read 2026-11-21.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from switchtax.records import Cleared, EffortChosen, Ended, ModelChosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Raw

    from switchtax.records import Record

__all__ = ["command_of", "is_local", "told_by"]

_TEXT = msgspec.json.Decoder(str)
_LONGEST = 2000
"""Characters: a command or its answer is shorter."""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m|</?[a-z-]+>|`|\*\*")
_SKILL = "<command-message>"
"""A command that is a prompt (a skill) begins so; one of the client itself names itself first."""
_SET_MODEL = re.compile(
    r"Set model to (?:Default \((?!recommended)(?P<default>[^·()]+?)(?: ·[^)]*)?\)|(?P<name>.+?))"
    r"(?: \(default\))?(?: and saved\b.*| for this session.*| · .*|[.,;]? *$)",
    re.S,
)
_SET_EFFORT = re.compile(r"Set effort level to (?P<level>[a-z]+)")
_FAST = re.compile(
    r"(?:\W+ )?Fast mode (?P<state>on|off|enabled|disabled)\b"
    r"(?: · model set to (?P<name>[^·]+))?",
    re.I,
)


def command_of(content: Raw) -> str | None:
    """The text of a slash command or its answer; None for anything else.

    Only string content that *starts* with the tag counts: the same words quoted in a
    prompt or a tool result are not a command.
    """
    raw = bytes(content)
    if not raw.startswith((b'"<command-', b'"<local-command-stdout>')) or len(raw) > _LONGEST:
        return None
    try:
        return _TEXT.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_local(command: str | None) -> bool:
    """Whether this is a command that the client carries out itself: not sent to a model."""
    return command is not None and not command.startswith(_SKILL)


def told_by(command: str, session_id: str, at: float, number: int) -> Iterator[Record]:
    """What a command, or what it answered, changed."""
    if command.startswith("<command-name>/clear<"):
        yield Cleared(session_id, at, number)
    elif command.startswith(("<command-name>/exit<", "<command-name>/quit<")):
        yield Ended(session_id, at, number)
    elif command.startswith("<local-command-stdout>"):
        said = _ESCAPES.sub("", command).strip()
        if match := _SET_MODEL.match(said):
            yield _chosen(match["default"] or match["name"], session_id, at, number)
        elif match := _SET_EFFORT.match(said):
            yield EffortChosen(session_id, at, match["level"], None, number)
        elif match := _FAST.match(said):
            fast = match["state"].lower() in ("on", "enabled")
            yield EffortChosen(session_id, at, None, fast, number)
            if match["name"]:
                yield _chosen(match["name"], session_id, at, number)


def _chosen(name: str, session_id: str, at: float, number: int) -> ModelChosen:
    return ModelChosen(session_id, at, name.strip(), source="command", line=number)
