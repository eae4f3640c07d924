"""The real Claude Code with our hooks and status line, as `switchtax setup claude-code` puts them.

What a person sees on the screen, and what the next request is billed. The daemon is started by
the client's own SessionStart hook, inside the lab, and ends with it.
"""

import contextlib
import json
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgpack
import pytest
from client import Lab, Terminal
from equipped import OPUS, READ, SONNET, claude

from support import OTHER_OS

__all__ = ["claude"]

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

OPUS_REBUILD_USD = (5.0 - 0.2) / 1e6
"""What a token costs more that is written for five minutes than one that is read."""

LONGEST, FIRST = 74, 40
"""Characters of a line of the dialog, and those of the first that every terminal shows."""
SHOWN_BAR = 0.02
"""Amounts as shown, rounded to cents, against the bill."""
BAR = 0.03
"""The next call's price as the daemon says it, against the bill."""
SLOWER_S = 1.0
"""What a daemon that does not answer may cost at most."""
LATER = timedelta(minutes=10)
"""The cache lives five minutes."""
OURS = re.compile(r"(?:About )?\$(\d+\.\d+)[^\n]* once: \S+ \S+ must re-read (\d+)k tokens\.")


def _signal(lab: Lab, name: str) -> None:
    """Signal the daemon by the number that it has inside."""
    with lab.daemon() as daemon:
        pid = str(daemon.server["pid"])
    subprocess.run([*lab.entering(), "kill", f"-{name}", pid], check=True, timeout=10)


def _estimate(lab: Lab, model: str) -> dict[str, Any]:
    """What the daemon says of a switch now."""
    with lab.daemon() as daemon:
        told = daemon.call("switch/estimate", {"session": str(lab.newest()), "to": [model]})
    (found,) = told["estimates"]
    return dict(found)


def _question(terminal: Terminal, model: str) -> tuple[str, float]:
    """The question that `/model` brings up, and the seconds until it stands there."""
    since = time.monotonic()
    terminal.enter(f"/model {model}")
    screen = terminal.wait("Enter to confirm")
    return screen[screen.index("Switch model?") :], time.monotonic() - since


def _our_lines(question: str) -> list[str]:
    """What the question holds of ours: two to four lines, short enough, the amount first."""
    lines = [line.strip() for line in question.splitlines()]
    start = next((n for n, line in enumerate(lines) if OURS.match(line)), None)
    assert start is not None, question
    ours = lines[start : lines.index("", start)]
    assert 2 <= len(ours) <= 4, question
    assert max(len(line) for line in ours) <= LONGEST, question
    assert "$" in ours[0][:FIRST], question
    return ours


def _sent(bill: dict[str, Any]) -> int:
    usage = bill["usage"]
    return int(
        usage["input_tokens"]
        + usage["cache_read_input_tokens"]
        + usage["cache_creation_input_tokens"]
    )


def _price(bill: dict[str, Any], prices: dict[str, int]) -> float:
    """Micro-dollars of the input side of a call."""
    usage = bill["usage"]
    written = usage["cache_creation"]
    return (
        usage["input_tokens"] * prices["input"]
        + usage["cache_read_input_tokens"] * prices["cache_read"]
        + written["ephemeral_5m_input_tokens"] * prices["cache_write_5m"]
        + written["ephemeral_1h_input_tokens"] * prices["cache_write_1h"]
    ) / 1e6


def _next(lab: Lab, terminal: Terminal, text: str) -> dict[str, Any]:
    """Send a prompt; the bill of the first call."""
    before = len(lab.bill())
    terminal.prompt(text)
    return lab.bill()[before]


def _age(transcript: Path, by: timedelta) -> None:
    """Make a session that ended long ago of one that has just ended."""

    def earlier(stamp: re.Match[str]) -> str:
        at = datetime.fromisoformat(stamp[0]) - by
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    stamps = re.compile(r"(?<=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?=\")")
    older = transcript.with_suffix(".older")
    older.write_text(stamps.sub(earlier, transcript.read_text()))
    older.replace(transcript)


