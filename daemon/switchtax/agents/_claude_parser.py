"""Claude Code's lines, one after another, turned into records."""

from __future__ import annotations

import re

import msgspec

from switchtax.agents._claude_content import (
    ContentReader,
    command_of,
    plain_text,
    results_size,
)
from switchtax.agents._claude_requests import Requests
from switchtax.agents._claude_shapes import (
    Answer,
    AnswerMessage,
    Line,
    ProgressData,
    ProgressMessage,
    UsageShape,
)
from switchtax.agents._claude_starts import ends_of, starts_of
from switchtax.agents._claude_usage import provider_of, sent_tokens, usage_of
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Prompt,
    Record,
    RequestStarted,
    Resumed,
    SessionInfo,
    Source,
)

__all__ = ["Parser"]

_LINE = msgspec.json.Decoder(Line)
_ANSWER = msgspec.json.Decoder(Answer)
_PROGRESS_DATA = msgspec.json.Decoder(ProgressData)
_PROGRESS = msgspec.json.Decoder(ProgressMessage | None)
_SKILL = "<command-message>"
"""A command that is a prompt (a skill) begins so; one of the client itself names itself first."""
_SHORT = 4096
"""A switch, a compaction or a command stands on a line shorter than this."""
_HEAD = 900
"""Bytes in which a line names its type."""
_TAIL = 1100
"""Bytes at the end of a line in which the usage of an answer nearly always stands."""
_ROLE, _BY_USER = b'"role":"', b'"role":"user"'
_MESSAGE = b'"message":'
_STDOUT = b"local-command-stdout>"
"""The tag of what a command answered: a switch stands in it."""
_USAGE = b'"output_tokens"'
"""Every usage holds it, and prose that quotes one has its quotes escaped."""
_SHAPE = b'{"type":"api-request-shape"'
_SET_MODEL = re.compile(
    r"Set model to (?:Default \((?!recommended)(?P<default>[^·()]+?)(?: ·[^)]*)?\)|(?P<name>.+?))"
    r"(?: \(default\))?(?: and saved\b.*| for this session.*| · .*|[.,;]? *$)",
    re.S,
)
_SET_EFFORT = re.compile(r"Set effort level to (?P<level>[a-z]+)")
_FAST = re.compile(
    r"(?:\W+ )?Fast mode (?P<state>on|off|enabled|disabled)\b"
    r"(?: · model set to (?P<name>[^·]+))?",
    re.I,
)


