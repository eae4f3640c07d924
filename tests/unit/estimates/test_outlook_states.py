"""What of the prefix the next call will read: warm, partial, none or unknown, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, call, make, prompt, result, talk
from switchtax.catalog.cards import CacheKind
from switchtax.estimates.for_session import next_turn_at
from switchtax.estimates.outlook import Moment, outlook, state_of
from switchtax.records import (
    Cleared,
    Compaction,
    EffortChosen,
    ModelChosen,
    RequestStarted,
    Resumed,
    Unknown,
)
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.fold import Session
from switchtax.sessions.neighbours import Neighbours
from unit.estimates.outlook_views import OPUS, SONNET, view

HAIKU_45 = "claude-haiku-4-5"
GPT_5 = "gpt-5"
NEW_BUILD = "2.1.329"


class TestClock:
    """Explicit caches live for a stated time after each use."""

    def test_warm_inside_the_lifetime(self) -> None:
        """All that the last request sent is read; the clock runs from its start."""
        found = view(make(*talk(4)), 240 + 299)
        assert CacheState.WARM == found.state
        assert 53_000 == found.read_tokens.mid
        assert START + 240 + 300 == found.warm_until_at
        assert Unknown("it has not expired") == found.expired_at
        assert 300 == found.ttl_s
        assert "used within its lifetime" == found.evidence
        assert 0.99 < found.warm_probability < 1

    def test_the_clock_turns_when_a_prefix_ends(self) -> None:
        """First its lifetime, then the grace it is often kept for; after that never."""
        session = make(*talk(4))
        ends = START + 240 + 300
        assert ends == next_turn_at(session, [OPUS], START + 240)
        assert START + 240 + 330 == next_turn_at(session, [OPUS], ends + 1)
        assert next_turn_at(session, [OPUS], ends + 31) is None

    def test_the_clock_never_turns_without_a_lifetime(self) -> None:
        """A model nobody has rules for: nothing is known to end."""
        session = make(*talk(4, model="a-model-of-nobody", writes=False))
        assert next_turn_at(session, ["a-model-of-nobody"], START + 240) is None

    def test_expired(self) -> None:
        """After a tenth more than the lifetime nothing is expected to be read."""
        found = view(make(*talk(4)), 240 + 331)
        assert CacheState.NONE == found.state
        assert 0 == found.read_tokens.mid
        assert found.warm_until_at is None
        assert START + 240 + 300 == found.expired_at
        assert found.evidence.startswith("expired")

    def test_just_expired(self) -> None:
        """Within that tenth more it may go either way: the interval holds both."""
        found = view(make(*talk(4)), 240 + 310)
        assert "just expired" == found.evidence
        assert (0, 53_000) == (found.read_tokens.low, found.read_tokens.high)

    def test_an_hour_where_an_hour_was_written(self) -> None:
        """The lifetime is the one that the log shows, not the provider's usual one."""
        found = view(make(*talk(4, write_1h=True)), 240 + 3_599)
        assert CacheState.WARM == found.state
        assert 3_600 == found.ttl_s
        assert "1h" == found.written

    def test_an_answer_says_how_long_its_entry_lives(self) -> None:
        """A lifetime that the log tells with the call counts for that call's prefix."""
        found = view(make(*talk(4, cache_ttl_s=3_600)), 240 + 3_000)
        assert CacheState.WARM == found.state

    def test_a_break_of_another_version(self) -> None:
        """Another version of the agent sends another system prompt: hardly warm."""
        session = make(*talk(4, agent_version="2.1.1"), Resumed(ID, START + 300, "2.1.2"))
        found = view(session, 310)
        assert CacheState.NONE == found.state
        assert found.evidence.startswith("another version of the agent")

    def test_an_earlier_time_than_the_log(self) -> None:
        """A clock that jumped back does not make a cache older than new."""
        assert CacheState.WARM == view(make(*talk(4)), 0).state


