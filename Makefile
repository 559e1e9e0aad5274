SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix e2e bench lock screenshots ready machine interop

PORT ?= 8000
OPEN ?= 1
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Two cores are the smallest machine that runs the tests; one file stays in one process, in the
# order of tests/conftest.py.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# One after the other, or two at a time: types take as long as all others together.
CHECKS := check-types check-format check-imports check-pack check-code
.PHONY: $(CHECKS)
# What pm4py asks for to draw and to optimise, and not to read a log: 300 MB less.
PLOTTING := contourpy cvxopt cycler fonttools graphviz kiwisolver matplotlib pillow pyparsing scipy

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ready ## build .venv from requirements.lock, and the pages' bundle
	@echo "Ready: $(BIN)/duban --help"

demo: ready ## made-up data on SQLite, server and scheduler (PORT=8000 OPEN=1)
	@$(BIN)/duban demo --port $(PORT) $(if $(filter 0,$(OPEN)),--no-open,--open)

test: ready machine interop ## every test, browser and PostgreSQL included
	$(PYTEST) $(PARALLEL) $(SELECT)

check: $(CHECKS) ## format, lint, types, import contracts, the shipped pack, tests about the code
check-types: ready
	$(BIN)/mypy
check-format: ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
check-imports: ready
	$(BIN)/lint-imports --no-logo
check-pack: ready
	$(BIN)/duban pack lint bpmn/ladder
check-code: ready
	$(PYTEST) -m code tests/unit

fix: ready ## format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

e2e: ready machine ## the browser tests alone
	$(PYTEST) tests/e2e

bench: ready ## measure, and print what it is
	$(BIN)/duban bench

screenshots: ready machine ## take the pictures of the documentation anew (NAMES="home case" for some)
	$(BIN)/python -m tests.support.screenshots $(NAMES)

lock: ready ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --extra dev --extra bench --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  $(foreach name,$(PLOTTING),--no-emit-package $(name)) \
	  --group pyproject.toml:interop --output-file requirements-interop.lock

# Everything below is set-up: it does nothing where nothing changed.
ready:
	@.ci/set-up
machine:
	@.ci/set-up-machine
interop:
	@.ci/set-up-interop
