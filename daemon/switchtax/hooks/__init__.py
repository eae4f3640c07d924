"""What coding agents run: hook clients, status lines, and the set-up that names them there.

`client` and `statusline.sh` are run by the agent and import nothing of ours; `claude_code`
and `meter` are called by the daemon; `setup_claude_code` writes an agent's settings.
"""
