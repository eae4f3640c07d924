"""Live sessions and what happens to them, as it happens: until Ctrl-C.

On a terminal a screen that is drawn anew each second; elsewhere one line for each change, and
with --json one JSON object a line. The daemon is started where none runs, and found again
after it was restarted.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from switchtax import wording
from switchtax.cli.watch_screen import Happened, Row, View, draw
from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service import instance
from switchtax.service.client import Client
from switchtax.service.places import places, world
from switchtax.service.protocol import Code

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from switchtax.service.places import Places
    from switchtax.service.protocol import Notification

__all__ = ["add_arguments", "run"]

_REDRAW_S = 1.0
_AT_ONCE_S = 0.1
_NOTE_S = 60.0
_LOOK_S = 0.2
"""Seconds between two looks for a daemon."""
_FIRST_LOOK_S = 5.0
"""Seconds that --once waits for a daemon just started to have looked at everything."""
_LONGEST = 62
"""Characters of a line beside clock and session."""
_EARLIER_S = 43_200.0
"""Events older than this are no longer shown at the start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--once", action="store_true", help="show what is now, and end")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C, which is the usual end: exit code 0."""
    surface: Surface
    if args.json:
        surface = JsonLines()
    elif args.once:
        surface = Still()
    elif not sys.stdout.isatty():
        surface = Lines()
    else:
        surface = Screen()
    try:
        with surface:
            client = instance.find_or_start(where := places(), name="watch")
            other = client.server.get("world") != world()
            surface.daemon("found", wording.OTHER_HOMES if other else "", client.server.get("pid"))
            if args.once:
                _look(client, surface)
            else:
                _watch(where, client, surface)
    except KeyboardInterrupt:
        pass
    return 0


class Surface(Protocol):
    """Where changes are shown."""

    def __enter__(self) -> Surface:
        """Begin."""
        ...

    def __exit__(self, *_: object) -> None:
        """End."""
        ...

    def meter(self, meter: dict[str, Any]) -> None:
        """A session looks other than before, or is new."""
        ...

    def gone(self, session: str) -> None:
        """A session is no longer live."""
        ...

    def event(self, event: dict[str, Any], *, news: bool = True) -> None:
        """Something happened; earlier than we began if it is no news."""
        ...

    def daemon(self, state: str, said: str, pid: int | None = None) -> None:
        """The daemon was found, lost or found again ("found", "lost", "restarted")."""
        ...

    def tick(self, *, complete: bool) -> None:
        """A second has gone by, or something was told."""
        ...


# -- keeping up -----------------------------------------------------------------------


def _look(client: Client, surface: Surface) -> None:
    """Show what a daemon knows once it has looked at everything."""
    with client:
        complete = client.call("meter/subscribe")["complete"]
        end = time.monotonic() + _FIRST_LOOK_S
        while not complete and time.monotonic() < end:
            complete = _is_last_look(client.next_push(_LOOK_S))
        client.call("session/list")  # works out what a switch would save
        _show_all(client, client.subscribe(), surface)
        surface.tick(complete=True)


def _watch(where: Places, client: Client, surface: Surface) -> None:
    """Show what a daemon tells, and the one after it."""
    known: set[str] = set()
    while True:
        try:
            with client:
                _follow(client, surface, known)
        except Refused:
            raise
        except DaemonUnavailable:
            surface.daemon("lost", wording.NO_DAEMON)
        client = _found_again(where, lambda: surface.tick(complete=True))
        surface.daemon("restarted", wording.WATCHING_AGAIN, client.server.get("pid"))


def _follow(client: Client, surface: Surface, known: set[str]) -> None:
    """Show what one daemon tells, until it leaves.

    Raises:
        DaemonUnavailable: it has left.
    """
    answer = client.call("meter/subscribe")
    complete = answer["complete"]
    _show_all(client, answer["meters"], surface)
    now = {meter["session"] for meter in answer["meters"]}
    while True:
        if complete:
            for gone in known - now:
                surface.gone(gone)
            known.intersection_update(now)
        known |= now
        surface.tick(complete=complete)
        told = client.next_push(_REDRAW_S)
        complete = complete or _is_last_look(told)
        if told is not None:
            _show(told, surface, now)


def _show_all(client: Client, meters: list[dict[str, Any]], surface: Surface) -> None:
    for meter in sorted(meters, key=lambda each: -each["last_at"]):
        surface.meter(meter)
    since = time.time() - _EARLIER_S
    for event in reversed(client.call("ledger/events", {"most": 20})["events"]):
        if event["at"] > since:
            surface.event(event, news=False)


def _is_last_look(told: Notification | None) -> bool:
    return (
        told is not None
        and told.method == "$/progress"
        and told.params.get("token") == "look"
        and told.params.get("done") == told.params.get("of")
    )


def _show(told: Notification, surface: Surface, now: set[str]) -> None:
    match told.method:
        case "meter/didChange":
            now.add(told.params["session"])
            surface.meter(told.params)
        case "meter/gone":
            now.discard(told.params["session"])
        case "session/event":
            surface.event(told.params)


