"""What `switchtax watch` says: events, the cache clock counting down, the daemon coming back."""

from __future__ import annotations

from switchtax.catalog.names import display_name
from switchtax.wording.numbers import money, span

__all__ = [
    "HOW_TO_END",
    "LOOKING",
    "NO_DAEMON",
    "NO_LONGER_LIVE",
    "NO_SESSION",
    "OTHER_HOMES",
    "WATCHING_AGAIN",
    "cache_left",
    "event_words",
    "useful_words",
]

NO_SESSION = "No session was active in the last hour: the next one appears here by itself."
HOW_TO_END = "Ctrl-C ends"
NO_LONGER_LIVE = "no longer active"
LOOKING = "Looking for sessions…"
NO_DAEMON = "The daemon has left. `switchtax daemon start` starts one anew."
WATCHING_AGAIN = "The daemon was restarted: watching again."
OTHER_HOMES = "The daemon was started with other folders set than here: `switchtax daemon restart`."
_SILENT = "silent"
_COLD = {
    "expired": "The cache had expired",
    "resumed": "The cache was gone after the session was resumed",
    "lost": "The cache was lost before its time",
}


def event_words(
    kind: str, cause: str, *, before: str = "", after: str = "", usd_micros: int | None = None
) -> str:
    """One thing that happened to a session, as a sentence.

    Args:
        kind: "switch", "cold", "effort", "fast" or "compaction".
        cause: what brought it about; "silent" where nothing announced it.
        before: the model or setting until then.
        after: the model or setting since.
        usd_micros: what the input of the request cost that showed it, if that is known.

    >>> event_words("switch", "command", before="claude-opus-5-5", after="claude-sonnet-5-5",
    ...             usd_micros=360_000)
    'Switched from Opus 5.5 to Sonnet 5.5 ($0.36 for that request).'
    >>> event_words("effort", "silent", before="low", after="high")
    'Effort went from low to high, unannounced.'
    """
    cost = "" if usd_micros is None else f" ({money(usd_micros)} for that request)"
    unannounced = ", unannounced" if cause == _SILENT else ""
    match kind:
        case "switch":
            verb = "Fell back" if cause == "fallback" else "Switched"
            names = f"from {display_name(before)} to {display_name(after)}"
            return f"{verb} {names}{unannounced}{cost}."
        case "cold":
            return f"{_COLD.get(cause, 'The cache was cold')}: the context was re-read{cost}."
        case "effort":
            return f"Effort went from {before} to {after}{unannounced}."
        case "fast":
            return f"Fast mode was switched {'on' if after == 'fast' else 'off'}{unannounced}."
        case "compaction":
            return f"The history was compacted{' automatically' if cause == 'auto' else ''}."
    return f"{kind.capitalize()}{unannounced}{cost}."


def cache_left(state: str, until_at: float | None, now: float, *, expired: bool = False) -> str:
    """How long a cache still lasts: "4:12", "warm" without a promised end, or that it is gone.

    >>> cache_left("warm", 400.0, 148.0), cache_left("warm", 400.0, 400.5)
    ('4:12', 'expired')
    >>> cache_left("warm", None, 0), cache_left("none", None, 0), cache_left("unknown", None, 0)
    ('warm', 'cold', 'unknown')
    """
    if state == "warm" and until_at is not None:
        left = int(until_at - now)
        if left <= 0:
            return "expired"
        return f"{left // 60}:{left % 60:02}" if left <= 3600 else span(left)
    if state in ("none", "partial"):
        return "expired" if expired else "cold"
    return state


def useful_words(model: str, extra_usd_micros: int) -> str:
    """What the best switch saves over ten turns, in a cell of a table.

    >>> useful_words("claude-sonnet-5-5", -1_200_000)
    'Sonnet 5.5 $1.20'
    """
    return f"{display_name(model)} {money(extra_usd_micros)}"
