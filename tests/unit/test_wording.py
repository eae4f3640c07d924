"""What people read: short, plain, and never wider than the place it is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, call, make, prompt, talk
from switchtax import wording
from switchtax.catalog.cards import PriceCard
from switchtax.estimates.for_session import answer
from switchtax.estimates.latency import Wait
from switchtax.estimates.money import Money
from switchtax.records import SessionInfo, Unknown
from unit.estimates.hand_cards import card, rates

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

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


def cases() -> dict[str, Answer]:
    """Every shape that a popup takes."""
    large, small = make(*talk(5, first=150_000)), make(*talk(2, model=HAIKU, first=2_000, grows=90))
    back = make(*talk(4), *prompt(250), call(9, 260, model=SONNET, write=54_000))
    sol = make(*talk(4, model="gpt-6.1-sol"), COMPACTS, agent="codex")
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
        "does not fit": to(make(*talk(5, first=230_000)), "claude-haiku-4-5", 310),
        "Codex compacts first": to(sol, "gpt-6.1-terra"),
        "nearly all cached": to(back, OPUS, 280),
        "no switch at all": to(large, OPUS, 310),
    }


@pytest.mark.parametrize("name", cases())
def test_a_popup_has_three_lines_of_74_characters(name: str) -> None:
    """What a dialog at 80 columns shows."""
    lines = wording.popup(cases()[name])
    assert 1 <= len(lines) <= 3
    assert [] == [line for line in lines if len(line) > 74]
    assert [] == [line for line in lines if not line.endswith(".")]


def test_popups_read_aloud(golden: Callable[[str, str], None]) -> None:
    """Every shape, as it is shown."""
    parts = [f"# {name}\n" + "\n".join(wording.popup(found)) for name, found in cases().items()]
    golden("popups", "\n\n".join(parts) + "\n")


@pytest.mark.parametrize("tokens", [600, 9_000, 99_000, 480_000, 950_000])
@pytest.mark.parametrize("at", [250, 545, 9_000])
@pytest.mark.parametrize("model", [SONNET, HAIKU, "claude-fable-5-2", "claude-opus-4-1", "gpt-5"])
def test_no_amount_is_too_wide(tokens: int, at: int, model: str) -> None:
    """From tenths of a cent to hundreds of dollars."""
    lines = wording.popup(to(make(*talk(4, first=tokens, grows=tokens // 50 + 1)), model, at, 99))
    assert len(lines) <= 3
    assert [] == [line for line in lines if len(line) > 74]


class TestCacheWords:
    """Until when the session's own cache lasts."""

    @pytest.mark.parametrize(
        ("session", "at", "said"),
        [
            (make(*talk(4)), 250, "its cache lasts until 10:09"),
            (make(*talk(4)), 9_000, "its cache is cold"),
            (make(*talk(4, caches=False)), 250, "this session's requests are not cached"),
            (
                make(*talk(4, model="gemini-2.5-pro", writes=False), agent="gemini-cli"),
                250,
                "its cache is probably warm (kept as the provider pleases)",
            ),
            (
                make(call(1, 0, model="mystery-1", plain=3_000)),
                10,
                "whether its cache is warm is not known",
            ),
            (
                make(
                    *(
                        call(n, 1_000.0 * n, read=18_000, write=40_000, agent_version="2.1.329")
                        for n in (1, 2, 3)
                    )
                ),
                9_000,
                "its cache has expired; only the first 18k are kept",
            ),
        ],
        ids=["warm", "cold", "uncached", "best effort", "unknown", "partial"],
    )
    @pytest.mark.usefixtures("in_utc")
    def test_words(self, session: Session, at: float, said: str) -> None:
        """One clause."""
        assert said == wording.cache_words(to(session, session.model, at))


class TestNumbers:
    """Amounts, tokens and times with as many places as say something."""

    def test_a_range_only_where_it_is_wide(self) -> None:
        """Within a tenth to either side the middle says it."""
        assert "$1.00" == wording.money_range(Money(950_000, 1_000_000, 1_050_000))
        assert "$1.00 ($0.50 to $2.00)" == wording.money_range(Money(500_000, 1_000_000, 2_000_000))
        assert "-$0.10 (-$0.30 to +$0.20)" == wording.money_range(
            Money(-300_000, -100_000, 200_000), difference=True
        )

    def test_unknown_is_a_word(self) -> None:
        """Never $0."""
        assert "unknown" == wording.money_range(Unknown("no price"))

    def test_a_difference_below_a_tenth_of_a_cent(self) -> None:
        """Rounded to the smallest amount shown, with its sign."""
        assert ("+$0.001", "-$0.001", "±$0") == (
            wording.signed(700), wording.signed(-700), wording.signed(499),
        )  # fmt: skip

    @pytest.mark.usefixtures("in_utc")
    def test_times(self) -> None:
        """Local; a time that is not recorded is said to be unknown."""
        assert ("10:00", "2026-11-18 10:00") == (wording.clock(START), wording.day(START))
        assert "unknown time" == wording.day(0)
        assert ("2 min ago", "in 42 s", "at an unknown time", "1,042 days ago") == (
            wording.ago(START - 120, START), wording.ago(START + 42, START),
            wording.ago(0, START), wording.ago(START - 90_000_000, START),
        )  # fmt: skip


class TestWait:
    """Seconds until the first word."""

    @pytest.mark.parametrize(
        ("extra", "said"),
        [
            ((1.5, 3.4), "first word about 1.5 s later (up to 3.4 s)"),
            ((0.6, 1.0), "first word about 0.6 s later (up to 1.0 s)"),
            ((0.04, 1.2), "first word up to 1.2 s later"),
            ((2.0, 2.02), "first word about 2.0 s later"),
            ((12.0, 31.4), "first word about 12 s later (up to 31 s)"),
            ((150.0, 408.0), "first word about 2.5 min later (up to 6.8 min)"),
            ((0.5, 0.99), ""),
            ((-3.0, -1.0), ""),
        ],
    )
    def test_how_much_later(self, extra: tuple[float, float], said: str) -> None:
        """Silent below a second nine times in ten; a range only where there is one."""
        assert said == wording.wait_words(Wait(5.0, 9.0, 3.5, 7.0, *extra, ""))

    def test_nothing_of_what_is_not_known(self) -> None:
        """No number is made up."""
        assert "" == wording.wait_words(Unknown("too few calls were timed"))