def _found_again(where: Places, meanwhile: Callable[[], None]) -> Client:
    """The next daemon that answers, of whatever build: it is not ours to start here.

    Raises:
        Refused: it speaks another protocol.
    """
    drawn = 0.0
    while True:
        for path in (where.socket, _current(where)):
            try:
                return Client.connect(path, name="watch", deadline_s=2.0)
            except Refused as error:
                if error.code == Code.WRONG_PROTOCOL:
                    raise
            except DaemonUnavailable:
                pass
        if time.monotonic() - drawn >= _REDRAW_S:
            drawn = time.monotonic()
            meanwhile()
        time.sleep(_LOOK_S)


def _current(where: Places) -> Path:
    """The socket of the daemon in charge, which a newer build may have started."""
    try:
        return Path(where.current.read_text(encoding="utf-8").strip() or where.socket)
    except OSError:
        return where.socket


# -- surfaces -------------------------------------------------------------------------


class Screen:
    """A terminal, drawn anew each second."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        from rich.console import Console
        from rich.live import Live

        self.console = Console(highlight=False)
        self.view = View()
        self._drawn, self._note_ends = 0.0, math.inf
        self._live = Live(console=self.console, screen=True, auto_refresh=False)

    def __enter__(self) -> Screen:
        """Take the terminal's other screen."""
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back as it was."""
        self._live.__exit__(None, None, None)

    def meter(self, meter: dict[str, Any]) -> None:
        """A session's row."""
        self.view.rows[meter["session"]] = Row.of(meter)

    def gone(self, session: str) -> None:
        """One row less."""
        self.view.rows.pop(session, None)

    def event(self, event: dict[str, Any], *, news: bool = True) -> None:
        """Above the earlier ones."""
        happened = Happened.of(event)
        if happened not in self.view.events:
            self.view.events.appendleft(happened)

    def daemon(self, state: str, said: str, pid: int | None = None) -> None:
        """Said under the title until the next word of it; that all is well, for a minute."""
        self.view.note = f"{wording.clock(time.time())}  {said}" if said else ""
        self._note_ends = time.monotonic() + _NOTE_S if state == "restarted" else math.inf

    def tick(self, *, complete: bool) -> None:
        """Draw, but not for each of many changes at once."""
        self.view.complete = complete
        if time.monotonic() - self._drawn < _AT_ONCE_S:
            return
        self._drawn = time.monotonic()
        if self._drawn > self._note_ends:
            self.view.note = ""
        width, height = self.console.size
        drawn = draw(self.view, time.time(), width=width, height=height, hint=wording.HOW_TO_END)
        self._live.update(drawn, refresh=True)


class Still(Screen):
    """What is known at the end, printed once."""

    def __enter__(self) -> Still:
        """The terminal stays as it is."""
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        """Print it, unless something went wrong."""
        if kind is None:
            self.console.print(draw(self.view, time.time(), width=self.console.width, height=50))

    def tick(self, *, complete: bool) -> None:
        """Not yet."""
        self.view.complete = complete


class Lines:
    """One line of text for each change."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self._said: dict[str, str] = {}

    def __enter__(self) -> Lines:
        """Nothing to prepare."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def meter(self, meter: dict[str, Any]) -> None:
        """The session's meter, its end left out where the line would be too long."""
        words = meter["line"].split(" · ")
        while len(words) > 1 and len(" · ".join(words)) > _LONGEST:
            words.pop()
        line = " · ".join(words)
        if self._said.get(meter["session"]) != line:
            self._said[meter["session"]] = line
            self._say(wording.short_id(meter["session"]), line)

    def gone(self, session: str) -> None:
        """Said."""
        self._said.pop(session, None)
        self._say(wording.short_id(session), wording.NO_LONGER_LIVE)

    def event(self, event: dict[str, Any], *, news: bool = True) -> None:
        """What happened; what did before we began is no change."""
        if news:
            happened = Happened.of(event)
            self._say(wording.short_id(happened.session), happened.words, happened.at)

    def daemon(self, state: str, said: str, pid: int | None = None) -> None:
        """On stderr: it is no change of a session."""
        if said:
            print(f"switchtax watch: {said}", file=sys.stderr, flush=True)

    def tick(self, *, complete: bool) -> None:
        """Nothing changes by the clock alone."""

    def _say(self, session: str, words: str, at: float | None = None) -> None:
        clock = wording.clock(time.time() if at is None else at)
        print(f"{clock}  {session:<8}  {words}", flush=True)


class JsonLines(Lines):
    """One JSON object a line: `kind` is meter, gone, event or daemon."""

    def meter(self, meter: dict[str, Any]) -> None:
        """The params of `meter/didChange`."""
        self._emit("meter", meter=meter)

    def gone(self, session: str) -> None:
        """Its id."""
        self._emit("gone", session=session)

    def event(self, event: dict[str, Any], *, news: bool = True) -> None:
        """The params of `session/event`."""
        if news:
            self._emit("event", event=event)

    def daemon(self, state: str, said: str, pid: int | None = None) -> None:
        """Found, lost or restarted, and the process id where there is one."""
        self._emit("daemon", state=state, pid=pid)

    def _emit(self, kind: str, **rest: Any) -> None:
        document = {"schema": "switchtax.watch/1", "kind": kind, "at": time.time(), **rest}
        print(json.dumps(document, separators=(",", ":")), flush=True)
