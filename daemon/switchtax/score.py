"""Scores of a replay: errors, coverage, confusion of states, and what a plain rule would reach.

The plain rule: the prefix is as long as the last request, warm inside its lifetime and gone
after it; the next request adds what requests of this session usually added.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.estimates.outlook import Moment
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from switchtax.backtest import Prediction, Replay

__all__ = ["MomentScore", "Score", "score"]

SMALLEST_CONTEXT = 5_000
"""Tokens: below this a cache state says nothing."""


@dataclass(frozen=True, slots=True)
class MomentScore:
    """Relative errors of the input cost at one moment, and how honest its intervals were.

    `width` is the mean width of the 80 % interval over what was observed. The plain rule's
    interval is its own residual quantiles, known afterwards: the best it could have promised.
    """

    calls: int = 0
    error_median: float | None = None
    error_p90: float | None = None
    coverage: float | None = None
    width: float | None = None
    plain_median: float | None = None
    plain_p90: float | None = None
    plain_width: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """All scores of a replay; `states` is foretold by seen, `misses` counts by sign."""

    states: dict[str, dict[str, int]] = field(default_factory=dict)
    at_choice: MomentScore = MomentScore()
    at_send: MomentScore = MomentScore()
    by_agent: dict[str, tuple[MomentScore, MomentScore]] = field(default_factory=dict)
    rebuilds: int = 0
    rebuild_median: float | None = None
    rebuild_p90: float | None = None
    misses: dict[str, int] = field(default_factory=dict)


def score(result: Replay) -> Score:
    """Score a replay. Switches and calls right after a compaction are listed, not averaged."""
    same = [p for p in result.predictions if p.kind in ("stay", "cold")]
    agents: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in same:
        agents[prediction.agent].append(prediction)
    cold = [
        p
        for p in same
        if p.observed_state != "warm"
        and p.send.outlook.state != "warm"
        and p.usage.cache_write_tokens > 0
        and p.previous_tokens > SMALLEST_CONTEXT
    ]
    written = sorted(
        abs(p.send.outlook.written_tokens.mid - p.usage.cache_write_tokens)
        / p.usage.cache_write_tokens
        for p in cold
    )
    return Score(
        states=_states(same),
        at_choice=_moment(same, Moment.AT_CHOICE),
        at_send=_moment(same, Moment.AT_SEND),
        by_agent={
            agent: (_moment(mine, Moment.AT_CHOICE), _moment(mine, Moment.AT_SEND))
            for agent, mine in agents.items()
        },
        rebuilds=len(written),
        rebuild_median=quantile(written, 0.5),
        rebuild_p90=quantile(written, 0.9),
        misses=_misses(same),
    )


def _states(same: Iterable[Prediction]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for p in same:
        if p.previous_tokens > SMALLEST_CONTEXT:
            table[str(p.send.outlook.state)][str(p.observed_state)] += 1
    return {foretold: dict(seen) for foretold, seen in sorted(table.items())}


def _misses(same: Iterable[Prediction]) -> dict[str, int]:
    """Requests foretold warm that were not, by what the log shows."""
    found: Counter[str] = Counter()
    for p in same:
        if p.previous_tokens > SMALLEST_CONTEXT and p.send.outlook.state == "warm":
            if p.observed_state == "warm":
                found["none: read as foretold"] += 1
            elif p.usage.sent_tokens < 0.97 * p.previous_tokens:
                found["history rewritten by the agent"] += 1
            else:
                found["unexplained"] += 1
    return dict(found)


def _moment(same: Sequence[Prediction], moment: Moment) -> MomentScore:
    errors: list[float] = []
    widths: list[float] = []
    plain: list[float] = []
    inside = 0
    usual = _Usual()
    for p in same:
        cost, seen = p.seen(moment).cost, p.observed_cost
        if isinstance(cost, Unknown) or isinstance(seen, Unknown) or not seen:
            continue
        errors.append(abs(cost.mid - seen) / seen)
        widths.append((cost.high - cost.low) / seen)
        inside += round(cost.low) <= seen <= round(cost.high)
        plain.append((usual.cost(p, cost.mid) - seen) / seen)
    if not errors:
        return MomentScore()
    errors.sort()
    signed = sorted(plain)
    absolute = sorted(abs(value) for value in plain)
    low, high = quantile(signed, 0.1), quantile(signed, 0.9)
    return MomentScore(
        calls=len(errors),
        error_median=quantile(errors, 0.5),
        error_p90=quantile(errors, 0.9),
        coverage=inside / len(errors),
        width=sum(widths) / len(widths),
        plain_median=quantile(absolute, 0.5),
        plain_p90=quantile(absolute, 0.9),
        plain_width=None if low is None or high is None else high - low,
    )


class _Usual:
    """The plain rule, in the session's own prices."""

    def __init__(self) -> None:
        self.grown: dict[str, list[int]] = defaultdict(list)

    def cost(self, p: Prediction, ours: float) -> float:
        """What the plain rule would have said, in micro-dollars."""
        history = self.grown[p.session]
        middle = sorted(history)[len(history) // 2] if history else 800
        history.append(max(0, p.usage.sent_tokens - p.previous_tokens))
        rates = p.plain_rates
        if rates is None:
            return ours
        read, write = rates
        held = p.previous_tokens if p.kind == "stay" else 0
        return (held * read + (p.previous_tokens + middle - held) * write) / 1e6


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """A quantile of sorted numbers, interpolated; None of none.

    >>> quantile([1.0, 2.0, 3.0], 0.5), quantile([], 0.5)
    (2.0, None)
    """
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
