"""The language server with a real daemon, as the editors' declared capabilities find it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from editor_at_work import answered, at_work, configure, grow, shared_at_work
from editor_client import CLIENTS, Editor, as_json, edit
from service_support import ready
from support import CHECKOUT
from switchtax.service import instance
from switchtax_lsp.inline.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from service_support import Household

__all__ = ["at_work", "shared_at_work"]

CONTRACT = json.loads((CHECKOUT / "editors" / "contract.json").read_text("utf-8"))
START = lsp.Position(0, 0)
HANGS_S = 30.0
"""A daemon that hangs is noticed by the pulse of the connection, and waited for with patience."""


def play(
    household: Household,
    scene: Callable[[Editor], Coroutine[Any, Any, None]],
    *,
    client: str = "neovim",
    own: bool = True,
) -> None:
    """Open an editor on the project of the household's session, and run a scene in it."""

    async def whole() -> None:
        async with edit(household, household.folder / "w", client=client, own=own) as editor:
            await scene(editor)

    asyncio.run(whole())


def settings(model: str) -> str:
    return json.dumps({"language": "日本語", "model": model}, ensure_ascii=False)


def column(text: str, part: str, client: str) -> int:
    """Where a part of a line begins, in the units that were agreed on: Neovim counts bytes."""
    before = text[: text.index(part)]
    return len(before.encode()) if client == "neovim" else len(before)


async def seen(editor: Editor, session: str = "s1") -> dict[str, Any]:
    """The first meter of a session."""
    found = await editor.until(
        lambda: [each for each in editor.meters if each["session"] == session], "a meter"
    )
    return dict(found[0])


def lacks(promised: Any, found: Any, path: str = "") -> list[str]:
    """What an example has and an answer does not."""
    if isinstance(promised, dict):
        if not isinstance(found, dict):
            return [path]
        if "unknown" in found:
            return []
        named = [name for name in promised if not iskeyword(name)]  # a client of tests loses them
        missing = [f"{path}.{name}" for name in named if name not in found]
        inner = [name for name in named if name in found]
        return missing + [
            each for name in inner for each in lacks(promised[name], found[name], f"{path}.{name}")
        ]
    if isinstance(promised, list) and promised and isinstance(found, list) and found:
        return lacks(promised[0], found[0], f"{path}[]")
    return []


def promise(method: str, part: str) -> Any:
    return CONTRACT["methods"][method]["examples"][0][part]


