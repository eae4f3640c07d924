"""The sessions that are active now: model, context, cache clock, spent, cheapest useful switch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.catalog.names import display_name
from switchtax.cli import common
from switchtax.cli.estimate import spent_usd_micros
from switchtax.cli.sessions import payload as session_json
from switchtax.cli.sessions import read_sessions
from switchtax.estimates.for_session import Answer, answer, sensible_targets
from switchtax.records import Unknown

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.book import PriceBook
    from switchtax.sessions.fold import Session

__all__ = ["add_arguments", "run"]

ACTIVE_S = 3600.0
_WIDTH = 80


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


def line(session: Session, book: PriceBook, now: float) -> str:
    """The meter of one session: model · context · cache clock · spent · cheapest useful switch."""
    stay = answer(session, session.model, now, book)
    spent = spent_usd_micros(session, book)
    parts = [
        wording.short_id(session.id),
        display_name(session.model)[:24],
        f"{wording.tokens(session.context_tokens)} context",
        _clock(stay),
        "spent unknown" if isinstance(spent, Unknown) else f"{wording.money(spent)} spent",
    ]
    useful = cheapest_useful(session, book, now)
    if useful is not None:
        saved = wording.money(_total(useful))
        parts.append(f"{display_name(useful.model)} saves about {saved} in 10 turns")
    whole = " · ".join(parts)
    return whole if len(whole) <= _WIDTH else " · ".join(parts[:-1]) + f"\n{'':<9}{parts[-1]}"


def _clock(stay: Answer) -> str:
    view = stay.stay.outlook
    if view.state == "warm" and view.warm_until_at is not None:
        return f"cache until {wording.clock(view.warm_until_at)}"
    return "cache warm" if view.state == "warm" else f"cache {view.state}"


def cheapest_useful(session: Session, book: PriceBook, now: float) -> Answer | None:
    """The switch that saves most over the horizon, if any surely saves."""
    best: Answer | None = None
    for model in sensible_targets(session, book):
        found = answer(session, model, now, book)
        horizon = found.estimate.horizon
        if isinstance(horizon, Unknown) or isinstance(horizon.extra, Unknown):
            continue
        if found.estimate.verdict.word != "switch" or found.estimate.fits is not True:
            continue
        if best is None or _total(found) < _total(best):
            best = found
    return best


def _total(found: Answer) -> int:
    horizon = found.estimate.horizon
    if isinstance(horizon, Unknown) or isinstance(horizon.extra, Unknown):
        return 0
    return horizon.extra.mid


def _payload(session: Session, book: PriceBook, now: float) -> dict[str, Any]:
    stay = answer(session, session.model, now, book)
    view = stay.stay.outlook
    useful = cheapest_useful(session, book, now)
    return {
        **session_json(session, book),
        "cache": common.cache_json(view),
        "cheapest_useful": None
        if useful is None
        else {"model": useful.model, "extra_usd_micros": _total(useful)},
    }
