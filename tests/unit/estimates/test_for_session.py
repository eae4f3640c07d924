"""The whole answer for one session and one target, and which targets are worth a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, call, make, prompt, talk
from switchtax.catalog.book import PriceBook
from switchtax.estimates.for_session import answer, sensible_targets, staying
from switchtax.estimates.money import Money
from switchtax.estimates.outlook import Moment
from switchtax.records import Compaction, ModelChosen, SessionInfo, Unknown
from switchtax.sessions.cache_map import CacheState
from unit.estimates.hand_cards import card

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.records import Record
    from switchtax.sessions.fold import Session

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SOL, TERRA = "gpt-6.1-sol", "gpt-6.1-terra"


def to(session: Session, model: str, at: float = 250, turns: int = 10) -> Answer:
    """The answer `at` seconds after the start."""
    return answer(session, model, START + at, BOOK, turns=turns)


def mid(amount: Money | Unknown) -> int:
    """The middle of an amount that must be known."""
    assert isinstance(amount, Money)
    return amount.mid


class TestAnswer:
    """Both sides, at the moment the log stands at."""

    def test_a_switch_costs_once_and_then_saves(self) -> None:
        """A warm session on Opus, to Sonnet: the next call is dearer, later turns are not."""
        found = to(make(*talk(4)), SONNET)
        assert (OPUS, SONNET) == (found.estimate.from_model, found.estimate.to_model)
        assert CacheState.WARM == found.stay.outlook.state
        assert CacheState.NONE == found.switch.outlook.state
        assert mid(found.estimate.next_call.extra) > 0
        assert mid(found.estimate.warm_turn.extra) < 0
        assert "switch" == found.estimate.verdict.word

    def test_the_rebuild_is_write_less_read_on_the_new_model(self) -> None:
        """(2.50 - 0.10) dollars a million, for the context carried and the agent's reminder."""
        found = to(make(*talk(4)), SONNET)
        rebuilt = found.estimate.rebuild
        assert not isinstance(rebuilt, Unknown)
        assert round((2.5 - 0.1) * (found.session.context_tokens + 190)) == mid(rebuilt.cost)

    def test_staying_is_both_sides_of_the_own_model(self) -> None:
        """Nothing extra in any span; another spelling of the model is staying too."""
        found = to(make(*talk(4, model="claude-opus-4-5-20251101")), "claude-opus-4-5")
        assert found.stay is found.switch
        assert 0 == mid(found.estimate.next_call.extra)
        assert 0 == mid(found.estimate.next_turn.extra)

    def test_staying_against_itself_is_exactly_nothing(self) -> None:
        """However unsure the session is: it is one model with one cache."""
        found = answer(make(*talk(4)), OPUS, START + 900, BOOK)
        estimate = found.estimate
        assert not isinstance(estimate.horizon, Unknown)
        for more in (estimate.next_call.extra, estimate.next_turn.extra, estimate.horizon.extra):
            assert not isinstance(more, Unknown)
            assert (0, 0, 0) == (more.low, more.mid, more.high)
        assert isinstance(estimate.horizon.stay, Money)
        assert estimate.horizon.stay.low < estimate.horizon.stay.high

    def test_at_choice_after_a_finished_turn(self) -> None:
        """Nothing new stands in the log: the question is asked before the prompt is known."""
        found = to(make(*talk(4)), SONNET)
        assert Moment.AT_CHOICE == found.switch.outlook.moment
        assert found.choice == found.switch
        assert found.send.cost == found.choice.cost

    def test_at_send_when_the_prompt_stands_there(self) -> None:
        """Its size counts; both moments are told."""
        found = to(make(*talk(4), *prompt(245, chars=40_000)), SONNET)
        assert Moment.AT_SEND == found.switch.outlook.moment
        assert found.send == found.switch
        assert found.choice.outlook.sent_tokens.mid < found.send.outlook.sent_tokens.mid

    def test_cold_already(self) -> None:
        """After the lifetime staying writes all of it again too: the extra shrinks."""
        session = make(*talk(4))
        warm, cold = to(session, SONNET), to(session, SONNET, at=10_000)
        assert mid(cold.estimate.next_call.stay) > 5 * mid(warm.estimate.next_call.stay)
        assert mid(cold.estimate.next_call.extra) < 0 < mid(warm.estimate.next_call.extra)
        assert mid(cold.estimate.next_call.switch) >= mid(warm.estimate.next_call.switch) - 1

    def test_a_switch_back_to_a_warm_model(self) -> None:
        """Opus still holds nearly all of it: little to write, and so a small rebuild."""
        session = make(*talk(4), *prompt(250), call(9, 260, model=SONNET, write=54_000))
        back, never_used = to(session, OPUS, at=280), to(session, "claude-fable-5-2", at=280)
        assert not isinstance(back.estimate.rebuild, Unknown)
        assert back.estimate.rebuild.tokens.mid < 2_000
        assert not isinstance(never_used.estimate.rebuild, Unknown)
        assert never_used.estimate.rebuild.tokens.mid > 50_000

    def test_an_unpriced_model_is_unknown_all_the_way(self) -> None:
        """Staying keeps its price; the switch, the horizon and the verdict say why not."""
        found = to(make(*talk(4)), "mystery-1")
        assert isinstance(found.switch.cost, Unknown)
        assert mid(found.estimate.next_call.stay) > 0
        assert isinstance(found.estimate.next_call.extra, Unknown)
        assert "unknown" == found.estimate.verdict.word
        assert "mystery-1" in found.estimate.verdict.reason
        assert isinstance(found.estimate.fits, Unknown)

    def test_codex_compacts_first(self) -> None:
        """Different hashes: the old model sums up, the new one starts from the summary."""
        session = make(*talk(4, model=SOL), SessionInfo(ID, START, comp_hash="4000"), agent="codex")
        found = to(session, TERRA)
        assert found.delta.compaction_first is True
        assert found.switch_side.compaction is not None
        rebuilt = found.estimate.rebuild
        assert not isinstance(rebuilt, Unknown)
        assert mid(rebuilt.compaction) > 0
        assert rebuilt.tokens.mid < 30_000, "not the whole history"

    def test_once_compacted_it_is_not_compacted_again(self) -> None:
        """The summary stands in the log already."""
        session = make(
            *talk(4, model=SOL),
            SessionInfo(ID, START, comp_hash="4000"),
            ModelChosen(ID, START + 242, TERRA, SOL),
            Compaction(ID, START + 245, before_tokens=53_000, after_tokens=12_000),
            agent="codex",
        )
        assert to(session, TERRA).switch_side.compaction is None

    @pytest.mark.parametrize("at", [250, 900])
    @pytest.mark.parametrize("more", [[], prompt(240)], ids=["at choice", "at send"])
    def test_the_own_next_call_alone(self, at: float, more: list[Record]) -> None:
        """What a meter needs is what the whole answer says of staying."""
        session = make(*talk(4), *more)
        assert to(session, SONNET, at).stay.outlook == staying(session, START + at)

    def test_a_larger_horizon_has_more_calls(self) -> None:
        """Turns are the caller's choice."""
        few, many = (to(make(*talk(4)), SONNET, turns=turns).estimate.horizon for turns in (2, 20))
        assert not isinstance(few, Unknown)
        assert not isinstance(many, Unknown)
        assert (2, 20) == (few.turns, many.turns)
        assert few.calls.mid < many.calls.mid

    def test_a_context_larger_than_the_window(self) -> None:
        """220,000 tokens do not fit into 200,000."""
        found = to(make(*talk(4, first=220_000)), "claude-haiku-4-5")
        assert found.estimate.fits is False
        assert "unknown" == found.estimate.verdict.word

    @pytest.mark.parametrize("reads", [18_000, 0])
    def test_what_is_kept_when_the_way_back_is_cold(self, reads: int) -> None:
        """A start that outlived the cache before is not paid for again on the way back."""
        records = [
            call(n, 1_000.0 * n, read=reads, write=60_000, agent_version="2.1.329")
            for n in range(1, 5)
        ]
        trip = to(make(*records), SONNET, at=4_010).round_trip
        assert not isinstance(trip, Unknown)
        assert mid(trip.extra_dead) > mid(trip.extra_alive)

    def test_a_kept_start_makes_the_cold_way_back_cheaper(self) -> None:
        """The same session, once with and once without a start that survives."""
        costs = []
        for reads in (0, 18_000):
            records = [
                call(n, 1_000.0 * n, read=reads, write=78_000 - reads, agent_version="2.1.329")
                for n in range(1, 5)
            ]
            trip = to(make(*records), SONNET, at=4_010).round_trip
            assert not isinstance(trip, Unknown)
            costs.append(mid(trip.extra_dead))
        assert costs[1] < costs[0]


