"""What every lab needs: a provider in namespaces of its own, a deadline.

The first process of the network and process namespace is the provider; whatever a client leaves
behind dies with it. Clients are started inside with `nsenter`; a terminal is a tmux server inside,
driven from outside through its socket. Nothing here waits without a deadline.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import missing, need

__all__ = [
    "POLL_S",
    "SCREEN",
    "WAIT_S",
    "Screen",
    "entering",
    "folder_apart",
    "json_lines",
    "on_screen",
    "provider_apart",
    "wait_for",
    "wait_for_rest",
]

WAIT_S = 45.0
"""Somebody else may need both cores meanwhile, and a client's first start reads all of it."""
POLL_S = 0.03
REST_S, REST_SHARE = 0.3, 0.2
"""At rest, all together use less than this share of one core."""
SCREEN = (120, 50)


def wait_for(what: str, look: Callable[[], Any], told: Callable[[], str] = str) -> Any:
    """The first true answer of `look`; fails with what was seen instead."""
    deadline = time.monotonic() + WAIT_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {WAIT_S:g} s\n{told()}")
        time.sleep(POLL_S)
    return found


def wait_for_rest(inside: int) -> None:
    """Wait until all that runs inside has come to rest, as a person does before typing."""
    ticks = os.sysconf("SC_CLK_TCK")

    def rests() -> bool:
        before = _ticks_inside(inside)
        time.sleep(REST_S)
        return _ticks_inside(inside) - before < REST_SHARE * REST_S * ticks

    wait_for("rest", rests)


def _ticks_inside(inside: int) -> int:
    """Processor time of all that runs in the process namespace of a process."""
    wanted, ticks = str(Path(f"/proc/{inside}/ns/pid").readlink()), 0
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str((each / "ns" / "pid").readlink()) == wanted:
                fields = (each / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a file that is being written."""
    if not path.exists():
        return []
    text = path.read_text()
    whole = text[: text.rfind("\n") + 1]  # the last line may be half written
    return [json.loads(line) for line in whole.splitlines()]


def entering(inside: int, work: Path) -> list[str]:
    """The command line before a command that lets it run inside."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    wanted = ["--net", "--pid", "--mount", f"--wd={work}"]
    return ["nsenter", f"--target={inside}", *user, *wanted, "--"]


@contextlib.contextmanager
def folder_apart() -> Iterator[Path]:
    """A folder for home, work and bill, once the system has what a lab needs."""
    for name in ("unshare", "nsenter", "tmux"):
        need(name)
    with tempfile.TemporaryDirectory(prefix="switchtax-lab-", ignore_cleanup_errors=True) as made:
        yield Path(made).resolve()


@contextlib.contextmanager
def provider_apart(
    folder: Path, fake: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", int, int]]:
    """A fake provider in namespaces of its own: its process, port, and id as seen from outside."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    apart = ["unshare", *user, "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [
        sys.executable,
        "-E",
        "-s",
        "-S",
        str(fake),
        str(folder / "fake"),
        "--raise-loopback",
    ]
    noise = (folder / "provider.err").open("wb")
    provider = subprocess.Popen([*apart, *command], stdin=subprocess.DEVNULL, stderr=noise)
    with noise, provider:
        first = provider.pid
        try:
            port = wait_for("the provider's port", lambda: _port(folder, provider))
            task = Path(f"/proc/{provider.pid}/task/{provider.pid}/children")
            first = int(task.read_text().split()[0])
            yield provider, port, first
        finally:
            # With the first process of a namespace all others in it end, before it is reaped.
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)


def _port(folder: Path, provider: "subprocess.Popen[bytes]") -> int:
    if provider.poll() is not None:
        told = (folder / "provider.err").read_text().strip()
        missing("a namespace of one's own", told or "unshare --net --pid was refused")
    path = folder / "fake" / "port"
    return int(path.read_text()) if path.exists() else 0


@dataclass
class Screen:
    """A program on a screen."""

    tmux: list[str]

    def run(self, *arguments: str) -> str:
        """One command of tmux; its output."""
        done = subprocess.run(
            [*self.tmux, *arguments], capture_output=True, text=True, timeout=WAIT_S, check=False
        )
        return done.stdout

    def text(self) -> str:
        """What is seen now."""
        return self.run("capture-pane", "-p", "-J")

    def wait(self, text: str) -> str:
        """The screen once it shows a text."""

        def seen() -> str:
            screen = self.text()
            return screen if text in screen else ""

        return str(wait_for(f"{text!r} on the screen", seen, self.text))

    def wait_in_order(self, first: str, then: str) -> str:
        """The screen once the last of one text stands below the first of another."""

        def seen() -> str:
            screen = self.text()
            return screen if -1 < screen.find(first) < screen.rfind(then) else ""

        return str(wait_for(f"{first!r}, then {then!r} on the screen", seen, self.text))

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux does."""
        self.run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text and wait until it stands there."""
        self.run("send-keys", "-l", text)
        typed = "".join(text.split())[-40:]
        wait_for(f"{text!r} in the input", lambda: typed in "".join(self.text().split()), self.text)


@contextlib.contextmanager
def on_screen(
    folder: Path, inside: list[str], command: list[str], named: Mapping[str, str]
) -> Iterator[Screen]:
    """A command in a terminal inside, with these variables and no others."""
    socket = folder / f"tmux-{len(list(folder.glob('tmux-*')))}"
    tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
    columns, rows = SCREEN
    size = ["-x", str(columns), "-y", str(rows)]
    clean = ["env", "-i", *(f"{name}={value}" for name, value in named.items()), *command]
    start = [*inside, *tmux, "new-session", "-d", *size, shlex.join(clean)]
    subprocess.run(start, check=True, timeout=WAIT_S)
    screen = Screen(tmux)
    try:
        yield screen
    finally:
        subprocess.run([*tmux, "kill-server"], timeout=WAIT_S, check=False)
