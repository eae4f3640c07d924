"""What Codex tells each model: the table against requests of the real client.

The bills are of 2026-11-21: Codex 0.169.0 on loopback, four bytes a token.
"""

from __future__ import annotations

import pytest

from switchtax.sessions.agent_facts import outside_input_tokens
from switchtax.sessions.codex_facts import (
    Room,
    appended_chars,
    head_chars,
    is_too_long,
    opening_chars,
    restart_chars,
    room_of,
    told_of,
    unlogged_chars,
)

SOL, TERRA, OLD, MINI = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5", "gpt-5.4-mini"
BYTES_A_TOKEN = 4
A_PROMPT = 37
"""A prompt of some ten characters, with what JSON puts around it."""


def alone(began_on: str) -> Room:
    """`codex exec` with a provider of one's own."""
    return room_of(began_on, "exec", "lab")


def on_screen(began_on: str) -> Room:
    """The same in a terminal, where permission may be asked for."""
    return room_of(began_on, "cli", "lab")._replace(asks=True)


def began_on_screen(began_on: str) -> Room:
    """The same, resumed without it."""
    return on_screen(began_on).elsewhere._replace(keeps_mode=True)


class TestTable:
    """One row a model."""

    @pytest.mark.parametrize(
        ("model", "comp_hash"),
        [
            (OLD, "2911"), ("gpt-5.6-sol", "3000"), ("gpt-5.6-terra", "3000"),
            ("gpt-6-luna", "3000"), ("gpt-6.2", "3000"), (TERRA, "3000"), (MINI, ""),
            ("gpt-60", ""), ("gpt-5.55", ""),
        ],
    )  # fmt: skip
    def test_compaction_hashes(self, model: str, comp_hash: str) -> None:
        """By name, or by the line a name begins."""
        assert comp_hash == told_of(model).comp_hash

    def test_where_a_session_runs(self) -> None:
        """As its log says: `codex exec` has nobody at a screen."""
        assert Room(SOL, is_on_screen=False, is_hosted=True) == room_of(SOL, "exec", "openai")
        assert Room(SOL, is_on_screen=True, is_hosted=False) == room_of(SOL, "vscode", "azure")


class TestASmallerWindow:
    """Terra's is larger than the others': a history that fills theirs is summed up first."""

    @pytest.mark.parametrize(
        ("old", "new", "context", "summed_up"),
        [
            (TERRA, SOL, 244_801, True), (TERRA, SOL, 244_800, False),
            (TERRA, MINI, 300_000, True), (SOL, TERRA, 460_000, False),
            (SOL, "gpt-6-luna", 250_000, False),
        ],
    )  # fmt: skip
    def test_by_the_table(self, old: str, new: str, context: int, summed_up: bool) -> None:
        """From a larger window to a smaller one, above nine tenths of that."""
        assert summed_up is is_too_long(None, old, new, context)

    def test_the_sessions_own_window_counts(self) -> None:
        """A user may have set another one; the log tells the 95 % that Codex uses."""
        assert is_too_long(828_400, SOL, "gpt-6-luna", 250_000)
        assert not is_too_long(258_400, TERRA, SOL, 250_000)


