"""Ways to get something from another model: which there are, and what each costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, asked, call, make, prompt, result, talk
from switchtax.advice import WayKind, advise, sub_agent_way
from switchtax.advice.plans import Models, Scene, price_ways
from switchtax.advice.scene import start_of
from switchtax.estimates.drift import Risk
from switchtax.estimates.for_session import answer
from switchtax.estimates.interval import exactly
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.steps import finish
from switchtax.records import Compaction, Forked, SessionInfo, ToolUse, Unknown
from unit.estimates.hand_cards import FABLE, HAIKU, OPUS, SONNET, STEADY, cold, warm

NAMES = {"opus": "claude-opus-5-5", "sonnet": "claude-sonnet-5-5", "fable": "claude-fable-5-2"}
LONG = make(*talk(5, opening=20_000, first=150_000))


def ways(session=LONG, model: str = "sonnet", at: float = 310, turns: int = 10):  # type: ignore[no-untyped-def]
    """The ways of a session `at` seconds after its start."""
    return advise(answer(session, NAMES.get(model, model), START + at, BOOK, turns=turns), BOOK)


def kinds(*args, **more):  # type: ignore[no-untyped-def]
    return {way.kind for way in ways(*args, **more)}


class TestByHand:
    """One call a turn, 3,000 tokens new, 2,000 back: the multiplications in sight."""

    scene = Scene(
        start=exactly(20_000), sub_start=exactly(10_000), brief=exactly(2_000),
        order=exactly(500), result=exactly(1_000), files=exactly(0), file_tokens=1_800,
        chores=exactly(1), calls_left=1,
    )  # fmt: skip
    pace = replace(STEADY, first_new_tokens=exactly(3_000))

    def total(self, kind: WayKind, turns: int = 2, **more: object) -> int:
        models = Models(warm(SONNET), cold(FABLE), cold(FABLE), cold(FABLE), cold(HAIKU))
        scene = replace(self.scene, **more)  # type: ignore[arg-type]
        found = finish(price_ways(models, scene, (kind,), exactly(150_000), self.pace, turns))
        return found[kind].total.mid  # type: ignore[union-attr]

    def test_stay_and_switch(self) -> None:
        stay = 0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000 + 0.1 * 153_000 + 2.5 * 5_000 + 10 * 2_000
        switch = 10 * 153_000 + 40 * 2_000 + 0.2 * 153_000 + 10 * 5_000 + 40 * 2_000
        assert round(stay) == self.total(WayKind.STAY)
        assert round(switch) == self.total(WayKind.SWITCH)

    def test_finish_this_turn_first(self) -> None:
        """A call here, then one there with all of the context."""
        here = 0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000
        there = 10 * 158_000 + 40 * 2_000
        assert round(here + there) == self.total(WayKind.FINISH_FIRST)

    @pytest.mark.parametrize(("dead", "kept"), [(False, 150_000), (True, 20_000)])
    def test_there_and_back(self, dead: bool, kept: int) -> None:
        """The way back reads the old prefix, or only the shared start."""
        there = 10 * 153_000 + 40 * 2_000
        back = 0.1 * kept + 2.5 * (158_000 - kept) + 10 * 2_000
        found = self.total(WayKind.THERE_AND_BACK, dead_on_return=dead, kept_tokens=20_000)
        assert round(there + back) == found

    def test_in_turn(self) -> None:
        """The next turn there, the one after it here, the third there again, on a warm prefix."""
        first = 10 * 153_000 + 40 * 2_000
        second = 0.1 * 150_000 + 2.5 * 8_000 + 10 * 2_000
        third = 0.2 * 153_000 + 10 * 10_000 + 40 * 2_000
        assert round(first + second + third) == self.total(WayKind.POOL, 3)

    def test_only_the_next_request_in_a_sub_agent(self) -> None:
        """Launch, work from 10,500 tokens, take 1,000 back, then on."""
        launch = 0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000
        reading = 10 * 10_500 + 40 * 2_000
        work = 0.2 * 10_500 + 10 * 5_000 + 40 * 2_000
        back = 0.1 * 153_000 + 2.5 * 3_000 + 10 * 2_000
        on = 0.1 * 156_000 + 2.5 * 5_000 + 10 * 2_000
        assert round(launch + reading + work + back) == self.total(WayKind.SUB_AGENT, 1)
        assert round(launch + reading + work + back + on) == self.total(WayKind.SUB_AGENT)

    def test_a_file_read_again_is_one_more_call(self) -> None:
        one = 0.2 * 10_500 + 10 * 3_800 + 40 * 2_000
        more = 0.2 * (10_500 + 3_800) + 10 * 5_000 - (0.2 * 10_500 + 10 * 5_000)
        found = self.total(WayKind.SUB_AGENT, 1, files=exactly(1))
        assert round(one + more) == found - self.total(WayKind.SUB_AGENT, 1)

    def test_a_new_session_with_a_brief(self) -> None:
        """The brief is read, then both calls follow on that short context."""
        reading = 10 * 22_000 + 40 * 2_000
        work = 0.2 * 22_000 + 10 * 5_000 + 40 * 2_000 + 0.2 * 27_000 + 10 * 5_000 + 40 * 2_000
        assert round(reading + work) == self.total(WayKind.NEW_SESSION)

    def test_chores_on_a_cheap_model(self) -> None:
        """One of the two calls is done there; two short ones here carry it."""
        chores = 0.125 * 10_500 + 0.5 * 2_000
        launch = 0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000
        back = 0.1 * 153_000 + 2.5 * 3_000 + 10 * 2_000
        on = 0.1 * 156_000 + 2.5 * 5_000 + 10 * 2_000
        assert int(launch + chores + back + on + 0.5) == self.total(WayKind.CHORES)


class TestWhichThereAre:
    """What an agent does not have is left out."""

    def test_between_turns(self) -> None:
        assert {"stay", "switch", "compact_first", "new_session", "sub_agent", "chores"} == kinds()

    def test_in_the_middle_of_a_turn(self) -> None:
        """Then the turn can be finished first, and no chores are due."""
        session = make(*talk(3, opening=20_000, first=150_000), asked(3, 181), result(3, 185))
        found = kinds(session, at=200)
        assert WayKind.FINISH_FIRST in found
        assert WayKind.CHORES not in found

    def test_to_a_dearer_model_there_is_a_way_back(self) -> None:
        assert WayKind.THERE_AND_BACK in kinds(model="fable")
        assert WayKind.THERE_AND_BACK not in kinds(model="sonnet")

    def test_two_caches_once_it_goes_to_and_fro(self) -> None:
        model = [NAMES["sonnet"], NAMES["opus"]]
        flaps = [
            call(10 + n, 300 + 20 * n, model=model[n % 2], read=50_000, write=5_000)
            for n in range(4)
        ]
        assert WayKind.POOL in kinds(make(*talk(4), *flaps), at=390)
        assert WayKind.POOL not in kinds(make(*talk(4), *flaps[:2]), at=390)

    def test_only_agents_whose_sub_agents_choose_a_model(self) -> None:
        codex = make(*talk(5, opening=20_000, first=150_000, model="gpt-6.1-sol"), agent="codex")
        assert WayKind.SUB_AGENT not in kinds(codex, "gpt-6.1-terra")
        assert WayKind.CHORES not in kinds(codex, "gpt-6.1-terra")
        assert WayKind.SUB_AGENT not in kinds(model="gpt-6.1-sol")
        opencode = make(*talk(5, opening=20_000, first=150_000), agent="opencode")
        assert WayKind.SUB_AGENT in kinds(opencode, "gpt-6.1-sol")

    def test_no_summary_from_a_cold_cache_or_of_a_short_session(self) -> None:
        assert WayKind.COMPACT_FIRST not in kinds(at=9_000)
        assert WayKind.COMPACT_FIRST not in kinds(make(*talk(4, first=30_000)), at=250)

    def test_where_the_agent_compacts_by_itself(self) -> None:
        """The history is gone on both sides: no way back, no second summary."""
        info = SessionInfo(ID, START, comp_hash="4000")
        codex = make(*talk(4, model="gpt-6.1-terra"), info, agent="codex")
        assert not {"compact_first", "there_and_back"} & kinds(codex, "gpt-6.1-sol", at=250)

    def test_staying_has_only_chores_beside_it(self) -> None:
        assert {"stay", "chores"} == kinds(model="opus")

    def test_nothing_waits(self) -> None:
        """Expiry makes staying dearer, and no switch cheaper: it is no way."""
        assert not [kind for kind in WayKind if "wait" in kind or "expir" in kind]


class TestOrder:
    """Cheapest over the horizon first; what is not known last."""

    @pytest.mark.parametrize("model", ["sonnet", "fable", "claude-haiku-5-5", "claude-opus-4-5"])
    @pytest.mark.parametrize("turns", [1, 10, 40])
    def test_by_total(self, model: str, turns: int) -> None:
        totals = [way.total.mid for way in ways(model=model, turns=turns)]
        assert sorted(totals) == totals

    def test_extra_is_against_staying(self) -> None:
        found = {way.kind: way for way in ways()}
        stay = found[WayKind.STAY].total.mid
        assert [way.total.mid - stay for way in found.values()] == [
            way.extra.mid for way in found.values()
        ]

    def test_switch_and_stay_are_the_horizons(self) -> None:
        """The same sums that the estimate shows."""
        found = answer(LONG, NAMES["sonnet"], START + 310, BOOK)
        by = {way.kind: way for way in advise(found, BOOK)}
        horizon = found.estimate.horizon
        assert (horizon.stay, horizon.switch, horizon.extra) == (  # type: ignore[union-attr]
            by[WayKind.STAY].total, by[WayKind.SWITCH].total, by[WayKind.SWITCH].extra,
        )  # fmt: skip

    def test_a_model_without_a_price(self) -> None:
        """Staying and chores keep theirs; the rest says why it has none, last."""
        found = ways(model="mystery-1")
        assert [True, True] == [way.known for way in found[:2]]
        assert {Unknown("no price card for mystery-1")} == {way.total for way in found[2:]}
        assert {WayKind.SWITCH, WayKind.NEW_SESSION} < {way.kind for way in found[2:]}

    def test_a_context_that_does_not_fit(self) -> None:
        """Switching has no price; a summary, a sub-agent and a new session do."""
        long = make(*talk(5, opening=20_000, first=230_000))
        found = ways(long, "claude-haiku-4-5", turns=2)
        unknown = {way.kind for way in found if not way.known}
        assert {WayKind.SWITCH} == unknown
        assert "does not fit the window" in found[-1].total.reason

    def test_a_window_that_fills_up_ends_the_horizon_for_all(self) -> None:
        """All ways are compared over the same, shorter, work."""
        found = ways(make(*talk(5, opening=20_000, first=180_000)), "claude-haiku-4-5", turns=40)
        assert [] == [way for way in found if not way.known]

    def test_a_fork_whose_start_was_never_seen(self) -> None:
        """Its first request was all of another session: ways from a fresh context are unknown."""
        forked = make(Forked(ID, START, "another"), *talk(5, opening=20_000, first=150_000))
        found = [way for way in ways(forked) if not way.known]
        assert {"new_session", "sub_agent", "chores"} == {way.kind for way in found}
        assert "was not seen" in found[0].total.reason
        assert sub_agent_way(answer(forked, NAMES["fable"], START + 310, BOOK)) is None


class TestScene:
    """What a session tells of a fresh context."""

    def test_a_start_lies_below_the_first_request(self) -> None:
        found = start_of(LONG)
        assert (8_000, 15_000, 20_000) == (found.low, found.mid, found.high)

    def test_a_first_request_that_is_no_start(self) -> None:
        """Another session's history."""
        assert isinstance(start_of(make(*talk(2, first=150_000))), Unknown)

    def test_files_named_lately_are_read_again(self) -> None:
        uses = [ToolUse(ID, START + 301, "Edit", f"t{n}", path=f"/f{n}") for n in range(12)]
        found = {
            way.kind: dict(way.assumes)
            for way in ways(make(*talk(5, opening=20_000, first=150_000), *uses))
        }
        assert 8 == found[WayKind.NEW_SESSION]["files_read_again"].high
        assert 2 == found[WayKind.NEW_SESSION]["files_read_again"].mid

    def test_sub_agents_that_were_seen_tell_their_start(self) -> None:
        side = call(90, 200, model=NAMES["opus"], write=9_000, sidechain=True)
        found = {
            way.kind: dict(way.assumes)
            for way in ways(make(*talk(5, opening=20_000, first=150_000), side))
        }
        assert 9_000 == found[WayKind.SUB_AGENT]["start_tokens"].mid

    def test_compactions_that_were_seen_tell_what_they_leave(self) -> None:
        past = Compaction(ID, START + 1, "auto", 160_000, 21_000)
        again = make(
            *talk(2, opening=20_000, first=150_000), past, *prompt(150), call(9, 160, write=150_000)
        )
        found = {way.kind: dict(way.assumes) for way in ways(again, at=170)}
        assert 21_000 == found[WayKind.COMPACT_FIRST]["context_after_tokens"].mid

    def test_a_cache_that_ends_before_the_way_back(self) -> None:
        """Turns that last longer than the cache lives."""
        slow = make(*talk(5, opening=20_000, first=150_000, every_s=200))
        for session, at, kept in ((LONG, 310, 1), (slow, 1_010, 0)):
            by = {way.kind: dict(way.assumes) for way in ways(session, "fable", at)}
            assert kept == by[WayKind.THERE_AND_BACK]["cache_kept_on_return"].mid


