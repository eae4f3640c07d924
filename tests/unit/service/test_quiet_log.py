"""The daemon's log names no project, whoever writes to it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from switchtax.service.quiet_log import keep_loop_quiet

if TYPE_CHECKING:
    import pytest

SCRIPT = """
import logging, threading, warnings
from switchtax.service.quiet_log import prepare_log
prepare_log()
logging.getLogger("watchdog.observers").warning("watching %r", "/home/dev/secret")
warnings.warn("watch </home/dev/secret> is there already", RuntimeWarning)
try:
    open("/home/dev/secret")
except OSError:
    logging.getLogger("other").exception("/home/dev/secret")
thread = threading.Thread(target=open, args=("/home/dev/secret",), name="worker")
thread.start()
thread.join()
logging.getLogger("switchtax.service.run").info("said by us: %d", 7)
"""


def test_libraries_say_where_but_not_what() -> None:
    """Their warnings and the exceptions of their threads quote paths; ours are whole."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert "secret" not in done.stdout + done.stderr
    said = done.stderr.splitlines()
    assert 5 == len(said)
    assert "watchdog.observers, line " in said[0]
    assert "py.warnings, line " in said[1]
    assert "other, line " in said[2]
    assert said[3].endswith("thread worker ended: FileNotFoundError")
    assert said[4].endswith("INFO said by us: 7")


def test_what_fails_in_a_callback_is_told_by_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    """Its arguments are paths."""

    async def fail() -> None:
        loop = asyncio.get_running_loop()
        keep_loop_quiet(loop)
        loop.call_soon(open, "/home/dev/secret")
        loop.call_exception_handler({"message": "/home/dev/secret"})
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(fail())
    assert "secret" not in caplog.text
    assert "FileNotFoundError" in caplog.text
    assert "something failed" in caplog.text
