"""The honest replay: each call foretold from what stood before it, once, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from cutting import dumped, foretold_after_cut, foretold_in_replay, with_call_out
from making import BOOK, ID, START, call, make, talk
from support import CHECKOUT
from switchtax.backtest import Replay, observed_cost, predict, replay, replay_all
from switchtax.records import (
    Call,
    Compaction,
    EffortChosen,
    Record,
    Source,
    Unknown,
    Unreadable,
)
from switchtax.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FIXTURES = sorted(
    path
    for path in (CHECKOUT / "tests" / "contract").glob("*/fixtures/*.jsonl")
    if "billing" not in path.name and "store" not in path.name
)
KEYS = {
    "session", "call", "at", "from_model", "model", "kind", "moment", "predicted_state",
    "observed_state", "predicted_read_tokens", "observed_read_tokens", "predicted_usd_micros",
    "observed_usd_micros", "gap_s",
}  # fmt: skip
SOURCE = Source("claude-code", "log.jsonl", ID)


def replayed(records: Iterable[Record], into: Replay | None = None) -> Replay:
    """The replay of one source."""
    result = into or Replay()
    replay(SOURCE, records, BOOK, result)
    return result


class TestCuts:
    """A log that ends before a call, and the whole one: the same is foretold."""

    @pytest.mark.parametrize("place", [0, 7, 20, 43])
    def test_sample(self, place: int, tmp_path: Path) -> None:
        """Calls of the shipped sample."""
        rows = dumped(SAMPLE, tmp_path)[place]
        cut = with_call_out(SAMPLE, rows, tmp_path)
        assert foretold_in_replay(rows) == foretold_after_cut(cut, rows)

    @pytest.mark.parametrize("log", FIXTURES, ids=lambda path: path.stem)
    def test_fixtures(self, log: Path, tmp_path: Path) -> None:
        """Every call of every log that we recorded with a real client."""
        for rows in dumped(log, tmp_path):
            cut = with_call_out(log, rows, tmp_path)
            assert foretold_in_replay(rows) == foretold_after_cut(cut, rows), rows["at_send"]

    def test_a_clock_that_was_set_back(self, tmp_path: Path) -> None:
        """What precedes in the log stood there, though it bears later times."""
        lines = SAMPLE.read_bytes().splitlines(keepends=True)
        back = [line.replace(b"T09:", b"T08:").replace(b"T10:0", b"T09:0") for line in lines[44:]]
        log = tmp_path / SAMPLE.name
        log.write_bytes(b"".join([*lines[:44], *back]))
        for rows in dumped(log, tmp_path)[22::5]:
            cut = with_call_out(log, rows, tmp_path)
            assert foretold_in_replay(rows) == foretold_after_cut(cut, rows)

    def test_what_follows_a_call_changes_nothing(self) -> None:
        """The first ten calls are foretold alike, whatever comes after them."""
        records = talk(20)
        place = next(i for i, r in enumerate(records) if isinstance(r, Call) and r.id == "msg_11")
        whole, part = replayed(records).predictions, replayed(records[:place]).predictions
        assert part == whole[: len(part)]


class TestDump:
    """One JSON line per predicted call and moment."""

    @pytest.fixture
    def rows(self, tmp_path: Path) -> list[dict[str, Any]]:
        """Of the sample."""
        file = tmp_path / "dump.jsonl"
        assert 0 == run("backtest", SAMPLE, "--dump", file).code
        return [json.loads(line) for line in file.read_text().splitlines()]

    def test_keys(self, rows: list[dict[str, Any]]) -> None:
        """All that readers of a dump rely on."""
        for row in rows:
            assert set(row) >= KEYS
            assert {"low", "mid", "high"} == set(row["predicted_usd_micros"])
            assert row["kind"] in {"stay", "switch", "cold", "after_compaction"}

    def test_both_moments_of_every_call_but_the_first(self, rows: list[dict[str, Any]]) -> None:
        """The first call of a session has nothing before it."""
        assert 44 * 2 == len(rows)
        assert {"at_choice", "at_send"} == {row["moment"] for row in rows}
        assert "msg_01SampleSampleSample0001" not in {row["call"] for row in rows}

    def test_observed_is_what_the_log_bills(self, rows: list[dict[str, Any]]) -> None:
        """Uncached, read and written tokens at the card's rates; no output."""
        usage = {
            message["id"]: message["usage"]
            for line in SAMPLE.read_text().splitlines()
            if (message := json.loads(line)["message"])["role"] == "assistant"
        }
        for row in rows:
            seen = usage[row["call"]]
            assert seen["cache_read_input_tokens"] == row["observed_read_tokens"]
            assert row["observed_usd_micros"] == round(
                4 * seen["input_tokens"]
                + 0.2 * seen["cache_read_input_tokens"]
                + 5 * seen["cache_creation_input_tokens"]
            )

    def test_a_dump_that_cannot_be_written(self, tmp_path: Path) -> None:
        """The file is named, and the exit code is that of a wrong call."""
        found = run("backtest", SAMPLE, "--dump", tmp_path / "no" / "such" / "file")
        assert 2 == found.code
        assert "--dump" in found.err
        assert "No such file or directory" in found.err


