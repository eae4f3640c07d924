"""What a session learns of how requests grow, and what is new in the next one."""

from switchtax.records import (
    Compaction,
    ContentKind,
    Resumed,
    ToolUse,
)
from switchtax.sessions.fold import Session
from unit.sessions.records_by_hand import HAIKU, OPUS, T, call, content, session

K = ContentKind


def _results(one: Session, id_: str, second: float, chars: int, **use: object) -> None:
    one.add(ToolUse("s", T + second, "Read", f"t{id_}", call_id=id_, **use))  # type: ignore[arg-type]
    one.add(content(K.TOOL_RESULT, chars, second, tool_id=f"t{id_}"))


def test_growth_is_learnt_from_calls_of_one_model() -> None:
    """Each kind of result by its tool; lines where lines were asked for."""
    one = session()
    one.add(call("a", 0, five=20_000, out=50))
    _results(one, "a", 6, 4000)
    one.add(call("b", 9, read=20_000, five=1500, out=50))
    _results(one, "b", 15, 4000, asked_lines=100)
    one.add(call("c", 19, read=21_500, five=1500, out=50))
    one.add(content(K.PROMPT, 400, 25))
    one.add(call("d", 29, read=23_000, five=200, out=50))
    rhythm = one.rhythm
    assert [1, 1, 1] == [
        rhythm.of("read").observed,
        rhythm.of("read:line").observed,
        rhythm.of("prompt").observed,
    ]
    assert (3, 2, 3) == (rhythm.new_per_call.observed, rhythm.extra.observed, one.at_send.observed)
    assert 3 == one.at_choice.observed
    assert 3 == one.growth_of(OPUS).observed


def test_odd_requests_teach_no_growth() -> None:
    """After a resume, a micro-compaction, a switch, or where the context shrank."""
    one = session()
    one.add(call("a", 0, five=20_000))
    one.add_all([Resumed("s", T + 9), call("b", 10, read=20_000, five=300)])
    one.add_all([Compaction("s", T + 12, partial=True), call("c", 13, read=9000)])
    one.add_all([call("d", 20, read=2000), call("e", 30, model=HAIKU, five=2500)])
    one.add_all([Compaction("s", T + 40), call("f", 41, model=HAIKU, five=900)])
    assert 0 == one.at_send.observed
    assert (0, 0) == (one.growth_of(OPUS).observed, one.growth_of(HAIKU).observed)


def test_only_the_last_answers_own_tools_are_asked_for() -> None:
    """Results, sidechains and uses of another call foretell nothing."""
    one = session()
    one.add(call("a", 0, five=20_000))
    one.add(ToolUse("s", T + 5, "Read", "t1", call_id="a", asked_lines=40))
    one.add(ToolUse("s", T + 5, "Bash", "t2", call_id="a"))
    one.add(ToolUse("s", T + 5, "", "t1", ok=True))
    one.add(ToolUse("s", T + 5, "Grep", "t3", call_id="a", sidechain=True))
    one.add(ToolUse("s", T + 5, "Grep", "t4", call_id="before"))
    assert [("read", 40), ("run", None)] == one.asked_for
    assert 5 == len(one.tool_uses)
    one.add(call("b", 9, read=20_000, five=300))
    assert [] == one.asked_for


def test_what_is_new_is_sized_by_kind() -> None:
    """Prompts, attachments, images, summaries and the model's own tool results."""
    one = session()
    one.add(call("a", 0, five=20_000))
    assert not one.pieces.anything_new
    for kind, chars in (
        (K.PROMPT, 10),
        (K.ATTACHMENT, 20),
        (K.SWITCH_TEXT, 30),
        (K.SUMMARY, 40),
        (K.IMAGE, 0),
    ):
        one.add(content(kind, chars))
    one.add(content(K.TOOL_RESULT, 50, call_id="a"))
    one.add(content(K.PROMPT, 999, sidechain=True))
    p = one.pieces
    assert (10, 50, 1, 40, 1, 50, 0) == (
        p.prompt_chars,
        p.attachment_chars,
        p.attachments,
        p.summary_chars,
        p.images,
        p.result_chars,
        p.results,
    )
    assert (True, True) == (p.anything_new, one.signs.switch_text)


def test_what_a_request_opens_with_besides_the_log() -> None:
    """The first call tells it; another model's is expected alike; Codex's is known before."""
    one, codex = session(), session("codex")
    assert 0.0 == one.opening_tokens(OPUS)
    one.add_all([content(K.PROMPT, 1000), call("a", 0, five=15_000)])
    assert 14_000 < one.opening_tokens(OPUS) < 15_000
    assert one.opening_tokens(OPUS) == one.opening_tokens(HAIKU)
    assert 0 < codex.opening_tokens("gpt-5.5")
    codex.add(call("a", 0, plain=9_000, model="gpt-5.5"))
    assert 0 < codex.opening_tokens("gpt-5.5") <= 9_000
