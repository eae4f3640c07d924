"""`switchtax estimate`, as programs read it and as it fails."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from support import CHECKOUT
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("home_dir")

AT = ("--at", str(SAMPLE_AT))
DATABASE = CHECKOUT / "tests/contract/opencode/fixtures/opencode_1.18.33_run-continue.db"
KEYS = {
    "from", "to", "cache", "context_tokens", "next_call", "next_turn", "rebuild", "horizon",
    "round_trip_usd_micros", "verdict", "prices", "wait",
}  # fmt: skip


@pytest.fixture
def claude_home(home_dir: Path) -> Path:
    """A home with one session of Claude Code: the sample under its own id."""
    folder = home_dir / ".claude" / "projects" / "-home-you-project"
    folder.mkdir(parents=True)
    shutil.copy(SAMPLE, folder)
    return folder


class TestJson:
    """The document that programs read."""

    def test_keys_to_keep(self) -> None:
        """Every key that was promised, for each target."""
        found = checked("estimate", SAMPLE, *AT, "--to", "sonnet", "haiku")
        assert SAMPLE_AT == found["at"]
        assert ["claude-sonnet-5-5", "claude-haiku-5-5"] == [e["to"] for e in found["estimates"]]
        for one in (*found["estimates"], found["stay"]):
            assert set(one) >= KEYS
            assert "claude-opus-5-5" == one["from"]
            assert {"state", "warm_until_at", "ttl_s", "evidence"} <= set(one["cache"])
            assert {
                "turns", "calls_per_turn", "stay_usd_micros", "switch_usd_micros",
                "break_even_calls", "break_even_turns",
            } <= set(one["horizon"])  # fmt: skip

    def test_extra_is_switch_less_stay(self) -> None:
        """To the micro-dollar, at the middle."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "sonnet")["estimates"]
        for both in (one["next_call"], one["next_turn"], one["horizon"]):
            amounts = [both[f"{k}_usd_micros"]["mid"] for k in ("switch", "stay", "extra")]
            assert amounts[2] == amounts[0] - amounts[1]

    def test_sensible_targets_where_none_is_named(self) -> None:
        """The maker's newest models, without the session's own."""
        found = checked("estimate", SAMPLE, *AT)["estimates"]
        assert {"claude-sonnet-5-5", "claude-haiku-5-5"} <= {one["to"] for one in found}
        assert "claude-opus-5-5" not in {one["to"] for one in found}

    def test_never_is_null(self) -> None:
        """To a dearer model the sums do not cross."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "fable")["estimates"]
        assert one["horizon"]["break_even_calls"]["mid"] is None
        assert "dearer" == one["direction"]

    def test_staying(self) -> None:
        """The session's own model, by an alias: nothing extra."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "opus")["estimates"]
        assert one["from"] == one["to"]
        assert {"low": 0, "mid": 0, "high": 0} == one["next_turn"]["extra_usd_micros"]

    def test_a_model_without_a_price_is_unknown_with_a_reason(self) -> None:
        """Never $0: in every amount, in the prices and in the verdict."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "nonsense")["estimates"]
        why = {"unknown": "no price card for nonsense"}
        assert why == one["prices"]["switch"] == one["next_call"]["extra_usd_micros"]
        assert why == one["rebuild"]["usd_micros"] == one["horizon"]["switch_usd_micros"]
        assert "unknown" == one["verdict"]
        assert one["next_call"]["stay_usd_micros"]["mid"] > 0

    def test_a_cold_cache_has_no_end(self) -> None:
        """What is not warm is not warm until any time."""
        later = ("--at", str(SAMPLE_AT + 9_000))
        found = checked("estimate", SAMPLE, *later, "--to", "sonnet")["stay"]["cache"]
        assert ("none", {"unknown": "it is not warm"}) == (found["state"], found["warm_until_at"])

    def test_a_longer_horizon(self) -> None:
        """Turns by request."""
        found = checked("estimate", SAMPLE, *AT, "--to", "sonnet", "--turns", "3")
        assert 3 == found["estimates"][0]["horizon"]["turns"]

    def test_one_time_in_three_spellings(self) -> None:
        """Epoch seconds, ISO with a zone, ISO in another zone."""
        spelled = ("1794996150", "2026-11-18T10:02:30Z", "2026-11-18T11:02:30+01:00")
        assert 1 == len({checked("estimate", SAMPLE, "--at", each)["at"] for each in spelled})


class TestWait:
    """Seconds to the first sign of the next answer."""

    def test_on_both_models(self) -> None:
        """Median and nine of ten, and what the switch adds."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "sonnet")["estimates"]
        wait = one["wait"]
        assert {"stay_s", "switch_s", "extra_s", "evidence"} == set(wait)
        for side in ("stay_s", "switch_s", "extra_s"):
            assert 0 < wait[side]["p50"] < wait[side]["p90"]
        assert wait["stay_s"]["p50"] < wait["switch_s"]["p50"]
        assert "Sonnet 5.5" in wait["evidence"]

    def test_only_what_stood_before_is_learnt(self) -> None:
        """A wait that came after the time asked for says nothing of it."""
        waits = [
            checked("estimate", SAMPLE, "--at", str(SAMPLE_AT + s), "--to", "opus")["stay"]["wait"]
            for s in (-300, 0)
        ]
        assert waits[0]["evidence"] != waits[1]["evidence"]

    def test_of_a_local_model_nothing_is_known(self) -> None:
        """Until its calls were timed."""
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "qwen3:30b")["estimates"]
        assert "timed here" in one["wait"]["unknown"]

    def test_one_line_for_models_that_wait_alike(self) -> None:
        """Below the table, at most 80 columns."""
        (line,) = [each for each in run("estimate", SAMPLE, *AT).lines if "later (" in each]
        assert line.endswith(": Sonnet 5.5, Haiku 5.5, Fable 5.2.")
        assert len(line) <= 80


