"""Meters of live sessions: worked out when a session changes, and when its cache runs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from switchtax.catalog.names import display_name
from switchtax.documents import cache_json, unknown_json
from switchtax.estimates.for_session import Answer, answer, sensible_targets
from switchtax.meter import better, parts, saving
from switchtax.records import Unknown
from switchtax.service.settings import Settings
from switchtax.sessions.fold import same_model
from switchtax.wording import money, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.catalog.book import PriceBook
    from switchtax.service.live import Live

__all__ = ["Meter", "Meters"]

_PENDING = 1000
"""Tokens: from here on what a chosen model must re-read is worth a word in the meter."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What a person sees of one session; `line` is at most some 100 characters."""

    session: str
    path: str
    agent: str
    cwd: str
    model: str
    line: str
    context_tokens: int
    spent_usd_micros: int | Unknown
    cache: dict[str, Any]
    last_at: float
    useful: tuple[str, int] | None
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
            "cheapest_useful": None
            if useful is None
            else {"model": useful[0], "extra_usd_micros": useful[1]},
        }

    def looks_like(self, other: Meter | None) -> bool:
        """Whether a person could not tell the two apart."""
        return other is not None and (self.line, self.useful) == (other.line, other.useful)


class Meters:
    """The last meter of every live session."""

    def __init__(self, book: PriceBook, settings: Settings | None = None) -> None:
        """No meter is known yet."""
        self.book, self.settings = book, settings or Settings()
        self.shown: dict[str, Meter] = {}
        self._useful: dict[str, Answer | None] = {}

    def work_out(self, live: Live, at: float) -> Meter | None:
        """The meter now, if it looks other than the one before.

        The useful switch is the one found last; `look_for_useful` finds it anew.
        """
        session = live.session
        stay = answer(session, session.model, at, self.book)
        useful = self._useful.get(session.id)
        if useful is not None and same_model(useful.model, session.model):
            useful = None
        spent = live.spent(self.book)
        words = parts(stay, spent, useful)
        chosen = self._chosen(live, at)
        if chosen:
            words[0] = chosen
        view = stay.stay.outlook
        meter = Meter(
            session=session.id,
            path=session.path,
            agent=session.agent,
            cwd=session.cwd,
            model=session.model,
            line=" · ".join(words),
            context_tokens=session.context_tokens,
            spent_usd_micros=spent,
            cache=cache_json(view),
            last_at=live.last_at(),
            useful=(useful.model, saving(useful)) if useful else None,
            turn_of_cache_at=view.warm_until_at,
        )
        before, self.shown[session.id] = self.shown.get(session.id), meter
        return None if meter.looks_like(before) else meter

    def _chosen(self, live: Live, at: float) -> str:
        """A model chosen for the next call: its name, and what it must re-read."""
        session = live.session
        if not session.signs.chosen_model:
            return ""
        target = self.book.resolve_target(
            session.signs.chosen_model, session.seller_of(session.model)
        )
        if isinstance(target, Unknown) or same_model(target.name.name, session.model):
            return ""
        return _next(answer(session, target.name.name, at, self.book))

    def foretold(self, found: Answer) -> dict[str, str]:
        """The lines of a session whose model is about to change, by model; {} if it is not."""
        meter = self.shown.get(found.session.id)
        if meter is None or same_model(found.model, meter.model):
            return {}
        rest = meter.line.split(" · ")[1:]
        return {meter.model: meter.line, found.model: " · ".join([_next(found), *rest])}

    def look_for_useful(self, live: Live, at: float) -> Iterator[None]:
        """Find the switch that saves most, one model a step: others are served in between."""
        best: Answer | None = None
        session, turns = live.session, self.settings.config.horizon.turns
        for model in sensible_targets(session, self.book):
            best = better(best, answer(session, model, at, self.book, turns=turns))
            yield
        self._useful[session.id] = best

    def useful(self, session_id: str) -> Answer | None:
        """The useful switch found last, if any."""
        return self._useful.get(session_id)

    def forget(self, session_id: str) -> None:
        """A session is no longer live."""
        self.shown.pop(session_id, None)
        self._useful.pop(session_id, None)


def _next(found: Answer) -> str:
    """A model chosen for the next call, and what it must re-read."""
    rebuilt, name = found.estimate.rebuild, display_name(found.model)[:24]
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return f"next: {name}"
    if rebuilt.tokens.mid < _PENDING:
        return f"next: {name}, cached"
    return f"next: {name} re-reads {tokens(rebuilt.tokens.mid)} ({money(rebuilt.cost.mid)})"
