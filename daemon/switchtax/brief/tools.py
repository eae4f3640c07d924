"""What a tool use does: which files it edits or reads, which command it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.brief.said import Said

__all__ = [
    "check_in",
    "command_of",
    "edited",
    "is_check",
    "is_piped",
    "is_search",
    "read",
    "todos_of",
]

_EDITS = frozenset(
    {
        "applypatch",
        "create",
        "createfile",
        "edit",
        "editfile",
        "insert",
        "multiedit",
        "notebookedit",
        "patch",
        "replace",
        "strreplace",
        "strreplacebasededittool",
        "strreplaceeditor",
        "write",
        "writefile",
    }
)
_READS = frozenset({"notebookread", "read", "readfile", "view", "viewimage"})
_SHELLS = frozenset(
    {
        "bash",
        "exec",
        "execcommand",
        "localshell",
        "powershell",
        "runinterminal",
        "runshellcommand",
        "shell",
        "shellcommand",
    }
)
_PATHS = ("file_path", "filePath", "path", "notebook_path", "absolute_path")
_PATCHED = re.compile(r"^\*\*\* (?:Add|Update|Delete) File: (.+?)\s*$", re.MULTILINE)
_MOVED = re.compile(r"^\*\*\* Move to: (.+?)\s*$", re.MULTILINE)
_BEFORE = (
    r"(?:^|&&|\|\||[;(\n])\s*(?:\w+=\S*\s+)*"
    r"(?:(?:timeout (?:-\S+ )*\S+|sudo|time|nice|env|uv run|poetry run|pipenv run|pdm run"
    r"|python3? -m|npx|bunx|pnpm exec|bundle exec|mise exec --|\S*/bin/python -m) )*"
)
_CHECKS = (
    r"(?:\S*/)?(?:pytest|py\.test|tox|nox|unittest|jest|vitest|mocha|tsc|eslint|biome|ruff|mypy"
    r"|pyright|phpunit|rspec|rake|ctest|ninja|make|gmake|just|mvn|mvnw|gradlew?|xcodebuild|bazel"
    r"|golangci-lint|staticcheck|shellcheck|playwright|hatch|pre-commit"
    r"|go (?:test|build|vet)|cargo (?:test|build|check|clippy|nextest)|dotnet (?:test|build)"
    r"|swift (?:test|build)|mix test|zig build|cmake --build|deno (?:test|check)|bun test"
    r"|(?:npm|pnpm|yarn|bun)(?: (?:-\S+|run))* \S*(?:test|build|lint|check|compile|verify)\S*"
    r"|mise run \S*(?:test|build|lint|check)\S*|node --test)(?=[\s;&|)]|$)"
)
_CHECK = re.compile(_BEFORE + _CHECKS)
_SEARCH = re.compile(r"\s*(?:cd \S+ && )?(?:grep|rg|find|ls|diff|test|which|git (?:diff|grep))\b")


def _name(said: Said) -> str:
    return said.tool.lower().replace("_", "").replace("-", "")


def _path(said: Said) -> list[str]:
    for name in _PATHS:
        value = said.given.get(name)
        if isinstance(value, str) and value:
            return [value]
    return []


def edited(said: Said) -> list[str]:
    """The files a tool use edits, makes or deletes, as it spells them."""
    for name in ("patch", "patchText", "input", "command", "cmd"):
        text = said.given.get(name)
        if isinstance(text, list):
            text = "\n".join(str(part) for part in text)
        if isinstance(text, str) and "*** Begin Patch" in text:
            return [*_PATCHED.findall(text), *_MOVED.findall(text)]
    if _name(said) in _EDITS and said.given.get("command") != "view":
        return _path(said)
    return []


def read(said: Said) -> list[str]:
    """The files a tool use only reads."""
    viewing = _name(said) in _READS or said.given.get("command") == "view"
    return _path(said) if viewing else []


def command_of(said: Said) -> str:
    """The shell command of a tool use; "" for any other."""
    if _name(said) not in _SHELLS or edited(said):
        return ""
    command = said.given.get("command", said.given.get("cmd"))
    if isinstance(command, list):
        words = [str(word) for word in command]
        command = words[-1] if len(words) > 2 and words[1] in ("-lc", "-c") else " ".join(words)
    return command.strip() if isinstance(command, str) else ""


def is_check(command: str) -> bool:
    """Whether a command tests, builds or lints.

    >>> is_check("cd web && npm run test:unit -- --run"), is_check('git commit -m "make it"')
    (True, False)
    """
    return _CHECK.search(command) is not None


def check_in(command: str) -> str:
    """A command from its test, build or lint on; all of it where it holds none.

    >>> check_in("cp a b && cd web && npm test | tail -5")
    'npm test | tail -5'
    """
    found = _CHECK.search(command)
    return command[found.start() :].lstrip("&|;( \n") if found else command


def is_piped(command: str) -> bool:
    """Whether the exit code may be another program's than the one that was asked for."""
    return "|" in command or ";" in command or "\n" in command.strip()


def is_search(command: str) -> bool:
    """Whether a command looks for something: ending with 1 then means that nothing was found."""
    return _SEARCH.match(command) is not None


def todos_of(said: Said) -> list[tuple[str, str]] | None:
    """The whole list of to-dos that a tool use writes, as (text, status); None for any other."""
    if _name(said) not in ("todowrite", "writetodos", "updateplan", "updatetodo", "todo"):
        return None
    held = said.given.get("todos", said.given.get("plan"))
    if isinstance(held, str):
        marks = (line.strip() for line in held.splitlines())
        return [
            (line[5:].strip(), "completed" if line[3:4] in "xX" else "pending")
            for line in marks
            if line.startswith(("- [", "* ["))
        ]
    found = []
    for each in held if isinstance(held, list) else ():
        if isinstance(each, dict):
            text = each.get("content") or each.get("step") or each.get("description")
            text = text or each.get("title") or each.get("text")
            if isinstance(text, str):
                found.append((text, str(each.get("status") or "pending")))
    return found
