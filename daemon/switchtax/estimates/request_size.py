"""How large the next request will be: weighted sizes, in the session's tokens.

At choice: the last request, its answer, and what such an answer usually brings. At send: what
the log already holds of the new content; where the agent tells its requests, their very size.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.sessions.agent_facts import outlives, same_model
from switchtax.sessions.calibration import Z80
from switchtax.sessions.growth import Pieces

if TYPE_CHECKING:
    from switchtax.estimates.interval import Interval
    from switchtax.sessions.fold import Session, Signs

__all__ = ["POINTS", "Moment", "on_other_model", "pruned_when_cold", "request_sizes", "told"]

Sizes = list[tuple[float, float]]
"""Weights that sum to one, each with a size in tokens."""

POINTS = (-1.69, -1.1, -0.75, -0.47, -0.23, 0.0, 0.23, 0.47, 0.75, 1.1, 1.69)
"""Standard normal quantiles of eleven equally likely slices."""

_OWN_OPENING = 12_000
"""Tokens of a project's own instructions beside the shared start; more is rare."""
_RE_READ = (0.0, 500.0, 1_500.0, 3_000.0, 4_500.0, 6_000.0, 8_000.0, 1e4, 1.2e4, 1.6e4, 2.4e4)
"""Tokens of files that Claude Code attaches again after a compaction, equally likely."""
_CODEX_CHARS = 4
"""Characters that Codex takes for one token."""
_PROMPT = 110.0
"""Tokens of a prompt before it is known."""
_SUMMARY = 4_000.0
"""Tokens of a summary before it is known."""


class Moment(StrEnum):
    """When the question is asked."""

    AT_CHOICE = "at_choice"
    AT_SEND = "at_send"


def told(session: Session) -> bool:
    """Whether the agent has told the request that is being sent, and the one before it."""
    request = session.request
    return bool(request and request.sent_chars and session.sent_chars)


def request_sizes(session: Session, model: str, at: float, moment: Moment, *, warm: bool) -> Sizes:
    """Weighted sizes of the next request.

    Args:
        session: all that stood before it.
        model: who would answer it.
        at: when it would be sent, UTC epoch seconds.
        moment: what is known of the new content.
        warm: whether its prefix is expected to be read.
    """
    if moment is Moment.AT_SEND and told(session) and _rebuilt(session, model):
        return _told_sizes(session)
    grown = _grown(session, model, moment)
    signs = session.signs
    measured = session.current is not None and session.current.summed
    if (signs.compacted and not measured) or signs.cleared:
        return _after_compaction(session, model, grown, moment)
    base = float(session.sent_tokens)
    if signs.micro_compacted:
        base = _shortened(base, signs)
    share = 1.0 / len(grown)
    sizes = [(share, max(1.0, base + g)) for g in grown]
    # The agent may send another history: pruned when the cache is cold anyway, rebuilt when it
    # was started again (0.67 to 1.30 times, recorded sessions, 2026), told otherwise to another
    # model (which parts it can read, and what stands around them).
    factors: tuple[tuple[float, float], ...]
    if signs.resumed and not warm:
        factors = ((0.13, 0.72), (0.12, 0.85), (0.5, 1.0), (0.12, 1.15), (0.13, 1.32))
    elif not warm and pruned_when_cold(session, at):
        factors = ((0.14, 0.84), (0.86, 1.0))
    elif not same_model(model, session.model):
        factors = ((0.15, 0.88), (0.7, 1.0), (0.15, 1.08))
    else:
        return sizes
    return [(w * v, s * f) for w, s in sizes for v, f in factors]


def _shortened(base: float, signs: Signs) -> float:
    """What is left of a history that was dropped in part, or taken back to an earlier answer."""
    if signs.tokens_after is None:
        return base
    if signs.tokens_before is None:
        return min(base, float(signs.tokens_after))
    return max(0.3 * base, base - 1.25 * (signs.tokens_before - signs.tokens_after))


