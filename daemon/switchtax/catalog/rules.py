"""How prompt caches behave: the rows of `data/cache_rules.toml`, found by provider and model."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from switchtax.catalog.cards import CacheKind, CacheRules

__all__ = ["find", "rows"]

DATA = Path(__file__).parent / "data" / "cache_rules.toml"


@lru_cache(maxsize=1024)
def find(model: str, provider: str) -> CacheRules:
    """The rules of a normalised model at a provider: the longest matching prefix.

    A provider without a row behaves in a way we do not know; its kind is UNKNOWN.
    """
    found = None
    for row in rows().get(provider, ()):
        if model.startswith(row.model_prefix) and (
            found is None or len(row.model_prefix) > len(found.model_prefix)
        ):
            found = row
    return found or _unknown(provider)


def _unknown(provider: str) -> CacheRules:
    return CacheRules(
        provider=provider,
        model_prefix="",
        kind=CacheKind.UNKNOWN,
        ttl_s=None,
        refreshed_by_use=False,
        minimum_tokens=0,
        block_tokens=1,
        lookback_blocks=0,
        writes_billed=False,
        breaks_on=("model", "tools", "system"),
        source="",
        source_date="",
    )


@cache
def rows() -> dict[str, tuple[CacheRules, ...]]:
    """All rows by provider, read once.

    In the file a row takes what it does not say from its provider's `defaults`.
    """
    import tomllib  # 4 ms, needed only here

    with DATA.open("rb") as file:
        document = tomllib.load(file)
    found = {}
    for provider, table in document.items():
        defaults = table["defaults"]
        found[provider] = tuple(
            _row(provider, defaults | row)
            for row in ({"model_prefix": ""}, *table.get("models", ()))
        )
    return found


def _row(provider: str, values: dict[str, object]) -> CacheRules:
    ttl = values.get("ttl_s")
    return CacheRules(
        provider=provider,
        model_prefix=str(values["model_prefix"]),
        kind=CacheKind(str(values["kind"])),
        ttl_s=ttl if isinstance(ttl, int) else None,
        refreshed_by_use=bool(values["refreshed_by_use"]),
        minimum_tokens=_count(values["minimum_tokens"]),
        block_tokens=_count(values["block_tokens"]),
        lookback_blocks=_count(values["lookback_blocks"]),
        writes_billed=bool(values["writes_billed"]),
        breaks_on=tuple(str(cause) for cause in _list(values["breaks_on"])),
        source=str(values["source"]),
        source_date=str(values["source_date"]),
    )


def _count(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not a number: {value!r}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return value
