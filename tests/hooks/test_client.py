"""The hook client as a process: what it says, and that nothing makes it fail or wait."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hook_doors import BASE, CLIENT, FakeDaemon, call, inputs
from service_support import until
from switchtax.hooks import client

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = (0, b"", b"")
LIMIT_S = 1.0


def framed(answer: bytes) -> bytes:
    """An answer as the daemon sends it."""
    return len(answer).to_bytes(4, "big") + answer


def outcome(runtime: Path, *words: object, **more: object) -> tuple[int, bytes, bytes]:
    """Exit code and both streams, after checking that it was quick."""
    done = call(runtime, *words, **more)  # type: ignore[arg-type]
    assert done.seconds < LIMIT_S
    return done.code, done.out, done.err


def test_what_the_agent_says_reaches_the_daemon_and_its_answer_the_agent(tmp_path: Path) -> None:
    """The input as it came, the event, and the few variables that the daemon needs."""
    given = next(inputs("PreModelSwitch"))
    env = {
        "CLAUDE_CODE_SESSION_ATTENDED": "1",
        "CLAUDE_CODE_ENTRYPOINT": 'c"l\\i',
        "TERM_PROGRAM": "line\nbreak",
        "ANTHROPIC_API_KEY": "secret",
    }
    with FakeDaemon(tmp_path, answer=lambda _: framed(b'{"decision":"x"}')) as daemon:
        done = call(tmp_path, "PreModelSwitch", json.dumps(given, indent=1).encode(), env=env)
    assert (0, b'{"decision":"x"}', b"") == (done.code, done.out, done.err)
    sent = json.loads(daemon.messages[0])
    assert str(os.getpid()) == sent["env"].pop("SWITCHTAX_CALLER")
    assert {
        "agent": "claude-code",
        "event": "PreModelSwitch",
        "client": "hook",
        "holds": True,
        "env": {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": 'c"l\\i'},
        "input": given,
    } == sent


def test_no_opinion_prints_nothing(tmp_path: Path) -> None:
    """`{}` need not be said."""
    with FakeDaemon(tmp_path, answer=lambda _: framed(b"{}")):
        assert NOTHING == outcome(tmp_path)


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0", b"\0\0\0", b"\0\0\0\x09short", b"\xff\xff\xff\xffgarbage", b"HTTP/1.1 400 no\r\n"],
)
def test_a_garbled_answer_is_no_opinion(tmp_path: Path, reply: bytes) -> None:
    """A frame that is cut short, or none."""
    with FakeDaemon(tmp_path, answer=lambda _: reply):
        assert NOTHING == outcome(tmp_path)


def test_a_hung_daemon_is_left_alone(tmp_path: Path) -> None:
    """It listens and never answers; also where its queue of callers is full."""
    with FakeDaemon(tmp_path, silent=True):
        for _ in range(4):
            started = time.perf_counter()
            assert NOTHING == outcome(tmp_path)
            assert time.perf_counter() - started < 0.5


def test_a_masked_alarm_is_heard(tmp_path: Path) -> None:
    """The agent may run its hooks with signals held back or ignored."""
    masked = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]);"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    words = [BASE, "-I", "-S", str(CLIENT), "claude-code", "PreModelSwitch"]
    with FakeDaemon(tmp_path, silent=True):
        done = subprocess.run(
            [BASE, "-c", masked, *words],
            input=b"{}",
            capture_output=True,
            env={"XDG_RUNTIME_DIR": str(tmp_path)},
            timeout=5,
            check=False,
        )
    assert NOTHING == (done.returncode, done.stdout, done.stderr)


def test_a_slow_daemon_is_waited_for_only_so_long(tmp_path: Path) -> None:
    """Half the time is enough, twice the time is not."""
    with FakeDaemon(tmp_path, answer=lambda _: framed(b'{"a":1}'), delay_s=0.05):
        assert (0, b'{"a":1}', b"") == outcome(tmp_path)
    with FakeDaemon(tmp_path, answer=lambda _: framed(b'{"a":1}'), delay_s=0.3):
        assert NOTHING == outcome(tmp_path)


class TestHolding:
    """A daemon that asks an editor first says so at once; only then it is waited for."""

    HOLD = framed(b"hold 2000")
    KEPT = b'{"kept":1}'

    def test_the_answer_may_come_late(self, tmp_path: Path) -> None:
        """Long after the watchdog would have ended it."""
        later = framed(self.KEPT)
        with FakeDaemon(tmp_path, answer=lambda _: self.HOLD, later_s=0.5, later=later):
            assert (0, self.KEPT, b"") == outcome(tmp_path)
        with FakeDaemon(tmp_path, answer=lambda _: self.HOLD + later):
            assert (0, self.KEPT, b"") == outcome(tmp_path)

    def test_it_ends_when_it_was_said_to_end(self, tmp_path: Path) -> None:
        """An editor that is not heard of in time: no opinion."""
        with FakeDaemon(
            tmp_path, answer=lambda _: framed(b"hold 200"), later_s=0.8, later=framed(self.KEPT)
        ):
            assert NOTHING == outcome(tmp_path)

    def test_never_beyond_our_own_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The agent blocks a switch after thirty seconds, whatever the daemon thinks."""
        import _signal  # type: ignore[import-not-found]

        set_to: list[float] = []
        monkeypatch.setattr(_signal, "setitimer", lambda _, seconds: set_to.append(seconds))
        assert client.wait_longer(b"600000")
        assert client.wait_longer(b"1000")
        assert [20.0, 1.15] == set_to

    @pytest.mark.parametrize("said", [b"hold ", b"hold -1", b"hold 1e9", b"hold soon"])
    def test_a_hold_of_no_length_is_none(self, tmp_path: Path, said: bytes) -> None:
        """Nothing is waited for."""
        with FakeDaemon(tmp_path, answer=lambda _: framed(said) + framed(self.KEPT)):
            assert NOTHING == outcome(tmp_path)

    def test_once_and_only_before_a_switch(self, tmp_path: Path) -> None:
        """A second marker, or one in answer to another event."""
        with FakeDaemon(tmp_path, answer=lambda _: self.HOLD + self.HOLD):
            assert NOTHING == outcome(tmp_path)
        with FakeDaemon(tmp_path, answer=lambda _: self.HOLD + framed(self.KEPT)):
            assert NOTHING == outcome(tmp_path, "UserPromptSubmit", b"{}")

    def test_a_daemon_that_leaves(self, tmp_path: Path) -> None:
        """Killed in the middle of it: no opinion, at once."""
        with FakeDaemon(tmp_path, answer=lambda _: framed(b"hold 9000")):
            assert NOTHING == outcome(tmp_path)


