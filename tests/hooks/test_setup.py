"""Claude Code's settings: what is put in, and that all else stays as it was."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchtax.errors import SettingsError
from switchtax.hooks import settings_file
from switchtax.hooks import setup_claude_code as setup
from switchtax.hooks.claude_code import EVENTS
from switchtax.hooks.client import STARTING
from switchtax.hooks.commands import Commands, commands_here

COMMANDS = Commands("/opt/py/bin/python3.11", "/venv/bin/python", "/venv/lib/switchtax/hooks")
NEWER = Commands("/opt/py/bin/python3.12", "/venv/bin/python", "/new/lib/switchtax/hooks")


class Settings:
    """A settings file with a state folder beside it."""

    def __init__(self, folder: Path, raw: bytes | None = None) -> None:
        self.path, self.state = folder / "claude" / "settings.json", folder / "state"
        if raw is not None:
            self.path.parent.mkdir(parents=True)
            self.path.write_bytes(raw)

    def install(self, commands: Commands = COMMANDS, *others: Path) -> settings_file.Plan:
        """Put it in."""
        plan = setup.installing(self.path, commands, self.state, others)
        if plan.is_needed:
            settings_file.carry_out(plan, self.state)
        return plan

    def undo(self) -> settings_file.Plan:
        """Take it out."""
        plan = setup.removing(self.path, self.state)
        if plan.is_needed:
            settings_file.carry_out(plan, self.state)
        return plan

    @property
    def raw(self) -> bytes | None:
        """What is in the file."""
        return self.path.read_bytes() if self.path.exists() else None

    @property
    def value(self) -> Any:
        """The same as a value."""
        return json.loads((self.raw or b"").decode("utf-8-sig"))

    def status_line(self) -> str:
        """The status line's command."""
        return str(self.value["statusLine"]["command"])


def hook_commands(value: Any, event: str) -> list[str]:
    """The commands of an event."""
    return [h["command"] for group in value["hooks"][event] for h in group["hooks"]]


OWN = b"""{
    "model": "opus",
    "permissions": {"allow": ["Bash(ls:*)", "Read"]},
    "hooks": {
        "UserPromptSubmit": [ { "hooks": [{"type": "command", "command": "mine"}] } ]
    },
    "statusLine": {"command": "my 'line' # that's it", "type": "command", "padding": 0},
    "number": 1.50
}
"""


