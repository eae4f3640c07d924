"""The sessions that the daemon keeps ready: read by cursor, folded, answered at once."""

from __future__ import annotations

import contextlib
import os
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents import agent_ids, agent_module
from switchtax.errors import NoSuchSession, UsageError
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.quota import with_quota
from switchtax.meter import ACTIVE_S
from switchtax.records import Call, Unknown
from switchtax.service.following import Followed, News
from switchtax.service.settings import Settings
from switchtax.service.standing import Standing
from switchtax.sessions import library
from switchtax.sessions.neighbours import Neighbours
from switchtax.sessions.starts import Starts
from switchtax.sessions.targets import target_of
from switchtax.wording.turns import UNMEASURED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.quota import Rate
    from switchtax.records import Record, Source
    from switchtax.sessions.fold import Session

__all__ = ["Live", "LiveSessions"]

_LOOK_AGAIN_S = 5.0
"""Seconds after which a folder that nobody watches is searched for neighbours again."""


@dataclass(slots=True)
class Live:
    """One session, the source that holds it, and the calls of its sub-agents."""

    session: Session
    source: Source
    beside: dict[str, Call] = field(default_factory=dict)
    changes: int = 0
    """How often something new had been read of it."""

    def last_at(self) -> float:
        """When it, or a sub-agent of it, last did anything; UTC epoch seconds."""
        calls = (call.at for call in self.beside.values())
        return max(self.session.last_at, max(calls, default=0.0))

    def is_active(self, now: float) -> bool:
        """Whether it is somebody's, no sub-agent's, and was used within the last hour."""
        return self.session.current is not None and self.was_used(now)

    def was_used(self, now: float) -> bool:
        """The same, also where nothing tells how large its context is."""
        return not self.session.sidechain and now - ACTIVE_S < self.last_at() <= now + 60


