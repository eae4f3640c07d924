"""The daemon as a process: one per user, private, and not to be brought down by a client."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from claude_transcript import START, command, said
from hook_doors import call
from service_support import ready, through_door, until
from switchtax.errors import DaemonUnavailable, Refused, UnsafePlace
from switchtax.hooks import commands
from switchtax.service import instance
from switchtax.service.client import Client
from switchtax.service.protocol import Code, Notification, Request, pack

if TYPE_CHECKING:
    from service_support import Household


def raw(household: Household, data: bytes) -> bytes:
    """Everything the daemon says to these bytes before it hangs up."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(5)
        stream.connect(str(household.where.socket))
        try:
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
        except OSError:
            return b""
        said = b""
        try:
            while chunk := stream.recv(65_536):
                said += chunk
        except ConnectionResetError:
            pass
        return said


class TestStarting:
    """Found or started, exactly one."""

    def test_fifty_at_once_get_one_daemon(self, household: Household) -> None:
        """Processes race; whoever is first starts it, all talk to it."""
        script = (
            "import sys; from switchtax.service.places import places;"
            "from switchtax.service.instance import find_or_start;"
            "print(find_or_start(places(), deadline_s=30).server['pid'])"
        )
        plain = {k: v for k, v in household.env.items() if not k.startswith("COVERAGE")}
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", script], stdout=subprocess.PIPE, env=plain, text=True
            )
            for _ in range(10)
        ]
        with ThreadPoolExecutor(40) as pool:
            found = {pool.submit(household.client) for _ in range(40)}
            pids = {each.result().server["pid"] for each in found}
        pids |= {int(racer.communicate(timeout=30)[0]) for racer in racers}
        assert household.pids == pids
        assert 1 == len(pids)
        assert 1 == len(list(household.where.runtime.glob("d-*.sock")))

    def test_a_killed_daemon_is_replaced(self, household: Household) -> None:
        """Its socket is left behind, and in nobody's way."""
        household.where.prepare_state()
        household.where.log.write_bytes(b"x" * (2 << 20))
        first = household.client()
        assert household.where.log.with_name("daemon.log.1").exists()
        os.kill(first.server["pid"], signal.SIGKILL)
        with pytest.raises(DaemonUnavailable):
            first.call("session/list")
        assert household.where.socket.exists()
        second = household.client()
        assert first.server["pid"] != second.server["pid"]

    @pytest.mark.parametrize("event", ["UserPromptSubmit", "PreModelSwitch"])
    def test_a_killed_daemon_is_back_with_the_next_hook(
        self, household: Household, event: str
    ) -> None:
        """Which does not wait for it, and says nothing."""
        path = household.transcript()
        first = ready(household, "s1").server["pid"]
        os.kill(first, signal.SIGKILL)
        given = json.dumps({"hook_event_name": event, "transcript_path": str(path)}).encode()

        def there() -> int:
            done = call(household.folder / "r", event, given, sys.executable, env=household.env)
            assert (0, b"", b"") == (done.code, done.out, done.err)
            try:
                with instance.find(household.where) as client:
                    return int(client.server["pid"])
            except DaemonUnavailable:
                return 0

        second = until(there, "another daemon is there", 30)
        household.pids.add(second)
        assert first != second

    def test_another_build_is_replaced(self, household: Household) -> None:
        """After an upgrade the old daemon is asked to leave, and leaves nothing."""
        old = household.client()
        upgraded = replace(household.where, build="0" * 12)
        with pytest.raises(DaemonUnavailable):
            instance.find(upgraded)
        instance._replace(upgraded, deadline())
        with pytest.raises(DaemonUnavailable):
            old.call("session/list")
        assert [] == list(upgraded.runtime.glob("d-*.sock"))
        assert not upgraded.current.exists()

    def test_sigterm_ends_it_without_a_trace(self, household: Household) -> None:
        """Socket and pointer are gone; a client sees its end."""
        client = household.client()
        os.kill(client.server["pid"], signal.SIGTERM)
        until(lambda: not household.where.socket.exists(), "the socket is gone")
        assert not household.where.current.exists()

    def test_stop(self, household: Household) -> None:
        """It ends when asked; where there is none that is said."""
        assert not instance.stop(household.where)
        household.client()
        assert instance.stop(household.where)
        assert not instance.stop(household.where)

    def test_it_ends_when_nobody_needs_it(
        self, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No client, no live session, for the time configured."""
        monkeypatch.setenv("SWITCHTAX_IDLE_EXIT_S", "0.1")
        household.client().close()
        until(lambda: not household.where.socket.exists(), "it has ended")

    def test_a_second_one_ends_at_once(self, household: Household) -> None:
        """Started by hand beside a living one."""
        household.client()
        done = subprocess.run(
            [sys.executable, "-m", "switchtax.service"],
            env=household.env,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert 0 == done.returncode
        assert "another daemon lives" in done.stderr


class TestPrivacy:
    """This user alone."""

    def test_a_folder_open_to_others_is_refused(self, household: Household) -> None:
        """World-writable: said, with the way out; nothing is started there."""
        household.where.prepare_runtime()
        household.where.runtime.chmod(0o777)
        with pytest.raises(UnsafePlace, match="chmod go-rwx"):
            instance.find_or_start(household.where)
        done = subprocess.run(
            [sys.executable, "-m", "switchtax.service"],
            env=household.env,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert 3 == done.returncode
        assert "open to other users" in done.stderr

    def test_a_link_is_refused(self, household: Household) -> None:
        """Whoever made it could point it elsewhere."""
        household.where.runtime.symlink_to(household.folder)
        with pytest.raises(UnsafePlace, match="symbolic link"):
            instance.find_or_start(household.where)

    def test_modes(self, household: Household) -> None:
        """Folder 0700, socket 0600."""
        household.client()
        assert 0o700 == household.where.runtime.stat().st_mode & 0o777
        assert 0o600 == household.where.socket.stat().st_mode & 0o777


class TestBadClients:
    """Each is dealt with alone; the daemon goes on."""

    def test_malformed_and_giant_frames(self, household: Household) -> None:
        """No MessagePack, no message, too large: an error and the end of that connection."""
        client = household.client()
        for data in (b"\xc1", b"GET / HTTP/1.1\r\n", b"\x93\x00\x01\x02", b"", b"SWT"):
            raw(household, data)
        giant = b"\xc6" + struct.pack(">I", 1 << 31) + b"x" * (17 << 20)
        raw(household, giant)
        assert [] == client.call("session/list")["sessions"]
        log = household.where.log.read_text()
        assert "not MessagePack" in log
        assert "over 16 MiB" in log

    def test_wrong_protocol(self, household: Household) -> None:
        """Told which one is spoken, and left."""
        household.client()
        with Client.open(household.where.socket) as client:
            with pytest.raises(Refused, match="protocol 1") as error:
                client.call("initialize", {"protocol": 99})
            assert Code.WRONG_PROTOCOL == error.value.code
            with pytest.raises(DaemonUnavailable):
                client.call("initialize", {"protocol": 1})

    def test_the_handshake_comes_first(self, household: Household) -> None:
        """Nothing but `shutdown` is answered before it."""
        household.client()
        with Client.open(household.where.socket) as client:
            with pytest.raises(Refused) as error:
                client.call("session/list")
            assert Code.NOT_INITIALIZED == error.value.code

    def test_a_slow_reader_is_dropped(self, household: Household) -> None:
        """Who asks and never reads does not fill our memory, and others are served."""
        path = household.transcript()
        client = household.client()
        slow = household.client("slow")
        slow._socket.setblocking(False)
        asked = pack(Request(7, "session/get", {"session": str(path)}))
        log = household.where.log

        def dropped() -> bool:
            try:
                slow._socket.send(asked * 100)
            except BlockingIOError:
                pass
            except OSError:
                return True
            return "does not read" in log.read_text()

        until(dropped, "the slow reader is dropped", 20)
        assert client.call("session/list")["sessions"]

    def test_unknown_method_bad_params_no_session(self, household: Household) -> None:
        """Each error has its code."""
        client = household.client()
        for method, params, code in (
            ("no/such", {}, Code.METHOD_NOT_FOUND),
            ("session/get", {}, Code.INVALID_PARAMS),
            ("switch/estimate", {"session": "x", "to": "sonnet"}, Code.INVALID_PARAMS),
            ("session/get", {"session": "nosuch"}, Code.NO_SUCH_SESSION),
            ("session/get", {"session": "/no/such/file"}, Code.INVALID_PARAMS),
        ):
            with pytest.raises(Refused) as error:
                client.call(method, params)
            assert code == error.value.code, method

    def test_deadline_and_cancel(self, household: Household) -> None:
        """A request that is not done in time, or withdrawn, is answered with that."""
        path = household.transcript(200)
        client = household.client()
        asked = {"session": str(path), "at": 1_795_000_000.0, "deadline_ms": 1}
        with pytest.raises(Refused) as error:
            client.call("switch/estimate", asked)
        assert error.value.code in (Code.TIMED_OUT, Code.NO_SUCH_SESSION)
        client._send(Request(500, "switch/estimate", asked | {"deadline_ms": 5000}))
        client._send(Notification("$/cancel", {"id": 500}))
        assert client.call("session/list")["at"] > 0


class TestDoor:
    """One JSON message in, what to print out."""

    def test_a_hook_gets_an_object(self, household: Household) -> None:
        """Unknown agents, unknown events and nonsense get no opinion."""
        household.client()
        door = household.where.socket
        asked = {"agent": "claude-code", "event": "NoSuchEvent", "input": {}, "env": {}}
        assert {} == json.loads(through_door(door, asked))
        assert {} == json.loads(through_door(door, {"agent": "nobody", "client": "hook"}))
        assert {} == json.loads(through_door(door, ["no", "object"]))
        assert b"" == through_door(door, None, raw=b"SWTX1" + struct.pack(">I", 1 << 30))

    def test_a_status_line_gets_the_meter(self, household: Household) -> None:
        """By transcript; nothing where there is none."""
        path = household.transcript()
        household.client()
        asked = {"client": "statusline", "input": {"transcript_path": str(path)}}
        line = through_door(household.where.socket, asked).decode()
        assert line.startswith("Opus 5.5 · ")
        assert f"{line}\n" == household.where.meter("s1").read_text()
        lost = {"client": "statusline", "input": {"session_id": "nobody"}}
        assert b"" == through_door(household.where.socket, lost)


def deadline() -> float:
    """Ten seconds from now, monotonic."""
    import time

    return time.monotonic() + 10


def test_a_status_line_knows_the_model_that_a_hook_asks_about(household: Household) -> None:
    path = household.transcript()
    asked = {
        "agent": "claude-code",
        "event": "PreModelSwitch",
        "client": "hook",
        "env": {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"},
        "input": {
            "hook_event_name": "PreModelSwitch",
            "session_id": "s1",
            "transcript_path": str(path),
            "to_model": "claude-haiku-5-5",
            "source": "command",
        },
    }
    with ready(household, "s1"):
        until(household.where.meter("s1").exists, "a meter")
        through_door(household.where.socket, asked)
        first, *by_model = household.where.meter("s1").read_text().splitlines()
    told = dict(line.split("\t") for line in by_model)
    assert told["claude-haiku-5-5"].startswith("next: Haiku 5.5 re-reads ")
    assert first in told.values()


def drawn(household: Household, model: str) -> str:
    """What the status line shows while Claude Code names this model."""
    given = {"session_id": "s1", "model": {"id": model, "display_name": model}}
    script = Path(commands.__file__).parent / "statusline.sh"
    done = subprocess.run(
        ["sh", str(script)], input=json.dumps(given), capture_output=True, text=True,
        check=True, env=household.env,
    )  # fmt: skip
    return done.stdout


def test_there_and_back_before_a_prompt(household: Household) -> None:
    """Each time the status line says what is true of the model it is drawn for, at once: Claude
    Code draws it right after the change, and then not for half a minute.
    """
    opus, sonnet = "claude-opus-5-5", "claude-sonnet-5-5"
    path = household.transcript()
    with ready(household, "s1"):
        until(household.where.meter("s1").exists, "a meter")
        assert drawn(household, opus).startswith("Opus 5.5 · ")
        at = time.time() - START
        with path.open("a") as file:
            for line in (command(at, "model", "sonnet"), said(at, "Set model to Sonnet 5.5")):
                file.write(json.dumps(line | {"sessionId": "s1"}) + "\n")
        until(lambda: "next: " in drawn(household, sonnet), "the chosen model is shown")
        assert drawn(household, sonnet).startswith("next: Sonnet 5.5 re-reads ")
        assert drawn(household, opus).startswith("Opus 5.5 · ")
        asked = {
            "agent": "claude-code",
            "event": "PreModelSwitch",
            "client": "hook",
            "env": {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"},
            "input": {
                "hook_event_name": "PreModelSwitch",
                "session_id": "s1",
                "transcript_path": str(path),
                "to_model": opus,
                "source": "command",
            },
        }
        assert {} == json.loads(through_door(household.where.socket, asked))
        assert drawn(household, opus).startswith("Opus 5.5 · ")
