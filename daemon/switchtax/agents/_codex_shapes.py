"""The parts of Codex rollout lines that are read, as typed partial shapes.

Only the fields named here are decoded; everything else in a line is skipped unseen.
`Decoders` hold one decoder per payload. Source: docs/formats/codex.md (2026-11-21).
"""

from __future__ import annotations

import json
from typing import TypeVar, cast

import msgspec
from msgspec import Raw, Struct

__all__ = [
    "Abort",
    "Compacted",
    "Complete",
    "Context",
    "CountLine",
    "Counts",
    "Item",
    "ItemCompleted",
    "Line",
    "Meta",
    "PatchEnd",
    "Settings",
    "Started",
    "TokenCount",
    "UsageRecord",
    "UserMessage",
    "decode_count",
    "decode_line",
    "decode_payload",
]


class Line(Struct):
    """One line: `{timestamp, ordinal?, type, payload}`."""

    type: str = ""
    timestamp: str | None = None
    ordinal: int | None = None
    payload: Raw = Raw(b"{}")


class HistoryBase(Struct):
    """Where copied history ends in a forked thread."""

    end_ordinal_exclusive: int | None = None


class Meta(Struct):
    """`session_meta`: `id` is the thread; `session_id` is the root's for a sub-agent."""

    id: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    originator: str | None = None
    cli_version: str | None = None
    source: object = None
    thread_source: str | None = None
    model_provider: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    subagent_history_start_ordinal: int | None = None
    history_base: HistoryBase | None = None


class Context(Struct):
    """`turn_context`: what the turn runs with, written before its requests."""

    turn_id: str | None = None
    model: str | None = None
    effort: str | None = None
    comp_hash: str | None = None
    cwd: str | None = None
    approval_policy: object = None


class Counts(Struct):
    """Token counts. Cached and written tokens are inside input, reasoning inside output."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0
    total_tokens: int = 0

    def vector(self) -> tuple[int, int, int, int, int]:
        """The counts that add up: input, cached, written, output, reasoning."""
        return (
            self.input_tokens,
            self.cached_input_tokens,
            self.cache_write_input_tokens,
            self.output_tokens,
            self.reasoning_output_tokens,
        )


class UsageRecord(Struct):
    """`token_usage_record` (0.15x and later): one per response."""

    usage: Counts
    thread_id: str | None = None
    turn_id: str | None = None
    response_id: str | None = None
    thread_token_usage: Counts | None = None


class TokenInfo(Struct):
    """`token_count.info`."""

    total_token_usage: Counts | None = None
    last_token_usage: Counts | None = None
    model_context_window: int | None = None


class Window(Struct):
    """One rate-limit window."""

    used_percent: float = 0.0
    window_minutes: float | None = None
    resets_at: float | None = None


class Limits(Struct):
    """`token_count.rate_limits`."""

    primary: Window | None = None
    secondary: Window | None = None
    plan_type: str | None = None


class Counted(Struct):
    """`token_count` without its rate limits, decoded with its line: the fast path."""

    info: TokenInfo | None = None


class CountLine(Struct):
    """A whole line of `event_msg/token_count`."""

    timestamp: str | None = None
    ordinal: int | None = None
    payload: Counted = msgspec.field(default_factory=Counted)


class TokenCount(Struct):
    """`event_msg/token_count`: cumulative counts, repeated more often than they change."""

    info: TokenInfo | None = None
    rate_limits: Limits | None = None


class ThreadSettings(Struct):
    """What was chosen for the requests to come."""

    model: str | None = None
    model_provider_id: str | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    approval_policy: object = None


class Settings(Struct):
    """`event_msg/thread_settings_applied`: written at the pick, before the next prompt."""

    thread_settings: ThreadSettings = msgspec.field(default_factory=ThreadSettings)


class Attribution(Struct):
    """What a turn came from."""

    turn_trigger: object = None


class Started(Struct):
    """`event_msg/task_started`."""

    turn_id: str | None = None
    model_context_window: int | None = None
    turn_attribution: Attribution | None = None


class Complete(Struct):
    """`event_msg/task_complete`."""

    turn_id: str | None = None
    time_to_first_token_ms: float | None = None


class Abort(Struct):
    """`event_msg/turn_aborted`."""

    turn_id: str | None = None


class Previous(Struct):
    """The settings of the last turn before a compaction."""

    model: str | None = None


class ResumeData(Struct):
    """`compacted.resume_metadata`."""

    previous_turn_settings: Previous | None = None


class Compacted(Struct):
    """`compacted`: the history was replaced."""

    message: str | None = None
    replacement_history: Raw = Raw(b"[]")
    compaction_response_id: str | None = None
    resume_metadata: ResumeData | None = None


class Text(Struct):
    """One block of a message, a reasoning item or a tool result."""

    type: str = ""
    text: str | None = None


class Item(Struct):
    """`response_item`: a piece of the conversation, or what compaction keeps of it."""

    type: str = ""
    role: str | None = None
    name: str | None = None
    call_id: str | None = None
    content: list[Text] | str | None = None
    summary: list[Text] | None = None
    encrypted_content: str | None = None
    arguments: str | None = None
    input: str | None = None
    action: Raw = Raw(b"")
    tools: Raw = Raw(b"")
    output: Raw = Raw(b"")


class UserMessage(Struct):
    """`event_msg/user_message`."""

    message: str | None = None


class CompletedItem(Struct):
    """The item of `item_completed`; only messages of a user are read."""

    type: str = ""
    id: str | None = None
    content: list[Text] | None = None


class ItemCompleted(Struct):
    """`event_msg/item_completed` (paginated history)."""

    item: CompletedItem = msgspec.field(default_factory=CompletedItem)
    turn_id: str | None = None


class PatchEnd(Struct):
    """`event_msg/patch_apply_end`: the files a patch touched."""

    call_id: str | None = None
    success: bool | None = None
    changes: dict[str, Raw] | None = None


T = TypeVar("T", bound=Struct)

_line = msgspec.json.Decoder(Line)
_count_line = msgspec.json.Decoder(CountLine)
_payloads: dict[type[Struct], msgspec.json.Decoder[Struct]] = {}


def decode_line(line: bytes) -> Line:
    """Decode a line; on control characters, bad bytes or lone surrogates try leniently.

    Raises:
        ValueError: it is not JSON, or not of this shape.
    """
    try:
        return _line.decode(line)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        loose = json.loads(line.decode("utf-8", "replace"), strict=False)
        again = json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace")
        return _line.decode(again)


def decode_count(line: bytes) -> CountLine | None:
    """Decode a token_count line in one go; None where it needs the lenient way."""
    try:
        return _count_line.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def decode_payload(shape: type[T], raw: Raw) -> T:
    """Decode a payload to its shape.

    Raises:
        ValueError: it does not have that shape.
    """
    decoder = _payloads.get(shape)
    if decoder is None:
        decoder = _payloads[shape] = msgspec.json.Decoder(shape)
    return cast("T", decoder.decode(raw))
