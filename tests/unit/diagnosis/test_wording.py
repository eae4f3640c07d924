"""What doctor says: every finding in its sentence, and the command that mends it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from support import CHECKOUT
from switchtax.cli.doctor import lines
from switchtax.diagnosis.findings import good, note, trouble
from switchtax.wording.doctor import MENDS, SAYINGS, finding_words

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_000_000.0
ROOM = CHECKOUT / "daemon" / "switchtax" / "diagnosis"
SETTINGS = "/home/ada/.claude/settings.json"
STATE = "/home/ada/.local/state/switchtax"
FOUND = [
    good("agents", "agent-found", agent="claude-code", versions=["2.1.329", "2.1.310"], logs=1204,
         folders=["/home/ada/.claude"], newest_at=NOW - 130),
    note("agents", "agent-skipped", agent="claude-code", skipped=3, logs=20,
         place="/home/ada/.claude/projects/p/0b1c.jsonl:81", reason="not JSON"),
    good("agents", "agent-found", agent="codex", versions=[], logs=0,
         folders=["/home/ada/.codex"], newest_at=None),
    note("agents", "agent-off", agent="gemini-cli"),
    note("agents", "agents-missing", agents=["opencode", "copilot-cli", "pi"]),
    good("hooks", "hooks-installed", path=SETTINGS, count=5),
    trouble("hooks", "hooks-stale", path="/home/ada/p/.claude/settings.local.json",
            gone=["/usr/bin/python3.10"], option=" --scope project"),
    trouble("hooks", "hooks-two-scopes",
            places=[SETTINGS, "/home/ada/p/.claude/settings.local.json"]),
    trouble("hooks", "hooks-and-plugin", plugin="switchtax@switchtax", places=[SETTINGS]),
    good("hooks", "hooks-fired", event="SessionStart", fired_at=NOW - 7_300, events={}),
    good("hooks", "plugin-installed", agent="opencode",
         path="/home/ada/.config/opencode/plugin/switchtax.js"),
    note("hooks", "plugin-fetches", path="/home/ada/.config/opencode/plugin/switchtax.js"),
    note("hooks", "plugin-missing", agent="pi"),
    trouble("daemon", "daemon-hung", pid=4711),
    note("round trip", "trip-none"),
    trouble("watching", "watch-few", folders=9_000, watches=8_192, instances=128, enough=524_288),
    trouble("watching", "watch-polled", folder="/home/ada/.claude/projects",
            reason="No space left on device", enough=524_288),
    good("folders", "folder-private", name="runtime", path="/run/user/1000/switchtax"),
    trouble("folders", "folder-open", name="state", path=STATE, mode="755"),
    trouble("prices", "prices-old", date="2026-08-01", age_days=112,
            table="genai-prices 0.2.3 (shipped, 2026-08-01)"),
    trouble("settings", "config-problem", path="/home/ada/.config/switchtax/config.toml",
            text="/home/ada/.config/switchtax/config.toml:2: material.wait: unknown key (did you "
            "mean material.wait_s?); it is ignored."),
    note("place", "place-wsl", distribution="Ubuntu"),
]  # fmt: skip


def test_the_whole_text(golden: Callable[[str, str], None]) -> None:
    """At 80 columns, but for commands: those are copied whole."""
    told = lines(FOUND, NOW, "/home/ada")
    assert [] == [line for line in told if len(line) > 80 and "mend: " not in line]
    golden("doctor", "\n".join(told) + "\n")


def test_all_is_well(golden: Callable[[str, str], None]) -> None:
    """Short: what is there, and that nothing is to be mended."""
    found = [
        FOUND[0],
        FOUND[4],
        FOUND[5],
        FOUND[9],
        good("daemon", "daemon-runs", pid=4711, version="0.1.0", build="b", started_at=NOW - 600),
        good("round trip", "trip-done", took_ms=21.6, slowest_ms=30.0, times=5),
        good("watching", "watch-enough", folders=640, watches=524_288, instances=128),
        FOUND[14],
        good("folders", "folder-private", name="state", path=STATE),
        good("prices", "prices-fresh", date="2026-11-20", age_days=1,
             table="genai-prices 0.2.3 (shipped, 2026-11-20)"),
        good("settings", "config-own", path="/home/ada/.config/switchtax/config.toml", own=2),
        good("place", "place-here", platform="linux"),
    ]  # fmt: skip
    golden("doctor-well", "\n".join(lines(found, NOW, "/home/ada")) + "\n")


def told_codes() -> set[str]:
    """Every code that the room may tell."""
    found: set[str] = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(
                "(agents?|(?:codex-)?hooks|plugin|daemon|trip|watch|folder|prices|config|place)(-[a-z]+)+",
                str(node.value),
            ):
                found.add(str(node.value))
    return found


def test_every_code_has_a_sentence() -> None:
    """And no sentence is without a finding."""
    assert set(SAYINGS) == told_codes()
    assert set() == set(MENDS) - set(SAYINGS)


def test_every_trouble_has_a_way_out() -> None:
    """Whatever the room tells with `trouble` has a command."""
    troubles: set[str] = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "trouble":
                code: Any = node.args[1]
                troubles.add(code.value)
    assert len(troubles) > 15
    assert set() == troubles - set(MENDS)


def test_a_nameless_distribution() -> None:
    """WSL without its variable (a service, say)."""
    said = finding_words("place-wsl", {"distribution": ""}, NOW)
    assert said.startswith("Inside WSL: agents")
