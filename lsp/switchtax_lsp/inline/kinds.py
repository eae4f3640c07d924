"""Which files set models: of what agent, in what language, under which keys, for whom.

**Source:** the agents' own documentation of their settings, and `docs/formats/`; 2026-11-21.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Effect", "Kind", "Language", "kind_of"]


class Language(StrEnum):
    """How a file is read."""

    JSON = "json"
    TOML = "toml"
    YAML = "yaml"
    FRONT_MATTER = "front matter"


class Effect(StrEnum):
    """What a model's name in a file does to sessions that live."""

    SESSION = "session"
    """The main chain takes it up: now, at a resume, or at a command."""
    BESIDE = "beside"
    """Sub-agents and helpers with contexts of their own: no cache is lost."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    `keys` are patterns over a key's path, joined by dots, each with its effect.
    """

    agent: str
    language: Language
    pattern: re.Pattern[str]
    keys: tuple[tuple[re.Pattern[str], Effect], ...]
    levels: int
    """How many folders above the file its project lies; sessions there are meant."""

    def effect_of(self, key: str) -> Effect | None:
        """What the value under a key sets, if a model."""
        return next((effect for pattern, effect in self.keys if pattern.fullmatch(key)), None)

    def root(self, path: str) -> str:
        """The project of a file of this kind."""
        for _ in range(self.levels):
            path = os.path.dirname(path)  # noqa: PTH120 - pure text
        return path


def _kind(
    agent: str, language: Language, pattern: str, levels: int, *keys: tuple[str, Effect]
) -> Kind:
    compiled = tuple((re.compile(key), effect) for key, effect in keys)
    return Kind(agent, language, re.compile(pattern), compiled, levels)


_ANY = r"(?:.*/)?"
_KINDS = (
    _kind(
        "claude-code", Language.JSON, _ANY + r"\.claude/settings(\.local)?\.json", 2,
        (r"model|env\.ANTHROPIC_MODEL", Effect.SESSION),
        (r"env\.(ANTHROPIC_(SMALL_FAST|DEFAULT_\w+)_MODEL|CLAUDE_CODE_SUBAGENT_MODEL)",
         Effect.BESIDE),
    ),
    _kind(
        "claude-code", Language.FRONT_MATTER, _ANY + r"\.claude/agents/.*\.md", 3,
        (r"model", Effect.BESIDE),
    ),
    _kind(
        "claude-code", Language.FRONT_MATTER, _ANY + r"\.claude/(commands|skills)/.*\.md", 3,
        (r"model", Effect.SESSION),
    ),
    _kind(
        "claude-code", Language.FRONT_MATTER, _ANY + r"(CLAUDE(\.local)?|AGENTS|GEMINI)\.md", 1,
        (r"model", Effect.SESSION),
    ),
    _kind(
        "codex", Language.TOML, _ANY + r"\.codex/config\.toml", 2,
        (r"model|profiles\.[^.]+\.model", Effect.SESSION),
        (r"review_model", Effect.BESIDE),
    ),
    _kind(
        "opencode", Language.JSON, _ANY + r"opencode\.jsonc?", 1,
        (r"model|agent\.(build|plan)\.model|mode\.[^.]+\.model", Effect.SESSION),
        (r"small_model|agent\.[^.]+\.model|command\.[^.]+\.model", Effect.BESIDE),
    ),
    _kind(
        "gemini-cli", Language.JSON, _ANY + r"\.gemini/settings\.json", 2,
        (r"model(\.name)?", Effect.SESSION),
    ),
    _kind(
        "copilot-cli", Language.JSON,
        _ANY + r"(\.copilot/(settings|config)|\.github/copilot/settings(\.local)?)\.json", 2,
        (r"model", Effect.SESSION),
    ),
    _kind(
        "aider", Language.YAML, _ANY + r"\.aider\.conf\.ya?ml", 1,
        (r"model", Effect.SESSION),
        (r"(weak|editor)-model", Effect.BESIDE),
    ),
)  # fmt: skip


def kind_of(path: str) -> Kind | None:
    """The kind of file at a path, by its name and folders; None if it sets no models."""
    plain = path.replace(os.sep, "/")
    return next((kind for kind in _KINDS if kind.pattern.fullmatch(plain)), None)
