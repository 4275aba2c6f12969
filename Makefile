# The two commands of a newcomer: `make run` and `make test`. Everything else is for those who work on the project.
.PHONY: run test setup lint bench bench-nlu bench-reminders lock clean

VENV := .venv
PY := $(VENV)/bin/python
LOTSE := $(VENV)/bin/lotse
UV_COMPILE := $(VENV)/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header

run: $(VENV)/app-built
	@$(LOTSE) run

test: $(VENV)/dev-built
	@$(LOTSE) setup
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest

setup: $(VENV)/app-built
	@$(LOTSE) setup

lint: $(VENV)/dev-built
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: $(VENV)/dev-built
	@$(PY) -m tests.bench.turns
	@$(PY) -m tests.bench.reminders

bench-nlu: $(VENV)/dev-built
	@$(PY) -m tests.bench.understanding

bench-reminders: $(VENV)/dev-built
	@$(PY) -m tests.bench.reminders

lock: $(VENV)/dev-built
	@cd requirements && ../$(UV_COMPILE) --python-version 3.11 -o app.txt app.in
	@cd requirements && ../$(UV_COMPILE) --python-version 3.11 -o dev.txt dev.in
	@cd requirements && ../$(UV_COMPILE) --python-version 3.10 -o rasa.txt rasa.in

clean:
	@rm -rf $(VENV) .venv-rasa .lotse/models .lotse/training .lotse/bench

$(VENV)/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 oder neuer wird gebraucht.")'
	@python3 -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/app-built: requirements/app.txt pyproject.toml | $(VENV)/bin/python
	@echo "Umgebung des Projekts wird gebaut (einmalig, etwa eine Minute) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/app.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev-built: requirements/dev.txt $(VENV)/app-built
	@echo "Werkzeuge für Tests werden installiert …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
