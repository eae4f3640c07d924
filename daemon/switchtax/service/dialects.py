"""The dialects that agents' hooks speak: one module each, imported when it is first spoken to."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config import Material
    from switchtax.estimates.for_session import Answer
    from switchtax.service.holds import Hold
    from switchtax.service.hub import Hub

__all__ = ["DIALECTS", "Dialect", "Dialects"]

DIALECTS = {
    "claude-code": "switchtax.hooks.claude_code",
    "codex": "switchtax.hooks.codex",
    "copilot-cli": "switchtax.hooks.copilot_cli",
    "cursor": "switchtax.hooks.cursor",
    "gemini-cli": "switchtax.hooks.gemini_cli",
    "opencode": "switchtax.hooks.opencode",
    "pi": "switchtax.hooks.pi",
}
"""By agent, the module that answers its hooks: it has what `Dialect` names."""


class Dialect(Protocol):
    """What a module of `DIALECTS` has."""

    Seen: Callable[..., Any]
    """What it keeps between hooks: made once, with `since`, UTC epoch seconds."""

    def respond(
        self,
        event: str,
        hook_input: Mapping[str, Any],
        env: Mapping[str, str],
        ask: Callable[[str, str, str], Answer | None],
        *,
        seen: Any,
        material: Material,
        habits: Any,
        shown_model: Callable[[str], str],
    ) -> dict[str, Any] | Hold:
        """What the hook prints, {} for no opinion; or a switch that an editor is asked about.

        Args:
            event: the hook's event.
            hook_input: what the agent wrote to its standard input.
            env: the variables that the hook client passed on.
            ask: gives the answer for a transcript, a session and a target ("": its own model).
            seen: what it has kept.
            material: a smaller loss is not worth a word.
            habits: the agent's own table of the configuration, None where it has none.
            shown_model: the model that a session's status line names, "" if that is not known.
        """
        ...


class Dialects:
    """The dialects in use, and what each has kept."""

    def __init__(self, hub: Hub, is_quiet: Callable[[str], bool] = lambda _: False) -> None:
        """None has been spoken to yet.

        Args:
            hub: what the daemon knows.
            is_quiet: whether a session is to be left alone.
        """
        self._hub, self._is_quiet = hub, is_quiet
        self._seen: dict[str, Any] = {}
        self._begun: Any = None

    def respond(
        self,
        agent: str,
        event: str,
        hook_input: Mapping[str, Any],
        env: Mapping[str, str],
        ask: Callable[[str, str, str], Answer | None],
    ) -> dict[str, Any] | Hold:
        """What an agent's dialect answers; whatever it raises is the caller's to catch."""
        module = cast("Dialect", importlib.import_module(DIALECTS[agent]))
        seen = self._seen.setdefault(agent, module.Seen(since=self._hub.live.clock()))
        config = self._hub.settings.config
        output = module.respond(
            event, hook_input, env, ask, seen=seen,
            material=config.material,
            habits=getattr(config, agent.replace("-", "_"), None),
            shown_model=self._hub.status_lines.next_model,
        )  # fmt: skip
        if not output and agent == "claude-code" and config.claude_code.suggest_model:
            return self._at_first_prompt(event, hook_input)
        return output

    def _at_first_prompt(self, event: str, hook_input: Mapping[str, Any]) -> dict[str, Any]:
        """What is said of the model that a session begins with."""
        first = importlib.import_module("switchtax.hooks.first_prompt")
        self._begun = self._begun or first.Begun()
        hub, turns = self._hub, self._hub.settings.config.horizon.turns
        shown = hub.status_lines.next_model
        world = first.World(hub.live.book, hub.live.clock(), turns, shown)
        said: dict[str, Any] = first.respond(event, hook_input, self._begun, world)
        return {} if self._is_quiet(str(hook_input.get("session_id"))) else said
