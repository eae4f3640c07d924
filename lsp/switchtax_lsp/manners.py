"""Answers for clients that ask too early, too late, or in a shape that nobody understands."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from switchtax.wording import editor as wording

__all__ = ["Protocol"]

_LOG = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """The library's protocol, which leaves such questions without any answer."""

    _begun = False

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object; one of a wrong shape is refused, and read as nothing."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            _LOG.info("a message of a wrong shape")  # never what it says: it may hold a document
            if "id" in data and "method" in data:
                text = wording.wrong_shape(str(data["method"]))
                self._refuse(data["id"], lsp.ErrorCodes.InvalidParams, text)
            return lsp.ResponseErrorMessage(jsonrpc="")

    def handle_message(self, message: Any) -> None:
        """Hand a message on, if its time has come."""
        method = getattr(message, "method", "")
        if method == lsp.EXIT:
            _leave(0 if self._shutdown else 1)
        if method == lsp.INITIALIZE:
            self._begun = True
        asks = bool(method) and hasattr(message, "id")
        if method and not self._begun:
            if asks:
                code = lsp.ErrorCodes.ServerNotInitialized
                self._refuse(message.id, code, wording.NOT_INITIALIZED)
        elif asks and self._shutdown:
            self._refuse(message.id, lsp.ErrorCodes.InvalidRequest, wording.SHUT_DOWN)
        elif isinstance(getattr(message, "jsonrpc", None), str) and message.jsonrpc:
            super().handle_message(message)

    def _refuse(self, number: Any, code: lsp.ErrorCodes, text: str) -> None:
        self._send_response(number, None, lsp.ResponseError(code=code, message=text))


def _leave(code: int) -> None:
    """End at once: the library's reader thread would wait until the client closes its end."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.buffer.flush()
    atexit._run_exitfuncs()
    os._exit(code)
