"""How long answers were waited for, as their logs tell it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import ID, START, answered, asked, call, prompt, result
from switchtax.records import Call, Content, ContentKind, Record, RequestStarted, Usage
from switchtax.sessions.waits import Waited, WaitReader, waits_in


def seen(number: int, started: float, first: float, **more: object) -> Call:
    """A call whose first block came `first` seconds after the start of all."""
    return replace(call(number, started, **more), at=START + first)  # type: ignore[arg-type]


def block(
    number: int, at: float, chars: int = 800, kind: ContentKind = ContentKind.TEXT
) -> Content:
    """A block of the call's answer."""
    return Content(ID, START + at, kind, chars, call_id=f"msg_{number}")


def read(*records: Record, agent: str = "claude-code") -> list[Waited]:
    """The waits of a log."""
    return list(waits_in(agent, records))


class TestFirstBlock:
    """Logs that only have the times of blocks."""

    def test_from_the_request_to_the_first_block(self) -> None:
        """Later blocks do not count for the wait."""
        (one,) = read(
            *prompt(0),
            seen(1, 10, 14, read=50_000, write=2_000, plain=3),
            block(1, 14),
            block(1, 19),
        )
        assert (4.0, START + 14) == (one.wait_s, one.at)
        assert (2_003, 50_000) == (one.processed_tokens, one.read_tokens)
        assert ("claude-code", False, True) == (one.agent, one.exact, one.prompted)

    def test_the_first_block_s_share_of_the_answer(self) -> None:
        """A quarter of the characters: a quarter of 400 tokens."""
        (one,) = read(seen(1, 10, 14), block(1, 14, 200), block(1, 19, 600))
        assert 100 == one.block_tokens

    def test_blocks_of_one_moment_are_one(self) -> None:
        """Text that came together with the reasoning before it."""
        (one,) = read(seen(1, 10, 14), block(1, 14, 200), block(1, 14, 200), block(1, 15, 400))
        assert 200 == one.block_tokens

    def test_an_earlier_time_goes_first(self) -> None:
        """Codex tells the usage after the blocks; they stand in any order."""
        (one,) = read(seen(1, 10, 14), block(1, 13, 200), block(1, 12, 600), agent="codex")
        assert (2.0, 300) == (one.wait_s, one.block_tokens)

    def test_sealed_reasoning_is_as_long_as_the_usage_says(self) -> None:
        """Its characters are not text."""
        started = seen(1, 10, 14)
        usage = replace(started.usage, reasoning_tokens=90)
        sealed = block(1, 14, 8, ContentKind.SEALED_REASONING)
        (one,) = read(replace(started, usage=usage), sealed, block(1, 15))
        assert 90 == one.block_tokens

    def test_a_placeholder_is_no_output(self) -> None:
        """Early builds wrote 1 for it: then characters are counted."""
        started = seen(1, 10, 14, output=1, output_recorded=False)
        (one,) = read(started, block(1, 14, 400), block(1, 15, 400))
        assert 100 == one.block_tokens

    def test_a_block_without_a_time_has_the_answer_s(self) -> None:
        """Nothing better is known."""
        (one,) = read(seen(1, 10, 14), replace(block(1, 0), at=0.0))
        assert 4.0 == one.wait_s

    def test_an_answer_told_twice_is_one(self) -> None:
        """The larger output counts, the first times stay."""
        first = seen(1, 10, 14, output=5)
        again = replace(first, at=START + 20, started_at=0.0, usage=Usage(output_tokens=300))
        smaller = replace(first, usage=Usage(output_tokens=2))
        (one,) = read(first, block(1, 14), again, smaller)
        assert (4.0, 300) == (one.wait_s, one.block_tokens)

    def test_without_blocks_nothing_is_known(self) -> None:
        """The time of the usage is the answer's end, not its first sign."""
        assert [] == read(seen(1, 10, 14), seen(2, 20, 24))


