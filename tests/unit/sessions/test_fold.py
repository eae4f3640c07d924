"""Records in order become what a session is now."""

import pytest

from switchtax.catalog.cards import CacheKind
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Prompt,
    RateLimits,
    RequestStarted,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)
from switchtax.sessions.fold import Session, outlives, same_model
from switchtax.sessions.neighbours import Neighbours
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call, identity, session

K = ContentKind


def _content(kind: ContentKind, chars: int, second: float = 0, **more: object) -> Content:
    return Content("s", T + second, kind, chars, **more)  # type: ignore[arg-type]


# -- what it is now -------------------------------------------------------------------


def test_a_new_session_knows_nothing() -> None:
    """No model, no tokens, no effort: not a zero that looks like a fact in disguise."""
    new = session()
    assert ("", 0, 0, None, False, 0, "") == (
        new.model,
        new.sent_tokens,
        new.context_tokens,
        new.effort,
        new.fast,
        new.turns,
        new.provider_told,
    )
    assert (0.0, 0.0, 0.0) == (
        new.last_call_at,
        new.request_told_tokens,
        new.request_kept_tokens,
    )
    assert "" == new.situation(OPUS, T)
    assert not new.prefix_alive(OPUS, T)


def test_the_context_is_what_was_sent_and_what_came_back() -> None:
    """The answer counts at about its own output tokens; nothing new is in it yet."""
    one = session()
    one.add(call("a", 0, plain=5, five=20_000, out=1000))
    assert 20_005 == one.sent_tokens
    assert 20_900 <= one.context_tokens <= 21_100


def test_an_answer_whose_output_is_not_recorded_is_sized_by_its_text() -> None:
    """A placeholder of 8 tokens is not what the next request will carry."""
    one = session()
    one.add(call("a", 0, five=20_000, out=8, output_recorded=False))
    for kind in (K.TEXT, K.TOOL_CALL, K.REASONING):
        one.add(_content(kind, 4000, call_id="a"))
    before = one.context_tokens
    assert 22_000 < before < 27_000
    one.add(_content(K.SEALED_REASONING, 8000, call_id="a"))
    assert before < one.context_tokens


def test_several_server_side_passes_do_not_add_up_to_a_context() -> None:
    """The last pass is the size of the conversation, the sum is the bill."""
    one = session()
    one.add(call("a", 0, read=60_000, last_pass_tokens=20_500))
    assert 20_500 == one.sent_tokens


def test_the_request_being_sent_is_sized_by_its_characters() -> None:
    """At the tokens per character of the one before, once both were told."""
    one = session()
    one.add(RequestStarted("s", T, "r1", OPUS, sent_chars=40_000))
    one.add(call("a", 0, five=10_000))
    one.add(RequestStarted("s", T + 9, "r2", OPUS, sent_chars=44_000, common_chars=42_000))
    one.add(RequestStarted("s", T + 9, "title", HAIKU, sent_chars=99, main=False))
    assert (11_000, 10_500) == (one.request_told_tokens, one.request_kept_tokens)
    one.add(call("b", 9, read=10_000, five=1_000))
    assert (None, 44_000) == (one.request, one.sent_chars)


def test_what_the_log_says_of_the_session_is_kept() -> None:
    """Later facts complete earlier ones; the folder it began in stays."""
    one = session()
    one.add(SessionInfo("s", T, cwd="/a", agent_version="1", provider="anthropic", plan="pro"))
    one.add(SessionInfo("s", T + 1, cwd="/b", agent_version="2", context_window_tokens=200_000))
    one.add(SessionInfo("s", comp_hash="3000", parent_id="p", entrypoint="cli"))
    assert ("/a", "2", "anthropic", "pro", 200_000, "3000", "p", "cli") == (
        one.cwd,
        one.agent_version,
        one.provider,
        one.plan,
        one.context_window_tokens,
        one.comp_hash,
        one.parent_id,
        one.entrypoint,
    )
    assert (T, T + 1) == (one.started_at, one.last_at)


def test_limits_forks_and_what_could_not_be_read_are_kept() -> None:
    """The last limits count; every unreadable line is shown."""
    one = session()
    limits = RateLimits("s", T, (("five_hour", 12.0),))
    fork = Forked("s", T, "parent")
    broken = Unreadable("s", "f", 3, "not valid JSON")
    one.add_all([limits, fork, broken])
    assert (limits, fork, [broken]) == (one.rate_limits, one.forked_from, one.unreadable)


# -- turns and switches ---------------------------------------------------------------


