"""Codex between models of different compaction hashes: the summary, and what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, call, make, prompt
from switchtax.estimates.codex_switch import SUMMARY_TOKENS, Restart, restart_of, summary_of
from switchtax.estimates.for_session import Answer, answer
from switchtax.estimates.interval import Interval
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.outlook import bearing, turns_at
from switchtax.estimates.restart import later_by_summary
from switchtax.records import (
    Cleared,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Forked,
    ModelChosen,
    Record,
    SessionInfo,
    Unknown,
)
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.neighbours import Neighbours

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

SOL, TERRA, OLD = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5"
SOL_CHARS, OLD_CHARS = 54_000, 6_300
"""What the log of a first request holds beside the prompt, under `codex exec`."""
LAB = SessionInfo(ID, START, entrypoint="exec", provider="lab")


def begun(model: str = SOL, *, first: int = 13_500, where: SessionInfo = LAB) -> list[Record]:
    """One turn on a model: Codex's own words and a prompt, then a second turn."""
    chars = OLD_CHARS if model == OLD else SOL_CHARS
    told = Content(ID, START, ContentKind.ATTACHMENT, chars)
    effort = {"effort": "medium"}
    return [
        where, told, *prompt(1, 40), call(1, 10, model=model, write=first, output=1_000, **effort),
        *prompt(60, 40), call(2, 70, model=model, read=first, write=1_030, output=400, **effort),
    ]  # fmt: skip


def codex(*records: Record) -> Session:
    """A session of Codex."""
    return make(*records, agent="codex")


def restart(session: Session, model: str, at: float = 80) -> Restart:
    """What comes before that model answers; something must."""
    found = restart_of(session, model, START + at)
    assert found is not None
    return found


def to(session: Session, model: str, at: float = 80) -> Answer:
    """The whole answer."""
    return answer(session, model, START + at, BOOK)


class TestWhetherItComes:
    """A summary comes between known, different hashes, once."""

    def test_between_different_hashes(self) -> None:
        """And between no others."""
        session = codex(*begun())
        assert restart_of(session, OLD, START + 80) is not None
        assert restart_of(session, TERRA, START + 80) is None
        assert restart_of(session, "gpt-5.4-mini", START + 80) is None

    def test_to_a_smaller_window(self) -> None:
        """Where the history fills nine tenths of it, whatever the hashes say."""
        told = Content(ID, START, ContentKind.ATTACHMENT, SOL_CHARS)
        first = call(1, 10, model=TERRA, write=13_500, output=240_000)
        session = codex(LAB, told, *prompt(1, 40), first)
        found = to(session, SOL, at=20)
        assert found.delta.compaction_first is True
        assert found.estimate.fits is True
        assert found.choice.outlook.sent_tokens.mid < 20_000
        assert found.switch_side.compaction is not None

    @pytest.mark.parametrize(
        "more", [Compaction(ID, START + 75, after_tokens=9_000), Cleared(ID, START + 75)]
    )
    def test_not_where_nothing_is_left_to_sum_up(self, more: Record) -> None:
        """The summary is there, or the history is gone."""
        assert restart_of(codex(*begun(), more), OLD, START + 80) is None

    def test_not_before_the_first_request(self) -> None:
        """A new session begins on any model."""
        assert restart_of(codex(LAB), OLD, START) is None


