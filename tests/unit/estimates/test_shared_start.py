"""Tools and system prompt: warm where a request that opened alike was sent lately."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, call, make, prompt, talk
from switchtax.estimates.for_session import foretell, next_turn_at, situation
from switchtax.estimates.interval import Interval
from switchtax.estimates.outlook import Moment, Outlook
from switchtax.estimates.shared_start import Shared, shared_start
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Prompt,
    Record,
    RequestStarted,
    Resumed,
    SessionInfo,
    Start,
)
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.fold import Session
from switchtax.sessions.neighbours import Neighbours

OPUS, SONNET, HAIKU_45 = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"
BUILD = "2.1.329"
TOOLS, WHOLE, OTHER = Start("tools", 60_000), Start("whole", 80_000), Start("other", 81_000)
INFERRED = "; the length of its warm start is inferred"


def sent(
    number: int,
    at: float,
    *,
    chars: int = 100_000,
    who: str = ID,
    starts: tuple[Start, ...] = (TOOLS, WHOLE),
    ttl_s: int | None = None,
    **more: object,
) -> list[Record]:
    """A told request and its answer, `at` seconds after the start."""
    answered = call(number, at, agent_version=BUILD, **more)  # type: ignore[arg-type]
    told = RequestStarted(
        who, START + at, f"r{number}", answered.model,
        ttl_s=ttl_s, sent_chars=chars, shape_chars=starts[-1].chars if starts else 0, starts=starts,
    )  # fmt: skip
    return [told, replace(answered, session_id=who, id=f"{who}{number}")]


def beside(session: Session, *records: Record) -> Session:
    """The same session, with another one in the folder."""
    session.neighbours = Neighbours()
    session.neighbours.note("claude-code", records)
    return session


def view(session: Session, at: float, model: str = SONNET) -> Outlook:
    """The next call, `at` seconds after the start, at the moment the log stands at."""
    moment = Moment.AT_SEND if session.pieces.anything_new else Moment.AT_CHOICE
    return foretell(session, model, START + at, moment, BOOK).outlook


class TestOfPi:
    """Models of one's own are sent a budget for thinking, on which only messages depend."""

    RECORDS = (
        *prompt(0, chars=40), call(1, 1, model=SONNET, write=1_400, effort="low", provider="lab"),
        *prompt(20, chars=40),
        call(2, 21, model=SONNET, read=1_400, write=15_000, effort="low", provider="lab"),
    )  # fmt: skip

    def test_another_level(self) -> None:
        """Tools and system prompt, all that the session opened with, are read; no more."""
        found = view(make(*self.RECORDS, EffortChosen(ID, START + 30, "high"), agent="pi"), 40)
        assert CacheState.PARTIAL == found.state
        assert 1_350 < found.read_tokens.mid < 1_400

    def test_the_same_level(self) -> None:
        """All is read."""
        assert CacheState.WARM == view(make(*self.RECORDS, agent="pi"), 40).state

    def test_a_seller_that_pi_knows(self) -> None:
        """There the model is told an effort, at the head of the request: its cache starts over."""
        known = [replace(each, provider="anthropic") if isinstance(each, Call) else each
                 for each in self.RECORDS]  # fmt: skip
        found = view(make(*known, EffortChosen(ID, START + 30, "high"), agent="pi"), 40)
        assert CacheState.NONE == found.state

    @pytest.mark.parametrize(
        ("told", "state"),
        [
            ("lab/claude-sonnet-5-5", CacheState.NONE),
            ("other/claude-sonnet-5-5", CacheState.PARTIAL),
            ("lab/claude-opus-5-5", CacheState.PARTIAL),
        ],
    )
    def test_a_model_whose_settings_say_otherwise(self, told: str, state: CacheState) -> None:
        """It is told an effort like those of the sellers; no other model is."""
        about = SessionInfo(ID, sent_an_effort=(told,))
        chosen = EffortChosen(ID, START + 30, "high")
        assert state == view(make(about, *self.RECORDS, chosen, agent="pi"), 40).state

    def test_too_late(self) -> None:
        """After the cache's lifetime nothing is read."""
        found = view(make(*self.RECORDS, EffortChosen(ID, START + 30, "high"), agent="pi"), 400)
        assert CacheState.NONE == found.state


