"""`switchtax acp -- AGENT`: between an editor and its agent, byte for byte, but for a held switch.

`lines` cuts the streams, `messages` reads and writes the few messages that matter, `known` keeps
what they told of each session, `judge` asks the daemon what a switch costs, `proxy` runs it all.
"""
