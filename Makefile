# The commands of this project. They need Python 3.11 or newer with its venv module, and make.
PYTHON ?= python3
ARGS ?=

VENV := .venv
RUN := $(VENV)/bin
INSTALL := $(RUN)/python -m pip --disable-pip-version-check --no-input install --quiet

.DELETE_ON_ERROR:
.PHONY: help serve check test browser bench lint format schema lock image clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

serve: $(VENV)/for-serve ## Install what the service needs and run it (ARGS="--port 9000")
	@exec $(RUN)/trivia serve $(ARGS)

test: ## Install what the tests need and run every check and test (ARGS="tests/unit" for some)
	@$(MAKE) --no-print-directory -j 2 $(VENV)/for-test browser
	@scripts/test $(ARGS)

check: $(VENV)/for-test ## Run the checks and the quick tests, for every change: style, types, layers, unit
	@scripts/test --check

# The tests say so if it is missing, each that needs it.
browser:
	-@scripts/need chromium chromium

bench: $(VENV)/for-bench ## Measure the service beside its peers (ONLY=append,draw,growth,importing,rebuild,memory,startup,servers)
	@scripts/need wrk wrk
	@exec $(RUN)/python -m bench $(ONLY)

lint: $(VENV)/for-test ## Check format, lint, types and layers
	@scripts/test --lint

format: $(VENV)/for-test ## Put the code into its format
	@$(RUN)/ruff format . && $(RUN)/ruff check --fix .

schema: $(VENV)/for-test ## Write migrations/*/schema.sql anew from the migrations
	@$(RUN)/python -m tests.support.write_schemas

lock: $(VENV)/made ## Write requirements/*.txt anew from pyproject.toml (ARGS=--upgrade takes the newest)
	@$(INSTALL) --require-hashes -r requirements/lock.txt
	@scripts/lock $(ARGS)

image: ## Build the container image
	docker build -t trivia .

clean: ## Remove what the other commands made, the data apart
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Each set is installed when its lock or the project's own metadata has changed since.
$(VENV)/for-serve: $(VENV)/made requirements/build.txt requirements/runtime.txt pyproject.toml
	@echo "Installing what the service needs into $(VENV) ..."
	@$(INSTALL) --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/for-test: $(VENV)/made requirements/test.txt pyproject.toml
	@echo "Installing what the tests need into $(VENV) ..."
	@$(INSTALL) --no-compile --require-hashes -r requirements/test.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/for-bench: $(VENV)/made requirements/build.txt requirements/bench.txt pyproject.toml
	@echo "Installing what the benchmarks need into $(VENV) ..."
	@$(INSTALL) --require-hashes -r requirements/build.txt -r requirements/bench.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
