"""Old sessions are read behind, by a process of its own at the lowest priority.

What it reads goes into the index of `switchtax usage`. The daemon keeps live sessions alone, so
that neither its answers nor its memory depend on how much history there is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["AFTER_S", "fill"]

_LOG = logging.getLogger(__name__)
AFTER_S = 5.0
"""Seconds from the first look at live sessions: the start belongs to them."""
_LEAVE_S = 2.0
_COMMAND = (sys.executable, "-P", "-m", "switchtax.scan.behind")


async def fill(tell: Callable[[int], None], command: Sequence[str] = _COMMAND) -> None:
    """Have the index brought up to date; ended with this task.

    Args:
        tell: told how many per cent are done.
        command: what does it.

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        cwd="/",
    )
    try:
        tell(0)
        while line := await process.stdout.readline():  # type: ignore[union-attr]
            if line.strip().isdigit():
                tell(int(line))
        code = await process.wait()
        if code:
            _LOG.warning("old sessions could not be read (%d): `switchtax usage` does it", code)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                process.terminate()
                async with asyncio.timeout(_LEAVE_S):
                    await process.wait()
