# The contract: `make run` sets up everything and does the main job; `make test` sets up what the
# tests need and passes. SWITCHTAX_STRICT=1 runs everything and lets nothing be skipped.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

.PHONY: run test setup bench mutation lint docs prices clean

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

# uv if present, else venv and pip. Bytecode is compiled here, once: without it every start is slower.
$(VENV)/.ready: pyproject.toml
ifdef UV
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) $(VENV)
	@$(UV) pip install -q --python $(BIN)/python --compile-bytecode -e .
else
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check -e .
endif
	@$(BIN)/python -m compileall -q daemon lsp
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
ifdef UV
	@$(UV) pip install -q --python $(BIN)/python --compile-bytecode -e . --group dev
else
	@$(BIN)/pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/pip install -q --disable-pip-version-check -e . --group dev
endif
	@touch $@

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants .coverage*
