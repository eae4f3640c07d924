"""Small sessions made of records, for tests: calls, prompts and results a minute apart."""

from __future__ import annotations

from switchtax.catalog.book import PriceBook
from switchtax.records import (
    Call,
    Content,
    ContentKind,
    Prompt,
    Record,
    ToolUse,
    Usage,
)
from switchtax.sessions.fold import Session

__all__ = [
    "BOOK",
    "ID",
    "START",
    "answered",
    "asked",
    "call",
    "make",
    "prompt",
    "result",
    "talk",
]

START = 1_794_996_000.0
"""2026-11-18T10:00:00Z, a time for which the shipped prices hold."""
ID = "0a1b2c3d-0000-4000-8000-000000000001"
BOOK = PriceBook(clock=lambda: START)


def make(
    *records: Record, agent: str = "claude-code", book: PriceBook | None = None, path: str = "log"
) -> Session:
    """A session that has read these records."""
    session = Session(agent, ID, path, rules_for=(book or BOOK).rules)
    session.add_all(records)
    return session


def call(
    number: int,
    at: float,
    *,
    model: str = "claude-opus-5-5",
    read: int = 0,
    write: int = 0,
    write_1h: int = 0,
    plain: int = 0,
    output: int = 400,
    **more: object,
) -> Call:
    """One answered request, `at` seconds after the start."""
    return Call(
        ID,
        f"msg_{number}",
        START + at,
        model,
        Usage(plain, read, write, write_1h, output),
        line=number,
        started_at=START + at,
        **more,  # type: ignore[arg-type]
    )


def prompt(at: float, chars: int = 400) -> list[Record]:
    """A person writes."""
    return [
        Prompt(ID, START + at, chars=chars),
        Content(ID, START + at, ContentKind.PROMPT, chars),
    ]


def asked(number: int, at: float, name: str = "Read", lines: int | None = None) -> ToolUse:
    """The call `msg_{number}` used a tool."""
    return ToolUse(
        ID, START + at, name, f"tool_{number}", call_id=f"msg_{number}", asked_lines=lines
    )


def result(number: int, at: float, chars: int = 3_000) -> Content:
    """What the tool of the call `msg_{number}` brought."""
    return Content(ID, START + at, ContentKind.TOOL_RESULT, chars, tool_id=f"tool_{number}")


def answered(number: int, at: float, chars: int = 800) -> Content:
    """The text of the call `msg_{number}`."""
    return Content(ID, START + at, ContentKind.TEXT, chars, call_id=f"msg_{number}")


def talk(
    calls: int = 4,
    *,
    model: str = "claude-opus-5-5",
    first: int = 50_000,
    grows: int = 1_000,
    every_s: float = 60.0,
    write_1h: bool = False,
    writes: bool = True,
    caches: bool = True,
    opening: int | None = None,
    **more: object,
) -> list[Record]:
    """A turn of calls that each read a file: the first sends `first` tokens, later ones more.

    With `opening` the very first request is that short, the second as long as `first`.
    The last call has asked for nothing: the turn is over. All that was sent before is read
    again, the rest is written (`writes` false: plain; `caches` false: nothing is read).
    """
    records: list[Record] = [*prompt(0)]
    held = 0
    for number in range(1, calls + 1):
        at = number * every_s
        sent = first + (number - 1) * grows
        if number == 1 and opening is not None:
            sent = opening
        new = sent - held
        written = new if writes and caches else 0
        records.append(
            call(
                number, at, model=model, read=held, write=0 if write_1h else written,
                write_1h=written if write_1h else 0, plain=new - written, **more,
            )
        )  # fmt: skip
        held = sent if caches else 0
        if number < calls:
            records += [asked(number, at), result(number, at + 5, chars=2 * grows)]
    return records
