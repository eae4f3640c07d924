"""The methods of the wire: what a client may ask, and what it is answered."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from switchtax import __version__
from switchtax.agents import additions
from switchtax.documents import session_document
from switchtax.errors import NoSuchSession, SwitchtaxError
from switchtax.meter import fitted, line, saving
from switchtax.service import cursor_side, models, words
from switchtax.service.announced import Announced
from switchtax.service.claims import claim_of
from switchtax.service.deciding import Deciding
from switchtax.service.desktop import Desktop
from switchtax.service.dialects import DIALECTS, Dialects
from switchtax.service.editors import Editors
from switchtax.service.estimating import MOST_TARGETS, Estimating
from switchtax.service.fired import TEST_EVENT
from switchtax.service.holds import Hold
from switchtax.service.params import Fault, number_of, text_of, texts_of
from switchtax.service.places import world
from switchtax.service.popups import Popups
from switchtax.service.protocol import PROTOCOL, Code
from switchtax.service.snoozes import SCOPES, Snoozes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.service.editors import Editor
    from switchtax.service.hub import Hub
    from switchtax.service.live import Live

__all__ = ["Methods"]

_LOG = logging.getLogger(__name__)
_ELSEWHERE = ("meter/subscribe", "client/focus", "warning/show", "$/progress", "$/cancel")
"""What a connection carries besides: served there, or asked of the client."""
_SETTLED_S = 0.03
"""What a prompt in Cursor waits for the words about its switch at most: it shows none itself."""
_MOST_WEIGHED = 20
"""Sessions of a list whose useful switch is found before it is given."""


class Methods:
    """Answers requests; knows nothing of sockets."""

    def __init__(self, hub: Hub, build: str) -> None:
        """Answers from what the hub holds."""
        self.hub, self.build = hub, build
        self.editors, self.estimating = Editors(), Estimating(hub)
        self.snoozes = Snoozes(hub.keeping.ledger, hub.settings)
        self.popups = Popups(self.editors, self.snoozes, hub.live.clock, self.estimating.of)
        self.deciding = Deciding(hub)
        self.dialects = Dialects(hub, lambda id_: self.snoozes.covers(id_, hub.live.clock()))
        self.cursor = cursor_side.CursorSide(hub)
        self.announced = Announced(hub, self.popups, Desktop())
        hub.on_records = self.announced.news
        hub.on_gone = self.announced.gone
        self._started_at = hub.live.clock()
        self._asked: Answer | None = None
        """What the dialect that is speaking now was told last."""
        self._handlers: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "session/list": self.session_list,
            "session/get": self.session_get,
            "session/brief": self.session_brief,
            "switch/estimate": self.estimating.estimate,
            "decide": self.deciding.decide,
            "switch/will": self.switch_will,
            "switch/words": self.switch_words,
            "model/list": self.model_list,
            "switch/did": self.switch_did,
            "ledger/accuracy": self.ledger_accuracy,
            "ledger/events": self.ledger_events,
            "warning/snooze": self.warning_snooze,
            "doctor/facts": self.doctor_facts,
        }

    def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        """The handshake.

        Raises:
            Fault: the client speaks another protocol.
        """
        if params.get("protocol") != PROTOCOL:
            raise Fault(
                Code.WRONG_PROTOCOL,
                f"this daemon speaks protocol {PROTOCOL}; restart the older of the two",
                protocol=PROTOCOL,
                version=__version__,
                build=self.build,
            )
        return {
            "protocol": PROTOCOL,
            "version": __version__,
            "build": self.build,
            "pid": os.getpid(),
            "world": world(),
            "capabilities": sorted([*self._handlers, *_ELSEWHERE]),
        }

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Carry out one method.

        Raises:
            Fault: it does not exist, or cannot be carried out as asked.
        """
        handler = self._handlers.get(method)
        if handler is None:
            raise Fault(Code.METHOD_NOT_FOUND, f"no method {method!r}")
        try:
            return await handler(params)
        except NoSuchSession as error:
            raise Fault(Code.NO_SUCH_SESSION, str(error)) from error
        except SwitchtaxError as error:
            raise Fault(Code.INVALID_PARAMS, str(error)) from error

    # -- sessions --------------------------------------------------------------------

    async def session_list(self, params: dict[str, Any]) -> dict[str, Any]:
        """Sessions used within the last hour, newest first; those without a meter as lines."""
        now = self.hub.live.clock()
        self.hub.take_up_status_lines()
        rows = []
        for place, live in enumerate(self.hub.live.active(now)):
            if place < _MOST_WEIGHED:  # of the others what is known by now: nobody waits for it
                await self.hub.weigh_one(live)
            if live.is_active(now):  # a turn may have ended meanwhile, and its context be unknown
                rows.append(self._row(live, now))
        book = self.hub.live.book
        lines = [line(live.session, book, now) for live in self.hub.live.unmeasured(now)]
        return {"at": now, "sessions": rows, "unmeasured": lines}

    async def session_get(self, params: dict[str, Any]) -> dict[str, Any]:
        """One session, with its meter."""
        wanted = text_of(params, "session")
        await self.hub.weigh_one(self.hub.live.find(wanted))
        return self._row(self.hub.live.find(wanted), self.hub.live.clock())

    async def session_brief(self, params: dict[str, Any]) -> dict[str, Any]:
        """The document of `switchtax brief --json`, written now and kept nowhere."""
        # Imported when asked for: a daemon that nobody asks never reads what was said.
        from switchtax.brief.document import brief_document
        from switchtax.brief.make import ask_text, draft_of, priced

        live = self.hub.live.find(text_of(params, "session"))
        session, spelled = live.session, params.get("to")
        targets = self.hub.live.targets(session, [text_of(params, "to")] if spelled else [])
        target = targets[0] if targets else session.model
        usual = self.hub.settings.config.brief.budget_tokens
        budget = round(number_of(params, "budget_tokens", usual))
        # In a thread: it reads a whole transcript and asks git. The session itself, which the
        # loop goes on changing, is looked at here only.
        draft = await asyncio.to_thread(draft_of, live.source, session.id, session.cwd, budget)
        made = priced(draft, session, target, self.hub.live.book, self.hub.live.clock())
        return brief_document(made, session, ask_text(budget))

    def _row(self, live: Live, now: float) -> dict[str, Any]:
        session, book = live.session, self.hub.live.book
        useful = self.hub.meters.useful(session.id)
        self.hub.show(live, now)  # whoever watches the meter sees it with whoever asks
        line = self.hub.meters.shown[session.id].line
        return {
            **session_document(session, book, live.beside),
            "cache": self.hub.meters.shown[session.id].cache,
            "cheapest_useful": None
            if useful is None
            else {"model": useful.model, "extra_usd_micros": saving(useful)},
            "line": line,
            "text": fitted(session.id, line.split(" · ")),
        }

    # -- switches --------------------------------------------------------------------

    async def switch_will(self, params: dict[str, Any]) -> dict[str, Any]:
        """What a hook prints; {} is no opinion. A switch that is held waits for an editor."""
        hook_input = params.get("input") or {}
        event = params.get("event") or hook_input.get("hook_event_name", "")
        output = self.opinion(params.get("agent", ""), event, hook_input, params.get("env") or {})
        if isinstance(output, Hold):
            editor = await self.popups.chosen_editor(output)
            output = {} if editor is None else await self.held(editor, output)
        return {"output": output}

    def opinion(
        self, agent: str, event: str, hook_input: dict[str, Any], env: dict[str, Any]
    ) -> dict[str, Any] | Hold:
        """What a hook prints; {} whenever anything is amiss: the agent must never be held up.

        A `Hold` says that an editor should be asked first (see `held`).
        """
        if agent != cursor_side.AGENT or self.hub.settings.is_off(agent):
            return self._opinion(agent, event, hook_input, env)
        output: dict[str, Any] | Hold = {}
        try:
            if event == cursor_side.DRAWN:
                return self.cursor.drawn(hook_input)
            output = self._opinion(agent, event, hook_input, env)
            self.cursor.answered(str(event), hook_input, output)
        except Exception as error:
            _LOG.warning("hook %s of %s: not kept (%s)", event, agent, type(error).__name__)
        return output

    def _opinion(
        self, agent: str, event: str, hook_input: dict[str, Any], env: dict[str, Any]
    ) -> dict[str, Any] | Hold:
        if event == TEST_EVENT:
            return {"pid": os.getpid(), "build": self.build}
        if agent in DIALECTS:
            self.hub.fired.note(agent, str(event), self.hub.live.clock())
        if agent not in DIALECTS or self.hub.settings.is_off(agent):
            return {}
        try:
            self._asked = None
            if event == "SessionStart":
                self.hub.status_lines.started(str(hook_input.get("session_id")))
            ask = self.ask if agent != cursor_side.AGENT else self.cursor.recording.asking(self.ask)
            output = self.dialects.respond(agent, str(event), hook_input, env, ask)
            if self._asked is not None:
                self.hub.foretell(self._asked)
            if isinstance(output, Hold):
                return output
            if not isinstance(output, dict):
                return {}
            if output and self._asked is not None:
                self.hub.keeping.shown(claim_of(self._asked), "hook")
                self.announced.told(self._asked)
            return output
        except Exception as error:
            # The dialect is other people's input put to use: whatever it meets, no opinion.
            _LOG.warning("hook %s of %s: no opinion (%s)", event, agent, type(error).__name__)
            return {}

    async def prepare(self, asked: object) -> None:
        """Before a hook is answered: what has to be looked up first. Never raises."""
        if not isinstance(asked, dict) or asked.get("agent") != cursor_side.AGENT:
            return
        try:
            if not self.hub.settings.is_off(cursor_side.AGENT):
                await self.cursor.prepare(asked.get("event"), asked["input"])
        except Exception as error:
            _LOG.warning("hook of cursor: not prepared (%s)", type(error).__name__)

    async def settle(self, asked: object) -> None:
        """Before a hook has its answer: what it sets going is under way. Never raises."""
        if isinstance(asked, dict) and asked.get("agent") == cursor_side.AGENT:
            given = asked.get("input")
            if asked.get("event") == cursor_side.PROMPT and isinstance(given, dict):
                await self.announced.out(str(given.get("conversation_id")), _SETTLED_S)

    def ask(self, transcript_path: str, session_id: str, to_model: str) -> Answer | None:
        """What a dialect asks before it speaks; no target means the session's own model."""
        live, now = self.hub.live, self.hub.live.clock()
        self._asked = live.answer(transcript_path, session_id, to_model, now)
        found = self._asked
        if found is None or self.snoozes.covers(found.session.id, now):
            return None
        return None if self.announced.is_answered(found) else found

    async def switch_words(self, params: dict[str, Any]) -> dict[str, Any]:
        """The lines of a switch for a proxy or a plugin; the session by its id, else its folder."""
        spelled = [each for each in texts_of(params, "to") if each]
        if not spelled:
            raise Fault(Code.INVALID_PARAMS, "to: a list of names of one model")
        since = number_of(params, "since", self.hub.live.clock())
        cwd, surface = str(params.get("cwd", "")), str(params.get("surface", "wire"))[:20]
        live = words.find(self.hub, text_of(params, "session"), cwd, since)
        return words.words(self.hub, live, spelled[:MOST_TARGETS], surface)

    async def model_list(self, params: dict[str, Any]) -> dict[str, Any]:
        """Models with price and window; for each live session named, what switching it costs."""
        spelled, sessions = texts_of(params, "models"), set(texts_of(params, "sessions"))
        agent, now = str(params.get("agent", "")), self.hub.live.clock()
        lives = [live for live in self.hub.live.active(now) if live.session.id in sessions]
        return {"models": models.rows(self.hub, agent, spelled[:MOST_TARGETS], lives)}

    # -- warnings --------------------------------------------------------------------

    @property
    def hold_s(self) -> float:
        """Seconds that a held switch may wait, at most."""
        return self.hub.settings.config.claude_code.hold_seconds

    async def held(self, editor: Editor, hold: Hold) -> dict[str, Any]:
        """What the hook of a held switch prints, once the editor has answered; never raises."""
        try:
            self.hub.keeping.shown(claim_of(hold.found), "editor")
            self.announced.told(hold.found)
            action = await self.popups.ask(editor, hold, self.hold_s)
            return hold.outputs.get(action, {})
        except Exception as error:
            _LOG.warning("a held switch goes through (%s)", type(error).__name__)
            return {}

    async def warning_snooze(self, params: dict[str, Any]) -> dict[str, Any]:
        """Leave a session alone (`for: session`), everything today (`day`), neither (`off`)."""
        scope = params.get("for", "session")
        if scope not in SCOPES:
            raise Fault(Code.INVALID_PARAMS, f"for: one of {', '.join(SCOPES)}")
        session = "" if scope != "session" and not params.get("session") else self._id(params)
        return {"until": self.snoozes.set(session, scope, self.hub.live.clock())}

    def _id(self, params: dict[str, Any]) -> str:
        return self.hub.live.find(text_of(params, "session")).session.id

    async def switch_did(self, params: dict[str, Any]) -> dict[str, Any]:
        """A switch has happened: the session is looked at again, at once."""
        live = self.hub.live.find(text_of(params, "session"))
        self.hub.show(live, self.hub.live.clock())
        return {}

    async def ledger_accuracy(self, params: dict[str, Any]) -> dict[str, Any]:
        """How the estimates shown last came true."""
        return self.hub.keeping.accuracy(round(number_of(params, "most", 40)))

    async def ledger_events(self, params: dict[str, Any]) -> dict[str, Any]:
        """What happened last, newest first, in all sessions or in one."""
        session = str(params.get("session", ""))
        found = self.hub.keeping.ledger.events(session, round(number_of(params, "most", 100)))
        return {"events": [asdict(event) for event in found]}

    async def doctor_facts(self, params: dict[str, Any]) -> dict[str, Any]:
        """What only the daemon knows of its own health."""
        hub = self.hub
        return {
            "started_at": self._started_at,
            "hooks": [
                {"agent": agent, "event": event, "at": at}
                for (agent, event), at in sorted(hub.fired.at.items())
            ],
            "unwatched": dict(hub.unwatched),
            "ledger_trouble": hub.keeping.ledger.trouble,
            "disk_trouble": hub.disk_trouble,
            "added": additions().told(),
        }

    def status_line(self, hook_input: dict[str, Any]) -> str:
        """The meter of the session that a status line is drawn for; "" where it is not known."""
        try:
            live = self.hub.live.find(
                str(hook_input.get("transcript_path") or hook_input.get("session_id") or "")
            )
            self.hub.show(live, self.hub.live.clock())
            return self.hub.meters.shown[live.session.id].line
        except SwitchtaxError:
            return ""
