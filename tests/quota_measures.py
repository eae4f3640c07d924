"""How often the next observed percentage of a plan lay where it was foretold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from making import BOOK
from switchtax.catalog.names import seller_for
from switchtax.estimates.quota import Pair, learn, pairs_of, spent_of, used_of
from switchtax.records import Call, RateLimits
from switchtax.sessions import library

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.estimates.quota import Spent, Used

__all__ = ["Held", "coverage", "pairs_in"]


@dataclass(frozen=True, slots=True)
class Held:
    """Pairs foretold, those inside, and pairs in all."""

    foretold: int
    inside: int
    pairs: int


def pairs_in(folder: Path) -> list[list[Pair]]:
    """The pairs of each account, told apart by the plan and the end of its week."""
    used: defaultdict[object, list[Used]] = defaultdict(list)
    spent: defaultdict[object, list[Spent]] = defaultdict(list)
    for path in sorted(folder.rglob("*.jsonl")):
        records = library.read_all(library.sources_at(path)[0])
        limits = [r for r in records if isinstance(r, RateLimits) and r.used_percent]
        if not limits:
            continue
        account = (limits[0].plan, dict(limits[0].resets_at).get("seven_day"))
        for record in records:
            if isinstance(record, RateLimits):
                used[account] += used_of(record)
            elif isinstance(record, Call):
                seller = seller_for(record.provider, record.model)
                spent[account].append(spent_of(record, BOOK, seller))
    return [pairs_of(used[account], spent[account]) for account in used]


def coverage(accounts: list[list[Pair]], *, from_others: bool = False) -> Held:
    """Each pair is foretold from those before it, or from all others of its account.

    Whole percentages leave half a point at either end.
    """
    foretold = inside = 0
    for pairs in accounts:
        for number, pair in enumerate(pairs):
            later = pairs[number + 1 :] if from_others else []
            for rate in learn([*pairs[:number], *later]):
                if rate.window != pair.window or not pair.models <= rate.models:
                    continue
                usd = pair.usd_micros / 1e6
                low, high = (
                    end * usd for end in (rate.percent_per_usd.low, rate.percent_per_usd.high)
                )
                foretold += 1
                inside += low - 0.5 <= pair.rise_percent <= high + 0.5
    return Held(foretold, inside, sum(map(len, accounts)))
