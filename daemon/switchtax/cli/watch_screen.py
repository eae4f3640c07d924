"""The live view of `switchtax watch`: what is known, and how it looks on a screen."""

from __future__ import annotations

import textwrap
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.text import Text

from switchtax import wording
from switchtax.catalog.names import display_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Happened", "Row", "View", "draw"]

_SHORT = {
    "claude-code": "claude",
    "copilot-cli": "copilot",
    "gemini-cli": "gemini",
    "roo-code": "roo",
    "vscode-copilot": "vscode",
}
_SOON_S = 60.0
"""From here on the cache clock is coloured."""
_MOST_EVENTS = 50
_HEAD = f"{'session':<8}  {'agent':<8}  {'model':<13}  {'context':>7}  {'cache':>7}  {'spent':>7}"
_USEFUL = "best switch saves"
_INDENT = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One live session, as a `meter/didChange` told it."""

    session: str
    agent: str
    model: str
    chosen: str
    """A model chosen for the next call, in words; "" if none is."""
    context_tokens: int
    cache: str
    cache_until_at: float | None
    cache_expired: bool
    spent_usd_micros: int | None
    useful: tuple[str, int] | None
    last_at: float

    @classmethod
    def of(cls, meter: dict[str, Any]) -> Row:
        """The row of a meter."""
        cache, useful, spent = meter["cache"], meter["cheapest_useful"], meter["spent_usd_micros"]
        until, first = cache["warm_until_at"], meter["line"].partition(" · ")[0]
        return cls(
            session=meter["session"],
            agent=meter["agent"],
            model=meter["model"],
            chosen=first if first.startswith("next: ") else "",
            context_tokens=meter["context_tokens"],
            cache=cache["state"],
            cache_until_at=until if isinstance(until, int | float) else None,
            cache_expired=isinstance(cache.get("expired_at"), int | float),
            spent_usd_micros=spent if isinstance(spent, int) else None,
            useful=(useful["model"], useful["extra_usd_micros"]) if useful else None,
            last_at=meter["last_at"],
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened, in words."""

    session: str
    at: float
    words: str
    material: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, event: dict[str, Any]) -> Happened:
        """The words of a `session/event`."""
        words = wording.event_words(
            event["kind"],
            event["cause"],
            before=event["before"],
            after=event["after"],
            usd_micros=event["usd_micros"],
        )
        return cls(event["session"], event["at"], words, bool(event.get("material")))


@dataclass(slots=True)
class View:
    """All that the screen shows; the watching command keeps it up to date."""

    rows: dict[str, Row] = field(default_factory=dict)
    events: deque[Happened] = field(default_factory=lambda: deque(maxlen=_MOST_EVENTS))
    note: str = ""
    complete: bool = False
    """Whether the daemon has looked at everything once."""


def draw(view: View, now: float, *, width: int, height: int, hint: str = "") -> Text:
    """The screen, in lines no wider than it is and no more than fit on it.

    Args:
        view: what is known.
        now: UTC epoch seconds.
        width: columns.
        height: lines.
        hint: stands at the right of the title.
    """
    width = max(60, width)
    rows = sorted(view.rows.values(), key=lambda row: -row.last_at)
    lines = [_title(len(rows), now, width, hint)]
    if view.note:
        lines += [Text(line, "yellow") for line in textwrap.wrap(view.note, width)]
    lines.append(Text())
    shown = _rows(rows, now, width, most=max(3, height - len(lines) - 8))
    if not rows:
        shown = [Text(wording.NO_SESSION if view.complete else wording.LOOKING)]
    lines += shown
    room = height - len(lines) - 2
    events = _events(view.events, width, room)
    if events:
        lines += [Text(), *events]
    return Text("\n", no_wrap=True, overflow="crop").join(lines[: max(1, height - 1)])


def _title(count: int, now: float, width: int, hint: str) -> Text:
    said = f"switchtax watch · {wording.counted(count, 'session')} · {wording.clock(now)}"
    return Text.assemble((said, "bold"), (hint.rjust(width - len(said)) if hint else "", "dim"))


def _rows(rows: list[Row], now: float, width: int, *, most: int) -> list[Text]:
    if not rows:
        return []
    lines = [Text(f"{_HEAD}  {_USEFUL}"[:width], "dim")]
    for number, row in enumerate(rows):
        own = [_row(row, now, width)]
        if row.chosen:
            own.append(Text(" " * _INDENT + row.chosen, "yellow"))
        if len(lines) + len(own) > most and number:
            lines.append(Text(f"{'':<{_INDENT}}and {len(rows) - number} more", "dim"))
            break
        lines += own
    return lines


def _row(row: Row, now: float, width: int) -> Text:
    spent = "unknown" if row.spent_usd_micros is None else wording.money(row.spent_usd_micros)
    left = wording.cache_left(row.cache, row.cache_until_at, now, expired=row.cache_expired)
    text = Text(
        f"{wording.short_id(row.session):<8}  {_SHORT.get(row.agent, row.agent)[:8]:<8}  "
        f"{display_name(row.model)[:13]:<13}  {wording.tokens(row.context_tokens):>7}  "
    )
    soon = row.cache_until_at is not None and 0 < row.cache_until_at - now < _SOON_S
    text.append(f"{left:>7}", "yellow" if soon else "")
    text.append(f"  {spent.removeprefix('under '):>7}")
    if row.useful:
        text.append(f"  {wording.useful_words(*row.useful)}", "green")
    text.truncate(width, overflow="ellipsis")
    return text


def _events(events: Iterable[Happened], width: int, room: int) -> list[Text]:
    """The last events, newest first, as many as there is room for."""
    lines: list[Text] = []
    for event in events:
        head = f"{wording.clock(event.at)}  {wording.short_id(event.session):<8}  "
        own = textwrap.wrap(
            event.words, width, initial_indent=head, subsequent_indent=" " * len(head)
        )
        if len(lines) + len(own) > room:
            break
        lines += [Text(line, "bold" if event.material else "") for line in own]
    return lines