class TestSharedStart:
    """Tools and system prompt may be warm though the conversation is not."""

    def test_partial_by_a_start_that_outlives_the_conversation(self) -> None:
        """Twice it was still read after the cache had expired: so it will be again."""
        records = [
            call(1, 0, read=18_000, write=40_000, agent_version=NEW_BUILD),
            call(2, 1_000, read=18_000, write=42_000, agent_version=NEW_BUILD),
            call(3, 2_000, read=18_000, write=44_000, agent_version=NEW_BUILD),
        ]
        found = view(make(*records), 3_000)
        assert CacheState.PARTIAL == found.state
        assert 18_000 == found.read_tokens.mid

    def test_warm_where_it_is_most_of_the_conversation(self) -> None:
        """An expired conversation that is hardly more than its start: most will be read."""
        records = [
            call(n, 1_000 * n, read=40_000, write=2_000 * n, agent_version=NEW_BUILD)
            for n in (1, 2, 3)
        ]
        found = view(make(*records), 4_000)
        assert CacheState.WARM == found.state
        assert 40_000 == found.read_tokens.mid
        assert found.evidence.startswith("expired")

    def test_none_where_it_was_lost_before(self) -> None:
        """Cold requests of this session read nothing at all: nor will the next one."""
        records = [
            call(1, 0, read=18_000, write=40_000),
            call(2, 1_000, write=60_000),
            call(3, 2_000, write=62_000),
        ]
        assert CacheState.NONE == view(make(*records), 3_000).state

    def test_a_switch_reads_what_another_call_of_the_model_left(self) -> None:
        """A model used here before a compaction still has the start, for the lifetime."""
        session = make(
            call(1, 0, model=SONNET, read=18_000, write=40_000),
            call(2, 20, write=58_000),
            Compaction(ID, START + 30),
        )
        found = view(session, 60, SONNET)
        assert CacheState.PARTIAL == found.state
        assert 18_000 == found.read_tokens.mid
        assert "the history was replaced" == found.evidence

    @pytest.mark.parametrize(
        ("who", "ago_s", "expected"),
        [
            ("another", 100, CacheState.PARTIAL),
            ("another", 400, CacheState.NONE),
            (ID, 100, CacheState.NONE),
        ],
    )
    def test_another_session_keeps_it_warm(
        self, who: str, ago_s: float, expected: CacheState
    ) -> None:
        """A model that this session never used: its start is warm if another one just used it."""
        neighbours = Neighbours()
        used = call(1, 1_000 - ago_s, model=SONNET, agent_version=NEW_BUILD)
        neighbours.note("claude-code", [replace(used, session_id=who)])
        session = Session("claude-code", ID, rules_for=BOOK.rules, neighbours=neighbours)
        session.add(call(1, 0, read=18_000, write=40_000, agent_version=NEW_BUILD))
        found = view(session, 1_000, SONNET)
        assert expected == found.state
        assert (18_000 if expected == CacheState.PARTIAL else 0) == found.read_tokens.mid

    @pytest.mark.parametrize("event", [Compaction(ID, START + 30), Cleared(ID, START + 30)])
    def test_a_told_shape_is_its_length(self, event: Compaction | Cleared) -> None:
        """Before any request has read it: the shape's share of the request, while it lives."""
        told = RequestStarted(ID, START, "r1", OPUS, sent_chars=200_000, shape_chars=40_000)
        session = make(told, call(1, 1, write=50_000), event)
        found = view(session, 60)
        assert CacheState.PARTIAL == found.state
        assert 10_000 == found.read_tokens.mid
        assert CacheState.NONE == view(session, 400).state
        untold = make(replace(told, shape_chars=0), call(1, 1, write=50_000), event, agent="pi")
        assert CacheState.NONE == view(untold, 60).state

    def test_a_read_start_is_better_known_than_a_told_one(self) -> None:
        """The shape's share is only an estimate; a told length does not reach other sessions."""
        told = RequestStarted(ID, START, "r1", OPUS, sent_chars=200_000, shape_chars=40_000)
        session = make(told, call(1, 1, write=50_000))
        start = session.caches.shared_start(OPUS)
        assert (10_000, True) == (start.tokens, start.told)
        session.add(call(2, 1_000, read=9_500, write=41_000))
        assert (9_500, False) == (start.tokens, start.told)
        session.add_all([replace(told, at=START + 1_010), call(3, 1_020, read=50_500, write=900)])
        assert (9_500, False) == (start.tokens, start.told)


class TestNothingHeld:
    """Why a request finds nothing."""

    def test_first_request(self) -> None:
        """Before any call there is nothing to read, and the size is that of the prompt."""
        session = make(*prompt(0, chars=400))
        found = outlook(session, OPUS, START + 1, Moment.AT_SEND)
        assert CacheState.NONE == found.state
        assert "first request of the session" == found.evidence
        assert 0 < found.sent_tokens.mid < 1_000

    def test_another_model(self) -> None:
        """A model that has not seen the conversation reads none of it."""
        found = view(make(*talk(4)), 250, SONNET)
        assert CacheState.NONE == found.state
        assert "this model has not seen this conversation" == found.evidence

    @pytest.mark.parametrize("event", [Compaction(ID, START + 250), Cleared(ID, START + 250)])
    def test_a_replaced_history(self, event: Compaction | Cleared) -> None:
        """A compaction or a clear ends the prefix at once, though the clock still runs."""
        found = view(make(*talk(4), event, agent="pi"), 260)
        assert CacheState.NONE == found.state
        assert "the history was replaced" == found.evidence
        assert found.sent_tokens.mid > 40_000, "the opening of this session is large"

    def test_no_session_is_cached_here(self) -> None:
        """A gateway without caching: nothing read, nothing written, all plain input."""
        found = view(make(*talk(4, caches=False)), 250)
        assert CacheState.NONE == found.state
        assert "no request of this session was ever cached" == found.evidence
        assert "" == found.written

    def test_too_short_to_be_cached(self) -> None:
        """Below the model's minimum a prefix is not cached at all."""
        records = [call(n, 60 * n, model=HAIKU_45, write=1_000 + n) for n in (1, 2)]
        assert CacheState.NONE == view(make(*records), 130, HAIKU_45).state

    def test_unknown_where_no_rule_is_recorded(self) -> None:
        """A provider of which nothing is known, and a log without a sign of caching."""
        session = make(call(1, 0, model="mystery-1", plain=3_000))
        assert CacheKind.UNKNOWN == BOOK.rules("mystery-1").kind
        assert CacheState.UNKNOWN == view(session, 10, "mystery-1").state


