"""What of Cursor's hooks is kept, and where."""

import json
from pathlib import Path

from switchtax.agents.cursor_recording import (
    COMPOSER,
    EVENTS,
    STATUS_LINE,
    chosen_line,
    context_line,
    file_name,
    line_of,
    recordings,
    written,
)
from switchtax.service.places import places

AT = 1_794_992_531.41234
COMMON = {
    "conversation_id": "c-1",
    "generation_id": "g-1",
    "model": "claude-opus-4-8-thinking-high",
    "model_id": "claude-opus-4-8",
    "model_params": [{"id": "effort", "value": "high"}, {"id": "thinking", "value": True}],
    "hook_event_name": "stop",
    "cursor_version": "2026.09.10",
    "workspace_roots": ["/home/dev/shop", "/home/dev/other"],
    "user_email": "dev@example.org",
    "transcript_path": "/home/dev/.cursor/x.jsonl",
}


def test_recordings_lie_in_our_own_folder_of_state() -> None:
    """The daemon writes where the agent's reader looks, wherever the folder of state is."""
    home = Path("/home/dev")
    for env in ({"HOME": "/home/dev"}, {"HOME": "/home/dev", "XDG_STATE_HOME": "/elsewhere"}):
        assert places(env).state / "cursor" == recordings(env, home)


def test_an_id_that_is_no_file_name_has_no_file() -> None:
    """Nothing that climbs out of the folder, is empty, too long or no text."""
    assert "0b1d_7-c.jsonl" == file_name("0b1d_7-c")
    for bad in ("", "../up", "a/b", "a b", "x" * 129, None, 7):
        assert file_name(bad) is None


def test_a_prompt_is_kept_without_its_text() -> None:
    """Names, parameters and the first folder; no prompt, attachment or address."""
    given = COMMON | {"prompt": "a secret", "attachments": [{"file_path": "/secret"}]}
    line = line_of("prompt", given, AT)
    expected = {
        "v": 1,
        "at": 1_794_992_531.412,
        "event": "prompt",
        "generation": "g-1",
        "model": "claude-opus-4-8-thinking-high",
        "model_id": "claude-opus-4-8",
        "params": {"effort": "high", "thinking": "true"},
        "version": "2026.09.10",
        "cwd": "/home/dev/shop",
    }
    assert expected == line
    refused = line_of("prompt", given, AT, refused=True)
    assert expected | {"refused": True} == refused
    assert b"secret" not in written(refused) and b"example" not in written(refused)


def test_counts_of_a_turn_are_kept_as_told() -> None:
    """A told 0 stays 0; what was not told, or cannot be, is left out."""
    told = {"status": "completed", "loop_count": 0, "input_tokens": 23_666, "output_tokens": 53}
    line = line_of("turn", COMMON | told | {"cache_read_tokens": 0}, AT)
    assert line is not None
    counts = {key: line[key] for key in line if key.endswith("_tokens")}
    assert {"input_tokens": 23_666, "output_tokens": 53, "cache_read_tokens": 0} == counts
    assert ("completed", 0) == (line["status"], line["loop"])
    for strange in (-1, 1e300, True, "53", None, float("nan")):
        line = line_of("turn", {"input_tokens": strange}, AT)
        assert {"v": 1, "at": 1_794_992_531.412, "event": "turn"} == line


def test_a_compaction_keeps_what_it_had_before() -> None:
    """A size of 0 says that it was not known."""
    given = {"trigger": "auto", "context_tokens": 171_000, "context_window_size": 200_000}
    line = line_of("compact", COMMON | given, AT)
    assert line is not None
    kept = (line["trigger"], line["context_tokens"], line["window_tokens"])
    assert ("auto", 171_000, 200_000) == kept
    line = line_of("compact", {"context_tokens": 0}, AT)
    assert line is not None
    assert "context_tokens" not in line


def test_only_known_events_are_kept() -> None:
    """Starts and ends bring their time alone."""
    assert {"prompt", "turn", "compact", "start", "end"} == set(EVENTS.values())
    assert {"v": 1, "at": 5.0, "event": "end"} == line_of("end", COMMON, 5.0)
    assert line_of("afterFileEdit", COMMON, AT) is None


def test_what_is_of_another_shape_is_left_out() -> None:
    """Names that are texts, parameters that are none, folders that are no list."""
    given = {
        "generation_id": "x" * 201,
        "model": ["claude"],
        "model_params": {"effort": "high"},
        "workspace_roots": "/home/dev",
    }
    bare = {"v": 1, "at": 5.0, "event": "prompt"}
    assert bare == line_of("prompt", given, 5.0)
    odd = [
        7,
        {"id": "effort"},
        {"id": ["fast"], "value": "true"},
        {"id": 7, "value": "high"},
        {"id": "context", "value": ["1m"]},
    ]
    assert bare == line_of("prompt", {"model_params": odd, "workspace_roots": []}, 5.0)


def test_of_a_models_settings_only_known_ones_are_kept() -> None:
    """Each a word: what else stands there could be anybody's text."""
    told = [
        {"id": "effort", "value": "high"}, {"id": "context", "value": "1m"},
        {"id": "api_key", "value": "hunter2"}, {"id": "thinking", "value": "say hunter2"},
    ]  # fmt: skip
    line = line_of("prompt", {"model_params": told}, 5.0)
    assert line is not None
    assert {"effort": "high", "context": "1m"} == line["params"]


def test_lines_that_no_hook_brings() -> None:
    """The size of a context with who told it; a pick with its model."""
    line = context_line(5.0, 11_786, source=STATUS_LINE, window_tokens=200_000)
    assert {
        "v": 1,
        "at": 5.0,
        "event": "context",
        "context_tokens": 11_786,
        "window_tokens": 200_000,
        "source": "status line",
    } == json.loads(written(line))
    bare = context_line(5.0, 9, source=COMPOSER)
    assert {"v", "at", "event", "context_tokens", "source"} == set(bare)
    assert {"v": 1, "at": 5.0, "event": "chosen", "model": "m"} == chosen_line(5.0, "m")
