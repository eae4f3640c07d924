"""Files of the index: written whole or not at all, damage noticed, nobody else's to read.

The index holds paths, sizes, times, ids and counts, never a word of a conversation. It can
be deleted at any time. A folder that cannot be written to means a slower scan, no error.
"""

import marshal
import os
import sys
import zlib
from contextlib import suppress
from typing import Any

__all__ = ["FORMAT", "PLAIN", "cache_folder", "load", "save", "version"]

FORMAT = 1
PLAIN = 2
"""Version of `marshal` that does not look for objects it has written before: as large for rows
of numbers and ids that differ, and written in a third of the time."""
_MAGIC = b"switchtax-index\n"


def cache_folder() -> str:
    """Where switchtax keeps what it can make again."""
    env = os.environ
    if env.get("XDG_CACHE_HOME"):
        return os.path.join(env["XDG_CACHE_HOME"], "switchtax")
    home = os.path.expanduser("~")
    if sys.platform == "win32":  # pragma: other os
        base = env.get("LOCALAPPDATA") or home
        return os.path.join(base, "switchtax", "cache")
    if sys.platform == "darwin":  # pragma: other os
        return os.path.join(home, "Library", "Caches", "switchtax")
    return os.path.join(home, ".cache", "switchtax")


def version() -> tuple[object, ...]:
    """What must be equal for an index to be used: format, Python, and this very code.

    The newest file of the rooms that read and price stands for them: an upgrade, or an edit
    in a checkout, makes the index anew.
    """
    rooms = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    newest = [
        entry.stat().st_mtime_ns
        for room in ("", "agents", "catalog", "catalog/data", "records", "scan", "cli")
        for entry in os.scandir(f"{rooms}/{room}")
        if entry.name.endswith((".py", ".json", ".toml"))
    ]
    return FORMAT, sys.version, rooms, len(newest), max(newest)


def load(name: str, folder: str) -> Any:
    """The value kept under a name; None where there is none, or it is damaged."""
    try:
        with open(f"{folder}/{name}", "rb", buffering=0) as file:
            data = file.read()
        start = len(_MAGIC) + 4
        body = memoryview(data)[start:]
        if data[: len(_MAGIC)] != _MAGIC or zlib.crc32(body) != int.from_bytes(
            data[len(_MAGIC) : start], "big"
        ):
            return None
        return marshal.loads(body)
    except (OSError, ValueError, EOFError, TypeError):
        return None


def save(name: str, value: Any, folder: str) -> bool:
    """Keep a value; False where the folder cannot be written to."""
    body = marshal.dumps(value, PLAIN)
    temporary = f"{folder}/{name}.{os.getpid()}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "wb", buffering=0) as file:
            file.write(_MAGIC + zlib.crc32(body).to_bytes(4, "big"))
            file.write(body)
        os.replace(temporary, f"{folder}/{name}")
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        return False
    return True
