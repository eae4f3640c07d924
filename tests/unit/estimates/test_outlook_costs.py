"""What the next call will send, and what its input side will cost: sizes, prices, intervals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, answered, asked, call, make, prompt, result, talk
from switchtax.estimates.for_session import foretell
from switchtax.estimates.input_cost import input_cost
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.outlook import Case, Moment, Outlook, outlook
from switchtax.records import Compaction, Content, ContentKind, Resumed, SessionInfo, Unknown
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.fold import Session
from unit.estimates.hand_cards import HAIKU, NO_CARD, OPUS, SONNET

LATER = START + 100_000.0
"""Long after every cache has expired."""


def sure(read: float, sent: float, written: str = "5m", tail: int = 0) -> Outlook:
    """An outlook without any doubt."""
    return Outlook(
        "m", Moment.AT_SEND, CacheState.WARM, 1.0, exactly(read), exactly(sent),
        (Case(1.0, read, sent),), written, None, None, "", tail,
    )  # fmt: skip


def cost(session: Session, at: float, model: str, moment: Moment = Moment.AT_CHOICE) -> Interval:
    """The input side of the next call; it has a price."""
    found = foretell(session, model, at, moment, BOOK).cost
    assert isinstance(found, Interval)
    return found


class TestMoney:
    """Tokens become money by the card, each token in one bucket."""

    @pytest.mark.parametrize(
        ("written", "rate"), [("5m", 5.0), ("1h", 8.0), ("", 4.0)], ids=["5m", "1h", "none"]
    )
    def test_written_tokens_by_lifetime(self, written: str, rate: float) -> None:
        """50,000 read at $0.20 a million; 10,000 new at $5, $8, or as plain input at $4."""
        found = input_cost(sure(50_000, 60_000, written), OPUS)
        assert exactly(round(0.2 * 50_000 + rate * 10_000)) == found

    def test_a_plain_tail_is_not_written(self) -> None:
        """What lies after the last breakpoint costs plain input: 3 of the 10,000."""
        found = input_cost(sure(50_000, 60_000, "5m", tail=3), OPUS)
        assert exactly(round(0.2 * 50_000 + 5 * 9_997 + 4 * 3)) == found

    def test_the_size_of_the_request_chooses_the_tier(self) -> None:
        """Haiku 5.5 costs five times as much for all tokens of a request beyond 100,000."""
        below = input_cost(sure(90_000, 100_000), HAIKU)
        above = input_cost(sure(90_000, 100_001), HAIKU)
        assert exactly(round(0.01 * 90_000 + 0.125 * 10_000)) == below
        assert exactly(round(0.05 * 90_000 + 0.625 * 10_001)) == above

    def test_no_card_is_unknown(self) -> None:
        """Never $0, never another model's price."""
        assert input_cost(sure(1, 2), NO_CARD) is NO_CARD

    def test_no_rate_is_unknown(self) -> None:
        """A card without the rate that is needed says which one."""
        missing = Unknown("no 1-hour write price")
        card = replace(OPUS, rates=replace(OPUS.rates, cache_write_1h=missing))
        assert missing == input_cost(sure(50_000, 60_000, "1h"), card)

    def test_no_rate_at_the_middle_alone_is_unknown_too(self) -> None:
        """The middle is priced by itself: it may write where no case does."""
        missing = Unknown("no write price")
        card = replace(OPUS, rates=replace(OPUS.rates, cache_write_5m=missing))
        view = replace(sure(60_000, 60_000), read_tokens=exactly(50_000))
        assert missing == input_cost(view, card)

    def test_fast_mode_has_its_own_price(self) -> None:
        """Where none is known the amount is unknown."""
        assert isinstance(input_cost(sure(1, 2), SONNET, fast=True), Unknown)


