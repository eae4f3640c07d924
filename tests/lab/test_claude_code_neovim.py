"""The real Claude Code and the real Neovim in one folder: meter, question, key, hook."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import Lab
from equipped import OPUS, READ, SONNET, claude

from neovim import Neovim, embedded
from support import OTHER_OS

__all__ = ["claude"]

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

QUESTION = "[k] Keep Sonnet 5.5"
TAKES_KEYS_MS = 350
HOLD_S, SOON_S = 15, 5.0
"""An answer so soon is the key's: without one a switch goes through at the end of the hold."""


def _press(neovim: Neovim, key: str) -> None:
    """Press a key once the question takes it."""
    neovim.lua("vim.wait(...)", TAKES_KEYS_MS)
    neovim.press(key)


@pytest.mark.parametrize(
    ("key", "told", "model", "meter"),
    [
        pytest.param("k", "error", SONNET, "Sonnet 5.5 · 6", id="keep"),
        pytest.param("s", "success", OPUS, "Opus 5.5 · 6", id="switch"),
    ],
)
def test_a_key_in_neovim_answers_the_hook(
    claude: Lab, key: str, told: str, model: str, meter: str
) -> None:
    """The meter follows the session; the switch waits for the key, and does as it says."""
    kept = model == SONNET
    claude.configure("[claude_code]", "hold_sdk = true", f"hold_seconds = {HOLD_S}")
    environment, inside = claude.environment(), claude.entering()
    with (
        claude.stream("--model", "sonnet") as stream,
        embedded(claude.work, environment, inside=inside) as neovim,
        ThreadPoolExecutor(1) as host,
    ):
        stream.prompt(READ)
        neovim.shows("Sonnet 5.5 · 6")
        waiting = host.submit(stream.control, subtype="set_model", model="opus")
        assert "Opus 5.5 must re-read 6" in neovim.shows(QUESTION)
        assert not waiting.done()
        _press(neovim, key)
        answer = waiting.result(SOON_S)
        neovim.shows_no_more(QUESTION)
        assert told == answer["subtype"]
        assert kept is ("you kept it in the editor" in answer.get("error", ""))
        assert stream.prompt("second")["is_error"] is False
        neovim.shows(meter)
    bill = claude.bill()[-1]
    assert model == bill["model"]
    assert kept is (bill["usage"]["cache_read_input_tokens"] > 60_000)
