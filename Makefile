# make            what can be made
# make demo       the demo company in ./demo-company, the first answers, and the page on it
# make test       all tests
#
# Everything is installed into .venv, with pip's own configuration; nothing else of the machine is touched, but for the
# browser that tests of the page need: where it is missing and may be installed, `make test` installs Debian's.
# Another place or interpreter: make VENV=/tmp/dp PYTHON=python3.12 test

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2

PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check --quiet install
COMPILE := $(PY) -m compileall -q src  # a start should not wait for the interpreter's compiler
BASE   := $(VENV)/.installed
TEST   := $(VENV)/.installed-test
DEV    := $(VENV)/.installed-dev
DOCS   := $(VENV)/.installed-docs
NPM    := PATH="$(abspath $(VENV))/bin:$$PATH" npm --prefix web
NODES  := web/node_modules/.package-lock.json
PAGE   := $(shell find web -path web/node_modules -prune -o -type f -print)  # what the page is made from
CODE   := src tests benchmarks hatch_build.py web/gen_types.py docs/pictures

.DELETE_ON_ERROR:
.PHONY: help demo test browser checked check check-format check-lint check-types check-house check-page format page types pictures bench soak docs clean

help:
	@echo "make demo     install, simulate a company in ./demo-company, print the first answers, and serve the page on it"
	@echo "make test     run all tests"
	@echo "make check    formatting, lint, types and the rules of the house"
	@echo "make checked  run the tests of questions and all that they need, with a look at every place in an array"
	@echo "make format   put the formatting right"
	@echo "make page     build the page of web/ into the package"
	@echo "make types    write the page's types from the API"
	@echo "make pictures take the docs' pictures of the page"
	@echo "make bench    measure against other engines; writes benchmarks/data and benchmarks/RESULTS.md"
	@echo "make soak     simulate how often intervals hold; kill processes 2,000 times; ask everything of 200 M events within 4 GB; hours, and 60 GB of disk"
	@echo "make docs     build the documentation into ./site"
	@echo "make clean    delete what these commands made: $(VENV), demo-company, site, caches"

demo: $(BASE)
	$(VENV)/bin/desirepath demo --page

test: $(TEST) browser
	$(PY) -m pytest -n $(JOBS) --dist worksteal

checked: $(TEST)
	DESIREPATH_CHECKED=1 $(PY) -m pytest -n $(JOBS) --dist worksteal tests/journeys tests/questions tests/maps tests/contract tests/people tests/engines tests/workspace tests/real

browser:
	@command -v chromium >/dev/null || \
	  { [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && echo "Installing chromium for the tests of the page" && \
	    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) >/dev/null 2>&1; } || \
	  echo "There is no chromium, so the tests of the page are skipped. On Debian or Ubuntu: sudo apt-get install chromium" >&2

check: check-format check-lint check-types check-house check-page

check-format: $(DEV)
	$(VENV)/bin/ruff format --check --quiet $(CODE)

check-lint: $(DEV)
	$(VENV)/bin/ruff check $(CODE)

check-types: $(DEV)
	$(VENV)/bin/mypy

check-house: $(DEV)
	$(PY) -m pytest -q tests/house

check-page: $(NODES)
	$(NPM) run --silent check

format: $(DEV) $(NODES)
	$(VENV)/bin/ruff check --fix $(CODE)
	$(VENV)/bin/ruff format $(CODE)
	$(NPM) run --silent format

page: $(BASE)

types: $(DEV)
	$(PY) web/gen_types.py

pictures: $(TEST) browser
	$(PY) docs/pictures/take.py

bench: $(TEST)
	$(PY) benchmarks/run_funnel.py
	$(PY) benchmarks/run_journeys.py
	$(PY) benchmarks/run_maps.py
	$(PY) benchmarks/run_import.py
	$(PY) benchmarks/run_identity.py
	$(PY) benchmarks/run_matching.py
	$(PY) benchmarks/run_store.py
	$(PY) benchmarks/run_collector.py
	$(PY) benchmarks/run_text.py
	$(PY) benchmarks/run_topics.py

soak: $(TEST) browser
	$(PY) -m pytest -n $(JOBS) --dist worksteal -m slow
	DESIREPATH_KILLS=2000 $(PY) -m pytest tests/faults/test_kills.py -k random
	$(PY) benchmarks/run_soak.py

docs: $(DOCS)
	$(VENV)/bin/mkdocs build --strict

clean:
	rm -rf $(VENV) demo-company site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf web/node_modules src/desirepath/server/page
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml once its packages are installed; the package itself is installed
# editable, so a change in src needs no new installation. A change in web does: installing builds the page (hatch_build.py).

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "desirepath needs Python 3.11 or newer; '$(PYTHON)' is older or absent. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make environments here. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }

$(BASE): pyproject.toml hatch_build.py $(PAGE) | $(PY)
	@echo 'Installing into $(VENV); the first time takes a few minutes'
	$(PIP) --editable .
	@$(COMPILE)
	@touch $@

$(TEST): pyproject.toml hatch_build.py $(PAGE) | $(PY)
	@echo 'Installing into $(VENV), with what tests need'
	$(PIP) --editable '.[test]'
	@$(COMPILE)
	@touch $@ $(BASE)

$(DEV): pyproject.toml hatch_build.py $(PAGE) | $(PY)
	$(PIP) --editable '.[dev]'
	@$(COMPILE)
	@touch $@ $(TEST) $(BASE)

$(DOCS): pyproject.toml | $(PY)
	$(PIP) --editable '.[docs]'
	@$(COMPILE)
	@touch $@ $(BASE)

$(NODES): web/package.json web/package-lock.json | $(DEV)
	$(NPM) ci --no-audit --no-fund
	@touch $@
