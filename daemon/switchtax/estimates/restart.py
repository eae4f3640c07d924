"""The first call of a model that starts from a summary, foretold before the summary is written.

Until its first word one waits for the summary too:

    later = d·summary + wait(new model, short context)

The request for the summary begins to answer when staying's own would, so that these two cancel
out; d is the old model's time per token.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from switchtax.estimates.latency import wait_for
from switchtax.estimates.outlook import Case, Outlook
from switchtax.estimates.request_size import POINTS, Moment
from switchtax.estimates.weighted import shortest
from switchtax.records import Unknown
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.calibration import Z80

if TYPE_CHECKING:
    from switchtax.estimates.codex_switch import Restart
    from switchtax.estimates.latency import Requests, Wait
    from switchtax.estimates.latency_book import LatencyBook
    from switchtax.sessions.fold import Session

__all__ = ["after_summary", "later_by_summary", "wait_after"]

_WHY = "the history will be summed up first"


def after_summary(view: Outlook, session: Session, restart: Restart) -> Outlook:
    """What a model will be sent and will read once the current one has summed the history up.

    Args:
        view: the call as it would be with the whole history.
        session: all that stands so far.
        restart: what the model will start from.
    """
    rules, after = session.rules(view.model), restart.after_tokens
    block = rules.block_tokens if rules is not None else 1
    alive, head = restart.head.alive, restart.head.tokens // block * block
    mid = after.mid + _prompt_tokens(session, view.moment)
    below, above = after.mid - after.low, after.high - after.mid
    sizes = [max(1.0, mid + z / Z80 * (below if z < 0 else above)) for z in POINTS]
    chances = ((alive, head), (1 - alive, 0.0))
    cases = tuple(
        Case(chance / len(sizes), min(read, size), size)
        for chance, read in chances
        if chance
        for size in sizes
    )
    read_mid = min(head, mid) if alive > 0.5 else 0.0
    return replace(
        view,
        state=CacheState.PARTIAL if read_mid > 0 else CacheState.NONE,
        warm_probability=0.0,
        read_tokens=shortest([(c.weight, c.read_tokens) for c in cases], read_mid, view.starts),
        sent_tokens=shortest([(c.weight, c.sent_tokens) for c in cases], mid, view.starts),
        cases=cases,
        warm_until_at=None,
        evidence=_WHY,
    )


def _prompt_tokens(session: Session, moment: Moment) -> float:
    if moment is Moment.AT_SEND and session.pieces.anything_new:
        return session.growth_of(session.model).new_tokens(session.pieces)
    return math.exp(session.grown_at_choice().mu)


def wait_after(
    restart: Restart | None, session: Session, requests: Requests, book: LatencyBook
) -> Wait | Unknown:
    """The wait for a session's next answer on two models.

    Args:
        restart: what comes before the target's first call; None where nothing does.
        session: all that stood before the call.
        requests: what both have to process and read (see `latency.work_of`).
        book: what was learnt of waits.
    """
    found = wait_for(session, requests, book)
    if restart is None:
        return found
    return later_by_summary(found, restart, book.generate_s(session.agent, session.model))


def later_by_summary(wait: Wait | Unknown, restart: Restart, rate_s: float) -> Wait | Unknown:
    """The wait for the new model's first word, the summary before it included in `extra`.

    Args:
        wait: for its own first call.
        restart: what comes before.
        rate_s: seconds in which the old model writes a thousand tokens.
    """
    if isinstance(wait, Unknown):
        return wait
    much = restart.summary_tokens
    mid = rate_s * much.mid / 1000 + wait.switch_p50_s
    above = math.hypot(
        rate_s * (much.high - much.mid) / 1000, wait.switch_p90_s - wait.switch_p50_s
    )
    return replace(wait, extra_p50_s=round(mid, 3), extra_p90_s=round(mid + above, 3))
