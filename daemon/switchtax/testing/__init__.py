"""The contract of an agent, to be checked by whoever adds one: our own run through the same.

Plain functions that raise `ContractError`; no test framework is needed. With pytest:

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
        check(agent, session, tmp_path)

Without: `python -m switchtax.testing notebook-agent tests/fixtures`.
"""

from switchtax.testing.checks import Check, ContractError, checks_for
from switchtax.testing.recorded import Billed, Recorded, recorded_in

__all__ = [
    "Billed",
    "Check",
    "ContractError",
    "Recorded",
    "checks_for",
    "recorded_in",
]
