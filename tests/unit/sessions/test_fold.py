"""Records in order become what a session is now."""

import pytest

from switchtax.records import (
    Call,
    Compaction,
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
    Unreadable,
)
from switchtax.sessions.fold import same_model
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call, content, identity, session

K = ContentKind


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
        one.add(content(kind, 4000, call_id="a"))
    before = one.context_tokens
    assert 22_000 < before < 27_000
    one.add(content(K.SEALED_REASONING, 8000, call_id="a"))
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


# -- the shared start -----------------------------------------------------------------


# -- growth and rhythm ----------------------------------------------------------------


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
