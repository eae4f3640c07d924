"""How a session is paid for, from evidence handed in: by the token, by a flat plan, unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["METERED_KEYS", "Billing", "BillingKind", "billing_of"]

METERED_KEYS: Mapping[str, tuple[str, ...]] = {
    "claude-code": ("ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"),
    "codex": ("CODEX_API_KEY",),
    "gemini-cli": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"),
    "copilot-cli": ("COPILOT_PROVIDER_API_KEY",),
    "opencode": ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"),
    "pi": ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"),
}
"""Variables that make an agent pay by the token.

Claude Code prefers a key to a login; Codex prefers a ChatGPT login to `OPENAI_API_KEY`, so that
one is no evidence there. Source: support.claude.com/en/articles/12304248 and Codex's
docs/authentication.md, read 2026-11-21."""

_ON_PLANS = frozenset({"cursor"})
"""Agents that are paid for by a plan alone, whatever their sessions record.

Source: https://cursor.com/docs/models-and-pricing, as public pages quote it, read 2026-11-22."""

_METERED_PLANS = frozenset({"api", "apikey", "api_key", "payg", "pay_as_you_go"})


class BillingKind(StrEnum):
    """What a dollar figure means to this user."""

    METERED = "metered"
    """Dollars are paid."""
    SUBSCRIPTION = "subscription"
    """Dollars are notional; the plan's limits are used up."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Billing:
    """The kind and the one piece of evidence that decided it."""

    kind: BillingKind
    evidence: str
    is_set_off: bool = False
    """The plan includes so many dollars at API prices: what is used counts against them."""


def billing_of(
    agent: str,
    *,
    rate_limits_seen: bool = False,
    plan: str = "",
    environment: Mapping[str, str] | None = None,
) -> Billing:
    """Decide from the strongest evidence: what the session recorded, then what is set around it.

    Args:
        agent: the agent's id, for example "claude-code".
        rate_limits_seen: the session recorded shares of a plan's windows.
        plan: plan type as recorded, for example "pro"; "" if none.
        environment: variables of the user's shell; only names are looked at, values never kept.
    """
    named = plan.strip().lower()
    if named in _METERED_PLANS:
        return Billing(BillingKind.METERED, f"the session names the plan {named}")
    if named and named != "unknown":
        return Billing(BillingKind.SUBSCRIPTION, f"the session names the plan {named}")
    if rate_limits_seen:
        return Billing(BillingKind.SUBSCRIPTION, "the session records a plan's limits")
    if agent in _ON_PLANS:
        return Billing(BillingKind.SUBSCRIPTION, f"{agent} is paid for by a plan", is_set_off=True)
    for key in METERED_KEYS.get(agent, ()):
        if (environment or {}).get(key):
            return Billing(BillingKind.METERED, f"{key} is set")
    return Billing(BillingKind.UNKNOWN, "no plan, no limits and no key were seen")
