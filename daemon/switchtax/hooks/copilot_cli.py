"""What Copilot CLI's hooks and our extension are answered: the dialect alone, without files.

No hook names the model. The log does: `session.model_change` stands in it at the pick, and on a
resume before the prompt. So at the prompt the session itself is asked which model comes next. A
word is said as a warning, after which the request goes out; a block is only for those who want it.

Our extension, which runs where experimental features are on, hears of a pick at once. It is
answered lines to show, or, where the user turned that on, a question whose "no" sets the old model
back. What it has shown the hook does not say again.

Source: docs/formats/copilot-cli.md; real client 1.0.102, 2026-11-21.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.hooks.callers import is_attended
from switchtax.hooks.remembering import is_new
from switchtax.material import is_material
from switchtax.sessions.fold import same_model
from switchtax.wording.warnings import go_ahead, sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config.keys import CopilotCli, Material
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "PICKED", "Seen", "respond"]

EVENTS = ("sessionStart", "userPromptSubmitted", "sessionEnd")
"""Of its hooks."""
PICKED = "session.model_change"
"""Of our extension: a model was chosen, or the session was taken up with one."""
_STOP, _HOST = ":stop", "vscode"
_PROGRAMS = ("copilot", "npm-loader.js", "index.js")
_HEADLESS = ("-p", "--prompt", "--acp", "--headless", "--server")


def _attended(env: Mapping[str, str]) -> bool:
    return is_attended(env, _PROGRAMS, _HEADLESS)


@dataclass(slots=True)
class Seen:
    """What was answered before; the caller keeps it, one for all sessions, and hands it in."""

    since: float = 0.0
    told: OrderedDict[tuple[str, str, str], None] = field(default_factory=OrderedDict)
    """Switches said, by session, the last answer before it, and target."""
    attended: Callable[[Mapping[str, str]], bool] = _attended
    """Whether a person sits at the agent."""

    def first(self, key: tuple[str, str, str]) -> bool:
        """Whether this switch was not said yet; it is afterwards."""
        return is_new(self.told, key)


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen,
    material: Material,
    habits: CopilotCli,
    shown_model: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """What a hook says: `{}` is no opinion, `warn` is shown and lets go. Never raises.

    Args:
        event: the hook's event.
        hook_input: what Copilot CLI wrote to its standard input.
        env: the variables that the client passed on.
        ask: gives the `Answer` for a transcript, session and target, or None.
        seen: what was answered before.
        material: what is below all of these is not said.
        habits: what the user turned on.
        shown_model: the model that a session's status line names now, "" if that is not known.
    """
    try:
        session = hook_input["sessionId"]
        if not isinstance(session, str) or not session:
            return {}
        if event == PICKED:
            return _picked(hook_input, ask, seen, material, asks=habits.hold)
        if event != "userPromptSubmitted":
            return {}
        shown = shown_model(session) if shown_model else ""
        blocks = habits.block_switch and seen.attended(env)
        return _prompted(_switch("", session, shown, ask, material), seen, blocks=blocks)
    except Exception:  # whatever came in: no opinion
        return {}


@dataclass(frozen=True, slots=True)
class _Switch:
    """What the next call would be, worth a word."""

    found: Answer
    key: tuple[str, str, str]


def _switch(place: str, session: str, named: str, ask: Ask, material: Material) -> _Switch | None:
    """The switch to the model that the log names last, else `named`; None where it is none."""
    stay = ask(place, session, "")
    if stay is None or stay.session.current is None:
        return None
    target = stay.session.signs.chosen_model or named
    if not target or same_model(target, stay.session.current.model):
        return None
    found = ask(place, session, target)
    if found is None or not is_material(found, material):
        return None
    return _Switch(found, (session, stay.session.current.id, found.model))


def _prompted(switch: _Switch | None, seen: Seen, *, blocks: bool) -> dict[str, Any]:
    """At the prompt: a block once where that is wanted, else a word unless it was said before."""
    if switch is None:
        return {}
    session, call, model = switch.key
    said = not seen.first(switch.key)
    if blocks and seen.first((session, call, model + _STOP)):
        reason = sent_back(wording.dialog(switch.found))
        return {"decision": "block", "reason": "\n".join(reason)}
    return {} if said or blocks else {"warn": "\n".join(wording.dialog(switch.found))}


def _picked(
    asked: Mapping[str, Any], ask: Ask, seen: Seen, material: Material, *, asks: bool
) -> dict[str, Any]:
    """At the pick: lines to show, or a question."""
    place = asked.get("file") or ""
    switch = _switch(place, asked["sessionId"], asked.get("model") or "", ask, material)
    if switch is None or switch.found.session.entrypoint.startswith(_HOST):
        return {}
    session, call, model = switch.key
    if not seen.first(switch.key):
        return {}
    if not (asks and asked.get("can_ask") is True):
        return {"lines": wording.popup(switch.found)}
    seen.first((session, call, model + _STOP))  # who said yes is not stopped as well
    return {"question": "\n".join([*wording.popup(switch.found), go_ahead(switch.found)])}
