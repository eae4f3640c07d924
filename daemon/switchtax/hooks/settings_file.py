"""Changing a file that is not ours: planned, kept with a journal, undone to the byte.

The file is edited in place, written atomically through links, and never touched where it cannot
be read. What it was before is kept in the state folder, so that taking ours out restores it
where nobody else has written since.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Plan",
    "as_bytes",
    "base_of",
    "carry_out",
    "contents",
    "own_file",
    "removing",
    "replace_file",
    "settings_text",
]

_OWN_FOLDER = "switchtax"
"""A folder of this name goes with the last file of ours in it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to one settings file; None stands for "no such file"."""

    path: Path
    before: bytes | None
    after: bytes | None
    base: bytes | None
    """What it is without anything of ours."""
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


# -- reading ----------------------------------------------------------------------------


def contents(path: Path) -> bytes | None:
    """What a file holds; None where it is not there.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}. Nothing was written.") from None


def settings_text(path: Path, raw: bytes | None) -> str:
    """The settings as text that is a JSON object for certain."""
    try:
        text = (raw or b"").decode("utf-8-sig")
        settings = json.loads(text) if text.strip() else {}
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        reason = f"line {line} is not UTF-8"
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        reason = f"cannot be read as JSON ({type(error).__name__})"
    else:
        if isinstance(settings, dict):
            return text if text.strip() else "{}\n"
        reason = "line 1: the settings are not an object"
    raise SettingsError(
        f"{path}: {reason}. Nothing was written: mend the file, or move it away, "
        "and run this again."
    )


def removing(path: Path, journal: Path, strip: Callable[[bytes], bytes], said: str) -> Plan:
    """Plan to take ours out: byte for byte what was, where only we have written since.

    Args:
        path: the settings file.
        journal: the state folder.
        strip: the file without anything of ours, where others have written since.
        said: what goes, in words.
    """
    before = contents(path)
    base = base_of(path, before, journal, strip)
    if before == base:
        return Plan(path, before, before, base)
    return Plan(path, before, base, base, (said,))


def own_file(path: Path, text: str | None, mark: str, said: str) -> Plan:
    """Plan to write a file that is wholly ours, or with no text to remove it.

    Args:
        path: the file.
        text: what it holds then; None: it goes.
        mark: what tells a file of ours from somebody else's.
        said: what changes, in words.

    Raises:
        SettingsError: it is somebody else's, or cannot be read.
    """
    before = contents(path)
    if before is not None and mark.encode() not in before:
        raise SettingsError(f"{path}: not written by switchtax. Move it away first.")
    after = None if text is None else text.encode()
    return Plan(path, before, after, None, (said,) if before != after else ())


def base_of(
    path: Path, before: bytes | None, journal: Path, strip: Callable[[bytes], bytes]
) -> bytes | None:
    """The file without ours: as it was, if it is still as we wrote it; else ours taken out."""
    entry = _entries(journal).get(str(path.resolve()))
    if before is None:
        return None
    if entry is not None and entry.get("written") == _digest(before):
        if not entry.get("backup"):
            return None
        kept = contents(journal / "setup" / str(entry["backup"]))
        if kept is not None:
            return kept
    return strip(before)


def as_bytes(before: bytes | None, text: str) -> bytes:
    """A text with the byte order mark that the file had before, if any."""
    mark = b"\xef\xbb\xbf" if (before or b"").startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode()


# -- writing ----------------------------------------------------------------------------


def carry_out(plan: Plan, journal: Path) -> None:
    """Write what was planned: first the backup and the journal, then the settings.

    Raises:
        SettingsError: the file was changed meanwhile, or cannot be written.
    """
    real = plan.path.resolve()
    if contents(real) != plan.before:
        raise SettingsError(f"{plan.path}: changed meanwhile. Nothing was written: run this again.")
    try:
        _note(plan, real, journal)
        if plan.after is None:
            real.unlink(missing_ok=True)
            if real.parent.name == _OWN_FOLDER:
                with contextlib.suppress(OSError):  # somebody else's file is in it
                    real.parent.rmdir()
        else:
            real.parent.mkdir(parents=True, exist_ok=True)
            replace_file(real, plan.after)
    except OSError as error:
        raise SettingsError(
            f"{error.filename or real}: {error.strerror}. The settings are as they were."
        ) from None


def _note(plan: Plan, real: Path, journal: Path) -> None:
    folder = journal / "setup"
    journal.mkdir(mode=0o700, parents=True, exist_ok=True)  # `parents` would be open to all
    folder.mkdir(mode=0o700, exist_ok=True)
    entries = _entries(journal)
    backup = f"{_digest(os.fsencode(real))[:16]}.json"
    if plan.after == plan.base:
        entries.pop(str(real), None)
    else:
        entries[str(real)] = {
            "written": _digest(plan.after or b""),
            "backup": backup if plan.base is not None else "",
            "at": round(time.time()),
        }
        if plan.base is not None:
            replace_file(folder / backup, plan.base, mode=0o600)
    replace_file(
        folder / "journal.json", json.dumps({"files": entries}, indent=1).encode(), mode=0o600
    )


def _entries(journal: Path) -> dict[str, Any]:
    try:
        found = json.loads((journal / "setup" / "journal.json").read_bytes())["files"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return (
        {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}
    )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def replace_file(path: Path, raw: bytes, *, mode: int | None = None) -> None:
    """Replace a file as a whole, keeping its permissions."""
    if mode is None:
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
