"""Cursor's conversations, kept as its hooks tell of them: Cursor itself writes no such log.

A file for each, one write a line, for this user alone; what a line holds is decided in
`agents.cursor_recording`, and no text is among it. Whatever the disk says, nobody is held up:
a line that cannot be written is missing.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.agents.cursor_models import is_same, model_in, model_of
from switchtax.agents.cursor_recording import (
    EVENTS,
    FOLDER,
    STATUS_LINE,
    chosen_line,
    context_line,
    file_name,
    line_of,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from switchtax.agents.cursor_status_line import Drawn
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Transcript path, session id, target ("" for the session's own model)."""

__all__ = ["Recording"]

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 8 << 20
"""Of one file: some 15,000 turns. What comes after it is not kept."""
_REMEMBERED = 500
_LONGEST_TURN_S = 6 * 3_600.0
"""After that its end is awaited no more: Cursor may be gone."""
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


@dataclass(slots=True)
class _Known:
    """What was told of a conversation since the daemon started."""

    prompted: str = ""
    """The model of the last prompt."""
    is_new: bool = False
    """Nothing was drawn since that prompt, which may have told of the pick already."""
    drawn: str = ""
    """The model that the status line was drawn for last."""
    context_tokens: dict[str, int] = field(default_factory=dict)
    """What was told last, by who told it."""
    open_at: float = 0.0
    """When the turn began whose end was not told; 0 where there is none."""


class Recording:
    """Writes the recordings.

    Args:
        state: our folder of state; that of the recordings is made when the first line comes.
        clock: UTC epoch seconds.
    """

    def __init__(self, state: Path, clock: Callable[[], float]) -> None:
        """Nothing is written yet."""
        self.folder, self._clock = state / FOLDER, clock
        self._said = ""
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def path(self, conversation: object) -> str:
        """The file of a conversation; "" where nothing was kept of it."""
        name = file_name(conversation)
        path = os.path.join(self.folder, name) if name else ""  # noqa: PTH118 - at every hook
        return path if path and os.path.exists(path) else ""  # noqa: PTH110

    def asking(self, ask: Ask) -> Ask:
        """The same questions, about recorded conversations alone: others are not looked for."""

        def asked(_place: str, conversation: str, target: str) -> Answer | None:
            path = self.path(conversation)
            return ask(path, conversation, target) if path else None

        return asked

    def hook(self, event: str, given: Mapping[str, Any], answered: object) -> bool:
        """Keep what a hook told; whether there was something to keep. Never raises.

        Args:
            event: the hook's event.
            given: its input.
            answered: what it prints.
        """
        kind = EVENTS.get(event)
        if kind is None:
            return False
        refused = isinstance(answered, dict) and answered.get("continue") is False
        if kind == "prompt" and not refused:
            known = self._of(given.get("conversation_id"))
            known.prompted, known.is_new = model_in(given), True
            known.open_at = self._clock()
        elif kind in ("turn", "end"):
            self._of(given.get("conversation_id")).open_at = 0.0
        if kind in ("turn", "compact"):  # the same size again is news then: it is still true
            self._of(given.get("conversation_id")).context_tokens.pop(STATUS_LINE, None)
        line = line_of(kind, given, self._clock(), refused=refused)
        return line is not None and self.append(given.get("conversation_id"), line)

    def awaits(self) -> bool:
        """Whether a turn goes on, whose tokens are told at its end and never again."""
        since = self._clock() - _LONGEST_TURN_S
        return any(known.open_at > since for known in self._known.values() if known.open_at)

    def drawn(self, told: Drawn, before: Drawn | None = None) -> bool:
        """Keep what a status line was told, where it is news; whether it was. Never raises.

        Another model than the one before was picked.

        Args:
            told: its input.
            before: the one before, where that is known: it may not have been seen yet.
        """
        known, sized = self._of(told.session_id), False
        if before is not None and known.drawn in ("", before.model):
            known.drawn, sized = before.model, self._size(before, known)
        was, known.drawn = known.drawn, told.model
        is_told = known.is_new and is_same(model_of(told.model).name, known.prompted)
        known.is_new = False
        if was not in ("", told.model) and not is_told:
            return self._add(told.session_id, chosen_line(self._clock(), told.model))
        return self._size(told, known) or sized

    def _size(self, told: Drawn, known: _Known) -> bool:
        """The size of the context, on the model prompted last: on another it is only foretold."""
        if known.prompted and not is_same(model_of(told.model).name, known.prompted):
            return False
        return self.context(told.session_id, told.context_tokens, told.window_tokens, STATUS_LINE)

    def context(
        self, conversation: str, tokens: int | None, window_tokens: int | None, source: str
    ) -> bool:
        """Keep how large a context is, where that is news; whether it was. Never raises."""
        known = self._of(conversation)
        if tokens is None or tokens == known.context_tokens.get(source):
            return False
        known.context_tokens[source] = tokens
        at = self._clock()
        line = context_line(at, tokens, source=source, window_tokens=window_tokens)
        return self._add(conversation, line)

    def _add(self, conversation: str, line: Mapping[str, Any]) -> bool:
        """A line beside those of hooks: alone it would be no conversation."""
        return bool(self.path(conversation)) and self.append(conversation, line)

    def _of(self, conversation: object) -> _Known:
        name = conversation if isinstance(conversation, str) else ""
        known = self._known.setdefault(name, _Known())
        self._known.move_to_end(name)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known

    def append(self, conversation: object, line: Mapping[str, Any]) -> bool:
        """Add a line to a conversation's file; whether it stands there. Never raises."""
        name = file_name(conversation)
        if name is None:
            return False
        try:
            return self._write(self.folder / name, written(line))
        except (OSError, ValueError) as error:  # a lone surrogate is no UTF-8
            why = getattr(error, "strerror", None) or type(error).__name__
            if why != self._said:  # a full disk is said once, not at every prompt
                _LOG.warning("sessions of Cursor are not recorded: %s", why)
            self._said = why
            return False

    def _write(self, path: Path, raw: bytes) -> bool:
        try:
            file = os.open(path, _FLAGS, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(path, _FLAGS, 0o600)
        try:
            size = os.fstat(file).st_size
            if size + len(raw) > _MOST_BYTES:
                return False
            if os.write(file, raw) < len(raw):  # the disk is full: no half line stays
                os.ftruncate(file, size)
                return False
            return True
        finally:
            os.close(file)
