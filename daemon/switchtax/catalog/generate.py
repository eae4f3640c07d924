"""Writes the shipped price table from the genai-prices package (developer time only).

::

    python -m switchtax.catalog.generate [FILE]

The package takes a quarter of a second and 35 MB to import, so its prices of the providers a
coding agent can use are baked into a small JSON file that loads in milliseconds; nothing else
imports it. `switchtax prices --refresh` calls `table` with the user's own copy of the package.

The file, all money in integer micro-dollars per million tokens::

    {"schema": "switchtax.price-table/1", "source": "genai-prices 0.2.3", "date": "2026-11-21",
     "providers": {"anthropic": {"url": ..., "aliases": {alias: model}, "models": {
        "claude-opus-5-5": [window or null, [period, ...]]}}}}

A period is `[from date or null, [start, end] seconds of the day or null, rates, tiers, fast,
fast tiers]`; rates are `[input, output, read, write 5m, write 1h]` with null where no source
says, tiers `[[above_tokens, rates], ...]`. Of the periods the last that is active counts.

**Source:** https://github.com/pydantic/genai-prices (MIT), which names each provider's page.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.catalog.cards import MILLION
from switchtax.catalog.names import normalise
from switchtax.catalog.sheets import SCHEMA, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["main", "render", "table"]

PROVIDERS = {
    "anthropic": "anthropic",
    "aws": "aws-bedrock",
    "azure": "azure",
    "cursor": "cursor",
    "deepseek": "deepseek",
    "github-copilot": "github-copilot",
    "google": "google",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "openrouter": "openrouter",
    "x-ai": "x-ai",
    "zai": "zai",
    "zhipuai": "zhipuai",
}
"""The package's providers that a coding agent can use, to our names of them."""

NOT_FOR_CODING = re.compile(
    r"embed|image|tts|audio|realtime|whisper|transcri|-live|live-|voice|voxtral|-ocr|ocr-"
    r"|moderation|nano-banana|omni|robotics|:batch$|^~|titan|sonic|rosalind|davinci|curie|babbage"
    r"|^ft:|^ada$|^text-"
)
FIELDS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
FAST = ({"speed": "fast"}, {"service_tier": "fast"}, {"service_tier": "priority"})
"""Request contexts that agents call fast mode, in the order they are looked for."""

LITERALS = ("equals", "starts_with", "ends_with", "contains")

Json = Any
"""Values as the JSON file holds them."""


def table(providers: Iterable[Any], *, version: str, date: str) -> dict[str, Json]:
    """The price table made of the package's providers.

    Args:
        providers: `genai_prices.types.Provider` objects.
        version: of the package, shown to people as the source.
        date: when the table was made, ISO.
    """
    found = {}
    for provider in providers:
        name = PROVIDERS.get(provider.id)
        if name:
            found[name] = _provider(provider, name)
    return {
        "schema": SCHEMA,
        "source": f"genai-prices {version}",
        "date": date,
        "providers": dict(sorted(found.items())),
    }


def _provider(provider: Any, name: str) -> dict[str, Json]:
    models: dict[str, Json] = {}
    aliases: dict[str, str] = {}
    # OpenRouter lists some models twice, with and without a vendor: the fuller row counts,
    # of equally full ones that with a vendor.
    for model in sorted(provider.models, key=lambda row: "/" not in row.id):
        if NOT_FOR_CODING.search(model.id.lower()):
            continue
        key = _key(model.id, name)
        periods = _periods(model, key)
        if periods:
            row = [model.context_window, periods]
            if key not in models or _prices(row) > _prices(models[key]):
                models[key] = row
            if name != "aws-bedrock":
                for literal in _literals(model.match):
                    aliases.setdefault(_key(literal, name), key)
    return {
        "url": provider.pricing_urls[0],
        "aliases": {a: key for a, key in sorted(aliases.items()) if a not in models},
        "models": dict(sorted(models.items())),
    }


def _prices(row: Json) -> int:
    """How many rates a row's newest period has."""
    return sum(rate is not None for rate in row[1][-1][2])


def _key(spelled: str, provider: str) -> str:
    """The name under which the book looks a model up: dated where the row is dated."""
    name = normalise(spelled, provider)
    key = name.name if name.name.startswith("claude-") else name.dated or name.name
    return f"global.{key}" if name.route == "global" else key


