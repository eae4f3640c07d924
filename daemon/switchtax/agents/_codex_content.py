"""What Codex rollouts say besides usage: sizes of content, prompts, tools, rate limits.

Read at `Depth.FULL` only. Sizes, tool names and file paths; never a text.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from switchtax.agents import _codex_shapes as shapes
from switchtax.agents._codex_shapes import decode_payload
from switchtax.agents.commands import act_of
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import Act, Content, ContentKind, Prompt, RateLimits, ToolUse

if TYPE_CHECKING:
    from switchtax.agents._codex_state import State
    from switchtax.records import Record

__all__ = ["ContentReader", "compacted_chars"]

_ADDED = re.compile(r"\s*(?:<[A-Za-z_]+[ >]|# AGENTS\.md)")
"""User messages that Codex writes itself: environment, instructions, skills, notices."""
_PATCHED = re.compile(r"\*\*\* (?:Add|Update|Delete) File: ([^\n\\\"]+)")
_EXIT = re.compile(r'(?:exited with code |Exit code: |"exit_code":\s*)(-?\d+)')
_EXIT_WITHIN = 600
_READERS = frozenset({"cat", "sed", "nl", "head", "tail", "less", "bat", "more"})
_CONNECTORS = frozenset({"|", "&&", "||", ";", ">", ">>", "<"})
_WINDOWS = {300: "five_hour", 10080: "seven_day"}
_TOOLS_KEPT = 200
_SCRIPTED = re.compile(r'\bcmd"?: ?("(?:[^"\\]|\\.)*")')
"""A command inside a script of the code-mode tool `exec`."""


class _Host(Protocol):
    out: list[Record]
    s: State
    at: float
    line: int

    def close_compaction(self, after_tokens: int | None = None) -> None: ...


class ContentReader:
    """Adds records of content to those of the parser it belongs to."""

    def __init__(self, host: _Host) -> None:
        self.host = host

    def flush(self, call_id: str) -> None:
        """Hand on what was held back until the usage of its response was known."""
        held = self.host.s.held
        for content in held:
            own = content.kind is not ContentKind.TOOL_RESULT
            self.host.out.append(replace(content, call_id=call_id) if own else content)
        held.clear()

    def event(self, kind: bytes, row: shapes.Line) -> None:
        """Prompts, patched files and rate limits."""
        if kind == b"user_message":
            message = decode_payload(shapes.UserMessage, row.payload).message or ""
            self._prompt(len(message), rules_in(message))
        elif kind == b"item_completed":
            item = decode_payload(shapes.ItemCompleted, row.payload).item
            if item.type == "UserMessage":
                texts = [block.text or "" for block in item.content or []]
                self._prompt(sum(map(len, texts)), sum(map(rules_in, texts)))
        elif kind == b"patch_apply_end":
            self._patched(decode_payload(shapes.PatchEnd, row.payload))
        elif kind == b"token_count":
            self._limits(decode_payload(shapes.TokenCount, row.payload).rate_limits)

    def item(self, row: shapes.Line) -> None:
        """One piece of the conversation."""
        self.host.close_compaction()
        item = decode_payload(shapes.Item, row.payload)
        if item.type.endswith("_output"):
            self._result(item)
        elif item.type in {"message", "agent_message"}:
            self._message(item)
        elif item.type == "reasoning":
            sealed = item.encrypted_content
            readable = _text_chars(item.content) or _text_chars(item.summary)
            if sealed is not None or not readable:
                self._hold(ContentKind.SEALED_REASONING, len(sealed or ""))
            if readable:
                self._hold(ContentKind.REASONING, readable)
        elif item.type == "additional_tools":
            self._add(ContentKind.ATTACHMENT, _raw_chars(item.tools))
        elif item.type.endswith("_call"):
            self._tool(item)

    def _prompt(self, chars: int, rules: int) -> None:
        host = self.host
        s = host.s
        if s.prompt == (s.turn, chars):
            return  # written twice in a review turn
        s.prompt = (s.turn, chars)
        host.close_compaction()
        person = not s.sidechain
        host.out.append(
            Prompt(s.session_id, host.at, s.turn, host.line, chars, person, rules if person else 0)
        )

    def _message(self, item: shapes.Item) -> None:
        if item.role == "assistant":
            self._hold(ContentKind.TEXT, _text_chars(item.content))
            return
        blocks = item.content if isinstance(item.content, list) else []
        images = sum(block.type == "input_image" for block in blocks)
        first = next((block.text for block in blocks if block.text), "") or ""
        chars = _text_chars(item.content)
        by_user = item.role == "user" and not _ADDED.match(first)
        if chars:
            self._add(_kind_of(first, by_user=by_user), chars)
        if images:
            self._add(ContentKind.IMAGE, 0, images)

    def _tool(self, item: shapes.Item) -> None:
        host = self.host
        s = host.s
        given = item.arguments if item.arguments is not None else item.input or ""
        name = item.name or item.type.removesuffix("_call")
        action = _raw_chars(item.action)
        self._hold(ContentKind.TOOL_CALL, len(name) + len(given) + action)
        if not item.call_id:
            return
        paths, act = _asked(given, item.action)
        # A patch inside a shell command or a script edits files, as one of its own does.
        told = "apply_patch" if _PATCHED.search(given) else name
        for number, path in enumerate(paths or [None]):
            id_ = item.call_id if number == 0 else f"{item.call_id}#{number + 1}"
            host.out.append(ToolUse(s.session_id, host.at, told, id_, path, host.line, act=act))
        if name in TODO_TOOLS:
            todo = todo_record(name, given.encode(), s.session_id, host.at, host.line)
            host.out += [todo] if todo else []
        s.tools[item.call_id] = name
        while len(s.tools) > _TOOLS_KEPT:
            del s.tools[next(iter(s.tools))]

    def _result(self, item: shapes.Item) -> None:
        host = self.host
        s = host.s
        chars, images, head = _output(item.output)
        result = Content(
            s.session_id,
            host.at,
            ContentKind.TOOL_RESULT,
            chars,
            host.line,
            tool_id=item.call_id or "",
        )
        (s.held if s.held else host.out).append(result)
        if images:
            self._add(ContentKind.IMAGE, 0, images)
        name = s.tools.pop(item.call_id or "", None)
        if name is not None and item.call_id:
            exit_code = _EXIT.search(head)
            ok = exit_code is None or exit_code.group(1) == "0"
            host.out.append(
                ToolUse(s.session_id, host.at, name, item.call_id, None, host.line, ok=ok)
            )

    def _patched(self, patch: shapes.PatchEnd) -> None:
        """Files of a patch made inside another tool; one of its own has a result item."""
        host = self.host
        s = host.s
        if patch.call_id in s.tools:
            return
        for number, path in enumerate(patch.changes or {}):
            id_ = f"{patch.call_id or host.line}/{number}"
            host.out.append(
                ToolUse(
                    s.session_id, host.at, "apply_patch", id_, path, host.line, ok=patch.success
                )
            )

    def _limits(self, limits: shapes.Limits | None) -> None:
        if limits is None:
            return
        host = self.host
        windows = [
            (_WINDOWS.get(int(w.window_minutes or 0), default), w)
            for default, w in (("primary", limits.primary), ("secondary", limits.secondary))
            if w is not None
        ]
        plan = limits.plan_type or ""
        used = tuple(window.used_percent for _, window in windows)
        if (not windows and not plan) or (used, plan) == (host.s.limits, host.s.plan):
            return
        host.s.limits, host.s.plan = used, plan
        host.out.append(
            RateLimits(
                host.s.session_id,
                host.at,
                tuple((name, w.used_percent) for name, w in windows),
                tuple((name, w.resets_at) for name, w in windows if w.resets_at is not None),
                plan,
                host.line,
            )
        )

    def _hold(self, kind: ContentKind, chars: int) -> None:
        host = self.host
        host.s.held.append(Content(host.s.session_id, host.at, kind, chars, host.line))

    def _add(self, kind: ContentKind, chars: int, items: int = 1) -> None:
        host = self.host
        host.out.append(Content(host.s.session_id, host.at, kind, chars, host.line, items=items))


def compacted_chars(done: shapes.Compacted) -> int:
    """Characters of the history that replaces the old one."""
    try:
        kept = msgspec.json.decode(done.replacement_history, type=list[shapes.Item] | None)
    except ValueError:
        kept = None
    total = 0
    for item in kept or []:
        total += _text_chars(item.content) + len(item.encrypted_content or "")
        total += _raw_chars(item.tools)
    return total or len(done.message or "")


def _text_chars(content: list[shapes.Text] | str | None) -> int:
    if isinstance(content, str):
        return len(content)
    return sum(len(block.text or "") for block in content or [])


def _raw_chars(raw: msgspec.Raw) -> int:
    return len(bytes(raw).decode("utf-8", "replace"))


def _output(raw: msgspec.Raw) -> tuple[int, int, str]:
    """Characters and images of a tool's result, and its first characters."""
    if not bytes(raw[:1] if isinstance(raw, bytes) else raw)[:1]:
        return 0, 0, ""
    value = msgspec.json.decode(raw)
    if isinstance(value, dict):
        value = value.get("content") or value.get("output") or ""
    if isinstance(value, str):
        return len(value), 0, value[:_EXIT_WITHIN]
    if not isinstance(value, list):
        return _raw_chars(raw), 0, ""
    texts = [b.get("text") for b in value if isinstance(b, dict)]
    images = sum(isinstance(b, dict) and b.get("type") == "input_image" for b in value)
    found = [text for text in texts if isinstance(text, str)]
    return sum(map(len, found)), images, (found[0] if found else "")[:_EXIT_WITHIN]


