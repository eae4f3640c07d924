"""What happens to a session besides calls: switches, compactions, starts and ends."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Cleared",
    "Compaction",
    "EffortChosen",
    "Ended",
    "Forked",
    "ModelChosen",
    "RateLimits",
    "RequestStarted",
    "Resumed",
    "SessionInfo",
    "Start",
]


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
class Start:
    """What opens a request, up to a mark where the agent has it cached, told by its content.

    Requests with one digest open alike; `chars` is its length as the agent writes it.
    """

    digest: str
    chars: int


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
    shape_chars: int = 0
    """Of these, tools and system prompt; 0 if not told."""
    starts: tuple[Start, ...] = ()
    """What of tools and system prompt is marked for the cache, the shortest first."""
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
    asks: bool | None = None
    """Codex: whether its models may ask for permission, of which they are then told at length."""
    sent_an_effort: tuple[str, ...] = ()
    """pi: of the user's own models those that are sent no budget for thinking, `provider/model`."""
    line: int = 0