def _literals(clause: Any) -> Iterator[str]:
    """Names that a match clause spells out; patterns and half names are left out."""
    for part in getattr(clause, "or_", [clause]):
        for kind in LITERALS:
            literal = getattr(part, kind, "")
            if literal and not re.search(r"[-.]$|-20\d\d$|^/|^ft:|^text-|[*?]", literal):
                yield literal


def _periods(model: Any, key: str) -> list[Json]:
    """One entry per time at which other prices hold."""
    prices = model.prices if isinstance(model.prices, list) else [model]
    periods = []
    for entry in prices:
        constraint = getattr(entry, "constraint", None)
        rates, tiers = _rates(entry.prices, key)
        if rates[0] is None or rates[1] is None:
            continue
        fast, fast_tiers = _fast(model, entry.prices, key)
        period = [_start(constraint), _hours(constraint), rates, tiers, fast, fast_tiers]
        while period[-1] in (None, []):
            period.pop()
        periods.append(period)
    return periods


def _start(constraint: Any) -> str | None:
    date = getattr(constraint, "start_date", None)
    return date.isoformat() if date else None


def _hours(constraint: Any) -> list[int] | None:
    """Daily times of a price, as seconds of the UTC day."""
    if not hasattr(constraint, "start_time"):
        return None
    seconds = []
    for time in (constraint.start_time, constraint.end_time):
        offset = time.utcoffset()
        shift = int(offset.total_seconds()) if offset else 0
        seconds.append((time.hour * 3600 + time.minute * 60 + time.second - shift) % 86400)
    return seconds


def _fast(model: Any, standard: Any, key: str) -> tuple[list[Json] | None, list[Json]]:
    """Rates of fast mode: those the variant names, the standard ones elsewhere."""
    for when in FAST:
        for variant in model.price_variants or ():
            if variant.when == when:
                merged = type(standard)(**{**standard.__dict__, **_named(variant.prices)})
                return _rates(merged, key)
    return None, []


def _named(prices: Any) -> dict[str, Any]:
    return {field: price for field, price in prices.__dict__.items() if price is not None}


def _rates(prices: Any, key: str) -> tuple[list[Json], list[Json]]:
    """Rates below every threshold, and those above each, in micro-dollars per million."""
    by_field = [getattr(prices, field, None) for field in FIELDS]
    starts = sorted({t.start for price in by_field for t in getattr(price, "tiers", ())})
    base = _no_write_fee([_at(price, 0) for price in by_field], key)
    tiers = [
        [start, _no_write_fee([_at(price, start + 1) for price in by_field], key)]
        for start in starts
    ]
    return base, tiers


def _at(price: Any, sent_tokens: int) -> int | None:
    """A price for a request of that size, as integer micro-dollars per million tokens."""
    if price is None:
        return None
    chosen = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if sent_tokens > tier.start:
            chosen = tier.price
    return int((Decimal(chosen) * MILLION).to_integral_value())


def _no_write_fee(rates: list[int | None], key: str) -> list[Json]:
    """Who lists no write price bills written tokens as input; Claude's writes always have one."""
    if rates[3] is None and rates[4] is None and "claude" not in key:
        rates[3] = rates[4] = rates[0]
    return rates


def render(made: dict[str, Json]) -> str:
    """The table as text, one model a line, so that a change of price is one line of a diff."""
    lines = [f'{{"schema":{json.dumps(made["schema"])},"source":{json.dumps(made["source"])},']
    lines.append(f'"date":{json.dumps(made["date"])},"providers":{{')
    blocks = []
    for name, provider in made["providers"].items():
        head = f'{json.dumps(name)}:{{"url":{json.dumps(provider["url"])},'
        aliases = json.dumps(provider["aliases"], separators=(",", ":"))
        rows = [
            f"{json.dumps(model)}:{json.dumps(row, separators=(',', ':'))}"
            for model, row in provider["models"].items()
        ]
        blocks.append(head + f'"aliases":{aliases},"models":{{\n' + ",\n".join(rows) + "}}")
    return "\n".join(lines) + "\n" + ",\n".join(blocks) + "}}\n"


def main(arguments: list[str], *, date: str = "") -> None:
    """Write the table of the installed package to FILE, or over the shipped one.

    Args:
        arguments: FILE, or nothing.
        date: ISO, in place of today's.
    """
    from genai_prices.data import providers  # developer-time dependency, slow to import

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    made = table(providers, version=metadata.version("genai-prices"), date=date or today)
    target = Path(arguments[0]) if arguments else SHIPPED
    target.write_text(render(made), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
