"""What Claude Code hands to a status line, as facts; nonsense is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hook_doors import FIXTURES
from switchtax.agents.claude_status_line import CacheTold, StatusLine, read_status_line
from switchtax.records import RateLimits

EMPTY, WARM, SWITCHED = (FIXTURES / "claude-code.statusline.jsonl").read_bytes().splitlines()
ID = "b9888e65-be3a-42af-b54b-36a065dd9fe1"


def with_limits(**windows: Any) -> bytes:
    """An input of a subscription."""
    return json.dumps(json.loads(WARM) | {"rate_limits": windows}).encode()


def test_before_the_first_answer() -> None:
    """Who and which model, nothing else."""
    assert StatusLine(ID, 5.0, "claude-sonnet-4-5", None, None) == read_status_line(EMPTY, 5.0)


def test_the_cache_of_the_last_request() -> None:
    """With its tokens, by which the request is known; after `/model` still the old model's."""
    told = CacheTold(1795248868.0, 300, 0, 0, 23264)
    assert StatusLine(ID, 5.0, "claude-sonnet-4-5", None, told) == read_status_line(WARM, 5.0)
    assert StatusLine(ID, 5.0, "claude-opus-5-5", None, told) == read_status_line(SWITCHED, 5.0)


def test_the_limits_of_a_plan() -> None:
    """Those windows that are told, each with its end where that is."""
    raw = with_limits(
        five_hour={"used_percentage": 23.5, "resets_at": 1795250000},
        seven_day={"used_percentage": 41},
    )
    found = read_status_line(raw, 5.0)
    assert found is not None
    assert found.limits == RateLimits(
        ID, 5.0, (("five_hour", 23.5), ("seven_day", 41.0)), (("five_hour", 1795250000.0),)
    )


@pytest.mark.parametrize(
    "windows",
    [
        {},
        {"five_hour": None},
        {"five_hour": {"used_percentage": "12"}},
        {"five_hour": {"used_percentage": True}},
        {"five_hour": {"used_percentage": -1}},
        {"five_hour": {"used_percentage": 1e300}},
    ],
)
def test_limits_that_are_none(windows: dict[str, Any]) -> None:
    """No plan is guessed from them."""
    found = read_status_line(with_limits(**windows), 5.0)
    assert found is not None
    assert found.limits is None


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b"\xff", b'{"session_id": 3}', b'{"session_id": "a", "model": "m"}',
     b'{"session_id": "", "model": {"id": "m"}}', b"[" * 100_000],
)  # fmt: skip
def test_other_input_is_none(raw: bytes) -> None:
    """Whatever it is."""
    assert read_status_line(raw, 5.0) is None
