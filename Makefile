# Every command works from a fresh clone: the first one makes the environment in .venv.
# `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
TEACH := .venv/.teach
NB ?=
WORKERS ?= 2

# One thread per kernel and two kernels at a time: on two cores twice as fast as the reverse.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export PYTHONHASHSEED := 0

NBVAL := $(BIN)/python -m pytest --nbval --nbval-current-env -p no:cacheprovider \
	--nbval-sanitize-with tests/nbval_sanitize.cfg --nbval-cell-timeout 300 \
	-n $(WORKERS) --dist loadfile -q
BUILD := $(BIN)/jupyter-book build book/ --config _config.yml --path-output . -W --keep-going -n --all

.PHONY: help book test test-lint test-unit test-notebooks test-site test-portability benchmark lab serve run clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The book needs Python 3.11 or newer: make PYTHON=/path/to/python3 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	$(BIN)/pip install --quiet --no-deps -e .
	@touch $(READY)

$(TEACH): $(READY) requirements-teach.txt
	$(BIN)/pip install --quiet -r requirements-teach.txt
	@touch $(TEACH)

book: $(TEACH)  ## render the book to _build/html
	$(BUILD)
	@echo "The book is at file://$(CURDIR)/_build/html/index.html"

test: test-lint test-unit test-notebooks book test-site  ## everything that must hold
	@echo "All tests passed."

test-lint: $(TEACH)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell --toml pyproject.toml

test-unit: $(TEACH)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not site" tests

test-notebooks: $(READY)
	NBHELPERS_SIZE=quick $(NBVAL) book

test-site: $(TEACH)
	$(BIN)/python -m pytest -q -m site tests

test-portability: $(READY)  ## the notebooks under other BLAS kernels and thread counts
	$(BIN)/python tools/portability.py

benchmark: $(READY)  ## time the NumPy steps against PyTorch's, on an idle machine
	$(BIN)/python benchmarks/run.py

lab: $(READY)  ## open the chapters in JupyterLab
	env -u OMP_NUM_THREADS -u OPENBLAS_NUM_THREADS $(BIN)/jupyter lab --notebook-dir=book

serve: $(READY)  ## show the rendered book on http://localhost:8000
	@test -f _build/html/index.html || $(MAKE) book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

run: $(READY)  ## re-execute and save one notebook: make run NB=book/01_neuron/neuron_numpy.ipynb
	@$(BIN)/python tools/run_notebook.py $(NB)

clean:  ## remove what was built (not the environment)
	rm -rf _build book/_build
