"""Editors: how soon meter and questions are seen in VS Code and Neovim, and what the server takes.

Each sample is measured to what a person sees: in VS Code to the frame of the browser that shows it,
in Neovim to the text on its screen. Nothing is measured inside our own code.
"""

import contextlib
import json
import statistics
import time
from collections.abc import Iterator, Sequence

import pytest
from bars import Bar, Missing
from households import household, resident_mb

from lsp_wire import Wire, wire
from neovim import Neovim, embedded
from played import Played, prepare
from service_support import Household
from workbench import extension_package
from workbench_stage import Stage, on_stage

SAMPLES = 30
METER_MS = {"VS Code": 500.0, "Neovim": 250.0}
POPUP_MS = {"VS Code": 600.0, "Neovim": 300.0}
STARTS, INITIALIZE_MS, SERVER_MB = 21, 900.0, 60.0
LINES, KEYS, KEY_MS = 5_000, 60, 50.0
OPUS = "Opus 5.5 · 140k"
QUESTION = "must re-read"
TAKES_KEYS_MS = 350
CALM_MS = 500
"""VS Code shows at most three messages in 800 ms; further ones wait in its list."""


def late(times: Sequence[float]) -> float:
    """The time that 95 of 100 stay within."""
    return sorted(times)[max(0, -(-95 * len(times) // 100) - 1)]


def bar(name: str, times: Sequence[float], most_ms: float) -> Bar:
    """A 95th percentile and its bar."""
    measured = f"{late(times):.0f} ms (median {statistics.median(times):.0f}, {len(times)} times)"
    return Bar(f"{name}, 95th percentile", measured, f"≤ {most_ms:.0f} ms", late(times) <= most_ms)


@contextlib.contextmanager
def at_hand() -> Iterator[None]:
    """What tests would be skipped for is missing here."""
    try:
        yield
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        raise Missing(str(reason)) from reason


def both_bars(editor: str, meters: Sequence[float], popups: Sequence[float]) -> Iterator[Bar]:
    """What is asked of every editor."""
    name = f"{editor}: append to a transcript → meter changed on the screen"
    yield bar(name, meters, METER_MS[editor])
    yield bar(f"{editor}: a hook asks → question on the screen", popups, POPUP_MS[editor])


def vscode_bars() -> Iterator[Bar]:
    """The workbench in Chromium, with the packaged extension."""
    with at_hand():
        package = extension_package()
        with household() as house, on_stage(house, package) as stage:
            meters, popups = _meters_in_window(stage), _popups_in_window(stage)
    yield from both_bars("VS Code", meters, popups)


def _meters_in_window(stage: Stage) -> list[float]:
    session = stage.session()
    stage.window.meter_until(OPUS)
    times = []
    for number in range(SAMPLES):
        before = len(stage.window.seen("meter"))
        written = stage.turn(session, number)
        size = f"Opus 5.5 · {143 + 3 * number}k"
        times.append(stage.window.seen_next("meter", before, size) - written)
    return times


def _popups_in_window(stage: Stage) -> list[float]:
    times = []
    for _ in range(SAMPLES):
        session = stage.session()
        stage.window.meter_until(OPUS)
        before = len(stage.window.seen("toast"))
        hook = stage.ask(session)
        shown = stage.window.seen_next("toast", before, QUESTION)
        times.append(shown - hook.started_ms)
        toast = stage.window.toast(QUESTION)
        stage.window.answer(toast, "Switch")
        hook.told()
        toast.wait_for(state="detached")
        stage.window.page.wait_for_timeout(CALM_MS)
    return times


def neovim_bars() -> Iterator[Bar]:
    """Neovim with the plugin, its screen read every few milliseconds."""
    with at_hand(), household() as house:
        folder = house.folder / "shop"
        prepare(house, folder)
        played = Played(house, folder)
        session = played.session()
        with embedded(folder, house.env) as editor:
            editor.shows(OPUS)
            meters = _meters_on_screen(editor, played, session)
            popups = _popups_on_screen(editor, played)
    yield from both_bars("Neovim", meters, popups)


def _meters_on_screen(editor: Neovim, played: Played, session: str) -> list[float]:
    times = []
    for number in range(SAMPLES):
        written = played.turn(session, number)
        editor.shows(f"Opus 5.5 · {143 + 3 * number}k")
        times.append(time.time() * 1000 - written)
    return times


def _popups_on_screen(editor: Neovim, played: Played) -> list[float]:
    times = []
    for _ in range(SAMPLES):
        session = played.session()
        editor.shows(OPUS)
        hook = played.ask(session)
        editor.shows(QUESTION)
        times.append(time.time() * 1000 - hook.started_ms)
        editor.lua("vim.wait(...)", TAKES_KEYS_MS)
        editor.press("s")
        hook.told()
        editor.shows_no_more(QUESTION)
    return times


def start_bars() -> Iterator[Bar]:
    """`switchtax lsp` started as editors start it, asked to initialize."""
    with household() as house:
        folder = house.folder / "shop"
        prepare(house, folder)
        session = Played(house, folder).session()
        times = []
        for _ in range(STARTS):
            started = time.perf_counter()
            with wire(house.env, folder) as server:
                server.begin(folder)
                times.append((time.perf_counter() - started) * 1000)
                held = _at_work(server, house, session)
    yield Bar(
        "language server: start → `initialize` answered, 95th percentile",
        f"{late(times):.0f} ms (median {statistics.median(times):.0f}, the first {times[0]:.0f}, "
        f"the slowest of {STARTS} {max(times):.0f})",
        f"≤ {INITIALIZE_MS:.0f} ms",
        late(times) <= INITIALIZE_MS,
    )
    yield Bar(
        "… memory, with a meter and a settings file shown",
        f"{held:.0f} MB",
        f"≤ {SERVER_MB:.0f} MB",
        held <= SERVER_MB,
    )


def _at_work(server: Wire, house: Household, session: str) -> float:
    server.told("switchtax/meter", lambda meter: meter["session"] == session)
    uri = (house.folder / "shop" / ".claude" / "settings.json").as_uri()
    server.open(uri, '{"model": "sonnet"}')
    server.told("textDocument/publishDiagnostics", lambda told: told["diagnostics"])
    return resident_mb(server.process.pid)


def keystroke_bars() -> Iterator[Bar]:
    """A settings file of 5,000 lines, its model at the end, written on letter by letter."""
    with household() as house:
        folder = house.folder / "shop"
        prepare(house, folder)
        session = Played(house, folder).session()
        with wire(house.env, folder) as server:
            server.begin(folder)
            server.told("switchtax/meter", lambda meter: meter["session"] == session)
            times = _typed(server, (folder / ".claude" / "settings.json").as_uri())
    yield bar(
        f"language server: a keystroke in a document of {LINES:,} lines → its diagnostics",
        times,
        KEY_MS,
    )


def _typed(server: Wire, uri: str) -> list[float]:
    """Milliseconds from each keystroke to the diagnostics of the version that it made."""
    rules = {f"variable_{number}": f"value {number}" for number in range(LINES - 4)}
    text = json.dumps({"env": rules, "model": "sonnet"}, indent=1)
    server.open(uri, text)
    server.told("textDocument/publishDiagnostics", lambda told: told["diagnostics"])
    times = []
    for key in range(KEYS):
        at = {"line": LINES // 2, "character": 2}
        change = {"range": {"start": at, "end": at}, "text": "x"}
        started = time.perf_counter()
        server.notify(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": 2 + key},
            contentChanges=[change],
        )
        server.told(
            "textDocument/publishDiagnostics", lambda told, key=key: told.get("version") == 2 + key
        )
        times.append((time.perf_counter() - started) * 1000)
    return times


BARS = [start_bars, keystroke_bars, neovim_bars, vscode_bars]
