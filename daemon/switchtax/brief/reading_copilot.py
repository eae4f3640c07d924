"""What is said in Copilot CLI's events.

Source: docs/formats/copilot-cli.md; events of 1.0.20 to 1.0.102, 2026-11-21.
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

_EXIT = re.compile(r"<(?:shellId: \S+ completed|exited) with exit code (-?\d+)>\s*$")


def said(source: Source, session_id: str) -> Iterator[Said]:
    """The session's own messages; those of its sub-agents carry an id."""
    for number, line in json_lines(source.path):
        data = line.get("data")
        if not isinstance(data, dict) or line.get("agentId") or data.get("parentToolCallId"):
            continue
        place = Place(source.path, number, str(line.get("id") or ""))
        kind = line.get("type")
        if kind == "user.message":
            text = str(data.get("content") or "")
            by_person = (data.get("source") or "user") == "user"
            if by_person and text and not text.startswith("<system_notification>"):
                yield Said(Kind.PROMPT, place, text)
        elif kind == "assistant.message":
            yield from _answer(data, place)
        elif kind == "tool.execution_complete":
            yield _result(data, place)


def _answer(data: dict[str, Any], place: Place) -> Iterator[Said]:
    if data.get("content"):
        yield Said(Kind.TEXT, place, str(data["content"]))
    for request in data.get("toolRequests") or ():
        given = request.get("arguments")
        if isinstance(given, str):
            given = {"patch": given}
        yield Said(
            Kind.TOOL,
            place,
            tool=str(request.get("name") or ""),
            tool_id=str(request.get("toolCallId") or ""),
            given=given if isinstance(given, dict) else {},
        )


def _result(data: dict[str, Any], place: Place) -> Said:
    output = data.get("result") or data.get("error") or {}
    text = texts(output.get("content")) or str(output.get("message") or "")
    found = _EXIT.search(text)
    ok = bool(data.get("success")) and (found is None or found[1] == "0")
    id_ = str(data.get("toolCallId") or "")
    return Said(Kind.RESULT, place, shortened(_EXIT.sub("", text)), tool_id=id_, ok=ok)
