# The contract: `make run` sets up everything and does the main job; `make test` sets up what the
# tests need and passes. SWITCHTAX_STRICT=1 runs everything and lets nothing be skipped.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

.PHONY: run test setup bench mutation lint docs prices vsix clean

run: $(VENV)/.ready
	@$(BIN)/switchtax estimate --newest-or-sample

setup: $(VENV)/.ready

test: $(VENV)/.ready-dev
	@SWITCHTAX_STRICT=$(SWITCHTAX_STRICT) $(BIN)/python tests/run.py

bench: $(VENV)/.ready-dev
	@$(BIN)/python tests/bench/run.py

mutation: $(VENV)/.ready-dev
	@$(BIN)/python tests/mutation.py

lint: $(VENV)/.ready-dev
	@$(BIN)/python tests/run.py --lint

docs: $(VENV)/.ready-dev
	@$(BIN)/mkdocs build --strict --site-dir site

prices: $(VENV)/.ready-dev
	@$(BIN)/python -m switchtax.catalog.generate

# The VS Code extension as a file to install; needs Node 20 or newer and npm.
EXTENSION := editors/vscode

vsix: $(EXTENSION)/node_modules/.ready
	@cp LICENSE $(EXTENSION)/LICENSE.txt
	@cd $(EXTENSION) && rm -f dist/*.vsix && npm run -s check \
	  && npx --no-install vsce package --no-dependencies --out dist/ >/dev/null
	@ls $(EXTENSION)/dist/*.vsix

$(EXTENSION)/node_modules/.ready: $(EXTENSION)/package-lock.json
	@cd $(EXTENSION) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# uv if present, else (or where uv cannot reach the packages) venv and pip; both trust the
# machine's own certificates. Bytecode is compiled here, once: without it every start is slower.
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check

define install
@if test -n "$(UV)" \
  && { test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) $(VENV); } \
  && $(UV) pip install -q --python $(BIN)/python --compile-bytecode $(1); \
then :; else \
  { $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV); } \
  && $(2) $(PIP) $(1); \
fi
endef

$(VENV)/.ready: pyproject.toml
	$(call install,-e .)
	@$(BIN)/python -m compileall -q daemon lsp
	@touch $@

# pip reads dependency groups from 25.1 on.
$(VENV)/.ready-dev: $(VENV)/.ready
	$(call install,-e . --group dev,$(PIP) --upgrade 'pip>=25.1' &&)
	@touch $@

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants .coverage*
