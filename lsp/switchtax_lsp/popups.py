"""Warnings of the daemon, shown as the questions that every editor can ask."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pygls.lsp.server import LanguageServer

__all__ = ["show"]

_FALLBACK_S = 30.0


async def show(
    server: LanguageServer,
    warning: dict[str, Any],
    wants_brief: Callable[[dict[str, Any]], Awaitable[None]],
) -> dict[str, Any]:
    """Ask, and give the action chosen; {} is no opinion. Withdrawn when nobody waits any more.

    Args:
        server: to the editor.
        warning: the params of `warning/show`.
        wants_brief: told of a warning that was answered with "Brief…".
    """
    titles = {each["title"]: each["id"] for each in warning["actions"]}
    params = lsp.ShowMessageRequestParams(
        type=lsp.MessageType.Warning,
        message="\n".join(warning["lines"]),
        actions=[lsp.MessageActionItem(title) for title in titles],
    )
    number = str(uuid.uuid4())
    protocol = server.protocol
    answer = protocol.send_request(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params, msg_id=number)
    try:
        seconds = float(warning.get("deadline_ms", _FALLBACK_S * 1000)) / 1000
        chosen = await asyncio.wait_for(asyncio.wrap_future(answer), seconds)
    except (TimeoutError, asyncio.CancelledError) as over:
        protocol.notify(lsp.CANCEL_REQUEST, lsp.CancelParams(id=number))
        if isinstance(over, asyncio.CancelledError):
            raise
        return {}
    action = titles.get(getattr(chosen, "title", ""), "")
    if action == "brief":
        await wants_brief(warning)
    return {"action": action} if action else {}
