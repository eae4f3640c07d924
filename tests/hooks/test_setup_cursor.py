"""Cursor's files: what is put in, and that all else stays as it was."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from switchtax.errors import SettingsError
from switchtax.hooks import setup_cursor
from switchtax.hooks.commands import Commands, commands_here
from switchtax.hooks.cursor import EVENTS
from switchtax.hooks.cursor_file import refusal
from switchtax.hooks.setup_cursor import cli_config_path
from switchtax.hooks.setups import Wanted

if TYPE_CHECKING:
    from pathlib import Path

MINE: dict[str, Any] = {
    "version": 1,
    "hooks": {"stop": [{"command": "mine", "timeout": 9}], "afterFileEdit": [{"command": "x"}]},
}
HOOKS = {
    "two spaces": json.dumps(MINE, indent=2).encode(),
    "tabs, Windows": json.dumps(MINE, indent="\t").replace("\n", "\r\n").encode() + b"\r\n",
    "one line": json.dumps(MINE, separators=(",", ":")).encode(),
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(MINE, indent=4).encode(),
    "escapes": b'{"version":1,"hooks":{"stop":[{"command":"a \\/\\u002f b"}]} }\n',
    "empty": b"",
    "no file": None,
    "no hooks": b'{ "version": 1 }',
    "null": b'{"version": 1, "hooks": {"stop": null}}',
}
LINE = {"type": "command", "command": "~/bin/line 'a b'", "padding": 2}


@pytest.fixture
def folder(home_dir: Path) -> Path:
    path = home_dir / ".cursor"
    path.mkdir()
    return path


def entries(folder: Path) -> Any:
    """The lists of hooks, by event."""
    return json.loads((folder / "hooks.json").read_text("utf-8-sig"))["hooks"]


@pytest.mark.parametrize("before", HOOKS.values(), ids=HOOKS)
def test_in_and_out_to_the_byte(folder: Path, before: bytes | None) -> None:
    """Five hooks behind those of others; then nothing of them."""
    path = folder / "hooks.json"
    if before is not None:
        path.write_bytes(before)
    assert "installed" == checked("setup", "cursor")["action"]
    found = entries(folder)
    for event in EVENTS:
        ours = found[event][-1]
        assert {"command", "timeout"} == set(ours) - {"loop_limit"}
        assert f" cursor {event} " in ours["command"]
        assert ("loop_limit" in ours) is (event == "stop")
    assert "" == refusal(path.read_bytes())
    assert "//" not in path.read_text("utf-8-sig")
    assert "all of it is there already" in run("setup", "cursor").out
    assert "removed" == checked("setup", "cursor", "--undo")["action"]
    assert before == (path.read_bytes() if path.exists() else None)


def test_what_others_wrote_since_stays(folder: Path) -> None:
    """Only ours goes, and "hooks" stays: without it Cursor takes the file for a broken one."""
    path = folder / "hooks.json"
    for own in (MINE, {"version": 1}):
        path.write_text(json.dumps(own))
        run("setup", "cursor")
        value = json.loads(path.read_text())
        value["hooks"].setdefault("afterFileEdit", []).append({"command": "new"})
        path.write_text(json.dumps(value))
        run("setup", "cursor", "--undo")
        theirs = own.get("hooks", {})
        edits = [*theirs.get("afterFileEdit", []), {"command": "new"}]
        assert {"version": 1, "hooks": theirs | {"afterFileEdit": edits}} == json.loads(
            path.read_text()
        )
    path.write_text('{"version": 1}')
    run("setup", "cursor")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3))
    run("setup", "cursor", "--undo")
    assert {"version": 1, "hooks": {}} == json.loads(path.read_text())


def test_ours_is_renewed_and_never_twice(folder: Path) -> None:
    """The user's own numbers beside it stay."""
    run("setup", "cursor")
    path = folder / "hooks.json"
    value = json.loads(path.read_text())
    (stop,) = value["hooks"]["stop"]
    stop |= {"timeout": 30, "command": stop["command"].replace("-I -S", "-I")}
    value["hooks"]["stop"] = [stop, stop]
    path.write_text(json.dumps(value))
    assert "a second hook of stop goes; hook stop renewed" in run("setup", "cursor").out
    (stop,) = entries(folder)["stop"]
    assert (30, True) == (stop["timeout"], " -I -S " in stop["command"])


