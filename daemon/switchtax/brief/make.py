"""The brief of a session: made when asked for, handed over, kept nowhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import TYPE_CHECKING

from switchtax.brief.choose import chosen, tokens_of
from switchtax.brief.gather import gathered
from switchtax.brief.git import repository
from switchtax.brief.items import Item, Section
from switchtax.brief.phrases import clean
from switchtax.brief.price import Price, price_of
from switchtax.brief.reading import said_in
from switchtax.brief.story import told
from switchtax.errors import NoSuchSession, UsageError
from switchtax.wording import brief as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Source
    from switchtax.sessions.fold import Session

__all__ = [
    "BUDGET_TOKENS",
    "LEAST_TOKENS",
    "Brief",
    "Draft",
    "ask_text",
    "brief_of",
    "draft_of",
    "markdown",
    "priced",
]

BUDGET_TOKENS = 2_000
LEAST_TOKENS = 300
"""Less holds no request, no failing command and no file."""
_REANCHOR_TOKENS = 700
_REANCHORS = (Section.GOAL, Section.CONSTRAINTS, Section.FILES, Section.CHECKS, Section.NEXT)


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket for whoever goes on: its lines with their places, not priced yet.

    `tokens` counts the Markdown, rather too many than too few. `turns` is how many requests
    the transcript holds. `reanchor` is the first prompt for a switch within the session.
    """

    session_id: str
    title: str
    items: tuple[Item, ...]
    turns: int
    budget_tokens: int
    markdown: str
    tokens: int
    reanchor: str


@dataclass(frozen=True, slots=True)
class Brief(Draft):
    """The ticket, and what it costs to go on with it."""

    price: Price


def brief_of(
    source: Source,
    session: Session,
    to_model: str,
    book: PriceBook,
    budget_tokens: int = BUDGET_TOKENS,
    *,
    at: float | None = None,
) -> Brief:
    """Write the brief of a session from its transcript.

    Args:
        source: where the session's transcript lies.
        session: the session, folded from that source.
        to_model: who goes on.
        book: prices and cache rules.
        budget_tokens: how long the brief may be; `LEAST_TOKENS` at least.
        at: when, UTC epoch seconds; now by default.

    Raises:
        UsageError: the budget is too small to hold anything.
        NoSuchSession: the transcript cannot be read, or nothing was asked in it.
    """
    draft = draft_of(source, session.id, session.cwd, budget_tokens)
    return priced(draft, session, to_model, book, time.time() if at is None else at)


def draft_of(source: Source, session_id: str, cwd: str, budget_tokens: int) -> Draft:
    """What of the brief takes time: reading the transcript, asking git. Touches no `Session`.

    Args:
        source: where the session's transcript lies.
        session_id: which session of it.
        cwd: the folder the session works in; "" where it is not known.
        budget_tokens: how long the brief may be.

    Raises:
        UsageError: the budget is too small to hold anything.
        NoSuchSession: the transcript cannot be read, or nothing was asked in it.
    """
    if budget_tokens < LEAST_TOKENS:
        raise UsageError(f"a budget of {budget_tokens} tokens holds no brief: {LEAST_TOKENS} do.")
    try:
        story = told(said_in(source, session_id))
    except OSError as error:
        why = error.strerror or str(error)
        raise NoSuchSession(f"{source.path}: cannot be read ({why}).") from error
    if not story.prompts:
        raise NoSuchSession(f"{source.path}: {words.no_prompt()}")
    title = words.title(source.agent, clean(PurePath(cwd.replace("\\", "/")).name))
    frame = tokens_of(f"# {title}\n\n{words.footer(story.turns)}\n\n")
    found = gathered(story, cwd) + repository(cwd)
    items = chosen(found, budget_tokens, frame_tokens=frame)
    short = [item for item in found if item.section in _REANCHORS]
    most = min(budget_tokens, _REANCHOR_TOKENS)
    anchors = chosen(short, most, frame_tokens=tokens_of(words.REANCHOR))
    text = markdown(title, items, story.turns)
    return Draft(
        session_id=session_id,
        title=title,
        items=tuple(items),
        turns=story.turns,
        budget_tokens=budget_tokens,
        markdown=text,
        tokens=tokens_of(text),
        reanchor=f"{words.REANCHOR}\n{_sections(anchors, trace=False)}",
    )


def priced(draft: Draft, session: Session, to_model: str, book: PriceBook, at: float) -> Brief:
    """A draft with its price beside carrying everything over, at a time (UTC epoch seconds)."""
    price = price_of(
        session,
        to_model,
        at,
        book,
        brief_tokens=draft.tokens,
        asked_tokens=(tokens_of(ask_text(draft.budget_tokens)), draft.budget_tokens),
    )
    held = {each.name: getattr(draft, each.name) for each in fields(draft)}
    return Brief(**held, price=price)


def markdown(title: str, items: Sequence[Item], turns: int, *, trace: bool = False) -> str:
    """The lines under their headings; with `trace` each ends with the places it comes from."""
    return f"# {title}\n{_sections(items, trace=trace)}\n{words.footer(turns)}\n"


def ask_text(budget_tokens: int) -> str:
    """The prompt that has the model which is still warm write the brief itself."""
    return words.ASK.format(budget=budget_tokens)


def _sections(items: Sequence[Item], *, trace: bool) -> str:
    lines: list[str] = []
    for section in Section:
        inside = [item for item in items if item.section is section]
        if inside:
            lines += ["", f"## {words.HEADINGS[section]}", ""]
            lines += [f"- {item.text}{_traced(item) if trace else ''}" for item in inside]
    return "\n".join(lines) + "\n"


def _traced(item: Item) -> str:
    places = [f"{PurePath(p.path).name}:{p.line or p.id}" for p in item.sources[:4]]
    more = ", …" if len(item.sources) > 4 else ""
    return f"  [{', '.join(places)}{more}]"
