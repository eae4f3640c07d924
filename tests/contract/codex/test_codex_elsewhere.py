"""A session of a terminal that `codex exec` resumed on another model: foretold beside its bill.

Recorded with the real client (`tests/lab/record.py`): GPT-6.1 Sol twice at a screen, then GPT-5.5
and GPT-6.1 Sol without one, each after a summary. Four bytes are a token there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent_reading import of, read_file
from making import BOOK
from switchtax.agents import agent_module
from switchtax.estimates.codex_switch import Restart, restart_of
from switchtax.records import Resumed, SessionInfo
from switchtax.sessions.fold import Session

AGENT = agent_module("codex")
LOG = Path(__file__).parent / "fixtures" / "codex_0.169.0_lab-terminal-then-exec.jsonl"
BILL = LOG.with_suffix(".billing.jsonl")
SOL, OLD = "gpt-6.1-sol", "gpt-5.5"
BAR = 0.02


def _session(folder: Path, turns: int, *, next_begun: bool) -> Session:
    """The session after so many turns, or once the next of them has begun."""
    lines = LOG.read_bytes().splitlines(keepends=True)
    kind, number = (b'"task_started"', turns) if next_begun else (b'"task_complete"', turns - 1)
    last = [place for place, line in enumerate(lines) if kind in line[:200]][number]
    cut = folder / LOG.name
    cut.write_bytes(b"".join(lines[: last + 1]))
    session = Session("codex", "s", str(cut), rules_for=BOOK.rules)
    session.add_all(read_file(AGENT, cut))
    return session


def _restart(session: Session, model: str) -> Restart:
    found = restart_of(session, model, session.last_at)
    assert found is not None
    return found


def _billed(turn: int) -> tuple[dict[str, int], dict[str, int]]:
    """The summary and the first call after it, of the third turn (0) or the fourth (1)."""
    bills: list[dict[str, Any]] = [json.loads(line) for line in BILL.read_text().splitlines()]
    made = [bill["usage"] for bill in bills if bill["purpose"] != "title"][2 + 2 * turn :]
    return made[0], made[1]


@pytest.mark.parametrize(("turns", "model"), [(2, OLD), (3, SOL)])
def test_once_its_turn_has_begun_it_is_foretold(tmp_path: Path, turns: int, model: str) -> None:
    """Both requests, given how long the summary was; the log says then where it goes on."""
    session = _session(tmp_path, turns, next_begun=True)
    asked, first = _billed(turns - 2)
    found = _restart(session, model)
    start = found.start_tokens.mid + asked["output"]
    start += session.growth_of(session.model).prompt_tokens(6, 1)
    assert first["input"] == pytest.approx(start, rel=BAR)
    assert asked["input"] == pytest.approx(found.sent_tokens(session.context_tokens).mid, rel=BAR)


def test_before_that_the_range_holds_it(tmp_path: Path) -> None:
    """Nothing in the log says that `codex exec` will go on with it: a terminal is expected."""
    asked, first = _billed(0)
    start = _restart(_session(tmp_path, 2, next_begun=False), OLD).start_tokens
    assert start.low < first["input"] - asked["output"] < 0.93 * start.mid


def test_a_turn_elsewhere_is_told_with_what_comes_with_it() -> None:
    """Begun at a screen, where permission may be asked for; then resumed twice, without."""
    records = read_file(AGENT, LOG)
    told = of(records, SessionInfo)
    assert {("cli", True)} == {(each.entrypoint, each.asks) for each in told if each.asks}
    assert ("exec", False) == (told[-1].entrypoint, told[-1].asks)
    assert 2 == len(of(records, Resumed))
