"""Habits of switching, recognised by what a session has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from making import ID, START, call, make, prompt, talk
from switchtax.advice import Pattern, recognise
from switchtax.advice.patterns import is_flapping, legs_of, switch_backs
from switchtax.records import Compaction

if TYPE_CHECKING:
    from switchtax.records import Call
    from switchtax.sessions.fold import Session

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"


def legs(*counts: tuple[str, int]) -> list[Call]:
    """Calls on one model after the other."""
    models = [model for model, count in counts for _ in range(count)]
    return [
        call(n, 10.0 * n, model=model, read=50_000, write=1_000)
        for n, model in enumerate(models, start=1)
    ]


def after(*counts: tuple[str, int]) -> Session:
    """A long session that used these models."""
    return make(*prompt(0), *legs(*counts))


class TestRecognise:
    """One habit at most; the dearest that fits."""

    def test_at_the_first_sentence(self) -> None:
        found = recognise(make(*prompt(0), call(1, 5, write=20_000)), SONNET)
        assert found is not None
        assert Pattern.FIRST_SENTENCE is found.pattern

    def test_after_warming_up(self) -> None:
        found = recognise(make(*talk(4, first=30_000)), SONNET)
        assert found is not None
        assert Pattern.AFTER_WARM_UP is found.pattern

    def test_a_long_session_has_no_habit(self) -> None:
        assert recognise(make(*talk(5, first=150_000)), SONNET) is None
        assert recognise(make(), SONNET) is None
        assert recognise(make(*talk(2, first=30_000)), OPUS) is None

    def test_short_only_because_it_was_compacted(self) -> None:
        compacted = Compaction(ID, START + 300, "auto", 150_000, 20_000)
        session = make(*talk(4, first=150_000), compacted, call(9, 310, write=20_000))
        assert recognise(session, SONNET) is None

    def test_about_to_return(self) -> None:
        """Asked on the other model, back to where it came from."""
        found = recognise(after((OPUS, 20), (SONNET, 4)), OPUS)
        assert found is not None
        assert (Pattern.DETOUR, 1, 4) == (found.pattern, found.switches, found.calls_away)

    def test_having_returned(self) -> None:
        found = recognise(after((OPUS, 20), (SONNET, 4), (OPUS, 3)), OPUS)
        assert found is not None
        assert Pattern.DETOUR is found.pattern

    def test_a_long_stay_is_no_detour(self) -> None:
        assert recognise(after((OPUS, 20), (SONNET, 31)), OPUS) is None

    @pytest.mark.parametrize(("target", "flaps"), [(SONNET, True), (OPUS, False), (HAIKU, False)])
    def test_to_and_fro(self, target: str, flaps: bool) -> None:
        """From the second switch back on; a workflow over three models is none."""
        found = recognise(after((OPUS, 9), (SONNET, 3), (OPUS, 2)), target)
        assert flaps == (found is not None and found.pattern is Pattern.FLAPPING)

    def test_the_workflow_that_pays(self) -> None:
        """Cheap to warm up, middle, big for the plan, middle again: one switch back."""
        found = recognise(after((HAIKU, 20), (SONNET, 9), (OPUS, 4)), SONNET)
        assert found is not None
        assert Pattern.DETOUR is found.pattern

    def test_long_legs_are_no_flapping(self) -> None:
        many = after((OPUS, 40), (SONNET, 40), (OPUS, 40), (SONNET, 40))
        assert not is_flapping(many)
        assert recognise(many, OPUS) is None


def test_legs_begin_anew_after_a_compaction() -> None:
    """What was before it is lost for every model."""
    calls = legs((OPUS, 3), (SONNET, 3), (OPUS, 1))
    compacted = Compaction(ID, START + 65, "manual", 60_000, 9_000)
    session = make(*prompt(0), *calls[:6], compacted, calls[6])
    assert [(OPUS, 1)] == legs_of(session)


def test_switches_back_are_counted() -> None:
    """Only to models that were used before."""
    assert 0 == switch_backs([("a", 1), ("b", 1), ("c", 1)])
    assert 2 == switch_backs([("a", 1), ("b", 1), ("c", 1), ("b", 1), ("a", 1)])
