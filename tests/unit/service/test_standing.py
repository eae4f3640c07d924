"""What is remembered of standing sessions is what would be worked out now, at any time."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from making import BOOK, ID, START, answered, asked, call, make, prompt, result, talk
from switchtax.advice import advise
from switchtax.documents import estimate_document
from switchtax.estimates.for_session import answer, answers, next_turn_at, situation
from switchtax.estimates.interval import Interval
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.quota import Rate, with_quota
from switchtax.estimates.steps import finish
from switchtax.records import SessionInfo, Source
from switchtax.service import standing as standing_module
from switchtax.service.claims import claim_of
from switchtax.service.live import Live
from switchtax.service.standing import Standing
from switchtax.sessions.neighbours import Neighbours
from switchtax.sessions.waits import WaitReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.sessions.fold import Session

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SOL, TERRA = "gpt-6.1-sol", "gpt-6.1-terra"
MODELS = (SONNET, HAIKU, OPUS, "mystery-1")
RATES = (Rate("five_hour", Interval(1.0, 2.0, 4.0), 7, frozenset({SONNET})),)
SOURCE = Source("claude-code", "/x", ID)


def a_session(kind: str = "short", neighbours: Neighbours | None = None) -> Session:
    """A session of some kind, on Opus."""
    records = {
        "short": talk(3),
        "hour": talk(4, write_1h=True),
        "asked": [*talk(3), asked(3, 182), result(3, 190)],
        "sending": [*talk(3), *prompt(200)],
        "switched": [*talk(3, model=SONNET), call(9, 200, read=18_000, write=40_000)],
    }[kind]
    session = make(*records)
    session.neighbours = neighbours
    return session


def now(session: Session, models: Sequence[str], at: float, waits: LatencyBook, ways: bool) -> Any:
    """The document as it is made without remembering anything, as the wire gives it."""
    *found, stay = answers(session, [*models, session.model], at, BOOK, turns=3, waits=waits)
    found = [with_quota(each, RATES) for each in found]
    told = None
    if ways:
        told = {each.model: advise(each, BOOK, turns=3, waits=waits) for each in found}
    document = estimate_document(session, at, stay, found, told)
    return msgpack.unpackb(msgpack.packb(document))


class _Scene:
    """A session that stands still, while others go on."""

    def __init__(self, kind: str) -> None:
        self.neighbours, self.waits = Neighbours(), LatencyBook()
        self.live = Live(a_session(kind, self.neighbours), SOURCE, changes=1)
        self.standing = Standing(BOOK, lambda: self.waits)
        self.reader = WaitReader("claude-code")
        self.number = 100

    def another_is_used(self, model: str, at: float) -> None:
        """Another session keeps the shared start of a model warm."""
        self.neighbours.note("claude-code", [replace(call(1, at, model=model), session_id="other")])

    def a_wait_is_learnt(self, wait_s: float) -> None:
        """Some session's call was timed."""
        self.number += 1
        at = 60.0 * self.number
        first = replace(
            call(self.number, at, model=SONNET, read=9_000, write=500), at=START + at + wait_s
        )
        told = [first, answered(self.number, at + wait_s), asked(self.number, at + wait_s)]
        for record in [*told, result(self.number, at + wait_s + 1)]:
            waited = self.reader.add(record)
            if waited is not None:
                self.waits.learn(waited)

    def look_ahead(self, at: float) -> None:
        """What will be true then is worked out before."""
        finish(self.standing.preparing_ahead(self.live, START + at, 3))

    def check(self, models: Sequence[str], at: float, ways: bool = True) -> None:
        """Remembered and worked out now: the same."""
        found, claims = self.standing.document(
            self.live, models, START + at, 3, ways=ways, rates=RATES
        )
        assert now(self.live.session, models, START + at, self.waits, ways) == found
        session = self.live.session
        for model, claim in zip(models, claims, strict=True):
            whole = answer(session, model, START + at, BOOK, turns=3, waits=self.waits)
            assert claim_of(whole) == claim
            assert whole == self.standing.answer(self.live, model, START + at, 3)


_HAPPENS = st.one_of(
    st.tuples(st.just("used"), st.sampled_from(MODELS[:3]), st.floats(0, 5_000)),
    st.tuples(st.just("wait"), st.floats(0.5, 30)),
    st.tuples(st.just("ahead"), st.floats(250, 900)),
    st.tuples(
        st.just("ask"),
        st.lists(st.sampled_from(MODELS), min_size=1, max_size=3, unique=True),
        st.one_of(st.floats(250, 900), st.floats(250, 9_000)),
        st.booleans(),
    ),
)


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from(["short", "hour", "asked", "sending", "switched"]),
    happens=st.lists(_HAPPENS, min_size=2, max_size=8),
)
def test_what_is_remembered_is_what_would_be_worked_out(
    kind: str, happens: list[tuple[Any, ...]]
) -> None:
    """Whatever others do, whenever it is asked, in whatever order."""
    scene = _Scene(kind)
    for what, *details in happens:
        if what == "used":
            scene.another_is_used(*details)
        elif what == "wait":
            scene.a_wait_is_learnt(*details)
        elif what == "ahead":
            scene.look_ahead(*details)
        else:
            scene.check(*details)


