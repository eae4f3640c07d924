"""The usage of sessions as the document that `usage --json` prints.

Times are epoch seconds UTC, money integer micro-dollars; what is not known is
`{"unknown": reason}`. See docs/reference/usage.schema.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.scan.rollup import EMPTY, add

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.scan.merge import SessionUsage
    from switchtax.scan.rollup import Key, Sums
    from switchtax.scan.usage import Found

__all__ = ["SCHEMA", "document", "shown"]

SCHEMA = "switchtax.usage/1"


def document(found: Found) -> dict[str, Any]:
    """Everything found, in the order of the schema."""
    plain = embedded = EMPTY
    unpriced: dict[tuple[str, Key], Sums] = {}
    sessions = []
    for session in found.sessions:
        own, inner = _parts(session)
        sessions.append(_session(session, own, inner))
        for key, sums in session.rollup[1].items():
            if key[2]:
                embedded = add(embedded, sums)
            else:
                plain = add(plain, sums)
            if sums[7]:
                place = (session.agent, key)
                unpriced[place] = add(unpriced.get(place, EMPTY), sums)
    return {
        "schema": SCHEMA,
        "sessions": sessions,
        "totals": {
            "without_embedded": _totals(plain),
            "with_embedded": _totals(add(plain, embedded)),
        },
        "unpriced": [_unpriced(place, sums) for place, sums in sorted(unpriced.items())],
        "skipped_lines": [
            {"path": path, "line": line, "reason": reason, "count": count}
            for path, (line, reason, count) in found.skipped
        ],
    }


def _parts(session: SessionUsage) -> tuple[list[tuple[Key, Sums]], Sums]:
    """What stands in its own calls by model, and what is embedded in other records."""
    own: list[tuple[Key, Sums]] = []
    inner = EMPTY
    for key, sums in session.rollup[1].items():
        if key[2]:
            inner = add(inner, sums)
        else:
            own.append((key, sums))
    return own, inner


def _session(session: SessionUsage, own: list[tuple[Key, Sums]], inner: Sums) -> dict[str, Any]:
    _, _, switches, compactions, first, last = session.rollup
    no_time: dict[str, str] = {"unknown": "no call has a time"}
    return {
        "agent": session.agent,
        "id": session.id,
        "path": session.path,
        "models": [_model(key, sums) for key, sums in own],
        "embedded": _buckets(inner) | {"usd_micros": _money(inner)},
        "switches": switches,
        "compactions": compactions,
        "first_at": first or no_time,
        "last_at": last or no_time,
    }


def _model(key: Key, sums: Sums) -> dict[str, Any]:
    row = {"model": key[0]} | _buckets(sums) | {"usd_micros": _money(sums)}
    if key[1]:
        row["fast"] = True
    return row


def _buckets(sums: Sums) -> dict[str, Any]:
    return {
        "input_tokens": sums[0],
        "cache_read_tokens": sums[1],
        "cache_write_5m_tokens": sums[2],
        "cache_write_1h_tokens": sums[3],
        "output_tokens": sums[4],
        "calls": sums[5],
    }


def _money(sums: Sums) -> int | dict[str, str]:
    """Unknown as soon as one call has no price: a sum of the others would look complete."""
    return {"unknown": sums[8]} if sums[7] else sums[6]


def _totals(sums: Sums) -> dict[str, Any]:
    """Money of the calls that have a price, and how many have none."""
    return _buckets(sums) | {"usd_micros": sums[6], "unpriced_calls": sums[7]}


def _unpriced(place: tuple[str, Key], sums: Sums) -> dict[str, Any]:
    agent, (model, fast, inner) = place
    row = {"agent": agent, "model": model, "reason": sums[8], "unpriced_calls": sums[7]}
    if fast:
        row["fast"] = True
    if inner:
        row["embedded"] = True
    return row | _buckets(sums)


def shown(sessions: Iterable[SessionUsage]) -> dict[tuple[str, Key], Sums]:
    """Sums by agent and model over all sessions, for people."""
    rows: dict[tuple[str, Key], Sums] = {}
    for session in sessions:
        for key, sums in session.rollup[1].items():
            place = (session.agent, key)
            rows[place] = add(rows.get(place, EMPTY), sums)
    return rows
