"""A brief of a session: a ticket for whoever continues, written by rules from its transcript.

This is the only room that reads what was said. Nothing of it is kept: no file, no log line,
no row of the ledger holds a word of it; it goes to whoever asked, and is forgotten.
"""
