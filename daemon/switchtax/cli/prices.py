"""`switchtax prices`: what a model's tokens cost, and how its cache behaves, with sources."""

from __future__ import annotations

import datetime
import sys
import textwrap
from typing import TYPE_CHECKING

from switchtax.catalog.book import PriceBook, open_book
from switchtax.catalog.cards import CacheKind
from switchtax.catalog.names import display_name, normalise
from switchtax.catalog.places import refreshed_file
from switchtax.cli.common import emit_json, parse_time
from switchtax.errors import UsageError
from switchtax.records import Unknown
from switchtax.sessions.targets import bare

if TYPE_CHECKING:
    import argparse

    from switchtax.catalog.cards import CacheRules, PriceCard, Rates, Tier

__all__ = ["add_arguments", "run"]

DATA_INCOMPLETE = 4

CURRENT = (
    *("fable", "opus", "sonnet", "haiku"),
    *("astra", "sol", "terra", "luna", "codex"),
    *("gemini", "flash", "flash-lite"),
    *("grok", "kimi", "glm"),
)
"""Families whose newest model the table shows."""

RATES = (
    ("input", "input"),
    ("output", "output"),
    ("cache_read", "cache read"),
    ("cache_write_5m", "cache write, 5 min"),
    ("cache_write_1h", "cache write, 1 hour"),
)
WIDTH = 80
WAY_OUT = (
    "Name it as your agent does, or give its prices in your own file "
    "(SWITCHTAX_PRICES, see docs/reference/prices.md)."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `switchtax prices`."""
    parser.add_argument("model", nargs="?", metavar="MODEL", help="an id, a display name or alias")
    parser.add_argument("--at", metavar="TIME", help="prices at a date (ISO) or epoch second")
    parser.add_argument("--json", action="store_true", help="print JSON (docs/reference)")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="rebuild the price table from your installed genai-prices package",
    )
    parser.add_argument(
        "--online",
        action="store_true",
        help="with --refresh: let that package fetch its newest table",
    )


def run(args: argparse.Namespace) -> int:
    """Print prices; exit code 4 where the model has none.

    Raises:
        SwitchtaxError: a price file is broken, a time cannot be read, or a refresh failed.
    """
    if args.online and not args.refresh:
        raise UsageError("--online says how to refresh: add --refresh")
    if args.refresh:
        _refresh(online=args.online)
    book = open_book()
    at = parse_time(args.at) if args.at else None
    if args.model:
        return _one(book, args.model, at, as_json=args.json)
    names = _current(book)
    if args.json:
        _emit(book, at, [_model(book, name, at) for name in names])
    else:
        print(_table(book, names, at))
    return 0


def _refresh(*, online: bool) -> None:
    from switchtax.catalog.refresh import refresh  # only here: it may import a slow package

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    target = refreshed_file()
    table = refresh(target, date=today, online=online)
    print(f"prices refreshed from {table.source}: {target}", file=sys.stderr)


def _current(book: PriceBook) -> list[str]:
    """The newest model of each family, then what the user's own file names."""
    targets = [book.resolve_target(family) for family in CURRENT]
    names = [target.name.name for target in targets if not isinstance(target, Unknown)]
    return names + [name for name in book.own_models() if name not in names]


def _one(book: PriceBook, spelled: str, at: float | None, *, as_json: bool) -> int:
    target = book.resolve_target(spelled)
    if isinstance(target, Unknown):
        raise UsageError(f"{spelled}: {target.reason}")
    plain = bare(spelled)
    if plain != spelled and isinstance(book.card(target.name.name, at), Unknown):
        return _one(book, plain, at, as_json=as_json)  # settings in a name of Cursor's picker
    name, seller = target.name.name, target.name.provider
    model = f"global.{name}" if target.name.route == "global" else name
    card = book.card(model, at, seller)
    if as_json:
        _emit(book, at, [_model(book, model, at, seller)], target.how)
    elif isinstance(card, Unknown):
        print(_wrapped(f"{card.reason}: unknown, not $0. {WAY_OUT}"))
    else:
        print(_details(card, book.rules(name, seller), target.how))
    return DATA_INCOMPLETE if isinstance(card, Unknown) else 0


def _details(card: PriceCard, rules: CacheRules, how: str) -> str:
    columns: list[tuple[str, Rates]] = [("standard", card.rates), *_tier_columns("", card.tiers)]
    if card.fast is not None:
        columns += [("fast", card.fast), *_tier_columns("fast ", card.fast_tiers)]
    lines = [f"{display_name(card.model)} ({card.model}) at {card.provider}"]
    if "taken as" in how:
        lines.append(_wrapped(how))
    lines.append(f"\n  {'USD per million tokens':24}" + "".join(f"{n:>13}" for n, _ in columns))
    for field, label in RATES:
        numbers = "".join(f"{_usd(getattr(rates, field)):>13}" for _, rates in columns)
        lines.append(f"  {label:24}{numbers}")
    lines.append(f"\n  {'context window':24}{_tokens(card.context_window_tokens)}")
    if card.valid_from or card.valid_until:
        since = f"from {card.valid_from}" if card.valid_from else ""
        until = f"until {card.valid_until}" if card.valid_until else ""
        lines.append(f"  {'these prices hold':24}{f'{since} {until}'.strip()}")
    lines.append(_field("prompt cache", cache_words(rules)))
    unknown = {rate.reason for _, rates in columns for rate in _unknowns(rates)}
    lines += [_field("unknown", reason) for reason in sorted(unknown)]
    lines.append(f"\n  prices: {card.origin}, {card.source_date}")
    lines += [f"    {part}" for part in card.source.split(", ")]
    if rules.source:
        lines.append(f"  cache rule: {rules.source_date}\n    {rules.source}")
    return "\n".join(lines)


def _tier_columns(prefix: str, tiers: tuple[Tier, ...]) -> list[tuple[str, Rates]]:
    return [(f"{prefix}>{_short(tier.above_tokens)}", tier.rates) for tier in tiers]


def _short(tokens: int) -> str:
    return f"{round(tokens / 1000)}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.3g}M"


def _unknowns(rates: Rates) -> list[Unknown]:
    found = [getattr(rates, field) for field, _ in RATES]
    return [rate for rate in found if isinstance(rate, Unknown)]


def _table(book: PriceBook, names: list[str], at: float | None) -> str:
    lines = [
        f"{'USD per million tokens':22}{'':8}{'':8}{'cache':>8}{'write':>9}{'write':>9}{'':>8}",
        f"{'model':22}{'input':>8}{'output':>8}{'read':>8}{'5 min':>9}{'1 hour':>9}{'window':>8}",
    ]
    found = [(name, book.card(name, at)) for name in names]
    for name, card in ((name, card) for name, card in found if not isinstance(card, Unknown)):
        widths = (8, 8, 8, 9, 9)
        numbers = "".join(
            f"{_usd(getattr(card.rates, field)):>{width}}"
            for (field, _), width in zip(RATES, widths, strict=True)
        )
        window = card.context_window_tokens
        shown = "?" if isinstance(window, Unknown) else _short(window)
        more = f" >{_short(card.tiers[0].above_tokens)}" if card.tiers else ""
        lines.append(f"{display_name(name)[:21]:22}{numbers}{shown:>8}{more}")
    lines.append("")
    lines.append(_wrapped("? unknown; >272k: dearer for requests above that, see `prices MODEL`."))
    lines.append(_wrapped(f"The newest model of each family. Prices: {book.version}."))
    return "\n".join(line.rstrip() for line in lines)


def _usd(rate: int | Unknown) -> str:
    """Dollars with as many decimals as the rate has, at least two."""
    if isinstance(rate, Unknown):
        return "?"
    whole, _, decimals = f"{rate / 1_000_000:.6f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def _tokens(count: int | Unknown) -> str:
    return f"unknown: {count.reason}" if isinstance(count, Unknown) else f"{count:,} tokens"


def _field(label: str, text: str) -> str:
    start = f"  {label:24}"
    wrapped = textwrap.wrap(text, WIDTH - 26, break_on_hyphens=False, break_long_words=False)
    return start + ("\n" + " " * 26).join(wrapped)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False)


