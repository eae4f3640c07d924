"""The real Codex with our hooks, as `switchtax setup codex` puts them.

What a person sees, and when; what is stopped and what goes through; our numbers against the bill of
a provider whose prompt cache works by itself. The daemon is started by the client's own hook.
"""

import json
import stat
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from apart import wait_for
from codex import Codex, open_codex
from codex_bill import came_true, paid_for, summed_up, totals_are_the_bill
from equipped import Editor
from openai_answers import SUB_AGENT

from agent_reading import calls, read_file
from support import OTHER_OS
from switchtax.agents import agent_module
from switchtax.records import Depth
from switchtax.service.places import places

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

SOL, TERRA, OLD, UNNAMED = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5", "gpt-5.4-mini"
TALK = "[[say 60000]]"
"""Some 15,000 tokens, on top of as many that Codex itself tells the model."""
ANSWER = "[[say 3000]], please"
"""As long as answers usually are."""
OURS = "GPT-6.1 Terra must re-read "
SUMMED_UP = "GPT-5.5 must sum up this session first"
SUMMED_FROM_SOL = SUMMED_UP.replace("GPT-5.5", "GPT-6.1 Sol")
LOW = ("[material]", "rebuild_usd = 0.01")
STOP = ("[codex]", "block_unannounced = true", "stop_compaction = true")
PICKED = '"type":"thread_settings_applied"'


@pytest.fixture
def codex() -> Iterator[Codex]:
    """A lab whose client holds our hooks; at the end our reader finds the bill, call by call."""
    with open_codex() as lab:
        lab.configure(*LOW)
        yield lab
        made = calls(read_file(agent_module("codex"), lab.log(), Depth.USAGE))
        assert [
            (bill["model"], bill["usage"]["input"], bill["usage"]["cached"]) for bill in lab.turns()
        ] == [(call.model, call.usage.sent_tokens, call.usage.cache_read_tokens) for call in made]
        totals_are_the_bill(lab)


def _foretold(lab: Codex, model: str) -> dict[str, Any]:
    return lab.foretold(str(lab.log()), model)


def test_a_switch_is_told_before_its_request(codex: Codex) -> None:
    """Nothing at the pick, where no editor is; with the prompt, before the request, once."""
    with codex.terminal() as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        assert {"", "title"} == {bill["purpose"] for bill in codex.bill()}
        told, picks = _foretold(codex, TERRA), codex.log().read_text().count(PICKED)
        seat.choose(TERRA)
        seat.wait_written(PICKED, picks + 1)
        codex.rest()
        (bill,) = seat.prompt("third")
        assert codex.fired_at("UserPromptSubmit") < bill["t"]
        seat.screen.wait_in_order(f"↳ Hook · {OURS}", "Done.")
        assert TERRA == bill["model"]
        came_true(told, bill)
        seat.prompt("fourth")
        assert 1 == seat.screen.text().count("must re-read")
        seat.choose(SOL, "medium")
        back = _foretold(codex, SOL)
        (bill,) = seat.prompt("fifth")
        assert bill["usage"]["cached"] > 28_000
        came_true(back, bill)


def test_an_editor_is_told_at_the_pick(codex: Codex) -> None:
    """Before any prompt, from the line that Codex writes at once; the hook says it no more."""
    with codex.terminal() as seat:
        seat.prompt(TALK)
        _foretold(codex, TERRA)
        before = len(codex.turns())
        with Editor(places(codex.environment()).socket, codex.work, "ok") as editor:
            seat.choose(TERRA)
            wait_for("a question in the editor", lambda: editor.shown, seat.screen.text)
        assert before == len(codex.turns())
        assert OURS in editor.shown[0]["lines"][0]
        seat.prompt("second")
        assert OURS not in seat.screen.text()


def test_after_a_sub_agent(codex: Codex) -> None:
    """Its own model is no switch; what it sent is paid, but no part of what a switch re-reads."""
    with codex.terminal() as seat:
        seat.prompt(TALK)
        _foretold(codex, TERRA)
        made = seat.prompt("[[task look around]] in a sub-agent")
        assert ([SOL] * 3, [SUB_AGENT]) == (
            [bill["model"] for bill in made],
            [bill["model"] for bill in codex.bill() if bill["purpose"] == "sub-agent"],
        )
        codex.rest()
        assert "must re-read" not in seat.screen.text()
        told = _foretold(codex, TERRA)
        seat.choose(TERRA)
        codex.rest()
        (bill,) = seat.prompt("third")
        seat.screen.wait_in_order(f"↳ Hook · {OURS}", "Done.")
        assert 1 == seat.screen.text().count("must re-read")
        came_true(told, bill)
    assert 2 == len(codex.rollouts())
    assert [str(codex.log())] == [row["path"] for row in codex.said("status")["sessions"]]


