"""What a session knows of its caches: clocks, identities, hits and shared starts."""

import pytest

from switchtax.catalog.cards import CacheKind
from switchtax.records import (
    Cleared,
    Compaction,
    ContentKind,
    EffortChosen,
    Prompt,
    RequestStarted,
    ToolUse,
)
from switchtax.sessions.fold import Session, outlives
from switchtax.sessions.neighbours import Neighbours
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call, content, identity, session

K = ContentKind


def test_the_lifetime_is_the_one_observed() -> None:
    """One-hour writes set the clock to an hour; five-minute ones back to the rule."""
    one = session()
    one.add(call("a", 0, hour=9000))
    assert 3600 == one.ttl_of(OPUS)
    one.add(call("b", 10, read=9000))
    assert 3600 == one.ttl_of(OPUS), "a pure hit says nothing"
    one.add(call("c", 20, read=9000, five=100))
    assert 300 == one.ttl_of(OPUS)
    one.add(RequestStarted("s", T + 30, "r", OPUS, ttl_s=3600))
    one.add(call("d", 30, read=9100, five=100))
    assert 3600 == one.ttl_of(OPUS)
    assert None is Session("x", "s").ttl_of(OPUS)


def test_the_clock_starts_with_the_request() -> None:
    """Not with its answer; each use starts it anew."""
    one = session()
    one.add(call("a", 0, five=9000, took=60))
    held = one.caches.held(identity())
    assert held is not None
    assert T + 300 == held.expires_at
    assert (True, False) == (one.prefix_alive(OPUS, T + 300), one.prefix_alive(OPUS, T + 301))
    one.add(call("b", 200, read=9000))
    assert one.prefix_alive(OPUS, T + 500)


def test_old_identities_stay_until_they_expire() -> None:
    """A switch back within the lifetime finds the prefix it left, at the length it left it."""
    one = session()
    one.add(call("a", 0, five=9000, line=1))
    one.add(call("b", 60, model=HAIKU, five=12_000, line=2))
    left = one.caches.held(identity())
    assert left is not None
    assert (9000, 1) == (left.tokens, left.line)
    assert one.prefix_alive(OPUS, T + 299)
    assert not one.prefix_alive(OPUS, T + 400), "dead, yet still known"
    assert one.caches.held(identity()) == left
    one.add(call("c", 120, read=9000, five=4000))
    back = one.caches.held(identity())
    assert back is not None
    assert 13_000 == back.tokens
    assert one.caches.held(identity(HAIKU)) is not None


@pytest.mark.parametrize("event", [Cleared("s", T + 60), Compaction("s", T + 60)])
def test_a_new_history_leaves_old_prefixes_behind(event: Cleared | Compaction) -> None:
    """They no longer open the conversation, nor does the last answer stand in it."""
    one = session()
    one.add_all([call("a", 0, five=9000, out=900), content(K.TOOL_RESULT, 400), event])
    assert (1, None) == (one.caches.epoch, one.caches.held(identity()))
    assert not one.pieces.anything_new
    assert 0 == one.pieces.output_tokens
    observed = one.rhythm.output_per_call.observed
    one.add(call("b", 70, five=2000))
    assert observed == one.rhythm.output_per_call.observed, "a dropped answer is no short one"
    assert one.caches.held(identity()) is not None


def test_clearing_before_the_first_call_clears_nothing() -> None:
    """A session that begins with a clear has nothing to lose."""
    one = session()
    one.add(Cleared("s", T))
    assert (0, False) == (one.caches.epoch, one.signs.cleared)


def test_dropping_some_results_keeps_the_epoch() -> None:
    """A micro-compaction leaves the start of the conversation as it was."""
    one = session()
    one.add_all([call("a", 0, five=9000), Compaction("s", T + 9, partial=True)])
    assert (0, True) == (one.caches.epoch, one.prefix_alive(OPUS, T + 10))


