"""The daemon as a service: files that the system's own tools accept, and that start it."""

from __future__ import annotations

import os
import plistlib
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from service_support import until
from support import need
from switchtax.errors import DaemonUnavailable
from switchtax.service import instance
from switchtax.service.units import MARK, launchd_agent, systemd_unit

if TYPE_CHECKING:
    from service_support import Household

ODD = {"CLAUDE_CONFIG_DIR": '/a b%c"d\\e $f', "EDITOR": "vi"}


@pytest.fixture
def at_home(household: Household, monkeypatch: pytest.MonkeyPatch) -> Household:
    """Commands run in the household."""
    monkeypatch.setattr(Path, "home", lambda: household.folder / "h")
    return household


def pid_in_charge(household: Household) -> int:
    """The process that serves; 0 if none does."""
    try:
        with instance.find(household.where) as client:
            return int(client.server["pid"])
    except DaemonUnavailable:
        return 0


class TestSystemd:
    """`switchtax.service`."""

    def test_systemd_finds_no_fault_in_it(self, tmp_path: Path) -> None:
        """Its own checker, with every odd character in the paths."""
        checker = need("systemd-analyze")
        folder = tmp_path / "a b%c"
        folder.mkdir()
        (tmp_path / "run").mkdir(mode=0o700)
        python = folder / "python"
        python.symlink_to(sys.executable)
        unit = systemd_unit(str(python), folder / "daemon.log", ODD, tmp_path)
        file = tmp_path / unit.path.name
        file.write_text(unit.text)
        done = subprocess.run(
            [checker, "verify", "--user", "--man=no", file],
            env={**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")},
            capture_output=True,
            text=True,
        )
        assert (0, "") == (done.returncode, done.stderr)

    def test_variables_that_move_folders_stand_in_it(self, tmp_path: Path) -> None:
        """A session's manager does not read the shell's files."""
        text = systemd_unit("/py", tmp_path / "log", ODD, tmp_path).text
        assert 'Environment="CLAUDE_CONFIG_DIR=/a b%%c\\"d\\\\e $f"' in text.splitlines()
        assert 'Environment="SWITCHTAX_IDLE_EXIT_S=0"' in text.splitlines()
        assert "EDITOR" not in text

    def test_where_it_stands(self, tmp_path: Path) -> None:
        """Where systemd looks."""
        moved = systemd_unit("/py", tmp_path, {"XDG_CONFIG_HOME": "/x"}, tmp_path)
        assert "/x/systemd/user/switchtax.service" == str(moved.path)
        plain = systemd_unit("/py", tmp_path, {}, tmp_path)
        assert tmp_path / ".config/systemd/user/switchtax.service" == plain.path

    def test_its_commands_take_over(self, household: Household) -> None:
        """A daemon that a client started leaves; the service's own serves."""
        unit = systemd_unit(sys.executable, household.where.log, household.env, household.folder)
        before = household.client().server["pid"]
        told = dict(
            line.split("=", 1) for line in unit.text.splitlines() if line.startswith("Exec")
        )
        leave = shlex.split(told["ExecStartPre"].removeprefix("-"))
        subprocess.run(leave, env=household.env, check=True, capture_output=True, timeout=20)
        serve = subprocess.Popen(
            shlex.split(told["ExecStart"]), env=household.env, stderr=subprocess.DEVNULL
        )
        household.pids.add(serve.pid)
        until(lambda: pid_in_charge(household) == serve.pid, "the service serves")
        assert before != serve.pid
        assert instance.stop(household.where)
        assert 0 == serve.wait(10)


class TestLaunchd:
    """`dev.switchtax.daemon.plist`."""

    def test_it_reads_back(self, tmp_path: Path) -> None:
        """As the settings that launchd takes."""
        unit = launchd_agent("/a b/python", tmp_path / "log", ODD, tmp_path)
        found = plistlib.loads(unit.text.encode())
        assert "dev.switchtax.daemon" == found["Label"]
        assert {"CLAUDE_CONFIG_DIR": ODD["CLAUDE_CONFIG_DIR"], "SWITCHTAX_IDLE_EXIT_S": "0"} == (
            found["EnvironmentVariables"]
        )
        assert ({"SuccessfulExit": False}, True) == (found["KeepAlive"], found["RunAtLoad"])
        assert str(tmp_path / "log") == found["StandardErrorPath"]
        assert found["ProgramArguments"][2].endswith(
            "daemon stop; exec '/a b/python' -P -m switchtax.service"
        )
        assert MARK in unit.text
        place = tmp_path / "Library" / "LaunchAgents" / "dev.switchtax.daemon.plist"
        assert (place, None) == (unit.path, unit.link)

    def test_its_command_serves(self, household: Household) -> None:
        """The shell's line, run as launchd would."""
        unit = launchd_agent(sys.executable, household.where.log, household.env, household.folder)
        words = plistlib.loads(unit.text.encode())["ProgramArguments"]
        serve = subprocess.Popen(
            words, env=household.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        household.pids.add(serve.pid)
        until(lambda: pid_in_charge(household) == serve.pid, "the agent serves")


class TestCommand:
    """`switchtax setup daemon`."""

    def file(self, household: Household) -> Path:
        """Where the unit stands."""
        return household.folder / "f" / "systemd" / "user" / "switchtax.service"

    def test_there_and_back(self, at_home: Household) -> None:
        """Written once, told how to enable, removed again; nothing is started."""
        first = run("setup", "daemon")
        assert (0, "") == (first.code, first.err)
        assert "`systemctl --user enable --now switchtax` starts it now" in first.out
        assert at_home.where.log.parent.is_dir()
        assert MARK in self.file(at_home).read_text()
        assert "unchanged, all of it is there already" in run("setup", "daemon").out
        assert "removed" == checked("setup", "daemon", "--undo")["action"]
        assert not self.file(at_home).exists()
        assert "unchanged" == checked("setup", "daemon", "--undo")["action"]
        assert 0 == pid_in_charge(at_home)

    def test_a_dry_run_writes_nothing(self, at_home: Household) -> None:
        """The file as a difference."""
        assert "+ExecStart=" in run("setup", "daemon", "--dry-run").out
        assert not self.file(at_home).exists()

    def test_an_enabled_one_is_not_removed(self, at_home: Household) -> None:
        """Its link would be left over: the command that disables it is named."""
        run("setup", "daemon")
        link = self.file(at_home).parent / "default.target.wants" / "switchtax.service"
        link.parent.mkdir()
        link.symlink_to(self.file(at_home))
        assert "starts it" not in run("setup", "daemon").out
        found = run("setup", "daemon", "--undo")
        assert 4 == found.code
        assert "Run `systemctl --user disable --now switchtax`, then this again." in found.err
        assert self.file(at_home).exists()

    def test_somebody_elses_file_stays(self, at_home: Household) -> None:
        """Whoever wrote a unit of this name by hand keeps it."""
        self.file(at_home).parent.mkdir(parents=True)
        self.file(at_home).write_text("[Unit]\n")
        for words in ([], ["--undo"]):
            found = run("setup", "daemon", *words)
            assert (4, True) == (found.code, "not written by switchtax" in found.err)
        assert "[Unit]\n" == self.file(at_home).read_text()

    def test_a_folder_in_its_place(self, at_home: Household) -> None:
        """Named with the system's reason, reading or writing."""
        self.file(at_home).mkdir(parents=True)
        assert "Is a directory" in run("setup", "daemon").err
        self.file(at_home).rmdir()
        self.file(at_home).parent.rmdir()
        self.file(at_home).parent.touch()
        assert "Not a directory" in run("setup", "daemon").err

    def test_on_macos(self, at_home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
        """An agent of launchd; it cannot be seen whether it was started."""
        monkeypatch.setattr("switchtax.cli.setup_daemon.sys.platform", "darwin")
        assert "`launchctl bootstrap gui/$(id -u) " in run("setup", "daemon").out
        assert "if it was started: `launchctl bootout" in run("setup", "daemon", "--undo").out

    def test_elsewhere(self, at_home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
        """Said, as are options that belong to agents."""
        assert 2 == run("setup", "daemon", "--scope", "project").code
        monkeypatch.setattr("switchtax.cli.setup_daemon.sys.platform", "win32")
        found = run("setup", "daemon")
        assert (2, True) == (found.code, "for systemd and launchd only" in found.err)
