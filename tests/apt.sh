#!/bin/sh
# apt.sh PACKAGE...: installs them where apt-get may be used, else says what to install.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
  echo "install: $*"
  exit 1
fi

sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "$@"
