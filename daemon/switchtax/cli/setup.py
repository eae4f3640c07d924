"""Put switchtax into an agent's settings, or take it out again; or make the daemon a service.

Without an agent it finds those that are here and asks about each; where nobody can be asked it
lists their commands. --all sets all of them up, --undo takes switchtax out of all.

For Claude Code these are five hooks and the status line: typing /model in a warm session then
shows what the switch costs inside Claude Code's own dialog. Nothing of it can block the agent.

For OpenCode and pi it is a plugin of one file: a toast or notice says it, when a model is chosen or
before the call.

For Cursor it is five hooks for its editor and its command line, and a status line for the latter.
What the hooks tell of models and tokens is kept, as Cursor keeps none of it; never a text.

--undo restores the settings byte for byte where nobody else changed them since; else it
takes out what is ours and leaves the rest alone.

`setup daemon` writes a systemd user unit (a launchd agent on macOS) and enables nothing: it
prints the command that does. Without it the daemon starts when somebody needs it.
"""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents import additions
from switchtax.cli import common
from switchtax.errors import UsageError
from switchtax.hooks.setups import READ_ONLY, SETUPS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from switchtax.hooks.settings_file import Plan

__all__ = ["add_arguments", "run"]

_WIDTH = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    known = (*SETUPS, *READ_ONLY, *additions().agents, "daemon")
    parser.add_argument(
        "agent", nargs="?", choices=known, help=f"one of: {', '.join(known)}", metavar="WHAT"
    )
    parser.add_argument(
        "--scope",
        choices=("user", "project"),
        default="user",
        help="user (default): settings.json of CLAUDE_CONFIG_DIR or ~/.claude; "
        "project: .claude/settings.local.json here, which is not shared",
    )
    parser.add_argument(
        "--all", "--yes", action="store_true", help="without an agent: all that are here, unasked"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the change, write nothing")
    parser.add_argument("--undo", action="store_true", help="take switchtax out again")
    parser.add_argument(
        "--no-status-line",
        action="store_true",
        help="cursor: leave its CLI its own footer, which a status line takes the place of",
    )
    parser.add_argument(
        "--plugin",
        action="store_true",
        help="only tell the plugin where switchtax is; the settings stay as they are",
    )
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Change the settings, and say what was changed."""
    from switchtax.cli.setup_all import run_all

    if args.agent is None:
        return run_all(args, _agent)
    if args.all:
        raise UsageError("--all goes without an agent.")
    if args.agent == "daemon":
        return _daemon(args)
    if args.agent not in SETUPS:
        return _nothing(args)
    return _plugin(args) if args.plugin else _agent(args)


def _agent(args: argparse.Namespace) -> int:
    """Change the settings of one agent."""
    from switchtax.hooks import settings_file
    from switchtax.hooks.commands import commands_here
    from switchtax.hooks.setups import Wanted, setup_of
    from switchtax.service.places import places

    setup, state = setup_of(args.agent), places().state
    if args.no_status_line and args.agent != "cursor":
        raise UsageError("--no-status-line is for cursor: elsewhere nothing gives way to it.")
    if args.scope not in setup.SCOPES:
        raise UsageError(f"{args.agent} has no settings of a {args.scope}.")
    plans = setup.plans(
        Wanted(
            args.scope, args.undo, os.environ, Path.home(), Path.cwd(), state, commands_here(),
            not args.no_status_line,
        )
    )  # fmt: skip
    for plan in plans:
        if plan.is_needed and not args.dry_run:
            settings_file.carry_out(plan, state)
    if args.json:
        common.emit_json("setup", _payload(args, *plans))
        return 0
    for plan in plans:
        _text(args, plan)
    if any(plan.is_needed for plan in plans) and not (args.dry_run or args.undo):
        print(setup.AFTERWARDS)
        print(f"`switchtax setup {args.agent} --undo` takes it out again.")
    return 0


def _daemon(args: argparse.Namespace) -> int:
    """Write the service's file, or remove it."""
    from switchtax.cli import setup_daemon

    if args.plugin or args.scope != "user":
        raise UsageError("setup daemon goes with neither --plugin nor --scope.")
    plan = setup_daemon.plan_for(setup_daemon.unit_here(), undo=args.undo)
    if plan.is_needed and not args.dry_run:
        setup_daemon.carry_out(plan)
    if args.json:
        common.emit_json("setup", _payload(args, plan))
    else:
        _text(args, plan)
    return 0


def _nothing(args: argparse.Namespace) -> int:
    """An agent that takes no hooks of ours: say what works all the same."""
    from switchtax.wording.setup import no_hooks, read_only

    if args.agent in READ_ONLY:
        said = read_only(args.agent)
    else:
        said = no_hooks(args.agent, additions().agents[args.agent].distribution)
    if args.json:
        common.emit_json("setup", {
            "agent": args.agent, "scope": args.scope, "path": "", "paths": [],
            "action": "unchanged", "dry_run": args.dry_run, "changes": [], "notes": [said],
        })  # fmt: skip
    else:
        print(textwrap.fill(said, _WIDTH, break_long_words=False, break_on_hyphens=False))
    return 0


def _plugin(args: argparse.Namespace) -> int:
    """Note where the client is."""
    from switchtax.hooks.commands import commands_here, note_client
    from switchtax.hooks.settings_file import Plan
    from switchtax.service.places import places

    if args.undo or args.dry_run:
        raise UsageError("--plugin goes with neither --undo nor --dry-run.")
    path = note_client(commands_here(), places().state)
    if args.json:
        plan = Plan(path, None, b"", None, ("the place of the hook client",))
        common.emit_json("setup", _payload(args, plan))
    else:
        print(f"{path}: the plugin finds switchtax by it.")
    return 0


def _action(args: argparse.Namespace, plans: Sequence[Plan]) -> str:
    if not any(plan.is_needed for plan in plans):
        return "unchanged"
    return "removed" if args.undo else "installed"


def _payload(args: argparse.Namespace, *plans: Plan) -> dict[str, Any]:
    """One file is named by `path`, several by `paths` too."""
    return {
        "agent": args.agent,
        "scope": args.scope,
        "path": str(plans[0].path),
        "paths": [str(plan.path) for plan in plans],
        "action": _action(args, plans),
        "dry_run": args.dry_run,
        "changes": [change for plan in plans for change in plan.changes],
        "notes": [note for plan in plans for note in plan.notes],
    }


def _text(args: argparse.Namespace, plan: Plan) -> None:
    if not plan.is_needed:
        state = "nothing of switchtax is in it" if args.undo else "all of it is there already"
        print(f"{plan.path}: unchanged, {state}.")
    elif args.dry_run:
        print("".join(_difference(plan)), end="")
    else:
        print(f"{plan.path}: {'; '.join(plan.changes)}.")
    for note in plan.notes:
        print(f"Note: {note}.")


def _difference(plan: Plan) -> list[str]:
    import difflib

    before, after = (
        (raw or b"").decode("utf-8", "replace").splitlines(keepends=True)
        for raw in (plan.before, plan.after)
    )
    name = str(plan.path)
    lines = difflib.unified_diff(before, after, name, name)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
