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
from switchtax.config.keys import ClaudeCode, Material
from switchtax.hooks.declined import Declined
from switchtax.hooks.remembering import is_new, shorten
from switchtax.material import is_material
from switchtax.records import Unknown
from switchtax.service.holds import Hold
from switchtax.sessions.fold import same_model
from switchtax.wording.warnings import go_or_keep, kept, sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.estimates.for_session import Answer
    from switchtax.records import Call

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("PreModelSwitch", "PostModelSwitch", "SessionStart", "UserPromptSubmit", "SessionEnd")
BEFORE_REQUEST = "BeforeRequest"
"""Not an event of Claude Code's settings: our hooks module asks so, see docs/adr/."""
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
        return is_new(of, key)

    def announce(self, session: str, transcript: str, model: str) -> None:
        """Note that a switch to this model went the announced way."""
        self.announced.setdefault((session, transcript), []).append(model)
        self.announced.move_to_end((session, transcript))
        shorten(self.announced)

    def was_announced(self, session: str, transcript: str, model: str) -> bool:
        """Whether a switch to this model did."""
        return any(
            same_model(model, each) for each in self.announced.get((session, transcript), ())
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """One call of a hook, and all that its answer may depend on."""

    hook_input: Mapping[str, Any]
    env: Mapping[str, str]
    ask: Ask
    seen: Seen
    material: Material
    habits: ClaudeCode
    shown_model: Callable[[str], str]

    @property
    def session(self) -> str:
        """The session's id."""
        return _text(self.hook_input, "session_id")

    @property
    def transcript(self) -> str:
        """Its file."""
        return _text(self.hook_input, "transcript_path")

    @property
    def is_attended(self) -> bool:
        """Whether a person sits at this terminal; elsewhere `ask` would be a refusal."""
        return (
            self.env.get("CLAUDE_CODE_SESSION_ATTENDED") == "1"
            and self.env.get("CLAUDE_CODE_ENTRYPOINT") == "cli"
        )

    def worth_a_word(self, model: str) -> Answer | None:
        """The answer for a switch to this model, where it is worth a word."""
        found = self.ask(self.transcript, self.session, model)
        if found is None or not is_material(found, self.material):
            return None
        return found


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen | None = None,
    material: Material | None = None,
    habits: ClaudeCode | None = None,
    shown_model: Callable[[str], str] = lambda _: "",
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
        material: what is below all of these is not asked about.
        habits: what the user turned on.
        shown_model: the model that a session's status line names now, "" if that is not known.
    """
    try:
        if hook_input.get("hook_event_name") != event or _inside_another(hook_input, env):
            return {}
        noted, chosen = Seen() if seen is None else seen, habits or ClaudeCode()
        question = _Question(
            hook_input, env, ask, noted, material or Material(), chosen, shown_model
        )
        if event == "PreModelSwitch":
            elsewhere = hook_input.get("source") == "sdk"
            return _elsewhere(question) if elsewhere else _before_switch(question)
        if seen is None:
            return {}
        if event == "PostModelSwitch":
            target = _text(hook_input, "to_model")
            seen.announce(question.session, question.transcript, target)
            seen.declined.made(question.session)
        elif event == "UserPromptSubmit":
            return _at_prompt(question)
        elif event == BEFORE_REQUEST:
            return _before_request(question)
    except Exception:  # whatever came in: no opinion
        return {}
    return {}


def _text(hook_input: Mapping[str, Any], name: str) -> str:
    value = hook_input[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _inside_another(hook_input: Mapping[str, Any], env: Mapping[str, str]) -> bool:
    """Whether another agent runs Claude Code's hooks as its own (Cursor does)."""
    return "cursor_version" in hook_input or bool(env.get("CURSOR_VERSION"))


def _before_switch(question: _Question) -> dict[str, Any]:
    hook_input, seen, session = question.hook_input, question.seen, question.session
    model, prompt = _text(hook_input, "to_model"), hook_input.get("prompt_id")
    if isinstance(prompt, str) and not seen.first(seen.prompts, (session, prompt)):
        return {}  # the same switch once more, with a wrong target (or by a second hook of ours)
    seen.announce(session, question.transcript, model)
    if hook_input.get("source") not in ("command", "picker") or not question.is_attended:
        return {}
    found = None if hook_input.get("context_tokens") == 0 else question.worth_a_word(model)
    if found is None:
        return {}
    seen.declined.asked(session, found.model)
    return _decided("ask", "\n".join(wording.dialog(found)))


def _elsewhere(question: _Question) -> dict[str, Any] | Hold:
    """A switch made in an editor's panel or by another program: `ask` would refuse it there.

    Several such switches may carry one prompt's id: each is an event of its own, and whoever
    asks editors sees to it that two hooks of ours make one question.
    """
    hook_input, model = question.hook_input, _text(question.hook_input, "to_model")
    question.seen.announce(question.session, question.transcript, model)
    if not question.habits.hold_sdk or hook_input.get("context_tokens") == 0:
        return {}
    found = question.worth_a_word(model)
    if found is None:
        return {}
    reasons = {"keep": kept(found), "brief": kept(found, for_brief=True)}
    outputs = {action: _decided("deny", reason) for action, reason in reasons.items()}
    return Hold(found, _text(hook_input, "cwd"), outputs)


def _decided(decision: str, reason: str) -> dict[str, Any]:
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreModelSwitch",
            "permissionDecision": decision,
            "permissionDecisionReason": reason,
        }
    }


