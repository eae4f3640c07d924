"""What switchtax says as JSON, on the command line and on the wire: one shape for both.

Money is integer micro-dollars, an uncertain number is `{"low","mid","high"}`, one that is not
known `{"unknown": reason}`, times are epoch seconds UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.advice import WayKind, recognise
from switchtax.advice.errands import later_s
from switchtax.figures import interval_json, money_json, seconds_json, unknown_json
from switchtax.meter import spent_usd_micros
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from switchtax.advice import Way
    from switchtax.advice.errands import Errands
    from switchtax.catalog.book import PriceBook
    from switchtax.decide import Candidate, Decision
    from switchtax.estimates.drift import Risk
    from switchtax.estimates.for_session import Answer, Foretold
    from switchtax.estimates.latency import Wait
    from switchtax.estimates.latency_book import LatencyBook
    from switchtax.estimates.outlook import Outlook
    from switchtax.estimates.quota import Share
    from switchtax.records import Call
    from switchtax.sessions.fold import Session

__all__ = [
    "NOT_RECORDED",
    "answer_document",
    "cache_json",
    "decide_document",
    "estimate_document",
    "estimates_document",
    "interval_json",
    "money_json",
    "quota_json",
    "risk_json",
    "seconds_json",
    "session_document",
    "unknown_json",
    "wait_json",
    "way_json",
    "with_wait",
]

_OF_WAYS = ("ways", "pattern")
NOT_RECORDED = Unknown("not recorded")


def cache_json(view: Outlook) -> dict[str, Any]:
    """The state of a model's cache, and until when it is warm."""
    ended = view.expired_at
    until: Any = view.warm_until_at
    if until is None:
        warm = view.state == "warm"
        why = "the provider names no lifetime" if warm else "it is not warm"
        until = unknown_json(Unknown(why))
    return {
        "state": str(view.state),
        "warm_probability": view.warm_probability,
        "warm_until_at": until,
        "expired_at": unknown_json(ended) if isinstance(ended, Unknown) else ended,
        "ttl_s": view.ttl_s or unknown_json(Unknown("the provider names no lifetime")),
        "evidence": view.evidence,
    }


def session_document(
    session: Session, book: PriceBook, beside: Mapping[str, Call] | None = None
) -> dict[str, Any]:
    """The JSON of one session; `beside` holds calls of its sub-agents that it does not hold."""
    others = beside or {}
    spent = spent_usd_micros(session, book, others.values())
    last_at = max(session.last_at, max((call.at for call in others.values()), default=0.0))
    return {
        "agent": session.agent,
        "id": session.id,
        "path": session.path,
        "cwd": session.cwd,
        "model": session.answered_by,
        "effort": session.effort or unknown_json(NOT_RECORDED),
        "context_tokens": session.context_tokens
        if session.current is not None
        else unknown_json(NOT_RECORDED),
        "turns": session.turns,
        "calls": len(session.calls),
        "side_calls": len(session.side_calls) + len(others),
        "switches": len(session.switches),
        "compactions": len(session.compactions),
        "started_at": session.started_at or unknown_json(NOT_RECORDED),
        "last_at": last_at or unknown_json(NOT_RECORDED),
        "spent_usd_micros": unknown_json(spent) if isinstance(spent, Unknown) else spent,
        "unreadable": sum(skip.count for skip in session.unreadable),
    }


def estimate_document(
    session: Session,
    at: float,
    stay: Answer,
    answers: list[Answer],
    ways: Mapping[str, Sequence[Way]] | None = None,
) -> dict[str, Any]:
    """The JSON of the command; with no target, staying alone.

    `ways` are those of each target, by its name; without it an estimate has none.
    """
    known = ways or {}
    pieces = [answer_document(found, known.get(found.model)) for found in answers]
    return estimates_document(session, at, answer_document(stay), pieces)


def estimates_document(
    session: Session, at: float, stay: dict[str, Any], estimates: list[dict[str, Any]]
) -> dict[str, Any]:
    """The same from the pieces that `answer_document` gave; of staying no ways are told."""
    return {
        "session": {
            "agent": session.agent,
            "id": session.id,
            "path": session.path,
            "model": session.model,
            "effort": session.effort or unknown_json(NOT_RECORDED),
            "turns": session.turns,
            "calls": len(session.calls),
            "context_tokens": session.context_tokens,
        },
        "at": at,
        "stay": {name: each for name, each in stay.items() if name not in _OF_WAYS},
        "estimates": estimates,
    }


