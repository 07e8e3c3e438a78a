PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export QT_QPA_PLATFORM ?= offscreen

.PHONY: demo test lint pictures clean

# The virtual patient, from DICOM to the report.
demo: $(VENV)/.host
	$(BIN)/her2immuno demo --out demo

# Everything .ci/run runs.
test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The icons, drawn anew from their SVG sources, and photographs of the panels, in pictures/.
pictures: $(VENV)/.test
	$(BIN)/python Resources/render_icons.py
	HER2IMMUNO_PICTURES="$(CURDIR)/pictures" $(BIN)/python -m pytest -q Testing/Python/gui

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis build dist demo pictures
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.egg-info' -prune -exec rm -rf {} +

$(VENV)/.%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -c constraints.txt 'setuptools>=77' wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation -c constraints.txt -e '.[$*]'
	touch $@
