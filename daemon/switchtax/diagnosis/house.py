"""Our own folders, prices and settings, and the kind of machine this is."""

from __future__ import annotations

import datetime
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.catalog.book import open_book
from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.errors import UnsafePlace
from switchtax.service.places import check_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from switchtax.config import Config
    from switchtax.errors import PriceFileError
    from switchtax.service.places import Places

__all__ = ["look_at_config", "look_at_folders", "look_at_prices", "surroundings"]

_OLD_DAYS = 90
"""Makers change prices a few times a year."""


def look_at_folders(where: Places) -> Iterator[Finding]:
    """Runtime and state: ours alone, and writable."""
    for name, path in (("runtime", where.runtime), ("state", where.state)):
        try:
            check_private(path)
        except FileNotFoundError:
            yield good("folders", "folder-to-come", name=name, path=str(path))
        except OSError as error:
            yield trouble(
                "folders", "folder-shut", name=name, path=str(path), reason=error.strerror
            )
        except UnsafePlace as error:
            yield _unsafe(name, path, str(error))
        else:
            if os.access(path, os.R_OK | os.W_OK | os.X_OK):
                yield good("folders", "folder-private", name=name, path=str(path))
            else:
                yield trouble(
                    "folders", "folder-shut", name=name, path=str(path), reason="Permission denied"
                )


def _unsafe(name: str, path: Path, reason: str) -> Finding:
    found = path.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
        mode = f"{stat.S_IMODE(found.st_mode):o}"
        return trouble("folders", "folder-open", name=name, path=str(path), mode=mode)
    return trouble("folders", "folder-foreign", name=name, path=str(path), reason=reason)


def look_at_prices(env: Mapping[str, str], now: float) -> Iterator[Finding]:
    """The table in force, and files that are broken."""
    broken: list[PriceFileError] = []
    book = open_book(env, on_error=broken.append)
    for error in broken:
        yield trouble("prices", "prices-broken", reason=str(error))
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    age = (today - datetime.date.fromisoformat(book.date)).days
    level = trouble if age > _OLD_DAYS else good
    code = "prices-old" if age > _OLD_DAYS else "prices-fresh"
    yield level("prices", code, date=book.date, age_days=age, table=book.version)


def look_at_config(config: Config) -> Iterator[Finding]:
    """The settings and each mistake in them."""
    for problem in config.problems:
        yield trouble("settings", "config-problem", text=problem.text, path=str(config.path))
    own = sum(origin != "default" for origin in config.origins.values())
    code = "config-own" if config.path.exists() else "config-none"
    yield good("settings", code, path=str(config.path), own=own)


def surroundings(
    env: Mapping[str, str],
    *,
    platform: str = sys.platform,
    kernel: str | None = None,
    exists: Callable[[str], bool] = os.path.exists,
) -> Finding:
    """Where the daemon lives: with the agents' files, which is not always this machine's desk.

    Args:
        env: the environment.
        platform: `sys.platform`.
        kernel: what `/proc/version` says; None reads it.
        exists: whether a file exists.
    """
    if kernel is None:
        kernel = _kernel()
    if env.get("CODESPACES") == "true":
        return note("place", "place-codespace", host=env.get("CODESPACE_NAME", ""))
    contained = exists("/.dockerenv") or exists("/run/.containerenv")
    if env.get("REMOTE_CONTAINERS") or env.get("DEVCONTAINER") or contained:
        return note("place", "place-container")
    if env.get("WSL_DISTRO_NAME") or "microsoft" in kernel.lower():
        return note("place", "place-wsl", distribution=env.get("WSL_DISTRO_NAME", ""))
    if env.get("SSH_CONNECTION") or env.get("SSH_TTY"):
        return note("place", "place-ssh")
    return good("place", "place-here", platform=platform)


def _kernel() -> str:
    try:
        return Path("/proc/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
