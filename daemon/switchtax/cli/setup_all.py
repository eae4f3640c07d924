"""`switchtax setup` without an agent: what is here, asked about one by one, or all at once."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents import additions, agent_module
from switchtax.errors import SwitchtaxError, UsageError
from switchtax.hooks import setup_cursor
from switchtax.hooks.setups import READ_ONLY, SETUPS
from switchtax.wording.setup import files_alone

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["agents_here", "run_all"]

_PROGRAMS = {"claude-code": "claude", "copilot-cli": "copilot", "gemini-cli": "gemini"}
"""Where an agent's command has another name than the agent."""
_INCOMPLETE = 4


def agents_here(
    env: Mapping[str, str], home: Path, known: Iterable[str] = tuple(SETUPS)
) -> list[str]:
    """Agents of these that are here: a folder of theirs, or the command on PATH."""
    return [agent for agent in known if _is_here(agent, env, home)]


def _is_here(agent: str, env: Mapping[str, str], home: Path) -> bool:
    if agent == setup_cursor.AGENT:  # its sessions are recorded once it is set up
        return setup_cursor.is_here(env, home)
    if any(root.exists() for root in agent_module(agent).roots(env, home, sys.platform)):
        return True
    return shutil.which(_PROGRAMS.get(agent, agent), path=env.get("PATH")) is not None


def run_all(args: argparse.Namespace, one: Callable[[argparse.Namespace], int]) -> int:
    """Set every agent up that is here and wanted; with --undo, take switchtax out of all.

    What one agent's files forbid is said and leaves the others alone.

    Args:
        args: the command's, without an agent.
        one: sets one agent up, named in its `agent`.
    """
    if args.plugin or args.json or args.no_status_line or args.scope != "user":
        raise UsageError(
            f"name one of: {', '.join(SETUPS)} (or leave --plugin, --json, --scope "
            "and --no-status-line)."
        )
    here = list(SETUPS) if args.undo else agents_here(os.environ, Path.home())
    if not (args.undo or _others_here()) and not here:
        known = ", ".join(SETUPS)
        said = f"No coding agent was found here that setup knows ({known})."
        print(textwrap.fill(said, 80, break_on_hyphens=False))
    if here and not (args.undo or args.all or _is_terminal()):
        print("Found here; each is set up by its own command, all by `switchtax setup --all`:")
        print("".join(f"  switchtax setup {agent}\n" for agent in here), end="")
        return 0
    failed = False
    for agent in here:
        if args.undo or args.all or _wants(agent):
            args.agent = agent
            try:
                one(args)
            except SwitchtaxError as error:
                print(f"switchtax setup: {error}", file=sys.stderr)
                failed = True
    return _INCOMPLETE if failed else 0


def _others_here() -> bool:
    """Say which agents are here that there is nothing to set up for; whether there are any."""
    env, home = os.environ, Path.home()
    read_only = agents_here(env, home, (*READ_ONLY, *additions().agents))
    if read_only:
        print(files_alone(read_only))
    return bool(read_only)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _wants(agent: str) -> bool:
    try:
        return input(f"Set up {agent}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
