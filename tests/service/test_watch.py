"""`switchtax watch` as a process beside a real daemon: lines, JSON, a restart, Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from typing import IO, TYPE_CHECKING, Any

import jsonschema
import pytest

from commands import REFERENCE
from service_support import lines, ready, until
from switchtax.service import instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((REFERENCE / "watch.schema.json").read_text(encoding="utf-8"))
)
PATIENCE_S = 20


@contextlib.contextmanager
def watching(household: Household, *words: str, out: Any = subprocess.PIPE) -> Iterator[Any]:
    """The command, ended by Ctrl-C if nothing else did."""
    process = subprocess.Popen(
        [sys.executable, "-m", "switchtax", "watch", *words],
        env=household.env | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
        stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)


def line_with(stream: IO[bytes], *wanted: str) -> str:
    """The next line that holds these words."""
    end, seen = time.monotonic() + PATIENCE_S, b""
    while time.monotonic() < end:
        if select.select([stream], [], [], 0.1)[0]:
            seen = seen + os.read(stream.fileno(), 1)
            if seen.endswith(b"\n"):
                line, seen = seen.decode(), b""
                if all(word in line for word in wanted):
                    return line
    raise AssertionError(f"no line with {wanted}; at last {seen!r}")


def switch(household: Household) -> None:
    """The next turn of s1 is on another model, and reads nothing."""
    path = household.folder / "h/.claude/projects/p/s1.jsonl"
    text = lines(3, 1, ends_at=time.time()).replace("claude-opus-5-5", "claude-sonnet-5-5")
    with path.open("a") as file:
        file.write(text.replace('"cache_read_input_tokens": 29000', '"cache_read_input_tokens": 0'))


def test_lines_where_it_is_no_terminal(household: Household) -> None:
    """One for each change, the restart of the daemon among them; Ctrl-C is its usual end."""
    household.transcript()
    with ready(household, "s1"), watching(household) as process:
        line_with(process.stdout, "s1", "Opus 5.5 · ", "cache until")
        switch(household)
        line_with(process.stdout, "s1", "Switched from Opus 5.5 to Sonnet 5.5, unannounced")
        instance.stop(household.where)
        line_with(process.stderr, "The daemon has left")
        household.client().close()
        line_with(process.stderr, "The daemon was restarted")
        household.transcript(session="s2", ago_s=1)
        line_with(process.stdout, "s2", "Opus 5.5")
        (household.folder / "h/.claude/projects/p/s2.jsonl").unlink()
        line_with(process.stdout, "s2", "no longer active")
        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(PATIENCE_S)


def test_json_is_one_object_a_line(household: Household) -> None:
    """Each as the schema says."""
    household.transcript()
    kinds: list[Any] = []
    with ready(household, "s1"), watching(household, "--json") as process:

        def told(word: str) -> None:
            kinds.append(json.loads(line_with(process.stdout, word)))

        told('"kind":"daemon"')
        told('"kind":"meter"')
        switch(household)
        told('"kind":"event"')
        instance.stop(household.where)
        told('"lost"')
        household.client().close()
        told('"restarted"')
    for document in kinds:
        SCHEMA.validate(document)
    assert ("found", "lost", "restarted") == tuple(kinds[n]["state"] for n in (0, 3, 4))
    assert ("switch", "silent") == (kinds[2]["event"]["kind"], kinds[2]["event"]["cause"])


def test_once_shows_what_a_daemon_just_started_finds(household: Household) -> None:
    """It waits until everything was looked at; what a switch would save is worked out."""
    household.transcript(30)
    with watching(household, "--once") as process:
        out, _ = process.communicate(timeout=PATIENCE_S)
    household.client().close()
    assert 0 == process.returncode
    assert "switchtax watch · 1 session · " in out.decode()
    assert "Haiku 5.5 $" in out.decode()
    with watching(household, "--once", "--json") as process:
        documents = [json.loads(line) for line in process.communicate()[0].splitlines()]
    assert ["daemon", "meter"] == [each["kind"] for each in documents]
    for document in documents:
        SCHEMA.validate(document)


@pytest.mark.skipif(sys.platform == "win32", reason="other os")
def test_ctrl_c_on_a_terminal_gives_the_screen_back(household: Household) -> None:
    """The other screen is left, the cursor is shown, and the exit code is 0."""
    household.transcript()
    ready(household, "s1").close()
    ours, theirs = pty.openpty()
    shown = bytearray()

    def has(words: bytes) -> bool:
        if select.select([ours], [], [], 0.05)[0]:
            shown.extend(os.read(ours, 65_536))
        return words in shown

    with watching(household, out=theirs) as process:
        until(lambda: has(b"Opus 5.5"), "the screen is drawn", PATIENCE_S)
        process.send_signal(signal.SIGINT)
        until(lambda: has(b"\x1b[?1049l"), "the screen is given back", PATIENCE_S)
        assert 0 == process.wait(PATIENCE_S)
    os.close(ours)
    os.close(theirs)
    assert b"\x1b[?25h" in shown
    assert b"Traceback" not in shown