def test_a_version_that_is_missing_is_put_in(folder: Path) -> None:
    """Cursor reads no file without one; one that is wrong is said, and left."""
    (folder / "hooks.json").write_text('{"hooks": {}}')
    assert '"version", without which Cursor reads none of it' in run("setup", "cursor").out
    (folder / "hooks.json").write_text('{"version": "1"}')
    out = run("setup", "cursor").out
    assert 'Note: Cursor will read none of hooks.json: "version" is not a whole' in out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"version":1,"hooks":{}}', ""),
        ('{"version":1, // mine\n "hooks":{ /* none */ }}', ""),
        ('{"version":1,"hooks":{"stop":[{"type":"prompt","prompt":"p"}]}}', ""),
        ('{"version":1,"hooks":{"stop":[{"command":"curl http://x"}]}}', '"//" in a text'),
        ('{"version":1,"hooks":{"stop":{}}}', '"hooks"."stop" is not a list'),
        ('{"version":1,"hooks":{"stop":[7]}}', 'an entry of "hooks"."stop" is not an object'),
        ('{"version":1,"hooks":{"stop":[{}]}}', 'an entry of "hooks"."stop" has no "command"'),
        ('{"version":1}', '"hooks" is not an object'),
        ('{"version":0,"hooks":{}}', '"version" is not a whole'),
        ("{", "it is no JSON"),
        ("[]", '"hooks" is not an object'),
    ],
)
def test_what_cursor_would_refuse(text: str, reason: str) -> None:
    """One mistake of anybody's turns all hooks of the file off."""
    found = refusal(text.encode())
    assert found.startswith(reason)
    assert bool(reason) == bool(found)


def test_a_comment_of_cursors_that_was_none_is_said(folder: Path) -> None:
    """Somebody's hook has turned all hooks off; ours are in all the same."""
    value = {"version": 1, "hooks": {"stop": [{"command": "curl http://localhost"}]}}
    (folder / "hooks.json").write_text(json.dumps(value))
    out = run("setup", "cursor").out
    assert 'Note: Cursor will read none of hooks.json: "//" in a text' in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1, // mine\n "hooks": {}}', "there are comments in it"),
        ('{"version": 1,\n "hooks": {]}', "line 2, column 12"),
        ('{"version": 1, "hooks": []}', '"hooks" is not an object'),
        ("[]", "not an object"),
        ('{"version": 1, "hooks": {"stop": {}}}', '"hooks"."stop" is not a list'),
    ],
)
def test_a_file_that_cannot_be_edited_is_named_and_left(folder: Path, text: str, said: str) -> None:
    """With the place and the way out."""
    path = folder / "hooks.json"
    path.write_text(text)
    found = run("setup", "cursor")
    assert found.code != 0
    assert said in found.err
    assert str(path) in found.err
    assert "Nothing was written" in found.err
    assert text == path.read_text()


def test_where_switchtax_lies_is_no_comment(tmp_path: Path) -> None:
    """Paths with two slashes are spelled with one; what cannot be spelled is refused."""

    def wanted(folder: str) -> Wanted:
        commands = Commands("/a//b/python3", "/v///python", folder)
        return Wanted("user", False, {}, tmp_path, tmp_path, tmp_path, commands)

    (plan,) = setup_cursor.plans(wanted("/x//switchtax/hooks"))
    assert "" == refusal(plan.after or b"")
    assert b"/a/b/python3 -I -S /x/switchtax/hooks/client.py" in (plan.after or b"")
    with pytest.raises(SettingsError, match="another name"):
        setup_cursor.plans(wanted("/x/*/switchtax/hooks"))


def test_windows_is_refused(tmp_path: Path) -> None:
    """Its shell there is no POSIX shell."""
    commands = Commands("p", "p", "c", windows=True)
    wanted = Wanted("user", False, {}, tmp_path, tmp_path, tmp_path, commands)
    with pytest.raises(SettingsError, match="WSL"):
        setup_cursor.plans(wanted)


