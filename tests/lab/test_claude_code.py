"""The real Claude Code against a provider that bills its cache truly: our numbers and the bill.

Every scenario asks `switchtax estimate` beforehand, as a person would, then lets the client send
the next request and holds the estimate against what was billed. Asked a second time on the log as
it stood when the request had just left, the estimate must be right again. At the end the usage
that our reader finds is the bill, call by call.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from client import Lab, Terminal, open_lab, wait_for

from agent_reading import calls, read_file
from support import OTHER_OS, clean_environment
from switchtax.agents import agent_module
from switchtax.records import Depth, Usage

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

AGENT = agent_module("claude-code")

BAR = 0.02
"""Tokens sent and read, and the price of a call that reads nothing."""
WARM_BAR = 0.15
"""Before it is typed, the prompt's own size is unknown, and beside a warm cache it is dear."""
WARM_SENT_BAR = 0.03
"""The price of a warm call once its request is in the log: some thirty tokens of size."""

TOTALS = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
          "calls")  # fmt: skip
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
READ = "[[read notes.txt]] and tell"
NOTES = "a line among the notes that is read\n" * 1_200
COLD_S = 400.0
SENT_S = 1.0
"""Between a request's arrival and when its log is asked: the record of it has come by then."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The input side of the next call as `switchtax estimate` says it."""

    read_tokens: int
    sent_tokens: int
    usd_micros: dict[str, int]
    prices: dict[str, int]


@pytest.fixture
def claude() -> Iterator[Lab]:
    with open_lab() as lab:
        (lab.work / "notes.txt").write_text(NOTES)
        yield lab
        _reads_the_bill(lab)


def _ask(lab: Lab, path: Path, model: str, at: float) -> subprocess.CompletedProcess[str]:
    asked = ["estimate", str(path), "--to", model, "--at", str(at), "--json"]
    return subprocess.run(
        [sys.executable, "-m", "switchtax", *asked],
        env=clean_environment(lab.home),
        capture_output=True,
        text=True,
        check=False,
    )


def _forecast(lab: Lab, model: str, path: Path | None = None, at: float | None = None) -> Forecast:
    done = _ask(lab, path or lab.newest(), model, at or lab.now())
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["estimates"]
    told = found["prediction"]["at_send"]
    return Forecast(
        told["predicted_read_tokens"],
        told["predicted_sent_tokens"],
        told["predicted_usd_micros"],
        found["prices"]["switch"]["usd_micros_per_mtok"],
    )


def _billed(bill: dict[str, Any]) -> tuple[int, int, int, int]:
    usage = bill["usage"]
    split = usage["cache_creation"]
    return (
        usage["input_tokens"],
        usage["cache_read_input_tokens"],
        split["ephemeral_5m_input_tokens"],
        split["ephemeral_1h_input_tokens"],
    )


def _found(usage: Usage) -> tuple[int, int, int, int]:
    return (
        usage.uncached_tokens,
        usage.cache_read_tokens,
        usage.cache_write_5m_tokens,
        usage.cache_write_1h_tokens,
    )


def _usd_micros(bill: dict[str, Any], prices: dict[str, int]) -> float:
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
    return sum(n * prices[k] for n, k in zip(_billed(bill), kinds, strict=True)) / 1e6


def _holds(moment: str, told: Forecast, bill: dict[str, Any], warm_bar: float) -> None:
    """Tokens read and sent, and their price, are those of the bill."""
    read, sent = _billed(bill)[1], sum(_billed(bill))
    price = _usd_micros(bill, told.prices)
    usd = told.usd_micros
    errors = (
        f"{moment}, {bill['model']}: read {told.read_tokens} of {read}, "
        f"sent {told.sent_tokens} of {sent} ({told.sent_tokens / sent - 1:+.2%}), "
        f"usd micros {usd['mid']} of {price:.0f} ({usd['mid'] / price - 1:+.2%})"
    )
    print(f"lab: {errors}")
    assert told.read_tokens == pytest.approx(read, rel=BAR), errors
    assert told.sent_tokens == pytest.approx(sent, rel=BAR), errors
    assert usd["low"] <= price <= usd["high"], errors
    assert usd["mid"] == pytest.approx(price, rel=warm_bar if read else BAR), errors


def _as_sent(lab: Lab, bill: dict[str, Any]) -> Path:
    """The log of a call as it stood when the request had left, beside those of other sessions."""
    path = lab.transcript_of(bill["id"])
    assert path is not None
    lines = path.read_text().splitlines(keepends=True)
    answered = next(n for n, line in enumerate(lines) if f'"id":"{bill["id"]}"' in line)
    asked = max(n for n in range(answered) if '"type":"api-request"' in lines[n])
    cut = lab.folder / "cut" / bill["id"] / path.name
    cut.parent.mkdir(parents=True)
    for other in lab.sessions():
        shutil.copy(other, cut.parent)
    cut.write_text("".join(lines[: asked + 1]))
    return cut


