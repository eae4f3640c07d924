"""Editors for tests of warnings: attached to a real daemon, with somebody who presses a button."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from switchtax.service.attached import Attached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from service_support import Household

__all__ = ["WAIT_S", "Screen", "editor", "until"]

WAIT_S = 10.0


class Screen:
    """An editor's window: what it was shown, and what the person presses."""

    def __init__(self, press: str | None = "keep", **more: object) -> None:
        self.shown: list[dict[str, Any]] = []
        self.withdrawn = 0
        self.answer: dict[str, Any] = {"action": press, **more}
        self.pressed = asyncio.Event()
        if press is not None:
            self.pressed.set()
        self.busy = self.most_at_once = 0

    async def show(self, params: dict[str, Any]) -> dict[str, Any]:
        """`warning/show`."""
        self.shown.append(params)
        self.busy += 1
        self.most_at_once = max(self.most_at_once, self.busy)
        try:
            await self.pressed.wait()
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        finally:
            self.busy -= 1
        return self.answer


@asynccontextmanager
async def editor(
    household: Household,
    screen: Screen,
    *folders: object,
    focused: bool = True,
    serve: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]] | None = None,
) -> AsyncIterator[Attached]:
    """An attached editor with these folders, by default the session's."""
    workspaces = [str(each) for each in folders or (household.folder,)]
    client = await Attached.connect(
        household.where.socket,
        declare={"capabilities": ["warnings"], "workspaces": workspaces, "focused": focused},
        serves={"warning/show": serve or screen.show},
    )
    yield client
    await client.close()


async def until(true: Callable[[], Any], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.005)
