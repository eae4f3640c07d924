"""What the next call finds of a rewritten history, and where caches are kept without a promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import ID, START, call, make, prompt, talk
from switchtax.estimates.outlook import Moment
from switchtax.records import (
    Call,
    Compaction,
    RequestStarted,
    Unknown,
)
from switchtax.sessions.cache_map import CacheState
from unit.estimates.outlook_views import OPUS, SONNET, view

GPT_5, GEMINI = "gpt-5", "gemini-2.5-pro"


class TestHistoryRewritten:
    """Parts of the history change while the clock runs."""

    def test_micro_compaction_keeps_what_precedes_the_first_dropped_result(self) -> None:
        """Old tool results were dropped: the request is smaller, most must be written again."""
        before = view(make(*talk(4)), 260)
        dropped = Compaction(
            ID, START + 250, partial=True, before_tokens=30_000, after_tokens=10_000
        )
        found = view(make(*talk(4), dropped), 260)
        assert CacheState.PARTIAL == found.state
        assert round(0.22 * 53_000) == round(found.read_tokens.mid)
        assert found.sent_tokens.mid < before.sent_tokens.mid - 20_000

    @pytest.mark.parametrize("model", [OPUS, SONNET])
    def test_taken_back_to_an_earlier_answer(self, model: str) -> None:
        """What is left was all sent before, so it is read, and nothing behind it is sent."""
        rewound = Compaction(ID, START + 250, "rewind", partial=True, after_tokens=52_000)
        records = [*talk(4), rewound] if model == OPUS else [*talk(4, model=SONNET), rewound]
        found = view(make(*records), 260, model)
        assert 52_000 == found.read_tokens.mid
        assert 52_000 < found.sent_tokens.mid < 54_000
        assert "the conversation is another one from an earlier answer on" == found.evidence

    def test_a_part_dropped_nobody_says_how_large(self) -> None:
        """The request is then as long as before, as far as is known."""
        before = view(make(*talk(4)), 260)
        dropped = Compaction(ID, START + 250, partial=True, before_tokens=30_000)
        found = view(make(*talk(4), dropped), 260)
        assert before.sent_tokens.mid == found.sent_tokens.mid

    def test_a_told_request_that_begins_otherwise(self) -> None:
        """The agent tells how much of the request is as before: no more can be read."""
        one, other = (
            RequestStarted(ID, START + at, f"r{at}", OPUS, sent_chars=chars, common_chars=common)
            for at, chars, common in ((0, 100_000, 0), (90, 105_000, 40_000))
        )
        session = make(one, call(1, 1, write=50_000), *prompt(80), other)
        found = view(session, 90, moment=Moment.AT_SEND)
        assert "the start of this request differs from the one before" == found.evidence
        assert 20_000 == found.read_tokens.mid
        assert CacheState.PARTIAL == found.state
        assert 52_500 == round(found.sent_tokens.mid)

    def test_a_told_request_that_goes_on(self) -> None:
        """All of the last request opens this one: its prefix is read."""
        one, other = (
            RequestStarted(ID, START + at, f"r{at}", OPUS, sent_chars=chars, common_chars=common)
            for at, chars, common in ((0, 100_000, 0), (90, 105_000, 100_000))
        )
        session = make(one, call(1, 1, write=50_000), *prompt(80), other)
        assert 50_000 == view(session, 90, moment=Moment.AT_SEND).read_tokens.mid

    def test_the_answer_that_ended_a_turn_may_be_cached_too(self) -> None:
        """Where the agent asks for a suggestion in between, the next prompt finds it cached."""
        records = talk(2)
        at, sent = 120.0, 51_000
        for number in range(3, 15):
            at += 60
            kept = sent + 400
            records += prompt(at - 10)
            records.append(call(number, at, read=kept, write=700, output=400))
            sent = kept + 700
        found = view(make(*records), at + 30)
        assert found.read_tokens.mid > sent + 300


class TestBestEffort:
    """Providers that cache by themselves: warm is a learnt probability."""

    def test_warm_by_habit(self) -> None:
        """Requests that hit make the next hit likely; blocks of 128 tokens are read."""
        session = make(*talk(6, model=GPT_5, writes=False), agent="codex")
        found = view(session, 370, GPT_5)
        assert CacheState.WARM == found.state
        assert 0 == found.read_tokens.mid % 128
        assert "" == found.written

    def test_misses_are_learnt(self) -> None:
        """A session whose requests miss expects a miss."""
        hits = make(*talk(8, model=GPT_5, writes=False), agent="codex")
        misses = make(
            call(1, 0, model=GPT_5, plain=50_000),
            *(call(n, 60 * n, model=GPT_5, plain=50_000 + n, read=0) for n in range(2, 9)),
            agent="codex",
        )
        good, bad = (view(s, 500, GPT_5) for s in (hits, misses))
        assert good.warm_probability > 0.9
        assert bad.warm_probability < 0.6

    def test_nothing_was_promised_so_nothing_expires(self) -> None:
        """Not even where a usual lifetime is over."""
        session = make(*talk(4, model=GPT_5, writes=False), agent="codex")
        assert isinstance(view(session, 9_000, GPT_5).expired_at, Unknown)

    def test_without_times_nobody_knows(self) -> None:
        """Cold is assumed, and said to be; no time of day is made up for its end."""
        untimed = [
            replace(each, at=0.0, started_at=None) for each in talk(4) if isinstance(each, Call)
        ]
        found = view(make(*untimed), 0)
        assert CacheState.UNKNOWN == found.state
        assert 0.01 == found.warm_probability
        assert "its log tells no times: cold is assumed" == found.evidence
        assert Unknown("its log tells no times") == found.expired_at

    def test_late_is_not_gone(self) -> None:
        """Past the lifetime a provider that keeps as it pleases may still have it."""
        session = make(*talk(6, model=GPT_5, writes=False), agent="codex")
        found = view(session, 360 + 400, GPT_5)
        assert 0.2 < found.warm_probability < 0.6
        assert "kept as long as the provider pleases" == found.evidence

    def test_without_a_stated_lifetime_it_fades(self) -> None:
        """Google names none: minutes are likely warm, hours are not."""
        session = make(*talk(6, model=GEMINI, writes=False), agent="gemini-cli")
        early, late, days = (view(session, 360 + s, GEMINI) for s in (60, 7_000, 90_000))
        assert early.warm_probability > 0.8
        assert days.warm_probability < late.warm_probability < early.warm_probability
        assert early.warm_until_at is None
        assert 0.1 < days.warm_probability < 0.25
