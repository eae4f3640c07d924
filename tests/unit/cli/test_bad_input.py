"""Broken logs: what can be read is, the rest is counted and located, nothing is fatal."""

from __future__ import annotations

import json
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from odd_sessions import AT as ODD_AT
from odd_sessions import ODD, odd_session
from support import CHECKOUT
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("home_dir")

AT = ("--at", str(SAMPLE_AT))
LINES = SAMPLE.read_bytes().splitlines(keepends=True)
DATABASE = CHECKOUT / "tests/contract/opencode/fixtures/opencode_1.18.33_run-continue.db"


def log_of(folder: Path, *lines: bytes) -> Path:
    """A log under the sample's name."""
    log = folder / SAMPLE.name
    log.write_bytes(b"".join(lines))
    return log


def changed(line: bytes, **usage: Any) -> bytes:
    """An answer's line with other counts."""
    row = json.loads(line)
    row["message"]["usage"].update(usage)
    return json.dumps(row).encode() + b"\n"


def calls_of(log: Path) -> int:
    """How many calls are still read."""
    (one,) = checked("sessions", log)["sessions"]
    return int(one["calls"])


def test_a_truncated_last_line(tmp_path: Path) -> None:
    """The agent is just writing it: all before it counts."""
    log = log_of(tmp_path, *LINES[:-1], LINES[-1][:300])
    assert 44 == calls_of(log)
    assert 0 == run("estimate", log, *AT, "--to", "sonnet").code


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\x01\x02\xff\xfe\n",
        b'{"type":"assistant","message":{"content":"\xff\xfe\xc3(","usage":3}}\n',
        b"[]\n",
        b"null\n",
        b'{"type":"assistant","message":{"usage":{"input_tokens":"many"}}}\n',
    ],
    ids=["binary", "invalid UTF-8", "a list", "null", "words for numbers"],
)
def test_a_line_that_cannot_be_read(tmp_path: Path, junk: bytes) -> None:
    """It is stepped over; the same calls are read as without it."""
    log = log_of(tmp_path, *LINES[:20], junk, *LINES[20:])
    assert 45 == calls_of(log)
    assert 45 == checked("backtest", log)["calls"]


def test_a_binary_file_named_as_a_log(tmp_path: Path) -> None:
    """No agent's: said so, with the place."""
    log = log_of(tmp_path, bytes(range(256)) * 40)
    found = run("estimate", log)
    assert 2 == found.code
    assert f"{log}: no session of a known agent in it" in found.err


def test_an_empty_file(tmp_path: Path) -> None:
    """Neither is an empty one."""
    assert 2 == run("estimate", log_of(tmp_path)).code


def test_a_clock_that_jumps_back(tmp_path: Path) -> None:
    """Half of the log is an hour earlier than what stands before it: it is read all the same."""
    back = [line.replace(b"T10:0", b"T09:0") for line in LINES[45:]]
    log = log_of(tmp_path, *LINES[:45], *back)
    assert 45 == calls_of(log)
    assert 44 == checked("backtest", log)["predicted"]
    assert 0 == run("estimate", log, "--to", "sonnet").code


def test_times_that_are_none(tmp_path: Path) -> None:
    """A log without times still has sizes and prices."""
    log = log_of(
        tmp_path, *(line.replace(b'"timestamp": "2026', b'"timestamp": "x') for line in LINES)
    )
    found = run("estimate", log, "--to", "sonnet")
    assert 0 == found.code, found.err
    assert "Sonnet 5.5 must re-read" in found.out
    assert 0 == run("sessions", log).code
    (own,) = [each for each in checked("decide", "--session", log)["candidates"] if each["current"]]
    told = {"unknown": "its log tells no times"}
    assert ("unknown", told) == (own["cache"]["state"], own["cache"]["expired_at"])


COLD = "Its log tells no times: how old its cache is is not known, so cold is assumed."
BACK = "The times in its log go back: how old its cache is may be wrong."
PRICELESS = "Mystery 1 *                 unknown: no price card for mystery-1"