class TestByContent:
    """Where the agent tells what its requests open with."""

    def test_another_session_sent_the_model_the_same(self) -> None:
        """The target never saw this conversation, and reads its start all the same."""
        session = make(*sent(1, 0, write=50_000))
        other = sent(2, 30, who="other", model=SONNET, write=45_000)
        found = view(beside(session, *other), 60)
        assert CacheState.PARTIAL == found.state, "though it is 40,000 of 50,000"
        assert 40_000 == found.read_tokens.mid
        assert found.read_tokens.low < 39_000 < 41_000 < found.read_tokens.high
        assert "this model has not seen this conversation" + INFERRED == found.evidence

    def test_only_what_is_equal_is_read(self) -> None:
        """Another end of the system prompt: the tools before it are shared."""
        session = make(*sent(1, 0, write=50_000))
        other = sent(2, 30, who="other", model=SONNET, write=45_000, starts=(TOOLS, OTHER))
        assert 30_000 == view(beside(session, *other), 60).read_tokens.mid

    def test_other_tools_share_nothing(self) -> None:
        """The same build in the same folder is not enough, where the content is told."""
        session = make(*sent(1, 0, read=40_000, write=10_000))
        other = sent(2, 30, who="other", model=SONNET, write=45_000, starts=(OTHER,))
        assert CacheState.NONE == view(beside(session, *other), 60).state

    def test_it_lives_as_long_as_the_cache(self) -> None:
        """Five minutes from the last use, or an hour where the request asked for it."""
        for ttl_s, alive in ((None, 300), (3_600, 3_600)):
            session = make(*sent(1, 0, write=50_000))
            other = sent(2, 30, who="other", model=SONNET, write=45_000, ttl_s=ttl_s)
            beside(session, *other)
            assert 40_000 == view(session, 30 + alive).read_tokens.mid
            assert CacheState.NONE == view(session, 31 + alive).state
            assert START + 30 + alive in {
                next_turn_at(session, [SONNET], START + at) for at in (60, 301, 331)
            }

    def test_what_other_sessions_do_changes_the_situation(self) -> None:
        """Whoever remembers an answer must work it out again."""
        session = make(*sent(1, 0, write=50_000))
        before = situation(session, [SONNET], START + 60, BOOK)
        beside(session, *sent(2, 30, who="other", model=SONNET, write=45_000))
        assert before != situation(session, [SONNET], START + 60, BOOK)

    def test_settings_that_the_cache_depends_on(self) -> None:
        """Haiku 4.5 keeps one cache for each effort; the newer ones do not."""
        for model, expected in ((HAIKU_45, CacheState.NONE), (SONNET, CacheState.PARTIAL)):
            session = make(*sent(1, 0, write=50_000, effort="low"))
            other = sent(2, 30, who="other", model=model, write=45_000, effort="high")
            assert expected == view(beside(session, *other), 60, model).state
            same = sent(2, 30, who="other", model=model, write=45_000, effort="low")
            assert CacheState.PARTIAL == view(beside(session, *same), 60, model).state
        session = make(*sent(1, 0, write=50_000), EffortChosen(ID, START + 9, None, True))
        assert CacheState.NONE == view(session, 60, OPUS).state

    def test_after_a_compaction_its_own_is_warm(self) -> None:
        """Tools and instructions outlive the conversation."""
        session = make(*sent(1, 0, write=50_000), Compaction(ID, START + 30, "manual"))
        assert 40_000 == view(session, 60, OPUS).read_tokens.mid

    def test_a_read_start_has_a_known_length(self) -> None:
        """No range, and nothing inferred: another session's first request was billed for it."""
        session = make(*sent(1, 0, write=50_000))
        other = sent(2, 30, who="other", model=SONNET, read=41_000, write=9_000)
        found = view(beside(session, *other), 60)
        assert 41_000 == found.read_tokens.mid == found.read_tokens.high
        assert "this model has not seen this conversation" == found.evidence

    def test_another_tokenizer(self) -> None:
        """The length follows the ratio, and is less sure."""
        session = make(*sent(1, 0, write=50_000))
        other = sent(2, 30, who="other", model=HAIKU_45, write=45_000, chars=0)
        beside(session, *other)
        ratio = Interval(0.7, 0.8, 0.9)
        found = shared_start(session, HAIKU_45, START + 60, ratio)
        assert 32_000 == found.tokens[1]
        alone = shared_start(beside(session, *other), HAIKU_45, START + 60)
        assert found.tokens[2] / 32_000 > alone.tokens[2] / 40_000

    def test_too_short_to_be_cached(self) -> None:
        """Below the model's minimum a start is not cached, whoever sent it."""
        tiny = (Start("tiny", 1_000),)
        session = make(*sent(1, 0, write=50_000, starts=tiny))
        other = sent(2, 30, who="other", model=SONNET, write=45_000, starts=tiny)
        assert CacheState.NONE == view(beside(session, *other), 60).state

    def test_a_length_nobody_knows(self) -> None:
        """Marks were told, sizes were not: nothing is said to be read."""
        session = make(*sent(1, 0, write=50_000, chars=0))
        other = sent(2, 30, who="other", model=SONNET, write=45_000, chars=0)
        assert CacheState.NONE == view(beside(session, *other), 60).state

    def test_the_clock_knows_nothing_of_a_model_that_nobody_used(self) -> None:
        """What turns is this session's own cache."""
        session = make(*sent(1, 0, write=50_000))
        assert START + 300 == next_turn_at(session, [SONNET], START + 60)
        assert next_turn_at(session, [SONNET], START + 301) is None

    def test_without_rules_or_a_call_nothing_is_held(self) -> None:
        """A promise needs both."""
        fresh = make(sent(1, 0)[0])
        assert Shared() == shared_start(fresh, OPUS, START + 9)
        loose = Session("claude-code", ID)
        loose.add_all(sent(1, 0, write=50_000))
        assert 0.0 == loose.start_ends_at(OPUS, WHOLE, START + 9)


