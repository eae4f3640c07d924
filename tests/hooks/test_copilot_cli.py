"""What Copilot CLI's hooks are answered, and what is put into its folder."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from hook_doors import BASE, CLIENT, FakeDaemon
from making import BOOK, START, make, talk
from switchtax.config.keys import CopilotCli, Material
from switchtax.errors import SettingsError
from switchtax.estimates.for_session import answer
from switchtax.hooks import setup_copilot_cli
from switchtax.hooks.commands import Commands
from switchtax.hooks.copilot_cli import EVENTS, PICKED, Seen, respond
from switchtax.hooks.setups import Wanted
from switchtax.records import ModelChosen, SessionInfo

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
NOW = START + 250
RECORDS = (*talk(4, first=150_000), ModelChosen("", START + 200, SONNET, OPUS))
CHOSEN = make(*RECORDS, agent="copilot-cli")
STILL = make(*talk(4, first=150_000), agent="copilot-cli")


class Daemon:
    """The daemon's part, with one session, and what it remembers."""

    def __init__(
        self, session: Session = CHOSEN, *, blocks: bool = False, there: bool = True,
        holds: bool = False,
    ):  # fmt: skip
        self.session, self.habits = session, CopilotCli(block_switch=blocks, hold=holds)
        self.seen, self.shown = Seen(attended=lambda _: there), ""

    def ask(self, _path: str, _session: str, model: str) -> Answer | None:
        """As `Methods.ask`."""
        if self.session.current is None:
            return None
        return answer(self.session, model or self.session.model, NOW, BOOK)

    def prompted(self, event: str = "userPromptSubmitted", **more: Any) -> dict[str, Any]:
        """A person sends a prompt."""
        given = {"sessionId": "s", "timestamp": 1, "cwd": "/", "prompt": "p", **more}
        return respond(
            event, given, {}, self.ask, seen=self.seen, material=Material(), habits=self.habits,
            shown_model=lambda _: self.shown,
        )  # fmt: skip

    def picked(self, model: str = SONNET, **more: Any) -> dict[str, Any]:
        """Our extension hears of a choice."""
        return self.prompted(PICKED, file="/s/events.jsonl", model=model, **more)


class TestAtThePick:
    """What our extension is answered."""

    def test_lines_once(self) -> None:
        """Then neither extension nor hook says it again; a new extension asks without a name."""
        for model in (SONNET, ""):
            daemon = Daemon()
            (lines,) = daemon.picked(model).values()
            assert lines[0].startswith("Sonnet 5.5 must re-read 153k tokens")
            assert {} == daemon.picked(model)
            assert {} == daemon.prompted()

    def test_a_question_where_it_is_wanted_and_can_be_asked(self) -> None:
        """Whoever says yes is not stopped at the prompt as well."""
        assert {"lines"} == set(Daemon(holds=True).picked())
        assert {"lines"} == set(Daemon().picked(can_ask=True))
        daemon = Daemon(holds=True, blocks=True)
        (question,) = daemon.picked(can_ask=True).values()
        assert question.endswith("\nSwitch from Opus 5.5 to Sonnet 5.5?")
        assert {} == daemon.prompted()

    def test_told_here_and_stopped_there(self) -> None:
        """Words at the pick do not take the place of a block that is wanted."""
        daemon = Daemon(blocks=True)
        assert {"lines"} == set(daemon.picked())
        assert "block" == daemon.prompted()["decision"]
        assert {} == daemon.prompted()

    def test_nothing_to_say(self) -> None:
        """The old model again, no model at all, a session of VS Code, which warns of it itself."""
        assert {} == Daemon(STILL).picked(OPUS)
        assert {} == Daemon(STILL).picked("")
        about = SessionInfo("", START, entrypoint="vscode")
        assert {} == Daemon(make(about, *RECORDS, agent="copilot-cli")).picked()
        assert {} == Daemon().picked(sessionId=None)


def test_a_chosen_model_is_told_once() -> None:
    """As a warning, after which the request goes out."""
    daemon = Daemon()
    (words,) = daemon.prompted().values()
    assert words.startswith("About $0.37 once: Sonnet 5.5 must re-read 153k tokens.\n")
    assert {} == daemon.prompted()
    assert {"warn"} == set(Daemon().prompted())


def test_the_status_line_may_know_it_first() -> None:
    """It is drawn anew at the pick."""
    daemon = Daemon(STILL)
    assert {} == daemon.prompted()
    daemon.shown = SONNET
    assert {"warn"} == set(daemon.prompted())


@pytest.mark.parametrize("there", [False, True])
def test_a_block_where_it_is_wanted_and_somebody_is_there(there: bool) -> None:
    """Elsewhere it is told."""
    daemon = Daemon(blocks=True, there=there)
    found = daemon.prompted()
    assert ("block" if there else None) == found.get("decision")
    assert {} == daemon.prompted()


@pytest.mark.parametrize("event", [e for e in EVENTS if e != "userPromptSubmitted"])
def test_other_events_have_no_answer(event: str) -> None:
    """They start the daemon, or are noted."""
    assert {} == Daemon().prompted(event)


