# The two commands: `make book` and `make test`. Each sets up all it needs; either may come first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help env book zip pdf epub test check lint unit notebooks browser nightly execute sweep study tuned \
        lab serve clean distclean gpu-check address

# What is set for another Python is not for ours.
unexport PYTHONPATH PYTHONHOME
# Where no HOME can be written to, Jupyter and matplotlib warn, into the outputs of notebooks.
ifneq ($(shell d=$$(mktemp -d "$${HOME:-/}/.fgnn-XXXXXX" 2>/dev/null) && rmdir "$$d" && echo yes),yes)
export HOME := $(CURDIR)/_build/home
$(shell mkdir -p "$(HOME)")
endif

PYTHON ?=
TORCH_INDEX ?=
PORT ?= 8000
WORKERS ?= 2
PY := .venv/bin/python
# Tests run side by side: with more threads each, small solvers wait for one another for minutes.
ALONE := OMP_NUM_THREADS=1
NBVAL := $(PY) -m pytest --nbval --nbval-current-env --nbval-cell-timeout=1200 \
         --nbval-kernel-startup-timeout=600 -n $(WORKERS) --dist loadfile
# The files with tests of a mark: to collect the thousands of others takes longer than some of these.
marked = $(shell grep -l 'pytest\.mark\.$(1)' tests/test_*.py) -m $(1)

help: ## list the targets
	@echo "Usage: make TARGET [PYTHON=python3.12] [TORCH_INDEX=URL]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

env: ## make .venv and install the pins (book and test do this themselves)
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" bash book/tools/environment.sh

book: env ## build the book into _build/html, warnings being errors
	@rm -rf _build/html _build/.doctrees
	$(PY) .venv/bin/jupyter-book build . -W -n --keep-going
	@echo
	@echo "The book is built. Open it in a browser:"
	@echo "    file://$(CURDIR)/_build/html/index.html"
	@echo "or run 'make serve' and follow the address that it prints."

zip: book ## build the book and put it into one zip that opens from disk, without a network
	$(PY) book/tools/pack.py

pdf: book ## build the book and print it into one PDF; needs Chromium
	$(PY) book/tools/pdf.py

epub: env ## make one ePub of the book, for a reader without a network; what is live is in words
	@rm -rf _build/epub _build/.doctrees
	$(PY) .venv/bin/jupyter-book build . --builder custom --custom-builder epub --keep-going
	$(PY) book/tools/epub.py _build/epub/forward-learning-on-graphs.epub

test: lint unit notebooks book browser ## run every check there is
	@echo
	@echo "All checks passed."

check: lint ## for daily work, under four minutes: lint, and the unit tests but for the slowest
	$(ALONE) $(PY) -m pytest tests -n $(WORKERS) --dist loadfile -m "not browser and not whole and not nightly and not slow"

lint: env ## style, format and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

unit: env ## tests of the library and of the repository
	$(ALONE) $(PY) -m pytest tests -n $(WORKERS) --dist loadfile -m "not browser and not whole and not nightly"

# What a chapter prints must not hang on the machine: half of them run on one CPU capability, half on
# another; all run on both at night. The other notebooks show stored results, and train nothing.
notebooks: env ## run every notebook again and compare each stored output; then each cell twice in a row
	$(ALONE) ATEN_CPU_CAPABILITY=default $(NBVAL) notebooks/?[13579]_*.ipynb notebooks/a[24]_*.ipynb
	$(ALONE) ATEN_CPU_CAPABILITY=avx2 $(NBVAL) notebooks/[0-9][02468]_*.ipynb
	$(ALONE) $(PY) -m pytest -n $(WORKERS) --dist load $(call marked,whole)

nightly: env ## what takes long: chapters on both CPU capabilities, and notebooks with settings at all ends
	$(ALONE) ATEN_CPU_CAPABILITY=default $(NBVAL) notebooks
	$(ALONE) ATEN_CPU_CAPABILITY=avx2 $(NBVAL) notebooks/[0-9]*.ipynb
	$(ALONE) $(PY) -m pytest -n $(WORKERS) --dist load $(call marked,nightly)

browser: env ## every page of the book, and the controls in JupyterLab, in a headless browser
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup $(call marked,browser)

execute: env ## run notebooks anew and store their outputs; NB="07 01" for some of them
	$(PY) book/tools/execute.py $(NB)

sweep: env ## train what the explorers show, about an hour on two cores; a second call does the rest
	$(PY) benchmarks/sweep.py
	$(PY) benchmarks/watch.py
	$(PY) benchmarks/tape.py

tuned: env ## every learner and its rivals on equal terms: hours on two cores; a second call does the rest
	$(PY) benchmarks/tuned.py

study: env ## judge the paper's claims: hours on two cores; a second call does the rest
	$(PY) benchmarks/study.py

lab: env ## open the notebooks in JupyterLab
	$(PY) -m jupyterlab --notebook-dir=notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

serve: env ## serve the built book on this machine; PORT=8000
	@test -f _build/html/index.html || { echo "There is no book yet: run 'make book' first." >&2; exit 1; }
	@echo "The book is at http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

gpu-check: export PYTHONPATH := $(PYTHONPATH)
gpu-check: ## on a machine with a GPU: check the learners and the memory probe on CUDA; needs no .venv
	@python=$(PY); test -x $$python || python=$${PYTHON:-python3}; "$$python" benchmarks/gpu_check.py

address: env ## give the project its home: make address REPO=https://github.com/owner/name, or none
	@test -n "$(REPO)" || { echo "Say which: make address REPO=https://github.com/owner/name" >&2; exit 1; }
	@$(PY) book/tools/address.py "$(REPO)"

clean: ## remove what was built, keep the environment
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## remove the environment, too
	rm -rf .venv
