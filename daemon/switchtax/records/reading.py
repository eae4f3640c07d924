"""Where records come from: sources, how deep they are read, and how far."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from switchtax.records.calls import Call
from switchtax.records.content import Content, Prompt, Todos, TodoStep, ToolUse
from switchtax.records.events import (
    Cleared,
    Compaction,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    RateLimits,
    RequestStarted,
    Resumed,
    SessionInfo,
)

__all__ = ["Cursor", "Depth", "Reading", "Record", "Source", "Unreadable"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that could not be read: skipped, counted, located, shown."""

    session_id: str
    path: str
    line: int
    reason: str
    offset: int = 0
    count: int = 1
    at: float = 0.0


Record = (
    Call
    | Content
    | Prompt
    | ToolUse
    | Todos
    | TodoStep
    | ModelChosen
    | EffortChosen
    | Compaction
    | Cleared
    | Resumed
    | Ended
    | Forked
    | RateLimits
    | RequestStarted
    | SessionInfo
    | Unreadable
)


class Depth(Enum):
    """How much of a file is read."""

    USAGE = "usage"
    """Calls, switches, compactions: what a scan of a whole home needs."""
    FULL = "full"
    """Also prompts, sizes of content, tools and reasoning, for live or named sessions."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that holds sessions of one agent: a file, a folder or a database."""

    agent: str
    path: str
    session_id: str = ""
    """The session a file belongs to by its name; empty for a database of many."""
    root: str = ""
    """The agent root it was found under; empty for a path the user named."""
    sidechain: bool = False
    size: int = 0
    mtime_ns: int = 0
    """Of a source of several files: bytes of all of them, and the newest time."""
    beside: tuple[str, ...] = ()
    """Further files of the same session, there or not: a change of one is a change of it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading stopped: the offset, and the parser's state at that point.

    `identity` names the file (device, inode, a hash of its first bytes): when it
    changes, or the file is shorter than `offset`, the file is read again from the
    start and `Reading.restarted` is true.
    """

    offset: int = 0
    line: int = 0
    identity: tuple[int, int, int] = (0, 0, 0)
    state: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read brought: records in file order and the cursor to go on from."""

    records: list[Record] = field(default_factory=list)
    cursor: Cursor = field(default_factory=Cursor)
    restarted: bool = False