class TestSubAgent:
    """The one way that a popup offers."""

    def test_the_same_as_among_all_of_them(self) -> None:
        found = answer(LONG, NAMES["fable"], START + 310, BOOK)
        (listed,) = [way for way in advise(found, BOOK) if way.kind is WayKind.SUB_AGENT]
        alone = sub_agent_way(found)
        assert alone is not None
        assert listed.next_turn == alone.next_turn == alone.total

    def test_none_where_the_agent_has_none(self) -> None:
        found = answer(LONG, "gpt-6.1-sol", START + 310, BOOK)
        assert sub_agent_way(found) is None


def test_the_cards_of_these_tests() -> None:
    """Opus warm is what the session is on."""
    assert OPUS.rates == BOOK.card(NAMES["opus"], START).rates  # type: ignore[union-attr]


def test_finishing_the_turn_takes_its_risk_away() -> None:
    """What is pending is done by then; the rest stays."""
    session = make(*talk(3, opening=20_000, first=150_000), asked(3, 181))
    found = {way.kind: way for way in ways(session, "claude-haiku-5-5", at=200)}
    now, later = found[WayKind.SWITCH].risk, found[WayKind.FINISH_FIRST].risk
    assert isinstance(now, Risk)
    assert isinstance(later, Risk)
    assert {"tool_pending", "tier_drop"} <= {reason.signal for reason in now.reasons}
    assert "tool_pending" not in {reason.signal for reason in later.reasons}
    assert "tier_drop" in {reason.signal for reason in later.reasons}
    assert later.points < now.points
    assert "tool_pending" not in {reason.signal for reason in found[WayKind.SUB_AGENT].risk.reasons}  # type: ignore[union-attr]
    assert found[WayKind.STAY].risk is None