@pytest.mark.parametrize("session", [None, "", 3, ["s"]])
def test_what_is_not_understood_has_no_answer(session: Any) -> None:
    """Another version's input; or a session that answered nothing yet."""
    assert {} == Daemon().prompted(sessionId=session)
    assert {} == Daemon(make(agent="copilot-cli")).prompted()


class TestTheCommand:
    """What Copilot runs: exit 2 and standard error are a warning, and only ours may be one."""

    def ran(self, command: str, runtime: Path) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            ["bash", "-c", command], input=b'{"sessionId":"s"}', capture_output=True, check=False,
            env={"XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            ("!one\ntwo · $(three)".encode(), (2, b"", "one\ntwo · $(three)\n".encode())),
            (b'{"decision": "block"}', (0, b'{"decision": "block"}', b"")),
            (b"{}", (0, b"", b"")),
        ],
    )
    def test_what_the_daemon_says(
        self, tmp_path: Path, answer: bytes, outcome: tuple[int, bytes, bytes]
    ) -> None:
        """A warning, a block, nothing."""
        commands = Commands(BASE, "/nowhere/python", str(CLIENT.parent))
        command = commands.warning_hook("userPromptSubmitted", "copilot-cli")
        framed = len(answer).to_bytes(4, "big") + answer
        with FakeDaemon(tmp_path, answer=lambda _: framed):
            assert outcome == self.ran(command, tmp_path)

    @pytest.mark.parametrize("base", ["/nowhere/python3", BASE, "noisy"])
    def test_whatever_is_missing(self, tmp_path: Path, base: str) -> None:
        """Python itself ends with 2 where its script is gone: nothing is said."""
        noisy = tmp_path / "noisy"
        noisy.write_text("#!/bin/sh\necho ! boo\necho boo >&2\nexit 2\n")
        noisy.chmod(0o700)
        base = str(noisy) if base == "noisy" else base
        commands = Commands(base, "/nowhere/python", "/nowhere/switchtax/hooks")
        command = commands.warning_hook("userPromptSubmitted", "copilot-cli")
        assert (0, b"", b"") == self.ran(command, tmp_path)


OWN = b'{"model": "gpt-5.4", "statusLine": {"type": "command", "command": "mine"}}\n'


class TestTheSetUp:
    """`switchtax setup copilot-cli`."""

    @pytest.mark.parametrize("before", [OWN, b'{"a": 1}', None])
    def test_in_and_out_to_the_byte(self, home_dir: Path, before: bytes | None) -> None:
        """Hooks in a file of our own, the status line around the one there was."""
        folder = home_dir / ".copilot"
        folder.mkdir()
        if before is not None:
            (folder / "settings.json").write_bytes(before)
        assert "installed" == checked("setup", "copilot-cli")["action"]
        hooks = json.loads((folder / "hooks" / "switchtax.json").read_text())
        assert (1, set(EVENTS)) == (hooks["version"], set(hooks["hooks"]))
        assert (folder / "extensions" / "switchtax" / "extension.mjs").exists()
        line = json.loads((folder / "settings.json").read_text())["statusLine"]
        assert ("T='mine'; " in line["command"]) is (before == OWN)
        assert "unchanged" == checked("setup", "copilot-cli")["action"]
        run("setup", "copilot-cli", "--undo")
        settings = folder / "settings.json"
        assert before == (settings.read_bytes() if settings.exists() else None)
        assert not (folder / "hooks" / "switchtax.json").exists()
        assert not (folder / "extensions" / "switchtax").exists()

    def test_what_others_wrote_since_stays(self, home_dir: Path) -> None:
        """Only ours goes."""
        settings = home_dir / ".copilot" / "settings.json"
        for own in (json.loads(OWN), {"model": "x"}):
            settings.parent.mkdir(exist_ok=True)
            settings.write_text(json.dumps(own))
            run("setup", "copilot-cli")
            changed = json.loads(settings.read_text()) | {"banner": "never"}
            settings.write_text(json.dumps(changed))
            run("setup", "copilot-cli", "--undo")
            assert own | {"banner": "never"} == json.loads(settings.read_text())

    def test_notes(self, home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Hooks that are turned off, a status line of another kind; a moved home."""
        monkeypatch.setenv("COPILOT_HOME", str(home_dir / "moved"))
        settings = home_dir / "moved" / "settings.json"
        settings.parent.mkdir()
        settings.write_text('{"disableAllHooks": true, "statusLine": "x"}')
        out = run("setup", "copilot-cli").out
        assert '"disableAllHooks" is true' in out
        assert "of a kind not known here" in out
        assert '{"disableAllHooks": true, "statusLine": "x"}' == settings.read_text()
        assert 2 == run("setup", "copilot-cli", "--scope", "project").code

    def test_windows_is_refused(self, tmp_path: Path) -> None:
        """Its shell there is no POSIX shell."""
        commands = Commands("p", "p", "c", windows=True)
        wanted = Wanted("user", False, {}, tmp_path, tmp_path, tmp_path, commands)
        with pytest.raises(SettingsError, match="WSL"):
            setup_copilot_cli.plans(wanted)
