"""Where the daemon's socket, files and logs lie; standard library only, cheap to import.

The runtime folder is for this user alone: others must neither read nor write it.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax import __version__
from switchtax.errors import UnsafePlace
from switchtax.folders import state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MOVING",
    "Places",
    "build_of_package",
    "check_private",
    "places",
    "world",
    "write_atomically",
]

MOVING = (
    "CLAUDE_CONFIG_DIR", "CLINE_DATA_DIR", "CLINE_DIR", "CLINE_SESSION_DATA_DIR", "CODEX_HOME",
    "COPILOT_HOME", "GEMINI_CLI_HOME", "OPENCODE_DB", "OPENCODE_DATA_DIR",
    "PI_CODING_AGENT_DIR", "PI_CODING_AGENT_SESSION_DIR", "SWITCHTAX_CONFIG",
    "SWITCHTAX_EDITOR_DATA", "SWITCHTAX_PRICES", "VSCODE_APPDATA", "VSCODE_PORTABLE",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
)  # fmt: skip
"""Variables that move agents' folders, our prices or our settings."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one user, and the build whose daemon is meant."""

    runtime: Path
    state: Path
    build: str

    @property
    def socket(self) -> Path:
        """The socket of this build's daemon."""
        return self.runtime / f"d-{self.build}.sock"

    @property
    def current(self) -> Path:
        """A text file that holds the path of the socket of the daemon in charge."""
        return self.runtime / "current"

    @property
    def daemon_lock(self) -> Path:
        """Locked by the daemon as long as it lives."""
        return self.runtime / "daemon.lock"

    @property
    def start_lock(self) -> Path:
        """Locked by the one client that starts a daemon."""
        return self.runtime / "start.lock"

    @property
    def ledger(self) -> Path:
        """The database of estimates and outcomes."""
        return self.state / "ledger.db"

    @property
    def log(self) -> Path:
        """What the daemon says."""
        return self.state / "daemon.log"

    @property
    def meters(self) -> Path:
        """One file per live session: its meter, for status lines."""
        return self.state / "meters"

    @property
    def status_notes(self) -> Path:
        """One file per session: what its status line was told last."""
        return self.state / "statusline"

    def meter(self, session_id: str) -> Path:
        """The meter file of one session; ids that are no file names are spelled in hex."""
        plain = all(c.isalnum() or c in "-_" for c in session_id) and 0 < len(session_id) < 128
        name = session_id if plain else "x" + session_id.encode()[:64].hex()
        return self.meters / f"{name}.txt"

    def prepare_runtime(self) -> None:
        """Make the runtime folder, for this user alone.

        Raises:
            UnsafePlace: it is somebody else's, or others may enter it.
        """
        self.runtime.parent.mkdir(parents=True, exist_ok=True)
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        check_private(self.runtime)

    def prepare_state(self) -> None:
        """Make the folder of logs, meters, status notes and the ledger.

        Raises:
            OSError: it cannot be made.
        """
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.meters.mkdir(mode=0o700, exist_ok=True)
        self.status_notes.mkdir(mode=0o700, exist_ok=True)


def places(environment: Mapping[str, str] | None = None) -> Places:
    """The places of this user and this build."""
    env = os.environ if environment is None else environment
    return Places(_runtime(env), state_folder(env), build_of_package())


def _runtime(env: Mapping[str, str]) -> Path:
    if env.get("XDG_RUNTIME_DIR"):
        return Path(env["XDG_RUNTIME_DIR"]) / "switchtax"
    user = os.getuid() if hasattr(os, "getuid") else env.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"switchtax-{user}"


def world(environment: Mapping[str, str] | None = None) -> str:
    """What a process can see: a daemon with another one knows of other sessions."""
    from hashlib import sha256

    env = os.environ if environment is None else environment
    home = env.get("HOME") or str(Path.home())
    told = "\0".join([home, *(f"{name}={env.get(name, '')}" for name in MOVING)])
    return sha256(told.encode()).hexdigest()[:12]


def build_of_package() -> str:
    """Twelve hex digits that differ between versions, installations and edited checkouts."""
    from hashlib import sha256

    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    newest = _newest_ns(folder)
    return sha256(f"{__version__}\0{folder}\0{newest}".encode()).hexdigest()[:12]


def _newest_ns(folder: str) -> int:
    newest = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                newest = max(newest, entry.stat().st_mtime_ns)
            elif entry.name != "__pycache__" and entry.is_dir():
                newest = max(newest, _newest_ns(entry.path))
    return newest


def check_private(path: Path) -> None:
    """Refuse a folder or socket that is not ours alone.

    Raises:
        UnsafePlace: it is a link, another user's, or open to others.
        OSError: it is not there.
    """
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise UnsafePlace(f"{path}: a symbolic link. Remove it, or set XDG_RUNTIME_DIR.")
    if sys.platform == "win32":  # pragma: other os
        return
    if found.st_uid != os.getuid():
        raise UnsafePlace(
            f"{path}: belongs to user {found.st_uid}, not to you. Set XDG_RUNTIME_DIR to a "
            "folder of your own."
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UnsafePlace(
            f"{path}: open to other users (mode {stat.S_IMODE(found.st_mode):o}). "
            f"`chmod go-rwx {path}` mends it."
        )


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never a part.

    It is for this user alone.

    Raises:
        OSError: it cannot be written (a full disk, say).
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
