PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export QT_QPA_PLATFORM ?= offscreen

NEWEST := .venv-newest
BENCH := .venv-bench
# osipy, one of the tools compared with, needs Python 3.12 or newer.
BENCH_PYTHON ?= $(PYTHON)

.PHONY: demo test lint newest bench pictures screenshots clean

# The virtual patient, from DICOM to the report.
demo: $(VENV)/.host
	$(BIN)/her2immuno demo --out demo

# Everything .ci/run runs. Two runners share the cores; a matrix library that takes both for each only slows them.
test: export OPENBLAS_NUM_THREADS = 1
test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal Testing/Python/unit Testing/Python/scene
	$(BIN)/python -m pytest -n 2 --dist worksteal Testing/Python/gui

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The unit tests on the newest numpy, scipy and so on that pyproject.toml allows; a new Python has newer ones.
newest:
	test -x $(NEWEST)/bin/python || $(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy eager --prefer-binary \
		-e '.[mcmc,sbml]' hypothesis pytest pytest-xdist
	$(NEWEST)/bin/python -m pytest -n 2 --dist worksteal Testing/Python/unit

# Speed and accuracy against other tools in one run, in an environment of its own; tables and charts go to Docs.
bench:
	test -x $(BENCH)/bin/python || $(BENCH_PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'setuptools>=77' wheel
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e '.[bench]'
	mkdir -p build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/dce_fit.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/dce_probe.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/dce_tumour.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/dce_validation.py --out build/benchmarks/dce_validation.md
	$(BENCH)/bin/python Testing/benchmarks/registration.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/motion.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/model_simulation.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/model_exposures.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/model_what_if.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/model_noise.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/cohort.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/next_scan.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/model_calibration.py --coverage 200 --json build/benchmarks/model_calibration.json \
		--markdown build/benchmarks/model_calibration.md
	$(BENCH)/bin/python Testing/benchmarks/petab_pypesto.py --out build/benchmarks
	$(BENCH)/bin/python Testing/benchmarks/to_docs.py build/benchmarks

# The icons, drawn anew from their SVG sources, and photographs of the panels, in pictures/.
pictures: $(VENV)/.test
	$(BIN)/python Resources/render_icons.py
	HER2IMMUNO_PICTURES="$(CURDIR)/pictures" $(BIN)/python -m pytest -q Testing/Python/gui

# The pictures of the README, made anew; that of the report needs Chromium or Chrome.
screenshots: pictures demo
	$(BIN)/python Resources/render_screenshots.py pictures demo
	$(BIN)/python Resources/render_visits.py

clean:
	rm -rf $(VENV) $(NEWEST) $(BENCH) .pytest_cache .ruff_cache .hypothesis build dist demo pictures
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.egg-info' -prune -exec rm -rf {} +

$(VENV)/.%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -c constraints.txt 'setuptools>=77' wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e '.[$*]'
	touch $@
