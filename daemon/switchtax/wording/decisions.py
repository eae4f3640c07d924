"""Which model to take, and why: a sentence, and a table of the candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.advice.tasks import ModelClass
from switchtax.catalog.names import display_name
from switchtax.decide import Why
from switchtax.estimates.money import Money
from switchtax.records import Unknown
from switchtax.wording.numbers import counted, money, signed
from switchtax.wording.wait import seconds

if TYPE_CHECKING:
    from switchtax.decide import Candidate, Decision

__all__ = ["decision_table", "decision_words"]

_SIZES = {
    ModelClass.LARGE: "the largest of these, by its price",
    ModelClass.MIDDLE: "of middle size among these, by its price",
    ModelClass.SMALL: "the cheapest of these",
    ModelClass.ROOMY: "the cheapest of those with the longest window",
}


def decision_words(found: Decision) -> str:
    """The recommendation and its reason, in one or two sentences."""
    if isinstance(found.recommended, Unknown):
        return f"None can be recommended: {found.recommended.reason}."
    name, over = display_name(found.recommended), _over(found)
    chosen = next(each for each in found.candidates if each.model == found.recommended)
    verb = "Stay on" if chosen.current else "Take"
    if found.why is Why.TASK and found.task.kind and found.task.wants:
        kind, because = str(found.task.kind).replace("_", " "), ", ".join(found.task.because)
        return (
            f"{verb} {name}: {_SIZES[found.task.wants]}. The task asks for {kind} ({because})."
            f"{_more(found)}"
        )
    if found.why is Why.ONLY_KNOWN:
        return f"{verb} {name}: no other has a known price and room for the context."
    if found.why is Why.NOT_WORTH_IT:
        return f"Stay on {name}: {over} another is cheaper by too little for a change."
    unknown = (each for each in found.candidates if isinstance(each.expected, Unknown))
    priceless = any(each.fits is not False for each in unknown)
    of_all = "of those with a known price the cheapest" if priceless else "the cheapest"
    return f"{verb} {name}: {of_all} {over}, about {_amount(chosen)}.{_more(found)}"


def _over(found: Decision) -> str:
    if not found.turns:
        return "for the next call"
    return f"over {counted(found.turns, 'turn')}"


def _amount(candidate: Candidate) -> str:
    cost = candidate.expected
    return money(cost.mid) if isinstance(cost, Money) else "unknown"


def _more(found: Decision) -> str:
    if isinstance(found.extra, Unknown) or not found.extra.mid:
        return ""
    own = next((each for each in found.candidates if each.current), None)
    against = "the cheapest" if own is None else f"staying on {display_name(own.model)}"
    return f" That is {signed(found.extra.mid)} against {against} {_over(found)}."


def decision_table(found: Decision) -> list[str]:
    """The candidates at 80 columns: what each costs cold, warm and as its cache is now."""
    lines = [
        f"{'model':<26}{'cold':>10}{'warm':>10}{'expected':>11}  {'cache':<9}{'first word':>10}"
    ]
    for each in found.candidates:
        name = display_name(each.model)[:22] + (" *" if each.current else "")
        if each.fits is False:
            lines.append(f"{name:<26}  does not fit its window")
            continue
        if isinstance(each.expected, Unknown):
            lines.append(f"{name:<26}  unknown: {each.expected.reason}"[:80])
            continue
        cold, warm = (_cell(amount) for amount in (each.cold, each.warm))
        wait = "unknown" if isinstance(each.wait, Unknown) else seconds(each.wait.switch_p50_s)
        state = str(each.view.state)
        lines.append(
            f"{name:<26}{cold:>10}{warm:>10}{_cell(each.expected):>11}  {state:<9}{wait:>10}"
        )
    if any(each.current for each in found.candidates):
        lines.append("* the session's own")
    return lines


def _cell(amount: Money | Unknown) -> str:
    if isinstance(amount, Unknown):
        return "unknown"
    return money(amount.mid).replace("under ", "<")
