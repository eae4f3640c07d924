"""Sessions that the agents wrote which switchtax has itself, with the bills of their providers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from support import CHECKOUT
from switchtax.testing import Billed, Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["RECORDED"]

CONTRACT = CHECKOUT / "tests" / "contract"
TABLES = ("message", "session_message")
"""Rows of OpenCode that tell something, by their generation."""

Bill = dict[str, Any]


def _anthropic(bill: Bill) -> Billed:
    """As the Messages API bills. Its first event, which logs keep, does not count the output."""
    use = bill["usage"]
    read, wrote = use["cache_read_input_tokens"], use["cache_creation_input_tokens"]
    for_an_hour = use.get("cache_creation", {}).get("ephemeral_1h_input_tokens")
    plain = use["input_tokens"]
    return Billed(bill["model"], plain, read, wrote, cache_write_1h_tokens=for_an_hour)


def _openai(bill: Bill) -> Billed:
    """As the Responses API bills: what was read and written is part of the input."""
    use = bill.get("usage", bill)
    sent, wrote, out = (use[key] if key in use else use[short] for key, short in _SHORT)
    return Billed(bill["model"], sent - use["cached"] - wrote, use["cached"], wrote, out)


_SHORT = (("input", "in"), ("written", "wrote"), ("output", "out"))
"""Names of an older lab's bills."""


def _copilot(bill: Bill) -> Billed:
    return Billed(
        bill["model"],
        cache_read_tokens=bill["cached"],
        output_tokens=bill["out"],
        sent_tokens=bill["in"],
    )


def _gemini(bill: Bill) -> Billed:
    return Billed(bill["model"], bill["in"] - bill["cached"], bill["cached"], 0)


def _is_title(bill: Bill) -> bool:
    """A call for the session's title, which stands in no log."""
    if bill.get("purpose") == "title" or "Do not answer the request" in str(bill.get("last")):
        return True
    use = bill.get("usage", {})
    keys = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return "input_tokens" in use and sum(use[key] for key in keys) < 1_000


def _session(
    path: Path, lies_at: str, bill: Callable[[Bill], Billed], announced: tuple[str, ...] | None
) -> Recorded:
    billing = path.with_suffix(".billing.jsonl")
    calls = None
    if billing.exists():
        rows = [json.loads(line) for line in billing.read_text().splitlines() if line]
        calls = tuple(bill(row) for row in rows if not _is_title(row))
    grow = _grow(path) if path.stem in _IN_ORDER else None
    return Recorded(path, calls, announced, lies_at, grow)


_IN_ORDER = ("opencode_1.18.33_run-continue",)
"""Databases whose rows were not updated after later ones came: they can be written again."""


def _grow(path: Path) -> Callable[[Path], Iterator[None]]:
    """A database whose messages come one by one."""

    def grow(to: Path) -> Iterator[None]:
        to.write_bytes(path.read_bytes())
        with closing(sqlite3.connect(to)) as db:
            there = [name for (name,) in db.execute("SELECT name FROM sqlite_master")]
            later = []
            for table in set(TABLES) & set(there):
                rows = db.execute(f"SELECT * FROM {table} ORDER BY time_created, id").fetchall()
                later += [(table, row) for row in rows]
                db.execute(f"DELETE FROM {table}")
            db.commit()
            yield
            for table, row in later:
                db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
                db.commit()
                yield

    return grow


_WHERE: dict[str, tuple[str, Callable[[Bill], Billed]]] = {
    "claude-code": (".claude/projects/-home-dev-shop/{stem}.jsonl", _anthropic),
    "codex": (".codex/sessions/2026/11/21/rollout-2026-11-21T08-17-02-{stem}.jsonl", _openai),
    "copilot-cli": (".copilot/session-state/{stem}/events.jsonl", _copilot),
    "gemini-cli": (".gemini/tmp/shop/chats/session-2026-11-21T08-17-{stem}.jsonl", _gemini),
    "opencode": (".local/share/opencode/opencode.db", _anthropic),
    "pi": (".pi/agent/sessions/--home-dev-shop--/2026-11-21T08-17-02_{stem}.jsonl", _anthropic),
}
"""By agent: where a session lies below a home, and how its provider bills."""

_ANNOUNCED = {
    "claude-code_2.1.329_headless-d-continue-switch": (),
    "claude-code_2.1.329_lab-models-in-turns": ("Opus 5.5", "Sonnet 5.5") * 2,
    "claude-code_2.1.329_model-effort-compaction": ("Sonnet 5.5",),
    "claude-code_2.1.329_sdk-allow": ("opus (claude-opus-5-5)",),
    "claude-code_2.1.329_sdk-deny": (),
    "claude-code_2.1.329_tui-a": ("Opus 5.5",),
    "claude-code_2.1.329_tui-t": ("Opus 5.5", "Opus 5.5"),
    "codex_0.169.0_exec-4": ("gpt-6-luna", "gpt-6-sol", "gpt-5.5", "gpt-6-luna"),
    "codex_0.169.0_exec-resume-switch": ("gpt-5.4-mini",),
    "codex_0.169.0_lab-terminal-then-exec": ("gpt-5.5", "gpt-6.1-sol"),
    "codex_0.169.0_tui-2": ("gpt-6.1-sol",),
    "codex_0.169.0_tui-3": ("gpt-6.1-sol", "gpt-6-sol", "gpt-5.6-sol", "gpt-5.6-terra"),
    "copilot-cli_1.0.102_continue-switch": ("claude-sonnet-4.5",),
    "copilot-cli_1.0.91_store": ("gpt-6.1-sol", "auto"),
    "gemini-cli_0.61.0_resume-switch": (),
    "gemini-cli_0.61.0_tui-switch": ("gemini-2.5-pro",),
    "opencode_1.18.33_run-continue": ("claude-sonnet-4-5", "claude-haiku-4-5"),
    "opencode_1.18.33_tui-switch": ("claude-sonnet-4-5",),
    "pi_0.73.1_continue-switch": ("claude-haiku-4-5",),
    "pi_0.73.1_tui-switch": ("claude-haiku-4-5", "claude-sonnet-4-5") * 3,
}
"""By recorded session, the models that were chosen before a call; of some that is not known."""


