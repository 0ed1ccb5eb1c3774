# Every path below is relative and free of blanks, so the clone itself may lie anywhere.
BIN := .venv/bin
# Most tests wait for servers more than they compute; with more than four, two cores are no quicker.
TEST_WORKERS ?= 4
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev
PROJECTS := pyproject.toml ledger/sdk/pyproject.toml ops/install.sh
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-config --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help run test test-long check audit docs lock

help: ## Say what can be made.
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile

run: $(INSTALLED) ## Install what is missing, start everything, print one link. ARGS="…" goes to `cos up`.
	@exec $(BIN)/cos up $(ARGS)

test: $(INSTALLED_DEV) ## The check and every test. ARGS="…" goes to pytest.
	@sh ops/chromium.sh
	@$(MAKE) --no-print-directory style
	@$(MAKE) --no-print-directory -j2 types tests

# pytest compiles each file of tests anew, 4 s of every process, wherever Python may not keep what it compiled.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

# The order of the files is that of tests/sharing_out.py.
.PHONY: tests
tests: $(INSTALLED_DEV)
	@$(PYTEST) -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: $(INSTALLED_DEV) ## The tests that take minutes, one after the other.
	@$(PYTEST) --long -m long $(ARGS)

check: style types ## Format, lint, borders, types.

.PHONY: style types
style: $(INSTALLED_DEV)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/hadolint ops/docker/Dockerfile
	@! test -x $(BIN)/shellcheck || $(BIN)/shellcheck ops/*.sh ops/docker/*.sh
	@$(BIN)/lint-imports

types: $(INSTALLED_DEV)
	@$(if $(CI),MYPY_CACHE_DIR=/dev/null) $(BIN)/mypy

audit: $(INSTALLED_DEV) ## Dangerous code, secrets in files, packages with known holes; a minute.
	@$(BIN)/python -m ops.audit

docs: $(INSTALLED) ## Write anew what is made from other files: docs/API.md, docs/task-states.md, what is learned from examples.
	@$(BIN)/python -m ops.documents
	@$(BIN)/python -m brain.offline.learning

# What builds our own two packages is locked too, so that installing them fetches nothing unchecked.
lock: ## Write requirements.lock and requirements-dev.lock anew from pyproject.toml.
	@$(COMPILE) pyproject.toml ops/build-requirements.in --output-file requirements.lock
	@$(COMPILE) pyproject.toml ops/build-requirements.in --group dev --constraints requirements.lock \
		--output-file requirements-dev.lock

$(INSTALLED): requirements.lock $(PROJECTS)
	@sh ops/install.sh requirements.lock
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	@sh ops/install.sh requirements-dev.lock
	@touch $@
