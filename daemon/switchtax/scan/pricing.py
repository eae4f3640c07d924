"""What each call cost, at the price of its own time and size: the price book, made quick.

The sums are those of `PriceCard.cost_usd_micros`; only the look-ups are remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.cards import MILLION
from switchtax.catalog.names import seller_for
from switchtax.records import Unknown, Usage
from switchtax.scan.rows import FAST, LONGEST_SHIFT, NOT_A_CALL, SENT_UNKNOWN, SUMMED

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.catalog.cards import PriceCard, Rates
    from switchtax.scan.rows import Row

__all__ = ["Pricer"]

_HALF_HOUR_S = 1800
"""Prices change at most this often: the grain of the price book."""
_Whole = tuple[int, int, int, int, int, int]
"""Rates of the five buckets, and the size of a request above which they are others."""
_ANY_SIZE = 2**62


class Pricer:
    """Prices rows; remembers the rates of each model, provider, mode and half hour."""

    def __init__(self, book: PriceBook) -> None:
        """Price by this book."""
        self._book = book
        self._known: dict[tuple[str, str, int, float], _Whole | PriceCard | Unknown] = {}

    def cost(self, row: Row) -> int | Unknown:
        """Micro-dollars of one call, rounded once.

        A row that is no call but the rest of a log's own totals sums requests of unknown
        sizes: it has a price only where its sum is below every tier.
        """
        _, at, model, provider, flags, plain, read, five, hour, output = row
        if flags & SENT_UNKNOWN:
            return Unknown("the log does not hold what was sent")
        key = (model, provider, flags & FAST, at // _HALF_HOUR_S)
        rates = self._known.get(key)
        if rates is None:
            rates = self._known[key] = self._rates(model, provider, bool(flags & FAST), at)
        if type(rates) is tuple and plain + read + five + hour <= rates[5]:
            total = (
                plain * rates[0]
                + read * rates[1]
                + five * rates[2]
                + hour * rates[3]
                + output * rates[4]
            )
            return (total + MILLION // 2) // MILLION
        return self._slowly(row)

    def _slowly(self, row: Row) -> int | Unknown:
        """What a card says of a call whose size matters, or one of whose rates is missing."""
        _, at, model, provider, flags, plain, read, five, hour, output = row
        rates = self._book.card(model, at, seller_for(provider, model))
        if isinstance(rates, Unknown):
            return rates
        usage = Usage(plain, read, five, hour, output)
        if flags & (NOT_A_CALL | SUMMED):
            longest = (flags >> LONGEST_SHIFT) * 1000
            return rates.sum_usd_micros(usage, longest or None, fast=bool(flags & FAST))
        return rates.cost_usd_micros(usage, fast=bool(flags & FAST))

    def _rates(
        self, model: str, provider: str, fast: bool, at: float
    ) -> _Whole | PriceCard | Unknown:
        """The rates of requests below every tier where none is missing, else the card."""
        card = self._book.card(model, at, seller_for(provider, model))
        if isinstance(card, Unknown):
            return card
        tiers = card.fast_tiers if fast else card.tiers
        above = tiers[0].above_tokens if tiers else _ANY_SIZE
        return _whole(card.rates_for(0, fast=fast), above) or card


def _whole(rates: Rates, above: int) -> _Whole | None:
    one, two, three, four, five = (
        rates.input,
        rates.cache_read,
        rates.cache_write_5m,
        rates.cache_write_1h,
        rates.output,
    )
    if (
        isinstance(one, int)
        and isinstance(two, int)
        and isinstance(three, int)
        and isinstance(four, int)
        and isinstance(five, int)
    ):
        return one, two, three, four, five, above
    return None
