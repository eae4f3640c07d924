"""The provider of the lab bills as the real one says it does."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_openai import Cache, serve
from loopback import BadRequestError
from openai_answers import reply_to

SOL, TERRA, OLD = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Cache:
    return Cache(clock)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def request(*texts: str, model: str = SOL, **more: Any) -> dict[str, Any]:
    """A request of the Responses API with instructions of some 3,000 tokens."""
    given = [user(text) for text in texts]
    return {"model": model, "instructions": "i" * 12_000, "input": given} | more


def test_a_prefix_is_written_in_steps_then_read(cache: Cache) -> None:
    """What lies beyond the last step of 128 tokens is neither."""
    first = cache.bill(request("x" * 4_000))
    assert (0, first["input"] // 128 * 128) == (first["cached"], first["written"])
    again = cache.bill(request("x" * 4_000, "y" * 4_000))
    assert (first["written"], again["input"] // 128 * 128) == (
        again["cached"],
        again["cached"] + again["written"],
    )


def test_short_prompts_are_not_kept(cache: Cache) -> None:
    asked = {"model": SOL, "input": "x" * 4 * 900}
    cache.bill(asked)
    assert 0 == cache.bill(asked)["cached"]
    assert 0 == cache.bill(asked)["written"]


def test_each_model_and_effort_has_its_own(cache: Cache) -> None:
    """So has a prompt with other tools: they stand first."""
    cache.bill(request("x"))
    assert 0 == cache.bill(request("x", model=TERRA))["cached"]
    assert 0 == cache.bill(request("x", reasoning={"effort": "high"}))["cached"]
    assert 0 == cache.bill(request("x", tools=[{"name": "shell"}]))["cached"]
    assert 0 < cache.bill(request("x"))["cached"]


@pytest.mark.parametrize(("model", "ttl_s"), [(OLD, 600), (SOL, 1_800)])
def test_use_renews_a_life(cache: Cache, clock: Clock, model: str, ttl_s: float) -> None:
    for _ in range(3):
        cache.bill(request("x", model=model))
        clock.now += ttl_s - 1
    assert 0 < cache.bill(request("x", model=model))["cached"]
    clock.now += ttl_s
    assert 0 == cache.bill(request("x", model=model))["cached"]


def test_writes_are_billed_since_gpt_5_6(cache: Cache) -> None:
    billed = {name: cache.bill(request("x", model=name))["written"] > 0 for name in
              (OLD, "gpt-5.6-sol", SOL, "gpt-4.1")}  # fmt: skip
    assert {OLD: False, "gpt-5.6-sol": True, SOL: True, "gpt-4.1": False} == billed


def test_what_the_provider_refuses(cache: Cache) -> None:
    for wrong in ({"input": []}, {"input": "x", "previous_response_id": "r"}):
        with pytest.raises(BadRequestError):
            cache.bill({"model": SOL, **wrong})


def test_orders_of_the_newest_prompt() -> None:
    """One tool call each where the client offers the tool, then the text."""
    tools = [{"type": "function", "name": "exec_command"}]
    asked = request("old [[say 9]]", "[[bash echo a]] [[say 20]]", tools=tools)
    reply = reply_to(asked)
    assert ("exec_command", {"cmd": "echo a"}) == (reply.tool, reply.tool_input)
    asked["input"].append({"type": "function_call_output", "call_id": "c", "output": "a"})
    assert 20 == len(reply_to(asked).text)
    assert 20 == len(reply_to(request("[[bash echo a]] [[say 20]]")).text)


def test_other_purposes() -> None:
    """Titles, summaries, and whatever else comes without tools."""
    assert "title" == reply_to(request("Title this. Do not answer the request.")).purpose
    assert "compaction" == reply_to(request("Write a summary for the next LLM.")).purpose
    assert "side" == reply_to(request("hello")).purpose
    assert "" == reply_to(request("hello", tools=[{"name": "x"}])).purpose


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Any]:
    """A running provider: sends a request, gives status, type and text of the answer."""
    server = serve(tmp_path, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def post(path: str, body: Any) -> tuple[int, str, str]:
        host, port = "127.0.0.1", server.server_address[1]
        connection = http.client.HTTPConnection(host, port, timeout=10)
        raw = body if isinstance(body, str) else json.dumps(body)
        connection.request("POST", path, raw, {"thread-id": "t1"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, str(answer.headers["Content-Type"]), text

    yield post
    server.shutdown()
    server.server_close()
    thread.join(5)


def events(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("stream", [False, True])
def test_responses(ask: Any, tmp_path: Path, stream: bool) -> None:
    """The usage of the answer is the bill's."""
    status, kind, text = ask("/v1/responses", request("hello", stream=stream))
    assert (200, "text/event-stream" if stream else "application/json") == (status, kind)
    whole = events(text)[-1]["response"] if stream else json.loads(text)
    (bill,) = map(json.loads, (tmp_path / "bill.jsonl").read_text().splitlines())
    assert (whole["id"], "t1") == (bill["id"], bill["thread"])
    usage = whole["usage"]
    assert bill["usage"]["input"] == usage["input_tokens"]
    assert bill["usage"]["written"] == usage["input_tokens_details"]["cache_write_tokens"]
    assert "Done." == whole["output"][0]["content"][0]["text"]


@pytest.mark.parametrize("stream", [False, True])
def test_chat_completions(ask: Any, stream: bool) -> None:
    """A tool call, then the text, and usage at the end."""
    tools = [{"type": "function", "function": {"name": "bash"}}]
    asked = {"model": SOL, "messages": [user("[[bash ls]]")], "tools": tools, "stream": stream}
    status, _, text = ask("/v1/chat/completions", asked)
    assert 200 == status
    whole = events(text) if stream else [json.loads(text)]
    said = [c.get("delta", c.get("message")) for each in whole for c in each["choices"]]
    (made,) = said[0]["tool_calls"]
    assert {"command": "ls"} == json.loads(made["function"]["arguments"])
    assert 0 < whole[-1]["usage"]["prompt_tokens"]
    assert not [each for each in whole[:-1] if "usage" in each]


def test_what_is_no_request(ask: Any) -> None:
    """Broken JSON and an empty input are 400; other paths an empty answer."""
    assert 400 == ask("/v1/responses", "{")[0]
    assert 400 == ask("/v1/responses", {"model": SOL})[0]
    assert (200, "{}") == ask("/v1/other", {})[::2]
