"""What clients ask for by name: each answered from the daemon, a failure as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from switchtax.errors import DaemonUnavailable, Refused
from switchtax.ledger.accuracy import accuracy_words
from switchtax.wording import editor as wording
from switchtax_lsp import answers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from switchtax_lsp.server import Server

__all__ = ["register"]

_NO_DAEMON = -32006


def _asked(
    work: Callable[[Server, Any], Awaitable[dict[str, Any]]],
) -> Callable[[Server, Any], Awaitable[dict[str, Any]]]:
    """A request whose failure is a sentence."""

    async def answer(ls: Server, params: Any) -> dict[str, Any]:
        try:
            return await work(ls, params)
        except Refused as error:
            raise JsonRpcException(str(error), code=error.code) from error
        except DaemonUnavailable as error:
            raise JsonRpcException(str(error), code=_NO_DAEMON) from error

    return answer


async def _status(ls: Server, _: Any) -> dict[str, Any]:
    told = await ls.link.call("session/list", {})
    return {**told, "state": ls.link.state, "meter": ls.meter_params()}


async def _estimate(ls: Server, params: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"session": ls.session_of(params), "surface": "editor"}
    to, turns = answers.texts(params, "to"), answers.field(params, "turns", int)
    asked |= ({"to": to} if to else {}) | ({"turns": turns} if turns else {})
    told = await ls.link.call("switch/estimate", asked)
    return {**told, "text": wording.estimate_lines(told)}


async def _brief(ls: Server, params: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"session": ls.session_of(params)}
    to, budget = answers.texts(params, "to"), answers.field(params, "budget_tokens", int)
    asked |= ({"to": to[0]} if to else {}) | ({"budget_tokens": budget} if budget else {})
    return answers.brief(await ls.link.call("session/brief", asked))


async def _decide(ls: Server, params: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "session": ls.session_of(params), "models": answers.texts(params, "models"),
    }  # fmt: skip
    turns, task = answers.field(params, "turns", int), answers.field(params, "task", str)
    asked |= ({"turns": turns} if turns else {}) | ({"task": task} if task else {})
    return await ls.link.call("decide", asked)


async def _accuracy(ls: Server, _: Any) -> dict[str, Any]:
    told = await ls.link.call("ledger/accuracy", {})
    return {**told, "text": accuracy_words(told).splitlines()}


async def _snooze(ls: Server, params: Any) -> dict[str, Any]:
    scope = answers.field(params, "for", str) or "session"
    asked = {"for": scope}
    if scope == "session" or (scope == "off" and ls.here()):
        asked["session"] = ls.session_of(params)
    return {**await ls.link.call("warning/snooze", asked), "for": scope}


_WORK = {
    "status": _status,
    "estimate": _estimate,
    "brief": _brief,
    "decide": _decide,
    "accuracy": _accuracy,
}


def register(server: Server) -> None:
    """Answer our methods, and the same as commands."""
    _requests(server)
    _commands(server)


def _requests(server: Server) -> None:
    for name, work in _WORK.items():
        server.feature(f"switchtax/{name}")(_asked(work))


def _commands(server: Server) -> None:
    """The same for clients without our methods: the text is shown as a message, too."""
    for name, work in {**_WORK, "snooze": _snooze}.items():
        server.command(f"switchtax.{name}")(_spoken(name, _asked(work)))


def _spoken(
    name: str, answer: Callable[[Server, Any], Awaitable[dict[str, Any]]]
) -> Callable[..., Awaitable[dict[str, Any]]]:
    # The library resolves these names when it is called: `Server` would not be found.
    async def command(ls: Any, *given: Any) -> dict[str, Any]:
        told = await answer(ls, given[0] if given else None)
        text = answers.spoken(name, told)
        if text and not ls.has_own_surface:
            ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, text))
        return told

    return command
