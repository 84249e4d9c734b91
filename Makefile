# Thin: each target calls a script of dev/, which sets the machine up first.
PYTHON ?= python3
PORT ?= 8069
export PORT ODOO TESTS DB

.PHONY: help setup run reset shell test lint bench stop clean

help:  ## list the targets
	@echo "make TARGET, one of:"
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 10
	@echo "with ODOO=/path/to/odoo an existing Odoo 19 is used, with PGHOST=... an existing PostgreSQL"

setup:  ## install what is needed into .local/ (the other targets do it too)
	@$(PYTHON) dev/setup.py

run:  ## serve the demonstration on PORT=8069 until Ctrl-C; the first time, build it
	@$(PYTHON) dev/run.py serve

reset:  ## build the demonstration database anew
	@$(PYTHON) dev/run.py reset

shell:  ## Odoo shell on the demonstration, or on DB=name; also reads a script on standard input
	@$(PYTHON) dev/run.py shell

test:  ## all tests, or some: TESTS="beneficiary_aid/tests/test_x.py -k name"
	@$(PYTHON) dev/run_tests.py

lint:  ## style, security and translation checks
	@$(PYTHON) dev/lint.py

bench:  ## speed, as ratios to peers measured in the same run
	@$(PYTHON) dev/setup.py
	@.local/venv/bin/python dev/bench.py

stop:  ## stop the database server
	@$(PYTHON) dev/clean.py stop

clean:  ## remove all that the other targets made, databases included
	@$(PYTHON) dev/clean.py
