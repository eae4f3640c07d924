"""The real workbench with the real extension, server and daemon; sessions are played to them.

One window serves all tests; each plays a session of its own, the only one that lives then. What
the window looked like in the end of each test is kept in `artefacts/vscode`; the pictures of the
documentation are made here, too, and put into `docs/images` by `--regen-golden`.
"""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from service_support import open_household, until
from support import CHECKOUT
from workbench import extension_package
from workbench_stage import on_stage
from workbench_window import HOVER, METER, TOAST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench_stage import Stage

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(sys.platform != "linux", reason="other os: set up on Linux only"),
]

ARTEFACTS = CHECKOUT / "artefacts" / "vscode"
IMAGES = CHECKOUT / "docs" / "images"
LARGEST_IMAGE = 200_000
OPUS = "Opus 5.5 · 140k"
ASKED = "Sonnet 5.5 must re-read"
FILE = (".claude", "settings.json")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The window, with the extension as people install it."""
    package = extension_package()
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        open_household(patch) as household,
        on_stage(household, package) as stage,
    ):
        stage.window.page.screenshot(path=ARTEFACTS / "first_start.png")
        yield stage


@pytest.fixture
def at(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The window with nothing open; a picture of how it looked in the end is kept."""
    stage.write_settings()
    stage.window.clear()
    yield stage
    stage.window.page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")


