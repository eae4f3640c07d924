"""A sample session that ships with the project, for machines that have none yet.

Made by us (`python -m switchtax.sample`): the shape of a Claude Code transcript with invented
content and plausible sizes. Nobody's work stands in it.
"""

from pathlib import Path

__all__ = ["SAMPLE", "SAMPLE_AT"]

SAMPLE = Path(__file__).parent / "5a3f1e00-0000-4000-8000-00000000c0de.jsonl"
SAMPLE_AT = 1_794_996_150.0
"""A minute and a half after the sample's last answer (2026-11-18, UTC epoch seconds)."""