class TestByBuild:
    """Where no request tells what it opens with."""

    def opened(self, **more: object) -> list[Record]:
        """A prompt, and a first call that writes all it sends."""
        return [*prompt(0), call(1, 1, write=30_000, agent_version=BUILD, **more)]  # type: ignore[arg-type]

    def test_it_is_inferred_from_the_opening(self) -> None:
        """Seven tenths of what the first request had besides the prompt, within wide bounds."""
        session = make(*self.opened(), call(2, 60, read=30_000, write=60_000))
        session.add(Compaction(ID, START + 70))
        found = view(session, 90, OPUS)
        assert CacheState.PARTIAL == found.state
        assert 20_000 < found.read_tokens.mid < 21_000
        assert found.read_tokens.low < 17_000
        assert found.read_tokens.high > 24_000
        assert "the history was replaced" + INFERRED == found.evidence
        assert CacheState.NONE == view(session, 400, OPUS).state

    @pytest.mark.parametrize(
        ("version", "expected"), [(BUILD, CacheState.PARTIAL), ("2.1.29", CacheState.NONE)]
    )
    def test_another_session_of_the_build_kept_it(self, version: str, expected: CacheState) -> None:
        """From 2.1.30 on; before, no start was shared."""
        used = replace(call(9, 30, model=SONNET, write=45_000), session_id="other")
        records = [
            replace(r, agent_version=version) if hasattr(r, "agent_version") else r
            for r in [*self.opened(), used]
        ]
        session = make(*records[:-1])
        assert expected == view(beside(session, records[-1]), 60).state

    def test_a_start_that_was_read_on_a_sister_model(self) -> None:
        """Of one tokenizer it is as long; nothing is inferred."""
        session = make(call(1, 0, read=18_000, write=40_000, agent_version=BUILD))
        used = call(9, 30, model=SONNET, write=45_000, agent_version=BUILD)
        found = shared_start(beside(session, replace(used, session_id="o")), SONNET, START + 60)
        assert Shared((18_000.0,), 0.97) == found

    def test_an_opening_too_long_to_be_one(self) -> None:
        """A log that begins in the middle of a conversation."""
        session = make(*talk(2, first=90_000), Compaction(ID, START + 130))
        assert CacheState.NONE == view(session, 140, OPUS).state

    @pytest.mark.parametrize(
        "since", [Resumed(ID, START + 5, "2.1.400"), EffortChosen(ID, START + 5, None, True)]
    )
    def test_another_build_or_setting_opens_otherwise(self, since: Record) -> None:
        """Its system prompt, or its cache, is another."""
        session = make(*self.opened(), since, Compaction(ID, START + 9))
        assert Shared() == shared_start(session, OPUS, START + 60)

    def test_too_short_to_be_cached(self) -> None:
        """Seven tenths of little are below the minimum."""
        session = make(call(1, 0, model=HAIKU_45, write=5_000), Compaction(ID, START + 9))
        assert Shared() == shared_start(session, HAIKU_45, START + 60)

    def test_of_other_agents_and_caches_no_share_is_known(self) -> None:
        """What was measured are sessions of Claude Code, at providers with a clock."""
        for agent, model in (("pi", OPUS), ("claude-code", "gpt-5")):
            session = make(*self.opened(model=model), Compaction(ID, START + 9), agent=agent)
            assert Shared() == shared_start(session, model, START + 60)
        bare = Session("claude-code", ID)
        bare.add_all(self.opened(cache_ttl_s=300))
        bare.ttl_s = 300
        assert Shared() == shared_start(bare, OPUS, START + 60)


