"""Cline's sessions and tasks become records."""

import json
import shutil
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, source, totals
from documents import rewritten
from switchtax.agents import agent_module
from switchtax.records import (
    Act,
    Compaction,
    Content,
    ContentKind,
    Depth,
    Forked,
    ModelChosen,
    Prompt,
    Record,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("cline")
FIXTURES = Path(__file__).parent / "fixtures"
RECORDED = FIXTURES / "cline_3.0.65_resume-switch"
TASK = FIXTURES / "cline_3.85.0_plan-act" / "1795251600000" / "ui_messages.json"
OLD_TASK = FIXTURES / "cline_3.20_model-usage" / "1795251600001" / "ui_messages.json"
SESSION = next(FIXTURES.glob("cline_4.1.13_subagent*/*/1795*.messages.json"))
SUBAGENT = SESSION.with_name("agent_1.messages.json")
SUMS = next(FIXTURES.glob("cline_4.0_turn-sums/*/*.messages.json"))
MIGRATED = next(FIXTURES.glob("cline_4.1.13_migrated/*/*.messages.json"))
OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


def _named(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"


def test_usage_equals_the_bill() -> None:
    """Each call's model and counts are what the provider billed; it began before that."""
    bill = [json.loads(line) for line in (RECORDED / "billing.jsonl").open()]
    told = calls(read_file(AGENT, next(RECORDED.glob("*/*.messages.json"))))
    assert [(row["model"], row["in"], row["cached"], row["out"]) for row in bill] == [
        (
            call.model,
            call.usage.sent_tokens,
            call.usage.cache_read_tokens,
            call.usage.output_tokens,
        )
        for call in told
    ]
    for row, call in zip(bill, told, strict=True):
        assert row["t"] - 1.0 < call.started_at <= row["t"] < call.at + 0.1
    assert ["openai-compatible"] * 2 == [call.provider for call in told]


class TestTask:
    """A folder of documents, as the extension wrote it up to 3.x."""

    def test_buckets_are_disjoint_as_recorded(self) -> None:
        """Cached tokens stand beside the input; a request cut short was paid all the same."""
        assert {OPUS: (52, 9000, 9700, 330), SONNET: (38, 9900, 10250, 340)} == totals(
            read_file(AGENT, TASK)
        )

    def test_a_request_that_is_still_answered_is_not_told(self, tmp_path: Path) -> None:
        """Its counts come while it is streamed: only once the answer is kept they are whole."""
        folder = Path(shutil.copytree(TASK.parent, tmp_path / "1"))
        copy = folder / TASK.name

        def counted(rows: list[dict[str, str]]) -> list[dict[str, str]]:
            rows[-2]["text"] = json.dumps({"tokensIn": 9, "tokensOut": 1, "cacheReads": 10_000})
            return rows

        rewritten(copy, counted)
        assert 4 == len(calls(read_file(AGENT, copy)))
        answer = {"role": "assistant", "content": "All done.", "ts": 1795251915000}
        rewritten(folder / "api_conversation_history.json", lambda said: [*said, answer])
        assert 5 == len(calls(read_file(AGENT, copy)))

    def test_a_switch_is_told_with_the_prompt_before_the_request(self) -> None:
        """Going from planning to acting takes another model: the prompt's row names it."""
        records = read_file(AGENT, TASK)
        (chosen,) = of(records, ModelChosen)
        assert (SONNET, OPUS) == (chosen.model, chosen.previous)
        before = calls(records[: records.index(chosen)])
        after = calls(records[records.index(chosen) :])
        assert ([OPUS, OPUS], [SONNET, SONNET]) == (
            [call.model for call in before],
            [call.model for call in after],
        )
        assert chosen.at < after[0].started_at < after[0].at
        assert "anthropic" == after[0].provider

    def test_a_choice_made_while_the_answer_comes_is_for_the_next_request(
        self, tmp_path: Path
    ) -> None:
        """The request that is under way belongs to the old model, and stands before the choice."""
        copy = Path(shutil.copytree(TASK.parent, tmp_path / "1")) / TASK.name
        history = copy.parent / "api_conversation_history.json"
        rewritten(history, lambda said: said[:3])

        def toggled(rows: list[dict[str, object]]) -> list[dict[str, object]]:
            return [*rows[:5], rows[5] | {"modelInfo": rows[6]["modelInfo"]}]

        rewritten(copy, toggled)
        records = read_file(AGENT, copy)
        (chosen,) = of(records, ModelChosen)
        assert [OPUS, OPUS] == [call.model for call in calls(records[: records.index(chosen)])]
        assert 2 == len(calls(records))

    def test_older_builds_name_models_beside_the_rows(self) -> None:
        """`model_usage` says since when; sums of deleted requests are no calls."""
        records = read_file(AGENT, OLD_TASK)
        (chosen,) = of(records, ModelChosen)
        assert "gpt-6-sol" == chosen.model
        made = [call for call in calls(records) if not call.purpose]
        openrouter = ("anthropic/claude-sonnet-5.5", "openrouter")
        assert [openrouter, openrouter, ("gpt-6-sol", "openai")] == [
            (call.model, call.provider) for call in made
        ]
        sums = [call for call in calls(records) if call.purpose]
        assert [("totals", True)] * 2 == [(call.purpose, call.sidechain) for call in sums]
        assert ["anthropic/claude-sonnet-5.5", "unknown"] == [call.model for call in sums]

    def test_messages_without_times_tell_no_sizes(self) -> None:
        """Older builds wrote none: the rows alone are told."""
        assert [] == of(read_file(AGENT, OLD_TASK), Content)
        assert [11, 22] == [prompt.chars for prompt in of(read_file(AGENT, OLD_TASK), Prompt)]

    def test_prompts_tools_and_sizes(self) -> None:
        """Sizes by kind; what Cline adds to a message is an attachment."""
        records = read_file(AGENT, TASK)
        assert [("read_file", "cart.py"), ("replace_in_file", "cart.py")] == [
            (use.name, use.path) for use in of(records, ToolUse) if use.name
        ]
        assert [True, False] == [use.ok for use in of(records, ToolUse) if not use.name]
        assert [40, 11, 5] == [prompt.chars for prompt in of(records, Prompt)]
        assert [1, 0, 0] == [prompt.rules for prompt in of(records, Prompt)]
        kinds = {content.kind for content in of(records, Content)}
        assert {
            ContentKind.PROMPT,
            ContentKind.ATTACHMENT,
            ContentKind.TOOL_RESULT,
            ContentKind.TOOL_CALL,
            ContentKind.TEXT,
            ContentKind.REASONING,
            ContentKind.SEALED_REASONING,
        } == kinds
        ids = {call.id for call in calls(records)}
        assert {content.call_id for content in of(records, Content)} - {""} == ids

    def test_the_oldest_messages_left_out_are_a_cut(self) -> None:
        """The range that is no longer sent grows; a task taken up again is resumed."""
        records = read_file(AGENT, TASK)
        (cut,) = of(records, Compaction)
        assert ("truncated", True) == (cut.trigger, cut.partial)
        assert [1795251900.0] == [resumed.at for resumed in of(records, Resumed)]

    def test_the_session_itself(self) -> None:
        """Folder and version come from what Cline tells the model and notes of itself."""
        (told,) = of(read_file(AGENT, TASK), SessionInfo)
        assert ("/home/dev/shop", "3.85.0", 40) == (told.cwd, told.agent_version, told.title_chars)

    def test_a_checkpoint_restored_is_told_from_the_start(self, tmp_path: Path) -> None:
        """Rows that are gone were told: nothing of them may stay."""
        copy = Path(shutil.copytree(TASK.parent, tmp_path / "1")) / TASK.name
        first = AGENT.read(source(AGENT, copy), None, Depth.FULL)
        again = AGENT.read(source(AGENT, copy), first.cursor, Depth.FULL)
        assert ([], False) == (again.records, again.restarted)
        rewritten(copy, lambda rows: rows[:6])
        (copy.parent / "api_conversation_history.json").unlink()
        after = AGENT.read(source(AGENT, copy), first.cursor, Depth.FULL)
        assert after.restarted
        assert [OPUS, OPUS] == [call.model for call in calls(after.records)]

    def test_sub_agents_are_billed_beside_the_conversation(self, tmp_path: Path) -> None:
        """A row sums up what they used; a summary that is done is a compaction."""
        path = tmp_path / "1" / "ui_messages.json"
        path.parent.mkdir()
        rows = [
            {"ts": 1795251600000, "type": "say", "say": "task", "text": "Go"},
            {"ts": 1795251601000, "type": "say", "say": "subagent_usage",
             "text": json.dumps({"source": "subagents", "tokensIn": 5, "tokensOut": 6,
                                 "cacheWrites": 0, "cacheReads": 7, "cost": 1}),
             "modelInfo": {"modelId": OPUS, "providerId": "vscode-lm", "mode": "act"}},
            {"ts": 1795251602000, "type": "say", "say": "compaction",
             "text": json.dumps({"status": "started", "mode": "auto"})},
            {"ts": 1795251603000, "type": "say", "say": "compaction",
             "text": json.dumps({"status": "completed", "mode": "manual", "tokensBefore": 900,
                                 "tokensAfter": 100})},
        ]  # fmt: skip
        path.write_text(json.dumps(rows))
        records = read_file(AGENT, path)
        (call,) = calls(records)
        assert (OPUS, "github-copilot", True, "totals", 7) == (
            call.model,
            call.provider,
            call.sidechain,
            call.purpose,
            call.usage.cache_read_tokens,
        )
        (done,) = of(records, Compaction)
        assert ("manual", 900, 100) == (done.trigger, done.before_tokens, done.after_tokens)


class TestSession:
    """One document of messages, as the CLI and the newer extension write it."""

    def test_cached_tokens_are_taken_out_of_the_input(self) -> None:
        """Each answer counts its own request; reasoning is inside output."""
        records = read_file(AGENT, SESSION)
        assert {OPUS: (15, 18_400, 9495, 260), "gpt-6-sol": (3000, 0, 0, 40)} == totals(records)
        assert [60, 0, 0, 0] == [call.usage.reasoning_tokens for call in calls(records)]
        assert ["anthropic"] * 3 + ["openai"] == [call.provider for call in calls(records)]

    def test_a_switch_shows_only_in_the_next_answer(self) -> None:
        """No row names a model before the request."""
        assert [] == of(read_file(AGENT, SESSION), ModelChosen)

    def test_counts_beside_the_input_are_seen(self, tmp_path: Path) -> None:
        """A few handlers count only what was not cached: more was read than sent."""
        copy = Path(shutil.copytree(MIGRATED.parent, tmp_path / MIGRATED.parent.name))

        def beside(document: dict[str, list[dict[str, dict[str, int]]]]) -> object:
            document["messages"][-1]["metrics"] |= {"inputTokens": 10}
            return document

        rewritten(copy / MIGRATED.name, beside)
        assert {SONNET: (10, 0, 10_090, 60)} == totals(read_file(AGENT, copy / MIGRATED.name))

    def test_sub_agents_have_documents_of_their_own(self) -> None:
        """They stand in the folder of the session that started them, and are billed with it."""
        found = {Path(s.path).name: s for s in AGENT.find(SESSION.parent.parent)}
        assert {SESSION.name: False, SUBAGENT.name: True} == {
            name: each.sidechain for name, each in found.items()
        }
        assert {"1795251700000_abcde"} == {each.session_id for each in found.values()}
        (call,) = calls(read_file(AGENT, SUBAGENT))
        assert (True, "claude-haiku-5") == (call.sidechain, call.model)
        assert [] == of(read_file(AGENT, SUBAGENT), Prompt)

    def test_a_summary_stands_where_it_was_made(self) -> None:
        """The file beside the session tells of the last one: after which message, and when."""
        records = read_file(AGENT, SESSION)
        (done,) = of(records, Compaction)
        assert (1795251750.0, False) == (done.at, done.partial)
        assert 3 == len(calls(records[: records.index(done)]))

    def test_a_fork_tells_only_its_own_messages(self, tmp_path: Path) -> None:
        """Copies are told by the session they come from; without that, they are told here."""
        records = read_file(AGENT, SESSION)
        (fork,) = of(records, Forked)
        assert ("1795240000000_gonee", False) == (fork.parent_id, fork.complete)
        copy = Path(shutil.copytree(SESSION.parent, tmp_path / SESSION.parent.name))
        parent = tmp_path / "1795240000000_gonee"
        parent.mkdir()
        (parent / f"{parent.name}.messages.json").write_text("{}")

        def later(manifest: dict[str, dict[str, dict[str, str]]]) -> object:
            manifest["metadata"]["fork"]["forkedAt"] = "2026-11-21T09:03:00.000Z"
            return manifest

        rewritten(copy / f"{copy.name}.json", later)
        records = read_file(AGENT, copy / SESSION.name)
        assert [True] == [fork.complete for fork in of(records, Forked)]
        assert ["m4"] == [call.id for call in calls(records)]

    def test_older_builds_count_a_whole_turn_at_once(self) -> None:
        """Such a sum is billed, and is no request that a prefix could be told from."""
        summed, single = calls(read_file(AGENT, SUMS))
        assert ("m2", "totals", True) == (summed.id, summed.purpose, summed.sidechain)
        assert ("m3", "", False) == (single.id, single.purpose, single.sidechain)

    def test_a_task_taken_along_is_not_counted_twice(self) -> None:
        """Its totals stand on the last old answer, under a provider that is none."""
        assert ["x5"] == [call.id for call in calls(read_file(AGENT, MIGRATED))]
        assert ["x4"] == [
            prompt.id for prompt in of(read_file(AGENT, MIGRATED), Prompt) if prompt.at
        ]

    def test_images_and_results_of_any_shape(self, tmp_path: Path) -> None:
        """A result may be an object, a command too; what a tool was given may be no object."""
        folder = tmp_path / "s_1"
        folder.mkdir()
        path = folder / "s_1.messages.json"
        uses = [
            {"type": "tool_use", "id": "t", "name": "run_commands",
             "input": {"commands": [{"command": "ls"}, "git commit -m x"]}},
            {"type": "tool_use", "id": "u", "name": "odd", "input": "words"},
            "plain words",
        ]  # fmt: skip
        given = [
            {"type": "image", "data": "x"},
            {"type": "tool_result", "tool_use_id": "t", "content": {"out": 1}},
        ]
        messages = [{"role": "assistant", "content": uses}, {"role": "user", "content": given}]
        path.write_text(json.dumps({"sessionId": "s_1", "messages": messages}))
        records = read_file(AGENT, path)
        assert [("run_commands", Act.COMMIT), ("odd", Act.OTHER)] == [
            (use.name, use.act) for use in of(records, ToolUse) if use.name
        ]
        kinds = {content.kind: content.chars for content in of(records, Content)}
        assert (0, len('{"out": 1}'), len("plain words")) == (
            kinds[ContentKind.IMAGE],
            kinds[ContentKind.TOOL_RESULT],
            kinds[ContentKind.TEXT],
        )

    def test_prompts_tools_and_the_session(self) -> None:
        """What a person typed stands in a tag; notices around it are attachments."""
        records = read_file(AGENT, SESSION)
        assert [1, 0] == [prompt.rules for prompt in of(records, Prompt)]
        assert [("read_files", "cart.py", Act.OTHER), ("run_commands", None, Act.TEST)] == [
            (use.name, use.path, use.act) for use in of(records, ToolUse) if use.name
        ]
        assert [100] == [c.chars for c in of(records, Content) if c.kind is ContentKind.ATTACHMENT]
        told = of(records, SessionInfo)[0]
        assert ("/home/dev/shop", "4.1.13", "vscode", "anthropic", 12) == (
            told.cwd,
            told.agent_version,
            told.entrypoint,
            told.provider,
            told.title_chars,
        )


class TestDamage:
    """What cannot be read costs only itself."""

    @pytest.mark.parametrize("path", [TASK, SESSION], ids=_named)
    def test_half_a_document_is_said_once_and_read_when_it_is_whole(
        self, path: Path, tmp_path: Path
    ) -> None:
        """What was told before stays told: nothing is told twice, nothing is lost."""
        copy = Path(shutil.copytree(path.parent, tmp_path / path.parent.name)) / path.name
        first = AGENT.read(source(AGENT, copy), None, Depth.FULL)
        copy.write_bytes(path.read_bytes()[:700])
        half = AGENT.read(source(AGENT, copy), first.cursor, Depth.FULL)
        assert [1] == [bad.line for bad in of(half.records, Unreadable)]
        assert not half.restarted
        copy.write_bytes(path.read_bytes())
        whole = AGENT.read(source(AGENT, copy), half.cursor, Depth.FULL)
        assert ([], False) == (whole.records, whole.restarted)

    def test_broken_rows_and_messages_are_located(self, tmp_path: Path) -> None:
        """Absurd counts, wrong shapes, no times: told by place, without a word of theirs."""
        path = tmp_path / "7" / "ui_messages.json"
        path.parent.mkdir()
        request = {"type": "say", "say": "api_req_started"}
        rows: list[object] = [
            "secret words",
            request | {"ts": 1, "text": json.dumps({"tokensIn": -1, "tokensOut": 4})},
            request | {"ts": 2, "text": '{"tokensIn": "secret words"}'},
            request | {"ts": 3, "text": json.dumps({"tokensIn": 5, "tokensOut": 6})},
            {"type": "say", "say": "brand_new", "text": "secret words"},
        ]
        path.write_text(json.dumps(rows))
        (path.parent / "api_conversation_history.json").write_text('[{"role": 5}, "x"')
        records = read_file(AGENT, path)
        assert {"unknown": (5, 0, 0, 6)} == totals(records)
        bad = of(records, Unreadable)
        assert [1, 1, 2, 3] == [each.line for each in bad]
        assert not any("secret" in each.reason for each in bad)

    def test_broken_messages_of_a_session(self, tmp_path: Path) -> None:
        """One message of a strange shape leaves the others whole."""
        folder = tmp_path / "s_1"
        folder.mkdir()
        path = folder / "s_1.messages.json"
        good = {"id": "a", "role": "assistant", "ts": 1795251600000, "content": "hi",
                "metrics": {"inputTokens": 3, "outputTokens": 2}}  # fmt: skip
        absurd = good | {"id": "b", "metrics": {"inputTokens": 1e300}}
        odd = good | {"id": "c", "content": [5]}
        messages = [7, good, absurd, odd, {"role": "user", "content": [{"text": 4}]}]
        path.write_text(json.dumps({"sessionId": "s_1", "messages": messages}))
        records: list[Record] = read_file(AGENT, path)
        assert ["a", "c"] == [call.id for call in calls(records)]
        assert ["unknown"] * 2 == [call.model for call in calls(records)]
        assert [1, 3, 4, 5] == [bad.line for bad in of(records, Unreadable)]

    def test_what_is_gone_is_an_error_of_the_system(self, tmp_path: Path) -> None:
        """Whoever reads a session that was deleted is told so."""
        folder = Path(shutil.copytree(TASK.parent, tmp_path / "1"))
        found = source(AGENT, folder / TASK.name)
        (folder / TASK.name).unlink()
        with pytest.raises(FileNotFoundError):
            AGENT.read(found, None, Depth.FULL)
