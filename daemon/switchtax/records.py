"""The vocabulary: what an agent's files say, as facts, in order.

Standard library only. Agent modules produce these records; `sessions` folds
them. Nothing here holds a prompt, an answer or a line of code: sizes, names,
paths and numbers only. Times are UTC epoch seconds, `0.0` where the agent
recorded none. Every record names its session and the place it came from
(`line`: 1-based line of a line file, position in a document, row of a database).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from switchtax.quick import quick

__all__ = [
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
    "ToolUse",
    "Unknown",
    "Unreadable",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known, and why. It is never replaced by zero."""

    reason: str

    def __bool__(self) -> bool:
        """Never true, so that `value or …` does not take it for a value."""
        return False


@quick
@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call in disjoint buckets.

    `uncached + cache_read + cache_write_5m + cache_write_1h` is what was sent.
    Writes of a provider that does not name a lifetime stand in the 5m bucket.
    `output_tokens` is all that was billed as output, reasoning included;
    `reasoning_tokens` says how much of it was reasoning. An agent whose log
    keeps reasoning beside output sets `reasoning_in_output=False`; then billed
    output is the sum of both (see `billed_output_tokens`).
    """

    uncached_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    reasoning_in_output: bool = True

    @property
    def sent_tokens(self) -> int:
        """All tokens of the request: read, written and plain."""
        return (
            self.uncached_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
        )

    @property
    def cache_write_tokens(self) -> int:
        """Tokens written to the cache, whatever their lifetime."""
        return self.cache_write_5m_tokens + self.cache_write_1h_tokens

    @property
    def billed_output_tokens(self) -> int:
        """Tokens billed at the output price."""
        if self.reasoning_in_output:
            return self.output_tokens
        return self.output_tokens + self.reasoning_tokens


@quick
@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider that returned usage.

    `id` is the provider's message or response id (else a stable id made by the
    agent module); a later record with the same id replaces an earlier one,
    and the same id in two files is the same call (resume, fork). `model` is as
    recorded. `started_at` is the best known start of the request, `at` the time
    the answer was recorded. `sidechain` calls are billed but are not part of the
    main prefix; `embedded` marks usage found inside other records (sub-agents
    that other meters do not see). `output_recorded` is False where the log only
    holds a streaming placeholder for the output.
    """

    session_id: str
    id: str
    at: float
    model: str
    usage: Usage
    line: int = 0
    started_at: float = 0.0
    provider: str = ""
    effort: str | None = None
    fast: bool = False
    sidechain: bool = False
    embedded: bool = False
    output_recorded: bool = True
    ttft_ms: float | None = None
    duration_ms: float | None = None
    agent_version: str = ""
    request_id: str = ""
    web_searches: int = 0
    sent_recorded: bool = True
    """False where the log holds only the output: what was sent is unknown, not zero."""
    cache_ttl_s: int | None = None
    """Lifetime of the cache entry that this call wrote or renewed, where the log says."""
    last_pass_tokens: int | None = None
    """What the last of several server-side passes sent, where the usage sums them."""
    purpose: str = ""
    """Why the call was made where that is known: "" (conversation), "compaction", "title", "warm";
    "totals" is no call but what the log's own totals hold beyond the calls it names."""


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


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """A switch announced in the log before the next call.

    `model` is as the log names it (an id, an alias or a display name); `previous`
    where the log says so. `automatic` marks fallbacks and routers.
    """

    session_id: str
    at: float
    model: str
    previous: str | None = None
    source: str = ""
    automatic: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class EffortChosen:
    """Effort (or fast mode) was changed before the next call."""

    session_id: str
    at: float
    effort: str | None = None
    fast: bool | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Compaction:
    """The history was replaced by a summary. Tokens are None where not recorded."""

    session_id: str
    at: float
    trigger: str = ""
    before_tokens: int | None = None
    after_tokens: int | None = None
    partial: bool = False
    """Only some tool results were dropped (micro-compaction), not the history."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Cleared:
    """The conversation was emptied."""

    session_id: str
    at: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Resumed:
    """The agent was started again on this session."""

    session_id: str
    at: float
    agent_version: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The agent was left (its process ended)."""

    session_id: str
    at: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Forked:
    """This session began as a copy of another; `complete` is False if that one is missing."""

    session_id: str
    at: float
    parent_id: str
    complete: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Shares of the plan's windows used, as recorded: window name to percent."""

    session_id: str
    at: float
    used_percent: tuple[tuple[str, float], ...]
    resets_at: tuple[tuple[str, float], ...] = ()
    plan: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class RequestStarted:
    """A request was sent: the exact start and, by hashes, what it shares with others.

    `shape_hash` stands for tools and system prompt, `kept_messages` is how many
    messages of the request `base_id` open this one, `new_messages` how many follow.
    """

    session_id: str
    at: float
    id: str
    model: str
    shape_hash: str = ""
    base_id: str = ""
    kept_messages: int = 0
    new_messages: int = 0
    effort: str | None = None
    main: bool = True
    ttl_s: int | None = None
    sent_chars: int = 0
    """Characters of all it carries (tools, system prompt, messages as JSON); 0 if not told."""
    common_chars: int = 0
    """Of these, the start that is the same as in the main request before it."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What the log says of the session itself; later ones complete earlier ones."""

    session_id: str
    at: float = 0.0
    cwd: str = ""
    title_chars: int = 0
    agent_version: str = ""
    entrypoint: str = ""
    parent_id: str = ""
    sidechain: bool = False
    context_window_tokens: int | None = None
    provider: str = ""
    plan: str = ""
    comp_hash: str = ""
    """Codex: models with different values make it compact before a switch."""
    line: int = 0


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
