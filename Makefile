# Everything starts here. `make run` needs nothing else; see README.md.
# A variable given on the command line reaches the programs: make run PORT=8001 KEYCLOAK_PORT=8081
#   DATABASE_URL=postgresql://…  KEYCLOAK_URL=https://… KEYCLOAK_CLIENT_ID=… KEYCLOAK_CLIENT_SECRET=…

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
endif
RUNTIME = $(or $(PYTHON),python3) -m console.runtime
BIN = .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links

.PHONY: run demo test check lock bench clean doctor services format

run: ## start everything until Ctrl-C
	@$(RUNTIME) run

test: ## set up what the tests need and run them all, on real parts
	@$(RUNTIME) test -- $(ARGS)

services: ## start PostgreSQL and Keycloak for single tests and leave them running
	@$(RUNTIME) services

demo: ## fill a tenant with demo data, while `make run` is up
	@$(BIN)/python manage.py demo $(ARGS)

doctor: ## check this machine and the settings
	@$(RUNTIME) doctor

clean: ## stop what is left and remove var/
	@$(RUNTIME) clean

# `check` needs no services: these settings name a database that nobody asks.
check: export DATABASE_URL = postgresql://nobody@127.0.0.1:1/none
check: export SECRET_KEY = only-for-checks-only-for-checks-only-for-checks
check: export ENCRYPTION_KEYS = checks:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
check: export GATEHOUSE_URL = http://localhost:8000
check: export OIDC_ISSUER = http://localhost:8080/realms/gatehouse
check: export OIDC_CLIENT_SECRET = only-for-checks
check: ## lint, types, import contracts and pure tests, in under a minute
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python manage.py check
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	$(BIN)/pytest -q -p no:django tests/engine tests/graph

format: ## put imports and lines in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## pin requirements*.txt from requirements*.in, with hashes
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt
	$(BIN)/python -m console.runtime.pins requirements.in requirements.txt
	$(BIN)/python -m console.runtime.pins requirements-dev.in requirements-dev.txt

bench: ## measure, with sizes
	@$(RUNTIME) test --module tests.bench -- $(ARGS)
