"""The price book: what a model's tokens cost, how its cache behaves, how much it can hold.

Sources in order of precedence: the user's file, what the agent itself reported, a refreshed
table, the shipped table, else `Unknown` with a reason. A missing price is never $0 and never a
neighbour's: a model without a row at its own provider has no card.

>>> from switchtax.catalog.book import PriceBook
>>> PriceBook().card("claude-opus-5-5").rates.input  # micro-dollars per million tokens
4000000
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from switchtax.catalog import rules, sheets
from switchtax.catalog.names import ModelName, Target, maker_of, normalise, resolve_target
from switchtax.catalog.places import refreshed_file, user_file
from switchtax.catalog.sellers import AT_LIST_PRICE, FAMILIES
from switchtax.errors import PriceFileError
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from switchtax.catalog.cards import CacheRules, PriceCard
    from switchtax.config.keys import RiskPoints

__all__ = ["PriceBook", "open_book", "user_file"]

_Stamp = tuple[int, int, int] | None
"""What changes when a file is written: inode, size and time; None where there is none."""
_Key = tuple[str, str]
"""Provider ("" for any) and model."""


def open_book(
    environment: Mapping[str, str] | None = None,
    *,
    on_error: Callable[[PriceFileError], None] | None = None,
) -> PriceBook:
    """The book of this machine: shipped prices, a refreshed table and the user's file.

    Args:
        environment: in place of the process environment.
        on_error: told of a broken file, which is then left out; without it the error is raised.
    """
    book = PriceBook()
    for read, path in (
        (book.read_user_file, user_file(environment)),
        (book.read_refreshed, refreshed_file(environment)),
    ):
        try:
            read(path)
        except PriceFileError as error:
            if on_error is None:
                raise
            on_error(error)
    return book


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class PriceBook:
    """Looks up price cards, cache rules and context windows; answers are memoised.

    Args:
        user: the user's price file; None or a missing file means there is none.
        refreshed: a table written by `prices --refresh`; likewise.
        clock: gives the time meant where a caller names none (UTC epoch seconds).

    Raises:
        PriceFileError: a file that exists cannot be used.
    """

    def __init__(
        self,
        *,
        user: Path | None = None,
        refreshed: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Read the files; see the class."""
        self._clock = clock
        self.risk_levels: RiskPoints | None = None
        """The points from which each level of risk holds; None means those of the data file."""
        self._user_path: Path | None = None
        self._refreshed_path: Path | None = None
        self._stamps: dict[Path, _Stamp] = {}
        self._user: dict[_Key, PriceCard] = {}
        self._agent: dict[_Key, PriceCard] = {}
        self._refreshed: sheets.Sheets | None = None
        self._memo: dict[tuple[str, str, int], PriceCard | Unknown] = {}
        self._targets: dict[tuple[ModelName, str], Target | Unknown] = {}
        if user:
            self.read_user_file(user)
        if refreshed:
            self.read_refreshed(refreshed)

    def read_user_file(self, path: Path) -> None:
        """Take the user's own prices; a missing file holds none.

        Raises:
            PriceFileError: names file, line and key; the prices read before stay in force.
        """
        self._user_path, self._stamps[path] = path, _stamp(path)
        if path.exists():
            from switchtax.catalog import user_prices  # 4 ms that most users never need

            self._user = user_prices.load(path)
        else:
            self._user = {}
        self._forget()

    def read_refreshed(self, path: Path) -> None:
        """Take a table written by `prices --refresh`; a missing file holds none.

        Raises:
            PriceFileError: the file is no such table; the prices read before stay in force.
        """
        self._refreshed_path, self._stamps[path] = path, _stamp(path)
        self._refreshed = sheets.load(path, "refreshed") if path.exists() else None
        self._forget()

    def take_up(self, on_error: Callable[[PriceFileError], None]) -> bool:
        """Read those files again that were written, made or removed since; whether any was.

        Args:
            on_error: told of a broken file, once; the prices read before stay in force.
        """
        changed = False
        for path, read in (
            (self._user_path, self.read_user_file),
            (self._refreshed_path, self.read_refreshed),
        ):
            if path is None or _stamp(path) == self._stamps[path]:
                continue
            changed = True
            try:
                read(path)
            except PriceFileError as error:
                on_error(error)
        return changed

    def with_agent_cards(self, cards: Iterable[PriceCard]) -> PriceBook:
        """A book that also knows what agents reported of their models' prices."""
        book = PriceBook(clock=self._clock)
        book._user_path, book._user = self._user_path, self._user
        book._refreshed_path, book._refreshed = self._refreshed_path, self._refreshed
        book._stamps = dict(self._stamps)
        book._agent = dict(self._agent)
        book.risk_levels = self.risk_levels
        for card in cards:
            book._agent[card.provider, normalise(card.model).name] = card
        return book

    def card(self, model: str, at: float | None = None, provider: str = "") -> PriceCard | Unknown:
        """The price card of a model.

        Args:
            model: in any spelling that `normalise` knows.
            at: the time of the call, UTC epoch seconds; None or 0.0 (not recorded) means now.
            provider: who sold the call; "" means whom the spelling names, else the maker.
        """
        when = at or self._clock()
        key = (model, provider, int(when // 1800))
        if key not in self._memo:
            self._memo[key] = self._find(normalise(model, provider), when)
        return self._memo[key]

    def _find(self, name: ModelName, at: float) -> PriceCard | Unknown:
        if name.family:
            if not FAMILIES[name.family]:
                return Unknown("the agent chooses the model itself")
            return Unknown(f'"{name.name}" is an alias of several models: name one')
        for cards in (self._user, self._agent):
            for key in ((name.seller, name.name), ("", name.name)):
                if key in cards:
                    return cards[key]
        for table in self._tables():
            card = table.card(name, name.seller, at)
            if card is None and name.seller in AT_LIST_PRICE:
                card = table.card(name, maker_of(name.name), at)
            if card is not None:
                return card
        at_whom = f" at {name.seller}" if name.seller else ""
        return Unknown(f"no price card for {name.name or 'a model without a name'}{at_whom}")

    def _tables(self) -> tuple[sheets.Sheets, ...]:
        shipped = sheets.shipped()
        return (self._refreshed, shipped) if self._refreshed else (shipped,)

    def _forget(self) -> None:
        """Tables have changed: what was looked up in the old ones holds no more."""
        self._memo.clear()
        self._targets.clear()

    def rules(self, model: str, provider: str = "") -> CacheRules:
        """How the model's prompt cache behaves at its provider; kind UNKNOWN where unrecorded."""
        name = normalise(model, provider)
        return rules.find(name.name, name.seller)

    def window(self, model: str, provider: str = "") -> int | Unknown:
        """Context window in tokens: that of the spelling (`[1m]`), else that of the card."""
        name = normalise(model, provider)
        if name.window_tokens:
            return name.window_tokens
        card = self.card(model, provider=provider)
        if isinstance(card, Unknown):
            return Unknown(f"no context window recorded for {name.name}")
        return card.context_window_tokens

    def models(self, provider: str) -> list[str]:
        """Names of the models with a card at a provider, in alphabetical order."""
        sellers = (provider, *_MAKERS) if provider in AT_LIST_PRICE else (provider,)
        names = {
            name for table in self._tables() for seller in sellers for name in table.models(seller)
        }
        for cards in (self._user, self._agent):
            names.update(name for seller, name in cards if seller == provider)
        return sorted(names)

    def own_models(self) -> list[str]:
        """The models in the user's own file, as `provider/model` where it names a provider."""
        return sorted(f"{seller}/{name}" if seller else name for seller, name in self._user)

    def resolve_target(self, spelled: str, provider: str = "") -> Target | Unknown:
        """The model meant by a target's spelling; an alias becomes its family's newest model.

        Args:
            spelled: an id, a display name or an alias such as "opus".
            provider: whose models an alias chooses from; "" means all makers'.
        """
        alias = normalise(spelled), provider
        if not alias[0].family:
            return resolve_target(spelled, ())
        if alias not in self._targets:
            sellers = (normalise("", provider).provider,) if provider else _MAKERS
            models = [name for seller in sellers for name in self.models(seller)]
            self._targets[alias] = resolve_target(spelled, models)
        return self._targets[alias]

    @property
    def date(self) -> str:
        """The day of the table in force, such as "2026-11-20"."""
        return self._tables()[0].date

    @property
    def version(self) -> str:
        """The table in force, for people: source and date."""
        table = self._tables()[0]
        return f"{table.source} ({table.origin}, {table.date})"


_MAKERS = (
    "anthropic",
    "openai",
    "google",
    "x-ai",
    "moonshotai",
    "zai",
)
