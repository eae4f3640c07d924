"""What the daemon knows, and whom it tells: sources that change, meters, subscribers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from switchtax.service.fired import Fired
from switchtax.service.keeping import is_material
from switchtax.service.meters import Meters
from switchtax.service.places import write_atomically
from switchtax.service.protocol import Notification
from switchtax.service.quotas import Quotas
from switchtax.service.status_lines import StatusLines
from switchtax.sessions.status_line import take_up
from switchtax.wording import short_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.steps import Steps
    from switchtax.records import Source
    from switchtax.service.following import News
    from switchtax.service.keeping import Keeping
    from switchtax.service.live import Live, LiveSessions
    from switchtax.service.places import Places

__all__ = ["Ahead", "Hub"]

_LOG = logging.getLogger(__name__)
_JUST_S = 120.0
"""Seconds for which an event is news; older ones are history found at the start."""
_QUIET_S, _SOON_S = 0.05, 0.01
"""Seconds after a change before anything is worked out ahead; for a router, who asks at once."""
_SLICE_S = 0.0003
"""Seconds of work ahead between two looks at who else wants something."""
_JUST_ASKED_S = 0.005
"""Seconds after a question in which the next one may come."""
_ASIDE_S = 0.02
"""Seconds that work ahead then steps aside after each slice."""
_FORESEEN_S, _JUST_AFTER_S = 30.0, 0.01
"""Seconds before the clock changes what is true of a session, from which on that is worked out
already; and after it."""
_LONGEST_WAIT_S = 60.0
_LET_GO_EVERY_S = 60.0
_LOOKED_AT_ONCE = 50
"""Meters whose clocks are looked at in one step."""
_TOLD_EVERY = 50
"""Sources between two words on how far the first look has come."""


class Ahead(Protocol):
    """Somebody who works out ahead what will be asked of sessions (see `Deciding`)."""

    def ahead(self, live: Live, now: float) -> Steps[None]:
        """Work out what is asked about for a session that has changed."""
        ...

    def next_turn_at(self, live: Live, now: float) -> float | None:
        """When the clock alone will change what is asked about; None if never."""
        ...

    def is_asked(self, session_id: str) -> bool:
        """Whether somebody has asked about a session."""
        ...

    def forget(self, session_id: str) -> None:
        """A session is gone."""
        ...

    def clear(self) -> None:
        """Nothing that was worked out holds any more."""
        ...


class Hub:
    """Brings sources up to date and pushes what a person can see.

    Everything runs on the event loop's thread; long work is cut into steps so that a hook
    never waits for more than one of them.
    """

    def __init__(self, live: LiveSessions, places: Places, keeping: Keeping) -> None:
        """Nothing is looked at yet."""
        self.live, self.places, self.keeping = live, places, keeping
        self.settings = live.settings
        live.on_news, live.waits = self._news, keeping.timing.book
        self.quotas = Quotas(live.book)
        live.rates = self.quotas.rates
        self.fired = Fired(keeping.ledger)
        self.unwatched: dict[str, str] = {}
        """Folders that could not be watched, and why: they are polled."""
        self.meters = Meters(live.book, live.settings)
        self.status_lines = StatusLines(places.status_notes, live.clock)
        self.on_records: Callable[[News, list[Live]], None] | None = None
        """Told of what was read of sessions themselves, once it was kept."""
        self.on_drawn: Callable[[str], None] | None = None
        """Told of a session whose status line was told something new."""
        self.on_gone: Callable[[str], None] | None = None
        """Told of a session whose file was removed."""
        self.subscribers: set[Callable[[Notification], None]] = set()
        self.disk_trouble = ""
        self._unshown: defaultdict[str, set[str]] = defaultdict(set)
        """Of which sessions of a source more was read than shown: by a question, before the watcher
        told. A database holds many, and the meters of all would take half a second."""
        self.routing: Ahead | None = None
        """What routers ask is worked out ahead too, before anything else."""
        self.asked_at = 0.0
        """When a client last asked something; seconds of the performance counter."""
        self._let_go_at = 0.0
        self._due: dict[str, float] = {}
        """When which session is worked out ahead; UTC epoch seconds."""
        self._used: dict[str, float] = {}
        """When those that are due were used last: the newest goes first."""
        self._more_due = asyncio.Event()
        self._weighed: dict[str, int] = {}

    def push(self, method: str, **params: object) -> None:
        """Tell every subscriber."""
        told = Notification(method, params)
        for subscriber in list(self.subscribers):
            subscriber(told)

    def _news(self, source: Source, news: News, lives: list[Live]) -> None:
        """Keep what happened; tell what has only just happened."""
        told = {record.session_id for record in news.records}
        anew = {live.session.id for live in lives} if news.anew else set[str]()
        self._unshown[source.path] |= told | anew
        now = self.live.clock()
        self.quotas.news(source.agent, news.records)
        for event in self.keeping.news(source, news, lives):
            if event.at > now - _JUST_S:
                material = is_material(event, self.settings.config.material.rebuild_usd_micros)
                self.push("session/event", **asdict(event), material=material)
        if self.on_records is not None and not source.sidechain:
            self.on_records(news, lives)

    # -- changes -------------------------------------------------------------------

    def changed(self, source: Source) -> None:
        """A source was written to: read what is new, show what changed."""
        if self.settings.is_off(source.agent):
            return
        try:
            self.live.refresh(source)
        except OSError as error:
            what = f"{source.agent} {short_id(source.session_id)}"  # its path names a project
            _LOG.warning("session %s: not read (%s)", what, error.strerror)
            return
        changed = self._unshown.pop(source.path, set())
        if not changed:
            return
        now = self.live.clock()
        if source.sidechain:
            shown = self.meters.shown.get(source.session_id)
            lives = self.live.of_path(shown.path) if shown else []
        else:
            of_source = self.live.of_path(source.path)
            lives = [live for live in of_source if live.session.id in changed]
        for live in lives:
            if live.is_active(now):
                self.show(live, now)
                self._weigh_later(live)

    def gone(self, path: str) -> None:
        """A file or a folder was removed."""
        for known in self.live.paths_at(path):
            for live in self.live.of_path(known):
                self._forget(live.session.id)
                if self.on_gone is not None:
                    self.on_gone(live.session.id)
            self.live.forget(known)
            self.keeping.forget(known)
            self._unshown.pop(known, None)

    def show(self, live: Live, now: float) -> None:
        """Work the meter out; if it looks other than before, tell it and write it down."""
        if live.session.current is None:
            return  # how large its context is may have become unknown meanwhile
        meter = self.meters.work_out(live, now)
        if meter is None:
            return
        self.push("meter/didChange", **meter.document())
        self._write(meter.session, meter.page())

    def foretell(self, found: Answer) -> None:
        """A session may switch now: its status line is drawn before the log says that it did."""
        text = self.meters.foretold(found)
        if text:
            self._write(found.session.id, text)

    def _write(self, session_id: str, text: str) -> None:
        try:
            write_atomically(self.places.meter(session_id), text)
            self.disk_trouble = ""
        except OSError as error:
            if not self.disk_trouble:
                _LOG.warning("meters cannot be written: %s", error.strerror)
            self.disk_trouble = error.strerror or "cannot be written"

    def _forget(self, session_id: str) -> None:
        if session_id in self.meters.shown:
            self.push("meter/gone", session=session_id)
        if self.routing is not None:
            self.routing.forget(session_id)
        self.status_lines.forget(session_id)
        self.meters.forget(session_id)
        self._weighed.pop(session_id, None)
        self._due.pop(session_id, None)
        self._used.pop(session_id, None)
        try:
            self.places.meter(session_id).unlink(missing_ok=True)
        except OSError as error:
            _LOG.warning("a meter cannot be removed: %s", error.strerror)

    # -- worked out ahead ------------------------------------------------------------

    def _weigh_later(self, live: Live) -> None:
        """Once it has been quiet for a moment: agents write several times a second."""
        asked = self.routing is not None and self.routing.is_asked(live.session.id)
        self._due[live.session.id] = self.live.clock() + (_SOON_S if asked else _QUIET_S)
        self._used[live.session.id] = live.last_at()
        self._more_due.set()

    async def weigh(self) -> None:
        """Work out ahead what will be asked of sessions that are due, for ever, newest first."""
        while True:
            now = self.live.clock()
            due = [id_ for id_, at in self._due.items() if at <= now]
            if due:  # a thousand may be: they are told apart by what was noted when they became so
                newest = max(due, key=self._used.__getitem__)
                del self._due[newest], self._used[newest]
                live = self.live.known(newest)
                if live is not None and live.session.current is not None:
                    await self._work_ahead(live)
                    await self._give_way(_ASIDE_S)
                continue
            self._more_due.clear()
            wait_s = min([at - now for at in self._due.values()], default=_LONGEST_WAIT_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, _LONGEST_WAIT_S)):
                    await self._more_due.wait()

    async def _work_ahead(self, live: Live) -> None:
        """What a router asks, the useful switch and its meter, then documents to be asked for."""
        now = self.live.clock()
        if self.routing is not None:  # a router asks at once, a person some seconds later
            await self._in_steps(live, self.routing.ahead(live, now), _JUST_ASKED_S)
        await self.weigh_one(live)
        self.show(live, now)
        await self._give_way(_ASIDE_S)
        if live.is_active(now) and await self._in_steps(live, self._documents(live, now)):
            await self._foresee(live, now)

    async def _foresee(self, live: Live, now: float) -> None:
        """Shortly before the clock changes what is true of a session, work out what will be."""
        turns = [self.live.standing.next_turn_at(live, now)]
        if self.routing is not None:
            turns.append(self.routing.next_turn_at(live, now))
        turn = min((at for at in turns if at is not None), default=None)
        if turn is None or not live.is_active(turn):
            return
        if turn - now <= _FORESEEN_S:
            turn += _JUST_AFTER_S
            if self.routing is not None:
                await self._in_steps(live, self.routing.ahead(live, turn))
            await self._in_steps(live, self._documents(live, turn))
        else:
            turn -= _FORESEEN_S
        id_ = live.session.id
        self._due[id_] = min(turn, self._due.get(id_, turn))
        self._used[id_] = live.last_at()

    def _documents(self, live: Live, at: float) -> Steps[list[str]]:
        turns = self.settings.config.horizon.turns
        return self.live.standing.preparing_ahead(live, at, turns)

    def weigh_all(self) -> None:
        """Something new is asked about: work it out ahead for every active session."""
        for live in self.live.active(self.live.clock()):
            self._weigh_later(live)

    async def weigh_one(self, live: Live) -> None:
        """Find the useful switch of a session, unless that was done since it last changed."""
        if self._weighed.get(live.session.id) == live.changes or live.session.current is None:
            return
        steps = self.meters.look_for_useful(live, self.live.clock(), self.live.standing)
        if await self._in_steps(live, steps):
            self._weighed[live.session.id] = live.changes

    async def _in_steps(self, live: Live, steps: Steps[Any], aside_s: float = _ASIDE_S) -> bool:
        """Do something of a session, letting others be served; False if it changed meanwhile."""
        began = time.perf_counter()
        for _ in steps:
            if time.perf_counter() - began > _SLICE_S:
                await self._give_way(aside_s)
                began = time.perf_counter()
                if self.live.changes_of(live) != live.changes:
                    return False
        return True

    async def _give_way(self, aside_s: float) -> None:
        """Let others be served; while somebody asks and asks, leave him nearly all of the time."""
        busy = time.perf_counter() - self.asked_at < _JUST_ASKED_S
        await asyncio.sleep(aside_s if busy else 0)

    # -- all of them -----------------------------------------------------------------

    async def look_around(self) -> None:
        """Read what was written lately on this machine, newest first, telling how far it is."""
        sources = await asyncio.to_thread(self.live.on_this_machine)
        recent = [source for source in sources if self.live.is_recent(source)]
        recent.sort(key=lambda source: -source.mtime_ns)
        for done, source in enumerate(recent):
            if done % _TOLD_EVERY == 0:
                self.push("$/progress", token="look", done=done, of=len(recent))
            self.changed(source)
            await asyncio.sleep(0)
        self.live.looked = True
        self.push("$/progress", token="look", done=len(recent), of=len(recent))

    def poll(self) -> None:
        """Look at the sources of live sessions that nobody watches."""
        for live in self.live.active(self.live.clock()):
            if live.source.root not in self.live.watched:
                self.changed(live.source)

    def take_up_status_lines(self) -> None:
        """Read what status lines were told: limits for the ledger, evidence for cache clocks."""
        now = self.live.clock()
        for news in self.status_lines.look(now):
            if self.on_drawn is not None:
                self.on_drawn(news.session_id)
            if news.limits is not None:
                self.keeping.used("claude-code", news.limits)
                self.quotas.news("claude-code", [news.limits])
        for live in self.live.active(now) if self.status_lines.told else ():
            told = self.status_lines.told.get(live.session.id)
            if told is None or live.source.agent != "claude-code":
                continue
            if take_up(live.session, told):
                self.live.standing.forget(live.session.id)
                self.show(live, now)
                self._weigh_later(live)

    def take_up_prices(self) -> None:
        """Read price files that have changed; what is shown is worked out anew."""
        if self.live.book.take_up(lambda error: _LOG.warning("%s", error)):
            self._begin_anew()

    def take_up_settings(self) -> None:
        """Where levels of risk begin may have changed: what was worked out holds no more."""
        levels = self.settings.config.risk_levels
        if levels != self.live.book.risk_levels:
            self.live.book.risk_levels = levels
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget what was worked out with other prices or levels."""
        self.meters.prices_changed()
        self.live.standing.clear()
        if self.routing is not None:
            self.routing.clear()
        now = self.live.clock()
        for live in self.live.active(now):
            self._weighed.pop(live.session.id, None)
            self.show(live, now)
            self._weigh_later(live)

    def tick(self, now: float) -> Steps[None]:
        """Show meters whose cache clock has run out; let go of sessions nobody uses; in steps."""
        for place, (session_id, meter) in enumerate(list(self.meters.shown.items())):
            if place % _LOOKED_AT_ONCE == 0:
                yield
            live = self.live.known(session_id)
            if live is None or not self.live.is_followed(live, now):
                self._forget(session_id)
            elif meter.turn_of_cache_at is not None and meter.turn_of_cache_at < now:
                self.show(live, now)
                self._weighed.pop(session_id, None)  # what a switch saves has changed as well
                self._weigh_later(live)
                yield
        if now - self._let_go_at >= _LET_GO_EVERY_S:
            self._let_go_at = now
            yield
            self.live.let_go(now)
        self.fired.keep()
