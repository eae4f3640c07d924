"""The daemon's answer to a router: candidates are weighed one by one, ahead, and kept.

What a candidate costs depends on the others only by the window that is full first, so that any
choice of candidates is put together from what is kept of each, as long as that holds (see
`situations`), which is looked up at every question. Candidates that were asked about in two
sessions are weighed for every live session whenever it changes: a router asks about the same few
models.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from switchtax.advice.tasks import classify
from switchtax.decide import Weighed, decided, first_full, own_of, weighing
from switchtax.documents import decide_document
from switchtax.errors import UsageError
from switchtax.estimates.for_session import next_turn_at
from switchtax.estimates.steps import Steps, finish
from switchtax.service.situations import Here, LastTwo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.service.hub import Hub
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session

__all__ = ["Deciding"]

_MOST_SESSIONS, _MOST_ASKED, _MOST_MODELS, _MOST_SPELLED = 2_000, 16, 20, 500
_MOST_TURNS = 1000


class _Key(NamedTuple):
    """A candidate and the horizon in turns."""

    model: str
    turns: int


class Deciding:
    """Answers `decide`, from candidates that were weighed before where they still hold."""

    def __init__(self, hub: Hub) -> None:
        """Nothing was asked yet."""
        self.hub = hub
        self._kept: OrderedDict[str, LastTwo[_Key, Weighed]] = OrderedDict()
        """By session: its candidates."""
        self._asked: OrderedDict[_Key, str] = OrderedDict()
        """Candidates asked about, with the session that was first; "" once there was another."""
        self._sessions: OrderedDict[str, None] = OrderedDict()
        """Sessions asked about."""
        self._names: OrderedDict[tuple[str, ...], list[str]] = OrderedDict()
        hub.routing = self

    async def decide(self, params: dict[str, Any]) -> dict[str, Any]:
        """The document of `switchtax decide --json`, without its schema.

        Raises:
            UsageError: no session, no models, or a name that is not known.
        """
        named, models = params.get("session"), params.get("models")
        if not isinstance(named, str) or not named:
            raise UsageError("session: a text is needed")
        if (
            not isinstance(models, list)
            or not 0 < len(models) <= _MOST_MODELS
            or not all(isinstance(each, str) for each in models)
        ):
            raise UsageError(f"models: a list of 1 to {_MOST_MODELS} model names is needed")
        turns, task = self._turns(params), classify(_task(params))
        live, now = self.hub.live.find(named), self.hub.live.clock()
        keys = [_Key(model, turns) for model in self._named(live.session, models)]
        each = finish(self._weighing(live, keys, now))
        self._learn(live, keys)
        self._sessions[live.session.id] = None
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        found = decided(each, turns, task, self.hub.live.waits)
        return decide_document(live.session, now, found)

    def ahead(self, live: Live, now: float) -> Steps[None]:
        """Weigh what is asked about for a session that has changed, in steps.

        Args:
            live: the session.
            now: UTC epoch seconds; or when the clock will have brought another situation.
        """
        keys = self._asked_of(live)
        each = yield from self._weighing(live, keys, now)
        by_turns: dict[int, list[Weighed]] = {}
        for key, one in zip(keys, each, strict=True):
            by_turns.setdefault(key.turns, []).append(one)
        for group in by_turns.values():
            yield from _at_each_end(group)

    def next_turn_at(self, live: Live, now: float) -> float | None:
        """When the clock alone will change one of the candidates asked about; None if never."""
        models = [key.model for key in self._asked_of(live)]
        return next_turn_at(live.session, (live.session.model, *models), now) if models else None

    def _asked_of(self, live: Live) -> list[_Key]:
        """Candidates asked about in several sessions, then those of this one."""
        known = self._kept.get(live.session.id, ())
        common = [key for key, first in self._asked.items() if not first]
        return [*dict.fromkeys((*common, *known))][:_MOST_ASKED]

    def clear(self) -> None:
        """Prices, or where levels of risk begin, have changed."""
        self._kept.clear()
        self._names.clear()

    def is_asked(self, session_id: str) -> bool:
        """Whether somebody has asked about a session."""
        return session_id in self._sessions

    def forget(self, session_id: str) -> None:
        """A session is gone."""
        self._sessions.pop(session_id, None)
        self._kept.pop(session_id, None)

    def _weighing(self, live: Live, keys: Sequence[_Key], now: float) -> Steps[list[Weighed]]:
        """Candidates by these keys; those that still hold are not weighed again."""
        session, book = live.session, self.hub.live.book
        here = Here(live, [key.model for key in keys], now, book)
        kept, own, found_all = self._of(session.id), None, []
        for key in keys:
            base = here.base(key.model)
            found = kept.get(key, base)
            if found is None:
                own = own or own_of(session, now, book)
                yield
                found = yield from weighing(own, key.model, key.turns)
                kept.keep(key, base, found)
            found_all.append(found)
        kept.shorten(max(_MOST_ASKED, len(keys)), keys)
        return found_all

    def _named(self, session: Session, models: list[str]) -> list[str]:
        """The names of models as they were spelled; an alias means one of the session's seller."""
        spelled = session.model, session.seller_of(session.model), *models
        found = self._names.get(spelled)
        if found is None:
            found = self._names[spelled] = self.hub.live.targets(session, models)
            while len(self._names) > _MOST_SPELLED:
                self._names.popitem(last=False)
        return found

    def _of(self, session_id: str) -> LastTwo[_Key, Weighed]:
        kept = self._kept.setdefault(session_id, LastTwo())
        self._kept.move_to_end(session_id)
        while len(self._kept) > _MOST_SESSIONS:
            self._kept.popitem(last=False)
        return kept

    def _learn(self, live: Live, keys: Sequence[_Key]) -> None:
        """What is asked about in two sessions will be asked about in others."""
        common = False
        for key in keys:
            first = self._asked.get(key)
            if first and first != live.session.id:
                first, common = "", True
            self._asked[key] = live.session.id if first is None else first
            self._asked.move_to_end(key)
        while len(self._asked) > _MOST_ASKED:
            self._asked.popitem(last=False)
        if common:
            self.hub.weigh_all()

    def _turns(self, params: dict[str, Any]) -> int:
        turns = params.get("turns", self.hub.settings.config.horizon.turns)
        if isinstance(turns, bool) or not isinstance(turns, int) or not 0 <= turns <= _MOST_TURNS:
            raise UsageError(f"turns: a whole number from 0 (one call) to {_MOST_TURNS}")
        return turns


def _at_each_end(group: Sequence[Weighed]) -> Steps[None]:
    """What each costs if another's window is full first, whichever of them are asked about."""
    ends = {end for one in group if (end := first_full([one])) is not None}
    for one in group:
        own = first_full([one])
        for end in ends:
            if end not in one.costs and (own is None or end <= own):
                one.costs[end] = yield from one.rival.costing(end)


def _task(params: dict[str, Any]) -> str:
    task = params.get("task") or ""
    if not isinstance(task, str):
        raise UsageError("task: a text is needed")
    return task
