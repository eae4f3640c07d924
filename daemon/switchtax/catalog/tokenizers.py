"""How many tokens of one model the tokens of another become.

Models of one tokenizer family count alike (ratio 1); between families the same text has more or
fewer tokens. Published figures stand in `data/tokenizers.toml`; what is not published has a wide
interval until the ledger has learnt it from real switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from switchtax.catalog.names import normalise

__all__ = ["Ratio", "family", "token_ratio"]

DATA = Path(__file__).parent / "data" / "tokenizers.toml"

Ratio = tuple[float, float, float]
"""Low, mid and high of tokens(to) / tokens(from) for the same text."""

SAME: Ratio = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Table:
    families: tuple[tuple[str, str], ...]
    """Prefix and family, longest prefix first."""
    ratios: dict[tuple[str, str], Ratio]
    unlisted: Ratio


@cache
def _table() -> _Table:
    import tomllib  # 4 ms, needed only here

    with DATA.open("rb") as file:
        document = tomllib.load(file)
    families = [
        (prefix, name) for name, row in document["families"].items() for prefix in row["prefixes"]
    ]
    ratios: dict[tuple[str, str], Ratio] = {}
    for row in document["ratios"]:
        low, mid, high = row["ratio"]
        ratios[row["from"], row["to"]] = (low, mid, high)
        ratios[row["to"], row["from"]] = (1 / high, 1 / mid, 1 / low)
    low, mid, high = document["unlisted"]["ratio"]
    families.sort(key=lambda entry: -len(entry[0]))
    return _Table(tuple(families), ratios, (low, mid, high))


def family(model: str) -> str:
    """The tokenizer family of a model, "" where none is recorded."""
    name = normalise(model).name
    for prefix, found in _table().families:
        if name.startswith(prefix):
            return found
    return ""


@lru_cache(maxsize=4096)
def token_ratio(from_model: str, to_model: str) -> Ratio:
    """Tokens that one token of `from_model` becomes on `to_model`: (low, mid, high).

    >>> token_ratio("claude-opus-5-5", "claude-sonnet-5-5")
    (1.0, 1.0, 1.0)
    """
    if normalise(from_model).name == normalise(to_model).name:
        return SAME
    source, target = family(from_model), family(to_model)
    if source and source == target:
        return SAME
    table = _table()
    return table.ratios.get((source, target), table.unlisted)
