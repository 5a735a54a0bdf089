# Everything a developer types. Each target makes what it needs: a virtual environment in .venv with the pinned tools of
# requirements-dev.txt, and the package built from source into it. What must be there before: make, a C++20 compiler, and
# a Python of at least 3.11 with `venv` and its headers.

.DELETE_ON_ERROR:
.PHONY: help publish-demo tell test check web web-check engine engine-check sanitize fuzz bench bench-start bench-endings bench-telling bench-quality bench-problems bench-minds bench-published bench-play bench-page bench-server bench-realm docs lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip --disable-pip-version-check --quiet
JOBS ?= 2

# A suitable Python has `venv` and the headers to build against. (A command may be there and yet not run: version managers.)
SUITABLE := import ensurepip, os, sys, sysconfig, venv; \
	sys.exit(sys.version_info < (3, 11) or not os.path.exists(sysconfig.get_path("include") + "/Python.h"))
ifndef PYTHON
PYTHON := $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
endif

# Directories count as sources too, so that a file taken away is noticed.
SOURCES := CMakeLists.txt pyproject.toml README.md LICENSE $(shell find src -name __pycache__ -prune -o -name '*.so' -o -print)

help:
	@echo "make tell      tells the flagship, Don't Stay"
	@echo "make publish-demo  the stories that come with Everytale, as pages that play offline (DEMO=build/pages)"
	@echo "make test      the tests"
	@echo "make check     style, types, the import contract, the documentation"
	@echo "make web       the page that plays a story, from its sources in web/ (web-check: that the built one is theirs)"
	@echo "make engine    the core as WebAssembly, for the page (engine-check: that the committed one is what the sources build)"
	@echo "make sanitize  the core's tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make fuzz      100,000 damaged inputs for the reader, 10,000 requests of each kind for the server, and many random worlds for the core"
	@echo "make bench     measurements (bench-start, bench-endings, bench-telling, bench-quality, bench-problems, bench-minds, bench-published, bench-play, bench-page, bench-server, bench-realm)"
	@echo "make docs      the documentation, into site/"
	@echo "make lock      pins the tools anew, in requirements-dev.txt"
	@echo "make clean     removes all that was made here"

tell: $(VENV)/.package
	@$(BIN)/everytale tell dont-stay --as-written

test: $(VENV)/.package
	@$(MAKE) --no-print-directory web/node_modules/.package-lock.json || echo "Without axe-core and inkjs, the page is not asked what stands in the way of people, and ink not what it makes of a realm."
	$(BIN)/python -m pytest -n $(JOBS)

check: $(VENV)/.package docs web-check engine-check
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Node comes with the tools, so that everybody builds the same page.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix web --no-audit --no-fund --no-update-notifier

web: web/node_modules/.package-lock.json
	@$(NPM) run --silent build

web-check: web/node_modules/.package-lock.json
	@$(NPM) run --silent check

web/node_modules/.package-lock.json: web/package.json web/package-lock.json $(VENV)/.tools
	@$(NPM) ci --silent
	@touch $@

engine:
	web/build-engine.sh

engine-check:
	@web/build-engine.sh --check

docs: $(VENV)/.package
	$(BIN)/mkdocs build --strict --quiet

sanitize: $(VENV)/.package
	PYTHON=$(CURDIR)/$(BIN)/python scripts/sanitize.sh

fuzz: $(VENV)/.package
	EVERYTALE_FUZZ=100000 $(BIN)/python -m pytest -n $(JOBS) -m fuzz

# The planner's problems are not part of this project: PROBLEMS names a folder with `versions.tsv` beside `problems/`.
PROBLEMS ?= ../shared/sabre

bench: bench-start bench-endings bench-telling bench-quality bench-problems bench-play bench-page bench-server bench-realm $(if $(wildcard $(PROBLEMS)/versions.tsv),bench-minds bench-published)

bench-start: $(VENV)/.package
	$(BIN)/python benchmarks/start.py

bench-endings: $(VENV)/.package
	$(BIN)/python -m benchmarks.endings

bench-telling: $(VENV)/.package
	$(BIN)/python -m benchmarks.telling

bench-quality: $(VENV)/.package
	$(BIN)/python -m benchmarks.quality

bench-play: $(VENV)/.package
	$(BIN)/python -m benchmarks.play

bench-page: $(VENV)/.package
	$(BIN)/python -m benchmarks.page

# Each story that comes with Everytale, as a page.
DEMO ?= build/pages

publish-demo: $(VENV)/.package
	@mkdir -p $(DEMO)
	@for story in $$($(BIN)/python -c 'import everytale; print(*everytale.bundled())'); do \
		$(BIN)/everytale publish $$story -o $(DEMO)/$$story.html || exit 1; done

bench-server: $(VENV)/.package
	$(BIN)/python -m benchmarks.server

# MODEL names a folder with the same corridor for SPIN and Storm, if there is one.
bench-realm: $(VENV)/.package
	$(BIN)/python -m benchmarks.realm 3 5 3 $(if $(MODEL),--model $(MODEL))

bench-minds: $(VENV)/.package
	$(BIN)/python benchmarks/minds.py $(PROBLEMS)

bench-problems: $(VENV)/.package
	$(BIN)/python benchmarks/minds.py benchmarks/problems --time 20

bench-published: $(VENV)/.package
	$(BIN)/python -m benchmarks.published $(PROBLEMS)

lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python $(PIP) install --upgrade pip
	build/lock/bin/python $(PIP) install --group dev .
	build/lock/bin/python $(PIP) freeze --exclude everytale > requirements-dev.txt

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.tools: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Everytale needs Python 3.11 or later with venv and headers (Debian: python3-venv, python3-dev)."; exit 1; }
	@echo "Installing the tools into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python $(PIP) install --requirement requirements-dev.txt
	@touch $@

$(VENV)/.package: $(VENV)/.tools $(SOURCES)
	@echo "Building the package ..."
	@$(BIN)/python $(PIP) install --no-build-isolation --no-deps .
	@touch $@
