"""What a hook of Gemini CLI is answered: the dialect alone, without files, sockets or a clock.

BeforeModel comes before every request and names the model that it goes to. It is answered where
that model is not the one of the session's last answer, once for each such change: with the lines of
the switch, or where the user wants it so, with a block that the next prompt goes past.

Source: docs/formats/gemini-cli.md; real client 0.61.0, 2026-11-21.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.hooks.callers import is_attended
from switchtax.hooks.remembering import is_new, shorten
from switchtax.material import is_material
from switchtax.sessions.fold import same_model
from switchtax.wording.warnings import stopped_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config.keys import GeminiCli, Material
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("SessionStart", "BeforeAgent", "BeforeModel", "SessionEnd")
_MAIN = "<session_context>"
"""How the first message of the main conversation starts; a sub-agent's has no such message."""
_PROGRAMS = ("gemini", "gemini.js")
_HEADLESS = ("-p", "--prompt", "--acp", "--experimental-acp")


def _attended(env: Mapping[str, str]) -> bool:
    return is_attended(env, _PROGRAMS, _HEADLESS)


@dataclass(slots=True)
class Seen:
    """What was answered before; the caller keeps it, one for all sessions, and hands it in."""

    since: float = 0.0
    told: OrderedDict[tuple[str, str, str], None] = field(default_factory=OrderedDict)
    """Switches said, by session, the last answer before it, and target."""
    prompted: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Sessions that took a prompt and sent no request since."""
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
    habits: GeminiCli,
    shown_model: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """The JSON that a hook prints; `{}` is no opinion. Never raises.

    Args:
        event: the hook's event.
        hook_input: what Gemini CLI wrote to its standard input.
        env: the variables that the client passed on.
        ask: gives the `Answer` for a chat, session and target, or None.
        seen: what was answered before.
        material: what is below all of these is not said.
        habits: what the user turned on.
        shown_model: of no use here: the hook itself names the model.
    """
    try:
        session = _text(hook_input, "session_id")
        if hook_input.get("hook_event_name") != event:
            return {}
        if event == "BeforeAgent":
            seen.prompted[session] = None
            shorten(seen.prompted)
        if event != "BeforeModel":
            return {}
        request = hook_input["llm_request"]
        if not _is_main(request):
            return {}
        starts_turn = session in seen.prompted
        seen.prompted.pop(session, None)
        lines = _lines(hook_input, session, request["model"], ask, seen, material)
    except Exception:  # whatever came in: no opinion
        return {}
    if not lines:
        return {}
    if habits.block_switch and starts_turn and seen.attended(env):
        return {"decision": "block", "reason": "\n".join(stopped_once(lines))}
    return {"systemMessage": "\n".join(lines)}


def _text(hook_input: Mapping[str, Any], name: str) -> str:
    value = hook_input[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _is_main(request: Mapping[str, Any]) -> bool:
    """Whether a request belongs to the conversation itself, and not to a sub-agent."""
    messages = request["messages"]
    return bool(messages) and str(messages[0]["content"]).lstrip().startswith(_MAIN)


def _lines(
    hook_input: Mapping[str, Any],
    session: str,
    target: str,
    ask: Ask,
    seen: Seen,
    material: Material,
) -> list[str]:
    """What is to be said of a request to this model; nothing where it is no switch."""
    transcript = hook_input.get("transcript_path")
    path = transcript if isinstance(transcript, str) else ""
    stay = ask(path, session, "")
    if stay is None or stay.session.current is None:
        return []
    if same_model(target, stay.session.current.model):
        return []
    found = ask(path, session, target)
    if found is None or not is_material(found, material):
        return []
    key = (session, stay.session.current.id, found.model)
    return wording.dialog(found) if seen.first(key) else []
