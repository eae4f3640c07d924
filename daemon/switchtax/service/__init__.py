"""The daemon: one per user; it watches sessions, and answers hooks, editors and commands."""
