"""The sessions on this machine, or under a path: newest first, with model, context and spent."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.catalog.names import display_name
from switchtax.cli import common
from switchtax.documents import session_document
from switchtax.meter import spent_usd_micros
from switchtax.records import Call, Depth, Unknown
from switchtax.sessions import library

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Source
    from switchtax.sessions.fold import Session

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("path", nargs="*", help="session files, folders, homes or ids")
    common.add_agent(parser)
    parser.add_argument("-n", type=int, default=20, help="how many, newest first (default 20)")
    parser.add_argument("--all", action="store_true", help="all of them")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List sessions."""
    everything = common.find_sources(args.path, args.agent)
    sources = [source for source in everything if not source.sidechain]
    sources.sort(key=lambda source: -source.mtime_ns)
    book = common.price_book()
    chosen = sources if args.all else sources[: max(1, args.n)]
    found = list(read_sessions(chosen, everything, book, quiet=args.json))
    found.sort(key=lambda session: -session.last_at)
    if not args.all:
        del found[max(1, args.n) :]
    if args.json:
        rows = [session_document(session, book) for session in found]
        common.emit_json("sessions", {"sessions": rows, "more": len(sources) - len(chosen)})
        return 0
    if not found:
        print("No agent session here yet.")
        return 0
    table(found, book, time.time())
    if len(sources) > len(chosen):
        print(f"\n{len(sources) - len(chosen)} older ones: --all shows them.")
    return 0


def read_sessions(
    sources: list[Source],
    everything: list[Source],
    book: PriceBook,
    *,
    quiet: bool,
    until: float | None = None,
) -> Iterator[Session]:
    """The sessions of these sources that have answered anything, with their sub-agents' calls.

    `everything` holds the sub-agents' own files. With `until` (epoch seconds) only what stood
    in the logs before that time counts.
    """
    beside: dict[str, list[Source]] = defaultdict(list)
    for source in everything:
        if source.sidechain:
            beside[source.session_id].append(source)
    for source in common.progress(sources, "reading", quiet=quiet):
        try:
            records = library.read_all(source)
        except OSError:
            continue
        for session in library.fold(source, records, book.rules, until=until).values():
            for other in beside[session.id]:
                with contextlib.suppress(OSError):
                    session.add_all(_calls(other, until))
            if session.current is not None or session.side_calls:
                yield session


def _calls(source: Source, until: float | None) -> list[Call]:
    """A sub-agent's calls; its compactions and settings are none of the session's."""
    calls = (r for r in library.read_all(source, Depth.USAGE) if isinstance(r, Call))
    return [call for call in calls if until is None or call.at <= until]


def table(found: list[Session], book: PriceBook, now: float) -> None:
    """One line a session, 80 columns."""
    print(
        f"{'session':<10}{'agent':<12}{'model':<19}{'context':>8}{'turns':>6}{'spent':>10}"
        "  last call"
    )
    for session in found:
        spent, model = spent_usd_micros(session, book), session.answered_by
        context = wording.tokens(session.context_tokens) if session.current is not None else "?"
        print(
            f"{wording.short_id(session.id):<10}{wording.clipped(session.agent, 11):<12}"
            f"{wording.clipped(display_name(model) if model else '-', 18):<19}"
            f"{context:>8}{session.turns:>6}"
            f"{('unknown' if isinstance(spent, Unknown) else wording.money(spent)):>10}"
            f"  {wording.ago(session.last_at, now) if session.last_at else 'unknown'}"
        )
