"""How files of the agents begin that switchtax has itself: no other agent may claim one.

Made up after docs/formats/; a test holds each to be claimed by its own agent and no other.
"""

__all__ = ["HEADS"]

HEADS = {
    "claude-code": b'{"type":"user","parentUuid":null,"sessionId":"s","uuid":"u",'
    b'"timestamp":"2026-11-21T08:00:00Z","cwd":"/home/dev/shop",'
    b'"message":{"role":"user","content":"go on"}}\n',
    "codex": b'{"timestamp":"2026-11-21T08:00:00Z","type":"session_meta","payload":{"id":"s",'
    b'"cwd":"/home/dev/shop","cli_version":"0.169.0"}}\n',
    "copilot-cli": b'{"type":"session.start","data":{"sessionId":"s","version":1,'
    b'"producer":"copilot-agent","copilotVersion":"1.0.102"},"id":"e",'
    b'"timestamp":"2026-11-21T08:00:00Z"}\n',
    "gemini-cli": b'{"sessionId":"s","projectHash":"p","startTime":"2026-11-21T08:00:00Z",'
    b'"kind":"main"}\n',
    "vscode-copilot": b'{"v":1,"ts":1795251600000,"dur":0,"sid":"s","type":"session_start",'
    b'"name":"session_start","spanId":"a","status":"ok","attrs":{}}\n',
    "cursor": b'{"v":1,"at":1795251600.0,"event":"prompt","generation":"g","model":"default"}\n',
    "pi": b'{"type":"session","version":3,"id":"s","timestamp":"2026-11-21T08:00:00Z",'
    b'"cwd":"/home/dev/shop"}\n',
}
"""By agent. OpenCode keeps a database, whose first bytes say nothing; the documents of Cline and
Roo Code are known by their names, too."""
