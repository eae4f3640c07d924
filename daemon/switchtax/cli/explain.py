"""The arithmetic of an estimate, line by line, with its symbols (docs/math.md)."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.advice import WayKind
from switchtax.catalog.names import display_name
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from switchtax.advice import Way
    from switchtax.estimates.cost import CallCost
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.horizon import Horizon
    from switchtax.estimates.inputs import Side
    from switchtax.estimates.switching import Comparison

__all__ = ["lines"]

_WIDTH = 80
_INDENT = 14


def lines(found: Answer, ways: Sequence[Way] = ()) -> list[str]:
    """How the numbers of one answer and of its ways come about, at 80 columns."""
    out = [f"How the numbers for {display_name(found.model)} come about"]
    for label, text in (*_parts(found), *_ways(ways)):
        for part in text.split("\n"):
            out += textwrap.wrap(
                part,
                _WIDTH,
                initial_indent=f"  {label:<{_INDENT - 2}}",
                subsequent_indent=" " * _INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
            label = ""
    return [*out, f"  {'log':<{_INDENT - 2}}{found.session.path}"]


def _parts(found: Answer) -> Iterator[tuple[str, str]]:
    e = found.estimate
    yield from _side("stay", found.stay_side, e.stay_call, found.stay.outlook.evidence)
    yield from _side("switch", found.switch_side, e.switch_call, found.switch.outlook.evidence)
    yield from _changes(found)
    if not isinstance(e.rebuild, Unknown):
        yield (
            "re-read",
            f"(write - read) x {wording.tokens(e.rebuild.tokens.mid)} tokens"
            f" = {wording.money_range(e.rebuild.cost)}",
        )
    yield "next call", _difference(e.next_call)
    yield "next turn", _difference(e.next_turn)
    yield "later turn", _difference(e.warm_turn)
    if not isinstance(e.horizon, Unknown):
        both = f"{_difference(e.horizon)}, in {e.horizon.calls.mid:.0f} calls"
        yield wording.counted(e.horizon.turns, "turn"), both
    yield from _wait(found)
    yield from _risk(found)
    yield from _quota(found)
    if not isinstance(found.round_trip, Unknown):
        trip = found.round_trip
        alive = wording.money_range(trip.extra_alive, difference=True)
        yield "round trip", f"a turn there, then a call back: {alive}"
        dead = wording.money_range(trip.extra_dead, difference=True)
        yield "", f"if the cache here has expired by then: {dead}"


def _wait(found: Answer) -> Iterator[tuple[str, str]]:
    """Seconds to the first sign of the next answer."""
    wait = found.wait
    if isinstance(wait, Unknown):
        yield "first word", f"how long it takes is not known: {wait.reason}"
        return
    sides = (
        f"{name} {wording.seconds(mid)} (up to {wording.seconds(most)})"
        for name, mid, most in (
            ("switch", wait.switch_p50_s, wait.switch_p90_s),
            ("stay", wait.stay_p50_s, wait.stay_p90_s),
        )
    )
    yield "first word", f"after {', '.join(sides)}\n{wait.evidence}"
    yield "", wording.wait_words(wait) or "the switch adds less than a second"


def _quota(found: Answer) -> Iterator[tuple[str, str]]:
    """What the next call takes of a plan's windows; nothing where none was observed."""
    if isinstance(found.quota, Unknown):
        if found.session.limits_seen:
            yield "plan", f"its share is not known: {found.quota.reason}"
        return
    label = "plan"
    for share in found.quota:
        learnt = f"learnt from {share.pairs} changes of the percentage"
        yield label, f"the next call takes {wording.share_words(share)}, {learnt}"
        label = ""


def _ways(ways: Sequence[Way]) -> Iterator[tuple[str, str]]:
    """The ways beside staying and switching, which stand above."""
    label = "ways"
    for way in ways:
        if way.kind not in (WayKind.STAY, WayKind.SWITCH):
            yield label, f"{wording.way_name(way)}: {wording.way_explained(way)}"
            label = ""


def _changes(found: Answer) -> Iterator[tuple[str, str]]:
    """What a switch changes besides the model."""
    ratio = found.switch_side.token_ratio
    if not isinstance(ratio, Unknown) and ratio != found.stay_side.token_ratio:
        spread = f"({ratio.low:.2f} to {ratio.high:.2f})"
        yield "tokens", f"x{ratio.mid:.2f} {spread}: the same text in its own tokens"
    for reason in found.delta.reasons:
        yield "changes", reason.replace("_", " ")
    if first := wording.summary_explained(found):
        yield "first", first


def _risk(found: Answer) -> Iterator[tuple[str, str]]:
    """The level of the handoff, each reason with its points, and where the evidence stands."""
    if isinstance(found.risk, Unknown):
        yield "handoff", f"risk unknown: {found.risk.reason}"
        return
    points = wording.counted(found.risk.points, "point")
    yield "handoff", f"risk {found.risk.level}, {points} (docs/risk.md)"
    for reason in found.risk.reasons:
        yield "", f"{wording.reason_line(reason, found.model)} ({reason.points:+d})"
        yield "", f"  {wording.evidence_words(reason)}"


def _side(
    name: str, side: Side, call: CallCost | Unknown, evidence: str
) -> Iterator[tuple[str, str]]:
    if isinstance(side.card, Unknown):
        yield name, f"{display_name(side.model)}: {side.card.reason}"
        return
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
    yield name, f"{display_name(side.model)}: {shown} $/M ({side.card.origin})"
    yield "", f"cache: {evidence}"
    if not isinstance(call, Unknown):
        yield (
            "",
            f"next call: {wording.tokens(call.read_tokens.mid)} read,"
            f" {wording.tokens(call.written_tokens.mid)} written,"
            f" {wording.tokens(call.plain_tokens.mid)} plain,"
            f" {wording.tokens(call.output_tokens.mid)} answered"
            f"\n= {wording.money_range(call.cost)}",
        )


def _rate(rate: int | Unknown) -> str:
    return "unknown" if isinstance(rate, Unknown) else f"{rate / 1e6:g}"


def _difference(both: Comparison | Horizon) -> str:
    return (
        f"switch {wording.money_range(both.switch)} - stay {wording.money_range(both.stay)}"
        f"\n= {wording.money_range(both.extra, difference=True)}"
    )