def test_another_effort(codex: Codex) -> None:
    """This provider's cache depends on it: the price is foretold; it is no switch of models."""
    with codex.terminal() as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        seat.choose(SOL, "high")
        codex.rest()
        told = _foretold(codex, SOL)
        (bill,) = seat.prompt("third")
        assert ("high", 0) == (bill["effort"], bill["usage"]["cached"])
        came_true(told, bill)
        assert "must re-read" not in seat.screen.text()


def test_resumed_with_another_model(codex: Codex) -> None:
    """The first hook of the session names it; what the request then costs was foretold."""
    codex.run(TALK)
    codex.run("second", resume=True)
    told = _foretold(codex, TERRA)
    codex.run("third", "-m", TERRA, resume=True)
    bill = codex.turns()[-1]
    assert codex.fired_at("SessionStart") < bill["t"]
    assert TERRA == bill["model"]
    came_true(told, bill)


def test_resumed_with_a_model_that_codex_does_not_name(codex: Codex) -> None:
    """It gets other tools, which stand in no log; without a hash nothing is summed up."""
    codex.run(TALK, "-m", OLD)
    codex.run("second", "-m", OLD, resume=True)
    told = _foretold(codex, UNNAMED)
    codex.run("third", "-m", UNNAMED, resume=True)
    bill = codex.turns()[-1]
    assert UNNAMED == bill["model"]
    came_true(told, bill)


def test_a_summary_on_the_old_model_first(codex: Codex) -> None:
    """Between different compaction hashes: told before the summary is paid, with its price.

    Back again the length of the first summary is the guess for the next; and of gpt-5.5 the
    request for it reads nothing.
    """
    with codex.terminal() as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        told = _foretold(codex, OLD)
        assert ["compaction_first"] == told["changes"]
        seat.choose(OLD)
        codex.rest()
        summary, first = seat.prompt(ANSWER)
        assert codex.fired_at("PreCompact") < summary["t"]
        summed_up(told, summary, first)
        seat.prompt("fourth")
        told = _foretold(codex, TERRA)
        assert summary["usage"]["output"] == told["compaction"]["summary_tokens"]["mid"]
        seat.choose(TERRA)
        codex.rest()
        summary, first = seat.prompt(f"again {ANSWER}")
        assert 0 == summary["usage"]["cached"]
        summed_up(told, summary, first)


def test_a_summary_at_another_effort(codex: Codex) -> None:
    """It is written at the effort that is picked with the new model: another cache, read anew.

    Before the pick the range holds that too; after it, it is known.
    """
    with codex.terminal() as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        before = _foretold(codex, OLD)
        seat.choose(OLD, "high")
        codex.rest()
        told = _foretold(codex, OLD)
        summary, first = seat.prompt(ANSWER)
        assert ("high", 0) == (summary["effort"], summary["usage"]["cached"])
        summed_up(told, summary, first)
        assert before["compaction"]["read_tokens"]["low"] == 0
        assert before["next_call"]["switch_usd_micros"]["high"] > paid_for(told, summary, first)


def test_a_summary_where_the_other_window_is_too_small(codex: Codex) -> None:
    """Also between models of one hash: what fills nine tenths of it is summed up first."""
    codex.run("[[say 980000]]", "-m", TERRA)
    codex.run("second", "-m", TERRA, resume=True)
    told, before = _foretold(codex, SOL), len(codex.turns())
    codex.run(ANSWER, "-m", SOL, resume=True)
    summed_up(told, *codex.turns()[before:])


def test_a_session_of_a_terminal_goes_on_without_one(codex: Codex) -> None:
    """The range holds that it is told less then; once the log says so, it is foretold."""
    with codex.terminal() as seat:
        seat.prompt(TALK)
        seat.prompt("second")
    told, before = _foretold(codex, OLD), len(codex.turns())
    codex.run(ANSWER, "-m", OLD, resume=True)
    summary, first = codex.turns()[before:]
    start = told["compaction"]["start_tokens"]
    assert start["low"] < first["usage"]["input"] - summary["usage"]["output"] < start["mid"]
    paid, usd = paid_for(told, summary, first), told["next_call"]["switch_usd_micros"]
    assert usd["low"] <= paid <= usd["high"]
    told = _foretold(codex, TERRA)
    codex.run(f"again {ANSWER}", "-m", TERRA, resume=True)
    summed_up(told, *codex.turns()[before + 2 :])


def test_a_summary_by_openai_itself() -> None:
    """Its request holds the tools, so that the cache is read from gpt-5.5 too."""
    with open_codex("openai") as lab:
        lab.configure(*LOW)
        lab.run(TALK, "-m", OLD)
        lab.run("second", "-m", OLD, resume=True)
        told, before = _foretold(lab, SOL), len(lab.turns())
        lab.run("third", "-m", SOL, resume=True)
        summary, first = lab.turns()[before:]
        assert summary["usage"]["cached"] > 20_000
        summed_up(told, summary, first)


