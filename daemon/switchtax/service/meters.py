"""Meters of live sessions: worked out when a session changes, and when its cache runs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.documents import cache_json, unknown_json
from switchtax.estimates.for_session import Answer, sensible_targets, staying
from switchtax.material import is_material
from switchtax.meter import Spending, better, chosen, page, saving
from switchtax.records import Unknown
from switchtax.service.settings import Settings
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.steps import Steps
    from switchtax.service.live import Live
    from switchtax.service.standing import Standing

__all__ = ["Meter", "Meters"]


_SPELLS_ANEW = ("cursor",)
"""Agents whose status line names a model in no spelling of its log: it asks the daemon."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What a person sees of one session; `line` is at most some 100 characters."""

    session: str
    path: str
    agent: str
    cwd: str
    model: str
    line: str
    lines: tuple[tuple[str, str], ...]
    """The meter of its own model, and that of one chosen for the next call; by model."""
    context_tokens: int
    spent_usd_micros: int | Unknown
    cache: dict[str, Any]
    last_at: float
    useful: tuple[str, int] | None
    next_is_material: bool
    """Whether a model is chosen for the next call, at a cost worth a word."""
    turn_of_cache_at: float | None
    """When the cache clock runs out, and with it this meter."""

    def document(self) -> dict[str, Any]:
        """The params of `meter/didChange`."""
        spent, useful = self.spent_usd_micros, self.useful
        return {
            "session": self.session,
            "line": self.line,
            "agent": self.agent,
            "path": self.path,
            "cwd": self.cwd,
            "model": self.model,
            "context_tokens": self.context_tokens,
            "spent_usd_micros": unknown_json(spent) if isinstance(spent, Unknown) else spent,
            "cache": self.cache,
            "last_at": self.last_at,
            "next_is_material": self.next_is_material,
            "cheapest_useful": None
            if useful is None
            else {"model": useful[0], "extra_usd_micros": useful[1]},
        }

    def page(self) -> str:
        """The file for status lines: each names the model that it is drawn for."""
        if len(self.lines) == 1 or self.agent in _SPELLS_ANEW:
            return self.line + "\n"
        return page(self.lines[-1][0], dict(self.lines))

    def looks_like(self, other: Meter | None) -> bool:
        """Whether a person could not tell the two apart."""
        if other is None or self.next_is_material != other.next_is_material:
            return False
        return (self.line, self.useful) == (other.line, other.useful)


class Meters:
    """The last meter of every live session."""

    def __init__(self, book: PriceBook, settings: Settings | None = None) -> None:
        """No meter is known yet."""
        self.book, self.settings = book, settings or Settings()
        self.shown: dict[str, Meter] = {}
        self._useful: dict[str, Answer | None] = {}
        self._spending: dict[str, Spending] = {}

    def work_out(self, live: Live, at: float) -> Meter | None:
        """The meter now, if it looks other than the one before.

        The useful switch is the one found last; `look_for_useful` finds it anew.
        """
        session = live.session
        view = staying(session, at)
        useful = self._useful.get(session.id)
        if useful is not None and same_model(useful.model, session.model):
            useful = None
        spent = self._spent(live)
        words = wording.meter_words(session, view, spent, useful)
        lines, picked = {session.model: " · ".join(words)}, chosen(session, self.book, at)
        if picked is not None:
            lines[picked.model] = " · ".join([wording.next_words(picked), *words[1:]])
        meter = Meter(
            session=session.id,
            path=session.path,
            agent=session.agent,
            cwd=session.cwd,
            model=session.model,
            line=list(lines.values())[-1],
            lines=tuple(lines.items()),
            context_tokens=session.context_tokens,
            spent_usd_micros=spent,
            cache=cache_json(view),
            last_at=live.last_at(),
            useful=(useful.model, saving(useful)) if useful else None,
            next_is_material=picked is not None
            and is_material(picked, self.settings.config.material),
            turn_of_cache_at=view.warm_until_at,
        )
        before, self.shown[session.id] = self.shown.get(session.id), meter
        return None if meter.looks_like(before) else meter

    def _spent(self, live: Live) -> int | Unknown:
        spending = self._spending.get(live.session.id)
        if spending is None:
            spending = self._spending[live.session.id] = Spending(self.book)
        return spending.of(live.session, live.beside.values())

    def prices_changed(self) -> None:
        """What calls cost is looked up anew."""
        self._spending.clear()

    def foretold(self, found: Answer) -> str:
        """The page of a session whose model is about to change; "" if nothing is to be said.

        On the way back to the session's own model what was chosen before is no longer true of
        the status line, which finds its own model's line in the page.
        """
        meter = self.shown.get(found.session.id)
        if meter is None or meter.agent in _SPELLS_ANEW:
            return ""
        lines = dict(meter.lines)
        if not same_model(found.model, meter.model):
            own = lines[meter.model].split(" · ")
            lines[found.model] = " · ".join([wording.next_words(found), *own[1:]])
        return page(meter.model, lines) if len(lines) > 1 else ""

    def look_for_useful(self, live: Live, at: float, standing: Standing) -> Steps[None]:
        """Find the switch that saves most, in steps: others are served in between."""
        best: Answer | None = None
        session, turns = live.session, self.settings.config.horizon.turns
        for model in sensible_targets(session, self.book):
            (found,) = yield from standing.answering(live, (model,), at, turns)
            best = better(best, found)
        self._useful[session.id] = best

    def useful(self, session_id: str) -> Answer | None:
        """The useful switch found last, if any."""
        return self._useful.get(session_id)

    def forget(self, session_id: str) -> None:
        """A session is no longer live."""
        self.shown.pop(session_id, None)
        self._useful.pop(session_id, None)
        self._spending.pop(session_id, None)
