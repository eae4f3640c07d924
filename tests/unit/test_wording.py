"""What people read: short, plain, and never wider than the place it is shown in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import BOOK, ID, START, call, make, talk
from switchtax import wording
from switchtax.advice import Pattern, Recognised, advise, sub_agent_way
from switchtax.estimates.for_session import staying
from switchtax.estimates.latency import Wait
from switchtax.estimates.money import Money
from switchtax.records import Compaction, RateLimits, Unknown
from unit.wording_cases import HAIKU, LONG, OPUS, SONNET, cases, to

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session


@pytest.mark.parametrize("name", cases())
def test_a_popup_has_three_lines_of_74_characters(name: str) -> None:
    """What a dialog at 80 columns shows; Claude Code's own has room for a fourth."""
    found = cases()[name]
    for most, lines in ((3, wording.popup(found)), (4, wording.dialog(found))):
        assert 1 <= len(lines) <= most
        assert [] == [line for line in lines if len(line) > 74]
        assert [] == [line for line in lines if not line.endswith(".")]


@pytest.mark.parametrize(("name", "say"), [("popups", wording.popup), ("dialogs", wording.dialog)])
def test_popups_read_aloud(
    name: str, say: Callable[[Answer], list[str]], golden: Callable[[str, str], None]
) -> None:
    """Every shape, as it is shown: in an editor, and in Claude Code's dialog."""
    parts = [f"# {case}\n" + "\n".join(say(found)) for case, found in cases().items()]
    golden(name, "\n\n".join(parts) + "\n")


def test_ways_read_aloud(golden: Callable[[str, str], None]) -> None:
    """Every shape: the table of ways, and the line that stands for it below a table."""
    parts = []
    for case, found in cases().items():
        ways = advise(found, BOOK)
        short = wording.ways_in_short(ways, found.model) or "(no other way has a price)"
        parts.append("\n".join([f"# {case}", *wording.ways_table(ways, 10), short]))
    golden("ways", "\n\n".join(parts) + "\n")


def test_habits_read_aloud(golden: Callable[[str, str], None]) -> None:
    """One line each."""
    lines = [wording.pattern_words(Recognised(each, 2, 5)) for each in Pattern]
    assert [] == [line for line in lines if len(line) > 74]
    assert "" == wording.pattern_words(None)
    golden("habits", "\n".join(lines) + "\n")


@given(
    tokens=st.integers(600, 950_000),
    at=st.sampled_from([250, 545, 9_000]),
    model=st.sampled_from([SONNET, HAIKU, "claude-fable-5-2", "claude-opus-4-1", "gpt-5", LONG]),
    turns=st.sampled_from([1, 10, 99]),
    flat=st.booleans(),
    flaps=st.integers(0, 6),
)
def test_no_line_is_too_wide(
    tokens: int, at: int, model: str, turns: int, flat: bool, flaps: int
) -> None:
    """From tenths of a cent to hundreds of dollars, 74 characters in a popup, 80 in a table."""
    models = [SONNET, OPUS]
    calls = [
        call(10 + n, 242 + n, model=models[n % 2], read=500, write=tokens) for n in range(flaps)
    ]
    plan = [RateLimits(ID, START + 241, (("five_hour", 24.0),))] if flat else []
    opening = min(tokens, 30_000)
    first = talk(4, opening=opening, first=tokens, grows=tokens // 50 + 1)
    found = to(make(*first, *calls, *plan), model, at, turns)
    ways = advise(found, BOOK)
    for most, lines in ((3, wording.popup(found)), (4, wording.dialog(found))):
        assert len(lines) <= most
        assert [] == [line for line in lines if len(line) > 74]
    table = [*wording.ways_table(ways, turns), wording.ways_in_short(ways, found.model)]
    assert [] == [line for line in table if len(line) > 78 + 2 * (line == table[-1])]


def test_the_offer_after_a_no_names_model_and_amount() -> None:
    """For the agent, not for a popup; nothing without a price."""
    way = sub_agent_way(cases()["to a dearer model"])
    assert way is not None
    said = wording.sub_agent_offer(way)
    assert "sub-agent on Fable 5.2 (about $" in said
    assert "keeps this session's prompt cache" in said
    priceless = replace(way, next_turn=Unknown("no price"))
    assert "" == wording.sub_agent_offer(priceless) == wording.sub_agent_words(priceless)


class TestCacheWords:
    """Until when the session's own cache lasts."""

    @pytest.mark.parametrize(
        ("session", "at", "said"),
        [
            (make(*talk(4)), 250, "its cache lasts until 10:09"),
            (make(*talk(4)), 9_000, "its cache expired at 10:09"),
            (make(*talk(4)), 99_000, "its cache has expired"),
            (make(*talk(4), Compaction(ID, START + 245), agent="pi"), 250, "its cache is cold"),
            (make(*talk(4, caches=False)), 250, "this session's requests are not cached"),
            (
                make(*talk(4, model="gemini-2.5-pro", writes=False), agent="gemini-cli"),
                250,
                "its cache is probably warm, kept as the provider pleases",
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
                "its cache expired at 10:55; only the first 18k are kept",
            ),
        ],
        ids=[
            "warm",
            "expired",
            "days ago",
            "cold",
            "uncached",
            "best effort",
            "unknown",
            "partial",
        ],
    )
    @pytest.mark.usefixtures("in_utc")
    def test_words(self, session: Session, at: float, said: str) -> None:
        """One clause."""
        assert said == wording.cache_words(to(session, session.model, at))


class TestMeterWords:
    """The pieces of a status line."""

    @pytest.mark.usefixtures("in_utc")
    @pytest.mark.parametrize(
        ("session", "at", "said"),
        [
            (make(*talk(4)), 250, "cache until 10:09"),
            (make(*talk(4)), 900, "cache expired at 10:09"),
            (make(*talk(4), Compaction(ID, START + 245)), 250, "cache cold"),
            (make(*talk(4, model="gemini-2.5-pro", writes=False), agent="gemini-cli"), 250,
             "cache warm"),
            (make(call(1, 0, model="mystery-1", plain=3_000)), 10, "cache unknown"),
        ],
        ids=["warm", "expired", "cold", "best effort", "unknown"],
    )  # fmt: skip
    def test_the_cache_clock(self, session: Session, at: float, said: str) -> None:
        """Until when, since when, or neither."""
        words = wording.meter_words(
            session, staying(session, START + at), Unknown("no price"), None
        )
        assert [said, "spent unknown"] == words[2:]

    def test_a_chosen_model(self) -> None:
        """What it must re-read, where it is something and has a price."""
        session = make(*talk(4))
        assert "next: Sonnet 5.5 re-reads 54k ($0.13)" == wording.next_words(to(session, SONNET))
        assert "next: Mystery 1" == wording.next_words(to(session, "mystery-1"))
        small = make(*talk(2, first=300, grows=90))
        assert "next: Sonnet 5.5, cached" == wording.next_words(to(small, SONNET))


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