class LiveSessions:
    """Sessions by source, brought up to date whenever they are looked at.

    Args:
        book: prices and cache rules.
        env: the environment that moves agents' folders.
        home: the user's home.
        clock: UTC epoch seconds.
        settings: which agents are followed, and how far totals look ahead.
    """

    def __init__(
        self,
        book: PriceBook,
        *,
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        clock: Callable[[], float] = time.time,
        settings: Settings | None = None,
    ) -> None:
        """Nothing is read yet."""
        self.book, self.clock = book, clock
        self.settings = settings or Settings()
        book.risk_levels = self.settings.config.risk_levels
        self._env = os.environ if env is None else env
        self._home = Path.home() if home is None else home
        self._followed: dict[str, Followed] = {}
        self._beside: defaultdict[str, dict[str, Call]] = defaultdict(dict)
        self._starts = Starts()
        self._neighbours: defaultdict[str, Neighbours] = defaultdict(self._alone)
        self._path_of: dict[str, str] = {}
        """Where a session was read last, by its id: with a thousand of them a search takes 2 ms."""
        self._looked: dict[str, float] = {}
        self.waits = LatencyBook()
        """How long answers are waited for here."""
        self.rates: dict[str, tuple[Rate, ...]] = {}
        """What calls take of a plan's windows, by agent."""
        self.standing = Standing(book, lambda: self.waits)
        self.on_news: Callable[[Source, News, list[Live]], None] | None = None
        """Told of whatever was read, whoever had it read."""
        self.looked = False
        """Whether everything on this machine was looked at once."""
        self.watched: set[str] = set()
        """Roots whose changes are brought by a watcher: there, nobody needs to look again."""

    # -- what is there ---------------------------------------------------------------

    def on_this_machine(self) -> list[Source]:
        """Every source where agents keep theirs; only reads folders (may run in a thread)."""
        wanted = [agent for agent in agent_ids() if not self.settings.is_off(agent)]
        return list(library.on_this_machine(self._env, self._home, wanted))

    def roots(self) -> list[tuple[str, Path, Path]]:
        """What a watcher should watch."""
        from switchtax.service.watching import root_folders

        found = root_folders(self._env, self._home)
        return [each for each in found if not self.settings.is_off(each[0])]

    def is_recent(self, source: Source) -> bool:
        """Whether a source was written to within the last hour."""
        return source.mtime_ns / 1e9 > self.clock() - ACTIVE_S

    def all(self) -> Iterator[Live]:
        """Every session that is kept ready."""
        for followed in list(self._followed.values()):
            for session in followed.sessions.values():
                yield self._live(followed, session)

    def active(self, now: float) -> list[Live]:
        """Sessions used within the last hour, newest first."""
        found = [live for live in self.all() if self.is_followed(live, now)]
        return sorted(found, key=lambda live: -live.last_at())

    def unmeasured(self, now: float) -> list[Live]:
        """Those used within the last hour of whose context nothing tells how large it is."""
        found = [
            live
            for live in self.all()
            if live.session.current is None
            and live.session.unmeasured is not None
            and live.was_used(now)
            and not self.settings.is_off(live.source.agent)
        ]
        return sorted(found, key=lambda live: -live.last_at())

    def is_followed(self, live: Live, now: float) -> bool:
        """Whether it was used within the last hour, by an agent that is not off."""
        return live.is_active(now) and not self.settings.is_off(live.source.agent)

    def of_path(self, path: str) -> list[Live]:
        """The sessions of one source that is kept ready."""
        followed = self._followed.get(path)
        if followed is None:
            return []
        return [self._live(followed, session) for session in followed.sessions.values()]

    def paths_at(self, path: str) -> list[str]:
        """The sources kept ready that are this file, or lie in this folder."""
        return [p for p in self._followed if p == path or p.startswith(path + os.sep)]

    def known(self, session_id: str) -> Live | None:
        """A session that is kept ready, as it was read last."""
        lives = self.of_path(self._path_of.get(session_id, ""))
        return next((live for live in lives if live.session.id == session_id), None)

    def changes_of(self, live: Live) -> int:
        """How often something new was read of a session by now."""
        followed = self._followed.get(live.source.path)
        return followed.changes[live.session.id] if followed else 0

    def _live(self, followed: Followed, session: Session) -> Live:
        beside = self._beside.get(session.id, {})
        return Live(session, followed.source, beside, followed.changes[session.id])

    # -- keeping up ------------------------------------------------------------------

    def refresh(self, source: Source) -> News:
        """Read what is new in a source; from now on it is kept ready.

        Raises:
            OSError: it cannot be opened.
        """
        followed = self._followed.get(source.path)
        if followed is None:
            if source.path.endswith(".db"):
                source = replace(source, session_id="")  # all of its sessions, whoever asked
            followed = Followed(source, self.book.rules, self._neighbours[_folder(source)])
            self._followed[source.path] = followed
        try:
            news = followed.catch_up()
        except OSError:
            del self._followed[source.path]
            raise
        self._note(source, news.records)
        if news.anew or news.records:
            self._path_of.update(dict.fromkeys(followed.sessions, source.path))
            for session in followed.sessions.values():
                if session.sidechain and session.parent_id:
                    self._beside[session.parent_id].update(session.calls)
        if self.on_news is not None and (news.records or news.anew):
            self.on_news(source, news, self.of_path(source.path))
        return news

    def _alone(self) -> Neighbours:
        """Neighbours of a folder where nobody was seen yet; of starts all know alike."""
        return Neighbours(starts=self._starts)

    def _note(self, source: Source, records: list[Record]) -> None:
        self._starts.note(records)
        calls = [record for record in records if isinstance(record, Call)]
        if not calls:
            return
        if source.sidechain:
            self._beside[source.session_id].update((call.id, call) for call in calls)
        for folder in _folders(source):
            self._neighbours[folder].note_calls(source.agent, calls)

    def forget(self, path: str) -> None:
        """A source is gone."""
        followed = self._followed.pop(path, None)
        for session_id in followed.sessions if followed is not None else ():
            self.standing.forget(session_id)

    def let_go(self, now: float) -> None:
        """Drop what nobody has used for two hours: it can be read again at any time."""
        before = now - 2 * ACTIVE_S
        for path, followed in list(self._followed.items()):
            sessions = followed.sessions.values()
            if all(session.last_at < before for session in sessions):
                self.forget(path)
        kept = {id_ for followed in self._followed.values() for id_ in followed.sessions}
        self._path_of = {id_: path for id_, path in self._path_of.items() if id_ in kept}
        for id_ in set(self._beside) - kept:
            del self._beside[id_]
        self._starts.forget(before)
        for neighbours in self._neighbours.values():
            for key, uses in neighbours.uses.items():
                neighbours.uses[key] = [use for use in uses if use[0] >= before]

    # -- one session -----------------------------------------------------------------

    def by_path(self, path: str) -> Source:
        """The source at a path that an agent names; not looked for on the disk if known.

        Raises:
            UsageError: no agent wrote what is there.
        """
        followed = self._followed.get(path)
        if followed is not None:
            return followed.source
        return library.sources_at(Path(path))[0]

    def find(self, wanted: str) -> Live:
        """The session with this id, this start of an id, or at this path, brought up to date.

        Raises:
            UsageError: there is none, or more than one.
        """
        if os.sep in wanted:
            return self._up_to_date(self.by_path(wanted), "")
        at = self._path_of.get(wanted, "")
        if at in self._followed and wanted in self._followed[at].sessions:
            return self._up_to_date(self._followed[at].source, wanted)
        known = [live for live in self.all() if live.session.id.startswith(wanted)]
        if len({live.session.id for live in known}) == 1 and wanted:
            return self._up_to_date(known[0].source, known[0].session.id)
        source = library.by_id(wanted, self.on_this_machine())[0]
        return self._up_to_date(source, source.session_id)

    def _up_to_date(self, source: Source, session_id: str) -> Live:
        try:
            self.refresh(source)
        except OSError as error:
            raise NoSuchSession(f"{source.path}: cannot be read ({error.strerror}).") from error
        self._look_beside(source)
        found = [live for live in self.of_path(source.path) if live.session.current is not None]
        if not found:
            if any(live.session.unmeasured is not None for live in self.of_path(source.path)):
                raise NoSuchSession(f"{source.path}: {UNMEASURED}")
            raise NoSuchSession(
                f"{source.path}: no answered request in this session, so there is nothing to "
                "re-read: choose the model you want, it costs nothing extra now."
            )
        named = [live for live in found if live.session.id == session_id]
        mains = [live for live in found if not live.session.sidechain]
        return max(named or mains or found, key=lambda live: live.session.last_at)

    def _look_beside(self, source: Source) -> None:
        """Sessions in the same folder keep shared starts warm: read those used lately."""
        folder, now = _folder(source), self.clock()
        if source.root in self.watched and (self.looked or folder in self._looked):
            return
        if now - self._looked.get(folder, 0.0) < _LOOK_AGAIN_S:
            return
        self._looked[folder] = now
        for other in agent_module(source.agent).find(Path(folder)):
            if other.path != source.path and self.is_recent(other):
                known = self._followed.get(other.path)
                with contextlib.suppress(OSError):
                    self.refresh(known.source if known else other)

    def answer(
        self, transcript_path: str, session_id: str, to_model: str, at: float
    ) -> Answer | None:
        """What switching a session would cost; None where that cannot be said.

        Args:
            transcript_path: the session's file, or the database that holds it among others; "" if
                only its id is known.
            session_id: its id.
            to_model: the target, in any spelling; "" means the session's own model.
            at: when, UTC epoch seconds.
        """
        try:
            live = self._meant(transcript_path, session_id)
            own = live.session.model
            (target,) = self.targets(live.session, [to_model]) if to_model else (own,)
        except UsageError:
            return None
        turns = self.settings.config.horizon.turns
        return self.on_plan(self.standing.answer(live, target, at, turns))

    def on_plan(self, found: Answer) -> Answer:
        """The same answer with the share of the plan that its switch takes, as far as learnt."""
        return with_quota(found, self.rates.get(found.session.agent, ()))

    def _meant(self, path: str, session_id: str) -> Live:
        """The session that a hook names."""
        if not path.endswith(".db"):
            return self.find(path or session_id)
        live = self._up_to_date(self.by_path(path), session_id)
        if live.session.id != session_id:
            raise NoSuchSession(f"{path}: no answered request of {session_id} in it.")
        return live

    def targets(self, session: Session, spelled: Iterable[str]) -> list[str]:
        """The names of models that a person or a hook spelled.

        Raises:
            UsageError: one is not known.
        """
        found = []
        for each in spelled:
            target = target_of(session, each, self.book)
            if isinstance(target, Unknown):
                raise UsageError(f"{each}: {target.reason}.")
            found.append(target.name.name)
        return found


def _folder(source: Source) -> str:
    return os.path.dirname(source.path)  # noqa: PTH120 - at every look


def _folders(source: Source) -> Iterator[str]:
    """The folder of a source and those above it, up to its agent's root."""
    folder = _folder(source)
    yield folder
    while source.root and folder.startswith(source.root) and folder != source.root:
        folder = os.path.dirname(folder)  # noqa: PTH120
        yield folder
