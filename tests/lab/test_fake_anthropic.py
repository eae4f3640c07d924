"""The provider of the lab bills as the real one says it does."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anthropic_answers import reply_to, tokens_of
from fake_anthropic import Cache, blocks_of, serve
from loopback import BadRequestError

SONNET, OPUS, HAIKU = "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


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


def text(size: int, mark: dict[str, str] | None = None, letter: str = "x") -> dict[str, Any]:
    """A part that counts as about `size` tokens."""
    part: dict[str, Any] = {"type": "text", "text": letter * (4 * size)}
    return part | ({"cache_control": mark} if mark else {})


def request(*parts: dict[str, Any], model: str = SONNET, **more: Any) -> dict[str, Any]:
    system = [text(5_000, MARK, "s")]
    return {"model": model, "system": system, "messages": [user(*parts)]} | more


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def counts(usage: dict[str, Any]) -> tuple[int, int, int]:
    """Uncached, read, written."""
    return (
        usage["input_tokens"],
        usage["cache_read_input_tokens"],
        usage["cache_creation_input_tokens"],
    )


def sizes(asked: dict[str, Any]) -> list[int]:
    return [block.tokens for block in blocks_of(asked)]


def test_four_bytes_are_a_token() -> None:
    assert [0, 1, 1, 2] == [tokens_of("x" * n) for n in (0, 1, 4, 5)]
    assert 1 == tokens_of("€")  # bytes, not characters


def test_a_prefix_is_written_then_read(cache: Cache) -> None:
    asked = request(text(2_000, MARK))
    whole = sum(sizes(asked))
    assert (0, 0, whole) == counts(cache.bill(asked))
    assert (0, whole, 0) == counts(cache.bill(asked))


def test_what_stands_behind_the_last_breakpoint_is_uncached(cache: Cache) -> None:
    asked = request(text(2_000, MARK), text(100))
    behind = sizes(asked)[-1]
    assert behind == cache.bill(asked)["input_tokens"]
    assert behind == cache.bill(asked)["input_tokens"]


def test_a_model_reads_only_its_own(cache: Cache) -> None:
    cache.bill(request(text(2_000, MARK)))
    other = cache.bill(request(text(2_000, MARK), model=OPUS))
    assert 0 == other["cache_read_input_tokens"]
    back = cache.bill(request(text(2_000, MARK)))
    assert 0 == back["cache_creation_input_tokens"]


def test_a_changed_part_is_read_up_to_it(cache: Cache) -> None:
    cache.bill(request(text(2_000, MARK, "a")))
    asked = request(text(2_000, MARK, "b"))
    start, rest = sizes(asked)
    assert (0, start, rest) == counts(cache.bill(asked))


def test_tools_stand_before_the_system_prompt(cache: Cache) -> None:
    tool = {"name": "Read", "description": "r" * 8_000}
    cache.bill(request(text(2_000, MARK), tools=[tool]))
    changed = request(text(2_000, MARK), tools=[tool | {"name": "Write"}])
    assert 0 == cache.bill(changed)["cache_read_input_tokens"]


def test_where_breakpoints_stand_is_no_part_of_the_prefix(cache: Cache) -> None:
    cache.bill(request(text(2_000, MARK)))
    asked = request(text(2_000), text(100, MARK))
    assert sum(sizes(asked)[:2]) == cache.bill(asked)["cache_read_input_tokens"]


@pytest.mark.parametrize(("mark", "life"), [(MARK, 300.0), (HOUR, 3_600.0)])
def test_entries_die_unless_used(
    cache: Cache, clock: Clock, mark: dict[str, str], life: float
) -> None:
    asked = request(text(2_000, mark)) | {"system": []}
    cache.bill(asked)
    for _ in range(3):
        clock.now += life - 1
        assert 0 == cache.bill(asked)["cache_creation_input_tokens"]
    clock.now += life
    assert 0 == cache.bill(asked)["cache_read_input_tokens"]


def test_writes_are_split_by_life(cache: Cache) -> None:
    asked = request(text(2_000, MARK)) | {"system": [text(5_000, HOUR, "s")]}
    start, rest = sizes(asked)
    split = cache.bill(asked)["cache_creation"]
    assert {"ephemeral_5m_input_tokens": rest, "ephemeral_1h_input_tokens": start} == split


def test_reading_a_later_entry_does_not_keep_a_start_alone(cache: Cache, clock: Clock) -> None:
    """Only the parts a request marks are renewed; the start is one of them."""
    asked = request(text(2_000, MARK))
    cache.bill(asked)
    clock.now += 200
    cache.bill(asked)
    clock.now += 200
    other = cache.bill(request(text(2_000, MARK, "o")))
    assert sizes(asked)[0] == other["cache_read_input_tokens"]


@pytest.mark.parametrize(("blocks", "found"), [(19, True), (20, False)])
def test_the_look_back_is_twenty_blocks(cache: Cache, blocks: int, found: bool) -> None:
    first = request(text(2_000, MARK)) | {"system": []}
    cache.bill(first)
    more = [text(10, letter=chr(97 + n)) for n in range(blocks)]
    more[-1]["cache_control"] = MARK
    second = request(text(2_000), *more) | {"system": []}
    assert found == (cache.bill(second)["cache_read_input_tokens"] > 0)


@pytest.mark.parametrize(("model", "shortest"), [(SONNET, 1_024), (HAIKU, 4_096)])
def test_short_prefixes_are_not_cached(cache: Cache, model: str, shortest: int) -> None:
    for size, cached in ((shortest - 50, False), (shortest, True)):
        asked = request(text(size, MARK), model=model) | {"system": []}
        assert cached == (cache.bill(asked)["cache_creation_input_tokens"] > 0)


def test_at_most_four_breakpoints() -> None:
    assert 5 == len(blocks_of(request(*[text(1, MARK)] * 3, text(1))))
    with pytest.raises(BadRequestError, match="Found 5"):
        blocks_of(request(*[text(1, MARK)] * 4))


def test_a_life_nobody_offers_is_refused() -> None:
    with pytest.raises(BadRequestError, match="ttl"):
        blocks_of(request(text(1, MARK | {"ttl": "2h"})))


def test_the_clients_attribution_is_no_part_of_the_prompt() -> None:
    line = {"type": "text", "text": "x-anthropic-billing-header: cch=1"}
    assert 2 == len(blocks_of(request(text(1)) | {"system": [line, text(9)]}))


def test_another_effort_at_the_head_starts_over(cache: Cache) -> None:
    cache.bill(request(text(2_000, MARK), output_config={"effort": "low"}))
    asked = request(text(2_000, MARK), output_config={"effort": "high"})
    assert 0 == cache.bill(asked)["cache_read_input_tokens"]
    assert sum(sizes(asked)) == cache.bill(asked)["cache_read_input_tokens"]


def test_another_effort_in_a_message_keeps_the_cache(cache: Cache) -> None:
    def asked(*efforts: str) -> dict[str, Any]:
        told = [{"role": "system", "content": [], "output_config": {"effort": e}} for e in efforts]
        made = request(text(2_000, MARK), output_config={"effort": efforts[-1]})
        return made | {"messages": [*made["messages"], *told]}

    cache.bill(asked("low"))
    again = asked("low", "high")
    assert sum(sizes(again)) == cache.bill(again)["cache_read_input_tokens"]


def test_thinking_keeps_only_the_start(cache: Cache) -> None:
    cache.bill(request(text(2_000, MARK)))
    asked = request(text(2_000, MARK), thinking={"type": "enabled", "budget_tokens": 2_000})
    assert sizes(asked)[0] == cache.bill(asked)["cache_read_input_tokens"]


def test_answers_follow_the_newest_prompt() -> None:
    asked = request({"type": "text", "text": "[[read a.txt]] [[bash ls]] [[say 100]]"})
    asked["tools"] = [{"name": "Read"}, {"name": "Bash"}]
    messages = asked["messages"]
    replies = []
    for _ in range(3):
        replies.append(reply_to(asked))
        messages.append({"role": "assistant", "content": [{"type": "tool_use"}]})
        messages.append(user({"type": "tool_result"}))
    assert [("Read", {"file_path": "a.txt"}), ("Bash", {"command": "ls"})] == [
        (reply.tool, reply.tool_input) for reply in replies[:2]
    ]
    assert 100 == len(replies[2].text)
    messages.append({"role": "assistant", "content": "so it is"})
    messages.append(user({"type": "text", "text": "and now"}))
    assert "Done." == reply_to(asked).text


def test_a_summary_is_marked() -> None:
    asked = request({"type": "text", "text": "put it between <summary> and its end"})
    assert "compaction" == reply_to(asked).purpose


Ask = Callable[..., tuple[int, bytes]]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    with serve(tmp_path, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def send(method: str, path: str, body: object = None) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
            connection.request(method, path, json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            answer = response.status, response.read()
            connection.close()
            return answer

        yield send
        server.shutdown()
        thread.join()


def test_streamed_and_whole_answers_agree(ask: Ask, tmp_path: Path) -> None:
    asked = request(text(2_000, MARK), {"type": "text", "text": "[[say 50]]"})
    status, whole = ask("POST", "/v1/messages", asked)
    message = json.loads(whole)
    assert (200, "end_turn") == (status, message["stop_reason"])
    _, streamed = ask("POST", "/v1/messages?beta=true", asked | {"stream": True})
    events = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith(b"data: ")]
    assert "message_start" == events[0]["type"]
    assert "message_stop" == events[-1]["type"]
    assert message["content"][0]["text"] == events[2]["delta"]["text"]
    bill = [json.loads(line) for line in (tmp_path / "bill.jsonl").read_text().splitlines()]
    assert [message["usage"], events[-2]["usage"]] == [line["usage"] for line in bill]
    assert bill[1]["usage"]["cache_read_input_tokens"] > 0


def test_the_clock_file_moves_time(ask: Ask, tmp_path: Path) -> None:
    asked = request(text(2_000, MARK))
    reads = []
    for ahead in ("0", "200", "600"):
        (tmp_path / "clock").write_text(ahead)
        _, answer = ask("POST", "/v1/messages", asked)
        reads.append(json.loads(answer)["usage"]["cache_read_input_tokens"] > 0)
    assert [False, True, False] == reads


def test_other_questions_are_answered_kindly(ask: Ask) -> None:
    asked = request(text(10))
    status, body = ask("POST", "/v1/messages/count_tokens", asked)
    assert (200, sum(sizes(asked))) == (status, json.loads(body)["input_tokens"])
    _, body = ask("GET", "/v1/models?limit=5")
    assert SONNET in {model["id"] for model in json.loads(body)["data"]}
    assert (200, b"{}") == ask("POST", "/api/event_logging/batch", {})
    assert (200, b"{}") == ask("GET", "/api/hello")
    assert 200 == ask("HEAD", "/")[0]


def test_bad_requests_are_refused(ask: Ask) -> None:
    status, body = ask("POST", "/v1/messages", request(*[text(1, MARK)] * 4))
    assert (400, "invalid_request_error") == (status, json.loads(body)["error"]["type"])