class TestTheStatusLine:
    """Cursor's command line draws it in the place of its own footer."""

    def config(self, folder: Path, **more: Any) -> Path:
        path = folder / "cli-config.json"
        path.write_text(json.dumps({"version": 1, **more}))
        return path

    def test_nothing_without_the_command_line(self, folder: Path) -> None:
        """Only the editor is here: Cursor's file is for Cursor to begin."""
        assert "footer" not in run("setup", "cursor").out
        assert not (folder / "cli-config.json").exists()

    def test_the_footer_gives_way_and_that_is_said(self, folder: Path) -> None:
        """With the way to keep it, which takes ours out again and says what is missing then."""
        path = self.config(folder)
        before = path.read_bytes()
        out = run("setup", "cursor").out
        assert "Note: it takes the place of the CLI's footer: `--no-status-line` keeps" in out
        assert "statusLine" in json.loads(path.read_text())
        assert "unchanged" == checked("setup", "cursor")["action"]
        out = run("setup", "cursor", "--no-status-line").out
        assert "status line of switchtax goes" in out
        assert "Note: without a status line the CLI tells no context" in out
        assert before == path.read_bytes()
        assert str(path) not in run("setup", "cursor", "--no-status-line").out
        run("setup", "cursor")
        run("setup", "cursor", "--undo")
        assert before == path.read_bytes()

    def test_one_of_the_users_own_goes_on(self, folder: Path) -> None:
        """With what else stands beside it, also once Cursor has written the file anew."""
        path = self.config(folder, statusLine=LINE)
        before = path.read_bytes()
        run("setup", "cursor")
        ours = json.loads(path.read_text())
        assert 2 == ours["statusLine"]["padding"]
        run("setup", "cursor", "--undo")
        assert before == path.read_bytes()
        run("setup", "cursor")
        path.write_text(json.dumps(ours | {"model": {}}, indent=2))
        assert "unchanged" == checked("setup", "cursor")["action"]
        run("setup", "cursor", "--undo")
        assert {"version": 1, "statusLine": LINE, "model": {}} == json.loads(path.read_text())

    def test_ours_alone_goes_from_a_file_written_anew(self, folder: Path) -> None:
        """Cursor's command line writes it often."""
        path = self.config(folder)
        run("setup", "cursor")
        path.write_text(json.dumps(json.loads(path.read_text()) | {"model": {}}))
        run("setup", "cursor", "--undo")
        assert {"version": 1, "model": {}} == json.loads(path.read_text())

    def test_one_of_another_kind_is_left(self, folder: Path) -> None:
        path = self.config(folder, statusLine="x")
        assert "of a kind not known here" in run("setup", "cursor").out
        assert "x" == json.loads(path.read_text())["statusLine"]

    def test_where_it_stands(self, tmp_path: Path) -> None:
        """Moved by a variable; on Linux among other settings, if it is there."""
        moved, usual = tmp_path / "m", tmp_path / ".cursor" / "cli-config.json"
        config = tmp_path / "c" / "cursor" / "cli-config.json"
        env = {"XDG_CONFIG_HOME": str(tmp_path / "c")}
        assert usual == cli_config_path(env, tmp_path, "linux")
        config.parent.mkdir(parents=True)
        config.touch()
        assert config == cli_config_path(env, tmp_path, "linux")
        assert usual == cli_config_path(env, tmp_path, "darwin")
        env |= {"CURSOR_CONFIG_DIR": str(moved)}
        assert moved / "cli-config.json" == cli_config_path(env, tmp_path, "linux")

    def test_it_runs_without_a_shell(self, tmp_path: Path) -> None:
        """Cursor splits the command and starts its first word; with ours gone, the own one runs."""
        for here in (commands_here(), Commands("p", "p", "/nowhere/switchtax/hooks")):
            command = here.shell_status_line("printf '%s' \"it's mine\"")
            done = subprocess.run(
                shlex.split(command), input=b"{}", capture_output=True, check=True,
                env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
            assert b"it's mine" == done.stdout.strip()

    def test_it_is_cursors_own_matter(self) -> None:
        """Elsewhere nothing has to give way; nor for all agents at once."""
        assert 2 == run("setup", "codex", "--no-status-line").code
        assert 2 == run("setup", "--no-status-line").code


def test_what_is_shown_fits_a_terminal(folder: Path) -> None:
    """All but the paths."""
    (folder / "cli-config.json").write_text("{}")
    for line in run("setup", "cursor").lines[1:]:
        assert len(re.sub(r"/\S+", "/x", line)) <= 80


def test_the_recordings_are_the_users(folder: Path, home_dir: Path) -> None:
    """They stay, and are named."""
    run("setup", "cursor")
    kept = home_dir / ".local" / "state" / "switchtax" / "cursor"
    assert "stays in" not in run("setup", "cursor", "--undo").out
    kept.mkdir(parents=True)
    run("setup", "cursor")
    assert f"stays in {kept}: delete it" in run("setup", "cursor", "--undo").out
    assert kept.exists()
