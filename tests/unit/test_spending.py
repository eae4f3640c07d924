"""What a session has cost so far, priced call by call as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from making import BOOK, call, make, talk
from switchtax.meter import Spending, spent_usd_micros
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.catalog.cards import PriceCard


class _Counted:
    """The test book, counting what is looked up."""

    def __init__(self) -> None:
        self.asked = 0

    def card(self, model: str, at: float | None = None, provider: str = "") -> PriceCard | Unknown:
        self.asked += 1
        return BOOK.card(model, at, provider)


def test_only_new_calls_are_priced() -> None:
    """Three, then one more; a call that a later line completes is priced again."""
    book = _Counted()
    session, spending = make(*talk(3)), Spending(book)  # type: ignore[arg-type]
    assert spending.of(session) == spent_usd_micros(session, BOOK)
    assert 3 == book.asked
    session.add(call(9, 300, read=50_000, write=1_000, output=10))
    assert spending.of(session) == spent_usd_micros(session, BOOK)
    assert 4 == book.asked
    session.add(call(9, 300, read=50_000, write=1_000, output=500))
    assert spending.of(session) == spent_usd_micros(session, BOOK)
    assert 5 == book.asked


def test_calls_of_sub_agents_count() -> None:
    """They stand beside the session; one without a price makes the sum unknown."""
    session, spending = make(*talk(3)), Spending(BOOK)
    (other,) = make(call(8, 10, write=40_000)).calls.values()
    (strange,) = make(call(7, 10, model="mystery-1", plain=10)).calls.values()
    alone, both = spending.of(session), spending.of(session, [other])
    assert isinstance(alone, int)
    assert isinstance(both, int)
    assert spent_usd_micros(make(call(8, 10, write=40_000)), BOOK) == both - alone
    assert isinstance(spending.of(session, [other, strange]), Unknown)
    assert alone == spending.of(session)
