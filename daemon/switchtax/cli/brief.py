"""A brief of a session, for whoever goes on with it: a ticket, not a thread.

Written by rules from the transcript: the goal in the user's own words, constraints, files,
test results, to-dos, decisions, what is uncertain, the next step. No model is asked, and nothing
of it is stored. With it comes what a new session that starts from it costs, beside carrying
everything over (on stderr, so that the brief can be piped).
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.brief.document import brief_document
from switchtax.brief.make import Brief, ask_text, brief_of, markdown
from switchtax.brief.start import start_command
from switchtax.catalog.names import display_name
from switchtax.cli import clipboard, common
from switchtax.cli.estimate import load
from switchtax.errors import DataError, NoSuchSession, UsageError
from switchtax.records import Unknown
from switchtax.sessions import library
from switchtax.sessions.targets import target_of
from switchtax.wording import brief as words

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Source
    from switchtax.sessions.fold import Session

__all__ = ["add_arguments", "run"]

_NEWEST_TRIED = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("session", nargs="?", help="id, start of an id, or path")
    parser.add_argument("--to", metavar="MODEL", help="who goes on (default: the same model)")
    parser.add_argument(
        "--budget",
        type=int,
        metavar="N",
        help="at most N tokens, estimated rather too high (2000, or as configured)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to a file")
    parser.add_argument("--clipboard", action="store_true", help="copy it, too")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--ask", action="store_true", help="the prompt that has the warm model write the brief"
    )
    what.add_argument(
        "--reanchor", action="store_true", help="a first prompt for after a switch of the model"
    )
    what.add_argument("--trace", action="store_true", help="end each line with its place")
    what.add_argument(
        "--run", action="store_true", help="start a new session with it, once you say yes"
    )
    parser.add_argument("--yes", action="store_true", help="with --run: do not ask")
    common.add_agent(parser)
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the brief, or what was asked for in its place."""
    if args.yes and not args.run:
        raise UsageError("--yes: only with --run.")
    if args.run and args.json:
        raise UsageError("--run and --json: one or the other.")
    usual = common.settings().brief.budget_tokens
    args.is_usual_budget = args.budget in (None, usual)
    args.budget = usual if args.budget is None else args.budget
    book = common.price_book()
    source, session = _chosen(args, book)
    target = _target(args.to, session, book)
    made = brief_of(source, session, target, book, args.budget)
    if args.json:
        common.emit_json("brief", brief_document(made, session, ask_text(args.budget)))
        return 0
    _hand_over(args, _text(args, made))
    for line in _prices(args, made, session):
        print(line, file=sys.stderr)
    return _start(args, made, session, target) if args.run else 0


def _chosen(args: argparse.Namespace, book: PriceBook) -> tuple[Source, Session]:
    """The session named, else the newest in which anything was asked."""
    named = [args.session] if args.session else []
    sources = [s for s in common.find_sources(named, args.agent) if not s.sidechain]
    sources.sort(key=lambda source: -source.mtime_ns)
    failed: NoSuchSession | None = None
    for source in sources[:_NEWEST_TRIED]:
        try:
            return source, _loaded(source, book)
        except NoSuchSession as error:
            failed = failed or error
    raise failed or NoSuchSession("no agent session on this machine yet. Give a path to one.")


def _loaded(source: Source, book: PriceBook) -> Session:
    """The session of a source; one whose requests have no recorded size, without a price."""
    try:
        return load(source, book)
    except NoSuchSession:
        sessions = library.fold(source, library.read_all(source), book.rules)
        asked = [session for session in sessions.values() if session.turns]
        if not asked:
            raise
        return max(asked, key=lambda session: session.last_at)


def _target(spelled: str | None, session: Session, book: PriceBook) -> str:
    if spelled is None:
        return session.model
    found = target_of(session, spelled, book) if spelled.strip() else Unknown("name a model")
    if isinstance(found, Unknown):
        raise UsageError(f"--to {spelled}: {found.reason}.")
    return found.name.name


def _text(args: argparse.Namespace, made: Brief) -> str:
    if args.ask:
        return f"{ask_text(args.budget)}\n"
    if args.reanchor:
        return made.reanchor
    if args.trace:
        return markdown(made.title, made.items, made.turns, trace=True)
    return made.markdown


def _hand_over(args: argparse.Namespace, text: str) -> None:
    """To the file that was named, else to stdout; and to the clipboard."""
    if args.output:
        path = Path(args.output).expanduser()
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror}).") from error
        print(f"{path} ({words.PRIVATE})")
    else:
        print(text, end="")
        print(file=sys.stderr)
    if args.clipboard:
        taken = clipboard.copy(text)
        print(words.copied(taken), file=sys.stderr)


def _prices(args: argparse.Namespace, made: Brief, session: Session) -> list[str]:
    if args.reanchor:
        return []
    price, odd = made.price, wording.times_words(session)
    name = display_name(price.model) or "the model"
    if args.ask:
        asked = display_name(session.model) or "the model"
        lines = [words.ask_price(asked, price.ask, warm=price.warm)]
    else:
        brief, carried = (price.brief, price.brief_tokens), (price.carry, price.carry_tokens)
        lines = words.price_lines(name, *brief, *carried, staying=price.staying)
    return [*lines, odd] if odd else lines


# -- starting the agent -----------------------------------------------------------------


def _start(args: argparse.Namespace, made: Brief, session: Session, target: str) -> int:
    """Show the agent's own command; run it after a yes."""
    if not target:
        raise UsageError("--run: no model is recorded in this session. Name one with --to.")
    command = start_command(session, target, made.markdown)
    folder = session.cwd if session.cwd and Path(session.cwd).is_dir() else ""
    print(_shown(command, folder, made, args), file=sys.stderr)
    program = shutil.which(command[0])
    if program is None:
        print(words.missing_program(command[0]), file=sys.stderr)
        return 0
    if not args.yes and not _agreed():
        return 0
    return subprocess.run([program, *command[1:]], cwd=folder or None, check=False).returncode


def _shown(command: list[str], folder: str, made: Brief, args: argparse.Namespace) -> str:
    """The command as it can be typed: the brief is written anew by the shell."""
    again = ["switchtax", "brief", args.session or wording.short_id(made.session_id)]
    if not args.is_usual_budget:
        again += ["--budget", str(args.budget)]
    typed = [shlex.quote(word) for word in command if word != made.markdown]
    typed.append(f'"$({shlex.join(again)})"')
    there = f"cd {shlex.quote(folder)} && " if folder else ""
    return f"{there}{' '.join(typed)}"


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _agreed() -> bool:
    """Whether a person at a terminal says yes; nobody else does."""
    if not _at_terminal():
        print(words.not_a_terminal(), file=sys.stderr)
        return False
    print(words.RUN_IT, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
