"""What hooks remember is bounded: a daemon lives long, and keys come from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections import OrderedDict

    from switchtax.estimates.for_session import Answer

__all__ = ["is_new", "is_new_switch", "shorten"]

_MOST = 2_000
_Key = TypeVar("_Key")


def is_new(told: OrderedDict[_Key, None], key: _Key) -> bool:
    """Whether this was not told yet; it is afterwards."""
    if key in told:
        return False
    told[key] = None
    shorten(told)
    return True


def is_new_switch(told: OrderedDict[tuple[str, str, str], None], found: Answer) -> bool:
    """Whether this switch was not told yet; it is afterwards.

    Args:
        told: those that were, by session, the last call before, and target.
        found: what it costs.
    """
    last = found.session.current
    return is_new(told, (found.session.id, last.id if last else "", found.model))


def shorten(kept: OrderedDict[Any, Any], most: int = _MOST) -> None:
    """Let the oldest go where there are more than that."""
    while len(kept) > most:
        kept.popitem(last=False)
