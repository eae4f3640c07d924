"""How often the numbers come true: the accuracy bars, on recorded sessions."""

from collections.abc import Iterator

from bars import Bar, Missing, corpus_folder

import accuracy_measures as measures
import latency_measures
from support import shared_path
from switchtax.estimates.outlook import Moment
from switchtax.score import quantile

PAGE = "accuracy.md"


def state_bars() -> Iterator[Bar]:
    """The state of the next same-model call."""
    claude = corpus_folder() / "claude"
    for state, bar in (("warm", 0.999), ("none", 0.915)):
        right, seen = measures.recall(claude, state)
        name = f"Claude sessions: calls that were {state}, foretold so"
        # One of 801 is 0.1 %: the bar is given to a tenth of a per cent.
        yield Bar(name, f"{right / seen:.1%} ({right}/{seen})", f"≥ {bar:.1%}",
                  round(right / seen, 3) >= bar)  # fmt: skip


def written_bars() -> Iterator[Bar]:
    """Tokens written at real cold calls."""
    errors = measures.written_errors(corpus_folder() / "claude")
    median, p90 = quantile(errors, 0.5), quantile(errors, 0.9)
    name = f"… tokens written at {len(errors)} cold calls, median error"
    yield Bar(name, f"{median:.1%}", "≤ 4 %", median <= 0.04)
    yield Bar("… p90", f"{p90:.1%}", "≤ 30 %", p90 <= 0.30)


def cost_bars() -> Iterator[Bar]:
    """The input cost of the next call."""
    claude = corpus_folder() / "claude"
    choice = measures.costs(claude, Moment.AT_CHOICE)
    send = measures.costs(claude, Moment.AT_SEND)
    plain = measures.plain_width(claude)
    name = f"… input cost of {choice.calls} next calls, at choice, median error"
    yield Bar(name, f"{choice.median:.1%} (p90 {choice.p90:.0%})", "≤ 4.3 %",
              choice.median <= 0.043)  # fmt: skip
    yield Bar("… its 80 % interval holds", f"{choice.coverage:.1%}", "77 to 83 %",
              0.77 <= choice.coverage <= 0.83)  # fmt: skip
    yield Bar("… and is wide, on average", f"{choice.width:.0%}", f"< {plain:.0%} (plain rule)",
              choice.width < plain)  # fmt: skip
    yield Bar("… at send, median error", f"{send.median:.1%}", "≤ 1.5 %", send.median <= 0.015)
    yield Bar("… at send, p90", f"{send.p90:.1%}", "≤ 10 %", send.p90 <= 0.10)
    yield Bar("… at send, 80 % interval holds", f"{send.coverage:.1%}")


def all_agents_bars() -> Iterator[Bar]:
    """The same over all agents, for information: best-effort caches are less certain."""
    corpus = corpus_folder()
    for moment in Moment:
        found = measures.costs(corpus, moment)
        yield Bar(
            f"all agents: {found.calls} priced calls, {moment.replace('_', ' ')}",
            f"median {found.median:.1%}, p90 {found.p90:.0%}, holds {found.coverage:.1%},"
            f" width {found.width:.0%}",
        )
    yield Bar("… the plain rule's own interval", f"width {measures.plain_width(corpus):.0%}")


def switch_bars() -> Iterator[Bar]:
    """Real switches."""
    switches = measures.usable_switches(corpus_folder())
    count = measures.held(switches)
    yield Bar("real switches inside the 80 % interval given at choice",
              f"{count} of {len(switches)}", "≥ 6 of 8", count >= 6)  # fmt: skip


def wait_bars() -> Iterator[Bar]:
    """Seconds to the first sign of an answer, in the order of time."""
    corpus, both = corpus_folder(), ("claude-code", "codex")
    found = latency_measures.told(corpus, both)
    score = latency_measures.scored(found)
    name = f"Claude and Codex: waits of {score.calls} calls, foretold at send, 80 % range holds"
    yield Bar(name, f"{score.held:.1%}", "77 to 83 %", 0.77 <= score.held <= 0.83)
    for rule, loss in (("a constant's", score.constant), ("the fixed prior's", score.prior)):
        yield Bar("… mean pinball loss", f"{score.loss:.2f} s", f"< {loss:.2f} s ({rule})",
                  score.loss < loss)  # fmt: skip
    yield Bar("… of each model's own running quantiles", f"{score.of_model:.2f} s")
    groups = [(f"… {agent} alone", latency_measures.told(corpus, (agent,))) for agent in both]
    cold = [t for t in found if t.waited.processed_tokens > t.waited.read_tokens]
    others = ("pi", "opencode", "gemini-cli", "copilot-cli")
    groups += [
        ("… of them, calls that mostly read nothing", cold),
        ("other agents, on which constants were chosen", latency_measures.told(corpus, others)),
    ]
    for name, group in groups:
        part = latency_measures.scored(group)
        yield Bar(
            f"{name}: {part.calls} calls",
            f"holds {part.held:.1%}, loss {part.loss:.2f} s"
            f" (constant {part.constant:.2f}, prior {part.prior:.2f})",
        )


def lab_bars() -> Iterator[Bar]:
    """Sessions of real clients against bills that are known to be true."""
    lab = shared_path() / "lab"
    if not lab.is_dir():
        raise Missing("the lab sessions are missing")
    errors = measures.lab_switch_errors(lab)
    known = {k: e for k, e in errors.items() if not any(n in k for n in measures.NOT_IN_THE_LOG)}
    worst = max(known, key=lambda name: abs(known[name]))
    yield Bar(
        f"lab: input side of {len(known)} first calls after a switch, at send, worst",
        f"{abs(known[worst]):.1%} ({worst})", "≤ 2 %", abs(known[worst]) <= 0.02,
    )  # fmt: skip
    for name in sorted(set(errors) - set(known)):
        yield Bar(f"… {name}, whose tools stand in no log", f"{errors[name]:+.1%}")


BARS = [state_bars, written_bars, cost_bars, all_agents_bars, switch_bars, wait_bars, lab_bars]
