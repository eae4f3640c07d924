"""What OpenCode writes, read back: against the bills of recorded sessions, and by the contract."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, source
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    ModelChosen,
    Prompt,
    Record,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("opencode")
FIXTURES = Path(__file__).parent / "fixtures"
TABLES = ("session", "session_v2", "message", "part", "session_message")


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A recorded database, copied: even a reader makes SQLite put files beside it."""
    return Path(shutil.copy(_fixture(request.param, "db"), tmp_path / "opencode.db"))


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """A database that V2 took over: tables of both generations, one id in both."""
    path = tmp_path / "opencode.db"
    with sqlite3.connect(path) as db:
        db.executescript((FIXTURES / "opencode_2.0.32_two-generations.sql").read_text())
    db.close()
    return path


def _fixture(name: str, ending: str) -> Path:
    return FIXTURES / f"opencode_1.18.33_{name}.{ending}"


@pytest.mark.parametrize("lab", ["run-continue"], indirect=True)
def test_the_prompt_announces_the_switch(lab: Path) -> None:
    """V1's first sign is the prompt's model, a second before the request; each once."""
    records = read_file(AGENT, lab)
    chosen = of(records, ModelChosen)
    haiku, sonnet = "claude-haiku-4-5", "claude-sonnet-4-5"
    assert [(haiku, sonnet), (sonnet, haiku)] == [(c.previous, c.model) for c in chosen]
    paid = next(c for c in calls(records) if c.model == sonnet)
    assert chosen[0].at < paid.started_at
    assert 4 == len(of(records, Prompt))
    assert ["/home/dev/opencode/home1/proj"] == [i.cwd for i in of(records, SessionInfo)]


def test_both_generations_are_one_history(both: Path) -> None:
    """An id in both tables counts once; V2's own rows tell switches, effort, compaction."""
    records = read_file(AGENT, both)
    assert ["msg_a1", "msg_a2", "msg_a4", "msg_c1", "msg_sub_a1"] == [c.id for c in calls(records)]
    assert [("claude-opus-5-5", "gpt-6.1-sol")] == [
        (c.previous, c.model) for c in of(records, ModelChosen)
    ]
    assert ["low", "high"] == [e.effort for e in of(records, EffortChosen)]
    assert [("manual", 21700)] == [(c.trigger, c.before_tokens) for c in of(records, Compaction)]
    waits = {c.id: c.ttft_ms for c in calls(records)}
    assert (800.0, 6000.0) == (waits["msg_a2"], waits["msg_a4"])
    assert ["", "ses_01K9fixture0001"] == [i.parent_id for i in of(records, SessionInfo)]


def test_everything_a_full_reading_tells(both: Path) -> None:
    """Tools with their files, sizes by kind and the owners of content are told."""
    records = read_file(AGENT, both)
    path = "/home/dev/shop/cart.py"
    assert [
        ("read", path, None),
        ("read", None, True),
        ("edit", path, None),
        ("edit", None, True),
    ] == [(t.name, t.path, t.ok) for t in of(records, ToolUse)]
    own = [c.kind for c in of(records, Content) if c.call_id == "msg_a2"]
    assert [ContentKind.SEALED_REASONING, ContentKind.TOOL_CALL] == own
    assert [34, 17] == [p.chars for p in of(records, Prompt)]


def test_one_session_of_a_database_can_be_read(both: Path) -> None:
    """A source that names a session brings that one only."""
    one = source(AGENT, both)
    object.__setattr__(one, "session_id", "ses_01K9fixture0002")
    records = AGENT.read(one, None, Depth.FULL).records
    assert {"ses_01K9fixture0002"} == {record.session_id for record in records}
    assert ["msg_sub_a1"] == [c.id for c in calls(records)]


@pytest.mark.parametrize("depth", Depth)
def test_both_generations_grow_together(both: Path, tmp_path: Path, depth: Depth) -> None:
    """Reading with a cursor gives the records of a fresh read, wherever rows were added."""
    whole = read_file(AGENT, both, depth)
    assert whole
    for cut in range(12):
        growing = tmp_path / f"grow-{cut}.db"
        shutil.copyfile(both, growing)
        db = sqlite3.connect(growing)
        rows = db.execute("SELECT * FROM session_message ORDER BY time_created, id").fetchall()
        for row in rows[cut:]:
            db.execute("DELETE FROM session_message WHERE id = ?", (row[0],))
        db.execute("DELETE FROM message")
        db.commit()
        first = AGENT.read(source(AGENT, growing), None, depth)
        for row in rows[cut:]:
            places = ",".join("?" * len(row))
            db.execute(f"INSERT INTO session_message VALUES ({places})", row)
        db.commit()
        db.close()
        second = AGENT.read(source(AGENT, growing), first.cursor, depth)
        assert not second.restarted
        told = [_placeless(record) for record in (*first.records, *second.records)]
        assert sorted(map(_placeless, whole)) == sorted(told), f"cut at row {cut}"
        assert [] == AGENT.read(source(AGENT, growing), second.cursor, depth).records


