"""`switchtax config`: what holds, where it comes from, and what is wrong with the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from switchtax.config import KEYS
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(home_dir: Path) -> Path:
    """The file of this home."""
    path = home_dir / ".config" / "switchtax" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_without_a_file(file: Path) -> None:
    """Where it would stand, and all defaults, within 80 columns."""
    found = run("config")
    assert (0, "") == (found.code, found.err)
    assert f"{file} (not there: write it to change something)" == found.lines[0]
    assert "material.rebuild_usd           0.25            default" in found.lines
    assert len(KEYS) == len(found.lines[2:])
    assert [] == [line for line in found.lines[2:] if len(line) > 80]


def test_path(file: Path) -> None:
    """That alone, for `$EDITOR "$(switchtax config --path)"`."""
    assert f"{file}\n" == run("config", "--path").out


def test_values_and_where_they_come_from(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, a variable, the default."""
    monkeypatch.setenv("SWITCHTAX_IDLE_EXIT_S", "5")
    file.write_text("[material]\nrebuild_usd = 1\n")
    keys = checked("config")["keys"]
    assert (1, 0.25, "file") == tuple(
        keys["material.rebuild_usd"][name] for name in ("value", "default", "from")
    )
    assert "SWITCHTAX_IDLE_EXIT_S" == keys["daemon.idle_exit_s"]["from"]
    assert "default" == keys["agents.off"]["from"]


def test_mistakes(file: Path) -> None:
    """On stderr for a person, as a list in JSON; the command still does its work."""
    file.write_text("[material]\nwait = 1\n")
    found = run("config")
    said = f"{file}:2: material.wait: unknown key (did you mean material.wait_s?); it is ignored."
    assert (0, f"switchtax: {said}\n") == (found.code, found.err)
    (problem,) = checked("config")["problems"]
    assert (f"{file}:2", "material.wait") == (problem["place"], problem["key"])


def test_the_horizon_holds_for_estimates(file: Path) -> None:
    """Without --turns; which still goes first."""
    file.write_text("[horizon]\nturns = 3\n")
    log, at = str(SAMPLE), ("--at", str(SAMPLE_AT))
    assert "Over 3 turns" in run("estimate", log, *at, "--to", "sonnet").out
    assert "Over 7 turns" in run("estimate", log, *at, "--to", "sonnet", "--turns", "7").out
    assert "in 3 turns" in run("status", log, *at).out


def test_an_agent_that_is_off_is_not_looked_for(file: Path, home_dir: Path) -> None:
    """Unless it is named, or a path to it."""
    log = home_dir / ".claude" / "projects" / "p" / SAMPLE.name
    log.parent.mkdir(parents=True)
    log.write_bytes(SAMPLE.read_bytes())
    assert 1 == len(checked("sessions")["sessions"])
    file.write_text('[agents]\noff = ["claude-code"]\n')
    assert [] == checked("sessions")["sessions"]
    assert 1 == len(checked("sessions", "--agent", "claude-code")["sessions"])
    assert 1 == len(checked("sessions", str(log))["sessions"])
