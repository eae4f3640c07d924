"""Every agent that switchtax has keeps the contract that third parties check theirs by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recorded_sessions import RECORDED
from switchtax.agents import AGENT_IDS, agent_module
from switchtax.testing import Check, Recorded, checks_for

if TYPE_CHECKING:
    from pathlib import Path

CASES = [
    pytest.param(agent, check, session, id=f"{agent}-{session.path.stem}-{check.__name__}")
    for agent, session in RECORDED
    for check in checks_for(session)
]


@pytest.mark.parametrize(("agent", "check", "session"), CASES)
def test_the_contract_is_kept(agent: str, check: Check, session: Recorded, tmp_path: Path) -> None:
    """One check of one recorded session."""
    check(agent_module(agent), session, tmp_path)


def test_each_agent_has_sessions_of_known_cost() -> None:
    """The contract says nothing of an agent without recordings."""
    assert set(AGENT_IDS) == {agent for agent, session in RECORDED if session.calls}
