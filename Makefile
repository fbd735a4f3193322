# Each target makes the environment it needs: nothing to install first but Python 3.11 or later (PYTHON=... picks one).
# The environment is laid again when pyproject.toml or constraints.txt change. VENV=... puts it elsewhere.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOWEST := $(VENV)-lowest
PYTEST_ARGS ?= -n auto
# What goes through every layer: the clients down to the embedded store, and the generator's stages up to what it refuses.
# Of the two flavours, the one that the other is derived from, and whether it still is.
QUICK := tests/memory/behaviour tests/codegen/test_problems.py tests/runtime/test_parity.py -k 'async- or not sync-'

.DEFAULT_GOAL := help
.PHONY: help install demo test quick lint format types sync check docs bench wheel test-lowest constraints clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, as python3 or by PYTHON=..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

install: $(INSTALLED) ## Make the environment

demo: $(INSTALLED) ## Regenerate the SDK, then run examples/quickstart.py
	$(BIN)/firestore-codegen generate
	$(BIN)/python examples/quickstart.py

test: $(INSTALLED) ## Run the tests; those that want the Firestore emulator only where there is one
	$(BIN)/python -m pytest $(PYTEST_ARGS)

quick: $(INSTALLED) ## Run the tests for every edit: half a minute, no Java
	$(BIN)/python -m pytest -n 2 -m 'not emulator and not slow' $(QUICK)

lint: $(INSTALLED) ## Check style, format and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Put style and format right
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(INSTALLED) ## Check types
	$(BIN)/mypy

sync: $(INSTALLED) ## Derive the runtime's synchronous modules from the asynchronous ones
	$(BIN)/python runtime/derive_sync.py

check: $(INSTALLED) ## See that generated/ is what the schema gives, and _sync/ what _async/ gives
	$(BIN)/firestore-codegen check
	$(BIN)/python runtime/derive_sync.py --check

docs: $(INSTALLED) ## Build the documentation
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(INSTALLED) ## Compare speed with Google's client
	$(BIN)/python -m tests.emulator $(BIN)/python -m benchmarks

wheel: $(INSTALLED) ## Build dist/*.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

test-lowest: ## Run the tests with the oldest dependencies that pyproject.toml allows
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct -e '.[codegen,wordllama]'
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST) anyio hypothesis mypy pytest pytest-asyncio pytest-xdist types-protobuf
	$(LOWEST)/bin/python -m pytest -m 'not exact and not slow' $(PYTEST_ARGS)

constraints: $(INSTALLED) ## Record the installed versions in constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean: ## Remove what the targets made
	rm -rf $(VENV) $(LOWEST) build dist site .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
