#!/bin/sh
# Runs the hook client of the switchtax that is installed. usage: run.sh EVENT
# Where it lies is noted in the state folder; the note is made when a session first starts.
# Whatever goes wrong: nothing is printed, and the exit code is 0.

note=${XDG_STATE_HOME:-$HOME/.local/state}/switchtax/hook-client
if [ -r "$note" ]; then
    { IFS= read -r base && IFS= read -r client && IFS= read -r python; } <"$note"
    if [ -x "$base" ] && [ -f "$client" ]; then
        "$base" -I -S "$client" claude-code "$1" "$python" 2>/dev/null
        exit 0
    fi
fi
if [ "$1" = SessionStart ] && command -v switchtax >/dev/null 2>&1; then
    switchtax setup claude-code --plugin </dev/null >/dev/null 2>&1 &
fi
exit 0
