"""The real agent runtime of Cursor with our hooks, as `switchtax setup cursor` writes them.

Its backend, the driver's own, asks for hooks as Cursor's does: what it is answered is what a person
is told. The daemon is started by a hook, inside the lab; the size of a context comes from a
database as Cursor's editor writes it.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from apart import wait_for
from cursor import AUTO, OPUS, SONNET, Conversation, Engine, open_cursor
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
BLOCK_THERE = ("[claude_code]", "block_unannounced = true")
OWN = '{\n  "version": 1,\n  "hooks": {"stop": [{"command": "./mine.sh"}]}\n}\n'
OURS = "Opus 4.8 must re-read "
SOON_S = 1.0
"""Our hooks give up after 0.15 s; two shells and a Python start besides."""
LINE = 74


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A lab with hooks of others, which are what they were, to the byte, once ours are undone."""
    with open_cursor(with_us=False) as lab:
        lab.hooks.write_text(OWN)
        lab.setup()
        lab.with_claude_code()
        lab.configure(*LOW, *BLOCK_THERE)
        with lab.engine() as running:
            yield running
        assert lab.hooks.read_text() != OWN
        lab.setup("--undo")
        assert lab.hooks.read_text() == OWN


@pytest.fixture(scope="module")
def refusing() -> Iterator[Engine]:
    """A lab whose user wants to be stopped, in a host that gives input by here-documents."""
    with open_cursor(input_by="here-document") as lab:
        lab.configure(*LOW, *BLOCK)
        with lab.engine() as running:
            yield running


@pytest.fixture
def seat(engine: Engine) -> Iterator[Conversation]:
    with engine.conversation() as conversation:
        yield conversation


def _used(sent: int, read: int = 0, output: int = 500) -> dict[str, int]:
    """The tokens of a turn as Cursor counts them: what was read and written is in the input."""
    return {
        "input_tokens": sent,
        "cache_read_tokens": read,
        "cache_write_tokens": sent - read - 2,
        "output_tokens": output,
    }


def _talk(seat: Conversation) -> None:
    """Two turns, the second beside a warm cache."""
    for used in (_used(60_000), _used(61_000, 60_000)):
        assert {} == seat.submit(SONNET)
        assert {} == seat.stop(SONNET, used)
    seat.fills(61_500)


def test_a_switch_is_announced_and_goes_through(seat: Conversation) -> None:
    """Cursor itself shows nothing at a prompt; whoever has an editor attached sees it there.

    Our hooks of Claude Code, which Cursor runs beside them, have no opinion.
    """
    _talk(seat)
    lab = seat.engine.lab
    assert (lab.home / ".claude" / "ran").exists()
    with Editor(places(lab.environment()).socket, lab.work, "keep") as editor:
        assert {} == seat.submit(OPUS)
        wait_for("an announcement", lambda: editor.shown)
    (shown,) = editor.shown
    assert OPUS == shown["to_model"]
    assert OURS in shown["lines"][0]


def test_totals_are_those_of_the_turns(seat: Conversation) -> None:
    """As they were told, in disjoint buckets; a turn left before its first token is none."""
    for model, used in [
        (SONNET, _used(60_000)),
        (SONNET, _used(61_000, 60_000)),
        (OPUS, _used(63_000, 20_000, 700)),
    ]:
        seat.submit(model)
        seat.stop(model, used)
    seat.submit(OPUS)
    seat.stop(OPUS, {}, status="aborted")
    totals = _usage(seat)
    assert (4, 60_000, 60_996, 1_000, 2) == _row(totals[SONNET])
    assert (2, 20_000, 42_998, 700, 1) == _row(totals[OPUS])


def test_an_agent_of_a_program(engine: Engine) -> None:
    """The runtime's own turns tell no tokens: they are counted, at a price that is not known."""
    engine.send(SONNET)
    engine.lab.daemon().close()
    engine.end()
    for _ in range(2):
        conversation = engine.send(OPUS)
        engine.end(inputTokens=60_000)
    turns = engine.lab.recorded(conversation, "turn")
    assert [OPUS, OPUS] == [turn["model"] for turn in turns][-2:]
    assert not [turn for turn in turns if "input_tokens" in turn]
    used = _usage(Conversation(engine, conversation))[OPUS]
    assert (0, 0, 0, 0, 2) == _row(used)
    assert {"unknown"} == set(used["usd_micros"])


def _usage(seat: Conversation) -> dict[str, dict[str, Any]]:
    """What `switchtax usage` says of one conversation, by model."""
    said = seat.engine.lab.said("usage", "--no-index")
    (session,) = [each for each in said["sessions"] if each["id"] == seat.id]
    return {row["model"]: row for row in session["models"]}


def _row(totals: dict[str, Any]) -> tuple[int, ...]:
    names = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "output_tokens")
    return (*(totals[name] for name in names), totals["calls"])


def test_a_summary(seat: Conversation) -> None:
    """Cursor tells of it beforehand: until the new size is told, nobody is told the old one."""
    lab = seat.engine.lab
    _talk(seat)
    assert 61_500 == lab.foretold(seat.id, OPUS)["context_tokens"]["mid"]
    sizes = {"context_tokens": 61_500, "context_window_size": 200_000, "trigger": "auto"}
    assert {} == seat.compact(SONNET, **sizes)
    with pytest.raises(Refused, match="how large the context is"):
        lab.foretold(seat.id, OPUS)
    seat.stop(SONNET, _used(80_000, 61_000))
    seat.fills(9_000)
    assert 9_000 == lab.foretold(seat.id, OPUS)["context_tokens"]["mid"]


def test_a_switch_is_refused_once(refusing: Engine) -> None:
    """Where the user wants it, in our words; sent again it goes, and nothing is said after it."""
    with refusing.conversation() as seat:
        _talk(seat)
        refused = seat.submit(OPUS)
        assert refused["continue"] is False
        first, *_, last = lines = refused["userMessage"].splitlines()
        assert OURS in first
        assert last.startswith("Nothing was sent. Send it again to switch")
        assert 4 == len(lines)
        assert max(map(len, lines)) <= LINE
        for _ in range(2):
            assert {} == seat.submit(OPUS)
            seat.stop(OPUS, _used(63_000, 60_000))


def test_where_cursor_chooses_the_model(refusing: Engine) -> None:
    """With Auto no prompt is refused, as nobody knows the model before it is sent."""
    with refusing.conversation() as seat:
        _talk(seat)
        for _ in range(2):
            assert {} == seat.submit(AUTO)
            assert {} == seat.stop(AUTO, _used(62_000, 61_000))


def test_whatever_becomes_of_switchtax() -> None:
    """Hung, dead, replaced or gone: the prompt goes through, and soon, with words that are whole.

    The entries are changed so that a hook that fails would refuse the prompt.
    """
    with open_cursor() as lab:
        lab.configure(*LOW, *BLOCK)
        lab.closed()
        whole = lab.hooks.read_text()
        with lab.engine() as engine:
            with engine.conversation() as seat:
                _talk(seat)
                with lab.daemon() as daemon:
                    pid = daemon.server["pid"]
                for name in ("STOP", "KILL"):
                    lab.signal_process(name, pid)
                    _goes_through(seat)
            for broken in (lab.with_no_python, lab.with_crashing, lab.with_no_package):
                lab.hooks.write_text(whole)
                broken()
                engine.reload()
                engine.send()
                _goes_through(seat)
                engine.end()
            lab.with_a_silent_hook()
            engine.reload()
            engine.send()
            assert seat.submit(OPUS)["continue"] is False
            engine.end()


def _goes_through(seat: Conversation) -> None:
    assert {} == seat.submit(OPUS)
    assert seat.took_s < SOON_S
    assert {} == seat.stop(OPUS, _used(90_000))
    assert seat.took_s < SOON_S
