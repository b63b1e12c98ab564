# Fairline: `make demo` sets up and runs the main job; `make test` sets up and passes the tests. Needs Python >= 3.11 and git.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt
# Pages are tested in a real Chromium where there is one; the CI script installs it (`apt-get install chromium fonts-noto-cjk`).
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
MARKS  := $(if $(CHROMIUM),,-m "not browser")

.PHONY: demo test check bench clean
demo: $(VENV)/.demo
	$(BIN)/fairline demo $(ARGS)

test: $(VENV)/.dev
	$(if $(CHROMIUM),,@echo "No Chromium found: page tests are left out. Install chromium to run them.")
	FAIRLINE_CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest $(MARKS) --cov --cov-report=term $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/fairline scripts lint
	$(BIN)/fairline policy packs

bench: $(VENV)/.dev
	$(BIN)/fairline bench all $(ARGS)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Setting up Fairline in $(VENV) (once, about a minute) ..."
	$(PIP) -e ".[asr,twilio,demo]"
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Setting up Fairline and its test tools in $(VENV) (once, a few minutes) ..."
	$(PIP) -e ".[asr,twilio,demo,train,dev]"
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov
