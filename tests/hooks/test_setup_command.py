"""`switchtax setup claude-code`: what it prints, and what it writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from commands import checked, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("home_dir")
class TestTheCommand:
    """`switchtax setup claude-code`."""

    def test_in_and_out(self, home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In the home's settings, or where CLAUDE_CONFIG_DIR says."""
        found = run("setup", "claude-code")
        path = home_dir / ".claude" / "settings.json"
        assert (0, "") == (found.code, found.err)
        assert found.out.startswith(f"{path}: hook PreModelSwitch; ")
        assert "all of it is there already" in run("setup", "claude-code").out
        assert "installed" != checked("setup", "claude-code")["action"]
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home_dir / "other"))
        assert "installed" == checked("setup", "claude-code")["action"]
        assert (home_dir / "other" / "settings.json").exists()
        assert "removed" == checked("setup", "claude-code", "--undo")["action"]
        assert not (home_dir / "other" / "settings.json").exists()
        assert path.exists()

    def test_a_dry_run_writes_nothing(self, home_dir: Path) -> None:
        """It shows the difference."""
        found = run("setup", "claude-code", "--dry-run")
        assert '+  "hooks": {' in found.lines
        assert [] == list(home_dir.iterdir())

    def test_a_project(
        self, home_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the file that is not shared, and around the status line that holds there."""
        monkeypatch.chdir(tmp_path)
        user = home_dir / ".claude" / "settings.json"
        user.parent.mkdir()
        user.write_text('{"statusLine": {"type": "command", "command": "users", "padding": 1}}')
        assert 0 == run("setup", "claude-code", "--scope", "project").code
        found = json.loads((tmp_path / ".claude" / "settings.local.json").read_text())
        assert found["statusLine"]["command"].startswith("T='users'; P=")
        assert 1 == found["statusLine"]["padding"]
        run("setup", "claude-code", "--scope", "project", "--undo")
        run("setup", "claude-code")
        run("setup", "claude-code", "--scope", "project")
        found = json.loads((tmp_path / ".claude" / "settings.local.json").read_text())
        assert "statusLine" not in found

    def test_broken_settings_end_with_four(self, home_dir: Path) -> None:
        """Named with line and way out."""
        path = home_dir / ".claude" / "settings.json"
        path.parent.mkdir()
        path.write_text('{"a": 1,}')
        found = run("setup", "claude-code")
        assert 4 == found.code
        assert f"switchtax setup: {path}: line 1, column 9" in found.err
        path.write_text("")
        assert "nothing of switchtax" in run("setup", "claude-code", "--undo").out