def test_identities_are_keyed_as_the_rules_say() -> None:
    """Effort and fast mode have caches of their own only where the provider keys on them."""
    plain, keyed = session(), session(breaks_on=("model", "effort", "fast"))
    for one in (plain, keyed):
        one.add(call("a", 0, five=9000, effort="high", fast=True))
    assert [identity()] == list(plain.caches.prefixes)
    assert [identity(effort="high", fast=True)] == list(keyed.caches.prefixes)
    assert plain.prefix_alive(OPUS, T + 9)
    keyed.add(EffortChosen("s", T + 8, "low"))
    assert not keyed.prefix_alive(OPUS, T + 9)
    assert identity() == Session("x", "s").identity_of(OPUS, effort="high", fast=True)


@pytest.mark.parametrize(
    ("agent", "provider", "kept"),
    [
        ("claude-code", "anthropic", True), ("copilot-cli", "anthropic", False),
        ("opencode", "anthropic", False), ("copilot-cli", "openai", True),
    ],
)  # fmt: skip
def test_an_effort_at_the_head_of_a_request_starts_the_cache_over(
    agent: str, provider: str, kept: bool
) -> None:
    """At Anthropic: Claude Code alone writes a new one into a message."""
    one = session(agent, provider=provider)
    one.add(call("a", 0, five=9000, effort="medium"))
    one.add(EffortChosen("s", T + 8, "high"))
    assert kept is one.prefix_alive(OPUS, T + 9)


def test_a_session_that_never_cached_holds_nothing() -> None:
    """Where caching must be asked for and was not, no prefix is warm."""
    one = session()
    one.add_all([call("a", 0, plain=9000), call("b", 9, plain=9500), call("c", 20, plain=50)])
    assert (False, 2, {}) == (one.caching_seen, one.uncached_calls, one.caches.prefixes)


def test_a_provider_that_caches_by_itself_holds_all_that_was_sent() -> None:
    """Where no writes are recorded, the whole request may be read next time."""
    one = session(kind=CacheKind.BEST_EFFORT, ttl_s=None)
    one.add(call("a", 0, plain=4000, read=5000, model="gpt-5.5"))
    (held,) = one.caches.prefixes.values()
    assert (9000, None, None) == (held.tokens, held.ttl_s, held.expires_at)
    assert one.prefix_alive("gpt-5.5", T + 10**6)
    assert "prompt" == one.situation("gpt-5.5", T + 10**6)


def test_hits_and_misses_are_learnt_by_situation() -> None:
    """After tools, after a prompt, and late; what was read is remembered for hits only."""
    one = session()
    one.add(call("a", 0, five=9000))
    one.add(ToolUse("s", T + 5, "Read", "t1", call_id="a", asked_lines=40))
    assert ("tools", "late") == (one.situation(OPUS, T + 9), one.situation(OPUS, T + 999))
    one.add(call("b", 9, read=9000, five=500))
    one.add(call("c", 20, read=0, five=9800))
    one.add(call("d", 900, read=4950, five=5000))
    assert {"tools": 1.0, "prompt": 0.0, "late": 1.0} == one.hits
    assert {"tools": 0.0, "prompt": 1.0, "late": 0.0} == one.misses
    assert 2 == len(one.read_shares)


def test_read_shares_are_those_of_the_last_hits() -> None:
    """Two dozen, the newest last."""
    one = session()
    for number in range(40):
        one.add(call(f"c{number}", 10 * number, read=9000 if number else 0, five=1000))
    assert 24 == len(one.read_shares)


def test_whether_the_last_answer_was_cached_already() -> None:
    """Another request of the agent may have cached it before the next prompt came."""
    one = session()
    one.add(call("a", 0, five=9000, out=1000))
    one.add(call("b", 30, read=9990, five=100, out=1000))
    assert (2.0, 2.0) == (one.answers_kept, one.answers_not_kept)
    one.add(call("c", 60, read=10_090, five=1100, out=10))
    assert (2.0, 3.0) == (one.answers_kept, one.answers_not_kept)
    one.add(call("d", 90, read=11_190, five=100))
    assert (2.0, 3.0) == (one.answers_kept, one.answers_not_kept), "too short to tell"


