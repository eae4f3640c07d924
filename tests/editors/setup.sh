#!/bin/sh
# What the tests with real editors and a real desktop need on this machine, beside what pip and npm
# bring: luacheck, Emacs with eglot, a notification server and a screen for it. Called by the strict
# run. Installs what is missing where apt-get may be used, else says what to install.
set -eu

missing=""
for pair in luacheck:lua-check emacs:emacs-nox npm:npm dunst:dunst notify-send:libnotify-bin \
  Xvfb:xvfb dbus-daemon:dbus; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
# Emacs has eglot built in from 29 on.
if [ -n "$missing" ] || ! emacs --batch --eval "(require 'eglot)" >/dev/null 2>&1; then
  missing="$missing elpa-eglot"
fi
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086
exec sh "$(dirname "$0")/../apt.sh" $missing
