"""What is said in pi's sessions: a tree of entries, of which the last one's branch counts.

Source: docs/formats/pi.md; sessions of 0.8 to 1.5.2, 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.brief.reading import json_lines, texts
from switchtax.brief.said import Kind, Place, Said, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Source

__all__ = ["said"]


def said(source: Source, session_id: str) -> Iterator[Said]:
    """The branch that the last entry stands on; all lines where entries have no ids."""
    entries = list(json_lines(source.path))
    for number, entry in _branch(entries):
        message = entry.get("message")
        if isinstance(message, dict):
            yield from _message(message, Place(source.path, number, str(entry.get("id") or "")))


def _branch(entries: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    tree = {str(e["id"]): (n, e) for n, e in entries if e.get("id") and e.get("type") != "session"}
    if not any(entry.get("parentId") for _, entry in tree.values()):
        return entries
    at, found = next(reversed(tree)), []
    while at in tree:
        number, entry = tree.pop(at)  # popped: a loop in a broken file ends here
        found.append((number, entry))
        at = str(entry.get("parentId") or "")
    return found[::-1]


def _message(message: dict[str, Any], place: Place) -> Iterator[Said]:
    role, content = message.get("role"), message.get("content")
    if role == "user":
        text = texts(content).strip()
        if text:
            yield Said(Kind.PROMPT, place, text)
    elif role == "toolResult":
        id_, ok = str(message.get("toolCallId") or ""), not message.get("isError")
        yield Said(Kind.RESULT, place, shortened(texts(content)), tool_id=id_, ok=ok)
    elif role == "assistant":
        if isinstance(content, str):
            yield Said(Kind.TEXT, place, content)
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict):
                continue
            if part.get("type") == "toolCall":
                given = part.get("arguments")
                yield Said(
                    Kind.TOOL,
                    place,
                    tool=str(part.get("name") or ""),
                    tool_id=str(part.get("id") or ""),
                    given=given if isinstance(given, dict) else {},
                )
            elif part.get("type") == "text" and part.get("text"):
                yield Said(Kind.TEXT, place, str(part["text"]))
