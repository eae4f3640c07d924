"""The settings of a running daemon: read again whenever the file has changed."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from switchtax.agents import agent_ids
from switchtax.config import Config, config_file, load

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings"]

_LOG = logging.getLogger(__name__)


class Settings:
    """The configuration in force.

    Args:
        env: where the file and its overrides are named; None means the defaults, for ever.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        """Read it once."""
        self._env = env
        self._stamp: tuple[int, int, int] | None = None
        self.config = Config()
        if env is not None:
            self._stamp = _stamp(env)
            self._load(env)

    def look(self) -> bool:
        """Read the file again if it was written to; whether it was."""
        if self._env is None:
            return False
        stamp = _stamp(self._env)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self._load(self._env)
        return True

    def is_off(self, agent: str) -> bool:
        """Whether the user wants nothing of this agent."""
        return agent in self.config.agents.off

    def _load(self, env: Mapping[str, str]) -> None:
        self.config = load(env, agents=agent_ids())
        for problem in self.config.problems:
            _LOG.warning("%s", problem.text)


def _stamp(env: Mapping[str, str]) -> tuple[int, int, int] | None:
    try:
        found = os.stat(config_file(env))  # noqa: PTH116 - at every tick
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
