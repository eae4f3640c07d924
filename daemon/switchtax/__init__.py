"""What switching the model in the middle of a coding-agent session costs.

Importing this package is free of third-party modules and of work: the rooms
(`records`, `agents`, `sessions`, `catalog`, `estimates`, ...) are imported by
those who need them.
"""

__all__ = ["__version__"]
__version__ = "0.1.0"
