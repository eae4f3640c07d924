"""What our extension for pi is answered: the dialect alone, without files, sockets or a clock.

The extension names the session's file and the model that was just chosen, or that a session was
resumed with. The answer is lines to show, or, where the user turned that on and sits there, a
question whose "no" sets the old model back; `{}` is no opinion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.config.keys import Material, Pi
from switchtax.hooks.next_switch import Seen, next_switch
from switchtax.wording.warnings import go_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.hooks.next_switch import Ask

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("model_select", "session_start")


def respond(
    event: str,
    hook_input: Mapping[str, Any],
    env: Mapping[str, str],
    ask: Ask,
    *,
    seen: Seen | None = None,
    material: Material | None = None,
    habits: Pi | None = None,
    shown_model: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """`lines` to show, or a `question` (title, message). Never raises.

    Args:
        event: one of `EVENTS`.
        hook_input: session, its file, provider and model; whether somebody sits there.
        env: not looked at.
        ask: gives the `Answer` for a file, session and target, or None.
        seen: what was said before; without it every choice stands alone.
        material: what is below all of these is not said.
        habits: what the user turned on.
        shown_model: not looked at: the extension names the model itself.
    """
    try:
        if event not in EVENTS:
            return {}
        file = hook_input.get("file") or ""
        switch = next_switch(file, hook_input, ask, material or Material())
        if switch is None:
            return {}
        if seen is not None and not seen.first(hook_input["session_id"], switch.key):
            return {}
        lines = wording.popup(switch.found)
        asks = habits is not None and habits.hold and hook_input.get("attended") is True
        if event == "model_select" and asks:
            title = go_ahead(switch.found)
            return {"question": {"title": title, "message": "\n".join(lines)}}
        return {"lines": lines}
    except Exception:  # whatever came in: no opinion
        return {}
