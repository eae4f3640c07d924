"""OpenCode's sessions in files: the storage of older builds, and exports."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, source
from switchtax.agents import agent_module
from switchtax.records import (
    Depth,
    ModelChosen,
    SessionInfo,
    Unreadable,
)

AGENT = agent_module("opencode")


def _message(path: Path, id_: str, created: int, **more: object) -> None:
    path.mkdir(parents=True, exist_ok=True)
    data = {"id": id_, "sessionID": path.name, "time": {"created": created}} | more
    (path / f"{id_}.json").write_text(json.dumps(data))


def _answer(path: Path, id_: str, created: int, model: str, **tokens: object) -> None:
    time = {"created": created, "completed": created + 900}
    _message(
        path,
        id_,
        created,
        role="assistant",
        modelID=model,
        providerID="p",
        tokens=tokens,
        time=time,
        finish="stop",
    )


def _storage(data: Path) -> Path:
    folder = data / "storage" / "message" / "ses_1"
    model = {"providerID": "p", "modelID": "model-a"}
    _message(folder, "msg_1", 1000_000, role="user", model=model)
    _answer(folder, "msg_2", 1001_000, "model-a", input=5, output=7, reasoning=2)
    part = data / "storage" / "part" / "msg_2"
    part.mkdir(parents=True)
    text = {"type": "text", "text": "done", "time": {"start": 1001_400, "end": 1001_500}}
    (part / "prt_1.json").write_text(json.dumps(text))
    session = data / "storage" / "session" / "prj"
    session.mkdir(parents=True)
    about = {"id": "ses_1", "directory": "/w", "title": "t", "version": "1.1.0"}
    (session / "ses_1.json").write_text(json.dumps(about | {"time": {"created": 999_000}}))
    return folder


def test_json_storage_is_one_source_per_session(tmp_path: Path) -> None:
    """Folders are found from any place above them, measured, and read with their parts."""
    folder = _storage(tmp_path)
    for root in (tmp_path, tmp_path / "storage", folder.parent, folder):
        (found,) = AGENT.find(root)
        assert ("ses_1", str(folder)) == (found.session_id, found.path)
        assert sum(f.stat().st_size for f in folder.iterdir()) == found.size
        assert AGENT.claims(root, b"")
    records = AGENT.read(found, None, Depth.FULL).records
    (call,) = calls(records)
    assert (5, 7, 2, 9, 400.0, "1.1.0") == (
        call.usage.uncached_tokens,
        call.usage.output_tokens,
        call.usage.reasoning_tokens,
        call.usage.billed_output_tokens,
        call.ttft_ms,
        call.agent_version,
    )
    assert ["/w"] == [info.cwd for info in of(records, SessionInfo)]


@pytest.mark.parametrize("depth", Depth)
def test_a_growing_folder_reads_as_a_whole_one(tmp_path: Path, depth: Depth) -> None:
    """Files that came later bring what a fresh read would have brought after them."""
    folder = _storage(tmp_path)
    (found,) = AGENT.find(folder)
    first = AGENT.read(found, None, depth)
    model = {"providerID": "p", "modelID": "model-b"}
    _message(folder, "msg_3", 1002_000, role="user", model=model)
    _answer(folder, "msg_4", 1003_000, "model-b", input=9)
    second = AGENT.read(found, first.cursor, depth)
    assert AGENT.read(found, None, depth).records == first.records + second.records
    assert ["model-b"] == [c.model for c in of(second.records, ModelChosen)]
    assert [] == AGENT.read(found, second.cursor, depth).records


def test_a_broken_message_is_located(tmp_path: Path) -> None:
    """One torn file of many is named with its path; the others are read."""
    folder = _storage(tmp_path)
    (folder / "msg_0.json").write_text('{"role": "assistant", "tokens": "secret"}')
    (folder / "msg_9.json").write_text('{"role":')
    (found,) = AGENT.find(folder)
    records = AGENT.read(found, None, Depth.USAGE).records
    assert 1 == len(calls(records))
    told = of(records, Unreadable)
    assert {str(folder / "msg_0.json"), str(folder / "msg_9.json")} == {t.path for t in told}
    assert "secret" not in repr(told)


def test_an_export_is_read_as_a_document(tmp_path: Path) -> None:
    """A session exported to a file is claimed by its content, and read again when it changes."""
    info = {"id": "ses_1", "directory": "/w", "projectID": "p", "time": {"created": 1}}
    answer = {
        "role": "assistant",
        "id": "REDACTED",
        "modelID": "m",
        "providerID": "p",
        "tokens": {"input": 3, "output": 1},
        "time": {"created": 10, "completed": 20},
    }
    parts = [{"type": "text", "text": "ok"}]
    document = {"info": info, "messages": [{"info": answer, "parts": parts}] * 2}
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document))
    assert AGENT.claims(path, path.read_bytes())
    found = source(AGENT, path)
    assert "ses_1" == found.session_id
    reading = AGENT.read(found, None, Depth.FULL)
    assert 2 == len(calls(reading.records)), "blanked ids are not one call"
    assert [] == AGENT.read(found, reading.cursor, Depth.FULL).records
    path.write_text(json.dumps(document | {"messages": []}))
    again = AGENT.read(found, reading.cursor, Depth.FULL)
    assert again.restarted
    assert [] == calls(again.records)
