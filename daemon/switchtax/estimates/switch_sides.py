"""From a session to the inputs of an estimate: both sides of a switch, and the session's pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from switchtax.catalog.cards import CacheKind, PriceCard
from switchtax.catalog.names import normalise
from switchtax.catalog.tokenizers import token_ratio
from switchtax.estimates.context_delta import (
    SUMMED_UP_FIRST,
    ContextDelta,
    context_delta,
    of_chars,
)
from switchtax.estimates.inputs import Pace, Side
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.request_size import Moment, told
from switchtax.sessions.calibration import Z80
from switchtax.sessions.codex_facts import is_too_long, unlogged_chars
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.outlook import Outlook
    from switchtax.records import Unknown
    from switchtax.sessions.fold import Session
    from switchtax.sessions.rhythm import LogNormal

__all__ = [
    "carried_context",
    "crossing",
    "delta_of",
    "is_fast",
    "pace_of",
    "ratio_of",
    "side_of",
]

_UNLEARNT = Interval(1.0, 1.0, 1.35)
"""Tokens per token where it is not known whose tokenizer answers (a gateway, a stand-in)."""


def crossing(
    session: Session, model: str, moment: Moment = Moment.AT_CHOICE
) -> tuple[Interval | None, Interval | None]:
    """Tokenizer ratio and added tokens of going to a model; None and None for staying.

    At send, what the agent appends for the switch may already stand in the log: in that of
    Claude Code once the next prompt does.
    """
    if session.current is None or same_model(model, session.model):
        return None, None
    ratio, signs = ratio_of(session, model), session.signs
    if signs.compacted or signs.cleared:
        return ratio, exactly(0)
    if moment is Moment.AT_SEND:
        if told(session) or (session.agent == "claude-code" and signs.prompted):
            return ratio, exactly(0)
        if signs.switch_text:
            return ratio, _unlogged(session, model)
    return ratio, delta_of(session, model).tokens


def _unlogged(session: Session, model: str) -> Interval:
    """What a switch adds, or takes away, and Codex's log does not show."""
    old, new = normalise(session.model).name, normalise(model).name
    chars = unlogged_chars(old, new, session.codex_room())
    return of_chars(chars, session.told_density)


def ratio_of(session: Session, model: str) -> Interval:
    """The model's tokens per token of the session's model.

    An agent that talks to Anthropic through an unknown gateway may get any tokenizer: only
    the plain interval is promised there.
    """
    if session.current is None or same_model(model, session.model):
        return exactly(1.0)
    low, mid, high = token_ratio(session.model, model)
    if not session.seller_known(session.model) or not session.seller_known(model):
        return _UNLEARNT if (low, high) != (1.0, 1.0) else exactly(1.0)
    return Interval(low, mid, high)


def delta_of(session: Session, model: str) -> ContextDelta:
    """What choosing a model changes in this session's context besides the model."""
    old, new = normalise(session.model).name, normalise(model).name
    window, held = session.context_window_tokens, session.context_tokens
    if session.agent == "codex" and old != new and is_too_long(window, old, new, held):
        return SUMMED_UP_FIRST
    return context_delta(
        old,
        new,
        session.agent,
        comp_hashes=(session.comp_hash, ""),
        tokens_per_char=session.told_density,
        room=session.codex_room(),
    )


def carried_context(session: Session) -> Interval:
    """The context before anything new, in the current model's tokens."""
    return exactly(float(session.context_tokens))


def is_fast(session: Session, model: str, card: PriceCard | Unknown) -> bool:
    """Whether the next call on a model is in fast mode: another that has none goes without.

    Source: Claude Code turns it off then (code.claude.com/docs/en/fast-mode, read 2026-11-22).
    """
    if same_model(model, session.model) or not isinstance(card, PriceCard):
        return session.fast
    return session.fast_on(model) and card.fast is not None


def side_of(session: Session, view: Outlook, book: PriceBook, at: float) -> Side:
    """One model as it would be for the next call, from its outlook."""
    rules = book.rules(view.model, session.seller_of(view.model))
    ratio, delta = crossing(session, view.model, view.moment)
    ttl: Literal["5m", "1h"] = "1h" if view.written == "1h" else "5m"
    window = None
    if same_model(view.model, session.model) and session.context_window_tokens:
        window = session.context_window_tokens
    card = book.card(view.model, at, session.seller_of(view.model))
    return Side(
        model=view.model,
        card=card,
        alive_tokens=view.read_tokens,
        token_ratio=ratio or exactly(1.0),
        delta_tokens=delta or exactly(0.0),
        write_ttl=ttl,
        minimum_cacheable_tokens=rules.minimum_tokens,
        writes_billed=bool(view.written) or rules.writes_billed,
        uncached_tail_tokens=view.uncached_tail_tokens,
        ttl_s=view.ttl_s if rules.kind is CacheKind.EXPLICIT else rules.ttl_s,
        fast=is_fast(session, view.model, card),
        window_tokens=window,
    )


def pace_of(session: Session) -> Pace:
    """How the session goes on, by its own rhythm."""
    rhythm = session.rhythm
    calls = _interval(rhythm.calls_per_turn)
    return Pace(
        calls_per_turn=Interval(
            max(1.0, round(calls.low)), max(1.0, round(calls.mid)), max(1.0, round(calls.high))
        ),
        new_tokens_per_call=_interval(rhythm.new_per_call),
        output_per_call=_interval(rhythm.output_per_call),
        first_new_tokens=_interval(rhythm.of("prompt")),
    )


def _interval(learnt: LogNormal) -> Interval:
    return Interval(learnt.quantile(-Z80), learnt.quantile(0.0), learnt.quantile(Z80))
