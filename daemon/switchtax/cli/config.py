"""The settings in force: every key, its value, and where it comes from.

They stand in one TOML file, which need not exist: every key has a default. A mistake in it is
told with its line, and the default holds. docs/reference/configuration.md explains each key.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from switchtax.agents import agent_ids
from switchtax.cli import common
from switchtax.config import KEYS, config_file, load

if TYPE_CHECKING:
    import argparse

    from switchtax.config import Config

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--path", action="store_true", help="only where the file stands")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the settings."""
    if args.path and not args.json:
        print(config_file(os.environ))
    elif args.json:
        common.emit_json("config", _payload(load(os.environ, agents=agent_ids())))
    else:
        _text(common.settings())
    return 0


def _payload(config: Config) -> dict[str, Any]:
    return {
        "path": str(config.path),
        "exists": config.path.exists(),
        "keys": {
            key.name: {
                "value": config.values[key.name],
                "default": key.spelled(key.default),
                "from": config.origins[key.name],
                "meaning": key.meaning,
            }
            for key in KEYS
        },
        "problems": [asdict(problem) for problem in config.problems],
    }


def _text(config: Config) -> None:
    there = "" if config.path.exists() else " (not there: write it to change something)"
    print(f"{config.path}{there}")
    print()
    wide = max(len(key.name) for key in KEYS)
    for key in KEYS:
        print(f"{key.name:<{wide}}  {config.shown(key):<14}  {config.origins[key.name]}")
