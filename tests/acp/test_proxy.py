"""The proxy passes everything on as it is, and holds a switch that is worth a question."""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchtax.acp.proxy import Judgement, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.acp.known import Chosen, Session

SAID = Judgement(["Opus 5.5 must re-read 40k tokens ($0.20 once)."], True, "Keep Sonnet 5.5")
IN_TIME_S = 5.0


@dataclass
class Stage:
    """A proxy between a client and an agent that the test plays."""

    judgement: Judgement | None = SAID
    hold_s: float = IN_TIME_S
    judged: list[Chosen] = field(default_factory=list)
    to_agent: queue.Queue[bytes] = field(default_factory=queue.Queue)
    to_client: queue.Queue[bytes] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        self.client, self.agent = queue.Queue[bytes](), queue.Queue[bytes]()
        self.proxy = Proxy(self.judge, self.to_agent.put, self.to_client.put, hold_s=self.hold_s)
        self.pumps = [
            threading.Thread(target=self.proxy.pump_client, args=(lambda _: self.client.get(),)),
            threading.Thread(target=self.proxy.pump_agent, args=(lambda _: self.agent.get(),)),
        ]
        for pump in self.pumps:
            pump.start()

    def judge(self, session: Session, chosen: Chosen) -> Judgement | None:
        self.judged.append(chosen)
        return self.judgement

    def end(self) -> None:
        self.client.put(b"")
        self.agent.put(b"")
        for pump in self.pumps:
            pump.join(IN_TIME_S)
            assert not pump.is_alive()

    def says(self, **message: Any) -> bytes:
        """The client says something."""
        line = line_of(**message)
        self.client.put(line)
        return line

    def answers(self, **message: Any) -> bytes:
        """The agent says something."""
        line = line_of(**message)
        self.agent.put(line)
        return line

    def begin(self, *, capabilities: Any = None) -> None:
        """A session on sonnet that has had one prompt."""
        params = {"protocolVersion": 1, "clientCapabilities": capabilities or {}}
        self.says(id=0, method="initialize", params=params)
        self.says(id=1, method="session/new", params={"cwd": "/p", "mcpServers": []})
        self.says(id=2, method="session/prompt", params={"sessionId": "s", "prompt": []})
        self.heard_by_agent(3)
        self.answers(id=1, result={"sessionId": "s", "configOptions": options("sonnet")})
        self.answers(id=2, result={"stopReason": "end_turn"})
        self.heard_by_client(2)

    def choose(self, value: str = "opus", number: int = 7) -> bytes:
        params = {"sessionId": "s", "configId": "model", "value": value}
        return self.says(id=number, method="session/set_config_option", params=params)

    def heard_by_agent(self, lines: int = 1) -> bytes:
        return heard(self.to_agent, lines)

    def heard_by_client(self, lines: int = 1) -> bytes:
        return heard(self.to_client, lines)


def heard(stream: queue.Queue[bytes], lines: int) -> bytes:
    found = b""
    while found.count(b"\n") < lines:
        found += stream.get(timeout=IN_TIME_S)
    return found


