# The firmware of a HAN dongle. `make help` says what there is.

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/ready
TOOLCHAIN := .cache/ready

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-11s %s\n' "$$name" "$$text"; done

.DEFAULT_GOAL := help

.PHONY: demo
demo: $(READY) $(TOOLCHAIN) broker ## Meter, firmware and broker on this computer: METER=kaifa|p1-se|kamstrup-dk|… TYPE=… SECONDS=n
	@$(PYTHON) tools/demo.py --meter $(or $(METER),aidon) $(if $(TYPE),--type $(TYPE)) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: demo-setup
demo-setup: $(READY) $(TOOLCHAIN) broker ## A new dongle's setup page, to be tried in a browser on this computer: METER=… SECONDS=n
	@$(PYTHON) tools/demo_setup.py --meter $(or $(METER),aidon) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: test
test: $(READY) $(TOOLCHAIN) broker ## All tests, in three tiers: CPython, MicroPython, the whole firmware
	@$(PYTHON) host_tests/run_all.py

.PHONY: lint
lint: $(READY) ## Style and common faults (ruff)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

.PHONY: size
size: $(READY) $(TOOLCHAIN) ## Bytes of .mpy and of heap, by module and in all
	@$(PYTHON) tools/size.py

.PHONY: bench
bench: $(READY) $(TOOLCHAIN) broker ## Instructions, heap and time that it takes, against tools/budgets.json
	@$(PYTHON) tools/bench.py

.PHONY: fuzz
fuzz: $(READY) ## Mutated frames for the decoder, which must stand them: SECONDS=60 SEED=n
	@$(PYTHON) tools/fuzz.py --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

.PHONY: soak
soak: $(READY) $(TOOLCHAIN) broker ## Simulated weeks with every fault, the whole firmware: SECONDS=300 SEED=n METER=kamstrup
	@$(PYTHON) tools/soak.py --seconds $(or $(SECONDS),300) $(if $(SEED),--seed $(SEED)) $(if $(METER),--meter $(METER))

.PHONY: hard-day
hard-day: $(READY) $(TOOLCHAIN) ## A simulated day in which 2,000 things go wrong, all at once: HOURS=24 FAULTS=2000 SEED=n
	@$(PYTHON) tools/hardday.py --hours $(or $(HOURS),24) $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED))

.PHONY: screenshots
screenshots: $(READY) ## Pictures of both pages: URL=http://… PAGE=home PASSWORD=… of a running one, else stubs'
	@$(PYTHON) host_tests/screenshots.py $(if $(URL),--url "$(URL)") $(if $(PAGE),--page $(PAGE)) $(if $(PASSWORD),--password "$(PASSWORD)")

.PHONY: build
build: $(READY) $(TOOLCHAIN) ## Compile the firmware to build/<arch>: ARCH=xtensawin|rv32imc|host (all)
	@$(PYTHON) tools/build.py $(ARCH)

.PHONY: release
release: $(READY) ## What owners download, in build/release: updates, mip packages; IMAGES=folder of MicroPython .bin: whole images
	@$(PYTHON) tools/release.py $(if $(IMAGES),--images "$(IMAGES)")

DEPLOY = @$(PYTHON) tools/deploy.py $@ $(if $(PORT),--port "$(PORT)")

.PHONY: flash
flash: $(READY) ## MicroPython onto an empty board: BOARD=esp32|pow-u|… PORT=/dev/ttyUSB0 IMAGE=file.bin
	$(DEPLOY) --board "$(BOARD)" $(if $(IMAGE),--image "$(IMAGE)")

.PHONY: upload
upload: $(READY) ## The firmware onto a dongle, what has changed of it: BOARD=… PORT=… SETTINGS=settings.json
	$(DEPLOY) --board "$(BOARD)" $(if $(SETTINGS),--settings "$(SETTINGS)")

.PHONY: label
label: $(READY) ## The setup network of a dongle, its password, its QR code, to see and to print: PORT=… OUT=folder
	$(DEPLOY) $(if $(OUT),--out "$(OUT)")

.PHONY: provision
provision: $(READY) ## Settings for one dongle or many, checked first: FILE=settings.json|dongles.csv PORT=…
	$(DEPLOY) --file "$(FILE)"

.PHONY: backup
backup: $(READY) ## What the owner has on a dongle, to a file with its passwords: PORT=… OUT=file.tar
	$(DEPLOY) $(if $(OUT),--out "$(OUT)")

.PHONY: restore
restore: $(READY) ## Back onto the dongle what a backup holds: PORT=… FILE=file.tar (its latest)
	$(DEPLOY) $(if $(FILE),--file "$(FILE)")

.PHONY: logs
logs: $(READY) ## What a dongle says, until Ctrl-C: PORT=…
	$(DEPLOY)

.PHONY: repl
repl: $(READY) ## MicroPython's prompt on a dongle, until Ctrl-]: PORT=…
	$(DEPLOY)

.PHONY: erase
erase: $(READY) ## Everything off a board, after asking: PORT=… YES=1
	$(DEPLOY) $(if $(YES),--yes)

.PHONY: broker
broker: $(READY) ## An MQTT broker from PyPI, where mosquitto is not installed
	@$(PYTHON) -c 'import sys; sys.path.insert(0, "tools"); import broker; sys.exit(not broker.is_there())' \
		|| { echo "fetching an MQTT broker (amqtt), since mosquitto is not installed"; $(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[broker]'; }

.PHONY: clean
clean: ## Remove everything that make has made
	rm -rf $(VENV) .cache .hypothesis .pytest_cache .ruff_cache build *.egg-info
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
