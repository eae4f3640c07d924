"""Every exception that switchtax raises on purpose.

::

    SwitchtaxError
    ├── UsageError          the command line, or a call, cannot be carried out as asked
    │   ├── NotASession     a path holds no agent session we can read
    │   └── NoSuchSession   a session id or prefix names none, or more than one
    └── DataError           a file we were told to rely on is broken
        ├── PriceFileError  a price file has a typo; the old prices stay in force
        └── SettingsError   an agent's settings cannot be read or written; they are left alone

Expected conditions (an unreadable line, a missing price) are values, not
exceptions: see `records.Unreadable` and `records.Unknown`.
"""

__all__ = [
    "DataError",
    "NoSuchSession",
    "NotASession",
    "PriceFileError",
    "SettingsError",
    "SwitchtaxError",
    "UsageError",
]


class SwitchtaxError(Exception):
    """Base of all: its text names what failed, where, and the way out."""

    exit_code = 4


class UsageError(SwitchtaxError):
    """The request itself cannot be carried out."""

    exit_code = 2


class NotASession(UsageError):  # noqa: N818  (reads better where it is caught)
    """A path holds no agent session that we can read."""


class NoSuchSession(UsageError):  # noqa: N818
    """A session id or prefix names no session, or several."""


class DataError(SwitchtaxError):
    """A file that we were told to rely on is broken."""


class PriceFileError(DataError):
    """A price file cannot be used; the prices loaded before stay in force."""


class SettingsError(DataError):
    """An agent's settings cannot be read or written; nothing was changed."""
