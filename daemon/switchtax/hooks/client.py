"""The hook client: hands what an agent asks to the daemon, and prints what it answers.

Run as `<base python> -I -S <this file> <agent> <Event> [<python that has switchtax>]`. It imports
nothing of ours and next to nothing else: starting Python is nearly all that it costs. Whatever
goes wrong, it prints nothing and exits with 0: no opinion.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

try:
    import posix
except ImportError:  # pragma: other os
    import nt as posix  # type: ignore[no-redef]

__all__ = ["STARTING", "ask", "envelope", "may_start", "runtime_folders", "start_daemon"]

SECONDS = 0.15
"""All that one run may take, from its first line on."""
LONGEST_HOLD = 20.0
"""Seconds after which a held switch is let through, whatever the daemon says: Claude Code itself
blocks a switch whose hook takes thirty."""
HELD = b"hold "
LONGEST = 4 << 20
"""Bytes of a hook's input, or of an answer, beyond which we have no opinion."""
TOLD = (
    b"CLAUDE_CODE_SESSION_ATTENDED",
    b"CLAUDE_CODE_ENTRYPOINT",
    b"CLAUDE_CODE_REMOTE",
    b"CLAUDE_PLUGIN_ROOT",
    b"CURSOR_VERSION",
    b"TERM_PROGRAM",
)
"""The variables that the daemon is told."""
STARTING = (
    "SessionStart",
    "UserPromptSubmit",
    "PreModelSwitch",
    "BeforeAgent",
    "beforeSubmitPrompt",
    "sessionStart",
    "userPromptSubmitted",
)
"""The events at which a daemon is started where none answers."""
AGAIN_S = 15
"""Seconds after a start was tried in which nobody tries again: it may not be able to start."""


def runtime_folders(env: dict[bytes, bytes], user: int) -> list[bytes]:
    """Where the daemon in charge may have written its address, likeliest first."""
    named = env.get(b"XDG_RUNTIME_DIR")
    if named:
        return [named + b"/switchtax"]
    temporary = [env.get(name) for name in (b"TMPDIR", b"TEMP", b"TMP")]
    return [
        folder.rstrip(b"/") + b"/switchtax-%d" % user
        for folder in (*temporary, b"/tmp", b"/var/tmp", b"/usr/tmp")
        if folder
    ]


def address(env: dict[bytes, bytes]) -> bytes:
    """The socket's path, out of a folder that nobody but us can write; "" without a daemon."""
    user = posix.getuid()
    for folder in runtime_folders(env, user):
        try:
            seen = posix.lstat(folder)
            if seen.st_uid != user or seen.st_mode & 0o170077 != 0o040000:
                continue
            file = posix.open(folder + b"/current", posix.O_RDONLY)
        except OSError:
            continue
        path = posix.read(file, 4096).strip()
        posix.close(file)
        return path
    return b""


def read_all(file: int) -> bytes:
    """Standard input up to its end."""
    parts, size = [], 0
    while part := posix.read(file, 65536):
        parts.append(part)
        size += len(part)
        if size > LONGEST:
            return b""
    return b"".join(parts).strip()


def envelope(agent: str, event: str, raw: bytes, env: dict[bytes, bytes]) -> bytes:
    """The message of the contract around the input as it came, which is not looked into."""
    told = [b'"SWITCHTAX_CALLER":"%d"' % posix.getppid()]
    for name in TOLD:
        value = env.get(name)
        if value is not None and value.isascii() and value.decode().isprintable():
            value = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            told.append(b'"%s":"%s"' % (name, value))
    return b'{"agent":"%s","event":"%s","client":"hook","holds":true,"env":{%s},"input":%s}' % (
        agent.encode(),
        event.encode(),
        b",".join(told),
        raw,
    )