class TestFirstToken:
    """Logs that have its time."""

    def test_it_is_the_wait(self) -> None:
        """No block is written before it."""
        (one,) = read(seen(1, 10, 14, ttft_ms=1_200), block(1, 14))
        assert (1.2, 0.0, True) == (one.wait_s, one.block_tokens, one.exact)

    def test_told_after_the_turn(self) -> None:
        """Codex: the first call's block was told, its first token comes again."""
        first = seen(1, 10, 14)
        records = (first, block(1, 14), result(1, 15), seen(2, 16, 19), block(2, 19))
        waits = read(*records, replace(first, ttft_ms=1_500.0), agent="codex")
        assert [(4.0, False, False), (1.5, True, True), (3.0, False, False)] == [
            (one.wait_s, one.exact, one.again) for one in waits
        ]

    @pytest.mark.parametrize("ttft_ms", [None, 0.0, 2e6])
    def test_told_after_the_turn_but_no_time(self, ttft_ms: float | None) -> None:
        """The same call once more says nothing new."""
        first = seen(1, 10, 14)
        records = (first, block(1, 14), result(1, 15), seen(2, 16, 19))
        assert 1 == len(read(*records, replace(first, ttft_ms=ttft_ms)))

    def test_told_twice(self) -> None:
        """Once is enough."""
        first = seen(1, 10, 14, ttft_ms=900.0)
        assert 1 == len(read(first, block(1, 14), result(1, 15), first))


class TestWhatIsLeftOut:
    """No wait of the conversation."""

    @pytest.mark.parametrize(
        "other", [{"sidechain": True}, {"purpose": "title"}, {"sent_recorded": False}]
    )
    def test_other_calls(self, other: dict[str, object]) -> None:
        """Sub-agents, titles and calls whose request is not known."""
        assert [] == read(seen(1, 10, 14, **other), block(1, 14))

    @pytest.mark.parametrize("first", [10.0, 9.0, 10_000.0])
    def test_times_that_cannot_be(self, first: float) -> None:
        """Clocks that go back, and a machine that slept."""
        assert [] == read(seen(1, 10, first), block(1, first))

    def test_a_request_without_a_start(self) -> None:
        """The time since nothing is no wait."""
        assert [] == read(replace(seen(1, 10, 14, ttft_ms=900.0), started_at=0.0), block(1, 14))

    def test_records_that_say_nothing(self) -> None:
        """Neither a tool's use nor a sub-agent's content ends an answer."""
        reader = WaitReader("claude-code")
        side = replace(result(1, 15), sidechain=True)
        for record in (seen(1, 10, 14), block(1, 14), asked(1, 14), side, block(9, 14)):
            assert reader.add(record) is None
        assert reader.add(RequestStarted(ID, START + 16, "r", "m")) is None
        assert 4.0 == getattr(reader.add(result(1, 17)), "wait_s", None)


class TestReader:
    """One record at a time."""

    def test_a_tool_s_result_stood_before_it(self) -> None:
        """Only the call after a prompt is prompted."""
        waits = read(
            *prompt(0), seen(1, 10, 14), answered(1, 14), result(1, 15), seen(2, 16, 19),
            answered(2, 19),
        )  # fmt: skip
        assert [True, False] == [one.prompted for one in waits]

    def test_what_is_known_before_the_answer_is_over(self) -> None:
        """Asked for a call that is open, was told, or is not known."""
        reader = WaitReader("claude-code")
        reader.add(seen(1, 10, 14))
        assert reader.first_sign("msg_1") is None
        reader.add(block(1, 14))
        open_one = reader.first_sign("msg_1")
        told = reader.add(result(1, 15))
        assert told == open_one == reader.first_sign("msg_1")
        assert reader.first_sign("msg_2") is None

    def test_only_the_last_calls_are_remembered(self) -> None:
        """A log of any length takes the same memory."""
        reader = WaitReader("claude-code")
        for n in range(1, 200):
            reader.add(seen(n, 10 * n, 10 * n + 4))
            reader.add(block(n, 10 * n + 4))
        assert reader.first_sign("msg_198") is not None
        assert reader.first_sign("msg_100") is None

    def test_only_so_many_sessions_are_open(self) -> None:
        """A database of thousands."""
        reader = WaitReader("opencode")
        for n in range(600):
            reader.add(replace(seen(n, 10, 14), session_id=f"s{n}"))
            reader.add(replace(block(n, 14), session_id=f"s{n}"))
        assert 512 == len(list(reader.finish()))