def cache_words(rules: CacheRules) -> str:
    """A cache rule as a sentence or two."""
    if rules.kind is CacheKind.UNKNOWN:
        return f"how {rules.provider or 'this provider'} caches prompts is not recorded."
    if rules.kind is CacheKind.NONE:
        return "none."
    again = ", again after each use" if rules.refreshed_by_use else ""
    if rules.ttl_s is None:
        kept = "kept for as long as the provider likes; no time is stated"
    elif rules.kind is CacheKind.EXPLICIT:
        kept = f"kept for {_duration(rules.ttl_s)}{again} (longer where the agent asks)"
    else:
        kept = f"kept for about {_duration(rules.ttl_s)}{again}; no hit is promised"
    parts = [kept]
    if rules.minimum_tokens:
        parts.append(f"from {rules.minimum_tokens:,} tokens on")
    if rules.writes_billed:
        parts.append("writing has its own price")
    changes = ", ".join(rules.breaks_on[:-1]) + f" or {rules.breaks_on[-1]}"
    return "; ".join(parts) + f". Lost by a change of {changes}."


def _duration(seconds: int) -> str:
    return f"{seconds // 60} minutes"


def _emit(book: PriceBook, at: float | None, models: list[object], how: str = "") -> None:
    payload: dict[str, object] = {
        "table": book.version,
        "at": {"unknown": "no time given: prices of now"} if at is None else at,
        "unit": "micro-dollars per million tokens",
        "models": models,
    }
    emit_json("prices", payload | ({"target": how} if how else {}))


