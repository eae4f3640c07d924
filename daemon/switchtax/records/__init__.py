"""The vocabulary: what an agent's files say, as facts, in order.

Standard library only. Agent modules produce these records; `sessions` folds
them. Nothing here holds a prompt, an answer or a line of code: sizes, names,
paths and numbers only. Times are UTC epoch seconds, `0.0` where the agent
recorded none. Every record names its session and the place it came from
(`line`: 1-based line of a line file, position in a document, row of a database).
"""

from switchtax.records.calls import Call, Unknown, Usage
from switchtax.records.content import (
    Act,
    Content,
    ContentKind,
    Prompt,
    Todos,
    TodoStep,
    ToolUse,
)
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
    Start,
)
from switchtax.records.reading import Cursor, Depth, Reading, Record, Source, Unreadable

__all__ = [
    "Act",
    "Call",
    "Cleared",
    "Compaction",
    "Content",
    "ContentKind",
    "Cursor",
    "Depth",
    "EffortChosen",
    "Ended",
    "Forked",
    "ModelChosen",
    "Prompt",
    "RateLimits",
    "Reading",
    "Record",
    "RequestStarted",
    "Resumed",
    "SessionInfo",
    "Source",
    "Start",
    "TodoStep",
    "Todos",
    "ToolUse",
    "Unknown",
    "Unreadable",
    "Usage",
]
