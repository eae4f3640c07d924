"""The words of editors: meter, tooltip, and what stands beside a model's name in a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from switchtax.catalog.names import display_name
from switchtax.wording.numbers import clock, counted, money, short_id, signed, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ASKS_AGAIN",
    "IDLE",
    "LOOKING_FOR_DAEMON",
    "NEXT",
    "NOT_INITIALIZED",
    "NO_SESSION_HERE",
    "SHUT_DOWN",
    "SNOOZED",
    "STARTING",
    "UNAVAILABLE",
    "affected",
    "back_to",
    "brief_command",
    "brief_title",
    "estimate_lines",
    "hint",
    "lens",
    "model_table",
    "offer",
    "rates",
    "short_meter",
    "sub_agent_file",
    "tiny_meter",
    "tooltip",
    "use_sub_agent",
    "write_brief",
    "wrong_shape",
]

IDLE = "switchtax"
STARTING = "switchtax …"
UNAVAILABLE = "switchtax: no daemon"
NO_SESSION_HERE = "No agent session in this workspace was used within the last hour."
NOT_INITIALIZED = "Send initialize first."
SHUT_DOWN = "After shutdown only exit is left."
LOOKING_FOR_DAEMON = "The daemon does not answer; switchtax keeps looking for it."
NEXT = "next: "
"""How a meter begins whose session is about to switch."""
_MOST_TARGETS = 3
_COSTS = "re-read once | next turn | over the turns to come |"
_SAID_ABOVE = re.compile(r"^(cache|spent) | (context|spent)$")


def short_meter(line: str) -> str:
    """The meter for a status bar: the same pieces with fewer words.

    >>> short_meter("Opus 5.5 · 142k context · cache until 10:05 · $1.23 spent · x")
    'Opus 5.5 · 142k · until 10:05 · $1.23'
    """
    pieces = line.split(" · ")[:4]
    endings = ("", " context", "", " spent")
    short = [piece.removesuffix(end) for piece, end in zip(pieces, endings, strict=False)]
    return " · ".join(piece.replace("cache until", "until") for piece in short)


def tiny_meter(meter: Mapping[str, Any]) -> str:
    """Context and money alone.

    >>> tiny_meter({"context_tokens": 142_431, "spent_usd_micros": 1_230_000})
    '142k · $1.23'
    """
    spent = meter["spent_usd_micros"]
    size = tokens(meter["context_tokens"])
    return f"{size} · {money(spent)}" if isinstance(spent, int) else size


def tooltip(meters: Sequence[Mapping[str, Any]], switches: Mapping[str, Any] | None) -> str:
    """Markdown: the sessions here, and what switching the first of them would cost.

    Args:
        meters: params of `meter/didChange`, the newest first.
        switches: an estimate document of the first, if there is one.
    """
    rows = ["| session | model | context | cache | spent |", "|---|---|---|---|---|"]
    for meter in meters:
        cells = (short_id(meter["session"]), display_name(meter["model"]), *_facts(meter["line"]))
        rows.append("| " + " | ".join(_cell(each) for each in cells) + " |")
    if switches:
        rows += ["", *_switch_table(switches["estimates"][:_MOST_TARGETS])]
    return "\n".join(rows)


def _facts(line: str) -> list[str]:
    """Context, cache and spent of a meter's line, without the words that head their columns.

    >>> _facts("Opus 5.5 · 142k context · cache until 10:05 · $1.23 spent")
    ['142k', 'until 10:05', '$1.23']
    >>> _facts("next: Sonnet 5.5 · 142k context · cache cold · spent unknown · x")
    ['142k', 'cold', 'unknown']
    """
    return [_SAID_ABOVE.sub("", piece) for piece in line.split(" · ")[1:4]]


def _switch_table(estimates: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        f"| switch to | {_COSTS}",
        "|---|--:|--:|--:|",
    ]
    for each in estimates:
        horizon = each["horizon"]
        cells = (
            display_name(each["to"]),
            _mid(each["rebuild"].get("usd_micros"), money),
            _mid(each["next_turn"]["extra_usd_micros"], signed),
            _mid(horizon.get("extra_usd_micros"), signed),
        )
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return rows


def _mid(amount: Any, show: Any) -> str:
    known = isinstance(amount, dict) and "mid" in amount
    return str(show(amount["mid"])) if known else "unknown"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# -- beside a model's name ------------------------------------------------------------------


def rates(row: Mapping[str, Any]) -> str:
    """What a model's tokens cost.

    >>> rates({"usd_micros_per_mtok": {"input": 4_000_000, "output": 20_000_000}})
    '$4.00 in, $20.00 out per million'
    """
    found = row.get("usd_micros_per_mtok", {})
    if not all(isinstance(found.get(bucket), int) for bucket in ("input", "output")):
        return "price unknown"
    return f"{money(found['input'])} in, {money(found['output'])} out per million"


def hint(row: Mapping[str, Any]) -> str:
    """Behind a model's value: price, window, and until when its cache is warm here.

    >>> rates = {"input": 4_000_000, "output": 20_000_000}
    >>> hint({"model": "claude-opus-5-5", "usd_micros_per_mtok": rates,
    ...       "context_window_tokens": 200_000, "switches": [], "warm_until_at": None})
    '$4.00/$20.00 · 200k'
    """
    if not isinstance(row.get("model"), str):
        return ""
    pieces = [rates(row).removesuffix(" per million").replace(" in, ", "/").removesuffix(" out")]
    window = row.get("context_window_tokens")
    if isinstance(window, int):
        pieces.append(tokens(window))
    until = row.get("warm_until_at")
    if isinstance(until, int | float):
        pieces.append(f"warm until {clock(until)}")
    return " · ".join(pieces)


def affected(row: Mapping[str, Any], switch: Mapping[str, Any]) -> str:
    """A live session that a file's model would change, and what it costs."""
    first = (
        f"Session {short_id(switch['session'])} is on {display_name(switch['from'])}. "
        f"If it takes up {row['name']}:"
    )
    return "\n".join([first, *switch["lines"]])


