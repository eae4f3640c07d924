"""What answers rest on: the log as it is, and the situation of the models they speak of.

An answer holds as long as nothing was added to the session and its situation is the same (see
`estimates.for_session.situation`). Of each question those for two situations are kept: that of
now, and the next one, which the clock will bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from switchtax.estimates.for_session import situation

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from switchtax.catalog.book import PriceBook
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session

__all__ = ["Base", "Here", "LastTwo"]

_Question = TypeVar("_Question")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Base:
    """What one answer rests on."""

    session: Session
    changes: int
    """Of the log, when it was worked out."""
    situation: tuple[Hashable, ...]

    def is_of_log(self, other: Base) -> bool:
        """Whether nothing was added to the log between the two."""
        return self.session is other.session and self.changes == other.changes

    def holds(self, now: Base) -> bool:
        """Whether what rests on this is still so."""
        return self.is_of_log(now) and self.situation == now.situation


class Here:
    """A session at one moment, looked up once for all models of a question.

    Args:
        live: the session.
        models: those that will be asked for; "" is none.
        at: when, UTC epoch seconds.
        book: prices.
    """

    def __init__(self, live: Live, models: Iterable[str], at: float, book: PriceBook) -> None:
        """Look at each model once."""
        session = live.session
        self.session, self.changes = session, live.changes
        named = _named(session, models)
        self._parts = dict(zip(named, situation(session, named, at, book), strict=True))

    def base(self, *models: str) -> Base:
        """What an answer for these rests on now, the session's own model with them."""
        parts = tuple(self._parts[model] for model in _named(self.session, models))
        return Base(self.session, self.changes, parts)


class LastTwo(Generic[_Question, _Found]):
    """The answers of one session: of each question the one of use last, and one beside it."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._kept: dict[_Question, tuple[tuple[Base, _Found], ...]] = {}

    def __iter__(self) -> Iterator[_Question]:
        """The questions, the one asked last at the end."""
        return iter(self._kept)

    def get(self, question: _Question, now: Base) -> _Found | None:
        """The answer that still holds, if any; it is the one of use last from now on."""
        known = self._kept.get(question, ())
        for place, (base, found) in enumerate(known):
            if base.holds(now):
                if place:
                    self._kept[question] = (known[place], known[0])
                return found
        return None

    def keep(self, question: _Question, base: Base, found: _Found) -> None:
        """Keep an answer beside the one of use last, if the log is still as it was."""
        others = [each for each in self._kept.get(question, ()) if each[0].is_of_log(base)]
        self._kept[question] = ((base, found), *others[:1])

    def last(self, question: _Question) -> _Found:
        """The answer of use last.

        Raises:
            KeyError: there is none.
        """
        return self._kept[question][0][1]

    def shorten(self, most: int, asked: Iterable[_Question]) -> None:
        """Forget the questions asked longest ago, but for these, beyond so many."""
        for question in asked:
            self._kept[question] = self._kept.pop(question)
        while len(self._kept) > most:
            del self._kept[next(iter(self._kept))]


def _named(session: Session, models: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys((session.model, *filter(None, models)))
