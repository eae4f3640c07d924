"""Starts of requests by content: who was sent one last, and how long it is."""

from dataclasses import replace

import pytest

from switchtax.records import Call, Prompt, RequestStarted, Start
from switchtax.sessions.starts import Length, Starts
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call

SHORT, LONG = Start("short", 30_000), Start("long", 40_000)


def request(second: float, sent: int = 50_000, **more: object) -> RequestStarted:
    """A told main request."""
    facts: dict[str, object] = {"sent_chars": sent, "starts": (SHORT, LONG)}
    return RequestStarted("s", T + second, f"r{second}", OPUS, **(facts | more))  # type: ignore[arg-type]


def told(*records: object) -> Starts:
    """What is known after these records."""
    starts = Starts()
    starts.note(records)  # type: ignore[arg-type]
    return starts


def last(starts: Starts, model: str = OPUS, *, before: float, not_by: str = "") -> list[float]:
    """When the long start was last sent, in seconds."""
    found = starts.used_at("", model, "long", before=T + before, not_by=not_by)
    return sorted(at - T for at in found.values())


def test_a_use_is_a_request_that_was_answered() -> None:
    """Sub-agents' requests, titles and calls that no request tells count for nothing."""
    side, title = request(1, main=False), call("t", 3, five=99, purpose="title")
    starts = told(Prompt("s", T), request(0), side, title, call("a", 5, five=12_000), call("b", 9))
    assert [0] == last(starts, before=100)
    assert [] == last(starts, HAIKU, before=100)


def test_only_what_was_before_counts() -> None:
    """A log that is read whole holds what came later, too."""
    starts = told(*(r for at in (0, 60, 120) for r in (request(at), call(f"c{at}", at, five=9))))
    assert [[], [0], [60], [120]] == [last(starts, before=at) for at in (0, 60, 61, 999)]


def test_a_sessions_own_uses_can_be_left_out() -> None:
    """Its own book has them; in that of its neighbours they may be later ones."""
    other = [replace(r, session_id="o") for r in (request(30), call("o", 30, five=9))]
    starts = told(request(0), call("a", 0, five=9), *other, request(60), call("b", 60, five=9))
    assert [30] == last(starts, before=100, not_by="s")
    assert [] == last(starts, before=20, not_by="s")


def test_requests_at_once_are_one_use() -> None:
    """Ten seconds of three hundred do not matter; thousands of times would."""
    starts = told(*(r for at in range(12) for r in (request(at), call(f"c{at}", at, five=9))))
    assert [11] == last(starts, before=100)
    assert 2 == sum(len(times) for by_use in starts.uses.values() for times in by_use.values()) / 2


def test_settings_and_lifetimes_are_kept_apart() -> None:
    """Whether they matter is the provider's rule, not known here."""
    starts = told(
        request(0), call("a", 0, hour=9, effort="high"),
        request(20, ttl_s=3_600), call("b", 20, hour=9, effort="low"),
    )  # fmt: skip
    assert [0, 20] == last(starts, before=100)


def test_old_uses_are_forgotten() -> None:
    """Lengths stay."""
    starts = told(request(0), call("a", 0, five=12_000), request(60), call("b", 60, read=12_000))
    starts.forget(T + 30)
    assert [60] == last(starts, before=100)
    assert [] == last(starts, before=60)
    assert starts.length(OPUS, "long", T + 1) is not None


def length(starts: Starts, digest: str = "long", model: str = OPUS) -> Length | None:
    """How long a start is known to be in the end."""
    return starts.length(model, digest, T + 9_999)


def test_a_length_is_inferred_from_its_share_of_the_characters() -> None:
    """The larger the share, the surer."""
    starts = told(request(0), call("a", 0, five=10_000))
    assert Length(8_000, pytest.approx(0.03)) == length(starts)
    assert Length(6_000, pytest.approx(0.06)) == length(starts, "short")
    assert length(starts, "other") is None
    assert starts.length(OPUS, "long", T - 1) is None


def test_a_later_request_with_more_behind_it_tells_less() -> None:
    """The surest stands."""
    starts = told(
        request(0), call("a", 0, five=10_000), request(60, 200_000), call("b", 60, five=60_000)
    )
    assert Length(8_000, pytest.approx(0.03)) == length(starts)


def test_a_first_request_that_read_it_tells_its_length() -> None:
    """Nothing else of it can have been in the cache; the other one stays inferred."""
    starts = told(request(0), call("a", 0, read=6_200, five=3_800))
    assert Length(6_200, 0.0) == length(starts, "short")
    assert Length(8_000, pytest.approx(0.03)) == length(starts)
    again = told(request(0, 40_000), call("a", 0, read=8_100, five=1_900))
    assert length(again) != Length(8_100, 0.0), "as much more as the whole request is longer"


@pytest.mark.parametrize("read", [0, 4_000, 9_900])
def test_what_fits_no_start_tells_none(read: int) -> None:
    """Nothing, too little, or the whole request that another session sent just so."""
    starts = told(request(0), call("a", 0, read=read, five=10_000 - read))
    assert Length(8_000, pytest.approx(0.03)) == length(starts)


def test_a_request_that_may_have_read_its_conversation_tells_nothing() -> None:
    """After a first one it does; one that missed it can only have read a start."""
    calls = [call("a", 0, five=40_000), call("b", 60, read=40_000), call("c", 999, read=8_000)]
    asked = [request(0, 200_000), request(60, 200_500), request(999, 50_000)]
    calls[2] = replace(calls[2], usage=replace(calls[2].usage, cache_write_5m_tokens=2_000))
    starts = told(*(r for pair in zip(asked, calls, strict=True) for r in pair))
    assert Length(8_000, 0.0) == length(starts)
    before = told(*(r for pair in zip(asked[:2], calls[:2], strict=True) for r in pair))
    found = length(before)
    assert found is not None
    assert found.unsure_ratio > 0


def test_sizes_that_were_not_told_tell_no_length() -> None:
    """A scan brings uses alone; a call without usage brings no length."""
    assert length(told(request(0, 0), call("a", 0, five=10_000))) is None
    nothing: Call = call("a", 0)
    assert length(told(request(0), nothing)) is None


def test_a_request_without_marks_tells_nothing() -> None:
    """Tools and system prompt are not cached apart."""
    starts = told(request(0, starts=()), call("a", 0, read=8_000, five=2_000))
    assert ({}, {}) == (starts.uses, starts.lengths)
