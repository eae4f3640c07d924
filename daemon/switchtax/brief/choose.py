"""Which lines fit a token budget, and how many tokens a text is at most."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import zip_longest

from switchtax.brief.items import Item, Section
from switchtax.brief.phrases import cut
from switchtax.wording import brief as words

__all__ = ["chosen", "tokens_of"]

_LETTERS = re.compile(r"[A-Za-z ]+")
_BY_WEIGHT = (
    Section.GOAL,
    Section.NEXT,
    Section.TODO,
    Section.CONSTRAINTS,
    Section.CHECKS,
    Section.REPOSITORY,
    Section.DECISIONS,
    Section.UNCERTAIN,
    Section.READ,
)
"""In rounds: the first line of each, then the second of each, and so on."""
_GOAL_SHARE = 0.4
_SHORTEST_GOAL_CHARS = 80


def tokens_of(text: str) -> int:
    """Tokens of a text, rather too many than too few.

    Two tokens for five letters or spaces, two for three other ASCII characters, one for each
    character of any other script. Of 43 briefs of recorded sessions no count by OpenAI's
    o200k or Anthropic's published tokenizer came to more than 0.76 of it; the room above is for
    newer tokenizers, which make up to 35 % more tokens of a text.
    """
    letters = sum(len(found) for found in _LETTERS.findall(text))
    other = sum(1 for character in text if ord(character) > 127)
    return math.ceil(letters * 2 / 5 + (len(text) - letters - other) * 2 / 3 + other)


def chosen(items: list[Item], budget_tokens: int, *, frame_tokens: int) -> list[Item]:
    """The lines that fit, in the order they are to stand.

    What must be named comes first: the request, every edited file, the last failing command.
    Files for which there is no room at all are counted.
    """
    ordered = sorted(items, key=lambda item: (item.rank, item.order))
    left = budget_tokens - frame_tokens
    kept: list[Item] = []
    for item in ordered:
        if item.must and item.section is not Section.FILES:
            item = _within(item, round(budget_tokens * _GOAL_SHARE))
            left -= _cost(item, kept)
            kept.append(item)
    left = _files([item for item in ordered if item.section is Section.FILES], left, kept)
    waiting = [[i for i in ordered if i.section is s and not i.must] for s in _BY_WEIGHT]
    for round_ in zip_longest(*waiting):
        for item in round_:
            if item is not None and (cost := _cost(item, kept)) <= left:
                left -= cost
                kept.append(item)
    order = list(Section)
    return sorted(kept, key=lambda item: (order.index(item.section), item.order))


def _files(items: list[Item], left: int, kept: list[Item]) -> int:
    """All names where they fit; else as many folders as do, and a count of the rest."""
    for at, item in enumerate(items):
        rest = items[at:]
        names = sum(len(each.quotes) for each in rest)
        sources = tuple(dict.fromkeys(place for each in rest for place in each.sources))
        short = Item(Section.FILES, words.files_left(names, len(rest)), sources, order=item.order)
        behind = _cost(short, [item]) if len(rest) > 1 else 0
        everything = sum(_cost(each, kept if n == 0 else [each]) for n, each in enumerate(rest))
        if everything > left and _cost(item, kept) + behind > left:
            kept.append(short)
            return left - _cost(short, kept)
        left -= _cost(item, kept)
        kept.append(item)
    return left


def _cost(item: Item, kept: list[Item]) -> int:
    """Tokens of a line, and of its section's heading if it is the first there."""
    heading = 0
    if all(other.section is not item.section for other in kept):
        heading = tokens_of(f"\n## {words.HEADINGS[item.section]}\n\n")
    return heading + tokens_of(f"- {item.text}\n")


def _within(item: Item, most_tokens: int) -> Item:
    """A quoted line, cut where it would take more than its share."""
    over = tokens_of(item.text) - most_tokens
    if over <= 0 or len(item.quotes) != 1:
        return item
    quote = item.quotes[0]
    most = max(_SHORTEST_GOAL_CHARS, math.floor(len(quote) * most_tokens / (most_tokens + over)))
    short = cut(quote, most - 6)
    return replace(
        item,
        text=item.text.replace(quote, short, 1).replace(" […] […]", " […]"),
        quotes=(short.removesuffix(" […]").removesuffix("[…]"),),
    )
