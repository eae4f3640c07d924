"""`switchtax acp` between the official SDK's client and agent, with the real daemon."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acp.schema import (
    AllowedOutcome,
    ClientCapabilities,
    DeniedOutcome,
    ElicitationCapabilities,
    ElicitationFormCapabilities,
    RequestPermissionResponse,
)

from acp import spawn_agent_process, text_block
from service_support import lines, ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_support import Household

AGENT = Path(__file__).parent.parent / "acp_agent.py"
IN_TIME_S = 20.0


@dataclass
class Person:
    """A client whose person answers every question in the same way."""

    says: str
    asked: list[str] = field(default_factory=list)

    def on_connect(self, conn: Any) -> None:
        """The SDK hands the connection over: not needed."""

    async def create_elicitation(self, message: str, mode: Any, **_: Any) -> Any:
        self.asked.append(message)
        return {"action": "accept", "content": {"choice": self.says}}

    async def request_permission(
        self, session_id: str, tool_call: Any, options: list[Any], **_: Any
    ) -> RequestPermissionResponse:
        self.asked.append(tool_call.content[0].content.text)
        chosen = next((each for each in options if each.option_id == self.says), None)
        if chosen is None:
            return RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled"))
        outcome = AllowedOutcome(outcome="selected", option_id=chosen.option_id)
        return RequestPermissionResponse(outcome=outcome)

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        """Options that are told again."""


FORMS = ClientCapabilities(elicitation=ElicitationCapabilities(form=ElicitationFormCapabilities()))


@asynccontextmanager
async def talking(
    household: Household, person: Person, *words: str, able: ClientCapabilities | None = None
) -> AsyncIterator[Any]:
    """A connection through the proxy to a session that has had a prompt."""
    command = [sys.executable, "-m", "switchtax", "acp", *words, "--"]
    agent = [sys.executable, str(AGENT), "s1", "sonnet"]
    async with spawn_agent_process(
        person, *command, *agent, env=household.env, use_unstable_protocol=True
    ) as (conn, _):
        await conn.initialize(protocol_version=1, client_capabilities=able or FORMS)
        session = await conn.new_session(cwd="/home/dev/shop", mcp_servers=[])
        await conn.prompt(session_id=session.session_id, prompt=[text_block("go")])
        yield conn


async def chosen(conn: Any, model: str) -> str:
    """The model in force after choosing one."""
    answered = await conn.set_config_option(config_id="model", session_id="s1", value=model)
    return str(answered.config_options[0].current_value)


def play(household: Household, person: Person, model: str, **more: Any) -> str:
    async def whole() -> str:
        async with talking(household, person, **more) as conn:
            # The proxy finds the daemon beside: the first choices may pass before it has.
            for _ in range(200):
                found = await chosen(conn, model)
                if person.asked:
                    return found
                await chosen(conn, "sonnet")
                await asyncio.sleep(0.01)
            return found

    return asyncio.run(asyncio.wait_for(whole(), IN_TIME_S))


@pytest.mark.parametrize(("says", "after"), [("switch", "fable"), ("keep", "sonnet")])
@pytest.mark.parametrize("able", [FORMS, ClientCapabilities()], ids=["form", "permission"])
def test_a_costly_switch_is_asked_about_and_the_answer_counts(
    household: Household, says: str, after: str, able: ClientCapabilities
) -> None:
    household.transcript(6)
    ready(household, "s1").close()
    person = Person(says)
    assert after == play(household, person, "fable", able=able)
    first = person.asked[0].splitlines()[0]
    assert first.startswith("Fable 5.2 must re-read")
    assert all(len(line) <= 74 for line in person.asked[0].splitlines())


def test_the_words_of_a_session_are_found_by_its_folder_where_the_id_is_the_agents_own(
    household: Household,
) -> None:
    household.transcript(6, session="another-id")
    with ready(household, "another-id") as client:
        asked = {"session": "s1", "to": ["fable"], "surface": "acp"}
        found = client.call("switch/words", {**asked, "cwd": "/home/dev/shop", "since": 1.0})
        assert ("another-id", True) == (found["session"], found["material"])


def test_bytes_pass_and_the_exit_code_is_the_agents(household: Household) -> None:
    copy = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.exit(7)"
    said = b'{"id":1,"method":"session/new"}\nnot JSON \xff\n{"no end"'
    done = subprocess.run(
        [sys.executable, "-m", "switchtax", "acp", "--", sys.executable, "-c", copy],
        input=said,
        capture_output=True,
        env=household.env,
        timeout=IN_TIME_S,
        check=False,
    )
    assert (7, said) == (done.returncode, done.stdout)


def test_an_agent_that_is_not_there_is_named(household: Household) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "switchtax", "acp", "--", "no-such-agent"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=household.env,
        text=True,
        timeout=IN_TIME_S,
        check=False,
    )
    assert (2, "switchtax acp: no-such-agent: No such file or directory.\n") == (
        done.returncode,
        done.stderr,
    )


def test_a_signal_ends_the_agent_and_then_the_proxy(household: Household) -> None:
    wait = "import sys; print('up', flush=True); sys.stdin.read()"
    proxy = subprocess.Popen(
        [sys.executable, "-m", "switchtax", "acp", "--", sys.executable, "-c", wait],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=household.env,
    )
    with proxy:
        assert proxy.stdout is not None
        assert b"up\n" == proxy.stdout.readline()
        os.kill(proxy.pid, signal.SIGTERM)
        assert 128 + signal.SIGTERM == proxy.wait(IN_TIME_S)


def test_without_a_daemon_that_can_be_had_every_switch_passes(household: Household) -> None:
    open_to_all = household.where.runtime
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    household.transcript(6)
    person = Person("keep")

    async def whole() -> list[str]:
        async with talking(household, person) as conn:
            return [await chosen(conn, model) for model in ("fable", "sonnet", "opus")]

    assert ["fable", "sonnet", "opus"] == asyncio.run(asyncio.wait_for(whole(), IN_TIME_S))
    assert [] == person.asked


def test_ten_thousand_messages_pass_unchanged(household: Household) -> None:
    big = b'{"method":"session/update","params":{"sessionId":"s","update":"' + b"x" * 200_000
    said = b"".join(
        b'{"id":%d,"method":"session/prompt","params":{"sessionId":"s%d"}}\n' % (n, n % 7)
        for n in range(10_000)
    )
    said += big + b'"}}\n' + lines(0, 1, ends_at=0.0).encode()
    copy = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    done = subprocess.run(
        [sys.executable, "-m", "switchtax", "acp", "--", sys.executable, "-c", copy],
        input=said,
        capture_output=True,
        env=household.env,
        timeout=60,
        check=True,
    )
    assert said == done.stdout
