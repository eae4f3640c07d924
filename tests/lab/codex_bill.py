"""What was said of calls of Codex beside what its provider billed for them."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from codex import Codex

__all__ = ["came_true", "paid_for", "summed_up", "totals_are_the_bill"]

_BAR = 0.02
"""Tokens and price, as foretold, against the bill."""


def totals_are_the_bill(lab: Codex) -> None:
    """What `usage` says, by model, sub-agents included; titles reach no log."""
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for bill in lab.turns("sub-agent"):
        use, names = bill["usage"], ("cached", "written", "output")
        used[bill["model"]].update({name: use[name] for name in names} | {"calls": 1})
    told = {
        model: {
            "cached": row["cache_read_tokens"],
            "written": row["cache_write_5m_tokens"],
            "output": row["output_tokens"],
            "calls": row["calls"],
        }
        for model, row in lab.totals().items()
    }
    assert used == told


def came_true(told: dict[str, Any], bill: dict[str, Any]) -> None:
    """Tokens sent and read are those of the bill; so is the price, where nothing was cached."""
    send, used = told["prediction"]["at_send"], bill["usage"]
    prices = told["prices"]["switch"]["usd_micros_per_mtok"]
    fresh = used["input"] - used["cached"] - used["written"]
    price = fresh * prices["input"] + used["cached"] * prices["cache_read"]
    price = (price + used["written"] * prices["cache_write_5m"]) / 1e6
    usd = send["predicted_usd_micros"]
    said = (
        f"{bill['model']}: read {send['predicted_read_tokens']} of {used['cached']}, "
        f"sent {send['predicted_sent_tokens']} of {used['input']}, "
        f"usd micros {usd['mid']} of {price:.0f} ({usd['mid'] / price - 1:+.2%})"
    )
    print(f"lab: {said}")
    assert send["predicted_sent_tokens"] == pytest.approx(used["input"], rel=_BAR), said
    assert send["predicted_read_tokens"] == pytest.approx(used["cached"], rel=_BAR), said
    if used["cached"]:
        assert usd["low"] <= price <= usd["high"], said
    else:
        assert usd["mid"] == pytest.approx(price, rel=_BAR), said


def summed_up(told: dict[str, Any], asked: dict[str, Any], then: dict[str, Any]) -> None:
    """The price of both requests lies in what was told; with the answers as they came, it is right.

    How long a summary gets, and the answer after it, nobody knows beforehand.
    """
    assert ("compaction", told["from"]) == (asked["purpose"], asked["model"])
    assert ("", told["to"]) == (then["purpose"], then["model"])
    summary, first = asked["usage"], then["usage"]
    stay, switch = (told["prices"][side]["usd_micros_per_mtok"] for side in ("stay", "switch"))
    step, send, usd = told["compaction"], told["prediction"]["at_send"], told["next_call"]
    start = step["start_tokens"]["mid"] + summary["output"]
    said = {
        "asked": (step["sent_tokens"]["mid"], summary["input"]),
        "read": (step["read_tokens"]["mid"], summary["cached"]),
        "start": (start, first["input"]),
        "head": (send["predicted_read_tokens"], first["cached"]),
    }
    paid = paid_for(told, asked, then)
    given = _price(stay, _as_said(summary, *said["asked"][:1], *said["read"][:1]))
    given += _price(switch, _as_said(first, start, *said["head"][:1]))
    whole = usd["switch_usd_micros"]
    words = (
        f"{told['from']} for {told['to']}: {said}, usd micros {given:.0f} of {paid:.0f} with the "
        f"answers as they came ({given / paid - 1:+.2%}), {whole} before"
    )
    print(f"lab: {words}")
    for mid, billed in said.values():
        assert mid == pytest.approx(billed, rel=_BAR), words
    assert given == pytest.approx(paid, rel=_BAR), words
    assert whole["low"] <= paid <= whole["high"], words
    after = step["summary_tokens"]["mid"] + step["start_tokens"]["mid"]
    assert send["predicted_sent_tokens"] == pytest.approx(after, rel=_BAR), words


def paid_for(told: dict[str, Any], asked: dict[str, Any], then: dict[str, Any]) -> float:
    """The price of a summary and of the first call after it, in micro-dollars."""
    stay, switch = (told["prices"][side]["usd_micros_per_mtok"] for side in ("stay", "switch"))
    return _price(stay, asked["usage"]) + _price(switch, then["usage"])


def _as_said(used: dict[str, Any], sent: int, read: int) -> dict[str, Any]:
    """A bill as it was foretold, with the answer as it came."""
    return used | {"input": sent, "cached": read, "written": sent - read if used["written"] else 0}


def _price(rates: dict[str, int], used: dict[str, Any]) -> float:
    """What a request costs, in micro-dollars."""
    plain = used["input"] - used["cached"] - used["written"]
    usd = plain * rates["input"] + used["cached"] * rates["cache_read"]
    usd += used["written"] * rates["cache_write_5m"] + used["output"] * rates["output"]
    return usd / 1e6
