"""notebook-agent keeps the contract that switchtax's own agents keep."""

from pathlib import Path

import pytest
import switchtax_notebook_agent as agent

from switchtax.testing import checks_for, recorded_in

CASES = [
    pytest.param(check, session, id=f"{session.path.stem}-{check.__name__}")
    for session in recorded_in(Path(__file__).parent / "fixtures")
    for check in checks_for(session)
]


@pytest.mark.parametrize(("check", "session"), CASES)
def test_contract(check, session, tmp_path):
    """One check of one recorded session."""
    check(agent, session, tmp_path)
