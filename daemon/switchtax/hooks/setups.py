"""What `switchtax setup` can do: for each agent, the changes of its files."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from switchtax.agents import AGENT_IDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from switchtax.hooks.commands import Commands
    from switchtax.hooks.settings_file import Plan

__all__ = ["READ_ONLY", "SETUPS", "Setup", "Wanted", "setup_of"]

SETUPS = {
    "claude-code": "switchtax.hooks.setup_claude_code",
    "codex": "switchtax.hooks.setup_codex",
    "copilot-cli": "switchtax.hooks.setup_copilot_cli",
    "cursor": "switchtax.hooks.setup_cursor",
    "gemini-cli": "switchtax.hooks.setup_gemini_cli",
    "opencode": "switchtax.hooks.setup_opencode",
    "pi": "switchtax.hooks.setup_pi",
}
"""By agent, the module that plans its set-up: it has what `Setup` names."""

READ_ONLY = tuple(agent for agent in AGENT_IDS if agent not in SETUPS)
"""Agents of ours that are read by their files, and take no hooks of ours."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for, and where."""

    scope: str
    """"user", or "project" where the agent has settings of projects."""
    undo: bool
    env: Mapping[str, str]
    home: Path
    project: Path
    state: Path
    """Our state folder, which keeps journal and backups."""
    commands: Commands
    status_line: bool = True
    """Ours is wanted also where it takes the place of the agent's own footer."""


class Setup(Protocol):
    """What a module of `SETUPS` has."""

    SCOPES: Sequence[str]
    """The scopes it knows, the usual one first."""
    AFTERWARDS: str
    """What holds once it is done, in a sentence."""

    def plans(self, wanted: Wanted) -> list[Plan]:
        """The changes, file by file.

        Raises:
            SettingsError: a file is broken or somebody else's; nothing may be written.
        """
        ...


def setup_of(agent: str) -> Setup:
    """The set-up of one agent."""
    return cast("Setup", import_module(SETUPS[agent]))
