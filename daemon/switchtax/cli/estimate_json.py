"""The JSON of `estimate`: one session, staying, and each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.cli import common
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer, Foretold
    from switchtax.sessions.fold import Session

__all__ = ["payload"]


def payload(session: Session, at: float, stay: Answer, answers: list[Answer]) -> dict[str, Any]:
    """The JSON of the command; with no target, staying alone."""
    return {
        "session": {
            "agent": session.agent,
            "id": session.id,
            "path": session.path,
            "model": session.model,
            "effort": session.effort or common.unknown_json(common.NOT_RECORDED),
            "turns": session.turns,
            "calls": len(session.calls),
            "context_tokens": session.context_tokens,
        },
        "at": at,
        "stay": _one(stay),
        "estimates": [_one(found) for found in answers],
    }


def _one(found: Answer) -> dict[str, Any]:
    e = found.estimate
    view = found.switch.outlook
    return {
        "from": found.session.model,
        "to": found.session.model if same_model(found.model, found.session.model) else found.model,
        "cache": common.cache_json(view),
        "moment": str(view.moment),
        "context_tokens": common.interval_json(e.context_tokens),
        "next_call": _comparison(e.next_call),
        "next_turn": _comparison(e.next_turn),
        "rebuild": _rebuild(found),
        "horizon": _horizon(found),
        "round_trip_usd_micros": common.money_json(_round_trip(found)),
        "fits_window": e.fits if isinstance(e.fits, bool) else common.unknown_json(e.fits),
        "verdict": str(e.verdict.word),
        "direction": str(e.verdict.direction),
        "changes": list(found.delta.reasons),
        "prediction": {
            "at_choice": _prediction(found.choice),
            "at_send": _prediction(found.send),
        },
        "prices": {
            "stay": _prices(found.stay_side.card),
            "switch": _prices(found.switch_side.card),
        },
    }


def _comparison(both: Any) -> dict[str, Any]:
    return {
        "stay_usd_micros": common.money_json(both.stay),
        "switch_usd_micros": common.money_json(both.switch),
        "extra_usd_micros": common.money_json(both.extra),
    }


def _rebuild(found: Answer) -> dict[str, Any]:
    rebuilt, call = found.estimate.rebuild, found.estimate.switch_call
    if isinstance(rebuilt, Unknown):
        return common.unknown_json(rebuilt)
    read = call if isinstance(call, Unknown) else call.read_tokens
    return {
        "write_tokens": common.interval_json(rebuilt.tokens),
        "read_tokens": common.interval_json(read),
        "usd_micros": common.money_json(rebuilt.cost),
        "compaction_usd_micros": common.money_json(rebuilt.compaction),
    }


def _horizon(found: Answer) -> dict[str, Any]:
    horizon = found.estimate.horizon
    if isinstance(horizon, Unknown):
        return common.unknown_json(horizon)
    broken = horizon.break_even
    calls, turns = (broken, broken) if isinstance(broken, Unknown) else (broken.calls, broken.turns)
    return {
        "turns": horizon.turns,
        "calls": common.interval_json(horizon.calls),
        "calls_per_turn": common.interval_json(found.pace.calls_per_turn),
        "stay_usd_micros": common.money_json(horizon.stay),
        "switch_usd_micros": common.money_json(horizon.switch),
        "extra_usd_micros": common.money_json(horizon.extra),
        "break_even_calls": common.interval_json(calls),
        "break_even_turns": common.interval_json(turns),
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
        "predicted_usd_micros": common.money_json(seen.cost),
    }


def _prices(card: Any) -> dict[str, Any]:
    if isinstance(card, Unknown):
        return common.unknown_json(card)
    rates = {
        name: rate if isinstance(rate, int) else common.unknown_json(rate)
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
