"""What is said at the first prompt of a Claude Code session: which model fits it, if that is clear.

Turned on by `claude_code.suggest_model`. The prompt is looked at by local rules (`advice.tasks`)
and not kept: what is remembered of a session is the model that it began on. It is said once, it
stops nothing, and where the rules are not sure, or a price is not known, nothing is said.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.advice.tasks import ModelClass, Task, classify
from switchtax.catalog.drift import tier
from switchtax.catalog.names import normalise
from switchtax.decide import Why, decide
from switchtax.estimates.money import Money
from switchtax.hooks.remembering import shorten
from switchtax.records import Unknown
from switchtax.sessions.fold import Session, same_model
from switchtax.wording.first_prompt import first_prompt_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.catalog.book import PriceBook
    from switchtax.decide import Candidate

__all__ = ["Begun", "World", "respond"]

_AGENT = "claude-code"
_FRESH = ("startup", "clear")
"""How a session begins that has no history; a resumed or forked one is weighed as it is."""
_PERSON = (None, "", "user")
_USUAL = ("opus", "sonnet", "haiku")
"""The families that everybody has; the newest of each is a candidate."""
_REMEMBERED = 500
_WORTH_USD_MICROS = 250_000
"""Over the horizon; to a cheaper model, less than this is not worth a word."""


@dataclass(slots=True)
class Begun:
    """Sessions that have begun and not been prompted, with the model that was named then."""

    models: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def add(self, session: str, model: str) -> None:
        """A session has begun; `model` is "" where the hook did not name it."""
        self.models[session] = model
        shorten(self.models, _REMEMBERED)


@dataclass(frozen=True, slots=True)
class World:
    """What an answer rests on besides the hook's input.

    `shown_model` gives the model that a session's status line names, "" if that is not known;
    `at` is UTC epoch seconds.
    """

    book: PriceBook
    at: float
    turns: int
    shown_model: Callable[[str], str]


def respond(
    event: str, hook_input: Mapping[str, Any], begun: Begun, world: World
) -> dict[str, Any]:
    """The JSON that a hook of Claude Code prints; `{}`, no opinion, nearly always.

    Args:
        event: the hook's event.
        hook_input: what Claude Code wrote to its standard input.
        begun: what is remembered of sessions; the caller keeps it.
        world: prices, time, horizon and the status line.
    """
    session = hook_input.get("session_id")
    if not isinstance(session, str) or "cursor_version" in hook_input:
        return {}
    if event == "SessionStart":
        if hook_input.get("source") in _FRESH:
            begun.add(session, str(hook_input.get("model") or ""))
        return {}
    text = hook_input.get("prompt")
    if event != "UserPromptSubmit" or session not in begun.models or not isinstance(text, str):
        return {}
    if hook_input.get("source") not in _PERSON or text.lstrip().startswith("/"):
        return {}  # a command of the agent, or a turn that it made by itself
    named = begun.models.pop(session)
    model = world.shown_model(session) or named
    lines = _lines(classify(text), model, world) if model else []
    return {"systemMessage": "\n".join(lines)} if lines else {}


def _lines(task: Task, model: str, world: World) -> list[str]:
    """Two lines, or none."""
    if not task.is_clear or task.wants is None:
        return []
    own = normalise(model).name
    models = list(dict.fromkeys((own, *_newest(world.book))))
    new = Session(_AGENT, "new", rules_for=world.book.rules)
    found = decide(new, models, world.at, world.book, turns=world.turns, task=task)
    by_name = {each.model: each for each in found.candidates}
    if found.why is not Why.TASK or isinstance(found.recommended, Unknown):
        return []
    chosen, now = by_name[found.recommended], by_name[own]
    if same_model(chosen.model, own) or not _is_clear(task.wants, chosen, now):
        return []
    return first_prompt_words(task, chosen, now, world.turns)


def _newest(book: PriceBook) -> list[str]:
    found = (book.resolve_target(family, "anthropic") for family in _USUAL)
    return [each.name.name for each in found if not isinstance(each, Unknown)]


def _is_clear(wants: ModelClass, chosen: Candidate, now: Candidate) -> bool:
    """Whether the class that fits is another one than that of the session's model."""
    if not isinstance(chosen.expected, Money) or not isinstance(now.expected, Money):
        return False
    saved = now.expected.mid - chosen.expected.mid
    if wants is ModelClass.LARGE:
        return saved < 0 and tier(chosen.model) != tier(now.model)
    if wants is ModelClass.ROOMY:
        windows = chosen.window_tokens, now.window_tokens
        return all(isinstance(each, int) for each in windows) and windows[0] >= 2 * windows[1]  # type: ignore[operator]
    return tier(chosen.model) != tier(now.model) and saved >= _WORTH_USD_MICROS
