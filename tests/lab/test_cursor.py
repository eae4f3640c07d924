"""The real agent runtime of Cursor with our hooks, as `switchtax setup cursor` writes them.

Its backend, the driver's own, asks for hooks as Cursor's does: what it is answered is what a person
is told. The daemon is started by a hook, inside the lab.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from apart import wait_for
from cursor import AUTO, OPUS, SONNET, Conversation, Cursor, open_cursor
from equipped import Editor

from support import OTHER_OS
from switchtax.errors import Refused
from switchtax.service.places import places

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: namespaces are Linux's"),
]

LOW = ("[material]", "rebuild_usd = 0.01")
BLOCK = ("[cursor]", "block_unannounced = true")
OURS = "Opus 4.8 must re-read "
SOON_S = 1.0
"""Our hooks give up after 0.15 s; a shell and a Python start besides."""


@pytest.fixture
def cursor() -> Iterator[Cursor]:
    with open_cursor() as lab:
        lab.configure(*LOW)
        yield lab


def _used(sent: int, read: int = 0, output: int = 500) -> dict[str, int]:
    """The tokens of a turn as Cursor counts them: what was read and written is in the input."""
    return {
        "input_tokens": sent,
        "cache_read_tokens": read,
        "cache_write_tokens": sent - read - 2,
        "output_tokens": output,
    }


def _talk(seat: Conversation, *, filled: bool = True) -> None:
    """Two turns, the second beside a warm cache."""
    for used in (_used(60_000), _used(61_000, 60_000)):
        assert {} == seat.submit(SONNET)
        seat.stop(SONNET, used)
    if filled:
        seat.fills(61_500)


def test_all_that_we_print_is_to_its_taste(cursor: Cursor) -> None:
    """Also without a daemon: a hook that is not whole would refuse prompts where so told."""
    hooks = json.loads(cursor.hooks.read_text())
    for entries in hooks["hooks"].values():
        for entry in entries:
            entry["failClosed"] = True
    cursor.hooks.write_text(json.dumps(hooks))
    with cursor.conversation() as seat:
        assert {} == seat.submit(SONNET)
        cursor.signal_daemon("KILL")
        assert {} == seat.submit(SONNET)
        hooks["hooks"]["beforeSubmitPrompt"] = [{"command": "true", "failClosed": True}]
        cursor.hooks.write_text(json.dumps(hooks))
        seat.begin_anew()
        assert seat.submit(SONNET)["continue"] is False


def test_a_switch_is_announced_and_goes_through(cursor: Cursor) -> None:
    """Cursor itself shows nothing at a prompt; whoever has an editor attached sees it there."""
    with cursor.conversation() as seat:
        _talk(seat)
        cursor.daemon().close()
        with Editor(places(cursor.environment()).socket, cursor.work, "keep") as editor:
            assert {} == seat.submit(OPUS)
            wait_for("an announcement", lambda: editor.shown)
        (shown,) = editor.shown
        assert OPUS == shown["to_model"]
        assert OURS in shown["lines"][0]
        assert {} == seat.stop(OPUS, _used(63_000))


def test_totals_are_those_of_the_turns(cursor: Cursor) -> None:
    """As they were told, in disjoint buckets; nothing is made of a turn that tells none."""
    with cursor.conversation() as seat:
        _talk(seat)
        seat.submit(OPUS)
        seat.stop(OPUS, _used(63_000, 20_000, 700))
        seat.submit(OPUS)
        seat.stop(OPUS, {}, status="aborted")
    totals = cursor.totals()
    assert (4, 60_000, 60_996, 1_000, 2) == _row(totals[SONNET])
    assert (2, 20_000, 42_998, 700, 1) == _row(totals[OPUS])


def _row(totals: dict[str, Any]) -> tuple[int, ...]:
    names = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "output_tokens")
    return (*(totals[name] for name in names), totals["calls"])


def test_a_switch_is_refused_once(cursor: Cursor) -> None:
    """Where the user wants it, in our words; sent again it goes, and nothing is said after it."""
    cursor.configure(*LOW, *BLOCK)
    with cursor.conversation() as seat:
        _talk(seat)
        refused = seat.submit(OPUS)
        assert refused["continue"] is False
        first, *_, last = refused["userMessage"].splitlines()
        assert OURS in first
        assert "Nothing was sent. Send it again to switch" in last
        assert max(map(len, refused["userMessage"].splitlines())) <= 74
        for _ in range(2):
            assert {} == seat.submit(OPUS)
            seat.stop(OPUS, _used(63_000, 60_000))
        assert seat.submit(SONNET)["continue"] is False


def test_where_cursor_chooses_the_model(cursor: Cursor) -> None:
    """With Auto no prompt is refused, as nobody knows the model before it is sent."""
    cursor.configure(*LOW, *BLOCK)
    with cursor.conversation() as seat:
        _talk(seat)
        assert {} == seat.submit(AUTO)
        seat.stop(AUTO, _used(62_000, 61_000))
        assert {} == seat.submit(AUTO)


def test_a_summary(cursor: Cursor) -> None:
    """Cursor tells of it beforehand: what comes after it is not re-read for the price before."""
    with cursor.conversation() as seat:
        _talk(seat)
        assert 61_500 == cursor.foretold(seat.id, OPUS)["context_tokens"]["mid"]
        sizes = {"context_tokens": 61_500, "context_window_size": 200_000, "trigger": "auto"}
        assert {} == seat.compact(SONNET, **sizes)
        with pytest.raises(Refused, match="how large the context is"):
            cursor.foretold(seat.id, OPUS)
        seat.stop(SONNET, _used(80_000, 61_000))
        seat.fills(9_000)
        assert 9_000 == cursor.foretold(seat.id, OPUS)["context_tokens"]["mid"]


def test_an_agent_of_a_program(cursor: Cursor) -> None:
    """The runtime's own turns tell no tokens: they are counted, at a price that is not known."""
    with cursor.engine() as engine:
        engine.send(SONNET)
        cursor.daemon().close()
        engine.end()
        for _ in range(2):
            conversation = engine.send(OPUS)
            engine.end()
    turns = cursor.recorded(conversation, "turn")
    assert [OPUS, OPUS] == [turn["model"] for turn in turns if turn["model"] != SONNET]
    assert not [turn for turn in turns if "input_tokens" in turn]
    totals: dict[str, Any] = dict(cursor.totals()[OPUS])
    assert (0, 0, 0, 0, 2) == _row(totals)
    assert {"unknown"} == set(totals["usd_micros"])


