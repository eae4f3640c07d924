"""The plugin for Claude Code, as the real client sees it."""

import os
import subprocess
from pathlib import Path

import pytest
from client import claude_program

from support import CHECKOUT, clean_environment

pytestmark = pytest.mark.lab

PLUGIN = CHECKOUT / "editors" / "claude-code"


def test_the_client_finds_nothing_wrong(tmp_path: Path) -> None:
    """`claude plugin validate`: it passes, and names the commands and the agent."""
    environment = clean_environment(tmp_path) | {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    done = subprocess.run(
        [os.fspath(claude_program()), "plugin", "validate", os.fspath(PLUGIN)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    for part in ("commands: switchtax:chores", "commands: switchtax:switchtax",
                 "agents: switchtax:chores"):  # fmt: skip
        assert part in done.stdout
    assert "Validation passed" in done.stdout
