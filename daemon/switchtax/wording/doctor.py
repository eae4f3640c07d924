"""What `switchtax doctor` says: one sentence for each finding, and the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.wording.numbers import ago, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MENDS", "SAYINGS", "finding_words", "mend_words", "summary"]

SAYINGS = {
    "agent-found": "{agent}{versions}: {logs} in {folders}, the last {newest_at}.",
    "agent-off": "{agent} is off in the settings: neither followed nor answered.",
    "agents-missing": "Not found here: {agents}.",
    "agents-none": "No coding agent was found for this user (looked for {agents}).",
    "agent-skipped": "{agent}: {skipped} skipped in {logs}; the first is {place} ({reason}).",
    "agent-added": "{agent} is read by {distribution} {version}, a package of others.",
    "agent-taken": "{distribution} {version} names an agent {agent}, which switchtax has itself: "
    "theirs is left out.",
    "agent-twice": "{distribution} {version} names an agent {agent}, as {detail} does: that of "
    "{detail} is used.",
    "agent-misnamed": "{distribution} {version} names an agent {agent!r}, which is no name for one "
    "(small letters, digits, hyphens): it is left out.",
    "agent-newer": "{agent}, of {distribution} {version}, is written for a newer switchtax "
    "(protocol {detail}, here {ours}): it is left out.",
    "agent-older": "{agent}, of {distribution} {version}, is written for another switchtax "
    "(protocol {detail}, here {ours}): it is left out.",
    "agent-lacks": "{agent}, of {distribution} {version}, lacks {detail}: it is left out.",
    "agent-other-id": "{agent}, of {distribution} {version}, calls itself {detail!r}: it is left "
    "out.",
    "agent-unloadable": "{agent}, of {distribution} {version}, cannot be loaded ({detail}): it is "
    "left out.",
    "agent-unreadable": "{distribution} names an agent, but its entry_points.txt cannot be read "
    "({detail}): it is left out.",
    "agent-failed": "{agent}, of {distribution}: `{doing}` failed, {times} so far, the last "
    "with {reason}. What it should have told is missing; other agents are not touched.",
    "agents-other-daemon": "The daemon was started before {agents} came, changed or went.",
    "hooks-missing": "Claude Code is here, but its settings name neither hooks nor plugin of ours.",
    "hooks-installed": "Claude Code: {count} hooks and the status line, in {path}.",
    "hooks-no-status-line": "Claude Code: {count} hooks, but no status line of ours, in {path}.",
    "hooks-part": "{path} lacks our hooks for {missing}.",
    "hooks-stale": "{path} names what is no more: {gone}. Its hooks do nothing.",
    "hooks-other": "{path} runs another installation, in {folder}.",
    "hooks-disabled": '"disableAllHooks" is true in {path}: no hook runs.',
    "hooks-unreadable": "{path} cannot be read ({reason}).",
    "hooks-two-scopes": "Hooks stand in {places}: each event runs both, and one acts.",
    "hooks-repeated": "{places} names a hook of ours more than once.",
    "hooks-and-plugin": "Both the plugin {plugin} and {places} hold our hooks; one acts.",
    "hooks-plugin": "Claude Code: the plugin {plugin} is enabled.",
    "hooks-fired": "The last hook seen was {event}, {fired_at}.",
    "hooks-never": "No hook was seen yet: send a prompt in Claude Code and look again.",
    "codex-hooks-missing": "Codex is here without hooks of ours: a switch is told by editors only.",
    "codex-hooks-installed": "Codex: {count} hooks, reviewed, in {path}.",
    "codex-hooks-part": "{path} lacks our hooks for {missing}.",
    "codex-hooks-stale": "{path} names what is no more: {gone}. Its hooks do nothing.",
    "codex-hooks-untrusted": "Codex skips {waiting} hooks of ours in {path} until you review them.",
    "codex-hooks-off": "Hooks are off in {path}: none runs.",
    "codex-hooks-fired": "The last hook of Codex seen was {event}, {fired_at}.",
    "agent-hooks-missing": "{agent} is here without our hooks: a switch is told by editors only.",
    "agent-hooks-refused": "{agent} reads none of {path}: {reason}.",
    "agent-unrecorded": "{agent} is here without our hooks: nothing of it is known.",
    "agent-read-only": "{agent} takes no hooks of ours: it is read by its files alone.",
    "agent-hooks-installed": "{agent}: {count} hooks, in {path}.",
    "agent-hooks-part": "{path} lacks our hooks for {missing}.",
    "agent-hooks-stale": "{path} names what is no more: {gone}. Its hooks do nothing.",
    "agent-hooks-other": "{path} runs another installation, in {folder}.",
    "agent-hooks-off": "{agent} runs no hook of ours: {path} turns them off.",
    "agent-hooks-fired": "The last hook of {agent} seen was {event}, {fired_at}.",
    "agent-no-status-line": "{agent}: no status line of ours, in {path}.",
    "plugin-missing": "{agent} is here without our plugin: a switch there is not announced.",
    "plugin-installed": "{agent}: the plugin, in {path}.",
    "plugin-elsewhere": "{path} starts another installation, of {python}.",
    "plugin-old": "{path} is not the plugin of this version.",
    "plugin-unreadable": "{path} cannot be read ({reason}).",
    "plugin-fetches": "opencode will fetch @opencode-ai/plugin at its next start, as for any "
    "plugin, and wait for it: without a network two to three minutes, each time.",
    "plugin-unset": "{agent}: no extension of ours, so that a switch is told at the prompt, "
    "not at the pick.",
    "plugin-experimental": "copilot-cli loads {path} only with experimental features: until then a "
    "switch is told at the prompt, by the hook.",
    "daemon-none": "No daemon runs; whoever needs it starts it.",
    "daemon-runs": "The daemon runs: process {pid}, version {version}, started {started_at}.",
    "daemon-other-build": "Another build runs: version {version}, build {build}.",
    "daemon-other-world": "It was started with other folders (HOME, XDG_* or an agent's "
    "variables): it does not see what this shell sees.",
    "daemon-hung": "Process {pid} holds the socket and does not answer.",
    "daemon-unsafe": "{reason}",
    "daemon-ledger": "The ledger {path} cannot be kept ({reason}); the rest goes on.",
    "daemon-meters": "{path} cannot be written ({reason}): status lines stand still.",
    "watch-enough": "{folders} to watch; the system allows {watches}.",
    "watch-few": "{folders} to watch, but the system allows {watches} for all programs.",
    "watch-instances": "The system allows only {instances} watching programs.",
    "watch-polled": "{folder} cannot be watched ({reason}): polled every two seconds.",
    "watch-free": "{folders} to watch; this system names no limit.",
    "folder-private": "The {name} folder {path} is yours alone.",
    "folder-to-come": "The {name} folder {path} is made when it is needed.",
    "folder-open": "The {name} folder {path} is open to other users (mode {mode}).",
    "folder-foreign": "{reason}",
    "folder-shut": "The {name} folder {path} cannot be used ({reason}).",
    "prices-fresh": "Prices of {table}, {age_days} old.",
    "prices-old": "Prices of {table}, {age_days} old: they may have changed since.",
    "prices-broken": "{reason}",
    "config-none": "No file at {path}: all defaults.",
    "config-own": "{path}: {own} set.",
    "config-problem": "{text}",
    "place-here": "The daemon lives on this machine, beside the agents' files.",
    "place-wsl": "Inside WSL {distribution}: agents that run in Windows itself need switchtax "
    "there too.",
    "place-ssh": "Over SSH: the daemon lives on this machine, where the agents' files are.",
    "place-container": "Inside a container: agents outside it are not seen, and what is kept "
    "goes with it.",
    "place-codespace": "Inside a codespace: agents elsewhere are not seen.",
    "trip-done": "A test hook went to the daemon and back in {took_ms} ms.",
    "trip-slow": "A test hook took {took_ms} ms: after 150 ms hooks give up, without a word.",
    "trip-failed": "A test hook brought no answer ({reason}).",
    "trip-none": "No test hook was sent, since no daemon runs.",
}
"""By code; numbers, times and lists stand in them as words."""

MENDS = {
    "agents-none": "run `switchtax doctor` where the agent runs (its container, WSL, host)",
    "agent-taken": "pip uninstall {distribution}",
    "agent-twice": "pip uninstall {distribution}",
    "agent-misnamed": "pip uninstall {distribution}",
    "agent-newer": "pip install --upgrade switchtax",
    "agent-older": "pip install --upgrade {distribution}",
    "agent-lacks": "pip install --upgrade {distribution}",
    "agent-other-id": "pip install --upgrade {distribution}",
    "agent-unloadable": "pip install --upgrade {distribution}, or pip uninstall {distribution}",
    "agent-unreadable": "install that distribution again, or delete the folder",
    "agent-failed": "pip install --upgrade {distribution}, or pip uninstall {distribution}",
    "agents-other-daemon": "switchtax daemon restart",
    "hooks-missing": "switchtax setup claude-code",
    "hooks-no-status-line": "switchtax setup claude-code{option}",
    "hooks-part": "switchtax setup claude-code{option}",
    "hooks-stale": "switchtax setup claude-code{option}",
    "hooks-other": "switchtax setup claude-code{option}",
    "hooks-disabled": 'take "disableAllHooks" out of {path}',
    "hooks-unreadable": "python3 -m json.tool {path}",
    "hooks-two-scopes": "switchtax setup claude-code --scope project --undo",
    "hooks-repeated": "switchtax setup claude-code",
    "hooks-and-plugin": "claude plugin uninstall {plugin}",
    "codex-hooks-missing": "switchtax setup codex",
    "codex-hooks-part": "switchtax setup codex",
    "codex-hooks-stale": "switchtax setup codex",
    "codex-hooks-untrusted": "type /hooks in Codex and trust those that name switchtax",
    "codex-hooks-off": "take `hooks = false` out of [features] in {path}",
    "agent-hooks-missing": "switchtax setup {agent}",
    "agent-hooks-refused": "${{EDITOR:-vi}} {path}",
    "agent-unrecorded": "switchtax setup {agent}",
    "agent-hooks-part": "switchtax setup {agent}",
    "agent-hooks-stale": "switchtax setup {agent}",
    "agent-hooks-other": "switchtax setup {agent}",
    "agent-hooks-off": "{way_out}",
    "agent-no-status-line": "switchtax setup {agent}",
    "plugin-missing": "switchtax setup {agent}",
    "plugin-elsewhere": "switchtax setup {agent}",
    "plugin-old": "switchtax setup {agent}",
    "plugin-unreadable": "chmod u+rw {path}",
    "plugin-fetches": "start opencode once while online",
    "plugin-unset": "switchtax setup {agent}",
    "plugin-experimental": "copilot --experimental, or /experimental on",
    "daemon-none": "switchtax daemon start",
    "daemon-other-build": "switchtax daemon restart",
    "daemon-other-world": "switchtax daemon restart",
    "daemon-hung": "kill -9 {pid} && switchtax daemon start",
    "daemon-unsafe": "chmod go-rwx {folder} && switchtax daemon restart",
    "daemon-ledger": "df -h {path} && switchtax daemon restart",
    "daemon-meters": "df -h {path} && switchtax daemon restart",
    "watch-few": "sudo sysctl fs.inotify.max_user_watches={enough}",
    "watch-instances": "sudo sysctl fs.inotify.max_user_instances=128",
    "watch-polled": "sudo sysctl fs.inotify.max_user_watches={enough} && switchtax daemon restart",
    "folder-open": "chmod go-rwx {path}",
    "folder-foreign": "set XDG_RUNTIME_DIR or XDG_STATE_HOME to a folder of your own",
    "folder-shut": "chmod u+rwx {path}",
    "prices-old": "switchtax prices --refresh --online",
    "prices-broken": "mend that line or delete it",
    "config-problem": "${{EDITOR:-vi}} {path}",
    "trip-slow": "switchtax daemon restart",
    "trip-failed": "switchtax daemon restart && switchtax setup claude-code",
    "trip-none": "switchtax doctor --start",
}
"""By code; commands as they are typed."""


def finding_words(code: str, facts: Mapping[str, Any], now: float) -> str:
    """One finding in a sentence.

    >>> finding_words("hooks-fired", {"event": "SessionStart", "fired_at": 1_000.0}, 1_120.0)
    'The last hook seen was SessionStart, 2 min ago.'
    """
    words = {name: _words(name, value, now) for name, value in facts.items()}
    if code == "agent-found":
        words["versions"] = f" {words['versions']}" if facts["versions"] else ""
        if facts["newest_at"] is None:
            return "{agent}: no log yet in {folders}.".format_map(words)
    return SAYINGS[code].format_map(words).replace("  ", " ").replace("WSL :", "WSL:")


def mend_words(code: str, facts: Mapping[str, Any]) -> str:
    """The command that mends it; "" where there is nothing to do.

    >>> mend_words("daemon-hung", {"pid": 77})
    'kill -9 77 && switchtax daemon start'
    """
    return MENDS.get(code, "").format_map(facts)


_COUNTED = {"logs": "log", "skipped": "line", "folders": "folder", "own": "key", "age_days": "day",
            "times": "time"}  # fmt: skip


def _words(name: str, value: Any, now: float) -> str:
    if name.endswith("_at") and value is not None:
        return ago(value, now)
    if name.endswith("_ms"):
        return f"{value:.0f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name in _COUNTED and isinstance(value, int):
        return counted(value, _COUNTED[name])
    if isinstance(value, int) and name not in ("pid",):
        return f"{value:,}"
    return str(value)


def summary(troubles: Sequence[str]) -> str:
    """The last line: how much there is to mend.

    >>> summary([]), summary(["hooks-missing"])
    ('Nothing to mend.', '1 thing to mend.')
    """
    return f"{counted(len(troubles), 'thing')} to mend." if troubles else "Nothing to mend."
