"""What a shell command says of itself: sizes and kinds, never the command."""

from __future__ import annotations

import re

from switchtax.records import Act

__all__ = ["MOST_LINES", "act_of", "lines_asked"]

MOST_LINES = 100_000
"""A larger limit says nothing about what will come."""

_RANGE = re.compile(r"\bsed -n ['\"]?(\d+),(\d+)p")
_COUNT = re.compile(r"\b(?:head|tail) (?:-n ?|--lines=|-)(\d+)\b")
_LOOKED_AT = 4000
"""Characters of a command that are looked at."""
_HINT = re.compile(
    r"git|test|build|check|lint|tsc|mypy|ruff|jest|vet|clippy|tox|nox|spec|phpunit|eslint"
)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.S)
_START = (
    r"(?:^|[;&|(\n])\s*(?:(?:[A-Za-z_]\w*=\S*|cd \S+ &&|time|sudo|timeout \S+|uv run|poetry run|"
    r"pipenv run|hatch run|mise exec --|npx|bunx|pnpm exec|bundle exec|"
    r"(?:[\w.~/-]*/)?python3?(?: -\w)* -m)\s+)*"
    r"(?:[\w.~-]*/)*"
)
_TEST = re.compile(
    _START + r"(?:pytest|py\.test|tox|nox|unittest|mypy|pyright|jest|vitest|tsc|eslint|ctest|"
    r"rspec|phpunit|ruff check|playwright test|staticcheck|golangci-lint|pre-commit run|"
    r"(?:npm|pnpm|yarn|bun)(?: run)? (?:-\S+ )*(?:test|build|lint|typecheck|type-check|check)|"
    r"go (?:test|build|vet)|cargo (?:test|build|check|clippy|nextest)|"
    r"(?:mise|just|task|rake|mix|deno|dotnet|swift|mvnw?|gradlew?|make)(?: run)?(?: -\S+)* "
    r"(?:test|build|check|lint|verify)|xcodebuild)(?![\w.-]*\.\w)[\w:-]*(?=\s|$|[;&|)])",
    re.M,
)
_GIT = _START + r"git (?:-[cC] \S+ )*"
_COMMIT = re.compile(_GIT + r"commit\b(?![^;&|\n]*--dry-run)", re.M)
_REVERT = re.compile(
    _GIT + r"(?:checkout (?:\S+ )?-- |restore (?!--staged)|reset --hard|revert |"
    r"stash(?! (?:list|pop|show|apply|drop)))",
    re.M,
)


def lines_asked(command: str) -> int | None:
    """The lines a command prints at most, where it says so plainly.

    >>> lines_asked("sed -n '10,80p' src/a.py"), lines_asked("pytest | tail -20")
    (71, 20)
    >>> lines_asked("ls -la") is None
    True
    """
    if found := _RANGE.search(command):
        lines = int(found[2]) - int(found[1]) + 1
    elif found := _COUNT.search(command):
        lines = int(found[1])
    else:
        return None
    return lines if 0 < lines < MOST_LINES else None


def act_of(command: str) -> Act:
    """What a command does that matters to whoever goes on: test or build, commit, take back.

    Only the start of each simple command counts, so that words in quotes, in arguments and
    in file names are not taken for commands.

    >>> act_of("cd app && npm test -- --watch"), act_of("git commit -m 'fix the tests'")
    (<Act.TEST: 'test'>, <Act.COMMIT: 'commit'>)
    >>> act_of("grep -rn pytest docs"), act_of("git restore src/a.py")
    (<Act.OTHER: ''>, <Act.REVERT: 'revert'>)
    """
    if _HINT.search(command, 0, _LOOKED_AT) is None:
        return Act.OTHER
    bare = _QUOTED.sub("''", command[:_LOOKED_AT])
    if _COMMIT.search(bare):
        return Act.COMMIT
    if _TEST.search(bare):
        return Act.TEST
    return Act.REVERT if _REVERT.search(bare) else Act.OTHER
