# The firmware of a HAN dongle. `make help` says what there is.

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/ready
TOOLCHAIN := .cache/ready

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

.DEFAULT_GOAL := help

.PHONY: demo
demo: $(READY) $(TOOLCHAIN) broker ## Meter, firmware and broker on this computer: METER=kaifa|p1-se|kamstrup-dk|… TYPE=… SECONDS=n
	@$(PYTHON) tools/demo.py --meter $(or $(METER),aidon) $(if $(TYPE),--type $(TYPE)) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: test
test: $(READY) $(TOOLCHAIN) broker ## All tests, in three tiers: CPython, MicroPython, the whole firmware
	@$(PYTHON) -m pytest -q

.PHONY: lint
lint: $(READY) ## Style and common faults (ruff)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

.PHONY: size
size: $(READY) $(TOOLCHAIN) ## Bytes of .mpy and of heap, by module and in all
	@$(PYTHON) tools/size.py

.PHONY: bench
bench: $(READY) ## Instructions, heap and time that decoding takes, against tools/budgets.json
	@$(PYTHON) tools/bench.py

.PHONY: fuzz
fuzz: $(READY) ## Mutated frames for the decoder, which must stand them: SECONDS=60 SEED=n
	@$(PYTHON) tools/fuzz.py --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

.PHONY: build
build: $(READY) $(TOOLCHAIN) ## Compile the firmware to build/<arch>: ARCH=xtensawin|rv32imc|host (all)
	@$(PYTHON) tools/build.py $(ARCH)

.PHONY: upload
upload: $(READY) ## Put the firmware on a dongle: BOARD=esp32|pow-u PORT=/dev/ttyUSB0 SETTINGS=settings.json
	@$(PYTHON) tools/deploy.py upload --board "$(BOARD)" $(if $(PORT),--port "$(PORT)") $(if $(SETTINGS),--settings "$(SETTINGS)")

.PHONY: broker
broker: $(READY) ## An MQTT broker from PyPI, where mosquitto is not installed
	@$(PYTHON) -c 'import sys; sys.path.insert(0, "tools"); import broker; sys.exit(not broker.is_there())' \
		|| { echo "fetching an MQTT broker (amqtt), since mosquitto is not installed"; $(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[broker]'; }

.PHONY: clean
clean: ## Remove everything that make has made
	rm -rf $(VENV) .cache .hypothesis build *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo "Python 3.9 or later is needed"; exit 1; }
	@python3 -m venv $(VENV) || { echo "python3 cannot make a virtual environment: install python3-venv"; exit 1; }
	@echo "fetching Python packages into $(VENV)"
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --upgrade pip
	@$(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

$(TOOLCHAIN): tools/toolchain.py | $(READY)
	@$(PYTHON) tools/toolchain.py
	@mkdir -p .cache && touch $@
