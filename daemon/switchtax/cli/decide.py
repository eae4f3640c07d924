"""Which of some models to take: for the next turns of a session, or for a task up front.

With a task its class is told by local rules, and the class of model that fits by its price. The
text is not kept.
"""

from __future__ import annotations

import textwrap
import time
from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.advice.tasks import classify
from switchtax.catalog.names import normalise
from switchtax.cli import common
from switchtax.cli.estimate import load
from switchtax.decide import decide
from switchtax.documents import decide_document
from switchtax.errors import NoSuchSession, UsageError
from switchtax.estimates.for_session import sensible_targets
from switchtax.records import Unknown
from switchtax.sessions.fold import Session
from switchtax.sessions.targets import target_of

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.book import PriceBook

__all__ = ["add_arguments", "run"]

_USUAL = ("opus", "sonnet", "haiku")
"""Candidates of a task that names neither session nor models."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--models", metavar="A,B", help="the candidates, by name or alias")
    parser.add_argument("--session", metavar="S", help="id, start of an id, or path")
    parser.add_argument("--task", metavar="TEXT", help="what is to be done, in a sentence or more")
    parser.add_argument("--turns", type=int, help="how far to look; 0: the next call alone")
    common.add_agent(parser)
    parser.add_argument("--at", metavar="TIME", help="as if it were then (14:32, ISO, epoch)")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the decision."""
    if args.turns is not None and args.turns < 0:
        raise UsageError("--turns: at least 0 (the next call alone).")
    turns = 0 if args.turns == 0 else common.horizon_turns(args.turns)
    at = common.parse_time(args.at) if args.at else time.time()
    book = common.price_book()
    session = _session(args, book, at)
    models = _models(args.models, session, book)
    task = classify(args.task or "")
    found = decide(session, models, at, book, turns=turns, task=task)
    if args.json:
        common.emit_json("decide", decide_document(session, at, found))
        return 0
    print(textwrap.fill(wording.decision_words(found), 80))
    print()
    print("\n".join(wording.decision_table(found)))
    if odd := wording.times_words(session):
        print(odd)
    if args.task and task.kind is None:
        print("No rule tells the class of this task: the amounts alone decide.")
    return 0


def _session(args: argparse.Namespace, book: PriceBook, at: float) -> Session:
    """The session named, else the newest; for a task without one a new session."""
    if args.task and not args.session:
        return Session(args.agent or "claude-code", "new", rules_for=book.rules)
    source = common.one_source(args.session, args.agent)
    if source is None:
        raise NoSuchSession("no agent session on this machine yet: name a path, or a --task.")
    return load(source, book, until=at if args.at else None)


def _models(named: str | None, session: Session, book: PriceBook) -> list[str]:
    if not named:
        if session.current is not None:
            return [normalise(session.model).name, *sensible_targets(session, book)]
        named = ",".join(_USUAL)
    found: list[str] = []
    for spelled in named.split(","):
        target = target_of(session, spelled, book)
        if isinstance(target, Unknown):
            raise UsageError(f"--models {spelled.strip() or named}: {target.reason}.")
        if target.name.name not in found:
            found.append(target.name.name)
    return found