def _grown(session: Session, model: str, moment: Moment) -> list[float]:
    """Equally likely tokens that the next request has more than the last one."""
    growth = session.growth_of(session.model or model)
    if moment is Moment.AT_SEND and session.pieces.anything_new:
        expected = growth.expected_tokens(session.pieces)
        sd = growth.noise_tokens(expected) * growth.spread
        limits = session.at_send
        return [expected + z * (-limits.low if z < 0 else limits.high) / Z80 * sd for z in POINTS]
    at_choice, limits = session.grown_at_choice(), session.at_choice
    return [
        at_choice.mid_tokens
        + at_choice.deviation_tokens(z) * (-limits.low if z < 0 else limits.high) / Z80
        for z in POINTS
    ]


def _rebuilt(session: Session, model: str) -> bool:
    """Whether the request that is being sent is more than the last one with something added."""
    request = session.request
    return request is not None and (
        not same_model(model, session.model) or request.common_chars < session.sent_chars
    )


def _told_sizes(session: Session) -> Sizes:
    """The request's characters at the tokens per character of the one before."""
    mid = session.request_told_tokens
    sd = 30.0 + 0.012 * mid
    return [(1.0 / len(POINTS), max(1.0, mid + z * sd)) for z in POINTS]


def pruned_when_cold(session: Session, at: float) -> bool:
    """Whether this build of Claude Code prunes a history whose cache has expired."""
    ttl = session.ttl_of(session.model)
    expired = ttl is not None and at - session.last_call_at > ttl
    return session.agent == "claude-code" and expired and not outlives(session.agent_version)


def _after_compaction(session: Session, model: str, grown: list[float], moment: Moment) -> Sizes:
    """The opening of the session again, with a summary in place of the history."""
    outside = session.outside(normalise(model).name)
    if outside is not None and session.signs.tokens_after and session.signs.compacted:
        return _after_told_compaction(session, outside.tools_tokens, moment)
    opening = session.opening_tokens(model)
    shared = session.caches.shared_start(normalise(session.model).name).tokens
    if shared:
        opening = min(opening, shared + _OWN_OPENING)  # the log began in mid-session
    known = moment is Moment.AT_SEND and session.pieces.anything_new
    if not known and not session.signs.cleared:
        opening += _SUMMARY
    told_all = known and bool(session.opening)  # then the log also holds what is attached again
    if told_all and session.signs.by_person and not session.signs.prompted:
        opening += _PROMPT
    re_read = (0.0,) * len(_RE_READ)
    if session.agent == "claude-code" and not told_all:
        re_read = _RE_READ
    answer = 0.0 if known else session.growth_of(session.model).answer_tokens(session.pieces)
    share = 1.0 / len(grown)
    return [
        (share, max(1.0, opening + extra + max(0.0, g - answer)))
        for extra, g in zip(re_read, grown, strict=True)
    ]


def _after_told_compaction(session: Session, tools_tokens: float, moment: Moment) -> Sizes:
    """What Codex says the new history has (at four characters a token), with its tools.

    The count is taken half as it is, half at the tokens per character learnt here.
    """
    growth = session.growth_of(session.model)
    told = session.signs.tokens_after or 0
    history = told * (1 + _CODEX_CHARS * growth.tokens_per_char) / 2
    prompt = Pieces(prompt_chars=session.pieces.prompt_chars)
    new = growth.expected_tokens(prompt) if moment is Moment.AT_SEND else _PROMPT
    mid = history + tools_tokens + new
    sd = 100.0 + 0.02 * mid
    return [(1.0 / len(POINTS), max(1.0, mid + z * sd)) for z in POINTS]


def on_other_model(sizes: Sizes, ratio: Interval, delta: Interval) -> Sizes:
    """The same content in another model's tokens, with what the choice itself adds."""
    cases = (
        (0.25, ratio.low, delta.low),
        (0.5, ratio.mid, delta.mid),
        (0.25, ratio.high, delta.high),
    )
    return [
        (weight * share, max(1.0, size * r + d)) for weight, size in sizes for share, r, d in cases
    ]