def test_a_prompt_is_stopped_once(codex: Codex) -> None:
    """Where the user wants it: no request; sent again it goes."""
    codex.configure(*LOW, *STOP)
    with codex.terminal() as seat:
        seat.prompt(TALK)
        _foretold(codex, TERRA)
        seat.choose(TERRA)
        codex.rest()
        before = len(codex.turns())
        seat.enter("second")
        assert OURS in seat.screen.wait("Send it again to go on")
        assert before == len(codex.turns())
        (bill,) = seat.prompt("once more")
        assert TERRA == bill["model"]


def test_a_summary_is_stopped_once(codex: Codex) -> None:
    """Before it is paid; a prompt sent again pays it once, and is not stopped after it."""
    codex.configure(*LOW, *STOP)
    with codex.terminal("-m", OLD) as seat:
        seat.prompt(TALK)
        seat.prompt("second")
        _foretold(codex, SOL)
        seat.choose(SOL)
        codex.rest()
        before = len(codex.turns())
        seat.enter("third")
        assert SUMMED_UP in seat.screen.wait("Send it again to go on")
        assert before == len(codex.turns())
        made = seat.prompt("once more")
        assert [("compaction", OLD), ("", SOL)] == [(b["purpose"], b["model"]) for b in made]


def test_a_summary_is_told_and_what_follows_it_never_stopped(codex: Codex) -> None:
    """A prompt that is sent back afterwards would make it paid twice: stops of prompts end here."""
    codex.configure(*LOW, *STOP[:2])
    with codex.terminal() as seat:
        seat.prompt(TALK)
        _foretold(codex, OLD)
        seat.choose(OLD)
        codex.rest()
        summary, first = seat.prompt("second")
        assert codex.fired_at("PreCompact") < summary["t"]
        assert (("compaction", SOL), ("", OLD)) == (
            (summary["purpose"], summary["model"]),
            (first["purpose"], first["model"]),
        )
        screen = seat.screen.wait_in_order(f"↳ Hook · {SUMMED_FROM_SOL}", "Done.")
        assert 1 == screen.count(SUMMED_FROM_SOL)
        assert "Send it again" not in screen


def test_nobody_there_nothing_is_stopped(codex: Codex) -> None:
    """Under `codex exec` a stop would be lost work."""
    codex.configure(*LOW, *STOP)
    codex.run(TALK)
    _foretold(codex, TERRA)
    assert '"text":"Done."' in codex.run("second", "-m", TERRA, resume=True)
    assert '"text":"Done."' in codex.run("third", "-m", OLD, resume=True)
    assert [SOL, TERRA, TERRA, OLD] == [bill["model"] for bill in codex.turns()]


def _hooks(lab: Codex, old: str, new: str) -> None:
    """Our hooks with something else in them, as after an upgrade that went wrong."""
    file = lab.settings / "hooks.json"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_whatever_becomes_of_switchtax(codex: Codex) -> None:
    """Hung, dead, crashing, gone: every prompt is answered."""
    codex.run(TALK)
    pid = codex.daemon().server["pid"]
    for signal, model in (("STOP", TERRA), ("KILL", SOL)):
        codex.signal_process(signal, pid)
        _answered(codex, model)
    command = json.loads((codex.settings / "hooks.json").read_text())["hooks"]["PreCompact"][0]
    python = command["hooks"][0]["command"].partition(" ")[0]
    noisy = codex.folder / "noisy"
    noisy.write_text("#!/bin/sh\necho Traceback\necho Traceback >&2\nexit 2\n")
    noisy.chmod(noisy.stat().st_mode | stat.S_IXUSR)
    _hooks(codex, f'"{python} ', f'"{noisy} ')
    _answered(codex, TERRA)
    _hooks(codex, f'"{noisy} ', '"/nowhere/python3 ')
    _answered(codex, SOL)
    _hooks(codex, "switchtax/hooks/client.py", "gone/switchtax/hooks/client.py")
    _answered(codex, TERRA)


def _answered(lab: Codex, model: str) -> None:
    assert '"text":"Done."' in lab.run("go on", "-m", model, resume=True)
    assert model == lab.turns()[-1]["model"]


def test_taken_away_again(codex: Codex) -> None:
    """After `--undo` no hook of ours is left, and Codex runs without us."""
    file = codex.settings / "hooks.json"
    assert "switchtax" in file.read_text()
    codex.setup("--undo")
    assert not file.exists() or "switchtax" not in file.read_text()
    assert '"text":"Done."' in codex.run("first")
