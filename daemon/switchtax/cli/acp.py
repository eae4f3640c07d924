"""Run an agent behind a proxy that asks before a costly switch of models.

An editor that speaks the Agent Client Protocol (Zed, JetBrains, Neovim plugins) starts its agent
with a command. Put `switchtax acp --` before it: all messages pass as they are, but choosing
another model in a session that has begun is held, its cost is shown, and you choose.

Without an answer in time, without the daemon, or with nothing to say, the switch goes through.
"""

from __future__ import annotations

import argparse
import time

from switchtax.errors import UsageError

__all__ = ["add_arguments", "run"]

_HOLD_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--no-hold",
        action="store_true",
        help="only say what a switch costs, where the editor can show it; never ask",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=_HOLD_S,
        metavar="S",
        help="how long to wait for your answer before the switch goes through (default 60)",
    )
    parser.add_argument(
        "agent", nargs=argparse.REMAINDER, metavar="-- AGENT …", help="the agent's own command"
    )


def run(args: argparse.Namespace) -> int:
    """Run until the agent ends; its exit code is ours."""
    command = args.agent[1:] if args.agent[:1] == ["--"] else args.agent
    if not command:
        raise UsageError("name the agent's command: switchtax acp -- AGENT [ARGUMENTS].")
    if args.seconds < 0:
        raise UsageError("--seconds: not less than 0.")
    from switchtax.acp.judge import DaemonJudge
    from switchtax.acp.run import run as run_agent
    from switchtax.service.places import places

    judge = DaemonJudge(places(), since=time.time())
    return run_agent(command, judge, hold_s=0.0 if args.no_hold else args.seconds)
