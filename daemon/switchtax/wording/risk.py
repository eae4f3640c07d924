"""The sentences of a handoff's risk: its level in a popup, its reasons one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.drift import table
from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.wording.numbers import counted, tokens

if TYPE_CHECKING:
    from switchtax.estimates.drift import Reason
    from switchtax.estimates.for_session import Answer

__all__ = ["MODE_WORDS", "evidence_words", "reason_in_short", "reason_line", "risk_words"]

MODE_WORDS = {
    "style_drift": "other conventions",
    "lost_context": "lost context",
    "instruction_ambiguity": "unclear why",
    "reasoning_discontinuity": "broken train of thought",
}
"""The ways a handoff goes wrong, for people."""


def risk_words(found: Answer) -> str:
    """The level and its weightiest reason, for a popup; "" where it is low or unknown.

    "Risk medium: a tool call is pending."
    """
    risk = found.risk
    if isinstance(risk, Unknown) or risk.level == "low":
        return ""
    return f"Risk {risk.level}: {reason_in_short(risk.reasons[0])}."


def reason_line(reason: Reason, target_model: str) -> str:
    """A reason in one clause that names the thing in this session.

    "3 files edited since the last test run"
    """
    name = display_name(target_model)
    match reason.signal:
        case "does_not_fit" | "window_near":
            size, window = _number(reason, "tokens"), _number(reason, "window_tokens")
            holds = f"of the {tokens(window)} that {name} holds"
            if reason.signal == "does_not_fit":
                return f"{tokens(size)} tokens do not fit: {name} holds {tokens(window)}"
            return f"{tokens(size)} tokens fill most {holds}"
        case "reasoning_unreadable":
            calls = counted(_number(reason, "calls"), "call")
            return f"reasoning of {calls} cannot be read by {name}"
        case "tool_pending":
            count = _number(reason, "tools")
            one = f"a tool call ({reason.fact('name')}) has no result yet"
            return one if count == 1 else f"{count} tool calls have no result yet"
        case "turn_unfinished":
            return "the last answer called tools and has not gone on: the turn is open"
        case "open_todos":
            return f"{counted(_number(reason, 'items'), 'item')} of the to-do list still open"
        case "edits_unverified":
            return _edited(reason)
        case "rules_far_back":
            ago = counted(_number(reason, "prompts_since"), "prompt")
            return f"rules you gave stand {ago} back and were not repeated"
        case "tier_drop":
            steps = _number(reason, "steps")
            return f"{name} is a smaller model" + (f", by {steps} steps" if steps > 1 else "")
        case "tools_differ":
            return f"{name} gets other tools and instructions from the agent"
        case _:
            return "the history was summed up just now: that helps"


def evidence_words(reason: Reason) -> str:
    """What it may lead to, and where that was found.

    "lost context; arxiv.org/abs/2606.02875"
    """
    known = table().evidence
    modes = ", ".join(MODE_WORDS[mode] for mode in reason.modes) or "lowers the risk"
    found = [known[key].source.removeprefix("https://") for key in reason.evidence[:1]]
    return f"{modes}; {', '.join(found)}"


def reason_in_short(reason: Reason) -> str:
    """The same for a popup, at most 40 characters."""
    match reason.signal:
        case "does_not_fit":
            return "the context does not fit"
        case "window_near":
            return "the window is nearly full"
        case "reasoning_unreadable":
            return f"reasoning of {counted(_number(reason, 'calls'), 'call')} is lost"
        case "tool_pending":
            count = _number(reason, "tools")
            return "a tool call is pending" if count == 1 else f"{count} tool calls are pending"
        case "turn_unfinished":
            return "the turn is not finished"
        case "open_todos":
            return f"{counted(_number(reason, 'items'), 'to-do')} open"
        case "edits_unverified":
            return f"{counted(_number(reason, 'files'), 'edited file')} untested"
        case "rules_far_back":
            return "your rules stand far back"
        case "tier_drop":
            return "a smaller model"
        case "tools_differ":
            return "other tools and instructions"
        case _:
            return "it begins with notes, which helps"


def _edited(reason: Reason) -> str:
    files = counted(_number(reason, "files"), "file")
    if _number(reason, "tests"):
        return f"{files} edited since the last test run"
    return f"{files} edited, no test run so far"


def _number(reason: Reason, name: str) -> int:
    return int(reason.fact(name))
