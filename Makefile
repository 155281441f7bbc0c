# Everything a developer or CI does. `make help` lists it; each target sets up what it needs.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.set-up
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
SEED ?= 1
STEPS ?= 20000
MINUTES ?= 20

# Tiers that need more than Python: Java, a browser, Prometheus, a Kubernetes API server, hours.
HEAVY := stack or browser or oracle or monitoring or kubernetes
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist worksteal

.PHONY: help setup demo demo-once demo-live test test-stack test-oracle test-all test-rest nightly mutants soak check format simulate bench bench-full bench-quota docs lock clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with the locked packages and this tree in it (quick the second time).

# The first Python of 3.11 to 3.13 that answers; PYTHON=… decides otherwise.
$(STAMP): requirements-dev.txt pyproject.toml
	@set -e; found=""; \
	for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	  then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "coveo-cdc needs Python 3.11, 3.12 or 3.13: name one with 'make setup PYTHON=…'" >&2; exit 1; fi; \
	if [ ! -x $(PY) ]; then echo "making $(VENV) with $$found"; "$$found" -m venv $(VENV); fi
	@echo "installing the locked packages"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup ## Watch a database's changes arrive in a search index; Ctrl-C stops it.
	@$(PY) -m demo

demo-once: setup ## The same once: exits 0 only if the index equals the database.
	@$(PY) -m demo --once

demo-live: setup ## The same on real PostgreSQL, Debezium and Kafka; you change the rows.
	@$(PY) -m demo.live

test: setup ## Every test that needs neither root, nor Java, nor a browser (at most 10 minutes).
	@$(PYTEST) -m "not nightly and not ($(HEAVY))"

test-all: setup ## check, test, and the tiers that need more (at most 60 minutes).
	@$(MAKE) check
	@$(MAKE) test
	@$(MAKE) test-rest

test-stack: setup ## The scenarios on real Kafka, Connect, registry and databases alone.
	@$(PY) -m pytest -m "stack and not nightly" tests/stack

test-oracle: setup ## Coveo's own Python and JavaScript clients against the emulator alone.
	@$(PY) -m pytest -m oracle tests/oracle

# Says nothing where these tiers have no test yet: pytest's last line stays the last one.
test-rest: setup
	@$(PY) -m tests.browser.chromium
	@if $(PY) -m pytest --collect-only -q -m "($(HEAVY)) and not nightly" >/dev/null 2>&1; \
	then $(PY) -m pytest -m "($(HEAVY)) and not nightly"; \
	else code=$$?; [ $$code -eq 5 ] || $(PY) -m pytest --collect-only -q -m "$(HEAVY)"; fi

nightly: setup ## Soak, long simulations, deep property tests, full benchmark (hours).
	@HYPOTHESIS_PROFILE=nightly $(PYTEST) -m "nightly and not stack"
	@$(PY) -m pytest -m "nightly and stack" tests/stack
	@HYPOTHESIS_PROFILE=nightly $(PYTEST) tests/property
	@$(MAKE) mutants
	@$(MAKE) bench-full

mutants: setup ## Faults put into decoding and mapping, and the recorded cases that notice each.
	@$(PY) -m tests.golden.mutants

soak: setup ## One long life under faults: MINUTES=… SEED=…
	@SOAK_MINUTES=$(MINUTES) SOAK_SEED=$(SEED) $(PY) -m pytest -m nightly -rA tests/e2e/test_soak.py

check: setup ## Format, lint, types, architecture and documents; what CI checks first.
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(PY) -m pytest -q tests/architecture tests/docs tests/helm

format: setup ## Format, and mend what lint can mend.
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

simulate: setup ## One deterministic simulation: SEED=… STEPS=…
	@$(PY) -m tests.simulation --seed $(SEED) --steps $(STEPS)

bench: setup ## CPU per event of decode, map and encode over the demo's records.
	@$(PY) -m benchmarks

bench-full: setup ## The same, and the whole program at catching up beside its floor.
	@$(PY) -m benchmarks --full

bench-quota: setup ## Requests per 1,000 changes under the production quota, in virtual time (3 minutes).
	@$(PY) -m benchmarks.quota

docs: setup ## Generate what is generated in docs/ and schemas/, then check every link and name.
	@$(PY) -m consumer.config.schema schemas
	@$(PY) -m consumer.config.reference docs/configuration.md
	@$(PY) -m consumer.observe.reference docs/metrics.md
	@$(PY) -m tests.docs.types_page docs/types.md
	@$(PY) -m tests.golden.document docs/debezium.md
	@$(PY) -m pytest -q tests/docs

lock: setup ## Resolve the dependencies anew into requirements*.txt (UPGRADE=1 takes newer versions).
	@$(VENV)/bin/uv pip compile $(LOCK_FLAGS) pyproject.toml --output-file requirements.txt
	@$(VENV)/bin/uv pip compile $(LOCK_FLAGS) --extra dev --constraints requirements.txt pyproject.toml \
	  --output-file requirements-dev.txt

# One lock for every platform and Python version; hashes, but no address of any registry.
LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header $(if $(UPGRADE),--upgrade)

clean: ## Remove what was built, but neither .venv nor recorded data.
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .work
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