def test_nothing_is_worked_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the cache runs out, and once then; another model is another answer."""
    asked_for: list[str] = []
    original = standing_module.answering

    def counting(session: Session, models: Sequence[str], *rest: Any, **more: Any) -> Any:
        asked_for.extend(models)
        return original(session, models, *rest, **more)

    monkeypatch.setattr(standing_module, "answering", counting)
    scene = _Scene("short")
    for at in (250, 300, 470, 490, 600):  # the last request was sent at 180, and lives 300 s
        scene.standing.document(scene.live, [SONNET], START + at, 3)
    assert [OPUS, SONNET] * 2 == asked_for[:4]
    scene.a_wait_is_learnt(2)
    scene.standing.document(scene.live, [SONNET], START + 700, 3)
    before = len(asked_for)
    scene.standing.document(scene.live, [HAIKU], START + 700, 3)
    assert [HAIKU] == asked_for[before:]


def test_a_summary_that_comes_first() -> None:
    """Codex: how long it gets is learnt from other sessions, and it is waited for as well."""
    scene = _Scene("short")
    records = *talk(4, model=SOL), SessionInfo(ID, START, comp_hash="4000")
    session = make(*records, agent="codex")
    session.neighbours = scene.neighbours
    scene.live = Live(session, replace(SOURCE, agent="codex"), changes=1)
    scene.check([TERRA], 250)
    wrote = replace(call(1, 255, output=4_000, purpose="compaction"), session_id="other")
    scene.neighbours.note("codex", [wrote])
    scene.check([TERRA], 260)
    scene.a_wait_is_learnt(2)
    scene.check([TERRA], 270)


def test_what_the_clock_will_change_is_worked_out_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then what is true now is kept beside; nothing is worked out at the moment itself."""
    scene = _Scene("short")
    before, after = START + 470, START + 490  # the last request was sent at 180, and lives 300 s
    finish(scene.standing.preparing_ahead(scene.live, before, 3))
    turn = scene.standing.next_turn_at(scene.live, before)
    assert START + 480 == turn
    finish(scene.standing.preparing_ahead(scene.live, turn + 0.01, 3))
    monkeypatch.setattr(standing_module, "answering", None)
    for at in (before, after, before, after):
        found, _ = scene.standing.document(scene.live, [SONNET], at, 3, rates=RATES)
        assert now(scene.live.session, [SONNET], at, scene.waits, False) == found


def test_a_changed_session_is_worked_out_anew() -> None:
    """A line more, or another reading of the whole log."""
    scene = _Scene("short")
    scene.check([SONNET], 250)
    scene.live.session.add(call(7, 240, read=52_000, write=9_000))
    scene.live = replace(scene.live, changes=2)
    scene.check([SONNET], 250)
    scene.live = replace(scene.live, session=a_session("hour"))
    scene.check([SONNET], 250)


def ahead(scene: _Scene) -> list[str]:
    """What is worked out ahead at some time."""
    return finish(scene.standing.preparing_ahead(scene.live, START + 250, 3))


def test_what_is_worked_out_ahead() -> None:
    """The own model, sensible ones, and those that somebody asked about lately; only once."""
    scene = _Scene("short")
    assert [OPUS, SONNET] == ahead(scene)[:2]
    assert [] == ahead(scene)
    scene.standing.asked(scene.live, [f"model-{number}" for number in range(20)])
    assert [f"model-{number}" for number in range(12, 20)] == ahead(scene)
    scene.standing.asked(scene.live, [SONNET], ways=True)
    assert [SONNET] == ahead(scene)
    scene.check([SONNET], 250)
    scene.standing.forget(ID)
    assert "model-19" not in ahead(scene)


def test_new_prices_are_taken_up() -> None:
    """Nothing is remembered then."""
    scene = _Scene("short")
    scene.check([SONNET], 250)
    scene.standing.clear()
    assert [SONNET] == finish(scene.standing.preparing(scene.live, [SONNET], START + 250, 3))


@pytest.mark.parametrize("kind", ["short", "hour", "asked", "sending", "switched"])
def test_the_next_turn_is_foreseen(kind: str) -> None:
    """Up to it the situation is as it was."""
    session, at = a_session(kind), START + 250.0
    turns = 0
    while (turn := next_turn_at(session, MODELS, at)) is not None:
        before = {
            situation(session, MODELS, at + share * (turn - at), BOOK) for share in (0.1, 0.9)
        }
        assert 1 == len(before)
        at, turns = turn + 0.01, turns + 1
    assert turns >= 2
    assert 1 == len({situation(session, MODELS, at + 9_000.0 * n, BOOK) for n in range(3)})


def test_steps_are_many() -> None:
    """Long work is left often enough."""
    scene = _Scene("short")
    steps = scene.standing.preparing(scene.live, [SONNET], START + 250, 3, ways=True)
    assert sum(1 for _ in itertools.islice(steps, 1_000)) > 20
