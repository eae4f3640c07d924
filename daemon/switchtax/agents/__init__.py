"""One module per coding agent: where its sessions lie, and its lines turned into records.

Every agent module holds facts, never dollars, and offers the same names (see `AgentModule`).
A new agent is one file here, one line in `_MODULES`, one page in `docs/formats/`, fixtures.
Third parties add theirs as entry points (see `protocol`, docs/how-to/add-an-agent.md).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from switchtax.agents.declared import Additions, is_declared
from switchtax.agents.protocol import PROTOCOL, SUFFIXES, AgentModule

__all__ = [
    "AGENT_IDS",
    "PROTOCOL",
    "Additions",
    "AgentModule",
    "additions",
    "agent_ids",
    "agent_module",
    "build_of",
    "suffixes",
]

_MODULES = {
    "claude-code": "claude_code",
    "codex": "codex",
    "opencode": "opencode",
    "copilot-cli": "copilot_cli",
    "gemini-cli": "gemini_cli",
    "pi": "pi",
    "cline": "cline",
    "roo-code": "roo_code",
    "vscode-copilot": "vscode_copilot",
    "cursor": "cursor",
}

AGENT_IDS = tuple(_MODULES)
"""The agents that switchtax has itself; `agent_ids()` has all."""


def agent_ids() -> tuple[str, ...]:
    """Every agent: our own, then those of third parties by name."""
    return (*AGENT_IDS, *additions().agents)


def agent_module(agent_id: str) -> AgentModule:
    """An agent, imported when first asked for.

    Raises:
        KeyError: no such agent.
    """
    if agent_id in _MODULES:
        return cast("AgentModule", import_module(f"switchtax.agents.{_MODULES[agent_id]}"))
    return additions().agents[agent_id].agent


@cache
def additions() -> Additions:
    """What third parties add, loaded once a process: agents in use, and those left out."""
    if not is_declared():
        return Additions()
    from switchtax.agents.added import load

    return load(AGENT_IDS)


def build_of(agent_id: str) -> int:
    """A number that changes with the code of a third party's agent; 0 for ours."""
    each = additions().agents.get(agent_id)
    return each.build if each else 0


def suffixes() -> tuple[str, ...]:
    """How the files of all agents end."""
    return SUFFIXES + tuple(end for each in additions().agents.values() for end in each.suffixes)
