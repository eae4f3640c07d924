"""Where VS Code and its relatives keep what extensions store: one folder for each host.

On the desktop it is the user data folder of each product, on a remote machine that of its
server. Portable installations and `VSCODE_APPDATA` move it, `--user-data-dir` is not seen here.

Source: VS Code's own rule for its user data path (`VSCODE_PORTABLE`, `VSCODE_APPDATA`, then
the system's folder of settings), code-server's documentation; read 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["extension_storage", "product_folders", "user_folders"]

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
        env: `VSCODE_PORTABLE` names the one portable installation, `VSCODE_APPDATA` goes
            before the system's own folder of settings.
        home: the user's home.
        platform: `sys.platform`.
    """
    portable = env.get("VSCODE_PORTABLE", "").strip()
    if portable:
        yield Path(portable) / "user-data" / "User"
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
    portable = env.get("VSCODE_PORTABLE", "").strip()
    own = _settings(env, home, platform) / product / "User"
    return [Path(portable) / "user-data" / "User", own] if portable else [own]


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