class TestNaming:
    """A session by id, by the start of its id, by path, or the newest."""

    def test_by_id_and_by_its_start(self, claude_home: Path) -> None:
        """All the same session."""
        for name in (SAMPLE.stem, SAMPLE.stem[:6], claude_home, claude_home / SAMPLE.name):
            assert SAMPLE.stem == checked("estimate", name, *AT)["session"]["id"]

    def test_the_newest_where_none_is_named(self, claude_home: Path) -> None:
        """One that holds no answer yet is passed over."""
        started = claude_home / "00000000-0000-4000-8000-000000000000.jsonl"
        started.write_bytes(SAMPLE.read_bytes().splitlines(keepends=True)[0])
        os.utime(claude_home / SAMPLE.name, (1, 1))
        assert SAMPLE.stem == checked("estimate", *AT)["session"]["id"]

    def test_a_session_inside_a_database(self, home_dir: Path) -> None:
        """By its id and by the start that `sessions` shows."""
        folder = home_dir / ".local" / "share" / "opencode"
        folder.mkdir(parents=True)
        shutil.copy(DATABASE, folder / "opencode.db")
        (one,) = checked("sessions")["sessions"]
        shown = run("sessions").lines[1].split()[0]
        for name in (one["id"], shown):
            assert one["id"] == checked("estimate", name)["session"]["id"]

    def test_the_sample_where_there_is_none(self) -> None:
        """It says so, and takes the sample's own time."""
        found = run("estimate", "--newest-or-sample")
        assert 0 == found.code
        assert found.out.startswith(
            "No agent session on this machine yet: here is switchtax's own sample.\n\nOpus 5.5"
        )
        assert SAMPLE_AT == checked("estimate", "--newest-or-sample")["at"]

    def test_only_one_agent(self, claude_home: Path) -> None:
        """Sessions of others do not count."""
        assert claude_home.exists()
        assert 2 == run("estimate", "--agent", "codex").code