def _foretells(lab: Lab, model: str, send: Callable[[], object]) -> dict[str, Any]:
    """The next call costs what is said now; its bill."""
    told = _forecast(lab, model)
    before = len(lab.bill())
    send()
    bill: dict[str, Any] = lab.bill()[before]
    assert bill["model"] == model
    _holds("before the prompt", told, bill, WARM_BAR)
    sent = _forecast(lab, model, _as_sent(lab, bill), bill["provider_t"] + SENT_S)
    _holds("as it was sent", sent, bill, WARM_SENT_BAR)
    return bill


def _reads_the_bill(lab: Lab) -> None:
    """Our reader finds every call but for those no log has; totals are the bill's."""
    paths = [*lab.sessions(), *lab.home.rglob("subagents/*.jsonl")]
    made = [call for path in paths for call in calls(read_file(AGENT, path, Depth.USAGE))]
    made.sort(key=lambda call: call.id)  # they are numbered as they came
    logged = [bill for bill in lab.bill() if not bill["purpose"]]
    assert [(b["model"], _billed(b)) for b in logged] == [(c.model, _found(c.usage)) for c in made]
    for model, row in lab.totals().items():
        own = [_billed(bill) for bill in logged if model == bill["model"]]
        sums = [sum(column) for column in zip(*own, strict=True)]
        assert [*sums, len(own)] == [row[name] for name in TOTALS]


def _turn(terminal: Terminal, text: str) -> Callable[[], None]:
    return lambda: terminal.prompt(text)


def test_warm_session_then_model(claude: Lab) -> None:
    """Nothing of the other model is warm: all is written again. Without us no amount is shown."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.prompt("second")
        asked = terminal.switch("opus")
        assert "cached for the current model" in asked
        assert "$" not in asked
        bill = _foretells(claude, OPUS, _turn(terminal, "third"))
    assert 0 == _billed(bill)[1]


def test_a_model_from_the_picker(claude: Lab) -> None:
    """The picker asks the same question and says as little."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.prompt("second")
        assert "cached for the current model" in terminal.pick("Up", "Up")
        _foretells(claude, OPUS, _turn(terminal, "third"))


def test_a_full_model_name_is_probed(claude: Lab) -> None:
    """The client asks the target a few words first; the probe warms nothing and is in no log."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.switch(OPUS)
        (probe,) = [bill for bill in claude.bill() if bill["purpose"]]
        assert (OPUS, "side") == (probe["model"], probe["purpose"])
        assert sum(_billed(probe)) < 100
        bill = _foretells(claude, OPUS, _turn(terminal, "second"))
    assert 0 == _billed(bill)[1]


def test_asked_but_not_switched(claude: Lab) -> None:
    """A switch that was looked at and left alone changes nothing."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.command("/model opus", "Enter to confirm")
        terminal.press("Escape")
        terminal.wait("Kept model as")
        bill = _foretells(claude, SONNET, _turn(terminal, "second"))
    assert _billed(bill)[1] > 20_000


def test_switch_back_while_warm(claude: Lab) -> None:
    """The first model's cache is still there: only what was added since is written."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.switch("opus")
        terminal.prompt("second")
        terminal.switch("sonnet")
        bill = _foretells(claude, SONNET, _turn(terminal, "third"))
    assert _billed(bill)[1] > 20_000


def test_two_models_in_turns(claude: Lab) -> None:
    """From the second round on every change is a small one."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        for number, (name, model) in enumerate([("opus", OPUS), ("sonnet", SONNET)] * 2):
            terminal.switch(name)
            _foretells(claude, model, _turn(terminal, f"turn {number}"))


def test_shared_start_is_warm(claude: Lab) -> None:
    """Another session has the target's tools and instructions in the cache."""
    claude.run(READ, "--model", "opus")
    claude.run("other " + READ, "--model", "sonnet")
    bill = _foretells(claude, OPUS, lambda: claude.run("second", "--continue", "--model", "opus"))
    assert 0 < _billed(bill)[1] < 20_000


def test_cold_session(claude: Lab) -> None:
    """After the cache's life coming back costs in full, and so does staying."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.switch("opus")
        terminal.prompt("second")
        claude.advance(COLD_S)
        terminal.switch("sonnet")
        bill = _foretells(claude, SONNET, _turn(terminal, "third"))
        assert 0 == _billed(bill)[1]
        claude.advance(COLD_S)
        bill = _foretells(claude, SONNET, _turn(terminal, "fourth"))
        assert 0 == _billed(bill)[1]


def test_continue_with_another_model(claude: Lab) -> None:
    """`-p --continue --model`, there and back."""
    claude.run(READ, "--model", "sonnet")
    for text, name, model in (("second", "opus", OPUS), ("third", "sonnet", SONNET)):
        options = ("--continue", "--model", name)
        _foretells(claude, model, lambda text=text, o=options: claude.run(text, *o))


def test_resume_with_another_model_in_the_terminal(claude: Lab) -> None:
    """`--resume --model` asks nobody."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
    session = claude.newest().stem
    with claude.terminal("--resume", session, "--model", "opus") as terminal:
        _foretells(claude, OPUS, _turn(terminal, "second"))


