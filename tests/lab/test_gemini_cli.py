"""The real Gemini CLI with our hooks, as `switchtax setup gemini-cli` puts them.

What a person sees, and when; what is held and what goes through; our numbers against the bill of a
provider that caches implicitly. The daemon is started by the client's own hook, inside the lab.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apart import wait_for
from gemini import NOTES, SETTINGS_TEXT, Gemini, open_gemini

from agent_reading import calls, read_file
from support import OTHER_OS
from switchtax.agents import agent_module
from switchtax.records import Depth

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

PRO, FLASH = "gemini-2.5-pro", "gemini-2.5-flash"
BUDGET_TOKENS = 1_024
"""For thinking; by itself the client names 8,192."""
WARM = 20_000
READ = " ".join(f"[[read {name}]]" for name in NOTES) + " and tell"
"""Some 30,000 tokens in all."""
OURS = "Gemini 2.5 Pro must re-read "
LOW = ("[material]", "rebuild_usd = 0.01")
BLOCK = ("[gemini_cli]", "block_switch = true")
BAR = 0.02
"""Tokens and price of the first call after a switch, as foretold, against the bill."""
TOTALS = ("input_tokens", "cache_read_tokens", "calls")
WARM_BAR = 0.20
"""Beside a warm cache the prompt's own size, unknown beforehand, is most of the price."""


@pytest.fixture
def gemini() -> Iterator[Gemini]:
    with open_gemini() as lab:
        lab.configure(*LOW)
        yield lab
        _reads_the_bill(lab)


def _reads_the_bill(lab: Gemini) -> None:
    """Our reader finds every call with its model and counts, and none twice; totals are the bill's.

    What the client asks to choose a model or to name a session stands in no file.
    """
    read = [read_file(agent_module("gemini-cli"), chat, Depth.USAGE) for chat in lab.chats()]
    made = [call for each in read for call in calls(each)]
    found = [(c.model, c.usage.uncached_tokens, c.usage.cache_read_tokens) for c in made]
    assert sorted((each["model"], *_counts(each)) for each in lab.own_bill()) == sorted(found)
    recorded = [each for each in lab.bill() if each["purpose"] in ("", "sub-agent")]
    totals = lab.totals()
    assert {each["model"] for each in recorded} == totals.keys()
    for model, row in totals.items():
        billed = [_counts(each) for each in recorded if each["model"] == model]
        sums = [sum(column) for column in zip(*billed, strict=True)]
        assert [*sums, len(billed)] == [row[name] for name in TOTALS]


def _counts(bill: dict[str, Any]) -> tuple[int, int]:
    """Tokens not cached, and read."""
    return bill["sent_tokens"] - bill["cached_tokens"], bill["cached_tokens"]


def _holds(told: dict[str, Any], bill: dict[str, Any]) -> None:
    """The next call's tokens and price are those of the bill."""
    prices = told["prices"]["switch"]["usd_micros_per_mtok"]
    send = told["prediction"]["at_send"]
    cached = bill["cached_tokens"]
    fresh = bill["sent_tokens"] - cached
    price = (fresh * prices["input"] + cached * prices["cache_read"]) / 1e6
    usd = send["predicted_usd_micros"]
    said = (
        f"{bill['model']}: read {send['predicted_read_tokens']} of {cached}, "
        f"sent {send['predicted_sent_tokens']} of {bill['sent_tokens']}, "
        f"usd micros {usd['mid']} of {price:.0f} ({usd['mid'] / price - 1:+.2%})"
    )
    print(f"lab: {said}")
    assert send["predicted_sent_tokens"] == pytest.approx(bill["sent_tokens"], rel=BAR), said
    assert send["predicted_read_tokens"] == pytest.approx(cached, rel=BAR), said
    assert usd["low"] <= price <= usd["high"], said
    assert usd["mid"] == pytest.approx(price, rel=WARM_BAR if cached else BAR), said


