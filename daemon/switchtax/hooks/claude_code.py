"""What a hook of Claude Code is answered: the dialect alone, without files, sockets or a clock.

`respond` is given the hook's input, the variables that the client passed on, and a way to ask
for an `Answer`. It says `ask` where a person sits at a terminal and the switch is worth a word,
never `allow` (that would remove Claude Code's own dialog), and `{}`, no opinion, in all else.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.config.keys import ClaudeCode
from switchtax.hooks.declined import Declined
from switchtax.material import MATERIAL_USD_MICROS, is_material
from switchtax.records import Unknown
from switchtax.service.holds import Hold
from switchtax.sessions.fold import same_model
from switchtax.wording.warnings import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.estimates.for_session import Answer
    from switchtax.records import Call

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("PreModelSwitch", "PostModelSwitch", "SessionStart", "UserPromptSubmit", "SessionEnd")
_REMEMBERED = 2_000
_PERSON = {None, "", "user"}
"""The sources of a prompt that a person wrote; others are made by the machine."""
_STAYING = ""


@dataclass(slots=True)
class Seen:
    """What was answered before; the caller keeps it, one for all sessions, and hands it in.

    `since` is when it began: a switch made before is not told, since nobody knows any more
    whether it was announced.
    """

    since: float = 0.0
    prompts: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)
    """Switches asked about, by session and prompt id: each is one event."""
    announced: OrderedDict[tuple[str, str], list[str]] = field(default_factory=OrderedDict)
    """Targets that reached PreModelSwitch or PostModelSwitch, by session and transcript."""
    told: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)
    """Silent switches already said."""
    declined: Declined = field(default_factory=Declined)
    """Switches that were asked about and not made."""

    def first(self, of: OrderedDict[tuple[str, str], None], key: tuple[str, str]) -> bool:
        """Whether this is new; it no longer is afterwards."""
        if key in of:
            return False
        of[key] = None
        _shorten(of)
        return True

    def announce(self, session: str, transcript: str, model: str) -> None:
        """Note that a switch to this model went the announced way."""
        self.announced.setdefault((session, transcript), []).append(model)
        self.announced.move_to_end((session, transcript))
        _shorten(self.announced)

    def was_announced(self, session: str, transcript: str, model: str) -> bool:
        """Whether a switch to this model did."""
        return any(
            same_model(model, each) for each in self.announced.get((session, transcript), ())
        )


def _shorten(of: OrderedDict[Any, Any]) -> None:
    while len(of) > _REMEMBERED:
        of.popitem(last=False)


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen | None = None,
    material_usd_micros: int = MATERIAL_USD_MICROS,
    habits: ClaudeCode | None = None,
) -> dict[str, Any] | Hold:
    """The JSON that a hook prints; `{}` is no opinion. Never raises.

    A `Hold` is a switch that an editor should be asked about first.

    Args:
        event: the hook's event.
        hook_input: what Claude Code wrote to its standard input.
        env: the variables that the client passed on.
        ask: gives the `Answer` for a transcript, session and target, or None.
        seen: what was answered before; without it every switch stands alone, and none that
            went unannounced is told.
        material_usd_micros: a rebuild below this is not asked about.
        habits: what the user turned on.
    """
    chosen = habits or ClaudeCode()
    try:
        if hook_input.get("hook_event_name") != event or _inside_another(hook_input, env):
            return {}
        if event == "PreModelSwitch":
            noted = Seen() if seen is None else seen
            if hook_input.get("source") == "sdk":
                return _elsewhere(hook_input, ask, noted, material_usd_micros, chosen)
            return _before_switch(hook_input, env, ask, noted, material_usd_micros)
        if seen is None:
            return {}
        if event == "PostModelSwitch":
            seen.announce(*_session(hook_input), _text(hook_input, "to_model"))
            seen.declined.made(_text(hook_input, "session_id"))
        elif event == "UserPromptSubmit":
            return _at_prompt(hook_input, env, ask, seen, material_usd_micros)
    except Exception:  # whatever came in: no opinion
        return {}
    return {}


def _text(hook_input: Mapping[str, Any], name: str) -> str:
    value = hook_input[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _session(hook_input: Mapping[str, Any]) -> tuple[str, str]:
    return _text(hook_input, "session_id"), _text(hook_input, "transcript_path")


def _inside_another(hook_input: Mapping[str, Any], env: Mapping[str, str]) -> bool:
    """Whether another agent runs Claude Code's hooks as its own (Cursor does)."""
    return "cursor_version" in hook_input or bool(env.get("CURSOR_VERSION"))


