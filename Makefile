# Each target sets up .venv from requirements.lock first (bootstrap.py), and takes no time for it when it stands.
# Another Python 3.11 than the first on the PATH: make PYTHON=/path/to/python3.11 demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint environment databricks clean lock
export PYTHON

BIN := .venv/bin

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: environment ## Run the main job on real data: land, validate, promote, prove, run
	@$(BIN)/nbpromote demo

test: environment ## Run all tests
	@$(BIN)/python -m pytest

lint: environment ## Check style and types, as CI does
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

environment: ## Make or repair .venv from the lock
	@for python in $(BIN)/python $${PYTHON:-} python3.11 python3 python; do \
	  "$$python" -I -c '' 2>/dev/null && exec "$$python" -I -B bootstrap.py; \
	done; \
	echo 'nbpromote: needs Python 3.11 (none runs): on Debian or Ubuntu "sudo apt-get install python3.11 python3.11-venv"' >&2; exit 1

databricks: environment ## Make .venv-databricks from its lock, for runs with Spark on Databricks
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-databricks
	@$(BIN)/uv pip sync --quiet --require-hashes --python .venv-databricks requirements-databricks.lock
	@echo '.venv-databricks stands; see what else is wanted: nbpromote doctor'

clean: ## Remove .venv and what tests and builds left (never the lake, never runs)
	@rm -rf .venv .venv-databricks build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src commonlib tests -name __pycache__ -type d -prune -exec rm -rf {} +

lock: environment ## Make all locks anew (docs/environment.md)
	@$(BIN)/nbpromote env lock
	@$(BIN)/nbpromote env lock --variant databricks