def _model(book: PriceBook, model: str, at: float | None, provider: str = "") -> object:
    name = normalise(model, provider)
    card = book.card(model, at, provider)
    shown: dict[str, object] = {
        "model": name.name,
        "display_name": display_name(name.name),
        "provider": name.seller,
    }
    if isinstance(card, Unknown):
        shown["rates"] = {"unknown": card.reason}
    else:
        shown |= _card(card)
    shown["cache"] = _rules(book.rules(model, provider))
    return shown


def _card(card: PriceCard) -> dict[str, object]:
    fast: object = {"unknown": f"no fast-mode price for {card.model} at {card.provider}"}
    if card.fast is not None:
        fast = {"rates": _rates(card.fast), "tiers": _tiers(card.fast_tiers)}
    return {
        "rates": _rates(card.rates),
        "tiers": _tiers(card.tiers),
        "fast": fast,
        "context_window_tokens": _number(card.context_window_tokens),
        "valid_from": card.valid_from or {"unknown": "no start recorded"},
        "valid_until": card.valid_until or {"unknown": "no end announced"},
        "origin": card.origin,
        "source": card.source,
        "source_date": card.source_date,
    }


def _rates(rates: Rates) -> dict[str, object]:
    return {field: _number(getattr(rates, field)) for field, _ in RATES}


def _tiers(tiers: tuple[Tier, ...]) -> list[object]:
    return [{"above_tokens": tier.above_tokens, "rates": _rates(tier.rates)} for tier in tiers]


def _number(value: int | Unknown) -> object:
    return {"unknown": value.reason} if isinstance(value, Unknown) else value


def _rules(rules: CacheRules) -> dict[str, object]:
    lifetime: object = rules.ttl_s
    if rules.ttl_s is None:
        lifetime = {"unknown": "no lifetime stated"}
    return {
        "kind": rules.kind.value,
        "ttl_s": lifetime,
        "refreshed_by_use": rules.refreshed_by_use,
        "minimum_tokens": rules.minimum_tokens,
        "block_tokens": rules.block_tokens,
        "lookback_blocks": rules.lookback_blocks,
        "writes_billed": rules.writes_billed,
        "breaks_on": list(rules.breaks_on),
        "source": rules.source,
        "source_date": rules.source_date,
    }
