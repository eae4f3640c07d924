"""What Cursor's command line hands to a status line: the model picked, and how full the context is.

`model.id` changes at the pick, before any prompt. `total_input_tokens` is worked out from
`used_percentage`, and so as coarse as that is.

**Source:** Cursor's own skill for status lines, as public repositories hold it, and public captures
of cursor-agent 2026.09, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from switchtax.agents.json_keys import at_keys
from switchtax.agents.numbers import told_count

__all__ = ["Drawn", "read_drawn"]

_OF_CURSOR = "render_width_chars"
"""Nobody else's status line is told how wide it may be."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """One input of a status line; what it does not tell is None."""

    session_id: str
    model: str
    context_tokens: int | None
    window_tokens: int | None


def read_drawn(given: object) -> Drawn | None:
    """The facts of one input; None where it is not what Cursor writes.

    >>> read_drawn({"session_id": "c", "model": {"id": "m"}, "render_width_chars": 80})
    Drawn(session_id='c', model='m', context_tokens=None, window_tokens=None)
    """
    if not isinstance(given, Mapping) or _OF_CURSOR not in given:
        return None
    session, model = given.get("session_id"), at_keys(given, "model", "id")
    if not isinstance(session, str) or not isinstance(model, str):
        return None
    if not session or not 0 < len(model) <= _LONGEST:
        return None
    used = told_count(at_keys(given, "context_window", "total_input_tokens"))
    return Drawn(
        session, model, used, told_count(at_keys(given, "context_window", "context_window_size"))
    )
