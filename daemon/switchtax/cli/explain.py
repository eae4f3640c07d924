"""The arithmetic of an estimate, line by line, with its symbols (docs/math.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.catalog.names import display_name
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.cost import CallCost
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.inputs import Side

__all__ = ["lines"]


def lines(found: Answer) -> list[str]:
    """How the numbers of one answer come about."""
    e, session = found.estimate, found.session
    out = [f"How the numbers for {display_name(found.model)} come about"]
    out += _side("stay", found.stay_side, e.stay_call, found.stay.outlook.evidence)
    out += _side("switch", found.switch_side, e.switch_call, found.switch.outlook.evidence)
    if found.switch_side.token_ratio != found.stay_side.token_ratio:
        ratio = found.switch_side.token_ratio
        if not isinstance(ratio, Unknown):
            out.append(f"  tokenizer   ×{ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f})")
    for reason in found.delta.reasons:
        out.append(f"  changes     {reason.replace('_', ' ')}")
    if not isinstance(e.rebuild, Unknown):
        out.append(
            f"  rebuild     (write - read) x {wording.tokens(e.rebuild.tokens.mid)} tokens"
            f" = {wording.money_range(e.rebuild.cost)}"
        )
    out.append(f"  next call   {_difference(e.next_call)}")
    out.append(f"  next turn   {_difference(e.next_turn)}")
    if not isinstance(e.horizon, Unknown):
        calls = e.horizon.calls.mid
        out.append(
            f"  {e.horizon.turns} turns    {calls:.0f} calls: switch"
            f" {wording.money_range(e.horizon.switch)} - stay {wording.money_range(e.horizon.stay)}"
        )
    if not isinstance(found.round_trip, Unknown):
        trip = found.round_trip
        out.append(
            "  round trip  a turn there, a call back:"
            f" {wording.money_range(trip.extra_alive, difference=True)}"
        )
        out.append(
            "              if the cache here has expired by then:"
            f" {wording.money_range(trip.extra_dead, difference=True)}"
        )
    out.append(f"  log         {session.path}")
    return out


def _side(name: str, side: Side, call: CallCost | Unknown, evidence: str) -> list[str]:
    if isinstance(side.card, Unknown):
        return [f"  {name:<11} {display_name(side.model)}: {side.card.reason}"]
    rates = side.card.rates_for(0, fast=side.fast)
    write = rates.cache_write_1h if side.write_ttl == "1h" else rates.cache_write_5m
    shown = ", ".join(
        f"{label} {_rate(rate)}"
        for label, rate in (
            ("read", rates.cache_read),
            (f"write {side.write_ttl}", write),
            ("input", rates.input),
            ("output", rates.output),
        )
    )
    out = [f"  {name:<11} {display_name(side.model)}: {shown} $/M ({side.card.origin})"]
    out.append(f"  {'':<11} cache: {evidence}")
    if not isinstance(call, Unknown):
        out.append(
            f"  {'':<11} next call reads {wording.tokens(call.read_tokens.mid)}, writes"
            f" {wording.tokens(call.written_tokens.mid)}, plain"
            f" {wording.tokens(call.plain_tokens.mid)}, answers"
            f" {wording.tokens(call.output_tokens.mid)} = {wording.money_range(call.cost)}"
        )
    return out


def _rate(rate: int | Unknown) -> str:
    return "unknown" if isinstance(rate, Unknown) else f"{rate / 1e6:g}"


def _difference(both: object) -> str:
    stay, switch, extra = (getattr(both, name) for name in ("stay", "switch", "extra"))
    return (
        f"{wording.money_range(switch)} - {wording.money_range(stay)}"
        f" = {wording.money_range(extra, difference=True)}"
    )
