"""From a session to both sides of a switch: tokens, added text, windows, and the pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from making import BOOK, ID, START, call, make, prompt, talk
from switchtax.estimates.for_session import answer, foretell
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.outlook import Moment, outlook
from switchtax.estimates.switch_sides import (
    carried_context,
    crossing,
    delta_of,
    pace_of,
    ratio_of,
    side_of,
)
from switchtax.records import (
    Compaction,
    Content,
    ContentKind,
    Record,
    RequestStarted,
    SessionInfo,
    Unknown,
)

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Side
    from switchtax.sessions.fold import Session

OPUS, SONNET, OLD_SONNET = "claude-opus-5-5", "claude-sonnet-5-5", "claude-sonnet-4-5"
SOL, TERRA = "gpt-6.1-sol", "gpt-6.1-terra"
ANTHROPIC = SessionInfo(ID, START, provider="anthropic")


def side(session: Session, model: str, at: float = 250) -> Side:
    """A model of a session as it would be for the next call."""
    view = foretell(session, model, START + at, Moment.AT_CHOICE, BOOK).outlook
    return side_of(session, view, BOOK, START + at)


class TestCrossing:
    """What the same content is in the other model's tokens, and what comes on top."""

    def test_staying_changes_nothing(self) -> None:
        """Another spelling of the same model is staying too."""
        session = make(*talk(2, model="claude-opus-4-5-20251101"))
        assert (None, None) == crossing(session, "claude-opus-4-5")
        assert exactly(1.0) == ratio_of(session, "claude-opus-4-5")

    def test_before_the_first_call_there_is_nothing_to_cross(self) -> None:
        """A new session starts on any model."""
        assert (None, None) == crossing(make(*prompt(0)), SONNET)

    def test_one_tokenizer_family_counts_alike(self) -> None:
        """Claude models from 4.7 on share a tokenizer."""
        session = make(*talk(2), ANTHROPIC, agent="opencode")
        assert (exactly(1.0), exactly(0)) == crossing(session, SONNET)

    def test_claude_code_adds_a_reminder(self) -> None:
        """Expected until the next prompt stands in the log: the reminder stands there with it."""
        session = make(*talk(2), ANTHROPIC)
        reminder = Interval(60, 190, 330)
        assert (exactly(1.0), reminder) == crossing(session, SONNET)
        assert (exactly(1.0), reminder) == crossing(session, SONNET, Moment.AT_SEND)
        session.add_all(prompt(200))
        assert (exactly(1.0), reminder) == crossing(session, SONNET)
        assert (exactly(1.0), exactly(0)) == crossing(session, SONNET, Moment.AT_SEND)

    def test_another_family_counts_otherwise(self) -> None:
        """From the older Claude tokenizer to the newer: more tokens for the same text."""
        ratio = ratio_of(make(*talk(2, model=OLD_SONNET), ANTHROPIC), SONNET)
        assert 1 <= ratio.low < ratio.mid < ratio.high

    def test_there_and_back_multiply_to_one(self) -> None:
        """The way back is the inverse."""
        there = ratio_of(make(*talk(2, model=OLD_SONNET), ANTHROPIC), SONNET)
        back = ratio_of(make(*talk(2, model=SONNET), ANTHROPIC), OLD_SONNET)
        assert round(there.mid * back.mid, 9) == 1

    def test_behind_an_unknown_gateway_only_the_plain_interval(self) -> None:
        """A name says nothing of who answers there: 1.0 to 1.35."""
        gateway = SessionInfo(ID, START, provider="my-proxy")
        session = make(*talk(2, model=OLD_SONNET), gateway)
        assert Interval(1.0, 1.0, 1.35) == ratio_of(session, SONNET)
        assert exactly(1.0) == ratio_of(make(*talk(2), gateway), SONNET)

    def test_codex_appends_instructions(self) -> None:
        """At choice they are expected; once they stand in the log they are not added again."""
        session = make(*talk(2, model=SOL), *prompt(130), agent="codex")
        choice = crossing(session, TERRA)[1]
        assert choice is not None
        assert choice.mid > 4_000
        session.add(Content(ID, START + 131, ContentKind.SWITCH_TEXT, 20_000))
        assert exactly(0) == crossing(session, TERRA, Moment.AT_SEND)[1]
        assert choice == crossing(session, TERRA, Moment.AT_CHOICE)[1]

    def test_a_told_request_holds_all_already(self) -> None:
        """Its very size is known, whatever the agent has put in."""
        told: list[Record] = [
            RequestStarted(ID, START + at, f"r{at}", SOL, sent_chars=9_000) for at in (0, 90)
        ]
        session = make(told[0], call(1, 1, model=SOL, write=50_000), told[1], agent="codex")
        assert exactly(0) == crossing(session, TERRA, Moment.AT_SEND)[1]

    def test_after_a_compaction_nothing_is_added(self) -> None:
        """The new history is made for the model that gets it."""
        session = make(*talk(2, model=SOL), Compaction(ID, START + 130), agent="codex")
        assert exactly(0) == crossing(session, TERRA)[1]

    def test_a_recorded_hash_says_that_codex_compacts_first(self) -> None:
        """The session's own hash counts before our table of them."""
        session = make(*talk(2, model=SOL), SessionInfo(ID, START, comp_hash="4000"), agent="codex")
        assert delta_of(session, TERRA).compaction_first is True
        assert delta_of(make(*talk(2, model=SOL), agent="codex"), TERRA).compaction_first is False


