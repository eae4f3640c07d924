"""Finding sessions at any path, by id, and folding one up to a moment."""

import os
from pathlib import Path

import pytest

from claude_transcript import START, answer, prompt, request, transcript, usage
from switchtax.errors import NoSuchSession, NotASession
from switchtax.records import Depth, Prompt, Source
from switchtax.sessions import library
from switchtax.sessions.library import (
    by_id,
    fold,
    neighbours_of,
    newest,
    on_this_machine,
    read_all,
    settled,
    sources_at,
)
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call, rules

CODEX = '{"type":"session_meta","timestamp":"2026-11-21T10:00:00Z","payload":{"id":"%s"}}\n'


def _home(folder: Path) -> tuple[Path, Path]:
    """A home with a session of Claude Code and one of Codex."""
    claude = transcript(
        folder / ".claude" / "projects" / "-home-dev-shop",
        prompt(1),
        answer(5, "m1", usage(1, out=1)),
        name="aa11.jsonl",
    )
    codex = folder / ".codex" / "sessions" / "2026" / "rollout-2026-11-21T10-00-00-bb22.jsonl"
    codex.parent.mkdir(parents=True)
    codex.write_text(CODEX % "bb22")
    return claude, codex


def test_a_home_holds_the_sessions_of_all_agents(tmp_path: Path) -> None:
    """The same as what is found on a machine with that home and a clean environment."""
    claude, codex = _home(tmp_path)
    expected = {("claude-code", str(claude)), ("codex", str(codex))}
    assert expected == {(s.agent, s.path) for s in sources_at(tmp_path)}
    assert expected == {(s.agent, s.path) for s in on_this_machine({}, tmp_path)}
    only = list(on_this_machine({}, tmp_path, ["codex"]))
    assert [str(codex)] == [s.path for s in only]


def test_a_root_a_project_a_copy_and_a_file_are_told_by_content(tmp_path: Path) -> None:
    """Wherever a session lies, it is found, and its agent known."""
    claude, codex = _home(tmp_path / "home")
    loose = tmp_path / "copies"
    (loose / "deeper").mkdir(parents=True)
    for number, path in enumerate((claude, codex)):
        (loose / "deeper" / f"{number}{path.name}").write_bytes(path.read_bytes())
    (loose / "notes.txt").write_text('{"sessionId":"x","parentUuid":null}')
    (loose / "settings.json").write_text("{}")
    (loose / "gone.jsonl").symlink_to(loose / "never-was.jsonl")
    for path in (claude, claude.parent, tmp_path / "home" / ".claude"):
        assert [("claude-code", str(claude))] == [(s.agent, s.path) for s in sources_at(path)]
    assert ["claude-code", "codex"] == [s.agent for s in sources_at(loose)]


