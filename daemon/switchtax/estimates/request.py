"""One request to one model, from plain numbers: which tokens are read, written, plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog.cards import PriceCard
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Paid, Side

__all__ = ["Buckets", "SideAt", "fits", "price", "send"]


class Buckets(NamedTuple):
    """Tokens of one request, each in exactly one bucket, so that none is paid twice."""

    read: int
    written: int
    plain: int
    output: int

    @property
    def sent(self) -> int:
        """All tokens of the request."""
        return self.read + self.written + self.plain


class SideAt(NamedTuple):
    """A model at one value of each of its uncertain inputs."""

    side: Side
    alive: float
    ratio: float
    offset: float
    """Own tokens of a context of c source tokens: `c·ratio + offset`."""
    before: int | Unknown
    """Pico-dollars paid before its first call (compaction first)."""

    def tokens(self, source_tokens: int) -> int:
        """The model's own tokens for that many of the current model's."""
        own = round(source_tokens * self.ratio + self.offset)
        return own if own > 0 else 0


def send(at: SideAt, context: int, new: int, output: int, *, alive: float) -> Buckets:
    """Sort the tokens of a request: `p` read, `c - p + u` written, the tail plain.

    The minimum length is all or nothing: a shorter prefix is neither read nor written.

    Args:
        at: the model.
        context: c, carried context in source tokens.
        new: u, new input in source tokens.
        output: o, answer in source tokens.
        alive: p, tokens of the prefix in this model's cache, its own tokens.
    """
    side, _, ratio, offset, _ = at  # some thousand times an estimate: no call that can be saved
    sent = round((context + new) * ratio + offset)
    if sent < 0:
        sent = 0
    answer = round(output * ratio)
    minimum = side.minimum_cacheable_tokens
    cacheable = sent - side.uncached_tail_tokens
    if cacheable < 0:
        cacheable = 0
    if cacheable < minimum:
        return Buckets(0, 0, sent, answer)
    carried = round(context * ratio + offset)
    read = int(min(alive, carried if carried > 0 else 0, cacheable))
    if read < minimum:
        read = 0
    return Buckets(read, cacheable - read, sent - cacheable, answer)


def fits(side: SideAt, sent: int, output: int) -> bool:
    """Whether a request of that many source tokens and its answer fit; True if nobody knows."""
    window = side.side.context_window_tokens
    return isinstance(window, Unknown) or side.tokens(sent) + output * side.ratio <= window


def price(side: Side, buckets: Buckets) -> int | Unknown:
    """What a request costs, in pico-dollars: `read·p + write·(c - p + u) + input·tail + out·o`.

    The tier is chosen by the size of this request. Only buckets that hold tokens need a rate.

    Args:
        side: the model with its price card.
        buckets: tokens of the request, in the model's own tokens.
    """
    if side.paid is not None:
        return _priced(side.paid, buckets)
    card = side.card
    if not isinstance(card, PriceCard):
        return card
    if side.fast and card.fast is None:
        return Unknown(f"no price for fast mode of {card.model}")
    rates = card.rates_for(buckets.sent, fast=side.fast)
    write = rates.cache_write_1h if side.write_ttl == "1h" else rates.cache_write_5m
    total = 0
    for tokens, rate in (
        (buckets.read, rates.cache_read),
        (buckets.written, write if side.writes_billed else rates.input),
        (buckets.plain, rates.input),
        (buckets.output, rates.output),
    ):
        if tokens:
            if isinstance(rate, Unknown):
                return rate
            total += tokens * rate
    return total


def _priced(paid: tuple[Paid, ...], buckets: Buckets) -> int:
    size, chosen = buckets.sent, paid[0]
    for larger in paid[1:]:
        if size > larger.above_tokens:
            chosen = larger
    return (
        buckets.read * chosen.read
        + buckets.written * chosen.written
        + buckets.plain * chosen.plain
        + buckets.output * chosen.output
    )
