# `make` alone lists the targets. Everything runs from .venv, made from requirements.lock (wheels only, hashes checked).
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock
ARGS ?=
PYTEST := -m pytest -n $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder

# What depends on no Python release, or takes minutes, is run on one alone.
NOT_313 := $(addprefix --ignore=tests/,schedules docs fuzz chaos deploy producers consumers tocsin streams/matching/test_matching_quality.py)

.PHONY: help setup setup-oracle demo test test-pure test-broker examples test-313 lint format schedules chaos bench bench-match bench-quality bench-deliver scores schemas fuzz docs sbom lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-zA-Z0-9_-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from requirements.lock (Python 3.11 or later)
	@$(BIN)/python -m streams.matching.warming

$(STAMP): requirements.lock pyproject.toml
	@echo "making $(VENV) with $$($(PYTHON) --version) from requirements.lock (about 250 MB the first time):" >&2
	@$(PYTHON) -m venv $(VENV)
	@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --only-binary :all: \
	  -r requirements.lock | awk '/^Collecting/{printf "%s ", $$2; fflush()} /^Installing/{print "... installing"; fflush()}' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup-oracle: setup ## make .venv-oracle: logic-v2 for the benchmarks to compare with (650 MB; needs g++, libicu-dev)
	@$(PYTHON) -m venv .venv-oracle
	@.venv-oracle/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
	  --no-binary pyicu -r requirements-oracle.lock || { rm -rf .venv-oracle; exit 1; }

demo: setup ## start Kafka, registry and pipeline; publish the UN list and incidents; show the alerts (ARGS="--seed 7")
	@$(BIN)/tocsin demo $(ARGS)

test: setup lint ## lint, types, every test (starts its own Kafka and registry)
	@$(BIN)/python $(PYTEST) $(ARGS)

test-pure: setup ## the tests that need no broker: seconds
	@$(BIN)/python $(PYTEST) -m "not broker" $(ARGS)

test-broker: setup ## only the tests on a real Kafka and registry
	@$(BIN)/python $(PYTEST) -m broker $(ARGS)

examples: setup ## run the clients in examples/ (Java, kcat) against a pipeline of their own
	@$(BIN)/python -m pytest tests/broker/test_examples_clients.py $(ARGS)

test-313: ## the pure tests and a broker smoke test on Python 3.13, in .venv-3.13
	@$(MAKE) --no-print-directory setup VENV=.venv-3.13 PYTHON="$(or $(PYTHON313),$(shell deploy/find-python 3.13))"
	@.venv-3.13/bin/python $(PYTEST) -m "not broker" $(NOT_313) $(ARGS)
	@.venv-3.13/bin/python -m pytest tests/broker/test_pipeline_smoke.py $(ARGS)

lint: setup ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

schedules: setup ## the stages, and whole tasks under faults, on 2,000 random schedules each (ARGS="--tasks --seed 17")
	@$(BIN)/python -m tests.schedules $(ARGS)

chaos: setup ## the real stack under kills and stops, 50,000 incidents (SEED=7; SEEDS=20 goes on where it stopped)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

bench: setup ## benchmarks as JSON lines, each beside its baseline
	@$(BIN)/python -m benchmarks $(ARGS)

bench-match: setup ## speed of name matching as JSON lines (ARGS="--entries 1000000")
	@$(BIN)/python -m benchmarks.matching $(ARGS)

bench-quality: setup ## recall, precision, F1 of name matching, held-out rows apart (ARGS="--errors --only hebrew")
	@$(BIN)/python -m benchmarks.quality $(ARGS)

scores: setup ## show which kept pairs score otherwise now; ARGS=--accept once the changes are reviewed
	@$(BIN)/python -m benchmarks.scores $(ARGS)

bench-deliver: setup ## alerts queued and delivered a second, 50 bureaus, one of them hanging, beside bare posts
	@$(BIN)/python -m benchmarks.deliver

schemas: setup ## write what is made from code: Avro files, topic and metrics pages, decision table, dashboard
	@$(BIN)/python -m schemas.avro
	@$(BIN)/python -m streams.tasks.state_formats
	@$(BIN)/python -m schemas.topics_page
	@$(BIN)/python -m schemas.golden_messages
	@$(BIN)/python -m schemas.asyncapi
	@$(BIN)/python -m streams.conformance.events_page
	@$(BIN)/python -m tocsin.cli.metrics_page
	@$(BIN)/python -m deploy.grafana
	@$(BIN)/python -m tests.chaos.page
	@$(BIN)/python -m streams.stages.cases.decision_table > docs/dissemination.md.new
	@mv docs/dissemination.md.new docs/dissemination.md

fuzz: setup ## hostile bytes against gate, batches, stages, importers, commands (ARGS="--seed 7 --only gate", --coverage with atheris)
	@$(BIN)/python -m tests.fuzz $(ARGS)

docs: setup ## build the pages as a site in site/, strictly
	@$(BIN)/zensical build --strict --clean

sbom: setup ## write the bill of materials (CycloneDX) to dist/tocsin.cdx.json
	@mkdir -p dist
	@$(BIN)/python -m deploy.bill_of_materials > dist/tocsin.cdx.json
	@echo "dist/tocsin.cdx.json"

lock: setup ## resolve requirements.lock anew from pyproject.toml, and what of it the container image installs
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra build --constraint requirements.lock pyproject.toml -o deploy/requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  requirements-oracle.in -o requirements-oracle.lock

clean: ## stop the local stack and forget it, and the virtual environments
	@if [ -x $(BIN)/tocsin ]; then $(BIN)/tocsin down || true; fi
	@rm -rf .tocsin .venv .venv-3.13 .venv-oracle .mypy_cache .ruff_cache .pytest_cache
