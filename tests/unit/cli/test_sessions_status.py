"""`switchtax sessions` and `switchtax status`, as programs read them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("home_dir")

AT = ("--at", str(SAMPLE_AT))


def test_one_session() -> None:
    """Who, where, on which model, how large, and what it has cost."""
    (one,) = checked("sessions", SAMPLE)["sessions"]
    assert ("claude-code", SAMPLE.stem, str(SAMPLE)) == (one["agent"], one["id"], one["path"])
    assert ("claude-opus-5-5", "medium") == (one["model"], one["effort"])
    assert (7, 45, 0) == (one["turns"], one["calls"], one["switches"])
    assert SAMPLE_AT - 90 == one["last_at"]
    usages = [
        message["usage"]
        for line in SAMPLE.read_text().splitlines()
        if (message := json.loads(line)["message"])["role"] == "assistant"
    ]
    spent = sum(
        round(
            4 * u["input_tokens"] + 0.2 * u["cache_read_input_tokens"]
            + 5 * u["cache_creation_input_tokens"] + 20 * u["output_tokens"]
        )
        for u in usages
    )  # fmt: skip
    assert abs(spent - one["spent_usd_micros"]) <= len(usages)


def test_a_machine_without_sessions() -> None:
    """An empty list, and a sentence."""
    assert {"schema": "switchtax.sessions/1", "sessions": [], "more": 0} == checked("sessions")
    assert "No agent session here yet.\n" == run("sessions").out


def test_only_the_newest(home_dir: Path) -> None:
    """-n limits, --all does not; how many are left out is told."""
    folder = home_dir / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    for number in range(3):
        shutil.copy(SAMPLE, folder / f"5a3f1e0{number}-0000-4000-8000-00000000c0de.jsonl")
    assert (2, 1) == (
        len(checked("sessions", "-n", "2")["sessions"]), checked("sessions", "-n", "2")["more"],
    )  # fmt: skip
    assert 3 == len(checked("sessions", "--all")["sessions"])
    assert "1 older ones: --all shows them." in run("sessions", "-n", "2").out


def test_a_model_without_a_price_leaves_spent_unknown(tmp_path: Path) -> None:
    """With the model's name, never a part of the sum."""
    log = tmp_path / SAMPLE.name
    lines = SAMPLE.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:-1]) + lines[-1].replace("claude-opus-5-5", "mystery-1"))
    (one,) = checked("sessions", log)["sessions"]
    assert {"unknown": "no price card for mystery-1"} == one["spent_usd_micros"]
    assert "unknown" in run("sessions", log).lines[1]


def test_the_calls_of_sub_agents_count_in_what_was_spent(home_dir: Path) -> None:
    """Their files lie beside the session's own; nothing else of them is the session's."""
    folder = home_dir / ".claude" / "projects" / "p"
    below = folder / SAMPLE.stem / "subagents"
    below.mkdir(parents=True)
    shutil.copy(SAMPLE, folder)
    (alone,) = checked("sessions")["sessions"]
    lines = SAMPLE.read_text().splitlines(keepends=True)[:2]
    other = "".join(lines).replace('"isSidechain": false', '"isSidechain": true')
    (below / "agent-a1b2c3.jsonl").write_text(other.replace("0001", "9001"))
    (both,) = checked("sessions")["sessions"]
    assert alone["spent_usd_micros"] < both["spent_usd_micros"]
    assert 1 == both["side_calls"]
    assert alone["context_tokens"] == both["context_tokens"]


def test_active_sessions() -> None:
    """The cache and the switch that saves most."""
    found = checked("status", SAMPLE, *AT)
    (one,) = found["sessions"]
    assert SAMPLE_AT == found["at"]
    assert ("warm", 300) == (one["cache"]["state"], one["cache"]["ttl_s"])
    assert SAMPLE_AT < one["cache"]["warm_until_at"] < SAMPLE_AT + 300
    assert "claude-haiku-5-5" == one["cheapest_useful"]["model"]
    assert one["cheapest_useful"]["extra_usd_micros"] < 0


def test_a_session_in_the_middle() -> None:
    """As if it were then: what came later does not count."""
    (now,) = checked("status", SAMPLE, *AT)["sessions"]
    (then,) = checked("status", SAMPLE, "--at", str(SAMPLE_AT - 1_000))["sessions"]
    assert then["calls"] < now["calls"]
    assert then["context_tokens"] < now["context_tokens"]


def test_after_an_hour_nothing_is_active() -> None:
    """Said with a way on."""
    later = ("--at", str(SAMPLE_AT + 4_000))
    assert [] == checked("status", SAMPLE, *later)["sessions"]
    said = "No session was active in the last hour. `switchtax sessions` lists older ones.\n"
    assert (0, said) == (run("status", SAMPLE, *later).code, run("status", SAMPLE, *later).out)


def test_nothing_useful_on_the_cheapest_model(tmp_path: Path) -> None:
    """On Haiku no switch saves: none is offered."""
    log = tmp_path / SAMPLE.name
    log.write_text(SAMPLE.read_text().replace("claude-opus-5-5", "claude-haiku-5-5"))
    (one,) = checked("status", log, *AT)["sessions"]
    assert one["cheapest_useful"] is None
    assert "saves" not in run("status", log, *AT).out
