"""Tokens and dollars by session and model, for every session on this machine or those named.

Each call is priced at the price of its time and size. Copies that a resume or a fork made of a
call are counted once. What a second run finds unchanged it takes from an index.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from rich.progress import Progress

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Source
    from switchtax.scan.rollup import Sums
    from switchtax.scan.usage import Found
    from switchtax.scan.watch import Finds

__all__ = ["add_arguments", "fast", "run"]

DATA_INCOMPLETE = 4
WIDTH = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `switchtax usage`."""
    from switchtax.agents import agent_ids

    parser.add_argument(
        "names",
        nargs="*",
        metavar="PATH|ID",
        help="session files, folders or ids (default: all on this machine)",
    )
    parser.add_argument(
        "--agent", choices=agent_ids(), metavar="ID", help="only sessions of this agent"
    )
    parser.add_argument("--since", metavar="TIME", help="only calls at or after this time")
    parser.add_argument(
        "--until", metavar="TIME", help="only calls before this time; a date means its end"
    )
    parser.add_argument("--json", action="store_true", help="JSON, schema switchtax.usage/1")
    parser.add_argument(
        "--no-index", action="store_true", help="read everything anew and keep nothing"
    )


def fast(argv: Sequence[str]) -> int | None:
    """Answer `usage --json` without a parser of arguments, and if nothing is new, at once."""
    if list(argv) != ["--json"]:
        return None
    from switchtax.scan.front import answer

    text = answer(os.environ)
    if text is not None:
        _write(text)
        return 0
    from types import SimpleNamespace

    plain: Any = SimpleNamespace(
        names=[], agent=None, since=None, until=None, json=True, no_index=False
    )
    return run(plain)


def run(args: argparse.Namespace) -> int:
    """Print usage; exit code 4 where something lies there but nothing could be read.

    Raises:
        UsageError: a name fits nothing, or a time cannot be read.
    """
    from switchtax.scan.store import cache_folder
    from switchtax.scan.usage import usage_of

    since = _time(args.since, "--since") if args.since else 0.0
    until = _time(args.until, "--until", ends=True) if args.until else float("inf")
    finds = _find(args)
    everything = not (args.names or args.agent)
    found = usage_of(
        finds.sources,
        _book(),
        stamps=finds.stamps,
        index=None if args.no_index else cache_folder(),
        whole=everything,
        since=since,
        until=until,
        tell=_Bar() if sys.stderr.isatty() and not args.json else None,
    )
    incomplete = bool(found.skipped) and not found.calls
    if args.json:
        whole = everything and not (args.no_index or args.since or args.until or incomplete)
        _json(found, finds if whole else None)
    else:
        print(_table(found))
    return DATA_INCOMPLETE if incomplete else 0


def _find(args: argparse.Namespace) -> Finds:
    """The sources asked for; a session named by its id brings its sub-agents' files."""
    from pathlib import Path

    from switchtax.scan.watch import Finds, find_everything

    agents = (args.agent,) if args.agent else None
    if not args.names:
        return find_everything(os.environ, Path.home(), agents)
    from switchtax.cli.common import find_sources

    finds = Finds()
    sources: dict[str, Source] = {}
    for name in args.names:
        found = find_sources([name], args.agent)
        sources.update((source.path, source) for source in found)
        if not Path(name).expanduser().exists():
            ids = {(source.agent, source.session_id) for source in found}
            machine = find_everything(os.environ, Path.home(), sorted({one[0] for one in ids}))
            finds.stamps = machine.stamps
            for source in machine.sources:
                if source.sidechain and (source.agent, source.session_id) in ids:
                    sources[source.path] = source
    finds.sources = list(sources.values())
    return finds


def _book() -> PriceBook:
    """Prices of this machine; a broken price file is told, and the others stay in force."""
    from switchtax.catalog.book import open_book

    return open_book(on_error=lambda error: print(f"switchtax usage: {error}", file=sys.stderr))


def _time(text: str, option: str, *, ends: bool = False) -> float:
    """Epoch seconds of a number, or of an ISO date or time (local where it names no zone)."""
    from datetime import datetime, timedelta

    from switchtax.errors import UsageError

    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text}: not a time; write 2026-11-21, 2026-11-21T14:30 or epoch seconds"
        ) from None
    if ends and len(text) <= len("2026-11-21"):
        moment += timedelta(days=1)
    return moment.astimezone().timestamp()


