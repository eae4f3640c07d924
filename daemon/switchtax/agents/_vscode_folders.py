"""Where VS Code and its relatives keep what extensions store: one folder for each host.

On the desktop it is the user data folder of each product, on a remote machine that of its
server. Portable installations and `VSCODE_APPDATA` move it; what `--user-data-dir` names is seen
nowhere, and is looked for where `SWITCHTAX_EDITOR_DATA` says.

Source: VS Code's own rule for its user data path (`VSCODE_PORTABLE`, `VSCODE_APPDATA`, then
the system's folder of settings), code-server's documentation; read 2026-11-21.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["extension_storage", "product_folders", "settings_files", "user_folders"]

_NAMED = "SWITCHTAX_EDITOR_DATA"
"""Folders that editors are started with (`--user-data-dir`), separated as those in PATH are."""

_PRODUCTS = (
    "Code",
    "Code - Insiders",
    "Code - OSS",
    "VSCodium",
    "VSCodium - Insiders",
    "Cursor",
    "Windsurf",
)
_SERVERS = (
    ".vscode-server",
    ".vscode-server-insiders",
    ".vscode-remote",
    ".vscodium-server",
    ".openvscode-server",
    ".cursor-server",
    ".windsurf-server",
)
_FLATPAKS = (
    ("com.visualstudio.code", "Code"),
    ("com.vscodium.codium", "VSCodium"),
)


def user_folders(env: Mapping[str, str], home: Path, platform: str) -> Iterator[Path]:
    """The folder `User` of every host; they need not exist.

    Args:
        env: `SWITCHTAX_EDITOR_DATA` names folders of user data, `VSCODE_PORTABLE` the one
            portable installation; `VSCODE_APPDATA` goes before the system's own folder of
            settings.
        home: the user's home.
        platform: `sys.platform`.
    """
    yield from _named(env, platform)
    settings = _settings(env, home, platform)
    for product in _PRODUCTS:
        yield settings / product / "User"
    if platform != "win32":
        data = env.get("XDG_DATA_HOME", "").strip()
        yield (Path(data) if data else home / ".local" / "share") / "code-server" / "User"
    for server in _SERVERS:
        yield home / server / "data" / "User"
    if platform == "linux":
        for app, product in _FLATPAKS:
            yield home / ".var" / "app" / app / "config" / product / "User"


def product_folders(env: Mapping[str, str], home: Path, platform: str, product: str) -> list[Path]:
    """The folder `User` of one product on this desktop; they need not exist.

    Args:
        env: as for `user_folders`.
        home: the user's home.
        platform: `sys.platform`.
        product: as its folder of settings is called, "Cursor" for example.
    """
    return [*_named(env, platform), _settings(env, home, platform) / product / "User"]


def _named(env: Mapping[str, str], platform: str) -> Iterator[Path]:
    """The folders `User` that the environment names, whosever they are."""
    for each in env.get(_NAMED, "").split(";" if platform == "win32" else ":"):
        if each.strip():
            yield Path(each.strip()) / "User"
    portable = env.get("VSCODE_PORTABLE", "").strip()
    if portable:
        yield Path(portable) / "user-data" / "User"


def _settings(env: Mapping[str, str], home: Path, platform: str) -> Path:
    named = env.get("VSCODE_APPDATA", "").strip()
    if not named and platform == "win32":
        named = env.get("APPDATA", "").strip()
    if not named and platform not in ("win32", "darwin"):
        named = env.get("XDG_CONFIG_HOME", "").strip()
    if named:
        return Path(named)
    if platform == "win32":
        return home / "AppData" / "Roaming"
    if platform == "darwin":
        return home / "Library" / "Application Support"
    return home / ".config"


def extension_storage(
    env: Mapping[str, str], home: Path, platform: str, extension: str
) -> list[Path]:
    """An extension's own storage in each host; the folders need not exist.

    Args:
        env: as for `user_folders`.
        home: the user's home.
        platform: `sys.platform`.
        extension: its identifier in lower case, `publisher.name`.
    """
    return [user / "globalStorage" / extension for user in user_folders(env, home, platform)]


def settings_files(user: Path) -> Iterator[Path]:
    """The settings that one host's user, its profiles and its machine have; they need not exist.

    Args:
        user: the host's folder `User`.
    """
    yield user / "settings.json"
    yield user.parent / "Machine" / "settings.json"
    try:
        profiles = sorted(os.listdir(user / "profiles"))  # noqa: PTH208 - a scan notes it
    except OSError:
        return
    for profile in profiles:
        yield user / "profiles" / profile / "settings.json"
