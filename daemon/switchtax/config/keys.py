"""The keys of the configuration file: name, default, what is allowed, what it means.

`docs/reference/configuration.md` is held to this list by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "KEYS",
    "Agents",
    "Brief",
    "ClaudeCode",
    "Codex",
    "CopilotCli",
    "Cursor",
    "Daemon",
    "GeminiCli",
    "Horizon",
    "Key",
    "Material",
    "Notifications",
    "OpenCode",
    "Pi",
    "RiskPoints",
]

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Daemon:
    """The background process."""

    idle_exit_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Material:
    """From where on a switch is worth a question; any one of the three suffices."""

    rebuild_usd_micros: int = 250_000
    wait_s: float = 3.0
    risk: str = "high"
    """One of "low", "medium", "high", "severe"; that level and those above it."""


@dataclass(frozen=True, slots=True)
class RiskPoints:
    """The points from which each level of risk holds; see docs/risk.md."""

    medium: int = 2
    high: int = 4
    severe: int = 7


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far totals look ahead."""

    turns: int = 10


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """What hooks of Claude Code may do beyond the question at `/model`."""

    hold_sdk: bool = False
    hold_seconds: float = 8.0
    block_unannounced: bool = False
    suggest_model: bool = False


@dataclass(frozen=True, slots=True)
class Codex:
    """What hooks of Codex may do beyond a word before the request."""

    block_unannounced: bool = False
    stop_compaction: bool = False


@dataclass(frozen=True, slots=True)
class CopilotCli:
    """What hooks and extension of Copilot CLI may do beyond a word."""

    block_switch: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """What hooks of Cursor may do beyond keeping what they are told."""

    block_unannounced: bool = False


@dataclass(frozen=True, slots=True)
class GeminiCli:
    """What hooks of Gemini CLI may do beyond a word before the request."""

    block_switch: bool = False


@dataclass(frozen=True, slots=True)
class OpenCode:
    """What our plugin for OpenCode may do beyond a toast."""

    hold: bool = False


@dataclass(frozen=True, slots=True)
class Pi:
    """What our extension for pi may do beyond a notice and the meter."""

    hold: bool = False


@dataclass(frozen=True, slots=True)
class Notifications:
    """What is said beside the agent."""

    desktop: bool = False
    snooze_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Brief:
    """Handing a session over."""

    budget_tokens: int = 2000


