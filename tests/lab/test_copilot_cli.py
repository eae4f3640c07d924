"""The real Copilot CLI with our hooks and status line, as `switchtax setup copilot-cli` puts them.

What a person sees, and when; what is held and what goes through; our numbers against the bill.
"""

import stat
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from copilot import HAIKU, OPUS, SETTINGS_TEXT, SONNET, Copilot, open_copilot
from messages_bill import came_true, counts

from support import OTHER_OS

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

TALK = "[[say 400]]"
"""With it the screen holds all: the client does not always scroll down."""
WARM = 12_000
OURS = "Opus 5.5 must re-read "
LOW = ("[material]", "rebuild_usd = 0.01")
BLOCK = ("[copilot_cli]", "block_switch = true")


@pytest.fixture
def copilot() -> Iterator[Copilot]:
    with open_copilot() as lab:
        lab.configure(*LOW)
        yield lab
        _reads_the_bill(lab)


def _reads_the_bill(lab: Copilot) -> None:
    """The log's own usage is the bill, call by call."""
    told = [each["data"]["usage"] for each in lab.events("session.usage_record")]
    billed = [(each["model"], each["usage"]) for each in lab.bill()]
    assert [
        (model, usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"])
        for model, usage in billed
    ] == [(each["model"], each["cacheReadTokens"], each["cacheWriteTokens"]) for each in told]
    totals = lab.totals()
    for model in {model for model, _ in billed}:
        made = [counts(each) for each in lab.bill() if each["model"] == model]
        sums = [sum(column) for column in zip(*made, strict=True)]
        names = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "calls")
        assert [*sums, len(made)] == [totals[model][name] for name in names]


def _foretold(lab: Copilot) -> dict[str, Any]:
    """What the daemon says of a switch now; it has read the log then, as it has for a person."""
    return lab.foretold(str(lab.log()), OPUS)


def test_a_switch_is_told_before_its_request(copilot: Copilot) -> None:
    """At the pick in the status line, at the prompt as a warning; then the request goes out."""
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        _foretold(copilot)
        terminal.switch(OPUS)
        screen = terminal.screen.wait("next: Opus 5.5 re-reads ")
        assert "own line" in screen
        told = _foretold(copilot)
        copilot.rest()
        (bill,) = terminal.prompt("second")
        assert copilot.fired_at("userPromptSubmitted") < bill["t"]
        terminal.screen.wait_in_order(OURS, "Done.")
        assert (OPUS, 0) == (bill["model"], bill["usage"]["cache_read_input_tokens"])
        came_true(told, bill)
        terminal.prompt("third")
        assert 1 == terminal.screen.text().count(OURS)


def test_back_while_warm(copilot: Copilot) -> None:
    """Where next to nothing is to be re-read, nothing is said."""
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        _foretold(copilot)
        terminal.switch(OPUS)
        terminal.prompt("second")
        back = copilot.foretold(str(copilot.log()), SONNET)
        terminal.switch(SONNET)
        copilot.rest()
        (bill,) = terminal.prompt("third")
        assert SONNET == bill["model"]
        assert counts(bill)[1] > WARM
        came_true(back, bill)
        assert "Sonnet 5.5 must re-read" not in terminal.screen.text()


def test_resumed_with_another_model(copilot: Copilot) -> None:
    """The log names the model before the prompt does: it is said before the request."""
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
    told = _foretold(copilot)
    with copilot.terminal("--continue", "--model", OPUS) as terminal:
        copilot.rest()
        (bill,) = terminal.prompt("second")
        assert copilot.fired_at("userPromptSubmitted") < bill["t"]
        terminal.screen.wait_in_order(OURS, "Done.")
        assert OPUS == bill["model"]
        came_true(told, bill)


