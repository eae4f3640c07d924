"""pi's `models.json`: which models of one's own are sent an effort, and no budget for thinking.

Source: pi 1.5.2, its own reading of the file (comments are allowed; what a model's `compat` says
goes before its provider's) and docs/models-configuration.md, 2026-11-22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from switchtax.agents._commented_json import plain
from switchtax.agents._whole import slurp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["sent_an_effort"]


class _Compat(Struct):
    forceAdaptiveThinking: bool | None = None  # noqa: N815


class _Model(Struct):
    id: str = ""
    compat: _Compat | None = None


class _Provider(Struct):
    compat: _Compat | None = None
    models: list[_Model] = []
    modelOverrides: dict[str, _Model] = {}  # noqa: N815


class _Models(Struct):
    providers: dict[str, _Provider] = {}


_MODELS = msgspec.json.Decoder(_Models)


def sent_an_effort(session: Path) -> tuple[str, ...]:
    """Those of the user whose session this is, each as `provider/model`; none where none is told.

    Args:
        session: the session's file, in `<agent folder>/sessions/<folder>/`. Where sessions are
            kept elsewhere, the agent's folder is not known.
    """
    if session.parent.parent.name != "sessions":
        return ()
    text = plain(slurp(str(session.parents[2] / "models.json")))
    try:
        providers = _MODELS.decode(text or b"{}").providers
    except (msgspec.DecodeError, RecursionError):
        return ()
    return tuple(f"{name}/{model}" for name, each in providers.items() for model in _forced(each))


def _forced(provider: _Provider) -> list[str]:
    """A model's own word goes before its provider's, and an override before both."""
    said = {each.id: (provider.compat, each.compat) for each in provider.models}
    for name, each in provider.modelOverrides.items():
        said[name] = (*said.get(name, (provider.compat,)), each.compat)
    return [name for name, words in said.items() if _last(words)]


def _last(words: Iterable[_Compat | None]) -> bool:
    said = [word.forceAdaptiveThinking for word in words if word is not None]
    return next((each for each in reversed(said) if each is not None), False)
