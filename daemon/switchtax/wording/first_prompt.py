"""The words at the first prompt of a session: which model may fit it, and what both cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.advice.tasks import ModelClass
from switchtax.catalog.names import display_name
from switchtax.estimates.money import Money
from switchtax.wording.numbers import counted, money, tokens

if TYPE_CHECKING:
    from switchtax.advice.tasks import Task
    from switchtax.decide import Candidate

__all__ = ["first_prompt_words"]

_WIDTH = 74


def first_prompt_words(task: Task, chosen: Candidate, now: Candidate, turns: int) -> list[str]:
    """Two lines of a notice, each at most 74 characters; none without both prices.

    "This prompt is a small change: Haiku 5.5 may do (/model)."
    "About $0.12 over 10 turns at API prices; $2.40 on Opus 5.5."

    Args:
        task: why, by the names of its rules.
        chosen: the model that fits.
        now: the one that the session is on.
        turns: horizon in turns.
    """
    if not isinstance(chosen.expected, Money) or not isinstance(now.expected, Money):
        return []
    name, own = display_name(chosen.model)[:24], display_name(now.model)[:24]
    cheaper = chosen.expected.mid < now.expected.mid
    may = "may do" if cheaper else "may fit better"
    if task.wants is ModelClass.ROOMY and isinstance(chosen.window_tokens, int):
        may = f"holds {tokens(chosen.window_tokens)} tokens"
    first = f"This prompt {task.because[0]}: {name} {may} (/model)."
    if len(first) > _WIDTH:
        first = f"For this prompt {name} {may} (/model)."
    there, here = money(chosen.expected.mid), money(now.expected.mid)
    second = f"About {there} over {counted(turns, 'turn')} at API prices; {here} on {own}."
    if len(second) > _WIDTH:
        second = f"About {there} over {counted(turns, 'turn')} at API prices; {here} here."
    return [first, second]
