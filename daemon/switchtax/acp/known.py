"""What the wire has told so far: what the client can show, and each session's model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.acp.messages import model_option

if TYPE_CHECKING:
    from switchtax.acp.messages import Head

__all__ = ["Chosen", "Known", "Session"]

_OPENING = ("session/new", "session/load", "session/resume")
_CHOOSING = ("session/set_config_option", "session/set_model")
_ANSWERED = (*_OPENING, *_CHOOSING, "session/prompt")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that the client asks for."""

    request_id: Any
    session_id: str
    value: str
    name: str
    legacy: bool
    """Asked by `session/set_model`, whose answer carries no options."""


@dataclass(slots=True)
class Session:
    """One session, as the wire told of it."""

    cwd: str = ""
    options: list[Any] = field(default_factory=list)
    prompts: int = 0
    running: set[Any] = field(default_factory=set)
    """Prompts that are not answered yet, by id."""
    used_tokens: int = 0

    @property
    def model(self) -> str:
        """The value of the model in force; "" where the agent named none."""
        option = model_option(self.options)
        return str(option.get("currentValue") or "") if option else ""

    def name_of(self, value: str) -> str:
        """How the agent calls a value of its model option."""
        option = model_option(self.options) or {}
        stack = list(option.get("options") or ())
        while stack:
            each = stack.pop()
            if isinstance(each, dict):
                if each.get("value") == value:
                    return str(each.get("name") or value)
                stack += each.get("options") or ()
        return value


@dataclass(slots=True)
class Known:
    """All of it."""

    can_elicit: bool = False
    can_notice: bool = False
    sessions: dict[str, Session] = field(default_factory=dict)
    _asked: dict[Any, tuple[str, str, str]] = field(default_factory=dict)
    """Requests of the client whose answers matter: method, session, folder."""

    @property
    def awaits(self) -> bool:
        """Whether the answer to a request matters."""
        return bool(self._asked)

    def from_client(self, head: Head) -> Chosen | None:
        """Learn from a message of the client; a model that it chooses is returned."""
        if not isinstance(head.method, str):
            return None
        told, method = head.told(), head.method
        if method == "initialize":
            self._learn_client(told.client_capabilities)
            return None
        session_id = told.session_id if isinstance(told.session_id, str) else ""
        if method == "session/prompt":
            session = self._session(session_id)
            session.prompts += 1
            if isinstance(head.id, str | int):
                session.running = {*session.running, head.id}
        if method in _ANSWERED and isinstance(head.id, str | int):
            cwd = told.cwd if isinstance(told.cwd, str) else ""
            self._asked[head.id] = (method, session_id, cwd)
        if method in _CHOOSING and session_id:
            return self._choice(head, session_id)
        return None

    def _learn_client(self, capabilities: Any) -> None:
        able = capabilities if isinstance(capabilities, dict) else {}
        elicits, session = able.get("elicitation"), able.get("session")
        self.can_elicit = isinstance(elicits, dict) and elicits.get("form") is not None
        told = session.get("notices") if isinstance(session, dict) else None
        self.can_notice = told is not None and told is not False

    def _choice(self, head: Head, session_id: str) -> Chosen | None:
        told, session = head.told(), self._session(session_id)
        legacy = head.method == "session/set_model"
        value = told.model_id if legacy else told.value
        if not isinstance(value, str) or not value:
            return None
        if not legacy:
            option = model_option(session.options)
            config = (option.get("id") or option.get("configId")) if option else "model"
            if told.config_id != config:
                return None
        return Chosen(head.id, session_id, value, session.name_of(value), legacy)

    def from_agent(self, head: Head) -> None:
        """Learn from a message of the agent."""
        if head.is_answer:
            asked = self._asked.pop(head.id, None) if isinstance(head.id, str | int) else None
            if asked is not None:
                self._answered(head, *asked)
        elif head.method == "session/update":
            told = head.told()
            if isinstance(told.session_id, str) and isinstance(told.update, dict):
                self._updated(self._session(told.session_id), told.update)

    def _answered(self, head: Head, method: str, session_id: str, cwd: str) -> None:
        if method == "session/prompt":
            session = self._session(session_id)
            session.running = session.running - {head.id}
            return
        result = head.outcome()
        named = result.get("sessionId")
        session = self._session(named if isinstance(named, str) else session_id)
        session.cwd = cwd or session.cwd
        if isinstance(result.get("configOptions"), list):
            session.options = result["configOptions"]

    def _updated(self, session: Session, update: dict[str, Any]) -> None:
        kind = update.get("sessionUpdate")
        if kind == "config_option_update" and isinstance(update.get("configOptions"), list):
            session.options = update["configOptions"]
        elif kind == "usage_update" and isinstance(update.get("used"), int):
            session.used_tokens = update["used"]

    def taken_back(self, request_id: Any) -> None:
        """A request was answered by us: no answer of the agent is awaited."""
        self._asked.pop(request_id, None)

    def _session(self, session_id: str) -> Session:
        return self.sessions.setdefault(session_id, Session())
