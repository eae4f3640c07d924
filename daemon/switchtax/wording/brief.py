"""The words of a brief: its headings, the frame around what was said, its price.

Nothing here says anything of a session that is not handed in: what is quoted comes from the
transcript, and these words only say what kind of thing it is.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from switchtax.records import Unknown
from switchtax.wording.numbers import counted, money_range, tokens

if TYPE_CHECKING:
    from switchtax.estimates.money import Money

__all__ = [
    "ASK",
    "DOES_NOT_FIT",
    "HEADINGS",
    "PRIVATE",
    "REANCHOR",
    "RUN_IT",
    "SECRET",
    "ask_price",
    "began",
    "check",
    "copied",
    "failing",
    "files_left",
    "footer",
    "last_begun",
    "last_said",
    "missing_program",
    "no_closing_words",
    "no_prompt",
    "no_reader",
    "not_a_terminal",
    "not_tested_since",
    "pending",
    "price_lines",
    "repository",
    "said_at",
    "title",
]

HEADINGS = {
    "goal": "Goal, in the user's words",
    "constraints": "Constraints the user stated",
    "files": "Files edited",
    "checks": "Tests, builds and commands",
    "repository": "Repository now",
    "todo": "Open to-dos",
    "decisions": "Decisions",
    "uncertain": "Uncertain",
    "next": "Next step",
    "read": "Files read, not edited",
}
"""Each section's heading, in the order in which they stand."""

DOES_NOT_FIT = "does not fit"
SECRET = "[secret left out]"
RUN_IT = "Start it now? [y/N] "
PRIVATE = "It holds words of the conversation: look it over before you pass it on."

REANCHOR = """\
You take over work that another model began. Before you change anything:
1. Read the files named below again; what you believe of them may be out of date.
2. Say in three lines: the goal, the constraints, what you will do next.
3. Keep what is decided. Do not plan finished work anew; ask where something contradicts."""

ASK = """\
Write a brief for another model that goes on with this work and sees nothing of
this conversation. At most {budget} tokens of Markdown, under these headings:
Goal (in my own words), Constraints I stated, State of the code (files changed,
last test and build results, the last command that failed), Open to-dos,
Decisions with their reasons, Uncertain, Next step. Say only what stands in this
conversation, and mark what you only suppose. Run no command and change no file.
Answer with the brief alone."""


def title(agent: str, folder: str) -> str:
    """The first line: whose session, in which folder."""
    return f"Brief: {agent} session in {folder}" if folder else f"Brief: {agent} session"


def footer(turns: int) -> str:
    """Where the lines come from."""
    last = counted(turns, "turn")
    return (
        f"Taken from the transcript by rules ({last}); no model wrote this. "
        "Look at the files before you rely on it."
    )


def said_at(quote: str, turn: int) -> str:
    """Something said, with its place."""
    return f"{quote} (turn {turn})"


def began(quote: str, turn: int) -> str:
    """An earlier request, which the latest one follows."""
    return f"Before that: {quote} (turn {turn})"


def failing(command: str, turn: int, says: str, *, later: int = 0) -> str:
    """The last command that failed; `later` is the turn in which it succeeded after all."""
    told = f": {says}" if says else ""
    mended = f" (the same command succeeded later, turn {later})" if later else ""
    return f"Last failing command: {command} (turn {turn}){told}{mended}"


def check(command: str, turn: int, ok: bool | None, says: str) -> str:
    """How a test or build ended when it ran last; `ok` None: nothing is claimed."""
    how = {True: " succeeded", False: " failed", None: ""}[ok]
    return f"{command}{how} (turn {turn})" + (f": {says}" if says else "")


def not_tested_since(files: str) -> str:
    """Files edited after the last test or build."""
    return f"Edited after the last test or build: {files}"


def pending(tool: str, about: str, turn: int) -> str:
    """A tool call without a recorded result."""
    return f"No result recorded of {tool}{f' {about}' if about else ''} (turn {turn})"


def no_closing_words(turn: int) -> str:
    """The last prompt has no answer in words in the log."""
    return f"No closing words follow the request of turn {turn}."


def last_said(quote: str, turn: int) -> str:
    """The last words of the last answer, where they announce nothing."""
    return f"Last said: {quote} (turn {turn})"


def last_begun(tool: str, about: str, turn: int) -> str:
    """The last tool use."""
    return f"Last begun: {tool}{f' {about}' if about else ''} (turn {turn})"


def files_left(names: int, folders: int) -> str:
    """Files that the budget has no room for."""
    return f"… {counted(names, 'file')} more in {counted(folders, 'folder')}: raise the budget"


def repository(line: str) -> str:
    """A line that git printed."""
    return f"git: {line}"


def price_lines(
    name: str,
    brief: Money | Unknown,
    brief_tokens: float,
    carry: Money | Unknown,
    carry_tokens: float,
    *,
    staying: bool,
) -> list[str]:
    """What the first request costs with the brief, and what it costs with everything."""
    if isinstance(brief, Unknown) and brief == carry:
        return _wrapped(f"What it costs to go on from it is not known: {brief.reason}.", "")
    whole = "going on here" if staying else "everything carried over"
    return [
        f"First request on {name}, about:",
        *_wrapped(f"new session with this brief: {_first(brief, brief_tokens)}", "  "),
        *_wrapped(f"{whole}: {_first(carry, carry_tokens)}", "  "),
    ]


def _wrapped(line: str, indent: str) -> list[str]:
    return textwrap.wrap(line, 80, initial_indent=indent, subsequent_indent=f"{indent}  ")


def _first(cost: Money | Unknown, count: float) -> str:
    amount = cost.reason if isinstance(cost, Unknown) else money_range(cost)
    if isinstance(cost, Unknown) and not cost.reason.startswith(DOES_NOT_FIT):
        amount = f"cost not known, {cost.reason}"
    return f"{amount} ({tokens(count)} tokens)" if count else amount


def ask_price(name: str, cost: Money | Unknown, *, warm: bool) -> str:
    """What it costs to let the model that is still warm write the brief."""
    if isinstance(cost, Unknown):
        return f"What {name} would take for it is not known: {cost.reason}."
    if warm:
        return f"Written by {name} itself, from its cache: about {money_range(cost)}."
    return f"Written by {name} itself: about {money_range(cost)}; its cache is cold by now."


def copied(by: str) -> str:
    """Whether the text is on the clipboard, and who took it."""
    if not by:
        return "Not copied: no wl-copy, xclip, pbcopy or clip.exe, and no terminal to hand it to."
    sure = " (if it allows that)" if by == "terminal" else ""
    return f"Copied by {by}{sure}."


def not_a_terminal() -> str:
    """Why nothing was started."""
    return "Not started: nobody is at a terminal to say yes. --yes starts it."


def no_prompt() -> str:
    """Nobody has asked for anything yet."""
    return "nothing was asked in this session yet, so there is nothing to brief anyone on."


def no_reader(path: str, agent: str, *, ours: bool = False) -> str:
    """An agent of which numbers are read, not what was said; one of a third party, or of ours."""
    others = "by a package of others, which tells no words of a session"
    how = "for its numbers alone" if ours else others
    return (
        f"{path}: {agent} is read {how}, so there is nothing to write a brief from. "
        "`switchtax estimate` works on it."
    )


def missing_program(program: str) -> str:
    """The agent's command is not there."""
    return f"{program} is not on the PATH. The command above can be run where it is."