def test_yes_in_a_warm_session(claude: Lab) -> None:
    """Claude Code's dialog says the amount; the next call is billed it."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        told = _estimate(claude, OPUS)
        question, _ = _question(terminal, "opus")
        first, *_ = _our_lines(question)
        terminal.press("Enter")
        terminal.wait("Set model to")
        bill = _next(claude, terminal, "second")
    assert bill["model"] == OPUS
    assert bill["usage"]["cache_read_input_tokens"] == 0
    prices = told["prices"]["switch"]["usd_micros_per_mtok"]
    shown = OURS.match(first)
    assert shown is not None
    lost = (prices["cache_write_5m"] - prices["cache_read"]) * _sent(bill) / 1e12
    assert float(shown[1]) == pytest.approx(lost, rel=SHOWN_BAR), first
    assert int(shown[2]) * 1000 == pytest.approx(_sent(bill), rel=SHOWN_BAR), first
    foretold = told["prediction"]["at_send"]["predicted_usd_micros"]["mid"]
    assert foretold == pytest.approx(_price(bill, prices), rel=BAR)


def test_no_in_a_warm_session(claude: Lab) -> None:
    """The model stays, and so does its cache; asked again, the same is said."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        claude.daemon().close()
        question, _ = _question(terminal, "opus")
        ours = _our_lines(question)
        terminal.press("Down", "Enter")
        terminal.wait("Kept model as")
        again, _ = _question(terminal, "opus")
        assert _our_lines(again)[0] == ours[0]
        terminal.press("Escape")
        terminal.wait_gone("Enter to confirm")
        bill = _next(claude, terminal, "second")
    assert bill["model"] == SONNET
    assert bill["usage"]["cache_read_input_tokens"] > 60_000


def test_back_while_warm(claude: Lab) -> None:
    """Where next to nothing is to be re-read, nothing of ours stands in the way."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        claude.daemon().close()
        assert OURS.search(terminal.switch("opus"))
        terminal.prompt("second")
        asked = terminal.switch("sonnet")
        assert "must re-read" not in asked
        bill = _next(claude, terminal, "third")
    assert bill["model"] == SONNET
    assert bill["usage"]["cache_read_input_tokens"] > 60_000


def test_a_cold_session(claude: Lab) -> None:
    """Nothing is lost any more: nobody is asked."""
    claude.run(READ, "--model", "sonnet")
    transcript = claude.newest()
    _age(transcript, LATER)
    claude.advance(LATER.total_seconds())
    with claude.terminal("--resume", transcript.stem, "--model", "sonnet") as terminal:
        with claude.daemon() as daemon:
            seen = daemon.call("session/get", {"session": str(transcript)})
        assert seen["cache"]["state"] != "warm"
        assert seen["context_tokens"] > 60_000
        asked = terminal.switch("opus")
        assert "must re-read" not in asked
        assert "hook" not in asked
        bill = _next(claude, terminal, "second")
    assert (bill["model"], bill["usage"]["cache_read_input_tokens"]) == (OPUS, 0)


def _asked_and_kept(terminal: Terminal) -> float:
    """A switch with our words, answered with no; the seconds until the question stood there."""
    question, seconds = _question(terminal, "opus")
    _our_lines(question)
    terminal.press("Escape")
    terminal.wait("Kept model as")
    return seconds


def _asked_without_us(terminal: Terminal, *unsaid: str) -> float:
    """The question as it is without us; the seconds until it stood there."""
    question, seconds = _question(terminal, "opus")
    assert "cached for the current model" in question
    for word in ("must re-read", "hook", *unsaid):
        assert word not in question
    return seconds


@pytest.mark.parametrize("signal", ["STOP", "KILL"])
def test_a_daemon_that_does_not_answer(claude: Lab, signal: str) -> None:
    """Claude Code's own dialog comes as it would without us, and soon."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        claude.daemon().close()
        with_us_s = _asked_and_kept(terminal)
        _signal(claude, signal)
        assert _asked_without_us(terminal) < with_us_s + SLOWER_S
        terminal.press("Enter")
        terminal.wait("Set model to")
        bill = _next(claude, terminal, "second")
    assert bill["model"] == OPUS


