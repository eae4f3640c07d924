"""The server with clients that do what they should not: it lives on, and says what is wrong."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from editor_at_work import shared_at_work as at_work
from lsp_wire import Wire, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

__all__ = ["at_work"]

NOT_INITIALIZED, INVALID_REQUEST, NO_METHOD, BAD_PARAMS = -32002, -32600, -32601, -32602
CANCELLED = -32800
OURS = ["status", "estimate", "accuracy", "brief", "decide"]
STRANGE: list[Any] = [[], 7, "x", {"session": 7, "to": 7, "models": {}}, None]


@pytest.fixture
def server(at_work: Household) -> Iterator[Wire]:
    """A server that nobody has said anything to."""
    with wire(at_work.env, at_work.folder / "w") as found:
        yield found


@pytest.fixture
def begun(server: Wire, at_work: Household) -> Wire:
    """A server whose client has seen the meter."""
    server.begin(at_work.folder / "w")
    server.told("switchtax/meter", lambda meter: meter["session"])
    return server


def settings_uri(household: Household) -> str:
    return (household.folder / "w" / ".claude" / "settings.json").as_uri()


class TestOrder:
    def test_a_question_before_initialize_is_refused(
        self, server: Wire, at_work: Household
    ) -> None:
        told = server.answer(server.ask("switchtax/status"))
        assert NOT_INITIALIZED == told["error"]["code"]
        server.notify("switchtax/focus", focused=True)
        server.open(settings_uri(at_work), "{}")
        assert "result" in server.begin(at_work.folder / "w")
        assert server.lives()

    def test_a_question_before_initialized_is_answered(
        self, server: Wire, at_work: Household
    ) -> None:
        params = {"processId": None, "rootUri": None, "capabilities": {}}
        assert "result" in server.answer(server.ask("initialize", params))
        told = server.answer(server.ask("switchtax/estimate"))
        assert -32004 == told["error"]["code"]
        assert "No agent session in this workspace" in told["error"]["message"]

    def test_a_second_initialize_does_no_harm(self, begun: Wire, at_work: Household) -> None:
        begun.begin(at_work.folder / "w")
        assert begun.lives()

    def test_after_shutdown_nothing_is_answered_but_exit(self, begun: Wire) -> None:
        begun.answer(begun.ask("shutdown"))
        told = begun.answer(begun.ask("switchtax/status"))
        assert INVALID_REQUEST == told["error"]["code"]
        begun.say(method="exit")
        assert 0 == begun.process.wait(10)

    def test_exit_without_shutdown_ends_it(self, begun: Wire) -> None:
        begun.say(method="exit")
        begun.process.wait(10)

    def test_it_ends_with_its_client(self, begun: Wire) -> None:
        assert begun.process.stdin is not None
        begun.process.stdin.close()
        begun.process.wait(10)


class TestShape:
    def test_no_capabilities_at_all(self, server: Wire, at_work: Household) -> None:
        server.begin(at_work.folder / "w", {})
        server.open(settings_uri(at_work), '{"model": "sonnet"}')
        found = server.told("textDocument/publishDiagnostics", lambda told: told["diagnostics"])
        assert "Sonnet 5.5" in found["diagnostics"][0]["message"]
        assert server.lives()

    def test_an_unknown_method_is_named(self, begun: Wire) -> None:
        told = begun.answer(begun.ask("switchtax/frobnicate"))
        assert NO_METHOD == told["error"]["code"]
        assert "switchtax/frobnicate" in told["error"]["message"]
        begun.notify("switchtax/frobnicate")
        assert begun.lives()

    def test_strange_params_of_ours(self, begun: Wire) -> None:
        for name in OURS:
            for params in STRANGE:
                begun.say(id="n", method=f"switchtax/{name}", params=params)
                told = begun.until(lambda each: each.get("id") == "n", f"{name} {params}")
                assert "result" in told or told["error"]["message"]
        assert begun.lives()

    def test_strange_params_of_the_protocol_are_refused(self, begun: Wire) -> None:
        for params in ({}, {"textDocument": 7}, {"textDocument": {"uri": 7}, "position": 1}):
            told = begun.answer(begun.ask("textDocument/hover", params))
            assert BAD_PARAMS == told["error"]["code"]
            assert "textDocument/hover" in told["error"]["message"]
            begun.notify("textDocument/didChange", **params)
        assert begun.lives()

    def test_a_document_that_was_never_opened(self, begun: Wire, at_work: Household) -> None:
        document = {"uri": settings_uri(at_work)}
        told = begun.answer(begun.ask("textDocument/codeLens", {"textDocument": document}))
        assert told.get("result", []) in ([], None)
        begun.notify("textDocument/didClose", textDocument=document)
        begun.notify(
            "textDocument/didChange", textDocument={**document, "version": 3},
            contentChanges=[{"text": "{}"}],
        )  # fmt: skip
        assert begun.lives()

    def test_a_strange_uri(self, begun: Wire) -> None:
        for uri in ("untitled:Untitled-1", "", "file://", "git:/x/.claude/settings.json?ref", "::"):
            begun.open(uri, '{"model": "sonnet"}')
            begun.answer(begun.ask("textDocument/codeLens", {"textDocument": {"uri": uri}}))
        assert begun.lives()

    def test_what_is_no_json(self, begun: Wire) -> None:
        begun.raw(b"Content-Length: 9\r\n\r\nnot json!")
        assert begun.lives()


class TestSize:
    def test_a_settings_file_of_five_megabytes(self, begun: Wire, at_work: Household) -> None:
        big = json.dumps({"model": "sonnet", "notes": ["x" * 90] * 55_000}, indent=0)
        assert len(big) > 5_000_000
        started = time.monotonic()
        begun.open(settings_uri(at_work), big)
        told = begun.told("textDocument/publishDiagnostics")
        assert [] == told["diagnostics"]
        assert begun.lives()
        assert time.monotonic() - started < 10

    def test_a_document_nested_a_thousand_times(self, begun: Wire, at_work: Household) -> None:
        begun.open(settings_uri(at_work), '{"a":' * 5_000 + '"b"' + "}" * 5_000)
        assert begun.lives()

    def test_a_line_of_a_million_characters(self, begun: Wire, at_work: Household) -> None:
        begun.open(settings_uri(at_work), '{"model": "' + "x" * 1_000_000 + '"}')
        assert begun.lives()


class TestCancel:
    def test_a_cancelled_question_is_answered_once(self, begun: Wire) -> None:
        number = begun.ask("switchtax/brief")
        begun.notify("$/cancelRequest", id=number)
        told = begun.answer(number)
        assert "result" in told or CANCELLED == told["error"]["code"]
        assert begun.lives()
        assert 1 == sum(each.get("id") == number for each in begun.heard)

    def test_an_unknown_question_is_cancelled(self, begun: Wire) -> None:
        begun.notify("$/cancelRequest", id="never asked")
        begun.notify("$/cancelRequest")
        assert begun.lives()

    def test_an_answer_to_nothing(self, begun: Wire) -> None:
        begun.say(id="never asked", result={"title": "Switch"})
        begun.say(id="never asked", error={"code": 1, "message": "x"})
        assert begun.lives()