class TestWhatItStartsFrom:
    """The session's own first request, the difference between models, the prompts kept."""

    def test_to_a_model_with_other_instructions(self) -> None:
        """The first model's stay in front, its own come behind: some 4k tokens more."""
        found = restart(codex(*begun()), OLD)
        assert 16_500 < found.start_tokens.mid < 17_500
        assert found.start_tokens.width < 2_000

    def test_to_a_model_with_its_own_in_front(self) -> None:
        """Its tools are longer; nothing else differs much."""
        found = restart(codex(*begun(OLD, first=9_400)), SOL)
        assert 11_200 < found.start_tokens.mid < 12_200

    def test_what_a_user_adds_is_in_it(self) -> None:
        """Rules of the project make the first request longer, and stay."""
        rules = Content(ID, START, ContentKind.ATTACHMENT, 8_000)
        plain, ruled = codex(*begun()), codex(rules, *begun(first=15_500))
        more = restart(ruled, OLD).start_tokens.mid - restart(plain, OLD).start_tokens.mid
        assert 1_800 < more < 2_300

    def test_prompts_are_kept_up_to_a_limit(self) -> None:
        """The newest 20,000 tokens; where OpenAI itself sums up, 64,000."""
        hosted = SessionInfo(ID, START, entrypoint="exec", provider="openai")
        for where, most in ((LAB, 80_000), (hosted, 256_000)):
            plain = restart(codex(*begun(where=where)), OLD).start_tokens
            wrote = restart(codex(*begun(where=where), *prompt(75, 900_000)), OLD).start_tokens
            density = (wrote.mid - plain.mid) / most
            assert 0.15 < density < 0.4
            assert wrote.width > plain.width

    def test_where_the_session_began_with_a_copy(self) -> None:
        """A fork's first request holds its parent's history: only the table is left, and wide."""
        copied = [Forked(ID, START, "parent"), *begun(first=90_000)]
        for session in (codex(*copied), codex(*begun(first=90_000))):
            found = restart(session, OLD).start_tokens
            assert 14_000 < found.mid < 20_000
            assert found.width > 0.3 * found.mid


class TestWhereItIsResumed:
    """At a screen or by `codex exec`: that changes what the new model is told."""

    SAT = SessionInfo(ID, START, entrypoint="cli", provider="lab", asks=True)
    LEFT = SessionInfo(ID, START + 75, entrypoint="exec", asks=False)

    def begun(self, *later: Record) -> Session:
        """A session of a terminal."""
        return codex(*begun(first=14_500, where=self.SAT), *later)

    def test_before_it_is_known_the_range_holds_both(self) -> None:
        """The likeliest is that somebody goes on where they are."""
        before = restart(self.begun(), OLD).start_tokens
        after = restart(self.begun(self.LEFT), OLD).start_tokens
        assert before.low < after.mid < 0.93 * before.mid
        assert after.mid < before.mid < after.high + 0.07 * before.mid

    def test_a_pick_where_it_may_ask_was_made_at_a_screen(self) -> None:
        """Then the range is as narrow as the session lets it be."""
        before = restart(self.begun(), OLD).start_tokens
        picked = restart(self.begun(ModelChosen(ID, START + 72, OLD, SOL)), OLD).start_tokens
        assert before.mid == picked.mid
        assert picked.width < 1_000 < before.width

    @pytest.mark.parametrize(("model", "reads"), [(OLD, False), (SOL, True)])
    def test_staying_reads_what_the_same_tools_stand_before(self, model: str, reads: bool) -> None:
        """Those of gpt-5.5 stand in front of the history, and are fewer without a screen."""
        stays = codex(*begun(model, where=self.SAT))
        assert CacheState.WARM == to(stays, model).stay.outlook.state
        stays.add(self.LEFT)
        state = CacheState.WARM if reads else CacheState.NONE
        assert state == to(stays, model).stay.outlook.state

    def test_what_it_began_with_is_known(self) -> None:
        """Permission was asked for then; the mode of working together stays."""
        left = self.begun(self.LEFT)
        assert left.first is not None
        assert (True, True) == (left.first.room.asks, left.first.room.is_on_screen)
        room = left.codex_room()
        assert (False, False, True) == (room.asks, room.is_on_screen, room.keeps_mode)


