# `make` alone lists the targets; each makes what it needs, in a virtual environment of its own.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ORACLE := tests/devportal/node_modules/.package-lock.json

.PHONY: help demo test lint format bench profile soak tools clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)$$/  make \1\t\2/' | expand -t 16

demo: .venv/runs ## start the portal in a box and Logbook, and print the address to open
	@$(BIN)/python -m devportal.demo

test: tools .venv/tests $(ORACLE) lint ## run every check and test, browser tests included
	@$(BIN)/pytest $(if $(DATABASE),--database $(DATABASE))

lint: .venv/tests ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/tests ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

bench: tools .venv/tests ## measure what we claim about speed
	@$(BIN)/python -m tests.bench

profile: .venv/tests ## the dearest places of an opening and of a post
	@$(BIN)/python -m tests.bench.profile

soak: .venv/tests ## load and faults together: nothing may be lost, doubled, or kept waiting by another portal
	@$(BIN)/python -m tests.bench.soak
	@$(BIN)/python -m tests.bench.faults

clean: ## remove the virtual environment and the demo's files
	@rm -rf .venv instance/demo

# Debian's Chromium is the browser of the tests; where there is another one, CHROMIUM names it.
tools:
	@command -v npm >/dev/null && command -v wrk >/dev/null && command -v "$${CHROMIUM:-chromium}" >/dev/null || .ci/tools

# The official JavaScript SDK, which the portal in a box is held against.
$(ORACLE): tests/devportal/package-lock.json
	@cd tests/devportal && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.venv/runs: requirements.txt | .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

.venv/tests: requirements.txt requirements-dev.txt | .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@ .venv/runs

.venv:
	@$(PYTHON) -c 'import sys; sys.exit("Logbook needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
