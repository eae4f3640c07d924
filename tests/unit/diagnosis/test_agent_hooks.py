"""What doctor says of the hooks of Gemini CLI and Copilot CLI, and that no agent is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from switchtax.cli.doctor import findings
from switchtax.diagnosis.agent_hooks import look_at_agent_hooks, look_at_fired
from switchtax.hooks import setup_copilot_cli, setup_cursor, setup_gemini_cli
from switchtax.hooks.commands import commands_here
from switchtax.hooks.settings_file import carry_out
from switchtax.hooks.setups import SETUPS, Wanted, setup_of
from switchtax.wording.doctor import finding_words, mend_words

AGENTS = ("copilot-cli", "cursor", "gemini-cli")
FOLDER = Path(commands_here().folder)


def set_up(agent: str, home: Path) -> None:
    """As `switchtax setup` does it."""
    state = home / "state"
    wanted = Wanted("user", False, {}, home, home / "p", state, commands_here())
    for plan in setup_of(agent).plans(wanted):
        carry_out(plan, state)


def hooks_of(agent: str, home: Path) -> Path:
    """The file with the hooks."""
    if agent == "gemini-cli":
        return setup_gemini_cli.settings_path("user", {}, home, home)
    if agent == "cursor":
        return setup_cursor.hooks_path(home)
    return setup_copilot_cli.hooks_path({}, home)


def look(agent: str, home: Path, folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Codes with what mends them; each has words."""
    found = list(look_at_agent_hooks({}, home, home / "p", folder, {agent}))
    for each in found:
        assert finding_words(each.code, each.facts, 100.0)
    return [(each.code, mend_words(each.code, each.facts)) for each in found]


def change(path: Path, value: dict[str, Any]) -> None:
    """Put something into a settings file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | value))


@pytest.mark.parametrize("agent", AGENTS)
def test_as_setup_puts_them(tmp_path: Path, agent: str) -> None:
    """Missing before, well afterwards; nothing of an agent that is not here."""
    ((code, mend),) = look(agent, tmp_path)
    assert ("agent-unrecorded" if agent == "cursor" else "agent-hooks-missing") == code
    assert f"switchtax setup {agent}" == mend
    set_up(agent, tmp_path)
    assert [("agent-hooks-installed", "")] == look(agent, tmp_path)
    assert [] == list(look_at_agent_hooks({}, tmp_path, tmp_path, FOLDER, {"pi"}))


@pytest.mark.parametrize("agent", ["cline", "roo-code", "vscode-copilot"])
def test_an_agent_that_takes_none(tmp_path: Path, agent: str) -> None:
    """Nothing is amiss: it is said what to expect, and nothing is to be mended."""
    assert [("agent-read-only", "")] == look(agent, tmp_path)


@pytest.mark.parametrize("agent", AGENTS)
def test_what_is_amiss(tmp_path: Path, agent: str) -> None:
    """An event is missing, a Python is gone, another installation runs, the file is broken."""
    set_up(agent, tmp_path)
    again = f"switchtax setup {agent}"
    assert [("agent-hooks-other", again)] == look(agent, tmp_path, tmp_path)
    file = hooks_of(agent, tmp_path)
    text = file.read_text()
    file.write_text(text.replace(commands_here().base_python, "/no/python"))
    assert [("agent-hooks-stale", again)] == look(agent, tmp_path)
    value = json.loads(text)
    event = next(iter(value["hooks"]))
    kept = {name: one for name, one in value["hooks"].items() if name != event}
    file.write_text(json.dumps(value | {"hooks": kept}))
    assert [("agent-hooks-part", again)] == look(agent, tmp_path)
    odd = json.loads(text.replace("-I -S", "'"))
    file.write_text(json.dumps(odd))
    assert [("agent-hooks-stale", again)] == look(agent, tmp_path)
    for broken in (b"{", b"[]", b"\xff"):
        file.write_bytes(broken)
        assert ["hooks-unreadable"] == [code for code, _ in look(agent, tmp_path)]
    file.unlink()
    file.mkdir()
    assert ["hooks-unreadable"] == [code for code, _ in look(agent, tmp_path)]


@pytest.mark.parametrize(
    ("agent", "value"),
    [
        ("gemini-cli", {"hooksConfig": {"enabled": False}}),
        ("gemini-cli", {"hooksConfig": {"disabled": ["switchtax"]}}),
        ("copilot-cli", {"disableAllHooks": True}),
    ],
)
def test_turned_off(tmp_path: Path, agent: str, value: dict[str, Any]) -> None:
    """By the agent's own settings, which are named."""
    set_up(agent, tmp_path)
    settings = tmp_path / f".{agent.removesuffix('-cli')}" / "settings.json"
    change(settings, value)
    off, installed = look(agent, tmp_path)
    assert "agent-hooks-off" == off[0]
    assert str(settings) in off[1]
    assert "agent-hooks-installed" == installed[0]