def _json(found: Found, finds: Finds | None) -> None:
    """Print the document; where it is that of the whole machine, keep it for the next run."""
    from switchtax.scan.kept import text_of

    _write(text_of(found, finds, os.environ))


def _write(text: bytes) -> None:
    sys.stdout.flush()
    out = getattr(sys.stdout, "buffer", None)
    if out is None:  # a test or a notebook has put something else in its place
        sys.stdout.write(text.decode())
        return
    out.write(text)
    out.flush()


class _Bar:
    """A progress bar that appears once the reading has taken over a second."""

    def __init__(self) -> None:
        import time

        self._clock = time.monotonic
        self._since = self._clock()
        self._bar: Progress | None = None

    def __call__(self, share: float) -> None:
        if self._bar is None:
            if self._clock() - self._since < 1.0 or share >= 1.0:
                return
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("reading sessions", total=1.0)
        self._bar.update(self._task, completed=share)
        if share >= 1.0:
            self._bar.stop()


# -- for people --------------------------------------------------------------------------


def _table(found: Found) -> str:
    from switchtax.scan.document import shown
    from switchtax.scan.rollup import EMPTY, add

    if not found.sessions:
        return "\n".join(["No usage found.", *_notes(found, EMPTY, EMPTY)])
    rows = shown(found.sessions)
    head = f"{'':30}{'input':>8}{'read':>8}{'write':>8}{'output':>8}{'calls':>8}{'USD':>10}"
    lines = [head]
    plain = embedded = EMPTY
    agent = ""
    for (owner, (model, in_fast_mode, inner)), sums in sorted(
        rows.items(), key=lambda row: (row[0][0], row[0][1][2], -row[1][6], row[0][1])
    ):
        if owner != agent:
            agent = owner
            lines.append(agent)
        marks = ", fast" * in_fast_mode + ", in sub-agents *" * inner
        lines.append(_line(f"  {model or '(no model named)'}{marks}", sums))
        if inner:
            embedded = add(embedded, sums)
        else:
            plain = add(plain, sums)
    lines.append(_line(f"{len(found.sessions):,} sessions", plain))
    if embedded[5]:
        lines.append(_line("with sub-agents *", add(plain, embedded)))
    return "\n".join([*lines, *_notes(found, plain, embedded)])


def _line(label: str, sums: Sums) -> str:
    if len(label) > 29:
        label = label[:28] + "…"
    money = f"{sums[6] / 1e6:,.2f}" if sums[6] or not sums[7] else "?"
    tokens = (sums[0], sums[1], sums[2] + sums[3], sums[4])
    shown = "".join(f"{_short(count):>8}" for count in tokens)
    return f"{label:30}{shown}{sums[5]:>8,}{money + ('+?' if sums[6] and sums[7] else ''):>10}"


def _short(count: int) -> str:
    """Three or four digits of a count of tokens."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            value = count / size
            return f"{value:.0f}{letter}" if value >= 100 else f"{value:.3g}{letter}"
    return str(count)


def _notes(found: Found, plain: Sums, embedded: Sums) -> list[str]:
    import textwrap

    from switchtax.scan.document import shown

    notes = []
    if embedded[5]:
        notes.append(
            "* sub-agents' usage that stands inside other records, which other meters do not see"
        )
    reasons: dict[str, set[str]] = {}
    for (_, (model, in_fast_mode, _)), sums in shown(found.sessions).items():
        if sums[7]:
            name = (model or "(no model named)") + ", fast" * in_fast_mode
            reasons.setdefault(sums[8], set()).add(name)
    missing = plain[7] + embedded[7]
    if missing:
        parts = [f"{', '.join(sorted(names))} ({why})" for why, names in sorted(reasons.items())]
        notes.append(f"The sums leave out {missing:,} calls without a price: {'; '.join(parts)}.")
    if found.skipped:
        count = sum(skip[2] for _, skip in found.skipped)
        path, (line, why, _) = found.skipped[0]
        notes.append(
            f"{count:,} unreadable lines were skipped, the first at {path}:{line} ({why}); "
            "--json lists them."
        )
    return [
        textwrap.fill(note, WIDTH, break_long_words=False, break_on_hyphens=False) for note in notes
    ]
