"""What the ACP proxy adds to a message: there and back, beside the agent alone."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bars import Bar, clean_environment

MESSAGES = 2_000
MOST_MS = 1.0
ECHO = (
    "import sys\n"
    "for line in sys.stdin.buffer:\n"
    "    sys.stdout.buffer.write(line)\n"
    "    sys.stdout.buffer.flush()"
)
SAID = {
    "a word of an answer": b'{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s",'
    b'"update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"so"}}}}\n',
    "a prompt": b'{"jsonrpc":"2.0","id":4,"method":"session/prompt","params":{"sessionId":"s"}}\n',
    "100 kB": b'{"jsonrpc":"2.0","method":"x","params":"' + b"x" * 100_000 + b'"}\n',
}


def round_trip_ms(agent: subprocess.Popen[bytes], line: bytes) -> float:
    """One message to an agent that says it again."""
    assert agent.stdin is not None
    assert agent.stdout is not None
    started = time.perf_counter()
    agent.stdin.write(line)
    got = b""
    while not got.endswith(b"\n"):
        got += os.read(agent.stdout.fileno(), 1 << 20)
    return (time.perf_counter() - started) * 1000


def proxy_bars() -> Iterator[Bar]:
    """Both take turns, message by message."""
    alone = [sys.executable, "-c", ECHO]
    behind = [sys.executable, "-m", "switchtax", "acp", "--", *alone]
    with tempfile.TemporaryDirectory(prefix="stx") as home:
        env = clean_environment(home) | {"XDG_RUNTIME_DIR": "/proc/none"}  # nobody to ask
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0, "env": env}
        with subprocess.Popen(alone, **pipes) as bare, subprocess.Popen(behind, **pipes) as proxy:
            for name, line in SAID.items():
                times = [
                    (round_trip_ms(bare, line), round_trip_ms(proxy, line)) for _ in range(MESSAGES)
                ]
                without, through = (statistics.median(each) for each in zip(*times, strict=True))
                added = (through - without) / 2
                text = f"+{added:.3f} ms a message (on {without / 2:.3f} ms)"
                yield Bar(f"ACP proxy, {name}", text, f"≤ {MOST_MS:g} ms", added <= MOST_MS)
            for each in (bare, proxy):
                each.stdin.close()


BARS = [proxy_bars]