def test_settings_that_turn_nothing_off(tmp_path: Path) -> None:
    """Other names, other shapes."""
    set_up("gemini-cli", tmp_path)
    for config in ({"disabled": ["another"]}, {"disabled": "x"}, 7):
        change(hooks_of("gemini-cli", tmp_path), {"hooksConfig": config})
        assert [("agent-hooks-installed", "")] == look("gemini-cli", tmp_path)


def test_in_a_project(tmp_path: Path) -> None:
    """Gemini CLI's hooks may stand there instead."""
    set_up("gemini-cli", tmp_path)
    project = setup_gemini_cli.settings_path("project", {}, tmp_path, tmp_path / "p")
    project.parent.mkdir(parents=True)
    hooks_of("gemini-cli", tmp_path).rename(project)
    assert [("agent-hooks-installed", "")] == look("gemini-cli", tmp_path)


def test_no_status_line(tmp_path: Path) -> None:
    """Copilot CLI's is worth a note."""
    set_up("copilot-cli", tmp_path)
    change(tmp_path / ".copilot" / "settings.json", {"statusLine": None})
    assert ["agent-hooks-installed", "agent-no-status-line"] == [
        code for code, _ in look("copilot-cli", tmp_path)
    ]


def test_cursors_status_line(tmp_path: Path) -> None:
    """Where its command line was started once: without it no context is told there."""
    set_up("cursor", tmp_path)
    change(tmp_path / ".cursor" / "cli-config.json", {"version": 1})
    assert [
        ("agent-hooks-installed", ""),
        ("agent-no-status-line", "switchtax setup cursor"),
    ] == look("cursor", tmp_path)
    ours = commands_here().shell_status_line("")
    change(tmp_path / ".cursor" / "cli-config.json", {"statusLine": {"command": ours}})
    assert ["agent-hooks-installed"] == [code for code, _ in look("cursor", tmp_path)]


def test_hooks_that_cursor_would_not_read(tmp_path: Path) -> None:
    """Somebody's mistake in the file turns ours off as well."""
    set_up("cursor", tmp_path)
    change(hooks_of("cursor", tmp_path), {"version": None})
    refused, installed = look("cursor", tmp_path)
    assert ("agent-hooks-refused", "agent-hooks-installed") == (refused[0], installed[0])
    assert "hooks.json" in refused[1]


def test_comments_among_cursors_hooks(tmp_path: Path) -> None:
    """Cursor reads past them, and so does doctor."""
    set_up("cursor", tmp_path)
    file = hooks_of("cursor", tmp_path)
    file.write_text("// mine\n" + file.read_text())
    assert [("agent-hooks-installed", "")] == look("cursor", tmp_path)


def test_seen() -> None:
    """The newest of each agent in use."""
    fired = {
        ("pi", "model_select"): 9.0,
        ("pi", "session_start"): 7.0,
        ("codex", "PreCompact"): 8.0,
    }
    (found,) = look_at_fired(fired, ("pi", "opencode"), {"pi", "opencode", "codex"})
    assert ("agent-hooks-fired", "model_select") == (found.code, found.facts["event"])
    assert "The last hook of pi seen was model_select" in finding_words(
        found.code, found.facts, 100.0
    )
    assert [] == list(look_at_fired(fired, ("pi",), {"codex"}))


def test_every_agent_that_can_be_set_up_has_a_row(home_dir: Path) -> None:
    """Whoever is here and not set up is told how."""
    for folder in (
        ".claude/projects",
        ".codex/sessions",
        ".copilot/session-state",
        ".cursor",
        ".gemini/tmp",
        ".local/share/opencode",
        ".pi/agent/sessions",
    ):
        (home_dir / folder).mkdir(parents=True)
    (home_dir / ".local/share/opencode/opencode.db").touch()
    found = findings({"HOME": str(home_dir)}, home_dir, home_dir, 100.0)
    mends = {mend_words(each.code, each.facts) for each in found if each.topic == "hooks"}
    assert {f"switchtax setup {agent}" for agent in SETUPS} <= mends