class TestMeter:
    @pytest.mark.parametrize("client", CLIENTS)
    def test_it_comes_by_itself(self, at_work: Household, client: str) -> None:
        async def scene(editor: Editor) -> None:
            meter = await seen(editor)
            assert [] == lacks(promise("switchtax/meter", "params"), meter)
            assert meter["text"].startswith("Opus 5.5 · 38k · until ")
            await editor.until(lambda: "switch to" in editor.meters[-1]["tooltip"], "the table")

        play(at_work, scene, client=client)

    def test_it_follows_the_transcript(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            before = await seen(editor)
            grow(at_work, 6, ends_at=before["warm_until_at"] - 300 + 20)
            await editor.until(lambda: editor.meters[-1]["text"] != before["text"], "a new meter")

        play(at_work, scene)

    def test_sessions_of_other_folders_are_not_shown(self, household: Household) -> None:
        (household.folder / "w").mkdir()
        household.transcript(6)
        ready(household, "s1").close()

        async def scene(editor: Editor) -> None:
            found = await editor.until(
                lambda: [each for each in editor.meters if each["state"] == "idle"], "idle"
            )
            assert found[0]["session"] is None

        play(household, scene)

    def test_a_plain_client_has_it_as_progress(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await editor.until(lambda: [t for t in editor.told if "Opus 5.5" in t], "progress")
            assert [] == editor.meters

        play(at_work, scene, own=False, client="emacs")

    def test_the_daemon_is_killed_and_comes_back_by_itself(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            with instance.find(at_work.where) as client:
                os.kill(client.server["pid"], signal.SIGKILL)
            await editor.until(lambda: editor.meters[-1]["state"] == "unavailable", "gone")
            await editor.until(lambda: editor.meters[-1]["session"] == "s1", "back")
            with instance.find(at_work.where) as client:
                at_work.pids.add(client.server["pid"])

        play(at_work, scene)

    def test_a_daemon_that_hangs_blocks_nothing_and_is_found_again(
        self, at_work: Household
    ) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            with instance.find(at_work.where) as client:
                pid = int(client.server["pid"])
            os.kill(pid, signal.SIGSTOP)
            try:
                with pytest.raises(JsonRpcException):
                    await editor.request("switchtax/estimate")
                await editor.until(
                    lambda: editor.meters[-1]["state"] == "unavailable", "it says so", HANGS_S
                )
            finally:
                os.kill(pid, signal.SIGCONT)
            await editor.until(lambda: editor.meters[-1]["session"] == "s1", "back", HANGS_S)
            with instance.find(at_work.where) as client:
                at_work.pids.add(client.server["pid"])

        play(at_work, scene)


class TestPopup:
    @pytest.mark.parametrize("client", CLIENTS)
    @pytest.mark.parametrize(("title", "denied"), [("Keep Opus 5.5", True), ("Switch", False)])
    def test_the_answer_reaches_the_hook(
        self, at_work: Household, client: str, title: str, denied: bool
    ) -> None:
        async def scene(editor: Editor) -> None:
            editor.answer = title
            await seen(editor)
            told = await answered(at_work)
            assert denied == ("hookSpecificOutput" in told)
            (asked,) = editor.asked
            assert "must re-read" in asked
            assert all(len(line) <= 74 for line in asked.splitlines())

        play(at_work, scene, client=client)

    def test_no_answer_is_no_opinion(self, at_work: Household) -> None:
        configure(at_work, hold_seconds=1)
        with instance.find(at_work.where) as client:
            client.call("shutdown")
        ready(at_work, "s1").close()

        async def scene(editor: Editor) -> None:
            await seen(editor)
            assert {} == await answered(at_work)
            assert 1 == len(editor.asked)

        play(at_work, scene)

    def test_brief_keeps_the_model_and_brings_a_brief(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            editor.answer = "Brief…"
            await seen(editor)
            assert "hookSpecificOutput" in await answered(at_work)
            await editor.until(lambda: editor.briefs or editor.told, "a brief")

        play(at_work, scene)


class TestRequests:
    def test_answers_have_what_the_contract_promises(self, shared_at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            for name in ("status", "estimate", "accuracy", "brief", "decide"):
                method = f"switchtax/{name}"
                found = await editor.request(method, **promise(method, "params"))
                assert [] == lacks(promise(method, "result"), found), name

        play(shared_at_work, scene)

    def test_without_a_session_the_error_is_a_sentence(self, household: Household) -> None:
        (household.folder / "w").mkdir()
        household.client().close()

        async def scene(editor: Editor) -> None:
            with pytest.raises(JsonRpcException, match="No agent session in this workspace"):
                await editor.request("switchtax/estimate")

        play(household, scene)

    def test_snooze_off_ends_that_of_the_session_too(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            editor.answer = "Switch"
            for scope, asked in (("session", 0), ("off", 1)):
                await editor.command("switchtax.snooze", {"for": scope})
                assert {} == await answered(at_work)
                assert asked == len(editor.asked)

        play(at_work, scene)

    def test_commands_speak_to_plain_clients(self, at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await editor.until(lambda: [t for t in editor.told if "Opus 5.5" in t], "progress")
            await editor.command("switchtax.estimate", {"to": "sonnet"})
            await editor.until(lambda: [t for t in editor.told if "re-read" in t], "a message")
            await editor.command("switchtax.snooze", {"for": "day"})
            await editor.until(lambda: [t for t in editor.told if "nothing more" in t], "snoozed")
            await editor.command("switchtax.snooze", {"for": "off"})
            await editor.until(lambda: [t for t in editor.told if "asks again" in t], "awake")

        play(at_work, scene, own=False)


class TestDocuments:
    def test_each_path_of_the_contract_sets_models(self) -> None:
        paths = CONTRACT["documents"]["examples"]
        assert [] == [path for path in paths if kind_of(path) is None]

    @pytest.mark.parametrize("client", CLIENTS)
    def test_a_costly_value_is_marked_where_it_stands(
        self, shared_at_work: Household, client: str
    ) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            uri = editor.open(".claude/settings.json", settings("sonnet"))
            (found,) = await editor.diagnosed(uri)
            start = column(settings("sonnet"), "sonnet", client)
            assert (0, start, 0, start + 6) == positions(found.range)
            assert "Session s1 is on Opus 5.5. If it takes up Sonnet 5.5:" in found.message
            assert found.related_information[0].location.uri.endswith("s1.jsonl")
            editor.write(uri, settings("opus"), 2)
            await editor.until(lambda: not editor.lsp.diagnostics[uri], "no diagnostics")

        play(shared_at_work, scene, client=client)

    def test_columns_are_counted_in_utf16(self, shared_at_work: Household) -> None:
        text = '{"x": "🙂🙂", "model": "sonnet"}'

        async def scene(editor: Editor) -> None:
            await seen(editor)
            uri = editor.open(".claude/settings.json", text)
            (found,) = await editor.diagnosed(uri)
            assert text.index("sonnet") + 2 == found.range.start.character

        play(shared_at_work, scene, client="visual_studio_code")

    @pytest.mark.parametrize("client", CLIENTS)
    def test_hint_hover_lens_and_actions(self, shared_at_work: Household, client: str) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            uri = editor.open(".claude/settings.json", settings("sonnet"))
            await editor.diagnosed(uri)
            here, whole = lsp.TextDocumentIdentifier(uri), lsp.Range(START, lsp.Position(1, 0))
            at = lsp.Position(0, column(settings("sonnet"), "sonnet", client) + 1)
            ask = editor.lsp
            (hint,) = await ask.text_document_inlay_hint_async(lsp.InlayHintParams(here, whole))
            assert hint.label.startswith("$2.00/$10.00 · ")
            assert column(settings("sonnet"), "}", client) == hint.position.character
            own = editor.open(".claude/settings.local.json", settings("opus"))
            asked = lsp.InlayHintParams(lsp.TextDocumentIdentifier(own), whole)
            (hint,) = await ask.text_document_inlay_hint_async(asked)
            assert " · warm until " in hint.label
            hover = await ask.text_document_hover_async(lsp.HoverParams(here, at))
            assert "**Sonnet 5.5**" in hover.contents.value
            assert "| s1 | Opus 5.5 | $" in hover.contents.value
            assert "must re-read" in hover.contents.value
            (lens,) = await ask.text_document_code_lens_async(lsp.CodeLensParams(here))
            assert lens.command.title.startswith("switching 1 live session: +$")
            assert await editor.command(lens.command.command, *as_json(lens.command.arguments))
            context = lsp.CodeActionContext([])
            back, agent, brief = await ask.text_document_code_action_async(
                lsp.CodeActionParams(here, whole, context)
            )
            assert "claude-opus-5-5" == back.edit.changes[uri][0].new_text
            made = agent.edit.document_changes[0].uri
            assert made.endswith("/w/.claude/agents/claude-sonnet-5-5.md")
            assert "switchtax.brief" in str(brief)

        play(shared_at_work, scene, client=client)

    def test_completion_offers_models_with_what_they_cost(self, shared_at_work: Household) -> None:
        async def scene(editor: Editor) -> None:
            await seen(editor)
            uri = editor.open(".claude/settings.json", settings("x"))
            at = lsp.Position(0, settings("x").index('"x"') + 1)
            found = await editor.lsp.text_document_completion_async(
                lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), at)
            )
            offered = {item.label: item.detail for item in found.items}
            assert "re-read $" in offered["claude-sonnet-5-5"]
            names = [name for name in offered if "sonnet" in name]
            assert "claude-sonnet-5-5" == names[0]

        play(shared_at_work, scene, client="visual_studio_code")

    def test_broken_and_strange_documents_do_no_harm(self, shared_at_work: Household) -> None:
        documents = [
            (".claude/settings.json", '{"model": "son', "json"),
            (".claude/settings.local.json", "", "json"),
            (".claude/agents/a.md", "---\nmodel: [\n", "markdown"),
            (".codex/config.toml", "model = \n[[[", "toml"),
            ("notes.txt", "model: sonnet", "text"),
        ]

        async def scene(editor: Editor) -> None:
            await seen(editor)
            for path, text, language in documents:
                uri = lsp.TextDocumentIdentifier(editor.open(path, text, language=language))
                params = lsp.InlayHintParams(uri, lsp.Range(START, START))
                assert not await editor.lsp.text_document_inlay_hint_async(params), path

        play(shared_at_work, scene)


def positions(found: Any) -> tuple[int, int, int, int]:
    return (found.start.line, found.start.character, found.end.line, found.end.character)
