"""What Claude Code tells the status line reaches the daemon, the ledger, and the meter's clock."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import run
from service_support import ready, until
from switchtax.hooks import commands
from switchtax.ledger.store import Ledger, Quota

if TYPE_CHECKING:
    from service_support import Household

SCRIPT = Path(commands.__file__).parent / "statusline.sh"


def draw(household: Household, model: str, end: float, **limits: Any) -> None:
    """Run the status line as Claude Code does after the third answer of `transcript()`."""
    usage = {
        "input_tokens": 3, "output_tokens": 400,
        "cache_read_input_tokens": 26_000, "cache_creation_input_tokens": 3_000,
    }  # fmt: skip
    given = {
        "session_id": "s1",
        "model": {"id": model, "display_name": "x"},
        "context_window": {"current_usage": usage},
        "prompt_cache": {"warm": True, "caching_observed": True, "ttl": "5m", "expires_at": end},
        "rate_limits": limits,
    }
    subprocess.run(
        ["sh", str(SCRIPT)], input=json.dumps(given), text=True, check=True,
        env=household.env, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def kept(household: Household) -> list[Quota]:
    """The observations in the ledger, newest first."""
    ledger = Ledger(household.where.ledger)
    found = list(ledger.quotas("claude-code"))
    ledger.close()
    return found


def test_limits_are_kept_and_a_shorter_clock_is_believed(household: Household) -> None:
    """Each change of the limits once; the file goes with the session."""
    path = household.transcript()
    with ready(household, "s1") as client:
        assert 0o700 == household.where.status_notes.stat().st_mode & 0o777
        assert "at API prices" not in run("estimate", path).out

        def ends() -> object:
            (row,) = client.call("session/list")["sessions"]
            return row["cache"]["warm_until_at"]

        soon = int(time.time()) + 100
        window = {"used_percentage": 23.5, "resets_at": 1_795_999_999}
        draw(household, "claude-opus-5-5", soon, five_hour=window)
        until(lambda: soon == ends(), "the clock is the agent's")
        draw(household, "claude-opus-5-5", soon, five_hour=window)
        after = household.where.status_notes / "s1.json"
        until(lambda: time.time() > after.stat().st_mtime and ends(), "it is looked at again")
        (quota,) = kept(household)
        assert (0.235, 1_795_999_999.0, None) == (
            quota.five_hour_used_ratio, quota.five_hour_resets_at, quota.seven_day_used_ratio,
        )  # fmt: skip
        assert "Amounts are at API prices" in run("estimate", path).out
        draw(household, "claude-opus-5-5", soon, five_hour=window | {"used_percentage": 24})
        until(lambda: ends() and 2 == len(kept(household)), "the change is kept")
        path.unlink()
        until(lambda: not after.exists(), "the file has gone with the session")


def test_right_after_a_switch_the_old_models_cache_is_not_believed(household: Household) -> None:
    """Claude Code says that it is warm; of the new model that is not true."""
    household.transcript()
    with ready(household, "s1") as client:
        (before,) = client.call("session/list")["sessions"]
        draw(household, "claude-sonnet-5-5", time.time() + 50)
        until((household.where.status_notes / "s1.json").exists, "it was handed on")
        (after,) = client.call("session/list")["sessions"]
        assert before["cache"]["warm_until_at"] == after["cache"]["warm_until_at"]
