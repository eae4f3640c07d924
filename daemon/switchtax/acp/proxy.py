"""The proxy: two streams, passed on as they are; a switch that costs is held and asked about.

One thread reads the client, one the agent, and one waits for each held switch. Messages of a
session never overtake a held one, but for those that cancel. Whatever goes wrong: pass on.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from switchtax import wording
from switchtax.acp import messages
from switchtax.acp.known import Known
from switchtax.acp.lines import Lines
from switchtax.acp.messages import Head, head_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.acp.known import Chosen, Session

__all__ = ["Judge", "Judgement", "Proxy"]

_CHUNK = 65_536
_CLIENT_SAYS = (
    b'"initialize"', b"set_config_option", b"set_model", b"session/prompt", b"session\\/prompt",
    b"session/new", b"session/load", b"session/resume", b"session\\/new", b"session\\/load",
    b"session\\/resume",
)  # fmt: skip
_AGENT_SAYS = (b"config_option_update", b"usage_update")
_OURS = "switchtax-"
_OVERTAKES = ("session/cancel", "$/cancel_request")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a switch, and whether that is worth a question."""

    lines: list[str]
    is_material: bool
    keep: str = "Keep this model"


class Judge(Protocol):
    """Knows what a switch costs; None where it has nothing to say, or not in time."""

    def __call__(self, session: Session, chosen: Chosen) -> Judgement | None:
        """What to say of this switch."""
        ...


@dataclass(slots=True)
class _Held:
    """A switch on hold, and what the client has said in that session since."""

    chosen: Chosen
    line: bytes
    question: str
    behind: deque[tuple[Head, bytes]] = field(default_factory=deque)
    told: threading.Event = field(default_factory=threading.Event)
    choice: str = ""
    thread: threading.Thread | None = None


