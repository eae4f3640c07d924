"""A log that names no project: what libraries say of paths, and what exceptions quote, stays out.

Our own messages are written with that in mind; a library's warning, or the text of an exception
that nobody caught, may hold any path that is watched and any line that was read.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ["keep_loop_quiet", "prepare_log"]

_OURS = "switchtax"
_LOG = logging.getLogger(__name__)


class _NoWords(logging.Filter):
    """Replaces what a library says by where it said it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always to be logged."""
        if record.name.split(".")[0] not in (_OURS, "__main__"):
            record.msg = f"{record.name}, line {record.lineno}: {record.levelname.lower()}"
            record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        return True


def prepare_log() -> None:
    """Log to standard error, for this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_NoWords())
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler]
    )
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else "?"
    _LOG.error("thread %s ended: %s", name, ended.exc_type.__name__)


def keep_loop_quiet(loop: asyncio.AbstractEventLoop) -> None:
    """What fails in a callback is logged by its kind: its arguments are paths."""
    loop.set_exception_handler(_callback_failed)


def _callback_failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _LOG.error("in the event loop: %s", type(error).__name__ if error else "something failed")
