"""Neovim with the plugin: the real editor, server and daemon, and a session that is written on."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from editor_at_work import asked_by_hook, at_work, configure, grow
from neovim import Neovim, embedded, setup_lua
from service_support import ready
from switchtax.service import instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

__all__ = ["at_work"]

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(sys.platform != "linux", reason="other os: its wheel is Linux's"),
]

OPUS = "Opus 5.5 · 38k"
QUESTION = "[k] Keep Opus 5.5"
SETTINGS = '{"model": "sonnet"}\n'
TAKES_KEYS_MS = 350


@pytest.fixture
def neovim(at_work: Household) -> Iterator[Neovim]:
    """Neovim in the workspace, its meter on the screen."""
    with embedded(at_work.folder / "w", at_work.env) as editor:
        editor.shows(OPUS)
        yield editor


@contextmanager
def switching(household: Household) -> Iterator[Future[dict[str, Any]]]:
    """A panel switches to Sonnet 5.5, and waits for what its hook is answered."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(asked_by_hook, household)


def pressed(neovim: Neovim, keys: str) -> None:
    """Press keys once the question takes them."""
    neovim.lua("vim.wait(...)", TAKES_KEYS_MS)
    neovim.press(keys)


def with_settings(household: Household) -> str:
    """A settings file in the workspace; its path from there."""
    file = household.folder / "w" / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text(SETTINGS)
    return ".claude/settings.json"


class TestMeter:
    def test_it_stands_in_the_statusline_and_follows_the_transcript(
        self, at_work: Household, neovim: Neovim
    ) -> None:
        grow(at_work, 6, ends_at=time.time())
        neovim.shows("Opus 5.5 · 41k")

    def test_the_daemon_is_killed_and_comes_back_by_itself(
        self, at_work: Household, neovim: Neovim
    ) -> None:
        with instance.find(at_work.where) as client:
            os.kill(client.server["pid"], signal.SIGKILL)
        neovim.meter(lambda text: "no daemon" in text, "the meter says so")
        neovim.told.clear()
        neovim.meter(lambda text: OPUS in text, "the meter is back")
        with instance.find(at_work.where) as client:
            at_work.pids.add(client.server["pid"])

    def test_the_server_is_killed_and_comes_back_by_itself(self, neovim: Neovim) -> None:
        neovim.lua("vim.o.cmdheight = 4")  # Neovim says that it has ended
        tasks = Path(f"/proc/{neovim.process.pid}/task").glob("*/children")
        (server,) = [int(pid) for task in tasks for pid in task.read_text().split()]
        os.kill(server, signal.SIGKILL)
        neovim.meter(lambda text: "starting again" in text, "the meter says so")
        neovim.told.clear()
        neovim.meter(lambda text: OPUS in text, "the meter is back")

    def test_another_folder_is_another_workspace(self, neovim: Neovim, at_work: Household) -> None:
        (at_work.folder / "other").mkdir()
        neovim.call("nvim_command", "cd ../other")
        neovim.meter(lambda text: text == "switchtax", "idle")
        neovim.told.clear()
        neovim.call("nvim_command", "cd -")
        neovim.meter(lambda text: OPUS in text, "the meter of the first folder")

    def test_lsp_enable_alone_shows_it(self, at_work: Household) -> None:
        init = setup_lua().replace(
            "require('switchtax').setup(", "require('switchtax.config').set("
        )
        path = with_settings(at_work)
        enabled = f"{init}\nvim.cmd('filetype on')\nvim.lsp.enable('switchtax')"
        with embedded(at_work.folder / "w", at_work.env, path, init=enabled) as neovim:
            neovim.shows(OPUS)
            neovim.until(lambda: neovim.lua("return #vim.diagnostic.get(0)"), "a diagnostic")
            assert 1 == neovim.lua("return #vim.lsp.get_clients({ name = 'switchtax' })")

    def test_without_the_command_it_says_so(self, household: Household) -> None:
        init = f"{setup_lua()}\nrequire('switchtax.config').set({{}})\nvim.env.PATH = ''"
        with embedded(household.folder, household.env, init=init) as neovim:
            neovim.shows("switchtax: not installed")


