"""What our plugin for OpenCode is answered: the dialect alone, without files, sockets or a clock.

The plugin names the session and the model that a prompt is about to go to; the model that it
went to before stands in the database. The answer is a toast, or, where the user turned that on
and sits there, the reason with which the plugin stops this one call; `{}` is no opinion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.config.keys import Material, OpenCode
from switchtax.hooks.next_switch import Seen, next_switch
from switchtax.wording.warnings import if_picked, sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.next_switch import Ask

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("chat.message", "model.picked")
_TITLE = "switchtax"


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen | None = None,
    material: Material | None = None,
    habits: OpenCode | None = None,
    shown_model: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """A `toast` (title, message, variant) or the reason for a `stop`. Never raises.

    Args:
        event: one of `EVENTS`.
        hook_input: session, database, provider and model; whether somebody sits there.
        env: not looked at.
        ask: gives the `Answer` for a database, session and target, or None.
        seen: what was said before; without it every prompt stands alone.
        material: what is below all of these is not said.
        habits: what the user turned on.
        shown_model: not looked at: OpenCode has no status line.
    """
    try:
        if event not in EVENTS:
            return {}
        noted, chosen = seen or Seen(), habits or OpenCode()
        return _said(event, hook_input, ask, noted, (material or Material(), chosen))
    except Exception:  # whatever came in: no opinion
        return {}


def _said(
    event: str,
    hook_input: Mapping[str, Any],
    ask: Ask,
    seen: Seen,
    wanted: tuple[Material, OpenCode],
) -> dict[str, Any]:
    material, habits = wanted
    switch = next_switch(hook_input.get("database") or "", hook_input, ask, material)
    if switch is None:
        return {}
    session, lines = hook_input["session_id"], wording.popup(switch.found)
    if event == "chat.message" and habits.hold and hook_input.get("attended") is True:
        if not seen.first(session, f"{switch.key}:stop"):
            return {}
        seen.first(session, switch.key)
        return {"stop": "\n".join(sent_back(lines, command="/models"))}
    if not seen.first(session, switch.key):
        return {}
    said = if_picked(lines) if event == "model.picked" else lines
    return {"toast": {"title": _TITLE, "message": "\n".join(said), "variant": "warning"}}
