"""From a pick on the disk to the words about it, for every agent: the bar, with fewer samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pick_times import LATE_MS, asked_ms, late_ms, prompted_ms, said_ms, toasts_ms

if TYPE_CHECKING:
    from service_support import Household

pytestmark = pytest.mark.bench
SESSIONS = 21
"""Of each kind; so the slowest one is left out of the 95th percentile."""


def test_in_an_editor(household: Household) -> None:
    """Each pick that stands in a session's file or row is asked about in time."""
    times = asked_ms(household, SESSIONS)
    assert dict.fromkeys(times, SESSIONS) == {name: len(told) for name, told in times.items()}
    late = {name: late_ms(told) for name, told in times.items()}
    assert {} == {name: ms for name, ms in late.items() if ms > LATE_MS}


def test_at_a_prompt_in_cursor(household: Household) -> None:
    """Its editor tells of a pick with the prompt: the words are there as the hook ends."""
    times = prompted_ms(household, SESSIONS)
    assert SESSIONS == len(times)
    assert late_ms([each for each, _ in times]) <= LATE_MS


def test_in_opencode_itself(household: Household) -> None:
    """Its list of models writes one file for all windows: the plugin watches that."""
    times = toasts_ms(household, SESSIONS)
    assert SESSIONS == len(times)
    assert late_ms(times) <= LATE_MS


def test_in_copilot_itself(household: Household) -> None:
    """It tells our extension of a pick, which waits for no prompt."""
    times = said_ms(household, SESSIONS)
    assert SESSIONS == len(times)
    assert late_ms(times) <= LATE_MS
