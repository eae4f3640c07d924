"""A running daemon takes up what the user changes in the configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from service_support import ready, until
from switchtax.service.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from service_support import Household


def write(household: Household, text: str) -> Path:
    """The configuration of a household."""
    path = household.folder / "f" / "switchtax" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_idle_exit_of_the_file_holds(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no variable says otherwise."""
    monkeypatch.delenv("SWITCHTAX_IDLE_EXIT_S")
    write(household, "[daemon]\nidle_exit_s = 0.1\n")
    household.client().close()
    until(lambda: not household.where.socket.exists(), "it has ended")


def test_an_agent_that_is_turned_off_is_dropped(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a restart; a mistake is in the log."""
    monkeypatch.setenv("SWITCHTAX_IDLE_EXIT_S", "0.4")  # its clock looks four times as often
    household.transcript()
    client = ready(household, "s1")
    write(household, '[agents]\noff = ["claude-code"]\n[brief]\nwords = 3\n')
    until(lambda: client.call("session/list")["sessions"] == [], "the session is dropped")
    assert "brief.words: unknown key" in household.where.log.read_text()


def test_the_file_is_read_again_only_when_it_changed(household: Household) -> None:
    """By inode, size and time."""
    path = write(household, "[horizon]\nturns = 3\n")
    settings = Settings(os.environ)
    assert (3, False) == (settings.config.horizon.turns, settings.look())
    path.write_text("[horizon]\nturns = 44\n")
    assert (True, 44, False) == (
        settings.look(),
        settings.config.horizon.turns,
        settings.look(),
    )
    path.unlink()
    assert (True, 10) == (settings.look(), settings.config.horizon.turns)
    assert not Settings().look()
