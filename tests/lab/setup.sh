#!/bin/sh
# What the lab needs on this machine: unshare and nsenter (util-linux), tmux, npm. Called by the
# strict run. Installs what is missing where apt-get may be used, else says what to install.
set -eu

missing=""
for pair in unshare:util-linux nsenter:util-linux tmux:tmux npm:npm; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0

if [ "$(uname -s)" != Linux ]; then
  echo "the lab runs on Linux only; its tests are skipped here"
  exit 0
fi
# shellcheck disable=SC2086
exec sh "$(dirname "$0")/../apt.sh" $missing
