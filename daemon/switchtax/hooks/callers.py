"""Whether a person sits at the agent that ran a hook: read from the process list, Linux only.

Where it cannot be told, nobody is there: whoever wants to stop a prompt does not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["CALLER", "is_attended"]

CALLER = "SWITCHTAX_CALLER"
"""Among the variables of a hook: the process that ran the hook client."""
_MOST_ABOVE = 4
"""A hook's shell, perhaps a second one, the agent."""
_FIRST_WORDS = 5
"""An interpreter, its options, the script."""


def is_attended(
    env: Mapping[str, str],
    programs: Collection[str],
    headless: Collection[str],
    processes: Path = Path("/proc"),
) -> bool:
    """Whether the agent above a hook reads from a terminal and was not started for one prompt.

    Args:
        env: the variables that the hook client passed on.
        programs: what the agent's program, or its script, is called.
        headless: options that start it for one prompt.
        processes: where the system lists them.
    """
    pid = env.get(CALLER, "")
    for _ in range(_MOST_ABOVE):
        if not pid.isdigit() or int(pid) <= 1:
            return False
        try:
            words = (processes / pid / "cmdline").read_bytes().decode(errors="replace").split("\0")
            names = [word.rpartition("/")[2] for word in words[:_FIRST_WORDS]]
            if any(name in programs for name in names):
                given = {word.partition("=")[0] for word in words}
                return not given & set(headless) and _has_terminal(processes / pid)
            status = (processes / pid / "stat").read_text(errors="replace")
        except OSError:
            return False
        pid = status.rpartition(")")[2].split()[1]
    return False


def _has_terminal(process: Path) -> bool:
    return os.readlink(process / "fd" / "0").startswith(("/dev/pts/", "/dev/tty"))  # noqa: PTH115