def test_no_daemon_no_opinion(tmp_path: Path) -> None:
    """No folder, no file, a socket that is gone, nobody behind it, a path that is none."""
    assert NOTHING == outcome(tmp_path / "nowhere")
    folder = tmp_path / "switchtax"
    folder.mkdir(mode=0o700)
    assert NOTHING == outcome(tmp_path)
    with FakeDaemon(tmp_path):
        pass
    assert NOTHING == outcome(tmp_path)
    for address in ("", "/nowhere/d.sock", "x" * 300, "\0"):
        (folder / "current").write_text(address)
        assert NOTHING == outcome(tmp_path)


def test_an_input_that_does_not_end_is_left(tmp_path: Path) -> None:
    """The agent keeps the pipe open, or says nothing at all."""
    with FakeDaemon(tmp_path) as daemon:
        assert NOTHING == outcome(tmp_path, "PreModelSwitch", None)
        assert NOTHING == outcome(tmp_path, "PreModelSwitch", b"")
        assert NOTHING == outcome(tmp_path, "Pre/../Model", b"{}")
    assert [] == daemon.messages


def test_a_folder_that_others_can_write_is_not_trusted(tmp_path: Path) -> None:
    """Nor one that is a link to elsewhere."""
    with FakeDaemon(tmp_path, answer=lambda _: framed(b'{"a":1}')) as daemon:
        (tmp_path / "switchtax").chmod(0o777)
        assert NOTHING == outcome(tmp_path)
        (tmp_path / "switchtax").chmod(0o700)
        other = tmp_path / "other"
        other.mkdir()
        (other / "switchtax").symlink_to(tmp_path / "switchtax")
        assert NOTHING == outcome(other)
    assert [] == daemon.messages


