"""A household whose editors are asked about switches."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from hook_doors import call
from service_support import ready

if TYPE_CHECKING:
    from service_support import Household

SONNET, HAIKU = "claude-sonnet-5-5", "claude-haiku-5-5"


def configure(household: Household, **more: object) -> None:
    """Hold switches of other programs, also small ones."""
    keys = {"hold_sdk": "true", "hold_seconds": 5, **more}
    text = "[material]\nrebuild_usd = 0.01\n[claude_code]\n"
    text += "".join(f"{name} = {value}\n" for name, value in keys.items())
    file = household.folder / "f" / "switchtax" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def at_home(household: Household) -> Household:
    """A daemon that holds, and one session `s1` on Opus 5.5."""
    configure(household)
    household.transcript()
    ready(household, "s1").close()
    return household


async def hook(household: Household, to: str = SONNET, **more: object) -> dict[str, Any]:
    """What the real hook client prints for a switch made in another program."""
    session = str(more.get("session_id", "s1"))
    path = household.folder / "h" / ".claude" / "projects" / "p" / f"{session}.jsonl"
    given = {
        "hook_event_name": "PreModelSwitch",
        "session_id": session,
        "transcript_path": str(path),
        "cwd": str(household.folder / "h"),
        "prompt_id": "p1",
        "to_model": to,
        "source": "sdk",
        "context_tokens": 29_000,
        **more,
    }
    runtime, body = household.folder / "r", json.dumps(given).encode()
    done = await asyncio.to_thread(call, runtime, "PreModelSwitch", body)
    assert (0, b"") == (done.code, done.err)
    return dict(json.loads(done.out or b"{}"))