class TestIntervals:
    """Low to high should hold 80 % of outcomes, and be no wider than that."""

    def test_ordered(self) -> None:
        """Low, middle and high never cross, whatever the state."""
        session = make(*talk(4))
        for seconds in (0, 300, 545, 571, 5_000):
            for model in ("claude-opus-5-5", "claude-sonnet-5-5"):
                found = cost(session, START + seconds, model)
                assert found.low <= found.mid <= found.high

    def test_shortest_of_those_that_hold_eighty_percent(self) -> None:
        """One in ten cases costs ten times as much: an interval that leaves it out is shorter."""
        cases = tuple(Case(0.1, 100_000 - 1_000 * n, 100_000) for n in range(9))
        view = replace(
            sure(100_000, 100_000), cases=(*cases, Case(0.1, 0, 100_000)),
            starts=(0.1, 0.06, 0.03),
        )  # fmt: skip
        centred = replace(view, starts=(0.1,))
        short, usual = input_cost(view, OPUS), input_cost(centred, OPUS)
        assert isinstance(short, Interval)
        assert isinstance(usual, Interval)
        assert short.width < usual.width

    def test_one_certain_case_has_no_width(self) -> None:
        """Nothing uncertain goes in, so nothing uncertain comes out."""
        assert exactly(10_000) == sure(50_000, 60_000).written_tokens

    def test_a_warm_prompt_is_foretold_more_closely_than_a_cold_one(self) -> None:
        """In money: what is read again matters less than what is written again."""
        session = make(*talk(4))
        warm, cold = (cost(session, at, "claude-opus-5-5") for at in (START + 300, LATER))
        assert warm.high < cold.low


class TestMoments:
    """At choice nothing of the next prompt is known but the time; at send its size is."""

    def test_at_send_the_prompt_counts(self) -> None:
        """40,000 characters more are some 11,000 to 20,000 tokens more."""
        small, large = (make(*talk(4), *prompt(250, chars=chars)) for chars in (400, 40_400))
        sent = [
            foretell(s, "claude-opus-5-5", START + 255, Moment.AT_SEND, BOOK).outlook.sent_tokens
            for s in (small, large)
        ]
        assert 11_000 < sent[1].mid - sent[0].mid < 20_000

    def test_at_choice_it_does_not(self) -> None:
        """Whatever has been typed already, the question is asked without it."""
        small, large = (make(*talk(4), *prompt(250, chars=chars)) for chars in (400, 40_400))
        sent = [
            foretell(s, "claude-opus-5-5", START + 255, Moment.AT_CHOICE, BOOK).outlook.sent_tokens
            for s in (small, large)
        ]
        assert sent[0] == sent[1]

    def test_at_send_is_narrower(self) -> None:
        """A read file may bring anything; once it stands in the log its size is known."""
        session = make(*talk(4)[:-1], asked(3, 181), result(3, 185, chars=9_000))
        choice, send = (
            foretell(session, "claude-opus-5-5", START + 190, moment, BOOK).outlook.sent_tokens
            for moment in Moment
        )
        assert send.width < choice.width

    def test_without_anything_new_both_are_the_same(self) -> None:
        """At send, too, a prompt that is not in the log yet is only expected."""
        session = make(*talk(4))
        choice, send = (
            foretell(session, "claude-opus-5-5", START + 300, moment, BOOK) for moment in Moment
        )
        assert choice.outlook.sent_tokens == send.outlook.sent_tokens
        assert choice.cost == send.cost

    def test_a_question_about_few_lines_brings_little(self) -> None:
        """A tool that was asked for ten lines cannot bring a thousand."""
        few, many = (make(*talk(4)[:-1], asked(3, 181, lines=lines)) for lines in (10, 2_000))
        sent = [
            foretell(s, "claude-opus-5-5", START + 190, Moment.AT_CHOICE, BOOK).outlook.sent_tokens
            for s in (few, many)
        ]
        assert sent[0].mid + 5_000 < sent[1].mid


