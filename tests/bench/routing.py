"""What routers would have paid on recorded sessions: staying, per request, with caches counted.

The assumptions stand in docs/accuracy.md, "Routers".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from bars import Bar, corpus_folder

from switchtax.catalog.book import PriceBook
from switchtax.catalog.cards import PriceCard
from switchtax.records import Call, Usage
from switchtax.sessions import library
from switchtax.sessions.fold import Session

PAGE = "accuracy.md"
PAIRS = (
    ("claude-opus-5-5", "claude-sonnet-5-5"),
    ("claude-opus-5-5", "claude-haiku-5-5"),
    ("gpt-6.1-sol", "gpt-6.1-terra"),
)
LEAST_CALLS = 20
EASY_OUTPUT_TOKENS = 400
"""A call that answers less is one that the cheap model could have answered."""
TTL_S = 300.0
"""Where the provider states no lifetime."""
SHRUNK = 0.7
"""A request this much shorter than the one before: the history was replaced."""


@dataclass
class Held:
    """One model's cache of one conversation."""

    card: PriceCard
    ttl_s: float
    tokens: int = 0
    used_at: float = 0.0
    spent: int = 0

    def alive(self, at: float) -> int:
        """Tokens of the prefix that are still there."""
        return self.tokens if at - self.used_at <= self.ttl_s else 0

    def cost(self, sent: int, output: int, read: int) -> int:
        """Micro-dollars of a request that reads so much and writes the rest."""
        usage = Usage(0, min(read, sent), max(0, sent - read), 0, output)
        found = self.card.cost_usd_micros(usage)
        assert isinstance(found, int)
        return found

    def ask(self, sent: int, output: int, at: float) -> None:
        """A request, and what it leaves behind."""
        self.spent += self.cost(sent, output, self.alive(at))
        self.tokens, self.used_at = sent, at


@dataclass
class Seen:
    """What a router knows of a session before a call: averages so far, with a prior."""

    easy_run: float = 3.0
    grows: float = 600.0
    output: float = 200.0
    run: int = 0
    runs: list[int] = field(default_factory=list)

    def note(self, grown: int, output: int, easy: bool) -> None:
        """A call was answered."""
        self.grows += (max(0, grown) - self.grows) / 10
        self.output += (output - self.output) / 10
        if easy:
            self.run += 1
        elif self.run:
            self.easy_run += (self.run - self.easy_run) / 4
            self.run = 0


def staying(large: Held, small: Held, sent: int, seen: Seen, easy: bool, at: float) -> Held:
    """All on the large model."""
    return large


def cheap(large: Held, small: Held, sent: int, seen: Seen, easy: bool, at: float) -> Held:
    """All on the small model."""
    return small


def per_request(large: Held, small: Held, sent: int, seen: Seen, easy: bool, at: float) -> Held:
    """What is easy goes to the small model, whatever its cache holds."""
    return small if easy else large


def pool_of_two(large: Held, small: Held, sent: int, seen: Seen, easy: bool, at: float) -> Held:
    """What is easy goes there if that pays over the easy calls to be expected.

    Going there costs what the small model lacks, and on return the large one lacks what was
    added meanwhile.
    """
    if not easy:
        return large
    calls = max(1.0, seen.easy_run - seen.run)
    grown, output = round(seen.grows), round(seen.output)
    here, there = 0, 0
    for number in range(round(calls)):
        size = sent + number * grown
        first = number == 0
        here += large.cost(size, output, large.alive(at) if first else size - grown)
        there += small.cost(size, output, small.alive(at) if first else size - grown)
    added = round(calls * grown)
    there += large.cost(sent + added, 0, sent) - large.cost(sent + added, 0, sent + added)
    return small if there < here else large


Policy = Callable[[Held, Held, int, Seen, bool, float], Held]


def held(name: str, book: PriceBook) -> Held:
    """A model whose cache is empty."""
    card = book.card(name)
    assert isinstance(card, PriceCard)
    return Held(card, book.rules(name).ttl_s or TTL_S)


def paid(calls: list[Call], names: tuple[str, str], policy: Policy) -> tuple[int, int]:
    """What a session would have cost, and how many changes of model it would have seen."""
    book = PriceBook()
    large, small, seen = held(names[0], book), held(names[1], book), Seen()
    last, before, changes = large, 0, 0
    for call in calls:
        sent, output = call.usage.sent_tokens, call.usage.billed_output_tokens
        at = call.started_at or call.at
        if sent < SHRUNK * before:
            large.tokens = small.tokens = 0
        easy = output < EASY_OUTPUT_TOKENS
        chosen = policy(large, small, sent, seen, easy, at)
        changes += chosen is not last
        chosen.ask(sent, output, at)
        seen.note(sent - before, output, easy)
        last, before = chosen, sent
    return large.spent + small.spent, changes


@cache
def sessions() -> list[list[Call]]:
    """The main chains of the corpus, of at least twenty calls."""
    book = PriceBook()
    sources = [each for each in library.sources_at(corpus_folder()) if not each.sidechain]
    sources.sort(key=lambda source: source.path)
    return [
        _timed(session)
        for source in sources
        for session in library.fold(source, library.read_all(source), book.rules).values()
        if len(session.calls) >= LEAST_CALLS
    ]


def _timed(session: Session) -> list[Call]:
    return [call for call in session.calls.values() if call.at and call.usage.sent_tokens]


def routing_bars() -> Iterator[Bar]:
    """One line for each pair of models."""
    chains = sessions()
    calls = sum(len(chain) for chain in chains)
    easy = sum(
        call.usage.billed_output_tokens < EASY_OUTPUT_TOKENS for chain in chains for call in chain
    )
    yield Bar("sessions, calls, of them easy", f"{len(chains)}, {calls:,}, {easy / calls:.0%}")
    for names in PAIRS:
        totals = {
            policy.__name__: [paid(chain, names, policy) for chain in chains]
            for policy in (staying, cheap, per_request, pool_of_two)
        }
        usd = {name: sum(cost for cost, _ in each) / 1e6 for name, each in totals.items()}
        changes = {name: sum(n for _, n in each) for name, each in totals.items()}
        worse = sum(
            mine > own
            for (mine, _), (own, _) in zip(totals["pool_of_two"], totals["staying"], strict=True)
        )
        stay = usd["staying"]
        yield Bar(
            f"{names[0]} with {names[1]}: staying / per request / pool of two",
            f"${stay:.2f} / ${usd['per_request']:.2f} ({usd['per_request'] / stay - 1:+.0%}, "
            f"{changes['per_request']:,} changes) / ${usd['pool_of_two']:.2f} "
            f"({usd['pool_of_two'] / stay - 1:+.0%}, {changes['pool_of_two']:,} changes)",
        )
        yield Bar(
            "… all of it on the cheap one; sessions in which the pool cost more than staying",
            f"${usd['cheap']:.2f}; {worse} of {len(chains)}",
        )


BARS = [routing_bars]
