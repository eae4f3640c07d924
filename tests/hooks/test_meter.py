"""The meter's text: what a person sees in the status line."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from making import BOOK, START, call, make, talk
from switchtax.estimates.for_session import answer
from switchtax.hooks.meter import page, render
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
SESSION = make(*talk(4, first=150_000))
NOW = START + 250


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """Clocks in the golden lines are those of Greenwich."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def line(model: str, at: float = NOW, **more: object) -> str:
    """The meter for a model."""
    return render(answer(SESSION, model, at, BOOK), **more)  # type: ignore[arg-type]


def test_a_warm_session() -> None:
    """Model, context, cache clock, spent."""
    golden = "Opus 5.5 · 153k context · cache until 10:09 · $1.23 spent"
    assert golden == line(OPUS, spent=1_230_000)
    assert "Opus 5.5 · 153k context · cache until 10:09" == line(OPUS)
    assert line(OPUS, spent=Unknown("no price")).endswith(" · spent unknown")


def test_a_cold_session() -> None:
    """The clock has run out."""
    assert "Opus 5.5 · 153k context · cache cold" == line(OPUS, NOW + 7200)


def test_the_model_just_chosen() -> None:
    """Its own cache, not the old one's: this is what other status lines get wrong."""
    assert "Sonnet 5.5 · 153k context · must re-read 154k ($0.37)" == line(SONNET)
    assert "No Price · 153k context · must re-read 154k" == line("no-price")


def test_the_model_just_left() -> None:
    """Still warm: until when."""
    back = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
    found = render(answer(back, OPUS, NOW, BOOK))
    assert "Opus 5.5 · 154k context · cache until 10:09" == found


def test_the_switch_that_saves() -> None:
    """Named where it fits in 80 columns, else left out."""
    useful = answer(SESSION, SONNET, NOW, BOOK)
    whole = line(OPUS, useful=useful)
    assert whole.startswith("Opus 5.5 · 153k context · cache until 10:09 · Sonnet 5.5 saves $")
    assert len(whole) <= 80
    assert line(OPUS, spent=1_230_000) == line(OPUS, spent=1_230_000, useful=useful)
    assert line(SONNET) == line(SONNET, useful=useful)
    dearer = answer(make(*talk(4, model=SONNET)), OPUS, NOW, BOOK)
    assert line(OPUS) == line(OPUS, useful=dearer)


def test_the_file_of_a_session() -> None:
    """The own line first, then each by its model."""
    assert "a · 1\na\ta · 1\nb\tb 2\n" == page("a", {"a": "a · 1", "b": "b\n2"})
