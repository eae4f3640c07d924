"""The scan: copies counted once, sessions put together, nothing unreadable lost."""

import random
from pathlib import Path

import pytest

from claude_lines import HOUR, OPUS, SONNET, answer, progress, transcript, user
from switchtax.catalog.book import PriceBook
from switchtax.records import Call, Source, Unknown, Usage
from switchtax.scan import parallel, rows
from switchtax.scan.pricing import Pricer
from switchtax.scan.rollup import EMPTY, add
from switchtax.scan.usage import Found, usage_of
from switchtax.scan.watch import find_everything


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _scan(home: Path, **how: float) -> Found:
    return usage_of(find_everything({}, home).sources, PriceBook(), **how)  # type: ignore[arg-type]


def _calls(found: Found) -> dict[str, int]:
    """File name to calls, embedded ones too."""
    return {
        Path(one.path).name: sum(sums[5] for sums in one.rollup[1].values())
        for one in found.sessions
    }


def test_a_fork_counts_only_what_it_added(home: Path) -> None:
    """Both files hold the history; it belongs to the file that began it, by path on a tie."""
    history = [answer("m1", 0), answer("m2", 5, SONNET)]
    transcript(home, "-x/b.jsonl", *history, answer("m3", 9, OPUS, session="b"))
    transcript(home, "-x/a.jsonl", *history)
    found = _scan(home)
    assert {"a.jsonl": 2, "b.jsonl": 1} == _calls(found)
    assert [1, 1] == [one.rollup[2] for one in found.sessions], "each switch in the file it made"


def test_the_older_file_keeps_the_copies(home: Path) -> None:
    """A file whose first call is earlier goes before one of a smaller path."""
    transcript(home, "-x/a.jsonl", answer("m2", 5))
    transcript(home, "-x/b.jsonl", answer("m1", 0), answer("m2", 5))
    assert {"b.jsonl": 2} == _calls(_scan(home)), "a session that owns no call is not listed"


def test_two_sessions_with_one_id_stay_two(home: Path) -> None:
    """Two projects may hold files of one name; only copies are taken together."""
    transcript(home, "-x/s.jsonl", answer("m1", 0))
    transcript(home, "-y/s.jsonl", answer("m1", 0), answer("m9", 5, output_tokens=77))
    found = _scan(home)
    assert [("s", "-x", 10), ("s", "-y", 77)] == [
        (one.id, Path(one.path).parent.name, sum(s[4] for s in one.rollup[1].values()))
        for one in found.sessions
    ]


def test_sub_agents_files_count_under_their_session(home: Path) -> None:
    """A folder named after the session holds its sub-agents; their model is no switch."""
    transcript(home, "-x/s.jsonl", answer("m1", 0), answer("m2", 9))
    transcript(home, "-y/s.jsonl", answer("n1", 0))
    transcript(home, "-x/s/subagents/agent-1.jsonl", answer("a1", 3, SONNET, side=True))
    one, other = _scan(home).sessions
    assert (3, 0, "-x") == (
        sum(sums[5] for sums in one.rollup[1].values()),
        one.rollup[2],
        Path(one.path).parent.name,
    )
    assert 1 == sum(sums[5] for sums in other.rollup[1].values())


def test_an_orphaned_sub_agent_is_a_session_of_its_own(home: Path) -> None:
    transcript(home, "-x/gone/subagents/agent-1.jsonl", answer("a1", 3, SONNET, side=True))
    assert {"agent-1.jsonl": 1} == _calls(_scan(home))


def test_the_largest_output_of_an_id_wins_wherever_it_stands(home: Path) -> None:
    """Answers of parallel sub-agents are written in turns: a placeholder may come late."""
    transcript(
        home,
        "-x/s.jsonl",
        answer("m1", 0, output_tokens=1),
        answer("m2", 0, output_tokens=50),
        answer("m1", 1, output_tokens=400),
        answer("m2", 1, output_tokens=2),
    )
    (session,) = _scan(home).sessions
    assert (450, 2) == (session.rollup[1][OPUS, 0, 0][4], session.rollup[1][OPUS, 0, 0][5])


def test_unreadable_lines_and_files_are_counted_and_located(home: Path) -> None:
    path = transcript(home, "-x/s.jsonl", answer("m1", 0), '{"output_tokens":\n')
    other = home / ".claude" / "projects" / "-x" / "bin.jsonl"
    other.write_bytes(b"\x00\x01" * 50)
    found = _scan(home)
    assert [(str(other), 1), (str(path), 2)] == [(p, s[0]) for p, s in found.skipped]
    gone = Source("claude-code", str(home / "gone.jsonl"), "gone")
    ((where, (line, why, count)),) = usage_of([gone], PriceBook()).skipped
    assert (gone.path, 0, "cannot be opened: No such file or directory", 1) == (
        where,
        line,
        why,
        count,
    )


def test_since_and_until_choose_calls_by_their_time(home: Path) -> None:
    transcript(
        home, "-x/s.jsonl", *(answer(f"m{n}", n, OPUS if n < 2 else SONNET) for n in range(4))
    )
    (session,) = _scan(home, since=HOUR + 1.0, until=HOUR + 3.0).sessions
    assert [(OPUS, 1), (SONNET, 1)] == [(k[0], s[5]) for k, s in session.rollup[1].items()]
    assert (1, HOUR + 1.0, HOUR + 2.0) == (session.rollup[2], *session.rollup[4:])
    assert [] == _scan(home, since=HOUR + 9.0).sessions


