"""`switchtax brief`: the texts that people read, the document, the clipboard, starting an agent."""

from __future__ import annotations

import base64
import io
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from brief_story import story
from claude_transcript import prompt, transcript
from commands import checked, run
from making import BOOK
from support import CHECKOUT
from switchtax.brief.start import start_command
from switchtax.cli import clipboard
from switchtax.cli.estimate import load
from switchtax.sessions import library

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("home_dir", "in_utc")

AT = 1_795_000_090.0
FIXTURES = CHECKOUT / "tests" / "contract"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The told session, a minute after its last line; its folder is the current one."""
    monkeypatch.setattr("switchtax.brief.make.time.time", lambda: AT)
    monkeypatch.setattr("switchtax.cli.estimate.time.time", lambda: AT)
    monkeypatch.chdir(tmp_path)
    return story(tmp_path).relative_to(tmp_path)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program on the PATH that keeps its arguments and what it is given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(name: str) -> Path:
        kept = tmp_path / f"{name}.kept"
        file = folder / name
        file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{kept}"\n[ -t 0 ] || cat >>"{kept}"\n')
        file.chmod(0o755)
        return kept

    return make


TEXTS = {
    "brief": ["--to", "sonnet"],
    "brief-trace": ["--trace"],
    "brief-ask": ["--ask", "--budget", "1500"],
    "brief-reanchor": ["--reanchor"],
    "brief-small": ["--to", "nonsense-9", "--budget", "300"],
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str, log: Path, golden: Callable[[str, str], None]) -> None:
    """Each as it was last read aloud: the text, then what stderr says."""
    found = run("brief", log, *TEXTS[name])
    assert 0 == found.code
    assert [] == [line for line in found.err.splitlines() if len(line) > 80]
    golden(name, f"{found.out}--- stderr\n{found.err}")


class TestDocument:
    """What programs read."""

    def test_every_line_with_its_places(self, log: Path) -> None:
        """The Markdown consists of the items."""
        found = checked("brief", log, "--to", "haiku")
        assert "claude-haiku-5-5" == found["price"]["to"]
        assert all(f"- {item['text']}\n" in found["markdown"] for item in found["items"])
        assert all(item["sources"][0]["line"] > 0 for item in found["items"])

    def test_unknown_is_unknown(self, log: Path) -> None:
        """Never $0."""
        price = checked("brief", log, "--to", "nonsense-9")["price"]
        assert "unknown" in price["brief_first_call_usd_micros"]

    @pytest.mark.parametrize(
        "path",
        [
            "codex/fixtures/codex_0.169.0_exec-resume-switch.jsonl",
            "opencode/fixtures/opencode_1.18.33_run-continue.db",
        ],
    )
    def test_recorded_sessions(self, path: str) -> None:
        """Of real clients, down to the newest layouts."""
        found = checked("brief", FIXTURES / path)
        assert found["turns"] >= 1


class TestWhereItGoes:
    """stdout, a file, the clipboard."""

    def test_a_file(self, log: Path, tmp_path: Path) -> None:
        """The price is told all the same."""
        found = run("brief", log, "-o", "brief.md")
        assert found.out.startswith("brief.md (It holds words of the conversation")
        assert (
            (tmp_path / "brief.md").read_text().startswith("# Brief: claude-code session in shop")
        )
        assert "First request on Opus 5.5, about:" in found.err

    def test_a_file_that_cannot_be_written(self, log: Path) -> None:
        """Named, with what the system says."""
        found = run("brief", log, "-o", "nowhere/brief.md")
        assert (4, "switchtax brief: nowhere/brief.md: cannot be written (No such file or "
                   "directory).\n") == (found.code, found.err)  # fmt: skip

    def test_the_desktops_clipboard(
        self, log: Path, program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By its own program, where there is a desktop."""
        kept = program("xclip")
        assert "Not copied" in run("brief", log, "--clipboard").err
        monkeypatch.setenv("DISPLAY", ":0")
        found = run("brief", log, "--clipboard")
        assert "Copied by xclip." in found.err
        assert f"-selection\nclipboard\n{found.out}" == kept.read_text()

    def test_the_terminals_clipboard(
        self, tmp_path: Path, program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By OSC 52, where no program takes it; not what is too long for it."""
        program("pbcopy").parent.joinpath("bin", "pbcopy").write_text("#!/bin/sh\nexit 1\n")
        terminal = tmp_path / "tty"
        terminal.touch()
        monkeypatch.setattr(clipboard, "_TERMINAL", terminal)
        monkeypatch.setattr("sys.stderr", Terminal())
        assert "terminal" == clipboard.copy("text")
        assert b"\x1b]52;c;" + base64.b64encode(b"text") + b"\x07" == terminal.read_bytes()
        assert "" == clipboard.copy("x" * 80_000)
        monkeypatch.setattr(clipboard, "_TERMINAL", tmp_path / "nowhere" / "tty")
        assert "" == clipboard.copy("text")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class TestStarting:
    """The agent's own command, never without a yes."""

    def test_shown_and_not_run_where_nobody_is(
        self, log: Path, program: Callable[[str], Path]
    ) -> None:
        """As it can be typed."""
        kept = program("claude")
        found = run("brief", log, "--to", "sonnet", "--run", "--budget", "1500")
        assert (
            f'claude --model claude-sonnet-5-5 "$(switchtax brief {log} --budget 1500)"'
            in found.err.splitlines()
        )
        assert "Not started: nobody is at a terminal to say yes." in found.err
        assert not kept.exists()

    def test_what_is_shown_can_be_typed(self, log: Path) -> None:
        """A shell reads it as the words that would be run."""
        (shown,) = [
            line
            for line in run("brief", log, "--run").err.splitlines()
            if line.startswith("claude --model")
        ]
        assert ["claude", "--model", "claude-opus-5-5"] == shlex.split(shown)[:3]

    @pytest.mark.parametrize(("said", "runs"), [("y\n", True), ("Yes\n", True), ("\n", False)])
    def test_asked_at_a_terminal(
        self,
        log: Path,
        program: Callable[[str], Path],
        monkeypatch: pytest.MonkeyPatch,
        said: str,
        runs: bool,
    ) -> None:
        """Only a yes starts it."""
        kept = program("claude")
        monkeypatch.setattr("switchtax.cli.brief._at_terminal", lambda: True)
        monkeypatch.setattr("sys.stdin", Terminal(said))
        assert 0 == run("brief", log, "--run").code
        assert runs == kept.exists()

    def test_yes_runs_it_with_the_brief_as_first_prompt(
        self, log: Path, program: Callable[[str], Path]
    ) -> None:
        """And its exit code is the command's."""
        kept = program("claude")
        found = run("brief", log, "--to", "sonnet", "--run", "--yes")
        assert f"--model\nclaude-sonnet-5-5\n{found.out}" in kept.read_text()

    def test_without_the_program(self, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command stands there to be run elsewhere."""
        monkeypatch.setenv("PATH", "/nowhere")
        found = run("brief", log, "--run", "--yes")
        assert (0, True) == (found.code, "claude is not on the PATH" in found.err)

    @pytest.mark.parametrize(
        ("agent", "expected"),
        [
            ("claude-code", "claude --model claude-haiku-4-5 TEXT"),
            ("codex", "codex -m claude-haiku-4-5 TEXT"),
            ("copilot-cli", "copilot --model claude-haiku-4.5 -i TEXT"),
            ("gemini-cli", "gemini -m claude-haiku-4-5 -i TEXT"),
            ("opencode", "opencode --model anthropic/claude-haiku-4-5 --prompt TEXT"),
            ("pi", "pi --model anthropic/claude-haiku-4-5 TEXT"),
        ],
    )
    def test_each_agents_command(self, log: Path, agent: str, expected: str) -> None:
        """Program, model and first prompt."""
        (source,) = library.sources_at(log)
        session = load(source, BOOK)
        session.agent, session.provider = agent, "anthropic"
        assert expected.split() == start_command(session, "claude-haiku-4-5", "TEXT")

    def test_a_model_used_before_is_spelled_as_it_was(self, log: Path) -> None:
        """The log knows best what the agent calls it."""
        (source,) = library.sources_at(log)
        session = load(source, BOOK)
        assert "claude-opus-5-5" == start_command(session, "claude-opus-5-5-20261001", "x")[2]


class TestBadInput:
    """One line says what, where, and the way out."""

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["--budget", "50"], "a budget of 50 tokens holds no brief: 300 do."),
            (["--yes"], "--yes: only with --run."),
            (["--run", "--json"], "--run and --json: one or the other."),
            (["--to", " "], "--to  : name a model."),
        ],
    )
    def test_wrong_words(self, log: Path, words: list[str], expected: str) -> None:
        """Exit code 2."""
        found = run("brief", log, *words)
        assert (2, "", f"switchtax brief: {expected}\n") == (found.code, found.out, found.err)

    def test_no_session_at_all(self) -> None:
        """On a machine without agents."""
        assert "no agent session on this machine yet" in run("brief").err

    def test_a_session_without_an_answer(self, tmp_path: Path) -> None:
        """Is briefed without a price."""
        path = transcript(tmp_path, prompt(1, "Add a total to the cart, please"))
        found = run("brief", path)
        assert "- Add a total to the cart, please (turn 1)" in found.lines
        assert "What it costs to go on from it is not known" in found.err
        assert "name one with --to" in run("brief", path, "--run").err.replace("Name", "name")

    def test_a_session_in_which_nothing_was_asked(self, tmp_path: Path) -> None:
        """There is nothing to brief anyone on."""
        path = transcript(tmp_path, prompt(1, "<local-command-stdout>x</local-command-stdout>"))
        assert 2 == run("brief", path).code


def test_nothing_is_stored(log: Path, home_dir: Path, tmp_path: Path) -> None:
    """No file appears but the one that was asked for, and none holds a word of the session."""
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    run("brief", log, "--to", "sonnet", "-o", "brief.md")
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {tmp_path / "brief.md"} == after - before


def test_the_daemon_never_reads_it_unasked() -> None:
    """The room is imported when a brief is asked for, not before."""
    code = "import sys, switchtax.service.server; print('switchtax.brief' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "False\n" == done.stdout
