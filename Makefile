# The two commands are `make up` and `make test`. Both need Python 3.11 or later and nothing else.

STACK ?= dev
PYTHON ?= python3
VENV := .venv
IN := $(VENV)/bin/python
# What the tests need beside the sandbox's own tools. Built before them: the time of a test is limited.
TEST_TOOLS := helm pulumi-language-yaml pulumi-codegen-python
TYPES := { $(VENV)/bin/basedpyright > $(VENV)/types.log || { echo; cat $(VENV)/types.log; exit 1; }; }

# Each command starts half a dozen Python processes, which would compile all of our modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up sandbox verify down status lint types test test-product test-sandbox format docs bench
.DEFAULT_GOAL := help

help:
	@echo "make up       a sandbox with Azure and AKS on this machine, and stack '$(STACK)' in it (STACK=name for another)"
	@echo "make verify   check the stack's shares, from Azure to the files in the Pods"
	@echo "make sandbox  the sandbox alone"
	@echo "make down     stop the sandbox; what is in it stays"
	@echo "make test     everything that a change must pass: lint, types, tests"
	@echo "make test-product   the same without the sandbox's own tests; make test-sandbox: these alone"
	@echo "make lint     format and lint, without the tests"
	@echo "make format   fix what the formatter and the linter can"
	@echo "make docs     generate the pages, pictures and the schema in docs/ from the program"
	@echo "make bench    measure the program beside a flat script; QUICK=1 measures less"

up: sandbox
	@$(IN) -m sandbox pulumi up --stack $(STACK) --yes --skip-preview
	@$(IN) -m sandbox run -- $(IN) -m verify --write --stack $(STACK)
	@echo ""
	@echo "Next"
	@echo "  change sizeGiB in Pulumi.$(STACK).yaml and see   python -m sandbox pulumi preview --stack $(STACK) --diff"
	@echo "  look at the cluster      python -m sandbox run -- kubectl get pods --all-namespaces"
	@echo "  on a real subscription   docs/operate.md says how, step by step"
	@echo "  stop, keeping it all     make down"

verify: $(VENV)/sandbox.installed
	@$(IN) -m sandbox run -- $(IN) -m verify --write --stack $(STACK)

sandbox: $(VENV)/sandbox.installed
	@$(IN) -m sandbox up

down: $(VENV)/sandbox.installed
	@$(IN) -m sandbox down

status: $(VENV)/sandbox.installed
	@$(IN) -m sandbox status

lint: $(VENV)/dev.installed
	@echo "Lint and format (ruff)"
	@$(IN) -m ruff check .
	@$(IN) -m ruff format --check .
	@echo "Workflows (actionlint, shellcheck)"
	@actionlint=$$($(IN) -m sandbox.tools --path actionlint) && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" "$$actionlint"

types: $(VENV)/dev.installed
	@echo "Types (basedpyright, about a minute)"
	@$(VENV)/bin/basedpyright

format: $(VENV)/dev.installed
	@$(IN) -m ruff check --fix .
	@$(IN) -m ruff format .

docs: $(VENV)/dev.installed
	@$(IN) -m tools.diagrams

# What it finds is compared with bench/run.json; `python -m bench page FILE` shows it in docs/performance.md.
bench: $(VENV)/bench.installed
	@$(IN) -m sandbox.tools
	@echo "Benchmarks: 25 to 40 minutes on 2 quiet cores, with QUICK=1 up to 5"
	@$(IN) -m bench run

# Types keep one core busy for most of a minute, and tests wait a good deal: side by side they take less.
test: lint
	@$(IN) -m sandbox.tools
	@$(IN) -m sandbox.tools $(TEST_TOOLS)
	@echo "Types (basedpyright), tests of the sandbox and tests of the product (pytest), side by side: about 22 minutes"
	@$(TYPES) & types=$$!; \
	  (cd sandbox && ../$(IN) -m pytest) > $(VENV)/sandbox-tests.log 2>&1 & sandbox=$$!; \
	  $(IN) -m pytest; product=$$?; \
	  echo "Tests of the sandbox"; wait $$sandbox; failed=$$?; cat $(VENV)/sandbox-tests.log; \
	  wait $$types || { echo "Types: see above, or make types"; exit 1; }; \
	  exit $$((product || failed))

test-product: lint
	@$(IN) -m sandbox.tools
	@$(IN) -m sandbox.tools $(TEST_TOOLS)
	@echo "Types (basedpyright) and tests of the product (pytest), side by side: about 21 minutes"
	@$(TYPES) & types=$$!; \
	  $(IN) -m pytest; product=$$?; \
	  wait $$types || { echo "Types: see above, or make types"; exit 1; }; \
	  exit $$product

test-sandbox: $(VENV)/dev.installed
	@$(IN) -m sandbox.tools
	@$(IN) -m sandbox.tools $(TEST_TOOLS)
	@cd sandbox && ../$(IN) -m pytest

# One stamp for each set of requirements: packages are installed again when a requirements file changes.
$(VENV)/%.installed: requirements.txt requirements-%.txt requirements-sandbox.txt requirements-verify.txt sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(IN) || $(PYTHON) -m venv $(VENV) \
	  || { echo "Could not make $(VENV) (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing Python packages into $(VENV) (the first time about 2 minutes)"
	@$(IN) -m pip install --quiet --disable-pip-version-check --requirement requirements-$*.txt
	@touch $@