class Proxy:
    """Between one client and one agent.

    Args:
        judge: what a switch costs.
        to_agent: writes bytes to the agent.
        to_client: writes bytes to the client.
        hold_s: seconds that a person has for an answer; 0: only tell, never hold.
    """

    def __init__(
        self,
        judge: Judge,
        to_agent: Callable[[bytes], None],
        to_client: Callable[[bytes], None],
        *,
        hold_s: float = 60.0,
    ) -> None:
        """Nothing has passed yet."""
        self.known = Known()
        self._judge, self._hold_s = judge, hold_s
        self._agent_out, self._client_out = to_agent, to_client
        self._writing, self._learning = threading.Lock(), threading.Lock()
        self._turn = threading.RLock()
        """Held by whoever writes to the agent: the order there is the client's."""
        self._held: dict[str, _Held] = {}
        self._asked = 0

    # -- streams ----------------------------------------------------------------------

    def pump_client(self, read: Callable[[int], bytes]) -> None:
        """Pass on what the client says until it has said all."""
        lines = Lines()
        while data := read(_CHUNK):
            self._take_from_client(lines.feed(data))
        self._release()
        self._to_agent(lines.rest())

    def pump_agent(self, read: Callable[[int], bytes]) -> None:
        """Pass on what the agent says until it has said all."""
        lines = Lines()
        while data := read(_CHUNK):
            whole = lines.feed(data)
            for line in whole:
                self._hear_agent(line)
            self._to_client(b"".join(whole))
        self._to_client(lines.rest())

    def _to_agent(self, data: bytes) -> None:
        if data:
            with self._turn:
                self._agent_out(data)

    def _to_client(self, data: bytes) -> None:
        if data:
            with self._writing:
                self._client_out(data)

    # -- the agent's side --------------------------------------------------------------

    def _hear_agent(self, line: bytes) -> None:
        answers = self.known.awaits and (b'"result"' in line or b'"error"' in line)
        if answers or any(word in line for word in _AGENT_SAYS):
            head = head_of(line)
            if head is not None:
                with self._learning:
                    self.known.from_agent(head)

    # -- the client's side -------------------------------------------------------------

    def _take_from_client(self, lines: list[bytes]) -> None:
        """Pass lines on, several at once; a held one and those behind it are kept back."""
        with self._turn:  # whoever lets a held line go waits until those before it are written
            self._to_agent(b"".join([line for line in lines if self._goes_on(line)]))

    def _goes_on(self, line: bytes) -> bool:
        ours = bool(self._asked) and _OURS.encode() in line
        if not (ours or self._held or any(word in line for word in _CLIENT_SAYS)):
            return True
        head = head_of(line)
        if head is None:
            return True
        if head.is_answer and isinstance(head.id, str) and head.id.startswith(_OURS):
            self._answered(head)
            return False
        held = self._held.get(_session_of(head))
        if held is not None and head.method not in _OVERTAKES:
            held.behind.append((head, line))
            return False
        return not self._hold(head, line)

    def _answered(self, head: Head) -> None:
        for held in self._held.values():
            if held.question == head.id:
                held.choice = messages.told_choice(head)
                held.told.set()

    def _hold(self, head: Head, line: bytes) -> bool:
        """Hold a message if it switches the model of a session that has begun."""
        with self._learning:
            chosen = self.known.from_client(head)
            if chosen is None:
                return False
            session = self.known.sessions[chosen.session_id]
        if chosen.value == session.model or not (session.prompts or session.used_tokens):
            return False
        if session.running or self._hold_s <= 0 or chosen.request_id is None:
            if self.known.can_notice:
                threading.Thread(target=self._tell, args=(chosen, session), daemon=True).start()
            return False
        held = _Held(chosen, line, f"{_OURS}{os.getpid()}-{self._asked}")
        self._asked += 1
        self._held[chosen.session_id] = held
        held.thread = threading.Thread(target=self._decide, args=(held, session), daemon=True)
        held.thread.start()
        return True

    # -- a held switch -----------------------------------------------------------------

    def _decide(self, held: _Held, session: Session) -> None:
        keep = False
        try:
            keep = self._ask(held, session)
            if keep:
                self._keep(held.chosen, session)
        finally:
            with self._turn:
                if not keep:
                    self._to_agent(held.line)
                self._let_through(held)

    def _ask(self, held: _Held, session: Session) -> bool:
        """Whether the person said no; nothing to say, no answer, no way to ask: False."""
        chosen = held.chosen
        found = self._judge(session, chosen)
        if found is None or not found.is_material:
            return False
        ask = messages.elicitation if self.known.can_elicit else messages.permission
        self._to_client(ask(held.question, chosen.session_id, found.lines, found.keep))
        if not held.told.wait(self._hold_s):
            self._to_client(messages.cancel(held.question))
        return held.choice == "keep"

    def _tell(self, chosen: Chosen, session: Session) -> None:
        """Say what a switch costs that is not held."""
        found = self._judge(session, chosen)
        if found is not None and found.is_material:
            self._to_client(messages.notice(chosen.session_id, found.lines))

    def _keep(self, chosen: Chosen, session: Session) -> None:
        with self._learning:
            self.known.taken_back(chosen.request_id)
            options = session.options
        if chosen.legacy or not options:  # an answer without options would say that it switched
            self._to_client(messages.refusal(chosen.request_id, wording.KEPT_AS_CHOSEN))
            return
        self._to_client(messages.answer(chosen.request_id, {"configOptions": options}))
        self._to_client(messages.config_update(chosen.session_id, options))

    def _let_through(self, held: _Held) -> None:
        """What waited behind a switch goes on, up to the next one that is held."""
        session_id = held.chosen.session_id
        del self._held[session_id]
        while held.behind:
            head, line = held.behind.popleft()
            if self._hold(head, line):
                self._held[session_id].behind = held.behind
                return
            self._to_agent(line)

    def _release(self) -> None:
        """The client has gone: what is held goes on, in its order."""
        while True:
            with self._turn:
                waiting = list(self._held.values())
            if not waiting:
                return
            for held in waiting:
                held.told.set()
                if held.thread is not None:
                    held.thread.join()


def _session_of(head: Head) -> str:
    session_id: Any = head.told().session_id
    return session_id if isinstance(session_id, str) else ""