@pytest.mark.parametrize(
    ("name", "command", "said"),
    [
        (
            "one call",
            "estimate",
            "At the start of a session a switch costs next to nothing",
        ),
        ("one call", "decide", "Take Haiku 4.5: the cheapest over 10 turns, about $1.16."),
        ("one call", "brief", "new session with this brief: $0.05"),
        ("5,000 calls", "estimate", "It does not fit: 240k tokens, and Haiku 4.5 holds 200k."),
        ("5,000 calls", "decide", "Stay on Opus 5.5: no other has a known price and room"),
        ("5,000 calls", "brief", "over: does not fit the window of Haiku 4.5 (240k tokens)"),
        ("no times", "estimate", COLD),
        ("no times", "decide", COLD),
        ("no times", "brief", COLD),
        ("the clock goes back", "estimate", BACK),
        ("the clock goes back", "decide", BACK),
        ("the clock goes back", "brief", BACK),
        ("an unknown model", "estimate", "`switchtax prices mystery-1` says how to add one."),
        ("an unknown model", "decide", PRICELESS),
        ("an unknown model", "brief", "new session with this brief: $0.05"),
        ("larger than a window", "estimate", "It does not fit: 401k tokens, and Haiku 4.5 holds"),
        ("larger than a window", "decide", "Haiku 4.5                   does not fit its window"),
        (
            "larger than a window",
            "brief",
            "over: does not fit the window of Haiku 4.5 (401k tokens)",
        ),
    ],
)
def test_each_odd_session_gets_a_clear_sentence(
    name: str, command: str, said: str, tmp_path: Path
) -> None:
    """Beside all that can be said; never a failure, never a line too wide."""
    log = odd_session(name, tmp_path)
    at = ("--at", str(ODD_AT + 60))
    words = {
        "estimate": ("estimate", log, *at, "--to", "haiku-4-5"),
        "decide": ("decide", "--session", log, *at, "--models", models(name)),
        "brief": ("brief", log, "--to", "haiku-4-5"),
    }[command]
    found = run(*words)
    assert 0 == found.code, found.err
    printed = found.err if command == "brief" else found.out
    assert said in printed
    assert [] == [line for line in printed.splitlines() if len(line) > 80]


def models(name: str) -> str:
    """The candidates; of which the session's own is one."""
    return "opus,haiku-4-5" + (",mystery-1" if name == "an unknown model" else "")


@pytest.mark.parametrize("name", ODD)
def test_an_unknown_target_of_an_odd_session(name: str, tmp_path: Path) -> None:
    """Its price is not known; how to add one is."""
    log = odd_session(name, tmp_path)
    found = run("estimate", log, "--at", str(ODD_AT + 60), "--to", "mystery-2")
    assert 0 == found.code, found.err
    assert "its price is not known" in found.out
    assert "`switchtax prices mystery-2` says how to add one." in found.out
    decided = checked("decide", "--session", log, "--models", "mystery-2")
    assert "no price card for mystery-2" in str(decided["recommended"])


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": -5},
        {"cache_read_input_tokens": -1_000_000},
        {"output_tokens": 10**30},
        {"cache_creation_input_tokens": 10**19},
        {"input_tokens": 1.5e300},
    ],
    ids=str,
)
def test_negative_or_absurd_counts(tmp_path: Path, usage: dict[str, Any]) -> None:
    """One call's counts cannot be: that call is left out or bounded, the others stand."""
    log = log_of(tmp_path, *LINES[:-1], changed(LINES[-1], **usage))
    assert calls_of(log) in (44, 45)
    (one,) = checked("sessions", log)["sessions"]
    assert 0 < one["spent_usd_micros"] < 100_000_000
    assert 0 < one["context_tokens"] < 10_000_000
    assert 0 == run("estimate", log, *AT, "--to", "sonnet").code
    assert 0 == run("backtest", log).code


def test_two_sessions_with_one_id(home_dir: Path) -> None:
    """The same id in two projects: the one that was written last is meant."""
    for number in (1, 2):
        folder = home_dir / ".claude" / "projects" / f"p{number}"
        folder.mkdir(parents=True)
        log_of(folder, *LINES[: 40 * number])
    found = checked("estimate", SAMPLE.stem, *AT)
    assert SAMPLE.stem == found["session"]["id"]
    assert 2 == len(checked("sessions")["sessions"])


def test_a_database_that_its_agent_holds_locked(tmp_path: Path) -> None:
    """It is read without a lock of our own, or said to be busy; never a crash."""
    copy = tmp_path / "opencode.db"
    shutil.copy(DATABASE, copy)
    holder = sqlite3.connect(copy, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        found = run("sessions", copy, "--json")
        assert 0 == found.code, found.err
        holder.execute("ROLLBACK")
        (one,) = checked("sessions", copy)["sessions"]
    finally:
        holder.close()
    assert one["calls"] > 0


def test_a_database_that_is_none(tmp_path: Path) -> None:
    """The right first bytes, then rubbish."""
    copy = tmp_path / "opencode.db"
    copy.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 20)
    for command in ("sessions", "estimate", "backtest"):
        assert run(command, copy).code in (0, 2, 4)
