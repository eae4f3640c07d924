"""How long a way through a fresh context makes its user wait, beside staying.

What is requested until the first word of what was wanted is an errand: the current model may
have to write something first (a summary, what a sub-agent is told), then the other model reads
a short context. Staying's own first call and the writing model's read the same cache, so that
they cancel out; a new session has no such call, and staying's wait is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.advice.kinds import WayKind
from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.latency import work_of
from switchtax.estimates.latency_fit import Work
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.advice.plans import Models, Scene
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.inputs import Side
    from switchtax.estimates.latency import Wait
    from switchtax.estimates.latency_book import LatencyBook

__all__ = ["Errand", "Errands", "errand_of", "later_s"]

Works = tuple[tuple[float, Work], ...]
_UNCHANGED = frozenset({WayKind.STAY, WayKind.CHORES})
"""Ways whose next answer comes as it would without them."""


@dataclass(frozen=True, slots=True)
class Errand:
    """The requests until the first word: what `writer` writes, then `model` on `work`.

    `writer` "" means that nothing is written first; staying's own request, `stay`, falls away
    then.
    """

    agent: str
    model: str
    work: Work
    stay: tuple[str, Works]
    writer: str = ""
    written_tokens: Interval = NOTHING


Errands = Mapping[WayKind, Errand | Unknown | None]
"""By way; None for ways without a fresh context."""


def errand_of(
    found: Answer, kind: WayKind, models: Models, scene: Scene
) -> Errand | Unknown | None:
    """What a way requests until its first word; None for ways without a fresh context.

    Args:
        found: the answer for the other model.
        kind: the way.
        models: who takes part.
        scene: where the session stands, and what goes to a fresh context.
    """
    agent, own = found.session.agent, found.session.model
    stay = own, tuple(work_of(found.stay.outlook))
    if kind is WayKind.NEW_SESSION:
        work = _work(models.fresh, scene.start.mid + scene.brief.mid)
        return work if isinstance(work, Unknown) else Errand(agent, found.model, work, stay)
    if kind is WayKind.SUB_AGENT:
        work, written = _work(models.fresh, scene.sub_start.mid + scene.order.mid), scene.order
    elif kind is WayKind.COMPACT_FIRST and models.compacted and models.compacted.compaction:
        first = models.compacted.compaction
        work = _work(models.compacted, first.context_after_tokens.mid, own_tokens=True)
        written = first.summary_tokens
    else:
        return None
    if isinstance(work, Unknown):
        return work
    return Errand(agent, found.model, work, stay, own, written)


def _work(side: Side, tokens: float, *, own_tokens: bool = False) -> Work | Unknown:
    """A short context on its first request: the shared start may be read from the cache."""
    alive, ratio = side.alive_tokens, side.token_ratio
    if isinstance(alive, Unknown):
        return alive
    if isinstance(ratio, Unknown):
        return ratio
    sent = tokens if own_tokens else tokens * ratio.mid
    read = min(alive.mid, sent)
    return Work(sent - read, read)


def later_s(
    kind: WayKind, wait: Wait | Unknown, errand: Errand | Unknown | None, book: LatencyBook
) -> Interval | Unknown:
    """How much later the first word comes than when staying, in seconds.

    Args:
        kind: the way.
        wait: of the switch; ways that carry everything over wait as it does.
        errand: of ways through a fresh context.
        book: what was learnt of waits.
    """
    if kind in _UNCHANGED:
        return exactly(0)
    if isinstance(wait, Unknown):
        return wait
    if isinstance(errand, Unknown):
        return errand
    if errand is None:
        return _beside(wait.extra_p50_s, wait.extra_p90_s)
    cases = [(1.0, errand.work)]
    then = book.expected(errand.agent, errand.model, cases, prompted=True)
    if isinstance(then, Unknown):
        return then
    if not errand.writer:
        pair = errand.stay[0], errand.model
        return _beside(
            *book.extra_s(errand.agent, pair, (list(errand.stay[1]), cases), prompted=True)
        )
    rate, much = book.generate_s(errand.agent, errand.writer), errand.written_tokens
    return Interval(
        rate * much.low / 1000 + then.low_s,
        rate * much.mid / 1000 + then.mid_s,
        rate * much.high / 1000 + then.high_s,
    )


def _beside(mid: float, high: float) -> Interval:
    """From the middle and nine of ten to a range around the middle; both may be below zero."""
    low = 2 * mid - high
    return Interval(min(mid, low if mid < 0 else max(0.0, low)), mid, max(mid, high))
