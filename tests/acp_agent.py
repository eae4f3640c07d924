"""An agent made with the official SDK: one session, whose model can be chosen; for tests."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from acp.schema import (
    InitializeResponse,
    NewSessionResponse,
    PromptResponse,
    SessionConfigOptionSelect,
    SessionConfigSelectOption,
    SetSessionConfigOptionResponse,
)

from acp import run_agent

OFFERED = {"sonnet": "Sonnet 5.5", "opus": "Opus 5.5", "fable": "Fable 5.2"}


class ModelAgent:
    """Answers every prompt at once; its session's id is the first argument of the program."""

    def __init__(self, session: str, model: str) -> None:
        self.session, self.model = session, model

    def on_connect(self, conn: Any) -> None:
        """The SDK hands the connection over: not needed."""

    def options(self) -> list[Any]:
        offered = [SessionConfigSelectOption(value=v, name=n) for v, n in OFFERED.items()]
        return [
            SessionConfigOptionSelect(
                type="select",
                id="model",
                name="Model",
                category="model",
                current_value=self.model,
                options=offered,
            )
        ]

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:
        return InitializeResponse(protocol_version=protocol_version)

    async def new_session(self, cwd: str, **_: Any) -> NewSessionResponse:
        return NewSessionResponse(session_id=self.session, config_options=self.options())

    async def prompt(self, session_id: str, **_: Any) -> PromptResponse:
        return PromptResponse(stop_reason="end_turn")

    async def set_config_option(
        self, config_id: str, session_id: str, value: Any, **_: Any
    ) -> SetSessionConfigOptionResponse:
        self.model = value
        return SetSessionConfigOptionResponse(config_options=self.options())


if __name__ == "__main__":
    asyncio.run(run_agent(ModelAgent(sys.argv[1], sys.argv[2])))
