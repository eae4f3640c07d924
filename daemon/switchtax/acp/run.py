"""Starting the agent behind the proxy, and ending with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from switchtax.acp.proxy import Judge, Proxy
from switchtax.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["run"]

_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGINT")
_LAST_WORDS_S = 5.0
_LOOK_S = 0.1


def run(command: Sequence[str], judge: Judge, *, hold_s: float) -> int:
    """Run an agent between our standard input and output; returns its exit code.

    Args:
        command: the agent's command line.
        judge: what a switch costs.
        hold_s: seconds that a person has for an answer; 0: only tell.

    Raises:
        UsageError: the agent cannot be started.
    """
    try:
        agent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    except OSError as error:
        raise UsageError(f"{command[0]}: {error.strerror or error}.") from error
    assert agent.stdin is not None
    assert agent.stdout is not None
    _pass_signals_on(agent)
    into, out = agent.stdin.fileno(), agent.stdout.fileno()
    proxy = Proxy(judge, _writer(into), _writer(sys.stdout.fileno()), hold_s=hold_s)

    def client() -> None:
        try:
            proxy.pump_client(_reader(sys.stdin.fileno()))
        finally:
            agent.stdin.close()  # type: ignore[union-attr]

    threading.Thread(target=client, name="client", daemon=True).start()
    agents = threading.Thread(target=proxy.pump_agent, args=(_reader(out),), name="agent")
    agents.start()
    while agents.is_alive():  # a signal that another thread took is acted on when this one wakes
        agents.join(_LOOK_S)
    try:
        code = agent.wait(_LAST_WORDS_S)
    except subprocess.TimeoutExpired:  # it closed its output and stays: nothing more can come
        agent.terminate()
        code = agent.wait()
    return code if code >= 0 else 128 - code


def _pass_signals_on(agent: subprocess.Popen[bytes]) -> None:
    def pass_on(number: int, _: object) -> None:
        agent.send_signal(number)

    for name in _PASSED_ON:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), pass_on)


def _reader(file: int) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        try:
            return os.read(file, size)
        except OSError:
            return b""

    return read


def _writer(file: int) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(file, rest) :]
        except OSError:
            return  # who no longer reads has gone; the other side ends by itself

    return write
