"""How much later the first sign of an answer comes after a switch.

`Wait` holds the wait for the next answer if the session stays, if it switches, and what the
switch adds; see `latency_book` for where the numbers are learnt and docs/math.md, "Waiting".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.catalog.latency import latency_prior
from switchtax.catalog.names import display_name
from switchtax.estimates.latency_book import Expected
from switchtax.estimates.latency_fit import Work
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.estimates.latency_book import LatencyBook
    from switchtax.estimates.outlook import Outlook
    from switchtax.sessions.fold import Session

__all__ = ["Requests", "Wait", "requests_of", "wait_for", "work_of"]

Requests = tuple[tuple[str, list[tuple[float, Work]]], tuple[str, list[tuple[float, Work]]]]
"""Staying's request and the switch's: who answers, and what it may have to process."""
_OWN = 5
"""Calls after which a model's own waits say more than those of the session's."""
_FEW = 20
"""Fewer calls than these are said to be few."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds to the first sign of the next answer: the median, and nine of ten waits.

    The sign is the first token where the agent's log has its time, else the first block.
    `extra` is what the switch adds, negative where the other model is sooner: for its tokens,
    and for a slower start as far as both models were timed. `evidence` says what the numbers
    rest on.
    """

    switch_p50_s: float
    switch_p90_s: float
    stay_p50_s: float
    stay_p90_s: float
    extra_p50_s: float
    extra_p90_s: float
    evidence: str
    stay_p10_s: float = 0.0
    switch_p10_s: float = 0.0
    """Where the ranges of 80 % begin."""


def requests_of(stay: Outlook, switch: Outlook) -> Requests:
    """What the next calls on the session's own model and on a target have to process and read."""
    return (stay.model, work_of(stay)), (switch.model, work_of(switch))


def wait_for(session: Session, requests: Requests, book: LatencyBook) -> Wait | Unknown:
    """The wait for a session's next answer on two models.

    Args:
        session: all that stood before the call.
        requests: its own model's and the target's (`requests_of`).
        book: what was learnt of waits.
    """
    prompted = session.signs.prompted or not session.asked_for
    sides: list[Expected] = []
    for model, works in requests:
        found = book.expected(session.agent, model, works, prompted=prompted)
        if isinstance(found, Unknown):
            return found
        sides.append(found)
    extra = (0.0, 0.0)
    stay, switch = (model for model, _ in requests)
    if not same_model(stay, switch):
        cases = tuple(works for _, works in requests)
        extra = book.extra_s(session.agent, (stay, switch), cases, prompted=prompted)
        if sides[1].calls < _OWN <= sides[0].calls:
            sides[1] = _shifted(sides[0], extra, sides[1].calls)
    return Wait(
        switch_p50_s=round(sides[1].mid_s, 3),
        switch_p90_s=round(sides[1].high_s, 3),
        stay_p50_s=round(sides[0].mid_s, 3),
        stay_p90_s=round(sides[0].high_s, 3),
        extra_p50_s=round(extra[0], 3),
        extra_p90_s=round(extra[1], 3),
        evidence=_evidence(switch, sides[1].calls),
        stay_p10_s=round(sides[0].low_s, 3),
        switch_p10_s=round(sides[1].low_s, 3),
    )


def _shifted(stay: Expected, extra: tuple[float, float], calls: int) -> Expected:
    """A model that was hardly seen waits as this session's own does, and what the switch adds."""
    low, mid = (max(0.0, end + extra[0]) for end in (stay.low_s, stay.mid_s))
    return Expected(low, mid, max(mid, stay.high_s + extra[1]), calls)


def work_of(view: Outlook) -> list[tuple[float, Work]]:
    """What a request may have to process and read: at most a warm and a cold case."""
    sums: dict[bool, list[float]] = {}
    for case in view.cases:
        processed = max(0.0, case.sent_tokens - case.read_tokens)
        into = sums.setdefault(processed > case.read_tokens, [0.0, 0.0, 0.0])
        into[0] += case.weight
        into[1] += case.weight * processed
        into[2] += case.weight * case.read_tokens
    return [
        (weight, Work(processed / weight, read / weight))
        for weight, processed, read in sums.values()
        if weight > 0
    ]


def _evidence(model: str, calls: int) -> str:
    row = latency_prior(model)
    name = display_name(model)
    if calls >= _FEW or row is None:
        return f"learnt from {calls} calls of {name} here"
    seen = f"only {calls} calls" if calls > 1 else "only one call" if calls else "no call"
    known = (
        f"its rates are those of {row.measured}"
        if row.measured
        else "nothing measured of this family is published, so the range is wide"
    )
    return f"{seen} of {name} timed here; {known}"
