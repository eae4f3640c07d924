"""The real OpenCode with our plugin, as `switchtax setup opencode` puts it.

What a person sees on the screen and when, what is held or let through, and what the next request
is billed. The daemon is started by the plugin, inside the lab, and ends with it.
"""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from messages_bill import BAR, came_true, counts
from opencode import HAIKU, OPUS, SONNET, OpenCode, open_opencode

from agent_reading import calls
from hook_doors import FakeDaemon
from support import OTHER_OS
from switchtax.agents import agent_module
from switchtax.records import Depth

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

AGENT = agent_module("opencode")
SHOWN = re.compile(r"Opus 5\.5 must re-read (\d+)k tokens \(\$(\d+\.\d+) once\)")
READ = "[[read notes.txt]] and tell"
WITH_SUB_AGENT = "[[read notes.txt]] [[task tell]]"
WORTH_A_WORD = ("[material]", "rebuild_usd = 0.05")
HOLD = ("[opencode]", "hold = true")
OURS = "must re-read"
WARM = 20_000
JUST_BEFORE_S = 0.01
TOTALS = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "calls")


@pytest.fixture
def opencode() -> Iterator[OpenCode]:
    """A lab whose client holds our plugin; at the end our reader finds the bill, call by call."""
    with open_opencode() as lab:
        lab.configure(*WORTH_A_WORD)
        assert "waits for it" in lab.setup()
        lab.bring_plugin_package()
        yield lab
        _reads_the_bill(lab)


def _reads_the_bill(lab: OpenCode) -> None:
    """Our reader finds every call, sub-agents' too, but for titles, which no log has."""
    (source,) = AGENT.find(lab.database)
    found = [
        (c.model, c.usage.uncached_tokens, c.usage.cache_read_tokens, c.usage.cache_write_5m_tokens)
        for c in calls(AGENT.read(source, None, Depth.USAGE).records)
    ]
    billed = [(b["model"], *counts(b)) for b in lab.bill() if b["tools"]]
    assert sorted(billed) == sorted(found)
    for model, row in lab.totals().items():
        own = [rest for name, *rest in billed if name == model]
        sums = [sum(column) for column in zip(*own, strict=True)]
        assert [*sums, len(own)] == [row[name] for name in TOTALS]


def _says_the_bill(toast: str, told: dict[str, Any], bill: dict[str, Any]) -> None:
    """The amount as shown is the bill's, rounded to cents: written, less what reading costs."""
    shown = SHOWN.search(toast)
    assert shown is not None, toast
    written = counts(bill)[2]
    assert int(shown[1]) * 1_000 == pytest.approx(written, rel=BAR)
    prices = told["prices"]["switch"]["usd_micros_per_mtok"]
    rebuild = written * (prices["cache_write_5m"] - prices["cache_read"]) / 1e12
    assert float(shown[2]) == pytest.approx(rebuild, abs=0.006)


def test_a_model_chosen_in_the_terminal(opencode: OpenCode) -> None:
    """The toast comes at the pick, before anything is sent, once; the way back costs little."""
    with opencode.terminal() as seat:
        seat.prompt(WITH_SUB_AGENT)
        purposes = [(bill["model"], bill["purpose"]) for bill in opencode.bill()]
        assert {(HAIKU, "side"), (HAIKU, ""), (SONNET, "")} == set(purposes)
        assert OURS not in seat.screen.text(), "the model of a sub-agent is no switch"
        assert [opencode.session()] == [row["id"] for row in opencode.said("status")["sessions"]]
        before, told = len(opencode.bill()), opencode.foretold(opencode.session(), OPUS)
        seat.choose("opus")
        toast = seat.toast()
        assert before == len(opencode.bill())
        assert "If this session goes on with the model just chosen:" in toast
        bill = seat.prompt("second")
        assert (OPUS, 0) == (bill["model"], counts(bill)[1])
        came_true(told, bill)
        _says_the_bill(toast, told, bill)
        seat.wait_gone(OURS)
        back = opencode.foretold(opencode.session(), SONNET)
        seat.choose("sonnet")
        bill = seat.prompt("third")
        assert SONNET == bill["model"]
        assert counts(bill)[1] > WARM
        came_true(back, bill)
        assert OURS not in seat.screen.text()


