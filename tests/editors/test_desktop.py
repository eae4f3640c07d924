"""A desktop: a real notification server (dunst) on a real X server, with nobody's screen."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from codex_rollout import THREAD, append, picked, rollout
from service_support import ready, until
from support import need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

pytestmark = pytest.mark.editor

HOW = "apt-get install dunst libnotify-bin xvfb dbus"
TERRA = "gpt-6.1-terra"


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A program with a pipe to read, ended afterwards."""
    process = subprocess.Popen(
        [str(need(words[0], HOW)), *words[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def first_line(process: subprocess.Popen[str]) -> str:
    """What a server says of itself once it is there."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen of its own, a session bus, and dunst, which shows what comes over it."""
    need("notify-send", HOW)
    with running("Xvfb", "-displayfd", "1", "-nolisten", "tcp") as screen:
        monkeypatch.setenv("DISPLAY", f":{first_line(screen)}")
        with running("dbus-daemon", "--session", "--nofork", "--print-address=1") as bus:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", first_line(bus))
            with running("dunst"):
                until(lambda: asked("is-paused") == "false", "dunst answers")
                yield


def asked(*words: str) -> str:
    """What dunst answers."""
    command = [str(need("dunstctl", HOW)), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.usefixtures("desktop")
def test_a_switch_that_a_log_announces_is_shown(household: Household) -> None:
    """Title and lines as they were meant, an arrow and all; none of it is taken for markup."""
    settings = household.folder / "f" / "switchtax" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[material]\nrebuild_usd = 0.05\n[notifications]\ndesktop = true\n")
    log = rollout(household.folder / "h", cwd=str(household.folder))
    ready(household, THREAD % 1).close()
    append(log, *picked(time.time(), TERRA))
    until(lambda: asked("count", "displayed") == "1", "a notification on the screen")
    asked("close-all")
    (shown,) = json.loads(asked("history"))["data"][0]
    assert "switchtax" == shown["appname"]["data"]
    assert "switchtax: GPT-6.1 Sol → GPT-6.1 Terra" == shown["summary"]["data"]
    body = shown["body"]["data"]
    assert body.startswith("GPT-6.1 Terra must re-read 12")
    assert "&lt;" not in body
    assert "&amp;" not in body