@pytest.mark.parametrize("broken", ["KILL", "STOP", "no_python", "crashing", "no_package"])
def test_whatever_becomes_of_switchtax(cursor: Cursor, broken: str) -> None:
    """Dead, hung, replaced or gone: the prompt goes through, and soon."""
    cursor.configure(*LOW, *BLOCK)
    with cursor.conversation() as seat:
        _talk(seat)
        if broken in ("KILL", "STOP"):
            cursor.signal_daemon(broken)
        else:
            getattr(cursor, f"with_{broken}")()
            seat.begin_anew()
        assert {} == seat.submit(OPUS)
        assert seat.took_s < SOON_S
        assert {} == seat.stop(OPUS, _used(90_000))
        assert seat.took_s < SOON_S


def test_undone_after_use(cursor: Cursor) -> None:
    """Hooks of others are what they were, to the byte."""
    cursor.setup("--undo")
    own = '{\n  "version": 1,\n  "hooks": {"stop": [{"command": "./mine.sh"}]}\n}\n'
    cursor.hooks.write_text(own)
    cursor.setup()
    with cursor.conversation() as seat:
        _talk(seat)
    cursor.daemon().close()
    assert os.fsencode(own) != cursor.hooks.read_bytes()
    cursor.setup("--undo")
    assert own.encode() == cursor.hooks.read_bytes()
