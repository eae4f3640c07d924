"""From the story to the lines that a brief may hold, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.brief import phrases, tools
from switchtax.brief.files import by_folder, folder_of, shown_path
from switchtax.brief.items import Item, Section
from switchtax.brief.phrases import clean, cut
from switchtax.wording import brief as words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from switchtax.brief.said import Place, Said
    from switchtax.brief.story import Run, Spoken, Story

__all__ = ["gathered"]

_GOAL_CHARS, _EARLIER_CHARS = 1_200, 400
_COMMAND_CHARS, _SAYS_CHARS, _TODO_CHARS = 200, 160, 240
_EARLIER_MOST, _CONSTRAINTS_MOST, _DECISIONS_MOST = 3, 14, 10
_UNCERTAIN_MOST, _CHECKS_MOST, _READ_MOST, _PENDING_MOST = 6, 3, 40, 3
_LAST_TURNS = 3
"""What was uncertain longer ago has been settled, or will be met again."""


def gathered(story: Story, cwd: str) -> list[Item]:
    """All lines, section by section; the budget decides which of them are kept."""
    return [
        *_goal(story),
        *_constraints(story),
        *_files(story, cwd),
        *_checks(story),
        *_todos(story),
        *_decisions(story),
        *_uncertain(story, cwd),
        *_next(story),
        *_read(story, cwd),
    ]


def _quoted(
    section: Section,
    spoken: Spoken,
    quote: str,
    wording: Callable[[str, int], str] = words.said_at,
    *,
    at: tuple[int, int] = (0, 0),
) -> Item:
    """A line that quotes; `at` is its rank and its order."""
    text = wording(quote, spoken.turn)
    quotes = (quote.removesuffix(" […]").removesuffix("[…]"),)
    return Item(section, text, (spoken.place,), quotes, *at)


def _goal(story: Story) -> Iterator[Item]:
    """The latest request that says something by itself, and those that led to it."""
    prompts = story.prompts
    once = list({prompt.text: prompt for prompt in prompts}.values())
    telling = [p for p in once if phrases.is_substantial(p.text)] or prompts
    latest = telling[-1]
    quote = cut(clean(latest.text), _GOAL_CHARS)
    item = _quoted(Section.GOAL, latest, quote)
    yield Item(item.section, item.text, item.sources, item.quotes, must=True)
    earlier = telling[-1 - _EARLIER_MOST : -1]
    if telling[0] is not latest and telling[0] not in earlier:
        earlier = [telling[0], *earlier[1:]]
    for rank, spoken in enumerate(reversed(earlier), 1):
        quote = cut(clean(spoken.text), _EARLIER_CHARS)
        yield _quoted(Section.GOAL, spoken, quote, words.began, at=(rank, rank))


def _unique(spoken: Iterable[Spoken]) -> Iterator[tuple[Spoken, str]]:
    """The sentences of texts, each told once, the last ones first."""
    seen = set()
    for each in spoken:
        for sentence in reversed(list(phrases.sentences(each.text))):
            key = sentence.casefold()
            if key not in seen:
                seen.add(key)
                yield each, sentence


def _constraints(story: Story) -> Iterator[Item]:
    goal = clean(next(_goal(story)).quotes[0])
    found = [
        (spoken, sentence)
        for spoken, sentence in _unique(reversed(story.prompts))
        if phrases.is_constraint(sentence) and sentence not in goal
    ]
    for rank, (spoken, sentence) in enumerate(found[:_CONSTRAINTS_MOST]):
        yield _quoted(Section.CONSTRAINTS, spoken, sentence, at=(rank, -rank))


def _files(story: Story, cwd: str) -> Iterator[Item]:
    """All edited files, by folder; names outrank everything else."""
    places: dict[str, list[Place]] = {}
    for path, found in story.edits.items():
        places.setdefault(shown_path(path, cwd), []).extend(found)
    inside: dict[str, list[Place]] = {}
    for path, found in places.items():
        inside.setdefault(folder_of(path), []).extend(found)
    for order, (folder, names) in enumerate(by_folder(places).items()):
        text = f"{folder}: {', '.join(names)}" if folder else ", ".join(names)
        sources = tuple(dict.fromkeys(inside[folder]))
        yield Item(Section.FILES, text, sources, tuple(names), order=order, must=True)


def _checks(story: Story) -> Iterator[Item]:
    last_of: dict[str, Run] = {}
    for run in story.runs:
        if tools.is_check(run.command):
            last_of.pop(run.command, None)
            last_of[run.command] = run
    failing = next((run for run in reversed(story.runs) if run.ok is False), None)
    checked = list(last_of.values())[::-1][:_CHECKS_MOST]
    if failing is not None:
        yield _failing(failing, story.runs)
        if tools.is_search(failing.command):
            checked = [*checked, *(run for run in last_of.values() if run.ok is False)][::-1]
            checked = list({id(run): run for run in checked}.values())[: _CHECKS_MOST + 1]
    for rank, run in enumerate(checked, 1):
        if run is not failing:
            checked_part = tools.check_in(run.command)
            command, says = _shown(checked_part), _says(run)
            ok = None if run.ok and tools.is_piped(checked_part) else run.ok
            text = words.check(f"`{command}`", run.turn, ok, " / ".join(says))
            yield Item(Section.CHECKS, text, _places(run), (command, *says), rank, rank)


def _failing(run: Run, runs: list[Run]) -> Item:
    after = runs[next(at for at, each in enumerate(runs) if each is run) + 1 :]
    mended = next((each for each in after if each.command == run.command and each.ok), None)
    command, says = _shown(run.command), _says(run)
    later = mended.turn if mended else 0
    text = words.failing(f"`{command}`", run.turn, " / ".join(says), later=later)
    sources = _places(run) + (_places(mended) if mended else ())
    return Item(Section.CHECKS, text, sources, (command, *says), must=True)


def _shown(command: str) -> str:
    return cut(clean(command), _COMMAND_CHARS).removesuffix(" […]")


def _says(run: Run) -> list[str]:
    lines = phrases.telling_lines(run.output)
    return [cut(line, _SAYS_CHARS).removesuffix(" […]") for line in lines]


def _places(run: Run) -> tuple[Place, ...]:
    return (run.place,) if run.ended is None else (run.place, run.ended)


def _todos(story: Story) -> Iterator[Item]:
    going = ("in_progress", "in-progress", "active")
    listed = [(t, s, p) for t, s, p in story.todos if s not in ("completed", "cancelled", "done")]
    listed = [each for each in listed if each[1] != "deleted"]
    for order, (text, status, places) in enumerate(listed):
        quote = cut(clean(text), _TODO_CHARS).removesuffix(" […]")
        mark = "[~]" if status in going else "[ ]"
        rank = order - 1_000 if status in going else order
        yield Item(Section.TODO, f"{mark} {quote}", places, (quote,), rank, order)


def _decisions(story: Story) -> Iterator[Item]:
    goal = clean(next(_goal(story)).quotes[0])
    found: list[tuple[Spoken, str]] = []
    for spoken in reversed([*story.answers, *story.plans]):
        first = next((line for line in spoken.text.splitlines() if line.strip()), "")
        found.append((spoken, cut(clean(first.lstrip("# ")), _EARLIER_CHARS)))
    for heard in (story.prompts, story.texts):
        found += [
            (spoken, sentence)
            for spoken, sentence in _unique(reversed(heard))
            if phrases.is_decision(sentence) and sentence not in goal
        ][:_DECISIONS_MOST]
    known = {sentence for item in _constraints(story) for sentence in item.quotes}
    found = [(spoken, sentence) for spoken, sentence in found if sentence not in known]
    for rank, (spoken, sentence) in enumerate(found[:_DECISIONS_MOST]):
        yield _quoted(Section.DECISIONS, spoken, sentence, at=(rank, spoken.turn))


def _uncertain(story: Story, cwd: str) -> Iterator[Item]:
    latest = [text for text in story.texts if text.turn > story.turns - _LAST_TURNS]
    said = [each for each in _unique(reversed(latest)) if phrases.is_uncertain(each[1])]
    rank = 0
    for use, turn in list(story.open.values())[:_PENDING_MOST]:
        yield _use(Section.UNCERTAIN, use, turn, words.pending, order=rank)
        rank += 1
    if story.untested and any(tools.is_check(run.command) for run in story.runs):
        names = list(dict.fromkeys(shown_path(path, cwd) for path in story.untested))
        text = words.not_tested_since(", ".join(map(clean, names)))
        sources = tuple(dict.fromkeys(story.untested.values()))
        yield Item(Section.UNCERTAIN, text, sources, (), rank, rank)
    for spoken, sentence in said[:_UNCERTAIN_MOST]:
        rank += 1
        yield _quoted(Section.UNCERTAIN, spoken, sentence, at=(rank, rank))


def _use(
    section: Section, use: Said, turn: int, wording: Callable[[str, str, int], str], *, order: int
) -> Item:
    command = cut(clean(tools.command_of(use)), _SAYS_CHARS).removesuffix(" […]")
    named = clean(next(iter(tools.edited(use) or tools.read(use)), ""))
    about = f"`{command}`" if command else named
    quotes = tuple(quote for quote in (use.tool, command or named) if quote)
    return Item(section, wording(use.tool, about, turn), (use.place,), quotes, order, order)


def _next(story: Story) -> Iterator[Item]:
    """What is being done, or was announced last; else the last words of the last answer."""
    last = [text for text in story.texts if text.turn == story.turns]
    if not last:
        prompt = story.prompts[-1]
        text = words.no_closing_words(prompt.turn)
        yield Item(Section.NEXT, text, (prompt.place,))
        if story.last_use is not None and story.last_use[1] == story.turns:
            yield _use(Section.NEXT, *story.last_use, words.last_begun, order=1)
        return
    sentences = list(_unique([last[-1]]))
    announced = [each for each in sentences if phrases.is_next(each[1])][:2]
    for rank, (spoken, sentence) in enumerate(announced):
        yield _quoted(Section.NEXT, spoken, sentence, at=(rank, -rank))
    if not announced and sentences:
        yield _quoted(Section.NEXT, *sentences[0], words.last_said)


def _read(story: Story, cwd: str) -> Iterator[Item]:
    edited = {shown_path(path, cwd) for path in story.edits}
    places = {shown_path(path, cwd): place for path, place in story.reads.items()}
    kept = [path for path in places if path not in edited][-_READ_MOST:]
    for order, (folder, names) in enumerate(by_folder(kept).items()):
        text = f"{folder}: {', '.join(names)}" if folder else ", ".join(names)
        sources = tuple(places[path] for path in kept if folder_of(path) == folder)
        yield Item(Section.READ, text, sources, tuple(names), -order, order)
