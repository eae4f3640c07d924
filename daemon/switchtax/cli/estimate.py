"""What switching a session's model now would cost, and from when it pays.

Without --to: the sensible targets as a table. Without a session: the newest on this machine.
"""

from __future__ import annotations

import os
import textwrap
import time
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.advice import Way, advise, recognise
from switchtax.catalog.names import display_name, normalise
from switchtax.cli import common, explain
from switchtax.documents import estimate_document
from switchtax.errors import NoSuchSession, UsageError
from switchtax.estimates.billing import BillingKind, billing_of
from switchtax.estimates.for_session import Answer, answer, sensible_targets
from switchtax.estimates.latency_book import LatencyBook, book_of
from switchtax.estimates.quota import rates_in, with_quota
from switchtax.records import Unknown
from switchtax.sessions import library
from switchtax.sessions.fold import Session, same_model
from switchtax.sessions.targets import target_of
from switchtax.wording.turns import UNMEASURED, set_off_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Record, Source

__all__ = ["add_arguments", "load", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("session", nargs="?", help="id, start of an id, or path")
    parser.add_argument(
        "--to", nargs="+", action="extend", metavar="MODEL", help="models to switch to"
    )
    common.add_agent(parser)
    parser.add_argument("--at", metavar="TIME", help="as if it were then (14:32, ISO, epoch)")
    parser.add_argument("--turns", type=int, help="horizon in turns (10, or as configured)")
    parser.add_argument("--explain", action="store_true", help="the arithmetic, line by line")
    parser.add_argument("--newest-or-sample", action="store_true", help=_SAMPLE_HELP)
    common.add_json(parser)


_SAMPLE_HELP = "the newest session, or the shipped sample where there is none"
_NEWEST_TRIED = 10
"""How many of the newest logs are looked at for one that holds an answered request."""


def run(args: argparse.Namespace) -> int:
    """Print the estimate."""
    turns = common.horizon_turns(args.turns)
    at = common.parse_time(args.at) if args.at else time.time()
    book = common.price_book()
    session, waits, sample = _chosen(args, book, until=at if args.at else None)
    if not args.at:
        common.take_up_status_line(session)
    if sample and not args.at:
        from switchtax.sample import SAMPLE_AT

        at = SAMPLE_AT
    targets = _targets(args.to, session, book)
    stay, *answers = (
        answer(session, model, at, book, turns=turns, waits=waits)
        for model in (session.model, *targets)
    )
    rates = rates_in(session, book)
    answers = [with_quota(found, rates) for found in answers]
    ways = {found.model: advise(found, book, turns=turns, waits=waits) for found in answers}
    if args.json:
        common.emit_json("estimate", estimate_document(session, at, stay, answers, ways))
        return 0
    if sample:
        print("No agent session on this machine yet: here is switchtax's own sample.")
        print()
    text(stay, answers, ways, at, detailed=bool(args.to))
    if args.explain:
        for found in answers:
            print()
            print("\n".join(explain.lines(found, ways[found.model])))
    return 0


def _chosen(
    args: argparse.Namespace, book: PriceBook, *, until: float | None
) -> tuple[Session, LatencyBook, bool]:
    """The session named, else the newest answered, its waits, and whether it is the sample."""
    sources = [
        source
        for source in common.find_sources([args.session] if args.session else [], args.agent)
        if not source.sidechain
    ]
    if args.session and not sources:
        raise NoSuchSession(f"{args.session}: holds no session of its own to switch.")
    sources.sort(key=lambda source: -source.mtime_ns)
    failed: NoSuchSession | None = None
    for source in sources[:_NEWEST_TRIED]:
        try:
            session, waits = load_timed(source, book, until=until)
        except NoSuchSession as error:
            failed = failed or error
            continue
        if args.session or not session.sidechain:
            return session, waits, False
    if args.newest_or_sample and not args.session:
        from switchtax.sample import SAMPLE

        return *load_timed(library.sources_at(SAMPLE)[0], book, until=until), True
    if failed is not None:
        raise failed
    raise NoSuchSession("no agent session on this machine yet. Give a path, or try `make run`.")


def load(source: Source, book: PriceBook, *, until: float | None = None) -> Session:
    """The session of a source; of a database the one used last.

    Raises:
        NoSuchSession: it holds no call to a model (before `until`).
    """
    return _session(source, library.read_all(source), book, until)


def load_timed(
    source: Source, book: PriceBook, *, until: float | None = None
) -> tuple[Session, LatencyBook]:
    """The same, and what is known of waits: learnt on this machine, and from this log.

    At a time in the past only this log teaches, as far as it went then.

    Raises:
        NoSuchSession: it holds no call to a model (before `until`).
    """
    records = library.read_all(source)
    session = _session(source, records, book, until)
    past = until is not None and any(record.at > until for record in records)
    learnt = {} if past else common.learnt_waits()
    return session, book_of(source.agent, records, until=until, learnt=learnt)


def _session(
    source: Source, records: list[Record], book: PriceBook, until: float | None
) -> Session:
    neighbours = library.neighbours_of(source, time.time() if until is None else until)
    sessions = library.fold(source, records, book.rules, until=until, neighbours=neighbours)
    wanted = [s for s in sessions.values() if s.current is not None]
    named = [s for s in wanted if s.id == source.session_id]
    if not wanted and any(s.unmeasured is not None for s in sessions.values()):
        raise NoSuchSession(f"{source.path}: {UNMEASURED}")
    if not wanted and any(
        not c.sent_recorded for s in sessions.values() for c in s.side_calls.values()
    ):
        raise NoSuchSession(
            f"{source.path}: this log records no request sizes (an older build of the agent), "
            "so what a switch would re-read is not known."
        )
    if not wanted:
        when = f" before {wording.day(until)}" if until is not None else ""
        raise NoSuchSession(
            f"{source.path}: no answered request in this session{when}, so there is nothing "
            "to re-read: choose the model you want, it costs nothing extra now."
        )
    mains = [s for s in wanted if not s.sidechain]
    return max(named or mains or wanted, key=lambda s: s.last_at)


def _targets(named: list[str] | None, session: Session, book: PriceBook) -> list[str]:
    if not named:
        return sensible_targets(session, book)
    found = []
    for spelled in named:
        if not spelled.strip():
            raise UsageError("--to: name a model, for example `--to sonnet`.")
        target = target_of(session, spelled, book)
        if isinstance(target, Unknown):
            raise UsageError(f"--to {spelled}: {target.reason}.")
        found.append(target.name.name)
    return found


# -- for people -----------------------------------------------------------------------


def text(
    stay: Answer,
    answers: list[Answer],
    ways: Mapping[str, tuple[Way, ...]],
    at: float,
    *,
    detailed: bool,
) -> None:
    """The estimate for a person, at most 80 columns."""
    session = stay.session
    name = display_name(session.model)
    context = wording.tokens(session.context_tokens)
    short = wording.short_id(session.id)
    print(f"{name[:30]} · {session.agent} · session {short} · {context} tokens of context")
    words = wording.cache_words(stay)
    print(f"{words[:1].upper()}{words[1:]} (last used {wording.ago(session.last_call_at, at)}).")
    if odd := wording.times_words(session):
        print(odd)
    print(textwrap.fill(_staying(stay), 80))
    _billing_line(session)
    print()
    if not answers:
        print("No other model of this provider is in the price table: name one with --to.")
        return
    if detailed and len(answers) <= 3:
        for found in answers:
            print(f"→ {display_name(found.model)}")
            lines = [*wording.popup(found), *_verdict_lines(found), *_wait_lines(found)]
            for line in dict.fromkeys(lines):  # the popup may have said how long it takes
                print(_indented(line))
            _ways(found, ways[found.model])
        return
    _table(answers, _turns(answers[0]))
    _ways_in_short(answers, ways)


def _indented(line: str) -> str:
    """A line of a target; a long name may make two of it."""
    return textwrap.fill(
        line,
        80,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _turns(found: Answer) -> int:
    horizon = found.estimate.horizon
    return 10 if isinstance(horizon, Unknown) else horizon.turns


def _ways(found: Answer, ways: tuple[Way, ...]) -> None:
    """The ways to one target, as a table, and the habit it belongs to."""
    if same_model(found.model, found.session.model):
        return
    habit = wording.pattern_words(recognise(found.session, found.model))
    if habit and habit not in wording.popup(found):
        print(f"  {habit}")
    print()
    for line in wording.ways_table(ways, _turns(found)):
        print(f"  {line}")


def _ways_in_short(answers: list[Answer], ways: Mapping[str, tuple[Way, ...]]) -> None:
    lines = [wording.ways_in_short(ways[found.model], found.model) for found in answers]
    if any(lines):
        print()
        print(f"Other ways, over {wording.counted(_turns(answers[0]), 'turn')} against staying:")
        print("\n".join(line for line in lines if line))


def _staying(stay: Answer) -> str:
    turn, pace = stay.estimate.next_turn.stay, stay.pace.calls_per_turn
    if isinstance(turn, Unknown) or isinstance(pace, Unknown):
        reason = turn.reason if isinstance(turn, Unknown) else "the pace is not known"
        return f"What staying costs is not known: {reason}."
    calls = round(pace.mid)
    paced = f"{wording.counted(calls, 'call')} a turn"
    return f"Staying: next turn about {wording.money_range(turn)}, {paced}."


def _table(answers: list[Answer], turns: int) -> None:
    _row(
        "switch to",
        "re-read once",
        "next turn",
        "later turns",
        wording.counted(turns, "turn"),
        "pays",
    )
    for found in answers:
        e = found.estimate
        _row(
            display_name(found.model)[:17],
            _cell(e.rebuild if isinstance(e.rebuild, Unknown) else e.rebuild.cost),
            _cell(e.next_turn.extra, signed=True),
            _cell(e.warm_turn.extra, signed=True),
            _cell(e.horizon if isinstance(e.horizon, Unknown) else e.horizon.extra, signed=True),
            _pays(found),
        )
    print()
    for line in _waits_of(answers):
        print(line)
    print("re-read once: what the other model must process again, above a cached read.")
    print("+ costs more than staying, - costs less. --explain shows the arithmetic.")


def _row(*cells: str) -> None:
    name, rebuilt, turn, later, total, pays = cells
    print(f"{name:<18}{rebuilt:>12}{turn:>12}{later:>12}{total:>11}  {pays}")


def _cell(amount: Any, *, signed: bool = False) -> str:
    if isinstance(amount, Unknown):
        return "unknown"
    return wording.signed(amount.mid) if signed else wording.money(amount.mid)


def _pays(found: Answer) -> str:
    if found.estimate.fits is False:
        return "does not fit"
    if found.estimate.verdict.direction == "dearer":
        return "dearer"
    if isinstance(found.switch_side.card, Unknown):
        return "no price"
    words = wording.break_even_words(found)
    if words.startswith("about even"):
        return "even"
    if words.startswith("not cheaper"):
        return "no"
    if words.startswith("cheaper within"):
        return "next turn"
    later = found.estimate.warm_turn.extra
    if not words and not isinstance(later, Unknown) and later.mid > 0:
        return "dearer"
    return words.removeprefix("cheaper ").removesuffix(" on") or "-"


def _verdict_lines(found: Answer) -> list[str]:
    verdict, horizon = found.estimate.verdict, found.estimate.horizon
    if same_model(found.model, found.session.model):
        return []
    if isinstance(found.switch_side.card, Unknown):
        reason = found.switch_side.card.reason
        return [f"No verdict: {reason}.", f"`switchtax prices {found.model}` says how to add one."]
    if isinstance(found.stay_side.card, Unknown):
        own = f"`switchtax prices {found.session.model}` says how to add one."
        why = f"No verdict: {found.stay_side.card.reason}."
        return [why] if normalise(found.session.model).family else [why, own]
    if verdict.word == "unknown" or isinstance(horizon, Unknown):
        return [f"No verdict: {verdict.reason}."]
    extra = wording.money_range(horizon.extra, difference=True)
    sure = "" if verdict.sure else "probably "
    return [
        f"Over {wording.counted(horizon.turns, 'turn')}: {sure}{verdict.word}; in total {extra}."
    ]


def _waits_of(answers: list[Answer]) -> list[str]:
    """What switching adds to the wait, each amount with the models it holds for."""
    names: dict[str, list[str]] = {}
    for found in answers:
        for line in _wait_lines(found):
            names.setdefault(line.removesuffix("."), []).append(display_name(found.model))
    return [
        line
        for words, models in names.items()
        for line in textwrap.wrap(f"{words}: {', '.join(models)}.", 80, subsequent_indent="  ")
    ]


def _wait_lines(found: Answer) -> list[str]:
    words = wording.wait_words(found.wait)
    return [f"{words[:1].upper()}{words[1:]}."] if words else []


def _billing_line(session: Session) -> None:
    billing = billing_of(
        session.agent,
        rate_limits_seen=session.rate_limits is not None,
        plan=session.plan,
        environment=os.environ,
    )
    if billing.is_set_off:
        print(textwrap.fill(set_off_words(session.agent), 80))
    elif billing.kind is BillingKind.SUBSCRIPTION:
        why = f"{billing.evidence}, so none is billed as such"
        print(textwrap.fill(f"Amounts are at API prices: {why}.", 80))