def test_another_effort(opencode: OpenCode) -> None:
    """The cache starts over: the log tells it with the prompt; it is no switch, nothing is said."""
    with opencode.terminal() as seat:
        seat.prompt(READ)
        seat.screen.press("C-t")
        seat.screen.wait("sonnet anthropic · low")
        bill = seat.prompt("second")
        assert (SONNET, "low", 0) == (bill["model"], bill["effort"], counts(bill)[1])
        came_true(_said_before(opencode, bill), bill)
        assert OURS not in seat.screen.text()


def _said_before(lab: OpenCode, bill: dict[str, Any]) -> dict[str, Any]:
    """What the log told of the last request when its prompt stood there."""
    (source,) = AGENT.find(lab.database)
    sent_at = calls(AGENT.read(source, None, Depth.USAGE).records)[-1].started_at
    at = str(sent_at - JUST_BEFORE_S)
    (told,) = lab.said("estimate", lab.session(), "--to", bill["model"], "--at", at)["estimates"]
    return dict(told)


def test_resumed_with_another_model(opencode: OpenCode) -> None:
    """Nobody picked anything: it is said when the prompt is sent, before the call, once."""
    opencode.run(READ, SONNET)
    told, before = opencode.foretold(opencode.session(), OPUS), len(opencode.bill())
    with opencode.watched_run("second", "--continue", "-m", f"anthropic/{OPUS}") as screen:
        seen = screen.wait_in_order(OURS, "Done.")
    bill = opencode.bill()[before]
    assert opencode.fired_at("chat.message") < bill["t"]
    assert OPUS == bill["model"]
    came_true(told, bill)
    _says_the_bill(" ".join(seen.split()), told, bill)
    with opencode.watched_run("third", "--continue", "-m", f"anthropic/{OPUS}") as screen:
        assert OURS not in screen.wait("Done.")
    assert counts(opencode.bill()[-1])[1] > WARM


def test_a_prompt_is_stopped_once(opencode: OpenCode) -> None:
    """Where that is turned on: the reason is shown and nothing billed; sent again, it goes."""
    opencode.configure(*WORTH_A_WORD, *HOLD)
    with opencode.terminal() as seat:
        seat.prompt(READ)
        opencode.foretold(opencode.session(), OPUS)
        seat.choose("opus")
        seat.toast()
        seat.wait_gone(OURS)
        before = len(opencode.bill())
        seat.enter("second")
        assert OURS in seat.screen.wait("Send it again to go on")
        assert before == len(opencode.bill())
        assert OPUS == seat.prompt("second, again")["model"]
        assert OPUS == seat.prompt("third")["model"]


def test_nobody_there_nothing_is_stopped(opencode: OpenCode) -> None:
    """`opencode run` goes through: a stop would be lost work."""
    opencode.configure(*WORTH_A_WORD, *HOLD)
    opencode.run(READ, SONNET)
    assert OURS not in opencode.run("second", OPUS, "--continue")
    assert OPUS == opencode.bill()[-1]["model"]


def test_whatever_becomes_of_switchtax(opencode: OpenCode) -> None:
    """Hung, dead, answering nonsense, gone: every prompt is answered."""
    opencode.run(READ, SONNET)
    pid = opencode.daemon().server["pid"]
    for signal, model in (("STOP", OPUS), ("KILL", SONNET)):
        opencode.signal_process(signal, pid)
        _answered(opencode, f"after {signal}", model)
    for answer in (b"no JSON", b"", b'{"toast": 7, "stop": []}'):
        framed = len(answer).to_bytes(4, "big") + answer
        with FakeDaemon(opencode.folder / "run", lambda _, given=framed: given):
            _answered(opencode, f"answered {answer!r}", OPUS)
    python = f"const PYTHON = {json.dumps(sys.executable)}\n"
    text = opencode.plugin.read_text()
    assert python in text
    opencode.plugin.write_text(text.replace(python, 'const PYTHON = "/gone/python"\n'))
    for name in ("current", "tried"):
        with contextlib.suppress(FileNotFoundError):
            (opencode.folder / "run" / "switchtax" / name).unlink()
    _answered(opencode, "without Python", SONNET)


def _answered(lab: OpenCode, prompt: str, model: str) -> None:
    assert "Done." in lab.run(prompt, model, "--continue")
    assert model == lab.bill()[-1]["model"]


def test_taken_away_again(opencode: OpenCode) -> None:
    """After `--undo` the folder is as it was, and OpenCode runs without us."""
    before = opencode.files()
    opencode.setup("--undo")
    left = opencode.files()
    assert {"plugin/switchtax.js"} == set(before) - set(left)
    assert left.items() <= before.items()
    opencode.run("first", SONNET)