def _asked(given: str, action: msgspec.Raw) -> tuple[list[str | None], Act]:
    """Files a tool call names (patched ones, a path argument, or what a shell prints), and what
    its command does."""
    patched = _PATCHED.findall(given)
    if patched:
        return [path.strip() for path in dict.fromkeys(patched)], Act.OTHER
    try:
        arguments = msgspec.json.decode(given) if given[:1] == "{" else None
        if arguments is None and bytes(action):
            arguments = msgspec.json.decode(action)
    except ValueError:
        return [], Act.OTHER
    if not isinstance(arguments, dict):
        return [], _act_in_script(given)
    for key in ("path", "file_path"):
        if isinstance(arguments.get(key), str):
            return [arguments[key]], Act.OTHER
    command = arguments.get("cmd", arguments.get("command"))
    if isinstance(command, list):
        command = command[-1] if command else None
    if not isinstance(command, str):
        return [], Act.OTHER
    return list(_shown(command)), act_of(command)


def _act_in_script(script: str) -> Act:
    """What the commands of a code-mode script do: the first that matters."""
    for found in _SCRIPTED.finditer(script):
        try:
            act = act_of(str(msgspec.json.decode(found[1])))
        except ValueError:
            continue
        if act:
            return act
    return Act.OTHER


def _shown(command: str) -> list[str]:
    """Files that `cat`, `sed -n` and their like print in a shell command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    shown: list[str] = []
    part: list[str] = []
    for word in [*words, ";"]:
        if word not in _CONNECTORS:
            part.append(word)
            continue
        if len(part) > 1 and part[0] in _READERS:
            last = part[-1]
            if not last.startswith("-") and ("." in last or "/" in last):
                shown.append(last)
        part = []
    return list(dict.fromkeys(shown))


def _kind_of(text: str, *, by_user: bool) -> ContentKind:
    """What a message is, by how it begins."""
    if text.startswith(("<model_switch>", "<model_instructions>")):
        return ContentKind.SWITCH_TEXT
    return ContentKind.PROMPT if by_user else ContentKind.ATTACHMENT