def test_a_database_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    """Another program's database is not taken for a session."""
    path = tmp_path / "places.db"
    path.write_bytes(b"SQLite format 3\x00" + bytes(4096))
    with pytest.raises(NotASession, match=r"places\.db: no session of a known agent in it"):
        sources_at(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "no such file or folder. Give a session file, folder or id"),
        ("empty.jsonl", b"", r"no session of a known agent in it \(claude-code, codex, "),
        ("x.jsonl", b"{}\n", "`switchtax sessions` lists what is on this machine"),
        ("x.bin", b"\x00\x01", "no session of a known agent"),
    ],
)
def test_nonsense_is_answered_with_a_way_out(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    """The message names the path, what is wrong, and what to do."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotASession, match=message) as raised:
        sources_at(path)
    assert str(path) in str(raised.value)
    assert 2 == raised.value.exit_code


def test_an_empty_folder_holds_no_session(tmp_path: Path) -> None:
    """It is said, not passed over."""
    with pytest.raises(NotASession):
        sources_at(tmp_path)


def _sources(*ids: str) -> list[Source]:
    return [Source("claude-code", f"/{n}", id_, mtime_ns=n) for n, id_ in enumerate(ids)]


def test_the_newest_is_the_main_chain_written_last() -> None:
    """A sub-agent's file may be newer, and is not it."""
    sources = [*_sources("a", "c", "b"), Source("claude-code", "/x", "a", sidechain=True)]
    sources.append(Source("claude-code", "/y", "a", sidechain=True, mtime_ns=99))
    found = newest(sources)
    assert found is not None
    assert "b" == found.session_id
    assert None is newest([])


def test_a_session_is_named_by_its_id_or_a_prefix() -> None:
    """A whole id goes before a longer one that begins with it; two files may hold it."""
    sources = _sources("abc", "abcd", "x1", "x1")
    assert ["abc"] == [s.session_id for s in by_id("abc", sources)]
    assert ["abcd"] == [s.session_id for s in by_id("abcd", sources)]
    assert ["/2", "/3"] == [s.path for s in by_id("x", sources)]


def test_an_id_that_is_a_time_is_named_by_its_last_digits() -> None:
    """Cline's ids begin alike for years; tables show what follows."""
    sources = _sources("1795251600000", "1795249079432_zqevh")
    assert ["1795249079432_zqevh"] == [s.session_id for s in by_id("49079432", sources)]
    assert ["1795251600000"] == [s.session_id for s in by_id("17952516", sources)]


def test_an_ambiguous_prefix_names_what_it_fits() -> None:
    """Up to five, and says that there are more."""
    with pytest.raises(NoSuchSession, match=r"'a' fits 2 sessions: a1, a2\. Give more of the id"):
        by_id("a", _sources("a2", "a1", "a1"))
    with pytest.raises(NoSuchSession, match=r"fits 7 sessions: a0, a1, a2, a3, a4 …"):
        by_id("a", _sources(*(f"a{n}" for n in range(7))))


def test_an_unknown_id_is_answered_with_a_way_out() -> None:
    """Sub-agents are not sessions of their own."""
    sources = [*_sources("a1"), Source("claude-code", "/x", "b1", sidechain=True)]
    for wanted in ("b", "a2"):
        with pytest.raises(NoSuchSession, match=f"no session begins with '{wanted}'.*lists them"):
            by_id(wanted, sources)


def _folded(*records: object, until: float | None = None) -> dict[str, list[str]]:
    source = Source("claude-code", "/f", "s")
    sessions = fold(source, records, lambda model, seller: rules(), until=until)  # type: ignore[arg-type]
    return {id_: list(one.calls) for id_, one in sessions.items()}


def test_sessions_in_one_source_are_folded_apart() -> None:
    """A database holds many: neither context nor caches of one are another's."""
    mixed = [
        call("a", 0, five=9000, session_id="one"),
        call("b", 1, five=500, model=HAIKU, session_id="two"),
        call("c", 9, read=9000, session_id="one"),
    ]
    sessions = fold(Source("opencode", "/db"), mixed, lambda model, seller: rules())
    assert [("one", OPUS, 9000, 0), ("two", HAIKU, 500, 0)] == [
        (id_, one.model, one.sent_tokens, len(one.switches)) for id_, one in sessions.items()
    ]
    assert {("opencode", "/db")} == {(one.agent, one.path) for one in sessions.values()}


def test_a_fold_until_a_moment_knows_nothing_of_later() -> None:
    """It stops at the first call that began later; one in flight still counts, and its end."""
    records = [
        Prompt("s", T),
        call("a", 0, five=9000, out=1),
        call("a", 0, five=9000, out=9),
        call("b", 20, took=30, read=9000),
        Prompt("s", T + 60),
        call("c", 61, read=9000),
        call("z", 1, session_id="other", five=5),
    ]
    assert {"s": ["a", "b", "c"], "other": ["z"]} == _folded(*records)
    assert {"s": ["a", "b"], "other": ["z"]} == _folded(*records, until=T + 60)
    assert {"s": ["a", "b"], "other": ["z"]} == _folded(*records, until=T + 30)
    assert {"s": ["a"], "other": ["z"]} == _folded(*records, until=T + 15)
    assert {"s": [], "other": []} == _folded(*records, until=T - 1)


def test_first_guesses_that_were_taken_back_are_dropped() -> None:
    """A call told again with its purpose was never part of the conversation."""
    guess, again = call("b", 9, read=9000), call("b", 9, read=9000, purpose="compaction")
    kept = [Prompt("s", T), call("a", 0, five=9000), again]
    assert kept == settled([kept[0], kept[1], guess, again])


def test_all_records_of_a_source_are_read(tmp_path: Path) -> None:
    """At the depth asked for."""
    claude, _ = _home(tmp_path)
    (source,) = sources_at(claude)
    full, scan = read_all(source), read_all(source, Depth.USAGE)
    assert 1 == len([r for r in full if isinstance(r, Prompt)])
    assert ["Call"] == [type(r).__name__ for r in scan]


def test_neighbours_are_the_other_sessions_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those written to within an hour, the newest first; what is gone meanwhile is left out."""
    paths = {
        name: transcript(
            tmp_path, answer(second, name, usage(five=9000), model=model), name=f"{name}.jsonl"
        )
        for name, second, model in (("own", 0, OPUS), ("beside", 50, HAIKU), ("old", 60, HAIKU))
    }
    for name, age in (("own", 0), ("beside", 10), ("old", 5000)):
        os.utime(paths[name], (START + 100 - age, START + 100 - age))
    (tmp_path / "gone.jsonl").mkdir()
    (own,) = sources_at(paths["own"])
    found = neighbours_of(own, START + 100)
    ask = {"before": START + 100, "not_by": "own"}
    assert START + 50 == found.last_use("claude-code", "2.1.299", HAIKU, **ask)
    assert None is found.last_use("claude-code", "2.1.299", OPUS, **ask)
    monkeypatch.setattr(library, "_MOST_NEIGHBOURS", 0)
    assert {} == neighbours_of(own, START + 100).uses


def test_neighbours_tell_what_their_requests_opened_with(tmp_path: Path) -> None:
    """By content, from the lines that a scan reads."""
    shape = {"tools": [{"name": "Read"}], "system": [{"text": "x" * 9_000}]}
    told = {"type": "api-request-shape", "shapeHash": "s1", "shape": shape}
    beside = (told, request(50, "r1", ttl="1h"), answer(55, "a", usage(hour=9_000)))
    for name, lines in (("own", (answer(0, "own", usage(five=9_000)),)), ("beside", beside)):
        path = transcript(tmp_path, *lines, name=f"{name}.jsonl")
        os.utime(path, (START + 60, START + 60))
    (own,) = sources_at(tmp_path / "own.jsonl")
    starts = neighbours_of(own, START + 100).starts
    ((provider, model, digest),) = starts.uses
    assert OPUS == model
    found = starts.used_at(provider, model, digest, before=START + 100, not_by="own")
    assert [(3_600, START + 50)] == [(use.ttl_s, at) for use, at in found.items()]
