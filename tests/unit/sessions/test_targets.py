"""Targets as people, hooks and pickers spell them."""

import pytest

from making import BOOK, make, talk
from switchtax.catalog.names import Target
from switchtax.records import Unknown
from switchtax.sessions.targets import target_of

CURSOR = make(*talk(1), agent="cursor")


def _meant(spelled: str, agent: str = "cursor") -> str:
    found = target_of(make(*talk(1), agent=agent), spelled, BOOK)
    assert isinstance(found, Target)
    return found.name.name


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("claude-opus-5.5-thinking-high", "claude-opus-5-5"),
        ("claude-4.6-opus-high-thinking", "claude-opus-4-6"),
        ("gpt-5.6-sol-high-fast", "gpt-5.6-sol"),
        ("GPT-5.6 Sol High Fast", "gpt-5.6-sol"),
        ("Sonnet 5.5 Thinking", "claude-sonnet-5-5"),
        ("gpt-5.1-codex-max-high", "gpt-5.1-codex-max"),
        ("composer-2.5-fast", "composer-2.5-fast"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
    ],
)
def test_settings_in_a_name_of_cursors_picker_are_no_part_of_the_model(
    spelled: str, meant: str
) -> None:
    """As its reader takes them off: the price is the model's."""
    assert meant == _meant(spelled)


def test_an_alias_is_the_newest_of_its_family() -> None:
    """For a session of Cursor as for any other."""
    assert _meant("sonnet", "claude-code") == _meant("sonnet")


def test_other_agents_write_no_settings_into_a_name() -> None:
    """There it is a model that is not known, and never a neighbour."""
    assert "gpt-5.6-sol-high" == _meant("gpt-5.6-sol-high", "codex")


@pytest.mark.parametrize("spelled", ["auto", "Auto", "default"])
def test_auto_is_no_target(spelled: str) -> None:
    """Which model it will be is known to nobody here."""
    why = f'"{spelled.lower()}" leaves the choice to the agent: name a model'
    assert Unknown(why) == target_of(CURSOR, spelled, BOOK)


def test_nothing_is_no_target() -> None:
    """A space is no name."""
    assert Unknown("no model is named") == target_of(CURSOR, " ", BOOK)