def test_without_a_runtime_folder_the_temporary_one_is_used(tmp_path: Path) -> None:
    """As the daemon does: by the user's number."""
    home = tmp_path / "tmp"
    home.mkdir()
    with FakeDaemon(home, answer=lambda _: framed(b'{"a":1}')):
        (home / "switchtax").rename(home / f"switchtax-{os.getuid()}")
        path = home / f"switchtax-{os.getuid()}"
        (path / "current").write_text(str(path / "d-test.sock"))
        done = call(tmp_path, env={"XDG_RUNTIME_DIR": "", "TMPDIR": str(home)})
    assert b'{"a":1}' == done.out
    assert [b"/run/user/7/switchtax"] == client.runtime_folders(
        {b"XDG_RUNTIME_DIR": b"/run/user/7", b"TMPDIR": b"/t"}, 7
    )


class TestStartingTheDaemon:
    """Only where none answers, once in a while, and never waited for."""

    @pytest.fixture
    def python(self, tmp_path: Path) -> Path:
        """Stands for the interpreter that has switchtax: notes its words, holds on for a while."""
        path = tmp_path / "python"
        path.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/started\nsleep 1\n')
        path.chmod(0o755)
        return path

    @staticmethod
    def started(folder: Path) -> str:
        """What was started, as soon as something was."""
        until((folder / "started").exists, "something is started")
        until((folder / "started").read_text, "it says so")
        return (folder / "started").read_text()

    @pytest.mark.parametrize("event", client.STARTING)
    def test_none_there(self, tmp_path: Path, python: Path, event: str) -> None:
        """It is started, and we are gone before it is done."""
        assert NOTHING == outcome(tmp_path, event, b"{}", str(python))
        assert "-m switchtax daemon start\n" == self.started(tmp_path)

    def test_a_killed_one(self, tmp_path: Path, python: Path) -> None:
        """Its socket and its address are still there."""
        with FakeDaemon(tmp_path):
            assert NOTHING == outcome(tmp_path, "UserPromptSubmit", b"{}", str(python))
        assert not (tmp_path / "started").exists()
        assert NOTHING == outcome(tmp_path, "UserPromptSubmit", b"{}", str(python))
        assert "-m switchtax daemon start\n" == self.started(tmp_path)

    def test_a_storm_of_hooks_starts_one(self, tmp_path: Path, python: Path) -> None:
        """Of many at once; and of those that follow, until some seconds have gone by."""
        with ThreadPoolExecutor(8) as pool:
            runs = list(
                pool.map(
                    lambda _: call(tmp_path, "UserPromptSubmit", b"{}", str(python)), range(40)
                )
            )
        assert {(0, b"", b"")} == {(run.code, run.out, run.err) for run in runs}
        assert "-m switchtax daemon start\n" == self.started(tmp_path)
        tried = tmp_path / "switchtax" / "tried"
        for at in (time.time() - client.AGAIN_S - 1, time.time() + 1000):  # the clock set back too
            os.utime(tried, (at, at))
            before = len(self.started(tmp_path))
            assert NOTHING == outcome(tmp_path, "UserPromptSubmit", b"{}", str(python))
            until(lambda n=before: len(self.started(tmp_path)) > n, "it is tried again")

    def test_one_there_or_another_event(self, tmp_path: Path, python: Path) -> None:
        """Nothing is started or noted: not even where the daemon is slow."""
        assert NOTHING == outcome(tmp_path, "PostModelSwitch", b"{}", str(python))
        with FakeDaemon(tmp_path, silent=True):
            assert NOTHING == outcome(tmp_path, "SessionStart", b"{}", str(python))
        with FakeDaemon(tmp_path):
            assert NOTHING == outcome(tmp_path, "SessionStart", b"{}", str(python))
        assert not (tmp_path / "switchtax" / "tried").exists()
        assert not (tmp_path / "started").exists()

    def test_a_python_that_is_gone(self, tmp_path: Path) -> None:
        """Still no trouble for the agent."""
        assert NOTHING == outcome(tmp_path, "SessionStart", b"{}", "/nowhere/python")

    def test_a_place_that_is_not_ours_alone_starts_nothing(
        self, tmp_path: Path, python: Path
    ) -> None:
        """The daemon would refuse it as well."""
        (tmp_path / "switchtax").mkdir()
        (tmp_path / "switchtax").chmod(0o777)
        assert NOTHING == outcome(tmp_path, "SessionStart", b"{}", str(python))
        assert [] == list((tmp_path / "switchtax").iterdir())
        missing = {"XDG_RUNTIME_DIR": "/nowhere/at/all"}
        done = call(tmp_path, "SessionStart", b"{}", str(python), env=missing)
        assert NOTHING == (done.code, done.out, done.err)
        assert not (tmp_path / "started").exists()


