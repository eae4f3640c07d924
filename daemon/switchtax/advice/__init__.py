"""From an answer to ways: how to get what the user wants, each with its price.

Pure functions above `estimates`: no clock, no files, no sentences (those are in `wording`).
"""

from switchtax.advice.patterns import Pattern, Recognised, recognise
from switchtax.advice.ways import Way, WayKind, advise, sub_agent_way

__all__ = ["Pattern", "Recognised", "Way", "WayKind", "advise", "recognise", "sub_agent_way"]
