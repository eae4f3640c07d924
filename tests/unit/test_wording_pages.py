"""What is printed in a terminal of every case: the same at 80 and 120 columns, with colour or not.

The page holds no colour and is never wider than 80 columns, whatever the terminal can do; that is
what the four runs of each text check. The watch screen, which has both, is in `cli`.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from typing import TYPE_CHECKING

import pytest

from making import BOOK
from support import CHECKOUT, clean_environment
from switchtax import wording
from switchtax.advice import advise
from switchtax.cli import estimate
from switchtax.estimates.for_session import answer
from switchtax.sample import SAMPLE, SAMPLE_AT
from unit.wording_cases import WITH_WINDOWLESS, cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from switchtax.estimates.for_session import Answer

TERMINALS = {
    f"{columns}-{colour}": {"COLUMNS": str(columns), **env}
    for columns in (80, 120)
    for colour, env in (
        ("colour", {"TERM": "xterm-256color", "COLORTERM": "truecolor", "FORCE_COLOR": "1"}),
        ("plain", {"TERM": "dumb", "NO_COLOR": "1"}),
    )
}
in_a_terminal = pytest.mark.parametrize("terminal", TERMINALS)


class _Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        """As somebody who colours would ask."""
        return True


def printed(found: Answer, *, detailed: bool) -> list[str]:
    """The page of one target, for a person."""
    stay = answer(found.session, found.session.model, found.at, BOOK)
    ways = {found.model: advise(found, WITH_WINDOWLESS)}
    out = _Terminal()
    with contextlib.redirect_stdout(out):
        estimate.text(stay, [found], ways, found.at, detailed=detailed)
    return out.getvalue().splitlines()


def page(found: Answer) -> list[str]:
    """The page of a named target, and its row in the table of several."""
    table = printed(found, detailed=False)
    row = next(place for place, line in enumerate(table) if line.startswith("switch to"))
    return [*printed(found, detailed=True), "", *table[row : row + 2]]


@in_a_terminal
@pytest.mark.usefixtures("home_dir", "in_utc")
def test_the_page_of_every_case(
    terminal: str, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pays back, never, cold, no price, no window, a plan, severe risk, and the rest."""
    for name, value in TERMINALS[terminal].items():
        monkeypatch.setenv(name, value)
    parts = []
    for case, found in cases().items():
        lines = page(found)
        assert [] == [line for line in lines if len(line) > 80], case
        assert "\x1b" not in "".join(lines)
        parts.append("\n".join([f"# {case}", *lines]))
    golden("pages", "\n\n".join(parts) + "\n")


@in_a_terminal
@pytest.mark.parametrize(("name", "say"), [("popups", wording.popup), ("dialogs", wording.dialog)])
def test_the_warning_of_every_case(
    terminal: str,
    name: str,
    say: Callable[[Answer], list[str]],
    golden: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What agents print of ours: the golden text of the other tests, in every terminal."""
    for key, value in TERMINALS[terminal].items():
        monkeypatch.setenv(key, value)
    parts = [f"# {case}\n" + "\n".join(say(found)) for case, found in cases().items()]
    assert [] == [line for line in "\n".join(parts).splitlines() if len(line) > 74]
    golden(name, "\n\n".join(parts) + "\n")


@in_a_terminal
def test_the_command_in_a_real_terminal(
    terminal: str, tmp_path: Path, golden: Callable[[str, str], None]
) -> None:
    """A process of its own with a terminal of that width: not a byte differs."""
    env = clean_environment(tmp_path) | {"TZ": "UTC"} | TERMINALS[terminal]
    words = ["estimate", str(SAMPLE.relative_to(CHECKOUT)), "--at", str(SAMPLE_AT)]
    found = in_terminal([*words, "--to", "sonnet"], env, int(env.pop("COLUMNS")))
    golden("estimate-to-one", found)


def in_terminal(words: list[str], env: dict[str, str], columns: int) -> str:
    """What a command prints in a terminal of so many columns."""
    ours, its = pty.openpty()
    ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [sys.executable, "-m", "switchtax", *words]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=env, cwd=CHECKOUT)
    os.close(its)
    out = b""
    with contextlib.suppress(OSError):  # the other end was closed: the process has ended
        while chunk := os.read(ours, 65_536):
            out += chunk
    os.close(ours)
    assert 0 == process.wait(timeout=30)
    return out.decode().replace("\r\n", "\n")
