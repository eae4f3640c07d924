"""The real pi with our extension, as `switchtax setup pi` puts it.

What a person sees on the screen and when, what is set back or let through, and what the next
request is billed. The daemon is started by the extension, inside the lab, and ends with it. pi has
neither sub-agents nor calls for titles: every call is the conversation's.
"""

import contextlib
import json
import sys
from collections.abc import Iterator

import pytest
from messages_bill import came_true, counts
from pi import OPUS, SONNET, Pi, open_pi

from agent_reading import calls, read_file
from hook_doors import FakeDaemon
from support import OTHER_OS
from switchtax.agents import agent_module
from switchtax.records import Depth

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

TALK = "[[say 60000]]"
"""Some 15,000 tokens."""
OURS = "Opus 5.5 must re-read "
LOW = ("[material]", "rebuild_usd = 0.01")
HOLD = ("[pi]", "hold = true")
WARM = 14_000
TOTALS = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "calls")


@pytest.fixture
def pi() -> Iterator[Pi]:
    """A lab whose client holds our extension; at the end our reader finds the bill."""
    with open_pi() as lab:
        lab.configure(*LOW)
        yield lab
        made = calls(read_file(agent_module("pi"), lab.log(), Depth.USAGE))
        usages = [(call.model, call.usage) for call in made]
        assert [(bill["model"], *counts(bill)) for bill in lab.bill()] == [
            (model, used.uncached_tokens, used.cache_read_tokens, used.cache_write_5m_tokens)
            for model, used in usages
        ]
        for model, row in lab.totals().items():
            own = [counts(bill) for bill in lab.bill() if model == bill["model"]]
            sums = [sum(column) for column in zip(*own, strict=True)]
            assert [*sums, len(own)] == [row[name] for name in TOTALS]


def test_a_model_chosen_in_the_terminal(pi: Pi) -> None:
    """The notice comes at the pick, before anything is sent, once; the way back costs little."""
    with pi.terminal(SONNET) as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        before, told = len(pi.bill()), pi.foretold(str(pi.log()), OPUS)
        seat.choose(OPUS)
        seat.screen.wait(f"Warning: {OURS}")
        seat.screen.wait("next: Opus 5.5 re-reads ")
        assert before == len(pi.bill())
        bill = seat.prompt("third")
        assert (OPUS, 0) == (bill["model"], counts(bill)[1])
        came_true(told, bill)
        back = pi.foretold(str(pi.log()), SONNET)
        seat.choose(SONNET)
        bill = seat.prompt("fourth")
        assert SONNET == bill["model"]
        assert counts(bill)[1] > WARM
        came_true(back, bill)
        assert 1 == seat.screen.text().count("must re-read")


def test_resumed_with_another_model(pi: Pi) -> None:
    """pi itself says nothing of it; ours stands there before the first prompt."""
    pi.run(TALK, SONNET)
    pi.run("second", SONNET, "--continue")
    before, told = len(pi.bill()), pi.foretold(str(pi.log()), OPUS)
    with pi.terminal(OPUS, "--continue") as seat:
        seat.screen.wait(OURS)
        assert before == len(pi.bill())
        bill = seat.prompt("third")
        assert OPUS == bill["model"]
        came_true(told, bill)
        assert 1 == seat.screen.text().count("must re-read")


def test_another_level_of_thinking(pi: Pi) -> None:
    """A model of one's own is sent it as a budget: all but tools and system prompt is re-read."""
    with pi.terminal(SONNET) as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        seat.think_harder()
        pi.rest()
        told = pi.foretold(str(pi.log()), SONNET)
        bill = seat.prompt("third")
        assert 0 < counts(bill)[1] < WARM
        came_true(told, bill)
        kept = pi.foretold(str(pi.log()), SONNET)
        bill = seat.prompt("fourth")
        assert counts(bill)[1] > WARM
        came_true(kept, bill)
        assert "must re-read" not in seat.screen.text()


def test_another_level_that_is_sent_as_an_effort(pi: Pi) -> None:
    """Where the settings of a model of one's own say so: nothing of its cache is read."""
    pi.send_efforts(SONNET)
    with pi.terminal(SONNET) as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        seat.think_harder()
        pi.rest()
        told = pi.foretold(str(pi.log()), SONNET)
        bill = seat.prompt("third")
        assert 0 == counts(bill)[1]
        came_true(told, bill)


def test_asked_first(pi: Pi) -> None:
    """Where that is turned on, "no" sets the old model back; chosen again, it goes."""
    pi.configure(*LOW, *HOLD)
    with pi.terminal(SONNET) as seat:
        seat.prompt(TALK)
        pi.foretold(str(pi.log()), OPUS)
        seat.choose(OPUS)
        seat.screen.wait(OURS)
        seat.screen.press("Escape")
        seat.wait_chosen(SONNET)
        assert SONNET == seat.prompt("second")["model"]
        seat.choose(OPUS)
        seat.screen.wait("Yes")
        seat.screen.press("Enter")
        assert OPUS == seat.prompt("third")["model"]


def test_nobody_there(pi: Pi) -> None:
    """Under `-p` nothing is asked, and what is printed stays what it was."""
    pi.configure(*LOW, *HOLD)
    pi.run(TALK, SONNET)
    pi.foretold(str(pi.log()), OPUS)
    assert "Done.\n" == pi.run("second", OPUS, "--continue")
    assert OPUS == pi.bill()[-1]["model"]


def test_whatever_becomes_of_switchtax(pi: Pi) -> None:
    """Hung, dead, answering nonsense, gone: every prompt is answered, and nothing else said."""
    pi.run(TALK, SONNET)
    pid = pi.daemon().server["pid"]
    for signal, model in (("STOP", OPUS), ("KILL", SONNET)):
        pi.signal_process(signal, pid)
        _answered(pi, f"after {signal}", model)
    for answer in (b"no JSON", b"", b'{"lines": 7, "question": []}'):
        framed = len(answer).to_bytes(4, "big") + answer
        with FakeDaemon(pi.folder / "run", lambda _, given=framed: given):
            _answered(pi, f"answered {answer!r}", OPUS)
    python = f"const PYTHON = {json.dumps(sys.executable)}\n"
    text = pi.plugin.read_text()
    assert python in text
    pi.plugin.write_text(text.replace(python, 'const PYTHON = "/gone/python"\n'))
    for name in ("current", "tried"):
        with contextlib.suppress(FileNotFoundError):
            (pi.folder / "run" / "switchtax" / name).unlink()
    _answered(pi, "without Python", SONNET)


def _answered(lab: Pi, prompt: str, model: str) -> None:
    assert "Done.\n" == lab.run(prompt, model, "--continue")
    assert model == lab.bill()[-1]["model"]


def test_taken_away_again(pi: Pi) -> None:
    """After `--undo` our file is gone, and pi runs without us."""
    assert pi.plugin.exists()
    pi.setup("--undo")
    assert not pi.plugin.exists()
    assert "Done.\n" == pi.run("first", SONNET)
