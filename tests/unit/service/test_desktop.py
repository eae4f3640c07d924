"""Notifications of the desktop: the words of each system, and programs that fail."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from switchtax.service import desktop
from switchtax.service.desktop import Desktop, command_of

if TYPE_CHECKING:
    from pathlib import Path

TITLE, LINES = "switchtax: A → B", ("B must re-read <all> & more.", "-Second.")


def test_linux() -> None:
    """What is no option stands behind two dashes; the text is no markup."""
    shown = command_of("linux", "/usr/bin/notify-send", TITLE, LINES)
    assert ["--", TITLE, "B must re-read &lt;all&gt; &amp; more.\n-Second."] == list(
        shown.words[-3:]
    )


def test_macos() -> None:
    """Title and text are arguments of the script, not part of it."""
    shown = command_of("darwin", "osascript", TITLE, LINES)
    assert [TITLE, "\n".join(LINES)] == list(shown.words[-2:])
    assert not [word for word in shown.words[:-2] if "re-read" in word]


def test_windows() -> None:
    """Title and text are variables of the script, not part of it."""
    shown = command_of("win32", "powershell", TITLE, LINES)
    assert {"SWITCHTAX_TITLE": TITLE, "SWITCHTAX_TEXT": "\n".join(LINES)} == shown.variables
    assert not [word for word in shown.words if "re-read" in word]


@pytest.mark.skipif(sys.platform == "win32", reason="scripts of a POSIX shell")
@pytest.mark.parametrize(
    ("script", "went_well", "said"),
    [
        ("exit 0", True, ""),
        ("exit 3", False, "ended with 3"),
        ("exec sleep 60", False, "not done within"),
        (None, False, "there is no notify-send"),
    ],
)
def test_programs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    script: str | None,
    went_well: bool,
    said: str,
) -> None:
    """What fails is said once, and never raised; what hangs is ended."""
    monkeypatch.setattr(desktop, "LONGEST_S", 0.2)
    program = tmp_path / "notify-send"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    shows = Desktop("linux", lambda _: str(program) if script else None)

    async def twice() -> list[bool]:
        return [await shows.show(TITLE, LINES) for _ in range(2)]

    assert [went_well, went_well] == asyncio.run(twice())
    assert (1 if said else 0) == caplog.text.count(said or "no desktop notification")


def test_a_program_that_cannot_be_run(tmp_path: Path) -> None:
    """A file that is no program."""
    (tmp_path / "notify-send").write_text("")
    shows = Desktop("linux", lambda name: str(tmp_path / name))
    assert asyncio.run(shows.show(TITLE, LINES)) is False


def test_only_a_few_at_once() -> None:
    """A storm of switches is no storm of processes."""
    shows = Desktop("linux", lambda _: "/bin/sleep")
    shows._showing = 3
    assert asyncio.run(shows.show(TITLE, LINES)) is False
