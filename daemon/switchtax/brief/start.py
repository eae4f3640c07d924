"""Each agent's own command that starts a new session on a model, with a first prompt.

Source: docs/formats/<agent>.md and the agents' own --help, 2026-11-21. OpenCode's --prompt only
fills the prompt box in some builds: Enter sends it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

__all__ = ["start_command"]

_COMMANDS = {
    "claude-code": ("claude", "--model", "{model}", "{prompt}"),
    "codex": ("codex", "-m", "{model}", "{prompt}"),
    "copilot-cli": ("copilot", "--model", "{model}", "-i", "{prompt}"),
    "gemini-cli": ("gemini", "-m", "{model}", "-i", "{prompt}"),
    "opencode": ("opencode", "--model", "{provider}{model}", "--prompt", "{prompt}"),
    "pi": ("pi", "--model", "{provider}{model}", "{prompt}"),
}
_LAST_NUMBERS = re.compile(r"-(\d+)-(\d+)$")


def start_command(session: Session, to_model: str, prompt: str) -> list[str]:
    """Program and arguments; the model as this session's log spells it where it was used here."""
    used = [call for call in session.calls.values() if same_model(call.model, to_model)]
    model = used[-1].model if used else normalise(to_model).name
    if not used and session.agent == "copilot-cli":
        model = _LAST_NUMBERS.sub(r"-\1.\2", model)
    provider = used[-1].provider if used else session.provider_told
    values = {"model": model, "provider": f"{provider}/" if provider else "", "prompt": prompt}
    words = []
    for word in _COMMANDS[session.agent]:
        for name, value in values.items():
            if word == "{prompt}":
                break
            word = word.replace(f"{{{name}}}", value)
        words.append(prompt if word == "{prompt}" else word)
    return words
