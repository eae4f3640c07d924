"""What a daemon says at a session's first prompt, asked through `switch/will` as a hook asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service_support import until

if TYPE_CHECKING:
    from service_support import Household

SMALL = "rename the variable hunter2 in shop.py"
BEGIN = {"session_id": "s1", "source": "startup", "model": "claude-opus-5-5"}
PROMPT = {"session_id": "s1", "source": "user", "prompt": SMALL}


def ask(household: Household, event: str, **more: object) -> dict[str, Any]:
    """What a hook prints."""
    given = {"hook_event_name": event, "transcript_path": "/x/s1.jsonl", "cwd": "/x"}
    asked = {"agent": "claude-code", "event": event, "input": {**given, **more}, "env": {}}
    found: dict[str, Any] = household.client().call("switch/will", asked)["output"]
    return found


def turn_on(household: Household) -> None:
    """In the configuration file."""
    path = household.folder / "f" / "switchtax" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[claude_code]\nsuggest_model = true\n")


def test_off_unless_turned_on(household: Household) -> None:
    """Nothing is said, and nothing remembered."""
    ask(household, "SessionStart", **BEGIN)
    assert {} == ask(household, "UserPromptSubmit", **PROMPT)


def test_the_prompt_is_nowhere_afterwards(household: Household) -> None:
    """Neither in the ledger, nor in the log, nor in any file of ours."""
    turn_on(household)
    assert {} == ask(household, "SessionStart", **BEGIN)
    found = ask(household, "UserPromptSubmit", **PROMPT)
    assert "Haiku 5.5 may do" in found["systemMessage"]
    assert "hunter2" not in json.dumps(found)
    household.client().call("shutdown")
    until(lambda: not household.where.socket.exists(), "it has ended")
    kept = [path for path in Path(household.folder).rglob("*") if path.is_file()]
    assert any("ledger" in path.name for path in kept)
    assert [] == [path for path in kept if b"hunter2" in path.read_bytes()]


def test_a_snoozed_day_is_quiet(household: Household) -> None:
    """Snooze means everything."""
    turn_on(household)
    ask(household, "SessionStart", **BEGIN)
    household.client().call("warning/snooze", {"for": "day"})
    assert {} == ask(household, "UserPromptSubmit", **PROMPT)
