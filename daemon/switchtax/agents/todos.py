"""An agent's own list of what is left to do: how many items stand open, never which.

Source: TodoWrite, TaskCreate and TaskUpdate of Claude Code, `update_plan` of Codex, `todowrite`
of OpenCode, `write_todos` of Gemini CLI, `update_todo` of Copilot CLI, `update_todo_list` of Roo
Code; recorded sessions of January to July 2026 and docs/formats, 2026-11-21. Copilot's `sql` on
its own table is not read.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw, Struct

from switchtax.records import Todos, TodoStep

__all__ = ["TODO_TOOLS", "todo_record"]

TODO_TOOLS = frozenset(
    {
        "TodoWrite",
        "TaskCreate",
        "TaskUpdate",
        "update_plan",
        "todowrite",
        "write_todos",
        "update_todo",
        "update_todo_list",
    }
)
_CLOSED = frozenset({"completed", "complete", "done", "cancelled", "canceled", "deleted"})


_CHECKBOX = re.compile(r"^\s*(?:[-*]\s*)?\[([ xX~-])\]", re.M)
"""An item of a checklist: open, done, or (a dash or a tilde) begun."""


class _Item(Struct):
    status: str | None = None


class _Input(Struct):
    todos: Raw = Raw()
    plan: Raw = Raw()
    taskId: str | int | None = None  # noqa: N815
    status: str | None = None


_INPUT = msgspec.json.Decoder(_Input)
_LIST = msgspec.json.Decoder(list[_Item] | str)


def todo_record(
    name: str, given: bytes, session_id: str, at: float, line: int
) -> Todos | TodoStep | None:
    """What one use of a to-do tool changes; None if it changes nothing or is no such tool.

    Args:
        name: the tool, one of `TODO_TOOLS`.
        given: its input as JSON.
        session_id: of the session.
        at: epoch seconds.
        line: where it stands.
    """
    if name not in TODO_TOOLS:
        return None
    try:
        shape = _INPUT.decode(given)
        listed = shape.todos if bytes(shape.todos) else shape.plan
        if name == "TaskCreate":
            return TodoStep(session_id, at, "", is_open=True, line=line)
        if name == "TaskUpdate":
            if shape.taskId is None or shape.status is None:
                return None
            is_open = shape.status not in _CLOSED
            return TodoStep(session_id, at, str(shape.taskId), is_open=is_open, line=line)
        if not bytes(listed):
            return None
        items = _LIST.decode(bytes(listed))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if isinstance(items, str):  # a checklist in Markdown
        marks = [mark.lower() for mark in _CHECKBOX.findall(items)]
        done = marks.count("x")
        return Todos(session_id, at, len(marks) - done, done, line)
    done = sum((item.status or "") in _CLOSED for item in items)
    return Todos(session_id, at, len(items) - done, done, line)
