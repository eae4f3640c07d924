"""The first prompt of a session: a word on the model where its class is clear, else silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from making import BOOK, START
from switchtax.hooks.first_prompt import Begun, World, respond

if TYPE_CHECKING:
    from collections.abc import Callable

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SMALL = "rename the variable hunter2 in shop.py"
HARD = "Why does the queue deadlock under load? Propose a design."
WORLD = World(BOOK, START, 10, lambda _: "")


def start(model: str = OPUS, source: str = "startup") -> dict[str, Any]:
    """A session begins."""
    return {"session_id": "s1", "source": source, **({"model": model} if model else {})}


def prompt(text: str, **more: object) -> dict[str, Any]:
    """A person writes."""
    return {"session_id": "s1", "prompt": text, "source": "user", **more}


def said(text: str, model: str = OPUS, world: World = WORLD, **more: Any) -> list[str]:
    """The lines at a first prompt of a session that began on a model."""
    begun = Begun()
    assert {} == respond("SessionStart", start(model), begun, world)
    return lines_of(respond("UserPromptSubmit", prompt(text, **more), begun, world))


def lines_of(output: dict[str, Any]) -> list[str]:
    """Nothing but a message is ever printed: no decision, no context."""
    assert set(output) <= {"systemMessage"}
    return output["systemMessage"].split("\n") if output else []


def test_read_aloud(golden: Callable[[str, str], None]) -> None:
    """Every class on every family, as it is shown: two lines of 74 at most, or nothing."""
    texts = {
        "a small change": SMALL,
        "a hard question": HARD,
        "data in a form": "convert the yaml of prices.yaml to json and csv, as an openapi schema",
        "all of the code": "read through the whole codebase: all files, " + "log of x " * 10,
        "unsure": "Propose a small design and convert it to json",
        "nothing to go by": "hello",
    }
    parts = []
    for case, text in texts.items():
        for model in (OPUS, SONNET, HAIKU, "claude-haiku-4-5", "claude-fable-5-2"):
            lines = said(text, model)
            assert len(lines) in (0, 2)
            assert [] == [line for line in lines if len(line) > 74]
            parts.append("\n".join([f"# {case}, {model}", *(lines or ["(nothing)"])]))
    golden("first-prompt", "\n\n".join(parts) + "\n")


@pytest.mark.parametrize(
    "more",
    [
        {"source": "schedule_wakeup"},
        {"cursor_version": "3.2"},
        {"prompt": "/fix rename the variable"},
        {"prompt": 3},
        {"session_id": "another"},
        {"session_id": None},
    ],
)
def test_silent(more: dict[str, object]) -> None:
    """Turns of the machine, another agent's hooks, commands, nonsense."""
    assert [] == said(SMALL, **more)
    assert [] != said(SMALL)


def test_said_once() -> None:
    """At the first prompt; the second one is in the middle of something."""
    begun = Begun()
    respond("SessionStart", start(), begun, WORLD)
    assert [] != lines_of(respond("UserPromptSubmit", prompt(SMALL), begun, WORLD))
    assert {} == respond("UserPromptSubmit", prompt(SMALL), begun, WORLD)


@pytest.mark.parametrize("source", ["resume", "fork", "compact"])
def test_a_session_with_a_history_is_not_at_its_start(source: str) -> None:
    """There the cost of a switch is another one."""
    begun = Begun()
    respond("SessionStart", start(source=source), begun, WORLD)
    assert {} == respond("UserPromptSubmit", prompt(SMALL), begun, WORLD)


def test_a_command_leaves_the_first_prompt_to_come() -> None:
    """`/model` comes before it, mostly; the status line names what was chosen."""
    begun = Begun()
    respond("SessionStart", start(""), begun, WORLD)
    respond("UserPromptSubmit", prompt("/init"), begun, WORLD)
    shown = replace(WORLD, shown_model=lambda _: SONNET)
    (_, second) = lines_of(respond("UserPromptSubmit", prompt(SMALL), begun, shown))
    assert second.endswith(" on Sonnet 5.5.")


def test_a_model_that_nobody_names_is_not_guessed() -> None:
    """Neither the hook nor a status line."""
    assert [] == said(SMALL, "")


def test_without_a_price_nothing_is_said() -> None:
    """Of a model that is in no table."""
    assert [] == said(SMALL, "mystery-1")


def test_so_many_sessions_are_remembered() -> None:
    """The oldest goes."""
    begun = Begun()
    for number in range(600):
        begun.add(str(number), OPUS)
    assert ("100", "599") == (next(iter(begun.models)), next(reversed(begun.models)))
