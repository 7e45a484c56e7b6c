# Two commands matter: `make book` reads the course, `make test` checks all of it. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup book site test lint bench bench-gpu bench-grading mutation weight lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

setup: $(READY)  ## make .venv from the hashed lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nnlab needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (about two minutes the first time)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

book: site  ## build the course and serve it on this machine; PORT=9000 chooses where
	@$(BIN)/python tools/serve.py $(if $(PORT),--port $(PORT))

site: setup  ## build the course into _build/html
	@$(BIN)/python tools/build_site.py

test: setup lint  ## set up all that is needed and run every check
	@$(BIN)/python tools/browser.py
	@$(BIN)/python tools/bubblewrap.py
	@$(BIN)/python tools/build_site.py
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup  ## check the style and the types of the code
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: setup  ## time training beside PyTorch, JAX and scikit-learn; BENCH="--rounds 9" to be brief
	@$(BIN)/python -m benchmarks $(BENCH)

bench-gpu: setup  ## the same on an NVIDIA GPU, beside PyTorch eager, compiled and CUDA-graphed
	@$(BIN)/python -m benchmarks --device cuda $(BENCH)

bench-grading: setup  ## grade 200 submissions with stock nbgrader and with nnlab; BENCH="--students 40" to be brief
	@$(BIN)/python -m benchmarks.grading $(BENCH)

mutation: setup  ## break the optimizers, or SUBJECT=layers, in small ways and show what no test notices
	@$(BIN)/python tools/mutation.py $(or $(SUBJECT),rules)

weight: site  ## print what a first visit to each page loads
	@$(BIN)/python tools/weight.py

lock: .cache/uv/bin/uv  ## renew requirements.lock from pyproject.toml
	$< pip compile pyproject.toml $(EXTRAS) --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

EXTRAS := $(addprefix --extra ,book grading postgresql parallel fast dev)

.cache/uv/bin/uv:
	@$(PYTHON) -m venv .cache/uv
	@.cache/uv/bin/pip install --quiet --disable-pip-version-check uv

clean:  ## remove all that builds and tests made; .venv stays
	rm -rf _build .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis nnlab/widgets/static
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
