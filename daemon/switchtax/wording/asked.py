"""The words of a question: what may be chosen, and what was."""

from __future__ import annotations

from switchtax.catalog.names import display_name

__all__ = ["KEPT_AS_CHOSEN", "keep_words"]

KEPT_AS_CHOSEN = "The model was kept, as you chose."


def keep_words(model: str) -> str:
    """The choice that keeps a model.

    >>> keep_words("claude-opus-5-5")
    'Keep Opus 5.5'
    """
    return f"Keep {display_name(model)[:24] or 'this model'}"
