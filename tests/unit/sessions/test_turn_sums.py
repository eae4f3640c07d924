"""Sessions of an agent that tells the sum of a turn, and the context with it or later."""

from dataclasses import replace
from typing import Any

import pytest

from switchtax.records import Call, Compaction, ModelChosen, Prompt, Usage
from switchtax.sessions.fold import Session
from unit.sessions.records_by_hand import HAIKU, OPUS, T, session

FIRST = Usage(10, 40_000, 12_000, 0, 900)


def turn(number: int, usage: Usage = FIRST, context: int | None = None, **more: Any) -> Call:
    """A turn of ten seconds, a minute after the one before."""
    at = T + 60.0 * number
    return Call(
        "s", f"t{number}", at + 10.0, more.pop("model", OPUS), usage, started_at=at,
        summed=True, last_pass_tokens=context, **more,
    )  # fmt: skip


def prompted(number: int) -> Prompt:
    """The prompt that begins a turn."""
    return Prompt("s", T + 60.0 * number, f"t{number}")


def grown(*records: Any) -> Session:
    """A session of Cursor that holds these."""
    found = session("cursor", kind="best_effort", ttl_s=None)
    found.add_all(records)
    return found


def test_the_context_is_what_was_told_and_nothing_is_added() -> None:
    """Neither the sum of the turn, nor its answers: they stand in it."""
    found = grown(prompted(1), turn(1, context=14_000))
    assert (14_000, 14_000) == (found.sent_tokens, found.context_tokens)
    assert (1, OPUS) == (found.turns, found.model)


def test_the_cache_holds_no_more_than_the_context() -> None:
    """Its clock starts with the end of the turn: the last request came shortly before."""
    found = grown(prompted(1), turn(1, context=14_000))
    (held,) = found.caches.prefixes.values()
    assert (14_000, T + 70.0) == (held.tokens, held.refreshed_at)
    assert T + 70.0 == found.last_call_at
    little = grown(turn(1, Usage(13_000, 0, 1_000, 0, 9), context=14_000))
    assert [1_000] == [held.tokens for held in little.caches.prefixes.values()]


def test_how_many_requests_a_turn_had_is_worked_out() -> None:
    """Each sent the context as it was then: so many contexts are in the sum."""
    found = grown(
        prompted(1), turn(1, context=13_000),
        prompted(2), turn(2, Usage(0, 150_000, 10_000, 0, 1_000), context=27_000),
        prompted(3),
    )  # fmt: skip
    assert 4 + 8 == found.rhythm.calls
    assert 2 == found.rhythm.calls_per_turn.observed
    assert 2 == found.rhythm.output_per_call.observed
    assert 1 == found.rhythm.new_per_call.observed


def test_single_requests_are_not_guessed_from_a_sum() -> None:
    """What they read, and how the text grew, is learnt of agents that tell it."""
    found = grown(*(turn(number, context=13_000 + number) for number in range(1, 5)))
    assert ({}, {}) == (found.hits, found.misses)
    assert {} == found.growth
    assert 0 == found.caches.shared_start(OPUS).tokens


def test_a_turn_of_one_request_teaches_as_any_request_does() -> None:
    """Its sum is the context: what it read, what the prompt brought, and when it was sent."""
    found = grown(
        turn(1, Usage(3, 11_000, 2_000, 0, 200), context=13_200),
        turn(2, Usage(2, 13_000, 500, 0, 100), context=13_600),
        turn(3, Usage(2, 0, 14_000, 0, 100), context=14_100),
    )
    assert [11_000] == [start.tokens for start in found.caches.shared.values()]
    assert ([0.97], [1.0]) == (list(found.hits.values()), list(found.misses.values()))
    assert (3, 2) == (found.rhythm.calls, found.rhythm.of("prompt").observed)
    assert T + 180.0 == found.last_call_at


def test_a_first_turn_of_one_request_is_first_though_its_context_is_told_late() -> None:
    """A later one after turns of unknown context is not."""
    first = turn(1, Usage(3, 11_000, 2_000, 0, 200), context=13_200)
    found = grown(replace(first, last_pass_tokens=None), first)
    assert [11_000] == [start.tokens for start in found.caches.shared.values()]
    later = grown(turn(0), first)
    assert [] == [start.tokens for start in later.caches.shared.values() if start.tokens]


def test_without_a_context_there_is_nothing_to_go_on_from() -> None:
    """The turn is billed; what came before it says nothing of now."""
    found = grown(prompted(1), turn(1, context=14_000), prompted(2), turn(2))
    assert found.current is None
    assert ("", OPUS, 0) == (found.model, found.answered_by, found.context_tokens)
    assert (["t1"], ["t2"]) == (list(found.calls), list(found.side_calls))
    found.add(prompted(3))
    assert 3 == found.turns


def test_a_context_that_is_told_late_keeps_what_came_since() -> None:
    """A model was picked, a prompt was sent: both still stand before the next call."""
    late = turn(1, context=14_000)
    chosen = ModelChosen("s", T + 75.0, HAIKU)
    found = grown(prompted(1), turn(1), chosen, prompted(2), late)
    assert (HAIKU, True) == (found.signs.chosen_model, found.signs.prompted)
    assert (["t1"], []) == (list(found.calls), list(found.side_calls))
    assert (OPUS, 14_000, T + 60.0) == (found.model, found.context_tokens, late.started_at)
    found.add(turn(2, context=15_000, model=HAIKU))
    assert ["t2"] == [call.id for call in found.switches]


def test_a_context_that_is_told_again_is_the_new_one() -> None:
    """The turn stays one."""
    found = grown(prompted(1), turn(1, context=14_000), turn(1, context=14_500))
    assert (14_500, 1) == (found.context_tokens, len(found.calls))
    assert [14_500] == [held.tokens for held in found.caches.prefixes.values()]


def test_after_a_compaction_the_context_is_not_known_until_it_is_told() -> None:
    """Then nothing of it is held: the history was replaced."""
    before = turn(1, context=14_000)
    found = grown(before, Compaction("s", T + 80.0, "manual", 14_000))
    assert found.current is None
    assert (["t1"], []) == (list(found.calls), list(found.side_calls))
    found.add(replace(before, last_pass_tokens=4_000))
    assert (4_000, True) == (found.context_tokens, found.signs.compacted)
    identity = found.identity_of(OPUS, effort=None, fast=False)
    assert found.caches.held(identity) is None
    found.add(turn(2, context=6_000))
    assert found.caches.held(identity) is not None
    assert not found.signs.compacted


def test_a_compaction_before_the_context_was_told() -> None:
    """What is told then is what is left, and none of it is held either."""
    found = grown(turn(1), Compaction("s", T + 80.0, "manual", 14_000), turn(1, context=4_000))
    assert (4_000, True) == (found.context_tokens, found.signs.compacted)
    assert found.caches.held(found.identity_of(OPUS, effort=None, fast=False)) is None


@pytest.mark.parametrize("context", [None, 14_000])
def test_a_turn_of_untold_size_is_nothing_to_go_on_from(context: int | None) -> None:
    """Though its context may be known: what its cache holds is not."""
    found = grown(turn(1, context=13_000), turn(2, Usage(), context, sent_recorded=False))
    assert found.current is None
    assert ["t2"] == list(found.side_calls)
    found.add(turn(3, context=15_000))
    assert 15_000 == found.context_tokens