def test_turns_are_tasks_that_were_answered() -> None:
    """A prompt typed twice, or interrupted before any call, begins one turn."""
    one = session()
    one.add_all([Prompt("s", T), Prompt("s", T + 1), call("a", 2, five=9000)])
    one.add_all([call("b", 9, read=9000), Prompt("s", T + 60), Prompt("s", T + 61)])
    one.add(call("c", 62, read=9000))
    assert 2 == one.turns
    assert (1, 1) == (one.rhythm.calls_per_turn.observed, one.rhythm.turn_gap_s.observed)
    assert not one.signs.prompted
    one.add(Prompt("s", T + 90))
    assert (3, True) == (one.turns, one.signs.prompted)


def test_a_switch_is_a_call_of_another_model() -> None:
    """Another spelling of one model is none; an announced choice is a sign until it is paid."""
    one = session()
    one.add_all(
        [
            call("a", 0, model="claude-opus-4-5", five=9000),
            call("b", 9, model="claude-opus-4-5-20251101", read=9000),
            ModelChosen("s", T + 20, "Haiku 5.5"),
        ]
    )
    assert (0, "Haiku 5.5") == (len(one.switches), one.signs.chosen_model)
    paid = call("c", 30, model=HAIKU, five=9000)
    one.add(paid)
    assert (["c"], "") == ([switch.id for switch in one.switches], one.signs.chosen_model)
    assert ("b", "c") == (one.previous and one.previous.id, one.current and one.current.id)
    assert ["Haiku 5.5"] == [choice.model for choice in one.chosen]


def test_effort_and_fast_mode_hold_from_the_choice_on() -> None:
    """One does not undo the other; the next call has its own."""
    one = session()
    one.add(call("a", 0, five=9000, effort="medium"))
    assert ("medium", False) == (one.effort, one.fast)
    one.add_all([EffortChosen("s", T + 9, "high"), EffortChosen("s", T + 9, fast=True)])
    assert ("high", True) == (one.effort, one.fast)
    one.add(call("b", 20, read=9000, effort="low", fast=True))
    assert ("low", True) == (one.effort, one.fast)


def test_signs_last_until_the_next_call() -> None:
    """A resume, another version, an end, a compaction and its sizes bear on one call."""
    one = session()
    one.add(call("a", 0, five=9000))
    one.add_all(
        [
            Ended("s", T + 9),
            Resumed("s", T + 99, "2.1.299"),
            Compaction("s", T + 100, "auto", 9000, 2000, partial=True),
        ]
    )
    signs = one.signs
    assert (True, True, False, True, False) == (
        signs.ended,
        signs.resumed,
        signs.version_changed,
        signs.micro_compacted,
        signs.compacted,
    )
    assert (9000, 2000) == (signs.tokens_before, signs.tokens_after)
    one.add(Resumed("s", T + 101, "2.1.300"))
    assert one.signs.version_changed
    one.add(call("b", 110, read=2000))
    assert not (one.signs.resumed or one.signs.version_changed or one.signs.ended)


# -- the main chain -------------------------------------------------------------------


@pytest.mark.parametrize(
    "side",
    [
        {"sidechain": True},
        {"sidechain": True, "embedded": True},
        {"purpose": "title"},
        {"purpose": "compaction"},
        {"sent_recorded": False},
    ],
)
def test_side_calls_are_billed_and_stay_out_of_the_chain(side: dict[str, object]) -> None:
    """Neither model, nor context, nor caches, nor rhythm follow them; the larger output wins."""
    one = session()
    one.add(call("a", 0, five=9000))
    caches = dict(one.caches.prefixes)
    for out in (5, 70, 6):
        one.add(call("x", 9, model=HAIKU, five=500, out=out, **side))
    assert (OPUS, ["a"], 1) == (one.model, list(one.calls), one.rhythm.calls)
    assert {"x": 70} == {id_: c.usage.output_tokens for id_, c in one.side_calls.items()}
    assert (caches, []) == (one.caches.prefixes, one.switches)


def test_a_call_that_turns_out_to_be_a_compaction_is_billed_once() -> None:
    """Told first as a call, then with its purpose."""
    one = session()
    one.add_all([call("a", 0, five=9000), call("b", 9, read=9000)])
    one.add(call("b", 9, read=9000, purpose="compaction"))
    assert (["a"], ["b"]) == (list(one.calls), list(one.side_calls))


def test_a_completed_call_keeps_its_first_times() -> None:
    """The larger output wins; a smaller one is an echo."""
    one = session()
    one.add(call("a", 0, five=9000, out=1, output_recorded=False))
    one.add(call("a", 0, five=9000, out=400, took=30.0, started_at=0.0, line=7))
    one.add(call("a", 0, five=9000, out=3))
    (kept,) = one.calls.values()
    assert (T, T + 5, 0, 400, True) == (
        kept.started_at,
        kept.at,
        kept.line,
        kept.usage.output_tokens,
        kept.output_recorded,
    )
    assert kept is one.current
    assert (400, True) == (one.pieces.output_tokens, one.pieces.output_recorded)
    assert 1 == one.rhythm.calls