def ask(path: bytes, message: bytes, *, may_hold: bool = False) -> bytes | None:
    """Send one message and take the whole answer; None where no daemon took it.

    A daemon that asks an editor first says so at once: `hold` and milliseconds. Only then, only
    once, and only where `may_hold`, the watchdog is set later.
    """
    import _socket

    hello = b""
    try:
        try:
            peer = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
            peer.connect(path)
        except OSError:  # it may be the text that stands for a socket where there can be none
            host, port, hello = told_at(path).split()
            peer = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            peer.connect((host.decode(), int(port)))
            hello = b"SWTK1" + hello
    except (OSError, ValueError):
        return None
    peer.sendall(hello + b"SWTX1" + len(message).to_bytes(4, "big") + message)
    answer = take(peer)
    if answer[: len(HELD)] == HELD:
        answer = take(peer) if may_hold and wait_longer(answer[len(HELD) :]) else b""
    return b"" if answer[: len(HELD)] == HELD else answer


def told_at(path: bytes) -> bytes:
    """The address, port and token of a daemon on the loopback interface; ours alone to read."""
    seen = posix.lstat(path)
    if seen.st_uid != posix.getuid() or seen.st_mode & 0o170077 != 0o100000:
        return b""
    file = posix.open(path, posix.O_RDONLY)
    try:
        return posix.read(file, 256)
    finally:
        posix.close(file)


def take(peer: "_socket.socket") -> bytes:
    """One answer: its length in four bytes, and as many; "" where it is cut short or too long."""
    import _socket

    head = peer.recv(4, _socket.MSG_WAITALL)
    size = int.from_bytes(head, "big")
    if len(head) < 4 or not 0 < size <= LONGEST:
        return b""
    answer = peer.recv(size, _socket.MSG_WAITALL)
    return answer if len(answer) == size else b""


def wait_longer(milliseconds: bytes) -> bool:
    """Set the watchdog to the end of a hold; False where that is no number."""
    import _signal  # type: ignore[import-not-found]

    if not milliseconds.isdigit():
        return False
    seconds = min(int(milliseconds) / 1000 + SECONDS, LONGEST_HOLD)
    _signal.setitimer(_signal.ITIMER_REAL, seconds)
    return True


def may_start(env: dict[bytes, bytes]) -> bool:
    """Whether it is our turn to start a daemon: noted in the runtime folder, so that of many
    hooks at once, and of those of the next seconds, only one does.
    """
    import time

    user = posix.getuid()
    for folder in runtime_folders(env, user):
        try:
            for each in (folder.rpartition(b"/")[0], folder):
                try:
                    posix.mkdir(each, 0o700)
                except FileExistsError:
                    pass
            seen = posix.lstat(folder)
            if seen.st_uid != user or seen.st_mode & 0o170077 != 0o040000:
                continue
            note = posix.open(folder + b"/tried", posix.O_RDWR | posix.O_CREAT, 0o600)
        except OSError:
            continue
        try:
            posix.lockf(note, posix.F_TLOCK, 0)  # let go when we end
        except OSError:
            return False
        tried = posix.fstat(note)
        if tried.st_size and 0 <= time.time() - tried.st_mtime < AGAIN_S:
            return False
        posix.pwrite(note, b"x", 0)
        return True
    return False


def start_daemon(python: str) -> None:
    """Start a daemon that outlives us and holds none of the agent's files open; don't wait."""
    if posix.fork():
        return
    try:
        posix.setsid()
        nowhere = posix.open("/dev/null", posix.O_RDWR)
        for file in (0, 1, 2):
            posix.dup2(nowhere, file)
        posix.closerange(3, 1024)
        posix.execv(python, [python, "-m", "switchtax", "daemon", "start"])
    finally:
        posix._exit(0)


def main(words: list[str]) -> None:
    """One hook call."""
    import _signal

    _signal.signal(_signal.SIGALRM, lambda *_: posix._exit(0))
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGALRM])
    _signal.setitimer(_signal.ITIMER_REAL, SECONDS)
    agent, event, python = words[0], words[1], words[2] if len(words) > 2 else ""
    raw = read_all(0)
    if not raw or not (agent + event).replace("-", "").isalnum():
        return
    path = address(posix.environ)
    message = envelope(agent, event, raw, posix.environ)
    answer = ask(path, message, may_hold=event == "PreModelSwitch") if path else None
    if answer is None and python and event in STARTING and may_start(posix.environ):
        start_daemon(python)
    if answer and answer != b"{}":
        posix.write(1, answer)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BaseException:
        pass
    posix._exit(0)
