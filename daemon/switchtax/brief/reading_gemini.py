"""What is said in Gemini CLI's chats: one document, or lines of which the last of an id counts.

Source: docs/formats/gemini-cli.md; chats of 0.24 to 0.61.0, 2026-11-21.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.brief.reading import json_lines, json_value, texts
from switchtax.brief.said import Kind, Place, Said, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Source

__all__ = ["said"]

_EXIT = re.compile(r"^Exit Code: (-?\d+)", re.MULTILINE)
_ADDED = ("<session_context", "<hook_context", "<system")
Messages = dict[str, tuple[int, dict[str, Any]]]


def said(source: Source, session_id: str) -> Iterator[Said]:
    """A chat as it stands after every patch and rewind."""
    found: Messages = {}
    if source.path.endswith(".json"):
        document = json_value(Path(source.path).read_bytes())
        if isinstance(document, dict):
            _replace(found, document.get("messages"), 0)
    else:
        for number, line in json_lines(source.path):
            _line(found, number, line)
    for number, message in found.values():
        place = Place(source.path, number, str(message.get("id") or ""))
        if message.get("type") == "user":
            text = texts(message.get("displayContent") or message.get("content")).strip()
            if text and not text.startswith(_ADDED):
                yield Said(Kind.PROMPT, place, text)
        elif message.get("type") == "gemini":
            yield Said(Kind.TEXT, place, texts(message.get("content")))
            for call in message.get("toolCalls") or ():
                yield from _tool(call, place)


def _line(found: Messages, number: int, line: dict[str, Any]) -> None:
    patch, back_to = line.get("$set"), line.get("$rewindTo")
    if isinstance(patch, dict):
        if isinstance(patch.get("messages"), list):
            _replace(found, patch["messages"], number)
    elif isinstance(back_to, str):
        for id_ in list(found)[list(found).index(back_to) if back_to in found else 0 :]:
            del found[id_]
    elif isinstance(line.get("messages"), list):
        _replace(found, line["messages"], number)
    elif line.get("id") and line.get("type"):
        found[str(line["id"])] = (number, line)


def _replace(found: Messages, messages: object, number: int) -> None:
    found.clear()
    for place, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            found[str(message.get("id") or place)] = (number, message)


def _tool(call: dict[str, Any], place: Place) -> Iterator[Said]:
    given, id_ = call.get("args"), str(call.get("id") or "")
    name = str(call.get("name") or "")
    yield Said(
        Kind.TOOL, place, tool=name, tool_id=id_, given=given if isinstance(given, dict) else {}
    )
    status = call.get("status")
    if status not in ("success", "error", "cancelled"):
        return
    text = "\n".join(_outputs(call.get("result")))
    code = _EXIT.search(text)
    refused = status == "cancelled"
    ok = None if refused else status == "success" and (not code or code[1] == "0")
    yield Said(Kind.RESULT, place, shortened(text), tool_id=id_, ok=ok, refused=refused)


def _outputs(result: object) -> Iterator[str]:
    for part in result if isinstance(result, list) else ():
        answer = part.get("functionResponse") if isinstance(part, dict) else None
        response = answer.get("response") if isinstance(answer, dict) else None
        for value in response.values() if isinstance(response, dict) else ():
            if isinstance(value, str):
                yield value
