"""Whether all is well: agents, hooks, daemon, watches, prices, settings, and a test hook.

Each trouble stands with the command that mends it. Nothing is changed and no agent is started;
nor is the daemon, unless --start is given. Exit code 1 means that something is to be mended.
"""

from __future__ import annotations

import os
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents import additions, agent_ids
from switchtax.cli import common
from switchtax.config import load
from switchtax.diagnosis.added import look_at_added
from switchtax.diagnosis.agent_hooks import look_at_agent_hooks, look_at_fired
from switchtax.diagnosis.agents import look_at_agents
from switchtax.diagnosis.codex_hooks import look_at_codex_hooks
from switchtax.diagnosis.daemon import ask_daemon
from switchtax.diagnosis.findings import Finding, Level
from switchtax.diagnosis.hooks import hook_words, look_at_hooks, settings_files
from switchtax.diagnosis.house import (
    look_at_config,
    look_at_folders,
    look_at_prices,
    surroundings,
)
from switchtax.diagnosis.plugins import look_at_plugins
from switchtax.diagnosis.round_trip import round_trip
from switchtax.diagnosis.watching import count_folders, look_at_watching
from switchtax.hooks.commands import commands_here
from switchtax.hooks.setups import SETUPS
from switchtax.ledger.store import Ledger
from switchtax.service import instance
from switchtax.service.places import Places, places
from switchtax.wording.doctor import finding_words, mend_words, summary

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from switchtax.diagnosis.daemon import Asked

__all__ = ["add_arguments", "findings", "lines", "run"]

_WIDTH = 80
_SEEN_HERE = tuple(agent for agent in SETUPS if agent not in ("claude-code", "codex"))
"""Agents whose own looks do not say when a hook was last seen."""
_MARKS = {Level.OK: "ok", Level.NOTE: "--", Level.TROUBLE: "!!"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--start", action="store_true", help="start the daemon if none runs")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Look at everything and say what was found."""
    if args.start:
        instance.find_or_start(places(), name="doctor").close()
    now = time.time()
    found = list(findings(os.environ, Path.home(), Path.cwd(), now))
    troubles = [each.code for each in found if each.level is Level.TROUBLE]
    if args.json:
        checks = [_payload(each, now) for each in found]
        common.emit_json("doctor", {"at": now, "healthy": not troubles, "checks": checks})
    else:
        print("\n".join(lines(found, now, str(Path.home()))))
    return 1 if troubles else 0


def findings(env: Mapping[str, str], home: Path, here: Path, now: float) -> Iterator[Finding]:
    """Everything, in the order in which it is told."""
    where, config = places(env), load(env, agents=agent_ids())
    asked = ask_daemon(where, env)
    agents = list(look_at_agents(env, home, config.agents.off))
    yield from agents
    yield from look_at_added(additions(), asked.told)
    files = settings_files(env, home, here)
    commands = commands_here()
    used = {each.facts.get("agent") for each in agents if each.level is Level.OK}
    fired, folder = _fired(where, asked), Path(commands.folder)
    yield from look_at_hooks(files, fired, folder, used="claude-code" in used)
    yield from look_at_codex_hooks(env, home, fired, used="codex" in used)
    yield from look_at_agent_hooks(env, home, here, folder, used)
    yield from look_at_plugins(env, home, used, commands.python)
    yield from look_at_fired(fired, _SEEN_HERE, used)
    yield from asked.findings
    words = hook_words(files) or [commands.base_python, "-I", "-S", f"{commands.folder}/client.py"]
    yield round_trip(words, env, asked.pid)
    yield from look_at_watching(_folders(env, home, config.agents.off), asked.told.get(
        "unwatched", {}))  # fmt: skip
    yield from look_at_folders(where)
    yield from look_at_prices(env, now)
    yield from look_at_config(config)
    yield surroundings(env)


def _folders(env: Mapping[str, str], home: Path, off: Sequence[str]) -> int:
    from switchtax.service.watching import root_folders

    return count_folders(top for agent, _, top in root_folders(env, home) if agent not in off)


def _fired(where: Places, asked: Asked) -> dict[tuple[str, str], float]:
    """When hooks were last seen: as the daemon says, else as the ledger holds."""
    if asked.told:
        return {(row["agent"], row["event"]): row["at"] for row in asked.told["hooks"]}
    if not where.ledger.exists():
        return {}
    ledger = Ledger(where.ledger)
    fired = ledger.hooks_fired()
    ledger.close()
    return fired


def _payload(found: Finding, now: float) -> dict[str, Any]:
    return {
        "topic": found.topic,
        "code": found.code,
        "level": str(found.level),
        "text": finding_words(found.code, found.facts, now),
        "mend": mend_words(found.code, found.facts),
        "facts": dict(found.facts),
    }


def lines(found: Sequence[Finding], now: float, home: str) -> list[str]:
    """The findings for a person, by topic; the home folder is spelled ~."""
    out: list[str] = []
    topic = ""
    for each in found:
        if each.topic != topic:
            topic = each.topic
            out += [""] * bool(out) + [topic]
        text = finding_words(each.code, each.facts, now).replace(f"{home}/", "~/")
        out += _wrapped(f"  {_MARKS[each.level]}  ", text)
        mend = mend_words(each.code, each.facts)
        if mend:
            out.append(f"      mend: {mend.replace(f'{home}/', '~/')}")
    troubles = [each.code for each in found if each.level is Level.TROUBLE]
    return [*out, "", summary(troubles)]


def _wrapped(mark: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
