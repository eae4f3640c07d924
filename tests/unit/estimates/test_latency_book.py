"""What is learnt of waits, and what is foretold from it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from making import START, answered, call, prompt
from switchtax.estimates.latency_book import Expected, LatencyBook, book_of
from switchtax.estimates.latency_fit import Fit, Work, prior_of
from switchtax.estimates.latency_spread import Levels, Window, curve, ends_of
from switchtax.records import Record, Unknown
from unit.estimates.waiting import COLD, LOCAL, OPUS, SONNET, WARM, history, taught, waited

few = settings(max_examples=60, deadline=None)


def expect(
    book: LatencyBook, work: Work = WARM, model: str = OPUS, agent: str = "claude-code"
) -> Expected:
    """The wait for one request, which must be known."""
    found = book.expected(agent, model, [(1.0, work)], prompted=False)
    assert isinstance(found, Expected)
    return found


class TestBefore:
    """With nothing seen, what is published counts."""

    @pytest.mark.parametrize(
        ("tokens", "median_s", "p90_s"),
        [(50_000, 0.6, 2.1), (95_000, 1.3, 3.4), (155_000, 1.6, 3.6)],
    )
    def test_a_cold_call_waits_as_was_measured(
        self, tokens: int, median_s: float, p90_s: float
    ) -> None:
        """Of 19,205 calls on Opus and Sonnet 4.5 and 4.6; to a third, as one rate serves all."""
        cases = [(1.0, Work(500, tokens))], [(1.0, Work(tokens + 500, 0))]
        found = LatencyBook().extra_s("claude-code", (OPUS, SONNET), cases, prompted=False)
        assert pytest.approx(median_s, rel=0.33) == found[0]
        assert pytest.approx(p90_s, rel=0.33) == found[1]

    def test_newer_models_have_wider_ranges(self) -> None:
        """Nothing was measured of them."""
        known, newer = (expect(LatencyBook(), COLD, m) for m in (OPUS, "claude-opus-5-5"))
        assert newer.high_s / newer.low_s > 1.5 * known.high_s / known.low_s

    def test_nothing_is_said_of_a_local_model(self) -> None:
        """Its machine is not known."""
        found = LatencyBook().expected("pi", LOCAL, [(1.0, WARM)], prompted=False)
        assert isinstance(found, Unknown)
        assert "too few calls" in found.reason


class TestLearning:
    """Call by call."""

    def test_the_middle_comes_near(self) -> None:
        """A provider that is three times as slow as published."""
        book = taught(history(200, start_s=9.0, per_100k_s=6.0))
        assert pytest.approx(9.0, rel=0.25) == expect(book).mid_s
        assert pytest.approx(14.5, rel=0.3) == expect(book, COLD).mid_s
        assert 200 == book.calls_of("claude-code", "claude-opus-4-5-20251101")

    def test_eight_of_ten_lie_inside(self) -> None:
        """Also after the provider has become twice as slow."""
        slower = history(400, start_s=6.0, seed=2)
        waits = history(400) + [replace(w, at=w.at + 1e6) for w in slower]
        book, inside = LatencyBook(), 0
        for each in waits:
            work = Work(each.processed_tokens, each.read_tokens)
            said = expect(book, work)
            inside += said.low_s <= each.wait_s <= said.high_s
            book.learn(each)
        assert 0.77 <= inside / len(waits) <= 0.83

    def test_one_long_wait_changes_little(self) -> None:
        """An overloaded provider is no rate."""
        book = taught(history(60))
        before = expect(book).mid_s
        book.learn(waited(99, 500.0))
        assert pytest.approx(before, rel=0.15) == expect(book).mid_s

    def test_a_new_model_starts_as_its_agent_s_others(self) -> None:
        """The way to the provider is the same; its family's own pace stays."""
        slow = taught(history(60, start_s=9.0))
        assert expect(slow, model=SONNET).mid_s > 1.5 * expect(LatencyBook(), model=SONNET).mid_s
        assert expect(slow, model=SONNET, agent="pi") == expect(LatencyBook(), model=SONNET)

    def test_a_few_calls_tell_little_of_others(self) -> None:
        """Less than twenty."""
        book = taught(history(5, start_s=20.0))
        fits = [b._new("claude-code", SONNET).fit.theta for b in (book, LatencyBook())]
        assert fits[0] == fits[1]

    def test_first_tokens_are_foretold_where_they_are_recorded(self) -> None:
        """No block is written before them, for a model not seen yet either."""
        exact = taught(history(40, start_s=1.5, exact=True, block_tokens=0.0))
        assert pytest.approx(1.5, rel=0.2) == expect(exact).mid_s
        assert exact._new("claude-code", SONNET).exact
        assert not exact._new("pi", SONNET).exact

    def test_a_first_token_that_is_told_again(self) -> None:
        """It teaches the rate, not how long blocks are waited for."""
        book = taught(history(30))
        calls, agent = book.calls_of("claude-code", OPUS), book.parts()["agent\tclaude-code"]
        again = waited(29, 0.5, exact=True, again=True, block_tokens=0.0)
        assert book.learn(again)
        assert calls == book.calls_of("claude-code", OPUS)
        assert agent == book.parts()["agent\tclaude-code"]

    def test_a_log_that_is_read_again(self) -> None:
        """Nothing is learnt twice."""
        book = taught(history(30))
        before = book.parts()
        assert [False] * 30 == [book.learn(each) for each in history(30)]
        assert before == book.parts()

    def test_a_local_model_after_a_few_calls(self) -> None:
        """Warm after five, cold only when a cold call was seen twice."""
        warm = [waited(n, 4.0, agent="pi", model=LOCAL) for n in range(8)]
        book = taught(warm)
        assert expect(book, model=LOCAL, agent="pi").mid_s == pytest.approx(4.0, rel=0.3)
        cold = [(1.0, COLD)]
        unknown = book.expected("pi", LOCAL, cold, prompted=False)
        assert isinstance(unknown, Unknown)
        assert "cold cache" in unknown.reason
        for n in range(8, 14):
            book.learn(waited(n, 400.0, COLD, agent="pi", model=LOCAL))
        assert expect(book, COLD, LOCAL, "pi").mid_s > 120