def lens(row: Mapping[str, Any]) -> str:
    """Above a model's line: what switching the live sessions costs in their next turns.

    >>> lens({"switches": [{"next_turn_usd_micros": {"mid": 300_000}},
    ...                    {"next_turn_usd_micros": {"mid": 310_000}}]})
    'switching 2 live sessions: +$0.61 in the next turn'
    """
    amounts = [each["next_turn_usd_micros"].get("mid") for each in row["switches"]]
    which = counted(len(amounts), "live session")
    if any(amount is None for amount in amounts):
        return f"switching {which}: price unknown"
    return f"switching {which}: {signed(sum(amounts))} in the next turn"


def model_table(row: Mapping[str, Any]) -> str:
    """Markdown for a hover: the model, and what switching each live session to it costs."""
    if not isinstance(row.get("model"), str):
        return f"`{row['spelled']}`: {row['model']['unknown']}."
    window = row["context_window_tokens"]
    size = f"{tokens(window)} tokens" if isinstance(window, int) else "window unknown"
    out = [f"**{row['name']}** · {rates(row)} · {size}"]
    if row["switches"]:
        out += ["", f"| session | now on | {_COSTS}", "|---|---|--:|--:|--:|"]
        out += [_switch_row(each) for each in row["switches"]]
    for switch in row["switches"]:
        out += ["", *(f"- {line}" for line in switch["lines"])]
    return "\n".join(out)


def _switch_row(switch: Mapping[str, Any]) -> str:
    cells = (
        short_id(switch["session"]),
        display_name(switch["from"]),
        _mid(switch["rebuild_usd_micros"], money),
        _mid(switch["next_turn_usd_micros"], signed),
        _mid(switch["horizon_usd_micros"], signed),
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def offer(row: Mapping[str, Any]) -> str:
    """Beside a model's name in a list to choose from."""
    costs = [_mid(each["rebuild_usd_micros"], money) for each in row["switches"][:1]]
    return " · ".join([hint(row), *(f"re-read {cost} once" for cost in costs)])


def write_brief(name: str) -> str:
    """The action that hands the work over in writing."""
    return f"Write a brief for {name}, for a new session"


def back_to(model: str) -> str:
    """The action that takes a change back."""
    return f"Go back to {display_name(model)}: its cache is paid for"


def use_sub_agent(name: str) -> str:
    """The action that asks another model beside."""
    return f"Use a sub-agent on {name} instead, this cache kept"


def sub_agent_file(name: str, model_name: str, spelled: str) -> str:
    """A sub-agent of Claude Code that runs on a model, with a context of its own."""
    return (
        f"---\nname: {name}\n"
        f"description: Work that {model_name} should do, in a context of its own.\n"
        f"model: {spelled}\n---\n\nDo the task you are given and report the result briefly.\n"
    )


SNOOZED = "switchtax says nothing more here for now; the meter goes on."
ASKS_AGAIN = "switchtax asks again."


def brief_title(session: str) -> str:
    """The name of a brief's document."""
    return f"Brief of session {short_id(session)}"


def brief_command(session: str, to_model: str) -> str:
    """Where a brief is had, for an editor that cannot show one."""
    return f"`switchtax brief {short_id(session)} --to {to_model}` writes the brief."


def estimate_lines(document: Mapping[str, Any]) -> list[str]:
    """An estimate document in sentences, a line a model."""
    out = []
    for each in document["estimates"]:
        once = _mid(each["rebuild"].get("usd_micros"), money)
        turn = _mid(each["next_turn"]["extra_usd_micros"], signed)
        out.append(f"{display_name(each['to'])}: re-read {once} once, next turn about {turn}.")
    return out


def wrong_shape(method: str) -> str:
    """What a client is told whose parameters are not those of the method."""
    return f"The parameters of {method} are not those that the protocol names."