def _at_prompt(question: _Question) -> dict[str, Any]:
    """Say a switch that no PreModelSwitch announced, once: chosen, or made already.

    After a question that was answered with no, the agent is told of the sub-agent, once.
    """
    if question.hook_input.get("source") not in _PERSON:
        return {}
    stay = question.ask(question.transcript, question.session, _STAYING)
    if stay is None or stay.session.current is None:
        return {}
    lines = _about_to_be_made(question, stay)
    if lines:
        return {"decision": "block", "reason": "\n".join(sent_back(lines))}
    lines = _chosen(question, stay) or _made(question, stay)
    if lines:
        return {"systemMessage": "\n".join(lines)}
    session = question.session
    offer = question.seen.declined.offer(
        stay, session, lambda model: question.ask(question.transcript, session, model)
    )
    if not offer:
        return {}
    return {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": offer}}


def _before_request(question: _Question) -> dict[str, Any]:
    """What our hooks module asks before a request to a model that nobody was asked about.

    The question, both answers, and the model that is kept by the second.
    """
    target, seen = _text(question.hook_input, "to_model"), question.seen
    session, transcript = question.session, question.transcript
    if seen.was_announced(session, transcript, target):
        return {}
    found = question.worth_a_word(target)
    if found is None:
        return {}
    seen.announce(session, transcript, target)
    go, keep = go_or_keep(found)
    lines = "\n".join(wording.dialog(found))
    return {"question": lines, "go": go, "keep": keep, "model": found.session.model}


def _about_to_be_made(question: _Question, stay: Answer) -> list[str]:
    """A switch that this prompt would carry out and that can still be stopped: once.

    The status line names the model that the next request goes to, after `--resume --model` too.
    """
    if not question.habits.block_unannounced or not question.is_attended:
        return []
    session, transcript, seen = question.session, question.transcript, question.seen
    target = question.shown_model(session) or _named_by_log(stay)
    if not target or same_model(target, stay.session.model):
        return []
    if seen.was_announced(session, transcript, target):
        return []
    found = question.worth_a_word(target)
    if found is None:
        return []
    seen.announce(session, transcript, target)  # sent again it goes, and is not told as silent
    return wording.dialog(found)


def _named_by_log(stay: Answer) -> str:
    """The model that the log says the next request goes to, or the one under way went to."""
    now = stay.session
    if now.request is not None and now.current is not None and now.request.at > now.current.at:
        return now.request.model
    return now.signs.chosen_model


def _chosen(question: _Question, stay: Answer) -> list[str]:
    """A switch that this prompt will carry out."""
    now, seen, target = stay.session, question.seen, _named_by_log(stay)
    if not target or same_model(target, now.model) or now.last_at < seen.since:
        return []
    if seen.was_announced(question.session, question.transcript, target):
        return []
    found = question.worth_a_word(target)
    if found is None:
        return []
    last = now.current.id if now.current else ""
    fresh = seen.first(seen.told, (question.session, f"{last}:{target}"))
    return wording.dialog(found) if fresh else []


def _made(question: _Question, stay: Answer) -> list[str]:
    """A switch that the last calls carried out already."""
    switches: list[Call] = stay.session.switches
    seen = question.seen
    if not switches or switches[-1].at < seen.since:
        return []
    call = switches[-1]
    if seen.was_announced(question.session, question.transcript, call.model):
        return []
    card = stay.stay_side.card
    if isinstance(card, Unknown) or not same_model(call.model, stay.session.model):
        return []
    fresh = replace(call.usage, cache_read_tokens=0, output_tokens=0, reasoning_tokens=0)
    cost = card.cost_usd_micros(fresh, fast=call.fast)
    if isinstance(cost, Unknown) or cost < question.material.rebuild_usd_micros:
        return []
    if not seen.first(seen.told, (question.session, call.id)):
        return []
    return wording.switched_silently(call, cost)