def test_an_earlier_call_can_be_completed_later() -> None:
    """Also when another has been made since: the current one stays what it is."""
    one = session()
    one.add_all([call("a", 0, five=9000, out=1), call("b", 9, read=9000, out=7)])
    one.add(call("a", 0, five=9000, out=50))
    assert (50, "b", 7) == (
        one.calls["a"].usage.output_tokens,
        one.current and one.current.id,
        one.pieces.output_tokens,
    )


def test_a_lifetime_told_later_moves_the_clock() -> None:
    """A later line of the same response may say how long its cache lives."""
    one = session()
    one.add(call("a", 0, five=9000))
    one.add(call("a", 0, five=9000, cache_ttl_s=7200))
    held = one.caches.held(identity())
    assert held is not None
    assert T + 7200 == held.expires_at


# -- when a call was sent -------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "started", "answered", "expected"),
    [
        (0, 10, 15, 10),
        (12, 10, 15, 12),
        (12, 0, 15, 15),
        (40, 10, 15, 15),
        (0, -5, 15, 0),
    ],
)
def test_a_request_is_not_older_than_what_it_carries(
    last: float, started: float, answered: float, expected: float
) -> None:
    """It starts at what is known, not before the last record, and not after its answer."""
    one = session()
    one.add(Prompt("s", T + last))
    sent = call("a", started, took=answered - started, started_at=T + started if started else 0.0)
    assert T + expected == one.start_of(sent)


def test_a_call_without_times_has_no_start() -> None:
    """Where the log has no clock, nothing is made up, and no pause is learnt."""
    one = session()
    one.add_all([call(id_, 0, five=9000, at=0.0, started_at=0.0) for id_ in "ab"])
    assert (0.0, 0.0, 0) == (one.last_at, one.last_call_at, one.rhythm.gap_s.observed)


def test_a_clock_that_went_back_teaches_no_pause() -> None:
    """A negative pause is no pause; the later time stays the session's last."""
    one = session()
    one.add_all([call("a", 100, five=9000), call("b", 40, read=9000)])
    assert 0 == one.rhythm.gap_s.observed
    assert T + 105 == one.last_at
    assert one.prefix_alive(OPUS, T + 50)
    one.add_all([Prompt("s", T + 10), call("c", 60, read=9000)])
    assert 0 == one.rhythm.turn_gap_s.observed


# -- the cache map --------------------------------------------------------------------


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
    one.add_all([call("a", 0, five=9000, out=900), _content(K.TOOL_RESULT, 400), event])
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


# -- the shared start -----------------------------------------------------------------


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


# -- growth and rhythm ----------------------------------------------------------------


def _results(one: Session, id_: str, second: float, chars: int, **use: object) -> None:
    one.add(ToolUse("s", T + second, "Read", f"t{id_}", call_id=id_, **use))  # type: ignore[arg-type]
    one.add(_content(K.TOOL_RESULT, chars, second, tool_id=f"t{id_}"))


def test_growth_is_learnt_from_calls_of_one_model() -> None:
    """Each kind of result by its tool; lines where lines were asked for."""
    one = session()
    one.add(call("a", 0, five=20_000, out=50))
    _results(one, "a", 6, 4000)
    one.add(call("b", 9, read=20_000, five=1500, out=50))
    _results(one, "b", 15, 4000, asked_lines=100)
    one.add(call("c", 19, read=21_500, five=1500, out=50))
    one.add(_content(K.PROMPT, 400, 25))
    one.add(call("d", 29, read=23_000, five=200, out=50))
    rhythm = one.rhythm
    assert [1, 1, 1] == [
        rhythm.of("read").observed,
        rhythm.of("read:line").observed,
        rhythm.of("prompt").observed,
    ]
    assert (3, 2, 3) == (rhythm.new_per_call.observed, rhythm.extra.observed, one.at_send.observed)
    assert 3 == one.at_choice.observed
    assert 3 == one.growth_of(OPUS).observed