class TestTargets:
    """Models worth a row when none was named."""

    def test_the_makers_newest_ones(self) -> None:
        """One of each family, without the session's own model."""
        found = sensible_targets(make(*talk(2)), BOOK)
        assert {SONNET, HAIKU} <= set(found)
        assert OPUS not in found
        assert all(name.startswith("claude-") for name in found)

    def test_models_used_here_come_first(self) -> None:
        """A switch back is what people do most; no model stands twice."""
        session = make(*talk(2, model=SONNET), call(9, 300, write=52_000), call(10, 310))
        found = sensible_targets(session, BOOK)
        assert SONNET == found[0]
        assert len(found) == len(set(found))

    def test_at_most_five(self) -> None:
        """A table that fits a screen."""
        records = [call(n, 60.0 * n, model=f"claude-opus-4-{n}", write=900) for n in range(1, 9)]
        assert 5 == len(sensible_targets(make(*records), BOOK))

    def test_an_unknown_provider_has_none(self) -> None:
        """Nothing is offered that cannot be priced there."""
        assert [] == sensible_targets(make(call(1, 0, model="mystery-1", plain=9_000)), BOOK)

    def test_the_reports_of_an_agent_offer_their_models(self) -> None:
        """A card that the agent told of counts like a shipped one."""
        book = PriceBook().with_agent_cards([card("claude-opus-9", 1, 2, 3, 4, 5)])
        found = sensible_targets(make(*talk(2, model=SONNET)), book)
        assert "claude-opus-9" in found
