"""The editors that can show a warning, and which of them is asked about a session."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Ask = Callable[[str, dict[str, Any], float], Awaitable[dict[str, Any]]]
    """Method, params, seconds; raises `asking.NoAnswer`."""

__all__ = ["CAPABILITY", "Editor", "Editors"]

CAPABILITY = "warnings"
"""What a client names among its `capabilities` when it can show them."""
_MOST_FOLDERS = 100


@dataclass(eq=False, slots=True)
class Editor:
    """One attached client that shows warnings."""

    ask: Ask
    workspaces: tuple[str, ...] = ()
    """Its folders, as it spelled them."""
    focused: bool = False
    focused_last: int = 0
    """Grows with every focus of any editor; 0 where it never had it."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it shows a warning that a hook waits for: one at a time."""
    aside: asyncio.Lock = field(default_factory=asyncio.Lock)
    """The same for warnings that nobody waits for: they may stand for minutes."""
    waiting: int = 0


class Editors:
    """Who is attached, and who had the focus last."""

    def __init__(self) -> None:
        """Nobody is."""
        self._attached: list[Editor] = []
        self._focuses = 0

    def attach(self, ask: Ask, declared: Mapping[str, Any]) -> Editor | None:
        """Take in a client that declares `capabilities: ["warnings"]`; None if it does not."""
        capabilities = declared.get("capabilities")
        if not isinstance(capabilities, list) or CAPABILITY not in capabilities:
            return None
        editor = Editor(ask)
        self._attached.append(editor)
        self.declare(editor, declared)
        return editor

    def declare(self, editor: Editor, declared: Mapping[str, Any]) -> None:
        """Its `workspaces` (a list of absolute paths) and whether it is `focused`, where told."""
        folders, focused = declared.get("workspaces"), declared.get("focused")
        if isinstance(folders, list):
            plain = [each for each in folders if isinstance(each, str) and os.path.isabs(each)]  # noqa: PTH117
            editor.workspaces = tuple(plain[:_MOST_FOLDERS])
        if isinstance(focused, bool):
            editor.focused = focused
            if focused:
                self._focuses += 1
                editor.focused_last = self._focuses

    def detach(self, editor: Editor) -> None:
        """It has left."""
        if editor in self._attached:
            self._attached.remove(editor)

    async def of_folder(self, folder: str) -> Editor | None:
        """Who is asked about a session in this folder.

        Of those whose workspace holds it: the one with the focus, else the one that had it
        last, else the first to attach. Links are followed, in a thread: a folder may lie on a
        disk that does not answer.
        """
        if not folder or not self._attached:
            return None
        known = list(self._attached)
        held = await asyncio.to_thread(
            lambda: [_holds(editor.workspaces, folder) for editor in known]
        )
        holding = [
            editor
            for editor, holds in zip(known, held, strict=True)
            if holds and editor in self._attached
        ]
        return max(holding, key=lambda each: (each.focused, each.focused_last), default=None)


def _holds(workspaces: tuple[str, ...], folder: str) -> bool:
    real = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
    return any(
        real.startswith(os.path.join(os.path.realpath(each), ""))  # noqa: PTH118
        for each in workspaces
    )
