"""How risky it is to hand a session to another model: a level, and the reasons it has.

Each reason is a fact of this session, held against `catalog/data/drift.toml`. A level is an
order of caution, never a measure of quality: of how much worse (or better) the other model
will be, nothing is said. See docs/risk.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from switchtax.catalog.drift import edits_otherwise, reads, table, tier
from switchtax.catalog.names import normalise
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from switchtax.config.keys import RiskPoints
    from switchtax.estimates.interval import Interval
    from switchtax.sessions.fold import Session
    from switchtax.sessions.work import Work

__all__ = ["Fit", "Level", "Reason", "Risk", "Step", "risk_after", "risk_of"]

_VERSION = re.compile(r"-(\d+)(?:[.-](\d{1,2}))?(?=-|$)")


class Level(StrEnum):
    """How much caution a handoff wants."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal that was found: its points, and the facts of this session behind it.

    `facts` are names with numbers or names of tools and models, `modes` the ways it goes
    wrong, `evidence` keys of the data file.
    """

    signal: str
    points: int
    facts: tuple[tuple[str, int | str], ...]
    modes: tuple[str, ...]
    evidence: tuple[str, ...]

    def fact(self, name: str) -> int | str:
        """One fact by name."""
        return dict(self.facts)[name]


@dataclass(frozen=True, slots=True)
class Risk:
    """The level of a handoff, the points it comes from, and its reasons, weightiest first."""

    level: Level
    points: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What the next request needs, and what the other model holds, in its own tokens."""

    fits: bool | Unknown
    tokens: Interval | Unknown
    window_tokens: int | Unknown


Found = tuple[str, int, dict[str, int | str]]
"""A signal, how many of its things there are, and its facts."""


def risk_of(
    session: Session,
    model: str,
    fit: Fit,
    changes: tuple[str, ...] = (),
    levels: RiskPoints | None = None,
) -> Risk | Unknown:
    """The risk of going on with another model from here.

    Args:
        session: as its log tells it so far.
        model: the other one; the session's own is no risk.
        fit: whether the context fits it.
        changes: codes of what else the switch changes (`ContextDelta.reasons`).
        levels: the points from which a level holds; None means those of the data file.
    """
    if session.current is None:
        return Unknown("no request was answered in this session")
    if same_model(model, session.model):
        return Risk(Level.LOW, 0, ())
    room = list(_room(fit))
    if not session.work.is_told and fit.fits is not False:
        return Unknown("the log holds nothing of what was answered")
    found = [*room, *_history(session, model), *_open(session), *_models(session, model, changes)]
    return _risk(map(_reason, found), levels)


class Step(StrEnum):
    """What may be done before a handoff; `ended_by` in the data file names them."""

    TURN_END = "turn_end"
    """The open turn is finished."""
    SUMMARY = "summary"
    """The history is compacted."""
    BRIEF = "brief"
    """A new session begins with a brief."""
    ORDER = "order"
    """A sub-agent is told one piece of work; the conversation stays where it is."""


def risk_after(session: Session, risk: Risk, step: Step, levels: RiskPoints | None = None) -> Risk:
    """The risk that is left once something was done before the handoff.

    After a summary or a brief no reasoning at all goes along, whoever could read it; and the
    other model begins with notes, which lower the risk.

    Args:
        session: the session.
        risk: of a switch as it stands (`risk_of`).
        step: what is done first.
        levels: as in `risk_of`.
    """
    signals = table().signals
    left = [each for each in risk.reasons if step not in signals[each.signal].ended_by]
    if step in (Step.SUMMARY, Step.BRIEF):
        lost = sum(1 for call_id in session.work.thoughts if call_id in session.calls)
        if lost:
            left.append(_reason(("reasoning_unreadable", lost, {"calls": lost})))
        left.append(_reason(("fresh_summary", 1, {"calls_since": 0})))
    return _risk(left, levels)


