"""`decide` over the wire: a router asks a real daemon."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from service_support import lines, ready, until
from support import CHECKOUT
from switchtax.errors import Refused

if TYPE_CHECKING:
    from service_support import Household

import time

MODELS = ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]


def test_the_document(household: Household) -> None:
    """That of the command, by the same schema; asked again, the same but for its time."""
    household.transcript()
    with ready(household, "s1") as client:
        asked = {"session": "s1", "models": MODELS, "turns": 10}
        found = client.call("decide", asked)
        schema = json.loads((CHECKOUT / "docs/reference/decide.schema.json").read_text())
        document = {"schema": "switchtax.decide/1", **found}
        jsonschema.Draft202012Validator(schema).validate(document)
        assert MODELS == [each["model"] for each in found["candidates"]]
        assert found["recommended"] in MODELS
        assert {**found, "at": 0} == {**client.call("decide", asked), "at": 0}
        task = client.call("decide", {**asked, "task": "find the root cause"})
        assert ("task", "claude-opus-4-5") == (task["why"], task["recommended"])
        assert 0 == client.call("decide", {**asked, "turns": 0})["turns"]


def test_a_session_that_grows_is_weighed_again(household: Household) -> None:
    """Before the next question comes."""
    log = household.transcript(turns=3)
    with ready(household, "s1") as client:
        asked = {"session": "s1", "models": MODELS}
        before = client.call("decide", asked)["session"]["context_tokens"]
        with log.open("a") as more:
            more.write(lines(3, 2, ends_at=time.time()))
        until(
            lambda: client.call("decide", asked)["session"]["context_tokens"] > before,
            "the new turns count",
        )


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"models": MODELS}, "session: a text"),
        ({"session": "s1"}, "models: a list"),
        ({"session": "s1", "models": []}, "models: a list"),
        ({"session": "s1", "models": [3]}, "models: a list"),
        ({"session": "s1", "models": ["auto"]}, "auto"),
        ({"session": "s1", "models": MODELS, "turns": -1}, "turns: a whole number"),
        ({"session": "s1", "models": MODELS, "turns": True}, "turns: a whole number"),
        ({"session": "s1", "models": MODELS, "task": 3}, "task: a text"),
        ({"session": "nobody", "models": MODELS}, "nobody"),
    ],
)
def test_refused(household: Household, params: dict[str, object], said: str) -> None:
    """With what is wrong."""
    household.transcript()
    with ready(household, "s1") as client, pytest.raises(Refused, match=said):
        client.call("decide", params)


def test_an_estimate_has_ways_where_they_are_asked_for(household: Household) -> None:
    """They take longer than all the rest of it."""
    household.transcript()
    with ready(household, "s1") as client:
        asked = {"session": "s1", "to": ["claude-sonnet-4-5"]}
        (plain,) = client.call("switch/estimate", asked)["estimates"]
        (told,) = client.call("switch/estimate", {**asked, "ways": True})["estimates"]
        assert "ways" not in plain
        assert {"stay", "switch", "new_session"} <= {way["way"] for way in told["ways"]}
