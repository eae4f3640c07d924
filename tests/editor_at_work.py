"""A session at work in a workspace, for every editor."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from hook_doors import CLIENT, call
from service_support import lines, open_household, ready
from switchtax.hooks import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service_support import Household

__all__ = [
    "answered",
    "asked_by_hook",
    "at_work",
    "configure",
    "grow",
    "shared_at_work",
    "transcript",
]

PATIENT_S = 5.0


@pytest.fixture
def at_work(household: Household) -> Household:
    """A session on Opus 5.5 in a workspace, live; switches of other programs are held."""
    return _begun(household)


@pytest.fixture(scope="module")
def shared_at_work() -> Iterator[Household]:
    """The same, once for the tests of a file that change nothing of it."""
    with pytest.MonkeyPatch.context() as patch, open_household(patch) as household:
        yield _begun(household)


def _begun(household: Household) -> Household:
    (household.folder / "w").mkdir()
    configure(household, hold_seconds=5)
    household.transcript(6, cwd=str(household.folder / "w"))
    ready(household, "s1").close()
    return household


def configure(household: Household, *, hold_seconds: int) -> None:
    """Every switch is worth a question; a hold lasts so long."""
    file = household.folder / "f" / "switchtax" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = "[material]\nrebuild_usd = 0.01\n[claude_code]\nhold_sdk = true\n"
    file.write_text(f"{keys}hold_seconds = {hold_seconds}\n")


def transcript(household: Household) -> Path:
    """Where the session is written."""
    return household.folder / "h" / ".claude" / "projects" / "p" / "s1.jsonl"


def grow(household: Household, turn: int, *, ends_at: float) -> None:
    """One more turn is written to the session."""
    more = lines(turn, 1, ends_at=ends_at)
    with transcript(household).open("a") as file:
        file.write(more.replace("/home/dev/shop", str(household.folder / "w")))


def patient_client(household: Household) -> Path:
    """The hook client with a longer watchdog: what editors do on a busy machine is not its test."""
    patient = household.folder / "client.py"
    if not patient.exists():
        short = f"SECONDS = {client.SECONDS}"
        text = CLIENT.read_text()
        assert short in text
        patient.write_text(text.replace(short, f"SECONDS = {PATIENT_S}"))
    return patient


def asked_by_hook(household: Household) -> dict[str, Any]:
    """What Claude Code is answered when a panel switches to Sonnet 5.5."""
    given = {
        "hook_event_name": "PreModelSwitch",
        "session_id": "s1",
        "transcript_path": str(transcript(household)),
        "cwd": str(household.folder / "w"),
        "prompt_id": "p1",
        "to_model": "claude-sonnet-5-5",
        "source": "sdk",
        "context_tokens": 35_000,
    }
    body = json.dumps(given).encode()
    patient = patient_client(household)
    done = call(household.folder / "r", "PreModelSwitch", body, client=patient)
    return dict(json.loads(done.out or b"{}"))


async def answered(household: Household) -> dict[str, Any]:
    """The same, beside other work."""
    return await asyncio.to_thread(asked_by_hook, household)
