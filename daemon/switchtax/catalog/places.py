"""Where price files stand on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refreshed_file", "user_file"]


def user_file(environment: Mapping[str, str] | None = None) -> Path:
    """The user's own prices: SWITCHTAX_PRICES, else `switchtax/prices.toml` in the
    configuration folder (XDG_CONFIG_HOME, else ~/.config).
    """
    env = os.environ if environment is None else environment
    named = env.get("SWITCHTAX_PRICES")
    if named:
        return Path(named).expanduser()
    return Path(env.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "switchtax/prices.toml"


def refreshed_file(environment: Mapping[str, str] | None = None) -> Path:
    """The table written by `prices --refresh`: `switchtax/prices.json` in the data folder
    (XDG_DATA_HOME, else ~/.local/share).
    """
    env = os.environ if environment is None else environment
    return Path(env.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "switchtax/prices.json"