@pytest.fixture
def picture(stage: Stage, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keep a picture of the documentation; with `--regen-golden` it becomes the one in use."""

    def keep(name: str) -> None:
        file, used = ARTEFACTS / f"docs-{name}.png", IMAGES / f"{name}.png"
        stage.window.still()
        stage.window.page.screenshot(path=file)
        if request.config.getoption("--regen-golden"):
            used.parent.mkdir(exist_ok=True)
            used.write_bytes(file.read_bytes())
        assert file.stat().st_size < LARGEST_IMAGE
        assert used.read_bytes()[:24] == file.read_bytes()[:24], "of another size than in use"

    return keep


def with_value(at: Stage, model: str) -> str:
    """The settings open in the editor, where they set another model than before; the session."""
    session = at.session()
    at.window.meter_until(OPUS)
    at.window.open(*FILE)
    at.window.change("opus", model)
    return session


class TestMeter:
    def test_at_the_first_start_a_walkthrough_opens(self, stage: Stage) -> None:
        page = stage.window.page
        assert page.get_by_text("Install the command").count()
        assert page.get_by_text("Be asked before a costly switch").count()

    def test_without_a_session_it_is_quiet(self, at: Stage) -> None:
        at.no_session()
        at.window.meter_until("switchtax")
        assert "No agent session" in at.window.tooltip(METER, "No agent session")

    def test_it_shows_the_session_of_the_workspace_and_follows_it(self, at: Stage) -> None:
        session = at.session()
        at.window.meter_until(f"{OPUS} · until ")
        at.turn(session, 0)
        at.window.meter_until("Opus 5.5 · 143k · until ")

    def test_it_is_coloured_only_while_a_costly_switch_is_ahead(self, at: Stage) -> None:
        session, page = at.session(), at.window.page
        at.window.meter_until(OPUS)
        assert 0 == page.locator(f"{METER}.warning-kind").count()
        at.choose(session, "sonnet", "Sonnet 5.5")
        at.window.meter_until("next: Sonnet 5.5 re-reads")
        page.locator(f"{METER}.warning-kind").wait_for()
        at.window.answer(at.window.toast(ASKED), "OK")

    def test_the_tooltip_has_sessions_and_switches_as_tables(self, at: Stage) -> None:
        session = at.session()
        at.window.meter_until(OPUS)
        shown = at.window.tooltip(METER, "switch to")
        assert re.search(rf"{session[:8]}\s+Opus 5.5\s+140k\s+until \d\d:\d\d\s+\$", shown)
        tables = at.window.page.locator(f"{HOVER}:has-text('switch to') table")
        assert 2 == tables.count()
        assert 4 == tables.nth(1).locator("tr").count()
        assert "Estimate · Brief… · Sessions · Accuracy · Snooze" in shown

    def test_its_length_is_a_setting(self, at: Stage) -> None:
        at.session()
        at.window.meter_until(OPUS)
        at.window.settings(switchtax__meter="short")
        until(lambda: at.window.meter().startswith("140k · $"), "the short meter")
        at.window.settings(switchtax__meter="off")
        at.window.page.locator(METER).wait_for(state="detached")
        at.window.settings(switchtax__meter="full")
        at.window.meter_until(OPUS)


class TestQuestion:
    @pytest.mark.parametrize(("title", "denied"), [("Keep Opus 5.5", True), ("Switch", False)])
    def test_the_answer_reaches_the_hook(self, at: Stage, title: str, denied: bool) -> None:
        hook = at.ask(at.session())
        toast = at.window.toast(ASKED)
        at.window.answer(toast, title)
        assert denied == ("hookSpecificOutput" in hook.told())
        toast.wait_for(state="detached")

    def test_it_offers_four_answers(self, at: Stage) -> None:
        hook = at.ask(at.session())
        toast = at.window.toast(ASKED)
        buttons = toast.locator(".monaco-button").all_inner_texts()
        assert ["Switch", "Keep Opus 5.5", "Brief…", "Snooze"] == [each for each in buttons if each]
        at.window.answer(toast, "Switch")
        hook.told()

    def test_brief_keeps_the_model_and_opens_a_document(self, at: Stage) -> None:
        hook = at.ask(at.session())
        at.window.answer(at.window.toast(ASKED), "Brief…")
        assert "hookSpecificOutput" in hook.told()
        at.window.page.locator('.view-lines:has-text("Goal")').wait_for()
        assert at.window.page.locator('.tab.active:has-text("Untitled")').count()

    def test_snooze_lets_it_through_and_asks_no_more(self, at: Stage) -> None:
        session = at.session()
        hook = at.ask(session)
        at.window.answer(at.window.toast(ASKED), "Snooze")
        assert {} == hook.told()
        assert {} == at.ask(session).told()
        assert 0 == at.window.page.locator(TOAST).count()

    def test_a_switch_that_a_log_announces_is_told_at_once(self, at: Stage) -> None:
        session = at.session()
        at.window.meter_until(OPUS)
        at.choose(session, "sonnet", "Sonnet 5.5")
        toast = at.window.toast(ASKED)
        at.window.answer(toast, "OK")
        toast.wait_for(state="detached")


class TestFiles:
    def test_a_costly_value_is_marked_before_it_is_saved(self, at: Stage) -> None:
        session, page = with_value(at, "sonnet"), at.window.page
        page.locator(".squiggly-warning").first.wait_for()
        assert '"opus"' in (at.folder / ".claude" / "settings.json").read_text()
        at.window.run("View: Focus Problems")
        problem = page.locator(f'.markers-panel .monaco-list-row:has-text("{session[:8]}")').first
        problem.wait_for()
        assert "is on Opus 5.5. If it takes up Sonnet 5.5:" in problem.inner_text()
        at.window.press("Control+j")
        at.window.change("sonnet", "opus")
        page.locator(".squiggly-warning").first.wait_for(state="detached")

    def test_price_window_and_warmth_stand_behind_it(self, at: Stage) -> None:
        with_value(at, "sonnet")
        at.window.line_until('"sonnet"', "$2.00/$10.00 · ")

    def test_a_hover_has_the_whole_estimate(self, at: Stage) -> None:
        session = with_value(at, "sonnet")
        shown = at.window.hover("sonnet", "per million")
        assert "Sonnet 5.5 · $2.00 in, $10.00 out per million" in shown
        assert re.search(rf"{session[:8]}\s+Opus 5.5\s+\$\d", shown)

    def test_a_lens_says_what_switching_the_live_sessions_costs(self, at: Stage) -> None:
        with_value(at, "sonnet")
        lens = at.window.page.locator('.codelens-decoration a:has-text("switching 1 live")').first
        lens.wait_for()
        assert re.search(r"switching 1 live session: [+-]\$\d", lens.inner_text())
        lens.click()
        assert "Sonnet 5.5" in at.window.picks()[0]

    def test_an_action_goes_back_to_the_model_in_force(self, at: Stage) -> None:
        with_value(at, "sonnet")
        at.window.page.locator(".squiggly-warning").first.wait_for()
        offered = at.window.actions("sonnet")
        assert any("Use a sub-agent on Sonnet 5.5 instead" in each for each in offered)
        assert any("Write a brief for Sonnet 5.5" in each for each in offered)
        at.window.act("Go back to Opus 5.5")
        at.window.line_until('"claude-opus-5-5"', "")

    def test_an_action_makes_a_sub_agent_instead(self, at: Stage) -> None:
        with_value(at, "sonnet")
        at.window.page.locator(".squiggly-warning").first.wait_for()
        at.window.actions("sonnet")
        at.window.act("Use a sub-agent on Sonnet 5.5")
        at.window.line_until('"claude-opus-5-5"', "")
        at.window.page.locator('.explorer-folders-view [aria-label*="agents"]').first.wait_for()

    def test_models_are_offered_with_what_they_cost(self, at: Stage) -> None:
        with_value(at, "")
        at.window.page.keyboard.type("claude-sonnet-5")
        at.window.press("Control+Space")
        row = '.suggest-widget .monaco-list-row:has-text("claude-sonnet-5-5")'
        at.window.page.locator(row).first.wait_for()


class TestCommands:
    def test_a_click_on_the_meter_opens_what_to_do(self, at: Stage) -> None:
        at.session()
        at.window.meter_until(OPUS)
        at.window.page.locator(METER).click()
        wanted = ["Estimate", "Brief…", "Sessions", "Accuracy", "Snooze", "Setup"]
        assert wanted == at.window.labels()

    def test_estimate_lists_models_and_a_choice_opens_a_brief(self, at: Stage) -> None:
        at.session()
        at.window.meter_until(OPUS)
        at.window.run("switchtax: Estimate a Switch")
        assert all("next turn about" in each for each in at.window.picks())
        at.window.pick("Sonnet 5.5")
        at.window.page.locator('.view-lines:has-text("Goal")').wait_for()

    def test_sessions_lead_to_the_estimate_of_one(self, at: Stage) -> None:
        session = at.session()
        at.window.meter_until(OPUS)
        at.window.run("switchtax: Sessions")
        at.window.pick(session[:8])
        at.window.page.locator('.quick-input-list :text("next turn about")').first.wait_for()

    def test_accuracy_opens_a_document(self, at: Stage) -> None:
        at.window.run("switchtax: Accuracy of Estimates")
        at.window.page.locator('.tab.active:has-text("Accuracy of switchtax")').wait_for()

    def test_snooze_can_be_ended(self, at: Stage) -> None:
        session = at.session()
        at.window.meter_until(OPUS)
        at.window.run("switchtax: Snooze")
        at.window.pick("This session")
        at.window.toast("asks nothing here for now")
        assert {} == at.ask(session).told()
        at.window.run("switchtax: Snooze")
        at.window.pick("Ask again")
        at.window.toast("asks again")
        hook = at.ask(session)
        at.window.answer(at.window.toast(ASKED), "Keep Opus 5.5")
        assert "hookSpecificOutput" in hook.told()


class TestDaemon:
    def test_killed_it_comes_back_by_itself_and_the_meter_says_so(self, at: Stage) -> None:
        at.session()
        at.window.meter_until(OPUS)
        before = len(at.window.seen("meter"))
        at.end_daemon(signal.SIGKILL)
        at.window.seen_next("meter", before, "no daemon")
        at.window.seen_next("meter", before, OPUS)
        hook = at.ask(at.session())
        at.window.answer(at.window.toast(ASKED), "Keep Opus 5.5")
        assert "hookSpecificOutput" in hook.told()

    def test_a_language_server_that_dies_is_started_again(self, at: Stage) -> None:
        at.session()
        at.window.meter_until(OPUS)
        before = len(at.window.seen("meter"))
        at.end_server()
        at.window.seen_next("meter", before, "switchtax: stopped")
        at.window.seen_next("meter", before, OPUS)
        hook = at.ask(at.session())
        at.window.answer(at.window.toast(ASKED), "Switch")
        assert {} == hook.told()


class TestLooks:
    @pytest.mark.parametrize(
        ("theme", "kind"),
        [
            ("Light Modern", "vs"),
            ("Default High Contrast", "hc-black"),
            ("Default High Contrast Light", "hc-light"),
            ("Dark Modern", "vs-dark"),
        ],
    )
    def test_meter_and_question_can_be_read_in_every_theme(
        self, at: Stage, theme: str, kind: str
    ) -> None:
        at.window.settings(workbench__colorTheme=theme)
        at.window.page.locator(f".monaco-workbench.{kind}").wait_for()
        session = at.session()
        at.window.meter_until(OPUS)
        at.choose(session, "sonnet", "Sonnet 5.5")
        toast = at.window.toast(ASKED)
        assert at.window.contrast(METER) >= 4.5
        assert at.window.contrast(f"{TOAST} .notification-list-item-message") >= 4.5
        at.window.still()
        at.window.page.screenshot(path=ARTEFACTS / f"theme-{kind}.png")
        at.window.answer(toast, "OK")


class TestPictures:
    """Those of README and documentation."""

    def test_a_question_before_a_switch(self, at: Stage, picture: Callable[[str], None]) -> None:
        with at.window.sized(1000, 420):
            session = with_value(at, "sonnet")
            at.window.page.locator(".squiggly-warning").first.wait_for()
            at.window.line_until('"sonnet"', "$2.00/$10.00 · ")
            hook = at.ask(session)
            toast = at.window.toast(ASKED)
            picture("vscode-question")
            at.window.answer(toast, "Keep Opus 5.5")
            assert "hookSpecificOutput" in hook.told()

    def test_the_tooltip(self, at: Stage, picture: Callable[[str], None]) -> None:
        at.session()
        at.window.meter_until(OPUS)
        with at.window.sized(760, 340):
            at.window.tooltip(METER, "switch to")
            picture("vscode-tooltip")

    def test_a_hover(self, at: Stage, picture: Callable[[str], None]) -> None:
        with at.window.sized(1000, 560):
            with_value(at, "sonnet")
            at.window.page.locator(".squiggly-warning").first.wait_for()
            at.window.line_until('"sonnet"', "$2.00/$10.00 · ")
            at.window.hover("sonnet", "per million")
            picture("vscode-file")