class TestPuttingIn:
    """All five hooks and the status line; nothing else moves."""

    def test_an_empty_home(self, tmp_path: Path) -> None:
        """Folder and file are made."""
        own = Settings(tmp_path)
        own.install()
        assert list(EVENTS) == list(own.value["hooks"])
        for event in EVENTS:
            (command,) = hook_commands(own.value, event)
            tail = " /venv/bin/python" if event in STARTING else ""
            assert (
                "/opt/py/bin/python3.11 -I -S /venv/lib/switchtax/hooks/client.py claude-code "
                f"{event}{tail} 2>/dev/null || exit 0"
            ) == command
        assert {"type", "command", "refreshInterval"} == set(own.value["statusLine"])
        assert "timeout" not in json.dumps(own.value)

    def test_what_others_wrote_stays_to_the_byte(self, tmp_path: Path) -> None:
        """Every line there was is there still, but for the status line's command."""
        own = Settings(tmp_path, OWN)
        own.install()
        lines = (own.raw or b"").decode().splitlines()
        before = [line for line in OWN.decode().splitlines() if "statusLine" not in line]
        kept = [line for line in lines if line in before]
        assert before[:4] == kept[:4]
        assert '    "number": 1.50' in lines
        assert ["model", "permissions", "hooks", "statusLine", "number"] == list(own.value)
        assert "mine" == hook_commands(own.value, "UserPromptSubmit")[0]
        assert 2 == len(hook_commands(own.value, "UserPromptSubmit"))
        line = own.value["statusLine"]
        assert {"command": line["command"], "type": "command", "padding": 0} == line

    def test_twice_is_once(self, tmp_path: Path) -> None:
        """The second time nothing is written."""
        own = Settings(tmp_path, OWN)
        own.install()
        after, stamp = own.raw, own.path.stat().st_mtime_ns
        assert not own.install().is_needed
        assert (after, stamp) == (own.raw, own.path.stat().st_mtime_ns)

    def test_an_upgrade_renews_the_paths(self, tmp_path: Path) -> None:
        """No hook is there twice, the user's status line is not wrapped twice; undo still holds."""
        own, fresh = Settings(tmp_path / "a", OWN), Settings(tmp_path / "b", OWN)
        own.install()
        own.install(NEWER)
        fresh.install(NEWER)
        assert fresh.raw == own.raw
        own.undo()
        assert OWN == own.raw

    def test_a_hook_of_ours_that_is_there_twice_is_dropped(self, tmp_path: Path) -> None:
        """Left by hand or by a merge."""
        own = Settings(tmp_path)
        own.install()
        doubled = own.value
        doubled["hooks"]["PreModelSwitch"] *= 2
        own.path.write_text(json.dumps(doubled))
        own.install()
        assert 1 == len(hook_commands(own.value, "PreModelSwitch"))

    def test_links_are_followed(self, tmp_path: Path) -> None:
        """Dotfiles kept elsewhere stay where they are; permissions too."""
        target = tmp_path / "dotfiles.json"
        target.write_bytes(OWN)
        target.chmod(0o640)
        own = Settings(tmp_path)
        own.path.parent.mkdir()
        own.path.symlink_to(target)
        own.install()
        assert own.path.is_symlink()
        assert b"PreModelSwitch" in target.read_bytes()
        assert 0o640 == target.stat().st_mode & 0o777
        own.undo()
        assert OWN == target.read_bytes()
        assert own.path.is_symlink()

    @pytest.mark.parametrize(
        ("raw", "says"),
        [
            (b'{\n "a": 1,\n}', "line 3, column 1"),
            (b'{\n // no\n "a": 1}', "line 2, column 2"),
            (b'{"a":\n\n"\xff"}', "line 3 is not UTF-8"),
            (b"[]", "not an object"),
            (b'{"hooks": []}', '"hooks" is not an object'),
            (b'{"hooks": {"PreModelSwitch": {}}}', '"hooks"."PreModelSwitch" is not a list'),
            (b"[" * 100_000, "RecursionError"),
            (b'{"a": ' + b"9" * 5000 + b"}", "ValueError"),
        ],
    )
    def test_broken_settings_are_left_alone(self, tmp_path: Path, raw: bytes, says: str) -> None:
        """The error names the line and the way out."""
        own = Settings(tmp_path, raw)
        with pytest.raises(SettingsError) as caught:
            own.install()
        assert says in str(caught.value)
        assert "Nothing was written" in str(caught.value)
        assert raw == own.raw
        assert not own.state.exists()

    def test_a_file_that_changes_meanwhile_is_left_alone(self, tmp_path: Path) -> None:
        """Claude Code writes its settings too."""
        own = Settings(tmp_path, OWN)
        plan = setup.installing(own.path, COMMANDS, own.state, ())
        own.path.write_bytes(b"{}")
        with pytest.raises(SettingsError, match="changed meanwhile"):
            settings_file.carry_out(plan, own.state)
        assert b"{}" == own.raw

    def test_a_folder_in_the_way_is_told(self, tmp_path: Path) -> None:
        """Neither read nor written."""
        own = Settings(tmp_path)
        own.path.mkdir(parents=True)
        with pytest.raises(SettingsError):
            own.install()
        own.path.rmdir()
        own.state.write_text("a file where the folder should be")
        with pytest.raises(SettingsError, match="as they were"):
            own.install()
        assert own.raw is None

    def test_what_keeps_it_from_working_is_told(self, tmp_path: Path) -> None:
        """Hooks switched off; the plugin as well; a status line that is none."""
        raw = b'{"disableAllHooks": true, "enabledPlugins": {"switchtax@x": true}, "statusLine": 3}'
        own = Settings(tmp_path, raw)
        notes = " ".join(own.install().notes)
        assert "no hook will run" in notes
        assert "act once" in notes
        assert "left as it is" in notes
        assert 3 == own.value["statusLine"]


class TestTakingOut:
    """To the byte where only we wrote; else what is ours."""

    @pytest.mark.parametrize("raw", [None, b"", b" \n", b"{}", OWN, b"\xef\xbb\xbf" + OWN])
    def test_restored_to_the_byte(self, tmp_path: Path, raw: bytes | None) -> None:
        """Even to no file at all."""
        own = Settings(tmp_path, raw)
        own.install()
        assert raw != own.raw
        own.undo()
        assert raw == own.raw
        assert not own.undo().is_needed

    def test_later_changes_of_others_stay(self, tmp_path: Path) -> None:
        """Then ours alone goes; the status line is the user's again."""
        own = Settings(tmp_path, OWN)
        own.install()
        own.path.write_bytes((own.raw or b"").replace(b'"opus"', b'"sonnet"'))
        own.undo()
        assert OWN.replace(b'"opus"', b'"sonnet"') == (own.raw or b"")

    def test_without_a_journal(self, tmp_path: Path) -> None:
        """The state folder was lost: ours is known by its commands."""
        own = Settings(tmp_path, OWN)
        own.install()
        for file in (own.state / "setup").iterdir():
            file.unlink()
        own.undo()
        assert own.raw == OWN

    def test_changed_then_renewed_then_undone(self, tmp_path: Path) -> None:
        """The backup follows what others wrote in between."""
        own = Settings(tmp_path, OWN)
        own.install()
        own.path.write_bytes((own.raw or b"").replace(b'"opus"', b'"sonnet"'))
        own.install(NEWER)
        own.undo()
        assert OWN.replace(b'"opus"', b'"sonnet"') == own.raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
