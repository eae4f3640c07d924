"""The meter of a workspace: whose sessions are meant, and what is shown of them."""

from __future__ import annotations

from typing import Any

import pytest

from switchtax_lsp import meter


def told(session: str = "s1", **more: Any) -> dict[str, Any]:
    found = {
        "session": session,
        "line": "Opus 5.5 · 142k context · cache until 10:05 · $1.23 spent",
        "cwd": "/w/p",
        "model": "claude-opus-5-5",
        "context_tokens": 142_000,
        "spent_usd_micros": 1_230_000,
        "cache": {"warm_until_at": 60.0},
        "last_at": 10.0,
        "next_is_material": False,
        "cheapest_useful": None,
    }
    return found | more


def test_only_sessions_in_the_folders_count_and_the_newest_is_first() -> None:
    known = [
        told("old"),
        told("new", last_at=20.0, cwd="/w/p/sub"),
        told("other", cwd="/w/pp"),
        told("above", cwd="/w"),
        told("nowhere", cwd=""),
    ]
    assert ["new", "old"] == [each["session"] for each in meter.of_workspace(known, ["/w/p"])]


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, "none"),
        ({"cheapest_useful": {"model": "claude-haiku-5-5"}}, "notice"),
        ({"next_is_material": True}, "warning"),
        ({"line": "next: Sonnet 5.5 re-reads 2k ($0.01) · 142k context"}, "none"),
    ],
)
def test_colour_comes_only_when_it_matters(more: dict[str, Any], severity: str) -> None:
    assert severity == meter.params("ok", [told(**more)], None)["severity"]


@pytest.mark.parametrize(
    ("state", "text"), [("starting", "switchtax …"), ("unavailable", "switchtax: no daemon")]
)
def test_without_a_daemon_the_meter_says_so(state: str, text: str) -> None:
    shown = meter.params(state, [told()], None)
    assert (text, None, 0) == (shown["text"], shown["session"], shown["sessions"])


def test_a_cache_without_a_clock_and_an_unknown_price_are_left_out() -> None:
    unknown = {"unknown": "no price"}
    shown = meter.params(
        "ok", [told(cache={"warm_until_at": unknown}, spent_usd_micros=unknown)], None
    )
    assert (None, "142k") == (shown["warm_until_at"], shown["short"])
