"""What `switchtax setup` says of agents that it has nothing to set up for."""

from __future__ import annotations

__all__ = ["no_hooks"]


def no_hooks(agent: str, distribution: str) -> str:
    """An agent of a third party: its package reads sessions and brings no hooks.

    >>> no_hooks("notebook-agent", "switchtax-notebook").partition(":")[0]
    'notebook-agent has nothing to set up'
    """
    return (
        f"{agent} has nothing to set up: it is read by {distribution}, a package of others, which "
        "brings no hooks. Its sessions are followed by their files, and a switch is told as soon "
        "as one of them names it."
    )
