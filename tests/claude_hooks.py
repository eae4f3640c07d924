"""What Claude Code's hooks hand in, and how they ask, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hook_doors import inputs
from making import BOOK, START, make, talk
from switchtax.estimates.for_session import answer
from switchtax.hooks.claude_code import respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
FABLE = "claude-fable-5-2"

ATTENDED = {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}

NOW = START + 250


def asking(session: Session, at: float = NOW) -> Callable[[str, str, str], Answer | None]:
    """The daemon's part, with one session."""

    def ask(_path: str, _session: str, model: str) -> Answer | None:
        if session.current is None:
            return None
        return answer(session, model or session.model, at, BOOK)

    return ask


def nothing(_path: str, _session: str, _model: str) -> Answer | None:
    """The daemon knows no such session."""
    return None


def switching(**more: object) -> dict[str, Any]:
    """A real input, to Sonnet."""
    found = next(inputs("PreModelSwitch"))
    return {**found, "from_model": OPUS, "to_model": SONNET, **more}


def prompting(**more: object) -> dict[str, Any]:
    """A real input: a person's prompt."""
    return {**next(inputs("UserPromptSubmit")), **more}


WARM = make(*talk(4, first=150_000))


def before(session: Session = WARM, at: float = NOW, **more: Any) -> dict[str, Any]:
    """The answer to /model sonnet in a session."""
    return respond("PreModelSwitch", switching(**more), ATTENDED, asking(session, at))