def _is_attended(env: Mapping[str, str]) -> bool:
    """Whether a person sits at this terminal; elsewhere `ask` would be a refusal."""
    return (
        env.get("CLAUDE_CODE_SESSION_ATTENDED") == "1"
        and env.get("CLAUDE_CODE_ENTRYPOINT") == "cli"
    )


def _before_switch(
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    seen: Seen,
    material_usd_micros: int,
) -> dict[str, Any]:
    (session, transcript), model = _session(hook_input), _text(hook_input, "to_model")
    prompt = hook_input.get("prompt_id")
    if isinstance(prompt, str) and not seen.first(seen.prompts, (session, prompt)):
        return {}  # the same switch once more, with a wrong target (or by a second hook of ours)
    seen.announce(session, transcript, model)
    if hook_input.get("source") not in ("command", "picker") or not _is_attended(env):
        return {}
    if hook_input.get("context_tokens") == 0:
        return {}
    found = ask(transcript, session, model)
    if found is None or not is_material(found, material_usd_micros):
        return {}
    seen.declined.asked(session, found.model)
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreModelSwitch",
            "permissionDecision": "ask",
            "permissionDecisionReason": "\n".join(wording.dialog(found)),
        }
    }


def _elsewhere(
    hook_input: Mapping[str, Any],
    ask: Ask,
    seen: Seen,
    material_usd_micros: int,
    habits: ClaudeCode,
) -> dict[str, Any] | Hold:
    """A switch made in an editor's panel or by another program: `ask` would refuse it there.

    Several such switches may carry one prompt's id: each is an event of its own, and whoever
    asks editors sees to it that two hooks of ours make one question.
    """
    (session, transcript), model = _session(hook_input), _text(hook_input, "to_model")
    seen.announce(session, transcript, model)
    if not habits.hold_sdk or hook_input.get("context_tokens") == 0:
        return {}
    found = ask(transcript, session, model)
    if found is None or not is_material(found, material_usd_micros):
        return {}
    outputs = {"keep": _denied(kept(found)), "brief": _denied(kept(found, for_brief=True))}
    return Hold(found, _text(hook_input, "cwd"), outputs)


def _denied(reason: str) -> dict[str, Any]:
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreModelSwitch",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
    }


def _at_prompt(
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    seen: Seen,
    material_usd_micros: int,
) -> dict[str, Any]:
    """Say a switch that no PreModelSwitch announced, once: chosen, or made already.

    After a question that was answered with no, the agent is told of the sub-agent, once.
    """
    session, transcript = _session(hook_input)
    if hook_input.get("source") not in _PERSON:
        return {}
    stay = ask(transcript, session, _STAYING)
    if stay is None or stay.session.current is None:
        return {}
    lines = _chosen(stay, session, transcript, ask, seen, material_usd_micros)
    lines = lines or _made(stay, session, transcript, seen, material_usd_micros)
    if lines:
        return {"systemMessage": "\n".join(lines)}
    offer = seen.declined.offer(stay, session, lambda model: ask(transcript, session, model))
    if not offer:
        return {}
    return {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": offer}}


def _chosen(
    stay: Answer, session: str, transcript: str, ask: Ask, seen: Seen, material_usd_micros: int
) -> list[str]:
    """A switch that this prompt will carry out."""
    now = stay.session
    target = now.signs.chosen_model
    if now.request is not None and now.current is not None and now.request.at > now.current.at:
        target = now.request.model
    if not target or same_model(target, now.model):
        return []
    if now.last_at < seen.since or seen.was_announced(session, transcript, target):
        return []
    found = ask(transcript, session, target)
    if found is None or not is_material(found, material_usd_micros):
        return []
    last = now.current.id if now.current else ""
    return wording.dialog(found) if seen.first(seen.told, (session, f"{last}:{target}")) else []


def _made(
    stay: Answer, session: str, transcript: str, seen: Seen, material_usd_micros: int
) -> list[str]:
    """A switch that the last calls carried out already."""
    switches: list[Call] = stay.session.switches
    if not switches or switches[-1].at < seen.since:
        return []
    call = switches[-1]
    if seen.was_announced(session, transcript, call.model):
        return []
    card = stay.stay_side.card
    if isinstance(card, Unknown) or not same_model(call.model, stay.session.model):
        return []
    fresh = replace(call.usage, cache_read_tokens=0, output_tokens=0, reasoning_tokens=0)
    cost = card.cost_usd_micros(fresh, fast=call.fast)
    if isinstance(cost, Unknown) or cost < material_usd_micros:
        return []
    if not seen.first(seen.told, (session, call.id)):
        return []
    return wording.switched_silently(call, cost)
