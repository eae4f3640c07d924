"""What commands print for people: whole texts, at 80 columns, piped (no colour).

`pytest --regen-golden` writes them anew; read the diff aloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import run
from support import CHECKOUT
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("home_dir", "in_utc")

AT = ("--at", str(SAMPLE_AT))
COLD = ("--at", str(SAMPLE_AT + 9_000))
LOG = str(SAMPLE.relative_to(CHECKOUT))
SWITCHES = "tests/contract/claude-code/fixtures/claude-code_2.1.329_tui-e-resume-switch.jsonl"
CODEX = "tests/contract/codex/fixtures/codex_0.169.0_exec-resume-switch.jsonl"

TEXTS = {
    "help": ["--help"],
    "estimate-table": ["estimate", LOG, *AT],
    "estimate-cold-table": ["estimate", LOG, *COLD],
    "estimate-to-one": ["estimate", LOG, *AT, "--to", "sonnet"],
    "estimate-to-three": ["estimate", LOG, *AT, "--to", "fable", "gpt-6.1-sol", "opus"],
    "estimate-to-nonsense": ["estimate", LOG, *AT, "--to", "nonsense"],
    "estimate-explain": ["estimate", LOG, *AT, "--to", "opus-4-5", "--explain"],
    "estimate-explain-nonsense": ["estimate", LOG, *AT, "--to", "nonsense", "--explain"],
    "estimate-codex": ["estimate", CODEX, "--at", "1795247000", "--explain", "--to", "sol"],
    "decide": ["decide", "--session", LOG, *AT, "--models", "opus,sonnet,haiku"],
    "decide-task": ["decide", *AT, "--task", "Why does the queue deadlock? Plan a fix."],
    "status": ["status", LOG, *AT],
    "backtest": ["backtest", LOG],
    "backtest-switches": ["backtest", SWITCHES],
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(
    name: str, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each as it was last read aloud; no line over 80 columns but a path, no colour."""
    monkeypatch.chdir(CHECKOUT)
    found = run(*TEXTS[name])
    assert ("", 0) == (found.err, found.code)
    assert [] == [line for line in found.lines if len(line) > 80 and not line.startswith("  log")]
    assert "\x1b" not in found.out
    golden(name, found.out)


def test_sessions(golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """How long ago the last call was is counted from now."""
    monkeypatch.setattr("switchtax.cli.sessions.time.time", lambda: SAMPLE_AT)
    found = run("sessions", SAMPLE, CHECKOUT / CODEX, CHECKOUT / SWITCHES)
    assert [] == [line for line in found.lines if len(line) > 80]
    golden("sessions", found.out)


@pytest.mark.parametrize("words", [[], ["haiku"], ["sol"], ["nonsense"]], ids=str)
def test_prices_fit_80_columns(words: list[str]) -> None:
    """The numbers change with the table, so they are no golden text."""
    found = run("prices", *words)
    assert [] == [line for line in found.lines if len(line) > 80 and "http" not in line]
    assert "\x1b" not in found.out
