# Two commands are all there is to know: `make chat` and `make test`. Each is complete by itself from a fresh
# clone, and starts at once when it is run again.
#
# The environment is .venv. A file in it, named by the checksum of what decides its contents, says that it is
# whole; .ci/venv makes it when that file is missing. All of its chatter goes to stderr, and it reads no stdin.

SHELL := /bin/sh
.NOTPARALLEL:
.DEFAULT_GOAL := help

ARGS ?=
BIN := .venv/bin
KEY := $(shell { pwd; cat pyproject.toml constraints.txt; } | cksum | tr ' ' '-')
CORE := .venv/.ready-core-$(KEY)
DEV := .venv/.ready-dev-$(KEY)
ALL := .venv/.ready-all-$(KEY)

# One process a core; ARGS='-n 0' keeps to one.
SIDE_BY_SIDE := -n auto --dist worksteal

# A forgotten encoding= of ours is an error under test, on every system (pyproject.toml turns it on for our modules);
# those of other packages stay quiet, in the programs that tests start too.
TEST_ENV := PYTHONWARNDEFAULTENCODING=1 PYTHONWARNINGS=ignore::EncodingWarning

.PHONY: help chat test test-all lint format types layers package check bench intents clean

help: ## what there is to say
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

chat: $(CORE) ## talk with the professor (a pipe is read line by line)
	@$(BIN)/officehours chat $(ARGS)

test: $(DEV) ## run the tests, some minutes (ARGS='-k dates' narrows them)
	@$(TEST_ENV) $(BIN)/pytest $(SIDE_BY_SIDE) -m "not slow" $(ARGS)

test-all: $(ALL) test ## and those that are slow by nature: kills, crowds, real servers and models, a clone of the other kind
	@$(TEST_ENV) $(BIN)/pytest $(SIDE_BY_SIDE) -m slow $(ARGS)
	@$(TEST_ENV) bash .ci/clone

lint: $(DEV) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(DEV) ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(ALL) ## pyright, strict on the source
	@mkdir -p build/typing && ln -sfn ../.. build/typing/officehours
	@$(BIN)/pyright $(ARGS)

layers: $(DEV) ## cli over ui over agent over tools and persona over memory
	@$(BIN)/lint-imports --no-cache --no-logo

package: $(DEV) ## build the wheel and run it where the folders' names are taken
	@$(TEST_ENV) $(BIN)/pytest tests/test_packaging.py $(ARGS)

check: lint types layers test-all ## everything that CI runs

bench: $(DEV) ## the measurements of docs/, each as a ratio in one run
	@$(BIN)/python -m officehours.bench $(ARGS)

intents: $(DEV) ## fit anew what a turn wants, after its example sentences changed
	@$(BIN)/python -m officehours.bench intents --write $(ARGS)

clean: ## remove the environment and what was built
	@rm -rf .venv .venv.unfinished .venv.log build dist officehours.egg-info

$(CORE):
	@sh .ci/venv core $(KEY) </dev/null >&2

$(DEV):
	@sh .ci/venv dev $(KEY) </dev/null >&2

$(ALL):
	@sh .ci/venv all $(KEY) </dev/null >&2
