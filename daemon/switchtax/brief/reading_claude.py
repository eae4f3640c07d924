"""What is said in Claude Code's transcripts.

Source: docs/formats/claude-code.md; transcripts of 2.0.76 to 2.1.329, 2026-11-21.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from switchtax.brief.reading import json_lines, texts
from switchtax.brief.said import Kind, Place, Said, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Source

__all__ = ["said"]

_ADDED = re.compile(
    r"<(system-reminder|ide_[a-z_]+|local-command-[a-z]+|bash-[a-z]+|task-notification"
    r"|user-memory-input)\b.*?</\1>",
    re.DOTALL,
)
_NOT_TYPED = ("Caveat: ", "[Request interrupted", "This session is being continued from")
_COMMAND = re.compile(r"<command-name>/?(.*?)</command-name>")
_ARGUMENTS = re.compile(r"<command-args>(.*?)</command-args>", re.DOTALL)
_SETTINGS = frozenset({"model", "effort", "compact", "clear", "resume", "rename", "fast", "config"})
_REFUSED = "The user doesn't want to"
_THEIR_WORDS = "the user said:"


def said(source: Source, session_id: str) -> Iterator[Said]:
    """The main chain, in file order; a line that is copied is told once."""
    seen: set[str] = set()
    for number, line in json_lines(source.path):
        id_ = str(line.get("uuid") or "")
        if id_ in seen or (line.get("isSidechain") and not source.sidechain):
            continue
        if id_:
            seen.add(id_)
        place = Place(source.path, number, id_)
        if line.get("type") == "assistant" and not line.get("isApiErrorMessage"):
            yield from _answer(line, place)
        elif line.get("type") == "user" and not line.get("isCompactSummary"):
            yield from _input(line, place)
        elif line.get("type") == "attachment":
            held = line.get("attachment")
            if isinstance(held, dict) and held.get("type") == "queued_command":
                yield from _typed(texts(held.get("prompt")), place)


def _answer(line: dict[str, Any], place: Place) -> Iterator[Said]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if not isinstance(block, dict):
            continue
        if block.get("type") == "text":
            yield Said(Kind.TEXT, place, str(block.get("text") or ""))
        elif block.get("type") == "tool_use":
            given = block.get("input")
            yield Said(
                Kind.TOOL,
                place,
                tool=str(block.get("name") or ""),
                tool_id=str(block.get("id") or ""),
                given=given if isinstance(given, dict) else {},
            )


def _input(line: dict[str, Any], place: Place) -> Iterator[Said]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    for block in content if isinstance(content, list) else ():
        if not isinstance(block, dict):
            continue
        if block.get("type") == "tool_result":
            yield from _result(block, place)
        elif block.get("type") == "text" and not line.get("isMeta"):
            yield from _typed(str(block.get("text") or ""), place)


def _result(block: dict[str, Any], place: Place) -> Iterator[Said]:
    text, id_ = texts(block.get("content")), str(block.get("tool_use_id") or "")
    refused = text.startswith(_REFUSED)
    ok = None if refused else not block.get("is_error")
    yield Said(Kind.RESULT, place, shortened(text), tool_id=id_, ok=ok, refused=refused)
    if refused and _THEIR_WORDS in text:
        yield from _typed(text.split(_THEIR_WORDS, 1)[1].split("\n\nNote:")[0], place)


def _typed(text: str, place: Place) -> Iterator[Said]:
    """What a person typed, without what the agent put around it."""
    if text.startswith(("<command-name>", "<command-message>")):
        name, given = _COMMAND.search(text), _ARGUMENTS.search(text)
        if name is None or given is None or name[1] in _SETTINGS or not given[1].strip():
            return
        text = f"/{name[1]} {given[1].strip()}"
    text = _ADDED.sub("", text).strip()
    if text and not text.startswith(_NOT_TYPED):
        yield Said(Kind.PROMPT, place, text)
