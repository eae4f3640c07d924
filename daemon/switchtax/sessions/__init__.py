"""Folds records into what a session is now: chain, context, rhythm, and the cache map."""