class TestTheSummary:
    """The one thing that nobody knows beforehand."""

    def test_before_one_was_seen(self) -> None:
        """A guess, and the range says so."""
        assert SUMMARY_TOKENS == summary_of(codex(*begun()), START)

    def test_as_the_sessions_own_were(self) -> None:
        """The middle one of them."""
        own = [
            call(number, 60 + number, output=output, purpose="compaction")
            for number, output in ((8, 800), (9, 5_000), (10, 1_000))
        ]
        assert Interval(500, 1_000, 2_000) == summary_of(codex(*begun(), *own), START + 80)

    def test_else_as_those_of_other_sessions_were(self) -> None:
        """Only of the same agent, and only what was written by then."""
        session = codex(*begun())
        session.neighbours = Neighbours()
        assert SUMMARY_TOKENS == summary_of(session, START + 80)
        for agent, at, output in (("codex", 5, 600), ("pi", 5, 90), ("codex", 90, 9_000)):
            wrote = call(at + output, at, output=output, purpose="compaction")
            session.neighbours.note(agent, [wrote])
        before = bearing(session, OLD, START + 80)
        assert Interval(300, 600, 1_200) == summary_of(session, START + 80)
        assert before != bearing(session, OLD, START + 95)


class TestTheRequestForIt:
    """What the old model is sent, and what of that its cache still holds."""

    def test_tools_inside_the_history_are_sent_and_read(self) -> None:
        """The whole prefix is as before."""
        first = to(codex(*begun()), OLD).switch_side.compaction
        assert first is not None
        assert (SOL, 14_530) == (first.on.model, first.on.alive_tokens.mid)  # type: ignore[union-attr]
        assert 100 < restart(codex(*begun()), OLD).asked_tokens < 130

    def test_tools_outside_are_left_out_and_all_is_read_anew(self) -> None:
        """Nothing begins as it did."""
        session = codex(*begun(OLD, first=9_400))
        first = to(session, SOL).switch_side.compaction
        assert first is not None
        assert Interval(0, 0, 0) == first.on.alive_tokens
        assert -2_400 < restart(session, SOL).asked_tokens < -1_900

    def test_openai_itself_is_sent_the_tools(self) -> None:
        """So the cache is read from any model."""
        hosted = SessionInfo(ID, START, entrypoint="exec", provider="openai")
        found = restart(codex(*begun(OLD, first=9_400, where=hosted)), SOL)
        assert (True, True, 0) == (found.reads, found.surely, found.asked_tokens)

    def test_at_the_effort_that_was_picked(self) -> None:
        """Another effort is another cache; after the pick that is sure."""
        screen = SessionInfo(ID, START, entrypoint="cli", provider="lab")
        session = codex(*begun(where=screen))
        found = restart(session, OLD)
        assert (True, False) == (found.reads, found.surely), "gpt-5.5 is proposed at medium"
        session.add_all(
            [ModelChosen(ID, START + 72, OLD, SOL), EffortChosen(ID, START + 72, "low")]
        )
        found = restart(session, OLD)
        assert (False, True) == (found.reads, found.surely)

    def test_before_the_pick_what_codex_proposes_is_expected(self) -> None:
        """GPT-6.1 Sol is proposed at low effort, this session is at medium; `exec` keeps it."""
        screen = SessionInfo(ID, START, entrypoint="cli", provider="openai")
        found = restart(codex(*begun(OLD, first=9_400, where=screen)), SOL)
        assert (False, False) == (found.reads, found.surely)

    def test_where_efforts_share_a_cache(self) -> None:
        """Then the pick changes nothing."""
        session = codex(*begun(where=SessionInfo(ID, START, entrypoint="cli", provider="lab")))
        session.rules_for = None
        assert restart(session, OLD).reads

    def test_its_sizes(self) -> None:
        """The context with the order to sum up."""
        session = codex(*begun())
        found = restart(session, OLD)
        sent = found.sent_tokens(session.context_tokens)
        assert sent.low == sent.high == session.context_tokens + found.asked_tokens
        assert 0 == found.sent_tokens(-200).mid