class TestLookBack:
    """A provider looks for a prefix only so many blocks before the end."""

    @pytest.mark.parametrize(
        ("blocks", "expected"), [(20, CacheState.WARM), (21, CacheState.PARTIAL)]
    )
    def test_back_to_another_model(self, blocks: int, expected: CacheState) -> None:
        """More blocks than that since: only the shared start is read."""
        steps = [result(2, 70) for _ in range(blocks)]
        started = call(1, 0, model=SONNET, read=18_000, write=40_000)
        session = make(*prompt(0), started, call(2, 60, write=59_000), *steps)
        found = view(session, 100, SONNET)
        assert expected == found.state
        assert (found.evidence.startswith("too many steps")) == (blocks > 20)
        assert (58_000 if blocks == 20 else 18_000) == found.read_tokens.mid

    def test_not_for_the_current_model(self) -> None:
        """Its requests left entries on the way."""
        session = make(call(1, 0, write=50_000), *(result(1, 5) for _ in range(40)))
        assert CacheState.WARM == view(session, 60).state

    def test_not_where_there_is_no_limit(self) -> None:
        """A provider that caches by itself looks at the whole start."""
        steps = [result(2, 70) for _ in range(40)]
        session = make(call(1, 0, model=GPT_5, plain=50_000), call(2, 60, write=59_000), *steps)
        assert not view(session, 100, GPT_5).evidence.startswith("too many steps")

    def test_other_content_does_not_count(self) -> None:
        """What a sub-agent says is in another conversation."""
        side = [replace(result(2, 70), sidechain=True) for _ in range(40)]
        session = make(call(1, 0, model=SONNET, write=58_000), call(2, 60, write=59_000), *side)
        assert CacheState.WARM == view(session, 100, SONNET).state
        assert (0, 0) == (session.blocks, session.sent_blocks)


class TestSettings:
    """Effort and fast mode belong to the identity where the provider's rule says so."""

    def test_effort_keeps_the_cache_of_newer_claude_models(self) -> None:
        """Opus 5.5 does not key on effort."""
        session = make(*talk(4, effort="medium"), EffortChosen(ID, START + 250, "high"))
        assert CacheState.WARM == view(session, 260).state

    def test_effort_breaks_the_cache_of_older_ones(self) -> None:
        """Haiku 4.5 does; the reason is told."""
        records = talk(4, model=HAIKU_45, effort="medium")
        session = make(*records, EffortChosen(ID, START + 250, "high"))
        found = view(session, 260, HAIKU_45)
        assert CacheState.NONE == found.state
        assert "settings that this provider's cache depends on have changed" == found.evidence

    def test_effort_that_came_with_another_model(self) -> None:
        """Says nothing of staying: the old model's cache is there as it was."""
        records = talk(4, model=HAIKU_45, effort="medium")
        session = make(
            *records,
            EffortChosen(ID, START + 250, "low"),
            ModelChosen(ID, START + 250, SONNET, HAIKU_45),
        )
        assert CacheState.WARM == view(session, 260, HAIKU_45).state
        assert ("medium", "low") == (session.effort_on(HAIKU_45), session.effort_on(SONNET))
        back = ModelChosen(ID, START + 251, HAIKU_45, SONNET)
        session.add(back)
        assert "low" == session.effort_on(HAIKU_45)
        assert make().effort_on(SONNET) is None

    def test_fast_mode_breaks_it(self) -> None:
        """And going back in time finds the old prefix warm again."""
        fast = EffortChosen(ID, START + 250, None, True)
        slow = EffortChosen(ID, START + 255, None, False)
        assert CacheState.NONE == view(make(*talk(4), fast), 260).state
        assert CacheState.WARM == view(make(*talk(4), fast, slow), 260).state


def test_a_switch_back_to_a_warm_model_is_cheap() -> None:
    """The prefix that the first model still holds is read again; only what came since is new."""
    session = make(*talk(4), *prompt(250), call(9, 260, model=SONNET, write=55_000), *prompt(300))
    found = view(session, 310)
    assert CacheState.WARM == found.state
    assert 53_000 == found.read_tokens.mid
    assert "used within its lifetime" == found.evidence


def test_a_switch_back_after_a_compaction_is_not() -> None:
    """The old prefix no longer opens the conversation."""
    session = make(*talk(4), call(9, 260, model=SONNET, write=55_000), Compaction(ID, START + 270))
    assert view(session, 280).read_tokens.mid < 53_000


@pytest.mark.parametrize(
    ("read", "expected"),
    [(0, CacheState.NONE), (49, CacheState.PARTIAL), (50, CacheState.WARM)],
)
def test_states_by_what_is_read(read: int, expected: CacheState) -> None:
    """None is nothing, partial is less than half of the request before, warm is the rest."""
    assert expected == state_of(read, 100)
