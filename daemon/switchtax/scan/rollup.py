"""Rows of one session in one source, added up by model; money as micro-dollars.

Kept as plain tuples, like rows: a roll-up is made where the file was read, and handed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.scan.rows import EMBEDDED, FAST, NOT_A_CALL, OFF_CHAIN, SENT_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from switchtax.scan.pricing import Pricer
    from switchtax.scan.rows import Row, Session

__all__ = ["EMPTY", "Key", "Rollup", "Sums", "add", "added", "roll_up"]

Key = tuple[str, int, int]
"""Model as recorded, 1 in fast mode, 1 where embedded in other records."""

Sums = tuple[int, int, int, int, int, int, int, int, str]
"""Tokens (uncached, cache read, cache write 5m, cache write 1h, output), calls, micro-dollars of
the calls that have a price, calls that have none, and why."""

EMPTY: Sums = (0, 0, 0, 0, 0, 0, 0, 0, "")

Rollup = tuple[str, dict[Key, Sums], int, int, float, float]
"""Session id, sums, switches, compactions, first and last time (0.0: none recorded)."""


def add(one: Sums, other: Sums) -> Sums:
    """Both together."""
    return (
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        one[3] + other[3],
        one[4] + other[4],
        one[5] + other[5],
        one[6] + other[6],
        one[7] + other[7],
        one[8] or other[8],
    )


def added(one: Rollup, other: Rollup) -> Rollup:
    """Two parts of one session together."""
    sums = dict(one[1])
    for key, more in other[1].items():
        sums[key] = add(sums[key], more) if key in sums else more
    starts = [at for at in (one[4], other[4]) if at]
    return (
        one[0],
        sums,
        one[2] + other[2],
        one[3] + other[3],
        min(starts, default=0.0),
        max(one[5], other[5]),
    )


def roll_up(
    session: Session,
    pricer: Pricer,
    *,
    elsewhere: AbstractSet[str] = frozenset(),
    since: float = 0.0,
    until: float = float("inf"),
) -> Rollup:
    """Add up the calls of a session.

    A call that the log only knows the output of has no price, unless the log's own totals
    hold what was sent.

    Args:
        session: its rows, in order.
        pricer: prices each call by itself.
        elsewhere: ids that are counted in another file: such a call is a copy. It is part
            of the conversation, but neither it nor a switch at it is counted here.
        since: only calls at or after this time (epoch seconds) count,
        until: and before this one. Calls without a time count where neither is given.
    """
    sums: dict[Key, list[int]] = {}
    reasons: dict[Key, str] = {}
    first, last, switches, chain_model = float("inf"), 0.0, 0, ""
    limited = since > 0.0 or until != float("inf")
    cost = pricer.cost
    in_totals = {(row[2], row[4] & FAST) for row in session.rows if row[4] & NOT_A_CALL}
    partly = limited or bool(elsewhere)
    for row in session.rows:
        id_, at, model, _, flags, plain, read, five, hour, output = row
        counted = not partly or (id_ not in elsewhere and (not limited or since <= at < until))
        if model != chain_model and model and not flags & OFF_CHAIN:
            if chain_model and counted and not _same(model, chain_model):
                switches += 1
            chain_model = model
        if not counted:
            continue
        key = (model, flags & FAST, 1 if flags & EMBEDDED else 0)
        sum_ = sums.get(key)
        if sum_ is None:
            sum_ = sums[key] = [0, 0, 0, 0, 0, 0, 0, 0]
        sum_[0] += plain
        sum_[1] += read
        sum_[2] += five
        sum_[3] += hour
        sum_[4] += output
        if not flags & NOT_A_CALL:
            sum_[5] += 1
        if flags & SENT_UNKNOWN and (model, flags & FAST) in in_totals:
            row = (*row[:4], flags - SENT_UNKNOWN, *row[5:])
        paid = cost(row)
        if isinstance(paid, int):
            sum_[6] += paid
        else:
            sum_[7] += 1
            reasons.setdefault(key, paid.reason)
        if at:
            if at < first:
                first = at
            if at > last:
                last = at
    done: dict[Key, Sums] = {
        key: (*found, reasons.get(key, ""))  # type: ignore[misc]
        for key, found in sums.items()
    }
    compactions = sum(
        1
        for place, at in session.compactions
        if (not limited or since <= at < until) and _own(session.rows, place, elsewhere)
    )
    return session.id, done, switches, compactions, first if last else 0.0, last


def _same(one: str, other: str) -> bool:
    """Whether two spellings name one model."""
    return normalise(one).name == normalise(other).name


def _own(rows: list[Row], place: int, elsewhere: AbstractSet[str]) -> bool:
    """Whether a compaction is of the session's own part: copied histories hold copies of them."""
    return not rows or rows[min(place, len(rows) - 1)][0] not in elsewhere
