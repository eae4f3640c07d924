"""Pages about Cursor: turns whose sums are told, and contexts that may not be."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from support import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("home_dir")

FIXTURES = CHECKOUT / "tests/contract/cursor/fixtures"
STATUS = "cursor_2026.09.10_status-line-switch.jsonl"
EDITOR = "cursor_3.24.18_editor-compaction.jsonl"
AT = ("--at", "1795251850")
"""Ten seconds after the turn that followed the switch."""


@pytest.fixture
def recordings(home_dir: Path) -> Path:
    """A home with recordings of Cursor, where the daemon keeps them."""
    folder = home_dir / ".local" / "state" / "switchtax" / "cursor"
    folder.mkdir(parents=True)
    for path in FIXTURES.glob("*.jsonl"):
        shutil.copy(path, folder)
    return folder


def test_usage_adds_up_the_ends_of_turns(recordings: Path) -> None:
    """Of all conversations; Auto, and what was not told, has no price."""
    totals = checked("usage", "--agent", "cursor")["totals"]["with_embedded"]
    sent = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens")
    assert 1_483_859 == sum(totals[name] for name in sent)
    assert (11, 2) == (totals["calls"], totals["unpriced_calls"])


def test_a_context_that_nobody_told_is_not_zero(recordings: Path) -> None:
    """A question mark for people, the reason for programs."""
    rows = {row["path"].rpartition("/")[2]: row for row in checked("sessions")["sessions"]}
    assert 66_080 == rows[STATUS]["context_tokens"]
    assert ("composer-2.5", {"unknown": "not recorded"}) == (
        rows[EDITOR]["model"],
        rows[EDITOR]["context_tokens"],
    )
    page = run("sessions").out.splitlines()
    assert 2 == sum("        ?" in line for line in page)
    assert max(map(len, page)) <= 80


def test_an_estimate_needs_the_context(recordings: Path) -> None:
    """It says what is missing, and in which file."""
    found = run("estimate", str(recordings / EDITOR))
    assert 2 == found.code
    assert EDITOR in found.err
    assert "nothing has told how large the context is since its last turn" in found.err


def test_an_estimate_says_what_its_amounts_mean(recordings: Path) -> None:
    """API prices, that a plan's dollars are counted in; never that they were paid."""
    found = run("estimate", str(recordings / STATUS), *AT, "--to", "claude-opus-4-8")
    assert 0 == found.code
    assert "Amounts are at API prices: Cursor sets them off against what the plan" in found.out
    assert "at API prices)." in found.out
    assert "paid" not in found.out
    assert max(map(len, found.out.splitlines())) <= 80


def test_a_target_may_be_named_as_in_the_picker(recordings: Path) -> None:
    """With effort and thinking in the name: the same estimate, and the same decision."""
    where = str(recordings / STATUS)
    plain, picked = "claude-sonnet-5-5", "claude-sonnet-5.5-thinking-high"
    said = run("estimate", where, *AT, "--to", plain).out
    assert "its price is not known" not in said
    assert said == run("estimate", where, *AT, "--to", picked).out
    asked = ("decide", "--session", where, *AT, "--models")
    assert run(*asked, plain).out == run(*asked, picked).out


def test_an_active_session_is_not_missing_where_its_context_is_not_known(recordings: Path) -> None:
    """`status` names it with what is known, in place of "no session was active"."""
    last = checked("sessions", recordings / EDITOR)["sessions"][0]["last_at"]
    page = run("status", recordings / EDITOR, "--at", str(last + 10))
    assert 0 == page.code
    assert "Composer 2.5 · context ? · " in page.out
    assert max(map(len, page.lines)) <= 80
    assert [] == checked("status", recordings / EDITOR, "--at", str(last + 10))["sessions"]


def test_what_auto_costs_is_not_known_and_nothing_else_is_said_to_be_wrong(
    recordings: Path,
) -> None:
    """Nobody is sent to look up the price of "default"."""
    line = '{"v":1,"at":%s,"event":"%s","generation":"g","model":"default"%s}'
    used = ',"status":"completed","input_tokens":90000,"output_tokens":9,"cache_read_tokens":0'
    lines = [line % (1795251000, "prompt", ""), line % (1795251009, "turn", used)]
    size = '{"v":1,"at":1795251010,"event":"context","context_tokens":90000,"source":"status line"}'
    (recordings / "auto.jsonl").write_text("\n".join([*lines, size, ""]))
    page = run("estimate", str(recordings / "auto.jsonl"), *AT, "--to", "sonnet")
    assert "What staying costs is not known: the agent chooses the model itself." in page.lines
    assert "  No verdict: the agent chooses the model itself." in page.lines
    assert "prices default" not in page.out
    assert max(map(len, page.lines)) <= 80


def test_prices_are_found_by_a_name_of_the_picker() -> None:
    """Effort and thinking have no price of their own."""
    plain, picked = run("prices", "claude-opus-5-5"), run("prices", "claude-opus-5.5-thinking-high")
    assert (0, plain.out) == (picked.code, picked.out)
