"""What a switch changes besides the model: text added, parts dropped, a compaction before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import Interval
from switchtax.records import Unknown
from switchtax.sessions.codex_facts import Room, appended_chars, told_of

__all__ = ["SUMMED_UP_FIRST", "ContextDelta", "context_delta", "family_of", "of_chars"]

_TOKENS_PER_CHAR = 0.24
"""Of such text, before a session has taught its own."""

_UNSURE = 0.1

CLAUDE_CODE_REMINDER_TOKENS = Interval(60, 190, 330)
"""What Claude Code tells the new model of itself, and of how to sign its work.
Source: requests of Claude Code 2.1.329 against a local provider, 2026-11-21."""

COPILOT_START_TOKENS = (("gpt", 13_100), ("claude", 12_400))
"""System prompt and tools of Copilot CLI by model family.
Source: requests of Copilot CLI 1.0.102 against a local provider, 2026-11-21."""

_FAMILIES = ("claude", "gpt", "gemini", "grok", "kimi", "qwen", "glm", "deepseek")


@dataclass(frozen=True, slots=True)
class ContextDelta:
    """Tokens a switch adds and removes; reasons are codes for the wording, in order of weight."""

    added_tokens: Interval = NOTHING
    removed_tokens: Interval = NOTHING
    compaction_first: bool | Unknown = False
    reasons: tuple[str, ...] = ()

    @property
    def tokens(self) -> Interval:
        """Added less removed; the two do not depend on each other."""
        added, removed = self.added_tokens, self.removed_tokens
        mid = added.mid - removed.mid
        below = ((added.mid - added.low) ** 2 + (removed.high - removed.mid) ** 2) ** 0.5
        above = ((added.high - added.mid) ** 2 + (removed.mid - removed.low) ** 2) ** 0.5
        return Interval(mid - below, mid, mid + above)


SUMMED_UP_FIRST = ContextDelta(compaction_first=True, reasons=("compaction_first",))
"""The current model writes a summary, and the other starts from that."""


def context_delta(
    from_model: str,
    to_model: str,
    agent: str,
    *,
    reasoning_tokens: Interval = NOTHING,
    comp_hashes: tuple[str, str] = ("", ""),
    tokens_per_char: float = _TOKENS_PER_CHAR,
    room: Room | None = None,
) -> ContextDelta:
    """What choosing another model does to the context that is sent.

    Args:
        from_model: the current model, normalised name.
        to_model: the other one.
        agent: the agent's id.
        reasoning_tokens: reasoning carried in the context, source tokens.
        comp_hashes: Codex: recorded hashes of both models, "" where not recorded.
        tokens_per_char: of text that the agent adds, as the session has taught it.
        room: Codex: where the session runs; without it, one at a screen that began here.
    """
    if from_model == to_model:
        return ContextDelta()
    dropped = _dropped_reasoning(from_model, to_model, reasoning_tokens)
    reasons = ("reasoning_dropped",) if dropped.high > 0 else ()
    if agent == "codex":
        room = room or Room(from_model, is_on_screen=True, is_hosted=True)
        added = of_chars(appended_chars(from_model, to_model, room), tokens_per_char)
        return _codex(
            from_model, to_model, ContextDelta(added, dropped, False, reasons), comp_hashes
        )
    if agent == "copilot-cli":
        return _copilot(from_model, to_model, dropped, reasons)
    if agent == "claude-code":
        named = ("model_reminder", *reasons)
        return ContextDelta(CLAUDE_CODE_REMINDER_TOKENS, dropped, False, named)
    return ContextDelta(removed_tokens=dropped, reasons=reasons)


def family_of(model: str) -> str:
    """The maker's line of models a name belongs to, "" if we do not know it."""
    return next((each for each in _FAMILIES if model.startswith(each)), "")


def of_chars(chars: int, tokens_per_char: float) -> Interval:
    """Tokens of so many characters that an agent adds, or (negative) takes away."""
    mid = chars * tokens_per_char
    unsure = abs(mid) * _UNSURE
    return Interval(mid - unsure, mid, mid + unsure)


def _dropped_reasoning(from_model: str, to_model: str, reasoning: Interval) -> Interval:
    """Another maker cannot read sealed reasoning; a sister model reads it only for some pairs.

    Source: platform.claude.com, "Preserved thinking", read 2026-11-21: blocks that the current
    model cannot read are dropped from the request without an error.
    """
    family = family_of(from_model)
    if family and family == family_of(to_model):
        return Interval(0, reasoning.mid, reasoning.high)
    return reasoning


def _codex(
    from_model: str, to_model: str, plain: ContextDelta, recorded: tuple[str, str]
) -> ContextDelta:
    """The plain change, unless the history is summed up first."""
    old = recorded[0] or told_of(from_model).comp_hash
    new = recorded[1] or told_of(to_model).comp_hash
    if not old or not new:
        missing = to_model if old else from_model
        unknown = Unknown(f"Codex names no compaction hash for {missing}")
        return replace(plain, compaction_first=unknown)
    if old != new:
        return SUMMED_UP_FIRST
    return replace(plain, reasons=("model_switch_text", *plain.reasons))


def _copilot(
    from_model: str, to_model: str, dropped: Interval, reasons: tuple[str, ...]
) -> ContextDelta:
    starts = dict(COPILOT_START_TOKENS)
    old, new = starts.get(family_of(from_model)), starts.get(family_of(to_model))
    if old is None or new is None:
        return ContextDelta(removed_tokens=dropped, reasons=("system_and_tools_differ", *reasons))
    if old == new:
        return ContextDelta(removed_tokens=dropped, reasons=reasons)
    added, removed = max(0, new - old), max(0, old - new)
    return ContextDelta(
        Interval(added, added, added),
        Interval(dropped.low + removed, dropped.mid + removed, dropped.high + removed),
        False,
        ("system_and_tools_differ", *reasons),
    )