class TestKinds:
    """What a call was: stay, cold, switch, after a compaction."""

    @pytest.mark.parametrize(
        ("between", "last", "kind"),
        [
            ([], call(9, 300, read=53_000), "stay"),
            ([], call(9, 3_000, read=53_000), "cold"),
            ([], call(9, 300, model="claude-sonnet-5-5", write=53_000), "switch"),
            ([Compaction(ID, START + 290)], call(9, 300, write=20_000), "after_compaction"),
            ([EffortChosen(ID, START + 290, None, True)], call(9, 300, write=53_000), "cold"),
        ],
        ids=["stay", "expired", "switch", "compaction", "fast mode"],
    )
    def test_kinds(self, between: list[Record], last: Call, kind: str) -> None:
        """By model, clock, settings and history."""
        found = replayed([*talk(4), *between, last]).predictions[-1]
        assert kind == found.kind
        assert "claude-opus-5-5" == found.from_model
        assert 300 - 240 <= found.gap_s

    def test_another_spelling_is_no_switch(self) -> None:
        """A dated id is the same model."""
        records = talk(2, model="claude-opus-4-5")
        found = replayed([*records, call(9, 200, model="claude-opus-4-5-20251101", read=51_000)])
        assert "stay" == found.predictions[-1].kind


class TestCounting:
    """What counts, and how often."""

    def test_a_call_in_two_files_counts_once(self) -> None:
        """A resumed or forked log repeats the calls of the one before."""
        result = replayed(talk(4))
        replayed([*talk(4), call(9, 300, read=53_000)], result)
        assert 5 == result.calls
        assert 4 == len(result.predictions)
        assert 2 == result.sessions

    def test_side_calls_are_counted_but_not_foretold(self) -> None:
        """Sub-agents, titles and compactions are no part of the conversation."""
        side = call(7, 250, write=9_000, sidechain=True)
        summary = call(8, 260, read=53_000, purpose="compaction")
        silent = call(9, 270, sent_recorded=False)
        result = replayed([*talk(4), side, side, summary, silent])
        assert 7 == result.calls
        assert 3 == len(result.predictions)

    def test_a_call_that_sent_nothing_is_not_foretold(self) -> None:
        """An error line with empty usage."""
        result = replayed([*talk(4), call(9, 300)])
        assert 3 == len(result.predictions)

    def test_skipped_lines_are_reported(self) -> None:
        """With their place, in the order they were met."""
        bad = Unreadable(ID, "log.jsonl", 7, "no JSON")
        assert [bad] == replayed([*talk(2), bad]).skipped

    def test_a_file_that_cannot_be_opened_is_skipped(self, tmp_path: Path) -> None:
        """The others are still replayed."""
        gone = Source("claude-code", str(tmp_path / "gone.jsonl"), "gone")
        (sample,) = (Source("claude-code", str(SAMPLE), SAMPLE.stem),)
        result = replay_all([gone, sample], BOOK, lambda sources, _: sources)
        assert 44 == len(result.predictions)
        assert ["No such file or directory"] == [skip.reason for skip in result.skipped]

    def test_nothing_to_predict(self, tmp_path: Path) -> None:
        """A log of one call: said in words, with exit code 4."""
        log = tmp_path / SAMPLE.name
        log.write_bytes(b"".join(SAMPLE.read_bytes().splitlines(keepends=True)[:2]))
        found = run("backtest", log)
        assert 4 == found.code
        assert "Nothing to predict: a session needs two calls." in found.out


class TestOutcome:
    """What a call really cost on its input side."""

    def test_output_is_left_out(self) -> None:
        """3 plain, 1,000 read, 100 written for an hour; 9,000 tokens of output do not count."""
        seen = call(1, 0, plain=3, read=1_000, write_1h=100, output=9_000)
        assert round(4 * 3 + 0.2 * 1_000 + 8 * 100) == observed_cost(seen, BOOK, "")

    def test_unpriced(self) -> None:
        """Unknown, with the model's name."""
        found = observed_cost(call(1, 0, model="mystery-1", plain=3), BOOK, "")
        assert isinstance(found, Unknown)
        assert "mystery-1" in found.reason

    def test_an_unpriced_prediction_has_no_plain_rates(self) -> None:
        """The plain rule, too, needs a price."""
        found = predict(make(*talk(2)), call(9, 200, model="mystery-1", plain=1), BOOK)
        assert found.plain_rates is None
        assert isinstance(found.choice.cost, Unknown)

    def test_a_fast_call_without_a_fast_price(self) -> None:
        """Neither has it a price for the plain rule."""
        session = make(*talk(2, model="claude-sonnet-5-5", fast=True))
        fast = call(9, 200, model="claude-sonnet-5-5", read=51_000, fast=True)
        assert predict(session, fast, BOOK).plain_rates is None


class TestCommand:
    """`switchtax backtest`."""

    def test_json(self) -> None:
        """All keys that are promised, valid by the schema."""
        found = checked("backtest", SAMPLE)
        assert (45, 1, 44) == (found["calls"], found["sessions"], found["predicted"])
        assert {"warm": {"warm": 44}} == found["states"]
        assert [] == found["switches"] == found["skipped_lines"]
        assert 0 <= found["at_send"]["error_median"] <= found["at_send"]["error_p90"] < 0.02

    def test_switches_are_listed_with_their_outcome(self) -> None:
        """Prediction, outcome, and the reason of the difference."""
        log = next(path for path in FIXTURES if "tui-e-resume-switch" in path.name)
        (switch,) = checked("backtest", log)["switches"]
        assert switch["from"] != switch["to"]
        assert switch["observed_usd_micros"] > 0
        assert switch["inside"] in (True, False)
        assert switch["reason"]

    def test_skipped_lines_name_their_place(self, tmp_path: Path) -> None:
        """File, line and reason, in JSON and in words."""
        log = tmp_path / SAMPLE.name
        lines = SAMPLE.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join([*lines[:9], b"\x00\xffgarbage\n", *lines[9:]]))
        (skipped,) = checked("backtest", log)["skipped_lines"]
        assert (str(log), 10) == (skipped["path"], skipped["line"])
        text = run("backtest", log).out
        assert "1 unreadable line skipped" in text
        assert f"{log}:10" in text
