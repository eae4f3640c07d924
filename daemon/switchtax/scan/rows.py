"""From the records of one source to rows: all that a roll-up needs of a call, and no more.

A row is a plain tuple, so that it passes between processes and into the index as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from switchtax.records import Call, Compaction, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.records import Record

__all__ = [
    "EMBEDDED",
    "FAST",
    "LONGEST_SHIFT",
    "NOT_A_CALL",
    "OFF_CHAIN",
    "SENT_UNKNOWN",
    "SUMMED",
    "Row",
    "Session",
    "Skip",
    "gather",
]

Row = tuple[str, float, str, str, int, int, int, int, int, int]
"""id, at (epoch s), model, provider, flags, then tokens: uncached, cache read, cache write 5m,
cache write 1h, billed output."""

FAST, OFF_CHAIN, EMBEDDED, NOT_A_CALL, SENT_UNKNOWN, SUMMED = 1, 2, 4, 8, 16, 32
"""Flags of a row. `OFF_CHAIN`: billed, but no part of the conversation (sub-agents, titles).
`SUMMED`: all requests of a turn; how long these were at most stands in the bits from
`LONGEST_SHIFT` on, in thousands of tokens rounded up, 0 where nothing tells."""
LONGEST_SHIFT = 8

Skip = tuple[int, str, int]
"""Line, reason, count."""


class Session(NamedTuple):
    """One session's part of a source: its calls in order, each id once."""

    id: str
    rows: list[Row]
    compactions: list[tuple[int, float]]
    """For each compaction of the whole history: how many rows stand before it, and its time."""


def gather(records: Iterable[Record]) -> tuple[list[Session], list[Skip]]:
    """Rows of a source by session.

    A later record of an id replaces an earlier one in its place, unless its output is
    smaller: answers are written in pieces, and their lines may come interleaved.
    """
    sessions: dict[str, tuple[dict[str, Row], list[tuple[int, float]]]] = {}
    skips: list[Skip] = []
    for record in records:
        kind = type(record)
        if kind is Call:
            known = sessions.get(record.session_id)
            if known is None:
                known = sessions[record.session_id] = ({}, [])
            rows = known[0]
            row = _row(record)  # type: ignore[arg-type]
            before = rows.get(row[0])
            if before is None or row[9] >= before[9] or row[4] & NOT_A_CALL:
                rows[row[0]] = row
        elif kind is Compaction:
            if not record.partial:  # type: ignore[union-attr]
                rows, places = sessions.setdefault(record.session_id, ({}, []))
                places.append((len(rows), record.at))
        elif kind is Unreadable:
            skips.append((record.line, record.reason, record.count))  # type: ignore[union-attr]
    found = [Session(id_, list(rows.values()), at) for id_, (rows, at) in sessions.items()]
    return found, skips


def _row(call: Call) -> Row:
    flags = FAST if call.fast else 0
    if call.embedded:
        flags |= EMBEDDED | OFF_CHAIN
    elif call.sidechain or call.purpose:
        flags |= OFF_CHAIN
        if call.purpose == "totals":
            flags |= NOT_A_CALL
    if not call.sent_recorded:
        flags |= SENT_UNKNOWN
    if call.summed:
        flags |= SUMMED | -(-(call.last_pass_tokens or 0) // 1000) << LONGEST_SHIFT
    use = call.usage
    output = use.output_tokens
    if not use.reasoning_in_output:
        output += use.reasoning_tokens
    return (
        call.id,
        call.at or call.started_at,
        call.model,
        call.provider,
        flags,
        use.uncached_tokens,
        use.cache_read_tokens,
        use.cache_write_5m_tokens,
        use.cache_write_1h_tokens,
        output,
    )
