"""Old sessions are read behind: told by `$/progress`, and the next `usage` has its answer."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from commands import checked
from service_support import until
from switchtax.scan import behind, front
from switchtax.service import history

if TYPE_CHECKING:
    import pytest

    from service_support import Household


def test_told_and_kept_for_the_next_usage(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `usage --json` would say stands ready, whole."""
    monkeypatch.setenv("SWITCHTAX_HISTORY_AFTER_S", "0.3")
    path = household.transcript(5, session="old", ago_s=90_000)
    for folder in path.parents[:4]:
        os.utime(folder, (1e9, 1e9))  # one that changed just now is looked at again
    client = household.client()
    client.subscribe()

    def told() -> Any:
        push = client.next_push(1)
        return push and push.params.get("token") == "history" and push.params["done"] == 100

    until(told, "history is read", 30)
    kept = front.answer(os.environ)
    assert json.loads(kept or b"{}") == checked("usage", "--no-index")


def test_steps_are_told_once(household: Household, capsys: pytest.CaptureFixture[str]) -> None:
    """Tenths, each once, and the end."""
    household.transcript()
    steps = behind._Steps()
    for share in (0.05, 0.11, 0.12, 0.5, 1.0):
        steps(share)
    assert "10\n50\n" == capsys.readouterr().out


def test_a_reader_that_fails_is_logged_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """The daemon goes on; `usage` does it when it is asked."""
    said: list[int] = []
    script = "print('30'); print('?'); raise SystemExit(3)"
    asyncio.run(history.fill(said.append, (sys.executable, "-c", script)))
    assert [0, 30] == said
    assert "old sessions could not be read (3)" in caplog.text


def test_it_ends_with_the_daemon() -> None:
    """Cancelled, it ends the process that reads."""
    began: list[int] = []

    async def cancelled() -> None:
        script = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
        task = asyncio.create_task(history.fill(began.append, (sys.executable, "-c", script)))
        while len(began) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancelled())

    def gone() -> bool:
        try:
            os.kill(began[1], 0)
        except ProcessLookupError:
            return True
        return False

    until(gone, "the process has ended")