class TestErrors:
    """What failed, where, and the way out."""

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["no/such/place"], "no/such/place: no such file or folder."),
            (["deadbeef"], "no session begins with 'deadbeef'. `switchtax sessions` lists them"),
            ([], "no agent session on this machine yet. Give a path, or try `make run`."),
            ([SAMPLE, "--at", "soon"], "--at 'soon': not a time. Give 14:32,"),
            ([SAMPLE, "--at", "25:99"], "--at '25:99': not a time."),
            ([SAMPLE, "--at", "nan"], "--at 'nan': not between 1970 and 3000."),
            ([SAMPLE, "--at", "1794996150000"], "Epoch seconds are meant, not milliseconds."),
            ([SAMPLE, "--at", "0001-01-01"], "--at '0001-01-01': not"),
            ([SAMPLE, "--turns", "0"], "--turns: at least 1."),
            ([SAMPLE, "--to", ""], "--to: name a model, for example `--to sonnet`."),
            ([SAMPLE, "--at", "1000000000"], "no answered request in this session before 2001-"),
        ],
    )
    def test_a_request_that_cannot_be_carried_out(self, words: list[str], said: str) -> None:
        """One line on stderr, nothing on stdout, exit code 2."""
        found = run("estimate", *words)
        assert (2, "") == (found.code, found.out)
        assert found.err.startswith("switchtax estimate: ")
        assert said in found.err
        assert 1 == len(found.err.splitlines())

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        """The agents that are known are named."""
        found = run("estimate", tmp_path)
        assert 2 == found.code
        assert f"{tmp_path}: no session of a known agent in it (claude-code, codex," in found.err

    def test_an_ambiguous_id(self, claude_home: Path) -> None:
        """Those that it fits are listed."""
        shutil.copy(SAMPLE, claude_home / "5a3f1e00-ffff-4000-8000-00000000c0de.jsonl")
        found = run("estimate", "5a3f")
        assert 2 == found.code
        assert "'5a3f' fits 2 sessions: 5a3f1e00-0000-" in found.err
        assert "Give more of the id." in found.err

    def test_a_session_without_an_answer(self, tmp_path: Path) -> None:
        """Nothing to re-read: said plainly, with what follows from it."""
        log = tmp_path / SAMPLE.name
        log.write_bytes(SAMPLE.read_bytes().splitlines(keepends=True)[0])
        found = run("estimate", log)
        assert 2 == found.code
        assert "no answered request in this session, so there is nothing to re-read" in found.err

    def test_a_log_of_a_sub_agent_alone(self, tmp_path: Path) -> None:
        """A sub-agent's model is not chosen by switching."""
        folder = tmp_path / ".claude" / "projects" / "p" / SAMPLE.stem / "subagents"
        folder.mkdir(parents=True)
        shutil.copy(SAMPLE, folder / "agent-a1b2c3.jsonl")
        found = run("estimate", folder / "agent-a1b2c3.jsonl")
        assert 2 == found.code
        assert "holds no session of its own to switch" in found.err


class TestPriceFile:
    """The user's own prices, and slips in them."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[models."claude-opus-5-5"]\ninptu = 4\n', ":2: models.claude-opus-5-5.inptu:"),
            ("[models\n", "not TOML"),
        ],
    )
    @pytest.mark.parametrize("command", ["estimate", "sessions", "backtest", "status"])
    def test_a_typo_is_told_and_the_shipped_prices_stay(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, text: str, said: str
    ) -> None:
        """File, line and key on stderr; the answer on stdout as ever."""
        file = tmp_path / "prices.toml"
        file.write_text(text)
        usual = run(command, SAMPLE).out
        monkeypatch.setenv("SWITCHTAX_PRICES", str(file))
        found = run(command, SAMPLE)
        assert (0, usual) == (found.code, found.out)
        assert str(file) in found.err
        assert said in found.err
        assert 1 == len(found.err.splitlines())

    def test_ones_own_price_counts_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And says where it is from."""
        file = tmp_path / "prices.toml"
        file.write_text('[models."mine"]\ninput = 1\noutput = 2\ncache_read = 0.1\n')
        monkeypatch.setenv("SWITCHTAX_PRICES", str(file))
        (one,) = checked("estimate", SAMPLE, *AT, "--to", "mine")["estimates"]
        assert "user" == one["prices"]["switch"]["origin"]