def test_a_switch_is_told_before_its_request(gemini: Gemini) -> None:
    """The hook is answered, then the request goes out; what it is billed was foretold."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt(READ)
        told = gemini.foretold(str(gemini.chat()), PRO)
        terminal.switch(PRO)
        assert OURS not in terminal.screen.text()
        gemini.rest()
        (bill,) = terminal.prompt("second")
        assert gemini.fired_at("BeforeModel") < bill["t"]
        screen = terminal.screen.wait_in_order(OURS, "Done.")
        assert "[switchtax]" in screen
        assert (PRO, 0) == (bill["model"], bill["cached_tokens"])
        _holds(told, bill)
        (third,) = terminal.prompt("third")
        assert third["cached_tokens"] > 25_000
        assert 1 == terminal.screen.text().count(OURS)


def test_back_while_warm(gemini: Gemini) -> None:
    """Where next to nothing is to be re-read, nothing is said."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt(READ)
        terminal.switch(PRO)
        gemini.rest()
        terminal.prompt("second")
        told = gemini.foretold(str(gemini.chat()), FLASH)
        terminal.switch(FLASH)
        (bill,) = terminal.prompt("third")
        assert 1 == terminal.screen.text().count("must re-read")
    assert bill["model"] == FLASH
    assert bill["cached_tokens"] > 25_000
    _holds(told, bill)


def test_below_the_threshold_nothing_is_said(gemini: Gemini) -> None:
    """Thirty thousand tokens are four cents on this model: under the default's quarter."""
    gemini.configure()
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt(READ)
        terminal.switch(PRO)
        terminal.prompt("second")
        assert "must re-read" not in terminal.screen.text()


def test_resumed_with_another_model(gemini: Gemini) -> None:
    """Nothing on disk tells of it before the request; the hook does."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt("[[say 60000]]")
        terminal.prompt("go on")
    told = gemini.foretold(str(gemini.chat()), PRO)
    before = len(gemini.bill())
    with gemini.terminal("--resume", "latest", "-m", PRO) as terminal:
        gemini.rest()
        terminal.prompt("second")
        terminal.screen.wait_in_order(OURS, "Done.")
    bill = gemini.bill()[before]
    assert (PRO, 0) == (bill["model"], bill["cached_tokens"])
    _holds(told, bill)


def test_resumed_with_another_budget_for_thinking(gemini: Gemini) -> None:
    """The client has no command for it, only its settings; the prefix stays, nothing is said."""
    gemini.headless("[[say 60000]]", "-m", FLASH)
    gemini.headless("word by word " * 40, "--resume", "latest", "-m", FLASH)
    gemini.think(FLASH, BUDGET_TOKENS)
    told = gemini.foretold(str(gemini.chat()), FLASH)
    before = len(gemini.own_bill())
    done = gemini.headless("word by word " * 40, "--resume", "latest", "-m", FLASH)
    assert "must re-read" not in done.stdout + done.stderr
    (bill,) = gemini.own_bill()[before:]
    assert BUDGET_TOKENS == bill["thinking"]["thinkingBudget"]
    assert bill["cached_tokens"] > WARM
    _holds(told, bill)


def test_after_a_sub_agent(gemini: Gemini) -> None:
    """What it sent is paid, but is no part of the conversation that a switch re-reads."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt("[[say 60000]]")
        terminal.prompt("[[task look around]] in a sub-agent")
        assert [0] == [each["cached_tokens"] for each in _side(gemini, "sub-agent")]
        told = gemini.foretold(str(gemini.chat()), PRO)
        terminal.switch(PRO)
        gemini.rest()
        (bill,) = terminal.prompt("second")
        terminal.screen.wait_in_order(OURS, "Done.")
    _holds(told, bill)


def test_where_the_client_chooses(gemini: Gemini) -> None:
    """With `auto` another model is asked first how hard each prompt is: no call of the session."""
    with gemini.terminal("-m", "auto") as terminal:
        (bill,) = terminal.prompt("[[say 60000]]")
        told = gemini.foretold(str(gemini.chat()), bill["model"])
        (again,) = terminal.prompt("second")
        assert bill["model"] == again["model"]
        assert "must re-read" not in terminal.screen.text()
    _holds(told, again)
    asked = _side(gemini, "routing")
    assert 2 == len(asked)
    assert bill["model"] not in {each["model"] for each in asked}