def test_odd_requests_teach_no_growth() -> None:
    """After a resume, a micro-compaction, a switch, or where the context shrank."""
    one = session()
    one.add(call("a", 0, five=20_000))
    one.add_all([Resumed("s", T + 9), call("b", 10, read=20_000, five=300)])
    one.add_all([Compaction("s", T + 12, partial=True), call("c", 13, read=9000)])
    one.add_all([call("d", 20, read=2000), call("e", 30, model=HAIKU, five=2500)])
    one.add_all([Compaction("s", T + 40), call("f", 41, model=HAIKU, five=900)])
    assert 0 == one.at_send.observed
    assert (0, 0) == (one.growth_of(OPUS).observed, one.growth_of(HAIKU).observed)


def test_only_the_last_answers_own_tools_are_asked_for() -> None:
    """Results, sidechains and uses of another call foretell nothing."""
    one = session()
    one.add(call("a", 0, five=20_000))
    one.add(ToolUse("s", T + 5, "Read", "t1", call_id="a", asked_lines=40))
    one.add(ToolUse("s", T + 5, "Bash", "t2", call_id="a"))
    one.add(ToolUse("s", T + 5, "", "t1", ok=True))
    one.add(ToolUse("s", T + 5, "Grep", "t3", call_id="a", sidechain=True))
    one.add(ToolUse("s", T + 5, "Grep", "t4", call_id="before"))
    assert [("read", 40), ("run", None)] == one.asked_for
    assert 5 == len(one.tool_uses)
    one.add(call("b", 9, read=20_000, five=300))
    assert [] == one.asked_for


def test_what_is_new_is_sized_by_kind() -> None:
    """Prompts, attachments, images, summaries and the model's own tool results."""
    one = session()
    one.add(call("a", 0, five=20_000))
    assert not one.pieces.anything_new
    for kind, chars in (
        (K.PROMPT, 10),
        (K.ATTACHMENT, 20),
        (K.SWITCH_TEXT, 30),
        (K.SUMMARY, 40),
        (K.IMAGE, 0),
    ):
        one.add(_content(kind, chars))
    one.add(_content(K.TOOL_RESULT, 50, call_id="a"))
    one.add(_content(K.PROMPT, 999, sidechain=True))
    p = one.pieces
    assert (10, 50, 1, 40, 1, 50, 0) == (
        p.prompt_chars,
        p.attachment_chars,
        p.attachments,
        p.summary_chars,
        p.images,
        p.result_chars,
        p.results,
    )
    assert (True, True) == (p.anything_new, one.signs.switch_text)


def test_what_a_request_opens_with_besides_the_log() -> None:
    """The first call tells it; another model's is expected alike; Codex's is known before."""
    one, codex = session(), session("codex")
    assert 0.0 == one.opening_tokens(OPUS)
    one.add_all([_content(K.PROMPT, 1000), call("a", 0, five=15_000)])
    assert 14_000 < one.opening_tokens(OPUS) < 15_000
    assert one.opening_tokens(OPUS) == one.opening_tokens(HAIKU)
    assert 0 < codex.opening_tokens("gpt-5.5")
    codex.add(call("a", 0, plain=9_000, model="gpt-5.5"))
    assert 0 < codex.opening_tokens("gpt-5.5") <= 9_000


# -- names ----------------------------------------------------------------------------


def test_one_model_has_many_spellings() -> None:
    """Dates and windows do not make another model; a smaller sister is one."""
    assert same_model("claude-opus-4-6[1m]", "claude-opus-4-6")
    assert same_model("x", "x")
    assert not same_model(OPUS, HAIKU)


@pytest.mark.parametrize(
    ("told", "model", "seller", "known"),
    [
        ("", OPUS, "", False),
        ("my-proxy", OPUS, "", False),
        ("aws-bedrock", OPUS, "aws-bedrock", True),
        ("anthropic", OPUS, "anthropic", True),
        ("anthropic", "gpt-5.5", "", False),
    ],
)
def test_the_seller_is_the_one_told_where_we_know_it(
    told: str, model: str, seller: str, known: bool
) -> None:
    """A name of the user's own says nothing of the price."""
    one = session()
    one.add(call("a", 0, five=9000, provider=told))
    assert (told, seller, known) == (
        one.provider_told,
        one.seller_of(model),
        one.seller_known(model),
    )


def test_a_fold_knows_only_what_stood_before() -> None:
    """Adding a call first learns from what was there: a cut transcript folds alike."""
    records = [Prompt("s", T), call("a", 1, five=9000), call("b", 9, read=9000, five=700)]
    whole, cut = session(), session()
    whole.add_all(records)
    cut.add_all(records[:2])
    assert isinstance(records[2], Call)
    cut.add(records[2])
    assert (whole.calls, whole.caches.prefixes, whole.growth[next(iter(whole.growth))].mean) == (
        cut.calls,
        cut.caches.prefixes,
        cut.growth[next(iter(cut.growth))].mean,
    )
