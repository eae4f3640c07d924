"""What is said in Codex's rollouts.

Source: docs/formats/codex.md; rollouts of 0.4x to 0.169, 2026-11-21.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from switchtax.brief.reading import json_lines, json_value, texts
from switchtax.brief.said import Kind, Place, Said, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Source

__all__ = ["said"]

_ADDED = re.compile(r"\s*(?:<[A-Za-z_]+[ >]|# AGENTS\.md)")
"""User messages that Codex writes itself."""
_EXIT = re.compile(r'(?:exited with code |Exit code: |"exit_code":\s*)(-?\d+)')
_EXIT_WITHIN = 600
_COMMAND = re.compile(r"""\bcmd"?\s*:\s*("(?:[^"\\]|\\.)*")""")
"""A shell command inside the code of the `exec` tool."""


def said(source: Source, session_id: str) -> Iterator[Said]:
    """A thread, in file order. Prompts stand there twice, as message and as event."""
    last_prompt, own_patches = "", set()
    for number, line in json_lines(source.path):
        item = line.get("payload")
        if not isinstance(item, dict):
            continue
        place = Place(source.path, number, str(item.get("id") or item.get("call_id") or ""))
        kind = str(item.get("type") or "")
        if line.get("type") == "response_item" and kind.endswith("_call"):
            own_patches.add(item.get("call_id"))
            yield _tool(item, kind, place)
            continue
        if kind == "patch_apply_end":
            if item.get("call_id") not in own_patches:
                yield from _patched(item, place)
            continue
        for found in _words(line, item, kind, place):
            if found.kind is Kind.PROMPT:
                if found.text == last_prompt:
                    continue
                last_prompt = found.text
            yield found


def _words(line: dict[str, Any], item: dict[str, Any], kind: str, place: Place) -> Iterator[Said]:
    if line.get("type") == "response_item":
        if kind.endswith("_output"):
            yield _result(item, place)
        elif kind == "message" and item.get("role") in ("user", "assistant"):
            text = texts(item.get("content")).strip()
            if item["role"] == "assistant":
                yield Said(Kind.TEXT, place, text)
            elif text and not _ADDED.match(text):
                yield Said(Kind.PROMPT, place, text)
    elif line.get("type") == "event_msg":
        text = ""
        if kind == "user_message":
            text = str(item.get("message") or "").strip()
        elif kind == "item_completed":
            done = item.get("item")
            if isinstance(done, dict) and done.get("type") == "UserMessage":
                text = texts(done.get("content")).strip()
        if text and not _ADDED.match(text):
            yield Said(Kind.PROMPT, place, text)


def _tool(item: dict[str, Any], kind: str, place: Place) -> Said:
    name = str(item.get("name") or kind.removesuffix("_call"))
    raw = item.get("arguments", item.get("input"))
    given: dict[str, object] = {}
    if isinstance(raw, str):
        value = json_value(raw) if raw[:1] == "{" else None
        given = value if isinstance(value, dict) else {"patch": raw}
        if name == "exec" and not isinstance(value, dict):
            found = _COMMAND.search(raw)
            command = json_value(found[1]) if found else None
            given = {"command": command} if isinstance(command, str) else {}
    elif isinstance(item.get("action"), dict):
        given = item["action"]
    return Said(Kind.TOOL, place, tool=name, tool_id=str(item.get("call_id") or ""), given=given)


def _result(item: dict[str, Any], place: Place) -> Said:
    output = item.get("output")
    if isinstance(output, dict):
        output = output.get("content") or output.get("output")
    text = texts(output)
    value = json_value(text) if text[:1] == "{" else None
    found = _EXIT.search(text[:_EXIT_WITHIN])
    if isinstance(value, dict) and isinstance(value.get("output"), str):
        found = found or _EXIT.search(text)
        text = value["output"]
    ok = None if found is None else found[1] == "0"
    id_ = str(item.get("call_id") or "")
    return Said(Kind.RESULT, place, shortened(text), tool_id=id_, ok=ok)


def _patched(item: dict[str, Any], place: Place) -> Iterator[Said]:
    """Files of a patch made inside another tool."""
    changes = item.get("changes")
    for number, path in enumerate(changes if isinstance(changes, dict) else ()):
        id_ = f"{item.get('call_id')}/{number}"
        yield Said(Kind.TOOL, place, tool="apply_patch", tool_id=id_, given={"path": path})
        yield Said(Kind.RESULT, place, tool_id=id_, ok=bool(item.get("success", True)))
