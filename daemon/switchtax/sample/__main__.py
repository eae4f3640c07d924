"""Writes the sample session anew: `python -m switchtax.sample`."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from switchtax.sample import SAMPLE, SAMPLE_AT

SESSION = SAMPLE.stem
CHARS_PER_TOKEN = 2.3
TURNS = ((6, 3_000), (5, 2_500), (9, 3_600), (4, 2_100), (8, 3_100), (6, 2_600), (7, 3_500))
"""Calls of each turn, and the tokens one of its file reads brings."""


def main() -> None:
    """Write the sample."""
    dice = random.Random(20261118)
    lines: list[dict[str, Any]] = []
    at = SAMPLE_AT - 90.0
    count = sum(2 * calls for calls, _ in TURNS)
    clock = iter([at - 25.0 * (count - 1 - place) for place in range(count)])
    cached, serial = 0, 0

    def stamp(when: float) -> str:
        return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"

    def add(kind: str, message: dict[str, Any], **more: Any) -> None:
        lines.append(
            {
                "parentUuid": f"u{len(lines) - 1}" if lines else None,
                "isSidechain": False,
                "type": kind,
                "message": message,
                "uuid": f"u{len(lines)}",
                "timestamp": stamp(next(clock)),
                "cwd": "/home/you/project",
                "sessionId": SESSION,
                "version": "2.1.329",
                "gitBranch": "main",
                "entrypoint": "cli",
                "userType": "external",
                **more,
            }
        )

    new = 64_500
    for calls, read_tokens in TURNS:
        add("user", {"role": "user", "content": "Please do the next step. " * 8})
        new += 90
        for index in range(calls):
            last = index == calls - 1
            output = dice.randint(120, 900)
            serial += 1
            usage = {
                "input_tokens": 3,
                "cache_creation_input_tokens": new,
                "cache_read_input_tokens": cached,
                "output_tokens": output,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": new,
                    "ephemeral_1h_input_tokens": 0,
                },
                "service_tier": "standard",
                "speed": "standard",
            }
            tool = dice.choice(("Read", "Edit", "Bash"))
            path = f"/home/you/project/src/part_{serial % 7}.py"
            block: dict[str, Any] = {"type": "text", "text": "x" * round(output * 2.4)}
            if not last:
                block = {
                    "type": "tool_use",
                    "id": f"toolu_sample{serial:04}",
                    "name": tool,
                    "input": {"file_path": path, "note": "x" * round(output * 2.2)},
                }
            add(
                "assistant",
                {
                    "id": f"msg_01SampleSampleSample{serial:04}",
                    "type": "message",
                    "role": "assistant",
                    "model": "claude-opus-5-5",
                    "content": [block],
                    "stop_reason": "end_turn" if last else "tool_use",
                    "usage": usage,
                },
                requestId=f"req_sample{serial:04}",
                effort="medium",
            )
            cached += new
            new = output
            if not last:
                size = {"Read": read_tokens, "Edit": 260, "Bash": 900}[tool]
                grown = round(size * dice.uniform(0.6, 1.3))
                new += grown
                result = {
                    "type": "tool_result",
                    "tool_use_id": f"toolu_sample{serial:04}",
                    "content": "x" * round(grown * CHARS_PER_TOKEN),
                }
                add("user", {"role": "user", "content": [result]})
    Path(SAMPLE).write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
