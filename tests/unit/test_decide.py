"""Which of some models: a router's question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from making import BOOK, ID, START, asked, call, make, prompt, result, talk
from switchtax.advice.tasks import classify
from switchtax.decide import FIRST_CONTEXT, Why, decide
from switchtax.documents import decide_document
from switchtax.estimates.for_session import answer
from switchtax.records import SessionInfo, Unknown
from switchtax.sessions.fold import Session
from switchtax.wording import decision_table, decision_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.decide import Candidate, Decision

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
FABLE = "claude-fable-5-2"
THREE = [OPUS, SONNET, HAIKU]
LONG = make(*talk(5, opening=20_000, first=150_000))


def ask(
    models: list[str] = THREE, session: Session = LONG, at: float = 310, **more: Any
) -> Decision:
    """The decision `at` seconds after the session's start."""
    return decide(session, models, START + at, BOOK, **more)


def of(found: Decision, model: str) -> Candidate:
    """One candidate."""
    return next(each for each in found.candidates if each.model == model)


class TestCosts:
    """Cold, warm, and as things stand."""

    @pytest.mark.parametrize("turns", [1, 10])
    def test_expected_is_what_the_estimate_says(self, turns: int) -> None:
        """To the micro-dollar: one arithmetic."""
        found, both = ask(turns=turns), answer(LONG, SONNET, START + 310, BOOK, turns=turns)
        horizon = both.estimate.horizon
        assert (horizon.stay.mid, horizon.switch.mid) == (  # type: ignore[union-attr]
            of(found, OPUS).expected.mid, of(found, SONNET).expected.mid,  # type: ignore[union-attr]
        )  # fmt: skip

    def test_the_next_call_alone(self) -> None:
        found, both = ask(turns=0), answer(LONG, SONNET, START + 310, BOOK)
        assert 1 == found.calls
        assert of(found, SONNET).expected == both.estimate.next_call.switch

    def test_warm_is_what_a_warm_one_expects(self) -> None:
        """And a cold one expects what cold costs; warm never costs more."""
        found = ask()
        sonnet = of(found, SONNET)
        assert sonnet.cold == sonnet.expected
        for each in found.candidates:
            assert each.warm.mid <= each.expected.mid <= each.cold.mid  # type: ignore[union-attr]

    def test_where_the_agent_compacts_first(self) -> None:
        """That is part of what is expected."""
        info = SessionInfo(ID, START, comp_hash="4000")
        codex = make(*talk(4, model="gpt-6.1-terra", opening=17_000, first=150_000), info,
                     agent="codex")  # fmt: skip
        found = ask(["gpt-6.1-sol"], codex, 250, turns=10)
        both = answer(codex, "gpt-6.1-sol", START + 250, BOOK)
        assert found.candidates[0].expected == both.estimate.horizon.switch  # type: ignore[union-attr]


class TestWhich:
    """The recommended one, and why."""

    def test_the_cheapest(self) -> None:
        found = ask()
        assert (HAIKU, Why.CHEAPEST) == (found.recommended, found.why)
        assert found.extra.mid == of(found, HAIKU).expected.mid - of(found, OPUS).expected.mid  # type: ignore[union-attr]

    def test_for_one_call_the_warm_one(self) -> None:
        """Per request the cheap model is the dear one."""
        found = ask(turns=0)
        assert (OPUS, 0) == (found.recommended, found.extra.mid)  # type: ignore[union-attr]

    def test_not_for_half_a_cent(self) -> None:
        """Cheaper, but by too little to change models."""
        small = make(*talk(3, model=HAIKU, first=6_000, grows=100, caches=False))
        found = ask([HAIKU, "gpt-5-nano"], small, 190, turns=0)
        assert of(found, "gpt-5-nano").expected.mid < of(found, HAIKU).expected.mid  # type: ignore[union-attr]
        assert (HAIKU, Why.NOT_WORTH_IT) == (found.recommended, found.why)

    def test_the_only_one_with_a_price(self) -> None:
        found = ask(["mystery-1", SONNET])
        assert (SONNET, Why.ONLY_KNOWN) == (found.recommended, found.why)
        assert Unknown("no price card for mystery-1") == of(found, "mystery-1").expected
        assert Unknown("no price card for mystery-1") == of(found, "mystery-1").fits

    def test_the_only_one_it_fits(self) -> None:
        found = ask(["claude-haiku-4-5", OPUS], make(*talk(5, opening=20_000, first=230_000)))
        assert (OPUS, Why.ONLY_KNOWN) == (found.recommended, found.why)
        assert of(found, "claude-haiku-4-5").fits is False

    def test_a_window_that_fills_up_ends_it_for_all(self) -> None:
        """The same calls for every candidate."""
        near = make(*talk(5, opening=20_000, first=160_000))
        alone, beside = ask([OPUS], near), ask([OPUS, "claude-haiku-4-5"], near)
        assert beside.calls < alone.calls
        assert of(beside, OPUS).expected.mid < of(alone, OPUS).expected.mid  # type: ignore[union-attr]

    def test_nothing_to_go_by(self) -> None:
        found = ask(["mystery-1"])
        assert Why.NOTHING_KNOWN is found.why
        assert Unknown("no price card for mystery-1") == found.recommended == found.extra

    def test_none_is_asked_about(self) -> None:
        with pytest.raises(ValueError, match="no candidate"):
            ask([])

    def test_too_risky_to_be_recommended(self) -> None:
        """The cheapest may be, where it is the only one."""
        found = ask(session=make(*talk(3, opening=20_000, first=150_000), asked(3, 181)), at=200)
        severe = [each for each in found.candidates if each.risk.level == "severe"]  # type: ignore[union-attr]
        assert found.recommended not in {each.model for each in severe}


