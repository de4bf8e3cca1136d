# Two commands on a fresh machine: make run, make test. Everything else is for those who work on hanlogger.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOAK   ?= 100
FUZZ   ?= 60
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 --upgrade

# Tests start hundreds of programs, each of which would compile hanlogger anew where no bytecode may be written.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-servers check format docs package release-check bench boards manual soak soak-fleet fuzz lock clean

run: $(VENV)/.installed  ## read the demo meter and show it live
	@echo "make run: the demo, a simulated house, is read; Ctrl-C ends it"
	@$(BIN)/hanlogger run --port demo:

test: $(VENV)/.installed-dev  ## all tests, in parallel
	$(BIN)/pytest -n auto --dist loadgroup

test-servers: $(VENV)/.installed-dev  ## say which real servers can be had here, fetch them, and run the tests that need them
	$(BIN)/python -m tools.servers
	$(BIN)/pytest -n auto --dist loadgroup tests/integration

check: $(VENV)/.installed-dev  ## format, lint, types, architecture, advisories (AUDIT=--offline: none need be reached)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.audit $(AUDIT)

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-docs  ## the manual as pages in build/docs; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "build/docs/index.html"

manual: $(VENV)/.installed-dev  ## write docs/commands.md and docs/settings.md anew from the code
	$(BIN)/python -m tools.manual

package: $(VENV)/.installed-dev  ## build wheel and sdist, and install each in an empty environment
	$(BIN)/python -m tools.build

release-check: $(VENV)/.installed-dev  ## VERSION is that of the package, and the changelog has it with its date
	$(BIN)/python -m tools.release $(VERSION)

bench: $(VENV)/.installed-dev  ## the cost of a message beside other libraries, and of a year's intervals and bill
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/intervals.py
	$(BIN)/python benchmarks/loop.py

boards: $(VENV)/.installed-dev  ## write the boards and rules of the default configuration anew
	$(BIN)/python grafana/build.py

soak: $(VENV)/.installed-dev  ## the tests under faults at full length, with SOAK kills; an hour at the most
	HANLOGGER_SOAK=$(SOAK) timeout 3600 $(BIN)/pytest -n auto --dist loadgroup --timeout 3000 \
	  tests/unit/deliver/test_lossless.py tests/unit/framing/test_fuzz.py tests/integration/test_killed.py tests/integration/test_simulated_week.py \
	  tests/integration/test_pty_flood.py tests/integration/test_poisoned_backlog.py tests/integration/test_simulated_year.py tests/unit/templates

soak-fleet: $(VENV)/.installed-dev  ## workers behind real brokers, killed twenty times in each set-up, and the brokers too
	HANLOGGER_SOAK=$(SOAK) timeout 3600 $(BIN)/pytest -n auto --dist loadgroup tests/integration/test_brokers.py tests/integration/test_fleet.py \
	  tests/integration/test_victoriametrics_cluster.py

fuzz: $(VENV)/.installed-fuzz  ## fuzz framing and decoding, led by coverage, for FUZZ seconds each
	$(BIN)/python -m fuzz framing --seconds $(FUZZ)
	$(BIN)/python -m fuzz decoding --seconds $(FUZZ)

lock: $(VENV)/.installed-dev  ## renew the lock files from pyproject.toml
	printf 'hatchling\neditables\n' | $(COMPILE) - -o requirements-build.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) pyproject.toml --group docs -c requirements.lock -o requirements-docs.lock
	$(COMPILE) pyproject.toml --group fuzz -c requirements.lock -o requirements-fuzz.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hanlogger needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "make: 1 of 3, an environment of its own in $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }

$(VENV)/.installed: requirements-build.lock requirements.lock pyproject.toml $(VENV)/bin/python
	@echo "make: 2 of 3, the $$(grep -c '==' requirements.lock) packages of requirements.lock are fetched and checked: a minute or two"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock -r requirements.lock
	@echo "make: 3 of 3, hanlogger itself"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "make: the tools of its developers, of requirements-dev.lock"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-docs: requirements-docs.lock $(VENV)/.installed
	@echo "make: what builds the manual, of requirements-docs.lock"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

$(VENV)/.installed-fuzz: requirements-fuzz.lock $(VENV)/.installed-dev
	@echo "make: the fuzzer, of requirements-fuzz.lock"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $@
