"""Pure functions from a session's state and the catalogue to an estimate: no I/O, no clock."""
