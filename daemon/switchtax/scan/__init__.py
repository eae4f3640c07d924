"""The scan: usage of every session on this machine, read by two processes, remembered.

`usage` is the way in; `front` answers before anything else is imported when nothing is new.
"""
