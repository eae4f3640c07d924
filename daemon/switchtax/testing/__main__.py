"""`python -m switchtax.testing AGENT FOLDER`: the contract of an agent, without a test framework.

AGENT is the name of an installed agent; FOLDER holds recorded sessions of it (`recorded_in`).
Exit code 1 means that one check failed, 2 that none could be made.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents import additions, agent_ids, agent_module
from switchtax.errors import SwitchtaxError, UsageError
from switchtax.testing.checks import checks_for
from switchtax.testing.recorded import recorded_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.agents import AgentModule
    from switchtax.testing.checks import Check
    from switchtax.testing.recorded import Recorded

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Check one agent; prints a line a check."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if len(words) != 2:
            raise UsageError("usage: python -m switchtax.testing AGENT FOLDER")
        agent, sessions = _agent(words[0]), recorded_in(Path(words[1]))
    except (SwitchtaxError, OSError) as error:
        print(f"switchtax.testing: {error}", file=sys.stderr)  # noqa: T201
        return 2
    failed = [
        reason
        for session in sessions
        for check in checks_for(session)
        if (reason := _tried(agent, session, check))
    ]
    print(f"{len(failed)} failed" if failed else "The contract is kept.")  # noqa: T201
    return 1 if failed else 0


def _agent(name: str) -> AgentModule:
    """The agent itself: what stands between it and us would hide what it raises."""
    if name not in agent_ids():
        raise UsageError(f"no agent {name!r} is installed (there are: {', '.join(agent_ids())}).")
    added = additions().agents.get(name)
    return added.agent.bare if added else agent_module(name)


def _tried(agent: AgentModule, session: Recorded, check: Check) -> str:
    """Why a check failed; "" where it did not."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check(agent, session, Path(scratch))
        except Exception as error:
            reason = str(error) if isinstance(error, AssertionError) else repr(error)
        else:
            reason = ""
    print(f"{'FAILED' if reason else 'ok':6} {check.__name__}  {reason or session.path.name}")  # noqa: T201
    return reason


if __name__ == "__main__":
    sys.exit(main())
