"""The sessions that are active now: model, context, cache clock, spent, cheapest useful switch."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.book import PriceBook
    from switchtax.sessions.fold import Session

__all__ = ["add_arguments", "fast", "run"]

_NONE = "No session was active in the last hour. `switchtax sessions` lists older ones."


def fast(words: list[str]) -> int | None:
    """The plain command, answered by the daemon; None where it is not up, or more is asked."""
    if [word for word in words if word != "--json"]:
        return None
    listed = _listed()
    if listed is None:
        return None
    rows = listed["sessions"]
    texts = [(row.pop("line"), row.pop("text"))[1] for row in rows] + listed.get("unmeasured", [])
    if "--json" in words:
        document = {"schema": "switchtax.status/1", "at": listed["at"], "sessions": rows}
        print(json.dumps(document, separators=(",", ":")))
    else:
        print("\n".join(texts or [_NONE]))
    return 0


def _listed() -> dict[str, Any] | None:
    """What the daemon lists, if it is up and sees the same homes as this process."""
    from switchtax.service.places import places, world

    where = places()
    if not where.socket.exists():
        return None
    from switchtax.errors import DaemonUnavailable
    from switchtax.service.client import Client

    try:
        with Client.connect(where.socket, name="status", deadline_s=1.0) as client:
            if client.server.get("world") != world():
                return None
            return client.call("session/list", deadline_s=5.0)
    except DaemonUnavailable:
        return None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    from switchtax.cli import common

    parser.add_argument("path", nargs="*", help="session files, folders, homes or ids")
    common.add_agent(parser)
    parser.add_argument("--at", metavar="TIME", help="as if it were then (14:32, ISO, epoch)")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show active sessions."""
    from switchtax.cli import common
    from switchtax.cli.sessions import read_sessions
    from switchtax.meter import ACTIVE_S, line

    now = common.parse_time(args.at) if args.at else time.time()
    everything = common.find_sources(args.path, args.agent)
    sources = [
        source
        for source in everything
        if not source.sidechain and (args.at or source.mtime_ns / 1e9 > now - ACTIVE_S)
    ]
    book, turns = common.price_book(), common.horizon_turns()
    active = [
        session
        for session in read_sessions(
            sources, everything, book, quiet=args.json, until=now if args.at else None
        )
        if not session.sidechain and now - ACTIVE_S < session.last_at <= now + 60
    ]
    active.sort(key=lambda session: -session.last_at)
    live = [session for session in active if session.current is not None]
    if args.json:
        rows = [_payload(session, book, now, turns) for session in live]
        common.emit_json("status", {"at": now, "sessions": rows})
        return 0
    unmeasured = [each for each in active if each.current is None and each.unmeasured is not None]
    if not live and not unmeasured:
        print(_NONE)
        return 0
    for session in (*live, *unmeasured):
        print(line(session, book, now, turns=turns))
    return 0


def _payload(session: Session, book: PriceBook, now: float, turns: int) -> dict[str, Any]:
    from switchtax.documents import cache_json, session_document
    from switchtax.estimates.for_session import staying
    from switchtax.meter import cheapest_useful, saving

    useful = cheapest_useful(session, book, now, turns=turns)
    return {
        **session_document(session, book),
        "cache": cache_json(staying(session, now)),
        "cheapest_useful": None
        if useful is None
        else {"model": useful.model, "extra_usd_micros": saving(useful)},
    }