class TestSizeAfterACompaction:
    """A build that tells its requests also logs all that is attached again."""

    def compacted(self, trigger: str, *after: Record) -> Session:
        """A conversation, then a summary of 8,000 characters."""
        return make(
            *prompt(0), *sent(1, 1, write=25_000),
            *sent(2, 60, read=25_000, write=60_000, chars=340_000),
            Compaction(ID, START + 70, trigger),
            Content(ID, START + 70, ContentKind.SUMMARY, 8_000), *after,
        )  # fmt: skip

    def mid(self, trigger: str, *after: Record) -> float:
        return view(self.compacted(trigger, *after), 90, OPUS).sent_tokens.mid

    def test_the_opening_and_what_the_log_holds(self) -> None:
        """A quarter of a token for a character here, as the first request told."""
        found = view(self.compacted("auto"), 90, OPUS).sent_tokens
        assert 25_000 + 2_000 == pytest.approx(found.mid, rel=0.02)
        assert found.high < 29_000, "no files besides, which older builds attach unlogged"

    def test_after_a_command_a_prompt_will_follow(self) -> None:
        """Unless it stands there already."""
        assert 110 == pytest.approx(self.mid("manual") - self.mid("auto"), abs=1)
        asked = Prompt(ID, START + 80, chars=4)
        assert self.mid("auto", asked) == self.mid("manual", asked)

    def test_what_stands_behind_the_start_tells_tokens_per_character(self) -> None:
        """A first request whose messages are dense makes a summary dearer."""
        thin = make(*prompt(0), *sent(1, 1, read=20_000, write=4_000))
        dense = make(*prompt(0), *sent(1, 1, read=24_000, write=8_000))
        chars = [session.growth_of(OPUS).tokens_per_char for session in (thin, dense)]
        assert 0.19 < chars[0] < 0.26
        assert 0.36 < chars[1] < 0.42

    def test_nothing_behind_the_start_tells_nothing(self) -> None:
        """Nor does a request of unknown size."""
        usual = make().growth_of(OPUS).tokens_per_char
        for chars in (0, 80_000):
            session = make(*prompt(0), *sent(1, 1, write=25_000, chars=chars))
            assert usual == session.growth_of(OPUS).tokens_per_char
