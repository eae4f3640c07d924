"""The background process that keeps live sessions ready for hooks, editors and commands.

There is one per user. Whoever needs it starts it, and it ends by itself when nobody has needed
it for half an hour.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from switchtax.cli import common
from switchtax.errors import DaemonUnavailable, UsageError
from switchtax.service import instance
from switchtax.service.places import Places, places

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]

_ACTIONS = {
    "run": "serve in this terminal, until stopped",
    "start": "start it in the background, if it does not run",
    "stop": "end it",
    "restart": "end it and start it again",
    "logs": "the last lines of its log",
}
_LAST = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    told = "; ".join(f"{name}: {text}" for name, text in _ACTIONS.items())
    parser.add_argument("action", nargs="?", choices=_ACTIONS, metavar="ACTION", help=told)
    parser.add_argument("-n", type=int, default=20, help="how many lines of the log (default 20)")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Carry out one action."""
    if args.action is None:
        raise UsageError(f"name an action: {', '.join(_ACTIONS)}.")
    where = places()
    if args.action == "run":
        from switchtax.service.run import main

        return main()
    if args.action == "logs":
        return _logs(where, args)
    if args.action == "stop":
        return _stop(where, args)
    if args.action == "restart":
        instance.stop(where)
    try:
        known = _pid(where)
        with instance.find_or_start(where) as client:
            server = client.server
    except OSError as error:
        raise DaemonUnavailable(f"{where.state}: {error.strerror}.") from error
    running = {name: server[name] for name in ("pid", "version", "build")}
    text = "runs already" if known == server["pid"] else "started"
    return _say(args, f"The daemon {text} (process {server['pid']}).", running=True, **running)


def _pid(where: Places) -> int | None:
    try:
        with instance.find(where) as client:
            return int(client.server["pid"])
    except DaemonUnavailable:
        return None


def _stop(where: Places, args: argparse.Namespace) -> int:
    was_there = instance.stop(where)
    text = "The daemon has ended." if was_there else "No daemon was running."
    return _say(args, text, running=False, stopped=was_there)


def _logs(where: Places, args: argparse.Namespace) -> int:
    try:
        with where.log.open("rb") as file:
            file.seek(max(0, where.log.stat().st_size - _LAST))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise DaemonUnavailable(f"{where.log}: {error.strerror}.") from error
    lines = text.splitlines()[-max(1, args.n) :]
    if args.json:
        return _say(args, "", path=str(where.log), lines=lines)
    if not lines:
        print(f"{where.log}: nothing logged yet.", file=sys.stderr)
    for line in lines:
        print(line)
    return 0


def _say(args: argparse.Namespace, text: str, **document: Any) -> int:
    if args.json:
        common.emit_json("daemon", {"action": args.action, **document})
    else:
        print(text)
    return 0