def answer_document(found: Answer, ways: Sequence[Way] | None = None) -> dict[str, Any]:
    """The JSON of one target, with its ways if they are given."""
    return {**_one(found), **_ways(ways, found)}


def with_wait(
    piece: dict[str, Any], wait: Wait | Unknown, errands: Errands, waits: LatencyBook
) -> dict[str, Any]:
    """The same piece (see `answer_document`) where something else was learnt of waits."""
    piece["wait"] = wait_json(wait)
    for way in piece.get("ways", ()):
        kind = WayKind(way["way"])
        way["extra_wait_s"] = seconds_json(later_s(kind, wait, errands.get(kind), waits))
    return piece


def _ways(ways: Sequence[Way] | None, found: Answer) -> dict[str, Any]:
    if ways is None:
        return {}
    habit = recognise(found.session, found.model)
    return {
        "ways": [way_json(way) for way in ways],
        "pattern": None if habit is None else str(habit.pattern),
    }


def way_json(way: Way) -> dict[str, Any]:
    """One way: its price over the horizon and for the next turn, wait, and what it rests on."""
    return {
        "way": str(way.kind),
        "model": way.model,
        "total_usd_micros": money_json(way.total),
        "extra_usd_micros": money_json(way.extra),
        "next_turn_usd_micros": money_json(way.next_turn),
        "extra_wait_s": seconds_json(way.extra_wait_s),
        "risk": unknown_json(way.risk) if isinstance(way.risk, Unknown) else _level(way.risk),
        "assumes": {name: interval_json(value) for name, value in way.assumes},
    }


def _level(risk: Risk | None) -> str | None:
    return None if risk is None else str(risk.level)


def _one(found: Answer) -> dict[str, Any]:
    e = found.estimate
    view = found.switch.outlook
    return {
        "from": found.session.model,
        "to": found.session.model if same_model(found.model, found.session.model) else found.model,
        "cache": cache_json(view),
        "moment": str(view.moment),
        "context_tokens": interval_json(e.context_tokens),
        "next_call": _comparison(e.next_call),
        "next_turn": _comparison(e.next_turn),
        "rebuild": _rebuild(found),
        "compaction": _compaction(found),
        "horizon": _horizon(found),
        "round_trip_usd_micros": money_json(_round_trip(found)),
        "fits_window": e.fits if isinstance(e.fits, bool) else unknown_json(e.fits),
        "verdict": str(e.verdict.word),
        "direction": str(e.verdict.direction),
        "wait": wait_json(found.wait),
        "changes": list(found.delta.reasons),
        "risk": risk_json(found.risk),
        "quota": quota_json(found.quota),
        "prediction": {
            "at_choice": _prediction(found.choice),
            "at_send": _prediction(found.send),
        },
        "prices": {
            "stay": _prices(found.stay_side.card),
            "switch": _prices(found.switch_side.card),
        },
    }


def wait_json(found: Wait | Unknown) -> dict[str, Any]:
    """Seconds to the first sign of an answer: median and nine of ten."""
    if isinstance(found, Unknown):
        return unknown_json(found)
    return {
        "stay_s": {"p50": found.stay_p50_s, "p90": found.stay_p90_s},
        "switch_s": {"p50": found.switch_p50_s, "p90": found.switch_p90_s},
        "extra_s": {"p50": found.extra_p50_s, "p90": found.extra_p90_s},
        "evidence": found.evidence,
    }


def quota_json(found: tuple[Share, ...] | Unknown) -> dict[str, Any]:
    """What the next call after the switch takes of each window of the plan, in percent."""
    if isinstance(found, Unknown):
        return unknown_json(found)
    return {
        share.window: {
            "percent": {
                name: round(getattr(share.percent, name), 3) for name in ("low", "mid", "high")
            },
            "pairs": share.pairs,
        }
        for share in found
    }


def risk_json(risk: Risk | Unknown) -> dict[str, Any]:
    """The risk of a handoff with its reasons: codes, facts and keys of evidence, no sentences."""
    if isinstance(risk, Unknown):
        return unknown_json(risk)
    return {
        "level": str(risk.level),
        "points": risk.points,
        "reasons": [
            {
                "signal": reason.signal,
                "points": reason.points,
                "modes": list(reason.modes),
                "facts": dict(reason.facts),
                "evidence": list(reason.evidence),
            }
            for reason in risk.reasons
        ],
    }


def _comparison(both: Any) -> dict[str, Any]:
    return {
        "stay_usd_micros": money_json(both.stay),
        "switch_usd_micros": money_json(both.switch),
        "extra_usd_micros": money_json(both.extra),
    }


