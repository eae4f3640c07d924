"""The real Claude Code where switchtax was told to stand in the way: a hold, a prompt sent back."""

import shutil
import sys
import time
from pathlib import Path

import pytest
from client import Lab, wait_for
from equipped import OPUS, READ, SONNET, Editor, claude

from support import CHECKOUT, OTHER_OS
from switchtax.service.places import places

__all__ = ["claude"]

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

SOON_S = 2.0


def _editor(lab: Lab, press: str | None) -> Editor:
    lab.daemon().close()
    return Editor(places(lab.environment()).socket, lab.work, press)


def test_a_held_switch_is_kept(claude: Lab) -> None:
    """The host is told why; the model and its cache stay; the next try is asked about anew."""
    claude.configure("[claude_code]", "hold_sdk = true")
    with claude.stream("--model", "sonnet") as stream:
        stream.prompt(READ)
        with _editor(claude, "keep") as editor:
            answer = stream.control(subtype="set_model", model="opus")
            assert answer["subtype"] == "error"
            assert "Still on Sonnet 5.5: you kept it in the editor. Opus 5.5 " in answer["error"]
            assert "\n" not in answer["error"]
            again = stream.control(subtype="set_model", model="opus")
            assert again["subtype"] == "error"
        assert [OPUS, OPUS] == [each["to_model"] for each in editor.shown]
        stream.prompt("second")
    bill = claude.bill()[-1]
    assert bill["model"] == SONNET
    assert bill["usage"]["cache_read_input_tokens"] > 60_000


def test_a_held_switch_goes_through(claude: Lab) -> None:
    """Once it is answered, with no error at the host."""
    claude.configure("[claude_code]", "hold_sdk = true")
    with claude.stream("--model", "sonnet") as stream:
        stream.prompt(READ)
        with _editor(claude, "switch") as editor:
            assert stream.control(subtype="set_model", model="opus")["subtype"] == "success"
        (shown,) = editor.shown
        assert shown["from_model"] == SONNET
        assert "Opus 5.5 must re-read 6" in shown["lines"][0]
        assert stream.prompt("second")["is_error"] is False
    assert claude.bill()[-1]["model"] == OPUS


def test_a_held_switch_that_nobody_answers(claude: Lab) -> None:
    """After the hold, and not much later, it goes through; without an editor at once."""
    claude.configure("[claude_code]", "hold_sdk = true", "hold_seconds = 3")
    with claude.stream("--model", "sonnet") as stream:
        stream.prompt(READ)
        with _editor(claude, None) as editor:
            since = time.monotonic()
            assert stream.control(subtype="set_model", model="opus")["subtype"] == "success"
            assert 3 <= time.monotonic() - since < 3 + SOON_S
        assert len(editor.shown) == 1
        since = time.monotonic()
        assert stream.control(subtype="set_model", model="haiku")["subtype"] == "success"
        assert time.monotonic() - since < SOON_S
        assert stream.prompt("second")["is_error"] is False


def test_a_prompt_is_sent_back_once(claude: Lab) -> None:
    """Resumed with another model: nothing is sent or lost; sent again it goes, without a word."""
    claude.configure("[claude_code]", "block_unannounced = true")
    claude.run(READ, "--model", "sonnet")
    claude.daemon().close()
    before = len(claude.bill())
    options = ("--resume", claude.newest().stem, "--model", "opus")
    with claude.terminal(*options) as terminal:
        terminal.wait("Opus 5.5 · ")
        terminal.enter("second")
        screen = terminal.wait("Send it again to go on")
        assert "must re-read" in screen
        assert len(claude.bill()) == before
        assert screen.rpartition("❯\u00a0")[2].lstrip().startswith("second")
        terminal.press("Enter")
        terminal.wait("Done.")
        terminal.prompt("third")
        assert terminal.text().count("Send it again") == 1
        assert "was not announced" not in terminal.text()
    assert claude.bill()[-1]["model"] == OPUS


def test_nobody_there_no_prompt_is_sent_back(claude: Lab) -> None:
    """Under `-p` a block would be lost work."""
    claude.configure("[claude_code]", "block_unannounced = true")
    claude.run(READ, "--model", "sonnet")
    claude.daemon().close()
    said = claude.run("second", "--resume", claude.newest().stem, "--model", "opus")
    assert "Send it again" not in said
    assert claude.bill()[-1]["model"] == OPUS


@pytest.fixture
def module(tmp_path: Path) -> str:
    """A copy of the plugin: the client writes its type declarations beside what it loads."""
    plugin = CHECKOUT / "editors" / "claude-code" / "requests"
    return str(
        shutil.copytree(plugin, tmp_path / "requests", ignore=shutil.ignore_patterns("types"))
    )


@pytest.mark.parametrize(("row", "model"), [("❯ 1.", OPUS), ("❯ 2.", SONNET)])
def test_a_question_before_the_request(claude: Lab, module: str, row: str, model: str) -> None:
    """The hooks module sees the model first: going on is billed it, keeping reads the old cache."""
    claude.setup("--plugin")
    with claude.terminal("--model", "sonnet") as terminal:
        terminal.prompt(READ)
        claude.daemon().close()
    before = len(claude.bill())
    options = ("--resume", claude.newest().stem, "--model", "opus")
    with claude.terminal(*options, "--plugin-dir", module) as terminal:
        terminal.enter("second")
        screen = terminal.wait("Go on with Opus 5.5")
        assert "Opus 5.5 must re-read 6" in screen
        assert len(claude.bill()) == before
        if row not in screen:
            terminal.press("Down")
        terminal.wait(row)

        def answered() -> bool:
            if "Enter to select" in terminal.text():  # it takes no key in its first moment
                terminal.press("Enter")
            return len(claude.bill()) > before

        wait_for("an answer", answered, terminal.text)
        terminal.prompt("third")
    second, third = [each for each in claude.bill()[before:] if each["tools"]]
    assert [model, model] == [second["model"], third["model"]]
    assert (second["usage"]["cache_read_input_tokens"] > 60_000) is (model == SONNET)
    assert third["usage"]["cache_read_input_tokens"] > 60_000


def test_the_hooks_module_asks_nobody_where_nobody_is(claude: Lab, module: str) -> None:
    """Under `-p` the request goes out as it came, quietly."""
    claude.setup("--plugin")
    claude.run(READ, "--model", "sonnet")
    claude.daemon().close()
    options = ("--resume", claude.newest().stem, "--model", "opus", "--plugin-dir", module)
    assert "Done." in claude.run("second", *options)
    assert claude.bill()[-1]["model"] == OPUS
