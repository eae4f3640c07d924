"""What Cursor's own runtime makes of hooks: what our hooks there are built on."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cursor import SONNET, Engine, open_cursor

from support import OTHER_OS

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

REFUSAL = '{"continue": false, "user_message": "not yet"}'
REFUSED = {"continue": False, "userMessage": "not yet"}
LONG, LONG_COMMAND = 100_000, 140_000
"""Characters of prompts; Linux takes 131,072 in one word of a command line."""
TURN = {
    "conversation_id": "c-1",
    "generation_id": "g-1",
    "model": "claude-opus-4-8-thinking-high",
    "model_id": "claude-opus-4-8",
    "model_params": [{"id": "effort", "value": "high"}],
}
USED = {
    "input_tokens": 23_666,
    "output_tokens": 12,
    "cache_read_tokens": 23_617,
    "cache_write_tokens": 47,
}
Hooks = dict[str, list[dict[str, Any]]]
Saying = Callable[..., Engine]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_cursor(with_us=False) as lab, lab.engine() as running:
        running.send()
        running.end()
        yield running


@pytest.fixture
def with_file(engine: Engine) -> Iterator[Callable[[Hooks], Engine]]:
    """An engine in the middle of a turn, with a hooks.json of these steps."""

    def begin(hooks: Hooks) -> Engine:
        _write(engine, hooks)
        engine.send()
        return engine

    yield begin
    engine.end()


@pytest.fixture
def with_hooks(with_file: Callable[[Hooks], Engine]) -> Callable[..., Engine]:
    """The same with these commands for one step."""

    def begin(step: str, *commands: str, **more: Any) -> Engine:
        return with_file({step: [{"command": command, **more} for command in commands]})

    return begin


def _write(engine: Engine, hooks: Hooks) -> None:
    engine.lab.hooks.write_text(json.dumps({"version": 1, "hooks": hooks}, indent=2))
    engine.reload()


def _printing(text: str) -> str:
    return f"printf %s {shlex.quote(text)}"


def _submit(engine: Engine, text: str = "go on") -> dict[str, Any]:
    return engine.hook("beforeSubmitPrompt", prompt=text, composer_mode="agent", **TURN)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (_printing(REFUSAL), REFUSED),
        (_printing("a login shell's word\n" + REFUSAL), REFUSED),
        (_printing(REFUSAL + "\na word after"), {}),
        (_printing("{}"), {}),
        ("true", {}),
        ("exit 1", {}),
        ("/nowhere/python3", {}),
        ("sh -c 'echo not yet >&2; exit 2'", {"continue": False}),
        (_printing('{"continue": "no", "user_message": "not yet"}'), {}),
        (_printing('{"user_message": "not yet"}'), {"userMessage": "not yet"}),
    ],
)
def test_what_refuses_a_prompt(with_hooks: Saying, command: str, answer: Any) -> None:
    """An answer that says so, and exit 2; no failure of a hook does."""
    told = _submit(with_hooks("beforeSubmitPrompt", command))
    assert answer == {name: told[name] for name in answer}
    assert answer.get("continue") is told.get("continue")


def test_a_hook_that_does_not_end(with_hooks: Saying) -> None:
    """It is left behind at its own time limit, in seconds; the prompt goes through."""
    engine = with_hooks("beforeSubmitPrompt", "sleep 600", timeout=0.2)
    assert {} == _submit(engine)


def test_the_words_of_several_hooks(with_hooks: Saying) -> None:
    """One that refuses is enough; what each says is shown below the other."""
    other = '{"continue": true, "user_message": "second"}'
    engine = with_hooks("beforeSubmitPrompt", _printing(REFUSAL), _printing(other))
    assert {"continue": False, "userMessage": "not yet\n\n---\n\nsecond"} == _submit(engine)


def test_what_a_hook_is_told(with_hooks: Saying) -> None:
    """The person's prompt, the model as it is priced, and where the hooks lie as the folder."""
    engine = with_hooks("beforeSubmitPrompt", "cat > told.json; pwd > pwd; echo {}")
    _submit(engine, "x" * LONG)
    folder = engine.lab.hooks.parent
    told = json.loads((folder / "told.json").read_text())
    assert TURN.items() <= told.items()
    assert LONG == len(told["prompt"])
    assert ("c-1", [str(engine.lab.work)]) == (told["session_id"], told["workspace_roots"])
    assert "beforeSubmitPrompt" == told["hook_event_name"]
    assert str(folder) == (folder / "pwd").read_text().strip()