@contextlib.contextmanager
def _another_version(lab: Lab) -> Iterator[list[bytes]]:
    """One in its place that speaks another protocol, and says so; what it was sent."""
    folder, sent = lab.folder / "run" / "switchtax", list[bytes]()
    refusal = msgpack.packb([1, 1, [-32002, "this daemon speaks protocol 99"], None])

    class Refusing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            sent.append(self.request.recv(65_536))
            self.request.sendall(refusal)

    with socketserver.ThreadingUnixStreamServer(str(folder / "another"), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (folder / "current").write_text(str(folder / "another"))
        yield sent
        server.shutdown()


def test_a_daemon_of_another_version(claude: Lab) -> None:
    """What it says is no answer to our hook: Claude Code's own dialog comes, and soon."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        claude.daemon().close()
        with_us_s = _asked_and_kept(terminal)
        with _another_version(claude) as sent:
            assert _asked_without_us(terminal, "protocol") < with_us_s + SLOWER_S
            assert any(b"PreModelSwitch" in message for message in sent)
            terminal.press("Enter")
            terminal.wait("Set model to")
            bill = _next(claude, terminal, "second")
    assert bill["model"] == OPUS


@pytest.mark.parametrize("broken", ["crashing", "no python", "no package"])
def test_a_switchtax_that_is_broken(claude: Lab, broken: str) -> None:
    """Python replaced, the package gone, or nonsense said: the switch goes through all the same."""
    settings = claude.home / ".claude" / "settings.json"
    text = settings.read_text()
    python = json.loads(text)["hooks"]["PreModelSwitch"][0]["hooks"][0]["command"].split()[0]
    noisy = claude.folder / "noisy"
    noisy.write_text("#!/bin/sh\necho Traceback\necho Traceback >&2\nexit 2\n")
    noisy.chmod(0o755)
    old, new = {
        "crashing": (f"{python} ", f"{noisy} "),
        "no python": (f"{python} ", "/nowhere/python3 "),
        "no package": ("switchtax/hooks/client.py", "gone/switchtax/hooks/client.py"),
    }[broken]
    assert old in text
    settings.write_text(text.replace(old, new))
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        question, _ = _question(terminal, "opus")
        assert "cached for the current model" in question
        assert "must re-read" not in question
        assert "Traceback" not in question
        terminal.press("Enter")
        terminal.wait("Set model to")
        bill = _next(claude, terminal, "second")
    assert bill["model"] == OPUS


def test_headless_model_command(claude: Lab) -> None:
    """Under `-p` a question would be a refusal: there is none."""
    claude.run(READ, "--model", "sonnet")
    claude.daemon().close()
    shape = ["--output-format", "stream-json", "--verbose"]
    lines = claude.run("/model opus", "--continue", *shape).splitlines()
    result = json.loads(lines[-1])
    assert (result["type"], result["is_error"]) == ("result", False)
    assert result["result"].startswith("Set model to")
    # This one runs the hook twice, the second time with a wrong target.
    assert "Set model to" in claude.run("/model haiku", "--continue")


def test_set_model_over_stream_json(claude: Lab) -> None:
    """A host that switches is never told no."""
    with claude.stream("--model", "sonnet") as stream:
        stream.prompt(READ)
        claude.daemon().close()
        assert "success" == stream.control(subtype="set_model", model="opus")["subtype"]
        result = stream.prompt("second")
    assert result["is_error"] is False
    assert claude.bill()[-1]["model"] == OPUS


def test_a_switch_without_a_hook_is_told(claude: Lab) -> None:
    """`--resume --model` asks nobody; what it cost is said at the next prompt, once."""
    claude.run(READ, "--model", "sonnet")
    claude.daemon().close()
    options = ("--resume", claude.newest().stem, "--model", "opus")
    with claude.terminal(*options) as terminal:
        terminal.prompt("second")
        terminal.prompt("third")
        terminal.wait("went to a switch that was not announced")
        terminal.prompt("fourth")
        assert terminal.text().count("was not announced") == 1


def test_the_status_line(claude: Lab) -> None:
    """After the first answer the meter stands below the input."""
    with claude.terminal("--model", "sonnet") as terminal:
        assert "context ·" not in terminal.text()
        terminal.prompt(READ)
        screen = terminal.wait("k context · cache until")
        meter = next(line.strip() for line in screen.splitlines() if "k context" in line)
        assert meter.startswith("Sonnet 5.5 · ")
        assert round(_sent(claude.bill()[-1]) / 1000) == int(meter.split(" · ")[1].split("k")[0])
        assert " spent" in meter


def test_the_status_line_after_a_switch(claude: Lab) -> None:
    """Right after `/model`, the new model's re-read is said, then its own cache."""
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        terminal.wait("k context · cache until")
        terminal.switch("opus")
        screen = terminal.wait("next: Opus 5.5 re-reads ")
        told = re.search(r"re-reads (\d+)k \(\$(\d+\.\d+)\)", screen)
        assert told is not None
        terminal.prompt("second")
        bill = claude.bill()[-1]
        wrote = bill["usage"]["cache_creation_input_tokens"]
        rebuilt = wrote * OPUS_REBUILD_USD
        assert abs(int(told[1]) * 1_000 - wrote) < SHOWN_BAR * wrote
        assert abs(float(told[2]) - rebuilt) < SHOWN_BAR * rebuilt + 0.005
        terminal.wait(f"Opus 5.5 · {_sent(bill) / 1000:.0f}k context · cache until")