class TestSide:
    """A model as it would be for the next call."""

    def test_staying_on_a_warm_model(self) -> None:
        """All held tokens alive, its own card, the provider's rules."""
        found = side(make(*talk(4)), OPUS)
        assert isinstance(found.alive_tokens, Interval)
        assert 53_000 == found.alive_tokens.mid
        assert ("5m", 512, True, 300) == (
            found.write_ttl, found.minimum_cacheable_tokens, found.writes_billed, found.ttl_s,
        )  # fmt: skip

    def test_an_hour_where_hours_are_written(self) -> None:
        """And so it is on a sister model, but not on another maker's."""
        session = make(*talk(4, write_1h=True), ANTHROPIC)
        assert "1h" == side(session, OPUS).write_ttl
        assert "1h" == side(session, SONNET).write_ttl
        assert "5m" == side(session, SOL).write_ttl

    def test_the_sessions_own_window_counts_for_its_own_model(self) -> None:
        """What the log says of the window is not said of another model."""
        session = make(SessionInfo(ID, START, context_window_tokens=123_456), *talk(4))
        assert 123_456 == side(session, OPUS).context_window_tokens
        assert 1_000_000 == side(session, SONNET).context_window_tokens

    def test_an_unpriced_model(self) -> None:
        """No card: the reason stands where the price would."""
        found = side(make(*talk(4)), "mystery-1")
        assert isinstance(found.card, Unknown)
        assert "mystery-1" in found.card.reason

    def test_where_writes_are_not_billed(self) -> None:
        """OpenAI's older models: new tokens are plain input."""
        found = side(make(*talk(4, model="gpt-5", writes=False), agent="codex"), "gpt-5")
        assert not found.writes_billed

    def test_writes_that_logs_never_tell(self) -> None:
        """Going to a maker that bills writes, from one whose logs show none."""
        google = SessionInfo(ID, START, provider="anthropic")
        session = make(*talk(4, model="gemini-2.5-pro", writes=False), google, agent="opencode")
        view = outlook(session, SONNET, START + 300, Moment.AT_CHOICE)
        assert "5m" == view.written
        assert "" == outlook(session, "gemini-2.5-flash", START + 300, Moment.AT_CHOICE).written


def test_the_carried_context_is_what_was_sent_and_what_came_back() -> None:
    """53,000 sent and 400 answered, by what answers of this session have turned out to be."""
    assert exactly(53_400.0) == carried_context(make(call(1, 1, write=53_000, output=400)))
    assert 53_300 < carried_context(make(*talk(4))).mid < 53_500


class TestPace:
    """The session's own rhythm, with spreads."""

    def test_a_prior_before_anything_is_seen(self) -> None:
        """Five calls a turn at the median of recorded sessions, and a wide range."""
        found = pace_of(make(*prompt(0), call(1, 1, write=50_000)))
        assert isinstance(found.calls_per_turn, Interval)
        assert 5 == found.calls_per_turn.mid
        assert found.calls_per_turn.low < 5 < found.calls_per_turn.high

    def test_turns_of_one_call_are_learnt(self) -> None:
        """Somebody who only asks questions has one call a turn; never less than one."""
        records: list[Record] = []
        for number in range(1, 30):
            at = 60.0 * number
            records += [*prompt(at), call(number, at + 1, read=50_000, write=500)]
        found = pace_of(make(*records)).calls_per_turn
        assert isinstance(found, Interval)
        assert (1, 1) == (found.low, found.mid)

    def test_large_results_are_learnt(self) -> None:
        """What calls bring here, and what they answer."""
        small, large = make(*talk(12, grows=600)), make(*talk(12, grows=6_000))
        news = [pace_of(session).new_tokens_per_call for session in (small, large)]
        assert isinstance(news[0], Interval)
        assert isinstance(news[1], Interval)
        assert 2 * news[0].mid < news[1].mid

    def test_prompts_are_not_results(self) -> None:
        """The first call of a turn carries a prompt, which is mostly short."""
        found = pace_of(make(*talk(12, grows=6_000)))
        assert found.first_new_tokens is not None
        assert isinstance(found.new_tokens_per_call, Interval)
        assert found.first_new_tokens.mid < found.new_tokens_per_call.mid


class TestFastMode:
    """It is kept at a switch, where the other model has one."""

    def test_a_model_without_fast_mode_has_its_usual_price(self) -> None:
        """Else the price of leaving a fast Opus would be unknown, and nobody would be warned."""
        session = make(*talk(2), call(3, 140, read=30_000, write=100, fast=True))
        assert session.fast
        assert [True, False] == [side(session, model).fast for model in (OPUS, SONNET)]
        assert not isinstance(answer(session, SONNET, START + 150, BOOK).estimate.next_call.switch,
                              Unknown)  # fmt: skip

    def test_a_model_with_one_keeps_it(self) -> None:
        """Codex' tier belongs to the session."""
        session = make(call(1, 10, model=SOL, plain=30_000, fast=True), agent="codex")
        assert side(session, TERRA).fast

    def test_in_cursor_it_is_part_of_the_model_that_was_picked(self) -> None:
        """A fast one left says nothing of the other."""
        session = make(call(1, 10, model=SOL, plain=30_000, fast=True), agent="cursor")
        assert [True, False] == [side(session, model).fast for model in (SOL, TERRA)]

    def test_of_a_model_without_a_price_nothing_is_said(self) -> None:
        """It is not known either whether it has one."""
        session = make(*talk(2), call(3, 140, read=30_000, write=100, fast=True))
        assert side(session, "no-such-model").fast
