"""What a hook of Copilot CLI is answered: the dialect alone, without files, sockets or a clock.

No hook names the model. The log does: `session.model_change` stands in it at the pick, and on a
resume before the prompt. So at the prompt the session itself is asked which model comes next. A
word is said as a warning, after which the request goes out; a block is only for those who want it.

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
from switchtax.wording.warnings import sent_back

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config.keys import CopilotCli, Material
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["EVENTS", "Seen", "respond"]

EVENTS = ("sessionStart", "userPromptSubmitted", "sessionEnd")
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
    if event != "userPromptSubmitted":
        return {}
    try:
        session = hook_input["sessionId"]
        if not isinstance(session, str) or not session:
            return {}
        shown = shown_model(session) if shown_model else ""
        lines = _lines(session, shown, ask, seen, material)
    except Exception:  # whatever came in: no opinion
        return {}
    if not lines:
        return {}
    if habits.block_switch and seen.attended(env):
        return {"decision": "block", "reason": "\n".join(sent_back(lines))}
    return {"warn": "\n".join(lines)}


def _lines(session: str, shown: str, ask: Ask, seen: Seen, material: Material) -> list[str]:
    """What is to be said of the model that this prompt goes to; nothing where it is no switch."""
    stay = ask("", session, "")
    if stay is None or stay.session.current is None:
        return []
    target = stay.session.signs.chosen_model or shown
    if not target or same_model(target, stay.session.current.model):
        return []
    found = ask("", session, target)
    if found is None or not is_material(found, material):
        return []
    key = (session, stay.session.current.id, found.model)
    return wording.dialog(found) if seen.first(key) else []
