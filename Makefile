# `make` alone lists the targets; each makes what it needs, in a virtual environment of its own.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
ORACLE := tests/devportal/node_modules/.package-lock.json
CHECKERS := tests/scripts/node_modules/.package-lock.json
# uv needs a fifth of pip's time; pip steps in where uv is not, or where only pip has been told where packages come from.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1) 2>/dev/null \
  || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)
# Debian's Chromium is the browser of the tests, best the one without windows; CHROMIUM names another one.
BROWSER = $(or $(CHROMIUM),$(shell command -v chromium-headless-shell || echo chromium))
# Hundreds of processes start here, and none of them should compile anew what another one has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test coverage lint format bench profile listing pictures lock fuzz soak ready tools clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)$$/  make \1\t\2/' | expand -t 16

demo: .venv/runs ## start the portal in a box and Logbook, and print the address to open
	@$(BIN)/python -m devportal.demo

# The checks use one processor, so they run beside the tests; their findings come last.
test: ready ## run all checks and tests, including those in a browser
	@$(MAKE) --no-print-directory lint >.venv/lint.log 2>&1 & checking=$$!; \
	  $(BIN)/pytest $(if $(DATABASE),--database $(DATABASE)); tested=$$?; \
	  wait $$checking; checked=$$?; cat .venv/lint.log; exit $$((tested | checked))

coverage: tools .venv/tests $(ORACLE) ## run the tests and check how much of the code they cover, including branches
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(if $(DATABASE),--database $(DATABASE)) $(TESTS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/coverage json --quiet -o .coverage.json
	@$(BIN)/python -m tests.house.branch_coverage .coverage.json

lint: .venv/tests $(CHECKERS) ## check style and types, including scripts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@tests/scripts/node_modules/.bin/eslint --config tests/scripts/eslint.config.mjs static devportal/pages/static tests/devportal/frame.js
	@tests/scripts/node_modules/.bin/tsc --project tests/scripts

format: .venv/tests ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

bench: tools .venv/tests ## measure what we claim about speed
	@$(BIN)/python -m tests.bench

profile: .venv/tests ## show the most expensive functions of an opening and a post
	@$(BIN)/python -m tests.bench.profile

soak: .venv/tests ## load and faults together: nothing may be lost, duplicated, or held up by another portal
	@$(BIN)/python -m tests.bench.soak
	@$(BIN)/python -m tests.bench.faults

listing: tools .venv/tests ## write the Market's listing to build/listing: icon, pictures and texts in every language
	@$(BIN)/python -m tests.browser.pictures listing

pictures: tools .venv/tests ## take the guide's pictures again, for docs/pictures
	@$(BIN)/python -m tests.browser.pictures guide

lock: .venv ## resolve all packages from the pins again, for every Python we support, and lock their hashes
	@$(BIN)/uv pip compile $(LOCK) requirements.txt --output-file requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --constraint requirements.lock requirements-watch.txt --output-file requirements-watch.lock
	@$(BIN)/uv pip compile $(LOCK) --constraint requirements.lock --constraint requirements-watch.lock requirements-dev.txt --output-file requirements-dev.lock

fuzz: .venv/fuzz ## fuzz everything that parses input, for some minutes
	@$(BIN)/python -m tests.fuzz

clean: ## remove the virtual environment and the demo's files
	@rm -rf .venv instance/demo

ready:
	@$(MAKE) --no-print-directory --jobs=2 tools .venv/tests
	@$(MAKE) --no-print-directory --jobs=2 $(ORACLE) $(CHECKERS)

# The tests use Debian's Chromium, or the browser that CHROMIUM names.
tools:
	@for tool in npm wrk soffice nginx systemd-analyze promtool "$(BROWSER)"; do PATH="$$PATH:/usr/sbin" command -v "$$tool" >/dev/null || { .ci/tools; break; }; done

# The official JavaScript SDK, against which the portal in a box is tested.
$(ORACLE): tests/devportal/package-lock.json
	@cd tests/devportal && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# ESLint, and TypeScript for the scripts' types; nothing of this is sent to browsers.
$(CHECKERS): tests/scripts/package-lock.json
	@cd tests/scripts && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.venv/runs: requirements.lock | .venv
	@$(call INSTALL,requirements.lock)
	@touch $@

.venv/tests: requirements-dev.lock | .venv
	@$(call INSTALL,requirements-dev.lock)
	@touch $@ .venv/runs

.venv/fuzz: requirements-fuzz.txt .venv/tests | .venv
	@$(call INSTALL,requirements-fuzz.txt)
	@touch $@

.venv:
	@$(PYTHON) -c 'import sys; sys.exit("Logbook needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt || true