def _of(agent: str) -> Iterator[Recorded]:
    lies_at, bill = _WHERE[agent]
    for path in sorted((CONTRACT / agent / "fixtures").iterdir()):
        if path.suffix in (".jsonl", ".db") and ".billing" not in path.name:
            yield _session(path, lies_at.format(stem=path.stem), bill, _ANNOUNCED.get(path.stem))


def _document(path: Path, key: str) -> Callable[[Path], Iterator[None]]:
    """A document that is written anew after each message; `key` names their list, if it has one."""

    def grow(to: Path) -> Iterator[None]:
        whole = json.loads(path.read_text())
        items = whole[key] if key else whole
        for upto in range(1, len(items) + 1):
            to.write_text(json.dumps(whole | {key: items[:upto]} if key else items[:upto]))
            yield

    return grow


def _documents() -> Iterator[tuple[str, Recorded]]:
    """Sessions of several files: the main one alone, without what stands beside it."""
    cline = CONTRACT / "cline" / "fixtures" / "cline_3.0.65_resume-switch"
    (path,) = cline.glob("*/*.messages.json")
    bills = [json.loads(line) for line in (cline / "billing.jsonl").read_text().splitlines()]
    lies_at = f".cline/data/sessions/{path.parent.name}/{path.name}"
    calls = tuple(_copilot(bill) for bill in bills)
    yield "cline", Recorded(path, calls, (), lies_at, _document(path, "messages"))

    storage = ".vscode-server/data/User/globalStorage/{}/tasks/t1/ui_messages.json"
    (path,) = (CONTRACT / "cline" / "fixtures").glob("cline_3.85.0*/*/ui_messages.json")
    lies_at, opus, sonnet = storage.format("saoudrizwan.claude-dev"), "claude-opus-5-5", _SONNET
    calls = (
        Billed(opus, 40, 0, 9000, 210), Billed(opus, 12, 9000, 700, 120),
        Billed(sonnet, 30, 0, 9900, 300), Billed(sonnet, 8, 9900, 350, 40),
    )  # fmt: skip
    yield "cline", Recorded(path, calls, (sonnet,), lies_at)

    (path,) = (CONTRACT / "roo-code" / "fixtures").glob("roo-code_3.52.1*/*/ui_messages.json")
    counts = ((40, 0, 9000, 210), (12, 9000, 700, 120), (10_000, 0, 0, 90), (352, 2048, 0, 20))
    calls = tuple(Billed("unknown", *each) for each in counts)  # the model stands beside the rows
    lies_at = storage.format("rooveterinaryinc.roo-cline")
    yield "roo-code", Recorded(path, calls, (), lies_at, _document(path, ""))

    logs = "User/workspaceStorage/0a1b/GitHub.copilot-chat/debug-logs/s1/main.jsonl"
    fixtures = CONTRACT / "vscode-copilot" / "fixtures"
    (path,) = fixtures.glob("vscode-copilot_0.60*/*/*/*/*/main.jsonl")
    opus, gpt = "claude-opus-4.7", "gpt-5.4"
    calls = (
        Billed(opus, 21_000, 0, 0, 150), Billed(opus, 1000, 21_000, 0, 80),
        Billed("gpt-4o-mini", 700, 0, 0, 10), Billed(gpt, 23_000, 0, 0, 200),
        Billed(gpt, 23_500, 0, 0, 900), Billed(gpt, 936, 8064, 0, 50),
    )  # fmt: skip
    yield "vscode-copilot", Recorded(path, calls, (), f".vscode-server/data/{logs}")

    fixtures = CONTRACT / "cursor" / "fixtures"
    opus, sol, composer = "claude-opus-4-8", "gpt-5.6-sol", "composer-2.5"
    calls = (
        Billed(opus, 4, 11_600, 11_839, 180), Billed(opus, 9, 161_800, 52_571, 2950),
        Billed(opus, 3, 64_206, 211, 310), Billed("claude-sonnet-4-6", 10, 61_300, 69_740, 640),
    )  # fmt: skip
    (path,) = fixtures.glob("*_status-line-switch.jsonl")
    lies_at = ".local/state/switchtax/cursor/8a1f.jsonl"
    yield "cursor", Recorded(path, calls, ("claude-sonnet-4-6",), lies_at)
    calls = (
        Billed(sol, 21_520, 20_480, 0, 900), Billed(sol, 44_840, 860_160, 0, 5200),
        Billed("default", 2300, 23_000, 0, 410), Billed(composer, 27_000, 0, 0, 120),
        Billed(composer, 720, 26_880, 0, 250),
    )  # fmt: skip
    (path,) = fixtures.glob("*_editor-compaction.jsonl")
    yield "cursor", Recorded(path, calls, ("default", composer), lies_at)
    calls = (Billed("claude-4.5-sonnet", 2, 23_617, 47, 61), Billed("claude-4.5-sonnet", 0, 0, 0))
    (path,) = fixtures.glob("*_no-context.jsonl")
    yield "cursor", Recorded(path, calls, (), lies_at)


_SONNET = "claude-sonnet-5-5"

RECORDED = [(agent, session) for agent in _WHERE for session in _of(agent)] + [*_documents()]
"""Agent and session, in the order of the agents."""
