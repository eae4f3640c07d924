"""The server: what the editor asks is answered from the daemon; what it tells is shown."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from switchtax import __version__
from switchtax.service.places import places
from switchtax.wording import editor as wording
from switchtax_lsp import answers, meter, popups
from switchtax_lsp.inline import features
from switchtax_lsp.inline.documents import Documents
from switchtax_lsp.link import Link
from switchtax_lsp.manners import Protocol
from switchtax_lsp.requests import register

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["Server", "make_server"]

_METER = "switchtax/meter"
_PROGRESS = "switchtax meter"
_TOOLTIP_AFTER_S = 0.05
_REFRESH_S = 2.0
"""A client that does not answer a request to ask again is waited for no longer."""


class Server(LanguageServer):
    """One editor's server."""

    def __init__(self) -> None:
        """Not connected to anything."""
        super().__init__("switchtax", __version__, protocol_cls=Protocol)
        self.link = Link(places(), self._show_warning, self._changed, self._happened)
        self.documents = Documents(self.link, str(Path.home()))
        self._folders: list[str] = []
        self._meter_by = ""
        self._told: dict[str, Any] | None = None
        self._switches: dict[str, Any] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._stale = False

    # -- beginning ----------------------------------------------------------------------

    def begin(self) -> None:
        """The editor is ready: connect, and show the meter from now on."""
        self._folders = [
            os.path.realpath(path)
            for folder in self.workspace.folders.values()
            if (path := uris.to_fs_path(folder.uri))
        ]
        root = self.workspace.root_path
        if not self._folders and root:
            self._folders = [os.path.realpath(root)]
        self._meter_by = _way_of_meter(self.client_capabilities)
        self.start(self._run())

    async def _run(self) -> None:
        self.link.stand(self._folders)
        if self._meter_by == "progress":
            await self._begin_progress()
        self._changed()
        await self.link.run()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside; its failure is logged and ends nothing else."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            kind = type(task.exception()).__name__
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, f"failed: {kind}"))

    def report_server_error(self, error: Exception, _: Any) -> None:
        """Log what went wrong by its kind: nobody at an editor needs to see it at once."""
        if self.protocol.writer is not None:
            text = f"failed: {type(error).__name__}"
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, text))

    def end(self) -> None:
        """The editor leaves."""
        for task in self._tasks:
            task.cancel()

    @property
    def has_own_surface(self) -> bool:
        """Whether the client shows meter and answers itself, as our plugins do."""
        return self._meter_by == "notification"

    def moved(self, folders: list[str]) -> None:
        """The workspace has other folders now."""
        self._folders = [os.path.realpath(folder) for folder in folders]
        self.link.stand(self._folders)
        self._changed()

    # -- the meter ------------------------------------------------------------------------

    def here(self) -> list[Any]:
        """Meters of this workspace's sessions, the newest first."""
        return meter.of_workspace(self.link.meters.values(), self._folders)

    def session_of(self, params: Any) -> str:
        """The session that a request names, else the newest of the workspace.

        Raises:
            JsonRpcException: there is none.
        """
        named = answers.field(params, "session", str)
        if named:
            return named
        found = self.here()
        if not found:
            raise JsonRpcException(wording.NO_SESSION_HERE, code=-32004)
        return str(found[0]["session"])

    def _changed(self) -> None:
        self._tell_meter()
        self._stale = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_closer())

    async def _look_closer(self) -> None:
        """What takes longer than the meter: the tooltip's table, and open documents."""
        while self._stale:  # something may change while this looks
            await asyncio.sleep(_TOOLTIP_AFTER_S)  # several changes come together: once for all
            self._stale = False
            found = self.here()
            if found:
                self._switches = await self.link.ask(
                    "switch/estimate", {"session": found[0]["session"]}
                )
                self._tell_meter()
            await self.check_documents()

    def meter_params(self) -> dict[str, Any]:
        """The meter as it stands."""
        return meter.params(self.link.state, self.here(), self._switches)

    def _tell_meter(self) -> None:
        now = self.meter_params()
        if now == self._told:
            return
        self._told = now
        if self._meter_by == "notification":
            self.protocol.notify(_METER, now)
        elif self._meter_by == "progress":
            report = lsp.WorkDoneProgressReport(message=now["text"])
            with contextlib.suppress(Exception):  # a client that refused the token
                self.work_done_progress.report(_PROGRESS, report)

    async def _begin_progress(self) -> None:
        try:
            await self.work_done_progress.create_async(_PROGRESS)
            begin = lsp.WorkDoneProgressBegin(title="switchtax", cancellable=False)
            self.work_done_progress.begin(_PROGRESS, begin)
        except Exception:
            self._meter_by = ""  # the client cannot: it has commands still

    # -- warnings -------------------------------------------------------------------------

    async def _show_warning(self, warning: dict[str, Any]) -> dict[str, Any]:
        return await popups.show(self, warning, self._brief_wanted)

    async def _brief_wanted(self, warning: dict[str, Any]) -> None:
        self.start(self._tell_brief(warning["session"], warning["to_model"]))

    async def _tell_brief(self, session: str, to_model: str) -> None:
        told = await self.link.ask("session/brief", {"session": session, "to": to_model})
        if told is None:
            text = wording.brief_command(session, to_model)
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, text))
        else:
            self.protocol.notify("switchtax/briefReady", answers.brief(told))

    def _happened(self, event: dict[str, Any]) -> None:
        """Something has just happened in a session: open documents may say otherwise now."""
        if event.get("kind") == "switch":
            self._changed()

    # -- documents ------------------------------------------------------------------------

    async def check_documents(self) -> None:
        """Diagnostics of all open documents, and the rest asked for again."""
        uris_open = [each for each in self.workspace.text_documents if self.documents.kind(each)]
        for uri in uris_open:
            await self.check(uri)
        if uris_open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REFRESH_S):
                    await self._refresh()

    async def check(self, uri: str) -> None:
        """Diagnostics of one document."""
        if uri not in self.workspace.text_documents or self.documents.kind(uri) is None:
            return
        document = self.workspace.get_text_document(uri)
        version = document.version
        named = await self.documents.named(document)
        if uri not in self.workspace.text_documents or document.version != version:
            return  # it was changed meanwhile: that change has its own check
        found = features.diagnostics(named, self.documents.transcripts())
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    async def _refresh(self) -> None:
        able = self.client_capabilities.workspace
        if able is None:
            return
        with contextlib.suppress(Exception):  # a client that says it can and cannot
            if able.inlay_hint and able.inlay_hint.refresh_support:
                await self.workspace_inlay_hint_refresh_async(None)
            if able.code_lens and able.code_lens.refresh_support:
                await self.workspace_code_lens_refresh_async(None)