def _rebuild(found: Answer) -> dict[str, Any]:
    rebuilt, call = found.estimate.rebuild, found.estimate.switch_call
    if isinstance(rebuilt, Unknown):
        return unknown_json(rebuilt)
    read = call if isinstance(call, Unknown) else call.read_tokens
    return {
        "write_tokens": interval_json(rebuilt.tokens),
        "read_tokens": interval_json(read),
        "usd_micros": money_json(rebuilt.cost),
        "compaction_usd_micros": money_json(rebuilt.compaction),
    }


def _compaction(found: Answer) -> dict[str, Any] | None:
    """A summary that comes first: what is sent for it, and what the other model starts from."""
    restart, first = found.restart, found.switch_side.compaction
    if restart is None or first is None:
        return None
    return {
        "model": first.on.model,
        "sent_tokens": interval_json(restart.sent_tokens(found.session.context_tokens)),
        "read_tokens": interval_json(first.on.alive_tokens),
        "summary_tokens": interval_json(restart.summary_tokens),
        "start_tokens": interval_json(restart.start_tokens),
    }


def _horizon(found: Answer) -> dict[str, Any]:
    horizon = found.estimate.horizon
    if isinstance(horizon, Unknown):
        return unknown_json(horizon)
    broken = horizon.break_even
    calls, turns = (broken, broken) if isinstance(broken, Unknown) else (broken.calls, broken.turns)
    return {
        "turns": horizon.turns,
        "calls": interval_json(horizon.calls),
        "calls_per_turn": interval_json(found.pace.calls_per_turn),
        "stay_usd_micros": money_json(horizon.stay),
        "switch_usd_micros": money_json(horizon.switch),
        "extra_usd_micros": money_json(horizon.extra),
        "break_even_calls": interval_json(calls),
        "break_even_turns": interval_json(turns),
        "window_full": horizon.full,
    }


def _round_trip(found: Answer) -> Any:
    trip = found.round_trip
    return trip if isinstance(trip, Unknown) else trip.extra_alive


def _prediction(seen: Foretold) -> dict[str, Any]:
    """The same numbers that `backtest --dump` writes for this call."""
    return {
        "predicted_state": str(seen.outlook.state),
        "predicted_read_tokens": round(seen.outlook.read_tokens.mid),
        "predicted_sent_tokens": round(seen.outlook.sent_tokens.mid),
        "predicted_usd_micros": money_json(seen.cost),
    }


def _prices(card: Any) -> dict[str, Any]:
    if isinstance(card, Unknown):
        return unknown_json(card)
    rates = {
        name: rate if isinstance(rate, int) else unknown_json(rate)
        for name, rate in (
            ("input", card.rates.input),
            ("output", card.rates.output),
            ("cache_read", card.rates.cache_read),
            ("cache_write_5m", card.rates.cache_write_5m),
            ("cache_write_1h", card.rates.cache_write_1h),
        )
    }
    return {
        "model": card.model,
        "provider": card.provider,
        "usd_micros_per_mtok": rates,
        "origin": card.origin,
        "source": card.source,
        "source_date": card.source_date,
    }


def decide_document(session: Session, at: float, found: Decision) -> dict[str, Any]:
    """The JSON of `switchtax decide`, without its schema."""
    new = unknown_json(Unknown("no session: a new one is meant"))
    task = found.task
    return {
        "at": at,
        "session": new
        if session.current is None
        else {
            "agent": session.agent,
            "id": session.id,
            "model": session.model,
            "context_tokens": session.context_tokens,
        },
        "turns": found.turns,
        "calls": found.calls,
        "candidates": [_candidate(each) for each in found.candidates],
        "recommended": unknown_json(found.recommended)
        if isinstance(found.recommended, Unknown)
        else found.recommended,
        "why": str(found.why),
        "reason": wording.decision_words(found),
        "extra_usd_micros": money_json(found.extra),
        "task": None
        if task.kind is None or task.wants is None
        else {"class": str(task.kind), "wants": str(task.wants), "because": list(task.because)},
    }


def _candidate(found: Candidate) -> dict[str, Any]:
    return {
        "model": found.model,
        "current": found.current,
        "cold_usd_micros": money_json(found.cold),
        "warm_usd_micros": money_json(found.warm),
        "expected_usd_micros": money_json(found.expected),
        "cache": cache_json(found.view),
        "fits_window": unknown_json(found.fits) if isinstance(found.fits, Unknown) else found.fits,
        "wait": wait_json(found.wait),
        "risk": risk_json(found.risk),
    }
