"""An editor for tests: a language client with the capabilities that a real one declares."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from service_support import Household

__all__ = ["CLIENTS", "Editor", "edit"]

CLIENTS = ("visual_studio_code", "neovim", "emacs")
IN_TIME_S = 10.0
OUR_OWN = {
    lsp.PROGRESS,
    lsp.WINDOW_SHOW_MESSAGE,
    lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
}
"""What the client of this file does in place of the library's."""


@dataclass
class Editor:
    """A client and what it has been told."""

    lsp: Any
    folder: Path
    meters: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    briefs: list[dict[str, Any]] = field(default_factory=list)
    answer: str | None = None
    """The title of the action that the person chooses; None: nothing, ever."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, true: Callable[[], Any], what: str, deadline_s: float = IN_TIME_S) -> Any:
        """Wait until something holds of what was told."""

        async def wait() -> Any:
            while not (found := true()):
                self.changed.clear()
                await self.changed.wait()
            return found

        try:
            return await asyncio.wait_for(wait(), deadline_s)
        except TimeoutError:
            text = f"not in {deadline_s:g} s: {what}; {self.meters[-2:]}"
            raise AssertionError(text) from None

    async def request(self, method: str, **params: Any) -> Any:
        """A request of ours; its result as plain data."""
        found = await asyncio.wait_for(
            self.lsp.protocol.send_request_async(method, params), IN_TIME_S
        )
        return as_json(found)

    async def command(self, name: str, *arguments: Any) -> Any:
        """`workspace/executeCommand`; its result as plain data."""
        params = lsp.ExecuteCommandParams(name, list(arguments))
        return as_json(await self.lsp.workspace_execute_command_async(params))

    def open(self, path: str, text: str, *, language: str = "json") -> str:
        """Open a document; returns its URI."""
        uri = (self.folder / path).as_uri()
        item = lsp.TextDocumentItem(uri, language, 1, text)
        self.lsp.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return uri

    def write(self, uri: str, text: str, version: int) -> None:
        """The whole text of a document is another one now."""
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        document = lsp.VersionedTextDocumentIdentifier(version, uri)
        params = lsp.DidChangeTextDocumentParams(document, [change])
        self.lsp.text_document_did_change(params)

    async def diagnosed(self, uri: str) -> list[Any]:
        """The diagnostics of a document, once there are any."""
        found = await self.until(lambda: self.lsp.diagnostics.get(uri), "diagnostics")
        return list(found)


def as_json(value: Any) -> Any:
    """Objects of the protocol library as the plain data they were on the wire."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    return value


@asynccontextmanager
async def edit(
    household: Household, folder: Path, *, client: str = "neovim", own: bool = True
) -> AsyncIterator[Editor]:
    """An editor with a workspace, its server started as an editor would.

    Args:
        household: whose daemon.
        folder: the workspace.
        client: whose capabilities it declares.
        own: it declares that it shows our meter, as our plugins do.
    """
    command = [sys.executable, "-m", "switchtax", "lsp"]
    config = ClientServerConfig(command, client_factory=_client, server_env=household.env)
    found: Any = await config.start()
    editor = Editor(found, folder)
    _listen(editor)
    able = client_capabilities(client)
    if own:
        able.experimental = {"switchtax": {"meter": True}}
    workspace = lsp.WorkspaceFolder(folder.as_uri(), folder.name)
    params = lsp.InitializeParams(
        capabilities=able, workspace_folders=[workspace], root_uri=folder.as_uri()
    )
    await asyncio.wait_for(found.initialize_session(params), IN_TIME_S)
    try:
        yield editor
    finally:
        await asyncio.wait_for(found.shutdown_session(), IN_TIME_S)
        await found.stop()


def _client() -> LanguageClient:
    client = LanguageClient(converter_factory=default_converter)
    default = {name: do for name, do in DEFAULT_CLIENT_FEATURES.items() if name not in OUR_OWN}
    register_lsp_features(client, default)
    return client


def _listen(editor: Editor) -> None:
    client = editor.lsp

    @client.feature("switchtax/meter")
    def meter(params: Any) -> None:
        editor.meters.append(as_json(params))
        editor.changed.set()

    @client.feature("switchtax/briefReady")
    def brief(params: Any) -> None:
        editor.briefs.append(as_json(params))
        editor.changed.set()

    @client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)
    async def ask(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem | None:
        editor.asked.append(params.message)
        editor.changed.set()
        if editor.answer is None:
            await asyncio.Event().wait()
        chosen = [each for each in params.actions or () if each.title == editor.answer]
        return chosen[0] if chosen else None

    @client.feature(lsp.PROGRESS)
    def progress(params: lsp.ProgressParams) -> None:
        text = (
            params.value.get("message")
            if isinstance(params.value, dict)
            else getattr(params.value, "message", None)
        )
        if text:
            editor.told.append(text)
            editor.changed.set()

    @client.feature(lsp.WINDOW_SHOW_MESSAGE)
    def message(params: lsp.ShowMessageParams) -> None:
        editor.told.append(params.message)
        editor.changed.set()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def diagnosed(params: lsp.PublishDiagnosticsParams) -> None:
        client.diagnostics[params.uri] = params.diagnostics
        editor.changed.set()


def example(contract: Path, method: str) -> dict[str, Any]:
    """The first example of a method in the contract."""
    found: dict[str, Any] = json.loads(contract.read_text())["methods"][method]["examples"][0]
    return found
