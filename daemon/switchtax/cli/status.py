"""The sessions that are active now: model, context, cache clock, spent, cheapest useful switch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from switchtax.cli import common
from switchtax.cli.sessions import read_sessions
from switchtax.documents import cache_json, session_document
from switchtax.estimates.for_session import answer
from switchtax.meter import ACTIVE_S, cheapest_useful, line, saving

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.book import PriceBook
    from switchtax.sessions.fold import Session

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("path", nargs="*", help="session files, folders, homes or ids")
    common.add_agent(parser)
    parser.add_argument("--at", metavar="TIME", help="as if it were then (14:32, ISO, epoch)")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show active sessions."""
    now = common.parse_time(args.at) if args.at else time.time()
    everything = common.find_sources(args.path, args.agent)
    sources = [
        source
        for source in everything
        if not source.sidechain and (args.at or source.mtime_ns / 1e9 > now - ACTIVE_S)
    ]
    book = common.price_book()
    live = [
        session
        for session in read_sessions(
            sources, everything, book, quiet=args.json, until=now if args.at else None
        )
        if session.current is not None and now - ACTIVE_S < session.last_at <= now + 60
    ]
    live.sort(key=lambda session: -session.last_at)
    if args.json:
        rows = [_payload(session, book, now) for session in live]
        common.emit_json("status", {"at": now, "sessions": rows})
        return 0
    if not live:
        print("No session was active in the last hour. `switchtax sessions` lists older ones.")
        return 0
    for session in live:
        print(line(session, book, now))
    return 0


def _payload(session: Session, book: PriceBook, now: float) -> dict[str, Any]:
    stay = answer(session, session.model, now, book)
    view = stay.stay.outlook
    useful = cheapest_useful(session, book, now)
    return {
        **session_document(session, book),
        "cache": cache_json(view),
        "cheapest_useful": None
        if useful is None
        else {"model": useful.model, "extra_usd_micros": saving(useful)},
    }