@dataclass(frozen=True, slots=True)
class Agents:
    """Which agents are followed: all but those named."""

    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """One key; `read` turns what TOML holds into the value, or raises ValueError(expects)."""

    name: str
    field: str
    default: Any
    expects: str
    meaning: str
    check: Callable[[Any], Any]
    variable: str = ""
    """The environment variable that goes before the file."""

    def read(self, value: Any) -> Any:
        """The value as the dataclasses hold it.

        Raises:
            ValueError: it is none that is allowed; the text says what is.
        """
        try:
            return self.check(value)
        except (ValueError, ArithmeticError):
            raise ValueError(self.expects) from None

    def spelled(self, value: Any) -> Any:
        """A value as the file spells it: dollars for micro-dollars, lists for tuples."""
        if self.field.endswith("_usd_micros"):
            return value / _MILLION
        return list(value) if isinstance(value, tuple) else value

    def toml(self, spelled: Any) -> str:
        """A value, as `spelled` gives it, in TOML."""
        if isinstance(spelled, bool):
            return str(spelled).lower()
        if isinstance(spelled, list):
            return "[" + ", ".join(f'"{each}"' for each in spelled) + "]"
        return f'"{spelled}"' if isinstance(spelled, str) else f"{spelled:g}"


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _number(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError
        found = float(value)
        if not low <= found <= high:  # "nan" is in no range
            raise ValueError
        return found

    return check


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return check


def _dollars(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError
    micros = Decimal(value) * _MILLION
    if not 0 <= micros <= 1000 * _MILLION or micros != int(micros):
        raise ValueError
    return int(micros)


def _level(value: Any) -> str:
    if value not in ("low", "medium", "high", "severe"):
        raise ValueError
    return str(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError
    return tuple(dict.fromkeys(value))


_DAY_S = 86_400

KEYS = (
    Key(
        "daemon.idle_exit_s", "idle_exit_s", 1800.0, "seconds from 0 to 604800",
        "seconds without clients and live sessions after which the daemon ends; 0: never",
        _number(0, 7 * _DAY_S), "SWITCHTAX_IDLE_EXIT_S",
    ),
    Key(
        "material.rebuild_usd", "rebuild_usd_micros", 250_000, "dollars from 0 to 1000",
        "what must be re-read costs this much: a switch is worth a question",
        _dollars,
    ),
    Key(
        "material.wait_s", "wait_s", 3.0, "seconds from 0 to 600",
        "so is one whose first word comes this much later",
        _number(0, 600),
    ),
    Key(
        "material.risk", "risk", "high", '"low", "medium", "high" or "severe"',
        "so is one whose handoff is this risky",
        _level,
    ),
    Key(
        "risk_levels.medium", "medium", 2, "a whole number from 1 to 100",
        "points from which a handoff's risk is medium; below them it is low",
        _whole(1, 100),
    ),
    Key(
        "risk_levels.high", "high", 4, "a whole number from 1 to 100",
        "points from which it is high; no fewer than for medium",
        _whole(1, 100),
    ),
    Key(
        "risk_levels.severe", "severe", 7, "a whole number from 1 to 100",
        "points from which it is severe; no fewer than for high",
        _whole(1, 100),
    ),
    Key(
        "horizon.turns", "turns", 10, "a whole number from 1 to 1000",
        "how many turns totals and advice look ahead",
        _whole(1, 1000),
    ),
    Key(
        "claude_code.hold_sdk", "hold_sdk", False, "true or false",
        "hold a switch made in an editor's panel until you have answered there",
        _yes_no,
    ),
    Key(
        "claude_code.hold_seconds", "hold_seconds", 8.0, "seconds from 0.5 to 15",
        "how long it is held before it goes through without an answer",
        _number(0.5, 15),
    ),
    Key(
        "claude_code.block_unannounced", "block_unannounced", False, "true or false",
        "stop the prompt once after a switch that was not announced; sent again, it goes",
        _yes_no,
    ),
    Key(
        "claude_code.suggest_model", "suggest_model", False, "true or false",
        "say at a session's first prompt which model fits it, where that is clear",
        _yes_no,
    ),
    Key(
        "codex.block_unannounced", "block_unannounced", False, "true or false",
        "stop the first prompt after a switch of models once; sent again, it goes",
        _yes_no,
    ),
    Key(
        "codex.stop_compaction", "stop_compaction", False, "true or false",
        "stop the summary on the old model before such a switch once; sent again, it goes",
        _yes_no,
    ),
    Key(
        "copilot_cli.block_switch", "block_switch", False, "true or false",
        "stop the first prompt after a switch of models once; sent again, it goes",
        _yes_no,
    ),
    Key(
        "copilot_cli.hold", "hold", False, "true or false",
        "ask when another model is chosen, with our extension; on no, the old one is set back",
        _yes_no,
    ),
    Key(
        "cursor.block_unannounced", "block_unannounced", False, "true or false",
        "stop the first prompt after a switch of models once; sent again, it goes",
        _yes_no,
    ),
    Key(
        "gemini_cli.block_switch", "block_switch", False, "true or false",
        "stop the first prompt after a switch of models once; the next one goes",
        _yes_no,
    ),
    Key(
        "opencode.hold", "hold", False, "true or false",
        "stop a prompt once that goes to another model; sent again, it goes",
        _yes_no,
    ),
    Key(
        "pi.hold", "hold", False, "true or false",
        "ask when another model is chosen; on no, the old one is set back",
        _yes_no,
    ),
    Key(
        "notifications.desktop", "desktop", False, "true or false",
        "show announced switches on the desktop where no editor has the folder open",
        _yes_no,
    ),
    Key(
        "notifications.snooze_minutes", "snooze_minutes", 60, "minutes from 1 to 10080",
        "how long Snooze keeps switchtax quiet about a session",
        _whole(1, 7 * 1440),
    ),
    Key(
        "brief.budget_tokens", "budget_tokens", 2000, "tokens from 200 to 100000",
        "how long a brief may get",
        _whole(200, 100_000),
    ),
    Key(
        "agents.off", "off", (), 'a list of agents, such as ["gemini-cli"]',
        "agents that are neither followed nor answered",
        _names,
    ),
)  # fmt: skip
