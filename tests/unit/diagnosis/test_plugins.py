"""Doctor's look at plugins of one file: there, whole, of this installation, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from switchtax.diagnosis.findings import Level
from switchtax.diagnosis.plugins import look_at_plugins
from switchtax.hooks.plugin_files import MARK, plugin_text

if TYPE_CHECKING:
    from pathlib import Path

PLACES = {
    "copilot-cli": ".copilot/extensions/switchtax/extension.mjs",
    "opencode": ".config/opencode/plugin/switchtax.js",
    "pi": ".pi/agent/extensions/switchtax.js",
}
PYTHON = "/venv/bin/python"


def codes(home: Path, agent: str) -> list[tuple[str, Level]]:
    """What is found of one agent."""
    return [(f.code, f.level) for f in look_at_plugins({}, home, {agent}, PYTHON)]


def put(home: Path, agent: str, text: str) -> None:
    """Write its plugin, and what OpenCode fetches for any."""
    path = home / PLACES[agent]
    path.parent.mkdir(parents=True)
    path.write_text(text)
    (home / ".config/opencode/node_modules/@opencode-ai/plugin").mkdir(parents=True)
    (home / ".copilot").mkdir(exist_ok=True)
    (home / ".copilot/settings.json").write_text('{"experimental": true}')


def test_agents_that_are_not_here(tmp_path: Path) -> None:
    """Nothing is said of them."""
    assert [] == list(look_at_plugins({}, tmp_path, {"codex", ""}, PYTHON))


@pytest.mark.parametrize("agent", PLACES)
def test_not_there(tmp_path: Path, agent: str) -> None:
    """Worth knowing; nothing is broken. Copilot CLI's hooks tell of a switch as well."""
    hooks = tmp_path / ".copilot/hooks/switchtax.json"
    code = "plugin-unset" if agent == "copilot-cli" else "plugin-missing"
    for there in (False, True):
        if there:
            hooks.parent.mkdir(parents=True)
            hooks.write_text("{}")
        known = there or agent != "copilot-cli"
        assert ([(code, Level.NOTE)] if known else []) == codes(tmp_path, agent)


@pytest.mark.parametrize("agent", PLACES)
def test_there(tmp_path: Path, agent: str) -> None:
    """As this installation would put it."""
    put(tmp_path, agent, plugin_text(agent, PYTHON))
    assert [("plugin-installed", Level.OK)] == codes(tmp_path, agent)


@pytest.mark.parametrize("settings", ["{}", '{"experimental": false}', "no JSON"])
def test_an_extension_that_is_not_loaded(tmp_path: Path, settings: str) -> None:
    """Copilot CLI does so with experimental features only."""
    put(tmp_path, "copilot-cli", plugin_text("copilot-cli", PYTHON))
    (tmp_path / ".copilot/settings.json").write_text(settings)
    _, found = codes(tmp_path, "copilot-cli")
    assert ("plugin-experimental", Level.NOTE) == found


@pytest.mark.parametrize("agent", PLACES)
def test_of_another_installation(tmp_path: Path, agent: str) -> None:
    """It would start that one's daemon."""
    put(tmp_path, agent, plugin_text(agent, "/gone/python"))
    (found,) = look_at_plugins({}, tmp_path, {agent}, PYTHON)
    assert ("plugin-elsewhere", "/gone/python") == (found.code, found.facts["python"])


@pytest.mark.parametrize("agent", PLACES)
@pytest.mark.parametrize("text", [f"// {MARK}an elder client", 'const PYTHON = "a"\nchanged'])
def test_of_another_version(tmp_path: Path, agent: str, text: str) -> None:
    """Set up again, it is replaced."""
    put(tmp_path, agent, text)
    assert [("plugin-old", Level.TROUBLE)] == codes(tmp_path, agent)


@pytest.mark.parametrize("agent", PLACES)
def test_unreadable(tmp_path: Path, agent: str) -> None:
    """Said, with the place."""
    (tmp_path / PLACES[agent]).mkdir(parents=True)
    assert ("plugin-unreadable", Level.TROUBLE) == codes(tmp_path, agent)[0]


def test_what_opencode_fetches(tmp_path: Path) -> None:
    """Said as long as it is not there."""
    path = tmp_path / PLACES["opencode"]
    path.parent.mkdir(parents=True)
    path.write_text(plugin_text("opencode", PYTHON))
    found = [code for code, _ in codes(tmp_path, "opencode")]
    assert ["plugin-installed", "plugin-fetches"] == found
