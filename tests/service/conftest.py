"""A home of its own for each daemon, and its end by process id."""

from service_support import household

__all__ = ["household"]