class Parser:
    """The state of one transcript between lines."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.session_id = source.session_id
        self.last_id = ""
        self.last_told = -1
        self.known_answer = (b"", b"")
        """How the last answer names itself and its output: its other lines say nothing new."""
        self.last_input_at = 0.0
        self.asked = False
        """The request itself was told: what is logged until its answer did not start it."""
        self.version = ""
        self.known: tuple[str, str, str] = ("", "", "")
        self.forked = False
        self.prompt_id = ""
        self.content = ContentReader(source.session_id)
        self.requests = Requests()

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        return {
            "last_id": self.last_id,
            "last_told": self.last_told,
            "last_input_at": self.last_input_at,
            "asked": self.asked,
            "version": self.version,
            "known": list(self.known),
            "forked": self.forked,
            "prompt_id": self.prompt_id,
            "requests": self.requests.save(),
        }

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.last_id = str(state["last_id"])
        self.last_told = int(str(state["last_told"]))
        self.last_input_at = float(str(state["last_input_at"]))
        self.asked = bool(state["asked"])
        self.version = str(state["version"])
        known = state["known"]
        if isinstance(known, list):
            self.known = (str(known[0]), str(known[1]), str(known[2]))
        self.forked = bool(state["forked"])
        self.prompt_id = str(state["prompt_id"])
        self.requests.load(state["requests"])

    def wants(self, line: bytes) -> bool:
        """Lines with usage, and short ones that announce a switch or a compaction."""
        return self.sift(line, 0, len(line))

    def sift(self, block: bytes | bytearray, start: int, stop: int) -> bool:
        """The same of `block[start:stop]`."""
        find = block.find
        head = start + _HEAD
        if head > stop:
            head = stop
        role = find(_ROLE, start, head)
        if (
            role >= 0
            and block.startswith(_BY_USER, role)
            and find(b'"type":"progress"', start, role) < 0
        ):
            return stop - start <= _SHORT and find(_STDOUT, role, stop) >= 0
        tail = stop - _TAIL
        found = find(_USAGE, tail if tail > start else start, stop)
        if found >= 0:
            known_id, known_output = self.known_answer
            return not (
                known_id
                and block.startswith(known_output, found)
                and find(known_id, start, head) >= 0
            )
        if tail > start and find(_USAGE, start, tail + len(_USAGE)) >= 0:
            return True
        return (
            stop - start <= _SHORT
            and (
                find(b"compact_boundary", start, stop) >= 0
                or find(b'"api-request"', start, head) >= 0
                or find(_STDOUT, start, stop) >= 0
            )
        ) or block.startswith(_SHAPE, start)

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one line."""
        if depth is Depth.USAGE and self._skim(raw, number):
            return
        line = decode(_LINE, raw)
        at = epoch_s(line.timestamp)
        kind = line.type
        if kind == "assistant":
            self._assistant(line, number, at, depth)
        elif kind == "api-request":
            self._request(line, number, at)
        elif kind == "progress":
            self._progress(line, number, at)
        elif kind == "system":
            self._system(line, number, at, depth)
        elif kind == "user":
            self._user(line, number, at, depth)
        elif kind == "attachment" and depth is Depth.FULL:
            self._attachment(line, number, at)
        elif kind == "api-request-shape":
            ends = ends_of(line.shape)
            self.requests.shape(line.shapeHash or "", len(bytes(line.shape)), ends)
        elif kind == "api-request-blob":
            self.requests.message(line.hash or "", len(raw) - max(0, raw.find(_MESSAGE)))
        if depth is Depth.FULL:
            self._about(line, number, at)

    # -- answers ---------------------------------------------------------------------

    def _skim(self, raw: bytes, number: int) -> bool:
        """Read an answer's usage, and nothing of what it says; False for any other line."""
        try:
            line = _ANSWER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if line.type != "assistant":
            return False
        if line.message is not None:
            self._usage(line, line.message, number)
            found = raw.find(_USAGE, max(0, len(raw) - _TAIL))
            end = raw.find(b",", found) + 1 if found >= 0 else 0
            if end and line.message.id and self.last_id == line.message.id:
                self.known_answer = b'"id":"%s"' % self.last_id.encode(), raw[found:end]
            else:
                self.known_answer = b"", b""
        return True

    def _assistant(self, line: Line, number: int, at: float, depth: Depth) -> None:
        message = line.message
        if message is None:
            return
        identity = self._usage(line, message, number)
        if identity and depth is Depth.FULL:
            side = bool(line.isSidechain) or self.source.sidechain
            if not side:
                self.requests.answer(identity, len(bytes(message.content)))
            self.content.answer(message, identity, number, at, side=side, out=self.out)

    def _usage(self, line: Answer, message: AnswerMessage, number: int) -> str:
        """One call, again where its output has grown or ended; its id, "" where there is none."""
        usage = message.usage
        if usage is None or (message.model or "<").startswith("<"):
            return ""
        identity = message.id or line.uuid or f"{self.session_id}:{number}"
        told = 2 * count(usage.output_tokens) + (message.stop_reason is not None)
        if identity == self.last_id and told <= self.last_told:
            return identity
        self.out.append(self._call(line, message, usage, identity, number))
        self.last_id, self.last_told = identity, told
        self.asked = self.asked and bool(line.isSidechain)
        return identity

    def _call(
        self, line: Answer, message: AnswerMessage, shape: UsageShape, identity: str, number: int
    ) -> Call:
        at = epoch_s(line.timestamp)
        started = identity != self.last_id and not line.isSidechain and self.last_input_at
        passes = shape.iterations
        model = message.model or ""
        return Call(
            self.session_id,
            identity,
            at,
            model,
            usage_of(shape),
            number,
            min(self.last_input_at, at) if started else 0.0,
            provider_of(model, identity),
            line.effort,
            shape.speed == "fast",
            bool(line.isSidechain) or self.source.sidechain,
            output_recorded=message.stop_reason is not None,
            agent_version=line.version or "",
            request_id=line.requestId or "",
            web_searches=count(shape.server_tool_use.web_search_requests)
            if shape.server_tool_use
            else 0,
            last_pass_tokens=sent_tokens(passes[-1]) if passes and len(passes) > 1 else None,
        )

    def _progress(self, line: Line, number: int, at: float) -> None:
        if not bytes(line.data).startswith(b"{"):
            return
        data = _PROGRESS_DATA.decode(line.data)
        if data.hookName and data.hookName.startswith("SessionStart:"):
            self._started(data.hookName, number, at)
        if data.type != "agent_progress":
            return
        inner = _PROGRESS.decode(data.message)
        if inner is None:
            return
        message = inner.message
        if inner.type != "assistant" or message is None or message.usage is None:
            return
        if (message.model or "<").startswith("<"):
            return
        identity = message.id or f"{self.session_id}:{number}"
        self.out.append(
            Call(
                session_id=self.session_id,
                id=identity,
                at=epoch_s(inner.timestamp) or at,
                model=message.model or "",
                usage=usage_of(message.usage),
                line=number,
                provider=provider_of(message.model or "", identity),
                fast=message.usage.speed == "fast",
                sidechain=True,
                embedded=True,
                output_recorded=message.stop_reason is not None,
                agent_version=line.version or "",
                request_id=inner.requestId or "",
            )
        )

    def _request(self, line: Line, number: int, at: float) -> None:
        if line.params is None:
            return
        effort = line.params.output_config.effort if line.params.output_config else None
        main = (line.querySource or "").startswith("repl_main_thread") or line.querySource == "sdk"
        sent = common = 0
        shape = line.shapeHash or ""
        if main:
            sent, common = self.requests.sent(
                line.id or "",
                shape,
                line.base or "",
                count(line.keep),
                [str(name) for name in line.tail or ()],
            )
        self.out.append(
            RequestStarted(
                session_id=self.session_id,
                at=at,
                id=line.id or "",
                model=line.params.model or "",
                shape_hash=shape,
                base_id=line.base or "",
                kept_messages=count(line.keep),
                new_messages=len(line.tail or ()),
                effort=effort,
                main=main,
                ttl_s=3600 if b'"1h"' in bytes(line.cacheControl) else None,
                sent_chars=sent,
                common_chars=common,
                shape_chars=self.requests.shapes.get(shape, 0),
                starts=starts_of(line.cacheControl, self.requests.ends.get(shape, [])),
                line=number,
            )
        )
        if main and at:
            self.last_input_at, self.asked = at, True

    # -- what people and the agent put in --------------------------------------------

    def _user(self, line: Line, number: int, at: float, depth: Depth) -> None:
        message = line.message
        if message is None:
            return
        if line.isSidechain or self.source.sidechain:
            return
        text = command_of(message.content)
        if text is not None:
            self._command(text, number, at)
        if depth is not Depth.FULL:
            return
        if at and not self.asked:
            self.last_input_at = at
        local = text is not None and not text.startswith(_SKILL)
        summary = bool(line.isCompactSummary)
        self.requests.results(results_size(message.content))
        prompted = self.content.input(message, number, at, summary=summary, out=self.out)
        if not prompted or line.isMeta or summary or local:
            return
        if line.promptId and line.promptId == self.prompt_id:
            return
        self.prompt_id = line.promptId or ""
        self.requests.prompt(len(bytes(message.content)))
        by_person = line.promptSource in (None, "", "user", "typed", "sdk")
        rules = self.content.rules if by_person else 0
        self.out.append(
            Prompt(self.session_id, at, line.uuid or "", number, prompted, by_person, rules)
        )

    def _system(self, line: Line, number: int, at: float, depth: Depth) -> None:
        if line.subtype in ("compact_boundary", "microcompact_boundary"):
            meta = line.compactMetadata or line.microcompactMetadata
            partial = line.subtype == "microcompact_boundary"
            before = count(meta.preTokens) if meta and meta.preTokens else None
            after = count(meta.postTokens) if meta and meta.postTokens else None
            if partial and meta and before and meta.tokensSaved:
                after = max(0, before - count(meta.tokensSaved))
            trigger = (meta.trigger or "") if meta else ""
            self.out.append(
                Compaction(self.session_id, at, trigger, before, after, partial, number)
            )
        elif line.subtype == "local_command":
            text = command_of(line.content)
            if text is not None:
                if depth is Depth.FULL and not (line.isSidechain or self.source.sidechain):
                    # Sent with the next prompt, though it stands in no user line.
                    prompt = Content(self.session_id, at, ContentKind.PROMPT, len(text), number)
                    self.out.append(prompt)
                self._command(text, number, at)
        elif line.subtype == "model_refusal_fallback":
            self.out.append(
                ModelChosen(self.session_id, at, "", source="fallback", automatic=True, line=number)
            )

    def _command(self, text: str, number: int, at: float) -> None:
        """A slash command or what it answered; only text that starts with the tag counts."""
        if text.startswith("<command-name>/clear<"):
            self.out.append(Cleared(self.session_id, at, number))
        elif text.startswith(("<command-name>/exit<", "<command-name>/quit<")):
            self.out.append(Ended(self.session_id, at, number))
        elif text.startswith("<local-command-stdout>"):
            said = plain_text(text)
            if match := _SET_MODEL.match(said):
                self._chosen(match["default"] or match["name"], number, at)
            elif match := _SET_EFFORT.match(said):
                self.out.append(EffortChosen(self.session_id, at, match["level"], None, number))
            elif match := _FAST.match(said):
                fast = match["state"].lower() in ("on", "enabled")
                self.out.append(EffortChosen(self.session_id, at, None, fast, number))
                if match["name"]:
                    self._chosen(match["name"], number, at)

    def _chosen(self, name: str, number: int, at: float) -> None:
        self.out.append(
            ModelChosen(self.session_id, at, name.strip(), source="command", line=number)
        )

    def _attachment(self, line: Line, number: int, at: float) -> None:
        if line.isSidechain or self.source.sidechain:
            return
        hook = self.content.attachment(line.attachment, line.rendered, number, at, out=self.out)
        if hook.startswith("SessionStart:"):
            self._started(hook, number, at)
        if at and not self.asked:
            self.last_input_at = at

    # -- the session itself ----------------------------------------------------------

    def _started(self, hook: str, number: int, at: float) -> None:
        if hook in ("SessionStart:resume", "SessionStart:fork"):
            self.out.append(Resumed(self.session_id, at, self.version, number))

    def _about(self, line: Line, number: int, at: float) -> None:
        if line.forkedFrom and line.forkedFrom.sessionId and not self.forked:
            self.forked = True
            self.out.append(Forked(self.session_id, at, line.forkedFrom.sessionId, True, number))
        if line.version and line.version != self.version:
            if self.version:
                self.out.append(Resumed(self.session_id, at, line.version, number))
            self.version = line.version
        known = (line.cwd or self.known[0], line.entrypoint or self.known[1], self.version)
        if known != self.known:
            first = not self.known[0]
            self.known = known
            if first or known[1]:
                self.out.append(
                    SessionInfo(
                        self.session_id,
                        at,
                        cwd=known[0],
                        agent_version=self.version,
                        entrypoint=known[1],
                        sidechain=self.source.sidechain,
                        line=number,
                    )
                )
