"""What class a task is, by local rules that name themselves."""

from __future__ import annotations

import pytest

from switchtax.advice.tasks import ModelClass, TaskClass, classify

LONG, FAST = TaskClass.LONG_CONTEXT, TaskClass.FAST_ITERATION
HARD, FORM = TaskClass.COMPLEX_REASONING, TaskClass.STRUCTURED_OUTPUT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Summarise the whole codebase for a newcomer", LONG),
        ("read through these logs file by file", LONG),
        ("look at " + " ".join(f"src/m{n}.py" for n in range(9)), LONG),
        ("x " * 12_000, LONG),
        ("rename this variable", FAST),
        ("fix the typo, run the tests, commit and push", FAST),
        ("Why does the queue deadlock under load?", HARD),
        ("Propose a design for the cache and plan the migration", HARD),
        ("Do this:\n1. one\n2. two\n3. three\n4. four", HARD),
        ("convert this yaml to json", FORM),
        ("generate types from the openapi schema", FORM),
        ("hello", None),
        ("", None),
    ],
)
def test_by_words_and_shape(text: str, kind: TaskClass | None) -> None:
    """One class, or none where no rule speaks."""
    found = classify(text)
    assert kind == found.kind
    assert bool(kind) == bool(found.because)


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        ("rename this variable", True),  # a small change, told in a sentence
        ("fix the typo, run the tests, commit and push", True),
        ("Why does the queue deadlock? Propose a design.", True),
        ("Why does the queue deadlock?", False),
        ("Propose a small design and convert it to json", False),
        ("hello", False),
    ],
)
def test_clear_is_what_two_more_rules_speak_for(text: str, clear: bool) -> None:
    """One rule alone, or one for another class as well, leaves it open."""
    assert clear == classify(text).is_clear


def test_between_equals_the_more_demanding() -> None:
    """A model that is too small costs the work twice."""
    assert HARD == classify("investigate why the json is wrong").kind


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("the entire repository", ModelClass.ROOMY),
        ("bump the version", ModelClass.SMALL),
        ("find the root cause", ModelClass.LARGE),
        ("extract it as csv", ModelClass.MIDDLE),
        ("hello", None),
    ],
)
def test_the_model_that_fits(text: str, wants: ModelClass | None) -> None:
    """Large, middle, small, or with a long window."""
    assert wants == classify(text).wants


def test_nothing_of_the_text_is_kept() -> None:
    """Only names of rules come out."""
    secret = "rename hunter2 and commit"
    assert "hunter2" not in repr(classify(secret))


def test_a_huge_text_takes_no_time() -> None:
    """Only its start is searched."""
    assert LONG == classify("a.b " * 2_000_000).kind