def test_set_model_over_stream_json(claude: Lab) -> None:
    """A host that switches is never told no."""
    with claude.stream("--model", "sonnet") as stream:
        stream.prompt(READ)
        for text, name, model in (("second", "opus", OPUS), ("third", "sonnet", SONNET)):
            assert "success" == stream.control(subtype="set_model", model=name)["subtype"]
            _foretells(claude, model, lambda text=text: stream.prompt(text))


def test_after_clear(claude: Lab) -> None:
    """A cleared session has nothing to re-read, and its next model change is small."""
    with claude.terminal("--model", "sonnet") as terminal:
        _clear(claude, terminal)
        assert "" == terminal.switch("opus")
        done = _ask(claude, claude.newest(), OPUS, claude.now())
        assert 2 == done.returncode
        assert "costs nothing extra now" in done.stderr
        terminal.prompt("second")
        claude.advance(COLD_S)
        terminal.switch("sonnet")
        bill = _foretells(claude, SONNET, _turn(terminal, "third"))
    assert sum(_billed(bill)) < 20_000


def test_the_start_is_warm_after_clear(claude: Lab) -> None:
    """Tools and instructions outlive the conversation."""
    with claude.terminal("--model", "sonnet") as terminal:
        _clear(claude, terminal)
        terminal.switch("opus")
        terminal.prompt("second")
        terminal.switch("sonnet")
        _foretells(claude, SONNET, _turn(terminal, "third"))


def _clear(lab: Lab, terminal: Terminal) -> None:
    terminal.prompt(READ)
    before = lab.newest()
    terminal.enter("/clear")
    terminal.wait_gone("Done.")
    wait_for("a new transcript", lambda: lab.newest() != before)


@pytest.mark.parametrize(("name", "model"), [("sonnet", SONNET), ("haiku", HAIKU)])
def test_effort(claude: Lab, name: str, model: str) -> None:
    """A change of effort keeps these models' cache: the client writes it into a message."""
    with claude.terminal("--model", name) as terminal:
        terminal.prompt(READ)
        terminal.prompt("second")
        terminal.command("/effort high", "Set effort level to high")
        bill = _foretells(claude, model, _turn(terminal, "third"))
    assert "high" == bill["effort"]
    assert _billed(bill)[1] > 20_000


def test_switch_back_after_many_tool_calls(claude: Lab) -> None:
    """The look-back from the end does not reach the first model's entry any more."""
    for number in range(12):
        (claude.work / f"part-{number}.txt").write_text(f"part {number}\n" * 20)
    parts = " ".join(f"[[read part-{number}.txt]]" for number in range(12))
    claude.run(READ, "--model", "sonnet")
    claude.run(parts, "--continue", "--model", "opus")
    back = ("--continue", "--model", "sonnet")
    _foretells(claude, SONNET, lambda: claude.run("third", *back))


def test_switch_after_a_sub_agent(claude: Lab) -> None:
    """What a sub-agent sent and read is its own: the switch re-reads the main chain alone."""
    with claude.terminal("--model", "sonnet", "--permission-mode", "acceptEdits") as terminal:
        terminal.prompt("[[read notes.txt]] [[task [[read notes.txt]] and tell]]")
        models = [bill["model"] for bill in claude.bill()]
        terminal.switch("opus")
        bill = _foretells(claude, OPUS, _turn(terminal, "second"))
    assert 4 <= len(models)
    assert 0 == _billed(bill)[1]


def test_compaction_is_in_no_log(claude: Lab) -> None:
    """What `/compact` pays for its summary is billed, and no log tells it."""
    with claude.terminal("--model", "sonnet") as terminal:
        _compact(terminal)
        terminal.prompt("third")
    assert ["compaction"] == [bill["purpose"] for bill in claude.bill() if bill["purpose"]]


def test_after_compaction(claude: Lab) -> None:
    """The next call sends a summary behind a warm start."""
    with claude.terminal("--model", "sonnet") as terminal:
        _compact(terminal)
        _foretells(claude, SONNET, _turn(terminal, "third"))


def _compact(terminal: Terminal) -> None:
    terminal.prompt(READ)
    terminal.prompt("second")
    terminal.command("/compact", "Compacted")
