"""What commands share: naming a session, times, JSON, and the price book."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents import agent_ids
from switchtax.errors import NotASession, SwitchtaxError, UsageError
from switchtax.sessions import library

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from switchtax.catalog.book import PriceBook
    from switchtax.config import Config, Problem
    from switchtax.errors import PriceFileError
    from switchtax.records import Source
    from switchtax.sessions.fold import Session

__all__ = [
    "add_agent",
    "add_json",
    "cache_folder",
    "emit_json",
    "find_sources",
    "horizon_turns",
    "learnt_waits",
    "one_source",
    "parse_time",
    "price_book",
    "progress",
    "settings",
    "take_up_status_line",
]


_LATEST = 32_503_680_000.0
"""Epoch seconds of the year 3000: nobody means a later time."""


def add_agent(parser: argparse.ArgumentParser) -> None:
    """The --agent option."""
    known = agent_ids()
    parser.add_argument(
        "--agent", choices=known, metavar="ID",
        help=f"only sessions of one agent ({', '.join(known)})",
    )  # fmt: skip


def add_json(parser: argparse.ArgumentParser) -> None:
    """The --json switch."""
    parser.add_argument("--json", action="store_true", help="print JSON (see docs/reference)")


def emit_json(command: str, payload: dict[str, Any]) -> None:
    """Print a command's JSON with its schema version."""
    json.dump({"schema": f"switchtax.{command}/1", **payload}, sys.stdout, separators=(",", ":"))
    print()


def parse_time(text: str) -> float:
    """A time given by a person: epoch seconds, an ISO date or time, or "14:32" of today.

    Raises:
        UsageError: it is none of these.
    """
    try:
        at = float(text)
    except ValueError:
        at = _spelled(text)
    if not 0 < at < _LATEST:
        raise UsageError(
            f"--at {text!r}: not between 1970 and 3000. Epoch seconds are meant, not milliseconds."
        )
    return at


def _spelled(text: str) -> float:
    try:
        if len(text) in (4, 5) and ":" in text:
            hour, minute = text.split(":")
            now = datetime.now().astimezone()
            then = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
            return then.timestamp()
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise UsageError(
            f"--at {text!r}: not a time. Give 14:32, 2026-11-21T14:32, or epoch seconds."
        ) from None


def price_book() -> PriceBook:
    """Prices with the user's own and the refreshed ones, and where levels of risk begin.

    A broken price file is told on stderr, and the shipped prices stay in force.
    """
    from switchtax.catalog.book import open_book

    book = open_book(on_error=_told)
    book.risk_levels = settings().risk_levels
    return book


def _told(error: PriceFileError) -> None:
    print(f"switchtax: {error}", file=sys.stderr)


def horizon_turns(asked: int | None = None) -> int:
    """How many turns totals look ahead: as asked, else as configured.

    Raises:
        UsageError: fewer than one was asked for.
    """
    if asked is not None and asked < 1:
        raise UsageError("--turns: at least 1.")
    return asked or settings().horizon.turns


def settings() -> Config:
    """The user's settings; a mistake in them is told on stderr, once."""
    from switchtax.config import load

    found = load(os.environ, agents=agent_ids())
    for problem in found.problems:
        if problem not in _TOLD:
            print(f"switchtax: {problem.text}", file=sys.stderr)
    _TOLD.update(found.problems)
    return found


_TOLD: set[Problem] = set()


def learnt_waits() -> dict[str, Any]:
    """What the daemon has learnt of waits on this machine, by part; empty if it never ran."""
    from switchtax.ledger.store import Ledger
    from switchtax.service.places import places

    try:
        where = places()
        if not where.ledger.exists():
            return {}
    except (OSError, SwitchtaxError):
        return {}
    ledger = Ledger(where.ledger)
    learnt = ledger.learnt_waits()
    ledger.close()
    return learnt


def cache_folder() -> Path:
    """Where switchtax keeps what it can make again."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "switchtax"
    if sys.platform == "win32":  # pragma: other os
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "switchtax" / "cache"
    if sys.platform == "darwin":  # pragma: other os
        return Path.home() / "Library" / "Caches" / "switchtax"
    return Path.home() / ".cache" / "switchtax"


def find_sources(names: Iterable[str], agent: str | None = None) -> list[Source]:
    """The sources that paths and ids name; all on this machine where none is named.

    Raises:
        UsageError: a name fits nothing.
    """
    off = settings().agents.off
    agents = (agent,) if agent else tuple(each for each in agent_ids() if each not in off)
    found: list[Source] = []
    everything: list[Source] | None = None
    named = list(names)
    for name in named:
        if Path(name).expanduser().exists():
            found += library.sources_at(Path(name).expanduser())
        elif os.sep in name:
            raise NotASession(f"{name}: no such file or folder.")
        else:
            if everything is None:
                everything = list(library.on_this_machine(os.environ, Path.home(), agents))
            found += library.by_id(name, everything)
    if not named:
        found = list(library.on_this_machine(os.environ, Path.home(), agents))
    return [source for source in found if agent in (None, source.agent)]


def one_source(name: str | None, agent: str | None = None) -> Source | None:
    """The source of one session: the one named, else the newest on this machine.

    Raises:
        UsageError: the name fits nothing.
    """
    return library.newest(find_sources([name] if name else [], agent))


def take_up_status_line(session: Session) -> None:
    """Add what the session's status line was told last: its plan's limits stand in no log."""
    from switchtax.service.places import places
    from switchtax.service.status_lines import told_of
    from switchtax.sessions.status_line import take_up

    told = told_of(places().status_notes, session.id) if session.agent == "claude-code" else None
    if told is not None:
        take_up(session, told)


def progress(items: list[Source], what: str, *, quiet: bool) -> Iterator[Source]:
    """Go through sources; a bar appears on a terminal once it takes over a second."""
    if quiet or not sys.stderr.isatty() or len(items) < 2:
        yield from items
        return
    started = time.monotonic()
    pending = iter(items)
    done = 0
    for item in pending:
        yield item
        done += 1
        if time.monotonic() - started > 1.0:
            break
    rest = list(pending)
    if not rest:
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=len(items), completed=done)
        for item in rest:
            yield item
            bar.advance(task)
