"""What an answer claims of the next call, for the ledger: the little that is checked afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.estimates.drift import Risk
    from switchtax.estimates.for_session import Answer, Foretold
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.latency import Wait
    from switchtax.records import Unknown
    from switchtax.sessions.fold import Session

__all__ = ["Claim", "Claimed", "claim_of"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The next call on one model: the state of its cache, and the input side in micro-dollars."""

    state: str
    cost: Interval | Unknown


@dataclass(frozen=True, slots=True)
class Claim:
    """Both sides of a switch, as they were shown."""

    session: Session
    model: str
    at: float
    stay: Claimed
    switch: Claimed
    wait: Wait | Unknown
    risk: Risk | Unknown


def claim_of(found: Answer) -> Claim:
    """The claim of a whole answer."""
    return Claim(
        session=found.session,
        model=found.model,
        at=found.at,
        stay=_side(found.stay),
        switch=_side(found.switch),
        wait=found.wait,
        risk=found.risk,
    )


def _side(seen: Foretold) -> Claimed:
    return Claimed(str(seen.outlook.state), seen.cost)
