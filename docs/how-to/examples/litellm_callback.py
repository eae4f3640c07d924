"""A LiteLLM proxy callback: the model that is cheapest with its cache counted."""

import asyncio
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from switchtax.errors import SwitchtaxError
from switchtax.service.client import Client
from switchtax.service.places import places

CANDIDATES = ["claude-opus-5-5", "claude-sonnet-5-5"]


class Router(CustomLogger):
    """Asks switchtax's daemon; whatever goes wrong, the request passes as it is."""

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Change the model of a request, where the daemon recommends another."""
        session = (data.get("metadata") or {}).get("session_id")
        if session and data.get("model") in CANDIDATES:
            model = await asyncio.to_thread(recommended, session)
            if model in CANDIDATES:
                data["model"] = model
        return data


def recommended(session: str) -> str | None:
    """The daemon's answer within a tenth of a second; None without one."""
    asked = {"session": session, "models": CANDIDATES, "turns": 10}
    try:
        with Client.connect(places().socket, name="router", deadline_s=0.1) as client:
            found = client.call("decide", asked, deadline_s=0.1)["recommended"]
    except (SwitchtaxError, OSError):
        return None
    return found if isinstance(found, str) else None


router = Router()