class TestWaits:
    """How much later the first word of what was wanted comes than when staying."""

    def later(self, session=LONG, at: float = 310, **more: object):  # type: ignore[no-untyped-def]
        """Seconds by way, to Sonnet; nothing was timed, so that published rates hold."""
        return {way.kind: way.extra_wait_s for way in ways(session, at=at, **more)}  # type: ignore[arg-type]

    def test_a_sub_agent_is_told_first_then_begins(self) -> None:
        """600 tokens at 16 s a thousand, then a short request of its own."""
        found = self.later()[WayKind.SUB_AGENT]
        order, begins = 0.6 * 16, 1.5
        assert order + begins < found.mid < order + 6
        assert 0.2 * 16 < found.low < found.mid < found.high

    def test_a_summary_is_written_first(self) -> None:
        """3,000 tokens at 16 s a thousand: most of a minute."""
        found = self.later()[WayKind.COMPACT_FIRST]
        assert 3 * 16 < found.mid < 3 * 16 + 6
        assert 1 * 16 < found.low
        assert 7 * 16 < found.high

    def test_a_new_session_waits_less_than_a_switch(self) -> None:
        """It reads 17,000 tokens instead of 150,000."""
        found = self.later()
        assert found[WayKind.NEW_SESSION].mid < found[WayKind.SWITCH].mid
        work = 17_000 * 13.5 / 1e6
        assert abs(found[WayKind.NEW_SESSION].mid - work + 154_000 * 1.5 / 1e6) < 0.2

    def test_and_less_than_staying_where_the_cache_is_cold(self) -> None:
        """Then staying has to process everything again."""
        found = self.later(at=9_000)[WayKind.NEW_SESSION]
        assert found.low <= found.mid < -1
        assert found.mid <= found.high

    def test_what_was_learnt_of_waits_counts(self) -> None:
        """A model that writes half as fast takes twice as long to sum up."""
        waits = LatencyBook()
        waits.reload({"model\tclaude-code\tclaude-opus-5-5": slow_writer()})
        found = answer(LONG, NAMES["sonnet"], START + 310, BOOK, waits=waits)
        by = {way.kind: way.extra_wait_s for way in advise(found, BOOK, waits=waits)}
        assert by[WayKind.COMPACT_FIRST].mid - self.later()[WayKind.COMPACT_FIRST].mid > 40  # type: ignore[union-attr]

    def test_of_a_local_model_nothing_is_said_before_it_was_timed(self) -> None:
        """With the reason."""
        session = make(*talk(5, opening=20_000, first=150_000), agent="opencode")
        for kind, found in self.later(session, model="qwen3-coder").items():
            if kind in (WayKind.SUB_AGENT, WayKind.NEW_SESSION, WayKind.COMPACT_FIRST):
                assert "too few calls of" in found.reason

    def test_where_a_start_was_never_seen_its_wait_is_unknown_too(self) -> None:
        """For the reason that its price is."""
        forked = make(Forked(ID, START, "another"), *talk(5, opening=20_000, first=150_000))
        found = self.later(forked)
        assert start_of(forked) == found[WayKind.NEW_SESSION] == found[WayKind.SUB_AGENT]
        assert not isinstance(found[WayKind.SWITCH], Unknown)


def slow_writer() -> dict[str, object]:
    """What a book keeps of a model that writes a thousand tokens in 32 s."""
    fit = [1.5, 1.35, 0.15, 32.0]
    return {
        "theta": fit, "start": fit, "cov": [[0.0] * 4] * 4, "blocks": [[0.12, 5.0]] * 2,
        "states": [[], []], "situations": [[], []], "calls": [30, 3, 0], "at": START,
    }  # fmt: skip


def test_a_brief_and_a_summary_have_a_risk_of_their_own() -> None:
    """Less than a switch in the middle of a turn, and never unknown where a switch's is known."""
    session = make(*talk(3, opening=20_000, first=150_000), asked(3, 181))
    found = {way.kind: way.risk for way in ways(session, "sonnet", at=200)}
    for kind in (WayKind.COMPACT_FIRST, WayKind.NEW_SESSION, WayKind.SUB_AGENT):
        assert found[kind].points < found[WayKind.SWITCH].points  # type: ignore[union-attr]
