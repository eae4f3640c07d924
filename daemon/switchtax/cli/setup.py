"""Put switchtax into an agent's settings, or take it out again; or make the daemon a service.

For Claude Code these are five hooks and the status line: typing /model in a warm session then
shows what the switch costs inside Claude Code's own dialog. Nothing of it can block the agent.

--undo restores the settings byte for byte where nobody else changed them since; else it
takes out what is ours and leaves the rest alone.

`setup daemon` writes a systemd user unit (a launchd agent on macOS) and enables nothing: it
prints the command that does. Without it the daemon starts when somebody needs it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.cli import common
from switchtax.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from switchtax.hooks.setup_claude_code import Plan

__all__ = ["add_arguments", "run"]

AGENTS = ("claude-code", "daemon")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "agent", nargs="?", choices=AGENTS, help="claude-code, or daemon", metavar="WHAT"
    )
    parser.add_argument(
        "--scope",
        choices=("user", "project"),
        default="user",
        help="user (default): settings.json of CLAUDE_CONFIG_DIR or ~/.claude; "
        "project: .claude/settings.local.json here, which is not shared",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the change, write nothing")
    parser.add_argument("--undo", action="store_true", help="take switchtax out again")
    parser.add_argument(
        "--plugin",
        action="store_true",
        help="only tell the plugin where switchtax is; the settings stay as they are",
    )
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Change the settings, and say what was changed."""
    from switchtax.hooks import setup_claude_code as setup
    from switchtax.service.places import places

    if args.agent is None:
        raise UsageError(f"name one of: {', '.join(AGENTS)}.")
    if args.agent == "daemon":
        return _daemon(args)
    if args.plugin:
        return _plugin(args)
    home, here = Path.home(), Path.cwd()
    state = places().state
    path = setup.settings_path(args.scope, os.environ, home, here)
    if args.undo:
        plan = setup.removing(path, state)
    else:
        shared = here / ".claude" / "settings.json"
        user = setup.settings_path("user", os.environ, home, here)
        others = (shared, user) if args.scope == "project" else ()
        plan = setup.installing(path, setup.commands_here(), state, others)
    if plan.is_needed and not args.dry_run:
        setup.carry_out(plan, state)
    if args.json:
        common.emit_json("setup", _payload(args, plan))
    else:
        _text(args, plan)
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


def _plugin(args: argparse.Namespace) -> int:
    """Note where the client is."""
    from switchtax.hooks import setup_claude_code as setup
    from switchtax.service.places import places

    if args.undo or args.dry_run:
        raise UsageError("--plugin goes with neither --undo nor --dry-run.")
    path = setup.note_client(setup.commands_here(), places().state)
    if args.json:
        plan = setup.Plan(path, None, b"", None, ("the place of the hook client",))
        common.emit_json("setup", _payload(args, plan))
    else:
        print(f"{path}: the plugin finds switchtax by it.")
    return 0


def _action(args: argparse.Namespace, plan: Plan) -> str:
    if not plan.is_needed:
        return "unchanged"
    return "removed" if args.undo else "installed"


def _payload(args: argparse.Namespace, plan: Plan) -> dict[str, Any]:
    return {
        "agent": args.agent,
        "scope": args.scope,
        "path": str(plan.path),
        "action": _action(args, plan),
        "dry_run": args.dry_run,
        "changes": list(plan.changes),
        "notes": list(plan.notes),
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
    if plan.is_needed and not args.dry_run and not args.undo and args.agent != "daemon":
        print("Sessions that run already take it up by themselves.")
        print("`switchtax setup claude-code --undo` takes it out again.")


def _difference(plan: Plan) -> list[str]:
    import difflib

    before, after = (
        (raw or b"").decode("utf-8", "replace").splitlines(keepends=True)
        for raw in (plan.before, plan.after)
    )
    name = str(plan.path)
    lines = difflib.unified_diff(before, after, name, name)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
