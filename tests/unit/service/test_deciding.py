"""What a router is answered from kept candidates is what would be decided now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from making import BOOK, ID, START, answered, asked, call, make, result, talk
from switchtax import decide as decide_module
from switchtax.config import Config
from switchtax.decide import decide
from switchtax.documents import decide_document, wait_json
from switchtax.estimates.for_session import answer
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.steps import finish
from switchtax.records import SessionInfo, Source
from switchtax.service import deciding as deciding_module
from switchtax.service.deciding import Deciding
from switchtax.service.live import Live
from switchtax.sessions.neighbours import Neighbours
from switchtax.sessions.waits import WaitReader

if TYPE_CHECKING:
    import pytest

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
MODELS = [OPUS, SONNET, HAIKU, "claude-haiku-4-5", "mystery-1"]


class _Hub:
    """As much of a daemon as `Deciding` sees: two sessions, a clock, what is due."""

    def __init__(self) -> None:
        self.at = START + 320
        self.neighbours, self.waits = Neighbours(), LatencyBook()
        self.lives: dict[str, Live] = {}
        for name, calls in (("a", 5), ("b", 4)):
            session = make(*talk(calls, opening=20_000, first=150_000))
            session.id, session.neighbours = name, self.neighbours
            self.lives[name] = Live(session, Source("claude-code", f"/{name}", name), changes=1)
        self.live = SimpleNamespace(
            find=self.lives.__getitem__, clock=lambda: self.at, book=BOOK, waits=self.waits,
            targets=lambda _, models: list(models),
        )  # fmt: skip
        self.settings = SimpleNamespace(config=Config())
        self.all = 0
        self.deciding = Deciding(self)  # type: ignore[arg-type]

    def weigh_all(self) -> None:
        self.all += 1

    def ask(self, name: str = "a", models: list[str] = MODELS[:3], **more: Any) -> dict[str, Any]:
        return asyncio.run(self.deciding.decide({"session": name, "models": models, **more}))

    def now(self, name: str, models: list[str], turns: int) -> dict[str, Any]:
        """The same worked out without remembering anything."""
        session = self.lives[name].session
        found = decide(session, models, self.at, BOOK, turns=turns, waits=self.waits)
        return decide_document(session, self.at, found)

    def ahead(self, name: str, in_s: float = 0) -> None:
        finish(self.deciding.ahead(self.lives[name], self.at + in_s))

    def grow(self, name: str) -> None:
        """Something is added to a session."""
        live = self.lives[name]
        number = 50 + live.changes
        live.session.add_all([
            asked(number - 1, self.at - START - 1), result(number - 1, self.at - START - 0.5),
            replace(call(number, self.at - START, read=150_000, write=3_000), session_id=name),
        ])  # fmt: skip
        live.changes += 1

    def learn(self, wait_s: float) -> None:
        """A call of some other session was timed."""
        reader, at = WaitReader("claude-code"), 60.0 * (len(self.waits.models()) + wait_s)
        first = replace(call(1, at, model=SONNET, read=9_000, write=500), at=START + at + wait_s)
        told = [first, answered(1, at + wait_s), asked(1, at + wait_s), result(1, at + wait_s + 1)]
        for record in told:
            waited = reader.add(record)
            if waited is not None:
                self.waits.learn(waited)


_HAPPENS = st.one_of(
    st.tuples(st.just("time"), st.floats(0, 4_000)),
    st.tuples(st.just("wait"), st.floats(0.5, 30)),
    st.tuples(st.just("used"), st.sampled_from(MODELS[:3])),
    st.tuples(st.just("grow"), st.sampled_from("ab")),
    st.tuples(st.just("ahead"), st.sampled_from("ab"), st.sampled_from([0, 60, 400])),
    st.tuples(
        st.just("ask"),
        st.sampled_from("ab"),
        st.lists(st.sampled_from(MODELS), min_size=1, max_size=4, unique=True),
        st.sampled_from([0, 3, 10]),
    ),
)


@settings(deadline=None, max_examples=25)
@given(happens=st.lists(_HAPPENS, min_size=3, max_size=10))
def test_what_is_remembered_is_what_would_be_decided(happens: list[tuple[Any, ...]]) -> None:
    """Whatever happens in between, in whatever order."""
    hub = _Hub()
    for what, *details in happens:
        if what == "time":
            hub.at += details[0]
        elif what == "wait":
            hub.learn(details[0])
        elif what == "used":
            used = replace(call(1, hub.at - START, model=details[0]), session_id="other")
            hub.neighbours.note("claude-code", [used])
        elif what == "grow":
            hub.at += 20
            hub.grow(details[0])
        elif what == "ahead":
            hub.ahead(*details)
        else:
            name, models, turns = details
            assert hub.now(name, models, turns) == hub.ask(name, models, turns=turns)


def test_a_summary_that_comes_first() -> None:
    """Codex: how long it gets is learnt from other sessions, and it is waited for as well."""
    hub, models = _Hub(), ["gpt-6.1-sol", "gpt-6.1-terra"]
    session = make(
        *talk(4, model=models[0]), SessionInfo(ID, START, comp_hash="4000"), agent="codex"
    )
    session.id, session.neighbours = "c", hub.neighbours
    hub.lives["c"] = Live(session, Source("codex", "/c", "c"), changes=1)
    assert hub.now("c", models, 3) == hub.ask("c", models, turns=3)
    wrote = replace(call(1, 300, output=4_000, purpose="compaction"), session_id="other")
    hub.neighbours.note("codex", [wrote])
    assert hub.now("c", models, 3) == hub.ask("c", models, turns=3)
    hub.learn(2)
    found = hub.ask("c", models, turns=3)
    assert hub.now("c", models, 3) == found
    whole = answer(session, models[1], hub.at, BOOK, turns=3, waits=hub.waits)
    assert wait_json(whole.wait) == found["candidates"][1]["wait"]


class TestAhead:
    """What is asked about is weighed before the next question."""

    def counted(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Models that are weighed from now on."""
        found: list[str] = []
        original = decide_module.weighing

        def weighing(own: Any, model: str, turns: int) -> Any:
            found.append(model)
            return original(own, model, turns)

        monkeypatch.setattr(deciding_module, "weighing", weighing)
        return found

    def test_any_choice_of_candidates_is_put_together(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is weighed twice while nothing changes."""
        hub, weighed = _Hub(), self.counted(monkeypatch)
        hub.ask(models=[OPUS, SONNET])
        hub.ask(models=[HAIKU, OPUS])
        hub.ask(models=[SONNET, HAIKU])
        assert [OPUS, SONNET, HAIKU] == weighed

    def test_a_session_that_has_changed_is_weighed_before_it_is_asked_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its next question finds the work done."""
        hub = _Hub()
        hub.ask()
        hub.grow("a")
        hub.ahead("a")
        weighed = self.counted(monkeypatch)
        hub.ask()
        assert [] == weighed

    def test_candidates_of_two_sessions_are_weighed_for_all(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One session alone is nobody else's business."""
        hub = _Hub()
        hub.ask("a", [OPUS, SONNET])
        hub.ahead("b")
        assert 0 == hub.all
        hub.ask("b", [SONNET])
        assert 1 == hub.all
        hub.ask("a", [OPUS])
        hub.ask("b", [SONNET])
        assert 1 == hub.all
        third = make(*talk(4, opening=20_000, first=120_000))
        third.id = "c"
        hub.lives["c"] = Live(third, Source("claude-code", "/c", "c"), changes=1)
        hub.ahead("c")
        weighed = self.counted(monkeypatch)
        hub.ask("c", [SONNET])
        assert [] == weighed

    def test_also_where_another_window_is_full_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A small window ends the calls for all: that is worked out ahead as well."""
        hub = _Hub()
        small = "claude-haiku-4-5"
        hub.ask("a", [OPUS, small])
        hub.grow("a")
        hub.ahead("a")
        done: list[int | None] = []
        rival = type(hub.deciding._kept["a"].last((OPUS, 10)).rival)
        original = rival.costing
        monkeypatch.setattr(
            rival, "costing", lambda self, most=None: done.append(most) or original(self, most)
        )
        found = hub.ask("a", [OPUS, small])
        assert [] == done
        assert hub.now("a", [OPUS, small], 10) == found

    def test_it_says_when_the_clock_alone_will_change_it(self) -> None:
        """The cache runs out five minutes after its last use."""
        hub = _Hub()
        hub.ask()
        assert START + 600 == hub.deciding.next_turn_at(hub.lives["a"], hub.at)
        assert hub.deciding.is_asked("a")
        hub.deciding.forget("a")
        assert not hub.deciding.is_asked("a")
        hub.deciding.clear()
        assert hub.deciding.next_turn_at(hub.lives["b"], hub.at) is None

    def test_what_the_clock_will_change_is_weighed_before(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Until then the candidates of now are kept beside."""
        hub = _Hub()
        hub.ask()
        weighed = self.counted(monkeypatch)
        hub.ahead("a", in_s=START + 600.01 - hub.at)
        assert set(MODELS[:3]) == set(weighed)
        hub.ask()
        hub.at = START + 601
        found = hub.ask()
        assert 3 == len(weighed)
        assert hub.now("a", MODELS[:3], 10) == found

    def test_so_much_is_kept(self) -> None:
        """The last sixteen candidates of a session, whatever the horizon."""
        hub = _Hub()
        for turns in range(1, 30):
            hub.ask(turns=turns)
        assert 16 == len([*hub.deciding._kept["a"]])
        assert 16 == len(hub.deciding._asked)
        many = [f"model-{number}" for number in range(20)]
        assert 20 == len(hub.ask(models=many)["candidates"])