def _placeless(record: Record) -> str:
    """A record without its row number, which an inserted row changes."""
    return repr(record).replace(f"line={record.line}", "")


def test_a_streaming_row_is_completed_later(both: Path) -> None:
    """An answer still being written is told when whole, its call again under the same id."""
    db = sqlite3.connect(both)
    row = db.execute("SELECT data FROM session_message WHERE id = 'msg_a4'").fetchone()
    part = json.loads(row[0])
    del part["finish"], part["time"]["completed"]
    part["tokens"]["output"] = 1
    change = "UPDATE session_message SET data = ?, time_updated = ? WHERE id = 'msg_a4'"
    db.execute(change, (json.dumps(part), 1794996141500))
    db.commit()
    first = AGENT.read(source(AGENT, both), None, Depth.FULL)
    assert [1] == [c.usage.output_tokens for c in calls(first.records) if c.id == "msg_a4"]
    db.execute(change, (row[0], 1794996299000))
    db.commit()
    db.close()
    second = AGENT.read(source(AGENT, both), first.cursor, Depth.FULL)
    assert [380] == [c.usage.output_tokens for c in calls(second.records)]
    texts = [c for c in of(first.records + second.records, Content) if c.call_id == "msg_a4"]
    assert [5] == [text.chars for text in texts]


def test_rows_in_the_log_alone_are_seen(tmp_path: Path) -> None:
    """The newest rows may not have reached the database file: they are read all the same."""
    path = tmp_path / "opencode.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.executescript((FIXTURES / "opencode_2.0.32_two-generations.sql").read_text())
    db.commit()
    found = source(AGENT, path)
    assert found.size > path.stat().st_size
    assert 5 == len(of(AGENT.read(found, None, Depth.USAGE).records, Call))
    db.close()


def test_a_locked_database_is_left_for_later(both: Path) -> None:
    """A writer's lock neither fails the reading nor loses the place; later all is there."""
    writer = sqlite3.connect(both, isolation_level=None)
    writer.execute("PRAGMA locking_mode = EXCLUSIVE")
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("CREATE TABLE being_written (id)")
    locked = AGENT.read(source(AGENT, both), None, Depth.USAGE)
    (told,) = locked.records
    assert isinstance(told, Unreadable)
    assert "locked" in told.reason
    writer.execute("ROLLBACK")
    writer.close()
    assert 5 == len(of(AGENT.read(source(AGENT, both), locked.cursor, Depth.USAGE).records, Call))


def test_reading_takes_no_lock(both: Path) -> None:
    """After a reading the agent can write at once: no lock and no file is left behind."""
    before = sorted(both.parent.iterdir())
    AGENT.read(source(AGENT, both), None, Depth.FULL)
    writer = sqlite3.connect(both, timeout=0, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("ROLLBACK")
    writer.close()
    assert before == sorted(both.parent.iterdir())


def test_a_broken_database_is_reported(tmp_path: Path) -> None:
    """A torn file is one located finding, not a crash."""
    path = tmp_path / "opencode.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\x07" * 5000)
    (told,) = read_file(AGENT, path)
    assert isinstance(told, Unreadable)
    assert str(path) == told.path


@pytest.mark.parametrize("lab", ["run-continue"], indirect=True)
def test_a_database_at_rest_is_read_without_a_trace(lab: Path) -> None:
    """SQLite would put its files beside a WAL database; none appears."""
    for beside in lab.parent.glob("opencode.db-*"):
        beside.unlink()
    assert of(read_file(AGENT, lab), Call)
    assert [] == list(lab.parent.glob("opencode.db-*"))


