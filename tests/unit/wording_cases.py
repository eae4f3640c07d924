"""Every shape that a switch takes, for whatever is written of one: popups, pages, documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from making import BOOK, ID, START, asked, call, make, prompt, talk
from switchtax.catalog.cards import PriceCard
from switchtax.estimates.drift import Level, Risk
from switchtax.estimates.for_session import answer
from switchtax.records import RateLimits, SessionInfo, ToolUse
from unit.estimates.hand_cards import card, rates

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

__all__ = ["HAIKU", "LONG", "OPUS", "SONNET", "WITH_WINDOWLESS", "cases", "to"]

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
LONG = "mystery-of-a-maker-with-a-name-that-no-line-can-hold-2027-01-01"
WITH_WINDOWLESS = BOOK.with_agent_cards(
    [
        PriceCard("claude-new-1", "anthropic", rates(1, 5, 0.1, 1.25, 2)),
        card("claude-half-1", 0.05, 0.25, 0.005, 0.0625, 0.1),
    ]
)
COMPACTS = SessionInfo(ID, START, comp_hash="4000")


def to(
    session: Session, model: str, at: float = 250, turns: int = 10, book: PriceBook = BOOK
) -> Answer:
    """The answer `at` seconds after the start."""
    return answer(session, model, START + at, book, turns=turns)


def risky() -> Session:
    """Half done: edits unread, a call under way, rules far back, nearly as long as the window."""
    edits = [
        ToolUse(ID, START + 290 + n, "Edit", f"e{n}", path=f"/f{n}", call_id="msg_4")
        for n in range(9)
    ]
    rules = [record for n in range(9) for record in prompt(n)]
    first = talk(5, opening=20_000, first=170_000)
    return make(*rules, *first, *edits, asked(5, 301, "Bash"))


def cases() -> dict[str, Answer]:
    """Every shape that a popup takes."""
    large = make(*talk(5, opening=20_000, first=150_000))
    small = make(*talk(2, model=HAIKU, first=2_000, grows=90))
    back = make(*talk(4), *prompt(250), call(9, 260, model=SONNET, write=54_000))
    sol = make(*talk(4, model="gpt-6.1-sol"), COMPACTS, agent="codex")
    plan = RateLimits(ID, START + 241, (("five_hour", 24.0),), plan="plus")
    terra = make(*talk(4, model="gpt-6.1-terra", opening=17_000, first=150_000), plan,
                 agent="codex")  # fmt: skip
    on_sol = talk(4, model="gpt-6.1-sol", opening=17_000, first=150_000)
    risk = to(risky(), "claude-haiku-4-5", 310)
    assert isinstance(risk.risk, Risk)
    models = [SONNET, OPUS, SONNET, OPUS]
    flaps = [
        call(10 + n, 300 + 20 * n, model=model, read=160_000 * (n > 1), write=30_000 + 9_000 * n)
        for n, model in enumerate(models)
    ]
    return {
        "pays back": to(large, SONNET, 310),
        "pays back within that turn": to(large, HAIKU, 310),
        "not soon enough": to(large, SONNET, 310, turns=1),
        "to a dearer model": to(large, "claude-fable-5-2", 310),
        "cold already": to(large, SONNET, 9_000),
        "cold already, to a dearer model": to(large, "claude-fable-5-2", 9_000),
        "even": to(small, "claude-half-1", 130, 1, WITH_WINDOWLESS),
        "no price": to(large, "mystery-1", 310),
        "no price, a long name": to(large, LONG, 310),
        "no window": to(large, "claude-new-1", 310, book=WITH_WINDOWLESS),
        "a flat plan": to(make(*on_sol, plan, agent="codex"), "gpt-6.1-terra"),
        "a flat plan, to a dearer model": to(terra, "gpt-6.1-sol"),
        "to a dearer model, a long name": to(large, "claude-3-opus-20240229", 310),
        "to and fro": to(make(*talk(4, opening=20_000, first=150_000), *flaps), SONNET, 380),
        "a high risk": risk,
        "a severe risk": replace(risk, risk=replace(risk.risk, level=Level.SEVERE)),
        "a medium risk, to a dearer model": to(risky(), "claude-fable-5-2", 310),
        "does not fit": to(make(*talk(5, first=230_000)), "claude-haiku-4-5", 310),
        "Codex compacts first": to(sol, "gpt-6.1-terra"),
        "nearly all cached": to(back, OPUS, 280),
        "no switch at all": to(large, OPUS, 310),
    }