def test_a_first_call_that_reads_tells_the_shared_start() -> None:
    """Another session has kept tools and system prompt warm; newer builds make it outlive."""
    one, old = session(), session()
    one.add(call("a", 0, read=12_000, five=3000))
    old.add(call("a", 0, read=12_000, five=3000, agent_version="2.0.9"))
    new_start, old_start = one.caches.shared_start(OPUS), old.caches.shared_start(OPUS)
    assert (12_000, 12_000) == (new_start.tokens, old_start.tokens)
    assert new_start.survival > old_start.survival > 0.0


def test_survival_is_learnt_from_cold_calls() -> None:
    """Each call after the lifetime that reads the start, or does not, moves the odds."""
    survives, lost = session(), session()
    for one in (survives, lost):
        one.add(call("a", 0, read=12_000, five=3000))
    before = survives.caches.shared_start(OPUS).survival
    survives.add(call("b", 4000, read=6_000, five=9_300))
    lost.add(call("b", 4000, read=0, five=15_300))
    assert survives.caches.shared_start(OPUS).survival > before
    assert lost.caches.shared_start(OPUS).survival < before
    assert 6_000 == survives.caches.shared_start(OPUS).tokens


def test_a_start_never_read_survives_nothing() -> None:
    """Without a length there is nothing to survive."""
    one = session()
    one.add(call("a", 0, five=15_000))
    assert 0.0 == one.caches.shared_start(OPUS).survival


def test_a_compaction_tells_the_shared_start_too() -> None:
    """What the next request still reads is what every request begins with."""
    one = session()
    one.add_all([call("a", 0, five=90_000), Compaction("s", T + 9, "auto", 90_000)])
    one.add(call("b", 20, read=14_000, five=5_000))
    start = one.caches.shared_start(OPUS)
    assert (14_000, 0.2, 1.0) == (start.tokens, start.survived, start.lost)


def test_warm_calls_keep_the_shared_start_warm() -> None:
    """Its clock is moved by each call that reads the conversation."""
    one = session()
    one.add_all([call("a", 0, read=12_000, five=3000), call("b", 200, read=15_000, five=9)])
    start = one.caches.shared_start(OPUS)
    assert (T + 200, 300, 12_000) == (start.refreshed_at, start.ttl_s, start.tokens)


def test_neighbours_keep_it_warm_where_the_cache_has_a_clock() -> None:
    """Another session's use of a model counts; our own, and best-effort caches, do not."""
    beside = Neighbours()
    others = [call("n1", 50, model=HAIKU, session_id="other"), call("n2", 60, model=HAIKU)]
    beside.note(
        "claude-code", [*others, call("n3", 70, model=HAIKU, purpose="title"), Prompt("s", T)]
    )
    one, loose = session(), session(kind=CacheKind.BEST_EFFORT)
    assert (0, 0.0) == one.shared_by_others(HAIKU, T + 99)
    one.neighbours = loose.neighbours = beside
    assert (0, 0.0) == one.shared_by_others(HAIKU, T + 99)
    for either in (one, loose):
        either.add(call("a", 0, read=12_000, five=3000))
    assert (12_000, T + 50) == one.shared_by_others(HAIKU, T + 99)
    assert (0, 0.0) == one.shared_by_others(HAIKU, T + 40)
    assert (0, 0.0) == one.shared_by_others(OPUS, T + 99)
    assert (0, 0.0) == loose.shared_by_others(HAIKU, T + 99)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.1.30", True), ("2.1.329", True), ("2.1.29", False), ("2.0.99", False), ("", False)],
)
def test_which_builds_share_their_start(version: str, expected: bool) -> None:
    """From 2.1.30 on; an unknown version promises nothing."""
    assert expected == outlives(version)
