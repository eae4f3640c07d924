"""Claude Code's lines, one after another, turned into records."""

from __future__ import annotations

import msgspec

from switchtax.agents._claude_commands import command_of, is_local, told_by
from switchtax.agents._claude_content import ContentReader, results_size
from switchtax.agents._claude_requests import Requests
from switchtax.agents._claude_shapes import (
    Answer,
    AnswerMessage,
    Line,
    ProgressData,
    ProgressMessage,
    UsageShape,
)
from switchtax.agents._claude_sieve import Sieve
from switchtax.agents._claude_starts import ends_of, starts_of
from switchtax.agents._claude_usage import provider_of, sent_tokens, usage_of
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    Depth,
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
_MESSAGE = b'"message":'


class Parser:
    """The state of one transcript between lines."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.session_id = source.session_id
        self.last_id = ""
        self.last_told = -1
        self.last_input_at = 0.0
        self.asked = False
        """The request itself was told: what is logged until its answer did not start it."""
        self.version = ""
        self.known: tuple[str, str, str] = ("", "", "")
        self.forked = False
        self.prompt_id = ""
        self.content = ContentReader(source.session_id)
        self.requests = Requests()
        self.sieve = Sieve()
        self.sift = self.sieve.sift

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
            told = line.message.id if line.message.id == self.last_id else ""
            self.sieve.note(raw, told or "")
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
            self.out += told_by(text, self.session_id, at, number)
        if depth is not Depth.FULL:
            return
        if at and not self.asked:
            self.last_input_at = at
        summary = bool(line.isCompactSummary)
        self.requests.results(results_size(message.content))
        prompted = self.content.input(message, number, at, summary=summary, out=self.out)
        if not prompted or line.isMeta or summary or is_local(text):
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
                self.out += told_by(text, self.session_id, at, number)
        elif line.subtype == "model_refusal_fallback":
            self.out.append(
                ModelChosen(self.session_id, at, "", source="fallback", automatic=True, line=number)
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