def line_of(**message: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


def options(current: str) -> list[dict[str, Any]]:
    offered = [{"value": v, "name": n} for v, n in (("sonnet", "Sonnet 5.5"), ("opus", "Opus 5.5"))]
    model = {"id": "model", "name": "Model", "category": "model", "type": "select"}
    effort = {"id": "effort", "name": "Effort", "type": "select", "currentValue": "high"}
    return [effort, {**model, "currentValue": current, "options": offered}]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.end()


ELICITS = {"elicitation": {"form": {}}}


def test_a_switch_waits_for_an_answer_and_goes_through_on_yes(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    switch = stage.choose()
    asked = json.loads(stage.heard_by_client())
    assert "elicitation/create" == asked["method"]
    assert SAID.lines[0] == asked["params"]["message"]
    assert stage.to_agent.empty()
    stage.says(id=asked["id"], result={"action": "accept", "content": {"choice": "switch"}})
    assert switch == stage.heard_by_agent()
    assert ("opus", "Opus 5.5") == (stage.judged[0].value, stage.judged[0].name)


@pytest.mark.parametrize(
    "no",
    [
        {"action": "accept", "content": {"choice": "keep"}},
        {"action": "decline"},
        {"action": "cancel"},
    ],
)
def test_on_no_the_client_is_answered_with_the_options_as_they_are(
    stage: Stage, no: dict[str, Any]
) -> None:
    stage.begin(capabilities=ELICITS)
    stage.choose()
    asked = json.loads(stage.heard_by_client())
    stage.says(id=asked["id"], result=no)
    answered, told = (json.loads(line) for line in stage.heard_by_client(2).splitlines())
    assert {"jsonrpc": "2.0", "id": 7, "result": {"configOptions": options("sonnet")}} == answered
    assert "config_option_update" == told["params"]["update"]["sessionUpdate"]
    prompt = stage.says(id=8, method="session/prompt", params={"sessionId": "s", "prompt": []})
    assert prompt == stage.heard_by_agent()


def test_a_client_without_forms_is_asked_for_permission(stage: Stage) -> None:
    stage.begin()
    switch = stage.choose()
    asked = json.loads(stage.heard_by_client())
    assert "session/request_permission" == asked["method"]
    assert ["Switch", "Keep Sonnet 5.5"] == [each["name"] for each in asked["params"]["options"]]
    chosen = {"outcome": {"outcome": "selected", "optionId": "switch"}}
    stage.says(id=asked["id"], result=chosen)
    assert switch == stage.heard_by_agent()


def test_a_refused_permission_keeps_the_model(stage: Stage) -> None:
    stage.begin()
    stage.choose()
    asked = json.loads(stage.heard_by_client())
    stage.says(id=asked["id"], result={"outcome": {"outcome": "cancelled"}})
    assert 7 == json.loads(stage.heard_by_client(2).splitlines()[0])["id"]
    assert stage.to_agent.empty()


def test_a_kept_model_is_an_error_where_the_old_method_asked(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    params = {"sessionId": "s", "modelId": "opus"}
    stage.says(id=7, method="session/set_model", params=params)
    asked = json.loads(stage.heard_by_client())
    stage.says(id=asked["id"], result={"action": "decline"})
    assert "kept" in json.loads(stage.heard_by_client())["error"]["message"]


def test_without_an_answer_in_time_the_switch_goes_through_and_a_late_answer_is_dropped() -> None:
    stage = Stage(hold_s=0.01)
    stage.begin(capabilities=ELICITS)
    switch = stage.choose()
    asked, over = (json.loads(line) for line in stage.heard_by_client(2).splitlines())
    assert ("$/cancel_request", asked["id"]) == (over["method"], over["params"]["requestId"])
    assert switch == stage.heard_by_agent()
    stage.says(id=asked["id"], result={"action": "decline"})
    after = stage.says(id=9, method="session/list", params={})
    assert after == stage.heard_by_agent()
    stage.end()


@pytest.mark.parametrize("judgement", [None, Judgement([], False), Judgement(["Little."], False)])
def test_a_switch_that_is_not_worth_a_question_goes_through(judgement: Judgement | None) -> None:
    stage = Stage(judgement)
    stage.begin(capabilities={**ELICITS, "session": {"notices": {}}})
    assert stage.choose() == stage.heard_by_agent()
    assert stage.to_client.empty()
    stage.end()


def test_a_judge_that_breaks_lets_the_switch_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    stage = Stage()
    stage.begin(capabilities=ELICITS)
    monkeypatch.setattr(stage.proxy, "_judge", lambda *_: 1 // 0)
    assert stage.choose() == stage.heard_by_agent()
    stage.end()


def test_messages_of_that_session_wait_behind_it_and_cancelling_overtakes(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    switch = stage.choose()
    asked = json.loads(stage.heard_by_client())
    behind = stage.says(id=8, method="session/prompt", params={"sessionId": "s", "prompt": []})
    other = stage.says(id=9, method="session/prompt", params={"sessionId": "t", "prompt": []})
    stop = stage.says(method="session/cancel", params={"sessionId": "s"})
    assert other + stop == stage.heard_by_agent(2)
    stage.says(id=asked["id"], result={"action": "accept", "content": {}})
    assert switch + behind == stage.heard_by_agent(2)


def test_a_second_switch_behind_a_held_one_is_asked_about_in_its_turn(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    first, second = stage.choose("opus", 7), stage.choose("haiku", 8)
    asked = json.loads(stage.heard_by_client())
    stage.says(id=asked["id"], result={"action": "accept", "content": {"choice": "switch"}})
    again = json.loads(stage.heard_by_client())
    assert asked["id"] != again["id"]
    stage.says(id=again["id"], result={"action": "accept", "content": {"choice": "switch"}})
    assert first + second == stage.heard_by_agent(2)


def test_while_a_turn_runs_a_switch_goes_through_at_once_and_is_told(stage: Stage) -> None:
    stage.begin(capabilities={**ELICITS, "session": {"notices": {}}})
    stage.says(id=3, method="session/prompt", params={"sessionId": "s", "prompt": []})
    stage.heard_by_agent()
    assert stage.choose() == stage.heard_by_agent()
    told = json.loads(stage.heard_by_client())["params"]["update"]
    assert ("notice", SAID.lines[0]) == (told["sessionUpdate"], told["title"])


@pytest.mark.parametrize(
    "said",
    [
        {"params": {"sessionId": "s", "configId": "effort", "value": "low"}},
        {"params": {"sessionId": "s", "configId": "model", "value": "sonnet"}},
        {"params": {"sessionId": "s", "configId": "model", "value": True}},
        {"params": {"sessionId": "new", "configId": "model", "value": "opus"}},
        {"params": [1, 2]},
        {"params": {"sessionId": 3, "configId": "model", "value": "opus"}},
    ],
    ids=["another option", "the model in force", "a switch", "no prompt yet", "odd", "odd id"],
)
def test_what_is_no_switch_of_models_passes(stage: Stage, said: dict[str, Any]) -> None:
    stage.begin(capabilities=ELICITS)
    line = stage.says(id=7, method="session/set_config_option", **said)
    assert line == stage.heard_by_agent()
    assert [] == stage.judged


def test_a_model_that_the_agent_changed_itself_is_the_one_in_force(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    update = {"sessionUpdate": "config_option_update", "configOptions": options("opus")}
    stage.answers(method="session/update", params={"sessionId": "s", "update": update})
    stage.heard_by_client()
    assert stage.choose("opus") == stage.heard_by_agent()
    assert [] == stage.judged


def test_a_client_that_leaves_lets_what_is_held_go_on(stage: Stage) -> None:
    stage.begin(capabilities=ELICITS)
    switch = stage.choose()
    stage.heard_by_client()
    stage.client.put(b"")
    assert switch == stage.heard_by_agent()


MESSAGES = st.sampled_from(
    [
        line_of(id=1, method="session/prompt", params={"sessionId": "s", "prompt": "é" * 30}),
        line_of(id=[], method="session/set_model", params={"sessionId": "s", "modelId": ""}),
        line_of(id={}, result={"configOptions": 3}),
        line_of(method="session/update", params={"sessionId": "s", "update": {"used": 1}}),
        line_of(id="switchtax", result=None),
        b'{"id":1,"method":"initialize","params":{"clientCapabilities":[]}}\n',
        b'[{"id":1,"method":"session/new"}]\n',
        b"not JSON: session/prompt \xff\xfe\n",
        b"\n",
        b'{"torn": "set_config_option',
    ]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(MESSAGES, max_size=20), st.lists(st.integers(1, 70), max_size=60))
def test_whatever_passes_and_however_it_is_split_the_bytes_are_the_same(
    said: list[bytes], sizes: list[int]
) -> None:
    whole, out = b"".join(said), (bytearray(), bytearray())
    proxy = Proxy(lambda *_: None, out[0].extend, out[1].extend)

    def reader() -> Any:
        pieces, at = [], 0
        for size in sizes:
            pieces.append(whole[at : at + size])
            at += size
        waiting = iter([*[piece for piece in pieces if piece], whole[at:], b""])
        return lambda _: next(waiting)

    proxy.pump_client(reader())
    proxy.pump_agent(reader())
    assert (whole, whole) == (bytes(out[0]), bytes(out[1]))
