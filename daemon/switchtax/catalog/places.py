"""Where price files stand on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.config import config_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refreshed_file", "user_file"]


def user_file(environment: Mapping[str, str] | None = None) -> Path:
    """The user's own prices: SWITCHTAX_PRICES, else `switchtax/prices.toml` in the
    folder for settings (see `config.config_folder`).
    """
    env = os.environ if environment is None else environment
    named = env.get("SWITCHTAX_PRICES")
    if named:
        return Path(named).expanduser()
    return config_folder(env) / "prices.toml"


def refreshed_file(environment: Mapping[str, str] | None = None) -> Path:
    """The table written by `prices --refresh`: `switchtax/prices.json` in the cache folder
    (XDG_CACHE_HOME, else the system's own), since it can be made again.
    """
    env = os.environ if environment is None else environment
    if env.get("XDG_CACHE_HOME"):
        return Path(env["XDG_CACHE_HOME"]) / "switchtax" / "prices.json"
    if sys.platform == "win32":  # pragma: other os
        folder = Path(env.get("LOCALAPPDATA", "~")).expanduser()
        return folder / "switchtax" / "cache" / "prices.json"
    if sys.platform == "darwin":  # pragma: other os
        return Path.home() / "Library" / "Caches" / "switchtax" / "prices.json"
    return Path.home() / ".cache" / "switchtax" / "prices.json"
