# The two commands of the README are `make demo` and `make test`; both set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export SCORELINE_HOME ?= $(CURDIR)/.scoreline

.PHONY: demo test real slow connectors-report lint format dev docs bench bench-customers lock clean

demo: $(VENV)/.ready          ## the benchmark company, end to end, with a scoreboard
	$(BIN)/scoreline demo

test: $(VENV)/.ready          ## the fast tests
	$(BIN)/pytest

real: $(VENV)/.ready          ## tests against real servers and real data (skipped where they are absent)
	$(BIN)/pytest -m real

slow: $(VENV)/.ready          ## minutes rather than seconds: kill -9 at random moments; SLOW="paths" for some of them
	$(BIN)/pytest -m slow --dist loadgroup $(SLOW)

connectors-report: $(VENV)/.ready  ## connector x acceptance test with the faults injected, kills included
	$(BIN)/python -m pytest tests/connectors/kit -p tests.connectors.kit.report -m 'not real' --dist load \
		--connectors-report $(SCORELINE_HOME)/connectors-report.md

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

dev: $(VENV)/.ready           ## the Dagster web UI on the same run history as the command line
	$(BIN)/scoreline prepare
	DAGSTER_HOME=$(SCORELINE_HOME)/dagster SCORELINE_WAREHOUSE=$(SCORELINE_HOME)/warehouse/warehouse.duckdb $(BIN)/dagster dev

docs: $(VENV)/.ready          ## dbt docs of the last build, as one page: .scoreline/dbt/static_index.html
	SCORELINE_WAREHOUSE=$(SCORELINE_HOME)/warehouse/warehouse.duckdb $(BIN)/dbt docs generate --static \
		--project-dir dbt_project --profiles-dir dbt_project --target-path $(SCORELINE_HOME)/dbt

bench: $(VENV)/.ready         ## ratios against named alternatives, measured in the same run
	$(BIN)/python -m tests.bench

bench-customers: $(VENV)/.ready  ## one customer across systems: quality and speed beside plain Splink and rapidfuzz
	$(BIN)/python -m tests.bench.customers

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Scoreline needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

lock: $(VENV)/.ready          ## new pins for requirements.lock, without any index address
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --extra dev --upgrade \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .scoreline dbt_project/target
