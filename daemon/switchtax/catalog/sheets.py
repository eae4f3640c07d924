"""A price table in memory: reads the JSON of `generate`, builds price cards when asked.

Only the JSON is parsed at load (about 2 ms); a card is built the first time it is looked up.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.catalog.cards import PriceCard, Rates, Tier
from switchtax.catalog.sellers import CARDS_OF
from switchtax.errors import PriceFileError
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.catalog.names import ModelName

__all__ = ["SCHEMA", "SHIPPED", "Sheets", "load", "shipped"]

SCHEMA = "switchtax.price-table/1"
SHIPPED = Path(__file__).parent / "data" / "prices.json"

_BUCKETS = ("input", "output", "cache-read", "5-minute cache-write", "1-hour cache-write")

Json = Any
"""Values as the JSON file holds them; their shape is described in `generate`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheets:
    """The rows of one price table, by provider and model."""

    origin: str
    source: str
    date: str
    providers: dict[str, Json]

    def card(self, model: ModelName, provider: str, at: float) -> PriceCard | None:
        """The card valid at a time (UTC epoch seconds), or None where the table has no row."""
        sheet = self.providers.get(CARDS_OF.get(provider, provider))
        if sheet is None:
            return None
        for key in filter(None, (model.dated, model.name)):
            name = f"global.{key}" if model.route == "global" else key
            row = sheet["models"].get(sheet["aliases"].get(name, name))
            if row is not None:
                return self._built(model.name, provider, row, at, sheet["url"])
        return None

    def models(self, provider: str) -> list[str]:
        """Names of the models a provider sells, in alphabetical order."""
        sheet = self.providers.get(CARDS_OF.get(provider, provider))
        if sheet is None:
            return []
        return [name for name in sheet["models"] if not name.startswith("global.")]

    def _built(self, model: str, provider: str, row: Json, at: float, url: str) -> PriceCard:
        window, periods = row
        period, until = _valid(periods, at)
        absent: list[Json] = [[], None, []]
        start, _, rates, tiers, fast, fast_tiers = period + absent[len(period) - 3 :]
        return PriceCard(
            model=model,
            provider=provider,
            rates=_rates(rates, model, provider),
            tiers=_tiers(tiers, model, provider),
            fast=_rates(fast, model, provider) if fast else None,
            fast_tiers=_tiers(fast_tiers, model, provider),
            context_window_tokens=window or Unknown(f"no context window recorded for {model}"),
            valid_from=start or "",
            valid_until=until,
            origin=self.origin,
            source=f"{self.source}, {url}",
            source_date=self.date,
        )


def _valid(periods: list[Json], at: float) -> tuple[Json, str]:
    """The period in force at a time, and the date from which another one is.

    The last that has begun, and whose hours of the day hold, counts; before all of them the
    first.
    """
    day = datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()
    second = int(at) % 86400
    begun = [
        period
        for period in periods
        if (period[0] or "") <= day and (period[1] is None or _within(second, *period[1]))
    ]
    later = sorted(period[0] for period in periods if period[0] and period[0] > day)
    return (begun or periods)[-1 if begun else 0], later[0] if later else ""


def _within(second: int, start: int, end: int) -> bool:
    """Whether a second of the day lies in hours that may pass midnight."""
    if end < start:
        return second >= start or second < end
    return start <= second < end


def _rates(numbers: list[int | None], model: str, provider: str) -> Rates:
    return Rates(
        *(
            Unknown(f"no {bucket} price for {model} at {provider}") if rate is None else rate
            for bucket, rate in zip(_BUCKETS, numbers, strict=True)
        )
    )


def _tiers(rows: Json, model: str, provider: str) -> tuple[Tier, ...]:
    return tuple(Tier(above, _rates(rates, model, provider)) for above, rates in rows)


def load(path: Path, origin: str) -> Sheets:
    """Read a price table.

    Raises:
        PriceFileError: the file is no price table of a version we can read.
    """
    way_out = "delete it, or run `switchtax prices --refresh` again"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["schema"] != SCHEMA:
            raise PriceFileError(f"{path}: schema {table['schema']}, not {SCHEMA}: {way_out}")
        return Sheets(origin, table["source"], table["date"], table["providers"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PriceFileError(f"{path}: not a price table ({error}): {way_out}") from error


@cache
def shipped() -> Sheets:
    """The table that came with this version, read once."""
    return load(SHIPPED, "shipped")
