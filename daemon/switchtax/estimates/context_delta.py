"""What a switch changes besides the model: text added, parts dropped, a compaction before it."""

from __future__ import annotations

from dataclasses import dataclass

from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import Interval
from switchtax.records import Unknown

__all__ = ["ContextDelta", "comp_hash_of", "context_delta", "family_of"]

CODEX_COMP_HASHES = (
    ("gpt-5.5", "2911"),
    ("gpt-5.6", "3000"),
    ("gpt-6", "3000"),
)
"""Codex compacts before a switch between models of different hashes.
Source: built-in model catalogue of Codex 0.169.0, read 2026-11-21."""

CODEX_MODEL_SWITCH_TOKENS = Interval(4_000, 4_800, 5_500)
"""The `<model_switch>` message: the new model's instructions, appended at each switch.
Source: requests of Codex 0.169.0 against a local provider, 2026-11-21 (12.8k, 18.0k, 26.7k)."""

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


def context_delta(
    from_model: str,
    to_model: str,
    agent: str,
    *,
    reasoning_tokens: Interval = NOTHING,
    comp_hashes: tuple[str, str] = ("", ""),
) -> ContextDelta:
    """What choosing another model does to the context that is sent.

    Args:
        from_model: the current model, normalised name.
        to_model: the other one.
        agent: the agent's id.
        reasoning_tokens: reasoning carried in the context, source tokens.
        comp_hashes: Codex: recorded hashes of both models, "" where not recorded.
    """
    if from_model == to_model:
        return ContextDelta()
    dropped = _dropped_reasoning(from_model, to_model, reasoning_tokens)
    reasons = ("reasoning_dropped",) if dropped.high > 0 else ()
    if agent == "codex":
        return _codex(from_model, to_model, dropped, reasons, comp_hashes)
    if agent == "copilot-cli":
        return _copilot(from_model, to_model, dropped, reasons)
    if agent == "claude-code":
        named = ("model_reminder", *reasons)
        return ContextDelta(CLAUDE_CODE_REMINDER_TOKENS, dropped, False, named)
    return ContextDelta(removed_tokens=dropped, reasons=reasons)


def family_of(model: str) -> str:
    """The maker's line of models a name belongs to, "" if we do not know it."""
    return next((each for each in _FAMILIES if model.startswith(each)), "")


def comp_hash_of(model: str) -> str:
    """Codex's compaction hash of a model, "" if its catalogue does not name the model."""
    return next((value for name, value in CODEX_COMP_HASHES if _is(model, name)), "")


def _is(model: str, name: str) -> bool:
    return model == name or model.startswith((f"{name}-", f"{name}."))


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
    from_model: str,
    to_model: str,
    dropped: Interval,
    reasons: tuple[str, ...],
    recorded: tuple[str, str],
) -> ContextDelta:
    old = recorded[0] or comp_hash_of(from_model)
    new = recorded[1] or comp_hash_of(to_model)
    if not old or not new:
        missing = to_model if old else from_model
        unknown = Unknown(f"Codex names no compaction hash for {missing}")
        return ContextDelta(CODEX_MODEL_SWITCH_TOKENS, dropped, unknown, reasons)
    if old != new:
        return ContextDelta(compaction_first=True, reasons=("compaction_first",))
    named = ("model_switch_text", *reasons)
    return ContextDelta(CODEX_MODEL_SWITCH_TOKENS, dropped, False, named)


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