class TestAfterASummary:
    """From the first request of a session to the first after a summary."""

    @pytest.mark.parametrize(
        ("room", "model", "first", "prompts", "billed"),
        [
            (alone(SOL), OLD, 13_744, 3, 18_051),
            (alone(OLD), SOL, 9_425, 3, 12_856),
            (alone(OLD), OLD, 9_425, 5, 16_121),
            (alone("gpt-5.6-sol"), OLD, 11_842, 3, 17_037),
            (on_screen(OLD), SOL, 11_170, 3, 13_769),
            (on_screen(OLD), OLD, 11_170, 5, 17_866),
            (on_screen(SOL), OLD, 14_676, 3, 19_998),
            (on_screen(SOL), TERRA, 14_676, 5, 15_900),
            (on_screen(OLD), "gpt-5.6-sol", 11_170, 3, 12_254),
        ],
    )
    def test_what_the_new_model_was_sent(
        self, room: Room, model: str, first: int, prompts: int, billed: int
    ) -> None:
        """Given the summary, with what stands around it: within 0.5 % of the bill."""
        summary = (4_000 + 400 + 135) / BYTES_A_TOKEN
        change = (restart_chars(model, room) - opening_chars(room)) / BYTES_A_TOKEN
        said = first - A_PROMPT + change + prompts * A_PROMPT + summary
        assert billed == pytest.approx(said, rel=0.005)

    @pytest.mark.parametrize(
        ("began", "room", "model", "first", "prompts", "billed"),
        [
            (on_screen(SOL), began_on_screen(SOL), OLD, 14_589, 3, 18_284),
            (on_screen(SOL), began_on_screen(SOL), OLD, 14_589, 4, 18_307),
            (on_screen(OLD), began_on_screen(OLD), SOL, 11_120, 3, 12_754),
            (alone(SOL), alone(SOL).elsewhere, OLD, 13_657, 3, 18_975),
            (alone(OLD), alone(OLD).elsewhere, SOL, 9_376, 3, 12_759),
        ],
    )
    def test_what_it_was_sent_where_the_session_did_not_begin(
        self, began: Room, room: Room, model: str, first: int, prompts: int, billed: int
    ) -> None:
        """A terminal's session resumed by `codex exec`, and the other way: within 1 %."""
        summary = (4_000 + 400 + 135) / BYTES_A_TOKEN
        change = (restart_chars(model, room) - opening_chars(began)) / BYTES_A_TOKEN
        said = first - A_PROMPT + change + prompts * A_PROMPT + summary
        assert billed == pytest.approx(said, rel=0.01)

    @pytest.mark.parametrize(
        ("room", "model", "read"),
        [(alone(OLD), OLD, 7_680), (on_screen(OLD), OLD, 8_192), (alone("gpt-5.6-sol"), "", 9_984)],
    )
    def test_what_an_earlier_history_shares_with_it(
        self, room: Room, model: str, read: int
    ) -> None:
        """Tools and instructions: so much was read of the cache, in steps of 128 tokens."""
        head = head_chars(model or room.began_on, room) / BYTES_A_TOKEN
        assert read == pytest.approx(head, rel=0.03)


class TestWithoutASummary:
    """Between models of one hash, or without any."""

    @pytest.mark.parametrize(
        ("began", "old", "new", "before", "after"),
        [
            (SOL, SOL, TERRA, 15_819, 21_684),
            (SOL, SOL, "gpt-5.6-sol", 15_819, 24_876),
            ("gpt-5.6-sol", "gpt-5.6-sol", "gpt-6-sol", 13_917, 24_061),
            (OLD, OLD, MINI, 24_499, 31_735),
            (SOL, SOL, MINI, 15_819, 29_873),
        ],
    )
    def test_what_is_added(
        self, began: str, old: str, new: str, before: int, after: int
    ) -> None:  # fmt: skip
        """Beside the answer before it and the prompt: within 2 % of the request."""
        said = before + appended_chars(old, new, alone(began)) / BYTES_A_TOKEN + 2 * A_PROMPT
        assert after == pytest.approx(said, rel=0.02)

    def test_sister_models_share_their_instructions(self) -> None:
        """Then hardly anything is added, but by builds that tell them again (0.144.3 did)."""
        sisters = ("gpt-5.6-sol", "gpt-5.6-terra")
        added = [
            appended_chars(*sisters, room_of(SOL, "exec", "lab", version))
            for version in ("0.169.0", "1.0.0", "", "nightly", "0.144.3")
        ]
        assert [230, 230, 230, 230, 17_730 + 850] == added

    def test_what_no_log_shows(self) -> None:
        """Tools outside the history, and the instructions in front where they stood inside it."""
        assert 0 == unlogged_chars(SOL, TERRA, alone(SOL))
        assert 17_767 - 9_243 == unlogged_chars(OLD, MINI, alone(OLD))
        assert 9_243 - 17_767 == unlogged_chars(MINI, OLD, alone(OLD))
        assert 21_769 + 13_147 == unlogged_chars(SOL, MINI, alone(SOL))


class TestOutside:
    """What the log of a session never shows."""

    def test_models_with_everything_inside(self) -> None:
        """Next to nothing."""
        found = outside_input_tokens("codex", SOL, alone(SOL))
        assert found is not None
        assert (500, 0) == (found.tokens, found.chars)

    def test_models_with_tools_outside(self) -> None:
        """Fewer where nobody sits at a screen."""
        told = [outside_input_tokens("codex", OLD, room) for room in (alone(OLD), on_screen(OLD))]
        assert [30_542, 32_492] == [each.chars for each in told if each]
        assert [2_710.75, 3_198.25] == [each.tools_tokens for each in told if each]

    def test_models_that_are_not_in_the_catalogue(self) -> None:
        """As before: what was seen of others of their line."""
        found = outside_input_tokens("codex", "gpt-5.4", alone("gpt-5.4"))
        assert found is not None
        assert 8_300 == found.tokens

    def test_others_are_not_known(self) -> None:
        """Another maker's model in Codex, or another agent."""
        assert outside_input_tokens("codex", "o3", alone("o3")) is None
        assert outside_input_tokens("pi", SOL, alone(SOL)) is None
