# Two commands: `make demo` and `make test`. Both set up what they need; see scripts/setup.py.
PYTHON ?= python3
BIN = .venv/bin
TRACED = build/traced.json

.DEFAULT_GOAL := help
.PHONY: help setup setup-runtime demo test check lint fast traced format bench drills shots lock vendor clean

help: ## List these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

setup: ## Set up .venv with everything that running and testing need
	@$(PYTHON) scripts/setup.py dev

setup-runtime:
	@$(PYTHON) scripts/setup.py runtime

demo: setup-runtime ## Start the portal with invented families (FRESH=1 begins anew, PORT=8000)
	@exec $(BIN)/portal demo $(if $(filter-out 0,$(FRESH)),--fresh) $(if $(PORT),--port $(PORT))

# Tests start hundreds of processes: compiled modules are kept even where the machine says otherwise.
test fast drills: export PYTHONDONTWRITEBYTECODE =

test: setup ## Run everything: lint, types, contracts, the whole suite
	@rm -f $(TRACED)
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n auto --dist worksteal --durations=15 --ignore=tests/drills --traced=$(TRACED)

check: setup lint fast ## Format, lint, types, contracts, templates and the fast tests

lint:
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

fast:
	$(BIN)/python -m pytest -q tests/rules tests/architecture

traced: ## How many test functions proved each requirement in the last make test
	@$(PYTHON) scripts/traced.py $(TRACED)

format: setup ## Put all Python files into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## Measure speed and memory beside bare Flask and SQL, into build/bench.json (YEARS=10)
	@exec $(BIN)/portal bench all --scale city --years $(or $(YEARS),0) --out build/bench.json

drills: setup ## Kills, failover and long fuzzing: slow, not part of make test
	$(BIN)/python -m pytest tests/drills -v

shots: setup ## Photograph the screens of a running demo into build/shots
	$(BIN)/python scripts/shots.py build/shots

lock: ## Compile the hash-only locks from pyproject.toml (UPGRADE=1 for newer versions)
	@scripts/lock.sh $(PYTHON)

vendor: setup ## Copy the pinned browser files into static/vendor (needs npm)
	npm ci --ignore-scripts
	$(BIN)/python scripts/vendor.py

clean: ## Remove what make produced (.venv, build, caches); the demo's data in var/ stays
	rm -rf .venv build node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