class TestOtherModel:
    """A switch counts the same content in other tokens, with what the choice itself adds."""

    def test_ratio_and_delta(self) -> None:
        """1.2 tokens for one, and 4,000 more: both to the middle of every size."""
        session = make(*talk(4))
        plain = outlook(session, "claude-sonnet-5-5", LATER, Moment.AT_CHOICE)
        there = outlook(
            session, "claude-sonnet-5-5", LATER, Moment.AT_CHOICE,
            ratio=exactly(1.2), delta_tokens=exactly(4_000),
        )  # fmt: skip
        assert round(1.2 * plain.sent_tokens.mid + 4_000) == round(there.sent_tokens.mid)

    def test_an_uncertain_ratio_widens(self) -> None:
        """The ratio's ends weigh a quarter each."""
        session = make(*talk(4, agent_version="2.1.329"))
        sharp, wide = (
            outlook(session, "claude-sonnet-5-5", LATER, Moment.AT_CHOICE, ratio=ratio)
            for ratio in (exactly(1.0), Interval(1.0, 1.1, 1.35))
        )
        assert wide.sent_tokens.width > sharp.sent_tokens.width + 10_000

    def test_a_delta_alone(self) -> None:
        """Without a ratio tokens stay what they are."""
        session = make(*talk(4))
        plain, more = (
            outlook(session, "claude-sonnet-5-5", LATER, Moment.AT_CHOICE, delta_tokens=delta)
            for delta in (None, exactly(500))
        )
        assert round(plain.sent_tokens.mid + 500) == round(more.sent_tokens.mid)


class TestHistories:
    """Sizes where the next request is not the last one with something added."""

    def test_an_expired_session_may_be_pruned(self) -> None:
        """Older builds drop old results when the cache is cold anyway; newer ones do not."""
        old, new = (
            outlook(
                make(SessionInfo(ID, START, agent_version=version), *talk(4)),
                "claude-opus-5-5", LATER, Moment.AT_CHOICE,
            )
            for version in ("2.0.9", "2.1.329")
        )  # fmt: skip
        assert old.sent_tokens.low < 0.9 * new.sent_tokens.low
        assert old.sent_tokens.mid <= new.sent_tokens.mid

    def test_a_resumed_session_may_be_rebuilt(self) -> None:
        """Started again after a break: 0.72 to 1.32 times what was sent before."""
        session = make(*talk(4, agent_version="2.1.329"), Resumed(ID, LATER - 10, "2.1.329"))
        found = outlook(session, "claude-opus-5-5", LATER, Moment.AT_CHOICE).sent_tokens
        assert found.low < 0.9 * found.mid
        assert found.high > 1.1 * found.mid

    def test_after_a_compaction_the_opening_and_a_summary(self) -> None:
        """At choice the summary is guessed, at send it stands in the log."""
        records = [
            *prompt(0), call(1, 1, read=15_000, write=5_000), answered(1, 1),
            *prompt(50), call(2, 60, read=20_000, write=80_000),
            Compaction(ID, START + 70),
        ]  # fmt: skip
        summary = Content(ID, START + 71, ContentKind.SUMMARY, 4_000)
        guessed = outlook(make(*records), "claude-opus-5-5", START + 80, Moment.AT_CHOICE)
        known = outlook(make(*records, summary), "claude-opus-5-5", START + 80, Moment.AT_SEND)
        assert 20_000 < known.sent_tokens.mid < guessed.sent_tokens.mid < 40_000

    def test_codex_tells_how_long_the_new_history_is(self) -> None:
        """12,000 tokens by its own count, at four characters each, and its tools."""
        session = make(
            *talk(4, model="gpt-6.1-sol"),
            Compaction(ID, START + 250, before_tokens=60_000, after_tokens=12_000),
            agent="codex",
        )
        choice, send = (outlook(session, "gpt-6.1-sol", START + 260, moment) for moment in Moment)
        assert 8_000 < choice.sent_tokens.mid < 17_000
        assert abs(choice.sent_tokens.mid - send.sent_tokens.mid) < 200


def test_no_lifetime_where_writes_are_not_billed() -> None:
    """Unknown rules, and a log that has seen caching: written tokens are plain input."""
    session = make(*talk(3, model="mystery-1", writes=False))
    assert "" == outlook(session, "mystery-1", START + 200, Moment.AT_CHOICE).written


def test_a_session_without_rules_still_has_an_outlook() -> None:
    """Where nobody hands rules in, nothing is assumed of a lifetime."""
    session = Session("claude-code", ID)
    session.add_all(talk(3))
    found = outlook(session, "claude-opus-5-5", START + 200, Moment.AT_CHOICE)
    assert found.ttl_s is None
    assert found.warm_until_at is None
