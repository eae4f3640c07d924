"""The command line: one file per command, imported only when it is called for."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "estimate": "what switching this session's model now costs, and when it pays",
    "decide": "which of some models to take: for a task, or for the next turns",
    "status": "sessions that are active now: model, context, cache, spent",
    "watch": "live sessions and what happens to them, as it happens",
    "sessions": "the sessions on this machine, or under a path",
    "usage": "tokens and dollars by session and model",
    "backtest": "replay recorded sessions: how often such numbers came true",
    "accuracy": "how the estimates that were shown came true",
    "brief": "a ticket for whoever goes on with a session, from its transcript",
    "daemon": "the background process that keeps sessions ready: start, stop, logs",
    "prices": "the rate of each model, and where it came from",
    "doctor": "whether all is well, and the command that mends what is not",
    "config": "the settings in force, and where each comes from",
    "setup": "put switchtax into an agent's settings, or take it out",
    "lsp": "the language server, for editors",
    "acp": "an editor's agent behind a proxy that asks before a costly switch",
}


_WIDTH = 80


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0 ok, 1 something is to be mended (`doctor`), 2 usage, 3 daemon unavailable, 4 data incomplete.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        if not sys.stdout.closed:  # a server closes it itself
            sys.stdout.flush()  # here, where a reader that has gone can still be told apart
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("switchtax: stopped", file=sys.stderr)
        return 130
    return code


def _run(words: list[str]) -> int:
    name = words[0] if words else ""
    if name in COMMANDS:
        module = import_module(f"switchtax.cli.{name}")
        fast = getattr(module, "fast", None)
        code = fast(words[1:]) if fast is not None else None
        if code is not None:
            return int(code)
        return _parsed(name, words[1:])
    if name in ("--version", "-V", "version"):
        from switchtax import __version__

        print(f"switchtax {__version__}")
        return 0
    if name in ("", "-h", "--help", "help"):
        if len(words) > 1 and words[1] in COMMANDS:
            return _parsed(words[1], ["--help"])
        print(_help())
        return 0 if name else 2
    print(f"switchtax: no command {name!r}.{_near(name)}\n\n{_help()}", file=sys.stderr)
    return 2


def _parsed(name: str, words: list[str]) -> int:
    import argparse
    import textwrap

    from switchtax.errors import SwitchtaxError

    module = import_module(f"switchtax.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"switchtax {name}",
        description="\n\n".join(
            textwrap.fill(part, _WIDTH) for part in (module.__doc__ or "").split("\n\n")
        ),
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=_WIDTH),
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    try:
        args = parser.parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        return int(module.run(args))
    except SwitchtaxError as error:
        print(f"switchtax {name}: {error}", file=sys.stderr)
        return error.exit_code


def _help() -> str:
    lines = [
        "usage: switchtax COMMAND [options]",
        "",
        "Says what switching the model in the middle of a coding-agent session costs.",
        "",
    ]
    lines += [f"  {name:<10} {text}" for name, text in COMMANDS.items()]
    lines += [
        "",
        "`switchtax COMMAND --help` tells more. Every reading command takes --json.",
        "A session is named by its id, the start of its id, or a path to it.",
    ]
    return "\n".join(lines)


def _near(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