def test_many_calls_in_every_weather(tmp_path: Path) -> None:
    """Over 200 runs, three at a time: no exit code but 0, none over a second."""
    well, dead, hung = tmp_path / "well", tmp_path / "dead", tmp_path / "hung"
    folders = [well, dead, dead, well, hung] * 42
    with (
        FakeDaemon(well, answer=lambda _: framed(b'{"a":1}')),
        FakeDaemon(hung, silent=True),
        ThreadPoolExecutor(3) as pool,
    ):
        runs = list(pool.map(call, folders))
    assert len(runs) >= 200
    assert {0} == {run.code for run in runs}
    assert {b""} == {run.err for run in runs}
    assert max(run.seconds for run in runs) < LIMIT_S


def test_only_what_it_needs_is_imported(tmp_path: Path) -> None:
    """Nothing of ours, no json, no socket, no os: starting Python is all that it costs."""
    with FakeDaemon(tmp_path):
        done = subprocess.run(
            [BASE, "-I", "-S", "-X", "importtime", str(CLIENT), "claude-code", "Stop"],
            input=b"{}", capture_output=True, check=True,
            env={"XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        bare = subprocess.run(
            [BASE, "-I", "-S", "-X", "importtime", "-c", "pass"], capture_output=True, check=True
        )

    def names(err: bytes) -> set[str]:
        return {line.rpartition("|")[2].strip() for line in err.decode().splitlines()}

    assert {"_socket"} >= names(done.stderr) - names(bare.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="other os")
def test_the_parts_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The same functions, called here."""
    with FakeDaemon(tmp_path, answer=lambda _: framed(b'{"a":1}')):
        path = client.address({b"XDG_RUNTIME_DIR": os.fsencode(tmp_path)})
        assert b'{"a":1}' == client.ask(path, client.envelope("a", "E", b"{}", {}))
    assert client.ask(path, b"") is None
    assert b"" == client.address({b"XDG_RUNTIME_DIR": os.fsencode(tmp_path / "x")})
    reading, writing = os.pipe()
    os.write(writing, b" {} \n")
    os.close(writing)
    assert b"{}" == client.read_all(reading)
    found = {b"XDG_RUNTIME_DIR": os.fsencode(tmp_path)}
    assert [True, False] == [client.may_start(found), client.may_start(found)]
    monkeypatch.setattr(client, "LONGEST", 1)
    reading, writing = os.pipe()
    os.write(writing, b" {} \n")
    os.close(writing)
    assert b"" == client.read_all(reading)
