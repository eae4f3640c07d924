"""Codex between models of different compaction hashes: the old model summarises first.

The re-read of the whole context on the new model, which any other agent pays, does not happen.
Instead the old model is sent the whole history once more and writes a summary; the new model
starts from its instructions, the last user messages and that summary.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from switchtax.estimates.inputs import NOTHING, CompactionFirst
from switchtax.estimates.interval import Interval

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Side

__all__ = [
    "CONTEXT_AFTER_TOKENS",
    "START_TOKENS",
    "SUMMARY_TOKENS",
    "reads_its_cache",
    "with_compaction_first",
]

SUMMARY_TOKENS = Interval(500, 1_500, 4_000)
"""What a compaction answers: a guess, wide on purpose, until a session's own are learnt."""

START_TOKENS = 12_700
"""Instructions and tools that open every history, compacted or not.
Source: requests of Codex 0.169.0 against a local provider, 2026-11-21."""

CONTEXT_AFTER_TOKENS = Interval(13_000, 18_000, 36_000)
"""Where the new model starts: 12.7k to 16.4k of instructions and tools were seen beside a summary
of five tokens; the summary and up to 20k tokens of user messages come on top.
Source: requests of Codex 0.169.0 against a local provider, 2026-11-21."""


def reads_its_cache(model: str) -> bool:
    """Whether the compaction request finds the old model's prefix in the cache.

    It is sent without tools: gpt-5.5 has them in front of the prefix and misses all of it
    (0 of 13,041 tokens read), later models carry them inside the input and read most of it
    (17,920 of 23,360). Source: requests of Codex 0.169.0, 2026-11-21.
    """
    return not model.startswith("gpt-5.5")


def with_compaction_first(
    switch: Side,
    stay: Side,
    *,
    summary: Interval = SUMMARY_TOKENS,
    after: Interval = CONTEXT_AFTER_TOKENS,
) -> Side:
    """The other model as it is after a compaction on the current one.

    Args:
        switch: the model switched to.
        stay: the current model, with what its cache holds.
        summary: tokens of the summary, the current model's own.
        after: tokens the new model starts from, its own.
    """
    on = stay if reads_its_cache(stay.model) else replace(stay, alive_tokens=NOTHING)
    alive = switch.alive_tokens
    if isinstance(alive, Interval):
        # Whatever this model once read of the old history is no prefix of the new one.
        low, mid, high = (min(each, START_TOKENS) for each in (alive.low, alive.mid, alive.high))
        alive = Interval(low, mid, high)
    compaction = CompactionFirst(on, summary, after)
    return replace(switch, alive_tokens=alive, compaction=compaction)
