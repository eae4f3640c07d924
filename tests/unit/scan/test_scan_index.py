"""The index: used where nothing changed, mended where something did, never trusted blindly."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from claude_lines import OPUS, SONNET, answer, transcript
from switchtax.cli import main
from switchtax.records import Source
from switchtax.scan import front, store, usage

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def home(home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose folders have not changed for a while."""
    monkeypatch.setattr("switchtax.scan.watch._FRESH_S", 0.0)
    transcript(home_dir, "-x/s.jsonl", answer("m1", 0), answer("m2", 1))
    return home_dir


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sources each scan read."""
    numbers: list[int] = []
    real = usage.read_all

    def counting(sources: Sequence[Source], *args: Any, **options: Any) -> Any:
        numbers.append(len(sources))
        return real(sources, *args, **options)

    monkeypatch.setattr(usage, "read_all", counting)
    return numbers


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    def run(*options: str) -> dict[str, Any]:
        assert 0 == main(["usage", "--json", *options])
        document: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
        return document

    return run


def _calls(document: dict[str, Any]) -> int:
    return int(document["totals"]["with_embedded"]["calls"])


def _cache(home: Path) -> Path:
    return home / ".cache" / "switchtax"


def test_nothing_new_is_answered_without_reading(home: Path, run: Run, reads: list[int]) -> None:
    first = run()
    assert first == run()
    assert [1] == reads
    assert {"front", "sources"} == {path.name for path in _cache(home).iterdir()}
    assert 0o700 == _cache(home).stat().st_mode & 0o777 or os.name == "nt"


def test_only_what_changed_is_read_again(home: Path, run: Run, reads: list[int]) -> None:
    transcript(home, "-y/t.jsonl", answer("n1", 0))
    assert 3 == _calls(run())
    path = transcript(home, "-x/s.jsonl", answer("m1", 0), answer("m2", 1), answer("m3", 2))
    assert 4 == _calls(run())
    path.unlink()
    assert 1 == _calls(run())
    assert [2, 1, 0] == reads


@pytest.mark.parametrize("name", ["-x/new.jsonl", "-new/t.jsonl", "-x/s/subagents/agent-1.jsonl"])
def test_a_new_file_is_found(home: Path, run: Run, reads: list[int], name: str) -> None:
    run()
    transcript(home, name, answer("n1", 5))
    assert 3 == _calls(run())
    assert [1, 1] == reads


def test_a_new_agent_is_found(home: Path, run: Run) -> None:
    run()
    chat = home / ".gemini" / "tmp" / "p" / "chats" / "session-1.json"
    chat.parent.mkdir(parents=True)
    tokens = {"input": 10, "output": 5, "cached": 0, "thoughts": 0}
    message = {"id": "a", "type": "gemini", "tokens": tokens, "model": "gemini-2.5-pro"}
    chat.write_text(json.dumps({"sessionId": "g", "projectHash": "h", "messages": [message]}))
    assert ["claude-code", "gemini-cli"] == [one["agent"] for one in run()["sessions"]]


def test_what_stands_beside_a_session_is_part_of_it(home: Path, run: Run, reads: list[int]) -> None:
    """A task is several documents: a change of any is read, no change reads nothing."""
    storage = home / ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks/t1"
    storage.mkdir(parents=True)
    counts = json.dumps({"tokensIn": 10, "tokensOut": 5})
    row = {"ts": 1795251600000, "type": "say", "say": "api_req_started", "text": counts}
    (storage / "ui_messages.json").write_text(json.dumps([row]))
    assert "unknown" == run()["sessions"][-1]["models"][0]["model"]
    run()
    assert [2] == reads
    block = (
        "<environment_details>\n# Current Mode\n<slug>code</slug>\n<name>Code</name>\n"
        f"<model>{OPUS}</model>\n</environment_details>"
    )
    message = {"role": "user", "ts": 1795251600100, "content": [{"type": "text", "text": block}]}
    (storage / "api_conversation_history.json").write_text(json.dumps([message]))
    assert OPUS == run()["sessions"][-1]["models"][0]["model"]
    assert [2, 1] == reads


def test_a_moved_root_is_noticed(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2 == _calls(run())
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "elsewhere"))
    assert 0 == _calls(run())


def test_a_changed_price_file_changes_money_not_counts(
    home: Path, run: Run, reads: list[int]
) -> None:
    before = run()
    prices = home / ".config" / "switchtax" / "prices.toml"
    prices.parent.mkdir(parents=True)
    prices.write_text(
        f'[models."{OPUS}"]\ninput = 0\noutput = 50\ncache_read = 0\n'
        "cache_write_5m = 0\ncache_write_1h = 0\n"
    )
    after = run()
    assert [1, 0] == reads
    assert [2 * (15 + 500 + 250), 20 * 50] == [
        document["totals"]["without_embedded"]["usd_micros"] for document in (before, after)
    ]


@pytest.mark.parametrize("name", ["front", "sources"])
@pytest.mark.parametrize("damage", [b"", b"x", b"switchtax-index\n", None])
def test_damage_is_repaired_silently(home: Path, run: Run, name: str, damage: bytes | None) -> None:
    expected = run()
    path = _cache(home) / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"123456789" if damage is None else damage)
    if name == "sources":
        (_cache(home) / "front").unlink()
    assert expected == run() == run()
    assert len(whole) == path.stat().st_size


def test_another_version_is_not_used(
    home: Path, run: Run, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(store, "FORMAT", 99)
    run()
    assert [1, 1] == reads


def test_a_cache_that_cannot_be_written_is_done_without(
    home: Path, run: Run, reads: list[int]
) -> None:
    (home / ".cache").write_text("a file where the folder should be")
    assert run() == run()
    assert [1, 1] == reads


def test_no_index_keeps_nothing(home: Path, run: Run, reads: list[int]) -> None:
    run("--no-index")
    run("--no-index")
    assert [1, 1] == reads
    assert not _cache(home).exists()


def test_the_index_holds_no_text(home: Path, run: Run) -> None:
    transcript(home, "-x/t.jsonl", answer("m8", 3).replace("done", "a secret plan"))
    run()
    kept = b"".join(path.read_bytes() for path in _cache(home).iterdir())
    assert b"m8" in kept
    assert b"secret" not in kept


def test_parts_of_the_machine_use_the_index_and_leave_it(
    home: Path, run: Run, reads: list[int]
) -> None:
    transcript(home, "-y/t.jsonl", answer("n1", 0, SONNET))
    transcript(home, "-y/t/subagents/agent-1.jsonl", answer("n2", 0, SONNET, side=True))
    run()
    assert 2 == _calls(run("--agent", "claude-code", "t")), "with its sub-agents"
    assert 2 == _calls(run(str(home / ".claude/projects/-x")))
    assert 4 == _calls(run("--agent", "claude-code"))
    assert [3, 0, 0, 0] == reads


def test_a_folder_that_just_changed_is_listed_again(
    home: Path, run: Run, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time may stay the same when one more file is added within a tick of the clock."""
    monkeypatch.setattr("switchtax.scan.watch._FRESH_S", 60.0)
    run()
    monkeypatch.undo()
    assert front.answer(os.environ) is None


@pytest.mark.parametrize(
    ("system", "variable", "folder"),
    [
        ("linux", "XDG_CACHE_HOME", "switchtax"),
        ("win32", "LOCALAPPDATA", "switchtax/cache"),
        ("darwin", "", "Library/Caches/switchtax"),
        ("linux", "", ".cache/switchtax"),
    ],
)
def test_the_cache_folder_is_where_the_system_keeps_such(
    home_dir: Path, monkeypatch: pytest.MonkeyPatch, system: str, variable: str, folder: str
) -> None:
    monkeypatch.setattr("sys.platform", system)
    if variable:
        monkeypatch.setenv(variable, str(home_dir))
    assert home_dir / folder == Path(store.cache_folder())
