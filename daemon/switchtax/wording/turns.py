"""What is said of agents that tell the sum of a turn, and not how large the context is."""

from __future__ import annotations

__all__ = ["UNMEASURED", "set_off_words"]

UNMEASURED = (
    "nothing has told how large the context is since its last turn, so what a switch would "
    "re-read is not known."
)


def set_off_words(agent: str) -> str:
    """What amounts mean where a plan includes some at API prices.

    >>> set_off_words("cursor")
    'Amounts are at API prices: Cursor sets them off against what the plan includes.'
    """
    return (
        f"Amounts are at API prices: {agent.capitalize()} sets them off against what the plan "
        "includes."
    )
