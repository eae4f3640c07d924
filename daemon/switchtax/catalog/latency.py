"""What is known of a model's waiting times beforehand: the rows of `data/latency.toml`.

A model of a maker without a row (a local one, say) has no prior: nothing is said of it until
its own calls were seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from switchtax.catalog.names import normalise

__all__ = ["LatencyPrior", "latency_prior"]

DATA = Path(__file__).parent / "data" / "latency.toml"


@dataclass(frozen=True, slots=True)
class LatencyPrior:
    """Seconds to the first sign of an answer: start, and per million or thousand tokens.

    The spreads are standard deviations of the logarithm of the wait. `measured` says
    on what the rates per token were measured, "" where they are another family's.
    """

    prefix: str
    start_s: float
    prefill_s_per_mtok: float
    read_s_per_mtok: float
    generate_s_per_ktok: float
    spread: float
    cold_spread: float
    measured: str
    source: str
    source_date: str


@lru_cache(maxsize=1024)
def latency_prior(model: str) -> LatencyPrior | None:
    """The prior of a model in any spelling, None where its maker has no row.

    >>> latency_prior("claude-opus-4-5-20251101").spread
    0.6
    >>> latency_prior("qwen3-coder:30b") is None
    True
    """
    name = normalise(model).name
    return next((row for row in _rows() if name.startswith(row.prefix)), None)


@cache
def _rows() -> tuple[LatencyPrior, ...]:
    """All rows, longest prefix first."""
    import tomllib  # 4 ms, needed only here

    with DATA.open("rb") as file:
        document = tomllib.load(file)
    rows = []
    for maker in document.values():
        families = maker.pop("families", ())
        rows += [LatencyPrior(**maker), *(LatencyPrior(**maker | row) for row in families)]
    return tuple(sorted(rows, key=lambda row: -len(row.prefix)))