def test_one_model_in_two_spellings_is_no_switch(home: Path) -> None:
    transcript(home, "-x/s.jsonl", answer("m1", 0), answer("m2", 1, "claude-opus-4-5"))
    (session,) = _scan(home).sessions
    assert (0, 2) == (session.rollup[2], len(session.rollup[1])), "rows keep the log's own names"


def test_two_processes_find_what_one_finds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order, skips included; also where the second process dies."""
    for number in range(30):
        lines = [user(0), *(answer(f"m{number}-{n}", n, output_tokens=n) for n in range(20))]
        transcript(home, f"-p{number % 3}/s{number}.jsonl", *lines, '{"output_tokens"\n')
    sources = find_everything({}, home).sources
    pricer = Pricer(PriceBook())
    one = parallel.read_all(sources, pricer, processes=1)
    monkeypatch.setattr(parallel, "_BATCH", 5_000)
    told: list[float] = []
    assert one == parallel.read_all(sources, pricer, processes=2, tell=told.append)
    assert told == sorted(told)
    monkeypatch.setattr(parallel.marshal, "dumps", lambda *_: b"")
    broken = parallel.read_all(sources, pricer, processes=2)
    assert [kept.ids for kept in one] == [kept.ids for kept in broken]


def test_every_source_is_in_one_batch() -> None:
    draw = random.Random(1)
    sizes = [draw.randrange(4_000_000) for _ in range(300)] + [0] * 200
    sources = [Source("pi", str(n), size=size) for n, size in enumerate(sizes)]
    batches = parallel._batches(sources)
    assert list(range(500)) == sorted(place for batch in batches for place in batch)
    assert [max(sizes)] == [sizes[place] for place in batches[0]], "the largest comes first"


def test_prices_are_the_price_books() -> None:
    """Remembered rates give what `PriceCard.cost_usd_micros` gives, tiers and gaps included."""
    book, draw = PriceBook(), random.Random(7)
    pricer = Pricer(book)
    models = (OPUS, SONNET, "gpt-5.5", "gemini-3.1-pro-preview", "claude-opus-4-8", "nobody-1")
    for _ in range(3000):
        model, fast = draw.choice(models), draw.random() < 0.3
        tokens = [draw.choice((0, 5, 90_000, 300_000)) for _ in range(5)]
        at = HOUR + draw.random() * 1e6
        card = book.card(model, at)
        expected = (
            card if isinstance(card, Unknown) else card.cost_usd_micros(Usage(*tokens), fast=fast)
        )
        row = ("id", at, model, "", rows.FAST if fast else 0, *tokens)
        assert expected == pricer.cost(row)  # type: ignore[arg-type]


def test_a_sum_of_requests_has_a_price_only_below_the_tiers() -> None:
    pricer = Pricer(PriceBook())
    small = ("t", 0.0, "gemini-3.1-pro-preview", "", rows.NOT_A_CALL, 1000, 0, 0, 0, 10)
    large = (*small[:5], 900_000, *small[6:])
    assert isinstance(pricer.cost(small), int)
    assert isinstance(pricer.cost(large), Unknown)  # type: ignore[arg-type]


def test_the_requests_of_a_turn_are_priced_by_the_longest_they_can_be() -> None:
    pricer = Pricer(PriceBook())
    longest = 150 << rows.LONGEST_SHIFT
    row = ("t", 0.0, "gemini-3.1-pro-preview", "", rows.SUMMED, 900_000, 0, 0, 0, 10)
    assert isinstance(pricer.cost(row), Unknown)
    known = (*row[:4], rows.SUMMED | longest, *row[5:])
    small = (*row[:4], 0, 90_000, 0, 0, 0, 1)
    paid, tenth = pricer.cost(known), pricer.cost(small)  # type: ignore[arg-type]
    assert isinstance(paid, int) and isinstance(tenth, int)
    assert paid == pytest.approx(10 * tenth, abs=5)
    call = Call("s", "t", 1.0, "m", Usage(), summed=True, last_pass_tokens=149_001)
    (session,), _ = rows.gather([call])
    assert rows.SUMMED | longest == session.rows[0][4]


def test_sums_add_up() -> None:
    assert (2, 4, 6, 8, 10, 12, 14, 16, "why") == add(
        add(EMPTY, (1, 2, 3, 4, 5, 6, 7, 8, "why")), (1, 2, 3, 4, 5, 6, 7, 8, "other")
    )


def test_embedded_usage_has_a_key_of_its_own(home: Path) -> None:
    transcript(home, "-x/s.jsonl", answer("m1", 0), progress("p1", 1, SONNET))
    (session,) = _scan(home).sessions
    assert {(OPUS, 0, 0): 1, (SONNET, 0, 1): 1} == {k: s[5] for k, s in session.rollup[1].items()}
    assert 0 == session.rollup[2]


@pytest.mark.parametrize("worth_it", [True, False])
def test_work_beside_is_done_when_it_was_waited_for(tmp_path: Path, worth_it: bool) -> None:
    wait = parallel.beside(lambda: (tmp_path / "done").write_text("yes"), worth_it)
    wait()
    assert "yes" == (tmp_path / "done").read_text()