class TestTask:
    """What is to be done decides, with its price said."""

    @pytest.mark.parametrize(
        ("task", "model"),
        [
            ("find the root cause", FABLE),
            ("rename it", HAIKU),
            ("convert it to json", SONNET),
            ("the whole codebase", HAIKU),
            ("hello", HAIKU),
        ],
    )
    def test_by_class(self, task: str, model: str) -> None:
        found = ask([OPUS, SONNET, HAIKU, FABLE], task=classify(task))
        assert model == found.recommended

    def test_the_longest_window(self) -> None:
        """Though it is not the cheapest."""
        found = ask(["claude-haiku-4-5", SONNET], task=classify("the whole codebase"), turns=1)
        assert SONNET == found.recommended

    def test_a_new_session(self) -> None:
        """At the usual pace, from what a session begins with."""
        new = Session("claude-code", "new", rules_for=BOOK.rules)
        found = ask([OPUS, HAIKU, "mystery-1"], new, task=classify("rename it"))
        assert HAIKU == found.recommended
        assert not any(each.current for each in found.candidates)
        assert FIRST_CONTEXT.mid * 4 < of(found, OPUS).expected.mid  # type: ignore[union-attr]
        assert isinstance(found.candidates[0].wait, Unknown)


def decisions() -> dict[str, Decision]:
    """Every shape of a decision."""
    new = Session("claude-code", "new", rules_for=BOOK.rules)
    back = make(*talk(4), *prompt(250), call(9, 260, model=SONNET, write=54_000))
    small = make(*talk(3, model=HAIKU, first=6_000, grows=100, caches=False))
    return {
        "the cheapest": ask(),
        "stay for one call": ask(turns=0),
        "a way back that is warm": ask([SONNET, OPUS], back, 280, turns=1),
        "not worth it": ask([HAIKU, "gpt-5-nano"], small, 190, turns=0),
        "only one has a price": ask(["mystery-1", SONNET]),
        "only one has room": ask(
            ["claude-haiku-4-5", OPUS], make(*talk(5, opening=20_000, first=230_000))
        ),
        "nothing known": ask(["mystery-1"]),
        "for a task": ask(task=classify("find the root cause of the deadlock")),
        "for a task, a new session": ask(THREE, new, task=classify("rename it, then commit")),
        "pending tool call": ask(
            session=make(*talk(3, opening=20_000, first=150_000), asked(3, 181), result(3, 185)),
            at=200,
        ),
    }


def test_decisions_read_aloud(golden: Callable[[str, str], None]) -> None:
    """The sentence and the table, at 80 columns."""
    parts = []
    for name, found in decisions().items():
        table = decision_table(found)
        assert [] == [line for line in table if len(line) > 80]
        parts.append("\n".join([f"# {name}", decision_words(found), *table]))
    golden("decisions", "\n\n".join(parts) + "\n")


def test_every_unknown_has_a_reason() -> None:
    """In the document too: no null stands for a number."""
    document = decide_document(LONG, START, ask(["mystery-1", SONNET]))
    mystery = document["candidates"][0]
    assert {"unknown": "no price card for mystery-1"} == mystery["expected_usd_micros"]
    assert [] == [key for key, value in mystery.items() if value is None]
    lost = replace(ask(), extra=Unknown("a price is missing"))
    assert "against" not in decision_words(lost)
