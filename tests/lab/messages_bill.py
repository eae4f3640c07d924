"""What was said of a call beside what a Messages API billed for it."""

from typing import Any

import pytest

__all__ = ["BAR", "came_true", "counts", "sent"]

BAR = 0.02
"""Tokens and price of the next call, as foretold, against the bill."""


def counts(bill: dict[str, Any]) -> tuple[int, int, int]:
    """Tokens not cached, read, and written."""
    usage = bill["usage"]
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    uncached, read, written = (int(usage[name]) for name in names)
    return uncached, read, written


def sent(bill: dict[str, Any]) -> int:
    """Tokens of the whole request."""
    return sum(counts(bill))


def came_true(told: dict[str, Any], bill: dict[str, Any]) -> None:
    """Tokens sent and read and their price are those of the bill, within the bar.

    Beside a warm cache the prompt's own size, unknown beforehand, is most of the price: there the
    bill lies in the interval that was told.
    """
    uncached, read, written = counts(bill)
    prices = told["prices"]["switch"]["usd_micros_per_mtok"]
    send = told["prediction"]["at_send"]
    price = uncached * prices["input"] + read * prices["cache_read"]
    price = (price + written * prices["cache_write_5m"]) / 1e6
    told_usd = send["predicted_usd_micros"]
    usd = told_usd["mid"]
    said = (
        f"read {send['predicted_read_tokens']} of {read}, "
        f"sent {send['predicted_sent_tokens']} of {sent(bill)}, "
        f"usd micros {usd} of {price:.0f} ({usd / price - 1:+.2%})"
    )
    print(f"lab: {bill['model']}: {said}")
    assert send["predicted_read_tokens"] == pytest.approx(read, rel=BAR), said
    assert send["predicted_sent_tokens"] == pytest.approx(sent(bill), rel=BAR), said
    if read:
        assert told_usd["low"] <= price <= told_usd["high"], said
    else:
        assert usd == pytest.approx(price, rel=BAR), said