def test_where_the_input_is_a_here_document() -> None:
    """It stands behind the command; one too long for a command line goes through unasked."""
    with open_cursor(with_us=False, input_by="here-document") as lab, lab.engine() as engine:
        hooks = {"beforeSubmitPrompt": [{"command": _printing(REFUSAL) + "; cat > told.json"}]}
        lab.hooks.write_text(json.dumps({"version": 1, "hooks": hooks}))
        engine.send()
        asking = "'it' is \"$(so)\"\nand `so`"
        assert REFUSED == _submit(engine, asking)
        assert asking == _told(engine)["prompt"]
        assert {} == _submit(engine, "x" * LONG_COMMAND)
        engine.end()


def test_the_tokens_of_a_turn(with_hooks: Saying) -> None:
    """They stand in what `stop` is told."""
    engine = with_hooks("stop", "cat > told.json; echo {}")
    engine.hook("stop", status="completed", **TURN, **USED)
    assert USED.items() <= _told(engine).items()
    engine.hook("stop", status="aborted", **TURN)
    assert not USED.keys() & _told(engine).keys()


def _told(engine: Engine) -> dict[str, Any]:
    return dict(json.loads((engine.lab.hooks.parent / "told.json").read_text()))


@pytest.mark.parametrize(("more", "runs"), [({}, False), ({"loop_limit": None}, True)])
def test_a_turn_after_many_that_cursor_began_itself(
    with_hooks: Saying, more: dict[str, Any], runs: bool
) -> None:
    """From the fifth on `stop` is no longer asked, unless the entry says otherwise."""
    engine = with_hooks("stop", "touch ran; echo {}", **more)
    ran = engine.lab.hooks.parent / "ran"
    ran.unlink(missing_ok=True)
    engine.hook("stop", status="completed", loop_count=5, **TURN)
    assert runs is ran.exists()


@pytest.mark.parametrize(
    ("name", "command", "refused"),
    [
        ("stop", "ls /tmp", True),
        ("onModelChange", "true", False),
        ("stop", "ls //tmp", False),
    ],
)
def test_one_entry_that_is_not_taken(
    with_file: Callable[[Hooks], Engine], name: str, command: str, refused: bool
) -> None:
    """An unknown step, or two slashes in any command, and no hook of the file runs."""
    refusing = [{"command": _printing(REFUSAL)}]
    told = _submit(with_file({name: [{"command": command}], "beforeSubmitPrompt": refusing}))
    assert (REFUSED if refused else {}) == told


def test_an_agent_of_a_program(engine: Engine) -> None:
    """The runtime's own turns: no prompt is refused, and no tokens are told."""
    steps = ("sessionStart", "beforeSubmitPrompt", "stop", "sessionEnd")
    hooks = {step: [{"command": "cat >> all; echo >> all; echo {}"}] for step in steps}
    hooks[steps[1]] += [{"command": _printing(REFUSAL)}]
    _write(engine, hooks)
    number = engine.send(SONNET)
    engine.end(input_tokens=40_000, output_tokens=10)
    rows = _rows(engine.lab.hooks.parent / "all")
    assert list(steps) == [row["hook_event_name"] for row in rows]
    assert {number} == {row["conversation_id"] for row in rows}
    assert {SONNET} == {row["model"] for row in rows}
    assert not USED.keys() & rows[2].keys()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
