"""Every exception that switchtax raises on purpose.

::

    SwitchtaxError
    ├── UsageError          the command line, or a call, cannot be carried out as asked
    │   ├── NotASession     a path holds no agent session we can read
    │   └── NoSuchSession   a session id or prefix names none, or more than one
    ├── DataError           a file we were told to rely on is broken
    │   ├── PriceFileError  a price file has a typo; the old prices stay in force
    │   └── SettingsError   an agent's settings cannot be read or written; they are left alone
    └── DaemonUnavailable   the daemon cannot be reached, or did not answer in time
        ├── UnsafePlace     a folder or socket that others could write to: not used
        └── Refused         the daemon answered with an error

`testing.ContractError` is an AssertionError: it is for test runs, not for callers.

Expected conditions (an unreadable line, a missing price) are values, not
exceptions: see `records.Unreadable` and `records.Unknown`.
"""

__all__ = [
    "DaemonUnavailable",
    "DataError",
    "NoSuchSession",
    "NotASession",
    "PriceFileError",
    "Refused",
    "SettingsError",
    "SwitchtaxError",
    "UnsafePlace",
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


class DaemonUnavailable(SwitchtaxError):  # noqa: N818
    """The daemon cannot be reached, cannot be started, or did not answer in time."""

    exit_code = 3


class UnsafePlace(DaemonUnavailable):
    """A folder or socket belongs to somebody else, or others may write to it."""


class Refused(DaemonUnavailable):
    """The daemon answered with an error; `code` is one of `service.protocol.Code`."""

    def __init__(self, code: int, message: str) -> None:
        """What the daemon said."""
        super().__init__(message)
        self.code = code