def _risk(found: Iterable[Reason], levels: RiskPoints | None) -> Risk:
    reasons = tuple(sorted(found, key=lambda reason: -reason.points))
    points = max(0, sum(reason.points for reason in reasons))
    return Risk(_level(points, reasons, levels or table().levels), points, reasons)


def _level(points: int, reasons: tuple[Reason, ...], levels: RiskPoints) -> Level:
    signals = table().signals
    if points >= levels.severe or any(signals[reason.signal].hard for reason in reasons):
        return Level.SEVERE
    if points >= levels.high:
        return Level.HIGH
    return Level.MEDIUM if points >= levels.medium else Level.LOW


def _reason(found: Found) -> Reason:
    name, count, facts = found
    signal = table().signals[name]
    return Reason(
        name, signal.points_for(count), tuple(facts.items()), signal.modes, signal.evidence
    )


def _room(fit: Fit) -> Iterator[Found]:
    """Whether the context fits the other model's window, and with how much to spare."""
    if isinstance(fit.tokens, Unknown) or isinstance(fit.window_tokens, Unknown):
        return
    tokens, window = round(fit.tokens.mid), fit.window_tokens
    facts: dict[str, int | str] = {"tokens": tokens, "window_tokens": window}
    if fit.fits is False:
        yield "does_not_fit", 1, facts
    elif 100 * tokens >= table().signals["window_near"].least * window:
        yield "window_near", 1, facts


def _history(session: Session, model: str) -> Iterator[Found]:
    """What of the history the other model does not see as the old one did."""
    work = session.work
    lost = _unreadable(session, model)
    if lost:
        yield "reasoning_unreadable", lost, {"calls": lost}
    since = work.prompts_since_rules
    if since is not None and since >= table().signals["rules_far_back"].least:
        yield "rules_far_back", 1, {"prompts_since": since, "prompts": len(work.rules_at)}
    fresh = work.calls_since_summary
    if fresh is not None and fresh <= table().signals["fresh_summary"].least:
        yield "fresh_summary", 1, {"calls_since": fresh}


def _unreadable(session: Session, model: str) -> int:
    """Calls whose reasoning stands in the history and that the other model cannot read.

    Claude Code sends all reasoning back as it came, bound to its model; other agents send
    what is readable as text, so that only sealed reasoning is lost with them. Gemini CLI
    sends none.
    """
    bound = session.agent == "claude-code"
    return sum(
        1
        for call_id, sealed in session.work.thoughts.items()
        if (sealed or bound)
        and call_id in session.calls
        and reads(model, session.calls[call_id].model) is False
    )


def _open(session: Session) -> Iterator[Found]:
    """What was begun and is not done."""
    work: Work = session.work
    pending = work.pending(session.current)
    if pending:
        yield "tool_pending", len(pending), {"tools": len(pending), "name": pending[0]}
    elif work.unfinished(session.current):
        yield "turn_unfinished", 1, {}
    if work.open_todos:
        yield "open_todos", work.open_todos, {"items": work.open_todos}
    if work.edited:
        yield "edits_unverified", len(work.edited), {"files": len(work.edited), "tests": work.tests}


def _models(session: Session, model: str, changes: tuple[str, ...]) -> Iterator[Found]:
    """How the two models differ."""
    old, new = tier(session.model), tier(model)
    if old is not None and new is not None and new < old and not _is_newer(model, session.model):
        yield "tier_drop", old - new, {"steps": old - new}
    differ = "system_and_tools_differ" in changes
    if differ or edits_otherwise(session.agent, session.model, model):
        yield "tools_differ", 1, {}


def _is_newer(model: str, other: str) -> bool:
    """Whether a model is of a later generation: then a smaller tier need not be less able."""
    one, two = _version(model), _version(other)
    return one is not None and two is not None and one > two


def _version(model: str) -> tuple[int, int] | None:
    found = _VERSION.search(normalise(model).name)
    return (int(found[1]), int(found[2] or 0)) if found else None
