"""The screen of `switchtax watch`, drawn from what the daemon told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from switchtax.cli.watch_screen import Happened, Row, View, draw

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("in_utc")

NOW = 1_794_996_150.0


def meter(session: str, **more: Any) -> dict[str, Any]:
    """The params of a `meter/didChange`."""
    return {
        "session": session,
        "line": "Opus 5.5 · 142k context",
        "agent": "claude-code",
        "model": "claude-opus-5-5",
        "context_tokens": 142_000,
        "cache": {"state": "warm", "warm_until_at": NOW + 252},
        "spent_usd_micros": 2_120_000,
        "cheapest_useful": {"model": "claude-haiku-5-5", "extra_usd_micros": -2_900_000},
        "last_at": NOW - 48,
    } | more


def event(kind: str, cause: str, ago_s: float, **more: Any) -> dict[str, Any]:
    """The params of a `session/event`."""
    empty = {"before": "", "after": "", "usd_micros": None}
    return {
        "session": "5a3f1e00-0000", "kind": kind, "cause": cause, "at": NOW - ago_s, **empty
    } | more  # fmt: skip


METERS = [
    meter("5a3f1e00-0000"),
    meter(
        "77aa1e00-0000",
        agent="codex",
        model="gpt-6.1-sol",
        line="next: GPT-6.1 Luna re-reads 38k ($0.004) · 38k context",
        context_tokens=38_400,
        cache={"state": "warm", "warm_until_at": {"unknown": "the provider names no lifetime"}},
        spent_usd_micros={"unknown": "no price card for gpt-6.1-sol"},
        cheapest_useful=None,
        last_at=NOW - 300,
    ),
    meter(
        "99bb1e00-0000",
        context_tokens=9_870,
        cache={"state": "none", "warm_until_at": {"unknown": "it is not warm"}, "expired_at": NOW},
        spent_usd_micros=87_000,
        cheapest_useful=None,
        last_at=NOW - 900,
    ),
]
MODELS = {"before": "claude-opus-5-5", "after": "claude-sonnet-5-5", "usd_micros": 360_000}
EVENTS = [
    event("compaction", "auto", 3000),
    event("fast", "chosen", 2400, before="normal", after="fast"),
    event("effort", "chosen", 2400, before="medium", after="high"),
    event("cold", "expired", 900, **MODELS),
    event("switch", "silent", 60, **MODELS, material=True),
]


def view(*meters: dict[str, Any], events: list[dict[str, Any]] | None = None) -> View:
    """What is known after these were told."""
    found = View({each["session"]: Row.of(each) for each in meters}, complete=True)
    for each in events or []:
        found.events.appendleft(Happened.of(each))
    return found


def test_sessions_and_what_happened(golden: Callable[[str, str], None]) -> None:
    """At 80 columns: newest session first, newest event first."""
    text = draw(view(*METERS, events=EVENTS), NOW, width=80, height=24, hint="Ctrl-C ends").plain
    assert [] == [line for line in text.splitlines() if len(line) > 80]
    golden("watch", text + "\n")


def test_the_clock_counts_down_and_is_coloured_in_its_last_minute() -> None:
    """Without a word from the daemon."""

    def cache(after_s: float) -> tuple[str, bool]:
        text = draw(view(METERS[0]), NOW + after_s, width=80, height=24)
        row = text.split("\n")[3]
        return row.plain.split()[5], any(span.style == "yellow" for span in row.spans)

    assert ("4:12", False) == cache(0)
    assert ("0:52", True) == cache(200)
    assert ("expired", False) == cache(253)


def test_more_sessions_than_fit_are_counted() -> None:
    """The screen is never scrolled; the newest ones are kept."""
    many = [meter(f"{number:08}", last_at=NOW - number) for number in range(40)]
    text = draw(view(*many, events=EVENTS), NOW, width=80, height=24).plain
    assert len(text.splitlines()) < 24
    assert "00000000" in text
    more = re.search(r"and (\d+) more", text)
    assert more is not None
    assert 40 == text.count("claude ") + int(more[1])
    assert "unannounced" in text


def test_a_narrow_terminal_cuts_rows_and_folds_events() -> None:
    """Down to 60 columns."""
    text = draw(view(*METERS, events=EVENTS), NOW, width=60, height=30).plain
    assert 60 == max(len(line) for line in text.splitlines())


def test_before_and_without_sessions() -> None:
    """While the daemon still looks, and when it has found none; its absence is told."""
    empty = View(note="14:32  The daemon has left.")
    assert "Looking for sessions" in draw(empty, NOW, width=80, height=24).plain
    empty.complete = True
    text = draw(empty, NOW, width=80, height=24).plain
    assert "No session was active in the last hour" in text
    assert "14:32  The daemon has left." in text
