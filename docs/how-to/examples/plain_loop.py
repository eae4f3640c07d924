"""A router without a proxy: before each request, which model."""

import time
from collections.abc import Iterator
from pathlib import Path

from switchtax.catalog.book import open_book
from switchtax.decide import decide
from switchtax.sessions import library

CANDIDATES = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"]


def choices(log: Path, requests: int, turns: int = 10) -> Iterator[str]:
    """The model for each of the next requests of the session in a log."""
    book = open_book()
    source = library.sources_at(log)[0]
    for _ in range(requests):
        sessions = library.fold(source, library.read_all(source), book.rules)
        session = next(each for each in sessions.values() if each.current)
        found = decide(session, CANDIDATES, time.time(), book, turns=turns)
        yield found.recommended if isinstance(found.recommended, str) else session.model
        # send the request to that model here; the log grows by its answer
