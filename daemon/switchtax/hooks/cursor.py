"""What Cursor's hooks are answered: the dialect alone, without files, sockets or a clock.

`beforeSubmitPrompt` names the model of the coming request, and shows words only by refusing the
prompt: that is for those who want it, once for each switch. All else is `{}`, and the words
are elsewhere (editors, desktop, status line). With Auto Cursor chooses a model once the prompt is
sent: there is nothing to refuse. What the hooks tell is kept by `service.recording`.

Source: docs/formats/cursor.md; the hook engine in npm's @cursor/sdk 1.0.32, 2026-11-22.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.agents.cursor_models import model_in
from switchtax.hooks.remembering import is_new_switch, shorten
from switchtax.material import is_material
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model
from switchtax.wording import popup
from switchtax.wording.warnings import sent_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config.keys import Cursor, Material
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("sessionStart", "beforeSubmitPrompt", "preCompact", "stop", "sessionEnd")


@dataclass(slots=True)
class Seen:
    """What was answered before; the caller keeps it, one for all sessions, and hands it in."""

    since: float = 0.0
    told: OrderedDict[tuple[str, str, str], None] = field(default_factory=OrderedDict)
    """Switches that were said: session, the last call before, target."""
    alone: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Sessions that run in the background: nobody would send a prompt again."""

    def first(self, found: Answer) -> bool:
        """Whether a switch is said for the first time; it no longer is afterwards."""
        return is_new_switch(self.told, found)

    def note(self, event: str, session: str, *, is_background: bool) -> None:
        """A session began in the background, or is over."""
        if event == "sessionStart" and is_background:
            self.alone[session] = None
            shorten(self.alone)
        if event == "sessionEnd":
            self.alone.pop(session, None)


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen,
    material: Material,
    habits: Cursor,
    shown_model: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """The JSON that a hook prints; `{}` is no opinion. Never raises.

    Args:
        event: the hook's event.
        hook_input: what Cursor wrote to its standard input.
        env: the variables that the client passed on; not needed here.
        ask: gives the `Answer` for a place, session and target, or None.
        seen: what was answered before.
        material: what is below all of these is not said.
        habits: what the user turned on.
        shown_model: of no use here: the hook itself names the model.
    """
    del env, shown_model
    try:
        session = hook_input["conversation_id"]
        if hook_input.get("hook_event_name") != event or not isinstance(session, str):
            return {}
        seen.note(event, session, is_background=hook_input.get("is_background_agent") is True)
        if event != "beforeSubmitPrompt" or not habits.block_unannounced or session in seen.alone:
            return {}
        found = _switch(session, hook_input, ask)
        if found is None or not is_material(found, material) or not seen.first(found):
            return {}
        return {"continue": False, "user_message": "\n".join(sent_again(popup(found)))}
    except Exception:  # whatever came in: no opinion
        return {}


def _switch(session: str, hook_input: Mapping[str, Any], ask: Ask) -> Answer | None:
    """The switch that a prompt is; None where it is none, or its numbers are not known."""
    target = model_in(hook_input)
    found = ask("", session, target) if target else None
    if found is None or same_model(found.model, found.session.model):
        return None
    rebuilt = found.estimate.rebuild
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return None
    return found
