#!/bin/sh
# Runs the hook client of the switchtax that is installed. usage: ask.sh EVENT
# Where it lies is noted in the state folder. Whatever goes wrong: nothing is printed.

note=${XDG_STATE_HOME:-$HOME/.local/state}/switchtax/hook-client
if [ -r "$note" ]; then
    { IFS= read -r base && IFS= read -r client && IFS= read -r python; } <"$note"
    if [ -x "$base" ] && [ -f "$client" ]; then
        "$base" -I -S "$client" claude-code "$1" "$python" 2>/dev/null
    fi
elif command -v switchtax >/dev/null 2>&1; then
    switchtax setup claude-code --plugin </dev/null >/dev/null 2>&1 &
fi
exit 0
