"""Warnings of the daemon, shown as the questions that every editor can ask."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from switchtax_lsp.server import Server

__all__ = ["show"]

_FALLBACK_S = 30.0


async def show(
    server: Server,
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
        # Shielded: a client that is told that it is over may answer all the same.
        async with asyncio.timeout(seconds):
            chosen = await asyncio.shield(asyncio.wrap_future(answer))
    except (TimeoutError, asyncio.CancelledError) as over:
        protocol.notify(lsp.CANCEL_REQUEST, lsp.CancelParams(id=number))
        if server.has_own_surface:  # some editors' libraries keep a request's id to themselves
            protocol.notify("switchtax/popupOver", {"message": params.message})
        if isinstance(over, asyncio.CancelledError):
            raise
        return {}
    action = titles.get(getattr(chosen, "title", ""), "")
    if action == "brief":
        await wants_brief(warning)
    return {"action": action} if action else {}
