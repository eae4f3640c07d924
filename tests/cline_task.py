"""A task of Cline as it comes to be written: whole documents, moved into their place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ClineTask"]

_STORAGE = ".vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/tasks"


class ClineTask:
    """A task whose folder is `folder`, in the storage of VS Code's server below `folder/h`.

    Args:
        folder: what the task works in.
        began_at: UTC epoch seconds.
    """

    def __init__(self, folder: Path, began_at: float) -> None:
        """Nothing is asked yet."""
        self.id = str(int(began_at * 1000))
        self.began_at, self.folder = began_at, folder
        self.place = folder / "h" / _STORAGE / self.id
        self.place.mkdir(parents=True)
        self.rows: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []

    def asked(self, model: str, after_s: float, *, answered: bool = False, wrote: int = 0) -> None:
        """A prompt and the row of its request; with `answered` its counts and the answer, too."""
        ts = int((self.began_at + after_s) * 1000)
        info = {"modelId": model, "providerId": "anthropic", "mode": "act"}
        counts = {"tokensIn": 3, "tokensOut": 300, "cacheWrites": wrote, "cacheReads": 0}
        request = {"request": "made up", **(counts if answered else {})}
        self.rows += [
            {"ts": ts, "type": "say", "say": "user_feedback", "text": "go on", "modelInfo": info},
            {"ts": ts + 100, "type": "say", "say": "api_req_started",
             "text": json.dumps(request), "modelInfo": info},
        ]  # fmt: skip
        environment = (
            f"<environment_details>\n# Current Working Directory ({self.folder}) Files\na.py\n"
            "</environment_details>"
        )
        content = [{"type": "text", "text": environment}]
        self.history.append({"role": "user", "ts": ts + 150, "content": content})
        if answered:
            said = {"role": "assistant", "ts": ts + 200, "content": "Done."}
            self.history.append(said)
        self._write("api_conversation_history.json", self.history)
        self._write("ui_messages.json", self.rows)

    def _write(self, name: str, value: object) -> None:
        """As Cline does: beside it first, then moved over it."""
        beside = self.place / f"{name}.tmp"
        beside.write_text(json.dumps(value))
        beside.replace(self.place / name)
