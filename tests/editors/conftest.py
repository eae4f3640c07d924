"""Editors are tested against real daemons, each in a home of its own."""

from service_support import household

__all__ = ["household"]
