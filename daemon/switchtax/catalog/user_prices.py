"""The user's own prices: a TOML file that goes before everything else.

::

    [models."claude-opus-5-5"]          # this model, whoever sells it
    input = 4.0                         # USD per million tokens
    output = 20.0
    cache_read = 0.2                    # left out: unknown, never guessed
    cache_write_5m = 5.0
    cache_write_1h = 8.0
    context_window = 1_000_000

    [[models."claude-opus-5-5".tiers]]  # for requests of more tokens than this
    above_tokens = 200_000
    input = 8.0
    output = 30.0

    [models."openrouter/my-model"]      # only where OpenRouter sells it

Numbers are read as decimals and kept as integer micro-dollars per million tokens. A file is
taken whole or not at all: after a mistake the prices read before stay in force.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from switchtax.catalog.cards import MILLION, PriceCard, Rates, Tier
from switchtax.catalog.names import normalise
from switchtax.errors import PriceFileError
from switchtax.records import Unknown

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load"]

RATES = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
MODEL_KEYS = (*RATES, "context_window", "tiers", "fast", "note")
TIER_KEYS = (*RATES, "above_tokens")
_WAY_OUT = "the prices read before stay in force; mend the line or delete it"


class _File:
    """The file being read: knows where a key stands, for messages."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def refuse(self, reason: str, *where: str | int) -> NoReturn:
        """Raise, naming file, line and key; a number is the place in a list."""
        key = ".".join(str(name) for name in where)
        raise PriceFileError(f"{self.path}:{self._line(where)}: {key}: {reason}; {_WAY_OUT}")

    def _line(self, where: tuple[str | int, ...]) -> int:
        """The 1-based line on which the last of the names stands after those before it."""
        line = 0
        name = ""
        for step in where:
            if isinstance(step, str):
                name = step
                line = self._find(name, line)
            else:
                for _ in range(step):
                    line = self._find(name, line + 1)
        return line + 1

    def _find(self, name: str, start: int) -> int:
        word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        for index in range(start, len(self.lines)):
            if word.search(self.lines[index].partition("#")[0]):
                return index
        return start


def load(path: Path) -> dict[tuple[str, str], PriceCard]:
    """Cards by provider ("" where the file names none) and model.

    Raises:
        PriceFileError: the file is no TOML, or a key or value is not as described above.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text, parse_float=Decimal)
        changed = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    except OSError as error:
        raise PriceFileError(f"{path}: cannot be read ({error.strerror}); {_WAY_OUT}") from error
    except ValueError as error:
        raise PriceFileError(f"{path}: not TOML ({error}); {_WAY_OUT}") from error
    file = _File(path, text)
    for key in document:
        if key != "models":
            file.refuse('only [models."name"] tables are known here', key)
    models = document.get("models", {})
    if not isinstance(models, dict):
        file.refuse('expected tables [models."name"]', "models")
    cards = {}
    for spelled, table in models.items():
        card = _card(file, spelled, table, changed.date().isoformat())
        cards[card.provider, card.model] = card
    return cards


def _card(file: _File, spelled: str, table: Any, date: str) -> PriceCard:
    where = ("models", spelled)
    _known(file, where, table, MODEL_KEYS)
    name = normalise(spelled)
    if name.family:
        file.refuse("an alias names no model: write the full name", *where)
    window = table.get("context_window")
    if window is not None and (not isinstance(window, int) or window <= 0):
        file.refuse("expected a whole number of tokens", *where, "context_window")
    tiers = table.get("tiers", [])
    if not isinstance(tiers, list):
        file.refuse("expected a list of tables", *where, "tiers")
    fast = table.get("fast")
    if fast is not None:
        _known(file, (*where, "fast"), fast, RATES)
    return PriceCard(
        model=name.name,
        provider=name.provider,
        rates=_rates(file, where, table),
        tiers=_tiers(file, (*where, "tiers"), tiers),
        fast=None if fast is None else _rates(file, (*where, "fast"), fast),
        context_window_tokens=window or Unknown(f"no context_window for {spelled} in {file.path}"),
        origin="user",
        source=str(file.path),
        source_date=date,
    )


def _tiers(file: _File, where: tuple[str | int, ...], tables: list[Any]) -> tuple[Tier, ...]:
    tiers = []
    for place, table in enumerate(tables):
        here = (*where, place)
        _known(file, here, table, TIER_KEYS)
        above = table.get("above_tokens")
        if not isinstance(above, int) or above <= 0:
            file.refuse("expected above_tokens, a whole number of tokens", *here)
        tiers.append(Tier(above, _rates(file, here, table)))
    return tuple(sorted(tiers, key=lambda tier: tier.above_tokens))


def _known(file: _File, where: tuple[str | int, ...], table: Any, keys: tuple[str, ...]) -> None:
    """Refuse what is no table, unknown keys, and a table without the two prices all need."""
    if not isinstance(table, dict):
        file.refuse("expected a table", *where)
    for key in table:
        if key not in keys:
            file.refuse(f"unknown key (known: {', '.join(keys)})", *where, key)
    for key in ("input", "output"):
        if key not in table:
            file.refuse(f"{key} is missing", *where)


def _rates(file: _File, where: tuple[str | int, ...], table: dict[str, Any]) -> Rates:
    found: list[int | Unknown] = []
    for key in RATES:
        price = table.get(key)
        if price is None:
            found.append(Unknown(f"no {key} for {where[1]} in {file.path}"))
            continue
        if (
            isinstance(price, bool)
            or not isinstance(price, int | Decimal)
            or not 0 <= price < 10**6
        ):
            file.refuse("expected USD per million tokens, such as 3.0", *where, key)
        micros = Decimal(price) * MILLION
        if micros != int(micros):
            file.refuse("more than six decimals", *where, key)
        found.append(int(micros))
    return Rates(*found)
