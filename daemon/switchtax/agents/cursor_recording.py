"""The recording of Cursor's conversations: one line for each fact that its hooks told.

Cursor writes the tokens of its requests to no file; they come with its hooks. The daemon keeps
them, a file for each conversation, and reads them again as it reads any agent's: what is kept,
and what the keys mean, stands here once for both. Never a prompt, an attachment or an address.

Every line is a JSON object with `v` (1), `at` (epoch seconds) and `event`:

    prompt   generation, model, model_id, params, cwd, version, refused (true if refused)
    turn     generation, model, model_id, params, status, loop, version, input_tokens,
             output_tokens, cache_read_tokens, cache_write_tokens
    context  context_tokens, window_tokens, source
    chosen   model
    compact  trigger, context_tokens, window_tokens, model
    start, end

What was not told is left out, never 0.

Source: public captures of cursor-agent 2026.06.24, 2026.07.09 and 2026.09.10, and the hook
engine in npm's @cursor/sdk 1.0.32, read 2026-11-22.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from switchtax.agents.numbers import MOST_TOKENS
from switchtax.folders import state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "COMPOSER",
    "EVENTS",
    "FOLDER",
    "STATUS_LINE",
    "VERSION",
    "Line",
    "chosen_line",
    "context_line",
    "file_name",
    "line_of",
    "recordings",
    "written",
]

VERSION = 1
FOLDER = "cursor"
STATUS_LINE = "status line"
COMPOSER = "composer"
"""Who told the size of a context: the status line of its CLI, or the editor's own database."""
EVENTS = {
    "beforeSubmitPrompt": "prompt",
    "stop": "turn",
    "preCompact": "compact",
    "sessionStart": "start",
    "sessionEnd": "end",
}
"""Cursor's hooks that are kept, and the event that each is here."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST = 200
"""Characters of a name or an id; what is longer is none."""
_LONGEST_PATH = 4_096
_MOST_PARAMS = 16
_PARAMS = ("context", "effort", "fast", "thinking")
"""The settings of a model that are known, and so kept; their values are single words."""
_WORD = re.compile(r"[A-Za-z0-9._-]{1,32}")
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class Line(Struct):
    """One line as it is read; unknown keys are skipped unseen."""

    v: int = 0
    at: float | None = None
    event: str | None = None
    generation: str | None = None
    model: str | None = None
    model_id: str | None = None
    params: dict[str, str] | None = None
    cwd: str | None = None
    version: str | None = None
    refused: bool = False
    status: str | None = None
    loop: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    cache_read_tokens: float | None = None
    cache_write_tokens: float | None = None
    context_tokens: float | None = None
    window_tokens: float | None = None
    source: str | None = None
    trigger: str | None = None


def recordings(env: Mapping[str, str], home: Path) -> Path:
    """The folder of all recordings, in our own folder of state; it need not exist."""
    return state_folder(env, home) / FOLDER


def file_name(conversation_id: object) -> str | None:
    """The file of one conversation; None for an id that is no file name.

    >>> file_name("0b1d-7"), file_name("../x"), file_name(None)
    ('0b1d-7.jsonl', None, None)
    """
    if not isinstance(conversation_id, str) or _ID.fullmatch(conversation_id) is None:
        return None
    return f"{conversation_id}.jsonl"


def line_of(
    event: str, given: Mapping[str, Any], at: float, *, refused: bool = False
) -> dict[str, Any] | None:
    """What of a hook's input is kept; None where that is nothing.

    Args:
        event: a value of `EVENTS`.
        given: the hook's input.
        at: when it came, epoch seconds.
        refused: the prompt was not let through.
    """
    line = _begun(event, at)
    if event == "prompt":
        _of_request(line, given)
        _put(line, "cwd", _first_folder(given.get("workspace_roots")))
        if refused:
            line["refused"] = True
    elif event == "turn":
        _of_request(line, given)
        _put(line, "status", _name(given.get("status")))
        _put(line, "loop", _count(given.get("loop_count")))
        for name in _TOKENS:
            _put(line, name, _count(given.get(name)))
    elif event == "compact":
        _put(line, "model", _name(given.get("model")))
        _put(line, "trigger", _name(given.get("trigger")))
        _put(line, "context_tokens", _count(given.get("context_tokens")) or None)
        _put(line, "window_tokens", _count(given.get("context_window_size")) or None)
    elif event not in EVENTS.values():
        return None
    return line


def context_line(
    at: float, context_tokens: int, *, source: str, window_tokens: int | None = None
) -> dict[str, Any]:
    """The line of a context's size; `source` is `STATUS_LINE` or `COMPOSER`."""
    line = _begun("context", at) | {"context_tokens": context_tokens}
    _put(line, "window_tokens", window_tokens)
    line["source"] = source
    return line


def chosen_line(at: float, model: str) -> dict[str, Any]:
    """The line of a model that was picked."""
    return _begun("chosen", at) | {"model": model[:_LONGEST]}


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it stands in the file, with its end."""
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _begun(event: str, at: float) -> dict[str, Any]:
    return {"v": VERSION, "at": round(at, 3), "event": event}


def _of_request(line: dict[str, Any], given: Mapping[str, Any]) -> None:
    _put(line, "generation", _name(given.get("generation_id")))
    _put(line, "model", _name(given.get("model")))
    _put(line, "model_id", _name(given.get("model_id")))
    _put(line, "params", _params(given.get("model_params")))
    _put(line, "version", _name(given.get("cursor_version")))


def _put(line: dict[str, Any], key: str, value: object) -> None:
    if value is not None:
        line[key] = value


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _count(value: object) -> int | None:
    """A count of tokens, or none: what is negative or absurd was not told."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MOST_TOKENS else None


def _params(value: object) -> dict[str, str] | None:
    """`[{"id": …, "value": …}]` as names and values; None where there is none."""
    if not isinstance(value, list):
        return None
    found = {}
    for each in value[:_MOST_PARAMS]:
        if isinstance(each, dict):
            name, given = each.get("id"), each.get("value")
            said = ("false", "true")[given] if isinstance(given, bool) else _name(given)
            if name in _PARAMS and said is not None and _WORD.fullmatch(said):
                found[name] = said
    return found or None


def _first_folder(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else None
    return first if isinstance(first, str) and 0 < len(first) <= _LONGEST_PATH else None