GROUP = st.fixed_dictionaries(
    {"hooks": st.lists(st.fixed_dictionaries({"type": st.just("command"), "command": st.text()}))}
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "hooks": st.dictionaries(st.sampled_from((*EVENTS, "Stop")), st.lists(GROUP, max_size=2))
        | st.none(),
        "statusLine": st.fixed_dictionaries({"command": st.text()}) | JSON,
        "model": JSON,
        "ä": JSON,
    },
) | st.dictionaries(st.text(max_size=6), JSON, max_size=4)
LAYOUT = st.sampled_from(
    [{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False}]
)


@settings(max_examples=60)
@given(SETTINGS, LAYOUT, st.sampled_from(["\n", "\r\n"]))
def test_in_and_out_again(value: dict[str, Any], layout: dict[str, Any], newline: str) -> None:
    """Any settings: everything else keeps its value, and undo gives back every byte."""
    raw = json.dumps(value, **layout).replace("\n", newline).encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        own = Settings(Path(folder), raw)
        try:
            own.install()
        except SettingsError:
            assert raw == own.raw
            return
        _holds_all(value, own.value)
        (own.state / "setup" / "journal.json").rename(own.state / "lost")
        without = setup.removing(own.path, own.state).after or b""
        assert b"switchtax" not in without
        _holds_all(value, json.loads(without))
        (own.state / "lost").rename(own.state / "setup" / "journal.json")
        own.undo()
        assert raw == own.raw


def _holds_all(value: dict[str, Any], found: dict[str, Any]) -> None:
    """What others wrote is there, in their order."""
    others = [name for name in value if name not in ("hooks", "statusLine")]
    assert [(name, value[name]) for name in others] == [
        (name, found[name]) for name in found if name not in ("hooks", "statusLine")
    ]
    for event, groups in (value.get("hooks") or {}).items():
        if groups:
            assert groups == found["hooks"][event][: len(groups)]


class TestTheCommandsInSettings:
    """Run by a shell, as the agent does."""

    @pytest.mark.parametrize("gone", ["client", "python", "both"])
    def test_something_is_gone(self, tmp_path: Path, gone: str) -> None:
        """The package was removed, or its Python replaced: 0, and nothing is said."""
        here = commands_here()
        commands = Commands(
            "/nowhere/python3" if gone in ("python", "both") else here.base_python,
            "/nowhere/python",
            "/nowhere/switchtax/hooks" if gone in ("client", "both") else here.folder,
        )
        for event in EVENTS:
            done = subprocess.run(
                ["sh", "-c", commands.hook(event)], input=b"{}", capture_output=True, check=False,
                env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
            assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)

    def test_a_python_that_is_killed_or_broken(self, tmp_path: Path) -> None:
        """Also then."""
        python = tmp_path / "it's python"
        for body in ("kill -9 $$", "echo trouble >&2; exit 2", "exit 137"):
            python.write_text(f"#!/bin/sh\n{body}\n")
            python.chmod(0o755)
            command = Commands(str(python), "p", "/x y/switchtax/hooks").hook("PreModelSwitch")
            done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
            assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)

    def test_windows_has_a_twin(self) -> None:
        """Not tried here."""
        windows = Commands(r"C:\py\python.exe", "p", r"C:\s\switchtax\hooks", windows=True)
        assert (
            r'"C:\py\python.exe" "-I" "-S" "C:\s\switchtax\hooks\client.py" "claude-code" "Stop"'
            " 2>nul || exit /b 0"
        ) == windows.hook("Stop")

    def test_windows_keeps_its_status_line(self, tmp_path: Path) -> None:
        """There is no shell to run ours."""
        own = Settings(tmp_path)
        assert own.install(Commands("p", "p", "c", windows=True)).notes
        assert "statusLine" not in own.value
