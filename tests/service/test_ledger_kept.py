"""Estimates shown by the daemon meet their calls, and survive its death."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from commands import checked, run
from service_support import lines, ready, until

if TYPE_CHECKING:
    from service_support import Household

SONNET = "claude-sonnet-5-5"


def test_shown_then_switched(household: Household) -> None:
    """The call that follows closes both sides; the switch is one event."""
    path = household.transcript(6)
    client = ready(household, "s1")
    client.call("switch/estimate", {"session": "s1", "to": ["sonnet"], "surface": "test"})
    client.call("ledger/accuracy")  # estimates shown wait some milliseconds for each other
    os.kill(client.server["pid"], 9)
    client = ready(household, "s1")
    text = lines(6, 1, ends_at=time.time() + 9).replace("claude-opus-5-5", SONNET)
    with path.open("a") as file:
        file.write(text.replace('"cache_read_input_tokens": 38000', '"cache_read_input_tokens": 0'))

    def told() -> dict[str, object] | None:
        push = client.next_push(1)
        return push.params if push and push.method == "session/event" else None

    event = until(told, "the switch is told")
    assert ("switch", "silent", SONNET) == (event["kind"], event["cause"], event["after"])
    until(lambda: 1 == client.call("ledger/accuracy")["estimates"], "the estimate is closed")
    assert 1 == len(client.call("ledger/events", {"session": "s1"})["events"])
    assert "One estimate" in run("accuracy").out
    document = checked("accuracy")
    assert ("switchtax.accuracy/1", 1) == (document["schema"], document["switches"]["estimates"])
    assert "Waits: not enough data yet" in run("accuracy").out
    learnt = document["waits"]["learnt_from"]
    assert [("claude-code", "claude-opus-5-5")] == [(row["agent"], row["model"]) for row in learnt]
    assert "forgotten" in run("accuracy", "--forget-waits").out
    assert [] == checked("accuracy")["waits"]["learnt_from"]


def test_money_wait_and_risk_are_told_beside_their_outcomes(household: Household) -> None:
    """One switch, the call that closed its amount and its wait, and five turns after it."""
    path = household.transcript(6)
    client = ready(household, "s1")
    assert "Risks: no switch whose risk was shown" in run("accuracy").out
    client.call("switch/estimate", {"session": "s1", "to": ["sonnet"], "surface": "test"})
    text = lines(6, 8, ends_at=time.time() + 85).replace("claude-opus-5-5", SONNET)
    with path.open("a") as file:
        file.write(text)
    until(lambda: 1 == checked("accuracy")["risks"]["switches"], "the risk has its outcome")
    money, *_, waits, risks = run("accuracy").lines
    assert money.startswith("One estimate: median error ")
    assert waits.startswith("Waits: not enough data yet (1 checked)")
    assert "Risks: 1 switch followed; trouble after 0 of 1 at low risk." in risks
    document = checked("accuracy")
    assert (1, 1, 1) == (
        document["estimates"], document["waits"]["checked"], document["risks"]["switches"],
    )  # fmt: skip


def test_commands(household: Household) -> None:
    """Start, stop, restart and logs; status by the daemon and without it."""
    household.transcript()
    assert "No estimate" in run("accuracy").out
    assert "nothing logged" in run("daemon", "logs").err
    started = checked("daemon", "start")
    household.pids.add(started["pid"])
    assert "runs already" in run("daemon", "start").out
    client = ready(household, "s1")
    by_daemon = run("status").out
    assert by_daemon.startswith("s1 · Opus 5.5 · ")
    assert "switchtax.status/1" == checked("status")["schema"]
    client.close()
    again = checked("daemon", "restart")
    household.pids.add(again["pid"])
    assert started["pid"] != again["pid"]
    assert "serving" in run("daemon", "logs").out
    assert again["build"] in "".join(checked("daemon", "logs")["lines"])
    assert "The daemon has ended." in run("daemon", "stop").out
    assert "No daemon was running." in run("daemon", "stop").out
    assert by_daemon == run("status").out
