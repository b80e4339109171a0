# Everything happens in .venv, made by plain pip from constraints.txt.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help env demo test lint types contracts docs release clean

help:            ## show what can be made
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

env: $(VENV)/.ready   ## make the environment

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "termini needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: env        ## scenes to ISSM input on the embedded simulated region
	$(BIN)/termini demo --out demo

test: env        ## the whole test suite
	$(BIN)/pytest -n 2 --dist worksteal

lint: env        ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: env       ## static types of the package
	$(BIN)/mypy

contracts: env   ## the order of the rooms
	$(BIN)/lint-imports

docs: env        ## documentation into site/
	$(BIN)/mkdocs build --strict --quiet

clean:           ## remove what was made
	rm -rf $(VENV) demo site .pytest_cache .mypy_cache .ruff_cache .hypothesis
