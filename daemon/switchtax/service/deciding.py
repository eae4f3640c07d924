"""The daemon's answer to a router: kept while nothing changes, and made anew before it is asked.

A router asks the same again and again. What was worked out holds until the session changes, a
candidate's cache runs out, or some seconds have passed; for a session that was asked about it
is worked out again as soon as it has changed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from switchtax.advice.tasks import classify
from switchtax.decide import decide
from switchtax.documents import decide_document
from switchtax.errors import UsageError

if TYPE_CHECKING:
    from switchtax.advice.tasks import Task
    from switchtax.decide import Decision
    from switchtax.service.hub import Hub
    from switchtax.service.live import Live

__all__ = ["Deciding"]

_HOLDS_S = 15.0
_MOST_KEPT, _MOST_A_SESSION, _MOST_MODELS = 200, 4, 20
_MOST_TURNS = 1000


class _Question(NamedTuple):
    session: str
    models: tuple[str, ...]
    turns: int
    task: Task


@dataclass(frozen=True, slots=True)
class _Kept:
    changes: int
    until: float
    document: dict[str, Any]


class Deciding:
    """Answers `decide`, from what it worked out before where that still holds."""

    def __init__(self, hub: Hub) -> None:
        """Nothing was asked yet."""
        self.hub = hub
        self._kept: OrderedDict[_Question, _Kept] = OrderedDict()
        hub.on_weighed = self.again

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
        live, now = self.hub.live.find(named), self.hub.live.clock()
        question = _Question(
            live.session.id, tuple(models), self._turns(params), classify(_task(params))
        )
        kept = self._kept.get(question)
        if kept is None or kept.until < now or kept.changes != self._changes(live):
            kept = self._work_out(live, question, now)
        self._kept.move_to_end(question)
        return kept.document

    def again(self, live: Live) -> None:
        """Work out anew what was asked about a session that has changed."""
        asked = [each for each in self._kept if each.session == live.session.id]
        for question in asked[-_MOST_A_SESSION:]:
            self._work_out(live, question, self.hub.live.clock())

    def _work_out(self, live: Live, question: _Question, now: float) -> _Kept:
        session, hub = live.session, self.hub
        targets = hub.live.targets(session, question.models)
        found = decide(
            session,
            targets,
            now,
            hub.live.book,
            turns=question.turns,
            task=question.task,
            waits=hub.live.waits,
        )
        kept = _Kept(self._changes(live), _until(found, now), decide_document(session, now, found))
        self._kept[question] = kept
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return kept

    def _changes(self, live: Live) -> int:
        return self.hub.live.changes_of(live.source.path)

    def _turns(self, params: dict[str, Any]) -> int:
        turns = params.get("turns", self.hub.settings.config.horizon.turns)
        if isinstance(turns, bool) or not isinstance(turns, int) or not 0 <= turns <= _MOST_TURNS:
            raise UsageError(f"turns: a whole number from 0 (one call) to {_MOST_TURNS}")
        return turns


def _task(params: dict[str, Any]) -> str:
    task = params.get("task") or ""
    if not isinstance(task, str):
        raise UsageError("task: a text is needed")
    return task


def _until(found: Decision, now: float) -> float:
    """Until the next cache runs out, or for some seconds."""
    ends = (each.view.warm_until_at for each in found.candidates)
    return min([now + _HOLDS_S, *(end for end in ends if end is not None and end > now)])
