"""Cursor's names of models: effort, thinking and fast mode stand at their end.

    claude-opus-5.5-thinking-high   claude-4.6-opus-high-thinking   gpt-5.6-sol-high-fast

Only endings that are known to be settings are taken off. What is left is the maker's name, in
one of two orders for Claude; Composer and Grok keep `-fast`, which Cursor sells at a price of
its own. `default` is Auto: Cursor chooses, and does not say what.

Source: hook inputs of cursor-agent 2026.06 to 2026.09 in public captures; Cursor's list of models
as public pages quote it, read 2026-11-22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from switchtax.agents.cursor_recording import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Model", "is_same", "model_in", "model_of"]

_AUTO = "default"
_AUTO_NAMES = ("auto", _AUTO)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SETTINGS = frozenset((*_EFFORTS, "thinking", "fast"))
_WITH_SETTINGS = ("claude-", "gpt-", "composer-", "grok-")
_OWN_FAST = ("composer-", "grok-")
"""What is sold in a fast mode under a name of its own."""
_OF_A_NAME = re.compile(r"^gpt-[\d.]+-codex-max$")
"""Here an effort's word is part of the name."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model without its settings; "" where none is named."""

    name: str = ""
    effort: str | None = None
    fast: bool = False


def model_of(spelled: str, params: Mapping[str, str] | None = None, model_id: str = "") -> Model:
    """The model that a hook names.

    Args:
        spelled: its `model`.
        params: its `model_params`; they go before what the name says.
        model_id: its `model_id`, which has no settings in it where it is told.

    >>> model_of("gpt-5.6-sol-high-fast")
    Model(name='gpt-5.6-sol', effort='high', fast=True)
    >>> model_of("claude-4.5-sonnet-thinking"), model_of("composer-2.5-fast").name
    (Model(name='claude-4.5-sonnet', effort=None, fast=False), 'composer-2.5-fast')
    """
    if not spelled or spelled in _AUTO_NAMES:
        return Model(_AUTO if spelled else "")
    bare, said = _stripped(spelled)
    given = params or {}
    effort = given.get("effort") or next((each for each in said if each in _EFFORTS), None)
    fast = given.get("fast", str("fast" in said).lower()) == "true"
    name = _stripped(model_id)[0] if model_id and model_id not in _AUTO_NAMES else bare
    if name.startswith(_OWN_FAST):
        return Model(f"{name}-fast" if fast else name, effort)
    return Model(name, effort, fast)


def model_in(given: Mapping[str, Any]) -> str:
    """The name of the model in a hook's input; "" where none is told, or Cursor chooses."""
    told = line_of("prompt", given, 0.0) or {}
    found = model_of(told.get("model", ""), told.get("params"), told.get("model_id", ""))
    return "" if found.name == _AUTO else found.name


def _stripped(spelled: str) -> tuple[str, list[str]]:
    """A name without the settings at its end, and these, the last first."""
    name, said = spelled, []
    while name.startswith(_WITH_SETTINGS) and not _OF_A_NAME.match(name):
        rest, _, last = name.rpartition("-")
        if last not in _SETTINGS or rest.count("-") < 1:
            break
        name = rest
        said.append(last)
    return name, said


def is_same(one: str, other: str) -> bool:
    """Whether two names without settings are one model: `claude-4.5-sonnet`, `claude-sonnet-4-5`.

    >>> is_same("claude-4.5-sonnet", "claude-sonnet-4-5"), is_same("gpt-5.4", "gpt-4.5")
    (True, False)
    """
    return one == other or _parts(one) == _parts(other)


def _parts(name: str) -> tuple[list[str], list[str]]:
    parts = re.split(r"[-.]", name)
    return sorted(p for p in parts if not p.isdigit()), [p for p in parts if p.isdigit()]
