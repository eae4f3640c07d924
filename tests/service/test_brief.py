"""The daemon writes a brief when it is asked for one, and keeps nothing of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from claude_transcript import prompt
from commands import REFERENCE
from service_support import ready
from switchtax.errors import Refused

if TYPE_CHECKING:
    from service_support import Household

WORDS = "a sentence that stands in the transcript only"


def test_a_brief_on_demand(household: Household) -> None:
    """The document of the command; no file of the daemon holds a word of it."""
    path = household.transcript(3)
    with path.open("a") as file:
        file.write(json.dumps(prompt(40, WORDS, sessionId="s1")) + "\n")
    client = ready(household, "s1")
    asked = {"session": "s1", "to": "sonnet", "budget_tokens": 800}
    document = client.call("session/brief", asked, deadline_s=10.0)
    schema = json.loads((REFERENCE / "brief.schema.json").read_text())
    Draft202012Validator(schema).validate({"schema": "switchtax.brief/1", **document})
    assert f"- {WORDS} (turn 4)\n" in document["markdown"]
    assert "claude-sonnet-5-5" == document["price"]["to"]
    assert document["tokens"] <= 800
    kept = [each for each in household.folder.rglob("*") if each.is_file() and each != path]
    assert [] == [each for each in kept if WORDS.encode() in each.read_bytes()]


def test_wrong_words(household: Household) -> None:
    """Each refused with a sentence."""
    household.transcript(3)
    client = ready(household, "s1")
    for wrong, expected in (
        ({}, "session: a text is needed"),
        ({"session": "s1", "to": 7}, "to: a text is needed"),
        ({"session": "s1", "budget_tokens": 10}, "holds no brief"),
        ({"session": "s1", "to": " "}, "no model is named"),
    ):
        with pytest.raises(Refused, match=expected):
            client.call("session/brief", wrong)
