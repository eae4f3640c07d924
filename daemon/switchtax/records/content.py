"""What stands in the conversation: sizes by kind, prompts, tool uses. Never a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Act", "Content", "ContentKind", "Prompt", "TodoStep", "Todos", "ToolUse"]


class ContentKind(StrEnum):
    """What a piece of content in the conversation is; sizes differ by kind."""

    PROMPT = "prompt"
    TOOL_RESULT = "tool_result"
    TEXT = "text"
    """The model's own text."""
    TOOL_CALL = "tool_call"
    """The model's tool call: its name and arguments."""
    REASONING = "reasoning"
    """Readable reasoning of the model."""
    SEALED_REASONING = "sealed_reasoning"
    """Reasoning that only its own provider can read."""
    ATTACHMENT = "attachment"
    """What the agent adds by itself: reminders, file listings, memory."""
    SWITCH_TEXT = "switch_text"
    """What the agent adds because the model has changed."""
    IMAGE = "image"
    SUMMARY = "summary"
    """The text that replaces a compacted history."""


class Act(StrEnum):
    """What a shell command does that matters to whoever goes on with the work."""

    OTHER = ""
    TEST = "test"
    """Runs tests, a build, a type checker or a linter."""
    COMMIT = "commit"
    REVERT = "revert"
    """Takes changes to files back, or puts them aside."""


@dataclass(frozen=True, slots=True)
class Content:
    """The size of one piece of content that the next request will carry.

    `chars` counts Unicode characters of the text as sent (JSON arguments as
    compact JSON). `call_id` is set on what a model answered, so that a call's own
    content can be told from what came after it.
    """

    session_id: str
    at: float
    kind: ContentKind
    chars: int
    line: int = 0
    call_id: str = ""
    items: int = 1
    sidechain: bool = False
    tool_id: str = ""
    """The tool use that a tool result answers, where the log says."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A person (or a scheduler) gave the agent a new task: a turn begins."""

    session_id: str
    at: float
    id: str = ""
    line: int = 0
    chars: int = 0
    by_person: bool = True
    rules: int = 0
    """How many rules it states ("never …", "must stay …"): a count, never the words."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model used a tool. `path` is the file it named, if any."""

    session_id: str
    at: float
    name: str
    id: str = ""
    path: str | None = None
    line: int = 0
    call_id: str = ""
    sidechain: bool = False
    asked_lines: int | None = None
    """How many lines it asked for at most, where the input says (a limit, a range)."""
    ok: bool | None = None
    """None on the use itself; a later record with the same id says how it ended."""
    act: Act = Act.OTHER
    """What it does, where it is a shell command."""


@dataclass(frozen=True, slots=True)
class Todos:
    """The agent's list of what is left to do was written anew: how many items of each state."""

    session_id: str
    at: float
    open_items: int = 0
    done_items: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class TodoStep:
    """One item of that list was added (`id` empty, numbered from 1), opened or closed."""

    session_id: str
    at: float
    id: str = ""
    is_open: bool = True
    line: int = 0