class TestTheFirstCallAfterIt:
    """`prediction`: foretold before the summary is written."""

    def test_it_sends_the_summary_not_the_history(self) -> None:
        """At choice a usual prompt, at send the one that stands in the log."""
        session = codex(*begun(), *prompt(75, 20_000))
        found = to(session, OLD)
        after = restart(session, OLD).after_tokens.mid
        send, choice = found.send.outlook, found.choice.outlook
        assert CacheState.NONE == send.state
        assert after + 3_500 < send.sent_tokens.mid < after + 8_000
        assert after < choice.sent_tokens.mid < after + 2_000
        assert send.sent_tokens.low < send.sent_tokens.mid < send.sent_tokens.high
        assert not isinstance(found.send.cost, Unknown)
        assert 5 * send.sent_tokens.mid == pytest.approx(found.send.cost.mid, rel=0.001)

    def test_on_the_way_back_tools_and_instructions_may_be_warm(self) -> None:
        """The model opened this session a minute ago; of its history nothing else is left."""
        back = [
            call(3, 85, model=SOL, write=12_800, effort="medium"),
            *prompt(100, 40),
            call(4, 110, model=SOL, read=12_800, effort="medium"),
        ]
        gone = Compaction(ID, START + 80, after_tokens=9_000)
        session = codex(*begun(OLD, first=9_400), gone, *back)
        found = to(session, OLD, at=120)
        read = found.choice.outlook.read_tokens.mid
        assert CacheState.PARTIAL == found.choice.outlook.state
        assert 0 == read % 128
        assert read == restart(session, OLD, at=120).head.tokens // 128 * 128 > 6_500
        assert START + 370 in set(turns_at(session, OLD))
        assert CacheState.NONE == to(session, OLD, at=600).choice.outlook.state

    @pytest.mark.parametrize(("by_way_of", "alive"), [((), 0.9), ((TERRA,), 0.0)])
    def test_a_model_that_never_opened_a_history_has_no_start(
        self, by_way_of: tuple[str, ...], alive: float
    ) -> None:
        """Reached by a plain switch, its requests began with the other's instructions."""
        target = by_way_of[0] if by_way_of else SOL
        plain = [call(3, 75, model=model, write=20_000, effort="medium") for model in by_way_of]
        gone = Compaction(ID, START + 80, after_tokens=9_000)
        later = call(4, 90, model=OLD, plain=17_000, effort="medium")
        session = codex(*begun(), *plain, gone, later)
        assert alive == restart(session, target, at=100).head.alive

    def test_once_summed_up_what_opens_it_is_still_read(self) -> None:
        """By the user's own order, say: tools and instructions are as they were."""
        session = codex(*begun(OLD, first=9_400), Compaction(ID, START + 80, after_tokens=9_000))
        found = to(session, OLD, at=90).stay.outlook
        assert CacheState.PARTIAL == found.state
        assert 7_000 < found.read_tokens.mid < 8_500
        assert CacheState.NONE == to(session, OLD, at=600).stay.outlook.state

    def test_without_rules_no_steps(self) -> None:
        """Nobody says that this provider keeps prefixes in steps."""
        session = codex(*begun())
        session.rules_for = None
        assert CacheState.NONE == to(session, OLD).choice.outlook.state

    def test_its_first_word_waits_for_the_summary(self) -> None:
        """Written at the old model's pace; the wait for the call itself is told apart."""
        session = codex(*begun())
        waits = LatencyBook()
        wait = to(session, OLD).wait
        assert not isinstance(wait, Unknown)
        writing = waits.generate_s("codex", SOL) * SUMMARY_TOKENS.mid / 1000
        assert pytest.approx(writing + wait.switch_p50_s, abs=0.01) == wait.extra_p50_s
        assert wait.extra_p90_s > wait.extra_p50_s + writing
        nobody = Unknown("never timed")
        assert nobody == later_by_summary(nobody, restart(session, OLD), 10.0)
