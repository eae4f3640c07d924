"""The ways to get something from another model."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["WayKind"]


class WayKind(StrEnum):
    """One way; staying is the one that the others are measured against."""

    STAY = "stay"
    SWITCH = "switch"
    FINISH_FIRST = "finish_first"
    """Let the turn that is running end, then switch."""
    COMPACT_FIRST = "compact_first"
    """Have the warm model sum up, then switch."""
    SUB_AGENT = "sub_agent"
    """Just the next request in a sub-agent on the other model; this cache is kept."""
    NEW_SESSION = "new_session"
    """A new session on the other model, begun with a brief."""
    THERE_AND_BACK = "there_and_back"
    """One turn on the other model, then back."""
    POOL = "pool"
    """Both models in turn, both caches kept warm."""
    CHORES = "chores"
    """Work at the end of a task in a sub-agent on a cheap model."""
