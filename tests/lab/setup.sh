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
if ! command -v apt-get >/dev/null 2>&1; then
  echo "install:$missing"
  exit 1
fi

sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing
