"""Who sells models under which names: providers, resellers, makers, and families of models."""

from __future__ import annotations

__all__ = ["AT_LIST_PRICE", "CARDS_OF", "FAMILIES", "MAKERS", "SELLERS", "VENDORS"]

SELLERS = {
    "anthropic": "anthropic",
    "claude": "anthropic",
    "firstparty": "anthropic",
    "openai": "openai",
    "openai-codex": "openai",
    "codex": "openai",
    "chatgpt": "openai",
    "google": "google",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-gemini-cli": "google",
    "google-vertex": "google-vertex",
    "google-vertex-anthropic": "google-vertex",
    "vertex": "google-vertex",
    "vertex_ai": "google-vertex",
    "vertexai": "google-vertex",
    "aws": "aws-bedrock",
    "aws-bedrock": "aws-bedrock",
    "amazon-bedrock": "aws-bedrock",
    "bedrock": "aws-bedrock",
    "azure": "azure",
    "azure-openai": "azure",
    "copilot": "github-copilot",
    "github": "github-copilot",
    "github-copilot": "github-copilot",
    "openrouter": "openrouter",
    "x-ai": "x-ai",
    "xai": "x-ai",
    "mistral": "mistral",
    "mistralai": "mistral",
    "deepseek": "deepseek",
    "moonshot": "moonshotai",
    "moonshotai": "moonshotai",
    "kimi": "moonshotai",
    "z-ai": "zai",
    "zai": "zai",
    "zai-org": "zai",
    "zai-coding-plan": "zai",
    "zhipu": "zhipuai",
    "zhipuai": "zhipuai",
    "minimax": "minimax",
    "cursor": "cursor",
    "meta": "meta",
    "qwen": "qwen",
    "alibaba": "qwen",
}
"""How logs and settings call a provider, in lower case, to the catalogue's name of it."""

CARDS_OF = {"google-vertex": "google"}
"""Providers whose prices stand on another's page (one page serves both)."""

AT_LIST_PRICE = frozenset({"cursor"})
"""Resellers that charge the makers' list prices for all models but their own.

Source: https://cursor.com/docs/models-and-pricing, as public pages quote it, read 2026-11-22. Teams
pay $0.25 per million tokens more on models of others; no record tells who is in one."""

VENDORS = frozenset(
    {
        "ai21",
        "amazon",
        "anthropic",
        "cohere",
        "deepseek",
        "google",
        "meta",
        "minimax",
        "mistral",
        "moonshot",
        "moonshotai",
        "nvidia",
        "openai",
        "qwen",
        "writer",
        "zai",
    }
)
"""Bedrock writes `vendor.model`."""

MAKERS = (
    ("claude-", "anthropic"),
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("codex-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("gemini-", "google"),
    ("gemma-", "google"),
    ("grok-", "x-ai"),
    ("mistral-", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("magistral", "mistral"),
    ("ministral", "mistral"),
    ("mixtral", "mistral"),
    ("deepseek-", "deepseek"),
    ("kimi-", "moonshotai"),
    ("moonshot-", "moonshotai"),
    ("glm-", "zai"),
    ("qwen", "qwen"),
    ("minimax-", "minimax"),
    ("composer-", "cursor"),
    ("muse-", "meta"),
)
"""The maker of a model by the beginning of its name."""


def _claude(family: str) -> str:
    return rf"claude-{family}-(?P<version>\d+(-\d+)?)"


def _gpt(family: str) -> str:
    return rf"gpt-(?P<version>\d+(\.\d+)?)-{family}"


FAMILIES = {
    "opus": _claude("opus"),
    "sonnet": _claude("sonnet"),
    "haiku": _claude("haiku"),
    "fable": _claude("fable"),
    "mythos": _claude("mythos"),
    "claude-opus": _claude("opus"),
    "claude-sonnet": _claude("sonnet"),
    "claude-haiku": _claude("haiku"),
    "claude-fable": _claude("fable"),
    "sol": _gpt("sol"),
    "terra": _gpt("terra"),
    "luna": _gpt("luna"),
    "astra": _gpt("astra"),
    "codex": _gpt("codex"),
    "gpt": r"gpt-(?P<version>\d+(\.\d+)?)(-sol)?",
    "gemini": r"gemini-(?P<version>\d+(\.\d+)?)-(pro|argon)(-preview)?",
    "pro": r"gemini-(?P<version>\d+(\.\d+)?)-pro(-preview)?",
    "flash": r"gemini-(?P<version>\d+(\.\d+)?)-flash(-preview)?",
    "flash-lite": r"gemini-(?P<version>\d+(\.\d+)?)-flash-lite(-preview)?",
    "grok": r"grok-(?P<version>\d+(\.\d)?)",
    "kimi": r"kimi-k(?P<version>\d+(\.\d+)?)(-pro)?",
    "glm": r"glm-(?P<version>\d+(\.\d+)?)",
    "default": "",
    "auto": "",
    "best": "",
    "inherit": "",
    "opusplan": "",
}
"""Aliases of a family: what its members' names look like; "" where the agent decides."""