def _way_of_meter(able: lsp.ClientCapabilities) -> str:
    own = answers.plain(able.experimental)
    if isinstance(own, dict) and answers.plain(own.get("switchtax")):
        return "notification"
    return "progress" if able.window and able.window.work_done_progress else ""


def make_server() -> Server:
    """A server with all its features."""
    server = Server()
    _lifetime(server)
    _documents(server)
    register(server)
    return server


def _lifetime(server: Server) -> None:
    @server.feature(lsp.INITIALIZED)
    def ready(ls: Server, _: lsp.InitializedParams) -> None:
        ls.begin()

    @server.feature(lsp.SHUTDOWN)
    def leaving(ls: Server, _: None) -> None:
        ls.end()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def moved(ls: Server, _: lsp.DidChangeWorkspaceFoldersParams) -> None:
        paths = (uris.to_fs_path(each.uri) for each in ls.workspace.folders.values())
        ls.moved([path for path in paths if path])

    @server.feature("switchtax/focus")
    def focus(ls: Server, params: Any) -> None:
        ls.link.stand(focused=bool(answers.field(params, "focused", bool)))


def _documents(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        await ls.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        await ls.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.documents.close(uri)
        if ls.documents.kind(uri):
            ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    async def named(ls: Server, uri: str) -> list[features.Named]:
        if ls.documents.kind(uri) is None:
            return []
        return await ls.documents.named(ls.workspace.get_text_document(uri))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        return features.hints(await named(ls, params.text_document.uri), params.range)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        return features.hover(await named(ls, params.text_document.uri), params.position)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(ls: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        return features.lenses(await named(ls, params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
    async def actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        kind = ls.documents.kind(uri)
        if kind is None:
            return []
        root = uris.from_fs_path(kind.root(uris.to_fs_path(uri) or "")) or ""
        return features.actions(await named(ls, uri), params.range, uri, kind, root)

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', ":", " "])
    )
    async def completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
        uri = params.text_document.uri
        kind = ls.documents.kind(uri)
        found: list[lsp.CompletionItem] = []
        for each in await named(ls, uri):
            if kind is not None and each.holds(params.position):
                found = features.completions(await ls.documents.offered(kind, uri), each)
        return lsp.CompletionList(is_incomplete=False, items=found)
