"""What commands do, what prompts lay down, what is left on a to-do list: counts, never words."""

import json

import pytest

from switchtax.agents.commands import act_of
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import todo_record
from switchtax.records import Act, Todos, TodoStep


@pytest.mark.parametrize(
    "command",
    [
        "pytest -q",
        "cd app && npm test",
        "npm run build 2>&1 | tail -5",
        ".venv/bin/python -m pytest tests/unit",
        "CI=1 go test ./...",
        "uv run mypy src",
        "make lint",
        "cargo clippy --all",
        "git stash pop && pytest",
        "echo start; npx tsc --noEmit",
        "timeout 60 ./gradlew test",
        "mise run test:ci",
    ],
)
def test_what_checks_the_code_is_a_test_run(command: str) -> None:
    """Tests, builds, type checkers and linters, wherever a simple command may start."""
    assert Act.TEST is act_of(command)


@pytest.mark.parametrize(
    "command",
    [
        "grep -rn pytest docs",
        "pip install pytest",
        "cat pytest.ini",
        "echo 'now run; pytest'",
        'printf "make test\\n"',
        "ls tests build",
        "git log --oneline -- tests",
        "git commit --dry-run -m x",
        "git stash list",
        "git restore --staged a.py",
        "vim test.py",
        "python test_data.py",
        "",
    ],
)
def test_what_only_speaks_of_it_is_none(command: str) -> None:
    """Words in arguments, quotes and file names do nothing."""
    assert Act.OTHER is act_of(command)


@pytest.mark.parametrize(
    ("command", "act"),
    [
        ("git add -A && git commit -m 'test: pytest'", Act.COMMIT),
        ("git -C app commit --amend --no-edit", Act.COMMIT),
        ("pytest && git commit -am done", Act.COMMIT),
        ("git checkout -- src/a.py", Act.REVERT),
        ("git checkout HEAD~1 -- src/a.py", Act.REVERT),
        ("git reset --hard", Act.REVERT),
        ("git stash", Act.REVERT),
        ("git restore src", Act.REVERT),
        ("git checkout main", Act.OTHER),
    ],
)
def test_commits_and_what_is_taken_back(command: str, act: Act) -> None:
    """The quoted message of a commit is not read."""
    assert act is act_of(command)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Never touch the public API.", 1),
        ("Add a field, but don't add packages, and always run the linter.", 2),
        ("The build must stay green\n- do not rename files\n- never force-push", 3),
        ("Fix it. It must not allocate.", 1),
        ("I don't know why it never works, it must be the cache", 0),
        ("don't worry about the tests", 0),
        ("The linter always fails here and we do not see why", 0),
        ("```\n// never call this\n```\nWhat does this say?", 0),
        ("> never do that\nwho wrote this?", 0),
        ("<system-reminder>Never mention this</system-reminder>", 0),
        ("Explain `never use` in the docs", 0),
        ("", 0),
    ],
)
def test_rules_are_orders_at_the_start_of_a_clause(prompt: str, count: int) -> None:
    """What a person complains of, quotes or pastes is no rule."""
    assert count == rules_in(prompt)


def _todo(name: str, given: object) -> Todos | TodoStep | None:
    return todo_record(name, json.dumps(given).encode(), "s", 1.0, 7)


def test_a_whole_list_counts_what_is_open() -> None:
    """Under every name an agent has for it; cancelled items are done with."""
    states = ["pending", "in_progress", "completed", "cancelled"]
    todos = [{"content": "x", "status": state} for state in states]
    steps = [{"step": "x", "status": state} for state in states]
    expected = Todos("s", 1.0, 2, 2, 7)
    for name in ("TodoWrite", "todowrite", "write_todos"):
        assert expected == _todo(name, {"todos": todos})
    assert expected == _todo("update_plan", {"plan": steps, "explanation": "y"})


def test_a_checklist_in_markdown_counts_its_boxes() -> None:
    """As Copilot CLI writes it."""
    text = "- [x] read\n- [ ] write\n- [X] think"
    assert Todos("s", 1.0, 1, 2, 7) == _todo("update_todo", {"todos": text})


def test_single_items_are_added_and_closed() -> None:
    """TaskCreate adds one, TaskUpdate changes its state, other updates say nothing."""
    assert TodoStep("s", 1.0, "", True, 7) == _todo("TaskCreate", {"subject": "x"})
    done = {"taskId": "2", "status": "completed"}
    assert TodoStep("s", 1.0, "2", False, 7) == _todo("TaskUpdate", done)
    assert TodoStep("s", 1.0, "2", True, 7) == _todo("TaskUpdate", done | {"status": "pending"})
    assert _todo("TaskUpdate", {"taskId": "2", "subject": "y"}) is None


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Read", {"todos": []}),
        ("TodoWrite", {}),
        ("TodoWrite", {"todos": 5}),
        ("TodoWrite", [1]),
    ],
)
def test_what_is_no_list_says_nothing(name: str, given: object) -> None:
    """Another tool, no list, or one of another shape."""
    assert _todo(name, given) is None
