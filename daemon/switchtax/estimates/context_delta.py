"""What a switch changes besides the model: text added, parts dropped, a compaction before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

CODEX_INSTRUCTIONS_CHARS = (
    ("gpt-6.1-sol", 21_769),
    ("gpt-6.1-terra", 21_420),
    ("gpt-6-astra", 21_420),
    ("gpt-6-sol", 18_992),
    ("gpt-6-luna", 18_037),
    ("gpt-5.6", 17_730),
    ("gpt-5.5", 21_459),
)
"""What each model is told first. Source: built-in model catalogue of Codex 0.169.0, 2026-11-21."""

_CODEX_OTHER_CHARS = 26_300
"""The same for a model that the catalogue does not name (gpt-5.4-mini), tools that differ included.
Source: requests of Codex 0.169.0 against a local provider, 2026-11-21."""

_CODEX_FRAME_CHARS = 1_700
"""What stands around them in a `<model_switch>` message, and the collaboration text beside it.
Source: requests of Codex 0.169.0 against a local provider, 2026-11-21."""

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


def context_delta(
    from_model: str,
    to_model: str,
    agent: str,
    *,
    reasoning_tokens: Interval = NOTHING,
    comp_hashes: tuple[str, str] = ("", ""),
    tokens_per_char: float = _TOKENS_PER_CHAR,
) -> ContextDelta:
    """What choosing another model does to the context that is sent.

    Args:
        from_model: the current model, normalised name.
        to_model: the other one.
        agent: the agent's id.
        reasoning_tokens: reasoning carried in the context, source tokens.
        comp_hashes: Codex: recorded hashes of both models, "" where not recorded.
        tokens_per_char: of text that the agent adds, as the session has taught it.
    """
    if from_model == to_model:
        return ContextDelta()
    dropped = _dropped_reasoning(from_model, to_model, reasoning_tokens)
    reasons = ("reasoning_dropped",) if dropped.high > 0 else ()
    if agent == "codex":
        added = _model_switch_tokens(to_model, tokens_per_char)
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


def _model_switch_tokens(model: str, tokens_per_char: float) -> Interval:
    """The `<model_switch>` message that Codex appends: the new model's instructions."""
    known = (chars for name, chars in CODEX_INSTRUCTIONS_CHARS if _is(model, name))
    chars = next(known, _CODEX_OTHER_CHARS) + _CODEX_FRAME_CHARS
    mid = chars * tokens_per_char
    return Interval(mid * (1 - _UNSURE), mid, mid * (1 + _UNSURE))


def _codex(
    from_model: str, to_model: str, plain: ContextDelta, recorded: tuple[str, str]
) -> ContextDelta:
    """The plain change, unless the history is summed up first."""
    old = recorded[0] or comp_hash_of(from_model)
    new = recorded[1] or comp_hash_of(to_model)
    if not old or not new:
        missing = to_model if old else from_model
        unknown = Unknown(f"Codex names no compaction hash for {missing}")
        return replace(plain, compaction_first=unknown)
    if old != new:
        return ContextDelta(compaction_first=True, reasons=("compaction_first",))
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