def test_a_title_for_an_earlier_session(gemini: Gemini) -> None:
    """The next start of the client pays for one: of neither session's calls."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt("first")
        terminal.prompt("second")
    with gemini.terminal("-m", FLASH):
        (title,) = wait_for("a title", lambda: _side(gemini, "side"))
    assert FLASH != title["model"]


def _side(lab: Gemini, purpose: str) -> list[dict[str, Any]]:
    return [each for each in lab.bill() if each["purpose"] == purpose]


@pytest.mark.parametrize("model", [PRO, FLASH])
def test_resumed_after_tools(gemini: Gemini, model: str) -> None:
    """This build sends tool results twice then, which is foretold once the resume is written.

    Nothing is said of another model: staying re-reads most of it as well.
    """
    with gemini.terminal("-m", FLASH) as terminal:
        (*_, last) = terminal.prompt(READ)
    with gemini.terminal("--resume", "latest", "-m", model) as terminal:
        gemini.wait_taken_up()
        told = gemini.foretold(str(gemini.chat()), model)
        (bill,) = terminal.prompt("second")
        assert "must re-read" not in terminal.screen.text()
    assert model == bill["model"]
    assert bill["sent_tokens"] > 1.5 * last["sent_tokens"]
    _holds(told, bill)


@pytest.mark.parametrize("resumed", [False, True])
def test_a_switch_is_stopped_once(gemini: Gemini, resumed: bool) -> None:
    """Where the user wants it: no request, the prompt is kept, and the next word sends both."""
    gemini.configure(*LOW, *BLOCK)
    options = ("-m", FLASH)
    if resumed:
        gemini.headless("[[say 60000]]", "-m", FLASH)
        gemini.daemon().close()
        options = ("--resume", "latest", "-m", PRO)
    with gemini.terminal(*options) as terminal:
        if not resumed:
            terminal.prompt(READ)
            terminal.switch(PRO)
        before = len(gemini.bill())
        gemini.rest()
        terminal.enter("second")
        screen = terminal.screen.wait('Say "go on"')
        assert OURS in screen
        assert before == len(gemini.bill())
        (bill,) = terminal.prompt("go on")
        assert PRO == bill["model"]
        terminal.prompt("third")
        assert 1 == terminal.screen.text().count('Say "go on"')


def test_nobody_there_nothing_is_stopped(gemini: Gemini) -> None:
    """Under `-p` a block would be lost work; what is printed stays what it was."""
    gemini.configure(*LOW, *BLOCK)
    gemini.headless(READ, "-m", FLASH)
    gemini.daemon().close()
    done = gemini.headless("second", "--resume", "latest", "-m", PRO)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())
    assert PRO == gemini.bill()[-1]["model"]


@pytest.mark.parametrize("signal", ["STOP", "KILL"])
def test_a_daemon_that_does_not_answer(gemini: Gemini, signal: str) -> None:
    """Dead or hung: the turn goes on as it would without us, and nothing is said of it."""
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt(READ)
        gemini.signal_daemon(signal)
        terminal.switch(PRO)
        (bill,) = terminal.prompt("second")
        screen = terminal.screen.text()
    assert PRO == bill["model"]
    for word in ("must re-read", "blocked", "failed", "Hook(s)"):
        assert word not in screen


def _crashing(lab: Gemini) -> None:
    """A Python that dies with noise on both streams."""
    broken = lab.folder / "broken"
    broken.write_text("#!/bin/sh\necho Traceback\necho Traceback >&2\nexit 70\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    _renamed(lab, _interpreter(lab), str(broken))


def _interpreter(lab: Gemini) -> str:
    """The one that the settings name."""
    return lab.settings.read_text().partition('"command": "')[2].partition(" ")[0]


def _renamed(lab: Gemini, old: str, new: str) -> None:
    lab.settings.write_text(lab.settings.read_text().replace(old, new))


def _no_python(lab: Gemini) -> None:
    """The interpreter was replaced by an upgrade."""
    _renamed(lab, _interpreter(lab), "/nowhere/python3")


def _no_package(lab: Gemini) -> None:
    """switchtax was uninstalled without its set-up being undone."""
    _renamed(lab, "switchtax/hooks/client.py", "gone/switchtax/hooks/client.py")


@pytest.mark.parametrize("broken", [_crashing, _no_python, _no_package])
def test_a_switchtax_that_is_broken(gemini: Gemini, broken: Any) -> None:
    """Crashing or gone: no turn is blocked. What a crash prints is shown as a word at most."""
    broken(gemini)
    with gemini.terminal("-m", FLASH) as terminal:
        terminal.prompt(READ)
        terminal.switch(PRO)
        (bill,) = terminal.prompt("second")
        assert "blocked" not in terminal.screen.text()
    assert PRO == bill["model"]
    done = gemini.headless("third", "--resume", "latest", "-m", PRO)
    assert (0, "Done.") == (done.returncode, done.stdout.strip())


def test_undone_after_use(gemini: Gemini) -> None:
    """The settings are what they were, to the byte."""
    gemini.headless("first", "-m", FLASH)
    gemini.daemon().close()
    assert os.fsencode(SETTINGS_TEXT) != gemini.settings.read_bytes()
    gemini.setup("--undo")
    assert SETTINGS_TEXT.encode() == gemini.settings.read_bytes()
    assert not list(Path(gemini.work).glob(".gemini*"))
