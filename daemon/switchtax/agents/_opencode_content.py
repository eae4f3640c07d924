"""What OpenCode messages carry: sizes of content, prompts, tools with their file paths.

Read at `Depth.FULL` only. Sizes, tool names and file paths; never a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents.commands import act_of
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import Act, Content, ContentKind, Prompt, ToolUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.agents._opencode_shapes import Part
    from switchtax.records import Record

__all__ = ["Spot", "prompt_records", "reply_records", "text_chars", "ttft_ms"]

_PATCHED = re.compile(r"\*\*\* (?:Add|Update|Delete) File: ([^\n\\\"]+)")
_PATHS = ("filePath", "path", "file_path")
_SEALED = ("encrypted", "signature", "opaque", "redacted")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when a piece of content stands; `call_id` for what a model answered."""

    session_id: str
    at: float
    line: int
    call_id: str = ""

    def content(self, kind: ContentKind, chars: int, *, own: bool, items: int = 1) -> Content:
        """A content record of this place."""
        call_id = self.call_id if own else ""
        return Content(self.session_id, self.at, kind, chars, self.line, call_id, items)


def prompt_records(
    spot: Spot, id_: str, parts: list[Part], text: str | None, *, by_person: bool
) -> Iterator[Record]:
    """A user's message: V1 in parts, V2 as one text. A compaction order is no prompt."""
    typed, rules = len(text or ""), rules_in(text or "")
    for part in parts:
        chars = len(part.text or "")
        if part.type == "text" and part.synthetic:
            yield spot.content(ContentKind.ATTACHMENT, chars, own=False)
        elif part.type == "text" and not part.ignored:
            typed += chars
            rules += rules_in(part.text or "")
        elif part.type == "file":
            image = (part.mime or "").startswith("image/")
            kind = ContentKind.IMAGE if image else ContentKind.ATTACHMENT
            yield spot.content(kind, 0, own=False)
    if typed:
        yield spot.content(ContentKind.PROMPT, typed, own=False)
    if typed or not any(part.type == "compaction" for part in parts):
        yield Prompt(
            spot.session_id, spot.at, id_, spot.line, typed, by_person, rules if by_person else 0
        )


def reply_records(spot: Spot, parts: list[Part], *, summary: bool) -> Iterator[Record]:
    """An answer: its text, reasoning and tool calls, then what the tools returned."""
    results: list[Record] = []
    for part in parts:
        if part.type == "text" and part.text:
            kind = ContentKind.SUMMARY if summary else ContentKind.TEXT
            yield spot.content(kind, len(part.text), own=not summary)
        elif part.type == "reasoning":
            sealed = _sealed_chars(part)
            if sealed or not part.text:
                yield spot.content(ContentKind.SEALED_REASONING, sealed, own=True)
            if part.text:
                yield spot.content(ContentKind.REASONING, len(part.text), own=True)
        elif part.type == "tool":
            yield from _tool(spot, part, results)
    yield from results


def _tool(spot: Spot, part: Part, results: list[Record]) -> Iterator[Record]:
    name = part.tool or part.name or "tool"
    id_ = part.callID or part.id or ""
    state = part.state
    given = _value(state.input) if state is not None else None
    size = len(msgspec.json.encode(given).decode()) if given is not None else 0
    yield spot.content(ContentKind.TOOL_CALL, len(name) + size, own=True)
    for number, path in enumerate(_paths(given) or [None]):
        one = id_ if number == 0 else f"{id_}#{number + 1}"
        yield ToolUse(
            spot.session_id, spot.at, name, one, path, spot.line, spot.call_id, act=_act(given)
        )
    if name in TODO_TOOLS and state is not None:
        todo = todo_record(name, bytes(state.input), spot.session_id, spot.at, spot.line)
        if todo is not None:
            yield todo
    if state is None or state.status not in {"completed", "error"}:
        return
    chars = len(state.output or "") + sum(len(b.text or "") for b in state.content or [])
    if state.status == "error" and isinstance(state.error, str):
        chars += len(state.error)
    result = spot.content(ContentKind.TOOL_RESULT, chars, own=False)
    results.append(replace(result, tool_id=id_))
    ok = state.status == "completed"
    results.append(
        ToolUse(spot.session_id, spot.at, name, id_, None, spot.line, spot.call_id, ok=ok)
    )


def text_chars(raw: msgspec.Raw) -> int:
    """Characters of a JSON string; 0 for anything else."""
    value = _value(raw)
    return len(value) if isinstance(value, str) else 0


def ttft_ms(created_ms: float, parts: list[Part]) -> float | None:
    """From the request to the first text or reasoning; None where a tool call came first."""
    first = next((part for part in parts if part.type not in {"step-start", "snapshot"}), None)
    if first is None or first.type not in {"text", "reasoning"} or first.time is None:
        return None
    start = first.time.start
    return float(start - created_ms) if start and start > created_ms > 0 else None


def _value(raw: msgspec.Raw) -> object:
    return msgspec.json.decode(raw) if bytes(raw) else None


def _paths(given: object) -> list[str | None]:
    if not isinstance(given, dict):
        return []
    patch = given.get("patchText")
    if isinstance(patch, str):
        return [path.strip() for path in dict.fromkeys(_PATCHED.findall(patch))]
    named = next((given[key] for key in _PATHS if isinstance(given.get(key), str)), None)
    return [named] if named is not None else []


def _act(given: object) -> Act:
    command = given.get("command") if isinstance(given, dict) else None
    return act_of(command) if isinstance(command, str) else Act.OTHER


def _sealed_chars(part: Part) -> int:
    """Characters that only the provider can read: signatures, encrypted reasoning."""
    total = 0
    for raw in (part.metadata, part.native):
        value = _value(raw)
        for inner in value.values() if isinstance(value, dict) else ():
            for key, held in inner.items() if isinstance(inner, dict) else ():
                if isinstance(held, str) and any(word in key.lower() for word in _SEALED):
                    total += len(held)
    return total