class TestExtra:
    """What a switch adds."""

    def test_nothing_where_both_are_cold(self) -> None:
        """Then staying waits as long."""
        cases = [(1.0, COLD)], [(1.0, COLD)]
        assert (0.0, 0.0) == LatencyBook().extra_s(
            "claude-code", (OPUS, "claude-opus-4-6"), cases, prompted=False
        )

    def test_sooner_on_a_warm_model(self) -> None:
        """Negative; nine of ten times it gains at least the smaller amount."""
        cases = [(1.0, COLD)], [(1.0, WARM)]
        mid, end = LatencyBook().extra_s("claude-code", (OPUS, SONNET), cases, prompted=False)
        assert mid < end < 0

    def test_how_fast_models_start_counts_once_both_were_seen(self) -> None:
        """A model that is slow to start here adds its seconds."""
        slow = history(60, start_s=9.0, model=SONNET, session_id="t")
        book = taught([*history(60, start_s=2.0), *slow])
        cases = [(1.0, WARM)], [(1.0, WARM)]
        assert book.extra_s("claude-code", (OPUS, SONNET), cases, prompted=False)[0] > 2.0
        never = LatencyBook().extra_s("claude-code", (OPUS, SONNET), cases, prompted=False)[0]
        assert 0.0 == pytest.approx(never)


class TestKept:
    """What goes out as plain values and comes back."""

    def test_the_same_book(self) -> None:
        """Through JSON, to the last digit."""
        book = taught([*history(90), *history(30, model=SONNET, session_id="t")])
        again = LatencyBook.of(json.loads(json.dumps(book.parts())))
        for model in (OPUS, SONNET):
            assert expect(book, COLD, model) == expect(again, COLD, model)
        assert not again.learn(history(1)[0]), "what was learnt is remembered"

    def test_taught_by_a_log(self) -> None:
        """What had come by then, on top of what was learnt; the last answer may still go on."""
        records: list[Record] = [*prompt(0)]
        for n in range(1, 7):
            first = replace(call(n, 60.0 * n, model=OPUS, read=9_000), at=START + 60 * n + 3)
            records += [first, answered(n, 60.0 * n + 3)]
        counts = [
            book_of("pi", records, until=until, learnt=learnt).calls_of("pi", OPUS)
            for until, learnt in (
                (None, None),
                (START + 200, None),
                (None, taught(history(7, agent="pi")).parts()),
            )
        ]
        assert [5, 3, 12] == counts

    def test_only_what_has_changed(self) -> None:
        """Taken once."""
        book = taught(history(3))
        assert {"seen", "agent\tclaude-code", f"model\tclaude-code\t{OPUS}"} == set(
            book.parts(changed_only=True)
        )
        assert {} == book.parts(changed_only=True)

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("model\tpi\tgpt-5", {"theta": [1, 2]}),
            ("model\tpi\tgpt-5", {"theta": [1, 2, 3], "start": [1, 2, 3, 4]}),
            ("model\tpi\tgpt-5", {"theta": ["x"] * 4, "start": [1, 2, 3, 4]}),
            ("model\tpi\tgpt-5", None),
            ("agent\tpi", {"states": 7}),
            ("agent\tpi", {"states": [[], []], "levels": [0.1]}),
            ("seen", []),
            ("of another version", {}),
        ],
    )
    def test_parts_without_sense_are_left_out(self, name: str, values: object) -> None:
        """A file of another version, or a damaged one."""
        assert LatencyBook().parts() == LatencyBook.of({name: values}).parts()

    @pytest.mark.parametrize(("key", "value"), [("cov", [[1, 2, 3, 4]]), ("blocks", [[1, 2]])])
    def test_a_fit_of_another_size(self, key: str, value: object) -> None:
        """Left out whole."""
        part = f"model\tclaude-code\t{OPUS}"
        values = taught(history(3)).parts()[part] | {key: value}
        assert part not in LatencyBook.of({part: values}).parts()

    def test_it_does_not_grow(self) -> None:
        """Models and sessions beyond the most are forgotten, the oldest first."""
        book = LatencyBook()
        for n in range(600):
            book.learn(waited(n, 3.0, model=f"gpt-{n % 60}.1", session_id=f"s{n}"))
        parts = book.parts()
        assert 48 == sum(name.startswith("model") for name in parts)
        assert 512 == len(parts["seen"]["at"])
        assert not book.learn(waited(1, 3.0, session_id="s1")), "older than what is remembered"
        gone = [name for name, values in book.parts(changed_only=True).items() if values is None]
        assert gone
        assert all(name.startswith("model\t") for name in gone)
        assert len(json.dumps(parts)) < 400_000


