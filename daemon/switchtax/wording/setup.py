"""What `switchtax setup` says of agents that it has nothing to set up for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AT_THE_PICK",
    "CURSOR_AFTERWARDS",
    "HOOKS_OFF",
    "STRANGE_LINE",
    "cursor_blind",
    "cursor_footer",
    "cursor_refuses",
    "files_alone",
    "no_hooks",
    "read_only",
    "recordings_stay",
]

_READ_ONLY = {
    "cline": "Its CLI, and its extension from 4.0, name the model only in the answer: there you "
    "have the meter, and what a switch did cost. Tasks of the extension up to 3.x name it "
    "before each request: a switch is told then, by editors or on the desktop.",
    "vscode-copilot": "They are the log that Copilot Chat keeps for debugging: turn on "
    "github.copilot.chat.agentDebugLog.fileLogging.enabled in VS Code. That log holds your "
    "prompts; no text of it is kept here. VS Code itself warns beside its models; here you have "
    "the meter, and what a switch did cost.",
    "roo-code": "It names the model just before each request, and at a pick the profile, whose "
    "model is known where it ran here before: a switch is told then, by editors or on the "
    "desktop.",
}
"""What is had without hooks, by agent."""


def read_only(agent: str) -> str:
    """An agent of ours that is read by its files alone.

    >>> read_only("roo-code").partition(":")[0]
    'roo-code has nothing to set up'
    """
    return (
        f"{agent} has nothing to set up: switchtax reads its files, and puts no hooks into it. "
        f"{_READ_ONLY[agent]}"
    )


def files_alone(agents: Sequence[str]) -> str:
    """Agents that were found and take no hooks of ours.

    >>> files_alone(["cline", "roo-code"])
    'Read by their files alone, nothing to set up: cline, roo-code.'
    """
    which = "its files" if len(agents) == 1 else "their files"
    return f"Read by {which} alone, nothing to set up: {', '.join(agents)}."


HOOKS_OFF = '"disableAllHooks" is true here: no hook will run'
STRANGE_LINE = "the status line is of a kind not known here: left as it is"

AT_THE_PICK = (
    "At the pick itself an editor tells you (by `switchtax lsp` or a plugin of ours),\n"
    "or the desktop, with `notifications.desktop` turned on."
)
"""For agents whose hooks have a say only once the prompt is sent."""

CURSOR_AFTERWARDS = (
    "Cursor takes it up by itself. From the next prompt on, what its hooks tell of\n"
    "models and tokens is kept, in a folder of ours: no prompt, no code, no address."
)


def cursor_footer() -> str:
    """What gives way to the status line, and how it does not.

    >>> len(f"Note: {cursor_footer()}.")
    76
    """
    return "it takes the place of the CLI's footer: `--no-status-line` keeps that"


def cursor_blind() -> str:
    """What is missing without the status line.

    >>> len(f"Note: {cursor_blind()}.")
    79
    """
    return "without a status line the CLI tells no context, so no switch has a price"


def cursor_refuses(file: str, reason: str) -> str:
    """A file of hooks that it would take for none at all.

    >>> cursor_refuses("hooks.json", '"hooks" is not an object')
    'Cursor will read none of hooks.json: "hooks" is not an object'
    """
    return f"Cursor will read none of {file}: {reason}"


def recordings_stay(folder: str) -> str:
    """What was kept of Cursor's sessions is the user's, as the ledger is."""
    return f"what was kept of its sessions stays in {folder}: delete it if you like"


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
