"""What a plan's percentages have taught: learnt whenever one arrives, ready when asked.

The percentages are the account's, so the calls of all sessions of an agent count, those of
sub-agents too. Calls of a time when no daemon ran are known as far as their logs are read.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING

from switchtax.catalog.names import seller_for
from switchtax.estimates.quota import learn, pairs_of, spent_of, used_of
from switchtax.records import Call, RateLimits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.quota import Rate, Spent, Used
    from switchtax.records import Record

__all__ = ["Quotas"]

_MOST_CALLS, _MOST_OBSERVED = 5_000, 400


class Quotas:
    """Rates by agent, from observations and calls as they come.

    Args:
        book: prices, the weights of tokens.
    """

    def __init__(self, book: PriceBook) -> None:
        """Nothing is observed yet."""
        self.rates: dict[str, tuple[Rate, ...]] = {}
        self._book = book
        self._spent: defaultdict[str, OrderedDict[str, Spent]] = defaultdict(OrderedDict)
        self._used: defaultdict[str, deque[Used]] = defaultdict(
            lambda: deque(maxlen=_MOST_OBSERVED)
        )

    def news(self, agent: str, records: Iterable[Record]) -> None:
        """Calls and observations of one log; a call told again is the same call."""
        observed = False
        for record in records:
            if isinstance(record, Call):
                self._note(agent, record)
            elif isinstance(record, RateLimits):
                self._used[agent].extend(used_of(record))
                observed = True
        if observed:
            self._learn(agent)

    def _note(self, agent: str, call: Call) -> None:
        spent = self._spent[agent]
        seller = seller_for(call.provider, call.model)
        spent[call.id] = spent_of(call, self._book, seller)
        while len(spent) > _MOST_CALLS:
            spent.popitem(last=False)

    def _learn(self, agent: str) -> None:
        used = dict.fromkeys(self._used[agent])  # a log read anew tells the same again
        self.rates[agent] = learn(pairs_of(used, self._spent[agent].values()))