def test_what_the_agent_adds_is_told_apart(both: Path, tmp_path: Path) -> None:
    """Reminders, files and images are no prompts; an order to compact is none either."""
    db = sqlite3.connect(both)
    added = ("msg_syn", "ses_01K9fixture0001", "synthetic", 13, 1794996300000, 1794996300000)
    row = (*added, '{"text":"note","time":{"created":1794996300000}}')
    db.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()
    attached = ContentKind.ATTACHMENT
    assert [4] == [c.chars for c in of(read_file(AGENT, both), Content) if c.kind is attached]

    parts: list[dict[str, object]] = [
        {"type": "text", "text": "do it"},
        {"type": "text", "text": "reminder", "synthetic": True},
        {"type": "file", "mime": "image/png"},
        {"type": "file", "mime": "text/plain"},
    ]
    patch = {
        "status": "running",
        "input": {"patchText": "*** Update File: a.py\n*** Add File: b.py"},
    }
    tool = {"type": "tool", "tool": "apply_patch", "callID": "c", "state": patch}
    times = [{"created": created, "completed": created + 1} for created in (10, 20, 30)]
    messages = [
        {"info": {"id": "u", "role": "user", "time": times[0]}, "parts": parts},
        {"info": {"id": "a", "role": "assistant", "time": times[1]}, "parts": [tool]},
        {
            "info": {"id": "v", "role": "user", "time": times[2]},
            "parts": [{"type": "compaction", "auto": True}],
        },
    ]
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"info": {"id": "s", "slug": "x"}, "messages": messages}))
    records = read_file(AGENT, path)
    assert [5] == [prompt.chars for prompt in of(records, Prompt)]
    assert [attached, ContentKind.IMAGE, attached, ContentKind.PROMPT] == [
        c.kind for c in of(records, Content)
    ][:4]
    assert [("c", "a.py"), ("c#2", "b.py")] == [(t.id, t.path) for t in of(records, ToolUse)]


def test_no_text_of_a_session_is_kept(tmp_path: Path) -> None:
    """Prompts, answers, code and tool output leave nothing but sizes in records."""
    secret = "hunter2-is-my-password"
    tool = {"status": "completed", "input": {"command": secret}, "output": secret}
    parts = [
        {"type": "text", "text": secret},
        {"type": "reasoning", "text": secret, "metadata": {"p": {"signature": secret}}},
        {"type": "tool", "tool": "bash", "callID": "c", "state": tool},
        {
            "type": "tool",
            "tool": "bash",
            "callID": "d",
            "state": {"status": "error", "error": secret},
        },
    ]
    time = {"created": 10, "completed": 20}
    user = {"role": "user", "id": "a", "time": time}
    answer = {
        "role": "assistant",
        "id": "b",
        "tokens": {"input": 3},
        "time": time | {"created": 11},
    }
    messages = [{"info": user, "parts": parts}, {"info": answer, "parts": parts}]
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"info": {"id": "s", "title": secret}, "messages": messages}))
    records = read_file(AGENT, path)
    assert len(of(records, Content)) >= 6
    assert secret not in repr(records)


# -- where -----------------------------------------------------------------------------------


def test_roots_follow_the_agent() -> None:
    """XDG moves the folder on every system; OPENCODE_DB names another database."""
    home = Path("/home/dev")
    for platform in ("linux", "darwin", "win32"):
        assert [home / ".local/share/opencode"] == AGENT.roots({}, home, platform)
    moved = {"XDG_DATA_HOME": "/data"}
    assert [Path("/data/opencode")] == AGENT.roots(moved, home, "linux")
    named = AGENT.roots(moved | {"OPENCODE_DB": "work.db"}, home, "linux")
    assert [Path("/data/opencode/work.db"), Path("/data/opencode/storage")] == named
    absolute = AGENT.roots({"OPENCODE_DB": "/srv/oc.db"}, home, "linux")
    assert Path("/srv/oc.db") == absolute[0]


def test_databases_of_all_channels_are_found(both: Path) -> None:
    """Preview builds keep a database of their own beside the released one."""
    shutil.copy(both, both.with_name("opencode-dev.db"))
    shutil.copy(both, both.with_name("notes.db"))
    assert ["opencode-dev.db", "opencode.db"] == [
        Path(s.path).name for s in AGENT.find(both.parent)
    ]
    assert AGENT.claims(both.with_name("notes.db"), both.read_bytes()[:65536]), "by its tables"
    assert AGENT.claims(both.parent, b"")


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    """Databases and documents of other programs belong to someone else."""
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE message(id, text)")
    db.close()
    assert not AGENT.claims(other, other.read_bytes()[:65536])
    assert not AGENT.claims(tmp_path, b"")
    for head in (b'{"sessionId":"x","messages":[]}', b'{"info":1}', b"\x00"):
        assert not AGENT.claims(tmp_path / "x.json", head)
