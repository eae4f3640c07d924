"""The command line itself: help, versions, slips of the pen, and how it stops."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from commands import run
from switchtax import __version__
from switchtax.cli import COMMANDS

pytestmark = pytest.mark.usefixtures("home_dir")


PASSES_ON = {"acp", "lsp"}
"""Commands whose output is somebody else's: they print no document of ours."""


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_does(command: str) -> None:
    """--help, at 80 columns, with the JSON switch named."""
    found = run(command, "--help")
    assert 0 == found.code
    assert found.out.startswith(f"usage: switchtax {command}")
    assert (command in PASSES_ON) != ("--json" in found.out)
    assert [] == [line for line in found.lines if len(line) > 80]
    assert found.out == run("help", command).out


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_lists_all_commands(words: list[str]) -> None:
    """One line each."""
    found = run(*words)
    assert 0 == found.code
    for command, text in COMMANDS.items():
        assert f"  {command:<10} {text}" in found.lines
    assert [] == [line for line in found.lines if len(line) > 80]


def test_no_command_is_a_wrong_call() -> None:
    """The help is shown, the exit code says that nothing was done."""
    assert (2, run("help").out) == (run().code, run().out)


@pytest.mark.parametrize("word", ["--version", "-V", "version"])
def test_version(word: str) -> None:
    """Name and version on one line."""
    assert f"switchtax {__version__}\n" == run(word).out


def test_an_unknown_command_suggests_the_nearest() -> None:
    """On stderr, with the list of those that there are."""
    found = run("estimat")
    assert (2, "") == (found.code, found.out)
    assert found.err.startswith(
        "switchtax: no command 'estimat'. Did you mean 'estimate'?\n\nusage: switchtax COMMAND"
    )
    assert "Did you mean" not in run("xyzzy").err


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_wrong_call(command: str) -> None:
    """Nothing on stdout; the option is named."""
    found = run(command, "--no-such-option")
    assert (2, "") == (found.code, found.out)
    assert "--no-such-option" in found.err


def test_options_are_not_guessed() -> None:
    """`--exp` is no `--explain`: scripts written today still work when options are added."""
    assert 2 == run("estimate", "--exp").code


class Stub(ModuleType):
    """A command that does what it is told."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__("stub")
        self.problem = problem

    def add_arguments(self, parser: object) -> None:
        """None."""

    def run(self, args: object) -> int:
        """Fail."""
        raise self.problem


def test_ctrl_c_stops_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line on stderr, and the exit code that shells expect."""
    monkeypatch.setitem(sys.modules, "switchtax.cli.status", Stub(KeyboardInterrupt()))
    found = run("status")
    assert (130, "", "switchtax: stopped\n") == (found.code, found.out, found.err)


def test_a_closed_pipe_is_no_error() -> None:
    """`switchtax prices | head -1`: the reader has what it wants, nothing is complained of."""
    code = "import sys; from switchtax.cli import main; sys.exit(main(['prices']))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        process.wait()
    assert (0, b"") == (process.returncode, complaint)
