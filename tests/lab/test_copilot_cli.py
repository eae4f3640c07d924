"""The real Copilot CLI with our hooks and status line, as `switchtax setup copilot-cli` puts them.

What a person sees, and when; what is held and what goes through; our numbers against the bill.
"""

import stat
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from copilot import OPUS, SETTINGS_TEXT, SONNET, Copilot, open_copilot

from support import OTHER_OS

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xfail(strict=False, reason="no whole run on a quiet machine has been seen yet"),
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

TALK = "[[say 9000]]"
OURS = "Opus 5.5 must re-read "
LOW = ("[material]", "rebuild_usd = 0.01")
BLOCK = ("[copilot_cli]", "block_switch = true")
BAR = 0.02


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


def _sent(bill: dict[str, Any]) -> int:
    usage = bill["usage"]
    parts = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(int(usage[part]) for part in parts)


def test_a_switch_is_told_before_its_request(copilot: Copilot) -> None:
    """At the pick in the status line, at the prompt as a warning; then the request goes out."""
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        copilot.daemon().close()
        terminal.switch(OPUS)
        screen = terminal.screen.wait("next: Opus 5.5 re-reads ")
        assert "own line" in screen
        told = copilot.foretold(str(copilot.log()), OPUS)
        (bill,) = terminal.prompt("second")
        assert copilot.fired_at("userPromptSubmitted") < bill["t"]
        screen = terminal.screen.wait(OURS)
        assert screen.index(OURS) < screen.rindex("Done.")
        assert (OPUS, 0) == (bill["model"], bill["usage"]["cache_read_input_tokens"])
        sent = told["prediction"]["at_send"]["predicted_sent_tokens"]
        print(f"lab: sent {sent} of {_sent(bill)} ({sent / _sent(bill) - 1:+.2%})")
        assert sent == pytest.approx(_sent(bill), rel=BAR)
        terminal.prompt("third")
        assert 1 == terminal.screen.text().count(OURS)


def test_resumed_with_another_model(copilot: Copilot) -> None:
    """The log names the model before the prompt does; without a person it is said all the same."""
    copilot.headless(TALK, "--model", SONNET)
    copilot.daemon().close()
    done = copilot.headless("second", "--continue", "--model", OPUS)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())
    assert OURS in done.stderr
    assert OPUS == copilot.bill()[-1]["model"]


def test_a_switch_is_stopped_once(copilot: Copilot) -> None:
    """Where the user wants it: no request; sent again it goes."""
    copilot.configure(*LOW, *BLOCK)
    with copilot.terminal() as terminal:
        terminal.prompt(TALK)
        copilot.daemon().close()
        terminal.switch(OPUS)
        before = len(copilot.bill())
        terminal.enter("second")
        assert OURS in terminal.screen.wait("Send it again to go on")
        assert before == len(copilot.bill())
        (bill,) = terminal.prompt("once more")
    assert OPUS == bill["model"]


def test_nobody_there_nothing_is_stopped(copilot: Copilot) -> None:
    """Under `-p` a block would be lost work."""
    copilot.configure(*LOW, *BLOCK)
    copilot.headless(TALK, "--model", SONNET)
    copilot.daemon().close()
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
    copilot.setup("--undo")
    assert SETTINGS_TEXT.encode() == copilot.settings.read_bytes()
    assert not (copilot.home / ".copilot" / "hooks" / "switchtax.json").exists()
