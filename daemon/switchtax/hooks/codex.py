"""What a hook of Codex is answered: the dialect alone, without files, sockets or a clock.

Codex has no hook for a switch. Two come before the expensive request. Between models with one
compaction hash it is UserPromptSubmit. Between others Codex first sums the session up on the old
model, before that hook: there it is PreCompact, and a prompt that is sent back afterwards would
make that summary paid twice. In all else `{}`, no opinion.

Source: Codex 0.169.0 against a local provider, and its hooks' schema, 2026-11-21.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.config import Material
from switchtax.config.keys import Codex
from switchtax.hooks.remembering import is_new_switch, shorten
from switchtax.material import is_material
from switchtax.sessions.fold import same_model
from switchtax.wording import popup
from switchtax.wording.warnings import sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("SessionStart", "UserPromptSubmit", "PreCompact", "SessionEnd")
_NOBODY = "bypassPermissions"
"""The permission mode under `codex exec`: nobody is there to send a prompt again."""


@dataclass(slots=True)
class Seen:
    """What was answered before; the caller keeps it, one for all sessions, and hands it in."""

    since: float = 0.0
    told: OrderedDict[tuple[str, str, str], None] = field(default_factory=OrderedDict)
    """Switches that were said: session, the last call before, target."""
    alone: OrderedDict[str, bool] = field(default_factory=OrderedDict)
    """Whether nobody sits at a session, by its id; PreCompact itself does not tell."""

    def first(self, found: Answer) -> bool:
        """Whether a switch is said for the first time; it no longer is afterwards."""
        return is_new_switch(self.told, found)

    def note(self, session: str, mode: object) -> None:
        """A hook named the permission mode of a session."""
        self.alone[session] = mode == _NOBODY
        self.alone.move_to_end(session)
        shorten(self.alone)


@dataclass(frozen=True, slots=True)
class _Question:
    """One call of a hook, and all that its answer may depend on."""

    hook_input: Mapping[str, Any]
    ask: Ask
    seen: Seen
    material: Material
    habits: Codex

    def text(self, name: str) -> str:
        """A text of the input; "" where it is missing."""
        value = self.hook_input.get(name)
        return value if isinstance(value, str) else ""

    def answer(self, model: str = "") -> Answer | None:
        """The answer for a switch to this model; for none, of staying."""
        return self.ask(self.text("transcript_path"), self.text("session_id"), model)

    @property
    def is_attended(self) -> bool:
        """Whether somebody may be there to send a prompt again."""
        return self.seen.alone.get(self.text("session_id")) is False


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen | None = None,
    material: Material | None = None,
    habits: Codex | None = None,
    shown_model: Callable[[str], str] = lambda _: "",
) -> dict[str, Any]:
    """The JSON that a hook prints; `{}` is no opinion. Never raises.

    Args:
        event: the hook's event.
        hook_input: what Codex wrote to its standard input.
        env: the variables that the client passed on; not needed here.
        ask: gives the `Answer` for a transcript, session and target, or None.
        seen: what was answered before; without it every switch is said anew.
        material: from where on a switch is worth a word.
        habits: what the user turned on.
        shown_model: Codex has no status line of ours: not needed here.
    """
    del env, shown_model
    try:
        if hook_input.get("hook_event_name") != event:
            return {}
        noted = Seen() if seen is None else seen
        question = _Question(hook_input, ask, noted, material or Material(), habits or Codex())
        session = question.text("session_id")
        if "permission_mode" in hook_input:
            noted.note(session, hook_input["permission_mode"])
        if event == "SessionEnd":
            noted.alone.pop(session, None)
        if event == "SessionStart" and hook_input.get("source") == "resume":
            return _at_start(question)
        if event == "UserPromptSubmit":
            return _at_prompt(question)
        if event == "PreCompact" and hook_input.get("trigger") == "auto":
            return _before_compaction(question)
    except Exception:  # whatever came in: no opinion
        return {}
    return {}


def _worth_a_word(question: _Question, target: str) -> Answer | None:
    found = question.answer(target) if target else None
    if found is None or same_model(found.model, found.session.model):
        return None
    return found if is_material(found, question.material) else None


def _at_start(question: _Question) -> dict[str, Any]:
    """Resumed with another model: the first hook that names it.

    Where the first prompt, or the summary before it, will be stopped, that says it.
    """
    found = _worth_a_word(question, question.text("model"))
    if found is None or (question.is_attended and _will_stop(question, found)):
        return {}
    return _said(popup(found)) if question.seen.first(found) else {}


def _will_stop(question: _Question, found: Answer) -> bool:
    habits = question.habits
    if found.delta.compaction_first is False:
        return habits.block_unannounced
    return habits.stop_compaction


def _at_prompt(question: _Question) -> dict[str, Any]:
    """A switch that this prompt carries out: said, or sent back once.

    Never sent back where Codex sums up first: that is paid by now.
    """
    found = _worth_a_word(question, question.text("model"))
    if found is None or found.session.signs.compacted or not question.seen.first(found):
        return {}
    lines = popup(found)
    free = found.delta.compaction_first is False
    if free and question.habits.block_unannounced and question.is_attended:
        return {"decision": "block", "reason": "\n".join(sent_back(lines))}
    return _said(lines)


def _before_compaction(question: _Question) -> dict[str, Any]:
    """A summary on the old model that a switch brings about: said, or stopped once.

    Another one, of a full window, is none of ours. Its input names the old model; the log
    names the one that was chosen.
    """
    stay = question.answer()
    if stay is None or not same_model(question.text("model"), stay.session.model):
        return {}
    found = _worth_a_word(question, stay.session.signs.chosen_model)
    if found is None or found.delta.compaction_first is not True:
        return {}
    if not question.seen.first(found):
        return {}
    lines = popup(found)
    if question.habits.stop_compaction and question.is_attended:
        return {"continue": False, "stopReason": "\n".join(sent_back(lines))}
    return _said(lines)


def _said(lines: list[str]) -> dict[str, Any]:
    return {"systemMessage": "\n".join(lines)}