class TestQuestion:
    @pytest.mark.parametrize(("key", "denied"), [("k", True), ("s", False), ("2", True)])
    def test_a_key_answers_the_hook(
        self, at_work: Household, neovim: Neovim, key: str, denied: bool
    ) -> None:
        with switching(at_work) as told:
            assert "must re-read" in neovim.shows(QUESTION)
            pressed(neovim, key)
            assert denied == ("hookSpecificOutput" in told.result(10))
        neovim.shows_no_more(QUESTION)

    def test_escape_is_no_opinion(self, at_work: Household, neovim: Neovim) -> None:
        with switching(at_work) as told:
            neovim.shows(QUESTION)
            pressed(neovim, "<Esc>")
            assert {} == told.result(10)
        neovim.shows_no_more(QUESTION)

    def test_a_key_that_was_on_its_way_answers_nothing(
        self, at_work: Household, neovim: Neovim
    ) -> None:
        neovim.lua("require('switchtax.config').get().grace_ms = 1e9")
        with switching(at_work) as told:
            neovim.shows(QUESTION)
            pressed(neovim, "k")
            assert QUESTION in neovim.screen()
            assert {} == told.result(10)

    def test_it_is_withdrawn_when_its_time_is_over(self, at_work: Household) -> None:
        configure(at_work, hold_seconds=1)
        with instance.find(at_work.where) as client:
            client.call("shutdown")
        ready(at_work, "s1").close()
        with embedded(at_work.folder / "w", at_work.env) as neovim:
            neovim.shows(OPUS)
            with switching(at_work) as told:
                neovim.shows(QUESTION)
                assert {} == told.result(10)
            neovim.shows_no_more(QUESTION)

    def test_who_types_goes_on_typing(self, at_work: Household, neovim: Neovim) -> None:
        neovim.press("i")
        with switching(at_work) as told:
            neovim.shows(QUESTION)
            pressed(neovim, "sk")
            assert neovim.shows(QUESTION).startswith("sk\n")
            neovim.press("<Esc>")
            neovim.until(lambda: neovim.lua("return vim.bo.filetype == 'switchtax'"), "inside")
            pressed(neovim, "k")
            assert "hookSpecificOutput" in told.result(10)
        assert ["sk"] == neovim.call("nvim_buf_get_lines", 0, 0, -1, True)

    def test_the_select_of_neovim_asks_where_it_is_wanted(self, at_work: Household) -> None:
        with embedded(at_work.folder / "w", at_work.env, init=setup_lua("popup = 'select'")) as vim:
            vim.shows(OPUS)
            with switching(at_work) as told:
                vim.shows("2: Keep Opus 5.5")
                vim.press("2<CR>")
                assert "hookSpecificOutput" in told.result(10)

    def test_brief_opens_a_buffer(self, at_work: Household, neovim: Neovim) -> None:
        with switching(at_work) as told:
            neovim.shows(QUESTION)
            pressed(neovim, "b")
            assert "hookSpecificOutput" in told.result(10)
        neovim.until(lambda: neovim.lua("return vim.bo.filetype == 'markdown'"), "a brief")
        assert "nofile" == neovim.lua("return vim.bo.buftype")


class TestCommand:
    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("status", "s1 · Opus 5.5 · 38k context"),
            ("estimate sonnet", "re-read"),
            ("accuracy", "No estimate that was shown"),
        ],
    )
    def test_answers_stand_in_a_window(self, neovim: Neovim, words: str, shown: str) -> None:
        neovim.call("nvim_command", f"Switchtax {words}")
        assert OPUS in neovim.shows(shown)

    def test_brief(self, neovim: Neovim) -> None:
        neovim.call("nvim_command", "Switchtax brief sonnet")
        neovim.shows("Brief of session s1")

    def test_snooze_means_no_question(self, at_work: Household, neovim: Neovim) -> None:
        neovim.call("nvim_command", "Switchtax snooze day")
        neovim.shows("switchtax asks nothing now")
        assert {} == asked_by_hook(at_work)

    def test_an_unknown_word_is_answered_with_the_known(self, neovim: Neovim) -> None:
        neovim.lua("vim.notify = function(text) Told = text end")
        neovim.call("nvim_command", "Switchtax frobnicate")
        told = neovim.lua("return Told")
        assert 'no subcommand "frobnicate" (there are: accuracy, answer, brief,' in told

    def test_words_are_completed(self, neovim: Neovim) -> None:
        offered = neovim.call("nvim_exec_lua", "return vim.fn.getcompletion(...)", [
            "Switchtax s", "cmdline",
        ])  # fmt: skip
        assert ["snooze", "status"] == offered

    def test_health_names_what_runs(self, neovim: Neovim) -> None:
        neovim.call("nvim_command", "checkhealth switchtax")
        found = "\n".join(neovim.call("nvim_buf_get_lines", 0, 0, -1, True))
        assert "the language server runs for" in found
        assert "meter: " + OPUS in found
        assert "ERROR" not in found


class TestDocuments:
    def test_a_costly_value_is_marked(self, at_work: Household) -> None:
        path = with_settings(at_work)
        with embedded(at_work.folder / "w", at_work.env, path) as neovim:
            get = "return vim.tbl_map(function(d) return d.message end, vim.diagnostic.get(0))"
            (found,) = neovim.until(lambda: neovim.lua(get), "a diagnostic")
            assert "Session s1 is on Opus 5.5. If it takes up Sonnet 5.5:" in found
            neovim.shows("$2.00/$10.00 · ")
            neovim.shows("switching 1 live session: +$")

    def test_other_files_are_not_sent(self, at_work: Household) -> None:
        (at_work.folder / "w" / "notes.json").write_text(SETTINGS)
        with embedded(at_work.folder / "w", at_work.env, "notes.json") as neovim:
            neovim.shows(OPUS)
            assert 0 == neovim.lua("return #vim.lsp.get_clients({ bufnr = 0 })")