@pytest.mark.parametrize("model", [SONNET, HAIKU])
def test_another_effort(copilot: Copilot, model: str) -> None:
    """All of the cache starts over: that is foretold; it is no switch, so nothing is said."""
    with copilot.terminal("--model", model) as terminal:
        terminal.prompt(TALK)
        terminal.choose_effort()
        told = copilot.foretold(str(copilot.log()), model)
        copilot.rest()
        (bill,) = terminal.prompt("second")
        assert ("high", 0) == (bill["effort"], counts(bill)[1])
        came_true(told, bill)
        kept = copilot.foretold(str(copilot.log()), model)
        (bill,) = terminal.prompt("third")
        assert counts(bill)[1] > WARM
        came_true(kept, bill)
        assert "must re-read" not in terminal.screen.text()


def test_after_a_sub_agent(copilot: Copilot) -> None:
    """What it sent is paid, but is no part of the conversation that a switch re-reads."""
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        asked, side, answered = terminal.prompt("[[task look around]] in a sub-agent", 3)
        assert counts(side)[1] == 0 < counts(asked)[1] < counts(answered)[1]
        told = _foretold(copilot)
        terminal.switch(OPUS)
        copilot.rest()
        (bill,) = terminal.prompt("second")
        terminal.screen.wait_in_order(OURS, "Done.")
        came_true(told, bill)


def test_a_switch_is_stopped_once(copilot: Copilot) -> None:
    """Where the user wants it: no request; sent again it goes."""
    copilot.configure(*LOW, *BLOCK)
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        _foretold(copilot)
        terminal.switch(OPUS)
        before = len(copilot.bill())
        copilot.rest()
        terminal.enter("second")
        assert OURS in terminal.screen.wait("Send it again to go on")
        assert before == len(copilot.bill())
        (bill,) = terminal.prompt("once more")
    assert OPUS == bill["model"]


def test_nobody_there_nothing_is_stopped(copilot: Copilot) -> None:
    """Under `-p` a block would be lost work."""
    copilot.configure(*LOW, *BLOCK)
    copilot.headless(TALK, "--model", SONNET)
    _foretold(copilot)
    done = copilot.headless("second", "--continue", "--model", OPUS)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())
    assert "Send it again" not in done.stderr


@pytest.mark.parametrize("signal", ["STOP", "KILL"])
def test_a_daemon_that_does_not_answer(copilot: Copilot, signal: str) -> None:
    """Dead or hung: the turn goes on, without a word."""
    copilot.headless(TALK, "--model", SONNET)
    copilot.signal_daemon(signal)
    done = copilot.headless("second", "--continue", "--model", OPUS)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())
    assert "!" not in done.stderr


@pytest.mark.parametrize("broken", ["crashing", "no python", "no package"])
def test_a_switchtax_that_is_broken(copilot: Copilot, broken: str) -> None:
    """Crashing or gone: the turn goes on, without a word."""
    hooks = copilot.home / ".copilot" / "hooks" / "switchtax.json"
    text = hooks.read_text()
    python = text.partition("W=$(")[2].partition(" ")[0]
    noisy = copilot.folder / "noisy"
    noisy.write_text("#!/bin/sh\necho Traceback\necho Traceback >&2\nexit 2\n")
    noisy.chmod(noisy.stat().st_mode | stat.S_IXUSR)
    old, new = {
        "crashing": (python, str(noisy)),
        "no python": (python, "/nowhere/python3"),
        "no package": ("switchtax/hooks/client.py", "gone/switchtax/hooks/client.py"),
    }[broken]
    hooks.write_text(text.replace(old, new))
    copilot.headless(TALK, "--model", SONNET)
    done = copilot.headless("second", "--continue", "--model", OPUS)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())
    assert "Traceback" not in done.stderr
    assert "!" not in done.stderr


def test_undone_after_use(copilot: Copilot) -> None:
    """The settings are what they were, to the byte, and our own file is gone."""
    copilot.headless("first", "--model", SONNET)
    assert copilot.plugin.exists()
    copilot.setup("--undo")
    assert not copilot.plugin.parent.exists()
    assert SETTINGS_TEXT.encode() == copilot.settings.read_bytes()
    assert not (copilot.home / ".copilot" / "hooks" / "switchtax.json").exists()