class TestLaws:
    """For any history."""

    @few
    @given(
        st.lists(st.tuples(st.floats(0.06, 500), st.booleans()), max_size=40),
        st.integers(0, 400_000),
        st.integers(0, 400_000),
        st.integers(0, 400_000),
        st.sampled_from([OPUS, "gpt-6.1-sol", "gemini-3.1-pro"]),
    )
    def test_more_uncached_tokens_never_wait_less(
        self, waits: list[tuple[float, bool]], read: int, processed: int, more: int, model: str
    ) -> None:
        """Whatever was seen, at every quantile."""
        book = taught(
            waited(n, wait_s, COLD if cold else WARM, model=model)
            for n, (wait_s, cold) in enumerate(waits)
        )
        less, most = (
            expect(book, Work(tokens, read), model) for tokens in (processed, processed + more)
        )
        assert 0 < less.low_s <= less.mid_s <= less.high_s
        assert less.low_s <= most.low_s
        assert less.mid_s <= most.mid_s
        assert less.high_s <= most.high_s

    @few
    @given(st.integers(0, 200_000), st.integers(0, 200_000), st.integers(0, 4))
    def test_unknown_in_unknown_out(self, processed: int, read: int, calls: int) -> None:
        """A model that nothing is published of, with few calls, has no wait at any size."""
        book = taught(waited(n, 5.0, model=LOCAL) for n in range(calls))
        cases = [(1.0, Work(processed, read))]
        assert isinstance(book.expected("claude-code", LOCAL, cases, prompted=True), Unknown)

    @few
    @given(st.lists(st.tuples(st.floats(0.06, 600), st.floats(0, 4e5), st.floats(0, 4e5))))
    def test_rates_stay_within_bounds(self, seen: list[tuple[float, float, float]]) -> None:
        """No sequence of waits makes a rate negative, or reading slower than processing."""
        fit = Fit(prior_of(None), local=True)
        for wait_s, processed, read in seen:
            fit.learn(Work(processed, read), 0.1, wait_s)
        start, prefill, read_, generate = fit.theta
        assert 0.2 <= start <= 600
        assert 0.0 <= read_ <= prefill <= 2_000
        assert 0.5 <= generate <= 2_000


class TestSpread:
    """Residuals and levels."""

    def test_a_hundred_equally_likely_factors(self) -> None:
        """In order; without any seen, the prior's."""
        points = curve([], 0.5)
        assert 100 == len(points)
        assert sorted(points) == list(points)
        assert pytest.approx(math.exp(0.82)) == points[-1]

    def test_new_residuals_push_out_old_ones(self) -> None:
        """A window has an end, and its values have bounds."""
        window = Window()
        for n in range(300):
            window.add(float(n))
        assert 128 == len(window.residuals)
        assert 3.5 == max(window.residuals)
        assert pytest.approx(10.0) == sum(weight for _, weight in window.weighted(10.0))

    def test_a_level_moves_towards_what_it_missed(self) -> None:
        """Too long for the range: the high end goes up; inside: it comes down a little."""
        levels = Levels()
        levels.learn(50.0, (1.0, 2.0, 3.0))
        assert pytest.approx([0.102, 0.51, 0.918]) == levels.values
        levels.learn(2.5, (1.0, 2.0, 3.0))
        assert pytest.approx(0.916) == levels.values[2]

    def test_a_mixture_s_quantiles(self) -> None:
        """By weight, not by number; the last one at the end."""
        parts = [(8.0, 1.0, (1.0,)), (1.0, 1.5, (2.0, 4.0))]
        assert [1.0, 3.0, 6.0, 6.0] == ends_of(parts, (0.5, 0.85, 0.99, 1.1))
