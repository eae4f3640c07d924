"""The real Copilot CLI with our extension, which it loads where experimental features are on.

What a person sees at the pick, what is set back or goes through, and what becomes of prompts when
extension or daemon do not answer.
"""

import sys
from collections.abc import Iterator

import pytest
from apart import wait_for
from copilot import OPUS, SONNET, Copilot, open_copilot
from messages_bill import came_true

from support import OTHER_OS

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

TALK = "[[say 400]]"
"""With it the screen holds all: the client does not always scroll down."""
OURS = "Opus 5.5 must re-read "
QUESTION = "Switch from Sonnet 5.5 to Opus 5.5?"
LOW = ("[material]", "rebuild_usd = 0.01")
HOLD = ("[copilot_cli]", "hold = true")


@pytest.fixture
def copilot() -> Iterator[Copilot]:
    with open_copilot() as lab:
        lab.configure(*LOW)
        yield lab


def test_said_at_the_pick(copilot: Copilot) -> None:
    """Before anything is sent, once: the hook at the prompt does not say it again."""
    with copilot.extended() as terminal:
        terminal.prompt(TALK)
        told = copilot.foretold(str(copilot.log()), OPUS)
        before = len(copilot.bill())
        terminal.switch(OPUS)
        terminal.screen.wait(OURS)
        assert before == len(copilot.bill())
        copilot.rest()
        (bill,) = terminal.prompt("second")
        assert OPUS == bill["model"]
        came_true(told, bill)
        assert 1 == terminal.screen.text().count(OURS)


def test_resumed_with_another_model(copilot: Copilot) -> None:
    """It stands there before the first prompt."""
    with copilot.extended() as terminal:
        terminal.prompt(TALK)
    before = len(copilot.bill())
    with copilot.extended("--continue", "--model", OPUS) as terminal:
        terminal.screen.wait(OURS)
        assert before == len(copilot.bill())
        copilot.rest()
        (bill,) = terminal.prompt("second")
        assert OPUS == bill["model"]
        assert 1 == terminal.screen.text().count(OURS)


def test_asked_first(copilot: Copilot) -> None:
    """Where that is turned on, "no" sets the old model back; asked again, "yes" lets it go."""
    copilot.configure(*LOW, *HOLD)
    with copilot.extended() as terminal:
        terminal.prompt(TALK)
        terminal.switch(OPUS)
        assert OURS in terminal.screen.wait(QUESTION)
        terminal.screen.press("Escape")
        wait_for("the old model", lambda: _chosen(copilot) == SONNET, terminal.screen.text)
        (bill,) = terminal.prompt("second")
        assert SONNET == bill["model"]
        terminal.switch(OPUS)
        terminal.screen.wait(QUESTION)
        terminal.screen.press("Enter")
        copilot.rest()
        (bill,) = terminal.prompt("third")
        assert OPUS == bill["model"]


def _chosen(lab: Copilot) -> str:
    """The model chosen last."""
    return str(lab.events("session.model_change")[-1]["data"]["newModel"])


@pytest.mark.parametrize("signal", ["STOP", "KILL"])
def test_a_daemon_that_does_not_answer(copilot: Copilot, signal: str) -> None:
    """Dead or hung, even with the question wanted: the switch and its prompt go through."""
    copilot.configure(*LOW, *HOLD)
    with copilot.extended() as terminal:
        terminal.prompt(TALK)
        copilot.signal_daemon(signal)
        terminal.switch(OPUS)
        (bill,) = terminal.prompt("second")
        assert OPUS == bill["model"]
        assert QUESTION not in terminal.screen.text()


@pytest.mark.parametrize("broken", ["for (;;) {}", "throw new Error('broken')", "process.exit(3)"])
def test_an_extension_that_is_broken(copilot: Copilot, broken: str) -> None:
    """Hung, crashing or gone at the pick: the switch and its prompt go through."""
    text = copilot.plugin.read_text()
    asked = "      await chosen(session, event.data)\n"
    assert asked in text
    copilot.plugin.write_text(text.replace(asked, f"      setTimeout(() => {{ {broken} }})\n"))
    with copilot.extended() as terminal:
        terminal.prompt(TALK)
        terminal.switch(OPUS)
        (bill,) = terminal.prompt("second")
        assert OPUS == bill["model"]
